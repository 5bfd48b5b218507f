use std::collections::BTreeMap;

use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::redact::is_harmless_header;
use crate::request::pairs;

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

impl RecordedRequest {
    /// What a server received, as a fixture would hold it: the path without the slash at its beginning.
    pub fn received(method: &str, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        let path = percent_decode_str(uri.path().trim_start_matches('/')).decode_utf8_lossy();
        let query = pairs(uri.query().unwrap_or_default());
        Self {
            method: method.to_owned(),
            path: path.into_owned(),
            query: query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            headers: recorded_headers(headers),
            body: recorded_body(body),
        }
    }

    /// Whether this is what was received, whatever other headers came with it.
    pub fn is_same_as(&self, received: &Self) -> bool {
        let same_headers =
            self.headers.iter().all(|(name, value)| received.headers.get(name) == Some(value));
        same_headers
            && (&self.method, &self.path, &self.query, &self.body)
                == (&received.method, &received.path, &received.query, &received.body)
    }
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
