//! Faults: what can go wrong on the way, on request.

mod apply;
mod book;

pub(crate) use apply::apply;
pub(crate) use book::FaultBook;

use serde::{Deserialize, Serialize};

/// A fault and the requests it hits.
///
/// Faults are asked in the order they were injected, and the first that hits a request is the only
/// one. A request counts for a fault (for its `skip`) when its path fits and no earlier fault hit.
///
/// ```
/// use ruapi_sandbox::{Fault, FaultKind};
///
/// let second_call_stalls =
///     Fault::new(FaultKind::Stall { processed: false }).path("/nsso/").skip(1).times(1);
/// # assert_eq!(second_call_stalls.skip, 1);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// Only requests whose path begins so, such as `/nsso/`; none: all requests of all APIs.
    #[serde(default)]
    pub path: Option<String>,
    /// How many requests are hit; none: all until the fault is cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// How many fitting requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// The probability, 0 to 1, with which a request is hit after that; none: every request.
    #[serde(default)]
    pub probability: Option<f64>,
    /// The seed of that probability's draws: the same requests in the same order are hit again.
    #[serde(default)]
    pub seed: u64,
}

impl Fault {
    /// A fault that hits every request until it is cleared.
    pub fn new(kind: FaultKind) -> Self {
        Self { kind, path: None, times: None, skip: 0, probability: None, seed: 0 }
    }

    /// Hits only requests whose path begins with `prefix`.
    #[must_use]
    pub fn path(mut self, prefix: impl Into<String>) -> Self {
        self.path = Some(prefix.into());
        self
    }

    /// Hits only so many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many fitting requests pass first.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Hits each request only with this probability, drawn repeatably from `seed`.
    #[must_use]
    pub fn probability(mut self, probability: f64, seed: u64) -> Self {
        self.probability = Some(probability);
        self.seed = seed;
        self
    }

    /// Says what was expected if the fault cannot be played.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.probability.is_some_and(|probability| !(0.0..=1.0).contains(&probability)) {
            return Err("`probability` is a number from 0 to 1".to_owned());
        }
        self.kind.check()
    }
}

/// What happens to a request.
///
/// *Processed* means that the API's handler did its work (changed state, billed the query) before
/// its answer was lost or replaced, as it is when a gateway fails behind the backend. A request
/// that was not processed left no trace but in the request log.
///
/// As JSON: `"token_revoked"`, `{"stall": {"processed": true}}` and so on; what is left out of
/// `processed` is `false`.
///
/// For an example see [`Fault`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// A gateway's answer instead of the API's.
    Status {
        /// The status, 200 to 599.
        status: u16,
        /// The value of a `Retry-After` header: seconds or an HTTP date.
        #[serde(default)]
        retry_after: Option<String>,
        /// The body.
        #[serde(default)]
        body: String,
        /// The body's type.
        #[serde(default = "plain_text")]
        content_type: String,
        /// Whether the request was processed before.
        #[serde(default)]
        processed: bool,
    },
    /// The API's own error envelope; not processed.
    ApiError {
        /// The code; one that the document does not know is answered as well.
        code: String,
        /// The message; the documented one by default.
        #[serde(default)]
        message: Option<String>,
    },
    /// Waits in real time, then processes and answers as usual.
    Delay {
        /// How long.
        millis: u64,
    },
    /// Never answers; lasts until the client goes away.
    Stall {
        /// Whether the request was processed before.
        #[serde(default)]
        processed: bool,
    },
    /// Ends the connection in the middle of the answer.
    ///
    /// If the request was processed, its answer is what is cut (one that is shorter than
    /// `after_bytes` goes out whole); if not, a stand-in that is long enough.
    Cut {
        /// Whether the request was processed before.
        #[serde(default)]
        processed: bool,
        /// How many bytes go out first, counted from the status line.
        #[serde(default)]
        after_bytes: usize,
        /// RST instead of FIN.
        #[serde(default)]
        reset: bool,
    },
    /// The processed answer's first bytes as if they were the whole: the `Content-Length` fits.
    Truncate {
        /// How many bytes of the body are left.
        bytes: usize,
    },
    /// Status 200 and `application/json`, but the body is neither JSON nor UTF-8.
    Garbage {
        /// Whether the request was processed before.
        #[serde(default)]
        processed: bool,
    },
    /// A proxy's HTML page.
    Html {
        /// The status, 200 to 599.
        status: u16,
        /// Whether the request was processed before.
        #[serde(default)]
        processed: bool,
    },
    /// Status 200 and a body that begins as JSON and goes on for very long; never held in memory.
    Oversized {
        /// The length of the body.
        bytes: u64,
        /// Whether a `Content-Length` tells it beforehand; else the body comes in chunks.
        #[serde(default)]
        declared: bool,
        /// Whether the request was processed before.
        #[serde(default)]
        processed: bool,
    },
    /// Status 200 and a valid JSON object whose `deep` holds arrays within arrays.
    Deep {
        /// How many, at most a million; if 0, `deep` is null.
        depth: usize,
        /// Whether the request was processed before.
        #[serde(default)]
        processed: bool,
    },
    /// A redirect.
    Redirect {
        /// The status, 300 to 399.
        status: u16,
        /// The `Location`.
        location: String,
        /// Whether the request was processed before.
        #[serde(default)]
        processed: bool,
    },
    /// The processed answer, called `text/html`.
    WrongContentType,
    /// The processed answer, a few bytes of the body at a time.
    Drip {
        /// How many bytes at a time, at least 1.
        chunk: usize,
        /// The real time between two chunks.
        millis: u64,
    },
    /// The credential that the request carries becomes unknown; the API's own check then answers.
    TokenRevoked,
}

