//! What a test chooses among.

use serde::{Deserialize, Serialize};

/// The document's statuses of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum OfferStatus {
    /// It was created.
    Created,
    /// It was sent to be calculated.
    PreCalcSent,
    /// It is being calculated.
    PreCalcInProgress,
    /// It is calculated.
    PreCalcReady,
    /// It is confirmed.
    Approved,
    /// It was refused.
    Rejected,
    /// It can be paid.
    PaymentReady,
    /// There is no link to pay.
    PaymentLinkFailed,
    /// It is paid.
    PaymentCompleted,
    /// The payment was cancelled.
    PaymentCancelled,
    /// It is paid and done.
    ClosedPaid,
    /// The customer chose another one.
    ClosedOtherOffer,
    /// It came too late.
    ClosedTimeout,
    /// Something failed.
    OfferError,
}

impl OfferStatus {
    /// All of them, in the document's order.
    pub const ALL: [Self; 14] = [
        Self::Created,
        Self::PreCalcSent,
        Self::PreCalcInProgress,
        Self::PreCalcReady,
        Self::Approved,
        Self::Rejected,
        Self::PaymentReady,
        Self::PaymentLinkFailed,
        Self::PaymentCompleted,
        Self::PaymentCancelled,
        Self::ClosedPaid,
        Self::ClosedOtherOffer,
        Self::ClosedTimeout,
        Self::OfferError,
    ];

    /// Whether nothing follows: the document's final ones, and those that nobody goes on from.
    pub(super) fn is_end(self) -> bool {
        matches!(
            self,
            Self::Rejected
                | Self::PaymentLinkFailed
                | Self::PaymentCancelled
                | Self::ClosedPaid
                | Self::ClosedOtherOffer
                | Self::ClosedTimeout
                | Self::OfferError
        )
    }

    pub(super) fn is_paid(self) -> bool {
        matches!(self, Self::PaymentCompleted | Self::ClosedPaid)
    }
}

/// How a calculation ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CalculationEnd {
    /// With offers: `CALCULATION_READY`.
    #[default]
    Ready,
    /// Without any: `NO_CALCULATION_AVAILABLE`.
    None,
    /// It fails: `CALCULATION_ERROR`.
    Error,
    /// Never: it stays in progress.
    Never,
}

/// What becomes of a confirmed offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConfirmEnd {
    /// It can be paid: `APPROVED`, `PAYMENT_READY`.
    #[default]
    PaymentReady,
    /// It is refused: `REJECTED`, with a message.
    Rejected,
    /// There is no link to pay: `APPROVED`, `PAYMENT_LINK_FAILED`, with a message.
    PaymentLinkFailed,
    /// It fails: `OFFER_ERROR`, with a message.
    Error,
}

/// What may happen to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Act {
    /// The customer pays: only what is `PAYMENT_READY`.
    Pay,
    /// The customer gives the payment up: only what is `PAYMENT_READY`.
    CancelPayment,
    /// The customer takes another partner's offer: only what is not at its end.
    PassOver,
    /// Time is over: only what is not at its end.
    TimeOut,
    /// Something fails: only what is not at its end.
    Fail,
}

/// Who may call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Access {
    /// Whoever has [`TOKEN`](super::Osago::TOKEN) as a Bearer.
    #[default]
    Bearer,
    /// Whoever has it in the header of this name.
    Header(String),
    /// Everybody.
    Everybody,
}

/// How the identifiers of options are answered; a confirmation may have either form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdForm {
    /// As a number, as the document prints it.
    #[default]
    Number,
    /// As a text.
    String,
}

/// How it is said that an offer is not in the reinsurance pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PoolForm {
    /// `false`.
    #[default]
    False,
    /// `null`.
    Null,
    /// Not at all.
    Absent,
}
