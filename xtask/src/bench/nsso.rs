//! `nsso-client` against raw reqwest and serde_json.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::{StreamExt, stream};
use nsso_client::{Client, Outcome, PlateNumber, PolicyCheck, Token};
use reqwest::Url;

use serde::Deserialize;

use super::measure::{Pairs, allocations, memory, reset_peak, time, time_async};
use super::{Bench, Row, Server};
use crate::Result;

pub(crate) const BENCHES: &[(&str, Bench)] = &[
    ("nsso decode", |_| Box::pin(async { decode() })),
    ("nsso call", |server| Box::pin(call(server))),
    ("nsso bulk", |server| Box::pin(bulk(server))),
];

const TOKEN: &str = "00000000000000000000000000000000";
const PLATE: &str = "А111АА11";

/// The document's example, as the service would send it.
const EXAMPLE: &str = r#"{"status":200,"count":1,"result":[{"policy":{"PolicyNumber":"IGSX224123456275000","PolicyStart":"01.09.2024","PolicyStop":"31.08.2025","PolicyCompany":"СПАО \"Ингосстрах\"","PolicyHolder":"Тестов Амонулло Файзуллоевич","PolicyHolderINN":"775100073002","PolicyHolderKPP":""},"auto":[{"marka":"Huyndai","model":"Solaris","gosNumber":"А111АА11","seats":"","passenger":""}]}],"filters":{"requestDate":"26.08.2025","onlyActual":1},"inquiry":{"price":0.75,"balance":14700,"credit":20000,"speed":26,"attempts":1}}"#;

/// What somebody in a hurry would write: strict derives, texts and floats.
#[derive(Deserialize)]
#[allow(dead_code, reason = "only its decoding is measured")]
struct Strict {
    status: u16,
    count: u32,
    result: Vec<StrictFound>,
    filters: StrictFilters,
    inquiry: StrictInquiry,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its decoding is measured")]
struct StrictFound {
    policy: StrictPolicy,
    auto: Vec<StrictAuto>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code, reason = "only its decoding is measured")]
struct StrictPolicy {
    policy_number: String,
    policy_start: String,
    policy_stop: String,
    policy_company: String,
    policy_holder: String,
    #[serde(rename = "PolicyHolderINN")]
    policy_holder_inn: String,
    #[serde(rename = "PolicyHolderKPP")]
    policy_holder_kpp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its decoding is measured")]
struct StrictAuto {
    marka: String,
    model: String,
    gos_number: String,
    seats: String,
    passenger: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its decoding is measured")]
struct StrictFilters {
    request_date: String,
    only_actual: u8,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its decoding is measured")]
struct StrictInquiry {
    price: f64,
    balance: f64,
    credit: f64,
    speed: u32,
    attempts: u32,
}

fn decode() -> Result<Row> {
    let body = EXAMPLE.as_bytes();
    // Else it is a failure that is measured.
    ruapi_core::decode::<PolicyCheck>(body)?;
    serde_json::from_slice::<Strict>(body)?;
    let mut pairs = Pairs::default();
    for _ in 0..301 {
        let ours = time(500, || ruapi_core::decode::<PolicyCheck>(body).is_ok());
        let strict = time(500, || serde_json::from_slice::<Strict>(body).is_ok());
        pairs.push(ours, strict);
    }
    let ratio = pairs.ratio();
    Ok(Row {
        what: "nsso: decode the documented answer".into(),
        baseline: "strict derive",
        ratio,
        target: "≤ 1.15",
        met: ratio <= 1.15,
        more: pairs.times(),
    })
}

fn client(server: &Server) -> Result<Client> {
    Ok(Client::builder(Token::new(TOKEN)?).base_url(format!("{}nsso/", server.url)).build()?)
}

/// The same exchange by hand.
#[derive(Clone)]
struct Raw {
    client: reqwest::Client,
    url: String,
}

impl Raw {
    fn new(server: &Server) -> Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(120))
            .tcp_nodelay(true)
            .no_proxy()
            .build()?;
        Ok(Self { client, url: format!("{}nsso/nsso.php", server.url) })
    }

