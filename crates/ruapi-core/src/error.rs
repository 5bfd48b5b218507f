//! The one error of every client: what was wrong, where, and what may have happened.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::request::Request;
use crate::response::RawResponse;

/// How much of an answer an error keeps, in bytes.
pub const BODY_KEPT: usize = 64 * 1024;
/// How much of the API's own words an error shows, in characters.
const MESSAGE_SHOWN: usize = 300;

/// What sort of failure it was. Each kind says whether the server may have acted;
/// [`Error::maybe_processed`] says it for the whole call, all its attempts together.
///
/// For an example see [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The input was refused before anything was sent, or the API calls it malformed. Not processed.
    Input,
    /// The credential is missing, wrong, blocked, or has no access. Not processed.
    Credential,
    /// There is no money left for a paid call. Not processed.
    Funds,
    /// What was asked for does not exist. Not processed.
    NotFound,
    /// The API refused. Not processed, unless nobody can say: see [`Error::maybe_processed`].
    Refused,
    /// Too many requests, or the service asks to come back later. After 408 and 503 it may have been processed.
    Busy,
    /// The connection was never made, so nothing was sent.
    Connect,
    /// The connection broke after sending began. May have been processed.
    Interrupted,
    /// No answer within the time allowed. May have been processed, unless nothing was sent by then.
    Timeout,
    /// The server failed (5xx). May have been processed.
    Server,
    /// The server answered with a redirect, which is not followed. May have been processed.
    Redirect,
    /// The answer is not what the API documents. Surely processed as far as one can tell.
    Decode,
    /// The answer is larger than the configured cap. May have been processed.
    TooLarge,
}

