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

use std::fmt;

use http::{HeaderMap, HeaderName, header};
use percent_encoding::utf8_percent_encode;

use crate::request::{QUERY, pairs};

pub use ruapi_wire::MASK;

/// Headers whose values tell nothing about anybody.
const HARMLESS_HEADERS: &[HeaderName] = &[
    header::ACCEPT,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::DATE,
    header::RETRY_AFTER,
    header::SERVER,
    header::TRANSFER_ENCODING,
    header::USER_AGENT,
];

/// Shorter texts are not masked in messages: they would match by chance, everywhere.
const SHORTEST_MASKED: usize = 4;

/// Whether a header may be shown with its value.
pub fn is_harmless_header(name: &HeaderName) -> bool {
    HARMLESS_HEADERS.contains(name)
}

/// `text` with every one of `values` masked, as it stands and percent-encoded.
pub(crate) fn mask_all<'a>(text: &str, values: impl Iterator<Item = &'a str>) -> String {
    let mut masked = text.to_owned();
    for value in values.filter(|value| value.chars().count() >= SHORTEST_MASKED) {
        masked = masked.replace(value, MASK);
        let encoded = utf8_percent_encode(value, QUERY).to_string();
        masked = masked.replace(&encoded, MASK);
    }
    masked
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
    fn a_value_is_masked_in_both_spellings() {
        let values = ["А111АА11", "11"];
        let text = "А111АА11 or %D0%90111%D0%90%D0%9011, 11 left";
        assert_eq!(mask_all(text, values.into_iter()), "*** or ***, 11 left");
    }
}
