//! `ruapi nsso check`: the arguments, and the answer to a single query.

use std::fmt::Write;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::ArgGroup;
use nsso_client::{
    Found, InputError, PlateNumber, PolicyCheck, PolicyNumber, Query, RetryPolicy, Subject,
};
use ruapi_core::Personal;
use rust_decimal::Decimal;

use super::{ADVICE, Unread, bulk, connect};
use crate::date;
use crate::exit::{self, Failure};
use crate::global::{Format, Global};
use crate::interrupt;
use crate::output::{self, Plain};

#[derive(clap::Args)]
#[command(group = ArgGroup::new("subject").required(true).args(["plate", "policy", "input"]))]
pub(crate) struct Args {
    /// The car's plate, as in А111АА11; Latin letters and spaces are understood
    #[arg(long)]
    plate: Option<String>,
    /// The policy's number
    #[arg(long, value_name = "NUMBER")]
    policy: Option<String>,
    /// Look at this day instead of today: YYYY-MM-DD or DD.MM.YYYY
    #[arg(long, value_parser = date::day)]
    pub(super) date: Option<NaiveDate>,
    /// Show all policies, not only those in force
    #[arg(long)]
    pub(super) all: bool,
    /// Ask again when the service says "try again later" (codes 1 and 404, not billed)
    #[arg(long)]
    retry_try_later: bool,
    #[command(flatten)]
    pub(super) bulk: Bulk,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Many cars")]
pub(crate) struct Bulk {
    /// A table of cars: CSV in UTF-8 with a header line, separated by `,` or `;` or tab
    #[arg(long, value_name = "FILE.csv", requires = "output")]
    pub(crate) input: Option<PathBuf>,
    /// The column of the plates; by default `plate`, `gosNumber` or `госномер`, else the first
    #[arg(long, value_name = "NAME", requires = "input")]
    pub(crate) column: Option<String>,
    /// Where the outcomes go, one line of JSON a row; it is continued if it is there already
    #[arg(long, value_name = "FILE.jsonl", requires = "input")]
    pub(crate) output: Option<PathBuf>,
    /// How many queries at once, 4 by default
    #[arg(long, value_name = "N", requires = "input",
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: Option<u16>,
    /// Ask again for rows that may have been billed without an answer
    #[arg(long, requires = "input")]
    pub(crate) retry_unknown: bool,
}

impl Args {
    pub(crate) async fn run(&self, global: &Global) -> Result<u8, Failure> {
        let mut query = Query::new().only_actual(!self.all).retry_try_later(self.retry_try_later);
        if let Some(date) = self.date {
            query = query.date(date);
        }
        if let (Some(input), Some(output)) = (&self.bulk.input, &self.bulk.output) {
            return bulk::run(global, self, input, output, query).await;
        }
        // clap waives `requires` beside the other subjects.
        for (given, name) in [
            (self.bulk.output.is_some(), "--output"),
            (self.bulk.column.is_some(), "--column"),
            (self.bulk.concurrency.is_some(), "--concurrency"),
            (self.bulk.retry_unknown, "--retry-unknown"),
        ] {
            if given {
                return Err(Failure::input(format!("{name} goes with --input only")));
            }
        }
        // Somebody sits and waits: fewer attempts than the client's own, which suit a bulk.
        let options = global.client_options().retry(RetryPolicy::default());
        let (client, _server, token) = connect(global, options).await?;
        let check = client.check(self.subject()?).query(query);
        let result = interrupt::or_stopped(async { Ok(check.await) }, ADVICE).await?;
        let text = match (&result, global.format) {
            (Ok(answer), Format::Human) => Some(text(answer)),
            (Ok(answer), Format::Json) => Some(output::to_json(&**answer)),
            (Err(error), format) => Unread::of(error, &token).map(|unread| match format {
                Format::Human if unread.cut => format!("{}\n{CUT}", Plain(&unread.body)),
                Format::Human => Plain(&unread.body).to_string(),
                Format::Json => output::to_json(&unread),
            }),
        };
        if let Some(text) = text {
            output::line(&text).map_err(Failure::after_payment)?;
        }
        result.map_err(|error| Failure::of(&error, ADVICE))?;
        Ok(exit::OK)
    }

