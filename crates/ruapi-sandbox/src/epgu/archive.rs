//! The archive of an application: opened, and checked as appendix 1 says.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek};

use serde::Serialize;
use zip::ZipArchive;

use super::kinds::Outcome;
use super::settings::Settings;

/// An archive that was sent; only its description is kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Archive {
    /// The application.
    pub order: u64,
    /// The length of the whole archive.
    pub bytes: u64,
    /// The CRC-32 of the whole archive.
    pub crc32: u32,
    /// What is inside; nothing if it could not be read.
    pub files: Vec<ArchiveFile>,
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArchiveFile {
    /// The name.
    pub name: String,
    /// The length, unpacked.
    pub bytes: u64,
}

/// What the checks found.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) files: Vec<ArchiveFile>,
    /// There are signatures among the files.
    pub(super) signed: bool,
    /// The check that failed.
    pub(super) failure: Option<Outcome>,
}

/// The most bytes that an archive may hold unpacked: more is no application.
const UNPACKED: u64 = 4 * 1024 * 1024 * 1024;

/// Ends of names that say that a file is an archive itself.
const ARCHIVES: [&str; 9] = [".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".arj"];

const SIGNATURE: &str = ".sig";

pub(super) fn check(archive: impl Read + Seek, settings: &Settings) -> Checked {
    let Ok((files, flat, markup)) = unpack(archive) else {
        let failure = Some(Outcome::InvalidFilesStructure);
        return Checked { files: Vec::new(), signed: false, failure };
    };
    let names: BTreeSet<_> = files.iter().map(|file| file.name.as_str()).collect();
    let signed = names.iter().any(|name| name.ends_with(SIGNATURE));
    let has_business_file =
        settings.business_file.as_deref().is_none_or(|name| names.contains(name));
    let failure = if !flat || names.len() != files.len() {
        Some(Outcome::InvalidFilesStructure)
    } else if !names.iter().any(|name| is_transport(name)) {
        Some(Outcome::ReqNotFound)
    } else if !has_business_file {
        Some(Outcome::MpcNotFound)
    } else if !markup {
        Some(Outcome::ValidationError)
    } else if signatures_fail(&files, &names, settings.signatures_required) {
        Some(Outcome::FilesVerificationFailed)
    } else {
        None
    };
    Checked { files, signed, failure }
}

/// The files, whether they lie flat, and whether all XML begins as XML does.
fn unpack(archive: impl Read + Seek) -> io::Result<(Vec<ArchiveFile>, bool, bool)> {
    let mut archive = ZipArchive::new(archive)?;
    let (mut files, mut flat, mut markup, mut left) = (Vec::new(), true, true, UNPACKED);
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let name = file.name().to_owned();
        flat &= !file.is_dir() && !name.contains(['/', '\\']) && !is_archive(&name);
        let mut begin = Vec::new();
        file.by_ref().take(64).read_to_end(&mut begin)?;
        // To the end, where the checksum is compared.
        let rest = io::copy(&mut file.by_ref().take(left), &mut io::sink())?;
        left = left.checked_sub(rest).filter(|left| *left > 0).ok_or(io::ErrorKind::InvalidData)?;
        let bytes = begin.len() as u64 + rest;
        markup &= !name.to_lowercase().ends_with(".xml") || looks_like_xml(&begin);
        files.push(ArchiveFile { name, bytes });
    }
    Ok((files, flat, markup))
}

fn is_archive(name: &str) -> bool {
    let name = name.to_lowercase();
    ARCHIVES.iter().any(|end| name.ends_with(end))
}

/// The document's example calls it `req.xml`; services of the pension fund send both
/// `req_UUID.xml` and `trans_UUID.xml`.
fn is_transport(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with(".xml") && (name.starts_with("req") || name.starts_with("trans"))
}

fn looks_like_xml(begin: &[u8]) -> bool {
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    // UTF-16 begins with its own mark.
    begin.trim_ascii_start().starts_with(b"<")
        || begin.starts_with(b"\xff\xfe")
        || begin.starts_with(b"\xfe\xff")
}

/// A signature is empty or signs nothing, or one is needed and missing.
fn signatures_fail(files: &[ArchiveFile], names: &BTreeSet<&str>, required: bool) -> bool {
    files.iter().any(|file| match file.name.strip_suffix(SIGNATURE) {
        Some(signed) => file.bytes == 0 || !names.contains(signed),
        None => required && !names.contains(format!("{}{SIGNATURE}", file.name).as_str()),
    })
}
