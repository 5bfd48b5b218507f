//! What was fuzzed, for people: `xtask/FUZZING.md`.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use super::{TARGETS, Target};
use crate::Result;

const PREFACE: &str = "\
# What was fuzzed

Written by `cargo xtask fuzz`: each run of a target writes its line. `cargo xtask ci` runs every target for
a short while, from the same seeds with the same random numbers. The seeds are what the fixtures hold, long
lists in parts, and a few texts that no fixture has.

";

const PROOFS: &str = "
What each target shows, besides that nothing panics, no number overflows, nothing takes longer than 5 s or
more than 512 MiB:

- **answers** (`nsso`, `shtrafovnet`, `osago`, `cherehapa`, `epgu`): what is understood can be written; what
  was written is understood, and written the same. An order of EPGU is read by hand as serde reads it. A
  callback is found again in what is kept of it.
- **`inputs`**: what is accepted has one form, which is accepted and stays the same. A path parameter stays
  within its segment, and query and path say what was put in. No error or `Debug` shows a secret. No base
  URL is accepted that is not http or https, or that has a query.
- **`archive`**: what is accepted, the `zip` crate reads alike: entries, names, sizes, checksums. What the
  builder builds, the checker accepts. Entries and unpacked bytes stay within the bounds.
- **`data_uri`**: what is made of a PDF gives that PDF back, and never more bytes than allowed.
- **`calls`**: no request goes to another server than the client's, wherever an answer leads; no error shows
  the token, though the answer may hold it; a walk over pages ends; a download of another length than
  promised is an error.
- **`server`**: every answer is good or the standard error with a status of 400 to 499; nobody gets through
  to the partner without the credential.
";

/// What was found so far: the target, what it was, and the test that keeps it.
const FOUND: &[(&str, &str, &str)] = &[
    (
        "nsso",
        "a date of a year beyond 9999 or before 0 was read, and written in a form that is not read; an input made by hand",
        "a_year_that_cannot_be_written_is_not_read",
    ),
    ("cherehapa", "the same", "a_year_that_cannot_be_written_is_not_read"),
    (
        "epgu",
        "the kept state of an upload with another chunk size overflowed, and was taken up; an input made by hand",
        "a_kept_state_that_was_changed_overflows_nothing",
    ),
    (
        "calls",
        "the error of an answer that was not understood named the place by keys of the answer, also where these \
     are data: a token that a server echoes, somebody's name",
        "keys_that_are_data_are_not_shown",
    ),
];

const HEAD: &str = "\
| target | what is read | executions | per second | peak memory | coverage | corpus | found |
|---|---|---:|---:|---:|---:|---:|---:|
";

/// A target's line.
pub(crate) struct Row {
    target: &'static str,
    text: String,
}

impl Row {
    /// What libFuzzer says at its end.
    pub(super) fn read(target: &Target, log: &str, took: Duration) -> Option<Self> {
        let statistic = |name: &str| -> Option<u64> {
            let line = log.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').trim().parse().ok()
        };
        let last = log.lines().rev().find(|line| line.contains("DONE"))?;
        let number = |name: &str| last.split(name).nth(1)?.split([' ', '/']).next();
        let executions = statistic("stat::number_of_executed_units")?;
        let rate = executions as f64 / took.as_secs_f64();
        let memory = statistic("stat::peak_rss_mb")?;
        let found = FOUND.iter().filter(|(name, ..)| *name == target.name).count();
        let text = format!(
            "| `{}` | {} | {} | {} | {memory} MiB | {} | {} | {found} |",
            target.name,
            target.what,
            grouped(executions),
            grouped(rate as u64),
            number("cov: ")?,
            number("corp: ")?,
        );
        Some(Self { target: target.name, text })
    }

    pub(super) fn line(&self) -> &str {
        &self.text
    }
}

/// With a space between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

pub(super) fn path() -> PathBuf {
    crate::root().join("xtask/FUZZING.md")
}

pub(super) fn table(rows: &[Row]) -> String {
    rows.iter().fold(HEAD.to_owned(), |text, row| text + row.line() + "\n")
}

/// Writes the report, with the other targets' lines as they were.
pub(super) fn write(row: &Row) -> Result {
    let old = std::fs::read_to_string(path()).unwrap_or_default();
    let mut text = PREFACE.to_owned() + HEAD;
    for target in TARGETS {
        let begin = format!("| `{}` |", target.name);
        let line = match target.name == row.target {
            true => Some(row.line()),
            false => old.lines().find(|line| line.starts_with(&begin)),
        };
        if let Some(line) = line {
            writeln!(text, "{line}")?;
        }
    }
    text += PROOFS;
    if !FOUND.is_empty() {
        text += "\nFound and mended, each with a test that keeps it:\n\n";
    }
    for (target, what, test) in FOUND {
        writeln!(text, "- `{target}`: {what} (`{test}`)")?;
    }
    Ok(std::fs::write(path(), text)?)
}
