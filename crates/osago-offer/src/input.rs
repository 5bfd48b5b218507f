//! Input that is checked on both sides: before it is sent, and when it arrives.

use ruapi_core::Error;

use crate::error::PropertyError;

/// Collects what is wrong with an input.
#[derive(Default)]
pub(crate) struct Problems(pub(crate) Vec<PropertyError>);

impl Problems {
    pub(crate) fn add(&mut self, property: impl Into<String>, message: impl Into<String>) {
        self.0.push(PropertyError::new(property, message));
    }

    pub(crate) fn uuid(&mut self, property: &str, text: &str) {
        if text.is_empty() {
            self.add(property, "is missing");
        } else if !is_uuid(text) {
            self.add(property, "must be a UUID");
        }
    }

    pub(crate) fn id(&mut self, property: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(property, "is missing");
        } else if text.len() > LONGEST_ID || text.contains(char::is_control) {
            self.add(property, "must be an identifier");
        }
    }

    pub(crate) fn uri(&mut self, property: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(property, "is missing");
        } else if !is_uri(text) {
            self.add(property, "must be a URI of the web or of an app, with its scheme and ://");
        }
    }

    /// Refuses the input if anything is wrong with it.
    pub(crate) fn refuse(self, operation: &'static str) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let words =
            self.0.iter().map(|problem| format!("{}: {}", problem.property, &*problem.message));
        Err(Error::input(operation, words.collect::<Vec<_>>().join("; ")))
    }
}

/// Longer identifiers are nobody's.
const LONGEST_ID: usize = 256;

/// `550e8400-e29b-41d4-a716-446655440000`, in either case of letters.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Schemes that belong to no app: browsers run or show what follows them, also after `://`.
const NO_APPS: [&str; 6] = ["javascript", "data", "vbscript", "blob", "about", "file"];

/// An absolute URI: an address of the web, or one that leads back into an app.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
        return is_web_url(text);
    }
    if NO_APPS.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return false;
    }
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !rest.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// An address of the web, absolute.
pub(crate) fn is_web_url(text: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        let head = text.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    });
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_five_groups_of_hexadecimal_digits() {
        assert!(is_uuid("550e8400-e29b-41d4-a716-446655440000"));
        assert!(is_uuid("550E8400-E29B-41D4-A716-446655440000"));
        for bad in [
            "",
            "550e8400e29b41d4a716446655440000",
            "{550e8400-e29b-41d4-a716-44665544000}",
            "550e8400-e29b-41d4-a716-44665544000g",
            "550e8400-e29b-41d4-a716-4466554400000",
            "550e8400-e29b-41d4-a71-6446655440000",
            "дддддддддддддддддд",
        ] {
            assert!(!is_uuid(bad), "{bad}");
        }
    }

    #[test]
    fn a_uri_leads_to_the_web_or_into_an_app() {
        for good in [
            "https://example.com/ok",
            "HTTP://example.ru",
            "someapp://osago/ok",
            "a.b+c-1://x",
            "datashop://x",
        ] {
            assert!(is_uri(good), "{good}");
        }
        for bad in [
            "",
            "example.ru",
            "example.ru:8080/ok",
            "//example.ru",
            "://example.ru",
            "https://",
            "https:///x",
            "someapp://",
            "some app://x",
            "1app://x",
            "someapp://a b",
            "someapp://a\nb",
            "javascript:alert(1)",
            "data:text/html,x",
            "javascript://x/%0aalert(1)",
            "JavaScript://x/%0aalert(1)",
            "data://text/html,x",
            "VBScript://x",
            "blob://example.ru/1",
            "about://blank",
            "FILE:///etc/passwd",
        ] {
            assert!(!is_uri(bad), "{bad}");
        }
    }

    #[test]
    fn a_web_address_has_a_scheme_and_a_host() {
        assert!(is_web_url("https://example.com/osago/success"));
        assert!(is_web_url("HTTP://example.ru"));
        for bad in [
            "",
            "//example.ru",
            "https://",
            "https:///x",
            "http://?x",
            "ftp://x",
            "http://a b",
            "é",
        ] {
            assert!(!is_web_url(bad), "{bad}");
        }
    }
}
