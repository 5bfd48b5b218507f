//! A planted token, plate and people must not be found in anything that is shown or kept.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use nsso_client::test_util::{Captured, Planted, RecordedResponse, Replay, everything_shown};
use nsso_client::{Client, Options, PlateNumber, PolicyNumber, RetryPolicy, Token, TokenPlacement};
use ruapi_sandbox::{Fault, FaultKind, Sandbox};
use serde_json::json;
use tracing_subscriber::fmt::format::FmtSpan;

const TOKEN: &str = "planted-token-5e1f0a9b7c3d2e4f6a";
const PLATE: &str = "Х777КМ196";
const POLICY: &str = "PLANTED7071727374";
const HOLDER: &str = "Планов Пётр Плантович";
const INN: &str = "777755553333";

fn planted() -> Vec<(&'static str, Planted)> {
    let values =
        [("token", TOKEN), ("plate", PLATE), ("policy", POLICY), ("name", HOLDER), ("INN", INN)];
    values.map(|(name, value)| (name, Planted::new(value))).into()
}

/// Keeps all that the program says from now on, from TRACE on, spans and the `log` crate included.
fn capture() -> Captured {
    let captured = Captured::default();
    let writer = captured.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();
    captured
}

/// `sent` is the subject that a service may repeat in its message.
fn faults(sent: &str) -> Vec<FaultKind> {
    use FaultKind::*;
    let mut faults: Vec<FaultKind> = nsso_client::ErrorCode::DOCUMENTED
        .iter()
        .map(|code| ApiError {
            code: code.as_str().to_owned(),
            message: Some(format!("{sent} is not for {TOKEN}")),
        })
        .collect();
    faults.extend([
        FaultKind::status(500),
        FaultKind::status(401),
        Html { status: 200, processed: true },
        Garbage { processed: true },
        Truncate { bytes: 100 },
        Deep { depth: 100, processed: true },
        Oversized { bytes: 9 << 20, declared: true, processed: true },
        Redirect {
            status: 302,
            location: format!("https://other.example/?token={TOKEN}"),
            processed: true,
        },
        Cut { processed: true, after_bytes: 0, reset: true },
        Cut { processed: true, after_bytes: 150, reset: false },
    ]);
    faults
}

#[tokio::test]
async fn nothing_planted_is_shown_anywhere() {
    let captured = capture();
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.nsso().add_token(TOKEN);
    let plate: PlateNumber = PLATE.parse().unwrap();
    let policy: PolicyNumber = POLICY.parse().unwrap();
    let mut shown = Vec::new();
    let mut show = |place: String, text: String| shown.push((place, text));

    for placement in [TokenPlacement::Query, TokenPlacement::Header] {
        let token = Token::new(TOKEN).unwrap();
        show("debug of the token".into(), format!("{token:?}"));
        let builder = Client::builder(token)
            .base_url(sandbox.nsso_url())
            .token_placement(placement)
            .options(Options::new().retry(RetryPolicy::never()));
        show("debug of the builder".into(), format!("{builder:?}"));
        let client = builder.build().unwrap();
        show("debug of the client".into(), format!("{client:?}"));
        show("debug of a bulk".into(), format!("{:?}", client.bulk::<(), _>(stream::empty())));
        for (check, sent) in [(client.check(&plate), PLATE), (client.check(&policy), POLICY)] {
            show("debug of an operation".into(), format!("{check:?} {:#?}", check.request()));
            show("debug of an answer".into(), format!("{:?}", check.clone().await.unwrap()));
            for fault in faults(sent) {
                let place = format!("error after {}", fault.name());
                sandbox.inject(Fault::new(fault).times(1));
                let error = check.clone().await.expect_err(&place);
                show(place, everything_shown(&error));
            }
        }
        for fault in faults(PLATE) {
            let place = format!("row after {}", fault.name());
            sandbox.clear_faults();
            sandbox.inject(Fault::new(fault));
            let inputs = stream::iter([(0, plate.clone().into()), (1, plate.clone().into())]);
            let rows: Vec<_> = client.bulk(inputs).parallel(1).collect().await;
            show(place, format!("{rows:?}"));
        }
        sandbox.clear_faults();
        // Nobody listens on port 1.
        for base in ["http://127.0.0.1:1/", "http://localhost:1/"] {
            let token = Token::new(TOKEN).unwrap();
            let client = Client::builder(token).token_placement(placement).base_url(base);
            let client =
                client.options(Options::new().retry(RetryPolicy::never())).build().unwrap();
            let error = client.check(&plate).await.unwrap_err();
            show(format!("error at {base}"), everything_shown(&error));
        }
    }

    // A model full of people, and one that cannot be decoded because of them.
    let person = json!({"PolicyNumber": POLICY, "PolicyHolder": HOLDER, "PolicyHolderINN": INN,
        "PolicyStart": "01.09.2024", "note": HOLDER, INN: "new"});
    let car = json!({"gosNumber": PLATE, "owner": {"name": HOLDER}});
    let whole = json!({"status": 200, "count": 1, "filters": {}, "inquiry": {},
        "result": [{"policy": person, "auto": [car]}]});
    let mut wrong = vec![whole.clone()];
    for place in
        ["/count", "/result", "/result/0/policy", "/result/0/policy/PolicyStart", "/inquiry"]
    {
        let mut body = whole.clone();
        *body.pointer_mut(place).unwrap() = json!(HOLDER);
        wrong.push(body);
    }
    for body in wrong {
        let mut answer = RecordedResponse::default();
        answer.status = 200;
        answer.body = body;
        let options = Options::new().transport(Arc::new(Replay::new([Ok(answer)])));
        let token = Token::new(TOKEN).unwrap();
        let client = Client::builder(token).options(options).build().unwrap();
        let debug = match client.check(&plate).await {
            Ok(check) => format!("{check:?}"),
            Err(error) => everything_shown(&error),
        };
        show("a model with people in it".into(), debug);
    }

    for input in ["Х777КМ1", "Х777КМ1966", "Q777КМ196"] {
        let error = input.parse::<PlateNumber>().unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("777"), "{text}");
    }
    let short = TOKEN[..31].to_owned();
    let error = Token::new(short.clone()).unwrap_err();
    Planted::new(&short).assert_absent("the error of a short token", &format!("{error} {error:?}"));

    show("the sandbox's request log".into(), format!("{:?}", sandbox.requests()));
    let log = captured.text();
    assert!(log.contains("http.client") && log.contains("nsso.php"), "the spans were captured");
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "the lower levels were captured");
    show("spans and events".into(), log);
    for (place, text) in &shown {
        for (name, planted) in planted() {
            planted.assert_absent(&format!("{place} ({name})"), text);
        }
    }
    assert!(shown.len() > 150, "{} places searched", shown.len());
}
