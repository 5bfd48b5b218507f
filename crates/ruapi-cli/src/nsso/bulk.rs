//! `ruapi nsso check --input`: a whole table of cars.

use std::cell::RefCell;
use std::path::Path;
use std::task::Poll;

use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use nsso_client::{PlateNumber, PolicyCheck, Query, Subject};
use ruapi_core::wire;
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::Serialize;

use super::ledger::{Ledger, Line, Outcome, State, Terms};
use super::table::{CheckedRows, Row, Table};
use super::{ADVICE, Unread, check, connect, name_of};
use crate::exit::{self, Failure};
use crate::global::{Format, Global};
use crate::interrupt::{self, Stop};
use crate::output;

/// How many queries at once unless the user says otherwise.
const PARALLEL: u16 = 4;

const UNWRITTEN: &str = "the queries that were under way may have been billed; once the files can be \
                         written, the same command tells which, and goes on";

/// What a query belongs to: the row's number, and what stands there.
type Key = (u64, String);

/// What became of the rows of one run.
#[derive(Default, Serialize)]
struct Summary {
    rows: u64,
    answered: u64,
    refused: u64,
    not_sent: u64,
    unknown: u64,
    /// Answered by an earlier run.
    skipped: u64,
    #[serde(with = "wire")]
    cost: Decimal,
    #[serde(with = "wire")]
    balance: Option<Decimal>,
    #[serde(skip)]
    exit_code: u8,
}

/// A run under way. Inputs and outcomes take turns with it.
struct Run<'a> {
    rows: CheckedRows<'a>,
    ledger: Ledger,
    terms: Terms<'a>,
    token: SecretString,
    summary: Summary,
    bar: ProgressBar,
    /// Set by Ctrl-C.
    interrupted: Stop,
    /// Every further query would end like this one.
    hopeless: Option<Failure>,
    /// The first row without an answer, and why.
    first: Option<(u64, String)>,
    /// The files failed, so nothing more may be sent. If an outcome could not be written, it says so.
    broken: Option<Failure>,
}

pub(super) async fn run(
    global: &Global,
    args: &check::Args,
    input: &Path,
    output: &Path,
    query: Query,
) -> Result<u8, Failure> {
    let (client, server, token) = connect(global, global.client_options()).await?;
    let terms = Terms { date: args.date, all: args.all, server: name_of(&server) };
    let table = Table::check(input, args.bulk.column.as_deref())?;
    let ledger = Ledger::open(output, &table, terms, args.bulk.retry_unknown)?;
    let bar = progress_bar(table.len());
    let interrupted = listen(global.format, bar.clone())?;
    let run = RefCell::new(Run {
        rows: table.rows()?,
        ledger,
        terms,
        token,
        summary: Summary { rows: table.len(), ..Summary::default() },
        bar,
        interrupted,
        hopeless: None,
        first: None,
        broken: None,
    });

    // Each input is journalled as it is taken, and each outcome written before the next is asked for.
    let inputs = stream::poll_fn(|_| Poll::Ready(run.borrow_mut().next_input()));
    let mut outcomes =
        client.bulk(inputs).query(query).parallel(args.bulk.concurrency.unwrap_or(PARALLEL).into());
    while let Some(row) = outcomes.next().await {
        let noted = run.borrow_mut().note(&row.key, &row.outcome);
        if let Err(failure) = noted {
            // What else is under way cannot be written either: the journal knows of it.
            let failure = failure.or_maybe_processed().with_advice(UNWRITTEN);
            run.borrow_mut().broken = Some(failure);
            break;
        }
    }
    drop(outcomes);
    run.into_inner().end(global.format)
}

fn progress_bar(rows: u64) -> ProgressBar {
    // It shows itself on terminals only.
    let bar = ProgressBar::new(rows);
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} rows, {eta} left");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn listen(format: Format, bar: ProgressBar) -> Result<Stop, Failure> {
    interrupt::listen(move || {
        bar.suspend(|| {
            let text = "stopping: waiting for the queries under way; Ctrl-C again quits at once, \
                        and those may have been billed";
            output::notice(format, text);
        });
    })
}

