//! Answers that are read piece by piece, and redirects within a server.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use ruapi_core::test_util::ManualClock;
use ruapi_core::transport::{Body, HttpRequest, HttpResponse, Phase, Transport, TransportError};
use ruapi_core::{
    Api, BoxFuture, Credential, Error, Incoming, Kind, Options, Pipeline, Request, RetryPolicy,
    classify_by_status,
};

type Answers = VecDeque<Result<HttpResponse, TransportError>>;

/// Gives these answers, and keeps where it was asked.
#[derive(Debug)]
struct Fake {
    answers: Mutex<Answers>,
    asked: Mutex<Vec<String>>,
}

impl Transport for Fake {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        self.asked.lock().unwrap().push(request.url);
        let answer = self.answers.lock().unwrap().pop_front().expect("one more answer");
        Box::pin(std::future::ready(answer))
    }
}

fn pipeline(
    answers: impl IntoIterator<Item = HttpResponse>,
) -> (Pipeline, Arc<Fake>, Arc<ManualClock>) {
    pipeline_with(answers, RetryPolicy::never(), ManualClock::new())
}

fn pipeline_with(
    answers: impl IntoIterator<Item = HttpResponse>,
    retry: RetryPolicy,
    clock: ManualClock,
) -> (Pipeline, Arc<Fake>, Arc<ManualClock>) {
    let answers = answers.into_iter().map(Ok).collect();
    let fake = Arc::new(Fake { answers: Mutex::new(answers), asked: Mutex::default() });
    let clock = Arc::new(clock);
    let api = Api {
        user_agent: "test/1",
        timeout: Duration::from_secs(10),
        deadline: Duration::from_secs(60),
        retry,
        max_body: 1000,
        classify: classify_by_status,
    };
    let options = Options::new().transport(fake.clone()).clock(clock.clone());
    let pipeline = Pipeline::new(api, "http://127.0.0.1:1/api/", Credential::none(), options);
    (pipeline.unwrap(), fake, clock)
}

fn answer(status: u16, header: Option<(&'static str, &str)>, body: Body) -> HttpResponse {
    let mut headers = HeaderMap::new();
    if let Some((name, value)) = header {
        headers.insert(name, HeaderValue::from_str(value).unwrap());
    }
    HttpResponse::new(StatusCode::from_u16(status).unwrap(), headers, body)
}

/// Pieces, and then the connection's end or its breaking.
fn pieces(sizes: &'static [usize], breaks: bool) -> Body {
    let good = sizes.iter().map(|size| Ok(Bytes::from(vec![7; *size])));
    let error = breaks.then(|| Err(TransportError::new(Phase::Interrupted, None)));
    Body::from_stream(futures_util::stream::iter(good.chain(error)))
}

async fn read(mut incoming: Incoming) -> (usize, Result<(), Error>) {
    let mut length = 0;
    loop {
        match incoming.chunk().await {
            Ok(Some(piece)) => length += piece.len(),
            Ok(None) => return (length, Ok(())),
            Err(error) => {
                assert!(incoming.chunk().await.is_err(), "and so it stays");
                return (length, Err(error));
            }
        }
    }
}

fn get() -> Request {
    Request::new("file", Method::GET, "file")
}

#[tokio::test]
async fn a_body_may_be_larger_than_what_is_ever_held() {
    const LARGE: &[usize] = &[600, 600, 600];
    let (pipeline, ..) =
        pipeline([answer(200, Some(("content-length", "1800")), pieces(LARGE, false))]);
    let incoming = pipeline.open(&get()).await.unwrap();
    assert_eq!(incoming.length(), Some(1800));
    let (length, result) = read(incoming).await;
    assert_eq!((length, result.is_ok()), (1800, true));
}

#[tokio::test]
async fn a_body_of_another_length_than_promised_is_an_error() {
    for (promised, sizes, breaks, kind, read_before) in [
        ("1801", &[600, 600, 600][..], false, Some(Kind::Interrupted), 1800),
        ("1199", &[600, 600, 600], false, Some(Kind::Decode), 600),
        ("1800", &[600], true, Some(Kind::Interrupted), 600),
        ("0", &[], false, None, 0),
        ("0", &[1], false, Some(Kind::Decode), 0),
        ("many", &[5], false, None, 5),
    ] {
        let (pipeline, ..) =
            pipeline([answer(200, Some(("content-length", promised)), pieces(sizes, breaks))]);
        let (length, result) = read(pipeline.open(&get()).await.unwrap()).await;
        assert_eq!(length, read_before, "{promised}");
        assert_eq!(result.err().map(|error| error.kind()), kind, "{promised}");
    }
}

#[tokio::test]
async fn a_body_that_stops_coming_is_a_timeout() {
    let stalled = futures_util::stream::iter([Ok(Bytes::from_static(b"a"))])
        .chain(futures_util::stream::pending());
    let (pipeline, _, clock) = pipeline([answer(200, None, Body::from_stream(stalled))]);
    let mut incoming = pipeline.open(&get()).await.unwrap();
    assert_eq!(incoming.chunk().await.unwrap().unwrap(), "a");
    // A slow reader is not the server's fault: the time counts from the asking on.
    clock.advance(Duration::from_secs(100));
    let waiting = tokio::spawn(async move { incoming.chunk().await.unwrap_err() });
    while clock.slept().len() < 3 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(11));
    assert_eq!(waiting.await.unwrap().kind(), Kind::Timeout);
}

