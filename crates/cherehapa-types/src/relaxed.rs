//! The document's own samples are not quite JSON.

use std::borrow::Cow;

/// Plain JSON from a sample as documents print it: without a byte order mark and `//` comments, each
/// of which ends with its line. `//` inside a string stays. For samples and tests; what the service
/// sends needs none of this.
///
/// ```
/// let sample = "{ \"id\": 1, // внутренний код\n \"url\": \"https://example.ru/\" }";
/// let json = cherehapa_types::relaxed(sample);
/// assert_eq!(json, "{ \"id\": 1, \n \"url\": \"https://example.ru/\" }");
/// ```
pub fn relaxed(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(mut start) = next_comment(text) else { return Cow::Borrowed(text) };
    let mut json = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        json.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        rest = &rest[end..];
        match next_comment(rest) {
            Some(next) => start = next,
            None => {
                json.push_str(rest);
                return Cow::Owned(json);
            }
        }
    }
}

/// Where the next comment starts. `text` starts outside of strings.
fn next_comment(text: &str) -> Option<usize> {
    let mut in_string = false;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                bytes.next();
            }
            b'/' if !in_string && bytes.peek().is_some_and(|(_, next)| *next == b'/') => {
                return Some(at);
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_comments_go() {
        for (text, json) in [
            ("", ""),
            ("\u{feff}{}", "{}"),
            ("{}//", "{}"),
            ("// a\r\n{} // b\n// c", "\r\n{} \n"),
            ("[1 / 2]", "[1 / 2]"),
            (r#"["//", "\"//", "\\"] // "x""#, r#"["//", "\"//", "\\"] "#),
            (r#"["не закрыто //"#, r#"["не закрыто //"#),
            ("{\n//€\n}", "{\n\n}"),
        ] {
            assert_eq!(relaxed(text), json, "{text}");
        }
        assert!(matches!(relaxed("{}"), Cow::Borrowed(_)));
    }
}
