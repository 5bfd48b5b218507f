//! What a request brings: the query as PHP reads it, and the fields of the JSON body.

use serde_json::{Map, Value};

use super::error::{BLANK, Errors, INVALID, Refusal};
use crate::query;

/// The parameters of the query.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        Self(query::parse(text).collect())
    }

    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The value of `name=…`, the last one; an empty one is none.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value);
        value.map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The values of `name[0]=…&name[1]=…`, of `name[]=…&name[]=…`, or the one of `name=…`.
    pub(super) fn many(&self, name: &str) -> Vec<&str> {
        let pairs = self.0.iter().map(|(known, value)| (known.as_str(), value.as_str()));
        let listed: Vec<_> = pairs
            .filter(|(known, value)| *known != name && base(known) == name && !value.is_empty())
            .map(|(_, value)| value)
            .collect();
        if listed.is_empty() { self.one(name).into_iter().collect() } else { listed }
    }

    /// The values, each of them one of `allowed`; or else an error.
    pub(super) fn choices<'a>(
        &'a self,
        name: &'static str,
        allowed: &[&str],
        errors: &mut Errors,
    ) -> Vec<&'a str> {
        let values = self.many(name);
        if values.iter().any(|value| !allowed.contains(value)) {
            errors.add(name, super::error::NOT_A_CHOICE);
        }
        values
    }

    /// The value as `parse` reads it; or else an error.
    pub(super) fn parsed<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        errors: &mut Errors,
    ) -> Option<T> {
        let value = parse(self.one(name)?);
        if value.is_none() {
            errors.add(name, INVALID);
        }
        value
    }

    /// The values as numbers; or else an error.
    pub(super) fn numbers(&self, name: &'static str, errors: &mut Errors) -> Vec<u64> {
        let values = self.many(name);
        let numbers: Vec<_> = values.iter().filter_map(|value| digits(value)).collect();
        if numbers.len() < values.len() {
            errors.add(name, INVALID);
        }
        numbers
    }
}

/// `status` of `status`, `status[]` and `status[12]`; other names are whole.
pub(super) fn base(name: &str) -> &str {
    match name.strip_suffix(']').and_then(|start| start.split_once('[')) {
        Some((base, index)) if index.bytes().all(|byte| byte.is_ascii_digit()) => base,
        _ => name,
    }
}

/// A number of nothing but digits.
pub(super) fn digits(text: &str) -> Option<u64> {
    let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

/// A field of a body.
#[derive(Debug, PartialEq)]
pub(super) enum Given<T> {
    /// Left out.
    Nothing,
    /// null or "".
    Empty,
    Value(T),
}

impl<T> Given<T> {
    /// Changes what is given, and only that.
    pub(super) fn change(self, place: &mut Option<T>) {
        match self {
            Self::Nothing => {}
            Self::Empty => *place = None,
            Self::Value(value) => *place = Some(value),
        }
    }

    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Nothing | Self::Empty => None,
            Self::Value(value) => Some(value),
        }
    }
}

/// The body of a request.
#[derive(Debug)]
pub(super) struct Body(Map<String, Value>);

impl Body {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            // PHP's empty object.
            Ok(Value::Array(items)) if items.is_empty() => Ok(Self(Map::new())),
            _ => Err(Refusal::bad_body()),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn text(&self, name: &'static str, errors: &mut Errors) -> Given<String> {
        match self.0.get(name) {
            None => Given::Nothing,
            Some(Value::Null) => Given::Empty,
            Some(Value::String(text)) if text.trim().is_empty() => Given::Empty,
            Some(Value::String(text)) => Given::Value(text.clone()),
            Some(Value::Number(number)) => Given::Value(number.to_string()),
            Some(_) => {
                errors.add(name, "This value should be of type string.");
                Given::Nothing
            }
        }
    }

    /// A text that has to be there; empty only if an error was added.
    pub(super) fn needed(&self, name: &'static str, errors: &mut Errors) -> String {
        let text = self.text(name, errors).value();
        if text.is_none() && !errors.has(name) {
            errors.add(name, BLANK);
        }
        text.unwrap_or_default()
    }

    /// A number, or digits in a text.
    pub(super) fn number(&self, name: &'static str, errors: &mut Errors) -> Given<u64> {
        match self.0.get(name) {
            None => Given::Nothing,
            Some(Value::Null) => Given::Empty,
            Some(Value::String(text)) if text.is_empty() => Given::Empty,
            Some(value) => number(value).map_or_else(
                || {
                    errors.add(name, INVALID);
                    Given::Nothing
                },
                Given::Value,
            ),
        }
    }

    pub(super) fn needed_number(&self, name: &'static str, errors: &mut Errors) -> Option<u64> {
        let number = self.number(name, errors).value();
        if number.is_none() && !errors.has(name) {
            errors.add(name, BLANK);
        }
        number
    }

    /// A list of numbers; none if it is left out or empty.
    pub(super) fn numbers(&self, name: &'static str, errors: &mut Errors) -> Option<Vec<u64>> {
        let numbers = match self.0.get(name)? {
            Value::Null => return None,
            Value::Array(items) => items.iter().map(number).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        if numbers.is_none() {
            errors.add(name, INVALID);
        }
        numbers.filter(|numbers| !numbers.is_empty())
    }

    /// The address of a site, an app or something else; empty only if an error was added.
    pub(super) fn needed_address(&self, name: &'static str, errors: &mut Errors) -> String {
        let text = self.needed(name, errors);
        check_address(name, &text, errors);
        text
    }

    /// The address of a site, an app or something else.
    pub(super) fn address(&self, name: &'static str, errors: &mut Errors) -> Given<String> {
        let given = self.text(name, errors);
        if let Given::Value(text) = &given {
            check_address(name, text, errors);
        }
        given
    }

    /// A web address.
    pub(super) fn url(&self, name: &'static str, errors: &mut Errors) -> Given<String> {
        let given = self.text(name, errors);
        if let Given::Value(text) = &given {
            check_url(name, text, errors);
        }
        given
    }

    pub(super) fn needed_url(&self, name: &'static str, errors: &mut Errors) -> String {
        let text = self.needed(name, errors);
        if !errors.has(name) {
            check_url(name, &text, errors);
        }
        text
    }

    pub(super) fn needed_email(&self, name: &'static str, errors: &mut Errors) -> String {
        let text = self.needed(name, errors);
        if !errors.has(name) && !is_email(&text) {
            errors.add(name, "This value is not a valid email address.");
        }
        text
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => digits(text),
        _ => None,
    }
}

fn check_address(name: &'static str, text: &str, errors: &mut Errors) {
    if text.contains(char::is_control) {
        errors.add(name, INVALID);
    }
}

/// A URL as a header or a request line can carry it.
pub(super) fn ascii_url(url: &str) -> String {
    percent_encoding::utf8_percent_encode(url, percent_encoding::CONTROLS).to_string()
}

fn check_url(name: &'static str, text: &str, errors: &mut Errors) {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let fits = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && !text.contains(|symbol: char| symbol.is_whitespace() || symbol.is_control());
    if !fits {
        errors.add(name, "This value is not a valid URL.");
    }
}

fn is_email(text: &str) -> bool {
    let symbols = |part: &str| {
        !part.is_empty() && part.chars().all(|symbol| !symbol.is_whitespace() && symbol != '/')
    };
    text.split_once('@').is_some_and(|(name, host)| {
        symbols(name) && symbols(host) && !host.contains('@') && !text.chars().any(char::is_control)
    })
}
