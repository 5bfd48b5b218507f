//! What is answered instead of what was asked for: `{"code": …, "message": …}`, or just a status.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::kinds::ErrorCode;
use crate::reply;

/// An error to answer.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// None where the document prints no body.
    body: Option<Envelope>,
}

#[derive(Debug, Serialize)]
struct Envelope {
    code: String,
    message: String,
}

impl Refusal {
    /// A documented code, with its documented message.
    pub(super) fn of(code: ErrorCode) -> Self {
        Self::saying(code, message(code))
    }

    pub(super) fn saying(code: ErrorCode, message: impl Into<String>) -> Self {
        let body = Envelope { code: code.name().to_owned(), message: message.into() };
        Self { status: status(code), body: Some(body) }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Something is wrong with the request: with what.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::saying(ErrorCode::BadRequest, message)
    }

    /// The documented answers without a body: 204, 401, and what else has no code.
    pub(super) fn plain(status: StatusCode) -> Self {
        Self { status, body: None }
    }

    /// 204: there is no such application.
    pub(super) fn nothing() -> Self {
        Self::plain(StatusCode::NO_CONTENT)
    }

    /// For a fault: a code of appendix 4, a status, or else the code of an error 400.
    pub(super) fn of_code(code: &str, message: Option<&str>) -> Self {
        let status = code.parse().ok().filter(|status| (400..600).contains(status));
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        let known = ErrorCode::ALL.into_iter().find(|known| known.name() == code);
        let mut refusal = match (known, status) {
            (Some(known), _) => Self::of(known),
            (None, Some(StatusCode::TOO_MANY_REQUESTS)) => Self::of(ErrorCode::LimitationException),
            (None, Some(status)) => Self::plain(status),
            (None, None) => Self {
                status: StatusCode::BAD_REQUEST,
                body: Some(Envelope { code: code.to_owned(), message: String::new() }),
            },
        };
        if let Some(message) = message {
            let code = refusal.body.map_or_else(|| code.to_owned(), |body| body.code);
            refusal.body = Some(Envelope { code, message: message.to_owned() });
        }
        refusal
    }

    pub(super) fn response(&self) -> Response {
        match &self.body {
            Some(body) => reply::json(self.status, body),
            None => {
                let mut response = Response::default();
                *response.status_mut() = self.status;
                response
            }
        }
    }
}

/// Appendix 4 tells the statuses but not which code has which; the examples tell 404 and 405.
fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadRequest | ErrorCode::ServiceNotFound => StatusCode::BAD_REQUEST,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::CancelNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::LimitationException => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::AccessDeniedPersonPermissions
        | ErrorCode::AccessDeniedService
        | ErrorCode::AccessDeniedSystem
        | ErrorCode::AccessDeniedUser
        | ErrorCode::AccessDeniedUserLegal
        | ErrorCode::BadDelegation
        | ErrorCode::ConfigDelegation
        | ErrorCode::OrderAccess
        | ErrorCode::PushDenied => StatusCode::FORBIDDEN,
    }
}

fn message(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::AccessDeniedPersonPermissions => {
            "Пользователь не дал согласие Вашей системе на выполнение данной операции"
        }
        ErrorCode::AccessDeniedService => "Доступ ВИС к запрашиваемой услуге запрещен",
        ErrorCode::AccessDeniedSystem => "Доступ запрещен для системы",
        ErrorCode::AccessDeniedUser => "Доступ запрещен для данного типа пользователя",
        ErrorCode::AccessDeniedUserLegal => {
            "Доступ запрещен для организации, не являющейся владельцем ВИС"
        }
        ErrorCode::BadDelegation => "Нет необходимых полномочий для создания заявления",
        ErrorCode::BadRequest => "Ошибка в параметрах запроса",
        ErrorCode::CancelNotAllowed => "Отмена заявления в текущем статусе невозможна",
        ErrorCode::ConfigDelegation => {
            "Полномочие для создания и подачи заявления по заданной услуги не существует"
        }
        ErrorCode::InternalError => "Произошла ошибка в обработке заявления",
        ErrorCode::LimitationException => "Превышение установленных ограничений",
        ErrorCode::NotFound => "Заявление не найдено",
        ErrorCode::OrderAccess => "У пользователя нет прав для работы с текущим заявлением",
        ErrorCode::PushDenied => {
            "Нет прав для отправки заявления. Отправить заявление может только руководитель \
             организации или сотрудник с доверенностью"
        }
        ErrorCode::ServiceNotFound => "Не найдена услуга, заданная кодом serviceCode в запросе",
    }
}
