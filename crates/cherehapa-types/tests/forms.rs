//! Every shape in which the service may send what the document shows in one.

mod common;

use cherehapa_types::order::CurrentAction;
use cherehapa_types::quote::{Assistances, InfoValue, ServiceSum};
use cherehapa_types::{Id, InsuredDays, order, quote};
use common::{DOCUMENTS, lossless, order, pointers, quote, round_trip, sample, with};
use serde_json::{Value, json};

/// Other forms of the same value.
fn forms(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            let mut forms = vec![json!(text), json!(format!(" {text}"))];
            if text == "0" || text == "1" {
                forms.extend([json!(text == "1"), json!((text == "1").to_string())]);
            }
            forms
        }
        Value::String(text) => {
            let number = text.parse::<u64>().map(|number| json!(number));
            let decimal = text.parse::<f64>().map(|number| json!(number));
            number.into_iter().chain(decimal).collect()
        }
        Value::Bool(flag) => {
            vec![
                json!(flag.to_string()),
                json!(u8::from(*flag)),
                json!(u8::from(*flag).to_string()),
            ]
        }
        Value::Array(list) if list.len() == 1 => vec![list[0].clone()],
        _ => Vec::new(),
    }
}

/// A boolean in place of these says something else.
fn is_flag_form_of_a_count(pointer: &str, form: &Value) -> bool {
    const FLAGS: &[&str] = &["isLimited", "hidden", "isArhive", "insuredDays"];
    let is_flag = form.is_boolean() || form == "true" || form == "false";
    let in_services = pointer.contains("/serviceProduct/") || pointer.contains("/service/");
    is_flag && !in_services && !FLAGS.iter().any(|name| pointer.ends_with(name))
}

