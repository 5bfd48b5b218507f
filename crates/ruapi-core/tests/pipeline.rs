//! What the pipeline does with each kind of failure: how often it sends, what it says in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::Method;
use ruapi_core::credential::{Token, TokenSource};
use ruapi_core::test_util::{ManualClock, RecordedResponse, Replay};
use ruapi_core::transport::{Body, HttpRequest, HttpResponse, Phase, Transport, TransportError};
use ruapi_core::{
    Api, Backoff, BoxFuture, Credential, Error, Idempotency, Kind, Limits, Options, Pipeline,
    RawResponse, Rejection, Repeat, Request, RetryPolicy, classify_by_status,
};

const ATTEMPTS: u32 = 3;

/// An API whose body `busy` means: not processed, too many at once; `later`: try again later.
fn classify(response: &RawResponse) -> Result<(), Rejection> {
    let mut rejection = Rejection::new(Kind::Busy);
    match &response.body()[..] {
        b"busy" => {
            rejection.repeat = Repeat::Always;
            rejection.overloaded = true;
            Err(rejection)
        }
        b"later" => {
            rejection.repeat = Repeat::WhenTryLater;
            Err(rejection)
        }
        _ => classify_by_status(response),
    }
}

struct Setup {
    transport: Arc<Replay>,
    clock: Arc<ManualClock>,
    pipeline: Pipeline,
}

type Answer = Result<RecordedResponse, TransportError>;

fn setup(credential: Credential, options: Options, answers: Vec<Answer>) -> Setup {
    let transport = Arc::new(Replay::new(answers));
    // Jumps past every pause; a time limit would pass at once, so none is near.
    let clock = Arc::new(ManualClock::auto());
    let api = Api {
        user_agent: "test/1",
        timeout: Duration::from_secs(10),
        deadline: Duration::from_secs(1000),
        retry: policy(),
        max_body: 1000,
        classify,
    };
    let options = options.transport(transport.clone()).clock(clock.clone());
    let pipeline = Pipeline::new(api, "https://api.example/v1", credential, options).unwrap();
    Setup { transport, clock, pipeline }
}

fn policy() -> RetryPolicy {
    let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60)).jitter(|| 1.0);
    RetryPolicy::default().attempts(ATTEMPTS).backoff(backoff)
}

fn answer(status: u16, body: &str) -> Answer {
    Ok(Replay::answer(status, body))
}

fn with_retry_after(status: u16, value: &str) -> Answer {
    let mut answer = Replay::answer(status, "");
    answer.headers.insert("retry-after".into(), value.into());
    Ok(answer)
}

fn broken(phase: Phase) -> Answer {
    Err(TransportError::new(phase, None))
}

fn get() -> Request {
    Request::new("read", Method::GET, "things")
}

fn billed() -> Request {
    get().idempotency(Idempotency::NotIdempotent)
}

#[tokio::test]
async fn each_failure_is_repeated_just_as_often_as_is_safe() {
    /// failure, sent when idempotent, sent when not, kind, may have been processed
    type Row = (fn() -> Answer, usize, usize, Kind, bool);
    let table: &[Row] = &[
        (|| broken(Phase::Connect), 3, 3, Kind::Connect, false),
        (|| broken(Phase::Interrupted), 3, 1, Kind::Interrupted, true),
        (|| broken(Phase::Timeout), 3, 1, Kind::Timeout, true),
        (|| broken(Phase::Unsendable), 1, 1, Kind::Input, false),
        (|| answer(200, "busy"), 3, 3, Kind::Busy, false),
        (|| answer(200, "later"), 1, 1, Kind::Busy, false),
        (|| answer(302, ""), 1, 1, Kind::Redirect, true),
        (|| answer(400, ""), 1, 1, Kind::Input, false),
        (|| answer(401, ""), 1, 1, Kind::Credential, false),
        (|| answer(402, ""), 1, 1, Kind::Funds, false),
        (|| answer(403, ""), 1, 1, Kind::Credential, false),
        (|| answer(404, ""), 1, 1, Kind::NotFound, false),
        (|| answer(408, ""), 3, 1, Kind::Busy, true),
        (|| answer(409, ""), 1, 1, Kind::Refused, false),
        (|| answer(425, ""), 3, 1, Kind::Busy, false),
        (|| answer(429, ""), 3, 1, Kind::Busy, false),
        (|| with_retry_after(429, "5"), 3, 1, Kind::Busy, false),
        (|| answer(500, ""), 3, 1, Kind::Server, true),
        (|| answer(501, ""), 1, 1, Kind::Server, true),
        (|| answer(502, "<html>"), 3, 1, Kind::Server, true),
        (|| answer(503, ""), 3, 1, Kind::Busy, true),
        (|| answer(504, ""), 3, 1, Kind::Server, true),
        (|| answer(200, &"x".repeat(1001)), 1, 1, Kind::TooLarge, true),
    ];
    for (number, (failure, idempotent, not, kind, maybe_processed)) in table.iter().enumerate() {
        for (request, sent) in [(get(), *idempotent), (billed(), *not)] {
            let answers = (0..ATTEMPTS).map(|_| failure()).collect();
            let setup = setup(Credential::none(), Options::new(), answers);
            let error = setup.pipeline.send(&request).await.unwrap_err();
            let place = format!("row {number}, {request:?}");
            assert_eq!(setup.transport.requests().len(), sent, "{place}");
            assert_eq!(error.attempts() as usize, sent, "{place}");
            assert_eq!(error.kind(), *kind, "{place}");
            assert_eq!(error.maybe_processed(), *maybe_processed, "{place}");
        }
    }
}

