//! What every served API has in common: its place, its faults, its line in the request log.
//!
//! An API is a module like [`nsso`](crate::nsso): a handle on its state that implements [`Api`],
//! and its place in [`Apis`](crate::apis::Apis), which mounts it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::any;
use serde::Serialize;
use serde_json::json;

use crate::clock::Clock;
use crate::fault::{FaultBook, apply};
use crate::load::{InFlight, Stalled};
use crate::reply;
use crate::request_log::{LoggedRequest, RequestLog, Visible};

/// An API that the sandbox serves.
pub(crate) trait Api: Clone + Send + Sync + 'static {
    /// The first segment of its paths, and its name under `/_sandbox/`.
    const PREFIX: &'static str;

    /// Its operations, for whoever asks what is there.
    const OPERATIONS: &'static [Operation];

    /// The operations of its control.
    const CONTROL: &'static [Operation];

    /// Its routes, with full paths, over its state.
    fn routes(&self) -> Router;

    /// The routes of its control, under `/_sandbox/PREFIX`.
    fn control(&self) -> Router;

    /// Its own error envelope; a code without a message gets the documented one.
    fn error(&self, code: &str, message: Option<&str>) -> Response;

    /// Makes the credential that this request carries unknown.
    fn revoke_token(&self, request: &Parts);

    /// How much of a query parameter the request log may show.
    fn visible(name: &str, value: &str) -> Visible;

    /// Back to the fresh state.
    fn reset(&self);
}

/// One line of the index.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
}

/// What all APIs of one sandbox share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) faults: FaultBook,
    pub(crate) log: RequestLog,
    pub(crate) in_flight: InFlight,
    pub(crate) stalled: Stalled,
}

/// How many requests of this API were being answered when this one came, itself included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parallel(pub(crate) usize);

/// What a request of the API `A` passes on its way to the handler.
struct Gate<A> {
    api: A,
    in_flight: InFlight,
    shared: Arc<Shared>,
}

/// The API's routes behind the request log and the faults.
pub(crate) fn mount<A: Api>(api: &A, shared: &Arc<Shared>) -> Router {
    let gate = Gate { api: api.clone(), in_flight: InFlight::default(), shared: shared.clone() };
    let prefix = A::PREFIX;
    api.routes()
        .route(&format!("/{prefix}"), any(unknown::<A>))
        .route(&format!("/{prefix}/"), any(unknown::<A>))
        .route(&format!("/{prefix}/{{*unknown}}"), any(unknown::<A>))
        .layer(from_fn_with_state(Arc::new(gate), pass::<A>))
}

async fn pass<A: Api>(State(gate): State<Arc<Gate<A>>>, request: Request, next: Next) -> Response {
    let shared = &gate.shared;
    let _counted = shared.in_flight.enter();
    let (_counted_by_api, parallel) = gate.in_flight.enter();
    let (mut parts, body) = request.into_parts();
    let fault = shared.faults.pick(parts.uri.path());
    let mut entry = LoggedRequest::new(&parts, shared.clock.now(), A::visible);
    entry.fault = fault.as_ref().map(|kind| kind.name());
    let ticket = shared.log.begin(entry);
    parts.extensions.insert(Parallel(parallel));
    let request = Request::from_parts(parts, body);
    let response = match fault {
        None => next.run(request).await,
        Some(kind) => apply(kind, request, next, &gate.api, &shared.stalled).await,
    };
    shared.log.answered(ticket, response.status());
    response
}

async fn unknown<A: Api>() -> Response {
    let error = "the sandbox knows no such operation";
    reply::json(
        StatusCode::NOT_FOUND,
        &json!({ "error": error, "operations": A::OPERATIONS, "control": "/_sandbox/" }),
    )
}
