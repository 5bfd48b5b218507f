//! What the tests share: the document's samples, clients, servers on loopback.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use osago_offer::test_util::{ManualClock, Replay};
use osago_offer::{Client, Credential, OfferKey, Options, RetryPolicy, ReturnUrls};
use serde_json::Value;

/// The document's request.
pub(crate) const REQUEST: &str = "550e8400-e29b-41d4-a716-446655440000";
/// The document's offer.
pub(crate) const OFFER: &str = "44234899";

pub(crate) fn confirm_request() -> Value {
    serde_json::from_str(include_str!("../samples/confirm_request.json")).unwrap()
}

pub(crate) fn confirm_answer() -> Value {
    serde_json::from_str(include_str!("../samples/confirm_answer.json")).unwrap()
}

pub(crate) fn sibling(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../samples/siblings.json")).unwrap();
    all.get(name).unwrap_or_else(|| panic!("no sample {name}")).clone()
}

pub(crate) fn key() -> OfferKey {
    OfferKey::new(REQUEST, OFFER)
}

pub(crate) fn return_urls() -> ReturnUrls {
    ReturnUrls::new("https://example.com/osago/success", "https://example.com/osago/failure")
}

/// A client whose partner gives these answers.
pub(crate) fn answered<'a>(
    answers: impl IntoIterator<Item = (u16, &'a str)>,
) -> (Client, Arc<Replay>) {
    let answers = answers.into_iter().map(|(status, body)| Ok(Replay::answer(status, body)));
    let transport = Arc::new(Replay::new(answers));
    let options = Options::new()
        .transport(transport.clone())
        .clock(Arc::new(ManualClock::auto()))
        .retry(RetryPolicy::never());
    let builder = Client::builder("http://127.0.0.1/api/", Credential::none());
    (builder.options(options).build().unwrap(), transport)
}
