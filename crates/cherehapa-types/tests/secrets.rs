//! `Debug` can be logged.

mod common;

use common::{order, quote, sample, with};
use serde_json::{Value, json};

#[test]
fn debug_shows_nothing_personal() {
    let mut json = sample("order");
    for (pointer, value) in [
        ("/tourist/0/secondName", json!("TESTOVICH")),
        ("/request/url", json!("https://example.ru/?name=TESTOV")),
        ("/order", json!({"insurer": "TESTOV", "passport": "4509 123456"})),
        ("/policy/0/order", json!([{"insurer": "TESTOV"}])),
        ("/policy/0/transaction", json!({"remoteUrl": {"url": "https://example.ru/TESTOV"}})),
        ("/transaction/remoteUrl/data", json!({"PaReq": "TESTOV"})),
        ("/transaction/additionalData", json!({"card": "TESTOV"})),
        ("/task/currentAction", json!({"tourist": "TESTOV"})),
        ("/insurer", json!({"lastName": "TESTOV", "passport": "4509 123456"})),
        ("/tourist/0/passport", json!("4509 123456")),
        ("/tourist/0/TESTOV", json!(1)),
    ] {
        json = with(&json, pointer, value);
    }
    let order = order(&json);
    let debug = format!("{order:?} {order:#?} {:?}", order.policy_link(&order.policies[0]));
    for personal in [
        "TEST\"",
        "TESTOV",
        "4509",
        "1990",
        "01.01",
        "0070330",
        "27986917",
        "69B09859",
        "Signature",
        "AWSAccessKeyId",
        "://",
        "300176",
        "PaReq",
    ] {
        assert!(!debug.contains(personal), "{personal}: {debug}");
    }
    // It is all there, and goes over the wire.
    let written: Value = serde_json::to_value(&order).unwrap();
    assert_eq!(written["tourist"][0]["lastName"], "TESTOV");
    assert_eq!(written["tourist"][0]["birthday"], "01.01.1990");
    assert_eq!(order.tourists[0].last_name.as_ref().unwrap().as_str(), "TESTOV");
}

#[test]
fn debug_of_a_quote_hides_what_is_not_documented() {
    let json = with(&sample("quote"), "/request/tourist/0/birthday", json!("01.01.1990"));
    let json = with(&json, "/data/0/infoPerTourist", json!([{"name": "TESTOV"}]));
    let debug = format!("{:?}", quote(&json));
    assert!(!debug.contains("1990") && !debug.contains("TESTOV"), "{debug}");
    assert!(debug.contains("Extra(1 fields)"));
}
