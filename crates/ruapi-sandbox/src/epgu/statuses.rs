//! Lists of statuses.

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::details::moscow;
use super::error::Refusal;
use super::input::{check_json, digits};
use super::kinds::{Paging, Zone};
use super::known;
use super::order::Order;
use super::state::State;
use crate::reply;

const UPDATED_AFTER: &str = "%Y-%m-%dT%H:%M:%S%.3f";

/// The asked page: its number, from 0, and its size.
fn page(call: &Call<'_>) -> Result<(usize, usize), Refusal> {
    let number = |name: &str, least: u64| {
        let text = call.query(name);
        let text = text.ok_or_else(|| Refusal::bad(format!("{name}: параметр обязателен")))?;
        let number = digits(&text).filter(|number| *number >= least);
        let number = number.and_then(|number| usize::try_from(number).ok());
        number.ok_or_else(|| Refusal::bad(format!("{name}: ожидается число от {least}")))
    };
    Ok((number("pageNum", 0)?, number("pageSize", 1)?))
}

/// Answers a page of these; `print` makes what it has of each.
fn answer<T>(call: &Call<'_>, all: &[T], print: impl Fn(&T) -> Value) -> Answer {
    let (number, size) = page(call)?;
    let settings = &call.state.settings;
    let (number, total) = match settings.paging {
        Paging::Normal => (number, all.len()),
        Paging::Repeat => (0, all.len()),
        Paging::Overstated => (number, all.len().saturating_add(size)),
    };
    let shown = all.iter().skip(number.saturating_mul(size)).take(size);
    let content: Vec<_> = shown.map(print).collect();
    if content.is_empty() && settings.empty_lists_without_content {
        return Err(Refusal::nothing());
    }
    let body = json!({ "count": content.len(), "totalCount": total, "content": content });
    Ok(reply::json(StatusCode::OK, &body))
}

/// Those that are named, in that order; of another user's it is not told that they exist.
pub(super) fn by_ids(call: &mut Call<'_>) -> Answer {
    if call.state.settings.list_content_type_required {
        check_json(call.parts)?;
    }
    let ids = call.query("orderIds").filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| Refusal::bad("orderIds: параметр обязателен"))?;
    let ids: Option<Vec<_>> = ids.split(',').map(digits).collect();
    let ids = ids.ok_or_else(|| Refusal::bad("orderIds: ожидаются числа через запятую"))?;
    answer(call, &ids, |id| {
        let order = call.state.orders.get(id).filter(|order| order.user == call.user);
        print(call.state, *id, order, call.now)
    })
}

/// Those that changed after a moment, the newest first.
pub(super) fn updated_after(call: &mut Call<'_>) -> Answer {
    let text = call.query("updatedAfter");
    let text = text.ok_or_else(|| Refusal::bad("updatedAfter: параметр обязателен"))?;
    let time = NaiveDateTime::parse_from_str(&text, UPDATED_AFTER);
    // Three digits, no more and no fewer.
    let time = time.ok().filter(|_| text.len() == "2022-12-10T12:31:42.000".len());
    let time = time.and_then(|time| match call.state.settings.updated_after_zone {
        Zone::Utc => Some(time.and_utc()),
        Zone::Moscow => time.and_local_timezone(moscow()).single().map(|time| time.to_utc()),
    });
    let time =
        time.ok_or_else(|| Refusal::bad("updatedAfter: ожидается yyyy-MM-ddTHH:mm:ss.SSS"))?;
    let orders = call.state.orders.values().filter(|order| order.user == call.user);
    let orders = orders.map(|order| (order.updated(&order.events(call.now)), order));
    let mut orders: Vec<_> = orders.filter(|(updated, _)| *updated > time).collect();
    orders.sort_by_key(|(updated, order)| std::cmp::Reverse((*updated, order.id)));
    answer(call, &orders, |(_, order)| {
        let mut line = print(call.state, order.id, Some(order), call.now);
        if order.id == known::WITH_A_SPACE {
            let id = line.as_object_mut().and_then(|line| line.remove("orderId"));
            line[" orderId"] = id.unwrap_or_default();
        }
        line
    })
}

fn print(state: &State, id: u64, order: Option<&Order>, now: DateTime<Utc>) -> Value {
    let events = order.map(|order| order.events(now)).unwrap_or_default();
    let status = order.zip(events.last()).map(|(order, event)| {
        let updated = order.updated(&events).with_timezone(&moscow());
        json!({
            "statusId": event.status.id,
            "statusName": event.status.name,
            // Moscow's, though not said: the example's times are three hours from the query's.
            "updated": updated.format("%Y-%m-%dT%H:%M:%S%.3f").to_string(),
        })
    });
    let found = if status.is_some() { "FOUND" } else { "NOT_FOUND" };
    json!({ "orderId": state.printed_id(id), "orderSearchStatus": found, "status": status })
}
