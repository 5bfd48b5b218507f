//! Shtrafovnet for webmasters (ШтрафовНет.ру): fines of cars, found and paid.
//!
//! All 27 operations of the document, under `/shtrafovnet/latest/webmasters/` and, where the
//! official client looks for them, under `/shtrafovnet/v2/webmasters/`. Errors are answered as
//! `{"status":400,"type":"validation_error","title":"There was a validation error","errors":{…}}`;
//! those of other statuses, which the document does not print, have the type `about:blank` and no
//! `errors`.
//!
//! For an example see the [first page](crate#shtrafovnet).
//!
//! # What the sandbox decides
//!
//! The document is silent or contradicts itself in these; the sandbox does as follows.
//!
//! * **Authorization.** `POST /tokens` takes Basic, `/account` Bearer or Basic, all else Bearer. A
//!   missing or unknown credential is answered 401; an account that is not confirmed yet, or that
//!   is locked after [too many wrong passwords](Shtrafovnet::set_login_failures), 403. A new
//!   password, set or reset, makes all tokens of the account unknown; a reset one unlocks it, too.
//! * **Bodies** are JSON objects and say so: without `Content-Type: application/json` the answer
//!   is 415. Fields that an operation does not know are ignored, but for `cert`, `reg` and
//!   `driverLicense` of a car, which cannot be changed. Numbers may come as texts.
//! * **Lists of parameters** are read as PHP does: `status=new`, `status[0]=new&status[1]=ban`,
//!   `status[]=new`. A value that the document does not list is a validation error, an unknown
//!   parameter is ignored. `GET /invoices` filters by `email`, which the document calls `status`.
//! * **Users** are new, and active once they have a car. When one is deleted, the cars stay
//!   without an owner.
//! * **Cars** without a user are removed 7 × 24 hours after they lost or never had one. The fines
//!   of a car appear when a scan is done, or a day after it got a user. Then it is active.
//! * **Fines** follow from the car's documents and the moment they were found: up to seven, with
//!   and without discount and photos, unpaid, paid or partly paid. Amounts, discounts and delays
//!   are computed from the clock whenever they are read. A discount of 50 % ends 20 days after the
//!   decision at 23:59:59, the time for payment after 70 days. Photos come with the fine, up to
//!   five days later, or never; `updatedMask` and `updatedAt` tell of the latest change.
//! * **Scans** are in process for 30 to 60 seconds of the clock. One within ten minutes of another
//!   of the same car that is done, or about to be, ends as skip.
//! * **Invoices** are for the named fines and the unpaid ones of the named cars, or for all of the
//!   user's. `orders` is a list of `{fine, uin, amount, paymentOrderUrl}`, which the document
//!   leaves open. `payUrl` leads to a page of the sandbox, which can be paid, declined and
//!   cancelled there (`POST payUrl/pay` and so on), as can the invoice
//!   [from a test](Shtrafovnet::pay_invoice).
//! * **Test notifications** are really posted, as `{"fine": {…}}`, but only to an `http` address
//!   on loopback; [`deliveries`](Shtrafovnet::deliveries) tells what became of each.
//! * **The fault `token_revoked`** makes a Bearer token unknown; a password stays what it is.
//! * **`last_activity_at`** moves when something about the person is changed, not on every call.
//! * **Links** of pages carry `page` and no filter, as the document prints them.
//!
//! # The two wire forms
//!
//! By default everything is printed as in the document's examples: numbers and booleans as texts,
//! a list of one item as that item, one photo as a text or an object, `_links` of a single page as
//! a text, and fields of a single fine or invoice that have no value left out.
//! [Modern forms](Shtrafovnet::set_modern_forms) are JSON's own.
//!
//! # The data
//!
//! A fresh sandbox knows the account 777 of the document's examples,
//! [`EMAIL`](Shtrafovnet::EMAIL), with the company 9267, three users and what belongs to them:
//!
//! * [`USER`](Shtrafovnet::USER), id 777, has the car 1212 with ten fines of 100 rubles, and the
//!   archived car 1003726 with fine 1, both as printed;
//! * [`PAYER`](Shtrafovnet::PAYER) has the cars 5 and 9 with the fines 7 and 20 of 250 rubles
//!   each, the car 20 with fine 1231324 and the endless scan 777, and invoice 777, as printed;
//! * [`FLEET`](Shtrafovnet::FLEET) has the car [`FLEET_CAR`](Shtrafovnet::FLEET_CAR) with
//!   [as many fines as wanted](Shtrafovnet::set_fleet_fines). They are made when they are asked
//!   for, from their number alone: with filters other than times, all of them have to be.

