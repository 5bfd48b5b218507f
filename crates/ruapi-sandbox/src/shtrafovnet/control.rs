//! `/_sandbox/shtrafovnet`: the state for whoever is not in the sandbox's process.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::kinds::{CarStatus, NextLink, PayerAction, ScanOutcome, ScanStatusMethods, UserStatus};
use super::{Shtrafovnet, fleet};
use crate::api::Operation;
use crate::control::read;
use crate::reply;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "/_sandbox/shtrafovnet",
        summary: "the Shtrafovnet settings and counts",
    },
    Operation {
        method: "PATCH",
        path: "/_sandbox/shtrafovnet",
        summary: "changes Shtrafovnet settings; sets states of users, cars, invoices, accounts",
    },
    Operation {
        method: "GET",
        path: "/_sandbox/shtrafovnet/mail",
        summary: "the letters that were sent: confirmations and passwords",
    },
    Operation {
        method: "DELETE",
        path: "/_sandbox/shtrafovnet/mail",
        summary: "throws the letters away",
    },
    Operation {
        method: "GET",
        path: "/_sandbox/shtrafovnet/notifications",
        summary: "the test notifications and what became of them",
    },
];

pub(super) fn routes(api: &Shtrafovnet) -> Router {
    Router::new()
        .route("/_sandbox/shtrafovnet", get(show).patch(change))
        .route("/_sandbox/shtrafovnet/mail", get(mail).delete(clear_mail))
        .route("/_sandbox/shtrafovnet/notifications", get(notifications))
        .with_state(api.clone())
}

/// Tokens are counted, not shown.
async fn show(State(api): State<Shtrafovnet>) -> Response {
    let state = api.lock();
    let settings = &state.settings;
    let shown = json!({
        "modern_forms": settings.modern_forms,
        "page_size": settings.page_size,
        "next_link": settings.next_link,
        "scan_seconds": settings.scan_seconds,
        "scan_outcomes": settings.scan_outcomes,
        "scan_status_methods": settings.scan_status_methods,
        "login_failures": settings.login_failures,
        "invoice_seconds": settings.invoice_seconds,
        "fleet_fines": settings.fleet_fines,
        "tokens": state.tokens.len(),
        "created": state.created,
    });
    reply::json(StatusCode::OK, &shown)
}

async fn mail(State(api): State<Shtrafovnet>) -> Response {
    reply::json(StatusCode::OK, &json!({ "mail": api.mail() }))
}

async fn clear_mail(State(api): State<Shtrafovnet>) -> Response {
    api.clear_mail();
    mail(State(api)).await
}

async fn notifications(State(api): State<Shtrafovnet>) -> Response {
    reply::json(StatusCode::OK, &json!({ "notifications": api.deliveries() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    modern_forms: Option<bool>,
    page_size: Option<u64>,
    next_link: Option<NextLink>,
    #[serde(default, deserialize_with = "present")]
    scan_seconds: Option<Option<u32>>,
    scan_outcomes: Option<Vec<ScanOutcome>>,
    scan_status_methods: Option<ScanStatusMethods>,
    login_failures: Option<u32>,
    invoice_seconds: Option<u32>,
    fleet_fines: Option<u64>,
    /// By e-mail; null: what follows from the user's cars.
    #[serde(default)]
    users: BTreeMap<String, Option<UserStatus>>,
    /// By id; null: what follows from the checks.
    #[serde(default)]
    cars: BTreeMap<u64, Option<CarStatus>>,
    /// By id: what the payer does.
    #[serde(default)]
    invoices: BTreeMap<u64, PayerAction>,
    /// Accounts by e-mail that are locked (true) or not (false).
    #[serde(default)]
    locked: BTreeMap<String, bool>,
    #[serde(default)]
    revoke_tokens: Vec<String>,
    #[serde(default)]
    revoke_all_tokens: bool,
}

/// Tells a null, which means "none", from a field that is left out.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

async fn change(State(api): State<Shtrafovnet>, body: Bytes) -> Response {
    let change: Change = match read(&body) {
        Ok(change) => change,
        Err(refusal) => return *refusal,
    };
    if let Err(expected) = change.play(&api) {
        return reply::bad_request(&expected);
    }
    show(State(api)).await
}

impl Change {
    /// Makes the whole change; or changes nothing and says what was expected.
    fn play(self, api: &Shtrafovnet) -> Result<(), String> {
        let now = api.now();
        let mut state = api.lock();
        let page_size = self.page_size.map(super::check_page_size).transpose()?;
        let fleet_fines = self.fleet_fines.map(fleet::check).transpose()?;
        let login_failures = self.login_failures.map(super::check_login_failures).transpose()?;
        for email in self.users.keys() {
            if !state.users.values().any(|user| user.person.email == *email) {
                return Err(format!("no user {email}"));
            }
        }
        if let Some(id) = self.cars.keys().find(|id| !state.cars.contains_key(id)) {
            return Err(format!("no car {id}"));
        }
        for email in self.locked.keys() {
            if state.account_by_email(email).is_none() {
                return Err(format!("no account {email}"));
            }
        }
        for id in self.invoices.keys() {
            super::invoices::check_new(&state, *id, now)?;
        }

        let settings = &mut state.settings;
        replace(&mut settings.modern_forms, self.modern_forms);
        replace(&mut settings.page_size, page_size);
        replace(&mut settings.next_link, self.next_link);
        replace(&mut settings.scan_seconds, self.scan_seconds);
        replace(&mut settings.scan_outcomes, self.scan_outcomes.map(Into::into));
        replace(&mut settings.scan_status_methods, self.scan_status_methods);
        replace(&mut settings.login_failures, login_failures);
        replace(&mut settings.invoice_seconds, self.invoice_seconds);
        replace(&mut settings.fleet_fines, fleet_fines);
        for (email, status) in self.users {
            state.set_user_status(&email, status);
        }
        for (id, status) in self.cars {
            state.set_car_status(id, status);
        }
        for (id, action) in self.invoices {
            super::invoices::act(&mut state, id, action, now)?;
        }
        for (email, locked) in self.locked {
            state.set_locked(&email, locked);
        }
        for token in self.revoke_tokens {
            state.tokens.remove(&token);
        }
        if self.revoke_all_tokens {
            state.tokens.clear();
        }
        Ok(())
    }
}

fn replace<T>(setting: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *setting = value;
    }
}
