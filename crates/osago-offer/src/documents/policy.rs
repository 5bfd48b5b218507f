use ruapi_core::{Error, Extra, Personal, Poller, Request, Response, wire};
use serde::{Deserialize, Serialize};

use super::{DOCUMENT_SCHEDULE, DocumentFile};
use crate::RequestId;
use crate::call::{Call, Operation};
use crate::offer::{OfferId, OfferKey, OfferStatus};
use crate::wire::Date;

const OPERATION: &str = "GET osago/offer/policy";

/// `GET osago/offer/policy`: the policy of an offer that is paid. May be repeated.
#[derive(Debug, Clone)]
pub struct ShowPolicy {
    pub(crate) key: OfferKey,
}

impl Operation for ShowPolicy {
    type Answer = Policy;

    fn request(&self) -> Result<Request, Error> {
        self.key.ask(OPERATION, "osago/offer/policy")
    }
}

impl Call<ShowPolicy> {
    /// Asks until the policy is there, or none will be: see [`DOCUMENT_SCHEDULE`] and
    /// [`Policy::is_final`].
    pub fn wait(self) -> Poller<Policy> {
        let Self { client, operation } = self;
        Poller::new("policy", DOCUMENT_SCHEDULE, client.clock(), Policy::is_final, move || {
            let question = Call::new(&client, operation.clone());
            Box::pin(async move { question.await.map(Response::into_inner) })
        })
    }
}

/// The policy of an offer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Policy {
    /// `request_id`: the request. Empty if the answer does not repeat it.
    #[serde(
        default,
        deserialize_with = "crate::wire::id_or_empty",
        skip_serializing_if = "crate::wire::is_empty"
    )]
    pub request_id: RequestId,
    /// `offer_id`: the offer.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub offer_id: Option<OfferId>,
    /// `status`: where the offer stands.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub status: Option<OfferStatus>,
    /// `policy_start_date`: the policy's first moment.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub policy_start_date: Option<Date>,
    /// `url`: link to it.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub url: Option<Personal<String>>,
    /// `file`: the document itself.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub file: Option<DocumentFile>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Policy {
    /// An offer's policy that is not there yet.
    pub fn new(key: &OfferKey, status: OfferStatus) -> Self {
        Self {
            request_id: key.request_id.clone(),
            offer_id: Some(key.offer_id.clone()),
            status: Some(status),
            ..Self::default()
        }
    }

    /// Whether the document is there, as a link or as a file. A file without data is not there.
    pub fn is_ready(&self) -> bool {
        self.url.is_some() || self.file.as_ref().is_some_and(DocumentFile::has_data)
    }

    /// Whether there is nothing to wait for: the document is there, or none will be, since the offer is
    /// rejected or in a final status other than `CLOSED_PAID`. After a payment that was cancelled, or a
    /// link that failed, the customer may still pay.
    pub fn is_final(&self) -> bool {
        let is_over = |status: &OfferStatus| match status {
            OfferStatus::Rejected => true,
            status => status.is_final() && *status != OfferStatus::ClosedPaid,
        };
        self.is_ready() || self.status.as_ref().is_some_and(is_over)
    }
}
