//! The API's standard errors (Стандартные коды ответов), read and written.

use ruapi_core::{Error, Extra, Personal, RawResponse, Rejection, classify_by_status, wire};
use serde::{Deserialize, Serialize};

use crate::RequestId;

/// The standard error answer: `{request_id, message, properties}`; `properties` with status 400 only.
///
/// The document names 400, 403, 404 and 500. `Debug` masks the words: they may quote what was sent.
///
/// ```no_run
/// # async fn example(call: osago_offer::Call<osago_offer::offer::Confirm>) {
/// use osago_offer::StandardError;
///
/// if let Err(error) = call.await {
///     for problem in StandardError::of(&error).unwrap_or_default().properties {
///         eprintln!("{}: {}", problem.property, problem.message.as_str());
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StandardError {
    /// `request_id`: the request's identifier, as far as it was understood.
    #[serde(default, with = "wire")]
    pub request_id: Option<RequestId>,
    /// `message`: what is wrong, in words.
    #[serde(default, with = "wire")]
    pub message: Option<Personal<String>>,
    /// `properties`: what is wrong with which property.
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<PropertyError>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl StandardError {
    /// An error with these words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: Some(Personal::new(message.into())), ..Self::default() }
    }

    /// The standard error in a failed call's answer; `None` if it holds none. The words are the
    /// partner's own and may quote what was sent.
    pub fn of(error: &Error) -> Option<Self> {
        let found: Self = ruapi_core::decode(error.body()).ok()?;
        let is_one = found.message.is_some() || !found.properties.is_empty();
        is_one.then_some(found)
    }

    fn summary(&self) -> Option<String> {
        let fields: Vec<String> = self
            .properties
            .iter()
            .map(|problem| format!("{}: {}", problem.property, &*problem.message))
            .collect();
        match (&self.message, fields.is_empty()) {
            (message, true) => message.as_deref().cloned(),
            (Some(message), false) => Some(format!("{} ({})", &**message, fields.join("; "))),
            (None, false) => Some(fields.join("; ")),
        }
    }
}

/// What is wrong with one property of the input.
///
/// For an example see [`StandardError`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PropertyError {
    /// `property`: which one, as a path such as `upsales[0].option_id`.
    #[serde(default, deserialize_with = "crate::wire::or_default")]
    pub property: String,
    /// `message`: what is wrong with it, in words.
    #[serde(
        default,
        deserialize_with = "crate::wire::or_default",
        serialize_with = "wire::serialize"
    )]
    pub message: Personal<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl PropertyError {
    /// A problem of a property.
    pub fn new(property: impl Into<String>, message: impl Into<String>) -> Self {
        let message = Personal::new(message.into());
        Self { property: property.into(), message, extra: Extra::default() }
    }
}

/// What the status says, with the envelope's words.
pub(crate) fn classify(response: &RawResponse) -> Result<(), Rejection> {
    let Err(mut rejection) = classify_by_status(response) else { return Ok(()) };
    let envelope: Option<StandardError> = ruapi_core::decode(response.body()).ok();
    rejection.message = envelope.and_then(|envelope| envelope.summary());
    Err(rejection)
}
