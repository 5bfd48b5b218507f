//! Calls of the EPGU API.

use std::io::{Cursor, Write};

use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use reqwest::multipart::{Form, Part};
use ruapi_sandbox::epgu::Outcome;
use ruapi_sandbox::{Epgu, Sandbox};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::client;
pub(crate) use super::shtrafovnet::{Answer, bearer, call_as};

/// A sandbox whose clock stands still.
pub(crate) async fn frozen() -> Sandbox {
    Sandbox::builder().frozen(true).start().await.unwrap()
}

/// A call with the known token.
pub(crate) async fn call(sandbox: &Sandbox, method: Method, path: &str, body: Value) -> Answer {
    as_bearer(sandbox, Epgu::TOKEN, method, path, body).await
}

pub(crate) async fn as_bearer(
    sandbox: &Sandbox,
    token: &str,
    method: Method,
    path: &str,
    body: Value,
) -> Answer {
    let url = format!("{}{path}", sandbox.epgu_url());
    call_as(Some(&bearer(token)), method, &url, &body).await
}

pub(crate) async fn get(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, Method::GET, path, Value::Null).await
}

pub(crate) async fn post(sandbox: &Sandbox, path: &str, body: Value) -> Answer {
    call(sandbox, Method::POST, path, body).await
}

pub(crate) fn meta() -> Value {
    json!({ "region": "36000000000", "serviceCode": Epgu::SERVICE, "targetCode": Epgu::TARGET })
}

/// A new draft; its number.
pub(crate) async fn draft(sandbox: &Sandbox) -> u64 {
    let answer = post(sandbox, "api/gusmev/order", meta()).await.expect(200);
    answer["orderId"].as_u64().unwrap()
}

/// A draft's details, with the document inside decoded.
pub(crate) async fn details(sandbox: &Sandbox, order: u64) -> Value {
    let mut answer =
        post(sandbox, &format!("api/gusmev/order/{order}"), Value::Null).await.expect(200);
    if let Value::String(text) = &answer["order"] {
        answer["order"] = serde_json::from_str(text).unwrap();
    }
    answer
}

/// A zip archive of these files; those with a slash at the end are folders.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    archived(files, CompressionMethod::Deflated)
}

/// One that is not packed, and thus as large as its files.
pub(crate) fn stored(files: &[(&str, &[u8])]) -> Vec<u8> {
    archived(files, CompressionMethod::Stored)
}

fn archived(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        if name.ends_with('/') {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) const REQUEST: (&str, &[u8]) = ("req.xml", b"<?xml version=\"1.0\"?><req/>");

pub(crate) fn small_archive() -> Vec<u8> {
    archive(&[REQUEST])
}

pub(crate) fn json_part(value: &Value) -> Part {
    Part::text(value.to_string()).mime_str("application/json").unwrap()
}

pub(crate) fn file_part(bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name("archive.zip")
}

pub(crate) async fn send_form(sandbox: &Sandbox, token: &str, path: &str, form: Form) -> Answer {
    let call = client().post(format!("{}{path}", sandbox.epgu_url()));
    let call = call.header(AUTHORIZATION, bearer(token)).multipart(form);
    let response = call.send().await.unwrap();
    let status = response.status().as_u16();
    Answer { status, location: None, text: response.text().await.unwrap() }
}

pub(crate) async fn push(sandbox: &Sandbox, bytes: Vec<u8>) -> Answer {
    let form = Form::new().part("meta", json_part(&meta())).part("file", file_part(bytes));
    send_form(sandbox, Epgu::TOKEN, "api/gusmev/push", form).await
}

/// An application that was sent at once and will end so; its number.
pub(crate) async fn pushed(sandbox: &Sandbox, outcome: Outcome) -> u64 {
    sandbox.epgu().push_outcome(outcome);
    push(sandbox, small_archive()).await.expect(200)["orderId"].as_u64().unwrap()
}

/// A chunk: the `number`th of `chunks`.
pub(crate) async fn chunk(
    sandbox: &Sandbox,
    order: u64,
    number: u64,
    chunks: u64,
    bytes: &[u8],
) -> Answer {
    let form = Form::new()
        .part("meta", json_part(&meta()))
        .text("orderId", order.to_string())
        .text("chunk", number.to_string())
        .text("chunks", chunks.to_string())
        .part("file", file_part(bytes.to_vec()));
    send_form(sandbox, Epgu::TOKEN, "api/gusmev/push/chunked", form).await
}

/// The error's code.
#[track_caller]
pub(crate) fn code(answer: Answer, status: u16) -> String {
    let body = answer.expect(status);
    assert!(body["message"].is_string(), "{body}");
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    body["code"].as_str().unwrap().to_owned()
}

/// What a refusal says is wrong.
#[track_caller]
pub(crate) fn message(answer: Answer, status: u16) -> String {
    answer.expect(status)["message"].as_str().unwrap().to_owned()
}
