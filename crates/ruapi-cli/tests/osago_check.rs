//! `ruapi osago check-partner`: sound partners have no deviation, and each planted one is found.

mod common;
mod osago_partner;

use std::collections::BTreeSet;

use common::{Done, ruapi, run};
use osago_offer::server::Guard;
use osago_partner::{Answer, Asked, Partner, TOKEN};
use ruapi_sandbox::osago::{Access, Act, CalculationEnd, IdForm, PoolForm, Settings};
use ruapi_sandbox::{Osago, Sandbox};
use serde_json::{Value, json};

fn check(partner: &Partner, words: &[&str]) -> Done {
    let mut command = ruapi(&["osago", "check-partner", "--base-url", &partner.url]);
    command.args(["--wait-every", "0.01"]).args(words).env("RUAPI_OSAGO_TOKEN", TOKEN);
    run(&mut command)
}

fn report(partner: &Partner, words: &[&str]) -> (Option<i32>, Value) {
    let done = check(partner, &[words, &["--format", "json"]].concat());
    (done.code, done.json())
}

/// The names of all that deviates.
fn deviations(report: &Value) -> BTreeSet<String> {
    let operations = report["operations"].as_array().expect("operations").iter();
    let deviations =
        operations.flat_map(|operation| operation["deviations"].as_array().expect("deviations"));
    deviations.map(|one| one["check"].as_str().expect("a name").to_owned()).collect()
}

