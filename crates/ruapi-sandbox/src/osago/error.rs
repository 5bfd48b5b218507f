//! The standard errors: `{"request_id": …, "message": …, "properties": […]}`.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::reply;

/// An error to answer.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    body: Body,
}

#[derive(Debug, Serialize)]
struct Body {
    request_id: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Problem>,
}

/// What is wrong with one property.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    property: String,
    message: String,
}

impl Problem {
    pub(super) fn new(property: impl Into<String>, message: impl Into<String>) -> Self {
        Self { property: property.into(), message: message.into() }
    }
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let body = Body { request_id: None, message: message.into(), properties: Vec::new() };
        Self { status, body }
    }

    /// 400 with what is wrong.
    pub(super) fn invalid(problems: Vec<Problem>) -> Self {
        let mut refusal = Self::new(StatusCode::BAD_REQUEST, "Ошибка валидации");
        refusal.body.properties = problems;
        refusal
    }

    /// 400 because of one property.
    pub(super) fn about(property: &str, message: &str) -> Self {
        Self::invalid(vec![Problem::new(property, message)])
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, what)
    }

    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Доступ запрещен")
    }

    /// For a fault: the code is a status, or else an error 500.
    pub(super) fn of_code(code: &str, message: Option<&str>) -> Self {
        let status = code.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.filter(|status| status.as_u16() >= 400);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let words = match status {
            StatusCode::BAD_REQUEST => "Ошибка валидации",
            StatusCode::FORBIDDEN => "Доступ запрещен",
            StatusCode::NOT_FOUND => "Не найдено",
            _ => "Внутренняя ошибка",
        };
        Self::new(status, message.unwrap_or(words))
    }

    pub(super) fn with_message(mut self, message: &str) -> Self {
        message.clone_into(&mut self.body.message);
        self
    }

    /// Of what was found wrong, unless it is nothing.
    pub(super) fn if_any(problems: Vec<Problem>, request_id: &str) -> Result<(), Self> {
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Self::invalid(problems).of_request(request_id)),
        }
    }

    /// Names the request, as far as it was understood.
    pub(super) fn of_request(mut self, id: &str) -> Self {
        self.body.request_id = Some(id.to_owned());
        self
    }

    pub(super) fn response(&self) -> Response {
        reply::json(self.status, &self.body)
    }
}
