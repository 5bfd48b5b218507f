//! The document's enumerations that a test may set.

use serde::{Deserialize, Serialize};

/// The state of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UserStatus {
    /// Without a car yet.
    New,
    /// With a car.
    Active,
    /// Not served.
    Inactive,
    /// Banned.
    Ban,
    /// Not found.
    NotFound,
}

impl UserStatus {
    pub(super) const NAMES: [&str; 5] = ["new", "active", "inactive", "ban", "not_found"];

    pub(super) fn name(self) -> &'static str {
        Self::NAMES[match self {
            Self::New => 0,
            Self::Active => 1,
            Self::Inactive => 2,
            Self::Ban => 3,
            Self::NotFound => 4,
        }]
    }
}

/// The state of a car. A deleted one is not found any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CarStatus {
    /// Not checked yet.
    New,
    /// Checked.
    Active,
    /// Not checked any more: its data are incorrect.
    Inactive,
    /// Put away.
    Archived,
}

impl CarStatus {
    pub(super) const NAMES: [&str; 4] = ["new", "active", "inactive", "archived"];

    pub(super) fn name(self) -> &'static str {
        Self::NAMES[match self {
            Self::New => 0,
            Self::Active => 1,
            Self::Inactive => 2,
            Self::Archived => 3,
        }]
    }
}

/// How a check of a car's fines ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScanOutcome {
    /// The fines are there.
    Done,
    /// It failed.
    Fail,
    /// It was not needed: the car was checked shortly before.
    Skip,
}

impl ScanOutcome {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// By which method the status of a scan can be asked for; the other is answered 405.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScanStatusMethods {
    /// POST and GET.
    #[default]
    Both,
    /// POST, as the document says.
    Post,
    /// GET, as the official client asks.
    Get,
}

/// The state of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvoiceStatus {
    /// Not paid yet.
    New,
    /// Paid; the money is on its way.
    Process,
    /// The fines are paid.
    Done,
    /// The payment failed.
    Fail,
    /// The payer gave up.
    Cancel,
}

impl InvoiceStatus {
    pub(super) const NAMES: [&str; 5] = ["new", "process", "done", "fail", "cancel"];

    pub(super) fn name(self) -> &'static str {
        Self::NAMES[match self {
            Self::New => 0,
            Self::Process => 1,
            Self::Done => 2,
            Self::Fail => 3,
            Self::Cancel => 4,
        }]
    }
}

/// What the payer does with an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PayerAction {
    /// Pays it.
    Pay,
    /// The bank refuses the payment.
    Decline,
    /// Gives up.
    Cancel,
}

/// What `_links.next` of a list names. A list that fits on one page has none, but if endless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NextLink {
    /// The next page, and, as the document prints it, nothing of the query but `page`.
    #[default]
    Normal,
    /// The next page with the whole query, filters included.
    WithFilters,
    /// The next page, but on another host: `https://evil.example/…`.
    ForeignHost,
    /// The next page on the first, the one before on all others.
    Backwards,
    /// The page itself.
    Repeat,
    /// Always one page more; past the end the pages begin again.
    Endless,
    /// Nothing: there is no `next`, even where there are more pages.
    Missing,
}
