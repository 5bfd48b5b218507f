//! NSSO: the cases of `checkPolicy`.

use std::sync::Arc;

use nsso_client::{Client, ErrorCode, PolicyCheck, Subject, Token, TokenPlacement};
use ruapi_core::test_util::Recorder;
use ruapi_sandbox::{Fault, FaultKind, Nsso, Sandbox};

use super::{Api, Recorded, Source};
use crate::Result;

pub(crate) const API: Api = Api {
    name: "nsso",
    documented: include_str!("../../coverage/nsso.toml"),
    readmes: &["README.md", "crates/nsso-client/README.md"],
    record: |source| Box::pin(record(source)),
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
    decode: |_, body| {
        let check: PolicyCheck = ruapi_core::decode(body)?;
        serde_json::to_value(check).map_err(|error| error.to_string())
    },
    knows_code: |code| ErrorCode::from(code).is_documented(),
};

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

async fn record(source: Source) -> Result<Vec<Recorded>> {
    let sandbox = Sandbox::builder().frozen(true).start().await?;
    let mut recorded = Vec::new();
    for case in cases() {
        sandbox.reset();
        if source == Source::Live && !case.is_for_live() {
            continue;
        }
        if let Some(kind) = case.fault.clone() {
            sandbox.inject(Fault::new(kind));
        }
        let (base_url, token) = match source {
            Source::Sandbox => (sandbox.nsso_url(), case.token.clone()),
            Source::Live => {
                (nsso_client::PRODUCTION.to_owned(), std::env::var("RUAPI_NSSO_TOKEN")?)
            }
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
        // Refusals are cases as well.
        let _ = check.await;
        for exchange in recorder.take() {
            recorded.push(Recorded { operation: OPERATION, case: case.name.clone(), exchange });
        }
    }
    Ok(recorded)
}

impl Case {
    /// The real service cannot be made to fail, and asking it costs money.
    fn is_for_live(&self) -> bool {
        self.fault.is_none() && self.token == Nsso::TOKEN
    }
}
