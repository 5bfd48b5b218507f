//! `/_sandbox/…`: the handle on the sandbox for whoever is not in its process.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{any, get, post};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::api::{Operation, Shared};
use crate::apis::Apis;
use crate::fault::Fault;
use crate::reply;

/// What is not one API's own.
const OPERATIONS: &[Operation] = &[
    Operation { method: "GET", path: "/_sandbox/", summary: "this index" },
    Operation { method: "GET", path: "/_sandbox/clock", summary: "the clock" },
    Operation {
        method: "POST",
        path: "/_sandbox/clock",
        summary: "any of {set: RFC 3339 time, advance_seconds: integer, frozen: boolean}",
    },
    Operation { method: "GET", path: "/_sandbox/faults", summary: "the faults and their hits" },
    Operation {
        method: "POST",
        path: "/_sandbox/faults",
        summary: "adds a fault {kind, path, times, skip, probability, seed}; all but kind optional",
    },
    Operation { method: "DELETE", path: "/_sandbox/faults", summary: "removes all faults" },
    Operation { method: "GET", path: "/_sandbox/requests", summary: "the newest requests, masked" },
    Operation { method: "DELETE", path: "/_sandbox/requests", summary: "empties the request log" },
    Operation { method: "POST", path: "/_sandbox/reset", summary: "back to the fresh state" },
];

#[derive(Clone)]
struct Control {
    shared: Arc<Shared>,
    apis: Apis,
}

/// The control's routes, and the answer to whatever else is asked for.
pub(crate) fn routes(shared: &Arc<Shared>, apis: &Apis) -> Router {
    let control = Control { shared: shared.clone(), apis: apis.clone() };
    Router::new()
        .route("/_sandbox", get(index))
        .route("/_sandbox/", get(index))
        .route("/_sandbox/clock", get(clock).post(move_clock))
        .route("/_sandbox/faults", get(faults).post(inject).delete(clear_faults))
        .route("/_sandbox/requests", get(requests).delete(clear_requests))
        .route("/_sandbox/reset", post(reset_all))
        .route("/_sandbox/{*unknown}", any(unknown))
        .with_state(control)
        .merge(apis.control())
        .method_not_allowed_fallback(wrong_method)
        .fallback(unknown)
}

/// Back to the fresh state.
pub(crate) fn reset(shared: &Shared, apis: &Apis) {
    shared.clock.reset();
    shared.faults.clear();
    shared.log.clear();
    apis.reset();
}

/// Reads the body of a control call, or answers what was expected.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Box<Response>> {
    serde_json::from_slice(body).map_err(|error| {
        Box::new(reply::bad_request(&format!("the body was not expected: {error}")))
    })
}

fn ok(value: &Value) -> Response {
    reply::json(StatusCode::OK, value)
}

async fn index(State(control): State<Control>) -> Response {
    ok(&json!({
        "sandbox": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "apis": Apis::list(),
        "control": operations(),
        "in_flight": control.shared.in_flight.count(),
        "stalled": control.shared.stalled.count(),
    }))
}

fn operations() -> Vec<&'static Operation> {
    OPERATIONS.iter().chain(Apis::control_operations()).collect()
}

async fn clock(State(control): State<Control>) -> Response {
    let clock = &control.shared.clock;
    ok(&json!({ "now": clock.now_in_moscow(), "frozen": clock.is_frozen() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    set: Option<DateTime<Utc>>,
    #[serde(default)]
    advance_seconds: i64,
    frozen: Option<bool>,
}

async fn move_clock(State(control): State<Control>, body: Bytes) -> Response {
    let change: ClockChange = match read(&body) {
        Ok(change) => change,
        Err(refusal) => return *refusal,
    };
    if let Err(expected) = change.play(&control.shared) {
        return reply::bad_request(&expected);
    }
    clock(State(control)).await
}

impl ClockChange {
    fn play(&self, shared: &Shared) -> Result<(), String> {
        let step = TimeDelta::try_seconds(self.advance_seconds)
            .ok_or("`advance_seconds` is a smaller number")?;
        shared.clock.change(self.set, step, self.frozen)
    }
}

async fn faults(State(control): State<Control>) -> Response {
    ok(&json!({ "faults": control.shared.faults.list() }))
}

async fn inject(State(control): State<Control>, body: Bytes) -> Response {
    let fault: Fault = match read(&body) {
        Ok(fault) => fault,
        Err(refusal) => return *refusal,
    };
    match control.shared.faults.inject(fault) {
        Ok(()) => faults(State(control)).await,
        Err(expected) => reply::bad_request(&expected),
    }
}

async fn clear_faults(State(control): State<Control>) -> Response {
    control.shared.faults.clear();
    faults(State(control)).await
}

async fn requests(State(control): State<Control>) -> Response {
    let log = &control.shared.log;
    ok(&json!({ "total": log.total(), "requests": log.kept() }))
}

async fn clear_requests(State(control): State<Control>) -> Response {
    control.shared.log.clear();
    requests(State(control)).await
}

async fn reset_all(State(control): State<Control>) -> Response {
    reset(&control.shared, &control.apis);
    ok(&json!({ "reset": true }))
}

async fn unknown() -> Response {
    let error = "nothing is served here";
    reply::json(
        StatusCode::NOT_FOUND,
        &json!({ "error": error, "apis": Apis::list(), "control": operations() }),
    )
}

async fn wrong_method() -> Response {
    let error = "this method is not served here";
    reply::json(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": error, "control": operations() }))
}
