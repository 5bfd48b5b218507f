//! Filing applications: in one piece and in chunks, whatever the network does.

mod common;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use common::{archive, client, client_with, drive, meta, slow_portal};
use epgu_gusmev::{
    Archive, ArchiveBuilder, Client, Clock, Credential, Edition, Environment, FileLink, Kind,
    Limits, Options, OrderId, RetryPolicy, Submission, UploadEvent, UploadState,
};
use futures_util::StreamExt;
use ruapi_core::test_util::ManualClock;
use ruapi_sandbox::epgu::Settings;
use ruapi_sandbox::{Fault, FaultKind, Sandbox};

const MIB: u64 = 1 << 20;
const CHUNKED: &str = "/epgu/api/gusmev/push/chunked";
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

fn cut(processed: bool) -> FaultKind {
    FaultKind::Cut { processed, after_bytes: 0, reset: true }
}

#[tokio::test]
async fn a_small_archive_is_filed_in_one_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let pushed = client.push(&meta(), archive(1000)).await.unwrap();
    assert_eq!(sandbox.epgu().applications_for(pushed.order_id.get()), 1);
    let kept = sandbox.epgu().archive(pushed.order_id.get()).unwrap();
    assert_eq!(kept.files[0].name, "req.xml");

    let submitted = client.submit(&meta(), archive(1000)).await.unwrap();
    assert_eq!(sandbox.epgu().applications_for(submitted.order.get()), 1);
    assert_eq!(sandbox.epgu().applications(), 2);
}

#[tokio::test]
async fn a_large_archive_is_filed_in_chunks_first_middle_last() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let archive = archive(11 * MIB as usize);
    let order = client.create_order(&meta()).await.unwrap().order_id;
    let upload = client.upload(order, &meta(), archive.clone()).chunk_size(MIB).parallel(3);
    let events: Vec<UploadEvent> = upload.events().collect().await;
    let sent = events.iter().filter(|event| matches!(event, UploadEvent::Sent { .. })).count();
    let chunks = archive.length().div_ceil(MIB) as usize;
    assert_eq!((events.len(), sent), (chunks + 2, chunks));
    assert!(matches!(events[chunks - 1], UploadEvent::Filing), "before the last one");
    let Some(UploadEvent::Ended(Ok(submitted))) = events.last() else { panic!("{events:?}") };
    assert_eq!(submitted.order, order);
    let kept = sandbox.epgu().archive(order.get()).unwrap();
    assert_eq!(kept.bytes, archive.length());
    assert_eq!(sandbox.epgu().applications_for(order.get()), 1);
    // The sandbox refuses a first chunk that is not first, and a last one that is not last.
    assert_eq!(sandbox.epgu().counts().chunks_received, chunks as u64);
    assert_eq!(sandbox.epgu().counts().duplicate_submissions, 0);
}

#[tokio::test]
async fn one_chunk_needs_no_numbers() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let submitted = client.submit(&meta(), archive(1000)).with_order().await.unwrap();
    assert_eq!(sandbox.epgu().counts().chunks_received, 1);
    assert_eq!(sandbox.epgu().applications_for(submitted.order.get()), 1);
}

#[tokio::test]
async fn a_filing_is_not_repeated_behind_the_callers_back() {
    for processed in [true, false] {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox);
        sandbox.inject(Fault::new(cut(processed)).times(1));
        let error = client.push(&meta(), archive(1000)).await.unwrap_err();
        assert!(error.maybe_processed(), "{error}");
        assert_eq!(sandbox.requests_total(), 1);
        assert_eq!(sandbox.epgu().applications(), u64::from(processed));

        sandbox.inject(Fault::new(cut(processed)).times(1));
        assert!(client.create_order(&meta()).await.unwrap_err().maybe_processed());
        assert_eq!(sandbox.requests_total(), 2);
        for status in [502, 503, 504] {
            sandbox.clear_requests();
            sandbox.inject(Fault::new(FaultKind::status(status)).times(1));
            assert!(client.create_order(&meta()).await.is_err());
            assert_eq!(sandbox.requests_total(), 1, "{status}");
        }
    }
}

