//! What is on disk of a bulk: the outcomes, and the journal of queries about to be sent.
//!
//! A row's state is its line in the output; without one, a row in the journal is unknown (its query
//! may have been sent and billed); without either, it is fresh. Every step keeps that true, so that
//! the program may be killed at any point:
//!
//! 1. a query is in the journal, on disk, before it is sent;
//! 2. its outcome is in the output, on disk, before the next query takes its place;
//! 3. at a start, rows that only the journal knows get a line in the output before the journal is emptied;
//! 4. lines are taken out of the output by replacing it as a whole: at a start, of rows that cost
//!    nothing and are asked again; of rows that may have been billed only when there is another line
//!    for them, because their line may hold the answer that was paid for. Until then such a row has
//!    two lines, and the second one counts.
//!
//! A last line that was never finished: in the journal, its query was not sent; in the output, its
//! outcome is unknown.

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use nsso_client::PolicyCheck;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::table::{Table, fingerprint};
use super::{Unread, without_slash};
use crate::exit::Failure;
use crate::files::{open_locked, resolve, sync_directory, with_suffix};
use crate::output;

const LOST: &str = "the program was killed while this query was under way: it may have been billed";

/// What is asked of every row besides its plate.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Terms<'a> {
    pub(super) date: Option<NaiveDate>,
    pub(super) all: bool,
    /// Who is asked.
    pub(super) server: &'a str,
}

impl fmt::Display for Terms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date {
            Some(date) => write!(f, "--date {date}")?,
            None => f.write_str("no --date")?,
        }
        write!(f, "{}, of {}", if self.all { ", --all" } else { ", no --all" }, self.server)
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Answered,
    Refused,
    NotSent,
    Unknown,
}

/// A line of the output.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    pub(super) row: u64,
    pub(super) input: &'a str,
    pub(super) date: Option<NaiveDate>,
    pub(super) all: bool,
    pub(super) server: &'a str,
    pub(super) outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<&'a PolicyCheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<&'a Failure>,
    #[serde(flatten)]
    pub(super) unread: Option<Unread>,
}

/// What is needed of a line that was written before.
#[derive(Deserialize)]
struct OldLine {
    row: u64,
    input: String,
    date: Option<NaiveDate>,
    all: bool,
    server: String,
    outcome: Outcome,
    body: Option<IgnoredAny>,
}

/// What a row's past means for this run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum State {
    /// To be asked.
    Fresh,
    /// Has its line, and is not asked again.
    Answered,
    /// Has its line, and is not asked again: it may have been billed.
    Unknown,
    /// To be asked again, although it may have been billed. Has a line until another one replaces it.
    UnknownAgain,
    /// Has a line that a new one will replace.
    Free,
    /// In the journal only.
    Orphan,
}

pub(super) struct Ledger {
    path: PathBuf,
    output: BufWriter<File>,
    journal: File,
    journal_path: PathBuf,
    past: Past,
}

/// What earlier runs left of each row.
struct Past {
    states: Vec<State>,
    /// Unknown rows whose line holds an answer that was not understood.
    unread: HashSet<u64>,
    /// Rows with a second line, which replaces the first.
    replaced: HashSet<u64>,
}

