//! How an archive is cut into chunks, against the rules of the document: a service that takes any chunk
//! in puts the archive together again, whatever gets lost on the way.

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use common::{archive, meta};
use epgu_gusmev::test_util::ManualClock;
use epgu_gusmev::transport::{HttpRequest, HttpResponse, Phase, Transport, TransportError};
use epgu_gusmev::{
    BoxFuture, Client, Credential, Edition, Environment, Options, OrderId, RetryPolicy, UploadState,
};
use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A chunk as it arrived.
#[derive(Debug, Clone)]
struct Chunk {
    number: Option<(u32, u32)>,
    file_name: String,
    bytes: Vec<u8>,
}

/// Takes chunks in; loses those whose turn it is.
#[derive(Debug, Default)]
struct Service {
    /// Which requests get lost, counted from the first.
    lost: Vec<usize>,
    sent: Mutex<usize>,
    arrived: Mutex<Vec<Chunk>>,
}

impl Transport for Service {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let number = {
            let mut sent = self.sent.lock().unwrap();
            *sent += 1;
            *sent - 1
        };
        Box::pin(async move {
            if self.lost.contains(&number) {
                // It never got there, so that the last chunk is no doubtful one.
                return Err(TransportError::new(Phase::Connect, None));
            }
            let chunk = read(&request);
            let is_last = chunk.number.is_none_or(|(chunk, chunks)| chunk + 1 == chunks);
            self.arrived.lock().unwrap().push(chunk);
            let status = if is_last { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT };
            Ok(HttpResponse::new(
                status,
                HeaderMap::new(),
                bytes::Bytes::from(r#"{"orderId":7}"#).into(),
            ))
        })
    }
}

