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
        let Some((mut offer, _)) = show(run, offer_id).await else { continue };
        if let Some((again, _)) = show(run, offer_id).await {
            let is_same = lasting(&offer, MOVING) == lasting(&again, MOVING);
            run.judge(&SHOW, &REPEAT, is_same, || "something else".to_owned());
        }
        // Whatever it calls itself.
        offer["offer_id"] = offer_id.as_str().into();
        run.offers.push(offer);
    }
}

/// Asks for an offer and looks at it; `false`: some field is not as documented.
pub(super) async fn show(run: &mut Run<'_>, offer_id: &str) -> Option<(Value, bool)> {
    let came = run.ask(&SHOW, Some(offer_id)).await;
    let body = run.good(&SHOW, &came)?;
    let is_sound = run.fields(&SHOW, &body);
    run.echo(&SHOW, &OFFER_ID_ECHOED, &body, offer_id);
    offer_rules::check(run, &SHOW, &body);
    Some((body, is_sound))
}

/// What is documented of an offer and does not move. Null is as good as absent.
pub(super) fn lasting<'a>(offer: &'a Value, moving: &[&str]) -> Vec<(&'static str, &'a Value)> {
    let names = OFFER.fields.iter().map(|field| field.name);
    let names = names.filter(|name| !moving.contains(name));
    let fields = names.filter_map(|name| Some((name, offer.get(name)?)));
    fields.filter(|(_, value)| !value.is_null()).collect()
}

pub(super) async fn refused(run: &mut Run<'_>) {
    questions::refused(run, &SHOW).await;
}
