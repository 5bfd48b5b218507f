//! The five minutes for an upload: slow lines, lines that break before anything was sent, programs that
//! are killed.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{archive, client, client_with, drive, meta, slow_portal};
use epgu_gusmev::archive::Compression;
use epgu_gusmev::transport::{HttpRequest, HttpResponse, Phase, Transport, TransportError};
use epgu_gusmev::{
    Archive, ArchiveBuilder, Backoff, BoxFuture, Client, Clock, Credential, Environment, Kind,
    Options, OrderId, RetryPolicy, UploadEvent, UploadState, WINDOW,
};
use futures_util::StreamExt;
use http::StatusCode;
use ruapi_core::test_util::{ManualClock, over_http};
use ruapi_sandbox::{Fault, FaultKind, Sandbox};

const MIB: u64 = 1 << 20;
const CHUNKED: &str = "/epgu/api/gusmev/push/chunked";

fn order() -> OrderId {
    OrderId::new(7).unwrap()
}

/// What a line does with a chunk.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Takes(u64),
    Breaks(Phase),
}

/// A line to a service that takes every chunk, one at a time.
#[derive(Debug)]
struct Line {
    clock: Arc<ManualClock>,
    chunks: usize,
    /// For each attempt in turn; the last one for all that follow.
    fates: Mutex<Vec<Fate>>,
    /// The number of the chunk of each attempt.
    sent: Mutex<Vec<usize>>,
    under_way: AtomicUsize,
}

impl Line {
    fn new(chunks: usize, fates: &[Fate]) -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::new(ManualClock::new()),
            chunks,
            fates: Mutex::new(fates.to_vec()),
            sent: Mutex::default(),
            under_way: AtomicUsize::new(0),
        })
    }

    fn client(self: &Arc<Self>, retry: RetryPolicy) -> Client {
        let credential = Credential::bearer("not-a-real-token".into()).unwrap();
        Client::builder(Environment::Custom("http://127.0.0.1/".into()), credential)
            .options(Options::new().transport(self.clone()).clock(self.clock.clone()).retry(retry))
            .build()
            .unwrap()
    }

    /// Lets time pass while something is on the line.
    fn drive(self: &Arc<Self>) -> tokio::task::JoinHandle<()> {
        let line = self.clone();
        tokio::spawn(async move {
            loop {
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                if line.under_way.load(Ordering::SeqCst) > 0 {
                    line.clock.advance(Duration::from_secs(1));
                }
            }
        })
    }

    fn sent(&self) -> Vec<usize> {
        self.sent.lock().unwrap().clone()
    }
}

/// Also when the client gives an attempt up.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Transport for Line {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let head = String::from_utf8_lossy(&request.body[..600]).into_owned();
            let number = head.split("name=\"chunk\"\r\n\r\n").nth(1);
            let number = number.and_then(|rest| rest.split("\r\n").next());
            let number = number.map_or(0, |number| number.parse::<usize>().unwrap());
            self.sent.lock().unwrap().push(number);
            self.under_way.fetch_add(1, Ordering::SeqCst);
            let _under_way = UnderWay(&self.under_way);
            let fate = {
                let mut fates = self.fates.lock().unwrap();
                if fates.len() > 1 { fates.remove(0) } else { fates[0] }
            };
            match fate {
                Fate::Takes(seconds) => self.clock.sleep(Duration::from_secs(seconds)).await,
                Fate::Breaks(phase) => return Err(TransportError::new(phase, None)),
            }
            let is_last = number + 1 == self.chunks;
            let status = if is_last { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT };
            let body = bytes::Bytes::from_static(br#"{"orderId":7}"#);
            Ok(HttpResponse::new(status, http::HeaderMap::new(), body.into()))
        })
    }
}

