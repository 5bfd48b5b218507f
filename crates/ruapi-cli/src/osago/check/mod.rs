//! `ruapi osago check-partner`: a partner's end point held against the document.
//!
//! The rules are data: [`tables`] are the document's tables of fields, and each operation's file holds
//! the rest of what is looked at. Answers are taken as they came, not as the client would read them.

mod announce;
mod answers;
mod ask;
mod calculate;
mod calculation;
mod choices;
mod confirm;
mod documents;
mod offer;
mod offer_rules;
mod questions;
mod record;
mod report;
mod rule;
mod run;
mod status;
mod tables;
mod too_large;
mod unknown;
mod words;

use std::time::Duration;

use clap::builder::PossibleValuesParser;
use serde_json::Value;

use super::input::Input;
use super::session::Context;
use super::template;
use crate::exit::Failure;
use crate::global::seconds;
use crate::interrupt;
use ask::Partner;
use record::Record;
use rule::{Form, Operation};
use run::{Plan, Run};
use words::Words;

/// In the order of the report.
static OPERATIONS: [&Operation; 8] = [
    &calculate::CALCULATE,
    &calculation::SHOW,
    &status::STATUS,
    &offer::SHOW,
    &confirm::CONFIRM,
    &documents::DRAFT,
    &documents::POLICY,
    &unknown::UNKNOWN,
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The calculation request to send, JSON, comments allowed; `-` reads standard input. By default
    /// that of `ruapi osago template`, with invented people, whom a real partner may not insure
    #[arg(long, value_name = "FILE|-")]
    request: Option<Input>,
    /// Also confirm an offer, after wrong confirmations that have to be refused: it may make a contract
    #[arg(long)]
    confirm: bool,
    /// Check only this operation, asking of the others what it needs; may be repeated
    #[arg(long, value_name = "OPERATION", value_delimiter = ',', value_parser = operations())]
    only: Vec<String>,
    /// List all checks, their names, severities, places in the document, and send nothing
    #[arg(long)]
    list: bool,
    /// Ask for a calculation that is there already instead of starting one
    #[arg(long, value_name = "UUID", conflicts_with = "request")]
    request_id: Option<String>,
    /// Look at this offer only: a paid one, for example, whose policy is there
    #[arg(long, value_name = "ID", requires = "request_id")]
    offer_id: Option<String>,
    /// Where the customer's browser would go after a payment, in confirmations
    #[arg(long, value_name = "URL", default_value = "https://example.com/osago/success")]
    success_url: String,
    /// Where it would go after a failed one
    #[arg(long, value_name = "URL", default_value = "https://example.com/osago/failure")]
    failure_url: String,
    /// How long between two questions; by default 1 for a calculation, 5 for documents
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    wait_every: Option<Duration>,
    /// How long to wait for an end; by default 180 for a calculation, 300 for documents
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    wait_limit: Option<Duration>,
}

fn operations() -> PossibleValuesParser {
    PossibleValuesParser::new(OPERATIONS.map(|operation| operation.key))
}

impl Args {
    pub(super) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let format = context.global.format;
        if self.list {
            return report::list(&self.only(), format);
        }
        let request = match &self.request {
            Some(input) => input.read::<Value>()?,
            None => template::request(),
        };
        if !request.is_object() {
            return Err(Failure::input("the calculation request is no JSON object"));
        }
        self.refuse_malformed()?;
        let target = context.target().await?;
        let plan = Plan {
            only: self.only(),
            confirm: self.confirm,
            success_url: self.success_url.clone(),
            failure_url: self.failure_url.clone(),
            every: self.wait_every,
            limit: self.wait_limit,
            request,
            request_id: self.request_id.clone(),
            offer_id: self.offer_id.clone(),
            base_url: target.base_url.clone(),
            format,
        };
        let options = context.global.client_options();
        let partner = Partner::new(&target.base_url, target.credential, target.stranger, options);
        let partner = partner.map_err(|error| Failure::of(&error, None))?;
        let words = match &plan.request_id {
            None => Words::of(&plan.request),
            Some(_) => Words::default(),
        };
        let record = Record { words, ..Record::default() };
        let mut run = Run {
            request_id: plan.request_id.clone(),
            plan: &plan,
            partner,
            record,
            calculation: None,
            is_sound: false,
            is_confirmable: true,
            doubt: None,
            is_confirming: false,
            offers: Vec::new(),
        };
        announce::start(self, &plan, &target.base_url, format);
        let stop = interrupt::listen(|| {})?;
        let done = stop.or(check(&mut run)).await;
        done.unwrap_or_else(|| Err(stopped(run.is_confirming)))?;
        report::show(&mut run.record, format, &target.base_url)
    }

    /// The document's mistakes are to be the partner's.
    fn refuse_malformed(&self) -> Result<(), Failure> {
        let fits = |form: &Form, text: &str| form.fits(&Value::from(text));
        if self.request_id.as_ref().is_some_and(|id| !fits(&Form::Uuid, id)) {
            return Err(Failure::input("--request-id must be a UUID"));
        }
        if !fits(&Form::Url, &self.success_url) || !fits(&Form::Url, &self.failure_url) {
            return Err(Failure::input(
                "--success-url and --failure-url must be URLs with http:// or https://",
            ));
        }
        Ok(())
    }

    fn only(&self) -> Vec<&'static str> {
        let keys = OPERATIONS.map(|operation| operation.key).into_iter();
        keys.filter(|key| self.only.iter().any(|only| only == key)).collect()
    }
}

fn stopped(is_confirming: bool) -> Failure {
    let failure = Failure::interrupted("stopped, no report was made");
    match is_confirming {
        true => failure.with_advice("an offer may have been confirmed"),
        false => failure,
    }
}

/// All operations, each after those that it needs something of.
async fn check(run: &mut Run<'_>) -> Result<(), Failure> {
    unknown::refused(run).await?;
    let selects_any = |run: &Run<'_>, operations: &[&Operation]| {
        operations.iter().any(|operation| run.selects(operation))
    };
    let of_calculation = [&calculation::SHOW, &status::STATUS];
    let of_offer = [&offer::SHOW, &confirm::CONFIRM, &documents::DRAFT, &documents::POLICY];
    let needs_offers = selects_any(run, &of_offer) && run.plan.offer_id.is_none();
    let needs_end = selects_any(run, &of_calculation) || needs_offers;
    let is_started = run.request_id.is_some();
    if !is_started && (needs_end || run.selects(&calculate::CALCULATE)) {
        calculate::start(run).await?;
    }
    if !is_started {
        calculate::refused(run).await;
    }
    if needs_end {
        calculation::follow(run).await;
        status::check(run).await;
    }
    calculation::refused(run).await;
    status::refused(run).await;
    if selects_any(run, &of_offer) {
        offer::check(run).await;
    }
    offer::refused(run).await;
    confirm::refused(run).await;
    confirm::check(run).await;
    documents::draft(run).await;
    documents::policy(run).await;
    Ok(())
}
