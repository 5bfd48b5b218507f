//! Memory does not grow with a dictionary: counted by the allocator of the whole program, so this test is
//! alone in it.

use std::alloc::System;
use std::fmt::Write;
use std::sync::Arc;

use epgu_gusmev::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use epgu_gusmev::{BoxFuture, Client, Credential, Environment, Options};
use futures_util::TryStreamExt;
use serde_json::Value;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A dictionary of so many items, which are made as they are asked for.
#[derive(Debug)]
struct Made(u64);

impl Transport for Made {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let (page, size) =
            (asked["pageNum"].as_u64().unwrap(), asked["pageSize"].as_u64().unwrap());
        let mut body = format!(r#"{{"error":{{"code":0}},"total":{},"items":["#, self.0);
        for n in (page - 1) * size..(page * size).min(self.0) {
            let comma = if n % size == 0 { "" } else { "," };
            write!(
                body,
                r#"{comma}{{"value":"{n}","title":"Элемент","attributeValues":{{"OKATO":"{n}"}}}}"#
            )
            .unwrap();
        }
        body += "]}";
        let body = bytes::Bytes::from(body);
        let answer = HttpResponse::new(http::StatusCode::OK, http::HeaderMap::new(), body.into());
        Box::pin(async move { Ok(answer) })
    }
}

/// The most bytes held at once while all items are walked over.
async fn most_held(items: u64) -> usize {
    let credential = Credential::bearer("not-a-real-token".into()).unwrap();
    let client = Client::builder(Environment::Custom("http://127.0.0.1/".into()), credential)
        .options(Options::new().transport(Arc::new(Made(items))))
        .build()
        .unwrap();
    let region = Region::new(ALLOCATOR);
    let (mut most, mut read) = (0, 0);
    let mut walk = client.dictionary("LARGE").items();
    while let Some(item) = walk.try_next().await.unwrap() {
        assert_eq!(item.value, read.to_string());
        read += 1;
        let change = region.change();
        most = most.max(change.bytes_allocated.saturating_sub(change.bytes_deallocated));
    }
    assert_eq!(read, items);
    most
}

#[tokio::test]
async fn memory_does_not_grow_with_the_dictionary() {
    let small = most_held(5_000).await;
    let large = most_held(100_000).await;
    assert!(small < 2 << 20, "{small} bytes for 5,000 items");
    // Of a page that was read only its name is remembered.
    assert!(large < small + (64 << 10), "{large} bytes for 100,000 items, {small} for 5,000");
}
