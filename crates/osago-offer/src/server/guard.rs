use std::fmt;

use http::{HeaderMap, HeaderName, header};
use ruapi_core::Error;
use secrecy::{ExposeSecret, SecretString};
use subtle::{Choice, ConstantTimeEq};

/// Who may call: whoever shows one of these credentials. The API's documents do not say which one Yandex
/// shows: it is agreed on with each partner.
///
/// Secrets are compared in constant time (only their length can be told from it), and all of them,
/// whichever fits. `Debug` shows none.
#[derive(Clone)]
pub struct Guard {
    /// `None`: everybody.
    keys: Option<Vec<Key>>,
}

#[derive(Clone)]
struct Key {
    header: HeaderName,
    /// After the scheme `Bearer`.
    is_bearer: bool,
    secret: SecretString,
}

impl Guard {
    /// `Authorization: Bearer …`. Refused: a blank token, which would let everybody in.
    pub fn bearer(token: SecretString) -> Result<Self, Error> {
        Self::one(header::AUTHORIZATION, true, token)
    }

    /// A key in a header of its own. Refused: a blank key.
    pub fn header(name: HeaderName, secret: SecretString) -> Result<Self, Error> {
        Self::one(name, false, secret)
    }

    /// Everybody may call: for servers that something in front of them guards, such as a proxy that
    /// checks client certificates.
    pub fn none() -> Self {
        Self { keys: None }
    }

    /// Also whoever the other one lets in: two keys while one is exchanged for the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let both = self.keys.zip(other.keys);
        Self { keys: both.map(|(ours, others)| ours.into_iter().chain(others).collect()) }
    }

    fn one(header: HeaderName, is_bearer: bool, secret: SecretString) -> Result<Self, Error> {
        let text = secret.expose_secret();
        if text.trim().is_empty() || text.trim() != text {
            let detail = "the secret must not be blank, nor begin or end with white space";
            return Err(Error::input("guard", detail));
        }
        Ok(Self { keys: Some(vec![Key { header, is_bearer, secret }]) })
    }

    pub(super) fn lets_in(&self, headers: &HeaderMap) -> bool {
        let Some(keys) = &self.keys else { return true };
        let fits = keys.iter().fold(Choice::from(0), |fits, key| fits | key.fits(headers));
        fits.into()
    }
}

impl Key {
    fn fits(&self, headers: &HeaderMap) -> Choice {
        let mut shown = headers.get_all(&self.header).iter();
        // Of two, somebody in between may have read the other.
        let (Some(value), None) = (shown.next(), shown.next()) else { return Choice::from(0) };
        let mut value = value.as_bytes();
        if self.is_bearer {
            match value.split_at_checked("Bearer ".len()) {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"Bearer ") => value = token,
                _ => return Choice::from(0),
            }
        }
        value.ct_eq(self.secret.expose_secret().as_bytes())
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self
            .keys
            .as_ref()
            .map(|keys| keys.iter().map(|key| key.header.as_str()).collect::<Vec<_>>());
        f.debug_struct("Guard").field("headers", &headers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_the_right_credential_is_let_in() {
        let bearer = || Guard::bearer("not-a-real-token".into()).unwrap();
        let key = || {
            let name = HeaderName::from_static("x-api-key");
            Guard::header(name, "not-a-real-key".into()).unwrap()
        };
        let right = headers(&[("authorization", "Bearer not-a-real-token")]);
        assert!(bearer().lets_in(&right));
        assert!(bearer().lets_in(&headers(&[("authorization", "bearer not-a-real-token")])));
        assert!(key().lets_in(&headers(&[("x-api-key", "not-a-real-key")])));
        assert!(bearer().or(key()).lets_in(&headers(&[("x-api-key", "not-a-real-key")])));
        assert!(key().or(bearer()).lets_in(&right));
        assert!(Guard::none().lets_in(&headers(&[])));
        assert!(bearer().or(Guard::none()).lets_in(&headers(&[])));
        for wrong in [
            &[][..],
            &[("authorization", "")],
            &[("authorization", "Bearer")],
            &[("authorization", "Bearer ")],
            &[("authorization", "not-a-real-token")],
            &[("authorization", "Basic not-a-real-token")],
            &[("authorization", "Bearer not-a-real-toke")],
            &[("authorization", "Bearer not-a-real-tokenn")],
            &[("authorization", "Bearer Not-a-real-token")],
            &[("authorization", "Bearer not-a-real-token"), ("authorization", "Bearer x")],
            &[("x-api-key", "not-a-real-token")],
        ] {
            assert!(!bearer().lets_in(&headers(wrong)), "{wrong:?}");
        }
    }

    #[test]
    fn a_blank_secret_is_refused_and_none_is_shown() {
        for blank in ["", " ", "\t", " a", "a "] {
            assert!(Guard::bearer(blank.into()).unwrap_err().is_input());
        }
        let guard = Guard::bearer("not-a-real-token".into()).unwrap();
        assert_eq!(format!("{guard:?}"), r#"Guard { headers: Some(["authorization"]), .. }"#);
    }
}
