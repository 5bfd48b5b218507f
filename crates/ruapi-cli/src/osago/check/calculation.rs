//! `GET osago/calculate`: the calculation with its offers, asked for until its end.

use http::Method;
use serde_json::Value;

use super::answers::{ERRONEOUS, GOOD};
use super::offer_rules::{self, is_list, list};
use super::questions::{self, BY_REQUEST};
use super::rule::{Check, Operation, Severity::Error};
use super::run::{NO_REQUEST, Patience, Run, id};
use super::tables::{CALCULATION, CALCULATION_STATUS, CALCULATION_UNDER_WAY, UNDER_WAY};

const PLACE: &str = "GET osago/calculate";
const REQUEST_ID_ECHOED: Check =
    Check::new("request_id_echoed", Error, PLACE, "the request_id that was asked for");
const TIME: Check = Check::new(
    "time",
    Error,
    PLACE,
    "an end (CALCULATION_READY, NO_CALCULATION_AVAILABLE, CALCULATION_ERROR) within 3 minutes",
);
const OFFERS: Check =
    Check::new("has_offers", Error, PLACE, "at least one offer with CALCULATION_READY");
const OFFER_IDS: Check = Check::new("offer_ids", Error, PLACE, "each offer_id once");
const REPEAT: Check = Check::new(
    "repeat",
    Error,
    PLACE,
    "asked again, the same status, offers and prices; statuses of offers may move on",
);

pub(super) static SHOW: Operation = Operation {
    key: "calculation",
    name: "GET osago/calculate",
    method: Method::GET,
    path: "osago/calculate",
    answer: Some(&CALCULATION),
    checks: &[
        GOOD,
        &[REQUEST_ID_ECHOED, TIME, OFFERS, OFFER_IDS, REPEAT],
        offer_rules::CHECKS,
        BY_REQUEST,
        ERRONEOUS,
    ],
};

/// Once a second for at most 3 minutes.
const EVERY: u64 = 1;
const LIMIT: u64 = 180;

/// Asks until the end.
pub(super) async fn follow(run: &mut Run<'_>) {
    let Some(request_id) = run.request_id.clone() else {
        run.skip_all(&SHOW, GOOD, true, NO_REQUEST);
        return;
    };
    let patience = Patience::new(run, EVERY, LIMIT);
    let mut is_told = true;
    loop {
        if !patience.wait().await {
            match is_told {
                true => drop(run.judge(&SHOW, &TIME, false, || "no end in this time".to_owned())),
                false => run.skip(&SHOW, &TIME, true, "its status is none of the document's"),
            }
            return;
        }
        let came = run.ask(&SHOW, None).await;
        let Some(body) = run.good(&SHOW, &came) else { return };
        run.echo(&SHOW, &REQUEST_ID_ECHOED, &body, &request_id);
        is_told = CALCULATION_STATUS.fits(&body["status"]);
        let is_under_way = match is_told {
            true => body["status"].as_str().is_some_and(|status| UNDER_WAY.contains(&status)),
            // A deviation; whoever has offers is likely to be at the end.
            false => list(&body, "offers").is_empty(),
        };
        if !is_under_way {
            run.is_sound = run.fields(&SHOW, &body);
            run.judge(&SHOW, &TIME, true, String::new);
            return end(run, body);
        }
        if run.selects(&SHOW) {
            // Its offers may still lack everything.
            run.record.fields(&SHOW, &CALCULATION_UNDER_WAY, ("", ""), &body);
        }
    }
}

fn end(run: &mut Run<'_>, body: Value) {
    let offers = list(&body, "offers");
    if body["status"] == "CALCULATION_READY" && is_list(&body, "offers") {
        run.judge(&SHOW, &OFFERS, !offers.is_empty(), || "no offers".to_owned());
    }
    let ids: Vec<Option<&str>> = offers.iter().map(id).collect();
    let is_once = |index: usize| ids[index].is_none() || !ids[..index].contains(&ids[index]);
    let are_once = (0..ids.len()).all(is_once);
    run.judge(&SHOW, &OFFER_IDS, are_once, || "one of them twice".to_owned());
    for offer in offers {
        offer_rules::check(run, &SHOW, offer);
    }
    run.calculation = Some(body);
}

/// Asks once more, after other questions.
pub(super) async fn again(run: &mut Run<'_>) {
    let Some(before) = run.calculation.clone() else { return };
    // It is not asked for more than once a second.
    Patience::new(run, EVERY, LIMIT).wait().await;
    let came = run.ask(&SHOW, None).await;
    let Some(after) = run.good(&SHOW, &came) else { return };
    let is_same = lasting(&before) == lasting(&after);
    run.judge(&SHOW, &REPEAT, is_same, || "something else".to_owned());
    run.calculation = Some(after);
}

/// What does not change once it is at its end.
fn lasting(calculation: &Value) -> (Value, Vec<(Value, Value)>) {
    let offers = list(calculation, "offers").iter();
    let mut offers: Vec<(Value, Value)> =
        offers.map(|offer| (offer["offer_id"].clone(), offer["price"].clone())).collect();
    offers.sort_by_key(|(id, _)| id.to_string());
    (calculation["status"].clone(), offers)
}

pub(super) async fn refused(run: &mut Run<'_>) {
    questions::refused(run, &SHOW).await;
}
