//! What is wrong with an archive, and what it would come to at the service.

use std::fmt;
use std::io;
use std::sync::Arc;

use ruapi_core::Error;

use super::names;

/// What is wrong with an archive or one of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A name is empty.
    #[error("it has no name")]
    NameEmpty,
    /// A name is longer than 255 bytes of UTF-8.
    #[error("its name is longer than 255 bytes")]
    NameTooLong,
    /// A path or a folder.
    #[error("its name is a path or a folder: an archive is flat")]
    Folder,
    /// A control character, an invisible one, or one that Windows refuses (`< > : " | ? *`).
    #[error("its name has a control or invisible character, or one of < > : \" | ? *")]
    NameCharacter,
    /// A name that begins with a space, or ends with a space or a dot.
    #[error("its name begins with a space, or ends with a space or a dot")]
    NameEnd,
    /// A name of a device of Windows, such as `NUL` or `com1.xml`.
    #[error("its name is a device's on Windows")]
    NameReserved,
    /// A name that is not UTF-8, or that is another one in a field beside it: it would arrive as other
    /// letters.
    #[error("its name is not UTF-8, or there are two of them")]
    NameEncoding,
    /// A note: a name in UTF-8 without the mark that it is. Some readers take it for another code page.
    #[error("its name is not marked as UTF-8")]
    NameUnmarked,
    /// Two names are the same, or differ by case only.
    #[error("another entry has the same name, or one that differs only by case")]
    NameDuplicate,
    /// A `.sig` given to [`add`](super::ArchiveBuilder::add) instead of
    /// [`sign`](super::ArchiveBuilder::sign).
    #[error("names in .sig are of signatures, which `sign` adds")]
    SignatureName,
    /// An archive within the archive: by its extension, or by its first bytes.
    #[error("it is an archive itself")]
    NestedArchive,
    /// A file without the signature that the others have, or that is required.
    #[error("it has no signature")]
    SignatureMissing,
    /// A signature without its file.
    #[error("it is a signature of no file in the archive")]
    SignatureOrphan,
    /// The transport XML is not there.
    #[error("there is no transport XML file")]
    TransportMissing,
    /// The XML with the business data is not there.
    #[error("there is no XML file with the business data")]
    BusinessMissing,
    /// No entries at all.
    #[error("there are no entries")]
    Empty,
    /// A symbolic link, a device, a volume label.
    #[error("it is not a regular file")]
    NotAFile,
    /// An encrypted entry.
    #[error("it is encrypted")]
    Encrypted,
    /// A compression method other than stored (0) and deflate (8).
    #[error("its compression method is {0}: expected stored (0) or deflate (8)")]
    Method(u16),
    /// No zip at all.
    #[error("it is not a zip")]
    NotZip,
    /// A zip that is cut off, damaged, or that contradicts itself, so that readers may see different
    /// things in it.
    #[error("the zip is damaged: {0}")]
    Malformed(&'static str),
    /// Entries that share bytes: a mark of zip bombs.
    #[error("the zip is damaged: entries overlap")]
    Overlap,
    /// The bytes are not those that the checksum is of.
    #[error("its checksum is wrong")]
    Checksum,
    /// More entries than [`Bounds::entries`](super::Bounds::entries).
    #[error("there are more than {0} entries")]
    TooManyEntries(usize),
    /// More bytes, unpacked, than [`Bounds::unpacked`](super::Bounds::unpacked).
    #[error("it unpacks to more than {0} bytes")]
    Unpacked(u64),
    /// Packed more tightly than [`Bounds::ratio`](super::Bounds::ratio): a mark of zip bombs.
    #[error("it unpacks to more than {0} times its size")]
    Ratio(u64),
    /// An entry of 4 GiB or more: the builder does not make them.
    #[error("it has 4 GiB or more")]
    EntryTooLarge,
    /// The archive is longer than the caller allowed.
    #[error("it is longer than {0} bytes")]
    ArchiveTooLarge(u64),
    /// A note: too long to be sent in one piece, so it goes in chunks.
    #[error("it is longer than {0} bytes: it can only be sent in chunks")]
    OverPushLimit(u64),
    /// A note: a file without a byte in it.
    #[error("it is empty")]
    EmptyFile,
}

