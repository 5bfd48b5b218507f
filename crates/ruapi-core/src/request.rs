//! An operation as plain data: what will be sent, made without a network.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;

use crate::clock::FOREVER;
use crate::error::Error;
use crate::redact;

/// RFC 3986 unreserved characters stay, everything else is encoded.
pub(crate) const QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// In a path `@` may stand as well, and e-mail addresses are easier to read with it.
const SEGMENT: &AsciiSet = &QUERY.remove(b'@');

/// Whether sending a request twice does the same as sending it once.
///
/// For an example see [`Request`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// May be repeated, also when an earlier attempt may have been processed.
    Idempotent,
    /// Costs money or files something: repeated only when it surely was not processed.
    NotIdempotent,
}

/// One request of one operation. Cloning is cheap. The credential is not in it, but it may hold personal
/// data, and its body a new password, so `Debug` shows names and never values.
///
/// ```
/// use http::Method;
/// use ruapi_core::{Idempotency, Request};
///
/// let request = Request::new("GET /users/:email", Method::GET, "users/{email}")
///     .path_parameter("email", "user@test.ru")?
///     .query("page", "2")
///     .shown(&["page"]);
/// assert_eq!((request.path(), request.query_string()), ("users/user@test.ru", "page=2"));
/// assert!(request.is_idempotent());
/// assert!(!format!("{request:?}").contains("user@test.ru"));
///
/// // A GET that costs money is not repeated once it may have been answered.
/// let billed = Request::new("checkPolicy", Method::GET, "nsso.php")
///     .idempotency(Idempotency::NotIdempotent);
/// assert!(!billed.is_idempotent());
///
/// // What would lead to another path is refused.
/// assert!(Request::new("file", Method::GET, "files/{id}").path_parameter("id", "..").is_err());
/// # Ok::<(), ruapi_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Request {
    operation: &'static str,
    method: Method,
    template: &'static str,
    path: Cow<'static, str>,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    idempotency: Idempotency,
    retry_try_later: bool,
    redirects: u8,
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    shown: &'static [&'static str],
    personal: Vec<String>,
}

impl Request {
    /// `operation` is the API document's name; `template` the path below the base URL, with
    /// `{name}` for each parameter: it also names the call in traces. GET, HEAD, PUT and DELETE
    /// count as idempotent until [`idempotency`](Self::idempotency) says otherwise.
    pub fn new(operation: &'static str, method: Method, template: &'static str) -> Self {
        let idempotency = if method.is_idempotent() {
            Idempotency::Idempotent
        } else {
            Idempotency::NotIdempotent
        };
        Self {
            operation,
            method,
            template,
            path: Cow::Borrowed(template),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            idempotency,
            retry_try_later: false,
            redirects: 0,
            timeout: None,
            deadline: None,
            shown: &[],
            personal: Vec::new(),
        }
    }

