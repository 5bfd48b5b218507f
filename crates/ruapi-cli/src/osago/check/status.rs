//! `GET osago/calculate/status`: where the calculation and its offers stand.

use http::Method;
use serde_json::Value;

use super::answers::{ERRONEOUS, GOOD};
use super::calculation;
use super::offer_rules::list;
use super::questions::{self, BY_REQUEST};
use super::rule::{Check, Operation, Severity::Error};
use super::run::{NO_REQUEST, Run};
use super::tables::STATE;

const PLACE: &str = "GET osago/calculate/status";
const REQUEST_ID_ECHOED: Check =
    Check::new("request_id_echoed", Error, PLACE, "the request_id that was asked for");
const AGREES: Check = Check::new(
    "agrees",
    Error,
    PLACE,
    "the statuses of the calculation and its offers as GET osago/calculate tells them",
);

pub(super) static STATUS: Operation = Operation {
    key: "status",
    name: "GET osago/calculate/status",
    method: Method::GET,
    path: "osago/calculate/status",
    answer: Some(&STATE),
    checks: &[GOOD, &[REQUEST_ID_ECHOED, AGREES], BY_REQUEST, ERRONEOUS],
};

/// Asks, and asks for the calculation once more: statuses may move on in between.
pub(super) async fn check(run: &mut Run<'_>) {
    let state = state(run).await;
    let before = run.calculation.clone();
    calculation::again(run).await;
    let (Some(state), Some(before), true) = (state, before, run.is_sound) else { return };
    let told = statuses(&state, "offer_status");
    let calculations = [Some(before), run.calculation.clone()];
    let agrees = |calculation: &Value| statuses(calculation, "status") == told;
    let is_right = calculations.iter().flatten().any(agrees);
    run.judge(&STATUS, &AGREES, is_right, || "others".to_owned());
}

/// Gives what is sound.
async fn state(run: &mut Run<'_>) -> Option<Value> {
    if !run.selects(&STATUS) {
        return None;
    }
    let Some(request_id) = run.request_id.clone() else {
        run.skip_all(&STATUS, GOOD, true, NO_REQUEST);
        return None;
    };
    let came = run.ask(&STATUS, None).await;
    let body = run.good(&STATUS, &came)?;
    let is_sound = run.fields(&STATUS, &body);
    run.echo(&STATUS, &REQUEST_ID_ECHOED, &body, &request_id);
    Some(body).filter(|_| is_sound)
}

/// The calculation's status, and those of its offers in the order of their identifiers.
fn statuses(body: &Value, name: &str) -> (Value, Vec<(String, Value)>) {
    let offers = list(body, "offers").iter();
    let mut offers: Vec<(String, Value)> =
        offers.map(|offer| (offer["offer_id"].to_string(), offer[name].clone())).collect();
    offers.sort_by(|one, other| one.0.cmp(&other.0));
    (body["status"].clone(), offers)
}

pub(super) async fn refused(run: &mut Run<'_>) {
    questions::refused(run, &STATUS).await;
}
