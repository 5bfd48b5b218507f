use std::fmt;

use http::Method;
use ruapi_core::redact::MASK;
use ruapi_core::{Error, Extra, Idempotency, Request, wire};
use serde::{Deserialize, Serialize};

use super::{Offer, OfferId, OfferKey, SelectedUpsale};
use crate::RequestId;
use crate::call::{Call, Operation};
use crate::input::Problems;

const OPERATION: &str = "POST osago/offer";
/// No offer has so many, and each costs its check and perhaps a line of the error.
const MOST_UPSALES: usize = 100;

/// The confirmation as it is on the wire (section «Формат запроса»).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Confirmation {
    /// `request_id`: the request that the offer was made for (Идентификатор запроса), a UUID.
    #[serde(default, with = "wire")]
    pub request_id: RequestId,
    /// `offer_id`: the offer (Идентификатор предложения).
    #[serde(default, with = "wire")]
    pub offer_id: OfferId,
    /// `return_urls`: where to go after the payment (Ссылки для возврата после оплаты).
    #[serde(default, with = "wire::object")]
    pub return_urls: ReturnUrls,
    /// `upsales`: the upsales chosen (Массив кросс-продаж, выбранных к предложению).
    #[serde(default, with = "wire::one_or_many")]
    pub upsales: Vec<SelectedUpsale>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Confirmation {
    /// A confirmation without upsales.
    pub fn new(key: &OfferKey, return_urls: ReturnUrls) -> Self {
        let (request_id, offer_id) = (key.request_id.clone(), key.offer_id.clone());
        Self { request_id, offer_id, return_urls, ..Self::default() }
    }

    /// What names the offer.
    pub fn key(&self) -> OfferKey {
        OfferKey::new(self.request_id.clone(), self.offer_id.clone())
    }

    pub(crate) fn problems(&self) -> Problems {
        let mut problems = self.key().problems();
        self.return_urls.check(&mut problems);
        if self.upsales.len() > MOST_UPSALES {
            problems.add("upsales", "are too many");
            return problems;
        }
        for (place, upsale) in self.upsales.iter().enumerate() {
            problems.id(&format!("upsales[{place}].upsale_id"), upsale.upsale_id.as_str());
            problems.id(&format!("upsales[{place}].option_id"), upsale.option_id.as_str());
        }
        problems
    }
}

/// Where the customer goes after the payment (ReturnUrls). `Debug` masks both: a shop's address may tell the
/// customer's order.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReturnUrls {
    /// `success_url`: after success (URL для редиректа при успехе), a URI.
    #[serde(default, with = "wire")]
    pub success_url: String,
    /// `failure_url`: after a failure (URL для редиректа при ошибке), a URI.
    #[serde(default, with = "wire")]
    pub failure_url: String,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl fmt::Debug for ReturnUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReturnUrls")
            .field("success_url", &MASK)
            .field("failure_url", &MASK)
            .field("extra", &self.extra)
            .finish()
    }
}

impl ReturnUrls {
    /// These two.
    pub fn new(success_url: impl Into<String>, failure_url: impl Into<String>) -> Self {
        let (success_url, failure_url) = (success_url.into(), failure_url.into());
        Self { success_url, failure_url, extra: Extra::default() }
    }

    pub(crate) fn check(&self, problems: &mut Problems) {
        problems.uri("return_urls.success_url", &self.success_url);
        problems.uri("return_urls.failure_url", &self.failure_url);
    }
}

/// `POST osago/offer` (Подтверждение предложения ОСАГО). It may create a contract, so it is not
/// repeated by itself once it may have been processed.
#[derive(Debug, Clone)]
pub struct Confirm {
    pub(crate) body: Confirmation,
    /// What the choice of upsales is checked against, where it is known.
    pub(crate) offer: Option<Offer>,
    pub(crate) idempotency: Idempotency,
}

impl Confirm {
    pub(crate) fn new(body: Confirmation, offer: Option<Offer>) -> Self {
        Self { body, offer, idempotency: Idempotency::NotIdempotent }
    }
}

impl Operation for Confirm {
    type Answer = Offer;

    fn request(&self) -> Result<Request, Error> {
        self.body.problems().refuse(OPERATION)?;
        if let Some(offer) = &self.offer {
            let checked = offer.check_upsales(&self.body.upsales);
            checked.map_err(|errors| Error::input(OPERATION, errors.to_string()))?;
        }
        Request::new(OPERATION, Method::POST, "osago/offer")
            .idempotency(self.idempotency)
            .json(&self.body)
    }
}

impl Call<Confirm> {
    /// `upsales`: the upsales chosen, in place of those chosen before.
    pub fn upsales(mut self, selected: impl IntoIterator<Item = SelectedUpsale>) -> Self {
        self.operation.body.upsales = selected.into_iter().collect();
        self
    }

    /// This partner takes a second confirmation with the same `request_id` and `offer_id` for the first:
    /// it may be repeated. The document does not promise it.
    pub fn idempotent(mut self) -> Self {
        self.operation.idempotency = Idempotency::Idempotent;
        self
    }
}
