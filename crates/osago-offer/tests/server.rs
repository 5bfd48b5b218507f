//! What a server must stand: each ends in the standard error with the right code, and shows nothing of
//! the inside.
#![cfg(feature = "server")]

mod common;
mod serving;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{confirm_request, key, return_urls, sibling};
use http::HeaderName;
use osago_offer::offer::OfferId;
use osago_offer::server::{Guard, Partner, Refusal, Routes};
use osago_offer::test_util::ManualClock;
use osago_offer::{
    Calculation, Client, Confirmation, Credential, Kind, Offer, OfferKey, Options, RequestId,
    RetryPolicy,
};
use serde_json::json;
use serving::{Answer, Server, TOKEN};
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;

const INSIDE: &str = "planted: the password of the database";

/// Counts what reaches it; fails where it is asked to.
#[derive(Default)]
struct Probe {
    calls: AtomicUsize,
    began: Notify,
    go_on: Notify,
    ended: Notify,
}

impl Partner for Probe {
    async fn offer(&self, key: OfferKey) -> Result<Offer, Refusal> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match key.offer_id.as_str() {
            "panic" => panic!("{INSIDE}"),
            "error" => Err(std::io::Error::other(INSIDE))?,
            "text" => Err(Refusal::internal(INSIDE)),
            _ => Ok(Offer::new(key.offer_id)),
        }
    }

    async fn confirm(&self, _: Confirmation, offer: Offer) -> Result<Offer, Refusal> {
        if offer.offer_id == OfferId::from("slow") {
            self.began.notify_one();
            self.go_on.notified().await;
            self.ended.notify_one();
        }
        Ok(offer)
    }

    async fn calculation(&self, _: RequestId) -> Result<Calculation, Refusal> {
        panic!("{INSIDE}")
    }
}

const JSON: (&str, &str) = ("content-type", "application/json");
const QUERY: &str = "request_id=550e8400-e29b-41d4-a716-446655440000&offer_id=1";

async fn probe() -> (Arc<Probe>, Server) {
    let probe = Arc::new(Probe::default());
    let guard = Guard::bearer(TOKEN.into()).unwrap();
    let server = Server::of(Routes::new(probe.clone(), guard).max_body(2000)).await;
    (probe, server)
}

#[tokio::test]
async fn a_wrong_credential_is_403_everywhere() {
    let (probe, server) = probe().await;
    let body = confirm_request().to_string();
    for wrong in ["", "Bearer ", "Bearer not-a-real-toke", "Basic not-a-real-token", "Bearer \u{1}"]
    {
        for (head, body) in [
            (format!("GET /osago/offer?{QUERY}"), ""),
            ("POST /osago/offer".to_owned(), body.as_str()),
            ("POST /osago/offer".to_owned(), "{"),
            ("GET /osago/calculate".to_owned(), ""),
            ("GET /osago/calculate/status".to_owned(), ""),
            ("GET /osago/offer/draft".to_owned(), ""),
            ("GET /osago/offer/policy".to_owned(), ""),
            ("GET /nothing".to_owned(), ""),
            ("DELETE /osago/offer".to_owned(), ""),
        ] {
            let answer = server.ask(&head, &[JSON, ("authorization", wrong)], body).await;
            // hyper itself refuses a control character in a header.
            if answer.status == 400 && wrong.contains('\u{1}') {
                continue;
            }
            let error = answer.standard(403);
            assert_eq!(error["request_id"], json!(null));
            assert!(!answer.text.contains("real"), "{answer:?}");
        }
    }
    assert_eq!(probe.calls.load(Ordering::SeqCst), 0);
    let error =
        server.client_with(Credential::none(), Options::new()).offer(&key()).await.unwrap_err();
    assert!(error.is_credential() && !error.maybe_processed());
}