#[tokio::test]
async fn a_busy_service_is_asked_again_where_the_caller_wants_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    let sandbox = Arc::new(sandbox);
    let driver = drive(&clock, &sandbox);
    for status in [429, 503] {
        sandbox.inject(Fault::new(FaultKind::status(status)).times(2));
        let made = client.create_order(&meta()).retry_try_later(true).await.unwrap();
        assert_eq!(made.attempts(), 3, "{status}");
    }
    driver.abort();
}

#[tokio::test]
async fn chunks_that_got_lost_are_sent_again() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    let order = client.create_order(&meta()).await.unwrap().order_id;
    for (skip, processed) in [(0, true), (2, false), (5, true)] {
        sandbox.inject(Fault::new(cut(processed)).path(CHUNKED).skip(skip).times(1));
    }
    let driver = drive(&clock, &sandbox);
    let upload = client.upload(order, &meta(), archive(9 * MIB as usize)).chunk_size(MIB);
    upload.await.unwrap();
    driver.abort();
    assert_eq!(sandbox.epgu().applications_for(order.get()), 1);
    assert_eq!(sandbox.epgu().counts().duplicate_submissions, 0);
}

#[tokio::test]
async fn the_last_chunk_is_not_sent_again_by_itself() {
    for (processed, step) in [(true, 60), (true, 3600), (false, 1)] {
        let (sandbox, clock, client) = slow_portal(step).await;
        let order = client.create_order(&meta()).await.unwrap().order_id;
        sandbox.inject(Fault::new(cut(processed)).path(CHUNKED).skip(2).times(1));
        let driver = drive(&clock, &sandbox);
        let upload =
            || client.upload(order, &meta(), archive(2 * MIB as usize + 1)).chunk_size(MIB);
        let failed = upload().await.unwrap_err();
        assert!(failed.maybe_submitted && failed.state.is_doubtful(), "{failed}");
        assert_eq!(failed.error.kind(), Kind::Interrupted);
        // Nor by whoever goes on, at once or later, until the details tell that it was filed.
        let again = upload().resume(failed.state).await;
        assert_eq!(again.is_ok(), processed && step == 60, "{again:?}");
        assert!(again.err().is_none_or(|failed| failed.maybe_submitted));
        driver.abort();
        assert_eq!(sandbox.epgu().applications_for(order.get()), u64::from(processed));
        assert_eq!(sandbox.epgu().duplicate_submissions(), 0);
        let sent = sandbox.requests();
        let sent = sent.iter().filter(|request| request.path.ends_with("chunked")).count();
        assert_eq!(sent, 3, "{processed}, {step}");
    }
}

#[tokio::test]
async fn an_order_that_is_not_there_leaves_no_doubt() {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    let nobodys = OrderId::new(123).unwrap();
    for size in [1000, 2 * MIB as usize + 1] {
        clock.advance(Duration::from_secs(90));
        let upload = client.upload(nobodys, &meta(), archive(size)).chunk_size(MIB);
        let failed = upload.await.unwrap_err();
        assert_eq!(failed.error.kind(), Kind::NotFound);
        assert!(!failed.error.maybe_processed() && !failed.maybe_submitted, "{failed}");
        assert_eq!(failed.sent_at, Some(clock.wall()));
    }
}

#[tokio::test]
async fn a_last_chunk_that_is_denied_an_order_known_before_stays_in_doubt() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    let order = client.create_order(&meta()).await.unwrap().order_id;
    let driver = drive(&clock, &sandbox);
    // Also where the only chunk is denied an order whose details are there.
    for (size, path, skip) in
        [(2 * MIB as usize + 1, CHUNKED, 2), (1000, "/epgu/api/gusmev/push", 0)]
    {
        sandbox.inject(Fault::new(FaultKind::status(204)).path(path).skip(skip).times(1));
        let upload = client.upload(order, &meta(), archive(size)).chunk_size(MIB);
        let failed = upload.await.unwrap_err();
        assert!(failed.maybe_submitted && failed.error.maybe_processed(), "{failed}");
        // The details were looked at for half a minute after it.
        let ago = clock.wall().duration_since(failed.sent_at.unwrap()).unwrap();
        assert!(ago >= HALF_A_MINUTE, "{ago:?}");
    }
    driver.abort();
}

