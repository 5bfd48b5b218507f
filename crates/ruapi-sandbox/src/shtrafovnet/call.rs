//! The way of a request: who asks, for what, and under which address.

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use chrono::NaiveDateTime;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Collected};

use super::Shtrafovnet;
use super::error::Refusal;
use super::form::Item;
use super::input::{Body, Query};
use super::state::{Account, State};
use crate::base64;
use crate::reply;

/// What an operation takes for an authorization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Auth {
    Nobody,
    Basic,
    Bearer,
    Either,
}

/// Whether an operation reads a body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reads {
    Nothing,
    Json,
}

pub(super) type Answer = Result<Response, Refusal>;

/// A request that passed the checks of all operations, and what it acts on.
pub(super) struct Call<'a> {
    pub(super) state: &'a mut State,
    /// Moscow time, in whole seconds.
    pub(super) now: NaiveDateTime,
    /// The webmaster; 0 if nobody is asked for.
    pub(super) account: u64,
    pub(super) method: &'a Method,
    /// The decoded segment of the path that is no constant.
    pub(super) subject: &'a str,
    pub(super) query: Query,
    body: Option<Body>,
    /// `http://127.0.0.1:PORT`.
    pub(super) origin: &'a str,
    /// The path as it was asked for.
    pub(super) path: &'a str,
}

impl Call<'_> {
    pub(super) fn body(&mut self) -> Body {
        self.body.take().expect("the operation was said to read a body")
    }

    pub(super) fn account(&mut self) -> &mut Account {
        self.state.accounts.get_mut(&self.account).expect("the account of a checked credential")
    }

    /// The subject as a number; what is none is not found.
    pub(super) fn id(&self) -> Result<u64, Refusal> {
        super::input::digits(self.subject).ok_or_else(Refusal::not_found)
    }

    /// The address of the API as this request used it, without a slash at the end.
    pub(super) fn base(&self) -> String {
        let end = self.path.find("/webmasters").map_or(0, |at| at + "/webmasters".len());
        format!("{}{}", self.origin, &self.path[..end])
    }

    pub(super) fn answer(&self, status: StatusCode, item: &Item) -> Response {
        reply::json(status, &item.printed(self.state.settings.modern_forms))
    }

    /// 201 with a `Location` under the API's address.
    pub(super) fn created(&self, item: &Item, place: &str) -> Response {
        let mut response = self.answer(StatusCode::CREATED, item);
        let place = HeaderValue::try_from(format!("{}/{place}", self.base()));
        if let Ok(place) = place {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response
    }
}

/// 204 without a body.
pub(super) fn no_content() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The segments of the path that are no constants.
type Segments = Result<RawPathParams, RawPathParamsRejection>;

/// The handler of an operation.
pub(super) fn on(
    auth: Auth,
    reads: Reads,
    operation: fn(&mut Call<'_>) -> Answer,
) -> impl Fn(Shared<Shtrafovnet>, Segments, Request) -> BoxFuture<'static, Response> + Clone {
    move |Shared(api), params, request| {
        let answer = async move {
            let (parts, bytes) = take(request).await;
            // What is not UTF-8 names nothing.
            let params = params.map_err(|_| Refusal::not_found())?;
            let subject = params.iter().next().map_or("", |(_, value)| value);
            enter(&api, auth, reads, subject, &parts, &bytes, operation)
        };
        async move { answer.await.unwrap_or_else(|refusal| refusal.response()) }.boxed()
    }
}

/// The whole request: an unread body would turn the end of a connection into a reset.
pub(super) async fn take(request: Request) -> (Parts, Bytes) {
    let (parts, body) = request.into_parts();
    // Of a body that broke off nobody will read the answer.
    let bytes = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    (parts, bytes)
}

/// Checks a request as all operations do, then lets the operation answer.
pub(super) fn enter<T>(
    api: &Shtrafovnet,
    auth: Auth,
    reads: Reads,
    subject: &str,
    parts: &Parts,
    bytes: &[u8],
    operation: impl FnOnce(&mut Call<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let now = api.now();
    let mut state = api.lock();
    let account = authorise(&mut state, auth, parts)?;
    let body = match reads {
        Reads::Nothing => None,
        Reads::Json if is_json(parts) => Some(Body::parse(bytes)?),
        Reads::Json => return Err(Refusal::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    };
    operation(&mut Call {
        state: &mut state,
        now,
        account,
        method: &parts.method,
        subject,
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        body,
        origin: &api.origin,
        path: parts.uri.path(),
    })
}

fn is_json(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

fn unauthorized() -> Refusal {
    Refusal::plain(StatusCode::UNAUTHORIZED)
}

fn forbidden(title: &str) -> Refusal {
    Refusal::titled(StatusCode::FORBIDDEN, title)
}

/// The scheme, in lower case, and what follows it.
fn credential(parts: &Parts) -> Option<(String, &str)> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = value.split_once(' ')?;
    Some((scheme.to_ascii_lowercase(), credential.trim()))
}

/// The token that a request carries, if any.
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    credential(parts).filter(|(scheme, _)| scheme == "bearer").map(|(_, token)| token)
}

fn authorise(state: &mut State, auth: Auth, parts: &Parts) -> Result<u64, Refusal> {
    if auth == Auth::Nobody {
        return Ok(0);
    }
    let (scheme, credential) = credential(parts).ok_or_else(unauthorized)?;
    let id = match scheme.as_str() {
        "bearer" if auth != Auth::Basic => {
            *state.tokens.get(credential).ok_or_else(unauthorized)?
        }
        "basic" if auth != Auth::Bearer => log_in(state, credential)?,
        _ => return Err(unauthorized()),
    };
    let account = state.accounts.get(&id).ok_or_else(unauthorized)?;
    if account.locked {
        return Err(forbidden("The account is locked"));
    }
    if account.unconfirmed.is_some() {
        return Err(forbidden("The account is not confirmed"));
    }
    Ok(id)
}

/// The account that e-mail and password belong to. Too many wrong passwords in a row lock it.
fn log_in(state: &mut State, credential: &str) -> Result<u64, Refusal> {
    let text = base64::decode(credential).and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(unauthorized)?;
    let (email, password) = text.split_once(':').ok_or_else(unauthorized)?;
    let limit = state.settings.login_failures;
    let account = state.account_by_email(email).ok_or_else(unauthorized)?;
    if account.locked || account.password == password {
        if !account.locked {
            account.failures = 0;
        }
        return Ok(account.person.id);
    }
    account.failures += 1;
    account.locked = account.failures >= limit;
    Err(unauthorized())
}