    async fn check(&self, plate: &str) -> Result<Strict> {
        let query = [("type", "checkPolicy"), ("gosNumber", plate), ("token", TOKEN)];
        let url = Url::parse_with_params(&self.url, query)?;
        let response = self.client.get(url).send().await?.error_for_status()?;
        Ok(serde_json::from_slice(&response.bytes().await?)?)
    }
}

async fn call(server: Server) -> Result<Row> {
    let (client, raw) = (client(&server)?, Raw::new(&server)?);
    let plate: PlateNumber = PLATE.parse()?;
    let ours = || async { client.check(&plate).await.expect("an answer") };
    let theirs = || async { raw.check(PLATE).await.expect("an answer") };
    let more_allocations = allocations(ours).await as i64 - allocations(theirs).await as i64;

    let mut pairs = Pairs::default();
    for round in 0..301 {
        // Who goes first changes, so that neither side always finds the caches warm.
        let (a, b) = if round % 2 == 0 {
            let a = time_async(50, ours).await;
            (a, time_async(50, theirs).await)
        } else {
            let b = time_async(50, theirs).await;
            (time_async(50, ours).await, b)
        };
        pairs.push(a, b);
    }
    let ratio = pairs.ratio();
    Ok(Row {
        what: "nsso: one call over loopback".into(),
        baseline: "raw reqwest + serde_json",
        ratio,
        target: "≤ 1.08, at most 12 allocations more",
        met: ratio <= 1.08 && more_allocations <= 12,
        more: format!("{more_allocations:+} allocations, {}", pairs.times()),
    })
}

async fn bulk(server: Server) -> Result<Row> {
    const PLATES: u32 = 100_000;
    const SLICES: u32 = 40;
    const PARALLEL: usize = 64;
    let (client, raw) = (client(&server)?, Raw::new(&server)?);
    let plates = |slice: u32| {
        let size = PLATES / SLICES;
        (slice * size..(slice + 1) * size).map(|n| ruapi_sandbox::Nsso::fleet_plate(n.into()))
    };
    let answered_theirs = AtomicU32::new(0);
    let theirs = |slice| {
        let checks = stream::iter(plates(slice)).map(|plate| {
            let raw = raw.clone();
            async move { raw.check(&plate).await.is_ok() }
        });
        checks.buffer_unordered(PARALLEL).for_each(|is_answered| {
            answered_theirs.fetch_add(u32::from(is_answered), Ordering::Relaxed);
            std::future::ready(())
        })
    };
    let answered = AtomicU32::new(0);
    let ours = |slice| {
        let inputs = plates(slice).map(|plate| {
            let plate: PlateNumber = plate.parse().expect("a fleet plate");
            ((), plate.into())
        });
        let rows = client.bulk(stream::iter(inputs)).parallel(PARALLEL);
        rows.for_each(|row| {
            let one = u32::from(matches!(row.outcome, Outcome::Answered(_)));
            answered.fetch_add(one, Ordering::Relaxed);
            std::future::ready(())
        })
    };
    let mut pairs = Pairs::default();
    let mut peak: f64 = 0.0;
    let (start, _) = memory()?;
    for slice in 0..SLICES {
        // Who goes first changes: the server knows the plates of a slice better the second time.
        let first = slice % 2 == 0;
        let before = if first { Some(time_async(1, || theirs(slice)).await) } else { None };
        reset_peak()?;
        let own = time_async(1, || ours(slice)).await;
        peak = peak.max(memory()?.1 - start);
        let baseline = match before {
            Some(time) => time,
            None => time_async(1, || theirs(slice)).await,
        };
        pairs.push(own, baseline);
    }
    let (answered, theirs) = (answered.into_inner(), answered_theirs.into_inner());
    if (answered, theirs) != (PLATES, PLATES) {
        return Err(format!("{answered} and {theirs} of {PLATES} plates were answered").into());
    }
    let throughput = 1.0 / pairs.ratio();
    Ok(Row {
        what: "nsso: bulk of 100,000 plates, 64 in parallel (throughput)".into(),
        baseline: "raw loop, as parallel",
        ratio: throughput,
        target: "≥ 0.9, at most 64 MiB above start",
        met: throughput >= 0.9 && peak <= 64.0,
        more: format!("peak {peak:.1} MiB above start, slices of 2,500: {}", pairs.times()),
    })
}
