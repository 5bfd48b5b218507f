use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A secret or a person's datum planted in an input, to be looked for in all output.
#[derive(Debug, Clone)]
pub struct Planted {
    spellings: Vec<(&'static str, String)>,
}

impl Planted {
    /// Looks for `value` as it stands, percent-encoded, in base64 and as escaped in JSON.
    pub fn new(value: &str) -> Self {
        let percent = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        let escaped: String = value
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect();
        let base64 = STANDARD.encode(value);
        Self {
            spellings: vec![
                ("as it stands", value.to_owned()),
                ("percent-encoded", percent.to_lowercase()),
                // The last characters depend on what follows in the encoded text.
                (
                    "base64",
                    base64.trim_end_matches('=')[..base64.len() / 4 * 4 - 4].to_owned(),
                ),
                ("escaped", escaped),
            ],
        }
    }

    /// In which spelling `text` shows the planted value, if it does.
    pub fn found_in(&self, text: &str) -> Option<&'static str> {
        let lower = text.to_lowercase();
        let shows =
            |spelling: &String| text.contains(spelling) || lower.contains(spelling.as_str());
        self.spellings
            .iter()
            .find(|(_, spelling)| shows(spelling))
            .map(|(name, _)| *name)
    }

    /// Panics if `text` shows the planted value; the panic names `place`, never the text.
    #[track_caller]
    pub fn assert_absent(&self, place: &str, text: &str) {
        if let Some(spelling) = self.found_in(text) {
            panic!("{place} shows the planted value {spelling}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found_and_nothing_else() {
        let planted = Planted::new("Планов/11");
        for (spelling, text) in [
            ("as it stands", "x Планов/11 y"),
            (
                "percent-encoded",
                "q=%D0%9F%D0%BB%D0%B0%D0%BD%D0%BE%D0%B2%2F11",
            ),
            ("base64", "Basic 0J/Qu9Cw0L3QvtCyLzEx"),
            (
                "escaped",
                r"\u041f\u043b\u0430\u043d\u043e\u0432\u002f\u0031\u0031",
            ),
        ] {
            assert_eq!(planted.found_in(text), Some(spelling));
        }
        planted.assert_absent("nothing", "Планёр 11 ***");
    }

    #[test]
    #[should_panic(expected = "the log shows the planted value as it stands")]
    fn the_assertion_fails_without_repeating_the_value() {
        Planted::new("secret").assert_absent("the log", "a secret");
    }
}