#[tokio::test]
async fn a_repeated_call_that_succeeds_says_how_often_it_was_sent() {
    let answers = vec![broken(Phase::Connect), answer(503, ""), answer(200, "7")];
    let setup = setup(Credential::none(), Options::new(), answers);
    let request = get();
    let response = setup.pipeline.send(&request).await.unwrap().decode::<u32>(&request).unwrap();
    assert_eq!((*response, response.attempts()), (7, 3));
    assert_eq!(pauses(&setup), [1, 2]);
}

/// The pauses slept, in seconds, without the attempts' time limits.
fn pauses(setup: &Setup) -> Vec<u64> {
    setup.clock.slept().iter().map(Duration::as_secs).filter(|seconds| *seconds != 10).collect()
}

#[tokio::test]
async fn what_an_earlier_attempt_may_have_done_is_not_forgotten() {
    let answers = vec![answer(500, ""), broken(Phase::Connect), answer(404, "")];
    let setup = setup(Credential::none(), Options::new(), answers);
    let error = setup.pipeline.send(&get()).await.unwrap_err();
    assert_eq!((error.kind(), error.maybe_processed()), (Kind::NotFound, true));
}

#[tokio::test]
async fn try_later_is_repeated_for_those_who_asked() {
    let answers = vec![answer(200, "later"), answer(200, "1")];
    let setup = setup(Credential::none(), Options::new(), answers);
    assert!(setup.pipeline.send(&billed().retry_try_later(true)).await.is_ok());
    assert_eq!(setup.transport.requests().len(), 2);
}

#[tokio::test]
async fn retry_after_is_waited_for_unless_it_is_past_the_deadline() {
    let answers = vec![with_retry_after(503, "120"), answer(200, "")];
    let patient = setup(Credential::none(), Options::new(), answers);
    assert!(patient.pipeline.send(&get()).await.is_ok());
    assert_eq!(pauses(&patient), [120]);

    for absurd in ["1000", "99999999999", "18446744073709551615"] {
        let answers = vec![with_retry_after(503, absurd)];
        let hasty = setup(Credential::none(), Options::new(), answers);
        let error = hasty.pipeline.send(&get()).await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(absurd.parse().unwrap())));
        assert_eq!(pauses(&hasty), [0; 0], "the reason is told at once");
    }
}

#[tokio::test]
async fn the_budget_ends_retries_for_the_whole_client() {
    let options = Options::new().retry(policy().budget(3));
    let answers = (0..8).map(|_| answer(500, "")).collect();
    let setup = setup(Credential::none(), options, answers);
    for sent in [3, 5, 6] {
        let _ = setup.pipeline.send(&get()).await.unwrap_err();
        assert_eq!(setup.transport.requests().len(), sent);
    }
}

