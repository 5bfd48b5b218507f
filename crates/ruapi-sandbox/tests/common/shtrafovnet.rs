//! Calls of the Shtrafovnet API.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use ruapi_sandbox::{Sandbox, Shtrafovnet};
use serde_json::{Value, json};

use super::client;

/// An answer: status, `Location`, body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    /// The fields that a validation error names.
    #[track_caller]
    pub(crate) fn wrong_fields(self) -> Vec<String> {
        let body = self.expect(400);
        assert_eq!(body["status"], 400);
        assert_eq!(body["type"], "validation_error");
        assert_eq!(body["title"], "There was a validation error");
        body["errors"].as_object().unwrap().keys().cloned().collect()
    }
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A call with this `Authorization`, if any; a body that is null is not sent.
pub(crate) async fn call_as(
    authorization: Option<&str>,
    method: Method,
    url: &str,
    body: &Value,
) -> Answer {
    let mut request = client().request(method, url);
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    if !body.is_null() {
        request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let location = response.headers().get(LOCATION).map(|value| value.to_str().unwrap().to_owned());
    Answer { status: response.status().as_u16(), location, text: response.text().await.unwrap() }
}

/// A call with the known token.
pub(crate) async fn call(sandbox: &Sandbox, method: Method, path: &str, body: Value) -> Answer {
    let url = format!("{}{path}", sandbox.shtrafovnet_url());
    call_as(Some(&bearer(Shtrafovnet::TOKEN)), method, &url, &body).await
}

pub(crate) async fn get(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, Method::GET, path, Value::Null).await
}

pub(crate) async fn post(sandbox: &Sandbox, path: &str, body: Value) -> Answer {
    call(sandbox, Method::POST, path, body).await
}

pub(crate) async fn patch(sandbox: &Sandbox, path: &str, body: Value) -> Answer {
    call(sandbox, Method::PATCH, path, body).await
}

pub(crate) async fn delete(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, Method::DELETE, path, Value::Null).await
}

/// `Basic …`.
pub(crate) fn basic(email: &str, password: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = format!("{email}:{password}");
    let mut encoded = String::from("Basic ");
    for chunk in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| {
            (bits << 8) | usize::from(chunk.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            let digit = char::from(DIGITS[(bits >> (18 - 6 * at)) & 63]);
            encoded.push(if at <= chunk.len() { digit } else { '=' });
        }
    }
    encoded
}

/// A token by `POST /tokens`.
pub(crate) async fn log_in(sandbox: &Sandbox, email: &str, password: &str) -> Answer {
    let url = format!("{}tokens", sandbox.shtrafovnet_url());
    call_as(Some(&basic(email, password)), Method::POST, &url, &Value::Null).await
}

/// A sandbox with modern forms whose clock stands still.
pub(crate) async fn modern() -> Sandbox {
    let sandbox = Sandbox::builder().frozen(true).start().await.unwrap();
    sandbox.shtrafovnet().set_modern_forms(true);
    sandbox
}

/// A new car; its id.
pub(crate) async fn new_car(sandbox: &Sandbox, number: u64, email: Option<&str>) -> u64 {
    let body = json!({ "cert": format!("{number:010}"), "reg": "а000аа00", "email": email });
    let car = post(sandbox, "cars", body).await.expect(201);
    let id = &car["id"];
    id.as_u64().or_else(|| id.as_str()?.parse().ok()).unwrap()
}

/// All fines of a car.
pub(crate) async fn fines_of(sandbox: &Sandbox, car: u64) -> Vec<Value> {
    let list = get(sandbox, &format!("cars/{car}/fines")).await.expect(200);
    assert_eq!(list["total"], list["fines"].as_array().unwrap().len());
    list["fines"].as_array().unwrap().clone()
}

/// The ids of a list's items.
pub(crate) fn ids(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

/// A control call that succeeds.
pub(crate) async fn control(sandbox: &Sandbox, method: Method, path: &str, body: Value) -> Answer {
    call_as(None, method, &format!("{}_sandbox/{path}", sandbox.url()), &body).await
}
