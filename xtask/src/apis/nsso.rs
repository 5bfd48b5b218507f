//! NSSO: the cases of `checkPolicy`.

use std::sync::Arc;

use nsso_client::{Client, ErrorCode, PolicyCheck, Subject, Token, TokenPlacement};
use ruapi_core::test_util::{Exchange, Recorder};
use ruapi_sandbox::{Fault, FaultKind, Nsso, Sandbox};

use super::{Api, Recorded, Source};
use crate::Result;

pub(crate) const API: Api = Api {
    name: "nsso",
    documented: include_str!("../../coverage/nsso.toml"),
    readmes: &["README.md", "README.ru.md", "crates/nsso-client/README.md"],
    record: |source| Box::pin(record(source)),
    harmless_segments: &["nsso.php"],
    harmless_query: &["type", "date", "onlyActual"],
    harmless_fields: &[
        "status",
        "count",
        "result[].policy.PolicyStart",
        "result[].policy.PolicyStop",
        "result[].policy.PolicyCompany",
        "result[].auto[].marka",
        "result[].auto[].model",
        "result[].auto[].seats",
        "result[].auto[].passenger",
        "filters.requestDate",
        "filters.onlyActual",
        "inquiry.price",
        "inquiry.speed",
        "inquiry.attempts",
        "error",
        "message",
    ],
    code_field: "error",
    embedded: &[],
    free_fields: &[],
    decode: |_, body| {
        let check: PolicyCheck = ruapi_core::decode(body)?;
        serde_json::to_value(check).map_err(|error| error.to_string())
    },
    knows_code: |code| ErrorCode::from(code).is_documented(),
};

/// Holds the token of the real service.
const TOKEN_VARIABLE: &str = "RUAPI_NSSO_TOKEN";
const OPERATION: &str = "check_policy";
/// Of the generated fleet: a company's car that tells its seats and passengers.
const COMPANY: &str = "А058АА00";
/// Of the generated fleet: two policies with several cars each.
const SEVERAL: &str = "А008АА00";

/// One query. What is not said is as in the first of the list.
struct Case {
    name: String,
    subject: Asked,
    date: Option<&'static str>,
    only_actual: bool,
    placement: TokenPlacement,
    token: String,
    fault: Option<FaultKind>,
}

enum Asked {
    Plate(String),
    Policy(&'static str),
}

impl Case {
    fn plate(name: &str, plate: &str) -> Self {
        Self {
            name: name.to_owned(),
            subject: Asked::Plate(plate.to_owned()),
            date: None,
            only_actual: true,
            placement: TokenPlacement::Query,
            token: Nsso::TOKEN.to_owned(),
            fault: None,
        }
    }
}

fn cases() -> Vec<Case> {
    let example = |name: &str| Case::plate(name, Nsso::EXAMPLE_PLATE);
    let mut cases = vec![
        example("by_plate"),
        Case { subject: Asked::Policy(Nsso::EXAMPLE_POLICY), ..example("by_policy_number") },
        Case::plate("no_policy", Nsso::EMPTY_PLATE),
        Case { date: Some("15.03.2025"), ..example("on_a_date") },
        Case { only_actual: false, ..Case::plate("several_policies_and_cars", SEVERAL) },
        Case::plate("company", COMPANY),
        Case { placement: TokenPlacement::Header, ..example("token_in_header") },
        Case { fault: Some(html(502)), ..example("html_from_a_proxy") },
        Case { fault: Some(FaultKind::status(503)), ..example("unavailable") },
    ];
    for code in ErrorCode::DOCUMENTED {
        let number = code.as_str().parse().expect("codes are numbers");
        let token = Nsso::error_token(number);
        cases.push(Case { token, ..example(&format!("error_{number}")) });
    }
    cases
}

fn html(status: u16) -> FaultKind {
    FaultKind::Html { status, processed: false }
}

/// A service that is not the recording's own sandbox.
struct Live {
    base_url: String,
    token: String,
}

impl Live {
    /// The real service, with the token from the environment.
    fn new(token: Option<String>) -> Result<Self> {
        let token = token.filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| format!("set {TOKEN_VARIABLE} to the service's token"))?;
        Ok(Self { base_url: nsso_client::PRODUCTION.to_owned(), token })
    }
}

