//! The document's table of errors.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::reply;

const MESSAGES: [(u16, &str); 19] = [
    (888, "gosNumber: forbidden symbols present"),
    (766, "MISSING_MANDATORY_PARAMETER"),
    (602, "TOKEN_NO_ACCESS"),
    (504, "TOKEN_LOCKED_IN_THE_SYSTEM"),
    (503, "TOKEN_NOT_REGISTERED_IN_THE_SYSTEM"),
    (502, "MISSING_REQUIRED_TOKEN_PARAMETER"),
    (500, "MISSING_REQUIRED_TYPE_PARAMETER"),
    (499, "WRONG_TOKEN_KEY"),
    (498, "TOKEN_NO_MONEY"),
    (460, "NO_REQUIRED_PARAMETERS"),
    (456, "MAX_LIMIT"),
    (404, "TIME_MAX_CONNECT"),
    (123, "IP_NOT_REGISTERED_IN_THE_SYSTEM"),
    (111, "PARAMETER_CONFLICT"),
    (15, "DATE_ERROR"),
    (5, "TEST_TIME_OFF"),
    (3, "TOKEN_BLOCKED_BY_QUALITY_SERVICE"),
    (2, "TOKEN_TEHBLOCK"),
    (1, "API_SUSPENDED"),
];

/// For codes that the document does not list.
const UNKNOWN: &str = "SANDBOX_UNDOCUMENTED_CODE";

/// An error to answer.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    code: String,
    message: Cow<'static, str>,
}

impl Refusal {
    pub(super) fn documented(code: u16) -> Self {
        Self::custom(&code.to_string(), None)
    }

    /// A code with its documented message, unless there is another.
    pub(super) fn custom(code: &str, message: Option<&str>) -> Self {
        let documented = || {
            let known = MESSAGES.iter().find(|(known, _)| known.to_string() == code);
            Cow::Borrowed(known.map_or(UNKNOWN, |(_, message)| message))
        };
        Self {
            code: code.to_owned(),
            message: message.map_or_else(documented, |message| message.to_owned().into()),
        }
    }

    pub(super) fn forbidden_symbols(parameter: &str) -> Self {
        let message = format!("{parameter}: forbidden symbols present");
        Self { code: "888".to_owned(), message: message.into() }
    }

    pub(super) fn response(&self, numeric: bool) -> Response {
        let body = match self.code.parse::<u64>() {
            Ok(code) if numeric => json!({ "error": code, "message": self.message }),
            _ => json!({ "error": self.code, "message": self.message }),
        };
        reply::json(StatusCode::OK, &body)
    }
}

const TOKEN_START: &str = "sandbox-error-";

/// `sandbox-error-CODE-000…`, 32 characters.
pub(super) fn token(code: u64) -> String {
    let token = format!("{:0<32}", format!("{TOKEN_START}{code}-"));
    assert_eq!(token.len(), 32, "the code has too many digits");
    token
}

/// The error that an error token asks for.
pub(super) fn of_token(token: &str) -> Option<Refusal> {
    let (code, zeros) = token.strip_prefix(TOKEN_START)?.split_once('-')?;
    let fits = !code.is_empty()
        && code.bytes().all(|digit| digit.is_ascii_digit())
        && zeros.bytes().all(|zero| zero == b'0');
    fits.then(|| Refusal::custom(code, None))
}
