//! Decoding a quote of 20 MB against a strict derive of the same bytes: the time, in turns, and the memory.
//!
//! `cargo bench -p cherehapa-types`

#![allow(clippy::print_stdout, reason = "a program that prints a table")]
#![allow(dead_code, reason = "of the strict model only its decoding is measured")]

use std::alloc::System;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cherehapa_types::quote;
use serde::Deserialize;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SIZE: usize = 20 * 1024 * 1024;
const TURNS: u32 = 15;
/// Speed at least this part of the baseline's, memory at most this many times the baseline's.
const TARGETS: (f64, f64) = (0.85, 1.5);

/// Which side a process of its own decodes, for its peak of memory.
const PEAK: &str = "--peak";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [PEAK, side, debugging] = &*arguments.iter().map(String::as_str).collect::<Vec<_>>() {
        return print_peak(side, *debugging == "true");
    }
    println!("| what | speed | time | memory kept | peak |");
    println!("|---|---|---|---|---|");
    let rows = [("whole products", true), ("without the parts for debugging", false)];
    let met = rows.map(|(what, debugging)| measure(what, debugging));
    // `cargo test --benches` runs this too, without optimisation and beside others.
    if met.contains(&false) && arguments.iter().any(|argument| argument == "--bench") {
        println!("a target is missed: speed ≥ {}, memory ≤ {}", TARGETS.0, TARGETS.1);
        std::process::exit(1);
    }
}

/// An answer with as many products as fit into [`SIZE`]; a third of them also in `productPerCompany`.
fn generate(debugging: bool) -> String {
    let mut random = 1_u64;
    let mut next = |below: u64| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut data = String::new();
    let mut per_company = String::new();
    while data.len() + per_company.len() < SIZE {
        let product = product(&mut next, debugging);
        data.push_str(&product);
        data.push(',');
        if next(3) == 0 {
            per_company.push_str(&product);
            per_company.push(',');
        }
    }
    data.pop();
    per_company.pop();
    format!(
        r#"{{"data":[{data}],"productPerCompany":[{per_company}],"assistances":["best","europ","gva","class","remed","apc"],"status":200}}"#
    )
}

const SERVICES: &[&str] = &[
    "medicine",
    "searchActivities",
    "legal",
    "deathRepatriation",
    "urgentStomatology",
    "baggage",
    "accident",
    "civilLiability",
    "tripCancel",
    "flightDelay",
    "documents",
    "transportation",
    "childrenEscort",
    "thirdPartyVisit",
    "sunburn",
    "alcohol",
    "terrorism",
    "pregnancy",
    "chronicDiseases",
    "phoneCalls",
];

