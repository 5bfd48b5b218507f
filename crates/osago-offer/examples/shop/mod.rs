//! A small partner that keeps everything in memory. Its offer is the one of the document.
#![allow(dead_code, reason = "each user takes a part of it")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use osago_offer::calculation::{
    Calculation, CalculationRequest, CalculationStarted, CalculationState, CalculationStatus,
    OfferState,
};
use osago_offer::documents::{DocumentFile, Draft, Policy};
use osago_offer::offer::{PartnerInfo, RiskPayment, UpsaleInfo, UpsaleOption};
use osago_offer::server::{Guard, Partner, Refusal, Routes};
use osago_offer::{Confirmation, Date, Offer, OfferKey, OfferStatus, RequestId};

/// What the shop lets in: a made-up token.
pub(crate) const TOKEN: &str = "not-a-real-token";
/// The offer that it makes.
pub(crate) const OFFER: &str = "44234899";
const PDF: &[u8] = b"%PDF-1.4\n% a policy would be here\n%%EOF\n";

/// The shop's router on a free port of loopback. Gives the URL; the server ends with the program.
pub(crate) async fn serve(
    shop: Arc<Shop>,
    port: u16,
) -> Result<String, Box<dyn std::error::Error>> {
    let routes = Routes::new(shop, Guard::bearer(TOKEN.into())?);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let url = format!("http://{}/", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, routes.router()).await });
    Ok(url)
}

/// What the shop knows of a request.
#[derive(Debug)]
struct Case {
    started: Date,
    policy_start: Option<Date>,
    offer: Offer,
    /// How often the calculation, and the draft, were asked for.
    asked: u32,
    drafts: u32,
    confirmed: Option<Confirmation>,
}

/// The shop.
#[derive(Debug, Default)]
pub(crate) struct Shop {
    cases: Mutex<HashMap<RequestId, Case>>,
}

impl Shop {
    fn cases(&self) -> MutexGuard<'_, HashMap<RequestId, Case>> {
        self.cases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn case<T>(&self, id: &RequestId, work: impl FnOnce(&mut Case) -> T) -> Result<T, Refusal> {
        let mut cases = self.cases();
        let case = cases.get_mut(id).ok_or_else(|| Refusal::not_found("no such request"))?;
        Ok(work(case))
    }

    fn of_offer<T>(&self, key: &OfferKey, work: impl FnOnce(&mut Case) -> T) -> Result<T, Refusal> {
        let missing = || Refusal::not_found("no such offer");
        let is_it = |case: &Case| case.offer.offer_id == key.offer_id;
        self.case(&key.request_id, |case| is_it(case).then(|| work(case)))?.ok_or_else(missing)
    }

    /// The customer pays.
    pub(crate) fn pay(&self, key: &OfferKey) -> Result<(), Refusal> {
        self.of_offer(key, |case| case.offer.status = Some(OfferStatus::ClosedPaid))
    }
}

impl Partner for Shop {
    async fn calculate(&self, request: CalculationRequest) -> Result<CalculationStarted, Refusal> {
        let mut cases = self.cases();
        // Said twice, it is the same calculation.
        let case = cases.entry(request.request_id.clone()).or_insert_with(|| Case {
            started: DateTime::<Utc>::from(SystemTime::now()).fixed_offset().into(),
            policy_start: request.policy_start_date.clone(),
            offer: the_offer(),
            asked: 0,
            drafts: 0,
            confirmed: None,
        });
        let mut started = CalculationStarted::new(request.request_id);
        started.calculation_date = Some(case.started.clone());
        Ok(started)
    }

    async fn calculation(&self, request_id: RequestId) -> Result<Calculation, Refusal> {
        self.case(&request_id, |case| {
            case.asked += 1;
            let mut calculation = Calculation::new(request_id.clone(), status(case));
            if case.asked > 1 {
                calculation.partner = case.offer.partner.clone();
                calculation.offers = vec![case.offer.clone()];
            }
            calculation
        })
    }

