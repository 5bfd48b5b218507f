//! The crate's client against its own server, over HTTP on loopback: every operation, and waiting.
#![cfg(feature = "server")]

mod common;
mod serving;
#[path = "../examples/shop/mod.rs"]
mod shop;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use common::{confirm_answer, key, return_urls, sibling};
use futures_core::Stream;
use osago_offer::documents::DraftStatus;
use osago_offer::server::{Guard, Partner, Refusal, Routes};
use osago_offer::test_util::{ManualClock, Replay};
use osago_offer::{
    CALCULATION_SCHEDULE, CalculationRequest, CalculationStatus, Client, Confirmation, Credential,
    DOCUMENT_SCHEDULE, Kind, Offer, OfferKey, OfferStatus, Options, Poller, RequestId, RetryPolicy,
    ReturnUrls, Schedule, StandardError,
};
use serde_json::json;
use serving::{Impatient, Server};
use shop::Shop;

fn request() -> CalculationRequest {
    serde_json::from_value(sibling("calculation_request")).unwrap()
}

async fn a_shop() -> (Arc<Shop>, Server) {
    let shop = Arc::new(Shop::default());
    let guard = Guard::bearer(serving::TOKEN.into()).unwrap();
    let server = Server::of(Routes::new(shop.clone(), guard)).await;
    (shop, server)
}

#[tokio::test]
async fn every_operation_from_the_calculation_to_the_policy() {
    let (shop, server) = a_shop().await;
    let client = server.client();
    let id = key().request_id;

    let started = client.calculate(request()).await.unwrap();
    assert_eq!(started.request_id, id);
    assert!(started.calculation_date.as_ref().unwrap().moment().is_some());
    let calculation = client.calculation(&id).await.unwrap();
    let under_way = Some(CalculationStatus::PartnerCalculationInProgress);
    assert_eq!((&calculation.status, calculation.offers.len()), (&under_way, 0));
    let state = client.calculation_status(&id).await.unwrap();
    assert_eq!(state.status, under_way);
    assert_eq!(state.offers[0].offer_status, Some(OfferStatus::Created));
    let calculation = client.calculation(&id).await.unwrap();
    assert_eq!(calculation.status, Some(CalculationStatus::CalculationReady));

    let offer = client.offer(&key()).await.unwrap();
    assert_eq!(*offer, calculation.offers[0]);
    let upsales = offer.default_upsales();
    let confirm = || client.confirm(id.clone(), &offer, return_urls()).upsales(upsales.clone());
    let confirmed = confirm().await.unwrap();
    assert_eq!(confirmed.status, Some(OfferStatus::PaymentReady));
    assert_eq!(confirmed.upsales, offer.upsales);
    assert_eq!(confirmed.payment_url.as_deref().unwrap(), "https://pay.it/policy?id=112233");
    assert_eq!(*confirm().await.unwrap(), *confirmed, "said twice, it is the same contract");
    assert_eq!(*client.offer(&key()).await.unwrap(), *confirmed, "a lost answer can be asked for");

    let draft = client.draft(&key()).await.unwrap();
    assert_eq!(draft.status, Some(DraftStatus::InProcess));
    let draft = client.draft(&key()).await.unwrap();
    assert!(draft.file.as_ref().unwrap().pdf().unwrap().starts_with(b"%PDF-"));
    let policy = client.policy(&key()).await.unwrap();
    assert!(!policy.is_final());
    shop.pay(&key()).unwrap();
    assert_eq!(confirm().await.unwrap().status, Some(OfferStatus::ClosedPaid));
    let error = client.confirm(id.clone(), &offer, ReturnUrls::new("https://a.ru", "https://a.ru"));
    let error = error.upsales(upsales.clone()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Input, Some("the offer was confirmed otherwise"))
    );
    let policy = client.policy(&key()).await.unwrap();
    assert_eq!(policy.status, Some(OfferStatus::ClosedPaid));
    assert_eq!(policy.policy_start_date.as_ref().unwrap().day().to_string(), "2026-12-01");
    assert!(policy.file.as_ref().unwrap().pdf().unwrap().starts_with(b"%PDF-"));
}

#[tokio::test]
async fn waiting_over_http_asks_until_the_end() {
    let (shop, server) = a_shop().await;
    let clock = Impatient::new();
    let options = Options::new().clock(Arc::new(clock.clone()));
    let client = server.client_with(Credential::bearer(serving::TOKEN.into()).unwrap(), options);
    let calculation = client.calculate(request()).wait().await.unwrap();
    assert_eq!(calculation.offers.len(), 1);
    assert_eq!(clock.pauses(), [1, 1].map(Duration::from_secs));
    let draft = client.draft(&key()).wait().await.unwrap();
    assert!(draft.is_final());
    assert_eq!(clock.pauses(), [1, 1, 0, 5].map(Duration::from_secs));
    shop.pay(&key()).unwrap();
    assert!(client.policy(&key()).wait().await.unwrap().is_ready());
}