impl Ledger {
    /// Opens the output for this table, locked against other processes, or creates it. If it is not
    /// of this table and these terms, nothing is changed.
    pub(super) fn open(
        path: &Path,
        table: &Table,
        terms: Terms<'_>,
        retry_unknown: bool,
    ) -> Result<Self, Failure> {
        let path = resolve(path);
        if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            let message = format!("{} is not a regular file", path.display());
            return Err(Failure::input(message));
        }
        let journal_path = with_suffix(&path, ".intents");
        // It is the output's lock as well: it is never replaced as the output is.
        let journal =
            open_locked(OpenOptions::new().read(true).append(true), &journal_path, &path)?;
        let opened = Self::load(&path, &journal, table, terms, retry_unknown);
        let (output, past) = match opened {
            Ok(opened) => opened,
            Err(failure) => {
                remove_if_empty(&journal, &journal_path);
                return Err(failure);
            }
        };
        Ok(Self { path, output: BufWriter::new(output), journal, journal_path, past })
    }

    fn load(
        path: &Path,
        journal: &File,
        table: &Table,
        terms: Terms<'_>,
        retry_unknown: bool,
    ) -> Result<(File, Past), Failure> {
        let shown = path.display();
        let unusable = |error| Failure::input(format!("{shown}: {error}"));
        let rows = usize::try_from(table.len()).expect("as many as are in memory");
        let mut past = Past {
            states: vec![State::Fresh; rows],
            unread: HashSet::new(),
            replaced: HashSet::new(),
        };
        let sound = read_output(path, table, terms, &mut past)?;
        read_journal(journal, path, table, terms, &mut past.states)?;

        let mut output = append(path).map_err(unusable)?;
        sync_directory(path).map_err(unusable)?;
        output.set_len(sound.length).map_err(unusable)?;
        if sound.lacks_end {
            output.write_all(b"\n").map_err(unusable)?;
        }
        write_orphans(&mut output, table, terms, &mut past.states)?;
        // Every row in it has its line now.
        journal.set_len(0).and_then(|()| journal.sync_all()).map_err(unusable)?;
        if past.states.contains(&State::Free) || !past.replaced.is_empty() {
            // Windows replaces no file that is open.
            drop(output);
            rewrite(path, &mut past).map_err(unusable)?;
            output = append(path).map_err(unusable)?;
        }
        for state in &mut past.states {
            match state {
                State::Free => *state = State::Fresh,
                State::Unknown if retry_unknown => *state = State::UnknownAgain,
                _ => {}
            }
        }
        Ok((output, past))
    }

    /// What a row's past means. A row that does not exist has none.
    pub(super) fn state(&self, row: u64) -> State {
        let index = usize::try_from(row - 1).ok();
        let state = index.and_then(|index| self.past.states.get(index));
        state.copied().unwrap_or(State::Fresh)
    }

    /// To be called before the row's query is sent.
    pub(super) fn intend(
        &mut self,
        row: u64,
        input: &str,
        terms: Terms<'_>,
    ) -> Result<(), Failure> {
        let intent = intent(row, fingerprint(Some(input)), terms);
        let written = self.journal.write_all(intent.as_bytes());
        written
            .and_then(|()| self.journal.sync_data())
            .map_err(|error| Failure::local(self.journal_path.display(), &error))
    }

    /// To be called with each outcome; it is on disk when this returns.
    pub(super) fn record(&mut self, line: &Line<'_>) -> Result<(), Failure> {
        self.record_unasked(line)?;
        let synced = self.sync();
        synced.map_err(|error| Failure::local(self.path.display(), &error))
    }

    /// The outcome of a row that no query was made for: nothing is lost if a crash takes it away.
    pub(super) fn record_unasked(&mut self, line: &Line<'_>) -> Result<(), Failure> {
        if self.state(line.row) == State::UnknownAgain {
            let has_answer = line.answer.is_some() || line.unread.is_some();
            if !has_answer && self.past.unread.contains(&line.row) {
                // What stands there is paid for, and says more.
                return Ok(());
            }
            self.past.replaced.insert(line.row);
        }
        let written = writeln!(self.output, "{}", output::to_json(line));
        written.map_err(|error| Failure::local(self.path.display(), &error))
    }

    /// Every row has its line: the journal has served.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let synced = self.sync();
        synced.map_err(|error| Failure::local(self.path.display(), &error))?;
        if !self.past.replaced.is_empty() {
            drop(self.output);
            rewrite(&self.path, &mut self.past)
                .map_err(|error| Failure::local(self.path.display(), &error))?;
        }
        let emptied = self.journal.set_len(0);
        emptied
            .and_then(|()| self.journal.sync_all())
            .map_err(|error| Failure::local(self.journal_path.display(), &error))?;
        remove_if_empty(&self.journal, &self.journal_path);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.output.flush()?;
        self.output.get_ref().sync_data()
    }
}

