//! `ruapi epgu archive`: nothing is sent.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use epgu_gusmev::ArchiveBuilder;
use epgu_gusmev::archive::{
    Archive, ArchiveError, Compression, Content, Report, Rules, Signatures, check,
};
use serde_json::json;

use crate::exit::{self, Failure};
use crate::files::{resolve, with_suffix};
use crate::global::Format;
use crate::output::{self, Plain};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Pack files into an archive, flat and in this order
    Build(Build),
    /// Look for all that the service would refuse in an archive
    Check(Check),
}

/// What a service's specification adds to the document's rules.
#[derive(clap::Args)]
#[command(next_help_heading = "Archive")]
pub(super) struct Rulings {
    /// The name of the transport XML that must be there; `*` stands for any letters
    #[arg(long, value_name = "NAME")]
    transport: Option<String>,
    /// The name of the XML with the business data that must be there; `*` stands for any letters
    #[arg(long, value_name = "NAME")]
    business: Option<String>,
    /// Every file must have its FILE.sig; by default all or none must
    #[arg(long)]
    signed: bool,
    /// The service's specification names the files that are signed: any may have its FILE.sig or not
    #[arg(long, conflicts_with = "signed")]
    partly_signed: bool,
    /// The service's specification allows folders
    #[arg(long)]
    allow_folders: bool,
    /// The service's specification allows archives inside
    #[arg(long)]
    allow_archives: bool,
}

impl Rulings {
    fn rules(&self) -> Rules {
        let mut rules = Rules::any_service()
            .allow_folders(self.allow_folders)
            .allow_archives(self.allow_archives);
        if let Some(name) = &self.transport {
            rules = rules.transport(name);
        }
        if let Some(name) = &self.business {
            rules = rules.business(name);
        }
        if self.signed {
            rules = rules.signatures(Signatures::Required);
        }
        if self.partly_signed {
            rules = rules.signatures(Signatures::Any);
        }
        rules
    }

    /// Reads and checks an archive, without blocking others.
    pub(super) async fn open(&self, path: &Path) -> Result<Archive, Failure> {
        let (path, rules) = (path.to_owned(), self.rules());
        let opened = tokio::task::spawn_blocking(move || Archive::open_with(path, &rules)).await;
        opened.map_err(|_| Failure::input("the archive was not read"))?.map_err(refused)
    }
}

#[derive(clap::Args)]
pub(crate) struct Build {
    /// The archive to write; it is there whole or not at all
    #[arg(short, long, value_name = "FILE.zip")]
    output: PathBuf,
    /// The files, under their own names; `NAME=PATH` packs PATH as NAME
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Also pack the detached signature FILE.sig that lies beside each file; with --partly-signed, beside any
    #[arg(long)]
    with_signatures: bool,
    /// Do not compress: for files that are packed already, such as scans
    #[arg(long)]
    stored: bool,
    #[command(flatten)]
    rulings: Rulings,
}

#[derive(clap::Args)]
pub(crate) struct Check {
    /// The archive
    file: PathBuf,
    #[command(flatten)]
    rulings: Rulings,
}

impl Command {
    pub(crate) fn run(&self, format: Format) -> Result<u8, Failure> {
        match self {
            Self::Build(build) => build.run(format),
            Self::Check(check) => check.run(format),
        }
    }
}

impl Build {
    fn run(&self, format: Format) -> Result<u8, Failure> {
        let compression = if self.stored { Compression::Stored } else { Compression::Deflate };
        let mut builder =
            ArchiveBuilder::new().rules(self.rulings.rules()).compression(compression);
        let mut inputs = Vec::new();
        for file in &self.files {
            let (name, path) = named(file)?;
            builder.add(name, Content::path(&path)).map_err(refused)?;
            inputs.push(resolve(&path));
            let path = with_suffix(&path, ".sig");
            if self.with_signatures && (!self.rulings.partly_signed || path.exists()) {
                builder.sign(name, Content::path(&path)).map_err(refused)?;
                inputs.push(resolve(&path));
            }
        }
        let output = resolve(&self.output);
        if inputs.contains(&output) {
            return Err(Failure::input("the output is one of the files to be packed"));
        }
        let archive = builder.build_file(&output).map_err(refused)?;
        show(format, &archive)
    }
}

/// A file's name in the archive, and where it is.
fn named(file: &str) -> Result<(&str, PathBuf), Failure> {
    if let Some((name, path)) = file.split_once('=') {
        return Ok((name, path.into()));
    }
    let name = Path::new(file).file_name().and_then(|name| name.to_str());
    Ok((
        name.ok_or_else(|| Failure::input("expected the path of a file, or NAME=PATH"))?,
        file.into(),
    ))
}

fn show(format: Format, archive: &Archive) -> Result<u8, Failure> {
    let text = match format {
        Format::Human => {
            let mut text = format!("{} bytes, {} files", archive.length(), archive.entries().len());
            for entry in archive.entries() {
                text += &format!("\n  {:>12}  {}", entry.size, Plain(&entry.name));
            }
            text
        }
        Format::Json => {
            let entries = archive.entries().iter();
            let entries = entries
                .map(|entry| json!({"name": entry.name, "size": entry.size, "crc": entry.crc}));
            output::to_json(
                &json!({"length": archive.length(), "files": entries.collect::<Vec<_>>()}),
            )
        }
    };
    output::line(&text).map(|()| exit::OK)
}

impl Check {
    fn run(&self, format: Format) -> Result<u8, Failure> {
        let report = check(&self.file, &self.rulings.rules()).map_err(refused)?;
        let text = match format {
            Format::Human => human(&report),
            Format::Json => {
                let findings = report.findings().iter().map(|finding| {
                    json!({
                        "file": finding.name(),
                        "problem": finding.problem().to_string(),
                        "state": finding.state(),
                        "note": finding.is_note(),
                    })
                });
                output::to_json(&json!({
                    "acceptable": report.is_acceptable(),
                    "length": report.length(),
                    "files": report.entries().len(),
                    "findings": findings.collect::<Vec<_>>(),
                }))
            }
        };
        output::line(&text)?;
        Ok(if report.is_acceptable() { exit::OK } else { exit::INPUT })
    }
}

fn human(report: &Report) -> String {
    let verdict = if report.is_acceptable() { "Acceptable" } else { "The service would refuse it" };
    let mut text =
        format!("{verdict}: {} bytes, {} files", report.length(), report.entries().len());
    for finding in report.findings() {
        let what = if finding.is_note() { "note" } else { "refused" };
        let whose = finding.name().unwrap_or("the archive");
        text += &format!("\n  {what:<8} {}: {}", Plain(whose), finding.problem());
        if let Some(state) = finding.state() {
            text += &format!(" ({state})");
        }
    }
    text
}

/// An archive that breaks the rules is wrong input; a file that cannot be read or written is this
/// machine's failure. Neither names nor paths are shown.
#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn refused(error: ArchiveError) -> Failure {
    match &error {
        ArchiveError::Io { source, .. } => {
            let what = match error.entry() {
                Some(entry) => format!("entry {}", entry + 1),
                None => "the archive".to_owned(),
            };
            Failure::local(what, source)
        }
        _ => Failure::input(error.to_string()),
    }
}
