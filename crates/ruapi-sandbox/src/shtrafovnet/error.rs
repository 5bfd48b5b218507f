//! The error envelope: `{"status":400,"type":"validation_error","title":"…","errors":{…}}`.
//!
//! The document prints it for a validation error only. The others follow the library that the
//! server's envelope comes from: the type `about:blank`, the title of the HTTP status.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::reply;

pub(super) const BLANK: &str = "This value should not be blank.";
pub(super) const INVALID: &str = "This value is not valid.";
pub(super) const NOT_A_CHOICE: &str = "The value you selected is not a valid choice.";

const VALIDATION: &str = "validation_error";
const VALIDATION_TITLE: &str = "There was a validation error";

/// An error to answer.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    status: u16,
    #[serde(rename = "type")]
    kind: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Errors>,
}

/// What is wrong with which field.
#[derive(Debug, Default, Serialize)]
pub(super) struct Errors(BTreeMap<&'static str, Vec<String>>);

impl Errors {
    pub(super) fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.entry(field).or_default().push(message.into());
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// A refusal, if anything is wrong.
    pub(super) fn check(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::validation(self)) }
    }
}

impl Refusal {
    fn validation(errors: Errors) -> Self {
        Self {
            status: 400,
            kind: VALIDATION.to_owned(),
            title: VALIDATION_TITLE.to_owned(),
            errors: Some(errors),
        }
    }

    /// One field is wrong.
    pub(super) fn field(field: &'static str, message: impl Into<String>) -> Self {
        let mut errors = Errors::default();
        errors.add(field, message);
        Self::validation(errors)
    }

    pub(super) fn titled(status: StatusCode, title: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            kind: "about:blank".to_owned(),
            title: title.into(),
            errors: None,
        }
    }

    pub(super) fn plain(status: StatusCode) -> Self {
        Self::titled(status, status.canonical_reason().unwrap_or("Error"))
    }

    pub(super) fn not_found() -> Self {
        Self::plain(StatusCode::NOT_FOUND)
    }

    pub(super) fn bad_body() -> Self {
        Self {
            status: 400,
            kind: "invalid_body_format".to_owned(),
            title: "Invalid JSON format sent".to_owned(),
            errors: None,
        }
    }

    /// For a fault: a code is an HTTP status, 400 to 599, or else the type of an error 400.
    pub(super) fn of_code(code: &str, message: Option<&str>) -> Self {
        let status = code.parse().ok().filter(|status| (400..600).contains(status));
        let mut refusal = match status.and_then(|status| StatusCode::from_u16(status).ok()) {
            Some(StatusCode::BAD_REQUEST) => Self::validation(Errors::default()),
            Some(status) => Self::plain(status),
            None if code == VALIDATION => Self::validation(Errors::default()),
            None => Self { kind: code.to_owned(), ..Self::plain(StatusCode::BAD_REQUEST) },
        };
        if let Some(message) = message {
            message.clone_into(&mut refusal.title);
        }
        refusal
    }

    pub(super) fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        reply::json(status, self)
    }
}
