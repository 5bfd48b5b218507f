//! `ruapi osago check-partner`: every field of every answer, and what all operations have in common, broken
//! one by one.

mod common;
mod osago_partner;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::{ruapi, run};
use osago_partner::checking::is;
use osago_partner::{Answer, Asked, Partner, TOKEN};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Operations that only read, and the one that starts a calculation.
const OPERATIONS: [(&str, &str); 6] = [
    ("calculate", "POST osago/calculate"),
    ("calculation", "GET osago/calculate"),
    ("status", "GET osago/calculate/status"),
    ("offer", "GET osago/offer"),
    ("draft", "GET osago/offer/draft"),
    ("policy", "GET osago/offer/policy"),
];
const TOGETHER: usize = 4;

/// What the answer of an operation holds at most.
fn full(operation: &str, body: &mut Value) {
    let file = json!({"type": "base64", "data": "data:application/pdf;base64,JVBERi0xLjQ="});
    let url = json!("https://partner.ru/policy?id=112233");
    let more = match operation {
        "GET osago/calculate" => json!({
            "offers": [whole_offer()],
            "drivers": [{"series": "0000", "number": "000000", "coefficients": {
                "tb": 4500, "kt": 1.8, "kbm": 0.46, "kvs": 0.83, "ks": 1, "kp": 1, "km": 1.2, "kn": 1,
                "ko": 1, "kpr": 1}}]}),
        "GET osago/offer" => whole_offer(),
        "GET osago/offer/draft" => json!({"url": url}),
        "GET osago/offer/policy" => {
            json!({"policy_start_date": "2026-12-01T00:00:00+03:00", "url": url, "file": file})
        }
        _ => json!({}),
    };
    fill(body, &more);
}

fn whole_offer() -> Value {
    json!({
        "draft_url": "https://partner.ru/policy?id=112233",
        "payment_url": "https://pay.it/policy?id=112233",
        "is_prolongation": true, "is_ext_prolongation": false, "is_reinsurance_pool": null,
        "policy_series": "ХХХ", "policy_number": "0166171796", "message": "Примерное",
        "upsales": [{
            "upsale_code": "AccidentPassengersPoolForEOsago150",
            "options": [{
                "is_default": false, "compatibility_id": 1, "description": "Примерное",
                "insured": "Все",
                "risk_payments": [{"risk": "Примерный", "pays": ["100% страховой суммы"]}]}]}]})
}

