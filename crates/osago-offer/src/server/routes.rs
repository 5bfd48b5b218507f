use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use ruapi_core::{Clock, SystemClock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tracing::Instrument;

use super::partner::Known;
use super::{Guard, Partner, Refusal, body, query};
use crate::RequestId;
use crate::calculation::CalculationRequest;
use crate::error::StandardError;
use crate::input::{Problems, is_uuid};
use crate::offer::{Confirmation, Offer, OfferKey};

/// What a server does with errors that no caller sees.
type OnInternal = Arc<dyn Fn(&'static str, &(dyn StdError + 'static)) + Send + Sync>;

/// A partner's routes, with their settings.
///
/// By default: bodies of up to 256 KiB, which must be there within 10 seconds.
#[must_use = "ends with `router`"]
pub struct Routes<P> {
    partner: Arc<P>,
    guard: Guard,
    max_body: usize,
    body_timeout: Duration,
    clock: Arc<dyn Clock>,
    on_internal: Option<OnInternal>,
}

impl<P: Partner> Routes<P> {
    /// The routes of a partner, for callers that `guard` lets in.
    pub fn new(partner: Arc<P>, guard: Guard) -> Self {
        Self {
            partner,
            guard,
            max_body: 256 << 10,
            body_timeout: Duration::from_secs(10),
            clock: Arc::new(SystemClock),
            on_internal: None,
        }
    }