#[tokio::test]
async fn the_last_chunk_is_sent_again_where_the_caller_wants_it() {
    for (processed, step) in [(true, 1), (true, 60), (false, 1)] {
        let (sandbox, clock, client) = slow_portal(step).await;
        let order = client.create_order(&meta()).await.unwrap().order_id;
        sandbox.inject(Fault::new(cut(processed)).path(CHUNKED).skip(2).times(1));
        let driver = drive(&clock, &sandbox);
        let (before, after) = (clock.now(), Duration::from_secs(90));
        let upload = client.upload(order, &meta(), archive(2 * MIB as usize + 1)).chunk_size(MIB);
        let submitted = upload.resend_if_new_for(after).await.unwrap();
        driver.abort();
        assert_eq!(submitted.order, order);
        assert!(processed || clock.now() - before >= after, "not before it was `NEW` for so long");
        assert_eq!(sandbox.epgu().applications_for(order.get()), 1, "{processed}, {step}");
        assert_eq!(sandbox.epgu().duplicate_submissions(), 0, "{processed}, {step}");
    }
}

#[tokio::test]
async fn a_doubtful_end_is_settled_once_the_service_answers_again() {
    for processed in [true, false] {
        let sandbox = Arc::new(Sandbox::start().await.unwrap());
        let clock = Arc::new(ManualClock::new());
        let client = client_with(&sandbox, Options::new().clock(clock.clone()));
        let order = client.create_order(&meta()).await.unwrap().order_id;
        sandbox.inject(Fault::new(cut(processed)).path("/epgu/api/gusmev/push").times(1));
        // And then nothing answers.
        sandbox.inject(Fault::new(FaultKind::status(500)).path("/epgu/api/gusmev/order"));
        let driver = drive(&clock, &sandbox);
        let failed = client.upload(order, &meta(), archive(1000)).await.unwrap_err();
        assert!(failed.maybe_submitted, "{failed}");
        sandbox.clear_faults();
        let settled = client.reconcile(order).await.unwrap();
        driver.abort();
        let expected = if processed { Submission::Submitted } else { Submission::StillNew };
        assert_eq!(settled, expected);
        assert_eq!(sandbox.epgu().applications_for(order.get()), u64::from(processed));
    }
}

#[tokio::test]
async fn whoever_resumes_in_doubt_asks_before_anything_is_sent() {
    for processed in [true, false] {
        let sandbox = Arc::new(Sandbox::start().await.unwrap());
        let clock = Arc::new(ManualClock::new());
        let client = client_with(&sandbox, Options::new().clock(clock.clone()));
        let order = client.create_order(&meta()).await.unwrap().order_id;
        sandbox.inject(Fault::new(cut(processed)).path("/epgu/api/gusmev/push").times(1));
        sandbox.inject(Fault::new(FaultKind::status(500)).path("/epgu/api/gusmev/order"));
        let driver = drive(&clock, &sandbox);
        let upload = || client.upload(order, &meta(), archive(1000));
        let failed = upload().await.unwrap_err();
        assert!(failed.maybe_submitted && failed.state.is_doubtful());
        // As long as nobody can say, nothing is sent, and the doubt stays.
        let chunks = sandbox.epgu().counts().chunks_received;
        let again = upload().resume(failed.state).await.unwrap_err();
        assert!(again.maybe_submitted && again.state.is_doubtful());
        assert_eq!(sandbox.epgu().counts().chunks_received, chunks);
        sandbox.clear_faults();
        upload().resume(again.state).resend_if_new_for(HALF_A_MINUTE).await.unwrap();
        driver.abort();
        assert_eq!(sandbox.epgu().applications_for(order.get()), 1, "{processed}");
        assert_eq!(sandbox.epgu().counts().duplicate_submissions, 0, "{processed}");
    }
}

