//! What the partner remembers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::kinds::{Act, CalculationEnd, OfferStatus};
use super::offers::Offer;
use super::settings::Settings;

/// What happened so far: see [`Osago::counts`](super::Osago::counts).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Calculations that were started.
    pub calculations: u64,
    /// Questions for calculations that came within a second of the one before.
    pub calculations_asked_too_soon: u64,
    /// Offers that were confirmed.
    pub confirmations: u64,
    /// Confirmations of what was confirmed just so already.
    pub confirmations_repeated: u64,
    /// Offers that were paid.
    pub payments: u64,
    /// Requests that were answered with an error.
    pub refused: u64,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) token_is_known: bool,
    /// By their `request_id` in small letters.
    pub(super) calculations: BTreeMap<String, Calculation>,
    pub(super) counts: Counts,
}

#[derive(Debug)]
pub(super) struct Calculation {
    /// As it was sent.
    pub(super) body: Map<String, Value>,
    pub(super) began: DateTime<Utc>,
    /// When it ends, as far as it does.
    pub(super) ends: DateTime<Utc>,
    pub(super) end: CalculationEnd,
    pub(super) offers: Vec<Offer>,
    pub(super) last_asked: Option<DateTime<Utc>>,
}

impl State {
    pub(super) fn offer(&mut self, request_id: &str, offer_id: &str) -> Option<&mut Offer> {
        let calculation = self.calculations.get_mut(&request_id.to_lowercase())?;
        calculation.offers.iter_mut().find(|offer| offer.id == offer_id)
    }

    /// Something happens to an offer; says what was expected if it cannot be.
    pub(super) fn act(
        &mut self,
        request_id: &str,
        offer_id: &str,
        act: Act,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let offer = self.offer(request_id, offer_id);
        offer
            .ok_or_else(|| format!("there is no offer {offer_id} of {request_id}"))?
            .act(act, now)?;
        if act == Act::Pay {
            self.counts.payments += 1;
            let calculation = self.calculations.get_mut(&request_id.to_lowercase());
            let offers = calculation.into_iter().flat_map(|calculation| &mut calculation.offers);
            offers.filter(|other| other.id != offer_id).for_each(|other| other.pass_over(now));
        }
        Ok(())
    }
}

impl Calculation {
    /// Its status, as the document calls it.
    pub(super) fn status(&self, now: DateTime<Utc>) -> &'static str {
        let statuses = || self.offers.iter().map(|offer| offer.status(now));
        if statuses().any(OfferStatus::is_paid) {
            return "PAID";
        }
        if !self.offers.is_empty() && statuses().all(OfferStatus::is_end) {
            return "CLOSED";
        }
        match self.end {
            _ if (now - self.began).num_seconds() < 1 && now < self.ends => "DRAFT",
            CalculationEnd::Never => "PARTNER_CALCULATION_IN_PROGRESS",
            _ if now < self.ends => "PARTNER_CALCULATION_IN_PROGRESS",
            CalculationEnd::Ready => "CALCULATION_READY",
            CalculationEnd::None => "NO_CALCULATION_AVAILABLE",
            CalculationEnd::Error => "CALCULATION_ERROR",
        }
    }

    /// The offers that are to be seen: of what ended without any there are none.
    pub(super) fn shown(&self, now: DateTime<Utc>) -> &[Offer] {
        let failed = matches!(self.end, CalculationEnd::None | CalculationEnd::Error);
        if failed && now >= self.ends { &[] } else { &self.offers }
    }
}
