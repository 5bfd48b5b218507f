//! Saved answers of the Cherehapa API.

mod input;
mod order;
mod quote;

use std::fmt::Display;

use clap::Subcommand;

use crate::exit::Failure;
use crate::global::Format;
use crate::output::Plain;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show what insurers offer for a trip: a saved answer of `/v2/quote`
    ///
    /// For each company its best matching product (the highest `matchRating`), best first.
    Quote(quote::Args),
    /// Show where an order stands and what to do next: a saved answer about an order
    ///
    /// Done or not is told by the task's `completeness` alone; the document calls the flags unreliable.
    Order(order::Args),
}

impl Command {
    pub(crate) fn run(&self, format: Format) -> Result<u8, Failure> {
        match self {
            Self::Quote(args) => args.run(format),
            Self::Order(args) => args.run(format),
        }
    }
}

const ABSENT: &str = "-";

/// What the service says, fit for a terminal; an absent value is a dash.
fn cell(value: Option<impl Display>) -> String {
    let value = value.map(|value| value.to_string()).unwrap_or_default();
    match value.trim() {
        "" => ABSENT.to_owned(),
        value => Plain(value).to_string(),
    }
}
