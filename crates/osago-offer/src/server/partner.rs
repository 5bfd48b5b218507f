use super::Refusal;
use crate::calculation::{Calculation, CalculationRequest, CalculationStarted, CalculationState};
use crate::documents::{Draft, Policy};
use crate::offer::{Confirmation, Offer, OfferKey};
use crate::{Id, RequestId};

/// A partner: an insurer or an aggregator. One method for each operation; those that have a default
/// are optional, and answer 404 until you write them.
///
/// The input has been checked when a method is called: identifiers are there, `request_id` is a UUID,
/// and a confirmation's upsales fit the offer. A method that began runs to its end, also when the caller
/// has hung up. Write it as `async fn`; `?` on any error makes a 500 that does not show the error.
///
/// The caller may repeat what it did not get an answer to: take the same `request_id` (for a
/// confirmation, with the same `offer_id`) for the same request.
pub trait Partner: Send + Sync + 'static {
    /// `GET osago/offer`: the offer as it stands, with all upsales that may be chosen for it. Its
    /// absence is [`Refusal::not_found`]. Called before [`confirm`](Self::confirm) as well.
    fn offer(&self, key: OfferKey) -> impl Future<Output = Result<Offer, Refusal>> + Send;

    /// `POST osago/offer` (Подтверждение предложения ОСАГО): confirms the offer with the upsales chosen,
    /// which fit it. `offer` is what [`offer`](Self::offer) gave a moment ago. Optional, as the document says
    /// that not all partners use it (используется не всеми партнерами).
    fn confirm(
        &self,
        confirmation: Confirmation,
        offer: Offer,
    ) -> impl Future<Output = Result<Offer, Refusal>> + Send {
        absent((confirmation, offer))
    }

    /// `POST osago/calculate`: starts a calculation, and answers before it is done.
    fn calculate(
        &self,
        request: CalculationRequest,
    ) -> impl Future<Output = Result<CalculationStarted, Refusal>> + Send {
        absent(request)
    }

    /// `GET osago/calculate`: the calculation as far as it is. Asked for once a second.
    fn calculation(
        &self,
        request_id: RequestId,
    ) -> impl Future<Output = Result<Calculation, Refusal>> + Send {
        absent(request_id)
    }

    /// `GET osago/calculate/status`: where the calculation and its offers stand.
    fn calculation_status(
        &self,
        request_id: RequestId,
    ) -> impl Future<Output = Result<CalculationState, Refusal>> + Send {
        absent(request_id)
    }

    /// `GET osago/offer/draft`: the draft of the policy. Asked for every 5 seconds.
    fn draft(&self, key: OfferKey) -> impl Future<Output = Result<Draft, Refusal>> + Send {
        absent(key)
    }

    /// `GET osago/offer/policy`: the policy. Asked for every 5 seconds.
    fn policy(&self, key: OfferKey) -> impl Future<Output = Result<Policy, Refusal>> + Send {
        absent(key)
    }
}

/// An operation that the partner does not have.
async fn absent<I: Send, T>(input: I) -> Result<T, Refusal> {
    drop(input);
    Err(Refusal::not_found("this partner does not have the operation"))
}

/// What a request is known by, where an error is to name it.
pub(super) trait Known {
    fn request_id(&self) -> &RequestId;
}

impl Known for RequestId {
    fn request_id(&self) -> &Id<CalculationRequest> {
        self
    }
}

impl Known for OfferKey {
    fn request_id(&self) -> &RequestId {
        &self.request_id
    }
}

impl Known for Confirmation {
    fn request_id(&self) -> &RequestId {
        &self.request_id
    }
}

impl Known for CalculationRequest {
    fn request_id(&self) -> &RequestId {
        &self.request_id
    }
}
