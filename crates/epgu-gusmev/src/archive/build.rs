//! Makes archives.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::io::{self, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Crc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::problem::{Finding, Problem};
use super::rules::first_refusal;
use super::{Archive, ArchiveEntry, ArchiveError, Content, Rules, names, read};
use crate::output::Beside;

/// How files are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Deflate.
    #[default]
    Deflate,
    /// Not at all: for what is packed already, such as scans.
    Stored,
}

/// How much is held of a file at a time.
const BUFFER: usize = 64 << 10;

/// The most bytes of an entry without zip64: not every reader knows it, and `zip` 7.3 writes its field
/// twice, with different sizes.
const ENTRY_LIMIT: u64 = u32::MAX as u64 - 1;

/// Makes the archive of an application: flat, each file with its signature right after it, in the
/// order in which they were added.
///
/// The same files give the same bytes: all are dated 1980-01-01. Only a program for Windows, or one
/// that chooses another backend of `flate2`, gives others.
///
/// Names are checked as they are added, contents as they are written. By default within
/// [`Rules::any_service`].
///
/// ```no_run
/// use epgu_gusmev::archive::{ArchiveBuilder, Content};
///
/// let mut builder = ArchiveBuilder::new();
/// builder.add("req.xml", "<req/>".as_bytes())?;
/// builder.sign("req.xml", Content::path("/in/req.p7s"))?;
/// builder.add("scan.pdf", Content::path("/in/scan.pdf"))?;
/// builder.sign("scan.pdf", Content::reader(std::io::stdin()))?;
/// let archive = builder.build_file("/out/application.zip")?;
/// # Ok::<(), epgu_gusmev::archive::ArchiveError>(())
/// ```
#[must_use = "ends with `build_file`, `build_bytes` or `write_to`"]
pub struct ArchiveBuilder<'a> {
    items: Vec<Item<'a>>,
    folded: HashSet<String>,
    rules: Rules,
    compression: Compression,
}

struct Item<'a> {
    name: String,
    content: Content<'a>,
    signature: Option<Content<'a>>,
}

impl<'a> ArchiveBuilder<'a> {
    /// An archive without files.
    pub fn new() -> Self {
        Self {
            items: Vec::new(),
            folded: HashSet::new(),
            rules: Rules::any_service(),
            compression: Compression::default(),
        }
    }

    /// What it must keep to. Set them before files are added.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// How files are packed.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    fn count(&self) -> usize {
        self.items.iter().map(|item| 1 + usize::from(item.signature.is_some())).sum()
    }

    fn check_count(&self) -> Result<(), ArchiveError> {
        let most = self.rules.bounds.entries;
        if self.count() >= most { Err(Problem::TooManyEntries(most).into()) } else { Ok(()) }
    }

    /// Adds a file under this name. Refused: a path, a name that some systems refuse, one that is
    /// there already (also in other case), an archive's name, a signature's (see [`sign`](Self::sign)).
    pub fn add(
        &mut self,
        name: &str,
        content: impl Into<Content<'a>>,
    ) -> Result<&mut Self, ArchiveError> {
        let refused = |problem| Err(Finding::of_entry(problem, self.count(), name).into());
        if let Some(problem) = self.rules.name_problem(name) {
            return refused(problem);
        }
        if names::signed(name).is_some() {
            return refused(Problem::SignatureName);
        }
        let folded = names::folded(name);
        if self.folded.contains(&folded) {
            return refused(Problem::NameDuplicate);
        }
        self.check_count()?;
        self.folded.insert(folded);
        let item = Item { name: name.to_owned(), content: content.into(), signature: None };
        self.items.push(item);
        Ok(self)
    }

    /// Adds the detached signature of the file that was added under this name, as `NAME.sig`.
    /// Refused: no such file, a second signature.
    pub fn sign(
        &mut self,
        name: &str,
        signature: impl Into<Content<'a>>,
    ) -> Result<&mut Self, ArchiveError> {
        let signed = format!("{name}{}", names::SIGNATURE);
        let refused = |problem| Err(Finding::of_entry(problem, self.count(), &signed).into());
        let Some(at) = self.items.iter().position(|item| item.name == name) else {
            return refused(Problem::SignatureOrphan);
        };
        if self.items[at].signature.is_some() {
            return refused(Problem::NameDuplicate);
        }
        if let Some(problem) = names::problem(&signed, self.rules.folders) {
            return refused(problem);
        }
        self.check_count()?;
        self.items[at].signature = Some(signature.into());
        Ok(self)
    }

    /// Writes the archive into this file, in place of what is there. It is written beside it and moved
    /// over it when complete; on Unix only its owner may read it. Refused: what is no regular file.
    pub fn build_file(self, path: impl AsRef<Path>) -> Result<Archive, ArchiveError> {
        let path = path.as_ref();
        let bounds = self.rules.bounds;
        let (beside, mut file) = Beside::new(path)?;
        let mut writer = BufWriter::with_capacity(BUFFER, &file);
        let written = self.write_to(&mut writer)?;
        writer.flush()?;
        drop(writer);
        read::records(&mut file, &bounds)?;
        file.sync_all()?;
        beside.rename(path)?;
        let metadata = file.metadata()?;
        Archive::of_file(file, &metadata, path, written)
    }

    /// Makes the archive in memory. Refused: one longer than `max` bytes.
    pub fn build_bytes(self, max: usize) -> Result<Archive, ArchiveError> {
        let bounds = self.rules.bounds;
        let exceeded = Cell::new(false);
        let mut capped = Capped { inner: Cursor::new(Vec::new()), max, exceeded: &exceeded };
        let written = self.write_to(&mut capped);
        if exceeded.get() {
            return Err(Problem::ArchiveTooLarge(max as u64).into());
        }
        let mut inner = capped.inner;
        let written = written?;
        read::records(&mut inner, &bounds)?;
        Archive::of_bytes(inner.into_inner().into(), written)
    }

    /// Writes the archive into an empty writer, and tells its entries. After an error, what was
    /// written is not to be used. Unlike the other two ways, files that are packed too tightly (see
    /// [`Bounds`](super::Bounds)) are not found.
    pub fn write_to<W: Write + Seek>(self, writer: W) -> Result<Vec<ArchiveEntry>, ArchiveError> {
        let rules = self.rules;
        let mut files = Vec::with_capacity(self.items.len());
        for item in self.items {
            let signature = item.signature.map(|signature| {
                let name = format!("{}{}", item.name, names::SIGNATURE);
                (name, signature)
            });
            files.push((item.name, item.content));
            files.extend(signature);
        }
        let all: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        first_refusal(&rules.together(&all))?;

        let method = match self.compression {
            Compression::Deflate => CompressionMethod::Deflated,
            Compression::Stored => CompressionMethod::Stored,
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        let failed = Cell::new(false);
        let mut zip = ZipWriter::new(Ending { inner: writer, position: 0, ended: &failed });
        let written = write_files(&mut zip, files, options, &rules);
        failed.set(failed.get() || written.is_err());
        let finished = zip.finish().map_err(io::Error::from);
        match written.and_then(|entries| Ok(finished.map(|_| entries)?)) {
            // It does not go on after an error; if it did, this would not be its archive.
            Ok(_) if failed.get() => Err(io::Error::from(io::ErrorKind::WriteZero).into()),
            written => written,
        }
    }
}

