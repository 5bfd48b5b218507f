//! What a query costs when things go wrong: against the sandbox, which counts what it bills.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use nsso_client::test_util::ManualClock;
use nsso_client::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use nsso_client::{Client, Kind, Options, Outcome, PlateNumber, Query, Row, Subject, Token};
use ruapi_core::BoxFuture;
use ruapi_core::test_util::Recorder;
use ruapi_sandbox::{Fault, FaultKind, Nsso, Sandbox};
use tokio::net::TcpListener;

fn plate(n: u64) -> PlateNumber {
    Nsso::fleet_plate(n).parse().unwrap()
}

fn client(sandbox: &Sandbox, options: Options) -> Client {
    let token = Token::new(Nsso::TOKEN).unwrap();
    Client::builder(token).base_url(sandbox.nsso_url()).options(options).build().unwrap()
}

/// Moves the clock whenever nothing else moves, until the test is over.
fn drive(clock: &Arc<ManualClock>, sandbox: Arc<Sandbox>) -> tokio::task::JoinHandle<()> {
    let clock = clock.clone();
    tokio::spawn(async move {
        loop {
            let progress = || (sandbox.requests_total(), sandbox.in_flight() - sandbox.stalled());
            let before = progress();
            for _ in 0..300 {
                tokio::task::yield_now().await;
            }
            if progress() == before && before.1 == 0 {
                clock.advance(Duration::from_secs(1));
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_of_a_single_query_is_sent_twice() {
    use FaultKind::*;
    let html = |processed| Html { status: 502, processed };
    let cut = |processed, after_bytes, reset| Cut { processed, after_bytes, reset };
    let elsewhere = "https://other.example/".to_owned();
    let redirect = Redirect { status: 302, location: elsewhere, processed: true };
    let oversized = Oversized { bytes: 9 << 20, declared: false, processed: true };
    // fault, kind of error, may have been processed
    let table = [
        (FaultKind::status(500), Kind::Server, true),
        (FaultKind::status(503), Kind::Busy, true),
        (FaultKind::status(403), Kind::Credential, false),
        (html(true), Kind::Server, true),
        (html(false), Kind::Server, true),
        (Html { status: 200, processed: true }, Kind::Decode, true),
        (Garbage { processed: true }, Kind::Decode, true),
        (Deep { depth: 100, processed: true }, Kind::Decode, true),
        (Deep { depth: 100_000, processed: true }, Kind::Decode, true),
        (Truncate { bytes: 100 }, Kind::Decode, true),
        (redirect, Kind::Redirect, true),
        (oversized, Kind::TooLarge, true),
        (cut(false, 0, false), Kind::Interrupted, true),
        (cut(true, 0, false), Kind::Interrupted, true),
        (cut(true, 0, true), Kind::Interrupted, true),
        (cut(true, 40, false), Kind::Interrupted, true),
        (cut(true, 40, true), Kind::Interrupted, true),
        (cut(true, 400, false), Kind::Interrupted, true),
        (Stall { processed: true }, Kind::Timeout, true),
        (Stall { processed: false }, Kind::Timeout, true),
        (FaultKind::api_error("498"), Kind::Funds, false),
        (FaultKind::api_error("1"), Kind::Busy, false),
        (FaultKind::api_error("4711"), Kind::Refused, true),
        (TokenRevoked, Kind::Credential, false),
    ];
    for (fault, kind, maybe_processed) in table {
        let name = format!("{fault:?}");
        let sandbox = Arc::new(Sandbox::start().await.unwrap());
        let clock = Arc::new(ManualClock::new());
        let client = client(&sandbox, Options::new().clock(clock.clone()));
        // A good query first, so that a kept connection is what breaks.
        client.check(plate(0)).await.unwrap();
        sandbox.inject(Fault::new(fault));
        let driver = drive(&clock, sandbox.clone());
        let error = client.check(plate(1)).await.expect_err(&name);
        driver.abort();
        assert_eq!(
            (error.kind(), error.maybe_processed()),
            (kind, maybe_processed),
            "{name}: {error}"
        );
        assert_eq!(sandbox.requests_total(), 2, "{name}: sent once, and nothing followed");
        let billed = sandbox.nsso().billed() - 1;
        assert!(billed <= u64::from(maybe_processed), "{name}: billed and the error denies it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_surely_was_not_billed_is_repeated_until_it_works() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let api_error = |code: &str, times| Fault::new(FaultKind::api_error(code)).times(times);
    sandbox.inject(api_error("456", 3));
    let clock = Arc::new(ManualClock::new());
    let client = client(&sandbox, Options::new().clock(clock.clone()));
    let driver = drive(&clock, sandbox.clone());
    let check = client.check(plate(0)).await.unwrap();
    assert_eq!((check.attempts(), sandbox.nsso().billed()), (4, 1));

    sandbox.inject(Fault::new(FaultKind::status(429)).times(2));
    let check = client.check(plate(2)).await.unwrap();
    assert_eq!((check.attempts(), sandbox.nsso().billed()), (3, 2));

    sandbox.inject(api_error("1", 1));
    sandbox.inject(api_error("404", 1));
    let error = client.check(plate(1)).await.unwrap_err();
    assert_eq!((error.attempts(), error.code()), (1, Some("1")));
    let check = client.check(plate(1)).retry_try_later(true).await.unwrap();
    assert_eq!((check.attempts(), sandbox.nsso().billed()), (2, 3));
    driver.abort();
}

/// Sends each n-th request, and all for some plates, to a port where nobody listens: a refusal by
/// the system itself.
#[derive(Debug)]
struct SometimesRefused {
    inner: Recorder,
    closed_port: String,
    every: usize,
    always: Vec<String>,
    sent: AtomicUsize,
}

impl SometimesRefused {
    async fn new(every: usize, plates: impl Iterator<Item = PlateNumber>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed_port = listener.local_addr().unwrap().to_string();
        let query = |plate| Query::new().request(&Subject::Plate(plate)).unwrap();
        Self {
            inner: Recorder::over_http().unwrap(),
            closed_port,
            every,
            always: plates.map(|plate| query(plate).query_string().to_owned()).collect(),
            sent: AtomicUsize::new(0),
        }
    }
}

impl Transport for SometimesRefused {
    fn send(
        &self,
        mut request: HttpRequest,
    ) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let always = self.always.iter().any(|query| request.url.contains(query));
        if number % self.every == 0 || always {
            let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
            request.url = format!("http://{}/{path}", self.closed_port);
        }
        self.inner.send(request)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_queries_with_random_faults_cost_no_more_than_they_say() {
    const ROWS: u64 = 2000;
    const PARALLEL: usize = 16;
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let kinds = [
        FaultKind::Cut { processed: false, after_bytes: 0, reset: false },
        FaultKind::Cut { processed: true, after_bytes: 0, reset: true },
        FaultKind::Cut { processed: true, after_bytes: 30, reset: false },
        FaultKind::Cut { processed: true, after_bytes: 300, reset: true },
        FaultKind::Stall { processed: true },
        FaultKind::Stall { processed: false },
        FaultKind::status(500),
        FaultKind::status(503),
        FaultKind::Html { status: 502, processed: true },
        FaultKind::Html { status: 200, processed: false },
        FaultKind::Truncate { bytes: 80 },
        FaultKind::api_error("456"),
        FaultKind::api_error("888"),
        FaultKind::Redirect { status: 301, location: "/".to_owned(), processed: true },
    ];
    for (seed, kind) in (0..).zip(kinds) {
        sandbox.inject(Fault::new(kind).probability(0.02, seed));
    }
    let clock = Arc::new(ManualClock::new());
    let unreachable = (0..ROWS).step_by(100).map(plate);
    let transport = Arc::new(SometimesRefused::new(20, unreachable).await);
    let options =
        Options::new().clock(clock.clone()).transport(transport).timeout(Duration::from_secs(5));
    let client = client(&sandbox, options);
    let driver = drive(&clock, sandbox.clone());
    let inputs = stream::iter((0..ROWS).map(|n| (n, plate(n).into())));
    let rows: Vec<Row<u64>> = client.bulk(inputs).parallel(PARALLEL).collect().await;
    driver.abort();

    let keys: BTreeSet<u64> = rows.iter().map(|row| row.key).collect();
    assert_eq!((rows.len(), keys.len()), (2000, 2000), "every row has exactly one outcome");
    let (mut answered, mut refused, mut not_sent, mut unknown) = (0, 0, 0, 0);
    for row in &rows {
        let billed = sandbox.nsso().billed_for(plate(row.key).as_str());
        let (count, allowed) = match &row.outcome {
            Outcome::Answered(_) => (&mut answered, 1..=1),
            Outcome::Refused(_) => (&mut refused, 0..=0),
            Outcome::NotSent(_) => (&mut not_sent, 0..=0),
            Outcome::Unknown(_) => (&mut unknown, 0..=1),
            other => panic!("{other:?}"),
        };
        *count += 1;
        assert!(
            allowed.contains(&billed),
            "row {} {:?}: billed {billed} times",
            row.key,
            row.outcome
        );
    }
    assert!(sandbox.nsso().billed() <= answered + unknown);
    // The run met what it is about.
    assert!(sandbox.faults().iter().all(|fault| fault.hits > 0), "{:?}", sandbox.faults());
    assert!(
        answered > 1000 && refused > 5 && not_sent >= 20 && unknown > 100,
        "{answered} answered, {refused} refused, {not_sent} not sent, {unknown} unknown"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_adapts_to_the_number_of_connections_the_service_allows() {
    const ROWS: u64 = 300;
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    sandbox.nsso().set_max_parallel(Some(4));
    sandbox.inject(Fault::new(FaultKind::Delay { millis: 2 }));
    let clock = Arc::new(ManualClock::new());
    let client = client(&sandbox, Options::new().clock(clock.clone()));
    let driver = drive(&clock, sandbox.clone());
    let inputs = stream::iter((0..ROWS).map(|n| (n, plate(n).into())));
    let rows: Vec<_> = client.bulk(inputs).parallel(32).collect().await;
    driver.abort();
    let answered = rows.iter().filter(|row| matches!(row.outcome, Outcome::Answered(_))).count();
    assert_eq!((answered as u64, sandbox.nsso().billed()), (ROWS, ROWS));
    let refused = sandbox.requests_total() - ROWS;
    assert!((1..ROWS / 2).contains(&refused), "{refused} queries refused for being too many");
}

/// The rows that wait for their turn or for another attempt must not go out any more.
#[tokio::test]
async fn a_place_that_waits_for_an_input_is_given_to_a_query_that_is_repeated() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let driver = drive(&clock, sandbox.clone());
    let client = client(&sandbox, Options::new().clock(clock.clone()));
    let one = || stream::iter([(0, plate(0).into())]);
    // The last input, and one after which nobody knows whether another will come.
    for inputs in [one().boxed(), one().chain(stream::pending()).boxed()] {
        sandbox.inject(Fault::new(FaultKind::api_error("456")).times(1));
        let before = sandbox.requests_total();
        let row = client.bulk(inputs).next().await.unwrap();
        assert!(matches!(row.outcome, Outcome::Answered(_)), "{row:?}");
        assert_eq!(sandbox.requests_total(), before + 2);
    }
    driver.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_more_is_sent_after_the_money_is_gone() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    sandbox.nsso().set_max_parallel(Some(2));
    sandbox.nsso().set_credit(0.0);
    sandbox.nsso().set_balance(30.0 * 0.75);
    sandbox.inject(Fault::new(FaultKind::Delay { millis: 2 }));
    let clock = Arc::new(ManualClock::new());
    let client = client(&sandbox, Options::new().clock(clock.clone()));
    let driver = drive(&clock, sandbox.clone());
    let inputs = stream::iter((0..200).map(|n| (n, plate(n).into())));
    let mut rows = client.bulk(inputs).parallel(64);
    let mut sent_by_then = None;
    let mut answered = 0;
    while let Some(row) = rows.next().await {
        match (&row.outcome, sent_by_then) {
            (Outcome::Answered(_), _) => answered += 1,
            (Outcome::NotSent(_), None) => panic!("not sent before the money was gone"),
            (outcome, None) if outcome.error().is_some_and(|e| e.kind() == Kind::Funds) => {
                sent_by_then = Some(sandbox.requests_total());
            }
            _ => {}
        }
    }
    driver.abort();
    assert_eq!((answered, sandbox.nsso().billed()), (30, 30));
    let after = sandbox.requests_total() - sent_by_then.expect("the money ran out");
    assert!(after <= 2, "{after} more queries after the refusal");
}

/// The service's slowness must not use up the time of rows that wait for their turn.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_waits_for_its_turn_does_not_lose_its_time() {
    const ROWS: u64 = 40;
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    // One query a minute, and five minutes for a call: the last row waits for forty.
    let limits = nsso_client::Limits::default().per_window(1, Duration::from_secs(60));
    let options = Options::new()
        .clock(clock.clone())
        .limits(limits)
        .timeout(Duration::from_secs(30))
        .deadline(Duration::from_secs(300));
    let client = client(&sandbox, options);
    let driver = drive(&clock, sandbox.clone());
    let inputs = stream::iter((0..ROWS).map(|n| (n, plate(n).into())));
    let rows: Vec<_> = client.bulk(inputs).parallel(16).collect().await;
    driver.abort();
    let answered = rows.iter().filter(|row| matches!(row.outcome, Outcome::Answered(_))).count();
    assert_eq!(answered as u64, ROWS);
}

#[tokio::test]
async fn without_money_or_token_a_bulk_stops_at_once() {
    for (kind, no_token) in [(Kind::Funds, false), (Kind::Credential, true)] {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox, Options::new());
        if no_token {
            sandbox.inject(Fault::new(FaultKind::TokenRevoked).skip(10));
        } else {
            // Ten queries' worth.
            sandbox.nsso().set_credit(0.0);
            sandbox.nsso().set_balance(7.5);
        }
        let inputs = stream::iter((0..100).map(|n| (n, plate(n).into())));
        let rows: Vec<_> = client.bulk(inputs).parallel(4).collect().await;
        assert_eq!(rows.len(), 100);
        let count = |is: fn(&Outcome) -> bool| rows.iter().filter(|row| is(&row.outcome)).count();
        assert_eq!(count(|outcome| matches!(outcome, Outcome::Answered(_))), 10);
        assert!(sandbox.requests_total() <= 14, "{} sent", sandbox.requests_total());
        let not_sent = count(|outcome| matches!(outcome, Outcome::NotSent(_)));
        assert_eq!(not_sent as u64, 100 - sandbox.requests_total());
        let reason = |outcome: &Outcome| outcome.error().map(nsso_client::Error::kind);
        assert!(rows[20..].iter().all(|row| reason(&row.outcome) == Some(kind)));
    }
}

/// Whoever notes inputs as they are taken and outcomes before asking on knows what is under way.
#[tokio::test]
async fn inputs_are_taken_only_for_free_places() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox, Options::new());
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    let inputs = stream::iter((0..50).map(move |n| {
        count.fetch_add(1, Ordering::SeqCst);
        (n, plate(n).into())
    }));
    let mut rows = client.bulk(inputs).parallel(3);
    for outcomes in 0..50_usize {
        let before = taken.load(Ordering::SeqCst);
        assert!(before <= outcomes + 3, "{before} taken before the outcome of {outcomes}");
        assert!(rows.next().await.is_some());
        assert!(taken.load(Ordering::SeqCst) <= outcomes + 3, "a place is filled when asked for");
        let now = taken.load(Ordering::SeqCst);
        tokio::task::yield_now().await;
        assert_eq!(taken.load(Ordering::SeqCst), now, "nothing is taken behind the caller's back");
    }
    assert!(rows.next().await.is_none());
    assert_eq!(sandbox.nsso().billed(), 50);
}
