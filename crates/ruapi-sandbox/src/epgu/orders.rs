//! An application: created, shown, cancelled.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::details;
use super::error::Refusal;
use super::input::{Meta, check_json};
use super::kinds::{CancelRefusal, ErrorCode, OrderForm};
use crate::draw::uuid;
use crate::reply;

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    check_json(call.parts)?;
    let meta = Meta::read(call.body)?;
    let id = call.state.create(call.user, &meta, call.now)?;
    Ok(call.state.answer_id(StatusCode::OK, id))
}

pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let (id, now) = (call.order_id()?, call.now);
    let settings = call.state.settings.clone();
    let order = call.state.order(id, call.user)?.ok_or_else(Refusal::nothing)?;
    if order.events(now).is_empty() {
        return Err(Refusal::nothing());
    }
    let (code, message) = order.code(now);
    let mut answer = json!({ "code": code, "message": message });
    let inside = (code == "OK").then(|| details::print(order, &settings, now));
    let inside = match (settings.order_form, inside) {
        (OrderForm::Absent, _) => None,
        (OrderForm::Null, _) | (_, None) => Some(Value::Null),
        (OrderForm::Object, Some(inside)) => Some(inside),
        (OrderForm::String, Some(inside)) => Some(Value::String(inside.to_string())),
    };
    if let Some(inside) = inside {
        answer["order"] = inside;
    }
    // The document's own answer has none.
    if settings.extra_fields && order.printed.is_none() {
        answer["messageId"] = json!(uuid(id, 701));
    }
    Ok(reply::json(StatusCode::OK, &answer))
}

pub(super) fn cancel(call: &mut Call<'_>) -> Answer {
    let (id, now) = (call.order_id()?, call.now);
    let reason = call.query("reason").filter(|reason| !reason.is_empty());
    let settings = call.state.settings.clone();
    let order = call.state.order(id, call.user)?;
    let order = order.ok_or_else(|| Refusal::of(ErrorCode::NotFound))?;
    if settings.cancel_reason_required && reason.is_none() {
        return Err(Refusal::bad("reason: параметр обязателен"));
    }
    let current = order.events(now).pop();
    if !current.is_some_and(|event| details::cancel_allowed(event.status, &settings)) {
        let refusal = Refusal::of(ErrorCode::CancelNotAllowed);
        return Err(match settings.cancel_refusal {
            CancelRefusal::NotAllowed => refusal,
            CancelRefusal::Conflict => refusal.with_status(StatusCode::CONFLICT),
        });
    }
    order.cancelled = Some(now);
    call.state.counts.cancelled += 1;
    // The document prints no body.
    Ok(Response::default())
}
