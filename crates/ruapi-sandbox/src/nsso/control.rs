//! `/_sandbox/nsso`: the state for whoever is not in the sandbox's process.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::Nsso;
use super::check::fits_token;
use super::state::{Money, Source, TokenState, check_fleet};
use crate::api::Operation;
use crate::control::read;
use crate::reply;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation { method: "GET", path: "/_sandbox/nsso", summary: "the NSSO settings and counts" },
    Operation { method: "PATCH", path: "/_sandbox/nsso", summary: "changes NSSO settings" },
    Operation {
        method: "GET",
        path: "/_sandbox/nsso/billed",
        summary: "how often each plate or policy was billed",
    },
];

pub(super) fn routes(nsso: &Nsso) -> Router {
    Router::new()
        .route("/_sandbox/nsso", get(show).patch(change))
        .route("/_sandbox/nsso/billed", get(billed))
        .with_state(nsso.clone())
}

/// Tokens are counted, not shown.
async fn show(State(nsso): State<Nsso>) -> Response {
    let state = nsso.lock();
    let settings = json!({
        "balance": state.balance,
        "credit": state.credit,
        "price": state.price,
        "speed": state.speed,
        "max_parallel": state.max_parallel,
        "fleet": state.fleet,
        "source": state.source,
        "numeric_codes": state.numeric_codes,
        "tokens": state.tokens.len(),
        "billed": state.billed_total,
    });
    reply::json(StatusCode::OK, &settings)
}

async fn billed(State(nsso): State<Nsso>) -> Response {
    reply::json(StatusCode::OK, &nsso.billed_by_subject())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    balance: Option<f64>,
    credit: Option<f64>,
    price: Option<f64>,
    #[serde(default, deserialize_with = "present")]
    speed: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    max_parallel: Option<Option<usize>>,
    fleet: Option<u64>,
    source: Option<Source>,
    numeric_codes: Option<bool>,
    /// A token whose state is null becomes unknown.
    #[serde(default)]
    tokens: BTreeMap<String, Option<TokenState>>,
}

/// Tells a null, which means "none", from a field that is left out.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

async fn change(State(nsso): State<Nsso>, body: Bytes) -> Response {
    let change: Change = match read(&body) {
        Ok(change) => change,
        Err(refusal) => return *refusal,
    };
    if let Err(expected) = change.play(&nsso) {
        return reply::bad_request(&expected);
    }
    show(State(nsso)).await
}

impl Change {
    /// Makes the whole change; or changes nothing and says what was expected.
    fn play(self, nsso: &Nsso) -> Result<(), String> {
        if !self.tokens.keys().all(|token| fits_token(token)) {
            return Err("a name in `tokens` is a token, 32 characters long".to_owned());
        }
        let balance = self.balance.map(Money::balance).transpose()?;
        let credit = self.credit.map(Money::credit).transpose()?;
        let price = self.price.map(Money::price).transpose()?;
        let fleet = self.fleet.map(check_fleet).transpose()?;

        let mut state = nsso.lock();
        replace(&mut state.balance, balance);
        replace(&mut state.credit, credit);
        replace(&mut state.price, price);
        replace(&mut state.speed, self.speed);
        replace(&mut state.max_parallel, self.max_parallel);
        replace(&mut state.fleet, fleet);
        replace(&mut state.source, self.source);
        replace(&mut state.numeric_codes, self.numeric_codes);
        for (token, token_state) in self.tokens {
            match token_state {
                Some(token_state) => state.tokens.insert(token, token_state),
                None => state.tokens.remove(&token),
            };
        }
        Ok(())
    }
}

fn replace<T>(setting: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *setting = value;
    }
}
