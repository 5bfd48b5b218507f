//! EPGU (API ЕПГУ, Госуслуги): applications for public services.
//!
//! All nine operations of the document, under `/epgu/api/…`, and once more under
//! `/epgu/gu-smev-api/api/…`, the prefix of the SMEV4 agent. Errors are answered as
//! `{"code":"bad_request","message":"…"}`; 204 (no such application) and 401 have no body.
//!
//! For an example see the [first page](crate#epgu).
//!
//! # What the sandbox decides
//!
//! The document is silent or contradicts itself in these; the sandbox does as follows.
//!
//! * **Authorization.** All but dictionaries take Bearer. A missing, unknown or expired token is
//!   answered 401. [`error_token`](Epgu::error_token) gives tokens that provoke each of the 15
//!   codes, [`Settings::services`] refuses single services. Somebody else's application is
//!   answered 403 `order_access`; lists do not find it.
//! * **Statuses of the codes**: `bad_request` and `service_not_found` 400, `not_found` 404 (only
//!   where something is cancelled or downloaded), `cancel_not_allowed` 405 or
//!   [409](CancelRefusal), `limitation_exception` 429, `internal_error` 500, the others 403.
//! * **Bodies** are JSON objects and say so. The keys are `region`, `serviceCode` and
//!   `targetCode`, texts of digits, the target's with a minus; the capitals of table 6 are not
//!   taken. The services are those with any such code.
//! * **An archive** is really opened, to the last byte. Its order of checks: it can be read and
//!   lies flat, without archives inside (`INVALID_FILES_STRUCTURE`); there is an XML file whose
//!   name begins with `req` or `trans` (`REQ_NOT_FOUND`); the file that a test
//!   [asks for](Settings::business_file) is there (`MPC_NOT_FOUND`); all XML begins as XML does
//!   (`VALIDATION_ERROR`); no signature is empty or without its file, and none is missing
//!   [if needed](Settings::signatures_required) (`FILES_VERIFICATION_FAILED`). What is found is
//!   told by the details; the archive itself is taken with 200 all the same.
//! * **Chunks** are numbered from 0, and 1 MB is 1 MiB. The first must have been answered before
//!   any other comes, and all others before the last; what comes otherwise is answered 400 and
//!   changes nothing. A chunk that comes again must be the same. Five minutes after the first one,
//!   what has come is forgotten. Once an application is sent, chunks for it are answered 409.
//! * **Limits** of requests are by the calendar of Moscow, for all tokens together, and count
//!   what was not refused by them. The limit of applications is over the last ten minutes, and
//!   counts `order` and `push`, which give out numbers.
//! * **The states.** Sent, an application is `NEW`, a second later `VALIDATION`, then, if there
//!   are signatures, `FILES_VERIFICATION` and `FILES_VERIFICATION_SUCCESS`, then `DONE`; then
//!   `OK`, as printed, and only then there is an `order`. In the account it is 0, at `DONE` 17,
//!   then 21 and 2, a minute later 6, another minute later 3. 24 is an application that the
//!   portal refused, or the agency's system. The document does not know 3 (done), 4 as a refusal,
//!   6 (accepted) and 10 (cancelled): each service has its own.
//! * **Cancelling** is allowed while the agency has it: 2, 6 and 15.
//! * **Lists** need `pageNum`, from 0, and `pageSize`. What was updated comes newest first;
//!   `updated` is Moscow's time. The `Content-Type` that table 20 wants of a GET is only asked for
//!   [on demand](Settings::list_content_type_required). One of the document's applications has
//!   its `orderId` after a space in the list of what was updated, as printed.
//! * **What is missing**: details and chunks of an unknown application are answered 204, its
//!   cancelling 404. A list that finds nothing is an empty one, or
//!   [204](Settings::empty_lists_without_content).
//! * **Dictionaries** have pages from 1. Errors are 1 (no such dictionary) and 2 (wrong fields).
//! * **The fault `token_revoked`** makes a token unknown.
//!
//! # The data
//!
//! [`TOKEN`](Epgu::TOKEN) is a token of the user [`USER`](Epgu::USER), who has the applications of
//! the document's examples: [`EXAMPLE_ORDER`](Epgu::EXAMPLE_ORDER), whose details are printed; the
//! 40 of the list of December 2022; the draft 764255248;
//! [`CANCELLABLE_ORDER`](Epgu::CANCELLABLE_ORDER). [`OTHER_TOKEN`](Epgu::OTHER_TOKEN) is one of a
//! user without any. New applications get numbers above 32 bits.
//! [`add_orders`](Epgu::add_orders) makes as many as a test wants, in all kinds of states.
//!
//! An application that was executed has two files of a result, one with a link as it is, one with
//! a link that is percent-encoded. They are made while they are sent: byte `n` is
//! [`file_byte(n)`](Epgu::file_byte). Files are at all three paths that the document and later
//! editions print, [unless a test wants less](Settings::download_paths).

