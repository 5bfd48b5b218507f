//! From JSON to models, and what to say when that fails.

use serde::de::DeserializeOwned;

/// Some servers begin with it, and no JSON parser likes it.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// JSON as a model, or where it differs and what was expected there. Never shows a value.
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
    let deserializer = &mut serde_json::Deserializer::from_str(text);
    let path = match serde_path_to_error::deserialize::<_, T>(deserializer) {
        Err(located) => located.path().to_string(),
        Ok(_) => ".".to_owned(),
    };
    let expectation = expectation(&error);
    Err(if path == "." { expectation } else { format!("at `{path}`: {expectation}") })
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
}