#[tokio::test]
async fn a_slow_line_gets_the_whole_window() {
    // More than an attempt and a call are given elsewhere.
    for (chunks, seconds) in [(3, 95), (2, 140), (1, 290)] {
        let line = Line::new(chunks, &[Fate::Takes(seconds)]);
        let client = line.client(RetryPolicy::default());
        let driver = line.drive();
        let bytes = (chunks - 1) * MIB as usize + 1000;
        let upload = client.upload(order(), &meta(), archive(bytes)).chunk_size(MIB).parallel(1);
        let submitted = upload.await.unwrap_or_else(|failed| panic!("{chunks}: {failed:?}"));
        driver.abort();
        assert_eq!(submitted.order, order());
        assert_eq!(line.sent(), (0..chunks).collect::<Vec<_>>(), "nothing was sent twice");
    }
}

#[tokio::test]
async fn what_got_stuck_on_a_fast_line_is_sent_again_in_time() {
    let fates = [Fate::Takes(1), Fate::Takes(100_000), Fate::Takes(1)];
    let line = Line::new(3, &fates);
    let at_once = Backoff::new(Duration::ZERO, Duration::ZERO);
    let client = line.client(RetryPolicy::default().backoff(at_once));
    let driver = line.drive();
    let archive = archive(2 * MIB as usize + 1000);
    let mut events = client.upload(order(), &meta(), archive).chunk_size(MIB).parallel(1).events();
    let mut left = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            UploadEvent::Sent { left: now, .. } => left.push(now),
            UploadEvent::Ended(end) => drop(end.unwrap()),
            UploadEvent::TooSlow { .. } | UploadEvent::Filing => {}
            other => panic!("{other:?}"),
        }
    }
    driver.abort();
    assert_eq!(line.sent(), [0, 1, 1, 2]);
    assert!(left[2] > WINDOW - Duration::from_secs(80), "{left:?}");
}

