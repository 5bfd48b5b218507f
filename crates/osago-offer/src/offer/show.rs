use http::Method;
use ruapi_core::{Error, Request};

use super::{Offer, OfferId};
use crate::RequestId;
use crate::call::Operation;
use crate::input::Problems;

const OPERATION: &str = "GET osago/offer";

/// What names an offer in all operations on it: `request_id` and `offer_id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OfferKey {
    /// `request_id`: the request that the offer was made for, a UUID.
    pub request_id: RequestId,
    /// `offer_id`: the offer.
    pub offer_id: OfferId,
}

impl OfferKey {
    /// The offer `offer_id` for the request `request_id`.
    pub fn new(request_id: impl Into<RequestId>, offer_id: impl Into<OfferId>) -> Self {
        Self { request_id: request_id.into(), offer_id: offer_id.into() }
    }

    pub(crate) fn problems(&self) -> Problems {
        let mut problems = Problems::default();
        problems.uuid("request_id", self.request_id.as_str());
        problems.id("offer_id", self.offer_id.as_str());
        problems
    }

    /// A question about the offer.
    pub(crate) fn ask(
        &self,
        operation: &'static str,
        path: &'static str,
    ) -> Result<Request, Error> {
        self.problems().refuse(operation)?;
        Ok(Request::new(operation, Method::GET, path)
            .query("offer_id", self.offer_id.as_str())
            .query("request_id", self.request_id.as_str())
            .shown(&["offer_id", "request_id"]))
    }
}

/// `GET osago/offer`: an offer as it stands. May be repeated.
#[derive(Debug, Clone)]
pub struct ShowOffer {
    pub(crate) key: OfferKey,
}

impl Operation for ShowOffer {
    type Answer = Offer;

    fn request(&self) -> Result<Request, Error> {
        self.key.ask(OPERATION, "osago/offer")
    }
}