mod account;
mod call;
mod cars;
mod company;
mod control;
mod error;
mod facts;
mod fine;
mod fines;
mod fleet;
mod form;
mod input;
mod invoices;
mod kinds;
mod known;
mod notification;
mod page;
mod pay;
mod routes;
mod scans;
mod state;
mod users;
mod visible;

pub use kinds::{
    CarStatus, InvoiceStatus, NextLink, PayerAction, ScanOutcome, ScanStatusMethods, UserStatus,
};
pub use notification::Delivery;
pub use state::Letter;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::request::Parts;
use axum::response::Response;
use chrono::{NaiveDateTime, Timelike};

use crate::api::{Api, Operation};
use crate::clock::Clock;
use crate::request_log::Visible;
use error::Refusal;
use state::State;

/// A handle on the Shtrafovnet API's state; clones share it.
#[derive(Clone, Debug)]
pub struct Shtrafovnet {
    clock: Clock,
    /// `http://127.0.0.1:PORT`, for the links in answers.
    origin: String,
    state: Arc<Mutex<State>>,
}

impl Shtrafovnet {
    /// The e-mail of the account that a fresh sandbox knows: the document's.
    pub const EMAIL: &'static str = "user@test.ru";
    /// That account's password: the document's.
    pub const PASSWORD: &'static str = "my_secret";
    /// A token of that account: it has a JWT's look, and says that it is a sandbox's.
    pub const TOKEN: &'static str =
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzYW5kYm94Ijp0cnVlLCJudW1iZXIiOjB9.c2FuZGJveA";
    /// The user of the document's examples, with the cars 1212 and 1003726.
    pub const USER: &'static str = "user@test.ru";
    /// The user of the document's invoices, with the cars 5, 9 and 20.
    pub const PAYER: &'static str = "email@user.com";
    /// The user with the car that has many fines.
    pub const FLEET: &'static str = fleet::EMAIL;
    /// The car that has many fines.
    pub const FLEET_CAR: u64 = fleet::CAR;
    /// The most fines that it may have.
    pub const LARGEST_FLEET: u64 = fleet::LARGEST;
    /// The most items that a page may have.
    pub const LARGEST_PAGE: u64 = 10_000;

    pub(crate) fn new(clock: Clock, address: SocketAddr) -> Self {
        Self { clock, origin: format!("http://{address}"), state: Arc::default() }
    }

    /// Whether answers have JSON's own numbers, booleans and lists; by default they are printed as
    /// in the document.
    pub fn modern_forms(&self) -> bool {
        self.lock().settings.modern_forms
    }

    /// Sets whether answers have [JSON's own forms](Self::modern_forms).
    pub fn set_modern_forms(&self, modern: bool) {
        self.lock().settings.modern_forms = modern;
    }

    /// How many items a page has; 200 by default.
    pub fn page_size(&self) -> u64 {
        self.lock().settings.page_size
    }

    /// Sets how many items a page has.
    ///
    /// # Panics
    ///
    /// If it is not 1 to [`LARGEST_PAGE`](Self::LARGEST_PAGE).
    pub fn set_page_size(&self, size: u64) {
        self.lock().settings.page_size = check_page_size(size).expect("a page size");
    }

