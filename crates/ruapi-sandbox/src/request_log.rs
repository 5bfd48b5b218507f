//! What was received, without what is secret.
//!
//! Masking is by allow-list: the shape of a request is shown (method, route, names of known
//! parameters), values only where they are known to be harmless.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, StatusCode, header};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::query;

/// How many requests are kept: the newest.
const KEPT: usize = 10_000;

/// The headers whose values are shown; no others are mentioned.
const SHOWN_HEADERS: [HeaderName; 5] = [
    header::ACCEPT,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::HOST,
    header::USER_AGENT,
];

/// Longer header values are shown up to here.
const HEADER_CHARS: usize = 200;

const MASK: &str = "***";

/// How much of a query parameter may be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Visible {
    /// Name and value.
    Value,
    /// The name.
    Name,
    /// Neither.
    Nothing,
}

/// One received request, masked: see [`Sandbox::requests`](crate::Sandbox::requests).
///
/// For an example see the [first page](crate).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// Counts the requests from 0 since the start or the last clearing.
    pub number: u64,
    /// When it came, by the sandbox's clock.
    pub at: DateTime<Utc>,
    /// The method, or `***` if it is not a standard one.
    pub method: String,
    /// The route, as the sandbox's index lists it: values inside a path are not shown.
    pub path: String,
    /// Names and values of the query in order; all but harmless values are `***`.
    pub query: Vec<(String, String)>,
    /// The values of `accept`, `content-length`, `content-type`, `host` and `user-agent`.
    pub headers: Vec<(String, String)>,
    /// The length of the body by its header; the body itself is never kept.
    pub body_bytes: u64,
    /// The status answered; none while nothing was, or if nothing ever will be.
    pub status: Option<u16>,
    /// The fault that hit it, by the name of its kind.
    pub fault: Option<&'static str>,
}

impl LoggedRequest {
    pub(crate) fn new(
        parts: &Parts,
        at: DateTime<Utc>,
        visible: impl Fn(&str, &str) -> Visible,
    ) -> Self {
        let query =
            query::parse(parts.uri.query().unwrap_or_default()).map(|(name, value)| match visible(
                &name, &value,
            ) {
                Visible::Value => (name, value),
                Visible::Name => (name, MASK.to_owned()),
                Visible::Nothing => (MASK.to_owned(), MASK.to_owned()),
            });
        let headers = SHOWN_HEADERS.iter().filter_map(|name| {
            let value = String::from_utf8_lossy(parts.headers.get(name)?.as_bytes());
            Some((name.to_string(), value.chars().take(HEADER_CHARS).collect()))
        });
        Self {
            number: 0,
            at,
            method: shown_method(&parts.method).to_owned(),
            path: parts
                .extensions
                .get::<MatchedPath>()
                .map_or(MASK, MatchedPath::as_str)
                .to_owned(),
            query: query.collect(),
            headers: headers.collect(),
            body_bytes: parts
                .headers
                .get(header::CONTENT_LENGTH)
                .and_then(|length| length.to_str().ok()?.parse().ok())
                .unwrap_or(0),
            status: None,
            fault: None,
        }
    }
}

fn shown_method(method: &Method) -> &str {
    let standard = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    if standard.contains(method) { method.as_str() } else { MASK }
}

/// The newest requests.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Requests since the last clearing, dropped ones included.
    total: u64,
    /// Clearings so far: an answer to a request from before one is not noted.
    epoch: u64,
    kept: VecDeque<LoggedRequest>,
}

/// Where a request stands in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    epoch: u64,
    number: u64,
}

impl RequestLog {
    pub(crate) fn begin(&self, mut request: LoggedRequest) -> Ticket {
        let mut state = self.lock();
        request.number = state.total;
        state.total += 1;
        if state.kept.len() == KEPT {
            state.kept.pop_front();
        }
        let ticket = Ticket { epoch: state.epoch, number: request.number };
        state.kept.push_back(request);
        ticket
    }

    pub(crate) fn answered(&self, ticket: Ticket, status: StatusCode) {
        let mut state = self.lock();
        if ticket.epoch != state.epoch {
            return;
        }
        let oldest = state.total - state.kept.len() as u64;
        // A request that waited long may have been pushed out.
        let index = ticket.number.checked_sub(oldest).and_then(|index| usize::try_from(index).ok());
        if let Some(request) = index.and_then(|index| state.kept.get_mut(index)) {
            request.status = Some(status.as_u16());
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.lock().total
    }

    pub(crate) fn kept(&self) -> Vec<LoggedRequest> {
        self.lock().kept.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        state.total = 0;
        state.epoch += 1;
        state.kept.clear();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
