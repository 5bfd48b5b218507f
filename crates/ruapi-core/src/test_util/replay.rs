use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::exchange::{
    Exchange, RecordedRequest, RecordedResponse, recorded_body, recorded_form, recorded_headers,
};
use crate::BoxFuture;
use crate::error::Error;
use crate::request::pairs;
use crate::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};

/// A transport that answers from a list, without a network, and keeps what it was asked.
#[derive(Debug, Default)]
pub struct Replay {
    answers: Mutex<VecDeque<Result<RecordedResponse, TransportError>>>,
    requests: Mutex<Vec<HttpRequest>>,
}

impl Replay {
    /// Answers with these, in this order.
    pub fn new(
        answers: impl IntoIterator<Item = Result<RecordedResponse, TransportError>>,
    ) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), requests: Mutex::default() }
    }

    /// One answer of the given status and body.
    pub fn answer(status: u16, body: &str) -> RecordedResponse {
        RecordedResponse { status, body: body.into(), ..RecordedResponse::default() }
    }

    /// What was sent so far, credentials included.
    pub fn requests(&self) -> Vec<HttpRequest> {
        lock(&self.requests).clone()
    }
}

impl Transport for Replay {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            lock(&self.requests).push(request);
            let next = lock(&self.answers).pop_front();
            let answer = next.expect("more requests than recorded answers")?;
            let mut headers = HeaderMap::new();
            for (name, value) in &answer.headers {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
                headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
            }
            let status = StatusCode::from_u16(answer.status).expect("an HTTP status");
            Ok(HttpResponse::new(status, headers, Bytes::from(answer.body_bytes()).into()))
        })
    }
}

/// A transport that passes everything on to another one and keeps each exchange.
/// The credential is in what it keeps: sanitise before writing it anywhere.
#[derive(Debug)]
pub struct Recorder {
    inner: Arc<dyn Transport>,
    exchanges: Mutex<Vec<Exchange>>,
}

impl Recorder {
    /// Records what goes through `inner`.
    pub fn new(inner: Arc<dyn Transport>) -> Self {
        Self { inner, exchanges: Mutex::default() }
    }

    /// Records what goes over the network by reqwest.
    pub fn over_http() -> Result<Self, Error> {
        Ok(Self::new(over_http()?))
    }

    /// Takes what was recorded so far.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut lock(&self.exchanges))
    }
}

impl Transport for Recorder {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let (path, query) = split(&request.url);
            let recorded = RecordedRequest {
                method: request.method.to_string(),
                path,
                query,
                headers: recorded_headers(&request.headers),
                body: recorded_form(&request.headers, &request.body)
                    .unwrap_or_else(|| recorded_body(&request.body)),
            };
            let answer = self.inner.send(request).await?;
            let (status, headers) = (answer.status, answer.headers);
            let body = answer.body.collect(usize::MAX).await?.unwrap_or_default();
            let response = RecordedResponse {
                status: status.as_u16(),
                headers: recorded_headers(&headers),
                body: recorded_body(&body),
            };
            lock(&self.exchanges).push(Exchange::new(recorded, response));
            Ok(HttpResponse::new(status, headers, Body::from(body)))
        })
    }
}

/// The built-in transport, for another one that is put around it.
pub fn over_http() -> Result<Arc<dyn Transport>, Error> {
    Ok(Arc::new(crate::transport::ReqwestTransport::our_own(true, Duration::from_secs(30))?))
}

/// The decoded path and query of an absolute URL.
fn split(url: &str) -> (String, Vec<(String, String)>) {
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let below_host = url.splitn(4, '/').nth(3).unwrap_or_default();
    let path = percent_encoding::percent_decode_str(below_host).decode_utf8_lossy();
    let query = pairs(query).map(|(name, value)| (name.into_owned(), value.into_owned()));
    (format!("/{path}"), query.collect())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
