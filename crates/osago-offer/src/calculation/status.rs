use ruapi_core::{Error, Extra, Request, wire};
use serde::{Deserialize, Serialize};

use super::CalculationStatus;
use crate::RequestId;
use crate::call::Operation;
use crate::offer::{OfferId, OfferStatus};

const OPERATION: &str = "GET osago/calculate/status";

/// `GET osago/calculate/status`: where a calculation and its offers stand. May be repeated.
#[derive(Debug, Clone)]
pub struct ShowCalculationStatus {
    pub(crate) request_id: RequestId,
}

impl Operation for ShowCalculationStatus {
    type Answer = CalculationState;

    fn request(&self) -> Result<Request, Error> {
        super::show::ask(OPERATION, "osago/calculate/status", &self.request_id)
    }
}

/// Where a calculation and its offers stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CalculationState {
    /// `request_id`: the request. Empty if the answer does not repeat it.
    #[serde(
        default,
        deserialize_with = "crate::wire::id_or_empty",
        skip_serializing_if = "crate::wire::is_empty"
    )]
    pub request_id: RequestId,
    /// `status`: where the calculation stands.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub status: Option<CalculationStatus>,
    /// `offers`: where its offers stand.
    #[serde(default, with = "wire::one_or_many")]
    pub offers: Vec<OfferState>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CalculationState {
    /// A calculation without offers.
    pub fn new(request_id: impl Into<RequestId>, status: CalculationStatus) -> Self {
        Self { request_id: request_id.into(), status: Some(status), ..Self::default() }
    }
}

/// Where an offer stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OfferState {
    /// `offer_id`: the offer.
    #[serde(with = "wire")]
    pub offer_id: OfferId,
    /// `offer_status`: where it stands.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub offer_status: Option<OfferStatus>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl OfferState {
    /// This offer stands there.
    pub fn new(offer_id: impl Into<OfferId>, offer_status: OfferStatus) -> Self {
        let (offer_id, offer_status) = (offer_id.into(), Some(offer_status));
        Self { offer_id, offer_status, extra: Extra::default() }
    }
}
