//! `epgu-gusmev`: a gigabyte filed, an order in a string, a large dictionary.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use epgu_gusmev::archive::{Compression, Content};
use epgu_gusmev::{
    Archive, ArchiveBuilder, ArchiveError, Client, Credential, Environment, Error, Meta, OrderId,
    OrderInfo,
};
use futures_util::TryStreamExt;
use ruapi_sandbox::Epgu;
use serde_json::{Value, json};

use super::measure::{Pairs, memory, reset_peak, time};
use super::{Bench, Row, Server};
use crate::Result;

pub(crate) const BENCHES: &[(&str, Bench)] = &[
    ("epgu decode", |_| Box::pin(async { decode() })),
    ("epgu dictionary", |server| Box::pin(dictionary(server))),
    ("epgu upload", |server| Box::pin(upload(server))),
];

fn client(server: &Server) -> Result<Client> {
    let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
    let environment = Environment::Custom(format!("{}epgu/", server.url));
    Ok(Client::builder(environment, credential).request_limits(None).build()?)
}

/// The document's order, with the statuses of a long life.
fn order() -> Result<Value> {
    let sample: Value =
        serde_json::from_str(include_str!("../../../crates/epgu-gusmev/tests/samples/order.json"))?;
    let mut order: Value =
        serde_json::from_str(sample["answer"]["order"].as_str().ok_or("an order")?)?;
    let statuses = order["statuses"].as_array().cloned().unwrap_or_default();
    order["statuses"] = statuses.iter().cycle().take(20).cloned().collect();
    Ok(order)
}

fn decode() -> Result<Row> {
    let order = order()?;
    let escaped = json!({"code": "OK", "message": null, "order": order.to_string()}).to_string();
    let bare = json!({"code": "OK", "message": null, "order": order}).to_string();
    for json in [&escaped, &bare] {
        // Else it is a failure that is measured.
        OrderInfo::from_json(json.as_bytes())?.order.ok_or("an order")?;
    }
    let mut pairs = Pairs::default();
    for _ in 0..201 {
        let [ours, baseline] = [&escaped, &bare]
            .map(|json| time(100, || OrderInfo::from_json(json.as_bytes()).is_ok()));
        pairs.push(ours, baseline);
    }
    let ratio = pairs.ratio();
    Ok(Row {
        what: "epgu: decode an order in a string".into(),
        baseline: "the same order as an object",
        ratio,
        target: "≤ 1.25",
        met: ratio <= 1.25,
        more: pairs.times(),
    })
}

/// How many items the sandbox's large dictionary has.
const ITEMS: u64 = 100_000;
const PAGE: u64 = 500;

async fn dictionary(server: Server) -> Result<Row> {
    let client = client(&server)?;
    let walk = async |most: u64| -> std::result::Result<_, Error> {
        let start = Instant::now();
        let mut items = client.dictionary(Epgu::LARGE_DICTIONARY).page_size(PAGE).items();
        let mut count = 0;
        while count < most && items.try_next().await?.is_some() {
            count += 1;
        }
        Ok((start.elapsed(), count))
    };
    let pages = async || -> std::result::Result<_, Error> {
        let start = Instant::now();
        let mut count = 0;
        for page in 1..=ITEMS / PAGE {
            let call = client.dictionary(Epgu::LARGE_DICTIONARY).page_size(PAGE).page(page);
            count += call.await?.items.len() as u64;
        }
        Ok((start.elapsed(), count))
    };
    // Connections and the like are not the list's; all of it would leave behind what is to be measured.
    walk(ITEMS / 10).await?;
    let mut above_start = [0.0; 2];
    for (most, above) in [ITEMS / 10, ITEMS].into_iter().zip(&mut above_start) {
        reset_peak()?;
        let (start, _) = memory()?;
        walk(most).await?;
        *above = memory()?.1 - start;
    }
    let [few, many] = above_start;
    let mut pairs = Pairs::default();
    for round in 0..9 {
        let before = if round % 2 == 1 { Some(pages().await?) } else { None };
        let (ours, all) = walk(ITEMS).await?;
        let (baseline, others) = match before {
            Some(measured) => measured,
            None => pages().await?,
        };
        if (all, others) != (ITEMS, ITEMS) {
            return Err("not all items came".into());
        }
        pairs.push(ours, baseline);
    }
    let ratio = pairs.ratio();
    let bounded = many <= few + 8.0;
    Ok(Row {
        what: "epgu: stream a dictionary of 100,000".into(),
        baseline: "page after page",
        ratio,
        target: "≤ 1.10",
        met: ratio <= 1.10 && bounded,
        more: format!(
            "{}; peak above start {many:.1} MiB, of 10,000 items {few:.1} (at most 8 more)",
            pairs.times()
        ),
    })
}