#[tokio::test]
async fn any_credential_is_let_in_that_was_agreed_on() {
    let name = HeaderName::from_static("x-api-key");
    let guard = Guard::header(name.clone(), "not-a-real-key".into()).unwrap();
    let guard = guard.or(Guard::bearer(TOKEN.into()).unwrap());
    let server = Server::of(Routes::new(Arc::new(Probe::default()), guard)).await;
    for credential in [
        Credential::header_key(name, "not-a-real-key".into()).unwrap(),
        Credential::bearer(TOKEN.into()).unwrap(),
    ] {
        server.client_with(credential, Options::new()).offer(&key()).await.unwrap();
    }
    let open = Server::of(Routes::new(Arc::new(Probe::default()), Guard::none())).await;
    open.client_with(Credential::none(), Options::new()).offer(&key()).await.unwrap();
}

#[tokio::test]
async fn unknown_operations_and_methods_are_told_apart() {
    let (probe, server) = probe().await;
    for path in [
        "/",
        "/osago",
        "/osago/",
        "/osago/offer/",
        "/osago/Offer",
        "/osago/offer/x",
        "/%00",
        "/../osago",
    ] {
        for method in ["GET", "POST", "BREW"] {
            server.ask(&format!("{method} {path}"), &[JSON], "{}").await.standard(404);
        }
    }
    for (path, allowed) in [
        ("/osago/offer", "get,head,post"),
        ("/osago/calculate", "get,head,post"),
        ("/osago/calculate/status", "get,head"),
        ("/osago/offer/draft", "get,head"),
        ("/osago/offer/policy", "get,head"),
    ] {
        for method in ["DELETE", "PUT", "BREW"] {
            let answer = server.ask(&format!("{method} {path}"), &[JSON], "{}").await;
            answer.standard(405);
            assert!(answer.head.contains(&format!("allow: {allowed}\r\n")), "{answer:?}");
        }
    }
    server.ask("POST /osago/offer/policy", &[JSON], "{}").await.standard(405);
    assert_eq!(probe.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_wrong_query_names_the_property() {
    let (probe, server) = probe().await;
    let good = common::REQUEST;
    for (query, property) in [
        (String::new(), "request_id"),
        ("?request_id=7&offer_id=1".to_owned(), "request_id"),
        (format!("?request_id={good}0&offer_id=1"), "request_id"),
        (format!("?request_id={good}&request_id={good}&offer_id=1"), "request_id"),
        ("?request_id=%ff&offer_id=1".to_owned(), "request_id"),
        (format!("?request_id={good}"), "offer_id"),
        (format!("?request_id={good}&offer_id="), "offer_id"),
        (format!("?request_id={good}&offer_id=%00"), "offer_id"),
        (format!("?request_id={good}&offer_id=1&offer_id=2"), "offer_id"),
    ] {
        let offer = ["", "/draft", "/policy"].map(|path| format!("/osago/offer{path}"));
        let calculation = ["", "/status"].map(|path| format!("/osago/calculate{path}"));
        let of_both = if property == "request_id" { &calculation[..] } else { &[] };
        for path in offer.iter().chain(of_both) {
            let error = server.ask(&format!("GET {path}{query}"), &[], "").await.standard(400);
            assert_eq!(error["properties"][0]["property"], property, "{path}{query}");
            let known = property == "offer_id";
            assert_eq!(
                error["request_id"],
                if known { json!(good) } else { json!(null) },
                "{query}"
            );
        }
    }
    assert_eq!(probe.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_wrong_body_names_the_property() {
    let (probe, server) = probe().await;
    let changed = |pointer: &str, value| {
        let mut body = confirm_request();
        *body.pointer_mut(pointer).unwrap() = value;
        body.to_string()
    };
    let cases = [
        (changed("/request_id", json!("7")), "request_id", false),
        (changed("/request_id", json!(null)), "request_id", false),
        (changed("/offer_id", json!({"Тестов": 1})), "offer_id", true),
        (changed("/offer_id", json!("\u{1}")), "offer_id", true),
        (changed("/return_urls", json!(null)), "return_urls.success_url", true),
        (changed("/return_urls/success_url", json!("Тестов")), "return_urls.success_url", true),
        (changed("/return_urls/failure_url", json!("//x.ru")), "return_urls.failure_url", true),
        (changed("/upsales", json!("Тестов")), "upsales", true),
        (changed("/upsales/0", json!({})), "upsales[0].upsale_id", true),
        (changed("/upsales/0/option_id", json!(["Тестов"])), "upsales[0].option_id", true),
        ("{}".to_owned(), "request_id", false),
    ];
    for (body, property, is_known) in cases {
        let answer = server.ask("POST /osago/offer", &[JSON], &body).await;
        let error = answer.standard(400);
        assert_eq!(error["properties"][0]["property"], property, "{body}");
        assert_eq!(error["request_id"].is_string(), is_known, "{body}");
        assert!(!answer.text.contains("Тестов"), "{answer:?}");
    }
    let mut many = confirm_request();
    many["upsales"] = json!(vec![json!({"upsale_id": 1, "option_id": 1}); 101]);
    let crowded = Server::start(Probe::default()).await;
    let answer = crowded.ask("POST /osago/offer", &[JSON], &many.to_string()).await;
    let problem = json!([{"property": "upsales", "message": "are too many"}]);
    assert_eq!(answer.standard(400)["properties"], problem);
    let deep = format!(r#"{{"new":{}{}}}"#, "[".repeat(900), "]".repeat(900));
    for body in ["", "{", "[]", "null", "7", "\"x\"", "<html>", r#"{"a":1}{"b":2}"#, &deep] {
        server.ask("POST /osago/offer", &[JSON], body).await.standard(400);
        server.ask("POST /osago/calculate", &[JSON], body).await.standard(400);
    }
    let mut body = sibling("calculation_request");
    for field in ["passport", "addresses", "contact"] {
        body["owner"].as_object_mut().unwrap().remove(field);
    }
    body["vehicle"] = json!({"car_number": "А111АА11"});
    body["policy_start_date"] = json!("2026-12-01");
    let answer = server.ask("POST /osago/calculate", &[JSON], &body.to_string()).await;
    let error = answer.standard(400);
    let properties: Vec<_> =
        error["properties"].as_array().unwrap().iter().map(|it| it["property"].clone()).collect();
    assert_eq!(properties, ["policy_start_date", "vehicle"]);
    assert_eq!(error["request_id"], common::REQUEST);
    assert_eq!(probe.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn only_json_is_taken() {
    let (probe, server) = probe().await;
    let mut body = confirm_request();
    body["upsales"] = json!([]);
    let body = body.to_string();
    for kind in
        ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json"]
    {
        let answer = server.ask("POST /osago/offer", &[("content-type", kind)], &body).await;
        answer.standard(415);
    }
    server.ask("POST /osago/offer", &[], &body).await.standard(415);
    assert_eq!(probe.calls.load(Ordering::SeqCst), 0);
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"] {
        let answer = server.ask("POST /osago/offer", &[("content-type", kind)], &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.head.contains("cache-control: no-store"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_announced_or_not() {
    let (probe, server) = probe().await;
    let mut body = confirm_request();
    body["upsales"] = json!([]);
    body["new"] = json!("x".repeat(2000));
    let body = body.to_string();
    server.ask("POST /osago/offer", &[JSON], &body).await.standard(413);
    // The announcement is enough.
    let head = format!(
        "POST /osago/offer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\n"
    );
    let announced = format!("{head}content-length: 99999999999\r\n\r\n");
    server.raw(&announced).await.standard(413);
    // In pieces, without an announcement, and cut off there.
    let piece = format!("{:x}\r\n{}\r\n", 1500, " ".repeat(1500));
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{piece}{piece}");
    let answer = server.raw(&chunked).await;
    answer.standard(413);
    assert!(answer.head.contains("connection: close"), "{answer:?}");
    assert_eq!(probe.calls.load(Ordering::SeqCst), 0);
    // Exactly the limit is taken.
    let mut body = confirm_request();
    body["upsales"] = json!([]);
    let short = body.to_string();
    let padded = format!("{short}{}", " ".repeat(2000 - short.len()));
    assert_eq!(server.ask("POST /osago/offer", &[JSON], &padded).await.status, 200);
}

#[tokio::test]
async fn a_slow_body_is_408() {
    let clock = Arc::new(ManualClock::new());
    let probe = Arc::new(Probe::default());
    let routes = Routes::new(probe.clone(), Guard::bearer(TOKEN.into()).unwrap());
    let server = Server::of(routes.clock(clock.clone()).body_timeout(Duration::from_secs(7))).await;
    let mut stream = server.connect().await;
    let head = format!(
        "POST /osago/offer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{\"request_id\":"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    while clock.slept().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(clock.slept(), [Duration::from_secs(7)]);
    clock.advance(Duration::from_secs(6));
    stream.write_all(b" ").await.unwrap();
    clock.advance(Duration::from_secs(1));
    let answer = Answer::read(&mut stream).await;
    let error = answer.standard(408);
    assert_eq!(error["request_id"], json!(null));
    assert!(answer.head.contains("connection: close"), "{answer:?}");
    assert_eq!(probe.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_inside_is_never_shown() {
    let seen: Arc<Mutex<Vec<(&str, String)>>> = Arc::default();
    let hook = seen.clone();
    let routes = Routes::new(Arc::new(Probe::default()), Guard::bearer(TOKEN.into()).unwrap())
        .on_internal(move |operation, error| {
            hook.lock().unwrap().push((operation, error.to_string()));
        });
    assert!(!format!("{routes:?}").contains(TOKEN));
    let server = Server::of(routes).await;
    for offer in ["panic", "error", "text"] {
        let path = format!("GET /osago/offer?request_id={}&offer_id={offer}", common::REQUEST);
        let answer = server.ask(&path, &[], "").await;
        let error = answer.standard(500);
        let whole = json!({"request_id": common::REQUEST, "message": "internal error"});
        assert_eq!(error, whole, "{offer}");
        assert!(!answer.head.contains("planted"), "{answer:?}");
        let key = OfferKey::new(common::REQUEST, offer);
        let error = server.client().confirm_unseen(&key, return_urls()).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (Kind::Server, true));
    }
    let path = format!("GET /osago/calculate?request_id={}", common::REQUEST);
    server.ask(&path, &[], "").await.standard(500);
    // The server lives on, and its owner knows.
    server.client().offer(&key()).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 7);
    let operations: Vec<_> = seen.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(operations[..2], ["GET osago/offer", "POST osago/offer"]);
    assert!(seen.iter().filter(|(_, text)| text == INSIDE).count() == 4);
    assert!(!format!("{:?}", Refusal::internal(INSIDE)).contains("planted"));
    assert!(!format!("{:?}", Refusal::invalid(INSIDE).property("a", INSIDE)).contains("planted"));
}

#[tokio::test]
async fn a_confirmation_that_began_ends_although_the_caller_hung_up() {
    let (probe, server) = probe().await;
    let mut body = confirm_request();
    (body["offer_id"], body["upsales"]) = (json!("slow"), json!([]));
    let body = body.to_string();
    let mut stream = server.connect().await;
    let request = format!(
        "POST /osago/offer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    probe.began.notified().await;
    drop(stream);
    // Time for the server to see it.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    probe.go_on.notify_one();
    probe.ended.notified().await;
}

#[tokio::test]
async fn routes_can_stand_below_another_path() {
    let routes = Server::routes(Probe::default());
    let nested = axum::Router::new().nest("/api/v1", routes.router());
    let server = Server::of_router(nested).await;
    for path in ["/api/v1/x", "/api/v1/osago/offer/x"] {
        server.ask(&format!("GET {path}"), &[], "").await.standard(404);
    }
    server.ask("PUT /api/v1/osago/offer", &[], "").await.standard(405);
    let url = format!("{}api/v1", server.url());
    let credential = Credential::bearer(TOKEN.into()).unwrap();
    let options = Options::new().retry(RetryPolicy::never());
    let client = Client::builder(url, credential).options(options).build().unwrap();
    client.offer(&key()).await.unwrap();
    let mut missing = key();
    missing.offer_id = "panic".into();
    assert_eq!(client.offer(&missing).await.unwrap_err().kind(), Kind::Server);
}
