//! The API's error codes, and what the document advises to do about each.

use ruapi_core::{Error, Kind, RawResponse, Rejection, Repeat, classify_by_status, decode};
use serde::Deserialize;
use serde_json::Value;

ruapi_core::open_enum! {
    /// A code of appendix 4 (`code` beside HTTP 400, 403, 409 and 500).
    ///
    /// ```
    /// # use epgu_gusmev::{Client, Credential, Environment};
    /// # use ruapi_sandbox::{Epgu, Sandbox};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::start().await?;
    /// # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
    /// # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
    /// use epgu_gusmev::{ErrorCode, OrderId};
    /// # let token = Epgu::error_token(ruapi_sandbox::epgu::ErrorCode::AccessDeniedService);
    /// # let credential = Credential::bearer(token.into())?;
    /// # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
    ///
    /// let error = client.order(OrderId::new(Epgu::EXAMPLE_ORDER)?).await.unwrap_err();
    /// assert_eq!(ErrorCode::of(&error), Some(ErrorCode::AccessDeniedService));
    /// # Ok(()) }
    /// ```
    pub enum ErrorCode {
        /// The user did not agree that this system does so: the token has no `permissions` with
        /// `APIPGU`. Correct the request for the token.
        AccessDeniedPersonPermissions = "access_denied_person_permissions",
        /// The system has no access to the service. Check that access was applied for and granted.
        AccessDeniedService = "access_denied_service",
        /// The system has no access at all, or must come by GOST TLS. Check the connection, then that
        /// access was applied for and granted.
        AccessDeniedSystem = "access_denied_system",
        /// The service is not for this type of user (person, entrepreneur, organisation). Check by the
        /// service's specification, and that the token is of such a user.
        AccessDeniedUser = "access_denied_user",
        /// The service is open only to the organisation that owns the system, and the token is another's.
        /// Check the application for access.
        AccessDeniedUserLegal = "access_denied_user_legal",
        /// The user lacks the power to make the application for the organisation. Check the powers.
        BadDelegation = "bad_delegation",
        /// Wrong parameters; the message mostly names them.
        BadRequest = "bad_request",
        /// The application cannot be cancelled as it stands: wait until its state allows it, or until it
        /// is final.
        CancelNotAllowed = "cancel_not_allowed",
        /// There is no power for applications for this service. Write to api@digital.gov.ru.
        ConfigDelegation = "config_delegation",
        /// The processing failed: report an incident (appendix 2).
        InternalError = "internal_error",
        /// A limit of appendix 3 is exceeded: wait, or ask for a higher one.
        LimitationException = "limitation_exception",
        /// There is no such application. Check its number.
        NotFound = "not_found",
        /// The user has no right to this application. Check that the token is the applicant's and has
        /// not ended.
        OrderAccess = "order_access",
        /// Only the head of the organisation or an employee with a power of attorney may send it.
        PushDenied = "push_denied",
        /// There is no service with this `serviceCode`.
        ServiceNotFound = "service_not_found",
    }
}

impl ErrorCode {
    /// The code of an error, where the API sent one.
    pub fn of(error: &Error) -> Option<Self> {
        error.code().map(Self::from)
    }

    fn kind(&self) -> Option<Kind> {
        use ErrorCode::*;
        Some(match self {
            AccessDeniedPersonPermissions
            | AccessDeniedService
            | AccessDeniedSystem
            | AccessDeniedUser
            | AccessDeniedUserLegal
            | BadDelegation
            | ConfigDelegation
            | OrderAccess
            | PushDenied => Kind::Credential,
            BadRequest | ServiceNotFound => Kind::Input,
            CancelNotAllowed => Kind::Refused,
            LimitationException => Kind::Busy,
            NotFound => Kind::NotFound,
            InternalError => Kind::Server,
            Other(_) => return None,
        })
    }
}

/// The body beside an error status.
#[derive(Debug, Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    code: Value,
    #[serde(default)]
    message: Value,
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The error of a call about what there is, or is not: 204 is in doubt only where something was to be made.
pub(crate) fn surely_not_there(error: Error) -> Error {
    let attempts = error.attempts();
    match error.kind() {
        Kind::NotFound => error.with_progress(attempts, false),
        _ => error,
    }
}

/// What the status says, and the API's code where there is one.
pub(crate) fn classify(response: &RawResponse) -> Result<(), Rejection> {
    if response.status().as_u16() == 204 {
        // «Заявление не найдено»; to what makes an application that would be no answer, so it stays in doubt.
        let mut rejection = Rejection::new(Kind::NotFound);
        rejection.maybe_processed = true;
        return Err(rejection);
    }
    let Err(mut rejection) = classify_by_status(response) else { return Ok(()) };
    if matches!(response.status().as_u16(), 429 | 502..=504) {
        rejection.repeat = Repeat::WhenIdempotentOrTryLater;
    }
    let envelope: Envelope = decode(response.body()).unwrap_or_default();
    rejection.code = text(envelope.code);
    rejection.message = text(envelope.message);
    let kind = rejection.code.as_deref().and_then(|code| ErrorCode::from(code).kind());
    // A code beside 5xx tells what failed, not that nothing was done.
    if let Some(kind) = kind.filter(|_| response.status().is_client_error()) {
        rejection.kind = kind;
    }
    rejection.maybe_processed |= rejection.kind == Kind::Server;
    Err(rejection)
}
