//! From JSON to models, and what to say when that fails.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

/// Some servers begin with it, and no JSON parser likes it.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// Longer keys are not those of a document, nor are those with more digits.
const LONGEST_NAME: usize = 40;
const MOST_DIGITS: usize = 4;

/// JSON as a model, or where it differs and what was expected there. Never shows a value, nor a key that
/// is no plain name: such keys are data, and `*` stands for them.
///
/// The path is looked for in a second pass, so that a sound answer does not pay for it.
///
/// ```
/// let problem = ruapi_wire::decode::<Vec<u32>>(br#"[1, "Testov"]"#).unwrap_err();
/// assert!(problem.starts_with("at `[1]`: expected u32"));
/// assert!(!problem.contains("Testov"));
/// ```
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    // Checked once as a whole: from a slice serde_json would check every string by itself.
    let text = std::str::from_utf8(body.strip_prefix(BOM).unwrap_or(body))
        .map_err(|error| format!("not UTF-8 after byte {}", error.valid_up_to()))?;
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let expectation = expectation(&error);
    Err(match place::<T>(text).as_str() {
        "" => expectation,
        path => format!("at `{path}`: {expectation}"),
    })
}

/// Where JSON differs from what a model takes: a path such as `list[1].number`, empty for the whole.
/// Keys that are no plain names are shown as `*`.
///
/// ```
/// let json = r#"{"cars": [1, 2, "many"]}"#;
/// let place = ruapi_wire::place::<std::collections::HashMap<String, Vec<u8>>>(json);
/// assert_eq!(place, "cars[2]");
/// ```
pub fn place<T: DeserializeOwned>(json: &str) -> String {
    let deserializer = &mut serde_json::Deserializer::from_str(json);
    match serde_path_to_error::deserialize::<_, T>(deserializer) {
        Err(located) => located.path().iter().fold(String::new(), add_segment),
        Ok(_) => String::new(),
    }
}

fn add_segment(mut path: String, segment: &Segment) -> String {
    let name = match segment {
        Segment::Seq { index } => return path + &format!("[{index}]"),
        Segment::Map { key } if is_name(key) => key,
        Segment::Enum { variant } => variant,
        Segment::Map { .. } | Segment::Unknown => "*",
    };
    if !path.is_empty() {
        path.push('.');
    }
    path + name
}

fn is_name(key: &str) -> bool {
    key.len() <= LONGEST_NAME
        && key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && key.bytes().any(|byte| byte.is_ascii_lowercase())
        && key.bytes().filter(u8::is_ascii_digit).count() <= MOST_DIGITS
}

/// What serde says without the value that it quotes.
///
/// ```
/// let error = serde_json::from_str::<u32>(r#""Testov""#).unwrap_err();
/// assert!(error.to_string().contains("Testov"));
/// assert!(!ruapi_wire::expectation(&error).contains("Testov"));
/// ```
pub fn expectation(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let quotes_value = error.is_data() && !text.starts_with("missing field");
    match text.rfind("expected ") {
        Some(start) if quotes_value => text[start..].to_owned(),
        None if quotes_value => format!("line {}, column {}", error.line(), error.column()),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only its decoding is tested")]
    struct Model {
        list: Vec<Item>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only its decoding is tested")]
    struct Item {
        number: u32,
    }

    fn problem(body: &str) -> String {
        decode::<Model>(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_problem_names_the_path_and_the_expectation_but_no_value() {
        assert_eq!(
            problem(r#"{"list":[{"number":1},{"number":"Тестов, expected none"}]}"#),
            "at `list[1].number`: expected u32 at line 1 column 61"
        );
        assert_eq!(
            problem(r#"{"list":[{}]}"#),
            "at `list[0]`: missing field `number` at line 1 column 11"
        );
        assert!(problem("<html>").starts_with("expected value"), "{}", problem("<html>"));
        assert!(problem(r#"{"list":[{"numb"#).contains("EOF"), "{}", problem(r#"{"list":[{"numb"#));
    }

    #[test]
    fn keys_that_are_data_are_not_shown() {
        type Lists = std::collections::BTreeMap<String, Vec<u32>>;
        for (json, problem) in [
            (r#"{"PolicyHolderINN":[1,"x"]}"#, "at `PolicyHolderINN[1]`: expected u32"),
            (r#"{"not-a-real-token":["x"]}"#, "at `*[0]`: expected u32"),
            (r#"{"a1b2c3d4e5f6":["x"]}"#, "at `*[0]`: expected u32"),
            (r#"{"TESTOV":["x"]}"#, "at `*[0]`: expected u32"),
            (r#"{"Тестов":["x"]}"#, "at `*[0]`: expected u32"),
        ] {
            let error = decode::<Lists>(json.as_bytes()).unwrap_err();
            assert!(error.starts_with(problem), "{error}");
        }
    }
}
