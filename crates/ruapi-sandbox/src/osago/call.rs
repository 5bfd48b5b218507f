//! The way of a request: who asks, whether they may, and for what.

use axum::extract::{Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::Response;
use bytes::BytesMut;
use chrono::{DateTime, FixedOffset};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use serde_json::{Map, Value};

use super::Osago;
use super::error::Refusal;
use super::input::is_uuid;
use super::kinds::Access;
use super::state::State;
use crate::query;
use crate::reply;

/// The most bytes of a body.
const BODY: usize = 1024 * 1024;

/// A request of somebody who may ask.
pub(super) struct Call<'a> {
    pub(super) state: &'a mut State,
    /// Moscow's time.
    pub(super) now: DateTime<FixedOffset>,
    parts: &'a Parts,
    body: Option<&'a [u8]>,
}

pub(super) type Answer = Result<Value, Refusal>;

impl Call<'_> {
    /// A parameter of the query; the last one of that name.
    fn query(&self, name: &str) -> Option<String> {
        let pairs = query::parse(self.parts.uri.query().unwrap_or_default());
        pairs.filter(|(known, _)| known == name).map(|(_, value)| value).last()
    }

    /// `request_id` of the query.
    pub(super) fn request_id(&self) -> Result<String, Refusal> {
        match self.query("request_id").filter(|id| !id.is_empty()) {
            None => Err(Refusal::about("request_id", "Обязательный параметр")),
            Some(id) if !is_uuid(&id) => {
                Err(Refusal::about("request_id", "Ожидается UUID").of_request(&id))
            }
            Some(id) => Ok(id),
        }
    }

    /// `request_id` and `offer_id` of the query.
    pub(super) fn offer_key(&self) -> Result<(String, String), Refusal> {
        let request_id = self.request_id()?;
        let missing =
            || Refusal::about("offer_id", "Обязательный параметр").of_request(&request_id);
        let offer_id = self.query("offer_id").filter(|id| !id.is_empty()).ok_or_else(missing)?;
        Ok((request_id, offer_id))
    }

    /// The body, a JSON object.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        let bad = |message: &str| Refusal::invalid(Vec::new()).with_message(message);
        let content_type = self.parts.headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        if content_type.split(';').next().map(str::trim) != Some("application/json") {
            return Err(bad("Ожидается Content-Type: application/json"));
        }
        let body = self.body.ok_or_else(|| bad("Тело запроса больше 1 МБ"))?;
        serde_json::from_slice(body).map_err(|_| bad("Тело запроса: ожидается объект JSON"))
    }
}

/// The handler of an operation.
pub(super) fn on(
    operation: fn(&mut Call<'_>) -> Answer,
) -> impl Fn(Shared<Osago>, Request) -> BoxFuture<'static, Response> + Clone {
    move |Shared(api), request| {
        async move {
            let (parts, mut body) = request.into_parts();
            // The whole body, also of what is too long: an unread one would turn the end of a
            // connection into a reset.
            let mut taken = Some(BytesMut::new());
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else { return Response::default() };
                let Ok(data) = frame.into_data() else { continue };
                taken = taken.filter(|taken| taken.len() + data.len() <= BODY);
                if let Some(taken) = &mut taken {
                    taken.extend_from_slice(&data);
                }
            }
            let mut state = api.lock();
            let now = api.clock.now_in_moscow();
            let allowed = may_call(&state, &parts).then_some(()).ok_or_else(Refusal::forbidden);
            let answer = allowed.and_then(|()| {
                let body = taken.as_deref();
                operation(&mut Call { state: &mut state, now, parts: &parts, body })
            });
            match answer {
                Ok(answer) => reply::json(StatusCode::OK, &answer),
                Err(refusal) => {
                    state.counts.refused += 1;
                    refusal.response()
                }
            }
        }
        .boxed()
    }
}

fn may_call(state: &State, parts: &Parts) -> bool {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let shown = match &state.settings.access {
        Access::Everybody => return true,
        Access::Header(name) => header(name),
        Access::Bearer => header("authorization").and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        }),
    };
    state.token_is_known && shown == Some(Osago::TOKEN)
}
