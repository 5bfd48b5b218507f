//! What the API remembers.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::{NaiveDateTime, TimeDelta};
use serde::Serialize;

use super::facts::Payment;
use super::kinds::{
    CarStatus, InvoiceStatus, NextLink, ScanOutcome, ScanStatusMethods, UserStatus,
};
use super::known;
use super::notification::Delivery;
use crate::base64;
use crate::draw::hash;

#[derive(Debug)]
pub(super) struct Settings {
    pub(super) modern_forms: bool,
    pub(super) page_size: u64,
    pub(super) next_link: NextLink,
    /// If none, 30 to 60.
    pub(super) scan_seconds: Option<u32>,
    /// What the next scans will end with.
    pub(super) scan_outcomes: VecDeque<ScanOutcome>,
    pub(super) scan_status_methods: ScanStatusMethods,
    pub(super) login_failures: u32,
    pub(super) invoice_seconds: u32,
    pub(super) fleet_fines: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            modern_forms: false,
            page_size: 200,
            next_link: NextLink::Normal,
            scan_seconds: None,
            scan_outcomes: VecDeque::new(),
            scan_status_methods: ScanStatusMethods::Both,
            login_failures: 10,
            invoice_seconds: 5,
            fleet_fines: 1_000,
        }
    }
}

/// A webmaster, or a user of one: the document prints both alike.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) username: Option<String>,
    pub(super) email: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) middle_name: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) created_at: NaiveDateTime,
    pub(super) fcm_token: Option<String>,
    pub(super) last_activity_at: NaiveDateTime,
}

#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) person: Person,
    pub(super) password: String,
    /// `active` once confirmed; the document's own account is confirmed and `new`.
    pub(super) status: &'static str,
    /// The code of the link that confirms it; none if it is confirmed.
    pub(super) unconfirmed: Option<String>,
    /// Wrong passwords in a row.
    pub(super) failures: u32,
    pub(super) locked: bool,
    pub(super) company: Company,
}

#[derive(Clone, Debug)]
pub(super) struct Company {
    pub(super) id: u64,
    pub(super) display_name: Option<String>,
    pub(super) name: String,
    pub(super) short_name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) affiliate_id: Option<u64>,
    pub(super) callback_url: Option<String>,
    pub(super) created_at: NaiveDateTime,
    pub(super) fcm_token: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) account: u64,
    pub(super) person: Person,
    /// What a test set; if none, it follows from the user's cars.
    pub(super) status: Option<UserStatus>,
}

impl User {
    pub(super) fn status_with(&self, has_car: bool) -> UserStatus {
        self.status.unwrap_or(if has_car { UserStatus::Active } else { UserStatus::New })
    }
}

/// Which fines a car has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fines {
    /// None to seven, drawn from the car's documents.
    Drawn,
    /// Those of the document's examples.
    Known,
    /// As many as a test wants.
    Fleet,
}

#[derive(Clone, Debug)]
pub(super) struct Car {
    pub(super) id: u64,
    pub(super) account: u64,
    pub(super) name: Option<String>,
    pub(super) driver_license: Option<String>,
    pub(super) reg: String,
    pub(super) cert: String,
    /// What a test set; if none, it follows from the checks.
    pub(super) status: Option<CarStatus>,
    pub(super) inactive_reason: Option<&'static str>,
    pub(super) created_at: NaiveDateTime,
    /// The user, and since when.
    pub(super) owner: Option<(u64, NaiveDateTime)>,
    /// Since when there is no user; means nothing if there is one.
    pub(super) ownerless_since: NaiveDateTime,
    /// When a check found the fines, or will.
    pub(super) checks: Vec<NaiveDateTime>,
    pub(super) company: u64,
    pub(super) unit: String,
    pub(super) fines: Fines,
}

/// Cars without a user are removed after this time.
const OWNERLESS: TimeDelta = TimeDelta::days(7);

