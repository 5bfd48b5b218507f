//! `ruapi osago template`: a calculation request to begin with.

use std::time::SystemTime;

use cherehapa_types::relaxed;
use chrono::{DateTime, Days, FixedOffset, Utc};
use serde_json::Value;

use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output;

/// With remarks, and names in place of what is different each time.
const TEMPLATE: &str = include_str!("template.jsonc");
/// Policies begin in some days at the earliest.
const AHEAD: Days = Days::new(7);

pub(super) fn print(format: Format) -> Result<u8, Failure> {
    match format {
        Format::Human => output::line(text().trim_end())?,
        Format::Json => output::line(&output::to_json(&request()))?,
    }
    Ok(exit::OK)
}

/// The request as it is sent.
pub(crate) fn request() -> Value {
    serde_json::from_str(&relaxed(&text())).expect("the template is JSON with remarks")
}

fn text() -> String {
    TEMPLATE.replace("REQUEST_ID", &uuid()).replace("POLICY_START_DATE", &start())
}

/// The beginning of a day to come, in Moscow.
fn start() -> String {
    let moscow = FixedOffset::east_opt(3 * 3600).expect("a zone");
    let today = DateTime::<Utc>::from(SystemTime::now()).with_timezone(&moscow).date_naive();
    let day = today.checked_add_days(AHEAD).unwrap_or(today);
    format!("{day}T00:00:00+03:00")
}

/// A new identifier, as nobody else has it: a UUID of version 4.
pub(super) fn uuid() -> String {
    let random = fastrand::u128(..);
    let version = random & !(0xf << 76) | 0x4 << 76;
    let variant = version & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{variant:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use osago_offer::{CalculationRequest, Client, Credential};

    use super::*;

    #[test]
    fn the_template_is_a_good_request_each_time_another() {
        let request: CalculationRequest = serde_json::from_value(request()).expect("a request");
        let client = Client::new("http://127.0.0.1/", Credential::none()).expect("a client");
        client.calculate(request.clone()).request().expect("nothing to complain about");
        let fields = serde_json::to_string(&request).expect("JSON");
        assert!(!fields.contains("REQUEST_ID") && !fields.contains("DATE\""), "{fields}");
        let known = [&uuid(), &uuid()].map(|id| (id.as_bytes()[14], id.len()));
        assert_eq!(known, [(b'4', 36); 2]);
        assert_ne!(uuid(), uuid());
    }
}
