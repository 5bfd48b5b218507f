//! What is refused, here or by the partner: each a clear, typed outcome.

mod common;

use common::{answered, key, return_urls, sibling};
use osago_offer::calculation::{DriversInfo, Vehicle};
use osago_offer::{
    CalculationRequest, Client, Credential, Date, Error, Kind, OfferKey, RequestId, ReturnUrls,
    SelectedUpsale, StandardError,
};

fn start() -> Date {
    "2026-12-01T00:00:00+03:00".parse().unwrap()
}

#[tokio::test]
async fn wrong_input_is_refused_before_anything_is_sent() {
    let (client, transport) = answered([]);
    let urls = return_urls;
    let mut refused: Vec<(Error, &str)> = Vec::new();
    for bad in ["", "7", "550e8400-e29b-41d4-a716-44665544000g", "550e8400e29b41d4a716446655440000"]
    {
        let (id, offer) = (RequestId::from(bad), OfferKey::new(bad, "1"));
        let vehicle = Vehicle::by_vin("XTA00000000000000");
        let request = CalculationRequest::new(bad, start(), vehicle, DriversInfo::unlimited());
        refused.extend([
            (client.calculate(request).await.unwrap_err(), "request_id: "),
            (client.calculation(&id).await.unwrap_err(), "request_id: "),
            (client.calculation(&id).wait().await.unwrap_err(), "request_id: "),
            (client.calculation_status(&id).await.unwrap_err(), "request_id: "),
            (client.offer(&offer).await.unwrap_err(), "request_id: "),
            (client.draft(&offer).await.unwrap_err(), "request_id: "),
            (client.policy(&offer).await.unwrap_err(), "request_id: "),
            (client.confirm_unseen(&offer, urls()).await.unwrap_err(), "request_id: "),
        ]);
    }
    for bad in ["", " ", "a\nb", &"1".repeat(257)] {
        let offer = OfferKey::new(common::REQUEST, bad);
        refused.extend([
            (client.offer(&offer).await.unwrap_err(), "offer_id: "),
            (client.confirm_unseen(&offer, urls()).await.unwrap_err(), "offer_id: "),
        ]);
        let upsales = [SelectedUpsale::new("1", "1"), SelectedUpsale::new(bad, bad)];
        let call = client.confirm_unseen(&key(), urls()).upsales(upsales);
        refused.push((call.await.unwrap_err(), "upsales[1].option_id: "));
    }
    for bad in ["", "example.com", "//example.com/a", "example.com:80/a", "https://"] {
        let good = "https://example.com/osago";
        for (urls, place) in [
            (ReturnUrls::new(bad, good), "return_urls.success_url: "),
            (ReturnUrls::new(good, bad), "return_urls.failure_url: "),
        ] {
            let mut request: CalculationRequest =
                serde_json::from_value(sibling("calculation_request")).unwrap();
            request.return_urls = Some(urls.clone());
            refused.extend([
                (client.confirm_unseen(&key(), urls).await.unwrap_err(), place),
                (client.calculate(request).await.unwrap_err(), place),
            ]);
        }
    }
    let request =
        |vehicle, drivers| CalculationRequest::new(common::REQUEST, start(), vehicle, drivers);
    let vin = || Vehicle::by_vin("XTA00000000000000");
    for (request, place) in [
        (request(Vehicle::default(), DriversInfo::unlimited()), "vehicle: needs one of vin"),
        (request(Vehicle::by_vin(" "), DriversInfo::unlimited()), "vehicle: needs one of vin"),
        (request(vin(), DriversInfo::limited([])), "drivers_info.drivers: is missing"),
        (CalculationRequest::default(), "policy_start_date: is missing; vehicle: is missing"),
    ] {
        refused.push((client.calculate(request).await.unwrap_err(), place));
    }
    let mut no_zone = request(vin(), DriversInfo::unlimited());
    no_zone.policy_start_date = Some("2026-12-01".parse().unwrap());
    refused.push((client.calculate(no_zone).await.unwrap_err(), "policy_start_date: must be"));
    for (error, place) in refused {
        assert!(error.is_input() && error.attempts() == 0, "{error}");
        assert!(error.to_string().contains(place), "{error} does not say {place}");
    }
    for vehicle in [vin(), Vehicle::by_body_number("0"), Vehicle::by_chassis_number("0")] {
        client.calculate(request(vehicle, DriversInfo::unlimited())).request().unwrap();
    }
    assert_eq!(transport.requests().len(), 0);
}