/// A client whose partner gives these answers, and the clock that it lives by.
fn replayed(answers: Vec<serde_json::Value>) -> (Client, Arc<Replay>, Arc<ManualClock>) {
    let answers = answers.into_iter().map(|answer| Ok(Replay::answer(200, &answer.to_string())));
    let (transport, clock) = (Arc::new(Replay::new(answers)), Arc::new(ManualClock::auto()));
    let options = Options::new().transport(transport.clone()).clock(clock.clone());
    let builder = Client::builder("http://127.0.0.1/", Credential::none()).options(options);
    (builder.build().unwrap(), transport, clock)
}

/// What was slept between two questions, without the attempts' own time limits.
fn pauses(clock: &ManualClock) -> Vec<u64> {
    let slept = clock.slept().into_iter().map(|slept| slept.as_secs());
    slept.filter(|seconds| *seconds != 30).collect()
}

/// The error at the end of a long wait. Between two questions others have their turn, as they have
/// where a network is: without it tokio interrupts the task, and the clock takes that for waiting.
async fn to_the_end<T>(mut poller: Poller<T>) -> osago_offer::Error {
    loop {
        let next = std::future::poll_fn(|cx| Pin::new(&mut poller).poll_next(cx)).await;
        if let Err(error) = next.expect("an error ends it") {
            return error;
        }
        tokio::task::yield_now().await;
    }
}

fn calculation(status: &str) -> serde_json::Value {
    json!({"request_id": common::REQUEST, "status": status})
}

#[tokio::test]
async fn a_calculation_is_asked_for_once_a_second_for_three_minutes() {
    for end in
        ["CALCULATION_READY", "NO_CALCULATION_AVAILABLE", "CALCULATION_ERROR", "PAID", "CLOSED"]
    {
        let under_way = ["DRAFT", "PARTNER_CALCULATION_IN_PROGRESS", "NEW"].map(calculation);
        let answers =
            [vec![sibling("calculation_started")], under_way.into(), vec![calculation(end)]];
        let (client, transport, clock) = replayed(answers.concat());
        let found = client.calculate(request()).wait().await.unwrap();
        assert_eq!(found.status.as_ref().unwrap().as_str(), end);
        assert_eq!(pauses(&clock), [1, 1, 1, 1]);
        let requests = transport.requests();
        assert_eq!(requests[0].method, "POST");
        assert!(requests[1..].iter().all(|request| {
            request.method == "GET"
                && request.url.ends_with(&format!("?request_id={}", common::REQUEST))
        }));
    }

    let never = vec![calculation("DRAFT"); 200];
    let (client, transport, clock) = replayed(never);
    let error = to_the_end(client.calculation(&key().request_id).wait()).await;
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(transport.requests().len(), 179, "the last second is the deadline");
    assert_eq!(pauses(&clock).iter().sum::<u64>(), 180);
    assert_eq!(CALCULATION_SCHEDULE.deadline, Duration::from_secs(180));
}

#[tokio::test]
async fn a_draft_and_a_policy_are_asked_for_every_five_seconds_for_five_minutes() {
    let (client, transport, clock) = replayed(vec![sibling("draft_in_process"); 100]);
    let error = to_the_end(client.draft(&key()).wait()).await;
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(transport.requests().len(), 60);
    assert_eq!(pauses(&clock).iter().sum::<u64>(), 300);
    assert_eq!(DOCUMENT_SCHEDULE.interval, Duration::from_secs(5));

    let policy = |status: &str| json!({"request_id": common::REQUEST, "offer_id": common::OFFER, "status": status});
    // Paid, and the document still to come.
    let (client, _, clock) =
        replayed(vec![policy("PAYMENT_READY"), policy("CLOSED_PAID"), sibling("policy")]);
    assert!(client.policy(&key()).wait().await.unwrap().is_ready());
    assert_eq!(pauses(&clock), [0, 5, 5]);
    // Empty until it is there.
    let empty = |status: &str| {
        let file = json!({"type": "base64", "data": ""});
        json!({"request_id": common::REQUEST, "status": status, "url": "", "file": file})
    };
    let (client, ..) = replayed(vec![empty("PAYMENT_COMPLETED"), sibling("policy")]);
    assert!(client.policy(&key()).wait().await.unwrap().file.unwrap().pdf().is_ok());
    let (client, ..) = replayed(vec![empty("success"), sibling("draft")]);
    assert!(client.draft(&key()).wait().await.unwrap().file.unwrap().pdf().is_ok());
    for failure in ["REJECTED", "CLOSED_TIMEOUT", "CLOSED_OTHER_OFFER", "OFFER_ERROR"] {
        let (client, ..) = replayed(vec![policy("NEW"), policy(failure)]);
        assert!(!client.policy(&key()).wait().await.unwrap().is_ready());
    }
    // Cancelled, and then paid after all.
    let not_yet = ["PAYMENT_CANCELLED", "PAYMENT_LINK_FAILED", "PAYMENT_READY"].map(policy);
    let (client, ..) = replayed([&not_yet[..], &[sibling("policy")]].concat());
    assert!(client.policy(&key()).wait().await.unwrap().is_ready());
    let (client, _, clock) = replayed(vec![policy("APPROVED"); 3]);
    let quick = Schedule {
        interval: Duration::from_secs(1),
        deadline: Duration::from_secs(2),
        ..DOCUMENT_SCHEDULE
    };
    client.policy(&key()).wait().schedule(quick).await.unwrap_err();
    assert_eq!(pauses(&clock), [0, 1, 1]);
}

