//! An offer: what it is, what became of it, how it is printed.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::input::Chosen;
use super::kinds::{Act, ConfirmEnd, OfferStatus, PoolForm};
use super::settings::Settings;
use super::upsale::Upsale;

#[derive(Debug)]
pub(super) struct Offer {
    pub(super) id: String,
    pub(super) insurer: Insurer,
    pub(super) price: u64,
    pub(super) is_prolongation: bool,
    pub(super) in_pool: bool,
    pub(super) upsales: Vec<Upsale>,
    /// What was and will be, in the order of time; each until the next.
    pub(super) history: Vec<(DateTime<Utc>, OfferStatus)>,
    /// The upsales of the confirmation, sorted.
    pub(super) confirmed: Option<Vec<Chosen>>,
    /// When the draft was first asked for.
    pub(super) draft_asked: Option<DateTime<Utc>>,
    /// The document's: all its fields are there from the beginning.
    pub(super) is_example: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Insurer {
    pub(super) code: u64,
    pub(super) name: &'static str,
}

impl Insurer {
    pub(super) fn print(self, settings: &Settings) -> Value {
        let scheme = if settings.logos_without_scheme { "" } else { "https:" };
        let logo = format!("{scheme}//partner.ru/ugc/logo_135x85.gif");
        json!({ "code": self.code, "name": self.name, "logo_url": logo })
    }
}

/// Rubles.
pub(super) fn price(rubles: u64, settings: &Settings) -> Value {
    match settings.prices_as_text {
        false => json!(rubles),
        true => json!(format!("{rubles}.00")),
    }
}

impl Offer {
    pub(super) fn new(
        id: String,
        insurer: Insurer,
        price: u64,
        history: Vec<(DateTime<Utc>, OfferStatus)>,
    ) -> Self {
        Self {
            id,
            insurer,
            price,
            is_prolongation: false,
            in_pool: false,
            upsales: Vec::new(),
            history,
            confirmed: None,
            draft_asked: None,
            is_example: false,
        }
    }

    pub(super) fn status(&self, now: DateTime<Utc>) -> OfferStatus {
        let past = self.history.iter().rev().find(|(at, _)| *at <= now);
        past.map_or(OfferStatus::Created, |(_, status)| *status)
    }

    /// Forgets what would have come, and lets this come instead.
    fn go_on(&mut self, now: DateTime<Utc>, future: &[(i64, OfferStatus)]) {
        self.history.retain(|(at, _)| *at <= now);
        let at = |seconds: &i64| now + TimeDelta::seconds(*seconds);
        self.history.extend(future.iter().map(|(seconds, status)| (at(seconds), *status)));
    }

    pub(super) fn confirm(&mut self, now: DateTime<Utc>, chosen: Vec<Chosen>, settings: &Settings) {
        use OfferStatus::{Approved, OfferError, PaymentLinkFailed, PaymentReady, Rejected};
        let end = self.history.iter().find(|(_, status)| *status == OfferStatus::ClosedTimeout);
        let end = end.copied();
        let future: &[_] = match settings.confirm_end {
            ConfirmEnd::PaymentReady => &[(1, Approved), (4, PaymentReady)],
            ConfirmEnd::Rejected => &[(1, Rejected)],
            ConfirmEnd::PaymentLinkFailed => &[(1, Approved), (4, PaymentLinkFailed)],
            ConfirmEnd::Error => &[(1, OfferError)],
        };
        self.go_on(now, future);
        let may_be_late = settings.confirm_end == ConfirmEnd::PaymentReady;
        self.history.extend(end.filter(|_| may_be_late));
        self.confirmed = Some(chosen);
    }

    /// What happens to it now; says what was expected if it cannot be.
    pub(super) fn act(&mut self, act: Act, now: DateTime<Utc>) -> Result<(), String> {
        let status = self.status(now);
        let (may, future): (bool, &[_]) = match act {
            Act::Pay => (
                status == OfferStatus::PaymentReady,
                &[(0, OfferStatus::PaymentCompleted), (5, OfferStatus::ClosedPaid)],
            ),
            Act::CancelPayment => {
                (status == OfferStatus::PaymentReady, &[(0, OfferStatus::PaymentCancelled)])
            }
            Act::PassOver => (!status.is_end(), &[(0, OfferStatus::ClosedOtherOffer)]),
            Act::TimeOut => (!status.is_end(), &[(0, OfferStatus::ClosedTimeout)]),
            Act::Fail => (!status.is_end(), &[(0, OfferStatus::OfferError)]),
        };
        if !may {
            return Err(format!("the offer is {status:?}, and this cannot happen to it"));
        }
        self.go_on(now, future);
        Ok(())
    }

    /// The customer has chosen another one.
    pub(super) fn pass_over(&mut self, now: DateTime<Utc>) {
        // What is at its end stays there.
        let _ = self.act(Act::PassOver, now);
    }

    pub(super) fn policy_number(&self) -> String {
        match self.is_example {
            true => "0166171796".to_owned(),
            false => format!("{:010}", self.id.parse::<u64>().unwrap_or(0) % 10_000_000_000),
        }
    }

    fn link(&self, host: &str) -> String {
        match self.is_example {
            true => format!("https://{host}/policy?id=112233"),
            false => format!("https://{host}/policy?id={}", self.id),
        }
    }

    /// Where the policy, or its draft, can be read.
    pub(super) fn document_url(&self) -> String {
        self.link("partner.ru")
    }

    /// The whole answer.
    pub(super) fn print(&self, now: DateTime<Utc>, settings: &Settings) -> Value {
        use OfferStatus::{OfferError, PaymentLinkFailed, PaymentReady, Rejected};
        let status = self.status(now);
        let mut offer = Map::new();
        let mut say = |name: &str, value: Value| {
            offer.insert(name.to_owned(), value);
        };
        say("offer_id", json!(self.id));
        say("partner", self.insurer.print(settings));
        say("price", price(self.price, settings));
        say("status", json!(status));
        say("is_prolongation", json!(self.is_prolongation));
        say("is_ext_prolongation", json!(false));
        match (self.in_pool, settings.not_in_pool) {
            (true, _) => say("is_reinsurance_pool", json!(true)),
            (false, PoolForm::False) => say("is_reinsurance_pool", json!(false)),
            (false, PoolForm::Null) => say("is_reinsurance_pool", Value::Null),
            (false, PoolForm::Absent) => {}
        }
        if self.is_example || self.confirmed.is_some() {
            say("draft_url", json!(self.document_url()));
        }
        if self.is_example || status == PaymentReady {
            say("payment_url", json!(self.link("pay.it")));
        }
        if self.is_example || status.is_paid() {
            say("policy_series", json!("ХХХ"));
            say("policy_number", json!(self.policy_number()));
        }
        match status {
            Rejected => say("message", json!("Страхователь не прошел проверку")),
            PaymentLinkFailed => say("message", json!("Не удалось получить ссылку на оплату")),
            OfferError => say("message", json!("Ошибка обработки предложения")),
            _ if self.is_example => {
                say("message", json!("Требуется указать действительный адрес проживания"));
            }
            _ => {}
        }
        let upsales: Vec<Value> = self.upsales.iter().map(|it| it.print(settings)).collect();
        say("upsales", json!(upsales));
        if settings.extra_fields && !self.is_example {
            say("sandbox", json!(true));
        }
        Value::Object(offer)
    }
}
