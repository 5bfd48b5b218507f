//! `osago/calculate`: calculations and where they stand.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::call::{Answer, Call};
use super::error::Refusal;
use super::input::{self, Input};
use super::kinds::{CalculationEnd, OfferStatus};
use super::known::PARTNER;
use super::offers::{Insurer, Offer};
use super::settings::Settings;
use super::state::Calculation;
use super::upsale;
use crate::draw;

/// A calculation may be asked for so often.
const POLLING: TimeDelta = TimeDelta::seconds(1);
/// For draws.
const OFFERS: u64 = 0x05a6;

/// `POST osago/calculate`.
pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let body = call.object()?;
    let mut ignored = Vec::new();
    let request_id = Input::new(&body).text("request_id", &mut ignored).unwrap_or_default();
    let request_id = request_id.to_owned();
    Refusal::if_any(input::calculation(&body, call.now.date_naive()), &request_id)?;

    let key = request_id.to_lowercase();
    let now = call.now.to_utc();
    let began = match call.state.calculations.get(&key) {
        Some(known) if known.body == body => known.began,
        Some(_) => {
            let message = "Расчет с таким идентификатором уже есть";
            return Err(Refusal::about("request_id", message).of_request(&request_id));
        }
        None => {
            call.state.counts.calculations += 1;
            let calculation = begin(body, &key, now, &call.state.settings);
            call.state.calculations.insert(key, calculation);
            now
        }
    };
    let began = began.with_timezone(call.now.offset()).to_rfc3339();
    Ok(json!({ "request_id": request_id, "calculation_date": began }))
}

fn begin(
    body: Map<String, Value>,
    key: &str,
    now: DateTime<Utc>,
    settings: &Settings,
) -> Calculation {
    let ends = now + TimeDelta::seconds(i64::from(settings.calculation_seconds));
    let upsales_allowed = body.get("is_cross_allowed") != Some(&Value::Bool(false));
    let seed = draw::hash_texts(&[key]);
    let mut history = vec![
        (now, OfferStatus::Created),
        ((now + TimeDelta::seconds(1)).min(ends), OfferStatus::PreCalcSent),
        ((now + TimeDelta::seconds(2)).min(ends), OfferStatus::PreCalcInProgress),
    ];
    if settings.calculation_end == CalculationEnd::Ready {
        let timeout = ends + TimeDelta::seconds(i64::from(settings.offer_seconds));
        history.push((ends, OfferStatus::PreCalcReady));
        history.push((timeout, OfferStatus::ClosedTimeout));
    }
    let offer = |place: u64, insurer: Insurer| {
        let id = 10_000_000 + draw::hash(seed, OFFERS) % 80_000_000 + place;
        let price = 5_000 + draw::hash(seed, OFFERS + 1 + place) % 9_000;
        Offer::new(id.to_string(), insurer, price, history.clone())
    };
    let first_upsale = 100_000 + draw::hash(seed, OFFERS + 9) % 800_000;
    let mut usual = offer(0, PARTNER);
    usual.upsales = upsale::usual(first_upsale);
    usual.upsales.retain(|upsale| upsales_allowed || upsale.is_required);
    let mut pool = offer(1, Insurer { code: 77, name: "СК Пример" });
    pool.upsales = upsale::of_pool(first_upsale + 10);
    pool.in_pool = true;
    let mut plain = offer(2, Insurer { code: 78, name: "СК Образец" });
    plain.is_prolongation = true;
    Calculation {
        body,
        began: now,
        ends,
        end: settings.calculation_end,
        offers: vec![usual, pool, plain],
        last_asked: None,
    }
}

/// `GET osago/calculate`.
pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let (request_id, calculation, settings, now) = known(call)?;
    let offers: Vec<Value> =
        calculation.shown(now).iter().map(|offer| offer.print(now, &settings)).collect();
    let drivers = match calculation.status(now) {
        "DRAFT" | "PARTNER_CALCULATION_IN_PROGRESS" => Vec::new(),
        _ => drivers(&calculation.body),
    };
    Ok(json!({
        "request_id": request_id,
        "status": calculation.status(now),
        "partner": PARTNER.print(&settings),
        "offers": offers,
        "drivers": drivers,
    }))
}

/// `GET osago/calculate/status`.
pub(super) fn status(call: &mut Call<'_>) -> Answer {
    let (request_id, calculation, _, now) = known(call)?;
    let offers: Vec<Value> = calculation
        .shown(now)
        .iter()
        .map(|offer| json!({ "offer_id": offer.id, "offer_status": offer.status(now) }))
        .collect();
    Ok(json!({ "request_id": request_id, "status": calculation.status(now), "offers": offers }))
}

/// The calculation that is asked for; the question is counted if it comes too soon.
fn known<'a>(
    call: &'a mut Call<'_>,
) -> Result<(String, &'a Calculation, Settings, DateTime<Utc>), Refusal> {
    let request_id = call.request_id()?;
    let (now, settings) = (call.now.to_utc(), call.state.settings.clone());
    let calculation = call.state.calculations.get_mut(&request_id.to_lowercase());
    let absent = || Refusal::not_found("Расчет не найден").of_request(&request_id);
    let calculation = calculation.ok_or_else(absent)?;
    let before = calculation.last_asked.replace(now);
    if before.is_some_and(|before| now - before < POLLING) {
        call.state.counts.calculations_asked_too_soon += 1;
    }
    Ok((request_id, calculation, settings, now))
}

/// The drivers with their coefficients, the same for the same licence.
fn drivers(body: &Map<String, Value>) -> Vec<Value> {
    let drivers = body.get("drivers_info").and_then(|info| info.get("drivers")?.as_array());
    let print = |driver: &Value| {
        let license = [&driver["license"], &driver["foreign_license"]];
        let license = license.into_iter().find(|license| license.is_object());
        let of =
            |name: &str| license.and_then(|license| license[name].as_str()).unwrap_or_default();
        let draw = draw::hash_texts(&[of("series"), of("number")]);
        let kbm = [0.46, 0.5, 0.68, 0.83, 1.0, 1.17][draw::pick(draw, 6)];
        json!({
            "series": of("series"),
            "number": of("number"),
            "coefficients": {
                "tb": 4942, "kt": 1.8, "kbm": kbm, "kvs": 0.96, "ks": 1, "kp": 1, "km": 1.2,
                "kn": 1, "ko": 1, "kpr": 1,
            },
        })
    };
    drivers.into_iter().flatten().map(print).collect()
}
