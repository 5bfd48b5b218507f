//! What proves to a service who is calling, and where in the request it goes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use base64::prelude::{BASE64_STANDARD, Engine};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

use crate::BoxFuture;
use crate::error::{Error, Kind};
use crate::redact;
use crate::request::push_pair;

/// A token this close to its end is renewed ahead of time.
const RENEW_AHEAD: Duration = Duration::from_secs(60);

/// A credential, placed where the API wants it. `Debug` never shows the secret.
///
/// ```
/// use ruapi_core::Credential;
///
/// let credential = Credential::bearer("not-a-real-token".to_owned().into())?;
/// assert!(!format!("{credential:?}").contains("not-a-real-token"));
///
/// let by_query = Credential::query_key("token", "not-a-real-token".to_owned().into());
/// let by_header = Credential::header_key(
///     http::HeaderName::from_static("x-api-key"),
///     "not-a-real-token".to_owned().into(),
/// )?;
/// let by_password = Credential::basic("user@test.ru", "my_secret".to_owned().into())?;
/// # let _ = (by_query, by_header, by_password);
/// # Ok::<(), ruapi_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Credential(Placement);

#[derive(Clone)]
enum Placement {
    None,
    Query { name: &'static str, secret: SecretString },
    Header { name: HeaderName, value: HeaderValue, hidden: Vec<SecretString> },
    Renewing(Arc<TokenCache>),
}

impl Credential {
    /// No credential.
    pub fn none() -> Self {
        Self(Placement::None)
    }

    /// A key in the query, as `name=secret`.
    pub fn query_key(name: &'static str, secret: SecretString) -> Self {
        Self(Placement::Query { name, secret })
    }

    /// A key in a header of its own.
    pub fn header_key(name: HeaderName, secret: SecretString) -> Result<Self, Error> {
        let value = sensitive(secret.expose_secret())?;
        Ok(Self(Placement::Header { name, value, hidden: vec![secret] }))
    }

    /// `Authorization: Bearer …` with a token that does not change.
    pub fn bearer(token: SecretString) -> Result<Self, Error> {
        let value = sensitive(&format!("Bearer {}", token.expose_secret()))?;
        Ok(Self(Placement::Header { name: header::AUTHORIZATION, value, hidden: vec![token] }))
    }

    /// `Authorization: Basic …`.
    pub fn basic(user: &str, password: SecretString) -> Result<Self, Error> {
        if user.contains(':') {
            return Err(invalid("a user name for Basic authorization must not contain a colon"));
        }
        let pair = format!("{user}:{}", password.expose_secret());
        let value = sensitive(&format!("Basic {}", BASE64_STANDARD.encode(pair)))?;
        // The user may be a person's address.
        let hidden = vec![password, user.into()];
        Ok(Self(Placement::Header { name: header::AUTHORIZATION, value, hidden }))
    }

    /// `Authorization: Bearer …` with a token fetched on first use, kept, and renewed once when it
    /// expires or is refused; all calls under way share one renewal.
    pub fn renewing(source: impl TokenSource + 'static) -> Self {
        Self(Placement::Renewing(Arc::new(TokenCache::new(Box::new(source)))))
    }

    /// Puts the credential into a request. Gives the token used, where it can be renewed.
    pub(crate) async fn authorise(
        &self,
        url: &mut String,
        headers: &mut HeaderMap,
        now: SystemTime,
    ) -> Result<Option<Held>, Error> {
        match &self.0 {
            Placement::None => {}
            Placement::Query { name, secret } => {
                url.push(if url.contains('?') { '&' } else { '?' });
                push_pair(url, name, secret.expose_secret());
            }
            Placement::Header { name, value, .. } => {
                headers.insert(name, value.clone());
            }
            Placement::Renewing(cache) => {
                let held = cache.get(now).await?;
                headers.insert(header::AUTHORIZATION, held.header.clone());
                return Ok(Some(held));
            }
        }
        Ok(None)
    }

