//! NSSO (Национальный союз страховщиков ответственности): is a vehicle's carrier insured?
//!
//! One operation, `GET /nsso/nsso.php?type=checkPolicy&…`. Errors are answered with status 200 and
//! `{"error":"503","message":"TOKEN_NOT_REGISTERED_IN_THE_SYSTEM"}`.
//!
//! For an example see the [first page](crate#in-a-rust-test).
//!
//! # What is checked, in this order
//!
//! The document lists the errors but not their order; this is the sandbox's.
//!
//! | code | message | when |
//! |---|---|---|
//! | 502 | `MISSING_REQUIRED_TOKEN_PARAMETER` | no `token` in the query, or an empty one, and no `Token:` header |
//! | 499 | `WRONG_TOKEN_KEY` | the token is not 32 characters long |
//! | any | | the token is an [error token](Nsso::error_token) |
//! | 503 | `TOKEN_NOT_REGISTERED_IN_THE_SYSTEM` | the token is unknown |
//! | 602, 504, 123, 5, 3, 2 | see [`TokenState`] | the token's state |
//! | 500 | `MISSING_REQUIRED_TYPE_PARAMETER` | no `type`, or an empty one |
//! | 602 | `TOKEN_NO_ACCESS` | a `type` other than `checkPolicy` (our decision: no access to such a method) |
//! | 888 | `NAME: forbidden symbols present` | a parameter, known or not, holds a control character, a quote, a back quote, `<`, `>`, `;`, `\`, or bytes that are not UTF-8 |
//! | 111 | `PARAMETER_CONFLICT` | both `gosNumber` and `polis`, even if empty |
//! | 766 | `MISSING_MANDATORY_PARAMETER` | neither |
//! | 460 | `NO_REQUIRED_PARAMETERS` | the one that is there is empty |
//! | 888 | `NAME: forbidden symbols present` | `gosNumber` or `polis` does not fit its mask, `onlyActual` is not empty, 0 or 1 |
//! | 15 | `DATE_ERROR` | `date` is not a date as dd.mm.YYYY |
//! | 456 | `MAX_LIMIT` | more requests at once than [allowed](Nsso::set_max_parallel) |
//! | 498 | `TOKEN_NO_MONEY` | balance and credit together are less than the price |
//! | 1 | `API_SUSPENDED` | [`Source::Suspended`] |
//! | 404 | `TIME_MAX_CONNECT` | [`Source::Silent`] |
//!
//! Errors are not billed; every other answer is, the empty one too. A parameter that is given
//! twice has its last value. A method other than GET is answered 405 with a page of HTML.
//!
//! # The data
//!
//! [`EXAMPLE_PLATE`](Nsso::EXAMPLE_PLATE) and [`EXAMPLE_POLICY`](Nsso::EXAMPLE_POLICY) answer the
//! document's example, [`EMPTY_PLATE`](Nsso::EMPTY_PLATE) its empty one. Every other plate that
//! fits the mask is a made-up vehicle of the [fleet](Nsso::fleet_plate): insured by the year, in
//! about six years of seven, sometimes together with three others. The vehicles' data depend on
//! nothing but the plate; the clock's day decides which policies were made: the one of the current
//! insurance year and the one before.

mod answer;
mod check;
mod control;
mod error;
mod fleet;
mod plate;
mod state;

pub use state::{Source, TokenState};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Extension, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::any;

use crate::api::{Api, Operation, Parallel};
use crate::clock::Clock;
use crate::reply;
use crate::request_log::Visible;
use answer::{Answer, Filters, Inquiry};
use check::{Query, Subject};
use error::Refusal;
use state::{Money, State, check_fleet};