fn plain_text() -> String {
    "text/plain; charset=utf-8".to_owned()
}

/// The most arrays within arrays.
const MAX_DEPTH: usize = 1_000_000;

impl FaultKind {
    /// The name in JSON and in the request log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::ApiError { .. } => "api_error",
            Self::Delay { .. } => "delay",
            Self::Stall { .. } => "stall",
            Self::Cut { .. } => "cut",
            Self::Truncate { .. } => "truncate",
            Self::Garbage { .. } => "garbage",
            Self::Html { .. } => "html",
            Self::Oversized { .. } => "oversized",
            Self::Deep { .. } => "deep",
            Self::Redirect { .. } => "redirect",
            Self::WrongContentType => "wrong_content_type",
            Self::Drip { .. } => "drip",
            Self::TokenRevoked => "token_revoked",
        }
    }

    /// An empty answer with this status from a gateway, before the request was processed.
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            retry_after: None,
            body: String::new(),
            content_type: plain_text(),
            processed: false,
        }
    }

    /// The API's own error with this code and its documented message.
    pub fn api_error(code: impl Into<String>) -> Self {
        Self::ApiError { code: code.into(), message: None }
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Self::Status { status, retry_after, content_type, .. } => {
                check_status(*status, 200)?;
                check_header("content_type", content_type)?;
                retry_after.as_deref().map_or(Ok(()), |value| check_header("retry_after", value))
            }
            Self::Html { status, .. } => check_status(*status, 200),
            Self::Redirect { status, location, .. } => {
                if *status > 399 {
                    return Err(format!("a redirect's `status` is 300 to 399, not {status}"));
                }
                check_status(*status, 300)?;
                check_header("location", location)
            }
            Self::Deep { depth, .. } if *depth > MAX_DEPTH => {
                Err(format!("`depth` is at most {MAX_DEPTH}, not {depth}"))
            }
            Self::Drip { chunk: 0, .. } => Err("`chunk` is at least 1".to_owned()),
            _ => Ok(()),
        }
    }
}

fn check_status(status: u16, least: u16) -> Result<(), String> {
    if (least..=599).contains(&status) {
        Ok(())
    } else {
        Err(format!("`status` is {least} to 599, not {status}"))
    }
}

fn check_header(name: &str, value: &str) -> Result<(), String> {
    axum::http::HeaderValue::from_str(value)
        .map(drop)
        .map_err(|_| format!("`{name}` can be sent in a header: no control characters"))
}

/// An injected fault and what became of it: see [`Sandbox::faults`](crate::Sandbox::faults).
///
/// For an example of one see [`Fault`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FaultStatus {
    /// The fault as injected.
    pub fault: Fault,
    /// Requests that fitted it.
    pub seen: u64,
    /// Requests that it hit.
    pub hits: u32,
}
