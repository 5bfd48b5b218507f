//! What the document says of an offer beyond its fields, wherever one is answered.

use std::collections::HashSet;

use serde_json::Value;

use super::rule::{Check, Operation, Severity};
use super::run::Run;
use Severity::{Error, Warning};

const PAYMENT_LINK: Check = Check::new(
    "payment_link",
    Error,
    "confirm-offer#offerstatus: PAYMENT_READY",
    "a payment_url in the status PAYMENT_READY, which means that the link is there",
);
const UPSALE_IDS: Check =
    Check::new("upsale_ids", Error, "confirm-offer#upsaleinfo: id", "each upsale's id once");
const OPTION_IDS: Check =
    Check::new("option_ids", Error, "confirm-offer#upsaleoption: id", "each option's id once");
const ONE_DEFAULT: Check = Check::new(
    "one_default",
    Warning,
    "confirm-offer#upsaleoption: is_default",
    "one default option of an upsale at most, since one may be chosen",
);
const REQUIRED_OPTIONS: Check = Check::new(
    "required_options",
    Error,
    "confirm-offer#upsaleinfo: is_required",
    "options of an upsale that is required",
);

pub(super) const CHECKS: &[Check] =
    &[PAYMENT_LINK, UPSALE_IDS, OPTION_IDS, ONE_DEFAULT, REQUIRED_OPTIONS];

pub(super) fn check(run: &mut Run<'_>, operation: &'static Operation, offer: &Value) {
    if offer["status"] == "PAYMENT_READY" {
        let is_there = !offer["payment_url"].is_null();
        run.judge(operation, &PAYMENT_LINK, is_there, || "no `payment_url`".to_owned());
    }
    let upsales = list(offer, "upsales");
    run.judge(operation, &UPSALE_IDS, are_once(upsales), || "one of them twice".to_owned());
    for upsale in upsales {
        let options = list(upsale, "options");
        let defaults = options.iter().filter(|option| option["is_default"] == true).count();
        run.judge(operation, &OPTION_IDS, are_once(options), || "one of them twice".to_owned());
        run.judge(operation, &ONE_DEFAULT, defaults <= 1, || format!("{defaults} of them"));
        if upsale["is_required"] == true && is_list(upsale, "options") {
            run.judge(operation, &REQUIRED_OPTIONS, !options.is_empty(), || "none".to_owned());
        }
    }
}

/// The objects in a list; nothing where there is no list.
pub(super) fn list<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether there is a list, or nothing. Something else is another check's matter.
pub(super) fn is_list(object: &Value, name: &str) -> bool {
    object[name].is_array() || object[name].is_null()
}

fn are_once(items: &[Value]) -> bool {
    let mut known = HashSet::new();
    items.iter().all(|item| item["id"].is_null() || known.insert(item["id"].to_string()))
}
