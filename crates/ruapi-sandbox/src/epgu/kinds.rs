//! What a test chooses among.

use serde::{Deserialize, Serialize};

/// The codes of appendix 4: see [`Epgu::error_token`](super::Epgu::error_token).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The user did not allow the system to do this.
    AccessDeniedPersonPermissions,
    /// The system may not use this service.
    AccessDeniedService,
    /// The system may not use the API, or not over this channel.
    AccessDeniedSystem,
    /// The service is not for users of this type.
    AccessDeniedUser,
    /// The service is only for the organization that owns the system.
    AccessDeniedUserLegal,
    /// The user lacks the power to make this application.
    BadDelegation,
    /// Something is wrong with the request.
    BadRequest,
    /// The application cannot be cancelled now.
    CancelNotAllowed,
    /// There is no such power for this service at all.
    ConfigDelegation,
    /// The portal failed.
    InternalError,
    /// Too many requests or applications.
    LimitationException,
    /// There is no such application.
    NotFound,
    /// The application is another user's.
    OrderAccess,
    /// The user may not send applications.
    PushDenied,
    /// There is no such service.
    ServiceNotFound,
}

impl ErrorCode {
    /// All of them, in the document's order.
    pub const ALL: [Self; 15] = [
        Self::AccessDeniedPersonPermissions,
        Self::AccessDeniedService,
        Self::AccessDeniedSystem,
        Self::AccessDeniedUser,
        Self::AccessDeniedUserLegal,
        Self::BadDelegation,
        Self::BadRequest,
        Self::CancelNotAllowed,
        Self::ConfigDelegation,
        Self::InternalError,
        Self::LimitationException,
        Self::NotFound,
        Self::OrderAccess,
        Self::PushDenied,
        Self::ServiceNotFound,
    ];

    /// The code as it is answered.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessDeniedPersonPermissions => "access_denied_person_permissions",
            Self::AccessDeniedService => "access_denied_service",
            Self::AccessDeniedSystem => "access_denied_system",
            Self::AccessDeniedUser => "access_denied_user",
            Self::AccessDeniedUserLegal => "access_denied_user_legal",
            Self::BadDelegation => "bad_delegation",
            Self::BadRequest => "bad_request",
            Self::CancelNotAllowed => "cancel_not_allowed",
            Self::ConfigDelegation => "config_delegation",
            Self::InternalError => "internal_error",
            Self::LimitationException => "limitation_exception",
            Self::NotFound => "not_found",
            Self::OrderAccess => "order_access",
            Self::PushDenied => "push_denied",
            Self::ServiceNotFound => "service_not_found",
        }
    }
}

/// What becomes of an application that was sent.
///
/// The first seven pass the portal's own checks and reach the agency; the others end there, with
/// the code of appendix 1 that they are named after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The agency accepts it and does what was applied for; there are files of the result.
    #[default]
    Executed,
    /// The agency accepts it and says no.
    Refused,
    /// The agency wants it corrected: not the end.
    NeedsCorrection,
    /// The agency never gets further than to accept it.
    Pending,
    /// The agency's system fails on it, as in the document's example.
    ProcessingError,
    /// The documents were not signed in time.
    SigningExpired,
    /// The portal's checks are interrupted for a while (`RETRY`); then as `Executed`.
    Retry,
    /// `LIMITATION_EXCEPTION`.
    LimitationException,
    /// `INVALID_FILES_STRUCTURE`.
    InvalidFilesStructure,
    /// `VALIDATION_ERROR`.
    ValidationError,
    /// `REQ_NOT_FOUND`.
    ReqNotFound,
    /// `MPC_NOT_FOUND`.
    MpcNotFound,
    /// `REQ_VERIFY_FAILED`.
    ReqVerifyFailed,
    /// `FILES_VERIFICATION_FAILED`.
    FilesVerificationFailed,
    /// `INTERNAL_ERROR`.
    InternalError,
}

/// How `order` of an application's details is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderForm {
    /// A JSON document inside a string, as documented.
    #[default]
    String,
    /// An object.
    Object,
    /// Null, even where there is something to print.
    Null,
    /// No such field.
    Absent,
}

/// How `orderId` is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdForm {
    /// As documented.
    #[default]
    Number,
    /// Digits in a string.
    String,
}

/// How it is answered that an application cannot be cancelled: always with `cancel_not_allowed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CancelRefusal {
    /// 405, as in the examples.
    #[default]
    NotAllowed,
    /// 409, as in appendix 4.
    Conflict,
}

/// The time zone in which `updatedAfter` is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Zone {
    /// UTC, as documented.
    #[default]
    Utc,
    /// Moscow's, as later editions say.
    Moscow,
}

/// How lists of statuses are paged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Paging {
    /// As documented.
    #[default]
    Normal,
    /// Every page is the first one.
    Repeat,
    /// `totalCount` promises a page more than there is.
    Overstated,
}

/// At which of the paths files can be downloaded; the others are not found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DownloadPaths {
    /// At all three.
    #[default]
    All,
    /// `/api/storage/v2/files/{objectId}/{objectType}/download`: section 4.
    Storage,
    /// `/api/gusmev/files/{objectId}/{objectType}/download`: table 3.
    Gusmev,
    /// `/api/gusmev/files/download/{objectId}/{objectType}`: later editions.
    Later,
}

/// What the `Content-Length` of a downloaded file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Promise {
    /// The truth.
    #[default]
    Exact,
    /// Nothing: the file comes in chunks.
    Nothing,
    /// So many bytes. If there are fewer, the connection ends early; what is more is not sent.
    Bytes(u64),
}

/// A span of time for which requests are counted: it begins with the calendar's, in Moscow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Window {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}
