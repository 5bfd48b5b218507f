//! What a document says about an answer, as data, and whether a value is as it says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate};
use http::Method;
use serde::Serialize;
use serde_json::Value;

/// How bad a deviation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Severity {
    /// Allowed, and worth knowing.
    Note,
    /// The document does not forbid it, and somebody will stumble over it.
    Warning,
    /// Against the document.
    Error,
}

/// One operation: how it is called, what it answers, what else is looked at.
#[derive(Debug)]
pub(super) struct Operation {
    /// Its name for `--only`, with which the names of its checks begin.
    pub(super) key: &'static str,
    /// Its name in the document.
    pub(super) name: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) answer: Option<&'static Table>,
    pub(super) checks: &'static [&'static [Check]],
}

/// One thing that is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) severity: Severity,
    /// Where it is written: a section of the document, or the sibling operation's answer.
    pub(super) place: &'static str,
    pub(super) expected: &'static str,
}

/// A table of the document: the fields of an object.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) section: &'static str,
    pub(super) fields: &'static [Field],
}

/// A line of a table.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) need: Need,
    pub(super) form: Form,
}

/// Whether a field may be absent. The document does not say so in words: its tables begin with the
/// fields that are always there, and without some of them nobody can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Its absence is an error.
    Must,
    /// Its absence is a warning.
    Should,
    /// It may be absent, or null.
    May,
}

/// What a value looks like.
#[derive(Debug)]
pub(super) enum Form {
    Text,
    Number,
    Integer,
    Flag,
    Uuid,
    /// A day, with or without a time.
    Day,
    /// A moment with its zone.
    Moment,
    /// An address of the web with its scheme.
    Url,
    /// The same; the scheme may be left out, as in the document's example.
    Logo,
    /// A PDF as a data URI in base64.
    Pdf,
    /// One of these values of an enumeration.
    OneOf(&'static str, &'static [&'static str]),
    Texts,
    Object(&'static Table),
    List(&'static Table),
}

impl Check {
    pub(super) const fn new(
        name: &'static str,
        severity: Severity,
        place: &'static str,
        expected: &'static str,
    ) -> Self {
        Self { name, severity, place, expected }
    }
}

pub(super) const fn must(name: &'static str, form: Form) -> Field {
    Field { name, need: Need::Must, form }
}

pub(super) const fn should(name: &'static str, form: Form) -> Field {
    Field { name, need: Need::Should, form }
}

pub(super) const fn may(name: &'static str, form: Form) -> Field {
    Field { name, need: Need::May, form }
}

impl Form {
    /// In words.
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Integer => "an integer".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Uuid => "a UUID as a text".to_owned(),
            Self::Day => "a date (yyyy-mm-dd), with or without a time".to_owned(),
            Self::Moment => "a date and time with a zone (RFC 3339)".to_owned(),
            Self::Url => "a URL with http:// or https://".to_owned(),
            Self::Logo => "a URL that begins with https://, http:// or //".to_owned(),
            Self::Pdf => "a PDF as data:application/pdf;base64,…".to_owned(),
            Self::OneOf(name, values) => format!("{name}: one of {}", values.join(", ")),
            Self::Texts => "a list of texts".to_owned(),
            Self::Object(_) => "an object".to_owned(),
            Self::List(_) => "a list".to_owned(),
        }
    }

    /// Whether it is one of texts.
    pub(super) fn is_text(&self) -> bool {
        !matches!(
            self,
            Self::Number
                | Self::Integer
                | Self::Flag
                | Self::Texts
                | Self::Object(_)
                | Self::List(_)
        )
    }

    /// Whether the value has the form; what is inside an object or a list is not looked at.
    pub(super) fn fits(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Text => text.is_some(),
            Self::Number => value.is_number(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Flag => value.is_boolean(),
            Self::Uuid => text.is_some_and(is_uuid),
            Self::Day => text.is_some_and(is_day),
            Self::Moment => text.is_some_and(is_moment),
            Self::Url => text.is_some_and(|text| is_url(text, &["https://", "http://"])),
            Self::Logo => text.is_some_and(|text| is_url(text, &["https://", "http://", "//"])),
            Self::Pdf => text.is_some_and(is_pdf),
            Self::OneOf(_, values) => text.is_some_and(|text| values.contains(&text)),
            Self::Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            Self::Object(_) => value.is_object(),
            Self::List(_) => value.is_array(),
        }
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_moment(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
}

fn is_day(text: &str) -> bool {
    let Some((day, rest)) = text.split_at_checked("yyyy-mm-dd".len()) else { return false };
    NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok()
        && (rest.is_empty() || rest.starts_with(['T', 't', ' ']))
}

fn is_url(text: &str, starts: &[&str]) -> bool {
    let host = starts.iter().find_map(|start| text.strip_prefix(start));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?', '#']))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_pdf(text: &str) -> bool {
    let data = text.strip_prefix("data:application/pdf;base64,");
    let pdf = data.and_then(|data| STANDARD.decode(data).ok());
    pdf.is_some_and(|pdf| pdf.starts_with(b"%PDF-"))
}

/// What a value is, in words; never the value.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn forms_are_those_of_the_document_and_no_others() {
        const NAMES: Form = Form::OneOf("Status", &["CREATED", "APPROVED"]);
        let fitting = [
            (Form::Text, json!("")),
            (Form::Number, json!(7072.5)),
            (Form::Integer, json!(12)),
            (Form::Flag, json!(false)),
            (Form::Uuid, json!("550E8400-e29b-41d4-a716-446655440000")),
            (Form::Day, json!("2026-12-01")),
            (Form::Day, json!("2026-12-01T10:00:00")),
            (Form::Moment, json!("2026-12-01T10:00:00.5+03:00")),
            (Form::Url, json!("https://partner.ru/policy?id=112233")),
            (Form::Logo, json!("//partner.ru/ugc/logo_135x85.gif")),
            (Form::Pdf, json!("data:application/pdf;base64,JVBERi0xLjQ=")),
            (NAMES, json!("CREATED")),
            (Form::Texts, json!(["100%"])),
        ];
        for (form, value) in fitting {
            assert!(form.fits(&value), "{form:?} {value}");
        }
        let deviating = [
            (Form::Text, json!(7)),
            (Form::Number, json!("7072")),
            (Form::Integer, json!(1.5)),
            (Form::Integer, json!("1")),
            (Form::Flag, json!("true")),
            (Form::Flag, json!(1)),
            (Form::Uuid, json!("550e8400e29b41d4a716446655440000")),
            (Form::Day, json!("01.12.2026")),
            (Form::Day, json!("2026-13-01")),
            (Form::Day, json!("2026-12-01x")),
            (Form::Moment, json!("2026-12-01")),
            (Form::Moment, json!("2026-12-01T10:00:00")),
            (Form::Url, json!("//partner.ru/policy")),
            (Form::Url, json!("https:///policy")),
            (Form::Url, json!("/policy")),
            (Form::Logo, json!("logo.gif")),
            (Form::Logo, json!("//a b")),
            (Form::Pdf, json!("JVBERi0xLjQ=")),
            (Form::Pdf, json!("data:application/pdf;base64,JVBERi0x LjQ=")),
            (Form::Pdf, json!("data:application/pdf;base64,PGh0bWw+")),
            (Form::Pdf, json!("data:text/html;base64,JVBERi0xLjQ=")),
            (NAMES, json!("created")),
            (Form::Texts, json!("100%")),
            (Form::Texts, json!([100])),
        ];
        for (form, value) in deviating {
            assert!(!form.fits(&value), "{form:?} {value}");
        }
    }
}
