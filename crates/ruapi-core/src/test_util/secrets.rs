use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

/// A secret or a person's datum planted in an input, to be looked for in all output.
#[derive(Debug, Clone)]
pub struct Planted {
    value: String,
    /// In base64, at each of the three places it may have in what was encoded; the ends, which
    /// depend on the neighbours, left out.
    base64: [String; 3],
}

impl Planted {
    /// Looks for `value` as it stands, percent-encoded, in base64 and as escaped in JSON.
    ///
    /// # Panics
    ///
    /// If the value is so short that it would be found by chance.
    pub fn new(value: &str) -> Self {
        assert!(value.len() >= 4, "too short to be looked for");
        let base64 = [0, 1, 2].map(|before| {
            let bytes = [&[0; 2][..before], value.as_bytes()].concat();
            let whole = bytes.len() / 3 * 4;
            let text = STANDARD.encode(bytes);
            text[(before * 8).div_ceil(6)..whole].to_owned()
        });
        Self { value: value.to_owned(), base64 }
    }

    /// In which spelling `text` shows the planted value, if it does.
    pub fn found_in(&self, text: &str) -> Option<&'static str> {
        if text.contains(&self.value) {
            Some("as it stands")
        } else if percent_decode_str(text).decode_utf8_lossy().contains(&self.value) {
            Some("percent-encoded")
        } else if self.base64.iter().any(|spelling| text.contains(spelling)) {
            Some("in base64")
        } else if unescape(text).contains(&self.value) {
            Some("escaped")
        } else {
            None
        }
    }

    /// Panics if `text` shows the planted value; the panic names `place`, never the text.
    #[track_caller]
    pub fn assert_absent(&self, place: &str, text: &str) {
        if let Some(spelling) = self.found_in(text) {
            panic!("{place} shows the planted value {spelling}");
        }
    }
}

/// `text` with each `\uXXXX` replaced by what it stands for.
fn unescape(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut units: Vec<u16> = parts.next().unwrap_or_default().encode_utf16().collect();
    for part in parts {
        let code = part.get(..4).and_then(|code| u16::from_str_radix(code, 16).ok());
        units.extend(code);
        let rest = if code.is_some() { &part[4..] } else { part };
        units.extend(rest.encode_utf16());
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found_and_nothing_else() {
        let planted = Planted::new("Планов/11");
        for (spelling, text) in [
            ("as it stands", "x Планов/11 y"),
            ("percent-encoded", "q=%D0%9F%D0%BB%D0%B0%D0%BD%D0%BE%D0%B2%2F11"),
            ("percent-encoded", "q=%d0%9f%d0%bb%d0%b0%d0%bd%d0%be%d0%b2/11"),
            ("escaped", r"\u041f\u043b\u0430\u043d\u043e\u0432\u002f\u0031\u0031"),
            ("escaped", r#"{"name":"\u041f\u043b\u0430\u043d\u043e\u0432/11"}"#),
        ] {
            assert_eq!(planted.found_in(text), Some(spelling), "{text}");
        }
        for before in ["", "u", "us", "use", "user:"] {
            let text = STANDARD.encode(format!("{before}Планов/11{before}"));
            assert_eq!(planted.found_in(&text), Some("in base64"), "after {before:?}");
        }
        planted.assert_absent("nothing", r"Планёр 11 *** \u12 \uzzzz %zz");
    }

    #[test]
    #[should_panic(expected = "the log shows the planted value as it stands")]
    fn the_assertion_fails_without_repeating_the_value() {
        Planted::new("secret").assert_absent("the log", "a secret");
    }
}
