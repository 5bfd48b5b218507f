//! An answer: as received, and as the model made of it.

use std::fmt;
use std::ops::Deref;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::error::{Error, Kind};
use crate::redact;
use crate::request::Request;

/// A whole answer, its body within the client's cap.
///
/// For an example see [`Response`].
#[derive(Clone)]
pub struct RawResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    attempts: u32,
    received: SystemTime,
}

impl RawResponse {
    /// An answer of the given parts; `received` is what a `Retry-After` date is counted from.
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes, received: SystemTime) -> Self {
        Self { status, headers, body, attempts: 1, received }
    }

    /// States how often the request was sent.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body. It may hold personal data.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How long the server asks to wait: `Retry-After` in seconds or as a date.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = httpdate::parse_http_date(text).ok()?;
        Some(date.duration_since(self.received).unwrap_or_default())
    }

    /// The answer with a model that is not in its body.
    pub fn with_value<T>(self, value: T) -> Response<T> {
        Response { value, status: self.status, headers: self.headers, attempts: self.attempts }
    }

    /// The body as a model. A failure names the JSON path and what was expected there, and keeps
    /// the body: see [`Error::body`].
    pub fn decode<T: DeserializeOwned>(self, request: &Request) -> Result<Response<T>, Error> {
        match ruapi_wire::decode(&self.body) {
            Ok(value) => Ok(self.with_value(value)),
            Err(problem) => {
                let detail = format!("the answer was not understood: {problem}");
                Err(Error::new(Kind::Decode, request.operation(), detail)
                    .with_request(request)
                    .with_response(&self)
                    .with_progress(self.attempts, true))
            }
        }
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .field("headers", &redact::Headers(&self.headers))
            .field("body_bytes", &self.body.len())
            .field("attempts", &self.attempts)
            .finish()
    }
}

/// A decoded answer with what came around it. It reads like the model it holds (`Deref`).
///
/// ```
/// use bytes::Bytes;
/// use http::{HeaderMap, Method, StatusCode};
/// use ruapi_core::{RawResponse, Request};
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Car {
///     name: String,
/// }
///
/// let request = Request::new("car", Method::GET, "cars/5");
/// let answer = |body: &'static str| {
///     let now = std::time::SystemTime::now();
///     RawResponse::new(StatusCode::OK, HeaderMap::new(), Bytes::from_static(body.as_bytes()), now)
/// };
///
/// let car = answer(r#"{"name": "NISSAN TIIDA"}"#).decode::<Car>(&request)?;
/// assert_eq!((car.name.as_str(), car.status(), car.attempts()), ("NISSAN TIIDA", StatusCode::OK, 1));
///
/// let error = answer(r#"{"name": 5}"#).decode::<Car>(&request).unwrap_err();
/// assert!(error.to_string().contains("at `name`"));
/// # Ok::<(), ruapi_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    attempts: u32,
}

impl<T> Response<T> {
    /// The model alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &redact::Headers(&self.headers))
            .field("attempts", &self.attempts)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let at = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            let received = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
            RawResponse::new(StatusCode::OK, headers, Bytes::new(), received).retry_after()
        };
        assert_eq!(at("7"), Some(Duration::from_secs(7)));
        assert_eq!(at("Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(at("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        assert_eq!(at("soon"), None);
        assert_eq!(at("-1"), None);
    }
}
