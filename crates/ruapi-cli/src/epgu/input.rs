//! What several commands take.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use chrono::{DateTime, FixedOffset, Utc};
use epgu_gusmev::{Meta, OrderId};

use super::session::failed;
use crate::date::from_moment;
use crate::exit::Failure;

/// The application's number.
pub(super) fn order_id(text: &str) -> Result<OrderId, String> {
    text.parse::<OrderId>()
        .map_err(|_| "expected the number of an application, from 1 on".to_owned())
}

/// Which service an application is for (table 6).
#[derive(clap::Args)]
pub(super) struct Service {
    /// The OKATO code of where the applicant is (ОКАТО местоположения), digits
    #[arg(long, value_name = "DIGITS")]
    region: String,
    /// The code of the form at EPGU (Код интерактивной формы)
    #[arg(long, value_name = "CODE")]
    service: String,
    /// The code of the service's purpose in the register of services (Код цели обращения в ФРГУ)
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    target: String,
}

impl Service {
    pub(super) fn meta(&self) -> Result<Meta, Failure> {
        Meta::new(&self.region, &self.service, &self.target).map_err(failed)
    }
}

/// A moment with its zone, or one of Moscow.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, &'static str> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    let moscow = FixedOffset::east_opt(3 * 3600).ok_or("there is no such zone")?;
    let moment = from_moment(text)?.and_local_timezone(moscow).single();
    Ok(moment.ok_or("there is no such moment")?.to_utc())
}

/// Applications that are named one by one and in a file, each once.
pub(super) fn listed(orders: &[OrderId], from: Option<&Path>) -> Result<Vec<OrderId>, Failure> {
    let mut all = orders.to_vec();
    if let Some(path) = from {
        let text = match path == Path::new("-") {
            true => io::read_to_string(io::stdin()),
            false => std::fs::read_to_string(path),
        };
        let text = text.map_err(|error| Failure::local("the list of applications", &error))?;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_start_matches('\u{feff}').trim();
            if !line.is_empty() {
                let wrong = |problem| Failure::input(format!("line {}: {problem}", number + 1));
                all.push(order_id(line).map_err(wrong)?);
            }
        }
    }
    let mut seen = BTreeSet::new();
    all.retain(|order| seen.insert(*order));
    match all.is_empty() {
        true => Err(Failure::input("no application is named: give numbers, or --from FILE")),
        false => Ok(all),
    }
}