    /// Fills `{name}` of the template. Refused: empty, `.` and `..`, which would change the path.
    pub fn path_parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        if matches!(value, "" | "." | "..") {
            let text = format!("{name} must not be empty, `.` or `..`");
            return Err(Error::input(self.operation, text));
        }
        let encoded = utf8_percent_encode(value, SEGMENT).to_string();
        self.path = Cow::Owned(self.path.replacen(&format!("{{{name}}}"), &encoded, 1));
        Ok(self.hide(value))
    }

    /// Also masks this in errors, where a server repeats it: what the body says if it is not JSON.
    #[must_use]
    pub fn hide(mut self, value: &str) -> Self {
        self.personal.push(value.to_owned());
        self
    }

    /// Adds one query parameter, percent-encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.reserve(name.len() + value.len() * 3 + 2);
        if !self.query.is_empty() {
            self.query.push('&');
        }
        push_pair(&mut self.query, name, value);
        self
    }

    /// Names the query parameters whose values may appear in `Debug` and in error messages; all
    /// others are masked.
    #[must_use]
    pub fn shown(mut self, names: &'static [&'static str]) -> Self {
        self.shown = names;
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// A JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(body).map_err(|error| {
            let place = ruapi_wire::expectation(&error);
            Error::input(self.operation, format!("the body cannot be written as JSON: {place}"))
        })?;
        self.body = bytes.into();
        Ok(self.header(header::CONTENT_TYPE, HeaderValue::from_static("application/json")))
    }

    /// States whether the request may be repeated.
    #[must_use]
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// The caller wants the request repeated also when the service answers "try again later".
    #[must_use]
    pub fn retry_try_later(mut self, yes: bool) -> Self {
        self.retry_try_later = yes;
        self
    }

    /// A body as it is, of this content type.
    #[must_use]
    pub fn raw_body(mut self, content_type: HeaderValue, body: Bytes) -> Self {
        self.body = body;
        self.header(header::CONTENT_TYPE, content_type)
    }

    /// Follows up to so many redirects within the server that was asked; none by default. For reading
    /// only: the method and the body stay.
    #[must_use]
    pub fn follow_redirects(mut self, most: u8) -> Self {
        self.redirects = most;
        self
    }

    /// Time for one attempt, in place of the client's.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Time for the whole call, in place of the client's.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline.min(FOREVER));
        self
    }

    /// The API document's name of the operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The HTTP method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path below the base URL with its parameters unfilled.
    pub fn template(&self) -> &'static str {
        self.template
    }

    /// The path below the base URL, encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query, encoded, without the credential's.
    pub fn query_string(&self) -> &str {
        &self.query
    }

    /// The query's names and decoded values in the order of sending.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        pairs(&self.query)
    }

    /// The headers, without the credential's.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether the request may be repeated once it may have been read.
    pub fn is_idempotent(&self) -> bool {
        self.idempotency == Idempotency::Idempotent
    }

    pub(crate) fn retries_try_later(&self) -> bool {
        self.retry_try_later
    }

    pub(crate) fn redirects(&self) -> u8 {
        self.redirects
    }

    pub(crate) fn own_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn own_deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// `text` with every value masked that this request carries, but for the shortest: a server may echo them.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let body = serde_json::from_slice::<serde_json::Value>(&self.body).unwrap_or_default();
        let mut values: Vec<String> = self.personal.clone();
        values.extend(
            self.query_pairs()
                .filter(|(name, _)| !self.shown.contains(&&**name))
                .map(|(_, value)| value.into_owned()),
        );
        collect_texts(&body, &mut values);
        redact::mask_all(text, values.iter().map(String::as_str))
    }
}

/// Appends `name=value`, percent-encoded.
pub(crate) fn push_pair(query: &mut String, name: &str, value: &str) {
    query.extend(utf8_percent_encode(name, QUERY));
    query.push('=');
    query.extend(utf8_percent_encode(value, QUERY));
}

/// The decoded pairs of a query.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text| percent_decode_str(text).decode_utf8_lossy();
        (decode(name), decode(value))
    })
}

fn collect_texts(value: &serde_json::Value, into: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => into.push(text.clone()),
        serde_json::Value::Array(list) => list.iter().for_each(|item| collect_texts(item, into)),
        serde_json::Value::Object(map) => map.values().for_each(|item| collect_texts(item, into)),
        _ => {}
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("template", &self.template)
            .field("query", &redact::Query { query: &self.query, shown: self.shown })
            .field("headers", &redact::Headers(&self.headers))
            .field("body_bytes", &self.body.len())
            .field("idempotency", &self.idempotency)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_parameter_cannot_leave_its_segment() {
        let request = || Request::new("userCars", Method::GET, "users/{email}/cars");
        let made = request().path_parameter("email", "a/../b@x.ru").unwrap();
        assert_eq!(made.path(), "users/a%2F..%2Fb@x.ru/cars");
        for bad in ["", ".", ".."] {
            assert!(request().path_parameter("email", bad).unwrap_err().is_input());
        }
    }

    #[test]
    fn the_query_is_encoded_once_and_debug_hides_its_values() {
        let request =
            Request::new("op", Method::GET, "p").query("gosNumber", "А1&1=#").query("type", "x y");
        assert_eq!(request.query_string(), "gosNumber=%D0%901%261%3D%23&type=x%20y");
        let values: Vec<_> = request.query_pairs().map(|(_, value)| value.into_owned()).collect();
        assert_eq!(values, ["А1&1=#", "x y"]);
        let debug = format!("{request:?}");
        assert!(debug.contains("gosNumber"), "{debug}");
        assert!(!debug.contains("А1") && !debug.contains("%D0"), "{debug}");
    }

    #[test]
    fn what_was_sent_is_masked_in_what_comes_back() {
        let request = Request::new("op", Method::POST, "users/{email}")
            .path_parameter("email", "ivan@test.ru")
            .unwrap()
            .query("gosNumber", "А111АА11")
            .json(&serde_json::json!({"payer": {"name": "Иванов"}}))
            .unwrap();
        let text = request.scrub("ivan@test.ru has no А111АА11, said Иванов");
        assert_eq!(text, "*** has no ***, said ***");
    }

    #[test]
    fn posts_are_not_repeated_by_default() {
        assert!(!Request::new("op", Method::POST, "p").is_idempotent());
        assert!(Request::new("op", Method::DELETE, "p").is_idempotent());
    }
}
