//! `GET osago/offer/draft` and `GET osago/offer/policy`: the documents.

use http::Method;
use serde_json::Value;

use super::answers::{ERRONEOUS, GOOD};
use super::offer;
use super::questions::{self, BY_OFFER, BY_REQUEST, without_offer};
use super::rule::{Check, Operation, Severity::Error};
use super::run::{Patience, Run};
use super::tables::{DRAFT as DRAFT_TABLE, PAID, POLICY as POLICY_TABLE};

const DRAFT_PLACE: &str = "GET osago/offer/draft";
const POLICY_PLACE: &str = "GET osago/offer/policy";
const REQUEST_ID_ECHOED: Check = Check::new(
    "request_id_echoed",
    Error,
    "GET osago/offer/draft and policy",
    "the request_id that was asked for",
);
const OFFER_ID_ECHOED: Check = Check::new(
    "offer_id_echoed",
    Error,
    "GET osago/offer/draft and policy",
    "the offer_id that was asked for",
);
const TIME: Check = Check::new("time", Error, DRAFT_PLACE, "the status success within 5 minutes");
const DRAFT_DOCUMENT: Check =
    Check::new("document", Error, DRAFT_PLACE, "a file or a url with the status success");
const REPEAT: Check = Check::new("repeat", Error, DRAFT_PLACE, "asked again, success once more");
const AGREES: Check =
    Check::new("agrees", Error, POLICY_PLACE, "the offer's status, as GET osago/offer tells it");
const POLICY_DOCUMENT: Check = Check::new(
    "document",
    Error,
    POLICY_PLACE,
    "a file or a url within 5 minutes once the offer is paid",
);

pub(super) static DRAFT: Operation = Operation {
    key: "draft",
    name: "GET osago/offer/draft",
    method: Method::GET,
    path: "osago/offer/draft",
    answer: Some(&DRAFT_TABLE),
    checks: &[
        GOOD,
        &[REQUEST_ID_ECHOED, OFFER_ID_ECHOED, TIME, DRAFT_DOCUMENT, REPEAT],
        BY_REQUEST,
        BY_OFFER,
        ERRONEOUS,
    ],
};

pub(super) static POLICY: Operation = Operation {
    key: "policy",
    name: "GET osago/offer/policy",
    method: Method::GET,
    path: "osago/offer/policy",
    answer: Some(&POLICY_TABLE),
    checks: &[
        GOOD,
        &[REQUEST_ID_ECHOED, OFFER_ID_ECHOED, AGREES, POLICY_DOCUMENT],
        BY_REQUEST,
        BY_OFFER,
        ERRONEOUS,
    ],
};

/// Every 5 seconds for at most 5 minutes.
const EVERY: u64 = 5;
const LIMIT: u64 = 300;

/// The offer that is asked for; what cannot be checked without one is noted.
fn subject(run: &mut Run<'_>, operation: &'static Operation) -> Option<(String, String)> {
    if !run.selects(operation) {
        return None;
    }
    let subject = run.request_id.clone().zip(run.offer_id().map(str::to_owned));
    if subject.is_none() {
        run.skip_all(operation, GOOD, true, without_offer(run));
    }
    subject
}

/// Asks once, and looks at what both documents have; `false`: some field is not as documented.
async fn ask(
    run: &mut Run<'_>,
    operation: &'static Operation,
    (request_id, offer_id): &(String, String),
) -> Option<(Value, bool)> {
    let came = run.ask(operation, Some(offer_id)).await;
    let body = run.good(operation, &came)?;
    let is_sound = run.fields(operation, &body);
    run.echo(operation, &REQUEST_ID_ECHOED, &body, request_id);
    run.echo(operation, &OFFER_ID_ECHOED, &body, offer_id);
    Some((body, is_sound))
}

fn has_document(body: &Value) -> bool {
    !body["file"].is_null() || !body["url"].is_null()
}

pub(super) async fn draft(run: &mut Run<'_>) {
    if let Some(subject) = subject(run, &DRAFT) {
        follow_draft(run, &subject).await;
    }
    questions::refused(run, &DRAFT).await;
}

async fn follow_draft(run: &mut Run<'_>, subject: &(String, String)) {
    let patience = Patience::new(run, EVERY, LIMIT);
    loop {
        let Some((body, _)) = ask(run, &DRAFT, subject).await else { return };
        match body["status"].as_str() {
            Some("success") => {
                run.judge(&DRAFT, &TIME, true, String::new);
                let is_there = has_document(&body);
                run.judge(&DRAFT, &DRAFT_DOCUMENT, is_there, || "neither".to_owned());
                break;
            }
            Some("inProcess") => {}
            // A deviation by itself.
            _ => return,
        }
        if !patience.wait().await {
            run.judge(&DRAFT, &TIME, false, || "inProcess in all this time".to_owned());
            return;
        }
    }
    let Some((again, _)) = ask(run, &DRAFT, subject).await else { return };
    let is_same = again["status"] == "success";
    run.judge(&DRAFT, &REPEAT, is_same, || "another status".to_owned());
}

pub(super) async fn policy(run: &mut Run<'_>) {
    if let Some(subject) = subject(run, &POLICY) {
        follow_policy(run, &subject).await;
    }
    questions::refused(run, &POLICY).await;
}

async fn follow_policy(run: &mut Run<'_>, subject: &(String, String)) {
    let before = run.offers.first().cloned();
    let Some((mut body, is_sound)) = ask(run, &POLICY, subject).await else { return };
    // It may have moved on in between.
    let after = offer::show(run, &subject.1).await;
    let told = &body["status"];
    if let (Some((after, true)), true) = (after, is_sound) {
        let agrees = |offer: &Value| offer["status"] == *told;
        let is_right = before.iter().chain([&after]).any(agrees);
        run.judge(&POLICY, &AGREES, is_right, || "another one".to_owned());
    }
    if !told.as_str().is_some_and(|status| PAID.contains(&status)) {
        run.skip(&POLICY, &POLICY_DOCUMENT, false, "the offer is not paid");
        return;
    }
    let patience = Patience::new(run, EVERY, LIMIT);
    while !has_document(&body) {
        if !patience.wait().await {
            run.judge(&POLICY, &POLICY_DOCUMENT, false, || "neither in all this time".to_owned());
            return;
        }
        let Some((next, _)) = ask(run, &POLICY, subject).await else { return };
        body = next;
    }
    run.judge(&POLICY, &POLICY_DOCUMENT, true, String::new);
}
