//! The rules of upsales, as a function, in the client, and on the server.
#![cfg(feature = "server")]

mod common;
mod serving;

use common::{answered, confirm_answer, key, return_urls};
use osago_offer::offer::{OptionId, UpsaleError, UpsaleId, UpsaleInfo, UpsaleOption};
use osago_offer::server::{Partner, Refusal};
use osago_offer::{Confirmation, Kind, Offer, OfferKey, SelectedUpsale, StandardError};
use serving::Server;

fn option(id: u64, compatibility: Option<i64>) -> UpsaleOption {
    let mut option = UpsaleOption::new(id);
    option.compatibility_id = compatibility;
    option
}

/// Three upsales: A is required, B and C are not; in C everything fits everything.
fn offer(is_in_pool: bool) -> Offer {
    let mut a = UpsaleInfo::new("A", [option(1, Some(1)), option(2, Some(2))]);
    a.is_required = Some(true);
    let b = UpsaleInfo::new("B", [option(1, Some(1)), option(3, Some(2))]);
    let c = UpsaleInfo::new("C", [option(4, None)]);
    let mut offer = Offer::new(common::OFFER);
    offer.upsales = vec![a, b, c];
    offer.is_reinsurance_pool = Some(is_in_pool);
    offer
}

fn chosen(pairs: &[(&str, u64)]) -> Vec<SelectedUpsale> {
    pairs.iter().map(|(upsale, option)| SelectedUpsale::new(*upsale, *option)).collect()
}

fn id(text: &str) -> UpsaleId {
    UpsaleId::from(text)
}

/// A choice, and what is wrong with it.
type Case = (bool, &'static [(&'static str, u64)], Vec<UpsaleError>);

fn cases() -> Vec<Case> {
    use UpsaleError::{
        Incompatible, MissingInPool, MissingRequired, SecondOption, UnknownOption, UnknownUpsale,
    };
    let option = OptionId::from;
    vec![
        (false, &[("A", 1)], vec![]),
        (false, &[("A", 2)], vec![]),
        (false, &[("A", 1), ("B", 1)], vec![]),
        (false, &[("C", 4), ("B", 3), ("A", 2)], vec![]),
        (true, &[("A", 1), ("B", 1), ("C", 4)], vec![]),
        (false, &[], vec![MissingRequired { upsale: id("A") }]),
        (false, &[("B", 1)], vec![MissingRequired { upsale: id("A") }]),
        (false, &[("A", 3)], vec![UnknownOption { place: 0, upsale: id("A"), option: option(3) }]),
        (false, &[("A", 1), ("D", 1)], vec![UnknownUpsale { place: 1, upsale: id("D") }]),
        (false, &[("A", 1), ("A", 2)], vec![SecondOption { place: 1, upsale: id("A") }]),
        (false, &[("A", 1), ("A", 1)], vec![SecondOption { place: 1, upsale: id("A") }]),
        (false, &[("A", 1), ("C", 4), ("B", 3)], vec![Incompatible { place: 2, with: 0 }]),
        (true, &[("A", 1), ("B", 1)], vec![MissingInPool { upsale: id("C") }]),
        (
            true,
            &[],
            vec![
                MissingRequired { upsale: id("A") },
                MissingInPool { upsale: id("B") },
                MissingInPool { upsale: id("C") },
            ],
        ),
        (
            true,
            &[("D", 1), ("A", 9), ("B", 3)],
            vec![
                UnknownUpsale { place: 0, upsale: id("D") },
                UnknownOption { place: 1, upsale: id("A"), option: option(9) },
                MissingInPool { upsale: id("C") },
            ],
        ),
    ]
}

fn found(offer: &Offer, selected: &[SelectedUpsale]) -> Vec<UpsaleError> {
    match offer.check_upsales(selected) {
        Ok(()) => Vec::new(),
        Err(errors) => errors.iter().cloned().collect(),
    }
}

#[test]
fn each_rule_is_told_apart() {
    for (is_in_pool, pairs, expected) in cases() {
        assert_eq!(found(&offer(is_in_pool), &chosen(pairs)), expected, "{pairs:?} {is_in_pool}");
    }
}

