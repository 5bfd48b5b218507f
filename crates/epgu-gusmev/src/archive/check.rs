//! What the service would refuse, found before it does.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::Path;

use super::problem::{Finding, Problem};
use super::rules::first_refusal;
use super::{ArchiveEntry, ArchiveError, Rules, read};

/// What was found in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    length: u64,
    entries: Vec<ArchiveEntry>,
    findings: Vec<Finding>,
}

impl Report {
    /// The archive's length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// All entries, folders as well, in the archive's order.
    pub fn entries(&self) -> &[ArchiveEntry] {
        &self.entries
    }

    /// All that was found, notes as well.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Nothing was found but notes.
    pub fn is_acceptable(&self) -> bool {
        self.findings.iter().all(Finding::is_note)
    }

    pub(super) fn refuse(self) -> Result<Self, ArchiveError> {
        first_refusal(&self.findings)?;
        Ok(self)
    }

    pub(super) fn into_entries(self) -> Vec<ArchiveEntry> {
        self.entries
    }
}

/// Checks the archive in this file. All of it is read; nothing is unpacked to a disk.
///
/// An error: it cannot be read, is no zip, is damaged, or goes over the [`Bounds`](super::Bounds), so
/// that nothing more can be told of it. All else is a finding.
pub fn check(path: impl AsRef<Path>, rules: &Rules) -> Result<Report, ArchiveError> {
    check_source(&mut File::open(path)?, rules)
}

/// As [`check`], of an archive in memory.
pub fn check_bytes(bytes: &[u8], rules: &Rules) -> Result<Report, ArchiveError> {
    check_source(&mut Cursor::new(bytes), rules)
}

pub(super) fn check_source<R: Read + Seek>(
    source: &mut R,
    rules: &Rules,
) -> Result<Report, ArchiveError> {
    let records = read::records(source, &rules.bounds)?;
    let length = source.seek(std::io::SeekFrom::End(0))?;
    let mut findings = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let mut found = |problem| findings.push(Finding::of_entry(problem, index, &record.name));
        let is_folder = record.is_folder();
        if is_folder && !rules.folders {
            found(Problem::Folder);
        } else if record.is_special() {
            found(Problem::NotAFile);
        }
        // A folder's own name ends with the separator.
        let name = if is_folder { record.name.trim_end_matches('/') } else { &record.name };
        let name_problem = rules.name_problem(name);
        if let Some(problem) = record.name_encoding {
            found(problem);
        }
        if let Some(problem) =
            name_problem.filter(|problem| !is_folder || *problem != Problem::Folder)
        {
            found(problem);
        }
        if record.is_encrypted() {
            found(Problem::Encrypted);
        } else if !matches!(record.method, 0 | 8) {
            found(Problem::Method(record.method));
        } else {
            let is_archive = read::is_archive(source, record, index)?;
            if is_archive && !rules.archives && name_problem != Some(Problem::NestedArchive) {
                found(Problem::NestedArchive);
            }
            if record.size == 0 && !is_folder {
                found(Problem::EmptyFile);
            }
        }
    }
    let names: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
    findings.extend(rules.together(&names));
    if length > rules.push_limit {
        findings.push(Finding::of_archive(Problem::OverPushLimit(rules.push_limit)));
    }
    let entry = |record: read::Record| ArchiveEntry {
        name: record.name,
        size: record.size,
        crc: record.crc,
    };
    Ok(Report { length, entries: records.into_iter().map(entry).collect(), findings })
}
