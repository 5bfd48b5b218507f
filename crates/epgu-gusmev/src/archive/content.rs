//! Where the bytes of a file come from.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;

/// The bytes of a file that goes into an archive. Files and readers are read as the archive is
/// written, piece by piece, and once.
pub struct Content<'a>(Origin<'a>);

enum Origin<'a> {
    Path(PathBuf),
    Bytes(Bytes),
    Slice(&'a [u8]),
    Reader(Box<dyn Read + Send + 'a>),
}

impl<'a> Content<'a> {
    /// The file at this path, opened when the archive is written.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self(Origin::Path(path.into()))
    }

    /// These bytes.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Origin::Bytes(bytes.into()))
    }

    /// What this reader yields until it ends.
    pub fn reader(reader: impl Read + Send + 'a) -> Self {
        Self(Origin::Reader(Box::new(reader)))
    }

    pub(super) fn open(self) -> io::Result<Box<dyn Read + Send + 'a>> {
        Ok(match self.0 {
            Origin::Path(path) => Box::new(File::open(path)?),
            Origin::Bytes(bytes) => Box::new(io::Cursor::new(bytes)),
            Origin::Slice(bytes) => Box::new(bytes),
            Origin::Reader(reader) => reader,
        })
    }
}

impl From<PathBuf> for Content<'_> {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<&Path> for Content<'_> {
    fn from(path: &Path) -> Self {
        Self::path(path)
    }
}

impl From<Vec<u8>> for Content<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl From<Bytes> for Content<'_> {
    fn from(bytes: Bytes) -> Self {
        Self::bytes(bytes)
    }
}

impl<'a> From<&'a [u8]> for Content<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(Origin::Slice(bytes))
    }
}

impl From<File> for Content<'_> {
    fn from(file: File) -> Self {
        Self::reader(file)
    }
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Origin::Path(_) => "Content(path)",
            Origin::Bytes(_) | Origin::Slice(_) => "Content(bytes)",
            Origin::Reader(_) => "Content(reader)",
        })
    }
}