#[tokio::test]
async fn the_window_begins_with_a_chunk_that_may_have_arrived() {
    let phases = [(Phase::Connect, true), (Phase::Interrupted, false), (Phase::Timeout, false)];
    for (phase, is_begun_anew) in phases {
        let line = Line::new(2, &[Fate::Breaks(phase), Fate::Takes(1)]);
        let client = line.client(RetryPolicy::never());
        let upload =
            || client.upload(order(), &meta(), archive(MIB as usize + 1000)).chunk_size(MIB);
        let failed = upload().await.unwrap_err();
        assert!(!failed.maybe_submitted);
        assert_eq!(failed.state.started().is_none(), is_begun_anew, "{phase:?}");
        line.clock.advance(WINDOW);
        let driver = line.drive();
        let again = upload().resume(failed.state).await;
        driver.abort();
        match again {
            Ok(_) => assert!(is_begun_anew, "{phase:?}"),
            Err(failed) => {
                assert!(!is_begun_anew, "{phase:?}: {failed:?}");
                assert_eq!(failed.error.kind(), Kind::Timeout);
                assert_eq!(line.sent(), [0], "nothing more was sent");
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_killed_goes_on_from_the_state_of_the_last_event() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    let archive = archive(3 * MIB as usize + 1000);
    let driver = drive(&clock, &sandbox);
    // Three chunks, what comes before the last one, and that one.
    for events_seen in 0..=5 {
        let order = client.create_order(&meta()).await.unwrap().order_id;
        let upload = || client.upload(order, &meta(), archive.clone()).chunk_size(MIB).parallel(1);
        let mut events = upload().events();
        for n in 1..=events_seen {
            let event = events.next().await.unwrap();
            match event {
                UploadEvent::Sent { chunks, .. } => assert_eq!(chunks.0, if n < 4 { n } else { 4 }),
                UploadEvent::Filing => assert_eq!(n, 4),
                other => panic!("{other:?}"),
            }
        }
        let arrived = if events_seen < 4 { events_seen } else { events_seen - 1 };
        assert_eq!(events.state().chunks_sent(), arrived);
        let kept = serde_json::to_string(&events.state()).unwrap();
        drop(events);
        let state: UploadState = serde_json::from_str(&kept).unwrap();
        assert_eq!(state.is_doubtful(), arrived == 3, "only the last chunk was missing");
        let before = sandbox.epgu().counts().chunks_received;
        let resumed = upload().resume(state).resend_if_new_for(Duration::from_secs(30));
        assert_eq!(resumed.await.unwrap().order, order);
        let received = sandbox.epgu().counts().chunks_received - before;
        assert_eq!(received, u64::from(4 - arrived), "after {events_seen}");
        assert_eq!(sandbox.epgu().applications_for(order.get()), 1);
    }
    driver.abort();
    assert_eq!(sandbox.epgu().counts().duplicate_submissions, 0);
}

#[tokio::test]
async fn the_only_chunk_goes_out_after_a_doubtful_state_could_be_kept() {
    let (sandbox, clock, client) = slow_portal(60).await;
    let archive = archive(1000);
    let order = client.create_order(&meta()).await.unwrap().order_id;
    sandbox.inject(Fault::new(FaultKind::Stall { processed: true }).path(CHUNKED).times(1));
    let upload = || client.upload(order, &meta(), archive.clone());
    let mut events = upload().events();
    assert!(!events.state().is_doubtful());
    assert!(matches!(events.next().await, Some(UploadEvent::Filing)));
    let before = sandbox.requests_total();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sandbox.requests_total(), before, "nothing is sent before the next event is wanted");
    let kept = events.state();
    assert!(kept.is_doubtful() && kept.started().is_some());
    while sandbox.epgu().applications() == 0 {
        tokio::select! {
            event = events.next() => panic!("{event:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(events);
    let driver = drive(&clock, &sandbox);
    let failed = upload().resume(kept).await.unwrap_err();
    assert!(failed.maybe_submitted, "it was `NEW` for half a minute, and nothing was sent");
    assert_eq!(upload().resume(failed.state).await.unwrap().order, order);
    driver.abort();
    assert_eq!(sandbox.epgu().counts().chunks_received, 1);
    assert_eq!(sandbox.epgu().duplicate_submissions(), 0);
}

#[tokio::test]
async fn the_only_chunk_that_was_in_doubt_is_not_sent_again_after_the_five_minutes() {
    let (sandbox, clock, client) = slow_portal(86_400).await;
    let archive = archive(1000);
    let order = client.create_order(&meta()).await.unwrap().order_id;
    let upload = || client.upload(order, &meta(), archive.clone());
    let mut events = upload().events();
    assert!(matches!(events.next().await, Some(UploadEvent::Filing)));
    let kept = events.state();
    drop(events);
    clock.advance(WINDOW);
    let driver = drive(&clock, &sandbox);
    let resumed = upload().resume(kept).resend_if_new_for(Duration::from_secs(1));
    let failed = resumed.await.unwrap_err();
    driver.abort();
    assert!(failed.maybe_submitted && failed.window_over, "{failed:?}");
    assert_eq!(sandbox.epgu().counts().chunks_received, 0);
}

/// A road on which the second sending of a chunk meets nobody.
#[derive(Debug)]
struct MeetsNobody {
    road: Arc<dyn Transport>,
    chunks: AtomicUsize,
}

impl Transport for MeetsNobody {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let is_chunk = request.url.ends_with("/push/chunked");
        if is_chunk && self.chunks.fetch_add(1, Ordering::SeqCst) == 1 {
            return Box::pin(async { Err(TransportError::new(Phase::Connect, None)) });
        }
        self.road.send(request)
    }
}

#[tokio::test]
async fn a_window_that_has_begun_in_doubt_goes_on_though_the_second_sending_meets_nobody() {
    let (sandbox, clock, _) = slow_portal(86_400).await;
    let road = MeetsNobody { road: over_http().unwrap(), chunks: AtomicUsize::new(0) };
    let options = Options::new().transport(Arc::new(road)).clock(clock.clone());
    let client = client_with(&sandbox, options.retry(RetryPolicy::never()));
    let order = client.create_order(&meta()).await.unwrap().order_id;
    let cut = FaultKind::Cut { processed: true, after_bytes: 0, reset: false };
    sandbox.inject(Fault::new(cut).path(CHUNKED).times(1));
    let driver = drive(&clock, &sandbox);
    let upload = client.upload(order, &meta(), archive(1000));
    let failed = upload.resend_if_new_for(Duration::from_secs(1)).await.unwrap_err();
    driver.abort();
    assert!(failed.maybe_submitted && failed.error.kind() == Kind::Connect, "{failed:?}");
    assert!(failed.state.started().is_some(), "else it could be sent again for ever");
}

#[tokio::test]
async fn whoever_is_killed_while_the_last_chunk_is_under_way_does_not_send_it_again() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    let archive = archive(MIB as usize + 1000);
    let order = client.create_order(&meta()).await.unwrap().order_id;
    sandbox.inject(Fault::new(FaultKind::Stall { processed: true }).path(CHUNKED).skip(1).times(1));
    let upload = || client.upload(order, &meta(), archive.clone()).chunk_size(MIB);
    let mut events = upload().events();
    assert!(matches!(events.next().await, Some(UploadEvent::Sent { .. })));
    // Also whoever did not wait for what comes next.
    let kept = serde_json::to_string(&events.state()).unwrap();
    assert!(matches!(events.next().await, Some(UploadEvent::Filing)));
    // It is filed, but nobody hears of it.
    while sandbox.epgu().applications() == 0 {
        tokio::select! {
            event = events.next() => panic!("{event:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(events);
    let driver = drive(&clock, &sandbox);
    let state: UploadState = serde_json::from_str(&kept).unwrap();
    let resumed = upload().resume(state);
    let mut events = resumed.events();
    while let Some(event) = events.next().await {
        if let UploadEvent::Ended(end) = event {
            assert_eq!(end.unwrap().order, order);
        }
    }
    // What is kept at the end needs nothing more.
    let before = sandbox.requests_total();
    assert_eq!(upload().resume(events.state()).await.unwrap().order, order);
    driver.abort();
    assert_eq!(sandbox.requests_total(), before);
    assert_eq!(sandbox.epgu().counts().chunks_received, 2);
    assert_eq!(sandbox.epgu().counts().duplicate_submissions, 0);
}

/// An archive of a certain length with other bytes for each seed.
fn stored(seed: u64) -> Archive {
    let mut random = fastrand::Rng::with_seed(seed);
    let noise: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(3 << 20).collect();
    let mut builder = ArchiveBuilder::new().compression(Compression::Stored);
    builder.add("req.xml", noise).unwrap();
    builder.build_bytes(64 << 20).unwrap()
}

#[tokio::test]
async fn an_upload_does_not_go_on_with_another_archive() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let order = client.create_order(&meta()).await.unwrap().order_id;
    sandbox.inject(Fault::new(FaultKind::status(400)).path(CHUNKED).skip(1));
    let (first, second) = (stored(1), stored(2));
    assert_eq!(first.length(), second.length());
    let upload = |archive: &Archive| client.upload(order, &meta(), archive.clone()).chunk_size(MIB);
    let failed = upload(&first).parallel(1).await.unwrap_err();
    assert_eq!(failed.state.chunks_sent(), 1);
    sandbox.clear_faults();
    let before = sandbox.requests_total();
    let mixed = upload(&second).resume(failed.state.clone()).await.unwrap_err();
    assert!(mixed.error.is_input() && !mixed.maybe_submitted, "{mixed:?}");
    assert_eq!(sandbox.requests_total(), before);
    // The same one, read from a file, is the same.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("application.zip");
    std::fs::write(&path, first.read_at(0, usize::MAX).unwrap()).unwrap();
    upload(&Archive::open(&path).unwrap()).resume(failed.state).await.unwrap();
    assert_eq!(sandbox.epgu().applications_for(order.get()), 1);
}
