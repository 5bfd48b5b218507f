//! What the API remembers.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::archive::{Archive, Checked};
use super::error::Refusal;
use super::input::Meta;
use super::kinds::{ErrorCode, Outcome};
use super::known;
use super::limits::Traffic;
use super::order::{Order, Sent};
use super::settings::Settings;
use super::spool::Spool;
use crate::base64;

/// Who a token is for.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) user: u64,
    pub(super) expires: Option<DateTime<Utc>>,
    /// What every request with it is answered, if it is no good.
    pub(super) error: Option<ErrorCode>,
}

/// An archive that is coming in chunks.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) chunks: u64,
    pub(super) ends: DateTime<Utc>,
    pub(super) spool: Spool,
}

/// What happened so far: see [`Epgu::counts`](super::Epgu::counts).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Numbers of applications that were given out: by `order`, and by `push`.
    pub orders_created: u64,
    /// Applications that were sent: by `push`, or with the last chunk.
    pub applications: u64,
    /// Applications that were cancelled.
    pub cancelled: u64,
    /// Chunks that were taken, repeated ones included.
    pub chunks_received: u64,
    /// Chunks that had been taken before.
    pub chunks_repeated: u64,
    /// Last chunks of applications that were sent already; they are refused.
    pub duplicate_submissions: u64,
    /// Downloads of files that began.
    pub downloads: u64,
    /// Answered requests for dictionaries.
    pub dictionary_requests: u64,
    /// Those of them that carried a credential, which they need not.
    pub dictionary_requests_with_credential: u64,
    /// Requests that were refused with 429.
    pub limited: u64,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) tokens: HashMap<String, Token>,
    /// The number in the newest token.
    last_token: u64,
    pub(super) orders: BTreeMap<u64, Order>,
    pub(super) uploads: HashMap<u64, Upload>,
    pub(super) traffic: Traffic,
    pub(super) counts: Counts,
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
            tokens: HashMap::new(),
            last_token: 1,
            orders: BTreeMap::new(),
            uploads: HashMap::new(),
            traffic: Traffic::default(),
            counts: Counts::default(),
        }
    }

    /// A new token: it has the look of a JWT and says what it is.
    pub(super) fn issue_token(&mut self, user: u64, expires: Option<DateTime<Utc>>) -> String {
        self.last_token += 1;
        let payload = format!(r#"{{"sandbox":true,"number":{}}}"#, self.last_token);
        let token = [r#"{"alg":"none","typ":"JWT"}"#, payload.as_str(), "sandbox"]
            .map(|part| base64::encode_url(part.as_bytes()))
            .join(".");
        self.tokens.insert(token.clone(), Token { user, expires, error: None });
        token
    }

    /// A draft with the next number, if the user may make one.
    pub(super) fn create(
        &mut self,
        user: u64,
        meta: &Meta,
        now: DateTime<Utc>,
    ) -> Result<u64, Refusal> {
        if let Some(code) = self.settings.services.get(&meta.service) {
            return Err(Refusal::of(*code));
        }
        if !self.traffic.apply(&self.settings, user, &meta.service, now) {
            self.counts.limited += 1;
            return Err(Refusal::of(ErrorCode::LimitationException));
        }
        // Past those that are there already.
        let taken = |id: &u64| self.orders.contains_key(id);
        let id = (self.settings.next_order_id..).find(|id| !taken(id)).unwrap_or(u64::MAX);
        self.settings.next_order_id = id + 1;
        let order = Order {
            service: meta.service.clone(),
            target: meta.target.clone(),
            region: meta.region.clone(),
            ..Order::new(id, user, now)
        };
        self.orders.insert(id, order);
        self.counts.orders_created += 1;
        Ok(id)
    }

    /// Files the application: from here on the clock decides.
    pub(super) fn send(
        &mut self,
        id: u64,
        checked: Checked,
        bytes: u64,
        crc32: u32,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let Some(order) = self.orders.get_mut(&id) else {
            // Only after a reset in between.
            return Err(Refusal::of(ErrorCode::InternalError));
        };
        let of_service = || self.settings.service_outcomes.get(&order.service).copied();
        let outcome = match checked.failure {
            Some(failure) => failure,
            None => match self.settings.outcomes.pop_front() {
                Some(outcome) => outcome,
                None => of_service().unwrap_or_default(),
            },
        };
        order.sent = Some(sent(&self.settings, now, outcome, checked.signed));
        order.archive = Some(Archive { order: id, bytes, crc32, files: checked.files });
        self.counts.applications += 1;
        Ok(())
    }

    /// Many applications of a user, in all kinds of states: see
    /// [`Epgu::add_orders`](super::Epgu::add_orders).
    pub(super) fn add_orders(&mut self, user: u64, count: u64, now: DateTime<Utc>) -> u64 {
        let first = self.orders.range(known::FIRST_ADDED..).next_back();
        let first = first.map_or(known::FIRST_ADDED, |(id, _)| id + 1);
        for number in 0..count {
            let id = first + number;
            let mut order = known::added(id, user, number, now);
            if let Some((at, outcome)) = known::added_as(number, now) {
                order.sent = Some(sent(&self.settings, at, outcome, false));
            }
            self.orders.insert(id, order);
        }
        first
    }

    /// Ends an application now, or says what was expected.
    pub(super) fn end(
        &mut self,
        id: u64,
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let sent = self.orders.get_mut(&id).and_then(|order| order.sent.as_mut());
        let sent = sent.ok_or_else(|| format!("no application {id} was sent"))?;
        sent.ended = Some((now, outcome));
        Ok(())
    }
}

fn sent(settings: &Settings, at: DateTime<Utc>, outcome: Outcome, signed: bool) -> Sent {
    let seconds = |seconds: u32| TimeDelta::seconds(i64::from(seconds));
    Sent {
        at,
        outcome,
        signed,
        step: seconds(settings.step_seconds),
        decision: seconds(settings.decision_seconds),
        ended: None,
    }
}
