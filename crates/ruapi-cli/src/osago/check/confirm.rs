//! `POST osago/offer` (Подтверждение предложения ОСАГО): refused in every way in which it must be, and
//! then, only with `--confirm`, done.

use http::Method;
use serde_json::{Value, json};

use super::answers::{ERRONEOUS, GOOD, HTTP_STATUS, Refusal};
use super::ask::{Came, Who, order};
use super::calculate::remove;
use super::choices::{self, Choice};
use super::offer::{self, lasting};
use super::offer_rules;
use super::questions::{
    BAD_UUID, MISSING_OFFER_ID, MISSING_REQUEST_ID, NOBODY, STRANGER, UNKNOWN_REQUEST,
    without_offer,
};
use super::rule::{Check, Operation, Severity::Error};
use super::run::{NO_SUCH_OFFER, NOT_A_UUID, Run, id};
use super::tables::{CONFIRMED, FAILED, OFFER, PAID};
use super::{announce, too_large};
use crate::osago::template::uuid;

const OFFER_ID_ECHOED: Check = Check::new(
    "offer_id_echoed",
    Error,
    "confirm-offer#200-ok: offer_id",
    "the offer_id that was confirmed",
);
const SAME_AS_OFFER: Check = Check::new(
    "same_as_offer",
    Error,
    "GET osago/offer",
    "the same body as GET osago/offer afterwards; the status and the message may move on",
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

pub(super) static CONFIRM: Operation = Operation {
    key: "confirm",
    name: "POST osago/offer",
    method: Method::POST,
    path: "osago/offer",
    answer: Some(&OFFER),
    checks: &[
        GOOD,
        &[OFFER_ID_ECHOED, SAME_AS_OFFER],
        offer_rules::CHECKS,
        &[
            STRANGER.check,
            NOBODY.check,
            BAD_UUID.check,
            MISSING_REQUEST_ID.check,
            MISSING_OFFER_ID.check,
            UNKNOWN_REQUEST.check,
            NOT_JSON.check,
            too_large::TOO_LARGE,
        ],
        choices::CHECKS,
        ERRONEOUS,
    ],
};

const UNUSED: &str =
    "not all partners use it, and this one answers 404 to whatever is wrong with it";
const WITHOUT_CONFIRM: &str = "an offer is confirmed with --confirm only";
const NONE_OPEN: &str = "no offer can be confirmed any more";

/// A body that names no offer of the partner's, so that nothing can come of it.
fn harmless(run: &Run<'_>) -> Value {
    let none: [(&str, &str); 0] = [];
    body(run, &uuid(), NO_SUCH_OFFER, &none)
}

fn body(
    run: &Run<'_>,
    request_id: &str,
    offer_id: &str,
    upsales: &[(impl AsRef<str>, impl AsRef<str>)],
) -> Value {
    let upsales = upsales.iter().map(
        |(upsale, option)| json!({ "upsale_id": upsale.as_ref(), "option_id": option.as_ref() }),
    );
    json!({
        "request_id": request_id,
        "offer_id": offer_id,
        "return_urls": {
            "success_url": run.plan.success_url,
            "failure_url": run.plan.failure_url,
        },
        "upsales": upsales.collect::<Vec<_>>(),
    })
}

async fn send(run: &Run<'_>, who: Who, body: &Value) -> Came {
    run.partner.ask(who, &order(&CONFIRM, body.to_string())).await
}

/// What is refused whatever the offer: no offer is named that exists.
pub(super) async fn refused(run: &mut Run<'_>) {
    if !run.selects(&CONFIRM) {
        return;
    }
    let broken = run.partner.ask(Who::Agreed, &order(&CONFIRM, "{")).await;
    let empty = send(run, Who::Agreed, &json!({})).await;
    let is_missing = |came: &Came| came.as_ref().is_ok_and(|answer| answer.status() == 404);
    if is_missing(&broken) && is_missing(&empty) {
        run.is_confirmable = false;
        let wanted = run.plan.confirm || run.plan.only.contains(&CONFIRM.key);
        run.skip_all(&CONFIRM, &CONFIRM.checks.concat(), wanted, UNUSED);
        return;
    }
    run.refused(&CONFIRM, &NOT_JSON, "", &broken);
    for (refusal, who, request_id) in [
        (STRANGER, Who::Stranger, Some(uuid())),
        (NOBODY, Who::Nobody, Some(uuid())),
        (BAD_UUID, Who::Agreed, Some(NOT_A_UUID.to_owned())),
        (MISSING_REQUEST_ID, Who::Agreed, None),
        (UNKNOWN_REQUEST, Who::Agreed, Some(uuid())),
    ] {
        if !run.may_ask_as(&CONFIRM, &refusal.check, who) {
            continue;
        }
        let mut body = harmless(run);
        body["request_id"] = json!(request_id);
        if request_id.is_none() {
            remove(&mut body, &["request_id"]);
        }
        let came = send(run, who, &body).await;
        run.refused(&CONFIRM, &refusal, &request_id.unwrap_or_default(), &came);
    }
    let mut body = harmless(run);
    let request_id = uuid();
    body["request_id"] = json!(request_id);
    remove(&mut body, &["offer_id"]);
    let came = send(run, Who::Agreed, &body).await;
    run.refused(&CONFIRM, &MISSING_OFFER_ID, &request_id, &came);
    // Whoever takes it may have chosen an offer himself.
    run.doubt = may_be_confirmed(&came);
    too_large::check(run, &CONFIRM).await;
}

/// Tries every wrong choice of upsales, then confirms one offer.
pub(super) async fn check(run: &mut Run<'_>) {
    if !run.selects(&CONFIRM) || !run.is_confirmable {
        return;
    }
    let (reason, wanted) = match (run.plan.confirm, run.doubt) {
        (false, _) => (WITHOUT_CONFIRM, false),
        (true, Some(doubt)) => (doubt, true),
        (true, None) if !open_offers(run).is_empty() => return confirm(run).await,
        (true, None) if !run.offers.is_empty() => (NONE_OPEN, true),
        (true, None) => (without_offer(run), true),
    };
    run.skip_all(&CONFIRM, choices::CHECKS, wanted, reason);
    run.skip_all(&CONFIRM, &[HTTP_STATUS, SAME_AS_OFFER], wanted, reason);
}

/// The offers that can still be confirmed.
fn open_offers(run: &Run<'_>) -> Vec<Value> {
    let is_open = |offer: &&Value| {
        let is_past = |status| [FAILED, CONFIRMED, PAID].concat().contains(&status);
        !offer["status"].as_str().is_some_and(is_past) && id(offer).is_some()
    };
    run.offers.iter().filter(is_open).cloned().collect()
}

/// Why nothing more is confirmed after this end of a wrong confirmation: there may be a contract already.
fn may_be_confirmed(came: &Came) -> Option<&'static str> {
    match came {
        Ok(answer) if answer.is_success() => Some("a wrong confirmation was accepted before"),
        // A redirect is no refusal: it may follow what was done.
        Ok(answer) => {
            let is_refusal = (400..500).contains(&answer.status()) && answer.status() != 408;
            (!is_refusal).then_some(MAYBE_ACCEPTED)
        }
        Err(error) => error.maybe_processed().then_some(MAYBE_ACCEPTED),
    }
}

