//! The one road of every call: limiter → loop { authorise → send → read → classify }.
//! Bytes in, bytes out; what the bytes mean is known to the operation alone.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use http::{HeaderValue, StatusCode, header};
use tracing::{Instrument, Span, field};

use crate::BoxFuture;
use crate::base_url::BaseUrl;
use crate::classify::{Classify, Rejection};
use crate::clock::{Clock, SystemClock, within};
use crate::credential::{Credential, Held};
use crate::error::{Error, Kind};
use crate::incoming::Incoming;
use crate::limit::{Limiter, Limits, Permit};
use crate::options::{Api, Options};
use crate::redirect;
use crate::request::Request;
use crate::response::RawResponse;
use crate::retry::{Repeat, RetryBudget, RetryPolicy};
use crate::transport::{Body, HttpRequest, Phase, ReqwestTransport, Transport, TransportError};

/// What every client is made of: it sends the requests of one API. Cloning is cheap.
///
/// For an example see the [crate's page](crate#a-client-in-thirty-lines).
#[derive(Clone)]
pub struct Pipeline {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    base: BaseUrl,
    user_agent: HeaderValue,
    credential: Credential,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    deadline: Duration,
    retry: RetryPolicy,
    budget: Arc<RetryBudget>,
    limiter: Arc<Limiter>,
    max_body: usize,
    classify: Classify,
}

/// For a request that nobody stops.
static NEVER: AtomicBool = AtomicBool::new(false);

/// Whether the built-in transport can do https.
const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// The right to send one request at once, within the client's limits. Dropped, it goes to another.
///
/// ```no_run
/// # async fn example(pipeline: ruapi_core::Pipeline, request: ruapi_core::Request)
/// # -> Result<(), ruapi_core::Error> {
/// use std::sync::atomic::AtomicBool;
///
/// // A slot first, then the input: nothing is taken from a queue that cannot be sent at once.
/// let slot = pipeline.slot().await;
/// let stop = AtomicBool::new(false);
/// let answer = pipeline.send_in(slot, &request, &stop).await?;
/// # let _ = answer;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Slot(Permit);

impl Slot {
    /// Whether another request of this client waits for a slot: do not keep one idle then.
    pub fn is_wanted(&self) -> bool {
        self.0.is_wanted()
    }
}

/// How much of a good answer is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    Whole,
    Head,
}

/// A good answer; its body is in the head if the whole was taken.
struct Answer {
    head: RawResponse,
    body: Option<Body>,
}

/// When a call ends, and when its last attempt may start.
#[derive(Clone, Copy)]
struct Times {
    latest_start: Instant,
    end: Instant,
}

/// One failed attempt, and what may follow from it.
struct Failure {
    error: Error,
    maybe_processed: bool,
    repeat: Repeat,
    overloaded: bool,
    /// The token was refused: so many renewals a call may have, when this is the token it failed with.
    renewals: u32,
}

impl Pipeline {
    /// A pipeline to `base_url`, the URL up to the operations' own paths. It must be https; http is
    /// accepted on loopback only.
    pub fn new(
        api: Api,
        base_url: &str,
        credential: Credential,
        options: Options,
    ) -> Result<Self, Error> {
        let base = BaseUrl::parse(base_url)?;
        let user_agent = options.user_agent.as_deref().unwrap_or(api.user_agent);
        let user_agent = HeaderValue::from_str(user_agent)
            .map_err(|_| Error::input("client", "the user agent is no header value"))?;
        let timeout = options.timeout.unwrap_or(api.timeout);
        let transport = match options.transport {
            Some(transport) => transport,
            None if base.text.starts_with("https") && !HAS_TLS => {
                let detail = "built without TLS: enable the feature `rustls` or `native-tls`, \
                              or supply an HTTP client";
                return Err(Error::input("client", detail));
            }
            None => Arc::new(ReqwestTransport::our_own(base.loopback, timeout)?),
        };
        let retry = options.retry.unwrap_or(api.retry);
        Ok(Self {
            inner: Arc::new(Inner {
                base,
                user_agent,
                credential,
                transport,
                clock: options.clock.unwrap_or_else(|| Arc::new(SystemClock)),
                timeout,
                deadline: options.deadline.unwrap_or(api.deadline),
                budget: Arc::new(retry.new_budget()),
                retry,
                limiter: Arc::new(Limiter::new(options.limits.unwrap_or_default())),
                max_body: options.max_body.unwrap_or(api.max_body),
                classify: api.classify,
            }),
        })
    }

