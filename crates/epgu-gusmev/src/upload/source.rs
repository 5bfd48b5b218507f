//! The archive to send.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

/// A zip archive that is sent: in memory, or in a file, of which only the chunks under way are read.
#[derive(Clone)]
pub struct Source {
    name: Arc<str>,
    length: u64,
    data: Data,
}

#[derive(Clone)]
enum Data {
    Bytes(Bytes),
    File(Arc<Path>),
}

impl Source {
    /// An archive in a file. It must not change while it is sent.
    pub fn file(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let length = std::fs::metadata(&path)?.len();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        Ok(Self { name: name.unwrap_or_default().into(), length, data: Data::File(path.into()) })
    }

    /// An archive in memory. `name` is the name it is sent under, without `.zip`.
    pub fn bytes(name: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { name: name.into(), length: bytes.len() as u64, data: Data::Bytes(bytes) }
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Appends the bytes from `start` on, just as many, to `body`. Blocks while a file is read.
    pub(super) fn read(&self, start: u64, length: u64, body: &mut Vec<u8>) -> io::Result<()> {
        let path = match &self.data {
            Data::Bytes(bytes) => {
                let range = start as usize..(start + length) as usize;
                body.extend_from_slice(&bytes[range]);
                return Ok(());
            }
            Data::File(path) => path,
        };
        let mut file = File::open(path)?;
        if file.metadata()?.len() != self.length {
            return Err(io::Error::other("the file changed while it was sent"));
        }
        file.seek(SeekFrom::Start(start))?;
        let read = file.take(length).read_to_end(body)?;
        if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl fmt::Debug for Source {
    /// The name is the caller's, and may be a person's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("length", &self.length).finish_non_exhaustive()
    }
}
