//! Every fault: what the client sees, and whether the query was billed.

mod common;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use common::{ask, client, connect_and_ask, example, exchange, get, read_answer, send, url};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use ruapi_sandbox::{Fault, FaultKind, Sandbox};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

/// A sandbox that plays the fault on the next request.
async fn once(kind: FaultKind) -> Sandbox {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::new(kind).times(1));
    sandbox
}

/// Asserts the bill, and that the next request is answered as if nothing had been.
async fn then_all_is_well(sandbox: &Sandbox, billed: u64) {
    assert_eq!(sandbox.nsso().billed(), billed);
    assert_eq!(get(sandbox, &example()).await["count"], 1);
    assert_eq!(sandbox.nsso().billed(), billed + 1);
    let faults: Vec<_> = sandbox.requests().iter().map(|request| request.fault).collect();
    assert_eq!(faults, [Some(sandbox.faults()[0].fault.kind.name()), None]);
}

#[tokio::test]
async fn status() {
    for (processed, billed) in [(false, 0), (true, 1)] {
        let sandbox = once(FaultKind::Status {
            status: 503,
            retry_after: Some("5".to_owned()),
            body: "later".to_owned(),
            content_type: "text/x-test".to_owned(),
            processed,
        })
        .await;
        let response = send(&sandbox, &example()).await;
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[RETRY_AFTER], "5");
        assert_eq!(response.headers()[CONTENT_TYPE], "text/x-test");
        assert_eq!(response.text().await.unwrap(), "later");
        assert_eq!(sandbox.requests()[0].status, Some(503));
        then_all_is_well(&sandbox, billed).await;
    }
    let sandbox = once(FaultKind::status(429)).await;
    assert_eq!(send(&sandbox, &example()).await.status(), 429);
    then_all_is_well(&sandbox, 0).await;
}

#[tokio::test]
async fn api_error() {
    let message = Some("текст".to_owned());
    let sandbox = once(FaultKind::ApiError { code: "456".to_owned(), message }).await;
    let answer = get(&sandbox, &example()).await;
    assert_eq!(answer, json!({ "error": "456", "message": "текст" }));
    then_all_is_well(&sandbox, 0).await;
}

#[tokio::test]
async fn delay() {
    let sandbox = once(FaultKind::Delay { millis: 60 }).await;
    let start = Instant::now();
    assert_eq!(get(&sandbox, &example()).await["count"], 1);
    assert!(start.elapsed() >= Duration::from_millis(60));
    then_all_is_well(&sandbox, 1).await;
}

#[tokio::test]
async fn stall() {
    for (processed, billed) in [(false, 0), (true, 1)] {
        let sandbox = once(FaultKind::Stall { processed }).await;
        let stream = connect_and_ask(&sandbox).await;
        sandbox.wait_until_stalled(1).await;
        assert_eq!((sandbox.stalled(), sandbox.in_flight()), (1, 1));
        assert_eq!(sandbox.requests()[0].status, None);
        drop(stream);
        while sandbox.stalled() + sandbox.in_flight() > 0 {
            tokio::task::yield_now().await;
        }
        then_all_is_well(&sandbox, billed).await;
    }
}

#[tokio::test]
async fn cut_at_any_byte() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut stream = connect_and_ask(&sandbox).await;
    let whole = read_answer(&mut stream).await.len();
    for after_bytes in [0, 1, 9, 60, whole - 400, whole - 1, whole] {
        for processed in [false, true] {
            for reset in [false, true] {
                let sandbox = once(FaultKind::Cut { processed, after_bytes, reset }).await;
                let (bytes, end) = exchange(&sandbox).await;
                assert_eq!(bytes.len(), after_bytes);
                assert!(b"HTTP/1.1 200 OK\r\n".starts_with(&bytes[..after_bytes.min(17)]));
                match end {
                    Ok(()) => assert!(!reset),
                    Err(error) => {
                        assert!(reset, "{error}");
                        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
                    }
                }
                then_all_is_well(&sandbox, processed.into()).await;
            }
        }
    }
}

#[tokio::test]
async fn cut_on_a_connection_in_use() {
    for reset in [false, true] {
        let sandbox = Sandbox::start().await.unwrap();
        let cut = FaultKind::Cut { processed: true, after_bytes: 30, reset };
        sandbox.inject(Fault::new(cut).skip(2));
        let mut stream = connect_and_ask(&sandbox).await;
        let first = read_answer(&mut stream).await;
        ask(&mut stream, &sandbox).await;
        assert!(read_answer(&mut stream).await.len() >= first.len() - 3);
        ask(&mut stream, &sandbox).await;
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes).await;
        // The bytes of the earlier answers do not count.
        assert_eq!(bytes, first[..30]);
        assert_eq!(end.is_err(), reset);
        assert_eq!(sandbox.nsso().billed(), 3);
    }
}

