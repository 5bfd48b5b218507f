//! An answer whose body is read piece by piece.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};

use crate::clock::{Clock, within};
use crate::error::{Error, Kind};
use crate::request::Request;
use crate::response::RawResponse;
use crate::transport::{Body, Phase};

/// A good answer with its body still on the way: see [`Pipeline::open`](crate::Pipeline::open).
///
/// ```no_run
/// use http::Method;
/// use ruapi_core::{Error, Pipeline, Request};
///
/// async fn download(pipeline: &Pipeline, mut to: impl std::io::Write) -> Result<u64, Error> {
///     let request = Request::new("file", Method::GET, "files/1");
///     let mut incoming = pipeline.open(&request).await?;
///     while let Some(piece) = incoming.chunk().await? {
///         to.write_all(&piece).map_err(|_| Error::input("file", "the disk is full"))?;
///     }
///     Ok(incoming.received())
/// }
/// ```
pub struct Incoming {
    operation: &'static str,
    head: RawResponse,
    body: Option<Body>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    promised: Option<u64>,
    received: u64,
    failed: bool,
}

impl Incoming {
    pub(crate) fn new(
        request: &Request,
        head: RawResponse,
        body: Option<Body>,
        clock: Arc<dyn Clock>,
        timeout: Duration,
    ) -> Self {
        let length = head.headers().get(header::CONTENT_LENGTH);
        let promised = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let operation = request.operation();
        Self { operation, head, body, clock, timeout, promised, received: 0, failed: false }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.head.status()
    }

    /// The answer without its body: its headers, and how many attempts it took.
    pub fn head(&self) -> &RawResponse {
        &self.head
    }

    /// How many bytes the body has, where the server says so.
    pub fn length(&self) -> Option<u64> {
        self.promised
    }

    /// How many bytes were read so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The next piece; `None` at the end. A body of another length than promised is an error, as is a
    /// piece that does not come within the time for an attempt.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let Some(body) = &mut self.body else {
            // Whoever asks once more must not take what broke off for the whole.
            let detail = "the answer broke off before";
            return match self.failed {
                true => Err(self.error(Kind::Interrupted, detail.to_owned())),
                false => Ok(None),
            };
        };
        let result = match within(&*self.clock, self.timeout, body.chunk()).await {
            None => {
                let detail = format!("nothing more came within {} s", self.timeout.as_secs_f32());
                Err(self.error(Kind::Timeout, detail))
            }
            Some(Err(error)) => {
                let kind = match error.phase() {
                    Phase::Timeout => Kind::Timeout,
                    _ => Kind::Interrupted,
                };
                let detail = format!("the answer broke off after {} bytes", self.received);
                Err(self.error(kind, detail).with_source(Arc::new(error)))
            }
            Some(Ok(piece)) => {
                self.received += piece.as_ref().map_or(0, |piece| piece.len() as u64);
                let is_end = piece.is_none();
                match self.promised {
                    Some(promised) if self.received > promised => {
                        let detail = format!("the answer is longer than its {promised} bytes");
                        Err(self.error(Kind::Decode, detail))
                    }
                    Some(promised) if is_end && self.received < promised => {
                        let detail = format!("{} of {promised} bytes came", self.received);
                        Err(self.error(Kind::Interrupted, detail))
                    }
                    _ => Ok(piece),
                }
            }
        };
        if !matches!(result, Ok(Some(_))) {
            self.body = None;
            self.failed = result.is_err();
        }
        result
    }

    fn error(&self, kind: Kind, detail: String) -> Error {
        let error = Error::new(kind, self.operation, detail).with_response(&self.head);
        error.with_progress(self.head.attempts(), true)
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("head", &self.head)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}
