//! The answers of EPGU, and what is kept of an upload or a walk. The first byte picks one.
//!
//! Answers that are understood in part go the way that the client goes: see `calls` for the others.
#![no_main]

use epgu_gusmev::{
    Dictionary, Incident, OrderInfo, Ordered, StatusPage, SyncCursor, TrackerState, UploadState,
};
use ruapi_fuzz::{cases, read, round_trip, round_trip_by};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    cases!(
        data,
        order,
        read::<OrderInfo>,
        read::<StatusPage>,
        dictionary,
        read::<Ordered>,
        upload,
        read::<SyncCursor>,
        read::<TrackerState>,
        incident,
    );
});

fn order(json: &[u8]) {
    let Some(info) = round_trip_by(json, |json| OrderInfo::from_json(json).ok()) else { return };
    // The order itself is read by hand where that is faster: serde must read the same.
    if let Ok(by_serde) = ruapi_core::decode::<OrderInfo>(json) {
        assert_eq!(by_serde, info);
    }
    let _ = (info.is_final(), info.cancel_allowed(), info.current_status());
    let Some(order) = &info.order else { return };
    for (_, link) in order.results() {
        if let Ok(link) = link {
            assert_eq!(link.to_uri().parse().ok(), Some(link));
        }
    }
    let _ = format!("{info:?}");
}

fn dictionary(json: &[u8]) {
    let Some(dictionary) = round_trip::<Dictionary>(json) else { return };
    for item in &dictionary.items {
        assert!(item.walk().count() > item.children.len());
    }
}

fn upload(json: &[u8]) {
    let Some(state) = round_trip::<UploadState>(json) else { return };
    let _ = (state.chunks(), state.chunks_sent(), state.is_doubtful(), state.started());
    let _ = state.bytes_sent();
}

fn incident(json: &[u8]) {
    let Some(incident) = round_trip::<Incident>(json) else { return };
    assert!(incident.subject().contains("#API-ЕПГУ"));
    assert!(incident.to_string().contains("6. Номер заявления: "));
}
