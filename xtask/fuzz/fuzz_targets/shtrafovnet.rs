//! The answers of Shtrafovnet, its callbacks, and what is kept between walks. The first byte picks one.
#![no_main]

use ruapi_fuzz::{cases, read, round_trip};
use shtrafovnet_client::account::Message;
use shtrafovnet_client::fines::Callback;
use shtrafovnet_client::{
    Car, Company, Fine, Invoice, List, NewToken, Notification, Profile, Scan, SyncCursor,
};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    cases!(
        data,
        |json| fine(round_trip(json)),
        read::<List<Fine>>,
        read::<Profile>,
        read::<List<Profile>>,
        car,
        read::<List<Car>>,
        |json| invoice(round_trip(json)),
        read::<List<Invoice>>,
        read::<Company>,
        read::<Scan>,
        read::<Notification>,
        read::<Message>,
        token,
        read::<SyncCursor>,
        callback,
    );
});

fn fine(fine: Option<Fine>) {
    let Some(fine) = fine else { return };
    if let Some(mask) = &fine.updated_mask {
        let _ = (mask.is_new(), mask.has_new_pictures());
    }
    let _ = format!("{fine:?}");
}

fn car(json: &[u8]) {
    if let Some(Ok(owner)) = round_trip::<Car>(json).and_then(|car| car.owner()) {
        assert!(owner.as_str().contains('@'));
    }
}

/// It is not written: it is a secret.
fn token(json: &[u8]) {
    if let Ok(token) = ruapi_core::decode::<NewToken>(json) {
        assert!(format!("{token:?}").contains("REDACTED"));
    }
}

fn invoice(invoice: Option<Invoice>) {
    let Some(invoice) = invoice else { return };
    let _ = (invoice.is_final(), invoice.owner());
    let _ = format!("{invoice:?}");
}

fn callback(body: &[u8]) {
    if let Ok(callback) = Callback::parse(body) {
        // The same again from what it keeps.
        let again = Callback::parse(callback.raw.to_string().as_bytes()).expect("the same JSON");
        assert_eq!(again.fine, callback.fine);
    }
}