fn product(next: &mut impl FnMut(u64) -> u64, debugging: bool) -> String {
    let mut json = String::new();
    let (id, company, sub, territory, days) = (next(99), next(40), next(999), next(500), next(365));
    let (cents, rating) = (next(500_000), next(10_000));
    let (price, rub) = (cents as f64 / 100.0, cents as f64 * 0.7);
    write!(
        json,
        r#"{{"productId":{id},"companyId":{company},"insuranceSubProductId":{sub},"territory":{{"id":{territory},"code":"t{territory}","countryGroup":["world","schengen","world_exclude_usa"]}},"insuredDays":{days},"sport":[{{"id":2,"code":"alfa-sport"}}],"currency":"EUR","price":{price},"priceRub":{rub:.2},"assistances":[{{"code":"best","name":" Best Service"}}],"matchRating":0.{rating:04},"matchDetails":{{"totalServices":20,"additionalServices":19,"missingServices":0,"matchingServices":1,"higherSumms":0,"lowerSumms":0,"matchingSumms":1,"expertRaiting":0,"isLimited":0,"priceRating":0.007,"payoutRating":0.01065}},"serviceProduct":{{"#
    )
    .expect("a string takes everything");
    for service in SERVICES {
        let sum = next(3) * next(50) * 1_000;
        write!(json, r#""{service}":{sum},"#).expect("a string takes everything");
    }
    json.pop();
    json.push_str(r#"},"info":{"medicine":[{"type":"franchise","value":"30"}]},"services":["#);
    if debugging {
        for service in &SERVICES[..8] {
            let price = next(10_000) as f64 / 100.0;
            write!(
                json,
                r#"{{"code":"{service}","rules":[{{"id":{sub},"factor":1.25}}],"price":{price}}},"#
            )
            .expect("a string takes everything");
        }
        json.pop();
    }
    json.push_str(r#"],"infoPerTourist":["#);
    if debugging {
        write!(json, r#"{{"age":24,"price":{price},"rules":[1,2,3]}},{{"age":43,"price":{price},"rules":[]}}"#)
            .expect("a string takes everything");
    }
    json.push_str("]}");
    json
}

fn measure(what: &str, debugging: bool) -> bool {
    let json = generate(debugging);
    let body = json.as_bytes();
    let ours = || quote::from_slice(body).expect("a quote");
    let strict = || serde_json::from_slice::<Strict>(body).expect("a quote");
    assert_eq!(ours().data.len(), strict().data.len());

    let mut times: Vec<(Duration, Duration)> = Vec::new();
    for turn in 0..TURNS {
        // Who goes first changes, so that neither side always finds the caches warm.
        times.push(if turn % 2 == 0 {
            let first = time(ours);
            (first, time(strict))
        } else {
            let first = time(strict);
            (time(ours), first)
        });
    }
    let mut ratios: Vec<f64> =
        times.iter().map(|(ours, strict)| strict.as_secs_f64() / ours.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let speed = ratios[ratios.len() / 2];
    let middle = |of: fn(&(Duration, Duration)) -> Duration| {
        let mut times: Vec<_> = times.iter().map(of).collect();
        times.sort();
        times[times.len() / 2]
    };
    let (time, strict_time) = (middle(|times| times.0), middle(|times| times.1));

    let (kept, strict_kept) = (kept(ours), kept(strict));
    let (peak, strict_peak) = (peak("ours", debugging), peak("strict", debugging));
    let (kept_ratio, peak_ratio) = (kept / strict_kept, peak / strict_peak);
    println!(
        "| {what}, {:.1} MB | {speed:.2} | {time:.0?} against {strict_time:.0?} | {kept_ratio:.2}: {kept:.1} against {strict_kept:.1} MiB | {peak_ratio:.2}: {peak:.1} against {strict_peak:.1} MiB |",
        body.len() as f64 / 1e6,
    );
    // Where the system does not tell its peak, that is no failure.
    let peak_met = peak_ratio.is_nan() || peak_ratio <= TARGETS.1;
    speed >= TARGETS.0 && kept_ratio <= TARGETS.1 && peak_met
}

/// Dropping what was decoded counts on both sides.
fn time<T>(work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// What the decoded answer holds, MiB.
fn kept<T>(work: impl Fn() -> T) -> f64 {
    let region = Region::new(ALLOCATOR);
    let answer = black_box(work());
    let change = region.change();
    drop(answer);
    (change.bytes_allocated as f64 - change.bytes_deallocated as f64) / 1024.0 / 1024.0
}

/// The resident memory at its peak above the start, MiB, of a process that decodes once: this one
/// keeps the memory that it had before. NaN where the system does not tell.
fn peak(side: &str, debugging: bool) -> f64 {
    let output = std::env::current_exe().and_then(|program| {
        std::process::Command::new(program).args([PEAK, side, &debugging.to_string()]).output()
    });
    let text = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(f64::NAN)
}

fn print_peak(side: &str, debugging: bool) {
    let resident = |name: &str| -> Option<f64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kibibytes| kibibytes / 1024.0)
    };
    let json = generate(debugging).into_boxed_str();
    // Makes the present memory the peak.
    let reset = std::fs::write("/proc/self/clear_refs", "5").ok();
    let start = reset.and_then(|()| resident("VmRSS:"));
    match side {
        "ours" => drop(black_box(quote::from_slice(json.as_bytes()))),
        _ => drop(black_box(serde_json::from_slice::<Strict>(json.as_bytes()))),
    }
    let peak = resident("VmHWM:").zip(start).map_or(f64::NAN, |(peak, start)| peak - start);
    println!("{peak}");
}

/// What somebody in a hurry would write: the documented form, and nothing else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Strict {
    data: Vec<StrictProduct>,
    product_per_company: Vec<StrictProduct>,
    assistances: Vec<String>,
    status: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StrictProduct {
    product_id: u32,
    company_id: u32,
    insurance_sub_product_id: u32,
    territory: StrictTerritory,
    insured_days: u32,
    sport: Vec<StrictSport>,
    currency: String,
    price: f64,
    price_rub: f64,
    assistances: Vec<StrictAssistance>,
    match_rating: f64,
    match_details: StrictDetails,
    service_product: BTreeMap<String, f64>,
    info: BTreeMap<String, Vec<StrictInfo>>,
    services: Vec<serde_json::Value>,
    info_per_tourist: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StrictTerritory {
    id: u32,
    code: String,
    country_group: Vec<String>,
}

#[derive(Deserialize)]
struct StrictSport {
    id: u32,
    code: String,
}

#[derive(Deserialize)]
struct StrictAssistance {
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StrictDetails {
    total_services: u32,
    additional_services: u32,
    missing_services: u32,
    matching_services: u32,
    higher_summs: u32,
    lower_summs: u32,
    matching_summs: u32,
    expert_raiting: f64,
    is_limited: u8,
    price_rating: f64,
    payout_rating: f64,
}

#[derive(Deserialize)]
struct StrictInfo {
    r#type: String,
    value: String,
}
