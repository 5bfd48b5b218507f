//! The documents' samples, both ways.

mod common;

use cherehapa_types::order::{
    CurrentAction, HttpMethod, PolicyStatus, PolicyType, Stages, TaskCode, TransactionStatus,
};
use cherehapa_types::quote::{InfoType, InfoValue};
use cherehapa_types::{Currency, Id, InsuredDays};
use chrono::NaiveDate;
use common::{DOCUMENTS, lossless, pointers, round_trip, sample, with};
use serde_json::{Value, json};

/// Objects whose keys are data.
const MAPS: &[&str] =
    &["serviceProduct", "info", "companiesCount", "currencyRate", "service", "links"];

/// Without `null` and what is empty: the document does not print them all.
fn without_nothing(value: &Value) -> Value {
    let is_something = |value: &Value| match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    };
    match value {
        Value::Object(map) => {
            let fields = map.iter().map(|(key, value)| (key.clone(), without_nothing(value)));
            Value::Object(fields.filter(|(_, value)| is_something(value)).collect())
        }
        Value::Array(list) => list.iter().map(without_nothing).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_is_written_is_what_the_document_prints() {
    for document in DOCUMENTS {
        let sample = sample(document);
        let written = round_trip(document, &sample).unwrap();
        assert_eq!(lossless("", &sample, &written), Ok(()));
        assert_eq!(without_nothing(&written), without_nothing(&sample), "{document}");
    }
}

#[test]
fn every_documented_field_is_typed() {
    let quote = format!("{:?}", common::quote(&sample("quote")));
    let order = format!("{:?}", common::order(&sample("order")));
    for debug in [quote, order] {
        assert!(debug.matches("Extra(0 fields)").count() >= 8, "{debug}");
        assert_eq!(debug.matches("Extra(").count(), debug.matches("Extra(0 fields)").count());
    }
}

#[test]
fn undocumented_fields_come_back_verbatim_at_every_level() {
    let unknown = json!({"list": [null, "", 1.5, true, {}, []], "text": "ъ", "big": u64::MAX});
    for document in DOCUMENTS {
        let sample = sample(document);
        let mut objects = 0;
        for pointer in std::iter::once(String::new()).chain(pointers(&sample)) {
            let is_map = MAPS.iter().any(|map| pointer.ends_with(&format!("/{map}")));
            if is_map || !sample.pointer(&pointer).is_some_and(Value::is_object) {
                continue;
            }
            objects += 1;
            let pointer = format!("{pointer}/undocumented");
            let changed = with(&sample, &pointer, unknown.clone());
            let written = round_trip(document, &changed).unwrap();
            assert_eq!(written.pointer(&pointer), Some(&unknown), "{pointer}");
            assert_eq!(lossless("", &changed, &written), Ok(()));
        }
        assert!(objects >= 8, "{document}: {objects}");
    }
}

#[test]
fn unknown_values_are_kept() {
    for (document, pointer) in [
        ("quote", "/data/0/currency"),
        ("quote", "/data/0/info/medicine/0/type"),
        ("order", "/request/currencyId"),
        ("order", "/policy/0/type"),
        ("order", "/policy/0/status"),
        ("order", "/transaction/type"),
        ("order", "/transaction/status"),
        ("order", "/transaction/remoteUrl/method"),
        ("order", "/task/code"),
        ("order", "/task/currentAction"),
    ] {
        for new in [json!("new one"), json!("Новое"), json!(7)] {
            let changed = with(&sample(document), pointer, new);
            let written = round_trip(document, &changed).unwrap();
            assert_eq!(lossless("", &changed, &written), Ok(()), "{pointer}");
        }
    }
}

#[test]
fn the_documents_values_have_their_types() {
    let quote = common::quote(&sample("quote"));
    let product = &quote.data[0];
    assert_eq!(product.company_id, Some(Id::from(23)));
    assert_eq!(product.insured_days, Some(InsuredDays::Days(365)));
    assert_eq!(product.currency, Some(Currency::Eur));
    assert_eq!(product.price.unwrap().to_string(), "2306.8");
    assert_eq!(product.price_rub.unwrap().to_string(), "162307.37");
    assert_eq!(product.match_rating, Some(0.7137));
    assert_eq!(product.match_details.as_ref().unwrap().payout_rating, Some(0.01065));
    assert_eq!(product.sum("medicine"), Some(50_000.into()));
    assert_eq!(product.sum("searchActivities"), Some(0.into()));
    assert_eq!(product.sum("baggage"), None);
    assert_eq!(product.info.get("medicine").unwrap()[0].kind, Some(InfoType::Franchise));
    let franchises: Vec<_> = product.franchises().collect();
    assert_eq!(franchises, [("medicine", &InfoValue::Amount(30.into()))]);
    assert_eq!(product.assistances.iter().next().unwrap().code.as_deref(), Some("best"));
    assert_eq!(product.services.as_ref().unwrap().get::<Vec<Value>>().unwrap().len(), 1);
    let request = quote.request.as_ref().unwrap();
    assert_eq!(request.date_start, NaiveDate::from_ymd_opt(2017, 12, 10));
    assert_eq!(request.rate(&Currency::Usd).unwrap().to_string(), "59.6325");
    assert_eq!(request.filter_companies[0].id, product.company_id);

    let order = common::order(&sample("order"));
    let policy = &order.policies[0];
    assert_eq!(policy.kind, Some(PolicyType::Travel));
    assert_eq!(policy.status, Some(PolicyStatus::Canceled));
    assert_eq!(policy.is_archived, Some(false));
    let confirmed = NaiveDate::from_ymd_opt(2017, 11, 21).unwrap().and_hms_opt(14, 32, 29);
    assert_eq!(policy.date_confirmed, confirmed);
    let transaction = &order.transaction[0];
    assert_eq!(transaction.stages, Some(Stages::Two));
    assert_eq!(transaction.status, Some(TransactionStatus::Cancelled));
    let remote = transaction.remote_url.as_ref().unwrap();
    assert_eq!(remote.method, Some(HttpMethod::Post));
    assert_eq!(order.task[0].code, Some(TaskCode::CreateOrder));
    assert_eq!(order.task[0].current_action, Some(CurrentAction::Nothing));
    assert!(policy.legacy.as_ref().unwrap().is_empty());
    assert_eq!(order.legacy.as_ref().unwrap().as_str(), r#"{"id":268437}"#);
}
