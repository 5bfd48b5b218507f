use std::collections::BTreeMap;

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::redact::is_harmless_header;

/// One request and its answer as a fixture holds them: what was said, not how it was framed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exchange {
    /// What was asked.
    pub request: RecordedRequest,
    /// What was answered.
    pub response: RecordedResponse,
}

impl Exchange {
    /// An exchange of these parts.
    pub fn new(request: RecordedRequest, response: RecordedResponse) -> Self {
        Self { request, response }
    }
}

/// A request in a fixture.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(default)]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path below the host, decoded.
    pub path: String,
    /// The query's names and decoded values, in the order sent.
    pub query: Vec<(String, String)>,
    /// The headers that tell nothing about anybody.
    pub headers: BTreeMap<String, String>,
    /// The body: JSON as it is, anything else as text; `null` if there is none.
    pub body: Value,
}

/// An answer in a fixture.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(default)]
pub struct RecordedResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers that tell nothing about anybody.
    pub headers: BTreeMap<String, String>,
    /// The body: JSON as it is, anything else as text; `null` if there is none.
    pub body: Value,
}

impl RecordedResponse {
    /// The body as it goes over the wire.
    pub fn body_bytes(&self) -> Vec<u8> {
        match &self.body {
            Value::Null => Vec::new(),
            Value::String(text) => text.clone().into_bytes(),
            json => json.to_string().into_bytes(),
        }
    }
}

pub(super) fn recorded_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .filter(|(name, _)| is_harmless_header(name))
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}

pub(super) fn recorded_body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}