impl Problem {
    /// The state of appendix 1 that the application would end in, where the document tells.
    ///
    /// Of archives inside it says only that they are not allowed, in one sentence with folders.
    pub fn state(&self) -> Option<&'static str> {
        Some(match self {
            Self::Folder | Self::NestedArchive => "INVALID_FILES_STRUCTURE",
            Self::TransportMissing => "REQ_NOT_FOUND",
            Self::BusinessMissing => "MPC_NOT_FOUND",
            Self::SignatureMissing => "FILES_VERIFICATION_FAILED",
            _ => return None,
        })
    }

    /// Good to know, but no reason to refuse.
    pub fn is_note(&self) -> bool {
        matches!(self, Self::OverPushLimit(_) | Self::EmptyFile | Self::NameUnmarked)
    }
}

/// A problem, and the entry that has it. Shows the entry's number and extension, not its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    problem: Problem,
    entry: Option<(usize, Box<str>)>,
}

impl Finding {
    pub(super) fn of_archive(problem: Problem) -> Self {
        Self { problem, entry: None }
    }

    pub(super) fn of_entry(problem: Problem, index: usize, name: &str) -> Self {
        Self { problem, entry: Some((index, name.into())) }
    }

    /// What is wrong.
    pub fn problem(&self) -> Problem {
        self.problem
    }

    /// The index of the entry that has it, from 0 in the archive's order; `None`: the whole archive.
    pub fn entry(&self) -> Option<usize> {
        self.entry.as_ref().map(|(index, _)| *index)
    }

    /// The entry's name. May be personal data.
    pub fn name(&self) -> Option<&str> {
        self.entry.as_ref().map(|(_, name)| &**name)
    }

    /// As [`Problem::state`].
    pub fn state(&self) -> Option<&'static str> {
        self.problem.state()
    }

    /// As [`Problem::is_note`].
    pub fn is_note(&self) -> bool {
        self.problem.is_note()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            None => write!(f, "the archive: {}", self.problem)?,
            Some((index, name)) => {
                let number = index + 1;
                match names::shown_extension(name) {
                    "" => write!(f, "entry {number}: {}", self.problem)?,
                    extension => write!(f, "entry {number} ({extension}): {}", self.problem)?,
                }
            }
        }
        match self.state() {
            Some(state) => write!(f, " ({state})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Finding({self})")
    }
}

/// Why there is no archive. `Display` tells neither names nor paths.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It breaks the rules, or cannot be told to keep them.
    #[error("{0}")]
    Refused(Finding),
    /// Reading or writing failed.
    #[error("{}: {}", Place(.entry), .source.kind())]
    Io {
        /// The index of the entry at which it did, from 0.
        entry: Option<usize>,
        /// The error itself. Of the caller's own reader or writer it may tell anything.
        source: io::Error,
    },
}

struct Place<'a>(&'a Option<usize>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("the archive"),
            Some(index) => write!(f, "entry {}", index + 1),
        }
    }
}

impl ArchiveError {
    pub(super) fn at(index: usize) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { entry: Some(index), source }
    }

    /// What is wrong with the archive; `None`: reading or writing failed.
    pub fn problem(&self) -> Option<Problem> {
        match self {
            Self::Refused(finding) => Some(finding.problem()),
            Self::Io { .. } => None,
        }
    }

    /// The index of the entry concerned, from 0 in the archive's order.
    pub fn entry(&self) -> Option<usize> {
        match self {
            Self::Refused(finding) => finding.entry(),
            Self::Io { entry, .. } => *entry,
        }
    }

    /// The name of the entry concerned, where it broke a rule. May be personal data.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Refused(finding) => finding.name(),
            Self::Io { .. } => None,
        }
    }
}

impl From<Finding> for ArchiveError {
    fn from(finding: Finding) -> Self {
        Self::Refused(finding)
    }
}

impl From<Problem> for ArchiveError {
    fn from(problem: Problem) -> Self {
        Self::Refused(Finding::of_archive(problem))
    }
}

impl From<io::Error> for ArchiveError {
    fn from(source: io::Error) -> Self {
        Self::Io { entry: None, source }
    }
}

/// As input that was refused before anything was sent; the [`ArchiveError`] is its source.
impl From<ArchiveError> for Error {
    fn from(error: ArchiveError) -> Self {
        Self::input("archive", error.to_string()).with_source(Arc::new(error))
    }
}