    fn subject(&self) -> Result<Subject, Failure> {
        let refuse = |error: InputError| Failure::input(error.to_string());
        match (&self.plate, &self.policy) {
            (Some(plate), _) => Ok(plate.parse::<PlateNumber>().map_err(refuse)?.into()),
            (None, policy) => {
                let policy = policy.as_deref().unwrap_or_default();
                Ok(policy.parse::<PolicyNumber>().map_err(refuse)?.into())
            }
        }
    }
}

/// The answer for people.
fn text(check: &PolicyCheck) -> String {
    let mut text = String::new();
    let day = check.filters.request_date;
    if check.result.is_empty() {
        let _ = write!(text, "No policy found");
        if check.filters.only_actual == Some(true) {
            let _ = write!(text, " in force");
        }
        if let Some(day) = day {
            let _ = write!(text, " on {}", dotted(day));
        }
        text.push('\n');
    }
    for found in &check.result {
        policy(&mut text, found, day);
    }
    let inquiry = &check.inquiry;
    let _ = write!(
        text,
        "Cost {}, balance {}, credit {} rubles",
        amount(inquiry.price),
        amount(inquiry.balance),
        amount(inquiry.credit),
    );
    text
}

fn policy(text: &mut String, found: &Found, day: Option<NaiveDate>) {
    let policy = &found.policy;
    let state = match (day, day.and_then(|day| policy.covers(day))) {
        (Some(day), Some(true)) => format!("in force on {}", dotted(day)),
        (Some(day), Some(false)) => format!("NOT in force on {}", dotted(day)),
        _ => "whether it is in force is not known".to_owned(),
    };
    let dates = [policy.start, policy.stop].map(|date| date.map_or_else(absent, dotted));
    let _ = writeln!(text, "Policy {}: {state}", Plain(personal(&policy.number)));
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<9}{}", Plain(value));
    };
    field("Company", policy.company.as_deref().unwrap_or(ABSENT));
    field("Dates", &dates.join(" to "));
    field("Holder", personal(&policy.holder));
    field("INN", personal(&policy.holder_inn));
    field("KPP", personal(&policy.holder_kpp));
    for auto in &found.auto {
        let mut parts = vec![personal(&auto.plate).to_owned()];
        let names = [auto.make.as_deref(), auto.model.as_deref()];
        let name: Vec<&str> = names.into_iter().flatten().collect();
        parts.push(name.join(" "));
        parts.extend(auto.seats.as_deref().map(|seats| format!("{seats} seats")));
        parts.extend(auto.passengers.as_deref().map(|count| format!("{count} passengers")));
        parts.retain(|part| !part.is_empty());
        field("Vehicle", &parts.join(", "));
    }
    text.push('\n');
}

const CUT: &str = "(only the first 64 KiB of the answer are kept)";

const ABSENT: &str = "-";

fn absent() -> String {
    ABSENT.to_owned()
}

fn personal(value: &Option<Personal<String>>) -> &str {
    value.as_ref().map_or(ABSENT, |value| value.as_str())
}

pub(super) fn amount(value: Option<Decimal>) -> String {
    value.map_or_else(absent, |value| value.to_string())
}

fn dotted(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_left_out_or_forged_does_no_harm() {
        let json = r#"{"result":[{"policy":{"PolicyNumber":"X\u001b[2J"},"auto":[{}]}]}"#;
        let check: PolicyCheck = serde_json::from_str(json).expect("JSON");
        let text = text(&check);
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert!(text.contains("whether it is in force is not known"), "{text}");
    }
}
