//! `/_sandbox/epgu`: the state for whoever is not in the sandbox's process.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Epgu;
use super::kinds::{ErrorCode, Outcome, Window};
use super::settings::Settings;
use super::state::{State, Token};
use crate::api::Operation;
use crate::control::read;
use crate::reply;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation { method: "GET", path: "/_sandbox/epgu", summary: "the EPGU settings and counts" },
    Operation {
        method: "PATCH",
        path: "/_sandbox/epgu",
        summary: "changes EPGU settings; adds and ends applications, sets tokens",
    },
    Operation {
        method: "GET",
        path: "/_sandbox/epgu/orders",
        summary: "the applications and their states",
    },
    Operation {
        method: "GET",
        path: "/_sandbox/epgu/archives",
        summary: "the archives that were sent",
    },
];

pub(super) fn routes(api: &Epgu) -> Router {
    Router::new()
        .route("/_sandbox/epgu", get(show).patch(change))
        .route("/_sandbox/epgu/orders", get(orders))
        .route("/_sandbox/epgu/archives", get(archives))
        .with_state(api.clone())
}

/// Tokens are counted, not shown.
async fn show(Shared(api): Shared<Epgu>) -> Response {
    let state = api.lock();
    let Value::Object(mut shown) = settings(&state.settings) else { return Response::default() };
    let now = api.clock.now_in_moscow();
    let requests = |window| state.traffic.requests(window, now);
    shown.insert("tokens".to_owned(), json!(state.tokens.len()));
    shown.insert("orders".to_owned(), json!(state.orders.len()));
    shown.insert("uploads".to_owned(), json!(state.uploads.len()));
    shown.insert("counts".to_owned(), json!(state.counts));
    let requests = json!({
        "minute": requests(Window::Minute),
        "hour": requests(Window::Hour),
        "day": requests(Window::Day),
        "month": requests(Window::Month),
        "year": requests(Window::Year),
    });
    shown.insert("requests".to_owned(), requests);
    reply::json(StatusCode::OK, &shown)
}

fn settings(settings: &Settings) -> Value {
    serde_json::to_value(settings).expect("settings are always valid JSON")
}

async fn orders(Shared(api): Shared<Epgu>) -> Response {
    let (now, state) = (api.clock.now(), api.lock());
    let orders = state.orders.values().map(|order| {
        let status = order.events(now).pop().map(|event| event.status);
        json!({
            "id": order.id,
            "code": order.code(now).0,
            "status_id": status.map(|status| status.id),
            "status": status.map(|status| status.name),
        })
    });
    let orders: Vec<_> = orders.collect();
    reply::json(StatusCode::OK, &orders)
}

async fn archives(Shared(api): Shared<Epgu>) -> Response {
    let state = api.lock();
    let sent = state.orders.values().filter(|order| order.sent.is_some());
    let archives: Vec<_> = sent.filter_map(|order| order.archive.as_ref()).collect();
    reply::json(StatusCode::OK, &archives)
}

/// What is no setting.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acts {
    /// How many applications to add.
    #[serde(default)]
    add_orders: u64,
    /// Application → how it ends now.
    #[serde(default)]
    orders: BTreeMap<u64, Outcome>,
    /// A token that is null becomes unknown.
    #[serde(default)]
    tokens: BTreeMap<String, Option<TokenState>>,
    #[serde(default)]
    revoke_all_tokens: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenState {
    #[serde(default = "known_user")]
    user: u64,
    /// How long it is valid from now on; for ever by default.
    seconds: Option<u32>,
    /// What everything is answered.
    error: Option<ErrorCode>,
}

fn known_user() -> u64 {
    Epgu::USER
}

const ACTS: [&str; 4] = ["add_orders", "orders", "tokens", "revoke_all_tokens"];

async fn change(Shared(api): Shared<Epgu>, body: Bytes) -> Response {
    let change: Map<String, Value> = match read(&body) {
        Ok(change) => change,
        Err(refusal) => return *refusal,
    };
    if let Err(expected) = play(change, &mut api.lock(), api.clock.now()) {
        return reply::bad_request(&expected);
    }
    show(Shared(api)).await
}

/// Makes the whole change; or changes nothing and says what was expected.
fn play(change: Map<String, Value>, state: &mut State, now: DateTime<Utc>) -> Result<(), String> {
    let (acts, changes): (Map<_, _>, Map<_, _>) =
        change.into_iter().partition(|(name, _)| ACTS.contains(&name.as_str()));
    let Value::Object(mut changed) = settings(&state.settings) else { return Ok(()) };
    changed.extend(changes);
    let unexpected = |error| format!("the body was not expected: {error}");
    let changed: Settings = serde_json::from_value(changed.into()).map_err(unexpected)?;
    changed.check()?;
    let acts: Acts = serde_json::from_value(acts.into()).map_err(unexpected)?;
    if acts.add_orders > Epgu::MOST_ADDED {
        return Err(format!("`add_orders` is 0 to {}", Epgu::MOST_ADDED));
    }
    for id in acts.orders.keys() {
        if state.orders.get(id).is_none_or(|order| order.sent.is_none()) {
            return Err(format!("no application {id} was sent"));
        }
    }

    state.settings = changed;
    state.add_orders(Epgu::USER, acts.add_orders, now);
    for (id, outcome) in acts.orders {
        state.end(id, outcome, now)?;
    }
    if acts.revoke_all_tokens {
        state.tokens.clear();
    }
    for (token, token_state) in acts.tokens {
        match token_state {
            None => state.tokens.remove(&token),
            Some(TokenState { user, seconds, error }) => {
                let expires = seconds.map(|seconds| now + TimeDelta::seconds(i64::from(seconds)));
                state.tokens.insert(token, Token { user, expires, error })
            }
        };
    }
    Ok(())
}
