#![doc = include_str!("../README.md")]

pub mod calculation;
mod call;
mod client;
pub mod documents;
mod error;
#[doc = include_str!("../docs/guide.md")]
pub mod guide {}
mod input;
pub mod offer;
#[cfg(feature = "server")]
pub mod server;
mod wire;

pub use calculation::{
    CALCULATION_SCHEDULE, Calculation, CalculationRequest, CalculationState, CalculationStatus,
};
pub use call::{Call, Operation};
pub use client::{Client, ClientBuilder};
pub use documents::{DOCUMENT_SCHEDULE, Draft, Policy};
pub use error::{PropertyError, StandardError};
pub use offer::{
    Confirmation, Offer, OfferId, OfferKey, OfferStatus, ReturnUrls, SelectedUpsale, StatusGroup,
    check_upsales,
};
#[cfg(feature = "test-util")]
pub use ruapi_core::test_util;
pub use ruapi_core::{
    Backoff, BoxFuture, Clock, Credential, Error, Extra, Id, Kind, Limits, Options, Personal,
    Poller, Request, Response, RetryPolicy, Schedule, credential, transport,
};
pub use wire::{Code, Date, Undescribed};

/// The identifier of a request (Идентификатор запроса), a UUID such as
/// `550e8400-e29b-41d4-a716-446655440000`. Whoever asks for a calculation makes it; both sides check
/// its form.
pub type RequestId = Id<CalculationRequest>;