/// Adds what is not there yet.
fn fill(body: &mut Value, more: &Value) {
    match (body, more) {
        (Value::Object(body), Value::Object(more)) => {
            for (name, value) in more {
                fill(body.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(list), Value::Array(more)) if !list.is_empty() => {
            let first = more.iter().cycle();
            list.iter_mut().zip(first).for_each(|(item, more)| fill(item, more));
        }
        (body, more) if body.is_null() || body == &json!([]) => *body = more.clone(),
        _ => {}
    }
}

/// The place of a field in an answer: `offers[].price` is `/offers/0/price`.
fn pointer(field: &str) -> String {
    format!("/{}", field.replace("[].", "/0/").replace('.', "/"))
}

/// The checks of the operation's fields, and what each expects.
fn fields(key: &str) -> Vec<(String, String)> {
    let words = ["osago", "check-partner", "--list", "--only", key, "--format", "json"];
    let done = run(&mut ruapi(&words));
    let read = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let listed = done.assert_code(0).stdout.lines().map(read).collect::<Vec<_>>();
    let fields = listed.iter().take_while(|check| check["document"] != "200 OK");
    fields.map(|check| (text(&check["check"]), text(&check["expected"]))).collect()
}

async fn deviations(partner: Partner, key: &'static str) -> BTreeSet<String> {
    let work = move || {
        let words = ["osago", "check-partner", "--base-url", &partner.url, "--only", key];
        let mut command = ruapi(&words);
        command.args(["--wait-every", "0.01", "--wait-limit", "60", "--format", "json"]);
        let report = run(command.env("RUAPI_OSAGO_TOKEN", TOKEN)).json();
        let operations = report["operations"].as_array().expect("operations").iter();
        let all = operations.flat_map(|one| one["deviations"].as_array().expect("deviations"));
        all.map(|one| one["check"].as_str().expect("a name").to_owned()).collect()
    };
    tokio::task::spawn_blocking(work).await.expect("no panic")
}

/// Breaks partners one after another, some at once; each must have exactly the deviation that is named.
#[derive(Default)]
struct Broken {
    tasks: JoinSet<()>,
    permits: Option<Arc<Semaphore>>,
    count: usize,
}

impl Broken {
    fn add(
        &mut self,
        key: &'static str,
        expected: Option<String>,
        broken: impl Fn(&Asked, &mut Answer) + Send + Sync + 'static,
    ) {
        let permits =
            self.permits.get_or_insert_with(|| Arc::new(Semaphore::new(TOGETHER))).clone();
        self.count += 1;
        self.tasks.spawn(async move {
            let _permit = permits.acquire().await.expect("open");
            let found = deviations(Partner::rich(broken).await, key).await;
            assert_eq!(found, expected.into_iter().collect::<BTreeSet<_>>());
        });
    }

    async fn end(mut self) -> usize {
        while let Some(done) = self.tasks.join_next().await {
            done.expect("no panic");
        }
        self.count
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_is_held_against_its_table() {
    let mut broken = Broken::default();
    for (key, operation) in OPERATIONS {
        let whole = move |asked: &Asked, answer: &mut Answer| {
            let is_it = is(asked, answer, operation, 200);
            if is_it {
                full(operation, &mut answer.body);
            }
            is_it
        };
        // Everything that is documented, and nothing is wrong with it.
        broken.add(key, None, move |asked, answer| {
            whole(asked, answer);
        });
        for (check, expected) in fields(key) {
            let place = pointer(check.strip_prefix(key).expect("a prefix").trim_start_matches('.'));
            let is_inner = expected.starts_with("an object") || expected.starts_with("a list");
            let wrong = if is_inner { json!("wrong") } else { json!({}) };
            let must_be_there = !expected.ends_with(", or absent");
            let values = [Some(wrong), must_be_there.then_some(Value::Null)];
            for value in values.into_iter().flatten() {
                let place = place.clone();
                broken.add(key, Some(check.clone()), move |asked, answer| {
                    if whole(asked, answer) {
                        let found = answer.body.pointer_mut(&place);
                        *found.unwrap_or_else(|| panic!("no {place}")) = value.clone();
                    }
                });
            }
        }
    }
    assert!(broken.end().await > 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_all_operations_have_in_common_is_looked_at_in_each() {
    type Change = fn(&Asked, &mut Answer);
    fn error(answer: &mut Answer, status: u16) {
        answer.status = status;
        answer.body = json!({"request_id": null, "message": "Ошибка"});
    }
    let common: &[(&str, u16, Change)] = &[
        ("http_status", 200, |_, answer| answer.status = 201),
        ("content_type", 200, |_, answer| answer.media = "text/plain"),
        ("json", 200, |_, answer| answer.body = json!([])),
        ("undocumented", 200, |_, answer| answer.body["another"] = json!(1)),
        ("wrong_credential", 403, |asked, answer| {
            if asked.token.is_some() {
                answer.status = 401;
            }
        }),
        ("no_credential", 403, |asked, answer| {
            if asked.token.is_none() {
                answer.status = 401;
            }
        }),
        ("bad_uuid", 400, |asked, answer| {
            if asked.query.contains("not-a-uuid") || asked.body["request_id"] == "not-a-uuid" {
                error(answer, 404);
            }
        }),
        ("missing_request_id", 400, |asked, answer| {
            let of_body = asked.body.is_object() && asked.body["request_id"].is_null();
            let of_query = asked.body.is_null() && !asked.query.contains("request_id");
            if of_query && asked.operation.starts_with("GET") || of_body {
                error(answer, 404);
            }
        }),
        ("error_content_type", 403, |_, answer| answer.media = "text/html"),
        ("error_form", 403, |_, answer| answer.body["message"] = json!("")),
        ("error_request_id", 403, |_, answer| {
            answer.body["request_id"] = json!("550e8400-e29b-41d4-a716-446655440000");
        }),
        ("error_properties", 400, |_, answer| answer.body["properties"] = json!([])),
        ("error_property", 400, |_, answer| {
            answer.body["properties"] = json!([{"property": "another", "message": "Ошибка"}]);
        }),
        ("leak", 403, |_, answer| {
            answer.body["message"] = json!("panicked at src/main.rs:1");
        }),
    ];
    let mut broken = Broken::default();
    for (key, operation) in OPERATIONS {
        for (check, status, change) in common {
            broken.add(key, Some(format!("{key}.{check}")), move |asked, answer| {
                if is(asked, answer, operation, *status) {
                    change(asked, answer);
                }
            });
        }
    }
    assert_eq!(broken.end().await, 6 * 14);
}
