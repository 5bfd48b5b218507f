//! Spans carry the names of OpenTelemetry's HTTP client conventions, and no values of the caller's.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use ruapi_core::test_util::{Captured, ManualClock, Replay};
use ruapi_core::transport::{Phase, TransportError};
use ruapi_core::{Api, Credential, Options, Pipeline, Request, RetryPolicy, classify_by_status};
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::test]
async fn each_attempt_is_a_span_with_the_conventions_names() {
    let captured = Captured::default();
    let writer = captured.clone();
    tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();

    let broken = TransportError::new(Phase::Connect, None);
    let transport =
        Replay::new([Err(broken), Ok(Replay::answer(503, "")), Ok(Replay::answer(200, ""))]);
    let api = Api {
        user_agent: "test/1",
        timeout: Duration::from_secs(10),
        deadline: Duration::from_secs(100),
        retry: RetryPolicy::default(),
        max_body: 1000,
        classify: classify_by_status,
    };
    let options =
        Options::new().transport(Arc::new(transport)).clock(Arc::new(ManualClock::auto()));
    let credential = Credential::query_key("key", "planted-key".to_owned().into());
    let base = "https://api.example:8443/v1/";
    let pipeline = Pipeline::new(api, base, credential, options).unwrap();
    let request = Request::new("show", Method::GET, "cars/{id}").path_parameter("id", "А111АА11");
    pipeline.send(&request.unwrap().query("name", "Тестов")).await.unwrap();

    let text = captured.text();
    let spans: Vec<&str> = text.lines().collect();
    assert_eq!(spans.len(), 3, "{text}");
    let common = [
        r#"otel.name=GET cars/{id}"#,
        r#"otel.kind="client""#,
        r#"http.request.method="GET""#,
        r#"url.template="cars/{id}""#,
        r#"server.address="api.example""#,
        "server.port=8443",
        r#"operation="show""#,
    ];
    let own: [&[&str]; 3] = [
        &["error.type=Connect", r#"otel.status_code="ERROR""#],
        &["error.type=Busy", "http.response.status_code=503", "http.request.resend_count=1"],
        &["http.response.status_code=200", "http.request.resend_count=2"],
    ];
    for (span, own) in spans.iter().zip(own) {
        for field in common.iter().chain(own) {
            assert!(span.contains(field), "{field} is not in {span}");
        }
    }
    assert!(!spans[0].contains("resend_count") && !spans[2].contains("error.type"), "{text}");
    for hidden in ["planted-key", "А111АА11", "%D0", "Тестов"] {
        assert!(!text.contains(hidden), "{hidden} is in {text}");
    }
}
