//! The query of an operation.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::Refusal;

/// The value of a parameter; empty if it is not there. Refused: twice the same one, and what is no text.
pub(super) fn parameter<'a>(query: &'a str, name: &str) -> Result<Cow<'a, str>, Refusal> {
    let wrong = |message| Err(Refusal::invalid("the query is wrong").property(name, message));
    let mut found = None;
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if percent_decode_str(key).decode_utf8_lossy() != name {
            continue;
        }
        if found.replace(value).is_some() {
            return wrong("is there more than once");
        }
    }
    // As forms are encoded.
    let value = found.unwrap_or_default();
    let plain = match value.contains('+') {
        true => Cow::Owned(value.replace('+', " ")),
        false => Cow::Borrowed(value),
    };
    let decoded = match &plain {
        Cow::Borrowed(text) => percent_decode_str(text).decode_utf8(),
        Cow::Owned(text) => percent_decode_str(text).decode_utf8().map(|it| it.into_owned().into()),
    };
    decoded.or_else(|_| wrong("is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_single() {
        let query = "offer_id=a%2Fb+c&request_id=7&x&request_id2=8";
        assert_eq!(parameter(query, "offer_id").unwrap(), "a/b c");
        assert_eq!(parameter(query, "request_id").unwrap(), "7");
        assert_eq!(parameter(query, "x").unwrap(), "");
        assert_eq!(parameter("", "request_id").unwrap(), "");
        for bad in ["x=1&x=1", "%78=1&x=2", "x=%ff", "x=%ff+"] {
            assert_eq!(parameter(bad, "x").unwrap_err().status(), 400, "{bad}");
        }
    }
}
