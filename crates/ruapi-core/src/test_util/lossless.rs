use serde_json::Value;

/// Whether `encoded` (a model written back) holds everything that `original` (what was received) holds.
///
/// The same keys and values are required, undocumented ones included. A scalar may change its
/// spelling (`"500"` and 500, `"true"` and 1), an absent value its form (`null`, `""`, `[]`, missing), a lone
/// object its list. The error names the JSON path, never a value.
pub fn lossless(original: &Value, encoded: &Value) -> Result<(), String> {
    compare("", original, encoded)
}

fn compare(path: &str, original: &Value, encoded: &Value) -> Result<(), String> {
    if is_absent(original) && is_absent(encoded) {
        return Ok(());
    }
    match (original, encoded) {
        (Value::Object(from), Value::Object(to)) => {
            let keys = from.keys().chain(to.keys().filter(|key| !from.contains_key(*key)));
            keys.into_iter().try_for_each(|key| {
                let value = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                let (from, to) = (value(from).unwrap_or_default(), value(to).unwrap_or_default());
                compare(&format!("{path}.{key}"), &from, &to)
            })
        }
        (Value::Array(from), Value::Array(to)) if from.len() == to.len() => from
            .iter()
            .zip(to)
            .enumerate()
            .try_for_each(|(n, (from, to))| compare(&format!("{path}[{n}]"), from, to)),
        (from @ Value::Object(_), Value::Array(to)) if to.len() == 1 => compare(path, from, &to[0]),
        (from, to) if scalar(from).is_some() && scalar(from) == scalar(to) => Ok(()),
        _ => Err(format!("{path} is not the same")),
    }
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// One spelling for all spellings of a scalar.
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
        // Zeros at the end of a fraction are no loss; those at the head of an INN would be.
        text if text.contains('.') && text.parse::<f64>().is_ok() => {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        text => text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spellings_may_change_and_nothing_else() {
        let original =
            json!({"a": "500", "b": "true", "c": "", "d": {"x": 1}, "e": 0.750, "new": [null]});
        let encoded =
            json!({"a": 500, "b": 1, "d": [{"x": "1"}], "e": "0.75", "f": null, "new": [""]});
        assert_eq!(lossless(&original, &encoded), Ok(()));
        for (key, other) in [
            ("a", json!(501)),
            ("a", json!(null)),
            ("b", json!(false)),
            ("c", json!("x")),
            ("d", json!([{"x": 1}, {"x": 1}])),
            ("d", json!([{"x": 2}])),
            ("f", json!(1)),
            ("new", json!([])),
        ] {
            let mut changed = encoded.clone();
            changed[key] = other.clone();
            assert!(lossless(&original, &changed).is_err(), "{key} as {other}");
        }
        assert!(lossless(&json!("0775100073"), &json!(775100073)).is_err());
    }
}