#[test]
fn the_documents_own_offer_wants_its_required_upsale() {
    let offer: Offer = serde_json::from_value(confirm_answer()).unwrap();
    assert_eq!(found(&offer, &[SelectedUpsale::new("112234", "1")]), []);
    assert_eq!(found(&offer, &[]), [UpsaleError::MissingRequired { upsale: id("112234") }]);
    assert_eq!(offer.default_upsales(), [SelectedUpsale::new("112234", 1)]);
}

#[test]
fn a_required_default_is_read_only() {
    let mut offer = offer(false);
    assert_eq!(offer.default_upsales(), []);
    offer.upsales[0].options[1].is_default = Some(true);
    assert_eq!(offer.default_upsales(), chosen(&[("A", 2)]));
    assert_eq!(found(&offer, &chosen(&[("A", 2)])), []);
    let read_only = UpsaleError::ReadOnly { place: 0, upsale: id("A"), option: 1.into() };
    assert_eq!(found(&offer, &chosen(&[("A", 1)])), [read_only]);
    // In an upsale that is not required a default may be exchanged, or left out.
    offer.upsales[1].options[0].is_default = Some(true);
    assert_eq!(found(&offer, &chosen(&[("A", 2), ("B", 3)])), []);
    assert_eq!(found(&offer, &chosen(&[("A", 2)])), []);
    // What has no options cannot be chosen, so it is not missed.
    offer.upsales[2].is_required = Some(true);
    offer.upsales[2].options.clear();
    assert_eq!(found(&offer, &chosen(&[("A", 2)])), []);
    // The only option of what is obligatory is chosen by default.
    let pool = self::offer(true);
    assert_eq!(pool.default_upsales(), chosen(&[("C", 4)]));
}

#[tokio::test]
async fn the_client_refuses_before_anything_is_sent() {
    for (is_in_pool, pairs, expected) in cases() {
        let (client, transport) = answered([(200, r#"{"offer_id":"1"}"#)]);
        let call = client.confirm(common::REQUEST, &offer(is_in_pool), return_urls());
        let result = call.upsales(chosen(pairs)).await;
        if expected.is_empty() {
            result.unwrap();
            assert_eq!(transport.requests().len(), 1);
            continue;
        }
        let error = result.unwrap_err();
        assert!(error.is_input() && error.attempts() == 0, "{error}");
        for problem in &expected {
            let words = format!("{}: {problem}", problem.property());
            assert!(error.to_string().contains(&words), "{error} does not say {words}");
        }
        assert_eq!(transport.requests().len(), 0);
    }
}

struct Pool(bool);

impl Partner for Pool {
    async fn offer(&self, _: OfferKey) -> Result<Offer, Refusal> {
        Ok(offer(self.0))
    }

    async fn confirm(&self, _: Confirmation, offer: Offer) -> Result<Offer, Refusal> {
        Ok(offer)
    }
}

#[tokio::test]
async fn the_server_refuses_with_the_property_and_the_reason() {
    for (is_in_pool, pairs, expected) in cases() {
        let server = Server::start(Pool(is_in_pool)).await;
        // A client that does not know the offer, and so leaves the check to the partner.
        let call = server.client().confirm_unseen(&key(), return_urls()).upsales(chosen(pairs));
        let result = call.await;
        if expected.is_empty() {
            assert_eq!(*result.unwrap(), offer(is_in_pool));
            continue;
        }
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (Kind::Input, 400));
        assert!(!error.maybe_processed());
        let standard = StandardError::of(&error).unwrap();
        assert_eq!(standard.request_id, Some(key().request_id));
        let told: Vec<_> = standard
            .properties
            .iter()
            .map(|problem| (problem.property.clone(), problem.message.as_str().to_owned()))
            .collect();
        let wanted: Vec<_> =
            expected.iter().map(|problem| (problem.property(), problem.to_string())).collect();
        assert_eq!(told, wanted);
    }
}
