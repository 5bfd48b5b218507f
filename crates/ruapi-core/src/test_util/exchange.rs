use std::collections::BTreeMap;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
    /// The body: JSON as it is, the parts of a form as a list, anything else as text; `null` if there is
    /// none.
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
            body: recorded_form(headers, body).unwrap_or_else(|| recorded_body(body)),
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
        .filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            // It is another one each time.
            let value = value.split("; boundary=").next()?;
            Some((name.to_string(), value.to_owned()))
        })
        .collect()
}

/// The parts of a form: what each says, and of a file its length and a digest.
pub(super) fn recorded_form(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let (_, boundary) = content_type.split_once("multipart/form-data; boundary=")?;
    let line = format!("\r\n--{boundary}");
    // The first one has no line before it.
    let body = [b"\r\n", body].concat();
    let parts = split(&body, line.as_bytes());
    let inner = parts.get(1..parts.len().checked_sub(1)?)?;
    inner.iter().map(|part| recorded_part(part)).collect::<Option<Vec<_>>>().map(Value::Array)
}

fn recorded_part(part: &[u8]) -> Option<Value> {
    let end = split(part, b"\r\n\r\n").first()?.len();
    let head = std::str::from_utf8(&part[..end]).ok()?.to_owned();
    let content = part.get(end + 4..)?;
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim().to_owned())
    };
    let disposition = header("Content-Disposition: form-data;")?;
    let quoted = |name: &str| {
        let (_, rest) = disposition.split_once(&format!("{name}=\""))?;
        Some(rest.split('"').next()?.to_owned())
    };
    let file_name = disposition.split_once("; ").and_then(|_| quoted("filename"));
    let content = match &file_name {
        None => recorded_body(content),
        Some(_) => {
            json!({ "length": content.len(), "digest": format!("{:016x}", digest(content)) })
        }
    };
    let mut recorded = json!({ "name": quoted("name")?, "content": content });
    if let Some(name) = file_name {
        recorded["file_name"] = name.into();
    }
    if let Some(content_type) = header("Content-Type:") {
        recorded["content_type"] = content_type.into();
    }
    Some(recorded)
}

fn split<'a>(bytes: &'a [u8], by: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at + by.len() <= bytes.len() {
        if &bytes[at..at + by.len()] == by {
            parts.push(&bytes[start..at]);
            start = at + by.len();
            at = start;
        } else {
            at += 1;
        }
    }
    parts.push(&bytes[start..]);
    parts
}

/// FNV-1a: tells contents apart, the same way in every build.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

pub(super) fn recorded_body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_its_parts_whatever_its_boundary() {
        let form = |boundary: &str, content: &str| {
            let mut headers = HeaderMap::new();
            let content_type = format!("multipart/form-data; boundary={boundary}");
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
            let body = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"meta\"\r\n\
                 Content-Type: application/json\r\n\r\n{{\"region\":\"36\"}}\r\n\
                 --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.zip\"\
                 \r\n\r\n{content}\r\n--{boundary}--\r\n"
            );
            let uri = "/push".parse().unwrap();
            RecordedRequest::received("POST", &uri, &headers, body.as_bytes())
        };
        let one = form("x1", "PK\r\n");
        assert_eq!(one.headers["content-type"], "multipart/form-data");
        let meta = json!({"name": "meta", "content": {"region": "36"}, "content_type": "application/json"});
        assert_eq!(one.body[0], meta);
        assert_eq!(one.body[1]["file_name"], "a.zip");
        assert_eq!(one.body[1]["content"]["length"], 4);
        assert_eq!(one.body.as_array().map(Vec::len), Some(2));
        assert!(one.is_same_as(&form("y2", "PK\r\n")));
        assert!(!one.is_same_as(&form("x1", "PK\r\t")));
    }
}