#[test]
fn every_value_may_take_another_form() {
    let mut tried = 0;
    for document in DOCUMENTS {
        let sample = sample(document);
        for pointer in pointers(&sample) {
            for form in forms(sample.pointer(&pointer).unwrap()) {
                let of_bool = sample.pointer(&pointer).unwrap().is_boolean();
                if !of_bool && is_flag_form_of_a_count(&pointer, &form) {
                    continue;
                }
                let changed = with(&sample, &pointer, form);
                let written =
                    round_trip(document, &changed).unwrap_or_else(|e| panic!("{pointer}: {e}"));
                assert_eq!(lossless("", &changed, &written), Ok(()), "{pointer}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn every_value_may_be_absent() {
    for document in DOCUMENTS {
        let sample = sample(document);
        for pointer in pointers(&sample) {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let is_element = sample.pointer(parent).unwrap().is_array();
            // Elements of a list and what is undocumented inside have no form of absence.
            if is_element || pointer.contains("/services/") || pointer.contains("/infoPer") {
                continue;
            }
            for nothing in [json!(null), json!(""), json!("  "), json!([])] {
                let changed = with(&sample, &pointer, nothing.clone());
                let written =
                    round_trip(document, &changed).unwrap_or_else(|e| panic!("{pointer}: {e}"));
                if nothing != json!("  ") {
                    assert_eq!(lossless("", &changed, &written), Ok(()), "{pointer}");
                }
            }
            let mut changed = sample.clone();
            changed
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(&key.replace("~1", "/"));
            let written = round_trip(document, &changed).unwrap();
            assert_eq!(lossless("", &changed, &written), Ok(()), "{pointer}");
        }
    }
}

#[test]
fn the_shapes_that_vary() {
    let product = json!({"productId": 1, "companyId": "alfa", "matchRating": 1});
    let task = json!({"id": 1, "completeness": 0.5});
    let assistance = json!({"code": "gva", "name": "GVA"});
    for (document, pointer, value) in [
        ("quote", "/data", product.clone()),
        ("quote", "/data", json!([product, product])),
        ("quote", "/data", json!([])),
        ("quote", "/productPerCompany", product),
        ("quote", "/assistances", json!("gva")),
        ("quote", "/data/0/assistances", assistance.clone()),
        ("quote", "/data/0/assistances", json!({"thailand": [assistance], "laos": [assistance]})),
        ("quote", "/data/0/assistances", json!({"thailand": assistance, "laos": []})),
        ("quote", "/data/0/assistances", json!({"thailand": [assistance], "laos": null})),
        ("quote", "/data/0/productId", json!("alfa-9")),
        ("quote", "/data/0/productId", json!("009")),
        ("quote", "/data/0/insuredDays", json!("365")),
        ("quote", "/data/0/insuredDays", json!(true)),
        ("quote", "/data/0/insuredDays", json!("true")),
        ("quote", "/data/0/services", json!(null)),
        ("quote", "/data/0/services", json!({"medicine": 1})),
        ("quote", "/data/0/sport", json!(null)),
        ("quote", "/data/0/serviceProduct", json!([])),
        ("quote", "/data/0/serviceProduct/legal", json!(true)),
        ("quote", "/data/0/serviceProduct/legal", json!("без лимита")),
        ("quote", "/data/0/info", json!([])),
        ("quote", "/data/0/info/medicine", json!({"type": "franchise", "value": 30})),
        ("quote", "/data/0/info/medicine/0/value", json!(30.5)),
        ("quote", "/data/0/info/medicine/0/value", json!("10% от суммы, но не менее 30 EUR")),
        ("quote", "/data/0/info/medicine/0/value", json!("030")),
        ("quote", "/request/insuredDays", json!(true)),
        ("quote", "/request/sport", json!(null)),
        ("quote", "/request/currencyRate", json!({"USD": 59.6325})),
        ("quote", "/preCalc", json!([])),
        ("quote", "/preCalc/companiesCount", json!([])),
        ("quote", "/preCalc/serviceValues", json!([30000, 35000.5])),
        ("order", "/order", json!([])),
        ("order", "/order", json!([{"id": 1}])),
        ("order", "/transaction", json!([])),
        ("order", "/transaction", json!({"id": "1"})),
        ("order", "/transaction", json!([{"id": 1}])),
        ("order", "/transaction", json!([{"id": 1}, {"id": 2}])),
        ("order", "/policy", json!([])),
        ("order", "/policy", json!({"id": 1})),
        ("order", "/policy/0/transaction", json!({"id": 1})),
        ("order", "/policy/0/order", json!({"id": 1})),
        ("order", "/data", json!([])),
        ("order", "/data", json!({"links": {"1/17": "https://example.ru/"}})),
        ("order", "/data/0/links", json!([])),
        ("order", "/task", json!([])),
        ("order", "/task", json!([task])),
        ("order", "/task", json!([task, task])),
        ("order", "/task", task),
        ("order", "/task/currentAction", json!(false)),
        ("order", "/task/currentAction", json!("Order\\CreateOrderPolicies")),
        ("order", "/task/currentAction", json!({"code": "Order\\CreateOrderPolicies", "id": 1})),
        ("order", "/transaction/remoteUrl", json!(null)),
        ("order", "/transaction/remoteUrl", json!("")),
        ("order", "/transaction/remoteUrl/data", json!({"PaReq": "x", "MD": [1]})),
        ("order", "/transaction/additionalData", json!({"a": {"b": [1.5]}})),
        ("order", "/request/insuredDays", json!("1")),
    ] {
        let changed = with(&sample(document), pointer, value);
        let written = round_trip(document, &changed).unwrap_or_else(|e| panic!("{pointer}: {e}"));
        assert_eq!(lossless("", &changed, &written), Ok(()), "{pointer}");
        let again = round_trip(document, &written).unwrap();
        assert_eq!(again, written, "{pointer}");
    }
}

#[test]
fn the_shapes_give_the_same_model() {
    let sample_quote = sample("quote");
    let plain = quote(&sample_quote);
    let lone = with(&sample_quote, "/data", sample_quote["data"][0].clone());
    assert_eq!(quote(&lone), plain);
    let gaps = with(&sample_quote, "/data", json!({"3": sample_quote["data"][0]}));
    assert_eq!(quote(&gaps), plain);

    let days =
        |value| quote(&with(&sample_quote, "/data/0/insuredDays", value)).data[0].insured_days;
    assert_eq!(days(json!("365")).and_then(InsuredDays::days), Some(365));
    assert_eq!(days(json!(true)), Some(InsuredDays::Flag(true)));

    let value = |value| {
        let quote = quote(&with(&sample_quote, "/data/0/info/medicine/0/value", value));
        quote.data[0].franchises().next().map(|(_, value)| value.clone())
    };
    assert_eq!(value(json!(30)), Some(InfoValue::Amount(30.into())));
    assert_eq!(
        value(json!("30.50")).and_then(|value| value.amount()),
        Some("30.5".parse().unwrap())
    );
    for text in ["10%", "30 EUR", "1e3", "030", "-0", "1_000", "+5", ".5", "."] {
        assert_eq!(value(json!(text)), Some(InfoValue::Text(text.into())), "{text}");
    }
    assert_eq!(value(json!("")), None);

    let legal = |value| {
        let quote = quote(&with(&sample_quote, "/data/0/serviceProduct/legal", value));
        quote.data[0].service_product.get("legal").cloned().flatten()
    };
    assert_eq!(legal(json!(true)).and_then(|sum| sum.amount()), Some(1.into()));
    assert_eq!(legal(json!("5000")), Some(ServiceSum::Amount(5000.into())));
    assert_eq!(legal(json!(null)), None);

    let by_country =
        json!({"laos": {"code": "gva"}, "thailand": [{"code": "gva"}, {"code": "best"}]});
    let quote = quote(&with(&sample_quote, "/data/0/assistances", by_country));
    let Assistances::ByCountry(map) = &quote.data[0].assistances else { panic!("by country") };
    assert_eq!(map.get("thailand").unwrap().len(), 2);
    assert_eq!(quote.data[0].assistances.iter().count(), 3);
    for absent in [json!(null), json!(""), json!(false), json!([])] {
        let by_country = json!({"laos": absent, "thailand": [{"code": "best"}]});
        let quote = common::quote(&with(&sample_quote, "/data/0/assistances", by_country));
        let codes = quote.data[0].assistances.iter().map(|one| one.code.as_deref());
        assert_eq!(codes.collect::<Vec<_>>(), [Some("best")], "{absent}");
    }
    for bare in [json!({"code": "gva", "name": null}), json!({"code": "gva", "new": {"a": 1}})] {
        let quote = common::quote(&with(&sample_quote, "/data/0/assistances", bare));
        assert!(matches!(&quote.data[0].assistances, Assistances::List(list) if list.len() == 1));
    }

    let sample_order = sample("order");
    let listed = with(&sample_order, "/task", json!([sample_order["task"]]));
    assert_eq!(order(&listed), order(&sample_order));
    let action = |value| {
        order(&with(&sample_order, "/task/currentAction", value)).task[0].current_action.clone()
    };
    assert_eq!(action(json!(null)), None);
    assert_eq!(action(json!(false)), Some(CurrentAction::Nothing));
    assert_eq!(action(json!("A\\B")).unwrap().code(), Some("A\\B"));
    assert!(
        matches!(action(json!({"a": 1})), Some(CurrentAction::Details(extra)) if extra.names().count() == 1)
    );
    let remote = |value| {
        let order = order(&with(&sample_order, "/transaction/remoteUrl", value));
        order.transaction[0].remote_url.is_some()
    };
    assert!(
        !remote(json!("")) && !remote(json!(null)) && !remote(json!([])) && !remote(json!(false))
    );
}

#[test]
fn amounts_keep_their_digits() {
    let sample = sample("quote");
    for text in
        ["0.01", "162307.37", "999999999999.99", "-0.5", "4113.154", "123456789.012345", "7"]
    {
        for json in [text.to_owned(), format!("\"{text}\"")] {
            let body = format!(r#"{{"data":[{{"price":{json}}}]}}"#);
            let quote = quote::from_slice(body.as_bytes()).unwrap();
            assert_eq!(quote.data[0].price.unwrap().to_string(), text);
            let written = serde_json::to_string(&quote).unwrap();
            assert!(written.contains(&format!(r#""price":{text},"#)), "{written}");
        }
    }
    let long = "1234567890123456789012345.678";
    let quote = quote(&with(&sample, "/data/0/price", json!(long)));
    assert!(serde_json::to_string(&quote).unwrap().contains(&format!(r#""price":"{long}""#)));
    // More digits than a decimal holds are an error, not a rounded amount.
    let too_long = with(&sample, "/data/0/price", json!("0.12345678901234567890123456789012"));
    assert_eq!(round_trip("quote", &too_long).unwrap_err().path(), "data[0].price");
}

#[test]
fn a_year_that_cannot_be_written_is_not_read() {
    for text in ["+12345-1-1", "-0001-1-01", "01.01.12345"] {
        let answer = json!({"request": {"dateStart": text}}).to_string();
        let error = order::from_slice(answer.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "at `request.dateStart`: expected a date (dd.mm.yyyy)");
    }
}

#[test]
fn dates_and_moments() {
    let moment = |text: &str| {
        let order = order(&json!({"policy": {"dateCreated": text}}));
        order.policies[0].date_created.map(|moment| moment.to_string())
    };
    for text in ["21.11.2017 14:32:10", " 21.11.2017 14:32:10", "2017-11-21 14:32:10"] {
        assert_eq!(moment(text).as_deref(), Some("2017-11-21 14:32:10"));
    }
    assert_eq!(moment("21.11.2017").as_deref(), Some("2017-11-21 00:00:00"));
    let day =
        |text: &str| order(&json!({"request": {"dateStart": text}})).request.unwrap().date_start;
    for text in ["21.11.2017", "2017-11-21", "21.11.2017 00:00:00"] {
        assert_eq!(day(text).unwrap().to_string(), "2017-11-21");
    }
}

#[test]
fn whitespace_of_internal_parts_does_not_matter_and_stays() {
    let body = br#"{"data":{"services":[ 1.10 , {"a" : 1e2} ]}}"#;
    let quote = quote::from_slice(body).unwrap();
    assert_eq!(quote.data[0].services.as_ref().unwrap().as_str(), r#"[ 1.10 , {"a" : 1e2} ]"#);
    let close = quote::from_slice(br#"{"data":{"services":[1.1,{"a":100.0}]}}"#).unwrap();
    assert_eq!(quote, close);
}

#[test]
fn models_can_be_part_of_a_callers_own() {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Answer {
        Quote { quote: Box<quote::Quote> },
        Order(Box<order::Order>),
    }
    #[derive(serde::Deserialize)]
    struct Flat {
        #[serde(flatten)]
        quote: quote::Quote,
    }

    let sample_quote = sample("quote");
    let from_buffer = serde_json::from_value(json!({"quote": sample_quote})).unwrap();
    let Answer::Quote { quote: buffered } = from_buffer else { panic!("a quote") };
    assert_eq!(*buffered, quote(&sample_quote));
    let from_text = serde_json::from_str::<Answer>(&sample("order").to_string()).unwrap();
    let Answer::Order(buffered) = from_text else { panic!("an order") };
    assert_eq!(*buffered, order(&sample("order")));
    let flat: Flat = serde_json::from_str(&sample_quote.to_string()).unwrap();
    assert_eq!(flat.quote, quote(&sample_quote));
}

#[test]
fn models_can_be_built() {
    let mut product = quote::Product::default();
    product.company_id = Some(Id::from(23));
    product.service_product =
        [("medicine", Some(ServiceSum::Amount(50_000.into())))].into_iter().collect();
    let mut built = quote::Quote::default();
    built.data.push(product);
    let decoded =
        quote(&json!({"data": {"companyId": "23", "serviceProduct": {"medicine": "50000"}}}));
    assert_eq!(built, decoded);
    let mut built = order::Order::default();
    built.task = order::Task::default().into();
    assert_eq!(built, order(&json!({"task": {}})));
}

#[test]
fn models_can_go_to_other_threads() {
    fn goes<T: Clone + Send + Sync + 'static>() {}
    goes::<quote::Quote>();
    goes::<order::Order>();
    goes::<cherehapa_types::DecodeError>();
}