#[tokio::test]
async fn the_standard_error_is_typed_by_property() {
    let body = sibling("error_400").to_string();
    let (client, _) = answered([(400, body.as_str())]);
    let error = client.offer(&key()).await.unwrap_err();
    assert_eq!((error.kind(), error.maybe_processed()), (Kind::Input, false));
    assert_eq!(error.message(), Some("Ошибка валидации (vehicle.vin: Неверный формат)"));
    let standard = StandardError::of(&error).unwrap();
    assert_eq!(standard.request_id, Some(key().request_id));
    assert_eq!(standard.properties[0].message.as_str(), "Неверный формат");
    assert!(!format!("{standard:?}").contains("формат"));
    assert_eq!(error.body(), body.as_bytes(), "nothing is lost");
}

#[tokio::test]
async fn errors_of_every_shape_are_read_or_left_out() {
    for (body, message, properties) in [
        (r#"{"message":"no"}"#, Some("no"), Some(0)),
        (r#"{"message":"no","properties":null,"request_id":null}"#, Some("no"), Some(0)),
        (
            r#"{"message":"no","properties":{"property":"a","message":null}}"#,
            Some("no (a: )"),
            Some(1),
        ),
        (r#"{"properties":[{"property":"a","message":"b"}]}"#, Some("a: b"), Some(1)),
        (
            r#"{"properties":[{"property":"a"},{"message":"b"}],"message":""}"#,
            Some("a: ; : b"),
            Some(2),
        ),
        (r#"{"error":"no"}"#, None, None),
        (r#"{"message":{"a":1}}"#, None, None),
        ("[]", None, None),
        ("<html>", None, None),
        ("", None, None),
    ] {
        let (client, _) = answered([(400, body)]);
        let error = client.offer(&key()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Input, "{body}");
        assert_eq!(error.message(), message, "{body}");
        let found = StandardError::of(&error).map(|standard| standard.properties.len());
        assert_eq!(found, properties, "{body}");
    }
}

#[tokio::test]
async fn each_status_says_what_may_have_happened() {
    for (status, kind, maybe_processed) in [
        (400, Kind::Input, false),
        (401, Kind::Credential, false),
        (403, Kind::Credential, false),
        (404, Kind::NotFound, false),
        (405, Kind::Input, false),
        (408, Kind::Busy, true),
        (413, Kind::Input, false),
        (415, Kind::Input, false),
        (429, Kind::Busy, false),
        (302, Kind::Redirect, true),
        (500, Kind::Server, true),
        (503, Kind::Busy, true),
    ] {
        let (client, _) = answered([(status, r#"{"message":"no"}"#)]);
        let error = client.confirm_unseen(&key(), return_urls()).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (kind, maybe_processed), "{status}");
        assert_eq!(error.message(), Some("no"));
    }
    for body in ["", "null", "[]", "{}", "<html>", r#"{"offer_id":""}"#] {
        let (client, _) = answered([(200, body)]);
        let error = client.confirm_unseen(&key(), return_urls()).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (Kind::Decode, true), "{body}");
        assert_eq!(error.body(), body.as_bytes());
    }
}

#[tokio::test]
async fn an_identifier_that_nobody_needs_may_be_missing() {
    for absent in ["", r#""request_id": null,"#, r#""request_id": "","#] {
        let answer = format!(r#"{{{absent} "status": "APPROVED", "url": "https://p.ru/1"}}"#);
        let answer = || answered([(200, answer.as_str())]).0;
        let policy = answer().policy(&key()).await.unwrap();
        assert!(policy.is_ready() && policy.request_id.as_str().is_empty());
        assert!(!serde_json::to_string(&*policy).unwrap().contains("request_id"));
        assert!(answer().draft(&key()).await.unwrap().url.is_some());
        let id = RequestId::from(common::REQUEST);
        answer().calculation(&id).await.unwrap();
        answer().calculation_status(&id).await.unwrap();
        let request = serde_json::from_value::<CalculationRequest>(sibling("calculation_request"));
        answer().calculate(request.unwrap()).await.unwrap();
    }
    // A confirmation with its link to pay is not lost for an upsale's sake.
    let confirmed = r#"{"offer_id": "1", "payment_url": "https://pay.ru/",
                        "upsales": [{"options": [{"id": null, "price": 5}]}]}"#;
    let (client, _) = answered([(200, confirmed)]);
    let offer = client.confirm_unseen(&key(), return_urls()).await.unwrap();
    assert!(offer.payment_url.is_some() && offer.upsales[0].options[0].price.is_some());
    // Nonsense is not taken for nothing.
    let (client, _) = answered([(200, r#"{"request_id": {}}"#)]);
    assert_eq!(client.policy(&key()).await.unwrap_err().kind(), Kind::Decode);
}

#[test]
fn a_credential_does_not_go_out_in_the_clear() {
    let none = Credential::none;
    assert!(Client::new("http://partner.example/", none()).unwrap_err().is_input());
    assert!(Client::new("partner.example", none()).unwrap_err().is_input());
    Client::new("http://127.0.0.1:8080/api", none()).unwrap();
}
