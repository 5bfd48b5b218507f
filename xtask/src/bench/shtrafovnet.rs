//! `shtrafovnet-client`: pages of fines decoded, and a million of them streamed.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use ruapi_sandbox::Shtrafovnet;
use serde::Deserialize;
use serde_json::{Value, json};
use shtrafovnet_client::{Client, Email, Fine, Identity, List};

use super::measure::{Pairs, memory, reset_peak, time};
use super::{Bench, Row, Server};
use crate::Result;

pub(crate) const BENCHES: &[(&str, Bench)] = &[
    ("shtrafovnet decode", |server| Box::pin(decode(server))),
    ("shtrafovnet prefetch", |server| Box::pin(prefetch(server))),
    ("shtrafovnet stream", |server| Box::pin(stream(server))),
];

/// What somebody in a hurry would write: strict derives, texts and floats.
#[derive(Deserialize)]
#[allow(dead_code, reason = "only its decoding is measured")]
struct StrictList {
    total: u64,
    count: u64,
    page: u64,
    pages: u64,
    fines: Vec<StrictFine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its decoding is measured")]
struct StrictFine {
    id: u64,
    post_number: String,
    name: Option<String>,
    posted_at: String,
    amount: f64,
    actually_paid_amount: Option<f64>,
    actually_paid_at: Option<String>,
    created_at: String,
    discount_date: Option<String>,
    discount_size: Option<f64>,
    wire_kbk: String,
    wire_username: String,
    wire_oktmo: String,
    wire_bank_bik: String,
    wire_bank_account: String,
    wire_bank_name: String,
    wire_kpp: String,
    wire_inn: String,
    location: Option<String>,
    location_lat: Option<String>,
    location_long: Option<String>,
    koap_code: Option<String>,
    enable_pics: bool,
    load_pics: u8,
    violation_at: Option<String>,
    is_gis: bool,
    is_gibdd: bool,
    is_dit: bool,
    is_uin: bool,
    status: String,
    inactive_reason: Option<String>,
    pics: Option<Vec<String>>,
    doc_type: String,
    doc_number: String,
    doc_violator: Option<String>,
    updated_at: String,
    updated_mask: String,
    fssp_ip: Option<String>,
    fssp_uin: Option<String>,
    is_paid_marked: Option<bool>,
    is_paid: bool,
    paid_status: String,
    koap_text: Option<String>,
    is_expired: bool,
    expired_days: Option<i64>,
    penalty_date: Option<String>,
    discount_days_left: Option<i64>,
    is_discount: bool,
    total_amount: f64,
    car: u64,
    car_name: Option<String>,
    car_cert: String,
    car_reg: String,
    whose_org: String,
    payment_order_url: Option<String>,
    division_name: Option<String>,
    division_code: Option<String>,
    paid_amount: Option<String>,
    unit_id: Option<String>,
    company_id: Option<u64>,
}

fn client(server: &Server) -> Result<Client> {
    let base_url = format!("{}shtrafovnet/latest/webmasters/", server.url);
    let token = Identity::Token(Shtrafovnet::TOKEN.into());
    Ok(Client::builder(token).base_url(base_url).build()?)
}

fn fleet() -> Result<Email> {
    Ok(Shtrafovnet::FLEET.parse()?)
}

fn raw() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

/// Changes the sandbox in the other process.
async fn control(server: &Server, method: reqwest::Method, path: &str, change: &Value) -> Result {
    let url = format!("{}_sandbox/{path}", server.url);
    let client = raw()?;
    client.request(method, url).body(change.to_string()).send().await?.error_for_status()?;
    Ok(())
}

/// A page of 200 fines as the service sends it.
async fn page(client: &reqwest::Client, server: &Server) -> Result<Vec<u8>> {
    let url =
        format!("{}shtrafovnet/latest/webmasters/users/{}/fines", server.url, Shtrafovnet::FLEET);
    let answer = client.get(url).bearer_auth(Shtrafovnet::TOKEN).send().await?;
    Ok(answer.error_for_status()?.bytes().await?.to_vec())
}

async fn decode(server: Server) -> Result<Row> {
    let raw = raw()?;
    let body = page(&raw, &server).await?;
    let list: List<Fine> = ruapi_core::decode(&body)?;
    let strict: StrictList = serde_json::from_slice(&body)?;
    if (list.items.len(), strict.fines.len()) != (200, 200) {
        return Err("not a page of 200 fines".into());
    }
    // Else it is a failure that is measured.
    ruapi_core::decode::<List<Fine>>(&body)?;
    serde_json::from_slice::<StrictList>(&body)?;
    let mut pairs = Pairs::default();
    for _ in 0..201 {
        let ours = time(10, || ruapi_core::decode::<List<Fine>>(&body).is_ok());
        let theirs = time(10, || serde_json::from_slice::<StrictList>(&body).is_ok());
        pairs.push(ours, theirs);
    }
    let speed = 1.0 / pairs.ratio();
    Ok(Row {
        what: "shtrafovnet: decode a page of 200 fines (speed)".into(),
        baseline: "strict derive",
        ratio: speed,
        target: "≥ 0.8",
        met: speed >= 0.8,
        more: format!("{} KiB, {}", body.len() / 1024, pairs.times()),
    })
}

/// All fines, page by page: each asked for when the one before is decoded.
async fn one_after_another(client: &Client, user: &Email) -> Result<usize> {
    let (mut page, mut count) = (1, 0);
    loop {
        let list = client.user_fines(user).page(page).await?.into_inner();
        count += list.items.len();
        if list.pages.is_none_or(|pages| page >= pages) {
            return Ok(count);
        }
        page += 1;
    }
}

async fn walk(client: &Client, user: &Email) -> usize {
    let fines = client.user_fines(user).items();
    fines.filter(|fine| std::future::ready(fine.is_ok())).count().await
}

/// The server is made to take as long for a page as its decoding takes.
async fn prefetch(server: Server) -> Result<Row> {
    const PAGES: usize = 50;
    // So large that a timer's tick is small against both times.
    const PAGE: usize = 1000;
    let change = json!({ "page_size": PAGE, "fleet_fines": PAGE * PAGES });
    control(&server, reqwest::Method::PATCH, "shtrafovnet", &change).await?;
    let (client, user) = (client(&server)?, fleet()?);
    let raw = raw()?;
    let body = page(&raw, &server).await?;
    let decoding = time(200, || ruapi_core::decode::<List<Fine>>(&body).is_ok());
    // What the sandbox itself takes for a page counts as the server's time.
    let start = Instant::now();
    for _ in 0..50 {
        page(&raw, &server).await?;
    }
    let serving = start.elapsed() / 50;
    let delay = decoding.saturating_sub(serving).as_millis() as u64;
    if delay > 0 {
        let fault = json!({"kind": {"delay": {"millis": delay}}});
        control(&server, reqwest::Method::POST, "faults", &fault).await?;
    }

    let mut pairs = Pairs::default();
    for _ in 0..15 {
        let start = Instant::now();
        let theirs = one_after_another(&client, &user).await?;
        let sequential = start.elapsed();
        let start = Instant::now();
        let ours = walk(&client, &user).await;
        pairs.push(start.elapsed(), sequential);
        if (ours, theirs) != (PAGE * PAGES, PAGE * PAGES) {
            return Err(format!("{ours} and {theirs} fines").into());
        }
    }
    let ratio = pairs.ratio();
    let more = format!(
        "decoding {decoding:.1?} and serving {:.1?} a page of 1,000; {}",
        serving + Duration::from_millis(delay),
        pairs.times()
    );
    Ok(Row {
        what: "shtrafovnet: walk with the next page fetched ahead (time)".into(),
        baseline: "page after page, server as slow as the decoding",
        ratio,
        target: "≤ 0.75",
        met: ratio <= 0.75,
        more,
    })
}

async fn stream(server: Server) -> Result<Row> {
    const FINES: usize = 1_000_000;
    let change = json!({ "fleet_fines": FINES });
    control(&server, reqwest::Method::PATCH, "shtrafovnet", &change).await?;
    let (client, user) = (client(&server)?, fleet()?);
    // Connections and the like are not the list's.
    client.user_fines(&user).await?;
    let (start, _) = memory()?;
    let mut peak: f64 = 0.0;
    let mut pairs = Pairs::default();
    let baseline = async || -> Result<Duration> {
        let began = Instant::now();
        let count = one_after_another(&client, &user).await?;
        match count == FINES {
            true => Ok(began.elapsed()),
            false => Err(format!("{count} of {FINES} fines, page after page").into()),
        }
    };
    for round in 0..3 {
        let before = if round % 2 == 1 { Some(baseline().await?) } else { None };
        reset_peak()?;
        let began = Instant::now();
        let count = walk(&client, &user).await;
        let ours = began.elapsed();
        peak = peak.max(memory()?.1 - start);
        if count != FINES {
            return Err(format!("{count} of {FINES} fines").into());
        }
        let theirs = match before {
            Some(time) => time,
            None => baseline().await?,
        };
        pairs.push(ours, theirs);
    }
    let ratio = pairs.ratio();
    Ok(Row {
        what: "shtrafovnet: 1,000,000 fines streamed (time)".into(),
        baseline: "page after page",
        ratio,
        target: "at most 48 MiB above start",
        met: peak <= 48.0,
        more: format!("peak {peak:.1} MiB above start, {}", pairs.times()),
    })
}