#[tokio::test]
async fn a_repeated_question_is_at_least_a_second_apart() {
    let answers =
        [503, 503, 200].map(|status| Ok(Replay::answer(status, &calculation("PAID").to_string())));
    let (transport, clock) = (Arc::new(Replay::new(answers)), Arc::new(ManualClock::auto()));
    let options = Options::new().transport(transport.clone()).clock(clock.clone());
    let builder = Client::builder("http://127.0.0.1/", Credential::none()).options(options);
    builder.build().unwrap().calculation(&key().request_id).await.unwrap();
    let pauses = clock.slept().into_iter().filter(|slept| slept.as_secs() != 30);
    let pauses: Vec<_> = pauses.collect();
    assert_eq!(pauses.len(), 2);
    assert!(pauses.iter().all(|pause| *pause >= Duration::from_secs(1)), "{pauses:?}");
}

#[tokio::test]
async fn a_confirmation_is_not_repeated_once_it_may_have_been_processed() {
    for (status, is_sent_twice) in [(500, false), (502, false), (503, false), (200, false)] {
        let answers = [(status, "{}"), (200, "{}")];
        let answers = answers.map(|(status, body)| Ok(Replay::answer(status, body)));
        let transport = Arc::new(Replay::new(answers));
        let options = Options::new()
            .transport(transport.clone())
            .clock(Arc::new(ManualClock::auto()))
            .retry(RetryPolicy::default());
        let builder = Client::builder("http://127.0.0.1/", Credential::none()).options(options);
        let client = builder.build().unwrap();
        let error = client.confirm_unseen(&key(), return_urls()).await.unwrap_err();
        assert!(error.maybe_processed(), "{status}: {error}");
        assert_eq!(transport.requests().len() == 2, is_sent_twice, "{status}");
    }
    // Who knows the partner may have it repeated.
    let good = confirm_answer().to_string();
    let answers = [(500, "{}"), (200, good.as_str())];
    let answers = answers.map(|(status, body)| Ok(Replay::answer(status, body)));
    let options = Options::new()
        .transport(Arc::new(Replay::new(answers)))
        .clock(Arc::new(ManualClock::auto()));
    let builder = Client::builder("http://127.0.0.1/", Credential::none()).options(options);
    let client = builder.build().unwrap();
    let confirmed = client.confirm_unseen(&key(), return_urls()).idempotent().await.unwrap();
    assert_eq!(confirmed.attempts(), 2);
}

/// Only what every partner has.
struct Small;

impl Partner for Small {
    async fn offer(&self, key: OfferKey) -> Result<Offer, Refusal> {
        match key.offer_id.as_str() {
            common::OFFER => Ok(Offer::new(key.offer_id)),
            "forbidden" => Err(Refusal::forbidden("not yours")),
            _ => Err(Refusal::not_found("no such offer")),
        }
    }

    async fn confirm(&self, _: Confirmation, _: Offer) -> Result<Offer, Refusal> {
        Err(Refusal::invalid("too late").property("offer_id", "has ended"))
    }
}

#[tokio::test]
async fn an_operation_that_a_partner_does_not_have_is_404() {
    let server = Server::start(Small).await;
    let client = server.client();
    let id = RequestId::from(common::REQUEST);
    let errors = [
        client.calculate(request()).await.unwrap_err(),
        client.calculation(&id).await.unwrap_err(),
        client.calculation_status(&id).await.unwrap_err(),
        client.draft(&key()).await.unwrap_err(),
        client.policy(&key()).await.unwrap_err(),
        client.offer(&OfferKey::new(id.clone(), "7")).await.unwrap_err(),
        client.confirm_unseen(&OfferKey::new(id.clone(), "7"), return_urls()).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.maybe_processed()), (Kind::NotFound, false), "{error}");
        let standard = StandardError::of(&error).unwrap();
        assert_eq!(standard.request_id.as_ref(), Some(&id));
        assert!(!standard.message.unwrap().is_empty());
    }
    assert_eq!(client.offer(&key()).await.unwrap().offer_id.as_str(), common::OFFER);
    let error = client.offer(&OfferKey::new(id, "forbidden")).await.unwrap_err();
    assert!(error.is_credential() && error.to_string().contains("not yours"), "{error}");
    let error = client.confirm_unseen(&key(), return_urls()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Input, Some("too late (offer_id: has ended)"))
    );
}
