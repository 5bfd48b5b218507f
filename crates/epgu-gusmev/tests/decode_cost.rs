//! What it costs that an order comes as JSON in a string. It measures, so it is run by hand:
//! `cargo test --release -p epgu-gusmev --test decode_cost -- --ignored --nocapture`.
#![allow(clippy::print_stdout, reason = "it tells what it measured")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use epgu_gusmev::OrderInfo;
use serde_json::{Value, json};

/// The least that each of the two takes, by turns, so that what else runs on the machine slows both.
fn least(json: [&str; 2]) -> [Duration; 2] {
    let mut least = [Duration::MAX; 2];
    for _ in 0..2_000 {
        for (json, least) in json.iter().zip(&mut least) {
            let begin = Instant::now();
            for _ in 0..5 {
                black_box(OrderInfo::from_json(black_box(json.as_bytes())).unwrap());
            }
            *least = begin.elapsed().min(*least);
        }
    }
    least
}

#[test]
#[ignore = "measures: run it alone, with --release"]
fn an_order_in_a_string_costs_at_most_a_quarter_more_than_a_bare_one() {
    let sample: Value = serde_json::from_str(include_str!("samples/order.json")).unwrap();
    let order = sample["answer"]["order"].as_str().unwrap();
    let order: Value = serde_json::from_str(order).unwrap();
    let mut long = order.clone();
    let statuses = order["statuses"].as_array().unwrap();
    long["statuses"] = statuses.iter().cycle().take(60).cloned().collect();
    for (name, order) in [("the sample", order), ("one of 60 statuses", long)] {
        let escaped = json!({"code": "OK", "message": null, "order": order.to_string()});
        let bare = json!({"code": "OK", "message": null, "order": order});
        let [escaped, bare] = least([&escaped.to_string(), &bare.to_string()]);
        let ratio = escaped.as_secs_f64() / bare.as_secs_f64();
        println!("{name}: {ratio:.3} times as long");
        assert!(ratio < 1.25, "{name}: {ratio:.3}");
    }
}