fn not_made(report: &Value) -> BTreeSet<String> {
    let operations = report["operations"].as_array().expect("operations").iter();
    let checks = operations.flat_map(|operation| operation["not_made"].as_array().expect("a list"));
    checks.map(|one| one["check"].as_str().expect("a name").to_owned()).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_crates_own_server_deviates_in_nothing() {
    let partner = Partner::shop().await;
    let (code, found) = report(&partner, &["--confirm"]);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    let missing = [
        "confirm.two_options",
        "confirm.missing_in_pool",
        "confirm.incompatible",
        "policy.document",
    ];
    assert_eq!(not_made(&found), names(&missing));
    assert!(found["checked"].as_u64().is_some_and(|checked| checked > 250), "{found}");
    let totals = ["errors", "warnings", "notes"].map(|name| found[name].clone());
    assert_eq!(totals, [json!(0), json!(0), json!(0)]);

    let partner = Partner::rich(|_, _| {}).await;
    let (code, found) = report(&partner, &["--confirm"]);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    assert_eq!(not_made(&found), names(&[]), "this one shows everything");

    for (guard, words) in [
        (Guard::none(), &[][..]),
        (
            Guard::header("x-api-key".parse().expect("a name"), TOKEN.into()).expect("a guard"),
            &["--header-name", "X-Api-Key"],
        ),
    ] {
        let partner = Partner::rich_for(guard, |_, _| {}).await;
        let mut command = ruapi(&["osago", "check-partner", "--base-url", &partner.url]);
        command.args(["--wait-every", "0.01", "--format", "json"]).args(words);
        if !words.is_empty() {
            command.env("RUAPI_OSAGO_TOKEN", TOKEN);
        }
        let done = run(&mut command);
        assert_eq!(deviations(&done.assert_code(0).json()), names(&[]));
        let unguarded = not_made(&done.json()).contains("policy.wrong_credential");
        assert_eq!(unguarded, words.is_empty());
    }
}

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

/// Whether it is this operation with this status.
fn is(asked: &Asked, answer: &Answer, operation: &str, status: u16) -> bool {
    asked.operation == operation && answer.status == status
}

/// Sets what is at a place of a good answer.
fn set(asked: &Asked, answer: &mut Answer, operation: &str, pointer: &str, value: Value) {
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
fn turn(answer: &mut Answer, status: u16, body: Value) {
    (answer.status, answer.body) = (status, body);
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

const CALCULATE: &str = "POST osago/calculate";
const CALCULATION: &str = "GET osago/calculate";
const STATUS: &str = "GET osago/calculate/status";
const OFFER: &str = "GET osago/offer";
const CONFIRM: &str = "POST osago/offer";
const DRAFT: &str = "GET osago/offer/draft";
const POLICY: &str = "GET osago/offer/policy";

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

#[tokio::test(flavor = "multi_thread")]
async fn the_report_for_people_tells_what_where_and_what_was_expected() {
    let partner = Partner::broken(|asked, answer| {
        set(asked, answer, OFFER, "/price", json!("7072"));
        set(asked, answer, STATUS, "/offers/0/offer_status", json!("NEW"));
    })
    .await;
    let done = check(&partner, &["--only", "offer,status"]);
    let report = &done.assert_code(8).stdout;
    for text in [
        " checks: 1 error\n  error    offer.price\n           expected  a number\n           \
         came      a text at `price` (2 times)\n           document  confirm-offer#200-ok: price\n",
        "came      `NEW` at `offers[0].offer_status`\n",
        " checks: 2 errors\n",
        "insurance/\n",
    ] {
        assert!(report.contains(text), "{text:?} is not in {report}");
    }
    assert!(!report.contains("GET osago/offer/draft"), "{report}");
    let sends = format!("To {} will be sent:\n", partner.url);
    assert!(done.stderr.starts_with(&sends), "{done:?}");
    done.assert_says(&["invented people", "no confirmation of an offer that exists"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_confirmed_only_if_that_is_wanted_and_said_before() {
    let partner = Partner::rich(|asked, answer| {
        let names_one = ["1", "2"].iter().any(|id| asked.body["offer_id"] == **id);
        if asked.operation == CONFIRM && names_one {
            turn(answer, 500, json!({"request_id": null, "message": "planted"}));
        }
    })
    .await;
    let (code, found) = report(&partner, &[]);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    let wrong = partner.asked(CONFIRM);
    let done = check(&partner, &["--confirm", "--only", "confirm"]);
    assert_eq!(partner.asked(CONFIRM), 2 * wrong + 7, "six wrong ones and a right one");
    done.assert_code(8).assert_says(&[
        "CONFIRMATIONS (POST osago/offer) of offers",
        "osago/offer confirms the offer 1 of the request ",
        ", upsales: 100=1\n",
    ]);
    let json = check(&partner, &["--confirm", "--only", "confirm", "--format", "json"]);
    let notices: Vec<Value> =
        json.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(notices.len() == 2 && notices.iter().all(|it| it["notice"].is_string()), "{json:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn single_operations_ask_only_for_what_they_need() {
    let partner = Partner::rich(|_, _| {}).await;
    let only = |operation: &str| report(&partner, &["--only", operation]).1;
    let operations = |found: &Value| {
        let operations = found["operations"].as_array().expect("operations").iter();
        operations
            .map(|one| one["operation"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(operations(&only("unknown")), ["unknown operations"]);
    assert_eq!(partner.requests_total(), 2);
    assert_eq!(operations(&only("calculate")), [CALCULATE]);
    assert_eq!(partner.asked(CALCULATION), 0);
    assert_eq!(operations(&only("policy")), [POLICY]);
    assert_eq!(partner.asked(DRAFT), 0);
    assert_eq!(operations(&only("draft,status")), [STATUS, DRAFT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_that_is_there_and_its_paid_offer() {
    let partner = Partner::rich(|_, _| {}).await;
    let id = "550e8400-e29b-41d4-a716-446655440000";
    let run_osago = |words: &[&str]| {
        let mut command = ruapi(&[&["osago"], words].concat());
        run(command.args(["--base-url", &partner.url]).env("RUAPI_OSAGO_TOKEN", TOKEN))
    };
    let template = ruapi(&["osago", "template", "--format", "json"]).output().expect("a template");
    let mut request: Value = serde_json::from_slice(&template.stdout).expect("JSON");
    request["request_id"] = json!(id);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("request.json");
    std::fs::write(&file, request.to_string()).expect("written");
    run_osago(&["calculate", file.to_str().expect("text")]).assert_code(0);
    let urls = ["--success-url", "https://a.ru/", "--failure-url", "https://a.ru/"];
    let confirm = ["confirm", id, "1", "--upsale", "100=1"];
    run_osago(&[&confirm[..], &urls].concat()).assert_code(0);
    let calculations = partner.asked(CALCULATE);

    let words = ["--request-id", id, "--offer-id", "1", "--only", "policy"];
    let (code, found) = report(&partner, &words);
    assert_eq!((code, deviations(&found), not_made(&found)), (Some(0), names(&[]), names(&[])));
    assert_eq!((partner.asked(CALCULATE), partner.asked(CALCULATION)), (calculations, 0));
    let (code, found) = report(&partner, &["--request-id", id]);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    assert_eq!(partner.asked(CALCULATE), calculations);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_checked_is_no_success() {
    let partner = Partner::rich(|asked, answer| {
        set(asked, answer, CALCULATION, "/status", json!("NO_CALCULATION_AVAILABLE"));
        set(asked, answer, STATUS, "/status", json!("NO_CALCULATION_AVAILABLE"));
        for operation in [CALCULATION, STATUS] {
            set(asked, answer, operation, "/offers", json!([]));
        }
    })
    .await;
    let (code, found) = report(&partner, &["--confirm"]);
    assert_eq!((code, deviations(&found)), (Some(4), names(&[])), "{found}");
    for check in ["offer.http_status", "confirm.http_status", "draft.http_status", "policy.json"] {
        assert!(not_made(&found).contains(check), "{check}: {found}");
    }
    let done = check(&partner, &["--confirm", "--only", "draft"]);
    assert!(done.stdout.contains("the calculation gives no offer"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_that_cannot_be_checked() {
    let nobody = ruapi(&["osago", "check-partner", "--base-url", "http://127.0.0.1:1/"]);
    let done = run(&mut { nobody });
    assert_eq!(done.assert_code(7).stdout, "");
    let partner = Partner::shop().await;
    let mut command = ruapi(&["osago", "check-partner", "--base-url", &partner.url]);
    let done = run(command.env("RUAPI_OSAGO_TOKEN", "planted-wrong-token"));
    done.assert_code(3).assert_says(&["refuses the credential (HTTP 403)", "RUAPI_OSAGO_TOKEN"]);
    assert!(!done.stderr.contains("planted"), "{done:?}");
    assert_eq!(done.stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_send_nothing() {
    let partner = Partner::shop().await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("text").to_owned()
    };
    let (list, broken) = (file("list", "[1]"), file("broken", "{\"a\": planted"));
    for words in [
        &["--only", "planted"][..],
        &["--request-id", "planted"],
        &["--offer-id", "1"],
        &["--success-url", "planted"],
        &["--wait-every", "planted"],
        &["--request", &list],
        &["--request", &broken],
        &["--sandbox"],
    ] {
        let done = check(&partner, words);
        assert!(!done.assert_code(2).stderr.contains("planted"), "{done:?}");
    }
    check(&partner, &["--request", "/none"]).assert_code(1);
    run(&mut ruapi(&["osago", "check-partner"])).assert_code(2).assert_says(&["--base-url"]);
    assert_eq!(partner.requests_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_puts_what_it_was_told_everywhere() {
    const NAME: &str = "Plantedname";
    const PLATE: &str = "Е777КХ777";
    fn echo(_: &Asked, answer: &mut Answer) {
        if let Some(object) = answer.body.as_object_mut() {
            for value in object.values_mut() {
                if value.is_string() {
                    *value = json!(NAME);
                }
            }
            object.insert(NAME.to_owned(), json!(PLATE));
            object.insert("message".to_owned(), json!(format!("{NAME} at /home/{PLATE}")));
        }
    }
    let partner = Partner::rich(echo).await;
    let template = ruapi(&["osago", "template", "--format", "json"]).output().expect("a template");
    let mut request: Value = serde_json::from_slice(&template.stdout).expect("JSON");
    request["insurer"]["last_name"] = json!(NAME);
    request["vehicle"]["car_number"] = json!(PLATE);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("request.json");
    std::fs::write(&file, request.to_string()).expect("written");
    let file = file.to_str().expect("text");
    for format in ["human", "json"] {
        let words = ["--request", file, "--confirm", "--format", format, "--wait-limit", "0.2"];
        let done = check(&partner, &words);
        done.assert_code(8);
        for text in [&done.stdout, &done.stderr] {
            for hidden in [NAME, PLATE, TOKEN] {
                assert!(!text.contains(hidden), "{hidden} is in {text}");
            }
        }
    }
}

/// The sandbox's partner, which shares nothing with the client, with no time to lose.
async fn a_sandbox(change: impl FnOnce(&mut Settings)) -> Sandbox {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    sandbox.osago().change(|settings| {
        (settings.calculation_seconds, settings.draft_seconds) = (0, 0);
        settings.extra_fields = false;
        change(settings);
    });
    sandbox
}

fn check_sandbox(sandbox: &Sandbox, words: &[&str]) -> (Option<i32>, Value) {
    let mut command = ruapi(&["osago", "check-partner", "--base-url", &sandbox.osago_url()]);
    command.args(["--wait-every", "0.01", "--wait-limit", "0.5", "--format", "json"]).args(words);
    let done = run(command.env("RUAPI_OSAGO_TOKEN", Osago::TOKEN));
    (done.code, done.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandboxs_partner_deviates_in_nothing() {
    let forms: [fn(&mut Settings); 4] = [
        |_| {},
        |settings| settings.not_in_pool = PoolForm::Null,
        |settings| settings.not_in_pool = PoolForm::Absent,
        |settings| settings.logos_without_scheme = false,
    ];
    for form in forms {
        let sandbox = a_sandbox(form).await;
        let (code, found) = check_sandbox(&sandbox, &["--confirm"]);
        assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
        assert_eq!(not_made(&found), names(&["policy.document"]), "{found}");
        assert_eq!(sandbox.osago().counts().confirmations, 1);
    }

    // The one of the document, paid.
    let sandbox = a_sandbox(|_| {}).await;
    let (request, offer) = (Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER);
    let example = ["--request-id", request, "--offer-id", offer];
    let (code, found) = check_sandbox(&sandbox, &[&example[..], &["--confirm"]].concat());
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    sandbox.clock().advance(chrono::TimeDelta::seconds(5));
    sandbox.osago().act(request, offer, Act::Pay);
    sandbox.clock().advance(chrono::TimeDelta::seconds(5));
    let (code, found) = check_sandbox(&sandbox, &example);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    assert!(!not_made(&found).contains("policy.document"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandboxs_other_forms_are_told() {
    let sandbox = a_sandbox(|settings| settings.extra_fields = true).await;
    let (code, found) = check_sandbox(&sandbox, &[]);
    let notes = names(&["calculation.undocumented", "offer.undocumented"]);
    assert_eq!((code, deviations(&found)), (Some(0), notes));
    let cases: [(fn(&mut Settings), &[&str], i32); 6] = [
        (
            |settings| settings.prices_as_text = true,
            &[
                "calculation.offers[].price",
                "calculation.offers[].upsales[].options[].price",
                "offer.price",
                "offer.upsales[].options[].price",
            ],
            8,
        ),
        (
            |settings| settings.option_ids = IdForm::String,
            &["calculation.offers[].upsales[].options[].id", "offer.upsales[].options[].id"],
            8,
        ),
        (|settings| settings.calculation_end = CalculationEnd::Never, &["calculation.time"], 8),
        (|settings| settings.calculation_end = CalculationEnd::None, &[], 4),
        (|settings| settings.calculation_end = CalculationEnd::Error, &[], 4),
        (
            |settings| settings.access = Access::Everybody,
            &[
                "calculate.wrong_credential",
                "calculate.no_credential",
                "calculation.wrong_credential",
                "calculation.no_credential",
                "status.wrong_credential",
                "status.no_credential",
                "offer.wrong_credential",
                "offer.no_credential",
                "confirm.wrong_credential",
                "confirm.no_credential",
                "draft.wrong_credential",
                "draft.no_credential",
                "policy.wrong_credential",
                "policy.no_credential",
            ],
            8,
        ),
    ];
    for (form, expected, code) in cases {
        let sandbox = a_sandbox(form).await;
        let (ended, found) = check_sandbox(&sandbox, &[]);
        assert_eq!((ended, deviations(&found)), (Some(code), names(expected)), "{found}");
    }
}
