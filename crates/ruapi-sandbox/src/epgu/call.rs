//! The way of a request: who asks, and whether they may.

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::Epgu;
use super::error::Refusal;
use super::input::digits;
use super::kinds::{ErrorCode, IdForm};
use super::order::Order;
use super::state::State;
use crate::query;
use crate::reply;

/// Whom an operation serves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Auth {
    Nobody,
    Bearer,
}

/// The most bytes of a body that is no form.
const BODY: u64 = 1024 * 1024;

pub(super) type Answer = Result<Response, Refusal>;

/// A request that passed the checks of all operations, and what it acts on.
pub(super) struct Call<'a> {
    pub(super) state: &'a mut State,
    pub(super) now: DateTime<Utc>,
    /// 0 if nobody is asked for.
    pub(super) user: u64,
    /// The decoded segments of the path that are no constants.
    pub(super) params: &'a [String],
    pub(super) parts: &'a Parts,
    pub(super) body: &'a [u8],
}

impl Call<'_> {
    /// A parameter of the query; the last one of that name.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = query::parse(self.parts.uri.query().unwrap_or_default());
        let mut found = None;
        for (known, value) in pairs.by_ref() {
            if known == name {
                found = Some(value);
            }
        }
        found
    }

    pub(super) fn param(&self, index: usize) -> &str {
        self.params.get(index).map_or("", String::as_str)
    }

    /// The number of the application in the path.
    pub(super) fn order_id(&self) -> Result<u64, Refusal> {
        digits(self.param(0)).ok_or_else(|| Refusal::bad("orderId: ожидается число"))
    }
}

impl State {
    /// An application of this user; of another one there is an error, and of none nothing.
    pub(super) fn order(&mut self, id: u64, user: u64) -> Result<Option<&mut Order>, Refusal> {
        match self.orders.get_mut(&id) {
            Some(order) if order.user != user => Err(Refusal::of(ErrorCode::OrderAccess)),
            order => Ok(order),
        }
    }

    /// `orderId` as answers print it.
    pub(super) fn printed_id(&self, id: u64) -> Value {
        match self.settings.id_form {
            IdForm::Number => json!(id),
            IdForm::String => json!(id.to_string()),
        }
    }

    pub(super) fn answer_id(&self, status: StatusCode, id: u64) -> Response {
        reply::json(status, &json!({ "orderId": self.printed_id(id) }))
    }
}

/// The segments of the path that are no constants.
type Segments = Result<RawPathParams, RawPathParamsRejection>;

/// The handler of an operation.
pub(super) fn on(
    auth: Auth,
    operation: fn(&mut Call<'_>) -> Answer,
) -> impl Fn(Shared<Epgu>, Segments, Request) -> BoxFuture<'static, Response> + Clone {
    move |Shared(api), params, request| {
        let answer = async move {
            let (parts, body) = take(request, BODY).await;
            let params = params.map_err(|_| Refusal::of(ErrorCode::NotFound))?;
            let params: Vec<_> = params.iter().map(|(_, value)| value.to_owned()).collect();
            let mut state = api.lock();
            let user = match auth {
                Auth::Nobody => 0,
                Auth::Bearer => authorise(&api, &mut state, &parts)?,
            };
            let body = body.ok_or_else(|| Refusal::bad("Тело запроса слишком велико"))?;
            operation(&mut Call {
                state: &mut state,
                now: api.clock.now(),
                user,
                params: &params,
                parts: &parts,
                body: &body,
            })
        };
        async move { answer.await.unwrap_or_else(|refusal| refusal.response()) }.boxed()
    }
}

/// The whole request: an unread body would turn the end of a connection into a reset. None is a
/// body that is too long; it was read and forgotten.
pub(super) async fn take(request: Request, most: u64) -> (Parts, Option<Bytes>) {
    let (parts, mut body) = request.into_parts();
    let mut taken = Some(BytesMut::new());
    while let Some(frame) = body.frame().await {
        // Of a body that broke off nobody will read the answer.
        let Ok(frame) = frame else { return (parts, None) };
        let Ok(data) = frame.into_data() else { continue };
        taken = taken.filter(|taken| (taken.len() + data.len()) as u64 <= most);
        if let Some(taken) = &mut taken {
            taken.extend_from_slice(&data);
        }
    }
    (parts, taken.map(BytesMut::freeze))
}

/// The token that a request carries, if any.
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The user that a request is made for, if it may be made.
pub(super) fn authorise(api: &Epgu, state: &mut State, parts: &Parts) -> Result<u64, Refusal> {
    let unauthorized = || Refusal::plain(StatusCode::UNAUTHORIZED);
    let token = bearer(parts).ok_or_else(unauthorized)?;
    let now = api.clock.now();
    let (user, error) = match state.tokens.get(token) {
        Some(token) if token.expires.is_none_or(|end| now < end) => (token.user, token.error),
        Some(_) => return Err(unauthorized()),
        None => {
            let error = error_of(token).ok_or_else(unauthorized)?;
            (0, Some(error))
        }
    };
    if !state.traffic.admit(&state.settings, api.clock.now_in_moscow()) {
        state.counts.limited += 1;
        return Err(Refusal::of(ErrorCode::LimitationException));
    }
    error.map_or(Ok(user), |code| Err(Refusal::of(code)))
}

const ERROR_TOKEN: &str = "sandbox-error-token-";

/// A token that is always answered with this error.
pub(super) fn error_token(code: ErrorCode) -> String {
    format!("{ERROR_TOKEN}{}", code.name())
}

fn error_of(token: &str) -> Option<ErrorCode> {
    let name = token.strip_prefix(ERROR_TOKEN)?;
    ErrorCode::ALL.into_iter().find(|code| code.name() == name)
}
