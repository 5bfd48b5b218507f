//! The crate's client against its own server and against the sandbox's partner, which shares no type with
//! either: the same requests on the wire, the same refusals.
#![cfg(feature = "server")]

mod common;
mod serving;
#[path = "../examples/shop/mod.rs"]
mod shop;

use std::sync::Arc;

use chrono::TimeDelta;
use common::{key, return_urls, sibling};
use osago_offer::server::{Guard, Routes};
use osago_offer::test_util::{RecordedRequest, Recorder};
use osago_offer::{
    CalculationRequest, CalculationStatus, Client, Credential, Error, Kind, Offer, OfferKey,
    Options, RetryPolicy, SelectedUpsale, StandardError,
};
use ruapi_sandbox::osago::Act;
use ruapi_sandbox::{Osago, Sandbox};
use serving::Server;
use shop::Shop;

/// A client whose exchanges are kept.
fn recording(url: &str, token: &str) -> (Client, Arc<Recorder>) {
    let recorder = Arc::new(Recorder::over_http().unwrap());
    let options = Options::new().transport(recorder.clone()).retry(RetryPolicy::never());
    let credential = Credential::bearer(token.to_owned().into()).unwrap();
    (Client::builder(url, credential).options(options).build().unwrap(), recorder)
}

fn request() -> CalculationRequest {
    let mut request: CalculationRequest =
        serde_json::from_value(sibling("calculation_request")).unwrap();
    // The document's request is known to the sandbox already.
    request.request_id = "00000000-0000-4000-8000-000000000002".into();
    request
}

/// What every operation sends: with one and the same offer, whatever the server made of it.
async fn every_operation(client: &Client, key: &OfferKey) -> Vec<Option<Error>> {
    let chosen = [SelectedUpsale::new("112234", "1")];
    vec![
        client.calculate(request()).await.err(),
        client.calculation(&key.request_id).await.err(),
        client.calculation_status(&key.request_id).await.err(),
        client.offer(key).await.err(),
        client.confirm_unseen(key, return_urls()).upsales(chosen).await.err(),
        client.draft(key).await.err(),
        client.policy(key).await.err(),
    ]
}

/// What went over the wire, but for where it went to.
fn sent(recorder: &Recorder, prefix: &str) -> Vec<RecordedRequest> {
    let exchanges = recorder.take();
    let requests = exchanges.into_iter().map(|exchange| exchange.request);
    requests
        .map(|mut request| {
            request.path = request.path.strip_prefix(prefix).unwrap().to_owned();
            request
        })
        .collect()
}

#[tokio::test]
async fn the_same_requests_go_to_both_servers_and_both_understand_them() {
    let sandbox = Sandbox::builder().frozen(true).start().await.unwrap();
    let (client, recorder) = recording(&sandbox.osago_url(), Osago::TOKEN);
    let errors = every_operation(&client, &key()).await;
    assert!(errors.iter().all(Option::is_none), "{errors:?}");
    let to_sandbox = sent(&recorder, "/osago/");

    let guard = Guard::bearer(serving::TOKEN.into()).unwrap();
    let server = Server::of(Routes::new(Arc::new(Shop::default()), guard)).await;
    let (client, recorder) = recording(&server.url(), serving::TOKEN);
    // The shop knows what it has calculated.
    let mut example = request();
    example.request_id = key().request_id;
    client.calculate(example).await.unwrap();
    for _ in 0..3 {
        client.calculation(&key().request_id).await.unwrap();
    }
    recorder.take();
    let errors = every_operation(&client, &key()).await;
    assert!(errors.iter().all(Option::is_none), "{errors:?}");
    let to_server = sent(&recorder, "/");

    assert_eq!(to_sandbox.len(), 7);
    for (one, other) in to_sandbox.iter().zip(&to_server) {
        assert_eq!(one, other);
    }
}

