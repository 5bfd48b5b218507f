//! What is kept in a file between runs, and belongs to one server.
//!
//! The file's first line is the whole of it; lines that were added since follow.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::files::{self, fingerprint, open_locked, resolve, with_suffix};
use crate::output;

#[derive(Serialize, Deserialize)]
struct Kept<T> {
    /// Of which server, and what it is for.
    of: String,
    #[serde(flatten)]
    content: T,
}

/// A file that keeps where something stands, for one process at a time.
pub(super) struct StateFile<'a> {
    path: &'a Path,
    _lock: Lock,
    of: String,
    saved: Option<Instant>,
    took: Duration,
}

/// A file beside another one, which is replaced as a whole and so cannot be locked itself.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    fn take(of: &Path) -> Result<Self, Failure> {
        let of = resolve(of);
        if !files::folder(&of).is_dir() {
            let message = format!("{}: its folder does not exist", of.display());
            return Err(Failure::input(message));
        }
        let path = with_suffix(&of, ".lock");
        let file = open_locked(OpenOptions::new().write(true), &path, &of)?;
        Ok(Self { path, _file: file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Whoever waits for it sees that it is another one then. Elsewhere an empty file is left.
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Saving takes at most this part of the time, unless it must be.
const SHARE: u32 = 20;

impl<'a> StateFile<'a> {
    /// The file at this path, of that server; `what` it is for tells files apart.
    pub(super) fn open(path: &'a Path, base_url: &str, what: &str) -> Result<Self, Failure> {
        let of = fingerprint(&format!("{base_url} {what}"));
        let lock = Lock::take(path)?;
        Ok(Self { path, _lock: lock, of, saved: None, took: Duration::ZERO })
    }

    /// What is in it; `None`: it is not there yet.
    pub(super) fn load<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        let path = self.path;
        let wrong = |problem: &str| Err(Failure::input(format!("{}: {problem}", path.display())));
        let text = match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => return wrong("not a regular file"),
            Ok(_) => fs::read_to_string(path),
            Err(error) => Err(error),
        };
        let text = match text {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return wrong(&error.to_string()),
            Ok(text) => text,
        };
        match serde_json::from_str::<Kept<T>>(text.lines().next().unwrap_or_default()) {
            Err(_) => wrong("not as this program writes it; nothing was changed"),
            Ok(kept) if kept.of != self.of => {
                wrong("it belongs to another server, or to something else")
            }
            Ok(kept) => Ok(Some(kept.content)),
        }
    }

    /// The lines that were added. A last one that broke off was not added.
    pub(super) fn added<L: DeserializeOwned>(&self) -> Result<Vec<L>, Failure> {
        let text = match fs::read_to_string(self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            text => text.map_err(|error| Failure::local(self.path.display(), &error))?,
        };
        let lines = text.lines().skip(1).map(serde_json::from_str);
        Ok(lines.map_while(Result::ok).collect())
    }

    /// Adds a line: cheap, and safe from a kill of the program. [`save`](Self::save) first.
    pub(super) fn add<L: Serialize>(&self, line: &L) -> Result<(), Failure> {
        let text = format!("{}\n", output::to_json(line));
        let added = fs::OpenOptions::new().append(true).open(self.path);
        let added = added.and_then(|mut file| file.write_all(text.as_bytes()));
        added.map_err(|error| Failure::local(self.path.display(), &error))
    }

    /// Replaces it as a whole.
    pub(super) fn save<T: Serialize>(&mut self, content: &T) -> Result<(), Failure> {
        let start = Instant::now();
        let text = output::to_json(&Kept { of: self.of.clone(), content });
        let saved = files::replace(self.path, format!("{text}\n").as_bytes());
        saved.map_err(|error| Failure::local(self.path.display(), &error))?;
        self.took = start.elapsed();
        self.saved = Some(Instant::now());
        Ok(())
    }

    /// The same, unless that would take much of the time: then a later call does it.
    pub(super) fn save_now_and_then<T: Serialize>(&mut self, content: &T) -> Result<(), Failure> {
        match self.saved {
            Some(saved) if saved.elapsed() < self.took * SHARE => Ok(()),
            _ => self.save(content),
        }
    }

    /// There is nothing to go on with any more.
    pub(super) fn remove(self) -> Result<(), Failure> {
        match fs::remove_file(self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Failure::local(self.path.display(), &error))
            }
            _ => Ok(()),
        }
    }
}
