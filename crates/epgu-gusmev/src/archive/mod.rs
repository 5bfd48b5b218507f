//! The archive of an application: built, and checked before the service does it.
//!
//! The document asks for a flat zip without archives inside, files named as the service's
//! specification names them, and for a signed application `FILE.sig` (a detached signature) beside
//! each `FILE`. Nothing here is ever unpacked to a disk, and memory does not grow with the files.
//!
//! ```
//! use epgu_gusmev::archive::{ArchiveBuilder, Rules, check_bytes};
//!
//! let mut builder = ArchiveBuilder::new().rules(Rules::default());
//! builder.add("req.xml", "<req/>".as_bytes())?;
//! builder.sign("req.xml", vec![0x30, 0x80])?;
//! let archive = builder.build_bytes(5_000_000)?;
//! assert_eq!(archive.entries()[1].name, "req.xml.sig");
//!
//! let report = check_bytes(&archive.read_at(0, usize::MAX)?, &Rules::default())?;
//! assert!(report.is_acceptable());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything here blocks: call it where blocking is fine (`spawn_blocking`).
//!
//! # Names are not shown
//!
//! Names of files may be personal data. `Display` and `Debug` of this module's types show the number
//! of an entry (from 1, in the archive's order) and its extension; the name is what `name()` tells.

mod build;
mod check;
mod content;
mod names;
mod problem;
mod read;
mod rules;

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;

pub use build::{ArchiveBuilder, Compression};
pub use check::{Report, check, check_bytes};
pub use content::Content;
pub(crate) use names::is_signature;
pub use problem::{ArchiveError, Finding, Problem};
pub use rules::{Bounds, Rules, Signatures};

/// One file of an archive.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchiveEntry {
    /// Its name. May be personal data: `Debug` shows only the extension.
    pub name: String,
    /// Its length in bytes, unpacked.
    pub size: u64,
    /// The CRC-32 of its bytes, unpacked.
    pub crc: u32,
}

impl fmt::Debug for ArchiveEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveEntry")
            .field("name", &format_args!("***{}", names::shown_extension(&self.name)))
            .field("size", &self.size)
            .field("crc", &self.crc)
            .finish()
    }
}

/// An archive that was checked and can be sent. Cloning is cheap; clones share the open file.
#[derive(Clone)]
pub struct Archive {
    inner: Arc<Inner>,
    stem: Arc<str>,
}

struct Inner {
    source: Source,
    length: u64,
    entries: Vec<ArchiveEntry>,
    list_crc: u32,
}

enum Source {
    Memory(Bytes),
    /// The file as it was when checked: it stays open, and must not change any more.
    File {
        file: Mutex<File>,
        modified: Option<SystemTime>,
    },
}

/// The name of an archive that has none of its own.
const STEM: &str = "archive";

