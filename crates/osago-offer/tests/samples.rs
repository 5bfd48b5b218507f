//! Every sample of the document, and of the operations beside it, both ways; each shape that varies.

mod common;

use common::{answered, confirm_answer, confirm_request, key, sibling};
use osago_offer::documents::DraftStatus;
use osago_offer::offer::OptionId;
use osago_offer::test_util::lossless;
use osago_offer::{
    Calculation, CalculationRequest, CalculationState, CalculationStatus, Code, Confirmation,
    Draft, Offer, OfferStatus, Policy, ReturnUrls, SelectedUpsale, StandardError, StatusGroup,
    calculation::{Calculate, CalculationStarted, Purpose, VehicleCategory},
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Decodes, and writes back without loss.
fn round_trip<T: DeserializeOwned + Serialize>(json: &Value) -> T {
    let text = json.to_string();
    let model: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let encoded = serde_json::to_value(&model).unwrap();
    lossless(json, &encoded).unwrap_or_else(|path| panic!("{path}: {text}"));
    model
}

/// As [`round_trip`], and with no spelling changed either.
fn exact<T: DeserializeOwned + Serialize>(json: &Value) -> T {
    let model: T = round_trip(json);
    assert_eq!(serde_json::to_value(&model).unwrap(), *json);
    model
}

#[test]
fn the_request_is_sent_as_the_document_has_it() {
    let sample: Confirmation = exact(&confirm_request());
    assert_eq!(sample.return_urls.success_url, "https://example.com/osago/success");
    let (client, _) = answered([]);
    let urls =
        ReturnUrls::new("https://example.com/osago/success", "https://example.com/osago/failure");
    let call = client
        .confirm_unseen(&sample.key(), urls)
        .upsales([SelectedUpsale::new("string", "string")]);
    let request = call.request().unwrap();
    assert_eq!((request.method().as_str(), request.path()), ("POST", "osago/offer"));
    assert_eq!(request.headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body, confirm_request());
}

#[test]
fn the_answer_is_decoded_whole() {
    let offer: Offer = exact(&confirm_answer());
    assert_eq!(offer.offer_id.as_str(), "44234899");
    let partner = offer.partner.as_ref().unwrap();
    assert_eq!((partner.code, partner.name.as_deref()), (Some(12), Some("Банки.ру")));
    let logo = partner.absolute_logo_url();
    assert_eq!(logo.as_deref(), Some("https://partner.ru/ugc/logo_135x85.gif"));
    assert_eq!(offer.price.unwrap().to_string(), "7072");
    assert_eq!(offer.status, Some(OfferStatus::Created));
    assert_eq!((offer.is_prolongation, offer.is_ext_prolongation), (Some(true), Some(false)));
    assert!(!offer.is_in_pool());
    assert_eq!(offer.draft_url.as_deref().unwrap(), "https://partner.ru/policy?id=112233");
    assert_eq!(offer.payment_url.as_deref().unwrap(), "https://pay.it/policy?id=112233");
    assert_eq!(offer.policy_series.as_deref(), Some("ХХХ"));
    assert_eq!(offer.policy_number.as_deref().unwrap(), "0166171796");
    assert!(offer.message.as_deref().unwrap().starts_with("Требуется"));
    let upsale = &offer.upsales[0];
    assert_eq!((upsale.id.as_str(), upsale.is_required), ("112234", Some(true)));
    assert_eq!(upsale.upsale_code.as_deref(), Some("AccidentPassengersPoolForEOsago150"));
    assert_eq!(upsale.short_name.as_deref(), Some("Страхование пассажиров"));
    assert!(upsale.full_name.as_deref().unwrap().ends_with("при ДТП"));
    assert!(upsale.insured.as_deref().unwrap().starts_with("Все"));
    assert_eq!(upsale.insurance_period.as_deref(), Some("1 год"));
    let option = &upsale.options[0];
    assert_eq!((option.id.as_str(), option.is_default), ("1", Some(false)));
    assert_eq!((option.compatibility_id, option.price), (Some(1), Some(1480.into())));
    assert_eq!(option.name.as_deref(), Some("Страхование пассажиров"));
    assert!(option.description.is_some() && option.insured.is_some());
    assert_eq!(option.risk_payments[0].pays, ["100% страховой суммы"]);
    assert!(option.risk_payments[0].risk.as_deref().unwrap().starts_with("Смерть"));
    assert!(offer.extra.is_empty() && upsale.extra.is_empty() && option.extra.is_empty());
}

#[test]
fn every_other_operation_is_decoded_whole() {
    let request: CalculationRequest = exact(&sibling("calculation_request"));
    assert!(request.extra.is_empty());
    assert_eq!(request.purpose, Some(Purpose::Personal));
    let vehicle = request.vehicle.as_ref().unwrap();
    assert_eq!(vehicle.category, Some(VehicleCategory::B));
    assert_eq!(vehicle.brand.as_ref().unwrap().brand_id, Some(Code::Number(7)));
    let modification = vehicle.modification.as_ref().unwrap();
    assert_eq!(modification.modification_id, Some("0071".into()));
    assert_eq!(vehicle.car_documents.len(), 3);
    let info = request.drivers_info.as_ref().unwrap();
    let driver = &info.drivers[0];
    assert_eq!(driver.birth_date.as_ref().unwrap().day().to_string(), "1990-01-31");
    assert!(driver.previous_license.as_ref().unwrap().license.is_some());
    let owner = request.owner.as_ref().unwrap();
    let names: Vec<_> = owner.addresses[0].extra.names().collect();
    assert_eq!(names, ["fias_id", "kladr_id"], "codes whose names nobody describes");
    for empty in [&vehicle.extra, &info.extra, &driver.extra, &owner.extra] {
        assert!(empty.is_empty());
    }

    let started: CalculationStarted = exact(&sibling("calculation_started"));
    assert!(started.calculation_date.unwrap().moment().is_some());
    let calculation: Calculation = exact(&sibling("calculation"));
    assert_eq!(calculation.offers[0].price.unwrap().to_string(), "7072.5");
    let coefficients = calculation.drivers[0].coefficients.as_ref().unwrap();
    assert_eq!(coefficients.kbm.unwrap().to_string(), "0.46");
    assert!(coefficients.extra.is_empty() && calculation.is_final());
    let state: CalculationState = exact(&sibling("calculation_status"));
    assert_eq!(state.offers[0].offer_status, Some(OfferStatus::PreCalcInProgress));
    let draft: Draft = exact(&sibling("draft"));
    assert_eq!((draft.status.clone(), draft.is_final()), (Some(DraftStatus::Success), true));
    assert_eq!(draft.file.unwrap().pdf().unwrap(), b"%PDF-1.4");
    let draft: Draft = exact(&sibling("draft_in_process"));
    assert!(!draft.is_final());
    let policy: Policy = exact(&sibling("policy"));
    assert!(policy.is_final() && policy.extra.is_empty());
    let error: StandardError = exact(&sibling("error_400"));
    assert_eq!(error.properties[0].property, "vehicle.vin");
    exact::<StandardError>(&sibling("error_403"));
}

#[test]
fn identifiers_come_as_numbers_and_as_texts() {
    for id in [json!(1), json!("1")] {
        let mut answer = confirm_answer();
        answer["upsales"][0]["options"][0]["id"] = id.clone();
        answer["upsales"][0]["id"] = json!(112234);
        answer["offer_id"] = json!(44234899);
        let offer: Offer = round_trip(&answer);
        assert_eq!(serde_json::to_value(&offer).unwrap(), confirm_answer(), "written as printed");
        let mut request = confirm_request();
        request["upsales"][0]["option_id"] = id;
        let confirmation: Confirmation = round_trip(&request);
        assert_eq!(confirmation.upsales[0].option_id, OptionId::from(1));
        let written = serde_json::to_value(&confirmation).unwrap();
        assert_eq!(written["upsales"][0]["option_id"], json!("1"), "a text, as printed");
    }
    // What is no number stays as it is.
    for id in [json!("007"), json!("a1"), json!("18446744073709551616")] {
        let mut answer = confirm_answer();
        answer["upsales"][0]["options"][0]["id"] = id;
        exact::<Offer>(&answer);
    }
}

#[test]
fn the_pool_and_other_flags_come_in_every_form() {
    for (form, is_in_pool) in [
        (json!(true), true),
        (json!("true"), true),
        (json!(1), true),
        (json!(false), false),
        (json!("false"), false),
        (json!(0), false),
        (json!(null), false),
        (json!(""), false),
    ] {
        let mut answer = confirm_answer();
        answer["is_reinsurance_pool"] = form.clone();
        answer["is_prolongation"] = form.clone();
        assert_eq!(round_trip::<Offer>(&answer).is_in_pool(), is_in_pool, "{form}");
    }
    let mut answer = confirm_answer();
    answer.as_object_mut().unwrap().remove("is_reinsurance_pool");
    assert!(!exact::<Offer>(&answer).is_in_pool());
}

#[test]
fn prices_are_decimals_in_every_form() {
    for (form, text) in
        [(json!(7072), "7072"), (json!(7072.55), "7072.55"), (json!("7072.10"), "7072.10")]
    {
        let mut answer = confirm_answer();
        answer["price"] = form.clone();
        answer["upsales"][0]["options"][0]["price"] = form;
        assert_eq!(round_trip::<Offer>(&answer).price.unwrap().to_string(), text);
    }
}

#[test]
fn absent_has_many_forms_and_unknown_things_are_kept() {
    let fields: Vec<String> = confirm_answer().as_object().unwrap().keys().cloned().collect();
    for field in fields.iter().filter(|field| *field != "offer_id") {
        let mut answer = confirm_answer();
        answer.as_object_mut().unwrap().remove(field);
        round_trip::<Offer>(&answer);
        answer[field] = Value::Null;
        round_trip::<Offer>(&answer);
        answer[field] = json!("");
        round_trip::<Offer>(&answer);
    }
    for (field, forms) in [
        ("partner", [json!({}), json!([]), json!(null)]),
        ("upsales", [json!({}), json!({"id": "1", "options": []}), json!(null)]),
    ] {
        for form in forms {
            let mut answer = confirm_answer();
            answer[field] = form;
            round_trip::<Offer>(&answer);
        }
    }
    let mut answer = confirm_answer();
    answer["upsales"][0]["options"] = answer["upsales"][0]["options"][0].clone();
    answer["upsales"][0]["options"]["risk_payments"] = json!({"risk": "x", "pays": ["y"]});
    let offer: Offer = round_trip(&answer);
    assert_eq!(offer.upsales[0].options[0].risk_payments[0].pays, ["y"]);
    for pays in [json!("y"), json!(["y", 7]), json!(null), json!([])] {
        let mut answer = confirm_answer();
        answer["upsales"][0]["options"][0]["risk_payments"][0]["pays"] = pays.clone();
        let text = answer.to_string();
        let offer: Offer = serde_json::from_str(&text).unwrap();
        let read = &offer.upsales[0].options[0].risk_payments[0].pays;
        let expected = if pays.is_array() {
            pays.as_array().unwrap().len()
        } else {
            usize::from(pays.is_string())
        };
        assert_eq!(read.len(), expected, "{pays}");
    }

    let mut answer = confirm_answer();
    answer["status"] = json!("PAUSED");
    answer["new"] = json!({"a": [1, null]});
    answer["partner"]["rating"] = json!(4.5);
    answer["upsales"][0]["new"] = json!(true);
    answer["upsales"][0]["options"][0]["new"] = json!("x");
    answer["upsales"][0]["options"][0]["risk_payments"][0]["new"] = json!([]);
    let offer: Offer = exact(&answer);
    let status = offer.status.unwrap();
    assert!(!status.is_documented() && status.group().is_none() && !status.is_final());
    let mut request = confirm_request();
    request["new"] = json!(1);
    request["return_urls"]["new"] = json!(2);
    request["upsales"][0]["new"] = json!({"a": 3});
    exact::<Confirmation>(&request);
}

#[test]
fn nonsense_names_its_place_and_not_itself() {
    for (pointer, nonsense) in [
        ("/offer_id", json!({"Тестов": 1})),
        ("/price", json!("Тестов")),
        ("/is_prolongation", json!("Тестов")),
        ("/partner", json!("Тестов")),
        ("/partner/code", json!("Тестов")),
        ("/upsales", json!("Тестов")),
        ("/upsales/0/options/0/id", json!(["Тестов"])),
        ("/upsales/0/options/0/compatibility_id", json!("Тестов")),
        ("/upsales/0/options/0/risk_payments/0/pays", json!({"Тестов": 1})),
    ] {
        let mut answer = confirm_answer();
        *answer.pointer_mut(pointer).unwrap() = nonsense;
        let (client, _) = answered([(200, answer.to_string().as_str())]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let error = runtime.block_on(async { client.offer(&key()).await.unwrap_err() });
        let path = pointer[1..].replace("/0", "[0]").replace('/', ".");
        assert!(error.to_string().contains(&format!("at `{path}`: expected")), "{error}");
        assert!(!error.to_string().contains("Тестов"), "{error}");
    }
    serde_json::from_str::<Offer>("{}").unwrap_err();
}

#[test]
fn the_statuses_are_the_documents_in_its_groups() {
    let groups = [
        (
            StatusGroup::Creation,
            "CREATED PRE_CALC_SENT PRE_CALC_IN_PROGRESS PRE_CALC_READY APPROVED REJECTED",
        ),
        (
            StatusGroup::Payment,
            "PAYMENT_READY PAYMENT_LINK_FAILED PAYMENT_COMPLETED PAYMENT_CANCELLED",
        ),
        (StatusGroup::Final, "CLOSED_PAID CLOSED_OTHER_OFFER CLOSED_TIMEOUT OFFER_ERROR"),
    ];
    let mut known = Vec::new();
    for (group, words) in groups {
        for word in words.split(' ') {
            let status = OfferStatus::from(word);
            assert!(status.is_documented(), "{word}");
            assert_eq!(status.group(), Some(group), "{word}");
            assert_eq!(status.is_final(), group == StatusGroup::Final);
            known.push(status);
        }
    }
    assert_eq!(known, OfferStatus::DOCUMENTED);
    let failures = known.iter().filter(|status| status.is_failure()).map(OfferStatus::as_str);
    let failures: Vec<_> = failures.collect();
    assert_eq!(
        failures.join(" "),
        "REJECTED PAYMENT_LINK_FAILED PAYMENT_CANCELLED CLOSED_OTHER_OFFER CLOSED_TIMEOUT OFFER_ERROR"
    );

    let ends = "CALCULATION_READY NO_CALCULATION_AVAILABLE CALCULATION_ERROR PAID CLOSED";
    for word in "DRAFT PARTNER_CALCULATION_IN_PROGRESS".split(' ').chain(ends.split(' ')) {
        let status = CalculationStatus::from(word);
        assert!(status.is_documented());
        assert_eq!(status.is_final(), ends.contains(word), "{word}");
    }
    assert!(!CalculationStatus::from("NEW").is_final());
}

#[test]
fn questions_are_asked_as_documented() {
    let (client, _) = answered([]);
    let id = key().request_id;
    let requests = [
        (client.calculation(&id).request().unwrap(), "osago/calculate", false),
        (client.calculation_status(&id).request().unwrap(), "osago/calculate/status", false),
        (client.offer(&key()).request().unwrap(), "osago/offer", true),
        (client.draft(&key()).request().unwrap(), "osago/offer/draft", true),
        (client.policy(&key()).request().unwrap(), "osago/offer/policy", true),
    ];
    for (request, path, of_offer) in requests {
        assert_eq!((request.method().as_str(), request.path()), ("GET", path));
        assert!(request.is_idempotent());
        let query = request.query_string();
        let offer = if of_offer { "offer_id=44234899&" } else { "" };
        assert_eq!(query, format!("{offer}request_id=550e8400-e29b-41d4-a716-446655440000"));
    }
    let sample: CalculationRequest =
        serde_json::from_value(sibling("calculation_request")).unwrap();
    let call: osago_offer::Call<Calculate> = client.calculate(sample);
    let request = call.request().unwrap();
    assert_eq!((request.method().as_str(), request.path()), ("POST", "osago/calculate"));
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body, sibling("calculation_request"));
    // What makes something is repeated only by who knows the partner.
    assert!(!request.is_idempotent());
    assert!(call.idempotent().request().unwrap().is_idempotent());
    let confirm = client.confirm_unseen(&key(), common::return_urls());
    assert!(!confirm.request().unwrap().is_idempotent());
    assert!(confirm.idempotent().request().unwrap().is_idempotent());
}
