//! What proves to a service who is calling, and where in the request it goes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

use crate::BoxFuture;
use crate::error::{Error, Kind};
use crate::redact;
use crate::request::push_pair;

/// A token this close to its end is renewed ahead of time.
const RENEW_AHEAD: Duration = Duration::from_secs(60);

/// A credential, placed where the API wants it. `Debug` never shows the secret.
#[derive(Clone)]
pub struct Credential(Placement);

#[derive(Clone)]
enum Placement {
    None,
    Query {
        name: &'static str,
        secret: SecretString,
    },
    Header {
        name: HeaderName,
        value: HeaderValue,
        secret: SecretString,
    },
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
        Ok(Self(Placement::Header {
            name,
            value,
            secret,
        }))
    }

    /// `Authorization: Bearer …` with a token that does not change.
    pub fn bearer(token: SecretString) -> Result<Self, Error> {
        let value = sensitive(&format!("Bearer {}", token.expose_secret()))?;
        Ok(Self(Placement::Header {
            name: header::AUTHORIZATION,
            value,
            secret: token,
        }))
    }

    /// `Authorization: Basic …`.
    pub fn basic(user: &str, password: SecretString) -> Result<Self, Error> {
        if user.contains(':') {
            return Err(invalid(
                "a user name for Basic authorization must not contain a colon",
            ));
        }
        let pair = format!("{user}:{}", password.expose_secret());
        let value = sensitive(&format!("Basic {}", STANDARD.encode(pair)))?;
        Ok(Self(Placement::Header {
            name: header::AUTHORIZATION,
            value,
            secret: password,
        }))
    }

    /// `Authorization: Bearer …` with a token fetched on first use, kept, and renewed once when it
    /// expires or is refused; all calls under way share one renewal.
    pub fn renewing(source: impl TokenSource + 'static) -> Self {
        Self(Placement::Renewing(Arc::new(TokenCache::new(Box::new(
            source,
        )))))
    }

    /// Puts the credential into a request. Gives the number of the token used, where it can be renewed.
    pub(crate) async fn authorise(
        &self,
        url: &mut String,
        headers: &mut HeaderMap,
        now: SystemTime,
    ) -> Result<Option<u64>, Error> {
        match &self.0 {
            Placement::None => Ok(None),
            Placement::Query { name, secret } => {
                url.push(if url.contains('?') { '&' } else { '?' });
                push_pair(url, name, secret.expose_secret());
                Ok(None)
            }
            Placement::Header { name, value, .. } => {
                headers.insert(name, value.clone());
                Ok(None)
            }
            Placement::Renewing(cache) => {
                let held = cache.get(now).await?;
                headers.insert(header::AUTHORIZATION, held.header);
                Ok(Some(held.number))
            }
        }
    }

    /// The token with this number was refused. True: another one can be had, try again.
    pub(crate) fn refused(&self, number: Option<u64>) -> bool {
        match (&self.0, number) {
            (Placement::Renewing(cache), Some(number)) => {
                cache.drop_token(number);
                true
            }
            _ => false,
        }
    }

    /// `text` without the secret: a server may echo it.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let secret = match &self.0 {
            Placement::None => return text.to_owned(),
            Placement::Query { secret, .. } | Placement::Header { secret, .. } => secret.clone(),
            Placement::Renewing(cache) => match &cache.lock().held {
                Some(held) => held.secret.clone(),
                None => return text.to_owned(),
            },
        };
        redact::mask_all(text, &[secret.expose_secret().to_owned()])
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
pub trait TokenSource: Send + Sync {
    /// Gets a token. Called by one task at a time; an error ends all calls that wait for it.
    fn fetch(&self) -> BoxFuture<'_, Result<Token, Error>>;
}

/// A bearer token and, where it is known, its end.
#[derive(Debug, Clone)]
pub struct Token {
    secret: SecretString,
    expires: Option<SystemTime>,
}

