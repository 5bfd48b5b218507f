//! `/_sandbox/osago`: the state for whoever is not in the sandbox's process.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Osago;
use super::kinds::Act;
use super::settings::Settings;
use crate::api::Operation;
use crate::control::read;
use crate::reply;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation { method: "GET", path: "/_sandbox/osago", summary: "the OSAGO settings and counts" },
    Operation { method: "PATCH", path: "/_sandbox/osago", summary: "changes OSAGO settings" },
    Operation {
        method: "GET",
        path: "/_sandbox/osago/offers",
        summary: "the calculations, their offers and statuses",
    },
    Operation {
        method: "POST",
        path: "/_sandbox/osago/offers",
        summary: "lets something happen to an offer {request_id, offer_id, act}",
    },
];

pub(super) fn routes(api: &Osago) -> Router {
    Router::new()
        .route("/_sandbox/osago", get(show).patch(change))
        .route("/_sandbox/osago/offers", post(act).get(offers))
        .with_state(api.clone())
}

async fn show(Shared(api): Shared<Osago>) -> Response {
    let state = api.lock();
    let mut shown = settings(&state.settings);
    shown.insert("token_is_known".to_owned(), json!(state.token_is_known));
    shown.insert("calculations".to_owned(), json!(state.calculations.len()));
    shown.insert("counts".to_owned(), json!(state.counts));
    reply::json(StatusCode::OK, &shown)
}

fn settings(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(settings)) => settings,
        _ => unreachable!("settings are always a JSON object"),
    }
}

async fn change(Shared(api): Shared<Osago>, body: Bytes) -> Response {
    let change: Map<String, Value> = match read(&body) {
        Ok(change) => change,
        Err(refusal) => return *refusal,
    };
    let mut changed = settings(&api.lock().settings);
    changed.extend(change);
    match serde_json::from_value(changed.into()) {
        Ok(changed) => api.lock().settings = changed,
        Err(error) => return reply::bad_request(&format!("the body was not expected: {error}")),
    }
    show(Shared(api)).await
}

async fn offers(Shared(api): Shared<Osago>) -> Response {
    let (now, state) = (api.clock.now(), api.lock());
    let calculations: Vec<Value> = state
        .calculations
        .iter()
        .map(|(request_id, calculation)| {
            let offers = calculation.offers.iter();
            let offers =
                offers.map(|offer| json!({ "offer_id": offer.id, "status": offer.status(now) }));
            let offers: Vec<Value> = offers.collect();
            json!({ "request_id": request_id, "status": calculation.status(now), "offers": offers })
        })
        .collect();
    reply::json(StatusCode::OK, &calculations)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Happening {
    request_id: String,
    offer_id: String,
    act: Act,
}

async fn act(Shared(api): Shared<Osago>, body: Bytes) -> Response {
    let Happening { request_id, offer_id, act } = match read(&body) {
        Ok(happening) => happening,
        Err(refusal) => return *refusal,
    };
    let now = api.clock.now();
    let happened = api.lock().act(&request_id, &offer_id, act, now);
    match happened {
        Ok(()) => offers(Shared(api)).await,
        Err(expected) => reply::bad_request(&expected),
    }
}
