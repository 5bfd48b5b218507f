//! `POST osago/calculate`: a calculation is started.

use http::Method;
use serde_json::Value;

use super::answers::{ERRONEOUS, GOOD, Refusal};
use super::ask::{Answer, Who, order};
use super::questions::{BAD_UUID, MISSING_REQUEST_ID, NOBODY, STRANGER};
use super::rule::{Check, Operation, Severity::Error};
use super::run::{NOT_A_UUID, Run};
use super::tables::STARTED;
use super::too_large;
use crate::exit::Failure;
use crate::osago::access::ADVICE;
use crate::osago::template::uuid;

const REQUEST_ID_ECHOED: Check = Check::new(
    "request_id_echoed",
    Error,
    "POST osago/calculate, answer",
    "the request_id that was sent",
);
const NOT_JSON: Refusal = Refusal {
    check: Check::new(
        "not_json",
        Error,
        "responce-codes: 400",
        "HTTP 400 to a body that breaks off",
    ),
    statuses: &[400],
    property: None,
};
const MISSING_VEHICLE_ID: Refusal = Refusal {
    check: Check::new(
        "missing_vehicle_id",
        Error,
        "responce-codes: 400",
        "HTTP 400 without vin, body_number and chassis_number, of which one is needed",
    ),
    statuses: &[400],
    property: Some("vehicle"),
};

pub(super) static CALCULATE: Operation = Operation {
    key: "calculate",
    name: "POST osago/calculate",
    method: Method::POST,
    path: "osago/calculate",
    answer: Some(&STARTED),
    checks: &[
        GOOD,
        &[REQUEST_ID_ECHOED],
        &[
            STRANGER.check,
            NOBODY.check,
            BAD_UUID.check,
            MISSING_REQUEST_ID.check,
            MISSING_VEHICLE_ID.check,
            NOT_JSON.check,
            too_large::TOO_LARGE,
        ],
        ERRONEOUS,
    ],
};

/// A request that is to be refused.
struct Wrong {
    refusal: Refusal,
    who: Who,
    /// Makes it wrong.
    change: fn(&mut Value),
}

const WRONG: &[Wrong] = &[
    Wrong { refusal: STRANGER, who: Who::Stranger, change: |_| {} },
    Wrong { refusal: NOBODY, who: Who::Nobody, change: |_| {} },
    Wrong {
        refusal: BAD_UUID,
        who: Who::Agreed,
        change: |request| request["request_id"] = NOT_A_UUID.into(),
    },
    Wrong {
        refusal: MISSING_REQUEST_ID,
        who: Who::Agreed,
        change: |request| remove(request, &["request_id"]),
    },
    Wrong {
        refusal: MISSING_VEHICLE_ID,
        who: Who::Agreed,
        change: |request| {
            remove(&mut request["vehicle"], &["vin", "body_number", "chassis_number"]);
        },
    },
];

/// Takes fields out of an object.
pub(super) fn remove(object: &mut Value, names: &[&str]) {
    if let Some(object) = object.as_object_mut() {
        object.retain(|name, _| !names.contains(&&**name));
    }
}

/// Starts the calculation that all others ask for.
pub(super) async fn start(run: &mut Run<'_>) -> Result<(), Failure> {
    let request_id = uuid();
    let mut request = run.plan.request.clone();
    request["request_id"] = request_id.as_str().into();
    let came = run.partner.ask(Who::Agreed, &order(&CALCULATE, request.to_string())).await;
    if let Some(status @ (401 | 403)) = came.as_ref().ok().map(Answer::status) {
        let text = format!("the partner refuses the credential (HTTP {status})");
        return Err(Failure::credential(text).with_advice(ADVICE));
    }
    let Some(body) = run.good(&CALCULATE, &came) else { return Ok(()) };
    run.fields(&CALCULATE, &body);
    run.echo(&CALCULATE, &REQUEST_ID_ECHOED, &body, &request_id);
    run.request_id = Some(request_id);
    Ok(())
}

pub(super) async fn refused(run: &mut Run<'_>) {
    if !run.selects(&CALCULATE) {
        return;
    }
    for wrong in WRONG {
        if !run.may_ask_as(&CALCULATE, &wrong.refusal.check, wrong.who) {
            continue;
        }
        let mut request = run.plan.request.clone();
        request["request_id"] = uuid().into();
        (wrong.change)(&mut request);
        let came = run.partner.ask(wrong.who, &order(&CALCULATE, request.to_string())).await;
        let sent = request["request_id"].as_str().unwrap_or_default().to_owned();
        run.refused(&CALCULATE, &wrong.refusal, &sent, &came);
    }
    let came = run.partner.ask(Who::Agreed, &order(&CALCULATE, "{")).await;
    run.refused(&CALCULATE, &NOT_JSON, "", &came);
    too_large::check(run, &CALCULATE).await;
}
