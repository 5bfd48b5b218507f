//! From bytes to models, and what to say when that fails.

use std::fmt;

use serde::de::DeserializeOwned;

/// An answer that is not what the document promises: names the place and what was expected there,
/// never what was found, which may be somebody's personal data.
///
/// ```
/// let error = cherehapa_types::quote::from_slice(br#"{"data": [{"price": "Testov"}]}"#).unwrap_err();
/// assert_eq!(error.path(), "data[0].price");
/// assert_eq!(error.expected(), "expected a decimal number");
/// assert!(!error.to_string().contains("Testov"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    path: String,
    expected: String,
}

impl DecodeError {
    /// Where: a JSON path such as `data[3].price`, or empty for the answer as a whole. `*` stands for
    /// a key that is no plain name: such keys are data.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was expected there, or what is wrong with the JSON.
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.expected),
            path => write!(f, "at `{path}`: {}", self.expected),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Decodes JSON in UTF-8, with or without a byte order mark.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    // Checked once as a whole: from a slice serde_json would check every string by itself.
    let text = std::str::from_utf8(body).map_err(|error| DecodeError {
        path: String::new(),
        expected: format!("not UTF-8 after byte {}", error.valid_up_to()),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Only an answer that fails pays for its path.
    serde_json::from_str(text).map_err(|error| located::<T>(text, &error))
}

fn located<T: DeserializeOwned>(text: &str, error: &serde_json::Error) -> DecodeError {
    DecodeError { path: ruapi_wire::place::<T>(text), expected: expectation(error) }
}

/// What serde says without the value that it quotes.
fn expectation(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind("expected ") {
        _ if !error.is_data() || text.starts_with("duplicate field") => text,
        // serde names the struct; the caller sees an object.
        Some(start) if text[start..].starts_with("expected struct") => "expected an object".into(),
        Some(start) => match text.rfind(" at line ") {
            Some(end) if end > start => text[start..end].to_owned(),
            _ => text[start..].to_owned(),
        },
        None => format!("not understood at line {}, column {}", error.line(), error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only its decoding is tested")]
    struct Model {
        n: std::collections::BTreeMap<String, Vec<u32>>,
    }

    #[test]
    fn keys_that_are_data_are_not_shown() {
        for (json, path) in [
            (r#"{"n":{"medicine":["TESTOV"]}}"#, "n.medicine[0]"),
            (r#"{"n":{"0070330-0279869/17МП":[1,"TESTOV"]}}"#, "n.*[1]"),
            (r#"{"n":{"TESTOV":[-1]}}"#, "n.*[0]"),
        ] {
            let error = decode::<Model>(json.as_bytes()).unwrap_err();
            assert_eq!(error.path(), path);
            assert_eq!(error.expected(), "expected u32");
            assert_eq!(error.to_string(), format!("at `{path}`: expected u32"));
        }
    }
}