/// Cars with a user are checked without a scan after this time.
const BY_ITSELF: TimeDelta = TimeDelta::days(1);

impl Car {
    pub(super) fn is_there(&self, now: NaiveDateTime) -> bool {
        self.owner.is_some() || now < self.ownerless_since + OWNERLESS
    }

    fn all_checks(&self, now: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> + '_ {
        let by_itself = self.owner.map(|(_, since)| since + BY_ITSELF);
        self.checks.iter().copied().chain(by_itself).filter(move |check| *check <= now)
    }

    /// When the fines were found.
    pub(super) fn first_check(&self, now: NaiveDateTime) -> Option<NaiveDateTime> {
        self.all_checks(now).min()
    }

    pub(super) fn last_check(&self, now: NaiveDateTime) -> Option<NaiveDateTime> {
        // The document's cars were checked before there was a sandbox, and only then.
        match self.fines {
            Fines::Drawn => self.all_checks(now).max(),
            Fines::Known | Fines::Fleet => {
                self.checks.iter().copied().filter(|at| *at <= now).max()
            }
        }
    }

    pub(super) fn status(&self, now: NaiveDateTime) -> CarStatus {
        self.status.unwrap_or(match self.first_check(now) {
            Some(_) => CarStatus::Active,
            None => CarStatus::New,
        })
    }

    pub(super) fn attach(&mut self, user: u64, now: NaiveDateTime) {
        if self.owner.is_none_or(|(owner, _)| owner != user) {
            self.detach(now);
            self.owner = Some((user, now));
        }
    }

    pub(super) fn detach(&mut self, now: NaiveDateTime) {
        if let Some((_, since)) = self.owner.take() {
            // What was found stays.
            self.checks.extend(Some(since + BY_ITSELF).filter(|check| *check <= now));
            self.ownerless_since = now;
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) account: u64,
    pub(super) id: u64,
    pub(super) car: u64,
    pub(super) created_at: NaiveDateTime,
    /// When and how it ends; the document's own never does.
    pub(super) end: Option<(NaiveDateTime, ScanOutcome)>,
}

#[derive(Clone, Debug)]
pub(super) struct Invoice {
    pub(super) account: u64,
    pub(super) id: u64,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) surname: String,
    pub(super) patronymic: String,
    pub(super) success_url: String,
    pub(super) fail_url: String,
    /// Kopecks.
    pub(super) amount: i64,
    /// Kopecks; none in the document's own.
    pub(super) commission: Option<i64>,
    pub(super) created_at: NaiveDateTime,
    pub(super) paid_at: Option<NaiveDateTime>,
    /// When one in process is done.
    pub(super) done_at: Option<NaiveDateTime>,
    /// As of the last action; in process turns into done by the clock.
    pub(super) status: InvoiceStatus,
    pub(super) orders: Vec<Order>,
    /// The last segment of the pay page's address; none in the document's own.
    pub(super) pay_code: Option<String>,
}

/// A fine of an invoice.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) fine: u64,
    pub(super) uin: String,
    /// Rubles.
    pub(super) amount: i64,
}

/// A letter that the API sent: see [`Shtrafovnet::mail`](super::Shtrafovnet::mail).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Letter {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The link to follow, if it is a letter of confirmation.
    pub link: Option<String>,
    /// The new password, if it is a letter about that.
    pub password: Option<String>,
}

/// What was created by requests; nothing that a fresh sandbox has.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Created {
    pub(super) accounts: u64,
    pub(super) users: u64,
    pub(super) cars: u64,
    pub(super) scans: u64,
    pub(super) invoices: u64,
    pub(super) tokens: u64,
    pub(super) notifications: u64,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) accounts: BTreeMap<u64, Account>,
    /// Token → account.
    pub(super) tokens: HashMap<String, u64>,
    /// The number in the newest token.
    pub(super) last_token: u64,
    pub(super) users: BTreeMap<u64, User>,
    /// Account and e-mail → user.
    pub(super) user_ids: HashMap<(u64, String), u64>,
    pub(super) cars: BTreeMap<u64, Car>,
    pub(super) scans: BTreeMap<u64, Scan>,
    pub(super) invoices: BTreeMap<u64, Invoice>,
    /// Fine → what was paid for it here.
    pub(super) payments: BTreeMap<u64, Payment>,
    pub(super) mail: Vec<Letter>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) created: Created,
}

