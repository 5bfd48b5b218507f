//! The partner's side of the OSAGO API: whatever is sent, the routes answer in the standard form, and let
//! nobody in who does not show the credential. A line with method and target, headers, an empty line, a body.
#![no_main]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, to_bytes};
use http::{HeaderName, HeaderValue, Request, StatusCode};
use osago_offer::server::{Guard, Partner, Refusal, Routes};
use osago_offer::{
    CalculationRequest, Confirmation, Offer, OfferKey, StandardError,
    calculation::CalculationStarted,
};
use ruapi_core::test_util::ManualClock;
use tower_service::Service;

const TOKEN: &str = "not-a-real-token";

#[derive(Default)]
struct Probe {
    was_called: AtomicBool,
}

impl Partner for Probe {
    async fn offer(&self, key: OfferKey) -> Result<Offer, Refusal> {
        self.was_called.store(true, Ordering::Relaxed);
        Ok(Offer::new(key.offer_id))
    }

    async fn confirm(&self, _: Confirmation, offer: Offer) -> Result<Offer, Refusal> {
        Ok(offer)
    }

    async fn calculate(&self, request: CalculationRequest) -> Result<CalculationStarted, Refusal> {
        self.was_called.store(true, Ordering::Relaxed);
        Ok(CalculationStarted::new(request.request_id))
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some(request) = request(data) else { return };
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(answer(request)));
});

fn request(data: &[u8]) -> Option<Request<Body>> {
    let end = data.windows(2).position(|two| two == b"\n\n")?;
    let (head, body) = (&data[..end], &data[end + 2..]);
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next()?;
    let space = first.iter().position(|byte| *byte == b' ')?;
    let mut request = Request::builder().method(&first[..space]).uri(&first[space + 1..]);
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        request = request.header(name, HeaderValue::from_bytes(&line[colon + 1..]).ok()?);
    }
    request.body(Body::from(body.to_vec())).ok()
}

async fn answer(request: Request<Body>) {
    let shows_token = request
        .headers()
        .values()
        .any(|value| value.as_bytes().windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()));
    let partner = Arc::new(Probe::default());
    let guard = Guard::bearer(TOKEN.into()).expect("a token");
    let routes = Routes::new(partner.clone(), guard).max_body(1 << 14);
    let mut router = routes.clock(Arc::new(ManualClock::new())).router();
    let response = router.call(request).await.expect("routes do not fail");
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body in memory");
    if status == StatusCode::OK {
        assert!(shows_token);
        return;
    }
    assert!(status.is_client_error(), "{status}");
    assert!(shows_token || !partner.was_called.load(Ordering::Relaxed));
    // To HEAD the answer has no body.
    if !body.is_empty() {
        let error: StandardError = serde_json::from_slice(&body).expect("the standard error");
        assert!(error.message.is_some());
    }
}
