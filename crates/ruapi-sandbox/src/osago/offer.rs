//! `osago/offer`: offers and their confirmation.

use super::call::{Answer, Call};
use super::error::Refusal;
use super::input;
use super::kinds::OfferStatus;
use super::upsale;

/// `GET osago/offer`.
pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let (request_id, offer_id) = call.offer_key()?;
    let (now, settings) = (call.now.to_utc(), call.state.settings.clone());
    let offer = call.state.offer(&request_id, &offer_id);
    let offer = offer.ok_or_else(|| absent(&request_id))?;
    Ok(offer.print(now, &settings))
}

pub(super) fn absent(request_id: &str) -> Refusal {
    Refusal::not_found("Предложение не найдено").of_request(request_id)
}

/// `POST osago/offer`.
pub(super) fn confirm(call: &mut Call<'_>) -> Answer {
    let body = call.object()?;
    let said = body.get("request_id").and_then(|id| id.as_str()).unwrap_or_default();
    let (request_id, offer_id, mut chosen) = input::confirmation(&body)
        .map_err(|problems| Refusal::invalid(problems).of_request(said))?;
    let (now, settings) = (call.now.to_utc(), call.state.settings.clone());
    let offer = call.state.offer(&request_id, &offer_id);
    let offer = offer.ok_or_else(|| absent(&request_id))?;
    Refusal::if_any(upsale::problems(&offer.upsales, offer.in_pool, &chosen), &request_id)?;

    chosen.sort();
    match &offer.confirmed {
        Some(before) if *before == chosen => call.state.counts.confirmations_repeated += 1,
        Some(_) => {
            let message = "Предложение уже подтверждено с другими кросс-продажами";
            return Err(Refusal::about("upsales", message).of_request(&request_id));
        }
        None => {
            let may = match offer.status(now) {
                OfferStatus::PreCalcReady => true,
                OfferStatus::Created => offer.is_example,
                _ => false,
            };
            if !may {
                let message = "Предложение нельзя подтвердить в текущем статусе";
                return Err(Refusal::about("offer_id", message).of_request(&request_id));
            }
            offer.confirm(now, chosen, &settings);
            call.state.counts.confirmations += 1;
        }
    }
    let offer = call.state.offer(&request_id, &offer_id);
    Ok(offer.ok_or_else(|| absent(&request_id))?.print(now, &settings))
}