#[tokio::test]
async fn never_means_never() {
    let options = Options::new().retry(RetryPolicy::never());
    let setup = setup(Credential::none(), options, vec![broken(Phase::Connect)]);
    assert_eq!(setup.pipeline.send(&get()).await.unwrap_err().attempts(), 1);

    let credential = Credential::renewing(Login(Arc::default()));
    let options = Options::new().retry(RetryPolicy::never());
    let setup = self::setup(credential, options, vec![answer(401, "")]);
    assert_eq!(setup.pipeline.send(&get()).await.unwrap_err().attempts(), 1);
}

struct Login(Arc<AtomicU32>);

impl TokenSource for Login {
    fn fetch(&self) -> BoxFuture<'_, Result<Token, Error>> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { Ok(Token::new(format!("token-{number}").into())) })
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_also_for_what_must_not_be_repeated() {
    let logins = Arc::new(AtomicU32::new(0));
    let credential = Credential::renewing(Login(logins.clone()));
    let answers = vec![answer(401, ""), answer(200, ""), answer(401, ""), answer(401, "")];
    let setup = setup(credential, Options::new(), answers);
    assert!(setup.pipeline.send(&billed()).await.is_ok());
    let error = setup.pipeline.send(&billed()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Credential, 2));
    let sent: Vec<_> = setup
        .transport
        .requests()
        .iter()
        .map(|request| request.headers["authorization"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(sent, ["Bearer token-0", "Bearer token-1", "Bearer token-1", "Bearer token-2"]);
    assert_eq!(logins.load(Ordering::SeqCst), 3);
}

/// Never answers, and counts how many requests it holds.
#[derive(Debug, Default)]
struct Silent {
    headers_first: bool,
}

impl Transport for Silent {
    fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            if !self.headers_first {
                std::future::pending::<()>().await;
            }
            let body = Body::from_stream(futures_util::stream::pending());
            Ok(HttpResponse::new(http::StatusCode::OK, http::HeaderMap::new(), body))
        })
    }
}

#[tokio::test]
async fn silence_ends_in_a_timeout_before_and_within_the_body() {
    for headers_first in [false, true] {
        let silent = Arc::new(Silent { headers_first });
        let setup = setup(Credential::none(), Options::new(), Vec::new());
        let api = Api {
            user_agent: "test/1",
            timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(15),
            retry: policy(),
            max_body: 1000,
            classify,
        };
        let options = Options::new().transport(silent).clock(setup.clock.clone());
        let pipeline =
            Pipeline::new(api, "https://api.example/", Credential::none(), options).unwrap();
        let error = pipeline.send(&billed()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (Kind::Timeout, 1));
        assert!(error.maybe_processed());
        // An idempotent one tries again after a second, with what is left of the deadline.
        let error = pipeline.send(&get()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (Kind::Timeout, 2));
        let slept: Vec<_> = setup.clock.slept().iter().map(Duration::as_secs).collect();
        assert_eq!(slept, [10, 10, 1, 4]);
    }
}

/// Begins an answer, and breaks it off with a failure that would mean "not sent" before that.
#[derive(Debug)]
struct BreaksOff(Phase, AtomicU32);

impl Transport for BreaksOff {
    fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let failure = Err(TransportError::new(self.0, None));
        let body = Body::from_stream(futures_util::stream::iter([failure]));
        let head = HttpResponse::new(http::StatusCode::OK, http::HeaderMap::new(), body);
        Box::pin(async move { Ok(head) })
    }
}

#[tokio::test]
async fn an_answer_that_has_begun_was_sent_whatever_the_transport_says() {
    for phase in [Phase::Connect, Phase::Unsendable, Phase::Interrupted, Phase::Timeout] {
        let transport = Arc::new(BreaksOff(phase, AtomicU32::new(0)));
        let api = Api {
            user_agent: "test/1",
            timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(1000),
            retry: policy(),
            max_body: 1000,
            classify,
        };
        let clock = Arc::new(ManualClock::auto());
        let options = Options::new().transport(transport.clone()).clock(clock);
        let pipeline =
            Pipeline::new(api, "https://api.example/", Credential::none(), options).unwrap();
        let error = pipeline.send(&billed()).await.unwrap_err();
        assert_eq!((error.maybe_processed(), error.attempts()), (true, 1), "{phase:?}");
        assert_eq!(transport.1.load(Ordering::SeqCst), 1, "{phase:?}");
    }
}

