//! `ruapi osago check-partner` and the sandbox's partner, which shares nothing with the client.

mod common;
mod osago_partner;

use common::{ruapi, run};
use osago_partner::checking::{deviations, names, not_made};
use ruapi_sandbox::osago::{Access, Act, CalculationEnd, IdForm, PoolForm, Settings};
use ruapi_sandbox::{Fault, FaultKind, Osago, Sandbox};
use serde_json::Value;

/// One with no time to lose.
async fn a_sandbox(change: impl FnOnce(&mut Settings)) -> Sandbox {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    sandbox.osago().change(|settings| {
        (settings.calculation_seconds, settings.draft_seconds) = (0, 0);
        settings.extra_fields = false;
        change(settings);
    });
    sandbox
}

fn check_sandbox(sandbox: &Sandbox, words: &[&str]) -> (Option<i32>, Value) {
    let mut command = ruapi(&["osago", "check-partner", "--base-url", &sandbox.osago_url()]);
    command.args(["--wait-every", "0.01", "--wait-limit", "0.5", "--format", "json"]).args(words);
    let done = run(command.env("RUAPI_OSAGO_TOKEN", Osago::TOKEN));
    (done.code, done.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandboxs_partner_deviates_in_nothing() {
    let forms: [fn(&mut Settings); 4] = [
        |_| {},
        |settings| settings.not_in_pool = PoolForm::Null,
        |settings| settings.not_in_pool = PoolForm::Absent,
        |settings| settings.logos_without_scheme = false,
    ];
    for form in forms {
        let sandbox = a_sandbox(form).await;
        let (code, found) = check_sandbox(&sandbox, &["--confirm"]);
        assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
        assert_eq!(not_made(&found), names(&["policy.document"]), "{found}");
        assert_eq!(sandbox.osago().counts().confirmations, 1);
    }

    // The one of the document, paid.
    let sandbox = a_sandbox(|_| {}).await;
    let (request, offer) = (Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER);
    let example = ["--request-id", request, "--offer-id", offer];
    let (code, found) = check_sandbox(&sandbox, &[&example[..], &["--confirm"]].concat());
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    sandbox.clock().advance(chrono::TimeDelta::seconds(5));
    sandbox.osago().act(request, offer, Act::Pay);
    sandbox.clock().advance(chrono::TimeDelta::seconds(5));
    let (code, found) = check_sandbox(&sandbox, &example);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    assert!(!not_made(&found).contains("policy.document"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandboxs_other_forms_are_told() {
    let sandbox = a_sandbox(|settings| settings.extra_fields = true).await;
    let (code, found) = check_sandbox(&sandbox, &[]);
    let notes = names(&["calculation.undocumented", "offer.undocumented"]);
    assert_eq!((code, deviations(&found)), (Some(0), notes));
    type Case = (fn(&mut Settings), &'static [&'static str], i32);
    let cases: [Case; 6] = [
        (
            |settings| settings.prices_as_text = true,
            &[
                "calculation.offers[].price",
                "calculation.offers[].upsales[].options[].price",
                "offer.price",
                "offer.upsales[].options[].price",
            ],
            8,
        ),
        (
            |settings| settings.option_ids = IdForm::String,
            &["calculation.offers[].upsales[].options[].id", "offer.upsales[].options[].id"],
            8,
        ),
        (|settings| settings.calculation_end = CalculationEnd::Never, &["calculation.time"], 8),
        (|settings| settings.calculation_end = CalculationEnd::None, &[], 4),
        (|settings| settings.calculation_end = CalculationEnd::Error, &[], 4),
        (
            |settings| settings.access = Access::Everybody,
            &[
                "calculate.wrong_credential",
                "calculate.no_credential",
                "calculation.wrong_credential",
                "calculation.no_credential",
                "status.wrong_credential",
                "status.no_credential",
                "offer.wrong_credential",
                "offer.no_credential",
                "confirm.wrong_credential",
                "confirm.no_credential",
                "draft.wrong_credential",
                "draft.no_credential",
                "policy.wrong_credential",
                "policy.no_credential",
            ],
            8,
        ),
    ];
    for (form, expected, code) in cases {
        let sandbox = a_sandbox(form).await;
        let (ended, found) = check_sandbox(&sandbox, &[]);
        assert_eq!((ended, deviations(&found)), (Some(code), names(expected)), "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_at_their_worst_get_a_report_as_well() {
    let status = |status| FaultKind::Status {
        status,
        retry_after: Some("600".to_owned()),
        body: "<html>".to_owned(),
        content_type: "text/html".to_owned(),
        processed: true,
    };
    let location = "http://127.0.0.1:1/".to_owned();
    for kind in [
        status(500),
        status(503),
        status(204),
        FaultKind::ApiError { code: "500".to_owned(), message: Some("SQLSTATE[42000]".to_owned()) },
        FaultKind::Stall { processed: true },
        FaultKind::Cut { processed: true, after_bytes: 0, reset: true },
        FaultKind::Cut { processed: true, after_bytes: 150, reset: false },
        FaultKind::Truncate { bytes: 30 },
        FaultKind::Garbage { processed: true },
        FaultKind::Html { status: 200, processed: true },
        FaultKind::Oversized { bytes: 40 << 20, declared: false, processed: true },
        FaultKind::Deep { depth: 100_000, processed: true },
        FaultKind::Redirect { status: 302, location, processed: true },
    ] {
        let sandbox = a_sandbox(|_| {}).await;
        sandbox.inject(Fault::new(kind.clone()));
        let words = ["--only", "calculate,offer,unknown", "--timeout", "0.3"];
        let (code, found) = check_sandbox(&sandbox, &words);
        assert_eq!(code, Some(8), "{kind:?}: {found}");
        let of_unknown = deviations(&found).into_iter().any(|one| one.starts_with("unknown."));
        assert!(of_unknown, "{kind:?}: {found}");
        // It ends, and then one can ask again.
        sandbox.clear_faults();
        let (code, found) = check_sandbox(&sandbox, &words[..2]);
        assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{kind:?}: {found}");
    }
}
