//! Runs of `check-partner`, what they report, and what can be broken.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Answer, Asked, Partner, TOKEN};
use crate::common::{Done, ruapi, run};

pub(crate) const CALCULATE: &str = "POST osago/calculate";
pub(crate) const CALCULATION: &str = "GET osago/calculate";
pub(crate) const STATUS: &str = "GET osago/calculate/status";
pub(crate) const OFFER: &str = "GET osago/offer";
pub(crate) const CONFIRM: &str = "POST osago/offer";
pub(crate) const DRAFT: &str = "GET osago/offer/draft";
pub(crate) const POLICY: &str = "GET osago/offer/policy";

pub(crate) fn check(partner: &Partner, words: &[&str]) -> Done {
    let mut command = ruapi(&["osago", "check-partner", "--base-url", &partner.url]);
    command.args(["--wait-every", "0.01"]).args(words).env("RUAPI_OSAGO_TOKEN", TOKEN);
    run(&mut command)
}

pub(crate) fn report(partner: &Partner, words: &[&str]) -> (Option<i32>, Value) {
    let done = check(partner, &[words, &["--format", "json"]].concat());
    (done.code, done.json())
}

/// The names of all that deviates.
pub(crate) fn deviations(report: &Value) -> BTreeSet<String> {
    let operations = report["operations"].as_array().expect("operations").iter();
    let deviations =
        operations.flat_map(|operation| operation["deviations"].as_array().expect("deviations"));
    deviations.map(|one| one["check"].as_str().expect("a name").to_owned()).collect()
}

pub(crate) fn not_made(report: &Value) -> BTreeSet<String> {
    let operations = report["operations"].as_array().expect("operations").iter();
    let checks = operations.flat_map(|operation| operation["not_made"].as_array().expect("a list"));
    checks.map(|one| one["check"].as_str().expect("a name").to_owned()).collect()
}

pub(crate) fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Whether it is this operation with this status.
pub(crate) fn is(asked: &Asked, answer: &Answer, operation: &str, status: u16) -> bool {
    asked.operation == operation && answer.status == status
}

/// Sets what is at a place of a good answer.
pub(crate) fn set(
    asked: &Asked,
    answer: &mut Answer,
    operation: &str,
    pointer: &str,
    value: Value,
) {
    if is(asked, answer, operation, 200) {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        match answer.body.pointer_mut(parent) {
            Some(Value::Object(object)) => drop(object.insert(key.to_owned(), value)),
            Some(Value::Array(list)) if !list.is_empty() => list[0] = value,
            _ => {}
        }
    }
}

/// Another status and body.
pub(crate) fn turn(answer: &mut Answer, status: u16, body: Value) {
    (answer.status, answer.body) = (status, body);
}