    /// What `_links.next` names.
    pub fn next_link(&self) -> NextLink {
        self.lock().settings.next_link
    }

    /// Sets what `_links.next` names.
    pub fn set_next_link(&self, next: NextLink) {
        self.lock().settings.next_link = next;
    }

    /// How many fines the fleet's car has; 1 000 by default.
    pub fn fleet_fines(&self) -> u64 {
        self.lock().settings.fleet_fines
    }

    /// Sets how many fines the fleet's car has. They take no memory.
    ///
    /// # Panics
    ///
    /// If there are more than [`LARGEST_FLEET`](Self::LARGEST_FLEET).
    pub fn set_fleet_fines(&self, count: u64) {
        self.lock().settings.fleet_fines = fleet::check(count).expect("a number of fines");
    }

    /// How long new scans are in process, by the clock; none, the default: 30 to 60 seconds.
    pub fn scan_seconds(&self) -> Option<u32> {
        self.lock().settings.scan_seconds
    }

    /// Sets how long [new scans](Self::scan_seconds) are in process.
    pub fn set_scan_seconds(&self, seconds: Option<u32>) {
        self.lock().settings.scan_seconds = seconds;
    }

    /// Says how the next new scan will end, after those that were said before.
    pub fn push_scan_outcome(&self, outcome: ScanOutcome) {
        self.lock().settings.scan_outcomes.push_back(outcome);
    }

    /// By which methods the status of a scan can be asked for.
    pub fn scan_status_methods(&self) -> ScanStatusMethods {
        self.lock().settings.scan_status_methods
    }

    /// Sets by which methods the status of a scan can be asked for.
    pub fn set_scan_status_methods(&self, methods: ScanStatusMethods) {
        self.lock().settings.scan_status_methods = methods;
    }

    /// After how many wrong passwords in a row an account is locked; 10 by default.
    pub fn login_failures(&self) -> u32 {
        self.lock().settings.login_failures
    }

    /// Sets after how many wrong passwords in a row an account is locked.
    ///
    /// # Panics
    ///
    /// If it is 0.
    pub fn set_login_failures(&self, count: u32) {
        self.lock().settings.login_failures = check_login_failures(count).expect("a number");
    }

    /// Whether an account is locked.
    pub fn is_locked(&self, email: &str) -> bool {
        self.lock().account_by_email(email).is_some_and(|account| account.locked)
    }