#[tokio::test]
async fn a_refusal_of_what_is_sent_again_does_not_take_the_doubt_away() {
    let (sandbox, clock, client) = slow_portal(3600).await;
    let order = client.create_order(&meta()).await.unwrap().order_id;
    sandbox.inject(Fault::new(cut(true)).path(CHUNKED).times(1));
    let driver = drive(&clock, &sandbox);
    let upload = || client.upload(order, &meta(), archive(1000));
    let failed = upload().await.unwrap_err();
    assert!(failed.maybe_submitted && failed.state.is_doubtful());
    // The service has the first one, and refuses the second.
    let again = upload().resume(failed.state).resend_if_new_for(HALF_A_MINUTE).await.unwrap_err();
    driver.abort();
    assert_eq!(again.error.status().map(|status| status.as_u16()), Some(409));
    assert!(again.maybe_submitted && again.state.is_doubtful());
    assert_eq!(sandbox.epgu().applications_for(order.get()), 1);
}

#[tokio::test]
async fn a_chunk_answered_as_if_it_were_the_last_leaves_a_doubt() {
    a_chunk_answered_at_length_leaves_a_doubt(0, Kind::Decode).await;
    // More than anybody reads: then nobody knows what it said.
    a_chunk_answered_at_length_leaves_a_doubt(1000, Kind::TooLarge).await;
}

async fn a_chunk_answered_at_length_leaves_a_doubt(spaces: usize, kind: Kind) {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let options = Options::new().clock(clock.clone()).max_body(1000);
    let client = client_with(&sandbox, options);
    let order = client.create_order(&meta()).await.unwrap().order_id;
    let answered = FaultKind::Status {
        status: 200,
        retry_after: None,
        body: format!(r#"{{"orderId":{order}}}{}"#, " ".repeat(spaces)),
        content_type: "application/json".to_owned(),
        processed: false,
    };
    sandbox.inject(Fault::new(answered).path(CHUNKED).skip(1).times(1));
    sandbox.inject(Fault::new(FaultKind::status(500)).path("/epgu/api/gusmev/order"));
    let driver = drive(&clock, &sandbox);
    let upload = || client.upload(order, &meta(), archive(4 * MIB as usize)).chunk_size(MIB);
    let failed = upload().parallel(1).await.unwrap_err();
    assert_eq!(failed.error.kind(), kind);
    assert!(failed.maybe_submitted && failed.state.is_doubtful());
    // As long as nobody can say whether it was filed, nothing more is sent.
    let chunks = sandbox.epgu().counts().chunks_received;
    let again = upload().resume(failed.state).await.unwrap_err();
    assert!(again.maybe_submitted && again.state.is_doubtful());
    assert_eq!(sandbox.epgu().counts().chunks_received, chunks);
    sandbox.clear_faults();
    upload().resume(again.state).resend_if_new_for(HALF_A_MINUTE).await.unwrap();
    driver.abort();
    assert_eq!(sandbox.epgu().applications_for(order.get()), 1);
    assert_eq!(sandbox.epgu().counts().duplicate_submissions, 0);
}

#[tokio::test]
async fn an_upload_goes_on_from_what_arrived() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    let order = client.create_order(&meta()).await.unwrap().order_id;
    let archive = archive(6 * MIB as usize);
    sandbox.inject(Fault::new(FaultKind::status(400)).path(CHUNKED).skip(3).times(1));
    let upload = || client.upload(order, &meta(), archive.clone()).chunk_size(MIB).parallel(1);
    let failed = upload().await.unwrap_err();
    assert!(!failed.maybe_submitted && !failed.window_over);
    assert_eq!(failed.state.chunks_sent(), 3);
    assert_eq!(failed.error.kind(), Kind::Input);
    // Kept across a restart of the program.
    let kept = serde_json::to_string(&failed.state).unwrap();
    let state: UploadState = serde_json::from_str(&kept).unwrap();
    let before = sandbox.epgu().counts().chunks_received;
    upload().resume(state.clone()).await.unwrap();
    let after = sandbox.epgu().counts().chunks_received;
    assert_eq!(after - before, u64::from(state.chunks() - 3), "nothing is sent twice");
    assert_eq!(sandbox.epgu().applications_for(order.get()), 1);

    let other = client.create_order(&meta()).await.unwrap().order_id;
    let foreign = client.upload(other, &meta(), archive.clone()).resume(state).await.unwrap_err();
    assert!(foreign.error.is_input() && !foreign.maybe_submitted);
}

