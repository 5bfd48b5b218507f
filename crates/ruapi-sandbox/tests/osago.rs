//! The OSAGO partner: what the document says, and what the sandbox decides where it is silent.

mod common;

use chrono::TimeDelta;
use common::osago::{REQUEST, calculation, confirmation, get, good, post, read, refused};
use ruapi_sandbox::osago::{
    Access, Act, CalculationEnd, ConfirmEnd, IdForm, OfferStatus, PoolForm,
};
use ruapi_sandbox::{Osago, Sandbox};
use serde_json::{Value, json};

async fn frozen() -> Sandbox {
    Sandbox::builder().frozen(true).start().await.unwrap()
}

fn pass(sandbox: &Sandbox, seconds: i64) {
    sandbox.clock().advance(TimeDelta::seconds(seconds));
}

/// A calculation that is ready, and its offers.
async fn ready(sandbox: &Sandbox) -> Vec<Value> {
    good(post(sandbox, "calculate", &calculation()).await);
    pass(sandbox, 5);
    let answer = good(get(sandbox, "calculate", &format!("request_id={REQUEST}")).await);
    assert_eq!(answer["status"], "CALCULATION_READY");
    answer["offers"].as_array().unwrap().clone()
}

fn id(value: &Value) -> &str {
    value["offer_id"].as_str().or(value["id"].as_str()).unwrap()
}

fn key(offer: &str) -> String {
    format!("request_id={REQUEST}&offer_id={offer}")
}

async fn status(sandbox: &Sandbox, offer: &str) -> Value {
    good(get(sandbox, "offer", &key(offer)).await)["status"].clone()
}

#[tokio::test]
async fn the_example_is_answered_as_printed() {
    let sandbox = frozen().await;
    let printed: Value = serde_json::from_str(include_str!("osago_example.json")).unwrap();
    let key = format!("request_id={}&offer_id={}", Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER);
    assert_eq!(good(get(&sandbox, "offer", &key).await), printed);
    for option in [json!("1"), json!(1)] {
        let mut body = confirmation(Osago::EXAMPLE_OFFER, &[("112234", option)]);
        body["request_id"] = json!(Osago::EXAMPLE_REQUEST);
        assert_eq!(good(post(&sandbox, "offer", &body).await), printed);
    }
    let counts = sandbox.osago().counts();
    assert_eq!((counts.confirmations, counts.confirmations_repeated), (1, 1));
}

#[tokio::test]
async fn a_calculation_goes_through_its_states() {
    let sandbox = frozen().await;
    let started = good(post(&sandbox, "calculate", &calculation()).await);
    assert_eq!(started["request_id"], REQUEST);
    assert_eq!(started["calculation_date"], "2025-08-26T12:00:00+03:00");
    let query = format!("request_id={REQUEST}");
    for (seconds, expected, offers) in [
        (0, "DRAFT", "CREATED"),
        (1, "PARTNER_CALCULATION_IN_PROGRESS", "PRE_CALC_SENT"),
        (1, "PARTNER_CALCULATION_IN_PROGRESS", "PRE_CALC_IN_PROGRESS"),
        (3, "CALCULATION_READY", "PRE_CALC_READY"),
        (1800, "CLOSED", "CLOSED_TIMEOUT"),
    ] {
        pass(&sandbox, seconds);
        let whole = good(get(&sandbox, "calculate", &query).await);
        assert_eq!(whole["status"], expected);
        let short = good(get(&sandbox, "calculate/status", &query).await);
        assert_eq!(short["status"], expected);
        for (offer, state) in
            whole["offers"].as_array().unwrap().iter().zip(short["offers"].as_array().unwrap())
        {
            assert_eq!((offer["status"].as_str(), id(offer)), (Some(offers), id(state)));
            assert_eq!(state["offer_status"], offers);
        }
        let is_done = seconds > 1;
        assert_eq!(whole["drivers"].as_array().unwrap().len(), usize::from(is_done));
    }
    let drivers = &good(get(&sandbox, "calculate", &query).await)["drivers"][0];
    assert_eq!((&drivers["series"], &drivers["number"]), (&json!("0000"), &json!("000000")));
    assert_eq!(drivers["coefficients"].as_object().unwrap().len(), 10);
}

