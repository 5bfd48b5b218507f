//! What the fuzz targets share. `cargo xtask fuzz` builds and runs them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Splits off the byte that picks one of so many cases. Letters and digits pick as well as others, so
/// that seeds stay readable.
pub fn pick(data: &[u8], cases: usize) -> Option<(usize, &[u8])> {
    let (first, rest) = data.split_first()?;
    Some((usize::from(*first) % cases, rest))
}

/// Decodes, writes, and does both again. What was written must be understood, and written the same.
/// Gives the model, to be looked at in other ways.
pub fn round_trip<T: DeserializeOwned + Serialize>(json: &[u8]) -> Option<T> {
    round_trip_by(json, |json| ruapi_core::decode(json).ok())
}

/// The same, where nothing else is to be looked at.
pub fn read<T: DeserializeOwned + Serialize>(json: &[u8]) {
    round_trip::<T>(json);
}

/// The same with a decoder of the model's own.
pub fn round_trip_by<T: Serialize>(json: &[u8], decode: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    let first = decode(json)?;
    let written = serde_json::to_string(&first).expect("a model can be written");
    let Some(second) = decode(written.as_bytes()) else {
        panic!("not understood when written: {written}")
    };
    let again = serde_json::to_string(&second).expect("a model can be written");
    if written != again {
        let json = |text: &str| serde_json::from_str(text).expect("a model is written as JSON");
        assert!(is_same(&json(&written), &json(&again)), "{written}\nis then written\n{again}");
    }
    Some(first)
}

/// The same JSON: names of an object have no order, and numbers with a fraction are as exact as serde_json
/// reads them, which may be wrong in the last bit. A string may be JSON itself.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let is_there = |(name, value)| b.get(name).is_some_and(|found| is_same(value, found));
            a.len() == b.len() && a.iter().all(is_there)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap_or_default(), b.as_f64().unwrap_or_default());
            (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON
        }
        (Value::String(a), Value::String(b)) if a != b => {
            let object = |text: &str| serde_json::from_str(text).ok().filter(Value::is_object);
            object(a).zip(object(b)).is_some_and(|(a, b)| is_same(&a, &b))
        }
        (a, b) => a == b,
    }
}

/// Calls the case of a list of closures that the first byte picks.
#[macro_export]
macro_rules! cases {
    ($data:expr, $($case:expr),+ $(,)?) => {{
        let cases: &[fn(&[u8])] = &[$($case),+];
        if let Some((case, rest)) = $crate::pick($data, cases.len()) {
            cases[case](rest);
        }
    }};
}
