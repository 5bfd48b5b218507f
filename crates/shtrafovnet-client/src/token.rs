//! `POST /tokens`: a new token.

use http::Method;
use ruapi_core::{Error, Extra, Idempotency, Request};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use crate::call::{Access, Operation};

/// `POST /tokens` (Создание токена), by e-mail and password.
#[derive(Debug, Clone)]
pub struct CreateToken;

impl Operation for CreateToken {
    type Answer = NewToken;
    const ACCESS: Access = Access::Password;

    fn request(&self) -> Result<Request, Error> {
        // One token more does no harm.
        Ok(Request::new("POST /tokens", Method::POST, "tokens")
            .idempotency(Idempotency::Idempotent))
    }
}

/// The answer to `POST /tokens`.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct NewToken {
    /// The token (Токен пользователя), valid until the password changes.
    #[serde(deserialize_with = "not_empty")]
    pub token: SecretString,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

fn not_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(serde::de::Error::custom("expected a token"));
    }
    Ok(text.into())
}
