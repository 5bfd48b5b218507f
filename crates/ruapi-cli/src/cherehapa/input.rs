//! The file with the answer.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use cherehapa_types::{DecodeError, Extra, relaxed};

use crate::exit::Failure;

/// Many times the largest quote; it is held in memory as a whole.
const LARGEST: u64 = 256 << 20;

#[derive(clap::Args)]
pub(super) struct Input {
    /// The answer, JSON in UTF-8; `-` reads standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Take `//` comments, as in the document's samples
    #[arg(long)]
    relaxed: bool,
}

impl Input {
    /// The answer, by the decoder of its kind.
    pub(super) fn decode<T>(
        &self,
        decoder: fn(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, Failure> {
        let bytes = self.read()?;
        // What is no text goes to the decoder as it is, which says so.
        let relaxed = |bytes| std::str::from_utf8(bytes).map(relaxed).ok();
        let decoded = match relaxed(&bytes).filter(|_| self.relaxed) {
            Some(json) => decoder(json.as_bytes()),
            None => decoder(&bytes),
        };
        decoded.map_err(|error| {
            let failure = self.not_understood(&error.to_string());
            match relaxed(&bytes) {
                Some(Cow::Owned(_)) if !self.relaxed => {
                    failure.with_advice("there are `//` comments in it: --relaxed takes them")
                }
                _ => failure,
            }
        })
    }

    /// The failure of a file that holds something else, if a field tells so.
    pub(super) fn refuse(
        &self,
        extra: &Extra,
        foreign: &[&str],
        expected: &str,
    ) -> Result<(), Failure> {
        match foreign.iter().find(|field| extra.names().any(|name| name == **field)) {
            Some(field) => Err(self.not_understood(&format!("at `{field}`: expected {expected}"))),
            None => Ok(()),
        }
    }

    pub(super) fn not_understood(&self, problem: &str) -> Failure {
        Failure::not_understood(format!("{}: {problem}", self.name()))
    }

    fn name(&self) -> Cow<'_, str> {
        if self.is_stdin() { "standard input".into() } else { self.file.to_string_lossy() }
    }

    fn is_stdin(&self) -> bool {
        self.file.as_os_str() == "-"
    }

    fn read(&self) -> Result<Vec<u8>, Failure> {
        let bytes = if self.is_stdin() { bounded(io::stdin().lock()) } else { self.read_file() };
        let bytes = bytes
            .map_err(|error| Failure::local(format!("cannot read {}", self.name()), &error))?;
        bytes.ok_or_else(|| {
            let mebibytes = LARGEST >> 20;
            Failure::too_large(format!("{} is larger than {mebibytes} MiB", self.name()))
        })
    }

    fn read_file(&self) -> io::Result<Option<Vec<u8>>> {
        let file = File::open(&self.file)?;
        if file.metadata()?.len() > LARGEST {
            return Ok(None);
        }
        bounded(file)
    }
}

/// All of it, or `None` if it is too large: a pipe does not tell its size.
fn bounded(reader: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let size = reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok((size as u64 <= LARGEST).then_some(bytes))
}
