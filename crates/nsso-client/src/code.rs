//! The API's error codes, and what a caller can do about each.

use http::StatusCode;
use ruapi_core::{Error, Kind, RawResponse, Rejection, Repeat, classify_by_status};
use serde::Deserialize;
use serde_json::Value;

ruapi_core::open_enum! {
    /// A code (`error`) of the document's table, with its constant and its meaning.
    ///
    /// For an example see the [guide](crate::guide#errors-and-what-to-do).
    pub enum ErrorCode {
        /// `ИМЯ: forbidden symbols present`: the named variable holds forbidden characters.
        ForbiddenSymbols = "888",
        /// `MISSING_MANDATORY_PARAMETER`: mandatory parameters are missing.
        MissingMandatoryParameter = "766",
        /// `TOKEN_NO_ACCESS`: no access to the method asked for.
        TokenNoAccess = "602",
        /// `TOKEN_LOCKED_IN_THE_SYSTEM`: the token is locked by the quality service or by the system.
        TokenLockedInTheSystem = "504",
        /// `TOKEN_NOT_REGISTERED_IN_THE_SYSTEM`: the service does not know the token.
        TokenNotRegistered = "503",
        /// `MISSING_REQUIRED_TOKEN_PARAMETER`: no token was sent.
        MissingToken = "502",
        /// `MISSING_REQUIRED_TYPE_PARAMETER`: no `type` was sent.
        MissingType = "500",
        /// `WRONG_TOKEN_KEY`: the token has the wrong form; a key has 32 characters.
        WrongTokenKey = "499",
        /// `TOKEN_NO_MONEY`: not enough money for the query; top up the balance.
        TokenNoMoney = "498",
        /// `NO_REQUIRED_PARAMETERS`: required parameters are missing.
        NoRequiredParameters = "460",
        /// `MAX_LIMIT`: too many connections at once (потоки). The client slows down by itself.
        MaxLimit = "456",
        /// `TIME_MAX_CONNECT`: the source gave no result within its connections; try again later.
        TimeMaxConnect = "404",
        /// `IP_NOT_REGISTERED_IN_THE_SYSTEM`: the IP address is not the one set in the account.
        IpNotRegistered = "123",
        /// `PARAMETER_CONFLICT`: parameters that exclude each other were sent together.
        ParameterConflict = "111",
        /// `DATE_ERROR`: the date is wrong.
        DateError = "15",
        /// `TEST_TIME_OFF`: the test period is over.
        TestTimeOff = "5",
        /// `TOKEN_BLOCKED_BY_QUALITY_SERVICE`: blocked by the quality service; contact support.
        TokenBlockedByQualityService = "3",
        /// `TOKEN_TEHBLOCK`: the token is blocked in the security settings, where the owner can unblock it.
        TokenTechBlock = "2",
        /// `API_SUSPENDED`: the source does not answer, which is known and worked on; try again later.
        ApiSuspended = "1",
    }
}

/// What a caller can do about a code.
///
/// For an example see the [guide](crate::guide#errors-and-what-to-do).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Group {
    /// Look at the token, its access or the account: every further query will fail the same way.
    Credential,
    /// Top up the balance: every further query will fail the same way.
    Money,
    /// Correct the query: this one will fail again, others need not.
    Input,
    /// Try again later. [`ErrorCode::MaxLimit`] is repeated by the client itself, the others on request.
    Busy,
}

impl ErrorCode {
    /// The code of an error, where the API sent one.
    pub fn of(error: &Error) -> Option<Self> {
        error.code().map(Self::from)
    }

    /// The constant by which the document's `message` names the code.
    pub fn constant(&self) -> Option<&'static str> {
        use ErrorCode::*;
        Some(match self {
            ForbiddenSymbols => "forbidden symbols present",
            MissingMandatoryParameter => "MISSING_MANDATORY_PARAMETER",
            TokenNoAccess => "TOKEN_NO_ACCESS",
            TokenLockedInTheSystem => "TOKEN_LOCKED_IN_THE_SYSTEM",
            TokenNotRegistered => "TOKEN_NOT_REGISTERED_IN_THE_SYSTEM",
            MissingToken => "MISSING_REQUIRED_TOKEN_PARAMETER",
            MissingType => "MISSING_REQUIRED_TYPE_PARAMETER",
            WrongTokenKey => "WRONG_TOKEN_KEY",
            TokenNoMoney => "TOKEN_NO_MONEY",
            NoRequiredParameters => "NO_REQUIRED_PARAMETERS",
            MaxLimit => "MAX_LIMIT",
            TimeMaxConnect => "TIME_MAX_CONNECT",
            IpNotRegistered => "IP_NOT_REGISTERED_IN_THE_SYSTEM",
            ParameterConflict => "PARAMETER_CONFLICT",
            DateError => "DATE_ERROR",
            TestTimeOff => "TEST_TIME_OFF",
            TokenBlockedByQualityService => "TOKEN_BLOCKED_BY_QUALITY_SERVICE",
            TokenTechBlock => "TOKEN_TEHBLOCK",
            ApiSuspended => "API_SUSPENDED",
            Other(_) => return None,
        })
    }

    /// What a caller can do; `None` for a code that the document does not name.
    pub fn group(&self) -> Option<Group> {
        use ErrorCode::*;
        match self {
            TokenNoAccess
            | TokenLockedInTheSystem
            | TokenNotRegistered
            | MissingToken
            | WrongTokenKey
            | IpNotRegistered
            | TestTimeOff
            | TokenBlockedByQualityService
            | TokenTechBlock => Some(Group::Credential),
            TokenNoMoney => Some(Group::Money),
            ForbiddenSymbols
            | MissingMandatoryParameter
            | MissingType
            | NoRequiredParameters
            | ParameterConflict
            | DateError => Some(Group::Input),
            MaxLimit | TimeMaxConnect | ApiSuspended => Some(Group::Busy),
            Other(_) => None,
        }
    }
}

