//! Cherehapa: types without HTTP. Its fixtures are the documents' samples, and what varies in them.

use cherehapa_types::{order, quote, relaxed};
use ruapi_core::test_util::{Exchange, RecordedRequest, RecordedResponse, lossless};
use serde_json::{Value, json};

use super::{Api, Recorded, Source};
use crate::Result;

pub(crate) const API: Api = Api {
    name: "cherehapa",
    documented: include_str!("../../coverage/cherehapa.toml"),
    readmes: &["README.md", "README.ru.md", "crates/cherehapa-types/README.md"],
    record: |source| Box::pin(async move { record(source) }),
    harmless_segments: &[],
    harmless_query: &[],
    harmless_fields: &[],
    code_field: "status",
    embedded: &[],
    free_fields: &[
        "services",
        "infoPerTourist",
        "order",
        "additionalData",
        "data",
        "currentAction",
    ],
    decode,
    knows_code: |_| false,
};

const QUOTE: &str = include_str!("../../../crates/cherehapa-types/tests/samples/quote.json");
const ORDER: &str = include_str!("../../../crates/cherehapa-types/tests/samples/order.json");

fn decode(document: &str, body: &[u8]) -> std::result::Result<Value, String> {
    let value = match document {
        "quote" => quote::from_slice(body).map(serde_json::to_value),
        "order" => order::from_slice(body).map(serde_json::to_value),
        other => return Err(format!("{other} is no document")),
    };
    value.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// A case: the document, its name, and what is put in the sample's places.
type Case = (&'static str, &'static str, Vec<(&'static str, Value)>);

fn cases() -> Vec<Case> {
    let product =
        json!({"productId": "9", "companyId": "alfa", "price": "2306.8", "matchRating": 1});
    let task = json!({"id": "1432275", "code": "SendSms", "completeness": "0.5"});
    vec![
        ("quote", "documented", vec![]),
        ("quote", "lone_product", vec![("/data", product)]),
        (
            "quote",
            "maps_and_texts",
            vec![
                ("/data/0/assistances", json!({"thailand": [{"code": "gva", "name": "GVA"}]})),
                ("/data/0/insuredDays", json!("365")),
                ("/data/0/info/medicine/0/value", json!("10% от суммы")),
            ],
        ),
        (
            "quote",
            "nothing_there",
            vec![
                ("/data/0/services", Value::Null),
                ("/data/0/sport", Value::Null),
                ("/data/0/info", json!([])),
                ("/preCalc", json!([])),
            ],
        ),
        ("quote", "whole_trip", vec![("/request/insuredDays", json!(true))]),
        ("order", "documented", vec![]),
        (
            "order",
            "all_fields_filled",
            vec![
                ("/request/insurerId", json!(7)),
                ("/request/dateVisa", json!("01.11.2017")),
                ("/request/source", json!("widget")),
                ("/request/url", json!("https://example.ru/")),
                ("/tourist/0/secondName", json!("TESTOVICH")),
                ("/policy/0/order", json!({"id": 1})),
                ("/policy/0/transaction", json!({"id": 1})),
                ("/transaction/externalId", json!("T-1")),
                ("/transaction/remoteUrl/data", json!({"PaReq": "x"})),
                ("/transaction/additionalData", json!({"a": 1})),
                ("/task/currentAction", json!("Order\\CreateOrderPolicies")),
            ],
        ),
        ("order", "list_of_tasks", vec![("/task", json!([task]))]),
        ("order", "action_as_object", vec![("/task/currentAction", json!({"code": "X", "id": 1}))]),
        (
            "order",
            "empty_lists",
            vec![
                ("/order", json!([])),
                ("/transaction", json!([])),
                ("/policy", json!([])),
                ("/data", json!([])),
            ],
        ),
        ("order", "nowhere_to_go", vec![("/transaction/remoteUrl", json!(""))]),
        ("order", "list_of_transactions", vec![("/transaction", json!([{"id": 1}, {"id": "2"}]))]),
    ]
}

fn record(source: Source) -> Result<Vec<Recorded>> {
    if source == Source::Live {
        return Err("cherehapa-types has no HTTP: there is nothing to record from".into());
    }
    let mut recorded = Vec::new();
    for (document, name, changes) in cases() {
        let text = if document == "quote" { QUOTE } else { ORDER };
        let mut body: Value = serde_json::from_str(&relaxed(text))?;
        for (pointer, value) in changes {
            *body.pointer_mut(pointer).ok_or_else(|| format!("no {pointer}"))? = value;
        }
        let written = decode(document, body.to_string().as_bytes())?;
        lossless(&body, &written).map_err(|path| format!("{document} {name}: {path}"))?;
        let mut response = RecordedResponse::default();
        (response.status, response.body) = (200, body);
        let exchange = Exchange::new(RecordedRequest::default(), response);
        recorded.push(Recorded { operation: document, case: name.to_owned(), exchange });
    }
    Ok(recorded)
}
