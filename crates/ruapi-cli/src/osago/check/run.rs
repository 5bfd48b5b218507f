//! One run: what it knows, and the small things that all operations need.

use std::time::Duration;

use osago_offer::Clock;
use serde_json::Value;

use super::ask::{Came, Partner, Who, question};
use super::record::Record;
use super::rule::{Check, Operation};
use crate::global::Format;

/// In place of identifiers.
pub(super) const NOT_A_UUID: &str = "not-a-uuid";
pub(super) const NO_SUCH_OFFER: &str = "no-such-offer";

/// Why something is not checked.
pub(super) const NO_REQUEST: &str = "there is no calculation to ask for";
pub(super) const NO_OFFER: &str = "the calculation gives no offer";
pub(super) const NO_CREDENTIAL: &str = "no credential was given";

/// What the options say.
#[derive(Debug)]
pub(super) struct Plan {
    /// The operations whose checks count; all, if there is none.
    pub(super) only: Vec<&'static str>,
    /// Whether an offer may be confirmed.
    pub(super) confirm: bool,
    pub(super) success_url: String,
    pub(super) failure_url: String,
    /// In place of the API's own schedules.
    pub(super) every: Option<Duration>,
    pub(super) limit: Option<Duration>,
    /// The body of the calculation request.
    pub(super) request: Value,
    /// A calculation that is there already.
    pub(super) request_id: Option<String>,
    /// An offer of it, the only one to be looked at.
    pub(super) offer_id: Option<String>,
    pub(super) base_url: String,
    pub(super) format: Format,
}

/// One run.
pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    pub(super) partner: Partner,
    pub(super) record: Record,
    /// The calculation that there is.
    pub(super) request_id: Option<String>,
    /// What it gave at its end.
    pub(super) calculation: Option<Value>,
    /// Whether its fields were as documented, so that others can be held against them.
    pub(super) is_sound: bool,
    /// Whether offers are confirmed at all: not all partners use that.
    pub(super) is_confirmable: bool,
    /// Why no offer is confirmed: a wrong confirmation may have been accepted.
    pub(super) doubt: Option<&'static str>,
    /// Whether confirmations of offers were begun with.
    pub(super) is_confirming: bool,
    /// Its offers, as they stand by themselves.
    pub(super) offers: Vec<Value>,
}

impl Run<'_> {
    /// Whether the operation's checks count.
    pub(super) fn selects(&self, operation: &Operation) -> bool {
        self.plan.only.is_empty() || self.plan.only.contains(&operation.key)
    }

    /// Notes whether something is as expected, if it counts.
    pub(super) fn judge(
        &mut self,
        operation: &'static Operation,
        check: &Check,
        is_right: bool,
        came: impl FnOnce() -> String,
    ) -> bool {
        match self.selects(operation) {
            true => self.record.judge(operation, check, is_right, came),
            false => is_right,
        }
    }

    /// Notes that a check could not be made; `wanted`: because something is missing.
    pub(super) fn skip(
        &mut self,
        operation: &'static Operation,
        check: &Check,
        wanted: bool,
        reason: &str,
    ) {
        if self.selects(operation) {
            self.record.skip(operation, check, wanted, reason);
        }
    }

    /// Notes that none of these could be made.
    pub(super) fn skip_all(
        &mut self,
        operation: &'static Operation,
        checks: &[Check],
        wanted: bool,
        reason: &str,
    ) {
        for check in checks {
            self.skip(operation, check, wanted, reason);
        }
    }

    /// Whether there is somebody of this sort; if not, it is noted.
    pub(super) fn may_ask_as(
        &mut self,
        operation: &'static Operation,
        check: &Check,
        who: Who,
    ) -> bool {
        let may = who == Who::Agreed || self.partner.wants_credential();
        if !may {
            self.skip(operation, check, false, NO_CREDENTIAL);
        }
        may
    }

    /// The identifier of the offer that is looked at first.
    pub(super) fn offer_id(&self) -> Option<&str> {
        self.offers.first().and_then(id).or(self.plan.offer_id.as_deref())
    }

    /// Asks by whoever may, for the calculation that there is.
    pub(super) async fn ask(&self, operation: &'static Operation, offer: Option<&str>) -> Came {
        let mut query = Vec::new();
        query.extend(offer.map(|id| ("offer_id", id)));
        query.extend(self.request_id.as_deref().map(|id| ("request_id", id)));
        self.partner.ask(Who::Agreed, &question(operation, &query)).await
    }

    /// Notes whether the answer is about what was asked for.
    pub(super) fn echo(
        &mut self,
        operation: &'static Operation,
        check: &Check,
        body: &Value,
        asked: &str,
    ) {
        let name = check.name.trim_end_matches("_echoed");
        // Another type is another check's matter.
        let Some(echoed) = body[name].as_str() else { return };
        self.judge(operation, check, echoed.eq_ignore_ascii_case(asked), || "another one".into());
    }
}

/// Asks again until time is up.
pub(super) struct Patience {
    clock: std::sync::Arc<dyn Clock>,
    end: std::time::Instant,
    every: Duration,
}

impl Patience {
    pub(super) fn new(run: &Run<'_>, every: u64, limit: u64) -> Self {
        let clock = run.partner.clock();
        let limit = run.plan.limit.unwrap_or(Duration::from_secs(limit));
        let every = run.plan.every.unwrap_or(Duration::from_secs(every));
        Self { end: clock.now() + limit, clock, every }
    }

    /// Waits for the next time to ask. `false`: time is up.
    pub(super) async fn wait(&self) -> bool {
        let left = self.end.saturating_duration_since(self.clock.now());
        self.clock.sleep(self.every.min(left)).await;
        self.clock.now() < self.end
    }
}

/// An offer's identifier.
pub(super) fn id(offer: &Value) -> Option<&str> {
    offer["offer_id"].as_str()
}
