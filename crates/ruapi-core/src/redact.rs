//! What may be shown. By allow-list: whatever is not named here stays hidden.
//!
//! ```
//! use http::{HeaderMap, HeaderValue, header};
//! use ruapi_core::redact;
//!
//! let mut headers = HeaderMap::new();
//! headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
//! headers.insert("token", HeaderValue::from_static("not-a-real-token"));
//! let shown = format!("{:?}", redact::Headers(&headers));
//! assert!(shown.contains("application/json") && !shown.contains("not-a-real-token"));
//!
//! let query = redact::Query { query: "type=checkPolicy&token=not-a-real-token", shown: &["type"] };
//! let shown = format!("{query:?}");
//! assert!(shown.contains("checkPolicy") && !shown.contains("not-a-real-token"));
//! ```

use std::cmp::Reverse;
use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use http::{HeaderMap, HeaderName, header};
use percent_encoding::percent_decode_str;

use crate::request::pairs;

pub use ruapi_wire::MASK;

/// Headers whose values tell nothing about anybody.
const HARMLESS_HEADERS: &[HeaderName] = &[
    header::ACCEPT,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::DATE,
    header::RETRY_AFTER,
    header::SERVER,
    header::USER_AGENT,
];

/// Shorter texts, even names («Ким»), are not masked in messages: they would match by chance, everywhere.
const SHORTEST_MASKED: usize = 4;

/// Whether a header may be shown with its value.
pub fn is_harmless_header(name: &HeaderName) -> bool {
    HARMLESS_HEADERS.contains(name)
}

/// `text` with every one of `values` masked that is long enough. If it says one in another spelling (letters
/// of another case, percent-encoded, escaped, in base64), nothing of it is shown.
pub(crate) fn mask_all<'a>(text: &str, values: impl Iterator<Item = &'a str>) -> String {
    let mut values: Vec<_> = values.filter(|it| it.chars().count() >= SHORTEST_MASKED).collect();
    // A value that is part of another one would leave that one's rest.
    values.sort_by_key(|value| Reverse(value.len()));
    let masked = values.iter().fold(text.to_owned(), |text, value| text.replace(value, MASK));
    // Twice: an address may be encoded once more to be put into another one.
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().to_lowercase();
    // JSON in a text escapes `/` and `"`, a form writes a space as `+`.
    let plain = |text: &str| text.to_lowercase().replace('\\', "").replace('+', " ");
    let said = plain(&decode(&decode(&masked)));
    let coded = masked.replace('-', "+").replace('_', "/");
    let is_said = |it: &&str| said.contains(&plain(it)) || is_encoded(it, &coded);
    let has_escapes = !values.is_empty() && masked.contains("\\u");
    if has_escapes || values.iter().any(is_said) { MASK.to_owned() } else { masked }
}

/// Whether `text` has the value in base64, at any of the three places it may have in what was encoded: without
/// its ends, which depend on the neighbours.
fn is_encoded(value: &str, text: &str) -> bool {
    [0, 1, 2].into_iter().any(|before: usize| {
        let bytes = [&[0; 2][..before], value.as_bytes()].concat();
        let part = &BASE64_STANDARD.encode(&bytes)[(before * 8).div_ceil(6)..bytes.len() / 3 * 4];
        part.len() > 2 * SHORTEST_MASKED && text.contains(part)
    })
}

/// Headers for `Debug`: all names, and the values of the harmless ones.
pub struct Headers<'a>(pub &'a HeaderMap);

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| {
                let shown = value.to_str().ok().filter(|_| is_harmless_header(name));
                (name.as_str(), shown.unwrap_or(MASK))
            }))
            .finish()
    }
}

/// An encoded query for `Debug`: all names, and the values of those listed.
pub struct Query<'a> {
    /// The encoded query.
    pub query: &'a str,
    /// The parameters whose values may be shown.
    pub shown: &'a [&'a str],
}

impl fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(pairs(self.query).map(|(name, value)| {
                let value = if self.shown.contains(&&*name) { value } else { MASK.into() };
                (name, value)
            }))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_headers_are_hidden() {
        let mut headers = HeaderMap::new();
        headers.insert("token", "planted-secret".parse().unwrap());
        headers.insert("content-type", "application/json".parse().unwrap());
        let debug = format!("{:?}", Headers(&headers));
        assert_eq!(debug, r#"{"token": "***", "content-type": "application/json"}"#);
    }

    #[test]
    fn values_are_masked_and_in_another_spelling_hide_all() {
        let values = ["А111АА11", "11", "planted-value"];
        let mask = |text| mask_all(text, values.into_iter());
        assert_eq!(mask("А111АА11 of planted-value, 11 left"), "*** of ***, 11 left");
        for text in [
            "no %D0%90111%D0%90%D0%9011",
            "no %d0%90111%d0%90А11",
            "no %25D0%2590111%25D0%2590%25D0%259011",
            "no а111аа11",
            "no PLANTED-VALUE",
            "no cGxhbnRlZC12YWx1ZQ==",
            "no dTpwbGFudGVkLXZhbHVl",
            "no LS1wbGFudGVkLXZhbHVlLS0",
            r"no \u0410111\u0410\u041011",
            r"no planted\-value",
        ] {
            assert_eq!(mask(text), MASK, "{text}");
        }
        assert_eq!(mask("no MTE and no А111"), "no MTE and no А111");
        assert_eq!(mask_all(r"no \u0410", [].into_iter()), r"no \u0410");
        assert_eq!(mask_all("no Ул+Тайная", ["Ул Тайная"].into_iter()), MASK);
    }

    #[test]
    fn a_value_that_is_part_of_another_leaves_nothing_of_it() {
        let values = ["Иван", "Иванов", "Москва", "Иванович", "г Москва, ул Тайная, д 7"];
        let masked = mask_all("г Москва, ул Тайная, д 7: Иванов Иван Иванович", values.into_iter());
        assert_eq!(masked, "***: *** *** ***");
    }
}