    /// The same road with another credential: limits and the retry budget are shared.
    #[must_use]
    pub fn with_credential(&self, credential: Credential) -> Self {
        Self { inner: Arc::new(Inner { credential, ..(*self.inner).clone() }) }
    }

    /// The same road without limits: for a login in the middle of a call, which has a slot already
    /// and would wait for itself.
    #[must_use]
    pub fn without_limits(&self) -> Self {
        let limiter = Arc::new(Limiter::new(Limits::default()));
        Self { inner: Arc::new(Inner { limiter, ..(*self.inner).clone() }) }
    }

    /// The clock that the client lives by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Time for a whole call, unless its request has its own.
    pub fn deadline(&self) -> Duration {
        self.inner.deadline
    }

    /// Sends a request and gives the answer once it is not a rejection.
    ///
    /// What was surely not processed is repeated; what may have been, only if the request is
    /// idempotent; both within the retry policy, the client's retry budget and the deadline.
    pub async fn send(&self, request: &Request) -> Result<RawResponse, Error> {
        Ok(self.inner.send(request, None, &NEVER, Take::Whole).await?.head)
    }

    /// Like [`send`](Self::send), but gives a good answer as soon as its head is there; its body is read
    /// piece by piece, each within the time for an attempt. What breaks then is not repeated.
    pub async fn open(&self, request: &Request) -> Result<Incoming, Error> {
        let answer = self.inner.send(request, None, &NEVER, Take::Head).await?;
        let timeout = request.own_timeout().unwrap_or(self.inner.timeout);
        Ok(Incoming::new(request, answer.head, answer.body, self.inner.clock.clone(), timeout))
    }

    /// Waits until a request may be sent at once, for as long as that takes.
    pub fn slot(&self) -> BoxFuture<'static, Slot> {
        let inner = self.inner.clone();
        Box::pin(async move { Slot(inner.limiter.acquire(&*inner.clock).await) })
    }

    /// [`send`](Self::send) with a slot already held. Once `stop` is set, nothing more is sent for
    /// this request: the last attempt's failure is given.
    pub async fn send_in(
        &self,
        slot: Slot,
        request: &Request,
        stop: &AtomicBool,
    ) -> Result<RawResponse, Error> {
        Ok(self.inner.send(request, Some(slot), stop, Take::Whole).await?.head)
    }
}

