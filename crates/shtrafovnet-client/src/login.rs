//! E-mail and password, and the tokens that come from them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ruapi_core::credential::{Token, TokenSource};
use ruapi_core::{BoxFuture, Clock, Credential, Error, Kind, Pipeline};
use secrecy::{ExposeSecret, SecretString};

use crate::call::Operation;
use crate::token::CreateToken;
use crate::token_store::TokenStore;

/// A password that was refused is not sent again for so long: a service that is asked over and over
/// may lock the account.
const REFUSED_FOR: Duration = Duration::from_secs(300);

/// An account's e-mail and password. Clones share a password that is changed.
#[derive(Clone)]
pub struct Login {
    email: Arc<str>,
    password: Arc<Mutex<SecretString>>,
}

impl Login {
    /// The e-mail and the password that the account was registered with.
    pub fn new(email: impl AsRef<str>, password: impl Into<SecretString>) -> Self {
        Self { email: email.as_ref().into(), password: Arc::new(Mutex::new(password.into())) }
    }

    pub(crate) fn email(&self) -> &str {
        &self.email
    }

    pub(crate) fn basic(&self) -> Result<Credential, Error> {
        Credential::basic(&self.email, self.password())
    }

    pub(crate) fn set_password(&self, password: SecretString) {
        *self.lock() = password;
    }

    fn password(&self) -> SecretString {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, SecretString> {
        self.password.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(***)")
    }
}

/// Gets tokens from the store, or else from `POST /tokens`.
pub(crate) struct LoginSource {
    pipeline: Pipeline,
    clock: Arc<dyn Clock>,
    login: Login,
    store: Arc<dyn TokenStore>,
    account: String,
    past: Mutex<Past>,
}

#[derive(Default)]
struct Past {
    /// The token given last: whoever asks again found it refused.
    given: Option<SecretString>,
    /// The password that was refused, and until when it is not sent again.
    refused: Option<(SecretString, Instant)>,
}

impl LoginSource {
    pub(crate) fn new(
        pipeline: &Pipeline,
        login: Login,
        store: Arc<dyn TokenStore>,
        account: String,
    ) -> Self {
        let clock = pipeline.clock().clone();
        let pipeline = pipeline.without_limits();
        Self { pipeline, clock, login, store, account, past: Mutex::default() }
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stored token, unless it is the one that was just refused.
    async fn stored(&self) -> Option<SecretString> {
        let stored = match self.store.load(&self.account).await {
            Ok(stored) => stored?,
            Err(error) => {
                // It costs a login, no more.
                tracing::warn!(%error, "the stored token could not be read");
                return None;
            }
        };
        let past = self.past();
        let refused = past.given.as_ref();
        refused.is_none_or(|given| !is_same(given, &stored)).then_some(stored)
    }

    async fn log_in(&self) -> Result<SecretString, Error> {
        let password = self.login.password();
        if let Some((refused, until)) = &self.past().refused {
            let left = until.saturating_duration_since(self.clock.now());
            if is_same(refused, &password) && !left.is_zero() {
                let detail = format!(
                    "the password was refused, and is not sent again for {} s: that could lock the account",
                    left.as_secs() + 1
                );
                return Err(Error::new(Kind::Credential, "POST /tokens", detail));
            }
        }
        let request = CreateToken.request()?;
        let pipeline = self.pipeline.with_credential(self.login.basic()?);
        let answer = async {
            pipeline.send(&request).await?.decode::<<CreateToken as Operation>::Answer>(&request)
        };
        let answer = answer.await.inspect_err(|error| {
            if error.is_credential() {
                self.past().refused = Some((password, self.clock.now() + REFUSED_FOR));
            }
        })?;
        let token = answer.into_inner().token;
        if let Err(error) = self.store.save(&self.account, &token).await {
            // The token is good all the same.
            tracing::warn!(%error, "the token could not be stored");
        }
        Ok(token)
    }
}

impl TokenSource for LoginSource {
    fn fetch(&self) -> BoxFuture<'_, Result<Token, Error>> {
        Box::pin(async move {
            let token = match self.stored().await {
                Some(stored) => stored,
                None => self.log_in().await?,
            };
            self.past().given = Some(token.clone());
            Ok(Token::new(token))
        })
    }
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