impl Token {
    /// A token that is valid until the service refuses it.
    pub fn new(secret: SecretString) -> Self {
        Self {
            secret,
            expires: None,
        }
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

#[derive(Clone)]
struct Held {
    header: HeaderValue,
    secret: SecretString,
    expires: Option<SystemTime>,
    number: u64,
}

impl Held {
    fn lasts(&self, until: SystemTime) -> bool {
        self.expires.is_none_or(|end| end > until)
    }
}

impl TokenCache {
    fn new(source: Box<dyn TokenSource>) -> Self {
        Self {
            source,
            state: Mutex::default(),
            flight: tokio::sync::Mutex::new(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, CacheState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, now: SystemTime) -> Option<Held> {
        self.lock()
            .held
            .clone()
            .filter(|held| held.lasts(now + RENEW_AHEAD))
    }

    async fn get(&self, now: SystemTime) -> Result<Held, Error> {
        if let Some(held) = self.fresh(now) {
            return Ok(held);
        }
        let failures_seen = self.lock().failures;
        let _flight = self.flight.lock().await;
        // Somebody else may have got it, or failed to, while this call waited.
        if let Some(held) = self.fresh(now) {
            return Ok(held);
        }
        if self.lock().failures == failures_seen {
            match self.source.fetch().await.and_then(|token| self.keep(token)) {
                Ok(held) => return Ok(held),
                Err(error) => {
                    let mut state = self.lock();
                    state.failures += 1;
                    state.failure = Some(Arc::new(error));
                }
            }
        }
        let state = self.lock();
        // Renewal ahead of time failed, but the old token still holds.
        if let Some(held) = state.held.clone().filter(|held| held.lasts(now)) {
            return Ok(held);
        }
        let failure = state.failure.clone().expect("set whenever failures grows");
        Err(Error::new(failure.kind(), "token", "no token could be obtained").with_source(failure))
    }

    fn keep(&self, token: Token) -> Result<Held, Error> {
        let header = sensitive(&format!("Bearer {}", token.secret.expose_secret()))
            .map_err(|_| Error::new(Kind::Decode, "token", "the token is no header value"))?;
        let mut state = self.lock();
        state.fetched += 1;
        let number = state.fetched;
        let held = Held {
            header,
            secret: token.secret,
            expires: token.expires,
            number,
        };
        state.held = Some(held.clone());
        Ok(held)
    }

    fn drop_token(&self, number: u64) {
        let mut state = self.lock();
        if state
            .held
            .as_ref()
            .is_some_and(|held| held.number == number)
        {
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

    async fn authorise(credential: &Credential, at: u64) -> Result<(String, Option<u64>), Error> {
        let mut headers = HeaderMap::new();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
        let number = credential
            .authorise(&mut String::new(), &mut headers, now)
            .await?;
        Ok((
            headers["authorization"].to_str().unwrap().to_owned(),
            number,
        ))
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
            for number in calls.join_all().await {
                assert_eq!(number, Some(round));
                // All of them were refused, and all of them say so.
                assert!(credential.refused(number));
            }
            assert_eq!(u64::from(fetched.load(Ordering::SeqCst)), round);
        }
    }

    #[tokio::test]
    async fn a_wrong_password_is_tried_once_for_all_who_wait() {
        let source = Source {
            fail: true,
            ..Source::default()
        };
        let fetched = source.fetched.clone();
        let credential = Credential::renewing(source);
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let credential = credential.clone();
            calls.spawn(async move { authorise(&credential, 0).await.unwrap_err() });
        }
        for error in calls.join_all().await {
            assert!(error.is_credential(), "{error}");
        }
        assert_eq!(fetched.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_valid_token_survives_a_failed_renewal() {
        let lasts = Some(Duration::from_secs(100));
        let source = Source {
            fail_after_first: true,
            lasts,
            ..Source::default()
        };
        let credential = Credential::renewing(source);
        assert_eq!(authorise(&credential, 0).await.unwrap().0, "Bearer token-0");
        assert_eq!(
            authorise(&credential, 99).await.unwrap().0,
            "Bearer token-0"
        );
        assert!(
            authorise(&credential, 100)
                .await
                .unwrap_err()
                .is_credential()
        );
    }

    #[tokio::test]
    async fn a_key_goes_where_it_belongs_and_not_into_debug() {
        let credential = Credential::query_key("token", "пл&n".to_owned().into());
        for (url, expected) in [
            ("http://h/p", "http://h/p?"),
            ("http://h/p?a=1", "http://h/p?a=1&"),
        ] {
            let mut url = url.to_owned();
            let mut headers = HeaderMap::new();
            credential
                .authorise(&mut url, &mut headers, SystemTime::now())
                .await
                .unwrap();
            assert_eq!(url, format!("{expected}token=%D0%BF%D0%BB%26n"));
        }
        assert_eq!(format!("{credential:?}"), "Credential(query, ***)");
        let basic = Credential::basic("user", "planted".to_owned().into()).unwrap();
        assert_eq!(
            authorise(&basic, 0).await.unwrap().0,
            "Basic dXNlcjpwbGFudGVk"
        );
        assert_eq!(basic.scrub("is planted?"), "is ***?");
        assert!(
            Credential::basic("a:b", "p".to_owned().into())
                .unwrap_err()
                .is_input()
        );
        assert!(
            Credential::bearer("a\nb".to_owned().into())
                .unwrap_err()
                .is_input()
        );
    }
}
