//! The answers of the OSAGO partner API, and the bodies that its server reads. The first byte picks one.
#![no_main]

use osago_offer::calculation::CalculationStarted;
use osago_offer::{
    Calculation, CalculationRequest, CalculationState, Confirmation, Draft, Offer, Policy,
    StandardError,
};
use ruapi_fuzz::{cases, read, round_trip};

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
        read::<CalculationRequest>,
        read::<Confirmation>,
    );
});

fn offer(offer: Option<Offer>) {
    let Some(offer) = offer else { return };
    let _ = offer.check_upsales(&offer.default_upsales());
    let _ = offer.check_upsales(&[]);
    let _ = format!("{offer:?}");
}