#[tokio::test]
async fn a_calculation_may_end_without_offers() {
    for (end, expected) in [
        (CalculationEnd::None, "NO_CALCULATION_AVAILABLE"),
        (CalculationEnd::Error, "CALCULATION_ERROR"),
        (CalculationEnd::Never, "PARTNER_CALCULATION_IN_PROGRESS"),
    ] {
        let sandbox = frozen().await;
        sandbox.osago().change(|settings| settings.calculation_end = end);
        good(post(&sandbox, "calculate", &calculation()).await);
        pass(&sandbox, 200);
        let answer = good(get(&sandbox, "calculate", &format!("request_id={REQUEST}")).await);
        assert_eq!(answer["status"], expected);
        let offers = if end == CalculationEnd::Never { 3 } else { 0 };
        assert_eq!(answer["offers"].as_array().unwrap().len(), offers);
    }
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_something_else_is_refused() {
    let sandbox = frozen().await;
    let first = good(post(&sandbox, "calculate", &calculation()).await);
    pass(&sandbox, 2);
    assert_eq!(good(post(&sandbox, "calculate", &calculation()).await), first);
    assert_eq!(sandbox.osago().counts().calculations, 1);
    let mut other = calculation();
    other["purpose"] = json!("taxi");
    assert_eq!(refused(post(&sandbox, "calculate", &other).await), ["request_id"]);
}

#[tokio::test]
async fn questions_that_come_too_soon_are_counted() {
    let sandbox = frozen().await;
    ready(&sandbox).await;
    let query = format!("request_id={REQUEST}");
    get(&sandbox, "calculate", &query).await;
    assert_eq!(sandbox.osago().counts().calculations_asked_too_soon, 1);
    pass(&sandbox, 1);
    get(&sandbox, "calculate/status", &query).await;
    assert_eq!(sandbox.osago().counts().calculations_asked_too_soon, 1);
}

#[tokio::test]
async fn a_confirmed_offer_is_paid_and_has_its_documents() {
    let sandbox = frozen().await;
    let offers = ready(&sandbox).await;
    let [usual, other] = [id(&offers[0]), id(&offers[2])];
    let required = id(&offers[0]["upsales"][0]);
    let draft = good(get(&sandbox, "offer/draft", &key(usual)).await);
    assert_eq!(draft, json!({"request_id": REQUEST, "offer_id": usual, "status": "inProcess"}));

    let body = confirmation(usual, &[(required, json!("1"))]);
    assert_eq!(good(post(&sandbox, "offer", &body).await)["status"], "PRE_CALC_READY");
    pass(&sandbox, 1);
    assert_eq!(status(&sandbox, usual).await, "APPROVED");
    pass(&sandbox, 3);
    let payable = good(get(&sandbox, "offer", &key(usual)).await);
    assert_eq!(payable["status"], "PAYMENT_READY");
    assert!(payable["payment_url"].is_string() && payable["draft_url"].is_string(), "{payable}");
    assert!(payable.get("policy_number").is_none(), "{payable}");
    let policy = good(get(&sandbox, "offer/policy", &key(usual)).await);
    let waiting = json!({"request_id": REQUEST, "offer_id": usual, "status": "PAYMENT_READY"});
    assert_eq!(policy, waiting);

    sandbox.osago().act(REQUEST, usual, Act::Pay);
    assert_eq!(status(&sandbox, usual).await, "PAYMENT_COMPLETED");
    assert_eq!(status(&sandbox, other).await, "CLOSED_OTHER_OFFER");
    let query = format!("request_id={REQUEST}");
    assert_eq!(good(get(&sandbox, "calculate", &query).await)["status"], "PAID");
    pass(&sandbox, 5);
    let paid = good(get(&sandbox, "offer", &key(usual)).await);
    assert_eq!((&paid["status"], &paid["policy_series"]), (&json!("CLOSED_PAID"), &json!("ХХХ")));
    for path in ["offer/draft", "offer/policy"] {
        let document = good(get(&sandbox, path, &key(usual)).await);
        assert_eq!(document["file"]["type"], "base64");
        let data = document["file"]["data"].as_str().unwrap();
        assert!(data.starts_with("data:application/pdf;base64,JVBERi0x"), "{data}");
        assert!(document["url"].is_string());
    }
    let policy = good(get(&sandbox, "offer/policy", &key(usual)).await);
    assert_eq!(policy["policy_start_date"], "2025-09-01T00:00:00+03:00");
}

#[tokio::test]
async fn a_confirmation_may_end_otherwise() {
    for (end, expected) in [
        (ConfirmEnd::Rejected, "REJECTED"),
        (ConfirmEnd::PaymentLinkFailed, "PAYMENT_LINK_FAILED"),
        (ConfirmEnd::Error, "OFFER_ERROR"),
    ] {
        let sandbox = frozen().await;
        sandbox.osago().change(|settings| settings.confirm_end = end);
        let offers = ready(&sandbox).await;
        good(post(&sandbox, "offer", &confirmation(id(&offers[2]), &[])).await);
        pass(&sandbox, 10_000);
        let offer = good(get(&sandbox, "offer", &key(id(&offers[2]))).await);
        assert_eq!(offer["status"], expected);
        assert!(offer["message"].is_string() && offer.get("payment_url").is_none(), "{offer}");
    }
    for (act, expected) in [
        (Act::CancelPayment, OfferStatus::PaymentCancelled),
        (Act::TimeOut, OfferStatus::ClosedTimeout),
        (Act::Fail, OfferStatus::OfferError),
    ] {
        let sandbox = frozen().await;
        let offers = ready(&sandbox).await;
        let offer = id(&offers[2]);
        good(post(&sandbox, "offer", &confirmation(offer, &[])).await);
        pass(&sandbox, 4);
        sandbox.osago().act(REQUEST, offer, act);
        assert_eq!(sandbox.osago().offer_status(REQUEST, offer), Some(expected));
        let again = post(&sandbox, "offer", &confirmation(offer, &[])).await;
        assert_eq!(good(again)["status"], json!(expected));
    }
}

#[tokio::test]
async fn upsales_are_checked() {
    let sandbox = frozen().await;
    let offers = ready(&sandbox).await;
    let (usual, pool) = (&offers[0], &offers[1]);
    assert_eq!(pool["is_reinsurance_pool"], true);
    let upsale = |offer: &Value, place: usize| id(&offer["upsales"][place]).to_owned();
    let [passengers, towing, glass] = [0, 1, 2].map(|place| upsale(usual, place));
    let [first, second] = [0, 1].map(|place| upsale(pool, place));
    let one = json!("1");
    type Chosen<'a> = Vec<(&'a str, Value)>;
    let cases: [(&Value, Chosen<'_>, Vec<&str>); 8] = [
        (usual, vec![], vec!["upsales"]),
        (usual, vec![("7", one.clone()), (&passengers, one.clone())], vec!["upsales[0].upsale_id"]),
        (usual, vec![(&passengers, json!("9"))], vec!["upsales[0].option_id"]),
        (
            usual,
            vec![(&passengers, one.clone()), (&towing, one.clone()), (&towing, json!(2))],
            vec!["upsales[2].upsale_id"],
        ),
        (
            usual,
            vec![(&passengers, one.clone()), (&glass, json!("2"))],
            vec!["upsales[1].option_id"],
        ),
        (pool, vec![(&first, one.clone())], vec!["upsales"]),
        (pool, vec![(&second, one.clone())], vec!["upsales"]),
        (usual, vec![(&towing, one.clone())], vec!["upsales"]),
    ];
    for (offer, chosen, expected) in cases {
        let answer = post(&sandbox, "offer", &confirmation(id(offer), &chosen)).await;
        assert_eq!(refused(answer), expected, "{chosen:?}");
    }
    assert_eq!(sandbox.osago().counts().confirmations, 0);
    let all = [(&*first, one.clone()), (&*second, json!(2))];
    good(post(&sandbox, "offer", &confirmation(id(pool), &all)).await);
    let others = [(&*first, one.clone()), (&*second, one)];
    let other = post(&sandbox, "offer", &confirmation(id(pool), &others)).await;
    assert_eq!(refused(other), ["upsales"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_calculation_is_named() {
    let sandbox = frozen().await;
    let cases: Vec<(&str, Value, &str)> = vec![
        ("/request_id", json!("7"), "request_id"),
        ("/request_id", Value::Null, "request_id"),
        ("/policy_start_date", json!("2025-09-01"), "policy_start_date"),
        ("/policy_start_date", json!("2025-08-25T00:00:00+03:00"), "policy_start_date"),
        ("/purpose", json!("racing"), "purpose"),
        ("/is_cross_allowed", json!("yes"), "is_cross_allowed"),
        ("/vehicle", Value::Null, "vehicle"),
        ("/vehicle", json!([]), "vehicle"),
        ("/vehicle/vin", Value::Null, "vehicle.vin"),
        ("/vehicle/category", json!("F"), "vehicle.category"),
        ("/drivers_info", Value::Null, "drivers_info"),
        ("/drivers_info/drivers", json!([]), "drivers_info.drivers"),
        ("/drivers_info/drivers/0", json!(1), "drivers_info.drivers[0]"),
        ("/drivers_info/drivers/0/last_name", json!(" "), "drivers_info.drivers[0].last_name"),
        (
            "/drivers_info/drivers/0/license/date",
            json!("soon"),
            "drivers_info.drivers[0].license.date",
        ),
        ("/owner/first_name", Value::Null, "owner.first_name"),
    ];
    for (pointer, value, property) in cases {
        let mut body = calculation();
        *body.pointer_mut(pointer).unwrap() = value;
        let found = refused(post(&sandbox, "calculate", &body).await);
        assert_eq!(found, [property], "{pointer}");
    }
    let mut unlimited = calculation();
    unlimited["drivers_info"] = json!({"is_unlimited_drivers": true, "drivers": []});
    good(post(&sandbox, "calculate", &unlimited).await);
    assert_eq!(sandbox.osago().counts().calculations, 1);
}

#[tokio::test]
async fn the_standard_errors() {
    let sandbox = frozen().await;
    for (path, query, property) in [
        ("calculate", "", "request_id"),
        ("calculate", "request_id=1", "request_id"),
        ("calculate/status", "request_id=", "request_id"),
        ("offer", &format!("request_id={REQUEST}"), "offer_id"),
        ("offer/draft", "offer_id=1", "request_id"),
    ] {
        assert_eq!(refused(get(&sandbox, path, query).await), [property], "{path}?{query}");
    }
    let absent = [
        ("calculate", format!("request_id={REQUEST}")),
        ("calculate/status", format!("request_id={REQUEST}")),
        ("offer", key("1")),
        ("offer/draft", key("1")),
        ("offer/policy", key("1")),
    ];
    for (path, query) in absent {
        let (status, body) = get(&sandbox, path, &query).await;
        assert_eq!((status, &body["request_id"]), (404, &json!(REQUEST)), "{path}");
    }
    let (status, body) = get(&sandbox, "nothing/of/the/kind", "").await;
    assert_eq!(status, 404);
    assert!(body["message"].is_string());
    let url = format!("{}osago/offer", sandbox.osago_url());
    let client = common::client();
    for token in [None, Some("wrong")] {
        let request = client.get(format!("{url}?{}", key("1")));
        let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
        let (status, body) = read(request.send().await.unwrap()).await;
        assert_eq!((status, body["message"].is_string()), (403, true));
    }
    let asked = || client.post(&url).bearer_auth(Osago::TOKEN);
    for request in [
        asked().header("content-type", "text/plain").body("{}"),
        asked().header("content-type", "application/json").body("[1"),
        asked().header("content-type", "application/json").body("[]"),
        asked().header("content-type", "application/json").body("x".repeat(1024 * 1024 + 1)),
    ] {
        let (status, body) = read(request.send().await.unwrap()).await;
        assert_eq!((status, body["message"].is_string()), (400, true));
    }
    let (status, _) =
        read(client.delete(&url).bearer_auth(Osago::TOKEN).send().await.unwrap()).await;
    assert_eq!(status, 405);
}

#[tokio::test]
async fn credentials_and_forms_can_be_chosen() {
    let sandbox = frozen().await;
    sandbox.osago().change(|settings| {
        settings.access = Access::Header("x-partner-key".to_owned());
        settings.option_ids = IdForm::String;
        settings.not_in_pool = PoolForm::Null;
        settings.prices_as_text = true;
        settings.logos_without_scheme = false;
    });
    let url = format!("{}osago/offer", sandbox.osago_url());
    let query = format!("request_id={}&offer_id={}", Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER);
    let client = common::client();
    let request = client.get(format!("{url}?{query}")).header("x-partner-key", Osago::TOKEN);
    let offer = good(read(request.send().await.unwrap()).await);
    assert_eq!(offer["upsales"][0]["options"][0]["id"], "1");
    assert_eq!(offer["is_reinsurance_pool"], Value::Null);
    assert_eq!(
        (&offer["price"], offer["partner"]["logo_url"].as_str()),
        (&json!("7072.00"), Some("https://partner.ru/ugc/logo_135x85.gif"),)
    );
    assert_eq!(get(&sandbox, "offer", &query).await.0, 403, "a bearer is no header of that name");
    sandbox.osago().change(|settings| settings.access = Access::Everybody);
    good(read(client.get(format!("{url}?{query}")).send().await.unwrap()).await);
}

#[tokio::test]
async fn the_control_does_what_the_handle_does() {
    let sandbox = frozen().await;
    let client = common::client();
    let url = format!("{}_sandbox/osago", sandbox.url());
    let patch = |body: &'static str| client.patch(&url).body(body).send();
    assert_eq!(patch(r#"{"calculation_seconds": 60}"#).await.unwrap().status(), 200);
    assert_eq!(sandbox.osago().settings().calculation_seconds, 60);
    assert_eq!(patch(r#"{"calculation_second": 60}"#).await.unwrap().status(), 400);
    assert_eq!(patch(r#"{"calculation_end": "later"}"#).await.unwrap().status(), 400);
    let (_, shown) = read(client.get(&url).send().await.unwrap()).await;
    assert_eq!((&shown["calculation_seconds"], &shown["calculations"]), (&json!(60), &json!(1)));
    assert!(!shown.to_string().contains(Osago::TOKEN));

    let offers = format!("{url}/offers");
    let act = |act: &str| {
        let body = json!({
            "request_id": Osago::EXAMPLE_REQUEST, "offer_id": Osago::EXAMPLE_OFFER, "act": act,
        });
        client.post(&offers).body(body.to_string()).send()
    };
    assert_eq!(act("pay").await.unwrap().status(), 400, "it is not confirmed");
    let (_, listed) = read(act("time_out").await.unwrap()).await;
    assert_eq!(listed[0]["offers"][0]["status"], "CLOSED_TIMEOUT");
    sandbox.reset();
    let (_, listed) = read(client.get(&offers).send().await.unwrap()).await;
    assert_eq!(listed[0]["offers"][0]["status"], "CREATED");
}

#[tokio::test]
async fn the_log_shows_neither_token_nor_identifiers() {
    let sandbox = frozen().await;
    let offers = ready(&sandbox).await;
    get(&sandbox, "offer", &key(id(&offers[0]))).await;
    let log = format!("{:?}", sandbox.requests());
    assert!(log.contains("osago/offer"), "{log}");
    for hidden in [Osago::TOKEN, REQUEST, id(&offers[0]), "Тестов"] {
        assert!(!log.contains(hidden), "{hidden}");
    }
}
