//! The seam to the network: one trait with one method, and its implementation on reqwest.
//!
//! A transport of your own, here one that counts:
//!
//! ```
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! use ruapi_core::transport::{HttpRequest, HttpResponse, Transport, TransportError};
//! use ruapi_core::{BoxFuture, Options};
//!
//! #[derive(Debug)]
//! struct Counting<T> {
//!     sent: AtomicU32,
//!     inner: T,
//! }
//!
//! impl<T: Transport> Transport for Counting<T> {
//!     fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
//!         self.sent.fetch_add(1, Ordering::Relaxed);
//!         self.inner.send(request)
//!     }
//! }
//!
//! fn counted(inner: impl Transport + 'static) -> Options {
//!     Options::new().transport(std::sync::Arc::new(Counting { sent: AtomicU32::new(0), inner }))
//! }
//! # let answer = ruapi_core::test_util::Replay::answer(200, "");
//! # let _ = counted(ruapi_core::test_util::Replay::new([Ok(answer)]));
//! ```

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, Method, StatusCode, header};

use crate::BoxFuture;
use crate::error::Error;
use crate::redact;

/// Sends one request once. No retries, no redirects: both are decided above, or not at all.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request` and gives the head of the answer with its body still to be read.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>>;
}

/// A request ready to send, credential included. `Debug` hides the query and the secret headers.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL. Its query may hold a secret.
    pub url: String,
    /// All headers. Some hold secrets.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl HttpRequest {
    /// A request of these parts.
    pub fn new(method: Method, url: String, headers: HeaderMap, body: Bytes) -> Self {
        Self { method, url, headers, body }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("headers", &redact::Headers(&self.headers))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The head of an answer, and its body still on the way.
#[derive(Debug)]
#[non_exhaustive]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

impl HttpResponse {
    /// An answer of these parts.
    pub fn new(status: StatusCode, headers: HeaderMap, body: Body) -> Self {
        Self { status, headers, body }
    }
}

type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// The body of an answer, read piece by piece.
pub struct Body(Source);

enum Source {
    Whole(Option<Bytes>),
    Stream(ByteStream),
    Reqwest(Box<reqwest::Response>),
}

impl Body {
    /// A body that arrives in pieces.
    pub fn from_stream(
        stream: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    ) -> Self {
        Self(Source::Stream(Box::pin(stream)))
    }

    /// The next piece; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        match &mut self.0 {
            Source::Whole(bytes) => Ok(bytes.take()),
            Source::Stream(stream) => {
                std::future::poll_fn(|cx| stream.as_mut().poll_next(cx)).await.transpose()
            }
            Source::Reqwest(response) => response.chunk().await.map_err(classify),
        }
    }

    /// The whole body, or `None` once it grows over `cap` bytes.
    pub(crate) async fn collect(mut self, cap: usize) -> Result<Option<Bytes>, TransportError> {
        let Some(first) = self.chunk().await? else {
            return Ok(Some(Bytes::new()));
        };
        if first.len() > cap {
            return Ok(None);
        }
        let Some(second) = self.chunk().await? else {
            return Ok(Some(first));
        };
        let mut whole = BytesMut::from(&first[..]);
        let mut next = Some(second);
        while let Some(piece) = next {
            if whole.len() + piece.len() > cap {
                return Ok(None);
            }
            whole.extend_from_slice(&piece);
            next = self.chunk().await?;
        }
        Ok(Some(whole.freeze()))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Source::Whole(Some(bytes)))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

/// How far a request had got when the network failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// No connection was made: name, address, refusal, TLS. Nothing was sent.
    Connect,
    /// The connection broke, or the answer broke off, after sending began.
    Interrupted,
    /// The transport's own time limit passed after sending began.
    Timeout,
    /// The transport refuses the request: nothing was sent, and it would refuse again.
    Unsendable,
}

/// A failure below HTTP. It holds no URL.
#[derive(Debug, thiserror::Error)]
#[error("{}", match .phase {
    Phase::Connect => "the connection was not made",
    Phase::Interrupted => "the connection broke",
    Phase::Timeout => "the transport's time limit passed",
    Phase::Unsendable => "the request cannot be sent",
})]
pub struct TransportError {
    phase: Phase,
    #[source]
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// A failure in the given phase. `source` must not name the URL.
    pub fn new(phase: Phase, source: Option<Arc<dyn StdError + Send + Sync>>) -> Self {
        Self { phase, source }
    }

    /// The same failure once an answer has begun.
    pub(crate) fn after_sending(mut self) -> Self {
        if matches!(self.phase, Phase::Connect | Phase::Unsendable) {
            self.phase = Phase::Interrupted;
        }
        self
    }

    /// How far the request had got.
    pub fn phase(&self) -> Phase {
        self.phase
    }
}

/// How far a request had got, as reqwest tells it. Not a `From`: reqwest's types stay inside.
fn classify(error: reqwest::Error) -> TransportError {
    let phase = if error.is_builder() {
        Phase::Unsendable
    } else if error.is_connect() {
        Phase::Connect
    } else if error.is_timeout() {
        Phase::Timeout
    } else {
        Phase::Interrupted
    };
    TransportError::new(phase, Some(Arc::new(error.without_url())))
}

/// A connection that takes longer is given up, and then surely nothing was sent.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// The built-in transport: a `reqwest::Client`.
#[derive(Clone)]
pub(crate) struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// Whatever else the caller has set: no redirects, no referer (it would carry the query
    /// elsewhere), and no retries below ours.
    pub(crate) fn new(builder: reqwest::ClientBuilder) -> Result<Self, Error> {
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .tcp_nodelay(true)
            .build();
        let client = client.map_err(|error| {
            Error::input("client", "the HTTP client could not be set up")
                .with_source(Arc::new(classify(error)))
        });
        Ok(Self { client: client? })
    }

    /// A client of our own, for attempts of at most `timeout`: within less of it a connection is made, so
    /// that one that is not made is told from an answer that does not come. On loopback no proxy: it would
    /// carry the secret off the machine.
    pub(crate) fn our_own(loopback: bool, timeout: Duration) -> Result<Self, Error> {
        let limit = CONNECT_TIMEOUT.min(timeout / 4 * 3);
        let builder = reqwest::Client::builder().connect_timeout(limit);
        Self::new(if loopback { builder.no_proxy() } else { builder })
    }
}

impl fmt::Debug for ReqwestTransport {
    /// The client's own `Debug` would show its default headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReqwestTransport")
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let url = reqwest::Url::parse(&request.url)
                .map_err(|error| TransportError::new(Phase::Unsendable, Some(Arc::new(error))))?;
            let mut outgoing = reqwest::Request::new(request.method, url);
            *outgoing.headers_mut() = request.headers;
            if !request.body.is_empty() {
                *outgoing.body_mut() = Some(request.body.into());
            } else if matches!(*outgoing.method(), Method::POST | Method::PUT | Method::PATCH) {
                outgoing.headers_mut().insert(header::CONTENT_LENGTH, 0.into());
            }
            let mut answer = self.client.execute(outgoing).await.map_err(classify)?;
            Ok(HttpResponse {
                status: answer.status(),
                headers: std::mem::take(answer.headers_mut()),
                body: Body(Source::Reqwest(Box::new(answer))),
            })
        })
    }
}