impl Archive {
    /// The archive in this file, refused unless it passes [`Rules::any_service`]. The whole of it is
    /// read. The file stays open; a later change of it is an error of [`read_at`](Self::read_at).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ArchiveError> {
        Self::open_with(path, &Rules::any_service())
    }

    /// The archive in this file, refused unless it passes the rules.
    ///
    /// The error is the first refusal; [`check`] tells them all.
    pub fn open_with(path: impl AsRef<Path>, rules: &Rules) -> Result<Self, ArchiveError> {
        let path = path.as_ref();
        let mut file = File::open(path)?;
        // Before the check: a change in the course of it shows as well.
        let metadata = file.metadata()?;
        let report = check::check_source(&mut file, rules)?.refuse()?;
        Self::of_file(file, &metadata, path, report.into_entries())
    }

    /// The archive in these bytes, refused unless it passes [`Rules::any_service`].
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self, ArchiveError> {
        Self::from_bytes_with(bytes, &Rules::any_service())
    }

    /// The archive in these bytes, refused unless it passes the rules.
    pub fn from_bytes_with(bytes: impl Into<Bytes>, rules: &Rules) -> Result<Self, ArchiveError> {
        let bytes = bytes.into();
        let report = check_bytes(&bytes, rules)?.refuse()?;
        Self::of_bytes(bytes, report.into_entries())
    }

    fn of_file(
        mut file: File,
        metadata: &Metadata,
        path: &Path,
        entries: Vec<ArchiveEntry>,
    ) -> Result<Self, ArchiveError> {
        let list_crc = read::list_crc(&mut file)?;
        let source = Source::File { file: Mutex::new(file), modified: metadata.modified().ok() };
        let inner = Inner { source, length: metadata.len(), entries, list_crc };
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let stem = stem.filter(|stem| names::problem(stem, false).is_none()).unwrap_or(STEM);
        Ok(Self { inner: Arc::new(inner), stem: stem.into() })
    }

    fn of_bytes(bytes: Bytes, entries: Vec<ArchiveEntry>) -> Result<Self, ArchiveError> {
        let (length, list_crc) = (bytes.len() as u64, read::list_crc(&mut Cursor::new(&bytes))?);
        let inner = Inner { source: Source::Memory(bytes), length, entries, list_crc };
        Ok(Self { inner: Arc::new(inner), stem: STEM.into() })
    }

    /// Tells it from any other archive: the CRC-32 of its list of entries, checksums and places among them.
    pub(crate) fn list_crc(&self) -> u32 {
        self.inner.list_crc
    }

    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        self.inner.length
    }

    /// Its files, in the archive's order.
    pub fn entries(&self) -> &[ArchiveEntry] {
        &self.inner.entries
    }

    /// The name to send it under, without `.zip` or `.z001`: the file's own, else `archive`.
    pub fn name_stem(&self) -> &str {
        &self.stem
    }

    /// Sends it under another name. Refused: what could not be the name of a file.
    pub fn with_name_stem(mut self, stem: &str) -> Result<Self, ArchiveError> {
        match names::problem(stem, false) {
            Some(problem) => Err(Finding::of_archive(problem).into()),
            None => {
                self.stem = stem.into();
                Ok(self)
            }
        }
    }

    /// `length` bytes from `offset` on, fewer only at the end of the archive. An error: a file that
    /// changed since it was checked.
    pub fn read_at(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        if let Source::Memory(bytes) = &self.inner.source {
            let range = self.range(offset, length);
            // Both fit, as the bytes are in memory.
            return Ok(bytes.slice(range.start as usize..range.end as usize));
        }
        let mut bytes = Vec::new();
        self.append_at(offset, length, &mut bytes)?;
        Ok(bytes.into())
    }

    /// Appends to `body` what [`read_at`](Self::read_at) returns, so that a chunk is in memory once.
    pub(crate) fn append_at(
        &self,
        offset: u64,
        length: usize,
        body: &mut Vec<u8>,
    ) -> io::Result<()> {
        let range = self.range(offset, length);
        match &self.inner.source {
            Source::Memory(bytes) => {
                body.extend_from_slice(&bytes[range.start as usize..range.end as usize]);
            }
            Source::File { file, modified } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let metadata = file.metadata()?;
                if metadata.len() != self.inner.length || metadata.modified().ok() != *modified {
                    let detail = "the archive changed since it was checked";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
                }
                let length = usize::try_from(range.end - range.start)
                    .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
                let start = body.len();
                body.resize(start + length, 0);
                file.seek(SeekFrom::Start(range.start))?;
                file.read_exact(&mut body[start..])?;
            }
        }
        Ok(())
    }

    /// The places of `length` bytes from `offset` on, as far as there are any.
    fn range(&self, offset: u64, length: usize) -> Range<u64> {
        let start = offset.min(self.inner.length);
        start..start.saturating_add(length as u64).min(self.inner.length)
    }

    /// Checks it by other rules than it was opened or built with.
    pub fn check(&self, rules: &Rules) -> Result<Report, ArchiveError> {
        match &self.inner.source {
            Source::Memory(bytes) => check_bytes(bytes, rules),
            Source::File { file, .. } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                check::check_source(&mut *file, rules)
            }
        }
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.inner.source {
            Source::Memory(_) => "memory",
            Source::File { .. } => "file",
        };
        f.debug_struct("Archive")
            .field("source", &format_args!("{source}"))
            .field("length", &self.inner.length)
            .field("entries", &self.inner.entries)
            .finish()
    }
}

/// What a caller may rely on when spawning and sharing.
const _: () = {
    const fn is_shared<T: Clone + Send + Sync + 'static>() {}
    is_shared::<Archive>();
    const fn is_sent<T: Send + 'static>() {}
    is_sent::<ArchiveBuilder<'static>>();
    is_sent::<ArchiveError>();
};
