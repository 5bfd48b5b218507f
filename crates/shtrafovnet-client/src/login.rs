//! E-mail and password, and the tokens that come from them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use http::StatusCode;
use ruapi_core::credential::{Token, TokenSource};
use ruapi_core::{BoxFuture, Credential, Error, Kind, Pipeline, RawResponse, Request};
use secrecy::{ExposeSecret, SecretString};

use crate::call::Operation;
use crate::token::CreateToken;
use crate::token_store::TokenStore;

/// A password that was refused is not sent again for so long: a service that is asked over and over
/// may lock the account.
const REFUSED_FOR: Duration = Duration::from_secs(300);

/// So many passwords that the account may have got are remembered, and so many are tried in vain within
/// [`REFUSED_FOR`]: each of them may be one more wrong login.
const GUESSES: usize = 2;

/// So many tokens that were refused are known again when a store gives them.
const REMEMBERED: usize = 32;

/// An account's e-mail and password. Clones share a password that is changed, and what was refused.
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
    turn: Arc<futures_util::lock::Mutex<()>>,
}

struct Passwords {
    known: SecretString,
    /// Those that the account may have got, the latest last: tried where the known one is refused.
    pending: Vec<SecretString>,
    /// Those that were refused, and until when they are not sent again.
    refused: Vec<(SecretString, Instant)>,
    /// When others than the known one were refused, since one was accepted.
    guessed: Vec<Instant>,
}

impl Passwords {
    /// What may hold, the likeliest first.
    fn candidates(&self) -> Vec<SecretString> {
        let mut candidates: Vec<SecretString> = Vec::new();
        for password in [&self.known].into_iter().chain(self.pending.iter().rev()) {
            if !candidates.iter().any(|candidate| is_same(candidate, password)) {
                candidates.push(password.clone());
            }
        }
        candidates
    }

    /// How long a password is not sent.
    fn kept_back(&self, password: &SecretString, now: Instant) -> Option<Duration> {
        let refused = self.refused.iter().find(|(refused, _)| is_same(refused, password));
        let until = match refused {
            Some((_, until)) => Some(*until),
            None if is_same(&self.known, password) => None,
            None => {
                self.guessed.iter().rev().nth(GUESSES - 1).map(|guessed| *guessed + REFUSED_FOR)
            }
        };
        until?.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    fn refuse(&mut self, password: SecretString, now: Instant) {
        if !is_same(&self.known, &password) {
            self.guessed.retain(|guessed| *guessed + REFUSED_FOR > now);
            self.guessed.push(now);
        }
        self.refused.retain(|(refused, until)| *until > now && !is_same(refused, &password));
        self.refused.push((password, now + REFUSED_FOR));
    }

    /// That it was refused before says nothing any more.
    fn allow(&mut self, password: &SecretString) {
        self.refused.retain(|(refused, _)| !is_same(refused, password));
    }
}

/// A change of password under way. Its new one is tried by nobody before the account may have got it: it
/// would be a wrong login. Where nobody is told how it ended, the account may have got it.
pub(crate) struct Change {
    login: Login,
    password: Option<SecretString>,
}

impl Change {
    /// The account has got the password.
    pub(crate) fn made(mut self) {
        if let Some(password) = self.password.take() {
            self.login.changed(password);
        }
    }

    /// The account has not got the password by this change.
    pub(crate) fn not_made(mut self) {
        self.password = None;
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        if let Some(password) = self.password.take() {
            self.login.maybe_changed(password);
        }
    }
}

impl Login {
    /// The e-mail and the password that the account was registered with.
    pub fn new(email: impl AsRef<str>, password: impl Into<SecretString>) -> Self {
        let (pending, refused, guessed) = (Vec::new(), Vec::new(), Vec::new());
        let passwords = Passwords { known: password.into(), pending, refused, guessed };
        Self {
            email: email.as_ref().into(),
            passwords: Arc::new(Mutex::new(passwords)),
            turn: Arc::default(),
        }
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
        passwords.pending.clear();
        let known = passwords.known.clone();
        passwords.allow(&known);
    }

    pub(crate) fn basic(&self) -> Result<Credential, Error> {
        self.basic_with(self.lock().known.clone())
    }

    fn basic_with(&self, password: SecretString) -> Result<Credential, Error> {
        Credential::basic(&self.email, password)
    }

    /// The account is about to get this password.
    pub(crate) fn change(&self, password: SecretString) -> Change {
        Change { login: self.clone(), password: Some(password) }
    }

    fn changed(&self, password: SecretString) {
        let mut passwords = self.lock();
        passwords.pending.retain(|pending| !is_same(pending, &password));
        passwords.allow(&password);
        passwords.known = password;
    }