#[tokio::test]
async fn from_the_calculation_to_the_policy_at_the_sandboxs_partner() {
    let sandbox = Sandbox::builder().frozen(true).start().await.unwrap();
    let pass = |seconds| sandbox.clock().advance(TimeDelta::seconds(seconds));
    let (client, _) = recording(&sandbox.osago_url(), Osago::TOKEN);
    let id = client.calculate(request()).await.unwrap().request_id.clone();
    let under_way = client.calculation(&id).await.unwrap();
    assert!(!under_way.is_final());
    pass(5);
    let calculation = client.calculation(&id).await.unwrap().into_inner();
    assert_eq!(calculation.status, Some(CalculationStatus::CalculationReady));
    for offer in &calculation.offers {
        let key = OfferKey::new(id.clone(), offer.offer_id.clone());
        assert_eq!(*client.offer(&key).await.unwrap(), *offer);
    }

    let offer = &calculation.offers[0];
    let key = OfferKey::new(id.clone(), offer.offer_id.clone());
    let chosen = offer.default_upsales();
    client.confirm(id.clone(), offer, return_urls()).upsales(chosen).await.unwrap();
    pass(4);
    let payable = client.offer(&key).await.unwrap();
    assert!(payable.payment_url.is_some());
    sandbox.osago().act(id.as_str(), offer.offer_id.as_str(), Act::Pay);
    pass(5);
    assert!(!client.draft(&key).await.unwrap().is_final());
    pass(7);
    let draft = client.draft(&key).await.unwrap();
    let policy = client.policy(&key).await.unwrap();
    for file in [&draft.file, &policy.file] {
        assert!(file.as_ref().unwrap().pdf().unwrap().starts_with(b"%PDF-1.4\n"));
    }
}

/// Wrong choices of upsales, and the words for why.
fn wrong_choices(usual: &Offer, pool: &Offer) -> Vec<(Offer, Vec<SelectedUpsale>, &'static str)> {
    let choose = |offer: &Offer, upsale: usize, option: usize| {
        let upsale = &offer.upsales[upsale];
        SelectedUpsale::new(upsale.id.clone(), upsale.options[option].id.clone())
    };
    let required = || choose(usual, 0, 0);
    let wrong = SelectedUpsale::new(usual.upsales[0].id.clone(), "9");
    vec![
        (usual.clone(), vec![wrong], "wrong option"),
        (
            usual.clone(),
            vec![required(), choose(usual, 1, 0), choose(usual, 1, 1)],
            "two options of one upsale",
        ),
        (usual.clone(), vec![choose(usual, 1, 0)], "a required one is missing"),
        (pool.clone(), vec![choose(pool, 0, 0)], "one of the pool is left out"),
        (usual.clone(), vec![required(), choose(usual, 2, 1)], "they do not go together"),
    ]
}

#[tokio::test]
async fn wrong_choices_of_upsales_are_refused_on_both_sides() {
    let sandbox = Sandbox::builder().frozen(true).start().await.unwrap();
    let (client, recorder) = recording(&sandbox.osago_url(), Osago::TOKEN);
    let id = client.calculate(request()).await.unwrap().request_id.clone();
    sandbox.clock().advance(TimeDelta::seconds(5));
    let offers = client.calculation(&id).await.unwrap().into_inner().offers;
    for (offer, chosen, why) in wrong_choices(&offers[0], &offers[1]) {
        recorder.take();
        let here = client.confirm(id.clone(), &offer, return_urls()).upsales(chosen.clone());
        let here = here.await.unwrap_err();
        assert_eq!((here.kind(), here.attempts()), (Kind::Input, 0), "{why}");
        assert!(recorder.take().is_empty(), "{why}: nothing was sent");

        let key = OfferKey::new(id.clone(), offer.offer_id.clone());
        let there = client.confirm_unseen(&key, return_urls()).upsales(chosen).await.unwrap_err();
        assert_eq!(there.status().map(|status| status.as_u16()), Some(400), "{why}");
        let named = StandardError::of(&there).unwrap().properties;
        assert!(named.iter().all(|problem| problem.property.starts_with("upsales")), "{why}");
        // Both sides find fault with the same.
        for problem in &named {
            assert!(here.to_string().contains(&problem.property), "{why}: {here} and {named:?}");
        }
        assert!(!named.is_empty(), "{why}");
    }
    assert_eq!(sandbox.osago().counts().confirmations, 0);
}