impl Run<'_> {
    /// The next query, in the journal already.
    fn next_input(&mut self) -> Option<(Key, Subject)> {
        loop {
            let stopped = self.hopeless.is_some() || self.interrupted.is_asked();
            if stopped || self.broken.is_some() {
                return None;
            }
            match self.try_next_input() {
                Ok(Some(Some(input))) => return Some(input),
                Ok(Some(None)) => {}
                Ok(None) => return None,
                Err(failure) => self.broken = Some(failure),
            }
        }
    }

    /// `None`: there are no more rows. `Some(None)`: this row needs no query.
    fn try_next_input(&mut self) -> Result<Option<Option<(Key, Subject)>>, Failure> {
        let Some(row) = self.rows.next()? else {
            return Ok(None);
        };
        if !self.is_open(&row) {
            return Ok(Some(None));
        }
        let Some(plate) = self.plate(&row)? else {
            return Ok(Some(None));
        };
        let input = row.input.unwrap_or_default();
        self.ledger.intend(row.number, &input, self.terms)?;
        Ok(Some(Some(((row.number, input), plate.into()))))
    }

    /// Whether the row is to be asked in this run; if not, it is counted.
    fn is_open(&mut self, row: &Row) -> bool {
        match self.ledger.state(row.number) {
            State::Answered => self.summary.skipped += 1,
            State::Unknown => {
                self.summary.unknown += 1;
                self.summary.exit_code = exit::graver(self.summary.exit_code, exit::NETWORK);
            }
            _ => return true,
        }
        self.bar.inc(1);
        false
    }

    /// The row's plate; a row without one has its outcome right away.
    fn plate(&mut self, row: &Row) -> Result<Option<PlateNumber>, Failure> {
        let problem = match &row.input {
            None => "the row ends before the column of plates".to_owned(),
            Some(input) => match input.parse() {
                Ok(plate) => return Ok(Some(plate)),
                Err(error) => nsso_client::InputError::to_string(&error),
            },
        };
        let input = row.input.as_deref().unwrap_or_default();
        let failure = Failure::input(problem);
        self.write(row.number, input, Outcome::Refused, &failure, None, false)?;
        Ok(None)
    }

    /// Writes what became of a query.
    fn note(&mut self, key: &Key, outcome: &nsso_client::Outcome) -> Result<(), Failure> {
        use nsso_client::Outcome as Told;
        let unread = outcome.error().and_then(|error| Unread::of(error, &self.token));
        let (outcome, failure) = match outcome {
            Told::Answered(answer) => return self.note_answer(key, answer),
            Told::Refused(error) => (Outcome::Refused, Failure::of(error, ADVICE)),
            Told::NotSent(error) => (Outcome::NotSent, Failure::of(error, ADVICE)),
            Told::Unknown(error) => (Outcome::Unknown, Failure::of(error, ADVICE)),
            // Of an outcome that is not known yet, nobody can say whether it costs money.
            _ => (Outcome::Unknown, Failure::lost("no answer")),
        };
        if (failure.stops_everything() || failure.is_a_wrong_address()) && self.hopeless.is_none() {
            self.hopeless = Some(failure.clone());
        }
        self.write(key.0, &key.1, outcome, &failure, unread, true)
    }

    fn note_answer(&mut self, key: &Key, answer: &PolicyCheck) -> Result<(), Failure> {
        self.ledger.record(&Line {
            row: key.0,
            input: &key.1,
            date: self.terms.date,
            all: self.terms.all,
            server: self.terms.server,
            outcome: Outcome::Answered,
            answer: Some(answer),
            error: None,
            unread: None,
        })?;
        self.summary.answered += 1;
        let price = answer.inquiry.price.unwrap_or_default();
        // The service's word: a sum too large for the type is no reason to stop.
        self.summary.cost = self.summary.cost.saturating_add(price);
        // Answers overtake each other: the lowest is what is left after all of them.
        let balances = self.summary.balance.into_iter().chain(answer.inquiry.balance);
        self.summary.balance = balances.min();
        self.bar.inc(1);
        Ok(())
    }

    /// Counts and writes an outcome that is no answer, of a row that was `asked` or not.
    fn write(
        &mut self,
        row: u64,
        input: &str,
        mut outcome: Outcome,
        failure: &Failure,
        unread: Option<Unread>,
        asked: bool,
    ) -> Result<(), Failure> {
        let mut failure = failure.clone();
        let mut exit_code = failure.exit_code();
        if self.ledger.state(row) == State::UnknownAgain {
            // Only an answer settles what an earlier query has left open.
            outcome = Outcome::Unknown;
            failure = failure.or_maybe_processed();
            // "Try again later" and "refused" would invite to pay twice.
            if !failure.stops_everything() && exit_code != exit::NOT_UNDERSTOOD {
                exit_code = exit::NETWORK;
            }
        }
        match outcome {
            Outcome::Refused => self.summary.refused += 1,
            Outcome::NotSent => self.summary.not_sent += 1,
            _ => self.summary.unknown += 1,
        }
        self.summary.exit_code = exit::graver(self.summary.exit_code, exit_code);
        // Outcomes overtake each other.
        if self.first.as_ref().is_none_or(|(first, _)| row < *first) {
            self.first = Some((row, failure.why()));
        }
        self.bar.inc(1);
        let line = Line {
            row,
            input,
            date: self.terms.date,
            all: self.terms.all,
            server: self.terms.server,
            outcome,
            answer: None,
            error: Some(&failure),
            unread,
        };
        if asked { self.ledger.record(&line) } else { self.ledger.record_unasked(&line) }
    }

    /// Gives the rows that were not asked their outcome, and sums up.
    fn end(mut self, format: Format) -> Result<u8, Failure> {
        if let Some(failure) = self.broken {
            self.bar.finish_and_clear();
            return Err(failure);
        }
        let interrupted = self.interrupted.is_asked();
        let reason = match &self.hopeless {
            Some(failure) => failure.not_sent_because(),
            None => Failure::stopped(),
        };
        while let Some(row) = self.rows.next()? {
            if self.is_open(&row) {
                let input = row.input.as_deref().unwrap_or_default();
                self.write(row.number, input, Outcome::NotSent, &reason, None, false)?;
            }
        }
        self.ledger.finish()?;
        self.bar.finish_and_clear();
        match (&self.hopeless, &self.first) {
            (Some(failure), _) => failure.show(format),
            (None, Some((row, why))) => {
                output::notice(format, &format!("row {row} is the first without an answer: {why}"));
            }
            (None, None) => {}
        }
        self.summary.show(format)?;
        Ok(match interrupted {
            true => exit::INTERRUPTED,
            false => self.summary.exit_code,
        })
    }
}

impl Summary {
    fn show(&self, format: Format) -> Result<(), Failure> {
        if format == Format::Json {
            return output::line(&output::to_json(self));
        }
        output::diagnostic(&format!(
            "{} row{}: {} answered, {} refused, {} not sent, {} unknown (may have been billed), \
             {} skipped (answered before)\nCost {}, balance {} rubles, the lowest reported",
            self.rows,
            if self.rows == 1 { "" } else { "s" },
            self.answered,
            self.refused,
            self.not_sent,
            self.unknown,
            self.skipped,
            self.cost,
            check::amount(self.balance),
        ));
        if self.unknown > 0 {
            output::diagnostic(
                "Rows that may have been billed are not asked again; \
                 when the balance is checked, --retry-unknown does.",
            );
        }
        Ok(())
    }
}