/// A handle on the NSSO API's state; clones share it.
#[derive(Clone, Debug)]
pub struct Nsso {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

impl Nsso {
    /// The token that a fresh sandbox knows: the document's 32 zeros.
    pub const TOKEN: &'static str = "00000000000000000000000000000000";
    /// The plate of the document's example.
    pub const EXAMPLE_PLATE: &'static str = "А111АА11";
    /// The policy of the document's example.
    pub const EXAMPLE_POLICY: &'static str = "IGSX224123456275000";
    /// A plate without any policy.
    pub const EMPTY_PLATE: &'static str = "О000ОО00";
    /// How many plates fit the mask, and thus the largest fleet.
    pub const LARGEST_FLEET: u64 = plate::COUNT;
    /// The most rubles that a balance, a credit or a price may be; a balance also as a debt.
    pub const LARGEST_AMOUNT: f64 = 1e12;

    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, state: Arc::default() }
    }

    /// A token, 32 characters long, that is always answered with this error.
    ///
    /// # Panics
    ///
    /// If the code has more than 17 digits.
    pub fn error_token(code: u64) -> String {
        error::token(code)
    }

    /// The plate of the fleet's vehicle `index`: a different one for each, always the same.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`LARGEST_FLEET`](Self::LARGEST_FLEET).
    pub fn fleet_plate(index: u64) -> String {
        assert!(index < plate::COUNT, "there are only {} plates", plate::COUNT);
        plate::print(index)
    }

    /// How many vehicles of the fleet have policies; the plates beyond answer empty.
    pub fn fleet(&self) -> u64 {
        self.lock().fleet
    }

    /// Sets the [fleet's size](Self::fleet); by default all plates belong to it.
    ///
    /// # Panics
    ///
    /// If there are [not as many plates](Self::LARGEST_FLEET).
    pub fn set_fleet(&self, size: u64) {
        self.lock().fleet = check_fleet(size).expect("a fleet");
    }

    /// The balance in rubles; negative when the credit is in use.
    pub fn balance(&self) -> f64 {
        self.lock().balance.rubles()
    }

    /// Sets the balance, rounded to kopecks.
    ///
    /// # Panics
    ///
    /// If it is beyond ± [`LARGEST_AMOUNT`](Self::LARGEST_AMOUNT), or not a number.
    pub fn set_balance(&self, rubles: f64) {
        self.lock().balance = Money::balance(rubles).expect("a balance");
    }

    /// The credit in rubles.
    pub fn credit(&self) -> f64 {
        self.lock().credit.rubles()
    }

    /// Sets the credit, rounded to kopecks.
    ///
    /// # Panics
    ///
    /// If it is not 0 to [`LARGEST_AMOUNT`](Self::LARGEST_AMOUNT).
    pub fn set_credit(&self, rubles: f64) {
        self.lock().credit = Money::credit(rubles).expect("a credit");
    }

    /// The price of a query in rubles.
    pub fn price(&self) -> f64 {
        self.lock().price.rubles()
    }

    /// Sets the price, rounded to kopecks.
    ///
    /// # Panics
    ///
    /// If it is not 0 to [`LARGEST_AMOUNT`](Self::LARGEST_AMOUNT).
    pub fn set_price(&self, rubles: f64) {
        self.lock().price = Money::price(rubles).expect("a price");
    }

    /// The `inquiry.speed` of all answers; if none, as in the document: 26, or 9 if empty.
    pub fn speed(&self) -> Option<u32> {
        self.lock().speed
    }

    /// Sets the [speed](Self::speed).
    pub fn set_speed(&self, speed: Option<u32>) {
        self.lock().speed = speed;
    }

    /// How many requests at once are answered; more get error 456. No limit by default.
    pub fn max_parallel(&self) -> Option<usize> {
        self.lock().max_parallel
    }

    /// Sets how [many requests at once](Self::max_parallel) are answered. All that were received
    /// and not answered yet count, those included that a fault delays or hangs.
    pub fn set_max_parallel(&self, limit: Option<usize>) {
        self.lock().max_parallel = limit;
    }

    /// The state of the source behind the API.
    pub fn source(&self) -> Source {
        self.lock().source
    }

    /// Sets the state of the source behind the API.
    pub fn set_source(&self, source: Source) {
        self.lock().source = source;
    }

    /// Whether `error` is a JSON number; by default it is a string, as the document prints it.
    pub fn numeric_codes(&self) -> bool {
        self.lock().numeric_codes
    }

    /// Sets whether [`error` is a number](Self::numeric_codes).
    pub fn set_numeric_codes(&self, numeric: bool) {
        self.lock().numeric_codes = numeric;
    }

    /// Makes a token known and good.
    ///
    /// # Panics
    ///
    /// If it is not 32 characters long: the API would never look it up.
    pub fn add_token(&self, token: &str) {
        self.set_token_state(token, TokenState::Active);
    }

    /// Sets a token's state; makes it known, too.
    ///
    /// # Panics
    ///
    /// As [`add_token`](Self::add_token).
    pub fn set_token_state(&self, token: &str, state: TokenState) {
        assert!(check::fits_token(token), "a token is 32 characters long");
        self.lock().tokens.insert(token.to_owned(), state);
    }

    /// Makes a token unknown.
    pub fn revoke_token(&self, token: &str) {
        self.lock().tokens.remove(token);
    }

    /// How many queries were billed.
    pub fn billed(&self) -> u64 {
        self.lock().billed_total
    }

    /// How many queries for this plate or policy were billed.
    pub fn billed_for(&self, subject: &str) -> u64 {
        self.lock().billed.get(subject).copied().unwrap_or(0)
    }

    /// How many queries were billed for each plate and policy, as written in the queries.
    pub fn billed_by_subject(&self) -> BTreeMap<String, u64> {
        self.lock().billed.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_policy(&self, parts: &Parts, parallel: usize) -> Response {
        let today = self.clock.today();
        let mut state = self.lock();
        let query = match Query::check(parts, &state, parallel, today) {
            Ok(query) => query,
            Err(refusal) => return refusal.response(state.numeric_codes),
        };
        let inquiry = state.bill(query.subject.as_str());
        let fleet = state.fleet;
        drop(state);

        let mut policies = match &query.subject {
            Subject::Plate { index, .. } => fleet::by_plate(*index, fleet, today),
            Subject::Policy(number) => fleet::by_policy(number, fleet, today),
        };
        if query.only_actual {
            policies.retain(|found| found.policy.in_force_on(query.date));
        }
        let answer = Answer {
            status: 200,
            count: policies.len(),
            filters: Filters { request_date: query.date, only_actual: query.only_actual.into() },
            inquiry: Inquiry {
                speed: inquiry.speed.unwrap_or(if policies.is_empty() { 9 } else { 26 }),
                price: inquiry.price,
                balance: inquiry.balance,
                credit: inquiry.credit,
                attempts: 1,
            },
            result: policies,
        };
        reply::json(StatusCode::OK, &answer)
    }
}

