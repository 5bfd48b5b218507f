//! OSAGO (ОСАГО): a partner of Yandex, who offers policies.
//!
//! All seven operations, under `/osago/osago/…`: Yandex calls, and the sandbox is the insurer. Errors are
//! answered as `{"request_id": …, "message": …}`, those of status 400 with
//! `properties: [{"property": …, "message": …}]`.
//!
//! For an example see the [first page](crate#in-a-rust-test).
//!
//! # What the sandbox decides
//!
//! The document describes the confirmation alone, and leaves much of that open; the sandbox does as
//! follows.
//!
//! * **Authorization.** [`TOKEN`](Osago::TOKEN) as a Bearer, or [whatever a test wants](Access). A
//!   missing or unknown credential is answered 403, before anything else is looked at.
//! * **Bodies** are JSON objects of at most 1 MiB and say so; all else is answered 400. Of a calculation
//!   these are wanted: `request_id`, a UUID; `policy_start_date` with its zone, not before the clock's
//!   day; `vehicle` with one of `vin`, `body_number`, `chassis_number`, and a `category` A to E;
//!   `drivers_info` with `drivers` unless they are unlimited. What else there is must have its form.
//! * **The same again.** A calculation with a known `request_id` and the same body, and a confirmation of
//!   the same offer with the same upsales, are answered as the first time, and change nothing. With
//!   another body they are answered 400.
//! * **A calculation** is `DRAFT` for a second and `PARTNER_CALCULATION_IN_PROGRESS` until
//!   [five seconds](Settings::calculation_seconds) are over; then it ends [as it was said](CalculationEnd).
//!   Its offers are there from the beginning: `CREATED`, `PRE_CALC_SENT`, `PRE_CALC_IN_PROGRESS`, and
//!   `PRE_CALC_READY` when it is ready. Paid, it is `PAID`; once all its offers are at their ends, `CLOSED`.
//! * **The offers** of a calculation that is ready are three: one with an obligatory upsale and others that
//!   may be had, two of which exclude each other; one of the reinsurance pool with two upsales; one
//!   without any. Without `is_cross_allowed` there are no upsales but those that are obligatory.
//! * **A confirmation** is answered with the offer as it stands. A second later it is `APPROVED`, three
//!   seconds later `PAYMENT_READY`, with a `payment_url`; or it ends [as it was said](ConfirmEnd). An offer
//!   that is not calculated yet, or at its end, cannot be confirmed. Payment is [a test's act](Act). Paid, it
//!   is `CLOSED_PAID` five seconds later, and the others are `CLOSED_OTHER_OFFER`. What is not paid
//!   [half an hour](Settings::offer_seconds) after the calculation is `CLOSED_TIMEOUT`.
//! * **Drafts** are there [seven seconds](Settings::draft_seconds) after the first question,
//!   **policies** with `CLOSED_PAID`. Both are PDFs of one page.
//! * **The fault `token_revoked`** makes the Bearer token unknown.
//!
//! # The data
//!
//! A fresh sandbox knows the calculation [`EXAMPLE_REQUEST`](Osago::EXAMPLE_REQUEST) with the offer
//! [`EXAMPLE_OFFER`](Osago::EXAMPLE_OFFER), which is answered as it is printed until it is confirmed.

mod calculation;
mod call;
mod control;
mod document;
mod error;
mod input;
mod kinds;
mod known;
mod offer;
mod offers;
mod routes;
mod settings;
mod state;
mod upsale;

pub use kinds::{Access, Act, CalculationEnd, ConfirmEnd, IdForm, OfferStatus, PoolForm};
pub use settings::Settings;
pub use state::Counts;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::request::Parts;
use axum::response::Response;

use crate::api::{Api, Operation};
use crate::clock::Clock;
use crate::request_log::Visible;
use error::Refusal;
use state::State;

/// A handle on the partner's state; clones share it.
#[derive(Clone, Debug)]
pub struct Osago {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

impl Osago {
    /// The token that is known at first; visibly a sandbox's.
    pub const TOKEN: &'static str = "sandbox-osago-token";
    /// The document's request.
    pub const EXAMPLE_REQUEST: &'static str = "550e8400-e29b-41d4-a716-446655440000";
    /// The document's offer.
    pub const EXAMPLE_OFFER: &'static str = "44234899";

    pub(crate) fn new(clock: Clock) -> Self {
        let state = known::state(clock.now());
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    /// How the partner behaves.
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Changes how the partner behaves. Requests wait meanwhile, and so would a call of this handle
    /// inside of `change`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use ruapi_sandbox::Sandbox;
    /// use ruapi_sandbox::osago::CalculationEnd;
    ///
    /// let sandbox = Sandbox::start().await?;
    /// sandbox.osago().change(|settings| settings.calculation_end = CalculationEnd::None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.lock().settings);
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// Where an offer stands, if there is such a one.
    pub fn offer_status(&self, request_id: &str, offer_id: &str) -> Option<OfferStatus> {
        let now = self.clock.now();
        Some(self.lock().offer(request_id, offer_id)?.status(now))
    }

    /// The numbers of a calculation's offers.
    pub fn offers(&self, request_id: &str) -> Vec<String> {
        let state = self.lock();
        let calculation = state.calculations.get(&request_id.to_lowercase());
        let offers = calculation.into_iter().flat_map(|calculation| &calculation.offers);
        offers.map(|offer| offer.id.clone()).collect()
    }

    /// Something happens to an offer: it is paid, for example.
    ///
    /// # Panics
    ///
    /// If there is no such offer, or if this cannot happen to it now.
    pub fn act(&self, request_id: &str, offer_id: &str, act: Act) {
        let now = self.clock.now();
        self.lock().act(request_id, offer_id, act, now).expect("an offer to act on");
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Api for Osago {
    const PREFIX: &'static str = "osago";
    const OPERATIONS: &'static [Operation] = routes::OPERATIONS;
    const CONTROL: &'static [Operation] = control::OPERATIONS;

    fn routes(&self) -> Router {
        routes::routes(self)
    }

    fn control(&self) -> Router {
        control::routes(self)
    }

    /// A code is a status here.
    fn error(&self, code: &str, message: Option<&str>) -> Response {
        Refusal::of_code(code, message).response()
    }

    fn revoke_token(&self, _: &Parts) {
        self.lock().token_is_known = false;
    }

    /// Both identifiers lead to somebody's contract.
    fn visible(name: &str, _: &str) -> Visible {
        match name {
            "request_id" | "offer_id" => Visible::Name,
            _ => Visible::Nothing,
        }
    }

    fn reset(&self) {
        *self.lock() = known::state(self.clock.now());
    }
}