/// `{"error":"503","message":"…"}`, sent with HTTP 200; the code as text or number. An answer that
/// is none has neither field, and the inner status 200.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    error: Value,
    #[serde(default)]
    message: Value,
    #[serde(default)]
    status: Value,
}

impl Envelope {
    fn is_refusal(&self) -> bool {
        let is_good = is_absent(&self.status) || self.status == 200 || self.status == "200";
        !is_absent(&self.error) || !is_good
    }

    fn code(&self) -> Option<ErrorCode> {
        match &self.error {
            Value::String(text) => Some(ErrorCode::from(text.trim())),
            Value::Number(number) => Some(ErrorCode::from(&*number.to_string())),
            _ => None,
        }
    }

    fn message(&self) -> Option<String> {
        match &self.message {
            Value::String(text) => Some(text.clone()),
            other => (!is_absent(other)).then(|| other.to_string()),
        }
    }
}

fn is_absent(value: &Value) -> bool {
    match value {
        // Numbers and booleans may arrive as texts.
        Value::String(text) => ["", "0", "false"].contains(&&**text),
        value => value.is_null() || *value == false || *value == 0,
    }
}

/// The usual good answer, told by its look: parsing every answer twice would cost as much again.
fn is_plainly_good(response: &RawResponse) -> bool {
    let text = std::str::from_utf8(response.body()).unwrap_or_default();
    response.status() == StatusCode::OK
        && text.starts_with(r#"{"status":200,"#)
        && !text.contains(r#""error""#)
}

/// The API's own refusal, else what the status says.
pub(crate) fn classify(response: &RawResponse) -> Result<(), Rejection> {
    if is_plainly_good(response) {
        return Ok(());
    }
    // A list is none, though serde would take its items for the fields.
    let opening = response.body().iter().find(|byte| b"{[".contains(byte));
    let is_object = opening == Some(&b'{');
    let envelope: Option<Envelope> =
        is_object.then(|| ruapi_core::decode(response.body()).ok()).flatten();
    let envelope = envelope.filter(Envelope::is_refusal);
    let code = envelope.as_ref().and_then(Envelope::code);
    let message = envelope.as_ref().and_then(Envelope::message);
    let status = by_status(response, envelope.is_some());
    // A gateway may answer `{"error":504,"message":"Gateway Timeout"}`, and the API has a code 504
    // too: beside an HTTP error only the documented words make it the API's.
    let is_own = status.is_ok() || says_documented(&code, &message);
    let mut rejection = match (&code, envelope) {
        (Some(code), Some(_)) if is_own => by_code(code),
        (_, Some(_)) if is_own => unknown(),
        _ => match status {
            Ok(()) => return Ok(()),
            Err(rejection) => rejection,
        },
    };
    rejection.code = code.filter(|_| is_own).map(|code| code.as_str().to_owned());
    rejection.message = message;
    Err(rejection)
}

fn says_documented(code: &Option<ErrorCode>, message: &Option<String>) -> bool {
    let constant = code.as_ref().and_then(ErrorCode::constant);
    constant.zip(message.as_ref()).is_some_and(|(constant, message)| message.contains(constant))
}

fn by_code(code: &ErrorCode) -> Rejection {
    let kind = match code.group() {
        Some(Group::Credential) => Kind::Credential,
        Some(Group::Money) => Kind::Funds,
        Some(Group::Input) => Kind::Input,
        Some(Group::Busy) => Kind::Busy,
        None => return unknown(),
    };
    // An error answer has no price, so it was not billed.
    let mut rejection = Rejection::new(kind);
    match code {
        ErrorCode::MaxLimit => slow_down(&mut rejection),
        ErrorCode::TimeMaxConnect | ErrorCode::ApiSuspended => {
            rejection.repeat = Repeat::WhenTryLater;
        }
        _ => {}
    }
    rejection
}

/// What an undocumented refusal means for the bill, nobody can say.
fn unknown() -> Rejection {
    let mut rejection = Rejection::new(Kind::Refused);
    rejection.maybe_processed = true;
    rejection
}

/// What the HTTP status says, beside an answer that looks like a refusal of the API's or does not.
fn by_status(response: &RawResponse, looks_like_its: bool) -> Result<(), Rejection> {
    classify_by_status(response).map_err(|mut rejection| {
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            slow_down(&mut rejection);
        } else if looks_like_its {
            // The document knows no HTTP errors: if the API sent this one, whether before or after the
            // query was billed, nobody can say.
            rejection.maybe_processed = true;
            rejection.repeat = Repeat::Never;
        }
        rejection
    })
}

fn slow_down(rejection: &mut Rejection) {
    rejection.repeat = Repeat::Always;
    rejection.overloaded = true;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_nineteen_codes_are_typed_and_grouped() {
        assert_eq!(ErrorCode::DOCUMENTED.len(), 19);
        for code in ErrorCode::DOCUMENTED {
            assert_eq!(ErrorCode::from(code.as_str()), *code);
            assert!(code.group().is_some() && code.constant().is_some(), "{code:?}");
        }
        let in_group = |group| {
            let of = |code: &&ErrorCode| code.group() == Some(group);
            let mut codes: Vec<u32> = ErrorCode::DOCUMENTED
                .iter()
                .filter(of)
                .map(|code| code.as_str().parse().unwrap())
                .collect();
            codes.sort_unstable();
            codes
        };
        assert_eq!(in_group(Group::Credential), [2, 3, 5, 123, 499, 502, 503, 504, 602]);
        assert_eq!(in_group(Group::Money), [498]);
        assert_eq!(in_group(Group::Input), [15, 111, 460, 500, 766, 888]);
        assert_eq!(in_group(Group::Busy), [1, 404, 456]);
    }

    fn classified(status: u16, body: &'static str) -> Result<(), Rejection> {
        let (status, now) = (StatusCode::from_u16(status).unwrap(), std::time::UNIX_EPOCH);
        classify(&RawResponse::new(status, Default::default(), body.into(), now))
    }

    #[test]
    fn beside_an_http_error_only_the_apis_own_words_settle_the_bill() {
        use Repeat::{Always, Never, WhenIdempotent, WhenTryLater};
        let html = "<html>Forbidden</html>";
        // status, body, kind, code, may have been processed, repeated
        let table = [
            (
                402,
                r#"{"error":"498","message":"TOKEN_NO_MONEY"}"#,
                Kind::Funds,
                Some("498"),
                false,
                Never,
            ),
            (
                404,
                r#"{"error":404,"message":"TIME_MAX_CONNECT"}"#,
                Kind::Busy,
                Some("404"),
                false,
                WhenTryLater,
            ),
            (
                503,
                r#"{"error":"456","message":"MAX_LIMIT"}"#,
                Kind::Busy,
                Some("456"),
                false,
                Always,
            ),
            (400, r#"{"error":"4711","message":"NEW_ERROR"}"#, Kind::Input, None, true, Never),
            (404, r#"{"error":404,"message":"Not Found"}"#, Kind::NotFound, None, true, Never),
            (402, r#"{"error":"498"}"#, Kind::Funds, None, true, Never),
            (504, r#"{"error":504,"message":"Gateway Timeout"}"#, Kind::Server, None, true, Never),
            (401, html, Kind::Credential, None, false, Never),
            (403, "", Kind::Credential, None, false, Never),
            (404, html, Kind::NotFound, None, false, Never),
            (409, r#"{"status":409}"#, Kind::Refused, None, true, Never),
            (425, html, Kind::Busy, None, false, WhenIdempotent),
            (429, html, Kind::Busy, None, false, Always),
            (
                429,
                r#"{"error":429,"message":"Too Many Requests"}"#,
                Kind::Busy,
                None,
                false,
                Always,
            ),
            (
                200,
                r#"{"error":"4711","message":"NEW_ERROR"}"#,
                Kind::Refused,
                Some("4711"),
                true,
                Never,
            ),
            (200, r#"{"error":"498"}"#, Kind::Funds, Some("498"), false, Never),
        ];
        for (status, body, kind, code, maybe_processed, repeat) in table {
            let found = classified(status, body).unwrap_err();
            let rest = (found.maybe_processed, found.repeat);
            assert_eq!((found.kind, rest), (kind, (maybe_processed, repeat)), "{status} {body}");
            assert_eq!(found.code.as_deref(), code, "{status} {body}");
        }
    }

    #[test]
    fn a_list_is_no_refusal() {
        let classified = |body| classified(200, body);
        let list = r#"["Планов", "said the service"]"#;
        assert!(classified(list).is_ok(), "it is left to the decoder, which shows nothing of it");
        for refusal in [r#" {"error":"498"}"#, "\u{feff}{\"error\":\"498\"}"] {
            assert_eq!(classified(refusal).unwrap_err().code.as_deref(), Some("498"));
        }
    }
}
