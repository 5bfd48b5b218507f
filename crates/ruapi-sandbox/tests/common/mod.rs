//! What the tests share.

#![allow(dead_code, reason = "each test program uses some of it")]

pub(crate) mod epgu;
pub(crate) mod osago;
pub(crate) mod shtrafovnet;

use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use ruapi_sandbox::{Nsso, Sandbox};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const ZERO_TOKEN: &str = "00000000000000000000000000000000";

/// The query of a good request for a plate.
pub(crate) fn plate_query(plate: &str) -> Vec<(&str, &str)> {
    vec![("type", "checkPolicy"), ("gosNumber", plate), ("token", Nsso::TOKEN)]
}

pub(crate) fn example() -> Vec<(&'static str, &'static str)> {
    plate_query(Nsso::EXAMPLE_PLATE)
}

/// A good request with one parameter replaced, added or (if none) left out.
pub(crate) fn example_but<'a>(name: &'a str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let mut query: Vec<_> = example().into_iter().filter(|(known, _)| *known != name).collect();
    query.extend(value.map(|value| (name, value)));
    query
}

pub(crate) fn url(sandbox: &Sandbox, query: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<_> =
        query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    format!("{}nsso.php?{}", sandbox.nsso_url(), pairs.join("&"))
}

pub(crate) async fn send(sandbox: &Sandbox, query: &[(&str, &str)]) -> Response {
    client().get(url(sandbox, query)).send().await.unwrap()
}

pub(crate) async fn get(sandbox: &Sandbox, query: &[(&str, &str)]) -> Value {
    let response = send(sandbox, query).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json; charset=utf-8");
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The request that [`exchange`] sends.
pub(crate) async fn connect_and_ask(sandbox: &Sandbox) -> TcpStream {
    let address = sandbox.url();
    let address = address.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(&mut stream, sandbox).await;
    stream
}

pub(crate) async fn ask(stream: &mut TcpStream, sandbox: &Sandbox) {
    let target = url(sandbox, &example());
    let target = target.strip_prefix(sandbox.url().trim_end_matches('/')).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: sandbox\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// The bytes that come back until the connection ends, and how it ends.
pub(crate) async fn exchange(sandbox: &Sandbox) -> (Vec<u8>, std::io::Result<()>) {
    let mut stream = connect_and_ask(sandbox).await;
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await.map(drop);
    (bytes, end)
}

/// One whole answer with a `Content-Length`; the connection stays open.
pub(crate) async fn read_answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let count = stream.read_buf(&mut bytes).await.unwrap();
        assert!(count > 0, "the connection ended early");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .expect("a length");
            if bytes.len() == head.len() + 4 + length.parse::<usize>().unwrap() {
                return bytes;
            }
        }
    }
}