fn write_files<W: Write + Seek>(
    zip: &mut ZipWriter<Ending<'_, W>>,
    files: Vec<(String, Content<'_>)>,
    options: SimpleFileOptions,
    rules: &Rules,
) -> Result<Vec<ArchiveEntry>, ArchiveError> {
    let mut entries = Vec::with_capacity(files.len());
    let mut buffer = vec![0; BUFFER];
    let mut total = 0;
    for (index, (name, content)) in files.into_iter().enumerate() {
        let refused = |problem| Err(Finding::of_entry(problem, index, &name).into());
        let failed = ArchiveError::at(index);
        let mut content = content.open().map_err(&failed)?;
        zip.start_file(name.as_str(), options).map_err(io::Error::from).map_err(&failed)?;
        let mut crc = Crc::new();
        let mut size = 0_u64;
        loop {
            let length = fill(&mut content, &mut buffer).map_err(&failed)?;
            let piece = &buffer[..length];
            if size == 0
                && !rules.archives
                && names::is_archive(&name, &piece[..length.min(names::HEAD)])
            {
                return refused(Problem::NestedArchive);
            }
            size += length as u64;
            if size > ENTRY_LIMIT {
                return refused(Problem::EntryTooLarge);
            }
            // How tightly it is packed is not known before it is: no ratio here.
            if let Some(problem) = rules.bounds.problem(total, size, u64::MAX) {
                return refused(problem);
            }
            crc.update(piece);
            zip.write_all(piece).map_err(&failed)?;
            if length < BUFFER {
                break;
            }
        }
        total += size;
        entries.push(ArchiveEntry { name, size, crc: crc.sum() });
    }
    Ok(entries)
}

/// Reads until the buffer is full or the reader ends.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl Default for ArchiveBuilder<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ArchiveBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveBuilder")
            .field("entries", &self.count())
            .field("rules", &self.rules)
            .field("compression", &self.compression)
            .finish()
    }
}

/// A writer that takes nothing in any more after an error. `zip` ends its archive whatever happened,
/// which would make a sound one of the files so far, and prints what goes wrong then.
struct Ending<'a, W> {
    inner: W,
    position: u64,
    ended: &'a Cell<bool>,
}

impl<W> Ending<'_, W> {
    fn noted<T>(&self, done: io::Result<T>) -> io::Result<T> {
        let is_fatal = done.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        self.ended.set(self.ended.get() || is_fatal);
        done
    }
}

impl<W: Write> Write for Ending<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = if self.ended.get() {
            bytes.len()
        } else {
            let written = self.inner.write(bytes);
            self.noted(written)?
        };
        self.position += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.ended.get() {
            return Ok(());
        }
        let flushed = self.inner.flush();
        self.noted(flushed)
    }
}

impl<W: Seek> Seek for Ending<'_, W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = match to {
            _ if !self.ended.get() => {
                let sought = self.inner.seek(to);
                self.noted(sought)?
            }
            SeekFrom::Start(position) => position,
            SeekFrom::Current(by) => self.position.saturating_add_signed(by),
            SeekFrom::End(_) => self.position,
        };
        Ok(self.position)
    }
}

/// Memory up to a length.
struct Capped<'a> {
    inner: Cursor<Vec<u8>>,
    max: usize,
    exceeded: &'a Cell<bool>,
}

impl Write for Capped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.inner.position().saturating_add(bytes.len() as u64) > self.max as u64 {
            self.exceeded.set(true);
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Capped<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