impl Default for State {
    fn default() -> Self {
        known::state()
    }
}

impl State {
    pub(super) fn empty() -> Self {
        Self {
            settings: Settings::default(),
            accounts: BTreeMap::new(),
            tokens: HashMap::new(),
            last_token: 0,
            users: BTreeMap::new(),
            user_ids: HashMap::new(),
            cars: BTreeMap::new(),
            scans: BTreeMap::new(),
            invoices: BTreeMap::new(),
            payments: BTreeMap::new(),
            mail: Vec::new(),
            deliveries: Vec::new(),
            created: Created::default(),
        }
    }

    pub(super) fn add_user(&mut self, user: User) {
        self.user_ids.insert((user.account, user.person.email.clone()), user.person.id);
        self.users.insert(user.person.id, user);
    }

    pub(super) fn account_by_email(&mut self, email: &str) -> Option<&mut Account> {
        self.accounts.values_mut().find(|account| account.person.email == email)
    }

    pub(super) fn user_by_email(&self, account: u64, email: &str) -> Option<&User> {
        self.user_ids.get(&(account, email.to_owned())).and_then(|id| self.users.get(id))
    }

    pub(super) fn cars_of(&self, user: u64, now: NaiveDateTime) -> impl Iterator<Item = &Car> {
        self.cars.values().filter(move |car| {
            car.owner.is_some_and(|(owner, _)| owner == user) && car.is_there(now)
        })
    }

    /// The users with a car.
    pub(super) fn owners(&self, now: NaiveDateTime) -> HashSet<u64> {
        let cars = self.cars.values().filter(|car| car.is_there(now));
        cars.filter_map(|car| car.owner.map(|(owner, _)| owner)).collect()
    }

    pub(super) fn user_status(&self, user: &User, now: NaiveDateTime) -> UserStatus {
        user.status_with(self.cars_of(user.person.id, now).next().is_some())
    }

    pub(super) fn set_user_status(&mut self, email: &str, status: Option<UserStatus>) -> bool {
        let mut found = false;
        for user in self.users.values_mut().filter(|user| user.person.email == email) {
            user.status = status;
            found = true;
        }
        found
    }

    pub(super) fn set_car_status(&mut self, id: u64, status: Option<CarStatus>) -> bool {
        self.cars.get_mut(&id).map(|car| car.status = status).is_some()
    }

    pub(super) fn set_locked(&mut self, email: &str, locked: bool) -> bool {
        let Some(account) = self.account_by_email(email) else { return false };
        account.locked = locked;
        account.failures = 0;
        true
    }

    /// A new token: it has the look of a JWT and says what it is.
    pub(super) fn issue_token(&mut self, account: u64) -> String {
        self.last_token += 1;
        let token = token(self.last_token);
        self.tokens.insert(token.clone(), account);
        token
    }

    /// Makes all tokens of an account unknown.
    pub(super) fn revoke_tokens_of(&mut self, account: u64) {
        self.tokens.retain(|_, owner| *owner != account);
    }
}

pub(super) fn token(number: u64) -> String {
    let payload = format!(r#"{{"sandbox":true,"number":{number}}}"#);
    [r#"{"alg":"none","typ":"JWT"}"#, payload.as_str(), "sandbox"]
        .map(|part| base64::encode_url(part.as_bytes()))
        .join(".")
}

/// Sixteen hexadecimal digits that nobody guesses by counting.
pub(super) fn code(number: u64, salt: u64) -> String {
    format!("{:016x}", hash(number, salt))
}