    fn maybe_changed(&self, password: SecretString) {
        let mut passwords = self.lock();
        passwords.allow(&password);
        passwords.pending.retain(|pending| !is_same(pending, &password));
        passwords.pending.push(password);
        let too_many = passwords.pending.len().saturating_sub(GUESSES);
        passwords.pending.drain(..too_many);
    }

    /// Sends a call of the caller's by Basic. One at a time: many at once would lock the account with a
    /// wrong password before the first is refused. Logins for tokens are single already, and must not
    /// wait here: a call that waits for a place may stand before them.
    pub(crate) async fn send_in_turn(
        &self,
        pipeline: &Pipeline,
        request: &Request,
    ) -> Result<RawResponse, Error> {
        let (clock, deadline) = (pipeline.clock(), pipeline.deadline());
        let end = clock.now() + deadline;
        let Either::Left((_turn, _)) = select(self.turn.lock(), clock.sleep(deadline)).await else {
            let detail = "the deadline passed while waiting for other calls by password";
            return Err(Error::new(Kind::Timeout, request.operation(), detail));
        };
        self.send(pipeline, request, end).await
    }

    /// Sends a request by Basic, with the first password that is not refused. A 401 was not processed, so
    /// the next one may be tried whatever the request is; all before `end`.
    async fn send(
        &self,
        pipeline: &Pipeline,
        request: &Request,
        end: Instant,
    ) -> Result<RawResponse, Error> {
        let now = || pipeline.clock().now();
        let (mut refusal, mut wait) = (None, Duration::MAX);
        let candidates = self.lock().candidates();
        for password in candidates {
            if let Some(left) = self.lock().kept_back(&password, now()) {
                wait = wait.min(left);
                continue;
            }
            let pipeline = pipeline.with_credential(self.basic_with(password.clone())?);
            let request = request.clone().deadline(end.saturating_duration_since(now()));
            match pipeline.send(&request).await {
                Err(error) if error.status() == Some(StatusCode::UNAUTHORIZED) => {
                    self.lock().refuse(password, now());
                    refusal = Some(error);
                }
                Ok(answer) => {
                    self.accepted(password);
                    return Ok(answer);
                }
                Err(error) => return Err(error),
            }
        }
        Err(refusal.unwrap_or_else(|| {
            let detail = format!(
                "the password was refused, and is not sent again for {} s: that could lock the account",
                wait.as_secs_f64().ceil()
            );
            Error::new(Kind::Credential, request.operation(), detail)
        }))
    }

    /// A pending password that holds is the known one; unless the caller told another one meanwhile.
    fn accepted(&self, password: SecretString) {
        let mut passwords = self.lock();
        passwords.guessed.clear();
        let pending = passwords.pending.len();
        passwords.pending.retain(|pending| !is_same(pending, &password));
        if passwords.pending.len() < pending {
            passwords.known = password;
        }
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
    login: Login,
    store: Arc<dyn TokenStore>,
    account: String,
    /// The tokens given: whoever asks again found the last one refused.
    given: Mutex<VecDeque<SecretString>>,
}

impl LoginSource {
    pub(crate) fn new(
        pipeline: &Pipeline,
        login: Login,
        store: Arc<dyn TokenStore>,
        account: String,
    ) -> Self {
        let pipeline = pipeline.without_limits();
        Self { pipeline, login, store, account, given: Mutex::default() }
    }

    fn given(&self) -> MutexGuard<'_, VecDeque<SecretString>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
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
        // Kept by hand, it may end with a line's end.
        let stored = SecretString::from(stored.expose_secret().trim());
        if stored.expose_secret().is_empty() || Credential::bearer(stored.clone()).is_err() {
            tracing::warn!("the stored token is empty, or none that a header can carry");
            return None;
        }
        let is_refused = self.given().iter().any(|given| is_same(given, &stored));
        (!is_refused).then_some(stored)
    }

    async fn log_in(&self) -> Result<SecretString, Error> {
        let request = CreateToken.request()?;
        let end = self.pipeline.clock().now() + self.pipeline.deadline();
        let answer = self.login.send(&self.pipeline, &request, end).await?;
        let answer = answer.decode::<<CreateToken as Operation>::Answer>(&request)?;
        let token = answer.into_inner().token;
        if let Err(error) = self.store.save(&self.account, &token).await {
            // The token is good all the same.
            tracing::warn!(kind = ?error.kind(), "the token could not be stored");
        }
        Ok(token)
    }
}

impl TokenSource for LoginSource {
    fn fetch(&self) -> BoxFuture<'_, Result<Token, Error>> {
        Box::pin(async move {
            let (secret, is_stored) = match self.stored().await {
                Some(stored) => (stored, true),
                None => (self.log_in().await?, false),
            };
            let mut given = self.given();
            given.push_back(secret.clone());
            if given.len() > REMEMBERED {
                given.pop_front();
            }
            drop(given);
            let token = Token::new(secret);
            Ok(if is_stored { token.stored() } else { token })
        })
    }
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
