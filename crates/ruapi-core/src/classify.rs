//! Telling a good answer from a rejection.

use http::StatusCode;

use crate::error::Kind;
use crate::response::RawResponse;
use crate::retry::Repeat;

/// What an API's answer says against the request: see [`classify_by_status`].
///
/// An API that says "no money" with status 200:
///
/// ```
/// use ruapi_core::{Kind, RawResponse, Rejection, classify_by_status};
///
/// fn classify(response: &RawResponse) -> Result<(), Rejection> {
///     if response.body().starts_with(b"NO MONEY") {
///         return Err(Rejection::new(Kind::Funds));
///     }
///     classify_by_status(response)
/// }
///
/// let api = ruapi_core::Api {
///     user_agent: "example/1.0",
///     timeout: std::time::Duration::from_secs(30),
///     deadline: std::time::Duration::from_secs(120),
///     retry: ruapi_core::RetryPolicy::default(),
///     max_body: 1 << 20,
///     classify,
/// };
/// # let _ = api;
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Rejection {
    /// What sort of failure it is.
    pub kind: Kind,
    /// Whether the server may have acted.
    pub maybe_processed: bool,
    /// Under which conditions the request may be repeated.
    pub repeat: Repeat,
    /// The service has too many requests of this client under way: fewer from now on.
    pub overloaded: bool,
    /// The API's code.
    pub code: Option<String>,
    /// The API's message.
    pub message: Option<String>,
}

impl Rejection {
    /// A rejection that surely was not processed and that a repetition would not change.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            maybe_processed: false,
            repeat: Repeat::Never,
            overloaded: false,
            code: None,
            message: None,
        }
    }
}

/// Tells a good answer from a rejection, before it is decoded. Each API has one.
///
/// For an example see [`Rejection`].
pub type Classify = fn(&RawResponse) -> Result<(), Rejection>;

/// What the HTTP status alone says; APIs with an error envelope look into that first.
///
/// For an example see [`Rejection`].
pub fn classify_by_status(response: &RawResponse) -> Result<(), Rejection> {
    use Repeat::{Never, WhenIdempotent};
    let (kind, maybe_processed, repeat) = match response.status().as_u16() {
        200..=299 => return Ok(()),
        300..=399 => (Kind::Redirect, true, Never),
        400 | 405 | 411 | 413..=415 | 422 | 431 => (Kind::Input, false, Never),
        401 | 403 | 407 => (Kind::Credential, false, Never),
        402 => (Kind::Funds, false, Never),
        404 | 410 => (Kind::NotFound, false, Never),
        408 => (Kind::Busy, true, WhenIdempotent),
        425 | 429 => (Kind::Busy, false, WhenIdempotent),
        400..=499 => (Kind::Refused, false, Never),
        501 | 505 => (Kind::Server, true, Never),
        503 => (Kind::Busy, true, WhenIdempotent),
        _ => (Kind::Server, true, WhenIdempotent),
    };
    let overloaded = response.status() == StatusCode::TOO_MANY_REQUESTS;
    Err(Rejection { maybe_processed, repeat, overloaded, ..Rejection::new(kind) })
}