impl Inner {
    async fn send(
        &self,
        request: &Request,
        slot: Option<Slot>,
        stop: &AtomicBool,
        take: Take,
    ) -> Result<Answer, Error> {
        let times = self.times(request);
        let mut permit = match slot {
            Some(slot) => Some(slot.0),
            None => self.permit(times.latest_start).await,
        };
        let (mut attempts, mut maybe_processed, mut renewals) = (0, false, 0);
        let mut last: Option<Error> = None;
        loop {
            let Some(slot) = permit.filter(|_| !stop.load(Ordering::Relaxed)) else {
                let error = last.unwrap_or_else(|| {
                    let detail = match stop.load(Ordering::Relaxed) {
                        true => "stopped before it was sent",
                        false => "the deadline passed while waiting for the client's own limits",
                    };
                    Error::new(Kind::Timeout, request.operation(), detail).with_request(request)
                });
                return Err(error.with_progress(attempts, maybe_processed));
            };
            attempts += 1;
            let failure = match self.attempt(request, attempts, times, take).await {
                Ok(Answer { head, body }) => {
                    slot.succeeded();
                    self.budget.deposit();
                    return Ok(Answer { head: head.with_attempts(attempts), body });
                }
                Err(failure) => failure,
            };
            if failure.overloaded {
                slot.overloaded();
            }
            drop(slot);
            maybe_processed |= failure.maybe_processed;

            let pause = if renewals < failure.renewals && self.retry.allows(attempts) {
                renewals += 1;
                Some(Duration::ZERO)
            } else {
                self.pause(request, &failure, attempts, times.latest_start)
            };
            let Some(pause) = pause.filter(|_| !stop.load(Ordering::Relaxed)) else {
                return Err(failure.error.with_progress(attempts, maybe_processed));
            };
            tracing::debug!(
                operation = request.operation(),
                attempts,
                pause_ms = pause.as_millis(),
                kind = ?failure.error.kind(),
                "repeating"
            );
            last = Some(failure.error);
            if !pause.is_zero() {
                self.clock.sleep(pause).await;
            }
            permit = self.permit(times.latest_start).await;
        }
    }

    fn times(&self, request: &Request) -> Times {
        let now = self.clock.now();
        let deadline = request.own_deadline().unwrap_or(self.deadline);
        let attempt = request.own_timeout().unwrap_or(self.timeout).min(deadline);
        // Cut short by the deadline, it might be billed and its answer lost.
        let reserved = if request.is_idempotent() { Duration::ZERO } else { attempt * 9 / 10 };
        let end = now + deadline;
        Times { latest_start: end - reserved, end }
    }

    /// Waits for the limiter, at most until `latest`.
    async fn permit(&self, latest: Instant) -> Option<Permit> {
        let clock = &*self.clock;
        let wait = pin!(self.limiter.acquire(clock));
        let left = || latest.saturating_duration_since(clock.now());
        let permit = at_once_or_within(clock, left, wait).await?;
        (clock.now() < latest).then_some(permit)
    }

    /// How long to wait before the next attempt, or `None` if there is to be none.
    fn pause(
        &self,
        request: &Request,
        failure: &Failure,
        attempts: u32,
        latest_start: Instant,
    ) -> Option<Duration> {
        let (idempotent, try_later) = (request.is_idempotent(), request.retries_try_later());
        let may = match failure.repeat {
            Repeat::Never => false,
            Repeat::Always => true,
            Repeat::WhenIdempotent => idempotent,
            Repeat::WhenTryLater => try_later,
            Repeat::WhenIdempotentOrTryLater => idempotent || try_later,
        };
        if !may || !self.retry.allows(attempts) {
            return None;
        }
        let pause = self.retry.delay(attempts).max(failure.error.retry_after().unwrap_or_default());
        // No use in sleeping past the deadline: the caller gets this failure now, and its reason.
        if self.clock.now().checked_add(pause).is_none_or(|wake| wake >= latest_start) {
            return None;
        }
        // A refusal for too many requests costs the service little, and the limiter answers it;
        // trying later was asked for.
        let asked_for = try_later
            && matches!(failure.repeat, Repeat::WhenTryLater | Repeat::WhenIdempotentOrTryLater);
        let free = failure.overloaded || asked_for;
        (free || self.budget.withdraw()).then_some(pause)
    }

