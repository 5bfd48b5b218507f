//! The two answers of Cherehapa, and the samples' relaxed JSON. The first byte picks one.
#![no_main]

use cherehapa_types::{order, quote, relaxed};
use ruapi_fuzz::{cases, round_trip_by};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    cases!(data, read_quote, read_order, read_relaxed);
});

fn read_quote(json: &[u8]) {
    let Some(quote) = round_trip_by(json, |json| quote::from_slice(json).ok()) else { return };
    let best = quote.best_per_company();
    assert!(best.len() <= quote.data.len().max(quote.product_per_company.len()));
    for product in best {
        let _ = (product.sum("medicine"), product.franchises().count());
    }
    if let Some(calculation) = &quote.pre_calc {
        let _ = calculation.preliminary_sum(5);
    }
}

fn read_order(json: &[u8]) {
    let Some(order) = round_trip_by(json, |json| order::from_slice(json).ok()) else { return };
    let _ = (order.order_task(), order.is_done(), order.redirect());
    for policy in &order.policies {
        let _ = order.policy_link(policy);
    }
}

fn read_relaxed(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let json = relaxed(text);
    assert!(json.len() <= text.len());
    // What is JSON already stays so, and stays the same.
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(text) {
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).ok(), Some(value));
    }
}
