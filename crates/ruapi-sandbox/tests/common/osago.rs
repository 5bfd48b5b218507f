//! The OSAGO partner as Yandex calls it.

use reqwest::{Method, Response};
use ruapi_sandbox::{Osago, Sandbox};
use serde_json::{Value, json};

use super::client;

pub(crate) const REQUEST: &str = "00000000-0000-4000-8000-000000000001";

/// An answer's status and body.
pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

pub(crate) async fn get(sandbox: &Sandbox, path: &str, query: &str) -> (u16, Value) {
    let url = format!("{}osago/{path}?{query}", sandbox.osago_url());
    read(client().get(url).bearer_auth(Osago::TOKEN).send().await.unwrap()).await
}

pub(crate) async fn post(sandbox: &Sandbox, path: &str, body: &Value) -> (u16, Value) {
    let request = client().request(Method::POST, format!("{}osago/{path}", sandbox.osago_url()));
    let request = request.bearer_auth(Osago::TOKEN).header("content-type", "application/json");
    read(request.body(body.to_string()).send().await.unwrap()).await
}

/// The answer of a request that must be a good one.
pub(crate) fn good((status, body): (u16, Value)) -> Value {
    assert_eq!(status, 200, "{body}");
    body
}

/// The properties that a request is refused for.
pub(crate) fn refused((status, body): (u16, Value)) -> Vec<String> {
    assert_eq!(status, 400, "{body}");
    assert!(body["message"].is_string(), "{body}");
    let properties = body["properties"].as_array().cloned().unwrap_or_default();
    properties
        .iter()
        .map(|problem| {
            assert!(problem["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
            problem["property"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// A good calculation.
pub(crate) fn calculation() -> Value {
    json!({
        "product_type": "osago",
        "request_id": REQUEST,
        "is_cross_allowed": true,
        "purpose": "personal",
        "policy_start_date": "2025-09-01T00:00:00+03:00",
        "vehicle": {"car_number": "А111АА11", "category": "B", "vin": "XTA00000000000000"},
        "drivers_info": {
            "is_unlimited_drivers": false,
            "drivers": [{
                "last_name": "Тестов", "first_name": "Амонулло", "birth_date": "1990-01-31",
                "license": {"series": "0000", "number": "000000", "date": "2010-02-01"},
            }],
        },
        "owner": {"last_name": "Тестов", "first_name": "Амонулло"},
        "insurer": {"last_name": "Тестов", "first_name": "Амонулло"},
    })
}

/// A confirmation with these upsales.
pub(crate) fn confirmation(offer: &str, upsales: &[(&str, Value)]) -> Value {
    let upsales: Vec<Value> = upsales
        .iter()
        .map(|(upsale, option)| json!({ "upsale_id": upsale, "option_id": option }))
        .collect();
    json!({
        "request_id": REQUEST,
        "offer_id": offer,
        "return_urls": {
            "success_url": "https://example.com/osago/success",
            "failure_url": "https://example.com/osago/failure",
        },
        "upsales": upsales,
    })
}