    /// Sends once, and gives the whole answer if it is not a rejection.
    async fn attempt(
        &self,
        request: &Request,
        number: u32,
        times: Times,
        take: Take,
    ) -> Result<Answer, Failure> {
        let left = || times.end.saturating_duration_since(self.clock.now());
        // Not on the attempt's time: a login may take a while, and what is sent then needs all of it.
        let authorising = pin!(self.authorise(request));
        let authorised = at_once_or_within(&*self.clock, left, authorising).await;
        let too_late = || {
            let detail = "the deadline passed while a token was fetched";
            let error = Error::new(Kind::Timeout, request.operation(), detail);
            Failure::not_sent(error.with_request(request), Repeat::Never)
        };
        let (outgoing, token) = authorised.unwrap_or_else(|| Err(too_late()))?;
        if self.clock.now() >= times.latest_start {
            return Err(too_late());
        }
        let span = self.span(request, number);
        let time = request.own_timeout().unwrap_or(self.timeout).min(left());
        // Pinned here and passed on as a pointer: it is large, and every move would copy it.
        let result = {
            let exchange =
                pin!(self.exchange(request, outgoing, token, take).instrument(span.clone()));
            within(&*self.clock, time, exchange).await
        };
        let result = result.unwrap_or_else(|| {
            let detail = format!("no answer within {} s", time.as_secs_f32());
            let error = Error::new(Kind::Timeout, request.operation(), detail);
            Err(Failure::sent(error, Repeat::WhenIdempotent))
        });
        match &result {
            Ok(answer) => {
                span.record("http.response.status_code", answer.head.status().as_u16());
            }
            Err(failure) => {
                if let Some(status) = failure.error.status() {
                    span.record("http.response.status_code", status.as_u16());
                }
                span.record("error.type", field::debug(failure.error.kind()));
                span.record("otel.status_code", "ERROR");
            }
        }
        result.map_err(|failure| Failure { error: failure.error.with_request(request), ..failure })
    }

    /// The request as it goes out, and the token in it.
    async fn authorise(&self, request: &Request) -> Result<(HttpRequest, Option<Held>), Failure> {
        let mut url = self.base.join(request);
        let mut headers = request.headers().clone();
        let json = HeaderValue::from_static("application/json");
        headers.entry(header::ACCEPT).or_insert(json);
        headers.insert(header::USER_AGENT, self.user_agent.clone());
        let authorised = self.credential.authorise(&mut url, &mut headers, self.clock.wall()).await;
        let token = authorised
            .map_err(|error| Failure::not_sent(error.with_request(request), Repeat::Never))?;

        let method = request.method().clone();
        Ok((HttpRequest::new(method, url, headers, request.body().clone()), token))
    }

    /// Send, read, classify.
    async fn exchange(
        &self,
        request: &Request,
        mut outgoing: HttpRequest,
        token: Option<Held>,
        take: Take,
    ) -> Result<Answer, Failure> {
        let wall = self.clock.wall();
        let mut redirects = request.redirects();
        let incoming = loop {
            let again = (redirects > 0).then(|| outgoing.clone());
            let sending = self.transport.send(outgoing);
            let incoming =
                sending.await.map_err(|error| Failure::transport(request.operation(), error))?;
            let target = again.and_then(|again| redirect::target(again, &incoming));
            let Some(next) = target else { break incoming };
            redirects -= 1;
            outgoing = next;
        };
        let (status, headers) = (incoming.status, incoming.headers);
        if take == Take::Head && status.is_success() {
            let head = RawResponse::new(status, headers, bytes::Bytes::new(), wall);
            return match (self.classify)(&head) {
                Ok(()) => Ok(Answer { head, body: Some(incoming.body) }),
                Err(rejection) => Err(self.rejected(request, &head, rejection, token.as_ref())),
            };
        }
        let body = incoming.body.collect(self.max_body).await.map_err(|error| {
            let head = RawResponse::new(status, headers.clone(), bytes::Bytes::new(), wall);
            // The head of the answer is here, so it was sent, whatever the transport says.
            let failure = Failure::transport(request.operation(), error.after_sending());
            Failure { error: failure.error.with_response(&head), ..failure }
        })?;
        let Some(body) = body else {
            let head = RawResponse::new(status, headers, bytes::Bytes::new(), wall);
            let detail = format!("the answer is larger than {} bytes", self.max_body);
            return Err(Failure::sent(
                Error::new(Kind::TooLarge, request.operation(), detail).with_response(&head),
                Repeat::Never,
            ));
        };
        let response = RawResponse::new(status, headers, body, self.clock.wall());
        match (self.classify)(&response) {
            Ok(()) => Ok(Answer { head: response, body: None }),
            Err(rejection) => Err(self.rejected(request, &response, rejection, token.as_ref())),
        }
    }