mod archive;
mod call;
mod control;
mod details;
mod dictionary;
mod error;
mod files;
mod input;
mod kinds;
mod known;
mod limits;
mod order;
mod orders;
mod routes;
mod settings;
mod spool;
mod state;
mod statuses;
mod upload;
mod visible;

pub use archive::{Archive, ArchiveFile};
pub use kinds::{
    CancelRefusal, DownloadPaths, ErrorCode, IdForm, OrderForm, Outcome, Paging, Promise, Window,
    Zone,
};
pub use settings::Settings;
pub use state::Counts;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::request::Parts;
use axum::response::Response;
use chrono::TimeDelta;

use crate::api::{Api, Operation};
use crate::clock::Clock;
use crate::request_log::Visible;
use error::Refusal;
use state::State;

/// A handle on the EPGU API's state; clones share it.
#[derive(Clone, Debug)]
pub struct Epgu {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

impl Epgu {
    /// A token of [`USER`](Self::USER): it has a JWT's look, and says that it is a sandbox's.
    pub const TOKEN: &'static str =
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzYW5kYm94Ijp0cnVlLCJudW1iZXIiOjB9.c2FuZGJveA";
    /// A token of [`OTHER_USER`](Self::OTHER_USER).
    pub const OTHER_TOKEN: &'static str =
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzYW5kYm94Ijp0cnVlLCJudW1iZXIiOjF9.c2FuZGJveA";
    /// The user who has the document's applications.
    pub const USER: u64 = 1_078_941_357;
    /// A user who has none.
    pub const OTHER_USER: u64 = 1_000_000_001;
    /// The document's service.
    pub const SERVICE: &'static str = "10000000113";
    /// That service's target.
    pub const TARGET: &'static str = "-10000000113";
    /// The application whose details the document prints.
    pub const EXAMPLE_ORDER: u64 = 2_058_864_134;
    /// The application that the document cancels.
    pub const CANCELLABLE_ORDER: u64 = 73_588_067;
    /// The document's dictionary: 899 items.
    pub const DICTIONARY: &'static str = "BIC";
    /// A flat dictionary with [as many items as wanted](Settings::large_dictionary), which take no
    /// memory.
    pub const LARGE_DICTIONARY: &'static str = "SANDBOX_LARGE";
    /// A dictionary of three levels: 5 regions, 4 districts in each, 3 towns in each of those.
    pub const TREE_DICTIONARY: &'static str = "SANDBOX_TREE";
    /// A dictionary with one item on each of [as many levels as wanted](Settings::deep_dictionary).
    pub const DEEP_DICTIONARY: &'static str = "SANDBOX_DEEP";
    /// The most applications that can be added at once.
    pub const MOST_ADDED: u64 = 1_000_000;

    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, state: Arc::default() }
    }

    /// A token that is always answered with this error.
    pub fn error_token(code: ErrorCode) -> String {
        call::error_token(code)
    }

    /// The byte at this offset of every file of a result.
    pub fn file_byte(offset: u64) -> u8 {
        files::byte(offset)
    }

    /// How the API behaves.
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Changes how the API behaves. Requests wait meanwhile, and so would a call of this handle
    /// inside of `change`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use ruapi_sandbox::Sandbox;
    /// use ruapi_sandbox::epgu::OrderForm;
    ///
    /// let sandbox = Sandbox::start().await?;
    /// sandbox.epgu().change(|settings| settings.order_form = OrderForm::Object);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it cannot be so; nothing is changed then.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        let mut state = self.lock();
        let mut settings = state.settings.clone();
        change(&mut settings);
        settings.check().expect("settings");
        state.settings = settings;
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// How many numbers of applications were given out.
    pub fn orders_created(&self) -> u64 {
        self.counts().orders_created
    }

    /// How many applications were sent.
    pub fn applications(&self) -> u64 {
        self.counts().applications
    }

    /// How many times this application was sent: never more than once.
    pub fn applications_for(&self, order: u64) -> u64 {
        let state = self.lock();
        u64::from(state.orders.get(&order).is_some_and(|order| order.sent.is_some()))
    }

    /// How many last chunks came for applications that were sent already.
    pub fn duplicate_submissions(&self) -> u64 {
        self.counts().duplicate_submissions
    }

    /// How many requests were counted in the present minute, hour, day, month or year.
    pub fn requests_in(&self, window: Window) -> u64 {
        let now = self.clock.now_in_moscow();
        self.lock().traffic.requests(window, now)
    }

    /// What is known of the archive that an application was sent with.
    pub fn archive(&self, order: u64) -> Option<Archive> {
        self.lock().orders.get(&order)?.archive.clone()
    }

    /// The archives that are coming in chunks now, by their applications.
    pub fn uploads(&self) -> Vec<u64> {
        let mut orders: Vec<_> = self.lock().uploads.keys().copied().collect();
        orders.sort_unstable();
        orders
    }

    /// A new token of a user, valid for this long; none: for ever.
    pub fn new_token(&self, user: u64, lifetime: Option<TimeDelta>) -> String {
        let expires = lifetime.map(|lifetime| self.clock.now() + lifetime);
        self.lock().issue_token(user, expires)
    }

    /// Sets what every request with a token is answered; none: nothing special.
    ///
    /// # Panics
    ///
    /// If the token is unknown.
    pub fn set_token_error(&self, token: &str, error: Option<ErrorCode>) {
        let mut state = self.lock();
        state.tokens.get_mut(token).expect("a known token").error = error;
    }

    /// Makes a token unknown.
    pub fn revoke_token(&self, token: &str) {
        self.lock().tokens.remove(token);
    }

    /// Makes all tokens unknown.
    pub fn revoke_all_tokens(&self) {
        self.lock().tokens.clear();
    }

    /// Says what becomes of the next application that is sent, after those that were said before.
    pub fn push_outcome(&self, outcome: Outcome) {
        self.lock().settings.outcomes.push_back(outcome);
    }

    /// Ends an application that was sent, now.
    ///
    /// # Panics
    ///
    /// If no such application was sent.
    pub fn end_order(&self, order: u64, outcome: Outcome) {
        let now = self.clock.now();
        let ended = self.lock().end(order, outcome, now);
        ended.expect("an application to end");
    }

    /// The application's status in the user's account: its number and name.
    pub fn order_status(&self, order: u64) -> Option<(u32, &'static str)> {
        let now = self.clock.now();
        let event = self.lock().orders.get(&order)?.events(now).pop()?;
        Some((event.status.id, event.status.name))
    }

    /// The application's code, of appendix 1 or `OK`.
    pub fn order_code(&self, order: u64) -> Option<&'static str> {
        let now = self.clock.now();
        Some(self.lock().orders.get(&order)?.code(now).0)
    }

    /// Adds applications of [`USER`](Self::USER), whose numbers follow one another, in ten kinds of
    /// states in turn: executed, refused, pending, to be corrected, still being checked by the
    /// portal, just received by the agency, failed there, a draft, invalid, not signed in time.
    /// They depend on nothing but the clock, and are not counted as created.
    ///
    /// # Panics
    ///
    /// If there are more than [`MOST_ADDED`](Self::MOST_ADDED).
    pub fn add_orders(&self, count: u64) -> Range<u64> {
        assert!(count <= Self::MOST_ADDED, "at most {} at once", Self::MOST_ADDED);
        let now = self.clock.now();
        let first = self.lock().add_orders(Self::USER, count, now);
        first..first + count
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Api for Epgu {
    const PREFIX: &'static str = "epgu";

    const OPERATIONS: &'static [Operation] = routes::OPERATIONS;

    const CONTROL: &'static [Operation] = control::OPERATIONS;

    fn routes(&self) -> Router {
        routes::routes(self)
    }

    fn control(&self) -> Router {
        control::routes(self)
    }

    fn error(&self, code: &str, message: Option<&str>) -> Response {
        Refusal::of_code(code, message).response()
    }

    fn revoke_token(&self, request: &Parts) {
        if let Some(token) = call::bearer(request) {
            Epgu::revoke_token(self, token);
        }
    }

    fn visible(name: &str, value: &str) -> Visible {
        visible::visible(name, value)
    }

    fn reset(&self) {
        *self.lock() = State::default();
    }
}
