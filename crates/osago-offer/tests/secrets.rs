//! Planted secrets and people must not be found in anything that is shown, on either side.
#![cfg(feature = "server")]

mod common;
mod serving;

use std::sync::Arc;

use bytes::Bytes;
use common::{return_urls, sibling};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use osago_offer::calculation::CalculationStarted;
use osago_offer::server::{Guard, Partner, Refusal, Routes};
use osago_offer::test_util::{Captured, ManualClock, Planted, everything_shown};
use osago_offer::transport::{HttpRequest, HttpResponse, Phase, Transport, TransportError};
use osago_offer::{
    BoxFuture, Calculation, CalculationRequest, CalculationState, Call, Client, Confirmation,
    Credential, Draft, Error, Offer, OfferKey, Operation, Options, Policy, RequestId, RetryPolicy,
    StandardError,
};
use serde_json::{Value, json};
use serving::Server;
use tracing_subscriber::fmt::format::FmtSpan;

const TOKEN: &str = "planted-token-5e1f0a9b";
const SURNAME: &str = "Плантов";
const STREET: &str = "Плантовая";
const PLATE: &str = "х777км196";
const VIN: &str = "XTAPLANTED0000001";
const LICENSE: &str = "7788990011";
const PASSPORT: &str = "4455667788";
const PHONE: &str = "79997776655";
const EMAIL: &str = "planted.person@secret.example";
const BIRTH: &str = "1977-07-17";
const POLICY: &str = "0177777777";
const LINK: &str = "planted-link-81c2";

fn planted() -> Vec<(&'static str, Planted)> {
    [
        ("token", TOKEN),
        ("surname", SURNAME),
        ("street", STREET),
        ("plate", PLATE),
        ("VIN", VIN),
        ("licence", LICENSE),
        ("passport", PASSPORT),
        ("phone", PHONE),
        ("e-mail", EMAIL),
        ("birth", BIRTH),
        ("policy", POLICY),
        ("link", LINK),
    ]
    .map(|(name, value)| (name, Planted::new(value)))
    .into()
}

/// The sample's request with planted people in it.
fn request() -> CalculationRequest {
    let mut request = sibling("calculation_request");
    let person = json!({
        "last_name": SURNAME, "first_name": SURNAME, "middle_name": SURNAME, "birth_date": BIRTH,
        "license": {"series": LICENSE, "number": LICENSE, "date": BIRTH},
        "foreign_license": {"series": LICENSE, "number": LICENSE, "date": BIRTH},
        "previous_license": {
            "last_name": SURNAME, "first_name": SURNAME, "middle_name": SURNAME,
            "license": {"number": LICENSE}
        },
        "passport": {
            "series": PASSPORT, "number": PASSPORT, "issue_date": BIRTH, "issuer": SURNAME,
            "subdivision": PASSPORT
        },
        "addresses": [{
            "type": "residence", "address": STREET, "region_name": STREET, "district_name": STREET,
            "city_name": STREET, "settlement_name": STREET, "street_name": STREET, "house": STREET,
            "building": STREET, "block": STREET, "apartment": STREET, "kladr": STREET
        }],
        "contact": {"phone": PHONE, "email": EMAIL},
        "new": SURNAME,
    });
    request["owner"] = person.clone();
    request["insurer"] = person.clone();
    request["drivers_info"]["drivers"] = json!([person]);
    request["partner"] = json!({"contact": EMAIL});
    request["new"] = json!(SURNAME);
    request["vehicle"]["car_number"] = json!(PLATE);
    request["vehicle"]["vin"] = json!(VIN);
    request["vehicle"]["body_number"] = json!(VIN);
    request["vehicle"]["chassis_number"] = json!(VIN);
    request["vehicle"]["car_documents"] = json!([{"series": PASSPORT, "number": PASSPORT}]);
    serde_json::from_value(request).unwrap()
}

/// What every operation takes for its answer.
fn good() -> Value {
    let url = format!("https://partner.ru/{LINK}");
    json!({
        "request_id": common::REQUEST, "offer_id": "1", "status": "success", "url": url,
        "file": {"type": "base64", "data": format!("data:application/pdf;base64,{LINK}")},
        "draft_url": url, "payment_url": url, "policy_number": POLICY, "message": SURNAME,
        "drivers": [{"series": LICENSE, "number": LICENSE}], "new": {"name": SURNAME},
    })
}

/// Everything an error shows, its causes included.
fn everything(error: &Error) -> String {
    format!("{} {:?}", everything_shown(error), StandardError::of(error))
}

/// One way in which a call may end.
#[derive(Clone, Copy, Debug)]
enum End {
    Good,
    Refused(u16),
    Html,
    Malformed,
    Interrupted,
}

const ENDS: [End; 8] = [
    End::Good,
    End::Refused(400),
    End::Refused(403),
    End::Refused(404),
    End::Refused(500),
    End::Html,
    End::Malformed,
    End::Interrupted,
];

/// A partner that repeats in its words whatever it was sent.
#[derive(Debug)]
struct Echo(End);

impl Transport for Echo {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move { self.answer(&request) })
    }
}