#[tokio::test]
async fn cut_after_a_shorter_answer_does_not_hit_the_next() {
    let sandbox = once(FaultKind::Cut { processed: true, after_bytes: 1_000, reset: false }).await;
    let mut stream = connect_and_ask(&sandbox).await;
    let first = read_answer(&mut stream).await;
    assert!((500..1_000).contains(&first.len()));
    ask(&mut stream, &sandbox).await;
    read_answer(&mut stream).await;
    assert_eq!(sandbox.nsso().billed(), 2);
}

#[tokio::test]
async fn truncate() {
    let sandbox = once(FaultKind::Truncate { bytes: 100 }).await;
    let response = send(&sandbox, &example()).await;
    assert_eq!(response.headers()[CONTENT_LENGTH], "100");
    let body = response.bytes().await.unwrap();
    assert!(body.starts_with(br#"{"status":200,"count":1,"result":[{"policy""#));
    assert_eq!(body.len(), 100);
    then_all_is_well(&sandbox, 1).await;
}

#[tokio::test]
async fn garbage() {
    for (processed, billed) in [(false, 0), (true, 1)] {
        let sandbox = once(FaultKind::Garbage { processed }).await;
        let response = send(&sandbox, &example()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json; charset=utf-8");
        let body = response.bytes().await.unwrap();
        assert!(!body.is_empty() && std::str::from_utf8(&body).is_err());
        then_all_is_well(&sandbox, billed).await;
    }
}

#[tokio::test]
async fn html() {
    for (processed, billed) in [(false, 0), (true, 1)] {
        let sandbox = once(FaultKind::Html { status: 504, processed }).await;
        let response = send(&sandbox, &example()).await;
        assert_eq!(response.status(), 504);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(response.text().await.unwrap().contains("504 Gateway Timeout"));
        then_all_is_well(&sandbox, billed).await;
    }
}

#[tokio::test]
async fn oversized() {
    for (declared, length) in [(false, None), (true, Some("3000000"))] {
        for (processed, billed) in [(false, 0), (true, 1)] {
            let kind = FaultKind::Oversized { bytes: 3_000_000, declared, processed };
            let sandbox = once(kind).await;
            let response = send(&sandbox, &example()).await;
            let told = response.headers().get(CONTENT_LENGTH).map(|told| told.to_str().unwrap());
            assert_eq!(told, length);
            let body = response.bytes().await.unwrap();
            assert!(body.starts_with(br#"{"status":200,"#));
            assert_eq!(body.len(), 3_000_000);
            then_all_is_well(&sandbox, billed).await;
        }
    }
}

#[tokio::test]
async fn oversized_is_not_made_before_it_is_read() {
    let kind = FaultKind::Oversized { bytes: u64::MAX / 2, declared: true, processed: false };
    let sandbox = once(kind).await;
    let mut response = send(&sandbox, &example()).await;
    assert!(response.chunk().await.unwrap().is_some());
    drop(response);
    then_all_is_well(&sandbox, 0).await;
}

#[tokio::test]
async fn deep() {
    for (processed, billed) in [(false, 0), (true, 1)] {
        let sandbox = once(FaultKind::Deep { depth: 50_000, processed }).await;
        let body = send(&sandbox, &example()).await.text().await.unwrap();
        let inside = body.strip_prefix("{\"deep\":").unwrap().strip_suffix('}').unwrap();
        assert_eq!(inside, "[".repeat(50_000) + &"]".repeat(50_000));
        then_all_is_well(&sandbox, billed).await;
    }
    let sandbox = once(FaultKind::Deep { depth: 3, processed: false }).await;
    assert_eq!(get(&sandbox, &example()).await, json!({ "deep": [[[]]] }));
    let sandbox = once(FaultKind::Deep { depth: 0, processed: false }).await;
    assert_eq!(get(&sandbox, &example()).await, json!({ "deep": null }));
}

#[tokio::test]
async fn redirect() {
    for (processed, billed) in [(false, 0), (true, 1)] {
        let location = "https://example.invalid/nsso.php".to_owned();
        let sandbox = once(FaultKind::Redirect { status: 301, location, processed }).await;
        let response = send(&sandbox, &example()).await;
        assert_eq!(response.status(), 301);
        assert_eq!(response.headers()[LOCATION], "https://example.invalid/nsso.php");
        then_all_is_well(&sandbox, billed).await;
    }
}

#[tokio::test]
async fn wrong_content_type() {
    let sandbox = once(FaultKind::WrongContentType).await;
    let response = send(&sandbox, &example()).await;
    assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(body["count"], 1);
    then_all_is_well(&sandbox, 1).await;
}

#[tokio::test]
async fn drip() {
    let sandbox = once(FaultKind::Drip { chunk: 100, millis: 5 }).await;
    let start = Instant::now();
    let mut response = send(&sandbox, &example()).await;
    let length: usize = response.headers()[CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
    let mut body = Vec::new();
    let mut chunks = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        body.extend_from_slice(&chunk);
        chunks += 1;
    }
    assert_eq!(body.len(), length);
    assert!(chunks > 1);
    assert!(start.elapsed() >= Duration::from_millis(5) * u32::try_from(length / 100).unwrap());
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["count"], 1);
    then_all_is_well(&sandbox, 1).await;
}

#[tokio::test]
async fn token_revoked() {
    let sandbox = once(FaultKind::TokenRevoked).await;
    for _ in 0..2 {
        assert_eq!(get(&sandbox, &example()).await["error"], "503");
    }
    sandbox.nsso().add_token(ruapi_sandbox::Nsso::TOKEN);
    assert_eq!(get(&sandbox, &example()).await["count"], 1);
    assert_eq!(sandbox.nsso().billed(), 1);
}

/// Which of so many requests were hit, in order.
async fn pattern(sandbox: &Sandbox, requests: usize) -> Vec<bool> {
    let mut hits = Vec::new();
    for _ in 0..requests {
        hits.push(send(sandbox, &example()).await.status() == 500);
    }
    hits
}

#[tokio::test]
async fn skip_times_and_path() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::new(FaultKind::status(500)).path("/nsso/nsso").skip(1).times(2));
    sandbox.inject(Fault::new(FaultKind::status(500)).path("/other/"));
    assert_eq!(pattern(&sandbox, 5).await, [false, true, true, false, false]);
    let counts: Vec<_> = sandbox.faults().iter().map(|fault| (fault.seen, fault.hits)).collect();
    assert_eq!(counts, [(3, 2), (0, 0)]);

    sandbox.inject(Fault::new(FaultKind::status(500)));
    assert_eq!(pattern(&sandbox, 2).await, [true, true]);
    sandbox.clear_faults();
    assert_eq!(pattern(&sandbox, 2).await, [false, false]);
    assert!(sandbox.faults().is_empty());
}

#[tokio::test]
async fn probability_is_repeatable() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.inject(Fault::new(FaultKind::status(500)).probability(0.5, seed));
        runs.push(pattern(&sandbox, 40).await);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    let hits = runs[0].iter().filter(|hit| **hit).count();
    assert!((8..33).contains(&hits), "{hits}");

    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::new(FaultKind::status(500)).probability(0.0, 0));
    assert!(!pattern(&sandbox, 5).await.contains(&true));
}

