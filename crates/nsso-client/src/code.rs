//! The API's error codes, and what a caller can do about each.

use ruapi_core::{Error, Kind, RawResponse, Rejection, Repeat, classify_by_status, wire};
use serde::Deserialize;

ruapi_core::open_enum! {
    /// A code (`error`) of the document's table, with its constant and its meaning.
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

/// `{"error":"503","message":"…"}`, sent with HTTP 200 as well; the code as text or number.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default, with = "wire")]
    error: Option<ErrorCode>,
    #[serde(default, with = "wire")]
    message: Option<String>,
}

/// The error envelope first, whatever the status; then the status.
pub(crate) fn classify(response: &RawResponse) -> Result<(), Rejection> {
    let envelope: Option<Envelope> = serde_json::from_slice(response.body()).ok();
    let Some((code, message)) = envelope.and_then(|e| Some((e.error?, e.message))) else {
        return classify_by_status(response);
    };
    let kind = match code.group() {
        Some(Group::Credential) => Kind::Credential,
        Some(Group::Money) => Kind::Funds,
        Some(Group::Input) => Kind::Input,
        Some(Group::Busy) => Kind::Busy,
        None => Kind::Refused,
    };
    let repeat = match code {
        ErrorCode::MaxLimit => Repeat::Always,
        ErrorCode::TimeMaxConnect | ErrorCode::ApiSuspended => Repeat::WhenTryLater,
        _ => Repeat::Never,
    };
    let mut rejection = Rejection::new(kind);
    rejection.repeat = repeat;
    rejection.overloaded = code == ErrorCode::MaxLimit;
    // An error answer has no price, so it was not billed; of an unknown code nobody can say.
    rejection.maybe_processed = !code.is_documented();
    rejection.code = Some(code.as_str().to_owned());
    rejection.message = message;
    Err(rejection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_nineteen_codes_are_typed_and_grouped() {
        assert_eq!(ErrorCode::DOCUMENTED.len(), 19);
        for code in ErrorCode::DOCUMENTED {
            assert_eq!(ErrorCode::from(code.as_str()), *code);
            assert!(code.group().is_some(), "{code:?}");
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
        assert_eq!(
            in_group(Group::Credential),
            [2, 3, 5, 123, 499, 502, 503, 504, 602]
        );
        assert_eq!(in_group(Group::Money), [498]);
        assert_eq!(in_group(Group::Input), [15, 111, 460, 500, 766, 888]);
        assert_eq!(in_group(Group::Busy), [1, 404, 456]);
    }
}
