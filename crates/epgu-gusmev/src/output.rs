//! Files that are written on this machine: whole, or not there.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A file beside the one meant, removed unless it is moved over it. On Unix only its owner may read it.
pub(crate) struct Beside {
    path: Option<PathBuf>,
}

/// How many files this process made: no two of them have one name.
static MADE: AtomicU64 = AtomicU64::new(0);

impl Beside {
    /// Refused: what must not be replaced by a file, such as a device, a pipe, a folder.
    pub(crate) fn new(path: &Path) -> io::Result<(Self, File)> {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut attempts = 0;
        loop {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(format!(".{}-{number}", std::process::id()));
            let beside = path.with_file_name(name);
            match options.open(&beside) {
                Ok(file) => return Ok((Self { path: Some(beside) }, file)),
                // Left behind by a process that had this number and could not end well.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempts < 100 => {
                    attempts += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn rename(mut self, to: &Path) -> io::Result<()> {
        if let Some(path) = &self.path {
            fs::rename(path, to)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            // Gone already is as well.
            let _ = fs::remove_file(path);
        }
    }
}