impl Echo {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let url = percent_encoding::percent_decode_str(&request.url).decode_utf8_lossy();
        let credential = ["authorization", "x-api-key"].map(|name| request.headers.get(name));
        let credential = credential.into_iter().flatten().map(|value| value.to_str().unwrap());
        let credential: String = credential.collect();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let words = format!("{url} {} {credential} {body}", request.url);
        let refused = json!({
            "request_id": common::REQUEST, "message": words,
            "properties": [{"property": "vehicle", "message": words}], "new": words,
        });
        let (status, body) = match self.0 {
            End::Good => (200, good().to_string()),
            End::Refused(status) => (status, refused.to_string()),
            End::Html => (200, format!("<html>{words}</html>")),
            End::Malformed => {
                (200, json!({"request_id": [words], "offer_id": {"a": words}}).to_string())
            }
            End::Interrupted => return Err(TransportError::new(Phase::Interrupted, None)),
        };
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", HeaderValue::from_static(TOKEN));
        let status = StatusCode::from_u16(status).unwrap();
        Ok(HttpResponse::new(status, headers, Bytes::from(body).into()))
    }
}

fn client(end: End, credential: Credential) -> Client {
    let options = Options::new()
        .transport(Arc::new(Echo(end)))
        .clock(Arc::new(ManualClock::auto()))
        .retry(RetryPolicy::default().attempts(2));
    Client::builder("http://127.0.0.1/", credential).options(options).build().unwrap()
}

/// All that a call shows, before it is sent and after.
async fn shown<O: Operation>(call: Call<O>) -> String
where
    O::Answer: std::fmt::Debug,
{
    let mut text = format!("{call:?} {:?}", call.request());
    match call.await {
        Ok(answer) => text += &format!("{answer:?} {answer:#?}"),
        Err(error) => text += &everything(&error),
    }
    text
}

/// A partner that knows people, and fails with what it knows.
struct Knowing;

impl Partner for Knowing {
    async fn offer(&self, key: OfferKey) -> Result<Offer, Refusal> {
        match key.offer_id.as_str() {
            "1" => Ok(serde_json::from_value(good())?),
            _ => Err(Refusal::internal(format!("{SURNAME} {TOKEN} {VIN}"))),
        }
    }

    async fn confirm(&self, _: Confirmation, offer: Offer) -> Result<Offer, Refusal> {
        Ok(offer)
    }

    async fn calculate(&self, request: CalculationRequest) -> Result<CalculationStarted, Refusal> {
        Ok(CalculationStarted::new(request.request_id))
    }
}

/// What both sides show of a server's work.
async fn served() -> String {
    let guard = Guard::bearer(TOKEN.into()).unwrap();
    let mut text = format!("{guard:?}");
    let routes = Routes::new(Arc::new(Knowing), guard);
    text += &format!("{routes:?}");
    let server = Server::of(routes).await;
    let client = server.client_with(Credential::bearer(TOKEN.into()).unwrap(), Options::new());
    for offer in ["1", "2"] {
        let key = OfferKey::new(common::REQUEST, offer);
        text += &shown(client.offer(&key)).await;
        text += &shown(client.confirm_unseen(&key, return_urls())).await;
        text += &shown(client.draft(&key)).await;
    }
    text += &shown(client.calculate(request())).await;
    let mut wrong = request();
    wrong.vehicle.as_mut().unwrap().extra = serde_json::from_value(json!({"x": VIN})).unwrap();
    let mut body = serde_json::to_value(&wrong).unwrap();
    body["owner"]["birth_date"] = json!(SURNAME);
    body["vehicle"]["year"] = json!(PLATE);
    let answer = server
        .ask(
            "POST /osago/calculate",
            &[("content-type", "application/json"), ("authorization", &format!("Bearer {TOKEN}"))],
            &body.to_string(),
        )
        .await;
    answer.standard(400);
    text + &answer.text
}

#[tokio::test]
async fn nothing_planted_is_shown_anywhere() {
    let captured = Captured::default();
    let writer = captured.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();
    let credentials = || {
        let name = HeaderName::from_static("x-api-key");
        [
            Credential::bearer(TOKEN.into()).unwrap(),
            Credential::header_key(name, TOKEN.into()).unwrap(),
        ]
    };
    let (id, key) = (RequestId::from(common::REQUEST), OfferKey::new(common::REQUEST, "1"));
    let mut texts: Vec<(String, String)> = Vec::new();
    for end in ENDS {
        for credential in credentials() {
            let c = client(end, credential);
            let wait = match c.calculate(request()).wait().await {
                Ok(calculation) => format!("{calculation:?}"),
                Err(error) => everything(&error),
            };
            let shown = [
                ("calculate", shown(c.calculate(request())).await),
                ("wait", wait),
                ("calculation", shown(c.calculation(&id)).await),
                ("calculation_status", shown(c.calculation_status(&id)).await),
                ("offer", shown(c.offer(&key)).await),
                ("confirm", shown(c.confirm_unseen(&key, return_urls())).await),
                ("draft", shown(c.draft(&key)).await),
                ("policy", shown(c.policy(&key)).await),
                ("the client", format!("{c:?} {:?}", c.draft(&key).wait())),
            ];
            texts.extend(shown.map(|(name, text)| (format!("{name} after {end:?}"), text)));
        }
    }
    let models = (
        request(),
        serde_json::from_value::<Offer>(good()).unwrap(),
        serde_json::from_value::<Calculation>(good()).unwrap(),
        serde_json::from_value::<CalculationState>(good()).unwrap(),
        serde_json::from_value::<Draft>(good()).unwrap(),
        serde_json::from_value::<Policy>(good()).unwrap(),
    );
    texts.push(("the models".to_owned(), format!("{models:?}")));
    texts.push(("the server".to_owned(), served().await));
    texts.push(("the log".to_owned(), captured.text()));
    assert_eq!(texts.len(), ENDS.len() * 2 * 9 + 3);
    let log = &texts.last().unwrap().1;
    assert!(log.contains("http.client") && log.contains("the partner failed inside"));
    for (place, text) in &texts {
        for (name, planted) in planted() {
            planted.assert_absent(&format!("{place} ({name})"), text);
        }
    }
}