#[tokio::test]
#[should_panic(expected = "`status` is 200 to 599, not 42")]
async fn an_impossible_fault_is_refused() {
    once(FaultKind::status(42)).await;
}

#[tokio::test]
async fn many_hang_at_once() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::new(FaultKind::Stall { processed: true }));
    let tasks: Vec<_> =
        (0..20).map(|_| tokio::spawn(client().get(url(&sandbox, &example())).send())).collect();
    sandbox.wait_until_stalled(20).await;
    assert_eq!((sandbox.stalled(), sandbox.nsso().billed()), (20, 20));
    for task in tasks {
        task.abort();
    }
}

#[tokio::test]
async fn the_largest_numbers_are_played() {
    let most = usize::MAX;
    for kind in [
        FaultKind::Cut { processed: false, after_bytes: most, reset: false },
        FaultKind::Cut { processed: false, after_bytes: most - 1, reset: true },
        FaultKind::Cut { processed: true, after_bytes: most, reset: true },
        FaultKind::Cut { processed: true, after_bytes: most - 1, reset: false },
        FaultKind::Truncate { bytes: most },
        FaultKind::Oversized { bytes: u64::MAX, declared: true, processed: false },
        FaultKind::Oversized { bytes: u64::MAX, declared: false, processed: false },
        FaultKind::Drip { chunk: most, millis: 0 },
        FaultKind::Deep { depth: 1_000_000, processed: false },
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.inject(Fault::new(kind.clone()).times(u32::MAX));
        // Not by an HTTP client: some refuse such a length.
        let mut stream = connect_and_ask(&sandbox).await;
        let mut bytes = Vec::new();
        while bytes.len() < 500 {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "{kind:?} ended early");
        }
        assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n"), "{kind:?}");
    }
}

#[tokio::test]
async fn the_longest_times_never_end() {
    for kind in [
        FaultKind::Delay { millis: u64::MAX },
        FaultKind::Drip { chunk: 1, millis: u64::MAX },
        FaultKind::Stall { processed: false },
    ] {
        let sandbox = once(kind.clone()).await;
        let answer = tokio::time::timeout(Duration::from_millis(100), exchange(&sandbox)).await;
        assert!(answer.is_err(), "{kind:?}");
    }
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::new(FaultKind::status(500)).skip(u32::MAX));
    assert_eq!(pattern(&sandbox, 2).await, [false, false]);
}
