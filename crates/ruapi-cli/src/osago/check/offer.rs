//! `GET osago/offer`: an offer as it stands.

use http::Method;
use serde_json::Value;

use super::answers::{ERRONEOUS, GOOD};
use super::offer_rules::{self, list};
use super::questions::{self, BY_OFFER, BY_REQUEST, without_offer};
use super::rule::{Check, Operation, Severity::Error};
use super::run::{Run, id};
use super::tables::OFFER;

const PLACE: &str = "GET osago/offer";
const OFFER_ID_ECHOED: Check =
    Check::new("offer_id_echoed", Error, PLACE, "the offer_id that was asked for");
const REPEAT: Check = Check::new(
    "repeat",
    Error,
    PLACE,
    "asked again, the same offer; its status, message and links may move on",
);

pub(super) static SHOW: Operation = Operation {
    key: "offer",
    name: "GET osago/offer",
    method: Method::GET,
    path: "osago/offer",
    answer: Some(&OFFER),
    checks: &[
        GOOD,
        &[OFFER_ID_ECHOED, REPEAT],
        offer_rules::CHECKS,
        BY_REQUEST,
        BY_OFFER,
        ERRONEOUS,
    ],
};

/// More offers tell nothing new.
const MOST: usize = 5;
/// What may be different a moment later.
const MOVING: &[&str] = &["status", "message", "draft_url", "payment_url"];

pub(super) async fn check(run: &mut Run<'_>) {
    let offers = run.calculation.as_ref().map(|calculation| list(calculation, "offers"));
    let mut ids: Vec<String> = match &run.plan.offer_id {
        Some(id) => vec![id.clone()],
        None => offers.unwrap_or_default().iter().filter_map(id).map(str::to_owned).collect(),
    };
    ids.truncate(MOST);
    if ids.is_empty() || run.request_id.is_none() {
        run.skip_all(&SHOW, GOOD, true, without_offer(run));
        return;
    }
    for offer_id in &ids {
        let Some(offer) = show(run, offer_id).await else { continue };
        if let Some(again) = show(run, offer_id).await {
            let is_same = but(&offer, MOVING) == but(&again, MOVING);
            run.judge(&SHOW, &REPEAT, is_same, || "something else".to_owned());
        }
        run.offers.push(offer);
    }
}

/// Asks for an offer and looks at it.
pub(super) async fn show(run: &mut Run<'_>, offer_id: &str) -> Option<Value> {
    let came = run.ask(&SHOW, Some(offer_id)).await;
    let body = run.good(&SHOW, &came)?;
    run.fields(&SHOW, &body);
    run.echo(&SHOW, &OFFER_ID_ECHOED, &body, offer_id);
    offer_rules::check(run, &SHOW, &body);
    Some(body)
}

/// An object without some of its fields, and without what is null, which is as good as absent.
pub(super) fn but(object: &Value, names: &[&str]) -> Value {
    let fields = object.as_object().into_iter().flatten();
    let kept = fields.filter(|(name, value)| !value.is_null() && !names.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

pub(super) async fn refused(run: &mut Run<'_>) {
    questions::refused(run, &SHOW).await;
}