#[tokio::test]
async fn the_last_chunk_is_not_sent_again_before_the_service_wants_it() {
    for (seconds, chunks) in [(120, 2), (3600_u64, 1)] {
        let sandbox = Arc::new(Sandbox::start().await.unwrap());
        let clock = Arc::new(ManualClock::new());
        let client = client_with(&sandbox, Options::new().clock(clock.clone()));
        let order = client.create_order(&meta()).await.unwrap().order_id;
        let busy = FaultKind::Status {
            status: 503,
            retry_after: Some(seconds.to_string()),
            body: String::new(),
            content_type: "text/plain".to_owned(),
            processed: false,
        };
        sandbox.inject(Fault::new(busy).path(CHUNKED).times(1));
        let driver = drive(&clock, &sandbox);
        let before = clock.now();
        let upload = client.upload(order, &meta(), archive(1000));
        let result = upload.resend_if_new_for(HALF_A_MINUTE).await;
        driver.abort();
        let sent = sandbox.requests();
        let sent = sent.iter().filter(|request| request.path.ends_with("chunked")).count();
        assert_eq!((sent, result.is_ok()), (chunks, chunks == 2), "{result:?}");
        let waited = clock.now() - before >= Duration::from_secs(seconds);
        assert_eq!(waited, chunks == 2, "no use in waiting for longer than there is time");
    }
}

#[tokio::test]
async fn the_five_minutes_are_kept() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    let order = client.create_order(&meta()).await.unwrap().order_id;
    sandbox.inject(Fault::new(FaultKind::Stall { processed: false }).path(CHUNKED).skip(1));
    let driver = drive(&clock, &sandbox);
    let upload = client.upload(order, &meta(), archive(4 * MIB as usize)).chunk_size(MIB);
    let failed = upload.await.unwrap_err();
    driver.abort();
    assert!(!failed.maybe_submitted, "the last chunk was not sent");
    assert_eq!((failed.error.kind(), failed.state.chunks_sent()), (Kind::Timeout, 1));
    // What is resumed too late is refused without a request.
    sandbox.clear_faults();
    clock.advance(Duration::from_secs(300));
    let before = sandbox.requests_total();
    let upload = client.upload(order, &meta(), archive(4 * MIB as usize)).chunk_size(MIB);
    let late = upload.resume(failed.state).await.unwrap_err();
    assert_eq!((late.error.kind(), sandbox.requests_total()), (Kind::Timeout, before));
    assert!(late.window_over && late.to_string().ends_with("the five minutes are over"), "{late}");
    // It can begin anew.
    let anew = client.upload(order, &meta(), archive(4 * MIB as usize)).chunk_size(MIB);
    assert_eq!(anew.await.unwrap().order, order);
    assert_eq!(sandbox.epgu().applications_for(order.get()), 1);
}

