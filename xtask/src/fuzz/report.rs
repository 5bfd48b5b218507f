//! What was fuzzed, for people: `xtask/FUZZING.md`.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use super::{TARGETS, Target};
use crate::Result;

const PREFACE: &str = "\
# What was fuzzed

Written by `cargo xtask fuzz`: each run of a target writes its line, which counts the executions of all runs;
the other figures are the last run's. `SIGUSR1` ends a run early. `cargo xtask ci` runs every target for a
short while, from the same seeds with the same random numbers. The seeds are what the fixtures hold, long
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
| target | what is read | executions in all | per second | peak memory | coverage | corpus | found |
|---|---|---:|---:|---:|---:|---:|---:|
";

/// A target's line.
pub(crate) struct Row {
    target: &'static str,
    text: String,
}

impl Row {
    /// What libFuzzer says at its end, on top of what an earlier report says.
    pub(super) fn read(target: &Target, log: &str, took: Duration, report: &str) -> Option<Self> {
        let statistic = |name: &str| -> Option<u64> {
            let line = log.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').trim().parse().ok()
        };
        // Ended early, by SIGUSR1, it has no line `DONE`.
        let last = log.lines().rev().find(|line| line.contains("cov: "))?;
        let number = |name: &str| last.split(name).nth(1)?.split([' ', '/']).next();
        let executions = statistic("stat::number_of_executed_units")?;
        let before = executions_of(report, target);
        let rate = executions as f64 / took.as_secs_f64();
        let memory = statistic("stat::peak_rss_mb")?;
        let found = FOUND.iter().filter(|(name, ..)| *name == target.name).count();
        let text = format!(
            "| `{}` | {} | {} | {} | {memory} MiB | {} | {} | {found} |",
            target.name,
            target.what,
            grouped(before + executions),
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

/// How many executions a report has of a target.
fn executions_of(report: &str, target: &Target) -> u64 {
    let begin = format!("| `{}` | {} | ", target.name, target.what);
    let number = report.lines().find_map(|line| line.strip_prefix(&begin)?.split(" |").next());
    number.and_then(|number| number.replace(' ', "").parse().ok()).unwrap_or_default()
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

/// The report as it is.
pub(super) fn old() -> String {
    std::fs::read_to_string(path()).unwrap_or_default()
}

/// Writes the report, with the other targets' lines as they were.
pub(super) fn write(row: &Row) -> Result {
    let old = old();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executions_are_those_of_all_runs() {
        let [target, other, ..] = TARGETS else { panic!("two targets") };
        let log = "#9\tREDUCE cov: 7 ft: 1 corp: 3/9b\n#2000\tDONE   cov: 8 ft: 1 corp: 4/9b lim: 4\n\
                   stat::number_of_executed_units: 2000\nstat::peak_rss_mb:              37\n";
        let took = Duration::from_secs(2);
        let report = format!("| `{}` | {} | 9 999 000 | 5 |", target.name, target.what);
        let row = Row::read(target, log, took, &report).unwrap();
        assert!(row.line().contains(" | 10 001 000 | 1 000 | 37 MiB | 8 | 4 | "), "{}", row.line());
        let row = Row::read(other, log, took, &report).unwrap();
        assert!(row.line().contains(" | 2 000 | 1 000 | "), "{}", row.line());
        // Ended early.
        let early = log.replace("DONE", "INFO");
        assert!(Row::read(other, &early, took, "").unwrap().line().contains(" | 8 | 4 | "));
        assert!(Row::read(other, "cov: 7 corp: 3/9b", took, "").is_none());
    }
}