/// What is filed.
const GIBIBYTE: u64 = 1 << 30;
/// The bytes of a chunk.
const CHUNK: u64 = 5_000_000;
const MOST_MEMORY: f64 = 64.0;

/// Bytes that do not compress, the same each time.
struct Noise {
    left: u64,
    bits: u64,
}

impl Read for Noise {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        for piece in into[..length].chunks_mut(8) {
            self.bits = self.bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let bytes = (self.bits ^ (self.bits >> 29)).to_le_bytes();
            piece.copy_from_slice(&bytes[..piece.len()]);
        }
        self.left -= length as u64;
        Ok(length)
    }
}

async fn upload(server: Server) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let client = client(&server)?;
    let meta = Meta::new("36000000000", Epgu::SERVICE, Epgu::TARGET)?;
    reset_peak()?;
    let (start, _) = memory()?;
    let path = folder.path().join("application.zip");
    let archive = tokio::task::spawn_blocking(move || -> std::result::Result<_, ArchiveError> {
        let mut builder = ArchiveBuilder::new().compression(Compression::Stored);
        builder.add("req.xml", "<req/>".as_bytes())?;
        builder.add("scan.pdf", Content::reader(Noise { left: GIBIBYTE, bits: 1 }))?;
        builder.build_file(path)
    });
    let archive = archive.await.map_err(|_| "the archive was not built")??;
    let mut peak: f64 = 0.0;
    let mut pairs = Pairs::default();
    for turn in 0..3 {
        reset_peak()?;
        let order = client.create_order(&meta).await?.order_id;
        let begin = Instant::now();
        client.upload(order, &meta, archive.clone()).chunk_size(CHUNK).await?;
        let ours = begin.elapsed();
        peak = peak.max(memory()?.1 - start);
        let order = client.create_order(&meta).await?.order_id;
        let baseline = by_curl(&server, folder.path(), order, &archive, turn == 0)?;
        // Its ratio is of speeds, as the target is.
        pairs.push(baseline, ours);
    }
    let ratio = pairs.ratio();
    let met = ratio >= 0.8 && peak <= MOST_MEMORY;
    Ok(Row {
        what: "epgu: upload 1 GiB in chunks (speed)".into(),
        baseline: "curl, the same chunks one after another",
        ratio,
        target: "≥ 0.80",
        met,
        more: format!(
            "curl {}; peak above start {peak:.1} MiB (at most {MOST_MEMORY}), the building of the archive included",
            pairs.times()
        ),
    })
}

/// Sends the chunks by one curl, over one connection; `cut`: the files are not there yet.
fn by_curl(
    server: &Server,
    folder: &Path,
    order: OrderId,
    archive: &Archive,
    cut: bool,
) -> Result<Duration> {
    let chunks = archive.length().div_ceil(CHUNK);
    let mut config = String::new();
    for chunk in 0..chunks {
        let file = folder.join(format!("chunk{chunk}"));
        if cut {
            File::create(&file)?.write_all(&archive.read_at(chunk * CHUNK, CHUNK as usize)?)?;
        }
        if chunk > 0 {
            config += "next\n";
        }
        let url = format!("{}epgu/api/gusmev/push/chunked", server.url);
        write!(
            config,
            "url = \"{url}\"\nsilent\nshow-error\nfail\noutput = \"/dev/null\"\n\
             header = \"Authorization: Bearer {}\"\nheader = \"Expect:\"\n\
             form = \"orderId={order}\"\nform = \"chunk={chunk}\"\nform = \"chunks={chunks}\"\n\
             form = \"file=@{};filename=archive.z{:03}\"\n",
            Epgu::TOKEN,
            file.display(),
            chunk + 1
        )?;
    }
    let begin = Instant::now();
    let mut curl = Command::new("curl")
        .args(["--config", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("curl is the baseline: {error}"))?;
    curl.stdin.take().ok_or("its input")?.write_all(config.as_bytes())?;
    match curl.wait()?.success() {
        true => Ok(begin.elapsed()),
        false => Err("curl failed".into()),
    }
}
