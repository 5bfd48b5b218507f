//! E-mail and password, and the tokens that come from them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use ruapi_core::credential::{Token, TokenSource};
use ruapi_core::{BoxFuture, Clock, Credential, Error, Kind, Pipeline};
use secrecy::{ExposeSecret, SecretString};

use crate::call::Operation;
use crate::token::CreateToken;
use crate::token_store::TokenStore;

/// A password that was refused is not sent again for so long: a service that is asked over and over
/// may lock the account.
const REFUSED_FOR: Duration = Duration::from_secs(300);

/// So many tokens that were refused are known again when a store gives them.
const REMEMBERED: usize = 32;

/// An account's e-mail and password. Clones share a password that is changed.
///
/// ```
/// use shtrafovnet_client::{Client, Login};
///
/// let login = Login::new("user@test.ru", "my_secret".to_owned());
/// let client = Client::new(login.clone())?;
/// // A letter brought another password: the client goes on with it.
/// login.set_password("another_secret".to_owned());
/// assert_eq!(format!("{login:?}"), "Login(***)");
/// # let _ = client;
/// # Ok::<(), shtrafovnet_client::Error>(())
/// ```
#[derive(Clone)]
pub struct Login {
    email: Arc<str>,
    passwords: Arc<Mutex<Passwords>>,
}

struct Passwords {
    known: SecretString,
    /// One that the account may have got: tried where the known one is refused.
    pending: Option<SecretString>,
}

impl Login {
    /// The e-mail and the password that the account was registered with.
    pub fn new(email: impl AsRef<str>, password: impl Into<SecretString>) -> Self {
        let passwords = Passwords { known: password.into(), pending: None };
        Self { email: email.as_ref().into(), passwords: Arc::new(Mutex::new(passwords)) }
    }

    pub(crate) fn email(&self) -> &str {
        &self.email
    }

    /// The account has another password now, from a letter for example: all clients with this login, or a
    /// clone of it, go on with it. What [`Client::update_account`](crate::Client::update_account) changes
    /// they learn by themselves.
    pub fn set_password(&self, password: impl Into<SecretString>) {
        let mut passwords = self.lock();
        passwords.known = password.into();
        passwords.pending = None;
    }

    pub(crate) fn basic(&self) -> Result<Credential, Error> {
        self.basic_with(self.lock().known.clone())
    }

    fn basic_with(&self, password: SecretString) -> Result<Credential, Error> {
        Credential::basic(&self.email, password)
    }

    /// The account is about to get this password; `None`: it did not.
    pub(crate) fn set_pending(&self, password: Option<SecretString>) {
        self.lock().pending = password;
    }

    fn passwords(&self) -> (SecretString, Option<SecretString>) {
        let passwords = self.lock();
        (passwords.known.clone(), passwords.pending.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Passwords> {
        self.passwords.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// The tokens given: whoever asks again found the last one refused.
    given: VecDeque<SecretString>,
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
                // It costs a login, no more. The store's own words may name the account.
                tracing::warn!(kind = ?error.kind(), "the stored token could not be read");
                return None;
            }
        };
        let is_refused = self.past().given.iter().any(|given| is_same(given, &stored));
        (!is_refused).then_some(stored)
    }

    async fn log_in(&self) -> Result<SecretString, Error> {
        let (known, pending) = self.login.passwords();
        let token = match (self.log_in_with(known).await, pending) {
            (Err(error), Some(pending)) if error.status() == Some(StatusCode::UNAUTHORIZED) => {
                let token = self.log_in_with(pending.clone()).await?;
                self.login.set_password(pending);
                token
            }
            (result, _) => result?,
        };
        if let Err(error) = self.store.save(&self.account, &token).await {
            // The token is good all the same.
            tracing::warn!(kind = ?error.kind(), "the token could not be stored");
        }
        Ok(token)
    }

    async fn log_in_with(&self, password: SecretString) -> Result<SecretString, Error> {
        if let Some((refused, until)) = &self.past().refused {
            let left = until.saturating_duration_since(self.clock.now());
            if is_same(refused, &password) && !left.is_zero() {
                let detail = format!(
                    "the password was refused, and is not sent again for {} s: that could lock the account",
                    left.as_secs_f64().ceil()
                );
                return Err(Error::new(Kind::Credential, "POST /tokens", detail));
            }
        }
        let request = CreateToken.request()?;
        let pipeline = self.pipeline.with_credential(self.login.basic_with(password.clone())?);
        let answer = async {
            pipeline.send(&request).await?.decode::<<CreateToken as Operation>::Answer>(&request)
        };
        let answer = answer.await.inspect_err(|error| {
            if error.status() == Some(StatusCode::UNAUTHORIZED) {
                self.past().refused = Some((password, self.clock.now() + REFUSED_FOR));
            }
        })?;
        Ok(answer.into_inner().token)
    }
}

impl TokenSource for LoginSource {
    fn fetch(&self) -> BoxFuture<'_, Result<Token, Error>> {
        Box::pin(async move {
            let (secret, is_stored) = match self.stored().await {
                Some(stored) => (stored, true),
                None => (self.log_in().await?, false),
            };
            let mut past = self.past();
            past.given.push_back(secret.clone());
            if past.given.len() > REMEMBERED {
                past.given.pop_front();
            }
            let token = Token::new(secret);
            Ok(if is_stored { token.stored() } else { token })
        })
    }
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
