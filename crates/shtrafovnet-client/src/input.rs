//! Input that is checked when it is made.

use std::fmt;
use std::str::FromStr;

use ruapi_core::{Error, Request};

/// A user's or an account's e-mail address, which is also the user's name in paths. Personal data:
/// `Debug` masks it.
///
/// It may be an invented one, such as `YOUR_USER_ID@YOUR_DOMAIN`: just one `@` with something on
/// both sides, no slash, no white space. Letter case is kept.
///
/// ```
/// use shtrafovnet_client::Email;
///
/// let email: Email = "user@test.ru".parse()?;
/// assert_eq!(email.as_str(), "user@test.ru");
/// assert!("a/../b@x.ru".parse::<Email>().is_err());
/// # Ok::<(), shtrafovnet_client::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(Box<str>);

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |detail: &'static str| Err(Error::input("e-mail", detail));
        let text = text.trim();
        let Some((user, host)) = text.split_once('@') else {
            return wrong("expected an address with an `@`");
        };
        if user.is_empty() || host.is_empty() || host.contains('@') {
            return wrong("expected one `@` with something before and after it");
        }
        if text.contains(['/', '\\']) {
            return wrong("a slash would lead to another path");
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return wrong("white space and control characters are not allowed");
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<&str> for Email {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ruapi_core::redact::MASK)
    }
}

/// A required text that is not blank.
pub(crate) fn not_blank(operation: &'static str, name: &str, text: &str) -> Result<(), Error> {
    match text.trim() {
        "" => Err(Error::input(operation, format!("{name} must not be blank"))),
        _ => Ok(()),
    }
}

/// The address of a site, an app or something else: the document gives it no form.
pub(crate) fn any_address(operation: &'static str, name: &str, text: &str) -> Result<(), Error> {
    not_blank(operation, name, text)?;
    if text.contains(char::is_control) {
        let detail = format!("{name} must not hold control characters");
        return Err(Error::input(operation, detail));
    }
    Ok(())
}

/// An address of the web.
pub(crate) fn web_url(operation: &'static str, name: &str, text: &str) -> Result<(), Error> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_url = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    match is_url {
        true => Ok(()),
        false => {
            let detail = format!("{name} must be a URL with http:// or https://");
            Err(Error::input(operation, detail))
        }
    }
}

/// A filter of type "string or array", if it is set: one value as `name=…`, several as PHP reads a list:
/// `name[0]=…&name[1]=…`. Refused: none, and a blank one, which would not say "none" but "all".
pub(crate) fn filter<'a, T>(
    mut request: Request,
    name: &str,
    values: &'a Option<Vec<T>>,
    text: impl Fn(&'a T) -> &'a str,
) -> Result<Request, Error> {
    let Some(values) = values else { return Ok(request) };
    if values.is_empty() {
        let detail = format!("{name}: an empty list; leave the filter out to get all");
        return Err(Error::input(request.operation(), detail));
    }
    for (place, value) in values.iter().map(text).enumerate() {
        not_blank(request.operation(), name, value)?;
        request = match values.len() {
            1 => request.query(name, value),
            _ => request.query(&format!("{name}[{place}]"), value),
        };
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    #[test]
    fn an_address_that_would_leave_its_path_is_refused() {
        for bad in [
            "",
            " ",
            "..",
            ".",
            "user",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a/../b@x.ru",
            "a\\b@x.ru",
            "a b@x.ru",
            "a@x.ru\n/cars",
            "a@x\u{0}",
        ] {
            let error = bad.parse::<Email>().unwrap_err();
            assert!(error.is_input(), "{bad:?}");
            assert!(bad.trim().len() < 3 || !error.to_string().contains(bad.trim()), "{error}");
        }
        let email: Email = " 42@fleet.example ".parse().unwrap();
        assert_eq!(email.as_str(), "42@fleet.example");
        assert_eq!(format!("{email:?}"), "***");
    }

    #[test]
    fn one_value_stands_alone_and_several_are_numbered() {
        let sent = |values: Option<Vec<&'static str>>| {
            let request = Request::new("op", Method::GET, "p");
            filter(request, "status", &values, |value| *value)
                .map(|request| request.query_string().to_owned())
        };
        assert_eq!(sent(None).unwrap(), "");
        assert_eq!(sent(Some(vec!["new"])).unwrap(), "status=new");
        let two = sent(Some(vec!["new", "active"])).unwrap();
        assert_eq!(two, "status%5B0%5D=new&status%5B1%5D=active");
        for all in [vec![], vec![" "], vec!["new", ""]] {
            assert!(sent(Some(all)).unwrap_err().is_input());
        }
    }

    #[test]
    fn a_url_has_a_scheme_and_a_host() {
        assert!(web_url("op", "url", "https://example.com/a?b=1").is_ok());
        assert!(web_url("op", "url", "http://example.ru").is_ok());
        for bad in ["", "example.com", "https://", "https:///x", "ftp://x", "http://a b"] {
            assert!(web_url("op", "url", bad).unwrap_err().is_input(), "{bad}");
        }
    }

    #[test]
    fn an_address_may_be_an_apps() {
        for good in ["com.example.fines", "Наше приложение", "market://details?id=a", "example.ru"]
        {
            assert!(any_address("op", "url", good).is_ok(), "{good}");
        }
        for bad in ["", " \t", "a\nb", "a\u{0}"] {
            assert!(any_address("op", "url", bad).unwrap_err().is_input(), "{bad:?}");
        }
    }
}