    async fn calculation_status(&self, id: RequestId) -> Result<CalculationState, Refusal> {
        self.case(&id, |case| {
            let mut state = CalculationState::new(id.clone(), status(case));
            let offer_status = case.offer.status.clone().unwrap_or(OfferStatus::Created);
            state.offers = vec![OfferState::new(case.offer.offer_id.clone(), offer_status)];
            state
        })
    }

    async fn offer(&self, key: OfferKey) -> Result<Offer, Refusal> {
        self.of_offer(&key, |case| case.offer.clone())
    }

    async fn confirm(&self, confirmation: Confirmation, _: Offer) -> Result<Offer, Refusal> {
        let case = self.of_offer(&confirmation.key(), |case| match &case.confirmed {
            // Said twice, it is the same contract; said otherwise, it is none.
            Some(earlier) if *earlier == confirmation => Ok(case.offer.clone()),
            Some(_) => Err(Refusal::invalid("the offer was confirmed otherwise")),
            None => {
                case.confirmed = Some(confirmation.clone());
                case.offer.status = Some(OfferStatus::PaymentReady);
                case.offer.payment_url = Some("https://pay.it/policy?id=112233".into());
                Ok(case.offer.clone())
            }
        });
        case?
    }

    async fn draft(&self, key: OfferKey) -> Result<Draft, Refusal> {
        self.of_offer(&key, |case| {
            case.drafts += 1;
            match case.drafts {
                1 => Draft::in_process(&key),
                _ => Draft::ready(&key, PDF),
            }
        })
    }

    async fn policy(&self, key: OfferKey) -> Result<Policy, Refusal> {
        self.of_offer(&key, |case| {
            let status = case.offer.status.clone().unwrap_or(OfferStatus::Created);
            let mut policy = Policy::new(&key, status);
            if policy.status == Some(OfferStatus::ClosedPaid) {
                policy.policy_start_date = case.policy_start.clone();
                policy.file = Some(DocumentFile::from_pdf(PDF));
            }
            policy
        })
    }
}

fn status(case: &Case) -> CalculationStatus {
    match case.asked {
        0 | 1 => CalculationStatus::PartnerCalculationInProgress,
        _ => CalculationStatus::CalculationReady,
    }
}

/// The document's offer, as it is before its confirmation.
fn the_offer() -> Offer {
    let words = "Страхование пассажиров от несчастного случая при ДТП";
    let insured = "Все, кто находился в машине в момент ДТП, до 5 человек";
    let mut option = UpsaleOption::new(1);
    option.is_default = Some(false);
    option.compatibility_id = Some(1);
    option.name = Some("Страхование пассажиров".to_owned());
    option.description = Some(words.to_owned());
    option.insured = Some(insured.to_owned());
    let pays = ["100% страховой суммы".to_owned()];
    option.risk_payments = vec![RiskPayment::new("Смерть в результате несчастного случая", pays)];
    option.price = Some(1480.into());

    let mut upsale = UpsaleInfo::new("112234", [option]);
    upsale.is_required = Some(true);
    upsale.upsale_code = Some("AccidentPassengersPoolForEOsago150".to_owned());
    upsale.short_name = Some("Страхование пассажиров".to_owned());
    upsale.full_name = Some(words.to_owned());
    upsale.insured = Some(insured.to_owned());
    upsale.insurance_period = Some("1 год".to_owned());

    let mut partner = PartnerInfo::new(12, "Банки.ру");
    partner.logo_url = Some("//partner.ru/ugc/logo_135x85.gif".to_owned());
    let mut offer = Offer::new(OFFER);
    offer.partner = Some(partner);
    offer.price = Some(7072.into());
    offer.status = Some(OfferStatus::Created);
    offer.is_prolongation = Some(true);
    offer.is_ext_prolongation = Some(false);
    offer.is_reinsurance_pool = Some(false);
    offer.draft_url = Some("https://partner.ru/policy?id=112233".into());
    offer.upsales = vec![upsale];
    offer
}
