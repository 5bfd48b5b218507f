//! The answers of the OSAGO partner API, and the bodies that its server reads. The first byte picks one.
#![no_main]

use osago_offer::calculation::CalculationStarted;
use osago_offer::{
    Calculation, CalculationRequest, CalculationState, Confirmation, Draft, Offer, Policy,
    SelectedUpsale, StandardError,
};
use ruapi_fuzz::{cases, read, round_trip, round_trip_by};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    cases!(
        data,
        |json| offer(round_trip(json)),
        read::<Calculation>,
        read::<CalculationStarted>,
        read::<CalculationState>,
        read::<Draft>,
        read::<Policy>,
        read::<StandardError>,
        calculation_request,
        confirmation,
    );
});

fn offer(offer: Option<Offer>) {
    let Some(offer) = offer else { return };
    let _ = offer.check_upsales(&offer.default_upsales());
    let _ = offer.check_upsales(&[]);
    let _ = format!("{offer:?}");
}

/// Of the bodies that the server reads those count that it does not refuse for want of an identifier: see
/// `server` for the others.
fn confirmation(json: &[u8]) {
    round_trip_by(json, |json| {
        let body: Confirmation = ruapi_core::decode(json).ok()?;
        let is_named = |one: &SelectedUpsale| {
            !one.upsale_id.as_str().is_empty() && !one.option_id.as_str().is_empty()
        };
        let are_named = body.upsales.iter().all(is_named);
        let is_named = !body.request_id.as_str().is_empty() && !body.offer_id.as_str().is_empty();
        (is_named && are_named).then_some(body)
    });
}

fn calculation_request(json: &[u8]) {
    round_trip_by(json, |json| {
        let body: CalculationRequest = ruapi_core::decode(json).ok()?;
        (!body.request_id.as_str().is_empty()).then_some(body)
    });
}
