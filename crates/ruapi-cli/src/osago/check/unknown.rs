//! What is no operation.

use http::Method;
use osago_offer::{Kind, Request};

use super::answers::{ERRONEOUS, Refusal};
use super::ask::{Who, question};
use super::rule::{Check, Operation, Severity::Error};
use super::run::Run;
use crate::exit::Failure;

const PATH: Refusal = Refusal {
    check: Check::new("path", Error, "responce-codes: 404", "HTTP 404 to an unknown path"),
    statuses: &[404],
    property: None,
};
const METHOD: Refusal = Refusal {
    check: Check::new(
        "method",
        Error,
        "responce-codes: 404",
        "HTTP 404 or 405 to PUT osago/calculate/status",
    ),
    statuses: &[404, 405],
    property: None,
};

pub(super) static UNKNOWN: Operation = Operation {
    key: "unknown",
    name: "unknown operations",
    method: Method::GET,
    path: "osago/no-such-operation",
    answer: None,
    checks: &[&[PATH.check, METHOD.check], ERRONEOUS],
};

/// An operation that exists, by a method that it does not have.
static BY_PUT: Operation = Operation {
    key: "unknown",
    name: "PUT osago/calculate/status",
    method: Method::PUT,
    path: "osago/calculate/status",
    answer: None,
    checks: &[],
};

/// Also the first that is sent: a partner that cannot be reached is no partner with deviations.
pub(super) async fn refused(run: &mut Run<'_>) -> Result<(), Failure> {
    let first = Request::new("the partner", UNKNOWN.method.clone(), UNKNOWN.path);
    let came = run.partner.ask(Who::Agreed, &first).await;
    match &came {
        Err(error) if error.kind() == Kind::Connect => return Err(Failure::of(error, None)),
        _ => {}
    }
    if run.selects(&UNKNOWN) {
        run.refused(&UNKNOWN, &PATH, "", &came);
        let came = run.partner.ask(Who::Agreed, &question(&BY_PUT, &[])).await;
        run.refused(&UNKNOWN, &METHOD, "", &came);
    }
    Ok(())
}
