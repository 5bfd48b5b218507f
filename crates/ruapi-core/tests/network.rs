//! The built-in transport against servers that misbehave on real sockets.

use std::error::Error as _;
use std::time::Duration;

use http::Method;
use ruapi_core::test_util::everything_shown;
use ruapi_core::{
    Api, Credential, Error, Kind, Options, Pipeline, RawResponse, Request, RetryPolicy,
    classify_by_status,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

/// Serves connections one after another: reads a request's head, writes `answer`, closes.
async fn serve(answer: impl AsRef<[u8]> + Send + 'static) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match connection.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            let _ = connection.write_all(answer.as_ref()).await;
            let _ = connection.shutdown().await;
        }
    });
    (base, server)
}

fn pipeline(base: &str, options: Options) -> Pipeline {
    let api = Api {
        user_agent: "test/1",
        timeout: Duration::from_secs(60),
        deadline: Duration::from_secs(60),
        retry: RetryPolicy::never(),
        max_body: 10_000,
        classify: classify_by_status,
    };
    let credential = Credential::query_key("key", "planted-key".to_owned().into());
    Pipeline::new(api, base, credential, options).unwrap()
}

async fn send(base: &str) -> Result<RawResponse, Error> {
    pipeline(base, Options::new()).send(&Request::new("read", Method::GET, "things")).await
}

#[tokio::test]
async fn a_refused_connection_was_never_made() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let error = send(&base).await.unwrap_err();
    assert_eq!((error.kind(), error.maybe_processed()), (Kind::Connect, false));
    assert!(error.source().is_some(), "the cause is told");
    assert!(!everything_shown(&error).contains("planted-key"), "{}", everything_shown(&error));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_nobody_takes_was_never_made_however_short_the_time() {
    // The queue of connections is full with the first one: whoever comes next hears nothing.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let _first = std::net::TcpStream::connect(address).unwrap();
    for timeout in [2, 10, 60] {
        let options = Options::new().timeout(Duration::from_secs(timeout));
        let pipeline = pipeline(&format!("http://{address}/"), options);
        let error = pipeline.send(&Request::new("file", Method::POST, "things")).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (Kind::Connect, false), "{timeout} s");
    }
}

#[tokio::test]
async fn a_broken_answer_may_have_been_processed_wherever_it_breaks() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789";
    for cut in 0..whole.len() {
        let (base, server) = serve(&whole.as_bytes()[..cut]).await;
        let error = send(&base).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Interrupted, "cut after {cut} bytes: {error}");
        assert!(error.maybe_processed());
        assert!(!everything_shown(&error).contains("planted-key"), "{}", everything_shown(&error));
        server.abort();
    }
    let (base, server) = serve(whole).await;
    assert_eq!(&send(&base).await.unwrap().body()[..], b"0123456789");
    server.abort();
}

#[tokio::test]
async fn garbage_and_too_much_are_told_apart() {
    let flood = format!("HTTP/1.1 200 OK\r\ncontent-length: 10001\r\n\r\n{}", "x".repeat(10_001));
    let chunks = "2710\r\n".to_owned() + &"x".repeat(10_000) + "\r\n1\r\nx\r\n0\r\n\r\n";
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
    for (answer, kind) in [
        ("SSH-2.0-OpenSSH_9.2\r\n".to_owned(), Kind::Interrupted),
        (flood, Kind::TooLarge),
        (chunked, Kind::TooLarge),
    ] {
        let (base, server) = serve(answer).await;
        let error = send(&base).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (kind, true), "{error}");
        server.abort();
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_also_by_a_client_that_was_to_follow_it() {
    let (elsewhere, other) = serve("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let redirect =
        format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}stolen\r\ncontent-length: 0\r\n\r\n");
    let (base, server) = serve(redirect).await;

    let follower = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::limited(5))
        .default_headers(
            [("x-api-key", "planted-key".parse().unwrap())]
                .map(|(name, value)| (http::HeaderName::from_static(name), value))
                .into_iter()
                .collect(),
        );
    for options in [Options::new(), Options::new().http_client(follower).unwrap()] {
        assert!(!format!("{options:?}").contains("planted-key"), "{options:?}");
        let request = Request::new("read", Method::GET, "things");
        let error = pipeline(&base, options).send(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (Kind::Redirect, true));
        assert_eq!(error.status().map(|status| status.as_u16()), Some(302));
        assert!(!everything_shown(&error).contains("planted-key"), "{}", everything_shown(&error));
    }
    server.abort();
    other.abort();
}

#[tokio::test]
async fn odd_characters_arrive_as_they_were_meant() {
    let (base, server) = serve("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let odd = base.replace("127.0.0.1", "LOCALHOST") + "a/../b/%7e'\"|";
    let pipeline = pipeline(&odd, Options::new());
    let request = Request::new("read", Method::GET, "x/{id}").path_parameter("id", "а'б").unwrap();
    assert!(pipeline.send(&request.query("q", "'|\"")).await.is_ok());
    server.abort();
}