    fn rejected(
        &self,
        request: &Request,
        response: &RawResponse,
        rejection: Rejection,
        token: Option<&Held>,
    ) -> Failure {
        let scrub = |text: String| self.credential.scrub(&request.scrub(&text), token);
        let code = rejection.code.map(scrub);
        let message = rejection.message.map(scrub);
        let detail = match rejection.kind {
            Kind::Input => "the API calls the input wrong",
            Kind::Credential => "the credential was not accepted",
            Kind::Funds => "there is no money left for the call",
            Kind::NotFound => "not found",
            Kind::Busy => "the service is busy or its limit is reached",
            Kind::Redirect => "the server answered with a redirect, which is not followed",
            Kind::Server => "the server failed",
            _ => "the API refused",
        };
        let renewable = response.status() == StatusCode::UNAUTHORIZED
            && self.credential.refused(token)
            && !rejection.maybe_processed;
        Failure {
            error: Error::new(rejection.kind, request.operation(), detail)
                .with_response(response)
                .with_words(code, message),
            maybe_processed: rejection.maybe_processed,
            repeat: rejection.repeat,
            overloaded: rejection.overloaded,
            // One from a store may have been out of date already: that says nothing about a fresh one.
            renewals: if renewable { 1 + u32::from(token.is_some_and(Held::is_stored)) } else { 0 },
        }
    }

    /// One span an attempt, with the names of OpenTelemetry's HTTP client conventions.
    fn span(&self, request: &Request, number: u32) -> Span {
        let resends = (number > 1).then_some(number - 1);
        tracing::info_span!(
            "http.client",
            otel.name = field::display(format_args!("{} {}", request.method(), request.template())),
            otel.kind = "client",
            otel.status_code = field::Empty,
            http.request.method = request.method().as_str(),
            http.request.resend_count = resends,
            http.response.status_code = field::Empty,
            url.template = request.template(),
            server.address = self.base.host,
            server.port = self.base.port,
            error.r#type = field::Empty,
            operation = request.operation(),
        )
    }
}

/// Like [`within`]; but what is ready at once, as it usually is, needs no timer.
async fn at_once_or_within<F: Future>(
    clock: &dyn Clock,
    left: impl Fn() -> Duration,
    mut work: Pin<&mut F>,
) -> Option<F::Output> {
    match poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
        Poll::Ready(value) => Some(value),
        Poll::Pending => within(clock, left(), work).await,
    }
}

impl Failure {
    fn not_sent(error: Error, repeat: Repeat) -> Self {
        Self { error, maybe_processed: false, repeat, overloaded: false, renewals: 0 }
    }

    fn sent(error: Error, repeat: Repeat) -> Self {
        Self { maybe_processed: true, ..Self::not_sent(error, repeat) }
    }

    fn transport(operation: &'static str, error: TransportError) -> Self {
        let (kind, detail) = match error.phase() {
            Phase::Connect => (Kind::Connect, "the connection could not be made"),
            Phase::Interrupted => (Kind::Interrupted, "the connection broke"),
            Phase::Timeout => (Kind::Timeout, "the HTTP client's own time limit passed"),
            Phase::Unsendable => (Kind::Input, "the HTTP client refused to send the request"),
        };
        let error = Error::new(kind, operation, detail).with_source(Arc::new(error));
        match kind {
            Kind::Connect => Self::not_sent(error, Repeat::Always),
            Kind::Input => Self::not_sent(error, Repeat::Never),
            _ => Self::sent(error, Repeat::WhenIdempotent),
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("base", &self.inner.base.text)
            .field("credential", &self.inner.credential)
            .field("timeout", &self.inner.timeout)
            .field("deadline", &self.inner.deadline)
            .field("retry", &self.inner.retry)
            .finish_non_exhaustive()
    }
}
