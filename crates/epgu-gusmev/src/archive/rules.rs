//! What an archive must keep to.

use std::collections::HashSet;

use super::problem::{Finding, Problem};
use super::{ArchiveError, names};

/// Which files must be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Signatures {
    /// All of them or none, as the document has it: a signed application has one for each file.
    #[default]
    AllOrNone,
    /// All of them.
    Required,
    /// Whichever the service's specification names.
    Any,
}

/// Up to where an archive is read before it is refused. A hostile archive costs no more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// The most entries: 10,000.
    pub entries: usize,
    /// The most bytes of all entries, unpacked: 2 GiB.
    pub unpacked: u64,
    /// The most times that an entry may be larger unpacked, once it is over 16 MiB: 200. Deflate can
    /// do about 1,000.
    pub ratio: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { entries: 10_000, unpacked: 2 << 30, ratio: 200 }
    }
}

/// Entries up to this size are no bombs, however tightly packed: blank scans and XML of nothing but tags.
const RATIO_FROM: u64 = 16 << 20;

impl Bounds {
    /// Whether sizes, as told or as found, stay within. `total`: of the entries before this one.
    pub(super) fn problem(&self, total: u64, size: u64, packed: u64) -> Option<Problem> {
        if total.saturating_add(size) > self.unpacked {
            Some(Problem::Unpacked(self.unpacked))
        } else if size > RATIO_FROM && size > packed.saturating_mul(self.ratio) {
            Some(Problem::Ratio(self.ratio))
        } else {
            None
        }
    }
}

/// What an archive must keep to: the document's rules, and what a service's specification adds.
///
/// A zip inside is allowed where the name is of an office document (`.docx`, `.xlsx`, `.odt` and so
/// on), as those are zips. Archives are known by extension and by their first bytes; one that is
/// hidden behind other content, in a self-extracting program for example, is not found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an archive is checked by them"]
pub struct Rules {
    pub(super) transport: Option<Box<str>>,
    pub(super) business: Option<Box<str>>,
    pub(super) signatures: Signatures,
    pub(super) folders: bool,
    pub(super) archives: bool,
    pub(super) push_limit: u64,
    pub(super) bounds: Bounds,
}

/// With a transport XML named `req*.xml`: the document calls it `req.xml`, and many services add to
/// the name.
impl Default for Rules {
    fn default() -> Self {
        Self::any_service().transport("req*.xml")
    }
}

impl Rules {
    /// What holds for every service: no file is asked for by name.
    pub fn any_service() -> Self {
        Self {
            transport: None,
            business: None,
            signatures: Signatures::default(),
            folders: false,
            archives: false,
            push_limit: crate::Edition::default().push_limit,
            bounds: Bounds::default(),
        }
    }

    /// What the transport XML is named by the service's specification; `*` stands for any letters.
    pub fn transport(mut self, name: &str) -> Self {
        self.transport = Some(name.into());
        self
    }

    /// What the XML with the business data is named by the service's specification; `*` stands for
    /// any letters.
    pub fn business(mut self, name: &str) -> Self {
        self.business = Some(name.into());
        self
    }

    /// Which files must be signed.
    pub fn signatures(mut self, signatures: Signatures) -> Self {
        self.signatures = signatures;
        self
    }

    /// Allows folders, where the service's specification does.
    pub fn allow_folders(mut self, yes: bool) -> Self {
        self.folders = yes;
        self
    }

    /// Allows archives inside, where the service's specification does.
    pub fn allow_archives(mut self, yes: bool) -> Self {
        self.archives = yes;
        self
    }

    /// The most bytes that can be sent in one piece; over it, a note. By default as in
    /// [`Edition`](crate::Edition) 1.12.
    pub fn push_limit(mut self, bytes: u64) -> Self {
        self.push_limit = bytes;
        self
    }

    /// Up to where an archive is read.
    pub fn bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// What is wrong with an entry's name by itself.
    pub(super) fn name_problem(&self, name: &str) -> Option<Problem> {
        names::problem(name, self.folders).or_else(|| {
            (!self.archives && names::is_named_archive(name)).then_some(Problem::NestedArchive)
        })
    }

    /// What is wrong with the names together: doubled, unsigned, missing.
    pub(super) fn together(&self, all: &[&str]) -> Vec<Finding> {
        let mut findings = Vec::new();
        if all.is_empty() {
            findings.push(Finding::of_archive(Problem::Empty));
        }
        let mut seen = HashSet::with_capacity(all.len());
        for (index, name) in all.iter().enumerate() {
            if !seen.insert(names::folded(name)) {
                findings.push(Finding::of_entry(Problem::NameDuplicate, index, name));
            }
        }
        let exact: HashSet<&str> = all.iter().copied().collect();
        let is_signature = names::is_signature;
        // Folders, where allowed, are not signed.
        let files = || all.iter().enumerate().filter(|(_, name)| !name.ends_with('/'));
        for (index, name) in files() {
            let file = names::signed(name);
            if file.is_some_and(|file| is_signature(file) || !exact.contains(file)) {
                findings.push(Finding::of_entry(Problem::SignatureOrphan, index, name));
            }
        }
        let needed = match self.signatures {
            Signatures::AllOrNone => all.iter().any(|name| is_signature(name)),
            Signatures::Required => true,
            Signatures::Any => false,
        };
        for (index, name) in files().filter(|(_, name)| needed && !is_signature(name)) {
            if !exact.contains(format!("{name}{}", names::SIGNATURE).as_str()) {
                findings.push(Finding::of_entry(Problem::SignatureMissing, index, name));
            }
        }
        let lacks = |pattern: &Option<Box<str>>| {
            pattern.as_ref().is_some_and(|pattern| {
                !all.iter().any(|name| !is_signature(name) && names::matches(pattern, name))
            })
        };
        if lacks(&self.transport) {
            findings.push(Finding::of_archive(Problem::TransportMissing));
        }
        if lacks(&self.business) {
            findings.push(Finding::of_archive(Problem::BusinessMissing));
        }
        findings
    }
}

/// The first of the findings that is a reason to refuse.
pub(super) fn first_refusal(findings: &[Finding]) -> Result<(), ArchiveError> {
    match findings.iter().find(|finding| !finding.is_note()) {
        Some(finding) => Err(finding.clone().into()),
        None => Ok(()),
    }
}