async fn nsso_php(
    Shared(nsso): Shared<Nsso>,
    Extension(Parallel(parallel)): Extension<Parallel>,
    request: Request,
) -> Response {
    if request.method() != Method::GET {
        return reply::html(StatusCode::METHOD_NOT_ALLOWED);
    }
    nsso.check_policy(&request.into_parts().0, parallel)
}

impl Api for Nsso {
    const PREFIX: &'static str = "nsso";

    const OPERATIONS: &'static [Operation] = &[Operation {
        method: "GET",
        path: "/nsso/nsso.php",
        summary: "?type=checkPolicy&token=…, gosNumber or polis, date (dd.mm.YYYY), onlyActual (0, 1)",
    }];

    const CONTROL: &'static [Operation] = control::OPERATIONS;

    fn routes(&self) -> Router {
        Router::new().route("/nsso/nsso.php", any(nsso_php)).with_state(self.clone())
    }

    fn control(&self) -> Router {
        control::routes(self)
    }

    fn error(&self, code: &str, message: Option<&str>) -> Response {
        Refusal::custom(code, message).response(self.numeric_codes())
    }

    fn revoke_token(&self, request: &Parts) {
        Nsso::revoke_token(self, &check::token(request));
    }

    fn visible(name: &str, value: &str) -> Visible {
        // A value is shown only if it is what belongs there: a token may be in the wrong place.
        let harmless = match name {
            "type" => value == "checkPolicy",
            "date" => check::date(value).is_some(),
            "onlyActual" => matches!(value, "0" | "1"),
            "gosNumber" | "polis" | "token" => false,
            _ => return Visible::Nothing,
        };
        if harmless { Visible::Value } else { Visible::Name }
    }

    fn reset(&self) {
        *self.lock() = State::default();
    }
}
