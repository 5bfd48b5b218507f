//! Words of an answer that may be shown.

use ruapi_core::redact::MASK;
use serde_json::Value;

/// A word of a protocol is not longer.
const LONGEST: usize = 40;
/// A shorter text of the request would be found everywhere.
const SHORTEST: usize = 3;

/// Tells words of the protocol from what was sent: a partner may put anything anywhere.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// `None`: it was sent at another time, so that any word may be somebody's name.
    sent: Option<Vec<String>>,
}

impl Words {
    /// All that is sent in this request is personal.
    pub(super) fn of(request: &Value) -> Self {
        let mut sent = Vec::new();
        collect(request, &mut sent);
        Self { sent: Some(sent) }
    }

    /// The word, if it is one such as `CREATED` or `inProcess` and nothing that was sent.
    pub(super) fn shown<'a>(&self, word: &'a str) -> Option<&'a str> {
        let is_word = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        let fits = !word.is_empty() && word.len() <= LONGEST && word.bytes().all(is_word);
        (fits && !self.was_sent(word)).then_some(word)
    }

    /// An identifier, if it looks like one and holds nothing that was sent; else a mask.
    pub(super) fn id<'a>(&self, id: &'a str) -> &'a str {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let fits = id.len() <= LONGEST && id.bytes().all(is_plain);
        if fits && !self.was_sent(id) { id } else { MASK }
    }

    fn was_sent(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        match &self.sent {
            Some(sent) => sent
                .iter()
                .any(|sent| sent.contains(&text) && text.len() >= SHORTEST || text.contains(sent)),
            None => !text.bytes().all(|byte| byte.is_ascii_digit()),
        }
    }
}

fn collect(value: &Value, sent: &mut Vec<String>) {
    match value {
        Value::String(text) if text.chars().count() >= SHORTEST => sent.push(text.to_lowercase()),
        Value::Array(list) => list.iter().for_each(|item| collect(item, sent)),
        Value::Object(map) => map.values().for_each(|item| collect(item, sent)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_words_that_were_not_sent_are_shown() {
        let request = json!({"insurer": {"first_name": "Amonullo", "contact": [{"email": "a@x.ru"}]}, "id": 7});
        let words = Words::of(&request);
        for word in ["CREATED", "inProcess", "is_prolongaton"] {
            assert_eq!(words.shown(word), Some(word));
        }
        for hidden in [
            "",
            "Тестов",
            "AMONULLO",
            "Amon",
            "x_amonullo",
            "a b",
            "0000",
            "a@x.ru",
            &"A".repeat(41),
        ] {
            assert_eq!(words.shown(hidden), None, "{hidden}");
        }
        for id in ["44234899", "1", "a-7_b.c"] {
            assert_eq!(words.id(id), id);
        }
        for hidden in ["amonullo", "7-Amonullo", "а", "a b", "a@x.ru"] {
            assert_eq!(words.id(hidden), MASK, "{hidden}");
        }
    }

    #[test]
    fn where_nobody_knows_what_was_sent_only_numbers_are_shown() {
        let words = Words::default();
        assert_eq!(
            (words.shown("CREATED"), words.id("44234899"), words.id("a7")),
            (None, "44234899", MASK)
        );
    }
}