/// The parts of the form, told apart by its boundary alone.
fn read(request: &HttpRequest) -> Chunk {
    let content_type = request.headers["content-type"].to_str().unwrap();
    let (_, boundary) = content_type.split_once("boundary=").unwrap();
    let line = format!("--{boundary}\r\n").into_bytes();
    let body = request.body.strip_suffix(format!("\r\n--{boundary}--\r\n").as_bytes()).unwrap();
    let mut parts = BTreeMap::new();
    let mut file_name = String::new();
    let mut rest = body.strip_prefix(&line[..]).unwrap();
    loop {
        let end = find(rest, &[b"\r\n", &line[..]].concat());
        let (part, after) = match end {
            Some(end) => (&rest[..end], Some(&rest[end + 2 + line.len()..])),
            None => (rest, None),
        };
        let head = find(part, b"\r\n\r\n").unwrap();
        let text = std::str::from_utf8(&part[..head]).unwrap();
        let quoted = |name: &str| {
            let (_, value) = text.split_once(&format!("{name}=\""))?;
            Some(value.split('"').next().unwrap().to_owned())
        };
        file_name.extend(quoted("filename"));
        parts.insert(quoted("; name").unwrap(), part[head + 4..].to_vec());
        let Some(after) = after else { break };
        rest = after;
    }
    let number = |name: &str| -> Option<u32> {
        Some(std::str::from_utf8(parts.get(name)?).unwrap().parse().unwrap())
    };
    assert_eq!(parts["orderId"], b"7");
    let number = number("chunk").zip(number("chunks"));
    Chunk { number, file_name, bytes: parts.remove("file").unwrap() }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn client(service: &Arc<Service>, edition: Edition) -> Client {
    let credential = Credential::bearer("not-a-real-token".into()).unwrap();
    let options = Options::new()
        .transport(service.clone())
        .clock(Arc::new(ManualClock::auto()))
        .retry(RetryPolicy::never());
    let environment = Environment::Custom("https://api.example/".to_owned());
    let builder = Client::builder(environment, credential).request_limits(None);
    builder.edition(edition).options(options).build().unwrap()
}

/// The same cases each time; `PROPTEST_CASES` tries more of them.
fn config() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(1);
    ProptestConfig { rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_chunks_that_arrive_are_the_archive(
        bytes in 0_usize..6_000,
        (least, more, size) in (1_u64..300, 0_u64..700, 0.0..=1.0_f64),
        parallel in 1_usize..6,
        lost in prop::collection::vec(0_usize..60, 0..8),
        named in prop::option::of("[a-zа-я]{1,8}"),
    ) {
        let mut edition = Edition::v1_12();
        edition.chunk = (least, least + more);
        let size = least + (more as f64 * size) as u64;
        let mut archive = archive(bytes);
        if let Some(name) = &named {
            archive = archive.with_name_stem(name).unwrap();
        }
        let whole = archive.read_at(0, usize::MAX).unwrap();
        let service = Arc::new(Service { lost: lost.clone(), ..Service::default() });
        let client = client(&service, edition);
        let order = OrderId::new(7).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        // Whoever is cut off goes on from what is kept, as JSON.
        let mut kept: Option<String> = None;
        let mut runs = 0;
        let submitted = loop {
            let upload = client.upload(order, &meta(), archive.clone());
            let mut upload = upload.chunk_size(size).parallel(parallel);
            if let Some(kept) = &kept {
                upload = upload.resume(serde_json::from_str::<UploadState>(kept).unwrap());
            }
            runs += 1;
            match runtime.block_on(upload.into_future()) {
                Ok(submitted) => break submitted,
                Err(failed) => {
                    prop_assert!(!failed.maybe_submitted, "{}", failed.error);
                    kept = Some(serde_json::to_string(&failed.state).unwrap());
                }
            }
            prop_assert!(runs <= lost.len(), "each loss ends a run once");
        };
        prop_assert_eq!(submitted.order, order);

        let arrived = service.arrived.lock().unwrap().clone();
        let chunks = whole.len().div_ceil(size as usize) as u32;
        let stem = named.as_deref().unwrap_or("archive");
        if chunks == 1 {
            prop_assert_eq!(arrived.len(), 1);
            prop_assert_eq!(arrived[0].number, None);
            prop_assert_eq!(&arrived[0].file_name, &format!("{stem}.zip"));
            prop_assert_eq!(&arrived[0].bytes, &whole);
            return Ok(());
        }
        let mut together: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
        for (place, chunk) in arrived.iter().enumerate() {
            let (number, of) = chunk.number.unwrap();
            prop_assert_eq!(of, chunks);
            prop_assert_eq!(&chunk.file_name, &format!("{stem}.z{:03}", number + 1));
            // The first one goes first, the last one last and once.
            prop_assert_eq!(number == 0, place == 0);
            prop_assert_eq!(number + 1 == chunks, place + 1 == arrived.len());
            match number + 1 == chunks {
                false => prop_assert_eq!(chunk.bytes.len() as u64, size),
                true => prop_assert!((1..=size).contains(&(chunk.bytes.len() as u64))),
            }
            // None that arrived is sent again.
            prop_assert!(together.insert(number, chunk.bytes.clone()).is_none());
        }
        prop_assert_eq!(together.len(), chunks as usize);
        prop_assert_eq!(together.into_values().collect::<Vec<_>>().concat(), &whole[..]);
    }

    #[test]
    fn a_size_is_taken_if_and_only_if_the_edition_allows_it(
        later in any::<bool>(),
        size in prop_oneof![
            0_u64..60_000_000,
            prop::sample::select(vec![1_048_575, 1_048_576, 5_000_000, 5_000_001, 5_242_879, 5_242_880,
                50_000_000, 50_000_001, u64::MAX]),
        ],
    ) {
        let edition = if later { Edition::later() } else { Edition::v1_12() };
        let (least, most) = edition.chunk;
        let client = client(&Arc::default(), edition);
        let order = OrderId::new(7).unwrap();
        let made = client.upload(order, &meta(), archive(100)).chunk_size(size).request();
        prop_assert_eq!(made.is_ok(), (least..=most).contains(&size));
    }

    #[test]
    fn a_size_that_was_kept_is_taken_only_if_the_edition_allows_it(size in any::<u64>()) {
        let client = client(&Arc::default(), Edition::v1_12());
        let archive = archive(100);
        let upload = || client.upload(OrderId::new(7).unwrap(), &meta(), archive.clone());
        let mut kept = serde_json::to_value(upload().events().state()).unwrap();
        let resume = |kept| upload().resume(serde_json::from_value(kept).unwrap()).request();
        prop_assert!(resume(kept.clone()).is_ok());
        kept["chunk_size"] = size.into();
        let (least, most) = Edition::v1_12().chunk;
        prop_assert_eq!(resume(kept).is_ok(), (least..=most).contains(&size));
    }
}