    /// This token was refused. True: another one can be had, try again.
    pub(crate) fn refused(&self, used: Option<&Held>) -> bool {
        match (&self.0, used) {
            (Placement::Renewing(cache), Some(used)) => {
                cache.drop_token(used.number);
                true
            }
            _ => false,
        }
    }

    /// `text` without the secret that was sent, or whose it is: a server may echo them.
    pub(crate) fn scrub(&self, text: &str, used: Option<&Held>) -> String {
        let mut secrets = Vec::new();
        match &self.0 {
            Placement::None => {}
            Placement::Query { secret, .. } => secrets.push(secret.expose_secret()),
            Placement::Header { hidden, value, .. } => {
                secrets.extend(hidden.iter().map(|hidden| hidden.expose_secret()));
                // What follows `Basic`, which is not the secret as it stands.
                secrets.extend(value.to_str().ok().and_then(|value| value.split(' ').next_back()));
            }
            Placement::Renewing(_) => secrets.extend(used.map(|held| held.secret.expose_secret())),
        }
        redact::mask_all(text, secrets.into_iter())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Placement::None => "Credential(none)",
            Placement::Query { .. } => "Credential(query, ***)",
            Placement::Header { .. } => "Credential(header, ***)",
            Placement::Renewing(_) => "Credential(renewing, ***)",
        })
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| invalid("the credential holds a character that no header can carry"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn invalid(detail: &'static str) -> Error {
    Error::input("credential", detail)
}

/// Where fresh tokens come from: a login, a file, another service.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use ruapi_core::credential::{Token, TokenSource};
/// use ruapi_core::{BoxFuture, Credential, Error};
///
/// struct Login;
///
/// impl TokenSource for Login {
///     fn fetch(&self) -> BoxFuture<'_, Result<Token, Error>> {
///         // Ask whoever gives out tokens; state the end where it is known.
///         let end = SystemTime::now() + Duration::from_secs(3600);
///         Box::pin(async move { Ok(Token::new("not-a-real-token".to_owned().into()).expires_at(end)) })
///     }
/// }
///
/// let credential = Credential::renewing(Login);
/// # let _ = credential;
/// ```
pub trait TokenSource: Send + Sync {
    /// Gets a token. Called by one task at a time; an error ends all calls that wait for it.
    fn fetch(&self) -> BoxFuture<'_, Result<Token, Error>>;
}

/// A bearer token and, where it is known, its end.
///
/// For an example see [`TokenSource`].
#[derive(Debug, Clone)]
pub struct Token {
    secret: SecretString,
    expires: Option<SystemTime>,
    stored: bool,
}

impl Token {
    /// A token that is valid until the service refuses it.
    pub fn new(secret: SecretString) -> Self {
        Self { secret, expires: None, stored: false }
    }

    /// It comes from a store and may be out of date: where it is refused, one more renewal follows.
    #[must_use]
    pub fn stored(mut self) -> Self {
        self.stored = true;
        self
    }

    /// States when the token ends.
    #[must_use]
    pub fn expires_at(mut self, end: SystemTime) -> Self {
        self.expires = Some(end);
        self
    }
}

/// Keeps one token for all calls, and fetches a new one by demand: no task runs in the background.
struct TokenCache {
    source: Box<dyn TokenSource>,
    state: Mutex<CacheState>,
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct CacheState {
    held: Option<Held>,
    fetched: u64,
    failures: u64,
    failure: Option<Arc<Error>>,
}

/// A token in use.
#[derive(Clone)]
pub(crate) struct Held {
    header: HeaderValue,
    secret: SecretString,
    expires: Option<SystemTime>,
    /// From here on it is renewed ahead of time.
    renewed: Option<SystemTime>,
    stored: bool,
    number: u64,
}

impl Held {
    pub(crate) fn is_stored(&self) -> bool {
        self.stored
    }
}

fn is_before(now: SystemTime, end: Option<SystemTime>) -> bool {
    end.is_none_or(|end| now < end)
}

impl TokenCache {
    fn new(source: Box<dyn TokenSource>) -> Self {
        Self { source, state: Mutex::default(), flight: tokio::sync::Mutex::new(()) }
    }

    fn lock(&self) -> MutexGuard<'_, CacheState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, now: SystemTime) -> Option<Held> {
        self.lock().held.clone().filter(|held| is_before(now, held.renewed))
    }

    async fn get(&self, now: SystemTime) -> Result<Held, Error> {
        if let Some(held) = self.fresh(now) {
            return Ok(held);
        }
        let tries = |state: &CacheState| (state.fetched, state.failures);
        let seen = tries(&self.lock());
        let _flight = self.flight.lock().await;
        // Somebody else may have got it, or failed to, while this call waited; or got one that was
        // refused since.
        let (now_tried, is_held) = {
            let state = self.lock();
            (tries(&state), state.held.is_some())
        };
        if now_tried == seen || (now_tried.1 == seen.1 && !is_held) {
            match self.source.fetch().await.and_then(|token| self.keep(token, now)) {
                Ok(held) => return Ok(held),
                Err(error) => {
                    let mut state = self.lock();
                    state.failures += 1;
                    state.failure = Some(Arc::new(error));
                }
            }
        }
        let state = self.lock();
        // Where renewal ahead of time failed, the old token still holds.
        if let Some(held) = state.held.clone().filter(|held| is_before(now, held.expires)) {
            return Ok(held);
        }
        let error = match &state.failure {
            Some(failure) => Error::because_of("token", "no token could be obtained", failure),
            None => Error::new(Kind::Credential, "token", "the token had ended when it came"),
        };
        Err(error)
    }

    fn keep(&self, token: Token, now: SystemTime) -> Result<Held, Error> {
        let header = sensitive(&format!("Bearer {}", token.secret.expose_secret()))
            .map_err(|_| Error::new(Kind::Decode, "token", "the token is no header value"))?;
        // Well before its end, and not at once if it lives for a moment only.
        let renewed = token.expires.map(|end| {
            let life = end.duration_since(now).unwrap_or_default();
            end - RENEW_AHEAD.min(life / 4)
        });
        let mut state = self.lock();
        state.fetched += 1;
        state.failure = None;
        let number = state.fetched;
        let (secret, expires, stored) = (token.secret, token.expires, token.stored);
        let held = Held { header, secret, expires, renewed, stored, number };
        state.held = Some(held.clone());
        Ok(held)
    }

    fn drop_token(&self, number: u64) {
        let mut state = self.lock();
        if state.held.as_ref().is_some_and(|held| held.number == number) {
            state.held = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Source {
        fetched: Arc<AtomicU32>,
        fail: bool,
        fail_after_first: bool,
        lasts: Option<Duration>,
    }

    impl TokenSource for Source {
        fn fetch(&self) -> BoxFuture<'_, Result<Token, Error>> {
            Box::pin(async move {
                tokio::task::yield_now().await;
                let number = self.fetched.fetch_add(1, Ordering::SeqCst);
                if self.fail || (self.fail_after_first && number > 0) {
                    return Err(Error::new(Kind::Credential, "login", "wrong password"));
                }
                let token = Token::new(format!("token-{number}").into());
                Ok(match self.lasts {
                    Some(lasts) => token.expires_at(SystemTime::UNIX_EPOCH + lasts),
                    None => token,
                })
            })
        }
    }

    async fn authorise(credential: &Credential, at: u64) -> Result<(String, Option<Held>), Error> {
        let mut headers = HeaderMap::new();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
        let used = credential.authorise(&mut String::new(), &mut headers, now).await?;
        Ok((headers["authorization"].to_str().unwrap().to_owned(), used))
    }

    #[tokio::test]
    async fn a_thousand_calls_share_one_fetch_and_one_renewal() {
        let source = Source::default();
        let fetched = source.fetched.clone();
        let credential = Credential::renewing(source);
        for round in 1..=2 {
            let mut calls = tokio::task::JoinSet::new();
            for _ in 0..1000 {
                let credential = credential.clone();
                calls.spawn(async move { authorise(&credential, 0).await.unwrap().1 });
            }
            for used in calls.join_all().await {
                assert_eq!(used.as_ref().map(|held| held.number), Some(round));
                // All of them were refused, and all of them say so.
                assert!(credential.refused(used.as_ref()));
            }
            assert_eq!(u64::from(fetched.load(Ordering::SeqCst)), round);
        }
    }

    #[tokio::test]
    async fn a_wrong_password_is_tried_once_for_all_who_wait() {
        let source = Source { fail: true, ..Source::default() };
        let fetched = source.fetched.clone();
        let credential = Credential::renewing(source);
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let credential = credential.clone();
            calls.spawn(async move { authorise(&credential, 0).await.err().unwrap() });
        }
        for error in calls.join_all().await {
            assert!(error.is_credential(), "{error}");
        }
        assert_eq!(fetched.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_valid_token_survives_a_failed_renewal() {
        let lasts = Some(Duration::from_secs(100));
        let source = Source { fail_after_first: true, lasts, ..Source::default() };
        let credential = Credential::renewing(source);
        assert_eq!(authorise(&credential, 0).await.unwrap().0, "Bearer token-0");
        assert_eq!(authorise(&credential, 99).await.unwrap().0, "Bearer token-0");
        assert!(authorise(&credential, 100).await.is_err_and(|error| error.is_credential()));
    }

    #[tokio::test]
    async fn a_token_of_a_moment_is_still_shared() {
        let source = Source { lasts: Some(Duration::from_secs(8)), ..Source::default() };
        let fetched = source.fetched.clone();
        let credential = Credential::renewing(source);
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let credential = credential.clone();
            calls.spawn(async move { authorise(&credential, 0).await.unwrap() });
        }
        calls.join_all().await;
        assert_eq!(fetched.load(Ordering::SeqCst), 1);
        assert_eq!(authorise(&credential, 5).await.unwrap().0, "Bearer token-0");
        assert_eq!(authorise(&credential, 7).await.unwrap().0, "Bearer token-1");
    }

    #[tokio::test]
    async fn the_token_that_was_sent_is_masked_also_when_it_is_gone() {
        let credential = Credential::renewing(Source::default());
        let used = authorise(&credential, 0).await.unwrap().1;
        assert!(credential.refused(used.as_ref()));
        assert_eq!(credential.scrub("bad token-0", used.as_ref()), "bad ***");
    }

    #[tokio::test]
    async fn a_key_goes_where_it_belongs_and_not_into_debug() {
        let credential = Credential::query_key("token", "пл&n".to_owned().into());
        for (url, expected) in
            [("http://h/p", "http://h/p?"), ("http://h/p?a=1", "http://h/p?a=1&")]
        {
            let mut url = url.to_owned();
            let mut headers = HeaderMap::new();
            credential.authorise(&mut url, &mut headers, SystemTime::now()).await.unwrap();
            assert_eq!(url, format!("{expected}token=%D0%BF%D0%BB%26n"));
        }
        assert_eq!(format!("{credential:?}"), "Credential(query, ***)");
        let basic = Credential::basic("user", "planted".to_owned().into()).unwrap();
        assert_eq!(authorise(&basic, 0).await.unwrap().0, "Basic dXNlcjpwbGFudGVk");
        assert_eq!(basic.scrub("planted or dXNlcjpwbGFudGVk", None), "*** or ***");
        assert_eq!(basic.scrub("no user of this name", None), "no *** of this name");
        assert!(Credential::basic("a:b", "p".to_owned().into()).unwrap_err().is_input());
        assert!(Credential::bearer("a\nb".to_owned().into()).unwrap_err().is_input());
    }
}
