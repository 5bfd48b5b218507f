//! The answer of `checkPolicy`.
#![no_main]

use chrono::NaiveDate;
use nsso_client::PolicyCheck;
use ruapi_fuzz::round_trip;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some(check) = round_trip::<PolicyCheck>(data) else { return };
    for found in &check.result {
        let _ = found.policy.covers(NaiveDate::MAX);
    }
});
