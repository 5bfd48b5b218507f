//! A partner with two offers that have upsales for every rule of the document.

use std::collections::HashMap;
use std::sync::Mutex;

use osago_offer::calculation::{
    Calculation, CalculationRequest, CalculationStarted, CalculationState, CalculationStatus,
    OfferState,
};
use osago_offer::documents::{DocumentFile, Draft, Policy};
use osago_offer::offer::{PartnerInfo, UpsaleInfo, UpsaleOption};
use osago_offer::server::{Partner, Refusal};
use osago_offer::{Confirmation, Offer, OfferKey, OfferStatus, RequestId};

pub(super) const PDF: &[u8] = b"%PDF-1.4\n% a document would be here\n%%EOF\n";

/// Whoever confirms has paid at once.
#[derive(Default)]
pub(super) struct Rich {
    cases: Mutex<HashMap<RequestId, Vec<Offer>>>,
}

impl Rich {
    fn offers<T>(
        &self,
        id: &RequestId,
        work: impl FnOnce(&mut Vec<Offer>) -> T,
    ) -> Result<T, Refusal> {
        let mut cases = self.cases.lock().expect("no panic");
        Ok(work(cases.get_mut(id).ok_or_else(|| Refusal::not_found("no such request"))?))
    }

    fn of<T>(&self, key: &OfferKey, work: impl FnOnce(&mut Offer) -> T) -> Result<T, Refusal> {
        let is_it = |offer: &&mut Offer| offer.offer_id == key.offer_id;
        let found = self.offers(&key.request_id, |offers| offers.iter_mut().find(is_it).map(work));
        found?.ok_or_else(|| Refusal::not_found("no such offer"))
    }
}

impl Partner for Rich {
    async fn calculate(&self, request: CalculationRequest) -> Result<CalculationStarted, Refusal> {
        let offers = vec![offer("1", false), offer("2", true)];
        let mut cases = self.cases.lock().expect("no panic");
        cases.insert(request.request_id.clone(), offers);
        let mut started = CalculationStarted::new(request.request_id);
        started.calculation_date = Some("2026-11-20T10:00:00+03:00".parse()?);
        Ok(started)
    }

    async fn calculation(&self, request_id: RequestId) -> Result<Calculation, Refusal> {
        let offers = self.offers(&request_id, |offers| offers.clone())?;
        let mut calculation = Calculation::new(request_id, CalculationStatus::CalculationReady);
        calculation.partner = offers[0].partner.clone();
        calculation.offers = offers;
        Ok(calculation)
    }

    async fn calculation_status(&self, id: RequestId) -> Result<CalculationState, Refusal> {
        let offers = self.offers(&id, |offers| offers.clone())?;
        let mut state = CalculationState::new(id, CalculationStatus::CalculationReady);
        let status = |offer: Offer| {
            OfferState::new(offer.offer_id, offer.status.unwrap_or(OfferStatus::Created))
        };
        state.offers = offers.into_iter().map(status).collect();
        Ok(state)
    }

    async fn offer(&self, key: OfferKey) -> Result<Offer, Refusal> {
        self.of(&key, |offer| offer.clone())
    }

    async fn confirm(&self, confirmation: Confirmation, _: Offer) -> Result<Offer, Refusal> {
        self.of(&confirmation.key(), |offer| {
            offer.status = Some(OfferStatus::ClosedPaid);
            offer.clone()
        })
    }

    async fn draft(&self, key: OfferKey) -> Result<Draft, Refusal> {
        self.of(&key, |_| Draft::ready(&key, PDF))
    }

    async fn policy(&self, key: OfferKey) -> Result<Policy, Refusal> {
        self.of(&key, |offer| {
            let status = offer.status.clone().unwrap_or(OfferStatus::Created);
            let is_paid = status == OfferStatus::ClosedPaid;
            let mut policy = Policy::new(&key, status);
            if is_paid {
                policy.policy_start_date = "2026-12-01T00:00:00+03:00".parse().ok();
                policy.file = Some(DocumentFile::from_pdf(PDF));
            }
            policy
        })
    }
}

/// With one upsale that is required, two options of which one may be had, and others beside it.
fn offer(id: &str, is_in_pool: bool) -> Offer {
    let mut partner = PartnerInfo::new(12, "Примерная");
    partner.logo_url = Some("https://partner.ru/logo.gif".to_owned());
    let mut offer = Offer::new(id);
    offer.partner = Some(partner);
    offer.price = Some(7072.into());
    offer.status = Some(OfferStatus::PreCalcReady);
    offer.is_reinsurance_pool = is_in_pool.then_some(true);
    let mut required = upsale("100", [option(1, 1), option(2, 1)]);
    required.is_required = Some(true);
    required.options[0].is_default = Some(true);
    offer.upsales = vec![required, upsale("200", [option(1, 1), option(3, 2)])];
    offer
}

fn upsale(id: &str, options: impl IntoIterator<Item = UpsaleOption>) -> UpsaleInfo {
    let mut upsale = UpsaleInfo::new(id, options);
    for text in [
        &mut upsale.full_name,
        &mut upsale.short_name,
        &mut upsale.insured,
        &mut upsale.insurance_period,
    ] {
        *text = Some("Примерное страхование".to_owned());
    }
    upsale
}

fn option(id: u64, compatibility: i64) -> UpsaleOption {
    let mut option = UpsaleOption::new(id);
    option.compatibility_id = Some(compatibility);
    option.name = Some("Примерное".to_owned());
    option.price = Some(500.into());
    option
}