#[tokio::test]
async fn the_deadline_bounds_waiting_for_a_limit_and_nothing_was_sent_then() {
    let limits = Limits::default().per_window(1, Duration::from_secs(3600));
    let setup = setup(
        Credential::none(),
        Options::new().limits(limits).deadline(Duration::from_secs(60)),
        vec![answer(200, ""), answer(200, "")],
    );
    assert!(setup.pipeline.send(&get()).await.is_ok());
    let error = setup.pipeline.send(&get()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Timeout, 0));
    assert!(!error.maybe_processed());
    // A request may have a deadline of its own.
    let patient = get().deadline(Duration::from_secs(5000));
    assert!(setup.pipeline.send(&patient).await.is_ok());
}

#[tokio::test]
async fn what_must_not_be_repeated_is_not_started_with_too_little_time_left() {
    // An attempt may take 10 s; after 992 of 1000 s that time is not left any more.
    for (seconds, idempotent_sent, billed_sent) in [(900, 2, 2), (992, 2, 1)] {
        for (request, sent) in [(get(), idempotent_sent), (billed(), billed_sent)] {
            let mut busy = Replay::answer(200, "busy");
            busy.headers.insert("retry-after".into(), seconds.to_string());
            let setup = setup(Credential::none(), Options::new(), vec![Ok(busy), answer(200, "")]);
            let result = setup.pipeline.send(&request).await;
            assert_eq!(setup.transport.requests().len(), sent, "{seconds} s, {request:?}");
            assert_eq!(result.is_ok(), sent == 2, "the reason is the service's: {result:?}");
        }
    }
}

#[tokio::test]
async fn endless_times_mean_no_limit() {
    let options = Options::new()
        .timeout(Duration::MAX)
        .deadline(Duration::MAX)
        .limits(Limits::default().per_window(1, Duration::MAX));
    let setup = setup(Credential::none(), options, vec![answer(200, "")]);
    assert!(setup.pipeline.send(&billed()).await.is_ok());
}

#[tokio::test]
async fn a_stopped_call_makes_no_further_attempt() {
    use std::sync::atomic::AtomicBool;
    let setup = setup(Credential::none(), Options::new(), vec![answer(200, "busy")]);
    let slot = setup.pipeline.slot().await;
    let error = setup.pipeline.send_in(slot, &get(), &AtomicBool::new(true)).await.unwrap_err();
    assert_eq!((error.attempts(), error.maybe_processed()), (0, false));
}

#[test]
fn a_base_url_that_would_leak_is_refused() {
    let make = |url: &str| {
        let api = Api {
            user_agent: "test/1",
            timeout: Duration::from_secs(1),
            deadline: Duration::from_secs(1),
            retry: RetryPolicy::default(),
            max_body: 1,
            classify,
        };
        let options = Options::new().transport(Arc::new(Replay::default()));
        Pipeline::new(api, url, Credential::none(), options)
    };
    for good in ["https://h/a", "http://127.0.0.1:8080", "http://[::1]/", "http://localhost/x/"] {
        assert!(make(good).is_ok(), "{good}");
    }
    for bad in [
        "http://api.example/",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "ftp://127.0.0.1/",
        "https://user:planted@h/",
        "https://h/?token=planted",
        "https://h/#x",
        "h/a",
        "",
    ] {
        let error = make(bad).unwrap_err();
        assert!(error.is_input(), "{bad}");
        assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
    }
}

#[tokio::test]
async fn what_the_caller_sent_is_masked_in_the_apis_message() {
    fn echo(response: &RawResponse) -> Result<(), Rejection> {
        let mut rejection = Rejection::new(Kind::Refused);
        rejection.message = Some(String::from_utf8_lossy(response.body()).into_owned());
        Err(rejection)
    }
    let transport = Arc::new(Replay::new([answer(200, "no А111АА11 for planted-key")]));
    let api = Api {
        user_agent: "test/1",
        timeout: Duration::from_secs(10),
        deadline: Duration::from_secs(10),
        retry: RetryPolicy::default(),
        max_body: 1000,
        classify: echo,
    };
    let credential = Credential::query_key("key", "planted-key".to_owned().into());
    let options = Options::new().transport(transport);
    let pipeline = Pipeline::new(api, "https://api.example/", credential, options).unwrap();
    let error = pipeline.send(&get().query("plate", "А111АА11")).await.unwrap_err();
    assert_eq!(error.message(), Some("no *** for ***"));
}