    /// The largest body that is read, in bytes.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// How long a body may take to arrive.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// Another clock than the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Called with the operation and the error whenever a method of the partner fails inside: see
    /// [`Refusal::internal`]. The error may hold what was sent; nothing else shows it.
    pub fn on_internal(
        mut self,
        hook: impl Fn(&'static str, &(dyn StdError + 'static)) + Send + Sync + 'static,
    ) -> Self {
        self.on_internal = Some(Arc::new(hook));
        self
    }

    /// The router: paths from `/osago/…` on. Every other path below it answers 404 in the standard
    /// form, so [`nest`](Router::nest) it rather than merge it.
    pub fn router(self) -> Router {
        Router::new()
            .route("/osago/calculate", get(calculation::<P>).post(calculate::<P>))
            .route("/osago/calculate/status", get(calculation_status::<P>))
            .route("/osago/offer", get(offer::<P>).post(confirm::<P>))
            .route("/osago/offer/draft", get(draft::<P>))
            .route("/osago/offer/policy", get(policy::<P>))
            .method_not_allowed_fallback(wrong_method::<P>)
            .fallback(unknown::<P>)
            .with_state(Arc::new(self))
    }

    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        match self.guard.lets_in(request.headers()) {
            true => Ok(()),
            false => Err(Refusal::forbidden("the credential is missing or wrong")),
        }
    }

    /// The JSON body, checked.
    async fn body<T: DeserializeOwned + Known>(
        &self,
        request: Request,
        problems: fn(&T) -> Problems,
    ) -> Result<T, Failure> {
        self.admit(&request)?;
        if !body::is_json(request.headers()) {
            let text = "the content type must be application/json";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text).into());
        }
        let (head, body) = request.into_parts();
        let (max, time, clock) = (self.max_body, self.body_timeout, &*self.clock);
        let bytes = body::read(&head.headers, body, max, time, clock).await?;
        let input: T = body::decode(&bytes).map_err(|refusal| {
            let named: Named = ruapi_core::decode(&bytes).unwrap_or_default();
            Failure { request_id: named.request_id.filter(is_known), refusal }
        })?;
        check(&input, problems(&input))?;
        Ok(input)
    }

    /// The request that a query names, checked.
    fn request_id(&self, request: &Request) -> Result<RequestId, Failure> {
        self.admit(request)?;
        let query = request.uri().query().unwrap_or_default();
        let request_id = RequestId::new(&*query::parameter(query, "request_id")?);
        let mut problems = Problems::default();
        problems.uuid("request_id", request_id.as_str());
        check(&request_id, problems)?;
        Ok(request_id)
    }

    /// The offer that a query names, checked.
    fn key(&self, request: &Request) -> Result<OfferKey, Failure> {
        self.admit(request)?;
        let query = request.uri().query().unwrap_or_default();
        let request_id = RequestId::new(&*query::parameter(query, "request_id")?);
        let offer_id = query::parameter(query, "offer_id").map_err(|refusal| Failure {
            request_id: Some(request_id.clone()).filter(is_known),
            refusal,
        })?;
        let key = OfferKey::new(request_id, &*offer_id);
        check(&key, key.problems())?;
        Ok(key)
    }

    /// Calls the partner with the input, if it is good, and writes what comes of it.
    ///
    /// In a task of its own: a confirmation that began must not be cut off halfway because the caller
    /// hung up, and a panic must not take the connection with it.
    async fn answer<I, F, T>(
        self: Arc<Self>,
        operation: &'static str,
        input: Result<I, Failure>,
        work: impl FnOnce(Arc<P>, I) -> F,
    ) -> Response
    where
        I: Known,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
        T: Serialize + Send + 'static,
    {
        let input = match input {
            Ok(input) => input,
            Err(failure) => return self.refuse(operation, failure),
        };
        let request_id = Some(input.request_id().clone());
        let task = tokio::spawn(work(self.partner.clone(), input).in_current_span());
        let result = task.await.unwrap_or_else(|error| Err(Refusal::internal(error)));
        match result.and_then(|answer| Ok(serde_json::to_vec(&answer)?)) {
            Ok(json) => write(StatusCode::OK, json),
            Err(refusal) => self.refuse(operation, Failure { request_id, refusal }),
        }
    }

    /// The standard error.
    fn refuse(&self, operation: &'static str, failure: Failure) -> Response {
        let Failure { request_id, refusal } = failure;
        if let Some(error) = &refusal.source {
            // Without the error: it may hold what was sent.
            tracing::error!(operation, "the partner failed inside");
            if let Some(hook) = &self.on_internal {
                hook(operation, &**error);
            }
        }
        // The document has them with 400 only.
        let is_input = refusal.status == StatusCode::BAD_REQUEST;
        let properties = if is_input { refusal.properties } else { Vec::new() };
        let error = StandardError { request_id, properties, ..StandardError::new(refusal.message) };
        let mut response = write(refusal.status, serde_json::to_vec(&error).unwrap_or_default());
        if matches!(refusal.status, StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) {
            // The rest of the body is not waited for.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// A refusal, and what request it answers, as far as that is known.
struct Failure {
    request_id: Option<RequestId>,
    refusal: Refusal,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { request_id: None, refusal }
    }
}

/// The name of a request that cannot be read otherwise.
#[derive(Default, Deserialize)]
struct Named {
    #[serde(default, with = "ruapi_core::wire")]
    request_id: Option<RequestId>,
}

/// Whatever else was sent in an identifier's place is not repeated.
fn is_known(request_id: &RequestId) -> bool {
    is_uuid(request_id.as_str())
}

fn check(input: &impl Known, problems: Problems) -> Result<(), Failure> {
    if problems.0.is_empty() {
        return Ok(());
    }
    let request_id = Some(input.request_id().clone()).filter(is_known);
    let refusal = Refusal::invalid("the input is wrong").properties(problems.0);
    Err(Failure { request_id, refusal })
}

fn write(status: StatusCode, json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // It holds personal data.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

type Server<P> = State<Arc<Routes<P>>>;

async fn calculate<P: Partner>(State(server): Server<P>, request: Request) -> Response {
    let input = server.body(request, CalculationRequest::problems).await;
    let work = |partner: Arc<P>, input| async move { partner.calculate(input).await };
    server.answer("POST osago/calculate", input, work).await
}

async fn calculation<P: Partner>(State(server): Server<P>, request: Request) -> Response {
    let input = server.request_id(&request);
    let work = |partner: Arc<P>, input| async move { partner.calculation(input).await };
    server.answer("GET osago/calculate", input, work).await
}

async fn calculation_status<P: Partner>(State(server): Server<P>, request: Request) -> Response {
    let input = server.request_id(&request);
    let work = |partner: Arc<P>, input| async move { partner.calculation_status(input).await };
    server.answer("GET osago/calculate/status", input, work).await
}

async fn offer<P: Partner>(State(server): Server<P>, request: Request) -> Response {
    let input = server.key(&request);
    let work = |partner: Arc<P>, input| async move { partner.offer(input).await };
    server.answer("GET osago/offer", input, work).await
}

async fn confirm<P: Partner>(State(server): Server<P>, request: Request) -> Response {
    let input = server.body(request, Confirmation::problems).await;
    let work = |partner: Arc<P>, input| async move { confirmed(&*partner, input).await };
    server.answer("POST osago/offer", input, work).await
}

/// Confirms an offer, if the choice of upsales fits it.
async fn confirmed(partner: &impl Partner, confirmation: Confirmation) -> Result<Offer, Refusal> {
    let offer = partner.offer(confirmation.key()).await?;
    if let Err(errors) = offer.check_upsales(&confirmation.upsales) {
        return Err(Refusal::invalid("the upsales do not fit the offer").properties(errors.into()));
    }
    partner.confirm(confirmation, offer).await
}

async fn draft<P: Partner>(State(server): Server<P>, request: Request) -> Response {
    let input = server.key(&request);
    let work = |partner: Arc<P>, input| async move { partner.draft(input).await };
    server.answer("GET osago/offer/draft", input, work).await
}

async fn policy<P: Partner>(State(server): Server<P>, request: Request) -> Response {
    let input = server.key(&request);
    let work = |partner: Arc<P>, input| async move { partner.policy(input).await };
    server.answer("GET osago/offer/policy", input, work).await
}

async fn unknown<P: Partner>(State(server): Server<P>, request: Request) -> Response {
    let known = server.admit(&request);
    let refusal = known.err().unwrap_or_else(|| Refusal::not_found("there is no such operation"));
    server.refuse("unknown", refusal.into())
}

async fn wrong_method<P: Partner>(State(server): Server<P>, request: Request) -> Response {
    let refused = || {
        let text = "the operation is not called by this method";
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, text)
    };
    let refusal = server.admit(&request).err().unwrap_or_else(refused);
    server.refuse("unknown", refusal.into())
}

impl<P> fmt::Debug for Routes<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("guard", &self.guard)
            .field("max_body", &self.max_body)
            .field("body_timeout", &self.body_timeout)
            .finish_non_exhaustive()
    }
}
