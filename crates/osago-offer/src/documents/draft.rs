use ruapi_core::{Error, Extra, Personal, Poller, Request, Response, wire};
use serde::{Deserialize, Serialize};

use super::{DOCUMENT_SCHEDULE, DocumentFile};
use crate::RequestId;
use crate::call::{Call, Operation};
use crate::offer::{OfferId, OfferKey};

const OPERATION: &str = "GET osago/offer/draft";

/// `GET osago/offer/draft`: the draft of a policy. May be repeated.
#[derive(Debug, Clone)]
pub struct ShowDraft {
    pub(crate) key: OfferKey,
}

impl Operation for ShowDraft {
    type Answer = Draft;

    fn request(&self) -> Result<Request, Error> {
        self.key.ask(OPERATION, "osago/offer/draft")
    }
}

impl Call<ShowDraft> {
    /// Asks until the draft is there: see [`DOCUMENT_SCHEDULE`].
    pub fn wait(self) -> Poller<Draft> {
        let Self { client, operation } = self;
        Poller::new("draft", DOCUMENT_SCHEDULE, client.clock(), Draft::is_final, move || {
            let question = Call::new(&client, operation.clone());
            Box::pin(async move { question.await.map(Response::into_inner) })
        })
    }
}

ruapi_core::open_enum! {
    /// Whether a draft is there.
    pub enum DraftStatus {
        /// It is.
        Success = "success",
        /// Not yet.
        InProcess = "inProcess",
    }
}

/// The draft of a policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Draft {
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
    /// `status`: whether it is there.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub status: Option<DraftStatus>,
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

impl Draft {
    /// An offer's draft that is not there yet.
    pub fn in_process(key: &OfferKey) -> Self {
        Self::new(key, DraftStatus::InProcess)
    }

    /// An offer's draft as PDF.
    pub fn ready(key: &OfferKey, pdf: &[u8]) -> Self {
        let file = Some(DocumentFile::from_pdf(pdf));
        Self { file, ..Self::new(key, DraftStatus::Success) }
    }

    fn new(key: &OfferKey, status: DraftStatus) -> Self {
        Self {
            request_id: key.request_id.clone(),
            offer_id: Some(key.offer_id.clone()),
            status: Some(status),
            ..Self::default()
        }
    }

    /// Whether the draft is there, as a link or as a file. A file without data is not there, and a
    /// status that the document does not name is no end.
    pub fn is_final(&self) -> bool {
        let is_ready = self.url.is_some() || self.file.as_ref().is_some_and(DocumentFile::has_data);
        self.status == Some(DraftStatus::Success) && is_ready
    }
}