const MAYBE_ACCEPTED: &str = "a wrong confirmation may have been accepted before";

async fn confirm(run: &mut Run<'_>) {
    let Some(request_id) = run.request_id.clone() else { return };
    run.is_confirming = true;
    let offers = open_offers(run);
    for choice in choices::ALL {
        let found = offers.iter().find_map(|offer| Some((id(offer)?, (choice.make)(offer)?)));
        let Some((offer_id, upsales)) = found else {
            run.skip(&CONFIRM, &choice.refusal.check, false, choice.missing);
            continue;
        };
        let body = body(run, &request_id, offer_id, &upsales);
        let came = send(run, Who::Agreed, &body).await;
        run.refused(&CONFIRM, &choice.refusal, &request_id, &came);
        if let Some(reason) = may_be_confirmed(&came) {
            let rest = [HTTP_STATUS, SAME_AS_OFFER];
            let others = choices::ALL.iter().map(|choice: &Choice| choice.refusal.check);
            run.skip_all(&CONFIRM, &others.chain(rest).collect::<Vec<_>>(), true, reason);
            return;
        }
    }
    let chosen = offers.iter().find_map(|offer| Some((id(offer)?, choices::right(offer)?)));
    let Some((offer_id, upsales)) = chosen else {
        let reason = "the upsales that are required are not compatible with one another";
        run.skip_all(&CONFIRM, &[HTTP_STATUS, SAME_AS_OFFER], true, reason);
        return;
    };
    announce::confirmation(run, &request_id, offer_id, &upsales);
    let came = send(run, Who::Agreed, &body(run, &request_id, offer_id, &upsales)).await;
    let Some(confirmed) = run.good(&CONFIRM, &came) else { return };
    let is_sound = run.fields(&CONFIRM, &confirmed);
    run.echo(&CONFIRM, &OFFER_ID_ECHOED, &confirmed, offer_id);
    offer_rules::check(run, &CONFIRM, &confirmed);
    let Some((mut afterwards, is_known)) = offer::show(run, offer_id).await else { return };
    // The identifier is another check's matter.
    const MOVING: &[&str] = &["offer_id", "status", "message"];
    if is_sound && is_known {
        let is_same = lasting(&confirmed, MOVING) == lasting(&afterwards, MOVING);
        run.judge(&CONFIRM, &SAME_AS_OFFER, is_same, || "something else".to_owned());
    }
    // What follows is asked of the offer that is confirmed.
    afterwards["offer_id"] = offer_id.into();
    run.offers = vec![afterwards];
}