#[tokio::test]
async fn a_refusal_is_read_whole_and_typed() {
    let (pipeline, ..) = pipeline([answer(404, None, Bytes::from_static(b"gone").into())]);
    let error = pipeline.open(&get()).await.unwrap_err();
    assert_eq!((error.kind(), error.body()), (Kind::NotFound, &b"gone"[..]));
}

fn redirect(location: &str) -> HttpResponse {
    answer(302, Some(("location", location)), Bytes::new().into())
}

#[tokio::test]
async fn a_redirect_is_followed_where_it_is_allowed_and_no_further() {
    let good = || answer(200, None, Bytes::from_static(b"{}").into());
    let (pipeline1, fake, _) = pipeline([redirect("/other/1"), redirect("2?x=1"), good()]);
    let request = get().follow_redirects(2);
    assert_eq!(pipeline1.send(&request).await.unwrap().body(), "{}");
    let asked =
        ["/api/file", "/other/1", "/other/2?x=1"].map(|path| format!("http://127.0.0.1:1{path}"));
    assert_eq!(*fake.asked.lock().unwrap(), asked);

    for (answers, request, times) in [
        // One too many.
        (vec![redirect("/1"), redirect("/2"), redirect("/3")], get().follow_redirects(2), 3),
        // Another host gets nothing.
        (vec![redirect("http://127.0.0.2:1/1")], get().follow_redirects(2), 1),
        (vec![redirect("https://evil.example/")], get().follow_redirects(2), 1),
        // Not allowed at all.
        (vec![redirect("/1")], get(), 1),
    ] {
        let (pipeline, fake, _) = pipeline(answers);
        let error = pipeline.send(&request).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Redirect);
        assert_eq!(fake.asked.lock().unwrap().len(), times);
    }
}

#[tokio::test]
async fn what_breaks_off_tells_all_attempts() {
    let answers = [answer(503, None, Bytes::new().into()), answer(200, None, pieces(&[5], true))];
    let (pipeline, ..) = pipeline_with(answers, RetryPolicy::default(), ManualClock::auto());
    let request = Request::new("download", Method::GET, "files");
    let incoming = pipeline.open(&request).await.unwrap();
    // The pieces have no time to wait for, so a clock that jumps does no harm.
    let (length, result) = read(incoming).await;
    let error = result.unwrap_err();
    assert_eq!((length, error.kind(), error.attempts()), (5, Kind::Interrupted, 2));
}
