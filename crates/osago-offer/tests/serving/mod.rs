//! A partner's server on a free port of loopback, asked by the crate's client or by hand.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use osago_offer::server::{Guard, Partner, Routes};
use osago_offer::{BoxFuture, Client, Clock, Credential, Options, RetryPolicy};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) const TOKEN: &str = "not-a-real-token";

/// A server, until it is dropped.
pub(crate) struct Server {
    address: std::net::SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn start(partner: impl Partner) -> Self {
        Self::of(Self::routes(partner)).await
    }

    pub(crate) fn routes<P: Partner>(partner: P) -> Routes<P> {
        Routes::new(Arc::new(partner), Guard::bearer(TOKEN.into()).unwrap())
    }

    pub(crate) async fn of<P: Partner>(routes: Routes<P>) -> Self {
        Self::of_router(routes.router()).await
    }

    pub(crate) async fn of_router(router: axum::Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(Credential::bearer(TOKEN.into()).unwrap(), Options::new())
    }

    pub(crate) fn client_with(&self, credential: Credential, options: Options) -> Client {
        let options = options.retry(RetryPolicy::never());
        Client::builder(self.url(), credential).options(options).build().unwrap()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends this as it is; gives the answer.
    pub(crate) async fn raw(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        Answer::read(&mut stream).await
    }

    /// A request with the right credential and these headers.
    pub(crate) async fn ask(&self, head: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut text = format!("{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            text += &format!("authorization: Bearer {TOKEN}\r\n");
        }
        text += &format!("content-length: {}\r\n\r\n{body}", body.len());
        self.raw(&text).await
    }
}

/// An answer, head and body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A server that does not read on may break the connection after its answer.
        let _ = stream.read_to_end(&mut bytes).await;
        let all = String::from_utf8(bytes).unwrap();
        let (head, text) = all.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {all}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_ascii_lowercase(), text: text.to_owned() }
    }

    /// The body, which must be the standard error.
    #[track_caller]
    pub(crate) fn standard(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.head.contains("content-type: application/json"), "{self:?}");
        let body: Value = serde_json::from_str(&self.text).unwrap();
        let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        let expected: &[&str] = &["message", "properties", "request_id"];
        assert!(keys.iter().all(|key| expected.contains(key)), "{body}");
        assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        body
    }
}

/// A clock for real connections: an attempt's time limit never passes, a shorter pause at once.
#[derive(Clone)]
pub(crate) struct Impatient {
    start: Instant,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl Impatient {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), pauses: Arc::default() }
    }

    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }
}

impl fmt::Debug for Impatient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Impatient")
    }
}

impl Clock for Impatient {
    fn now(&self) -> Instant {
        self.start + self.pauses().iter().sum::<Duration>()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration > Duration::from_secs(20) {
            return Box::pin(std::future::pending());
        }
        self.pauses.lock().unwrap().push(duration);
        Box::pin(std::future::ready(()))
    }
}
