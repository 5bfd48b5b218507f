use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;

use crate::error::PropertyError;

/// Why a partner's method gives no answer: one of the document's four errors.
///
/// Any error turns into [`internal`](Self::internal) by `?`.
pub struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
    pub(super) properties: Vec<PropertyError>,
    pub(super) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), properties: Vec::new(), source: None }
    }

    /// 400: the input is wrong. The caller gets the words.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// What is wrong with which property, such as `upsales[0].option_id`. Shown with 400 only.
    #[must_use]
    pub fn property(mut self, property: impl Into<String>, message: impl Into<String>) -> Self {
        self.properties.push(PropertyError::new(property, message));
        self
    }

    pub(super) fn properties(mut self, properties: Vec<PropertyError>) -> Self {
        self.properties = properties;
        self
    }

    /// 403: not allowed. The caller gets the words.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404: there is no such thing. The caller gets the words.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 500: something inside failed. The caller does not see what; you do, by
    /// [`Routes::on_internal`](super::Routes::on_internal).
    pub fn internal(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let hidden = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error");
        Self { source: Some(error.into()), ..hidden }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

/// Not an error itself, so that every error can become one by `?`.
impl<E: StdError + Send + Sync + 'static> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::internal(error)
    }
}

impl fmt::Debug for Refusal {
    /// Without the words, which may quote what was sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let properties: Vec<&str> = self.properties.iter().map(|it| it.property.as_str()).collect();
        f.debug_struct("Refusal")
            .field("status", &self.status)
            .field("properties", &properties)
            .finish_non_exhaustive()
    }
}