#[tokio::test]
async fn what_cannot_be_filed_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let order = OrderId::new(7).unwrap();
    let large = archive(5_100_000);
    assert!(client.push(&meta(), large.clone()).await.unwrap_err().is_input());
    for size in [0, MIB - 1, 5_000_001] {
        let failed =
            client.upload(order, &meta(), large.clone()).chunk_size(size).await.unwrap_err();
        assert!(failed.error.is_input() && !failed.maybe_submitted, "{size}");
    }
    assert!(OrderId::new(0).unwrap_err().is_input());
    assert!(epgu_gusmev::Meta::new("36x", "1", "-1").unwrap_err().is_input());
    let mut builder = ArchiveBuilder::new();
    for refused in ["inner.zip", "folder/req.xml", "../req.xml", "C:\\req.xml"] {
        assert!(builder.add(refused, &b"x"[..]).is_err(), "{refused}");
    }
    builder.add("req.xml", &b"x"[..]).unwrap();
    assert!(builder.add("REQ.xml", &b"x"[..]).is_err(), "the same name");
    builder.add("a.pdf", &b"PK\x03\x04"[..]).unwrap();
    assert!(builder.build_bytes(1000).is_err(), "an archive under another name");
    for refused in ["terrabyte://00/1//2", "terrabyte://00/1/../2", "terrabyte://00/1/a%0Ab/2"] {
        assert!(refused.parse::<FileLink>().unwrap_err().is_input(), "{refused}");
    }
    let cyrillic = FileLink::new(1, 3, "Ответ №1.pdf").unwrap();
    let request = client.download(&cyrillic).request().unwrap();
    let once = "mnemonic=%D0%9E%D1%82%D0%B2%D0%B5%D1%82%20%E2%84%961.pdf";
    assert_eq!(request.query_string(), once);
    assert!(ArchiveBuilder::new().build_bytes(1000).is_err(), "an empty archive");
    assert!(Archive::from_bytes(&b""[..]).is_err());
    assert_eq!(sandbox.requests_total(), 0);
}

#[tokio::test]
async fn the_limit_of_applications_is_kept() {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    for _ in 0..20 {
        client.create_order(&meta()).await.unwrap();
    }
    let before = sandbox.requests_total();
    let error = client.create_order(&meta()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Busy, 0));
    assert!(error.to_string().contains("in 600 s"), "{error}");
    assert_eq!(sandbox.requests_total(), before);
    clock.advance(Duration::from_secs(600));
    sandbox.clock().advance(TimeDelta::seconds(600));
    client.create_order(&meta()).await.unwrap();

    // A service may have a limit of its own.
    let client = common::builder(&sandbox)
        .service_limit(ruapi_sandbox::Epgu::SERVICE, Some((1, Duration::from_secs(60))))
        .build()
        .unwrap();
    let elsewhere = epgu_gusmev::Meta::new("36", "10000000999", "-1").unwrap();
    client.create_order(&meta()).await.unwrap();
    assert_eq!(client.create_order(&meta()).await.unwrap_err().attempts(), 0);
    for _ in 0..2 {
        client.create_order(&elsewhere).await.unwrap();
    }

    // One that surely was not made does not count.
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", nobody.local_addr().unwrap());
    drop(nobody);
    let credential = Credential::bearer("not-a-real-token".into()).unwrap();
    let client = Client::builder(Environment::Custom(url), credential)
        .application_limit(Some((1, Duration::from_secs(600))))
        .options(Options::new().retry(RetryPolicy::never()))
        .build()
        .unwrap();
    for _ in 0..3 {
        assert_eq!(client.create_order(&meta()).await.unwrap_err().kind(), Kind::Connect);
    }
}

#[tokio::test]
async fn a_later_edition_takes_larger_chunks() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.epgu().change(|settings: &mut Settings| {
        settings.chunk_least_bytes = 5 * MIB;
        settings.chunk_most_bytes = 50 * MIB;
    });
    let client = common::builder(&sandbox)
        .edition(Edition::later())
        .request_limits(Some(Limits::default()))
        .build()
        .unwrap();
    let order = client.create_order(&meta()).await.unwrap().order_id;
    client.upload(order, &meta(), archive(11 * MIB as usize)).chunk_size(5 * MIB).await.unwrap();
    assert_eq!(sandbox.epgu().applications_for(order.get()), 1);
}
