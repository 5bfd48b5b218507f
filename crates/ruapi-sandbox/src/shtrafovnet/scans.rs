//! Checks of a car for fines.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;

use super::call::{Answer, Call};
use super::error::{Errors, Refusal};
use super::form::Item;
use super::kinds::{ScanOutcome, ScanStatusMethods};
use super::known::FIRST_NEW;
use super::state::Scan;
use crate::draw::hash;

/// A car that was found done so shortly before is not checked again.
const FRESH: TimeDelta = TimeDelta::minutes(10);

fn item(scan: &Scan, now: chrono::NaiveDateTime) -> Item {
    let ended = scan.end.filter(|(at, _)| *at <= now);
    Item::of(vec![
        ("id", scan.id.into()),
        ("car", scan.car.into()),
        ("status", ended.map_or("process", |(_, outcome)| outcome.name()).into()),
        ("createdAt", scan.created_at.into()),
    ])
}

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let mut errors = Errors::default();
    let car = body.needed_number("car", &mut errors);
    let car = car.filter(|id| call.car(*id).is_some());
    if car.is_none() && !errors.has("car") {
        errors.add("car", "The car is not found.");
    }
    errors.check()?;
    let car = car.ok_or_else(Refusal::not_found)?;

    let id = FIRST_NEW + call.state.created.scans;
    call.state.created.scans += 1;
    let drawn = 30 + hash(id, 401) % 31;
    let seconds = call.state.settings.scan_seconds.map_or(drawn, u64::from);
    let end = call.now + TimeDelta::seconds(seconds as i64);
    // Done, or about to be.
    let fresh = call.state.scans.values().any(|scan| {
        scan.car == car
            && scan
                .end
                .is_some_and(|(at, outcome)| outcome == ScanOutcome::Done && call.now < at + FRESH)
    });
    let usual = if fresh { ScanOutcome::Skip } else { ScanOutcome::Done };
    let outcome = call.state.settings.scan_outcomes.pop_front().unwrap_or(usual);
    if outcome == ScanOutcome::Done {
        if let Some(car) = call.state.cars.get_mut(&car) {
            car.checks.push(end);
        }
    }
    let scan =
        Scan { account: call.account, id, car, created_at: call.now, end: Some((end, outcome)) };
    // Even one that takes no time is answered as begun.
    let item = item(&Scan { end: None, ..scan }, call.now);
    call.state.scans.insert(id, scan);
    Ok(call.created(&item, &format!("scan/{id}")))
}

pub(super) fn status(call: &mut Call<'_>) -> Answer {
    let served = match call.state.settings.scan_status_methods {
        ScanStatusMethods::Both => true,
        ScanStatusMethods::Post => call.method == Method::POST,
        ScanStatusMethods::Get => call.method != Method::POST,
    };
    if !served {
        return Err(Refusal::plain(StatusCode::METHOD_NOT_ALLOWED));
    }
    let scan = call.state.scans.get(&call.id()?).filter(|scan| scan.account == call.account);
    let item = item(scan.ok_or_else(Refusal::not_found)?, call.now);
    Ok(call.answer(StatusCode::OK, &item))
}
