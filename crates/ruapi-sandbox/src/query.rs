//! Query strings as PHP, which the documents' servers are written in, reads them.

use percent_encoding::percent_decode_str;

/// The decoded names and values, in order; what is not UTF-8 becomes U+FFFD.
pub(crate) fn parse(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

fn decode(text: &str) -> String {
    if text.contains('+') {
        percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
    } else {
        percent_decode_str(text).decode_utf8_lossy().into_owned()
    }
}
