//! `ruapi osago check-partner`: each deviation of a table is found by its name, and no other.

mod common;
mod osago_partner;

use std::collections::BTreeSet;

use common::{ruapi, run};
use osago_partner::checking::{
    CALCULATE, CALCULATION, CONFIRM, DRAFT, OFFER, POLICY, STATUS, deviations, is, names, report,
    set, turn,
};
use osago_partner::{Answer, Asked, Partner};
use serde_json::{Value, json};

/// Breaks answers.
type Break = fn(&Asked, &mut Answer);

/// A deviation, and the name by which it must be found; no other may be.
struct Planted {
    found: &'static str,
    partner: fn(Break) -> std::pin::Pin<Box<dyn Future<Output = Partner>>>,
    broken: Break,
}

const fn shop(found: &'static str, broken: Break) -> Planted {
    Planted { found, partner: |broken| Box::pin(Partner::broken(broken)), broken }
}

const fn rich(found: &'static str, broken: Break) -> Planted {
    Planted { found, partner: |broken| Box::pin(Partner::rich(broken)), broken }
}

fn chosen(asked: &Asked) -> Vec<(String, String)> {
    let upsales = asked.body["upsales"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    upsales.map(|upsale| (text(&upsale["upsale_id"]), text(&upsale["option_id"]))).collect()
}

/// Takes a wrong choice of upsales for a right one.
fn accept(asked: &Asked, answer: &mut Answer, is_meant: fn(&[(String, String)], &str) -> bool) {
    let offer = asked.body["offer_id"].as_str().unwrap_or_default();
    let exists = ["1", "2"].contains(&offer);
    if exists && is(asked, answer, "POST osago/offer", 400) && is_meant(&chosen(asked), offer) {
        turn(answer, 200, json!({}));
    }
}

static PLANTED: &[Planted] = &[
    // Fields: missing, of another type, of another form.
    shop("offer.price", |asked, answer| set(asked, answer, OFFER, "/price", json!("7072"))),
    shop("offer.status", |asked, answer| set(asked, answer, OFFER, "/status", Value::Null)),
    shop("offer.partner.logo_url", |asked, answer| {
        set(asked, answer, OFFER, "/partner/logo_url", json!("/ugc/logo.gif"));
    }),
    shop("offer.upsales[].options[].id", |asked, answer| {
        set(asked, answer, OFFER, "/upsales/0/options/0/id", json!("1"));
    }),
    shop("offer.upsales[].options", |asked, answer| {
        set(asked, answer, OFFER, "/upsales/0/options/0", json!("1"));
    }),
    shop("confirm.is_reinsurance_pool", |asked, answer| {
        set(asked, answer, CONFIRM, "/is_reinsurance_pool", json!("false"));
    }),
    shop("confirm.payment_url", |asked, answer| {
        set(asked, answer, CONFIRM, "/payment_url", json!("/pay"));
    }),
    shop("calculation.offers[].offer_id", |asked, answer| {
        set(asked, answer, CALCULATION, "/offers/0/offer_id", json!(44_234_899));
    }),
    shop("calculation.offers[].status", |asked, answer| {
        set(asked, answer, CALCULATION, "/offers/0/status", json!("created"));
    }),
    shop("calculation.status", |asked, answer| {
        set(asked, answer, CALCULATION, "/status", json!("READY"));
    }),
    shop("status.offers[].offer_status", |asked, answer| {
        set(asked, answer, STATUS, "/offers/0/offer_status", json!("NEW"));
    }),
    shop("draft.status", |asked, answer| {
        set(asked, answer, DRAFT, "/status", json!("in_process"));
    }),
    shop("draft.file.data", |asked, answer| {
        let html = "data:application/pdf;base64,PGh0bWw+";
        set(asked, answer, DRAFT, "/file/data", json!(html));
    }),
    shop("draft.file.type", |asked, answer| {
        set(asked, answer, DRAFT, "/file/type", json!("gzip"));
    }),
    rich("policy.policy_start_date", |asked, answer| {
        set(asked, answer, POLICY, "/policy_start_date", json!("01.12.2026"));
    }),
    shop("offer.undocumented", |asked, answer| {
        if is(asked, answer, OFFER, 200) {
            answer.body["is_prolongaton"] = json!(true);
        }
    }),
    // What is said must be about what was asked, and agree with what was said before.
    shop("calculate.request_id_echoed", |asked, answer| {
        let another = json!("550e8400-e29b-41d4-a716-446655440000");
        set(asked, answer, CALCULATE, "/request_id", another);
    }),
    shop("offer.offer_id_echoed", |asked, answer| {
        set(asked, answer, OFFER, "/offer_id", json!("1"));
    }),
    shop("policy.offer_id_echoed", |asked, answer| {
        set(asked, answer, POLICY, "/offer_id", json!("1"));
    }),
    shop("status.agrees", |asked, answer| {
        set(asked, answer, STATUS, "/status", json!("DRAFT"));
    }),
    shop("policy.agrees", |asked, answer| {
        set(asked, answer, POLICY, "/status", json!("REJECTED"));
    }),
    shop("offer.repeat", |asked, answer| {
        if asked.before == 1 {
            set(asked, answer, OFFER, "/price", json!(7073));
        }
    }),
    shop("calculation.repeat", |asked, answer| {
        if asked.before == 2 {
            set(asked, answer, CALCULATION, "/offers/0/price", json!(7073));
        }
    }),
    shop("confirm.same_as_offer", |asked, answer| {
        set(asked, answer, CONFIRM, "/price", json!(9999));
    }),
    shop("calculation.has_offers", |asked, answer| {
        for (operation, pointer) in [(CALCULATION, "/offers"), (STATUS, "/offers")] {
            set(asked, answer, operation, pointer, json!([]));
        }
    }),
    shop("calculation.payment_link", |asked, answer| {
        set(asked, answer, CALCULATION, "/offers/0/status", json!("PAYMENT_READY"));
        set(asked, answer, STATUS, "/offers/0/offer_status", json!("PAYMENT_READY"));
    }),
    shop("draft.document", |asked, answer| {
        set(asked, answer, DRAFT, "/file", Value::Null);
    }),
    rich("policy.document", |asked, answer| {
        set(asked, answer, POLICY, "/file", Value::Null);
    }),
    // Time.
    shop("calculation.time", |asked, answer| {
        set(asked, answer, CALCULATION, "/status", json!("PARTNER_CALCULATION_IN_PROGRESS"));
    }),
    shop("draft.time", |asked, answer| {
        set(asked, answer, DRAFT, "/status", json!("inProcess"));
    }),
    // Statuses, content types, what is no JSON.
    shop("status.http_status", |asked, answer| {
        if is(asked, answer, STATUS, 200) {
            answer.status = 201;
        }
    }),
    shop("policy.content_type", |asked, answer| {
        if is(asked, answer, POLICY, 200) {
            answer.media = "text/plain";
        }
    }),
    shop("draft.json", |asked, answer| {
        if is(asked, answer, DRAFT, 200) {
            answer.text = Some("<html>".to_owned());
        }
    }),
    // Refusals.
    shop("offer.bad_uuid", |asked, answer| {
        if is(asked, answer, OFFER, 400) && asked.query.contains("not-a-uuid") {
            turn(answer, 404, json!({"request_id": null, "message": "Не найдено"}));
        }
    }),
    shop("draft.missing_offer_id", |asked, answer| {
        if is(asked, answer, DRAFT, 400) && !asked.query.contains("offer_id") {
            turn(answer, 200, json!({}));
        }
    }),
    shop("calculate.missing_vehicle_id", |asked, answer| {
        let vehicle = &asked.body["vehicle"];
        if is(asked, answer, CALCULATE, 400) && vehicle.is_object() && vehicle["vin"].is_null() {
            turn(answer, 200, json!({}));
        }
    }),
    shop("offer.unknown_offer", |asked, answer| {
        if is(asked, answer, OFFER, 404) && asked.query.contains("no-such-offer") {
            turn(answer, 500, json!({"request_id": null, "message": "Ошибка"}));
        }
    }),
    shop("confirm.unknown_request", |asked, answer| {
        if is(asked, answer, CONFIRM, 404) {
            turn(answer, 200, json!({}));
        }
    }),
    shop("policy.wrong_credential", |asked, answer| {
        if is(asked, answer, POLICY, 403) && asked.token.is_some() {
            answer.status = 401;
        }
    }),
    shop("policy.no_credential", |asked, answer| {
        if is(asked, answer, POLICY, 403) && asked.token.is_none() {
            turn(answer, 200, json!({}));
        }
    }),
    shop("unknown.path", |asked, answer| {
        if asked.operation.contains("no-such") {
            turn(answer, 200, json!({}));
        }
    }),
    shop("unknown.method", |asked, answer| {
        if asked.operation.starts_with("PUT") {
            turn(answer, 500, json!({"request_id": null, "message": "Ошибка"}));
        }
    }),
    shop("calculate.too_large", |asked, answer| {
        if is(asked, answer, CALCULATE, 413) {
            turn(answer, 502, json!({}));
        }
    }),
    // The standard errors.
    shop("unknown.error_content_type", |asked, answer| {
        if asked.operation.contains("no-such") {
            (answer.media, answer.text) = ("text/html", Some("<h1>Not Found</h1>".to_owned()));
        }
    }),
    shop("status.error_form", |asked, answer| {
        if is(asked, answer, STATUS, 404) {
            turn(answer, 404, json!({"error": "Не найдено"}));
        }
    }),
    shop("draft.error_properties", |asked, answer| {
        if is(asked, answer, DRAFT, 400) {
            answer.body["properties"] = Value::Null;
        }
    }),
    shop("offer.error_property", |asked, answer| {
        if is(asked, answer, OFFER, 400) {
            answer.body["properties"][0]["property"] = json!("field");
        }
    }),
    shop("policy.error_request_id", |asked, answer| {
        if is(asked, answer, POLICY, 404) {
            answer.body["request_id"] = json!("550e8400-e29b-41d4-a716-446655440000");
        }
    }),
    shop("status.leak", |asked, answer| {
        if is(asked, answer, STATUS, 404) {
            let trace = "NullPointerException\n\tat ru.partner.Offers.find(Offers.java:42)";
            answer.body["message"] = json!(trace);
        }
    }),
    // Upsales.
    shop("calculation.upsale_ids", |asked, answer| {
        if is(asked, answer, CALCULATION, 200) && answer.body["offers"][0].is_object() {
            let upsale = answer.body["offers"][0]["upsales"][0].clone();
            answer.body["offers"][0]["upsales"] = json!([upsale, upsale]);
        }
    }),
    rich("calculation.one_default", |asked, answer| {
        for option in ["0", "1"] {
            let pointer = format!("/offers/0/upsales/1/options/{option}/is_default");
            set(asked, answer, CALCULATION, &pointer, json!(true));
        }
    }),
    rich("confirm.unknown_upsale", |asked, answer| {
        accept(asked, answer, |chosen, _| chosen.iter().any(|it| it.0 == "no-such-upsale"));
    }),
    rich("confirm.unknown_option", |asked, answer| {
        accept(asked, answer, |chosen, _| chosen.iter().any(|it| it.1 == "999999999"));
    }),
    rich("confirm.two_options", |asked, answer| {
        accept(asked, answer, |chosen, _| {
            chosen.iter().enumerate().any(|(index, it)| chosen[..index].iter().any(|o| o.0 == it.0))
        });
    }),
    rich("confirm.read_only", |asked, answer| {
        accept(
            asked,
            answer,
            |chosen, _| matches!(chosen, [only] if only.0 == "100" && only.1 == "2"),
        );
    }),
    rich("confirm.missing_required", |asked, answer| {
        accept(asked, answer, |chosen, _| chosen.is_empty());
    }),
    rich("confirm.missing_in_pool", |asked, answer| {
        accept(asked, answer, |chosen, offer| offer == "2" && chosen.len() == 1);
    }),
    rich("confirm.incompatible", |asked, answer| {
        accept(asked, answer, |chosen, _| chosen.iter().any(|it| it.1 == "3"));
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_planted_deviation_is_found_and_no_other() {
    let mut found_names = BTreeSet::new();
    for planted in PLANTED {
        let partner = (planted.partner)(planted.broken).await;
        // So short where the end does not come.
        let limit = if planted.found.ends_with(".time") || planted.found == "policy.document" {
            "0.2"
        } else {
            "60"
        };
        let (code, found) = report(&partner, &["--confirm", "--wait-limit", limit]);
        assert_eq!(deviations(&found), names(&[planted.found]), "{found}");
        let is_error = found["errors"] == 1;
        assert_eq!(code == Some(8), is_error, "{}", planted.found);
        assert!(found_names.insert(planted.found), "{} is planted twice", planted.found);
    }
    // Each is one of those that are listed.
    let done = run(&mut ruapi(&["osago", "check-partner", "--list", "--format", "json"]));
    let read = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    let listed: Vec<Value> = done.assert_code(0).stdout.lines().map(read).collect();
    let known: BTreeSet<&str> = listed.iter().filter_map(|check| check["check"].as_str()).collect();
    assert_eq!(known.len(), listed.len(), "each name once");
    for name in found_names {
        assert!(known.contains(name), "{name} is not listed");
    }
}