/// What is kept of an output that was there.
#[derive(Default)]
struct Sound {
    /// How much of it, in bytes.
    length: u64,
    /// The last line is whole but for its end.
    lacks_end: bool,
}

/// Notes the state of each row that has a line.
fn read_output(
    path: &Path,
    table: &Table,
    terms: Terms<'_>,
    past: &mut Past,
) -> Result<Sound, Failure> {
    let shown = path.display();
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Sound::default()),
        file => file.map_err(|error| Failure::input(format!("{shown}: {error}")))?,
    };
    let mut lines = WholeLines::new(&file);
    let mut sound = Sound::default();
    loop {
        let has_end = lines.next(path)?;
        let refuse = |problem: &str| {
            let number = lines.number;
            Err(Failure::input(format!("{shown}, line {number}: {problem}; nothing was changed")))
        };
        let parsed = serde_json::from_slice::<OldLine>(&lines.line);
        let line = match parsed {
            _ if lines.line.is_empty() && !has_end => return Ok(sound),
            Ok(line) => line,
            Err(_) if !has_end && is_torn(&lines.line) => {
                note_torn(&lines.line, &mut past.states);
                return Ok(sound);
            }
            Err(_) => return refuse("not an outcome as this program writes it"),
        };
        let state = match line.outcome {
            Outcome::Answered => State::Answered,
            Outcome::Unknown => State::Unknown,
            Outcome::Refused | Outcome::NotSent => State::Free,
        };
        let same_input = table.fingerprint(line.row) == Some(fingerprint(Some(&line.input)));
        // What cost nothing may have been corrected since.
        if !same_input && (state != State::Free || table.fingerprint(line.row).is_none()) {
            return refuse("this row is not in the input like that: it belongs to another input");
        }
        let server = without_slash(&line.server);
        let old = Terms { date: line.date, all: line.all, server };
        if old != terms {
            return refuse(&format!("it was asked with {old}, and now with {terms}"));
        }
        match state_of(&mut past.states, line.row) {
            Some(known @ State::Fresh) => *known = state,
            Some(known @ State::Unknown)
                if state != State::Free && past.replaced.insert(line.row) =>
            {
                *known = state;
            }
            _ => return refuse("the row has a line already"),
        }
        if line.body.is_some() {
            past.unread.insert(line.row);
        }
        sound = Sound { length: lines.length, lacks_end: !has_end };
        if !has_end {
            return Ok(sound);
        }
    }
}

const LINE_START: &[u8] = br#"{"row":"#;

/// Whether a line without its end is the beginning of one of ours.
fn is_torn(line: &[u8]) -> bool {
    line.starts_with(LINE_START) || LINE_START.starts_with(line)
}