/// The error of every call. One word in size; everything else is reached by methods.
///
/// `Display` names the operation, the method, the status, the API's code and message and the number
/// of attempts. It never shows a URL, a query, a token, or a body; what the caller sent is masked
/// in the API's message as well, but for texts of three letters or fewer.
///
/// ```
/// use ruapi_core::{Error, Kind};
///
/// fn advice(error: &Error) -> &'static str {
///     if error.maybe_processed() {
///         return "look whether it was done, before asking again";
///     }
///     match error.kind() {
///         Kind::Input | Kind::NotFound => "correct the input",
///         Kind::Credential | Kind::Funds => "look at the account",
///         _ => "try again later",
///     }
/// }
///
/// let error = Error::new(Kind::Interrupted, "checkPolicy", "the connection broke");
/// assert_eq!(advice(&error.with_progress(1, true)), "look whether it was done, before asking again");
///
/// let error = Error::input("checkPolicy", "date: expected a year of four digits");
/// assert_eq!(error.to_string(), "checkPolicy: date: expected a year of four digits");
/// assert_eq!(advice(&error), "correct the input");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    operation: &'static str,
    method: Option<Method>,
    detail: Cow<'static, str>,
    status: Option<StatusCode>,
    code: Option<String>,
    message: Option<String>,
    retry_after: Option<Duration>,
    body: Bytes,
    attempts: u32,
    maybe_processed: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure of the given kind that is known before or without an answer.
    pub fn new(kind: Kind, operation: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation,
            method: None,
            detail: detail.into(),
            status: None,
            code: None,
            message: None,
            retry_after: None,
            body: Bytes::new(),
            attempts: 0,
            maybe_processed: false,
            source: None,
        }))
    }

    /// A failure that comes from another call's, with that one's facts.
    pub(crate) fn because_of(
        operation: &'static str,
        detail: &'static str,
        cause: &Arc<Self>,
    ) -> Self {
        let mut error = Self::new(cause.kind(), operation, detail);
        error.0.status = cause.0.status;
        error.0.code.clone_from(&cause.0.code);
        error.0.message.clone_from(&cause.0.message);
        error.0.retry_after = cause.0.retry_after;
        error.0.body = cause.0.body.clone();
        error.with_source(cause.clone())
    }

    /// Input that is refused before anything is sent.
    pub fn input(operation: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Input, operation, detail)
    }

    /// What lies beneath; shared, because many calls may fail of one cause.
    #[must_use]
    pub fn with_source(mut self, source: Arc<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    /// States what was asked.
    #[must_use]
    pub fn with_request(mut self, request: &Request) -> Self {
        self.0.operation = request.operation();
        self.0.method = Some(request.method().clone());
        self
    }

    /// Keeps the answer: status, `Retry-After`, the first [`BODY_KEPT`] bytes of the body.
    #[must_use]
    pub fn with_response(mut self, response: &RawResponse) -> Self {
        self.0.status = Some(response.status());
        self.0.retry_after = response.retry_after();
        // Copied where it is cut, so that a large answer does not live as long as its error.
        let body = response.body();
        let kept = body.get(..BODY_KEPT).map(Bytes::copy_from_slice);
        self.0.body = kept.unwrap_or_else(|| body.clone());
        self
    }

    /// Keeps the API's own code and message. Mask in them what the caller had sent.
    #[must_use]
    pub fn with_words(mut self, code: Option<String>, message: Option<String>) -> Self {
        self.0.code = code;
        self.0.message = message;
        self
    }

    /// States how often the request was sent, and whether the server may have acted.
    #[must_use]
    pub fn with_progress(mut self, attempts: u32, maybe_processed: bool) -> Self {
        self.0.attempts = attempts;
        self.0.maybe_processed = maybe_processed;
        self
    }

    /// What sort of failure it was.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The operation, by the name the API's document gives it.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The HTTP status, where an answer came.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The API's own error code, as it was sent.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The API's own error message, with everything masked that the caller had sent and that has four letters or
    /// more: shorter texts would match by chance.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// How long the server asks to wait before the next call.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The first [`BODY_KEPT`] bytes of the answer. They may hold personal data: do not log them.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// How often the request was sent, or its sending tried. Zero: refused before.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the server may have acted on any of the attempts. Where this is `false`, the call may be
    /// repeated without harm; where it is `true`, a paid or filing call must be looked into first.
    pub fn maybe_processed(&self) -> bool {
        self.0.maybe_processed
    }

    /// The input was refused: see [`Kind::Input`].
    pub fn is_input(&self) -> bool {
        self.kind() == Kind::Input
    }

    /// The credential was not accepted: see [`Kind::Credential`].
    pub fn is_credential(&self) -> bool {
        self.kind() == Kind::Credential
    }

    /// The network or the server failed, not the request itself.
    pub fn is_network(&self) -> bool {
        matches!(self.kind(), Kind::Connect | Kind::Interrupted | Kind::Timeout | Kind::Server)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "{}: {}", inner.operation, inner.detail)?;
        if let Some(message) = &inner.message {
            f.write_str(": ")?;
            Plain(message).fmt(f)?;
        }
        let mut separator = " (";
        let mut part = |f: &mut fmt::Formatter<'_>, text: fmt::Arguments<'_>| {
            let result = write!(f, "{separator}{text}");
            separator = ", ";
            result
        };
        if let Some(method) = &inner.method {
            part(f, format_args!("{method}"))?;
        }
        if let Some(status) = inner.status {
            part(f, format_args!("HTTP {}", status.as_u16()))?;
        }
        if let Some(code) = &inner.code {
            part(f, format_args!("code {}", Plain(code)))?;
        }
        if inner.attempts > 1 {
            part(f, format_args!("{} attempts", inner.attempts))?;
        }
        if inner.attempts > 0 && inner.maybe_processed {
            part(f, format_args!("may have been processed"))?;
        }
        f.write_str(if separator == ", " { ")" } else { "" })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("text", &format_args!("{self}"))
            .field("body_bytes", &self.0.body.len())
            .field("source", &self.0.source.as_ref().map(|source| source.to_string()))
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

/// Foreign words on one line: no control characters (a terminal would obey them), not endless.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for c in self.0.chars().take(MESSAGE_SHOWN) {
            f.write_char(if c.is_control() { ' ' } else { c })?;
        }
        if self.0.chars().nth(MESSAGE_SHOWN).is_some() {
            f.write_char('…')?;
        }
        Ok(())
    }
}

const _: () = assert!(size_of::<Error>() <= 2 * size_of::<usize>());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_the_facts_and_defuses_control_characters() {
        let error = Error::new(Kind::Refused, "checkPolicy", "the API refused")
            .with_words(Some("15".into()), Some("DATE\u{1b}[31m_ERROR".into()))
            .with_progress(2, false);
        assert_eq!(
            error.to_string(),
            "checkPolicy: the API refused: DATE [31m_ERROR (code 15, 2 attempts)"
        );
    }

    #[test]
    fn an_endless_message_is_cut() {
        let error = Error::new(Kind::Refused, "op", "no").with_words(None, Some("ы".repeat(5000)));
        assert_eq!(error.to_string().chars().count(), "op: no: ".len() + MESSAGE_SHOWN + 1);
        assert_eq!(error.message().map(|m| m.chars().count()), Some(5000));
    }
}
