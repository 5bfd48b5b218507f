//! Files that are whole or not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};
use tempfile::NamedTempFile;

use crate::exit::Failure;

/// The folder that a path is in.
pub(crate) fn folder(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    parent.unwrap_or(Path::new("."))
}

/// The file that a path leads to, through links, also where it is still to be made: replacing it must not
/// replace a link, and whoever comes later must find what lies beside it.
pub(crate) fn resolve(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // Longer chains of links, and circles, are the system's to refuse.
    for _ in 0..40 {
        match (fs::canonicalize(&path), fs::read_link(&path)) {
            (Ok(whole), _) => return whole,
            (_, Ok(target)) => path = folder(&path).join(target),
            _ => break,
        }
    }
    path
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Makes a new name in the directory last.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder(path))?.sync_all()?;
    }
    Ok(())
}

/// A file that will replace another one, and that only its owner can read (mode 0600 on Unix).
pub(crate) struct Replacement {
    path: PathBuf,
    file: NamedTempFile,
}

impl Replacement {
    /// Begins it beside the file that it will replace, through a link if that is one.
    pub(crate) fn begin(path: &Path) -> io::Result<Self> {
        let path = resolve(path);
        if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let file = tempfile::Builder::new().prefix(".ruapi-").tempfile_in(folder(&path))?;
        Ok(Self { path, file })
    }

    /// Whoever reads the file sees the old content or this one.
    pub(crate) fn finish(mut self, content: &[u8]) -> io::Result<()> {
        self.file.write_all(content)?;
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path).map_err(|error| error.error)?;
        sync_directory(&self.path)
    }
}

/// Replaces a file as a whole.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    Replacement::begin(path)?.finish(content)
}

/// Opens a file beside an output, or makes it, locked against other processes that write the same output.
pub(crate) fn open_locked(
    options: &mut OpenOptions,
    beside: &Path,
    output: &Path,
) -> Result<File, Failure> {
    let unusable = |error| Failure::input(format!("{}: {error}", beside.display()));
    loop {
        let file = options.create(true).open(beside).map_err(unusable)?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("{} is being written by another ruapi", output.display());
                return Err(Failure::input(message));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        if is_at(&file, beside) {
            return Ok(file);
        }
        // Another process has finished in between, and removed or renamed what was locked here.
    }
}

/// Whether a file is still what its path names.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let named = fs::metadata(path).map(id);
    named.is_ok_and(|named| file.metadata().is_ok_and(|metadata| id(metadata) == named))
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true // It is not removed there.
}

/// Tells texts apart, the same way in every build: it is written to files. FNV-1a.
pub(crate) fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