    /// Locks an account, or unlocks it; its tokens stay known.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    pub fn set_locked(&self, email: &str, locked: bool) {
        assert!(self.lock().set_locked(email, locked), "no account {email}");
    }

    /// A new token of an account, as `POST /tokens` answers it, but not counted.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    pub fn new_token(&self, email: &str) -> String {
        let mut state = self.lock();
        let account = state.account_by_email(email).map(|account| account.person.id);
        let account = account.unwrap_or_else(|| panic!("no account {email}"));
        state.issue_token(account)
    }

    /// Makes a token unknown.
    pub fn revoke_token(&self, token: &str) {
        self.lock().tokens.remove(token);
    }

    /// Makes all tokens of all accounts unknown.
    pub fn revoke_all_tokens(&self) {
        self.lock().tokens.clear();
    }

    /// How many tokens `POST /tokens` issued.
    pub fn tokens_issued(&self) -> u64 {
        self.lock().created.tokens
    }

    /// How many accounts were registered.
    pub fn accounts_created(&self) -> u64 {
        self.lock().created.accounts
    }

    /// How many users were created, deleted ones included.
    pub fn users_created(&self) -> u64 {
        self.lock().created.users
    }

    /// How many cars were created, deleted ones included.
    pub fn cars_created(&self) -> u64 {
        self.lock().created.cars
    }

    /// How many scans were created.
    pub fn scans_created(&self) -> u64 {
        self.lock().created.scans
    }

    /// How many invoices were created.
    pub fn invoices_created(&self) -> u64 {
        self.lock().created.invoices
    }

    /// How many test notifications were created.
    pub fn notifications_created(&self) -> u64 {
        self.lock().created.notifications
    }

    /// Sets the status of a user (of whichever account, if several have one of that e-mail);
    /// none: what follows from the user's cars.
    ///
    /// # Panics
    ///
    /// If there is no such user.
    pub fn set_user_status(&self, email: &str, status: Option<UserStatus>) {
        assert!(self.lock().set_user_status(email, status), "no user {email}");
    }

    /// Sets the status of a car; none: what follows from the checks.
    ///
    /// # Panics
    ///
    /// If there is no such car.
    pub fn set_car_status(&self, id: u64, status: Option<CarStatus>) {
        assert!(self.lock().set_car_status(id, status), "no car {id}");
    }

    /// The status of an invoice, if there is such a one.
    pub fn invoice_status(&self, id: u64) -> Option<InvoiceStatus> {
        let now = self.now();
        self.lock().invoices.get(&id).map(|invoice| invoices::status(invoice, now))
    }

    /// How long, by the clock, a paid invoice is in process; 5 seconds by default.
    pub fn invoice_seconds(&self) -> u32 {
        self.lock().settings.invoice_seconds
    }

    /// Sets how long invoices that will be paid are [in process](Self::invoice_seconds).
    pub fn set_invoice_seconds(&self, seconds: u32) {
        self.lock().settings.invoice_seconds = seconds;
    }

    /// The payer pays.
    ///
    /// # Panics
    ///
    /// If there is no such invoice, or if it is not new.
    pub fn pay_invoice(&self, id: u64) {
        self.act(id, PayerAction::Pay);
    }

    /// The payer's bank refuses to pay.
    ///
    /// # Panics
    ///
    /// As [`pay_invoice`](Self::pay_invoice).
    pub fn decline_invoice(&self, id: u64) {
        self.act(id, PayerAction::Decline);
    }

    /// The payer gives up.
    ///
    /// # Panics
    ///
    /// As [`pay_invoice`](Self::pay_invoice).
    pub fn cancel_invoice(&self, id: u64) {
        self.act(id, PayerAction::Cancel);
    }

    fn act(&self, id: u64, action: PayerAction) {
        let now = self.now();
        let outcome = invoices::act(&mut self.lock(), id, action, now);
        outcome.expect("an invoice to act on");
    }

    /// The letters that were sent: links of confirmation, new passwords. Oldest first.
    pub fn mail(&self) -> Vec<Letter> {
        self.lock().mail.clone()
    }

    /// Throws the letters away.
    pub fn clear_mail(&self) {
        self.lock().mail.clear();
    }

    /// The test notifications and what became of them, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.lock().deliveries.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moscow's time, in whole seconds as the answers print it.
    fn now(&self) -> NaiveDateTime {
        let now = self.clock.now_in_moscow().naive_local();
        now.with_nanosecond(0).unwrap_or(now)
    }
}

fn check_page_size(size: u64) -> Result<u64, String> {
    if (1..=Shtrafovnet::LARGEST_PAGE).contains(&size) {
        Ok(size)
    } else {
        Err(format!("`page_size` is 1 to {}", Shtrafovnet::LARGEST_PAGE))
    }
}

fn check_login_failures(count: u32) -> Result<u32, String> {
    if count > 0 { Ok(count) } else { Err("`login_failures` is at least 1".to_owned()) }
}

impl Api for Shtrafovnet {
    const PREFIX: &'static str = "shtrafovnet";

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
            Shtrafovnet::revoke_token(self, token);
        }
    }

    fn visible(name: &str, value: &str) -> Visible {
        visible::visible(name, value)
    }

    fn reset(&self) {
        *self.lock() = State::default();
    }
}
