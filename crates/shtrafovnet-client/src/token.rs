//! `POST /tokens`: a new token.

use http::Method;
use ruapi_core::{Error, Extra, Idempotency, Request};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use crate::call::{Access, Operation};

/// `POST /tokens` (Создание токена), by e-mail and password.
///
/// ```
/// # use ruapi_sandbox::{Sandbox, Shtrafovnet};
/// # use shtrafovnet_client::{Client, Email, Login};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
/// # let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
/// // For another program: this client has its own.
/// let token = client.create_token().await?.into_inner().token;
/// let other = Client::builder(shtrafovnet_client::Identity::Token(token))
///     .base_url(sandbox.shtrafovnet_url())
///     .build()?;
/// assert!(other.users().await.is_ok());
/// # Ok(()) }
/// ```
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
///
/// For an example see [`CreateToken`].
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
    match text.trim() {
        "" => Err(serde::de::Error::custom("expected a token")),
        token => Ok(token.into()),
    }
}