/// A line that lost its end, in a crash or by somebody's hand: what it said of its row is not known,
/// unless it says that nothing was billed.
fn note_torn(line: &[u8], states: &mut [State]) {
    let text = String::from_utf8_lossy(line);
    let number = text.get(LINE_START.len()..).and_then(|rest| rest.split_once(','));
    let Some(row) = number.and_then(|(row, _)| row.parse().ok()) else { return };
    let free = [r#""outcome":"refused""#, r#""outcome":"not_sent""#];
    if free.iter().any(|outcome| text.contains(outcome)) {
        return;
    }
    if let Some(fresh @ State::Fresh) = state_of(states, row) {
        *fresh = State::Orphan;
    }
}

/// Notes the rows that only the journal knows.
fn read_journal(
    journal: &File,
    output: &Path,
    table: &Table,
    terms: Terms<'_>,
    states: &mut [State],
) -> Result<(), Failure> {
    let path = with_suffix(output, ".intents");
    let mut lines = WholeLines::new(journal);
    while lines.next(&path)? {
        let line = without_slash(std::str::from_utf8(&lines.line).unwrap_or_default());
        let mut words = line.splitn(3, ' ');
        let row = words.next().and_then(|row| row.parse().ok());
        let row: u64 = row.unwrap_or_default();
        let mut hash = table.fingerprint(row);
        if state_of(states, row).is_some_and(|state| *state == State::Free) {
            // Its line is later than its intent: what cost nothing may have been corrected since.
            hash = words.next().and_then(|hash| u32::from_str_radix(hash, 16).ok());
        }
        let expected = hash.map(|hash| intent(row, hash, terms));
        if expected.is_none_or(|expected| expected.trim_end() != line) {
            return Err(Failure::input(format!(
                "{}, line {}: it belongs to another input, server, --date or --all; nothing was changed",
                path.display(),
                lines.number,
            )));
        }
        if let Some(fresh @ State::Fresh) = state_of(states, row) {
            *fresh = State::Orphan;
        }
    }
    Ok(())
}

/// Gives each row that only the journal knows a line that says what is known of it.
fn write_orphans(
    output: &mut File,
    table: &Table,
    terms: Terms<'_>,
    states: &mut [State],
) -> Result<(), Failure> {
    if states.contains(&State::Orphan) {
        let lost = Failure::lost(LOST);
        let mut rows = table.rows()?;
        while let Some(row) = rows.next()? {
            if let Some(orphan @ State::Orphan) = state_of(states, row.number) {
                *orphan = State::Unknown;
                let line = output::to_json(&Line {
                    row: row.number,
                    input: row.input.as_deref().unwrap_or_default(),
                    date: terms.date,
                    all: terms.all,
                    server: terms.server,
                    outcome: Outcome::Unknown,
                    answer: None,
                    error: Some(&lost),
                    unread: None,
                });
                let written = writeln!(output, "{line}");
                written.map_err(|error| Failure::local("cannot write the output", &error))?;
            }
        }
    }
    let synced = output.sync_data();
    synced.map_err(|error| Failure::local("cannot write the output", &error))
}

/// Replaces the output by one without the lines that cost nothing, and those that have been replaced.
fn rewrite(path: &Path, past: &mut Past) -> io::Result<()> {
    let new_path = with_suffix(path, ".new");
    let old = File::open(path)?;
    let new = File::create(&new_path)?;
    new.set_permissions(old.metadata()?.permissions())?;
    let mut writer = BufWriter::new(new);
    let mut reader = BufReader::new(old);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let row = serde_json::from_slice::<OldLine>(&line)?.row;
        let is_free = state_of(&mut past.states, row) == Some(&mut State::Free);
        if !is_free && !past.replaced.remove(&row) {
            writer.write_all(&line)?;
        }
        line.clear();
    }
    drop(reader);
    writer.into_inner()?.sync_all()?;
    fs::rename(&new_path, path)?;
    sync_directory(path)
}

/// Lines, each with the question whether it has its end.
struct WholeLines<'a> {
    reader: BufReader<&'a File>,
    line: Vec<u8>,
    /// Of the lines so far.
    number: u64,
    length: u64,
}

impl<'a> WholeLines<'a> {
    fn new(file: &'a File) -> Self {
        Self { reader: BufReader::new(file), line: Vec::new(), number: 0, length: 0 }
    }

    /// Reads the next one into `self.line`, without its end. `false`: it had none, so it is the last.
    fn next(&mut self, path: &Path) -> Result<bool, Failure> {
        self.line.clear();
        let read = self.reader.read_until(b'\n', &mut self.line);
        read.map_err(|error| Failure::input(format!("{}: {error}", path.display())))?;
        self.number += 1;
        self.length += self.line.len() as u64;
        let has_end = self.line.last() == Some(&b'\n');
        if has_end {
            self.line.pop();
        }
        Ok(has_end)
    }
}

fn state_of(states: &mut [State], row: u64) -> Option<&mut State> {
    states.get_mut(usize::try_from(row.checked_sub(1)?).ok()?)
}

/// A line of the journal. No plate is in it.
fn intent(row: u64, fingerprint: u32, terms: Terms<'_>) -> String {
    format!("{row} {fingerprint:08x} {terms}\n")
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// Tidies up, where that is safe; an empty journal does no harm.
fn remove_if_empty(journal: &File, path: &Path) {
    let is_empty = journal.metadata().is_ok_and(|metadata| metadata.len() == 0);
    if cfg!(unix) && is_empty {
        let _ = fs::remove_file(path);
    }
}
