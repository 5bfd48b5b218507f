//! Partners to be checked: sound ones on the crate's own server, and the same with something broken.

#![allow(dead_code, reason = "each test program uses some of it")]

pub(crate) mod checking;
mod rich;

#[path = "../../../osago-offer/examples/shop/mod.rs"]
mod shop;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use osago_offer::server::{Guard, Routes};
use serde_json::Value;
use tokio::task::JoinHandle;

pub(crate) use shop::TOKEN;

/// What was asked.
pub(crate) struct Asked {
    /// As in the document, such as `GET osago/offer`.
    pub(crate) operation: String,
    pub(crate) query: String,
    pub(crate) token: Option<String>,
    pub(crate) body: Value,
    /// How often this operation was asked before.
    pub(crate) before: usize,
}

/// What is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media: &'static str,
    pub(crate) body: Value,
    /// In place of the body, where it is no JSON.
    pub(crate) text: Option<String>,
}

/// Breaks answers.
pub(crate) type Break = Arc<dyn Fn(&Asked, &mut Answer) + Send + Sync>;

pub(crate) struct Partner {
    pub(crate) url: String,
    counters: Arc<Counters>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Counters {
    asked: std::sync::Mutex<std::collections::HashMap<String, usize>>,
    total: AtomicUsize,
}

impl Drop for Partner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Partner {
    /// The example of the crate.
    pub(crate) async fn shop() -> Self {
        Self::broken(|_, _| {}).await
    }

    /// The example of the crate, with something broken.
    pub(crate) async fn broken(
        broken: impl Fn(&Asked, &mut Answer) + Send + Sync + 'static,
    ) -> Self {
        let guard = Guard::bearer(TOKEN.into()).expect("a guard");
        Self::serve(Routes::new(Arc::new(shop::Shop::default()), guard).router(), broken).await
    }

    /// One whose offers have upsales for every rule, with something broken.
    pub(crate) async fn rich(broken: impl Fn(&Asked, &mut Answer) + Send + Sync + 'static) -> Self {
        Self::rich_for(Guard::bearer(TOKEN.into()).expect("a guard"), broken).await
    }

    /// The same for others than usual.
    pub(crate) async fn rich_for(
        guard: Guard,
        broken: impl Fn(&Asked, &mut Answer) + Send + Sync + 'static,
    ) -> Self {
        Self::serve(Routes::new(Arc::new(rich::Rich::default()), guard).router(), broken).await
    }

    async fn serve(
        router: Router,
        broken: impl Fn(&Asked, &mut Answer) + Send + Sync + 'static,
    ) -> Self {
        let counters = Arc::new(Counters::default());
        let broken: Break = Arc::new(broken);
        let state = (counters.clone(), broken);
        let router = router.layer(from_fn_with_state(state, pass));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let task =
            tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        Self { url, counters, task }
    }

    pub(crate) fn requests_total(&self) -> usize {
        self.counters.total.load(Ordering::Relaxed)
    }

    /// How often an operation was asked.
    pub(crate) fn asked(&self, operation: &str) -> usize {
        self.counters.asked.lock().expect("no panic").get(operation).copied().unwrap_or_default()
    }
}

async fn pass(
    State((counters, broken)): State<(Arc<Counters>, Break)>,
    request: Request,
    next: Next,
) -> Response {
    counters.total.fetch_add(1, Ordering::Relaxed);
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 4 << 20).await.unwrap_or_default();
    let operation = format!("{} {}", head.method, head.uri.path().trim_start_matches('/'));
    let before = {
        let mut asked = counters.asked.lock().expect("no panic");
        let count = asked.entry(operation.clone()).or_default();
        *count += 1;
        *count - 1
    };
    let token = head.headers.get(header::AUTHORIZATION);
    let asked = Asked {
        operation,
        query: head.uri.query().unwrap_or_default().to_owned(),
        token: token.and_then(|token| token.to_str().ok()).map(str::to_owned),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        before,
    };
    let response = next.run(Request::from_parts(head, Body::from(body))).await;
    let (mut head, body) = response.into_parts();
    let body = to_bytes(body, 4 << 20).await.expect("an answer");
    let mut answer = Answer {
        status: head.status.as_u16(),
        media: "application/json",
        body: serde_json::from_slice(&body).expect("JSON"),
        text: None,
    };
    broken(&asked, &mut answer);
    head.status = StatusCode::from_u16(answer.status).expect("a status");
    head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.media));
    head.headers.remove(header::CONTENT_LENGTH);
    let text = answer.text.unwrap_or_else(|| answer.body.to_string());
    Response::from_parts(head, Body::from(text))
}