async fn record(source: Source) -> Result<Vec<Recorded>> {
    let live = match source {
        Source::Sandbox => None,
        Source::Live => Some(Live::new(std::env::var(TOKEN_VARIABLE).ok())?),
    };
    record_from(live).await
}

async fn record_from(live: Option<Live>) -> Result<Vec<Recorded>> {
    let sandbox = Sandbox::builder().frozen(true).start().await?;
    let mut recorded = Vec::new();
    for case in cases() {
        sandbox.reset();
        if live.is_some() && !case.is_for_live() {
            continue;
        }
        if let Some(kind) = case.fault.clone() {
            sandbox.inject(Fault::new(kind));
        }
        let (base_url, token) = match &live {
            None => (sandbox.nsso_url(), case.token.clone()),
            Some(live) => (live.base_url.clone(), live.token.clone()),
        };
        let recorder = Arc::new(Recorder::over_http()?);
        let client = Client::builder(Token::new(token)?)
            .base_url(base_url)
            .token_placement(case.placement)
            .options(
                nsso_client::Options::new()
                    .transport(recorder.clone())
                    .retry(nsso_client::RetryPolicy::never()),
            )
            .build()?;
        let subject: Subject = match case.subject {
            Asked::Plate(plate) => plate.parse::<nsso_client::PlateNumber>()?.into(),
            Asked::Policy(number) => number.parse::<nsso_client::PolicyNumber>()?.into(),
        };
        let mut check = client.check(subject).only_actual(case.only_actual);
        if let Some(date) = case.date {
            check = check.date(ruapi_core::wire::dotted_date::parse(date).ok_or("a date")?);
        }
        let answer = check.await;
        for exchange in keep(&case.name, live.is_some(), answer.err(), recorder.take())? {
            recorded.push(Recorded { operation: OPERATION, case: case.name.clone(), exchange });
        }
    }
    Ok(recorded)
}

/// What of a case becomes fixtures. The sandbox's refusals are cases as well; one of the real
/// service says only that the recording failed.
fn keep(
    case: &str,
    live: bool,
    error: Option<nsso_client::Error>,
    exchanges: Vec<Exchange>,
) -> Result<Vec<Exchange>> {
    match error {
        Some(error) if live => Err(format!("{case}: {error}").into()),
        _ if exchanges.is_empty() => Err(format!("{case}: nothing was recorded").into()),
        _ => Ok(exchanges),
    }
}

impl Case {
    /// The real service cannot be made to fail, and asking it costs money.
    fn is_for_live(&self) -> bool {
        self.fault.is_none() && self.token == Nsso::TOKEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(sandbox: &Sandbox, token: &str) -> Option<Live> {
        Some(Live { base_url: sandbox.nsso_url(), token: token.to_owned() })
    }

    #[tokio::test]
    async fn a_live_error_is_no_fixture() {
        let sandbox = Sandbox::start().await.unwrap();
        let good = record_from(live(&sandbox, Nsso::TOKEN)).await.unwrap();
        assert_eq!(good.len(), cases().iter().filter(|case| case.is_for_live()).count());

        let token = "planted0token0planted0token00000";
        let before = sandbox.requests_total();
        let error = record_from(live(&sandbox, token)).await.err().unwrap().to_string();
        assert!(error.contains("by_plate: ") && error.contains("code 503"), "{error}");
        assert!(!error.contains(token));
        assert_eq!(sandbox.requests_total(), before + 1, "one refusal is enough");
    }

    #[test]
    fn a_recording_of_nothing_fails() {
        for live in [true, false] {
            let error = keep("by_plate", live, None, Vec::new()).unwrap_err().to_string();
            assert_eq!(error, "by_plate: nothing was recorded");
        }
    }

    #[test]
    fn a_missing_token_is_asked_for() {
        for token in [None, Some(String::new())] {
            let error = Live::new(token).err().unwrap().to_string();
            assert!(error.contains("set RUAPI_NSSO_TOKEN"), "{error}");
        }
    }
}
