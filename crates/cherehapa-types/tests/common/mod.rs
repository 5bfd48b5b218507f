//! Samples, and what "without loss" means.

#![allow(dead_code, reason = "each test uses its part")]

use std::path::Path;

use cherehapa_types::{DecodeError, order, quote, relaxed};
use serde_json::Value;

/// The two documents.
pub(crate) const DOCUMENTS: &[&str] = &["quote", "order"];

/// A document's sample as plain JSON.
pub(crate) fn sample(document: &str) -> Value {
    let path = format!("tests/samples/{document}.json");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    serde_json::from_str(&relaxed(&text)).unwrap()
}

/// Decodes and encodes again.
pub(crate) fn round_trip(document: &str, json: &Value) -> Result<Value, DecodeError> {
    let body = json.to_string();
    Ok(match document {
        "quote" => serde_json::to_value(quote::from_slice(body.as_bytes())?).unwrap(),
        "order" => serde_json::to_value(order::from_slice(body.as_bytes())?).unwrap(),
        other => panic!("what is {other}?"),
    })
}

pub(crate) fn quote(json: &Value) -> quote::Quote {
    quote::from_slice(json.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn order(json: &Value) -> order::Order {
    order::from_slice(json.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

/// The same keys and values. A scalar may change its spelling, an absent value its form, a lone
/// object its list.
pub(crate) fn lossless(path: &str, from: &Value, to: &Value) -> Result<(), String> {
    match (from, to) {
        _ if is_absent(from) && is_absent(to) => Ok(()),
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            keys.into_iter().try_for_each(|key| {
                let value = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                let (a, b) = (value(a).unwrap_or_default(), value(b).unwrap_or_default());
                lossless(&format!("{path}/{key}"), &a, &b)
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.into_iter().try_for_each(|(n, (a, b))| lossless(&format!("{path}/{n}"), a, b))
        }
        (lone, Value::Array(list)) if list.len() == 1 => lossless(path, lone, &list[0]),
        (a, b) if scalar(a).is_some() && scalar(a) == scalar(b) => Ok(()),
        _ => Err(format!("{path}: {from} became {to}")),
    }
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_absent),
        _ => false,
    }
}

fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    Some(match text.as_str() {
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        text if text.contains('.') && text.parse::<f64>().is_ok() => {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        text => text.to_owned(),
    })
}

/// JSON pointers of everything below `value`.
pub(crate) fn pointers(value: &Value) -> Vec<String> {
    fn walk(at: &str, value: &Value, all: &mut Vec<String>) {
        let mut child = |key: &str, value| {
            let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            all.push(at.clone());
            walk(&at, value, all);
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| child(key, value)),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(n, value)| child(&n.to_string(), value));
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    walk("", value, &mut all);
    all
}

/// A copy with one value replaced, or added to its object.
pub(crate) fn with(json: &Value, pointer: &str, value: Value) -> Value {
    let mut json = json.clone();
    match json.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            let (object, key) = pointer.rsplit_once('/').unwrap();
            json.pointer_mut(object).unwrap()[key] = value;
        }
    }
    json
}
