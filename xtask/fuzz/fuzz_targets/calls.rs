//! Whole answers, headers and all, on their way through the clients: redirects, `Retry-After`, lengths,
//! links to the next page, error envelopes, answers that are understood in part. The first byte picks the
//! call; then come the answers, one after another, each as a status, headers, an empty line and a body.
#![no_main]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use epgu_gusmev::{FileLink, OrderId};
use futures_util::{FutureExt, Stream, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use ruapi_core::test_util::{ManualClock, everything_shown};
use ruapi_core::transport::{HttpRequest, HttpResponse, Phase, Transport, TransportError};
use ruapi_core::{
    Api, BoxFuture, Credential, Error, Options, Pipeline, Request, RetryPolicy, classify_by_status,
};
use ruapi_fuzz::pick;
use secrecy::SecretString;
use serde::Serialize;
use shtrafovnet_client::{Identity, Login, ValidationErrors};

const TOKEN: &str = "planted-token-of-32-characters-0";
const BASE: &str = "https://api.example.ru/base/";
/// Between two answers.
const SEPARATOR: u8 = 0x1e;
const MOST_ANSWERS: usize = 16;

type Play = fn(Arc<Answers>) -> BoxFuture<'static, ()>;

const CALLS: &[Play] = &[
    |answers| Box::pin(async move { shown(core(answers).send(&question()).await) }),
    |answers| Box::pin(read_in_pieces(answers)),
    |answers| {
        Box::pin(async move {
            let user = "user@test.ru".parse().expect("an address");
            all(shtrafovnet(answers, token()).user_fines(&user).items()).await;
        })
    },
    |answers| {
        Box::pin(async move {
            let call = shtrafovnet(answers, token()).create_car("3620848236", "a001aa777");
            let result = call.await;
            if let Err(error) = &result {
                let _ = ValidationErrors::of(error).iter().count();
            }
            shown(result);
        })
    },
    |answers| {
        Box::pin(async move {
            let login = Login::new("user@test.ru", TOKEN.to_owned());
            shown(shtrafovnet(answers, login.into()).account().await);
        })
    },
    |answers| {
        Box::pin(async move {
            let scan = shtrafovnet(answers, token()).scan_status(&"7".into());
            shown(scan.await);
        })
    },
    |answers| {
        Box::pin(async move {
            let plate: nsso_client::PlateNumber = "А111АА11".parse().expect("a plate");
            let token = nsso_client::Token::new(TOKEN).expect("a token");
            let builder = nsso_client::Client::builder(token).base_url(BASE);
            let client = builder.options(answers.options()).build().expect("a client");
            shown(client.check(&plate).retry_try_later(true).await);
        })
    },
    |answers| {
        Box::pin(async move {
            let orders = [7, 764_607_248].map(|number| OrderId::new(number).expect("not zero"));
            let call = epgu(answers).statuses(orders);
            written(call.clone().await.map(epgu_gusmev::Response::into_inner));
            all(call.items()).await;
        })
    },
    |answers| {
        Box::pin(async move {
            // It is open to everybody: what never got the token cannot show it.
            let call = epgu(answers).dictionary("x");
            if let Ok(page) = call.clone().page(1).await {
                serde_json::to_string(&*page).expect("a model can be written");
            }
            let _: Vec<_> = call.tree().items().collect().await;
        })
    },
    |answers| {
        Box::pin(async move {
            let after = chrono::DateTime::from_timestamp(1_756_198_800, 0).expect("a moment");
            all(epgu(answers).updated_after(after).items()).await;
        })
    },
    |answers| {
        Box::pin(async move {
            let order = OrderId::new(7).expect("not zero");
            written(epgu(answers).order(order).await.map(epgu_gusmev::Response::into_inner));
        })
    },
    |answers| {
        Box::pin(async move {
            shown(epgu(answers).cancel(OrderId::new(7).expect("not zero")).await);
        })
    },
    |answers| {
        Box::pin(async move {
            let link = FileLink::new(7, 3, "a.pdf").expect("a link");
            let mut file = Vec::new();
            let length = epgu(answers).download(&link).to_writer(&mut file).await;
            assert!(length.as_ref().map_or(true, |length| *length == file.len() as u64));
            shown(length);
        })
    },
    |answers| {
        Box::pin(async move {
            let key = osago_offer::OfferKey::new("550e8400-e29b-41d4-a716-446655440000", "1");
            let result = osago(answers).offer(&key).await;
            if let Err(error) = &result {
                let _ = osago_offer::StandardError::of(error);
            }
            shown(result);
        })
    },
    |answers| {
        Box::pin(async move {
            let key = osago_offer::OfferKey::new("550e8400-e29b-41d4-a716-446655440000", "1");
            let policy = osago(answers).policy(&key).wait().await;
            if let Ok(Some(file)) = policy.as_ref().map(|policy| &policy.file) {
                let _ = file.pdf_up_to(1 << 16);
            }
            shown(policy);
        })
    },
];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((call, data)) = pick(data, CALLS.len()) else { return };
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    }
    let answers = Answers::new(data);
    RUNTIME.with(|runtime| runtime.block_on(CALLS[call](answers)));
});

/// A server that gives its answers one after another, and then none.
#[derive(Debug)]
struct Answers(Mutex<VecDeque<HttpResponse>>);

impl Answers {
    fn new(data: &[u8]) -> Arc<Self> {
        let answers = data.split(|byte| *byte == SEPARATOR).take(MOST_ANSWERS);
        Arc::new(Self(Mutex::new(answers.filter_map(answer).collect())))
    }

    fn options(self: Arc<Self>) -> Options {
        let clock = Arc::new(ManualClock::auto());
        Options::new().transport(self).clock(clock).max_body(1 << 16)
    }
}

/// `200`, a line for each header, an empty line, the body.
fn answer(text: &[u8]) -> Option<HttpResponse> {
    let end = text.windows(2).position(|two| two == b"\n\n")?;
    let (head, body) = (&text[..end], &text[end + 2..]);
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = StatusCode::from_bytes(lines.next()?).ok()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        headers.append(name, HeaderValue::from_bytes(&line[colon + 1..]).ok()?);
    }
    Some(HttpResponse::new(status, headers, Bytes::copy_from_slice(body).into()))
}

impl Transport for Answers {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        // Wherever an answer leads, the credential stays with the server that it is for.
        assert!(request.url.starts_with("https://api.example.ru/"), "{}", request.url);
        let next = self.0.lock().expect("nobody panicked").pop_front();
        Box::pin(async move { next.ok_or_else(|| TransportError::new(Phase::Connect, None)) })
    }
}

fn token() -> Identity {
    Identity::Token(TOKEN.into())
}

fn core(answers: Arc<Answers>) -> Pipeline {
    let api = Api {
        user_agent: "fuzz",
        timeout: std::time::Duration::from_secs(30),
        deadline: std::time::Duration::from_secs(120),
        retry: RetryPolicy::default(),
        max_body: 1 << 16,
        classify: classify_by_status,
    };
    let credential = Credential::query_key("token", SecretString::from(TOKEN));
    Pipeline::new(api, BASE, credential, answers.options()).expect("a pipeline")
}

fn question() -> Request {
    Request::new("test", Method::GET, "a/b").query("c", "d").follow_redirects(5)
}

async fn read_in_pieces(answers: Arc<Answers>) {
    let mut incoming = match core(answers).open(&question()).await {
        Ok(incoming) => incoming,
        Err(error) => return shown::<()>(Err(error)),
    };
    let promised = incoming.head().headers().get(header::CONTENT_LENGTH).cloned();
    let mut received = 0;
    let end = loop {
        match incoming.chunk().await {
            Ok(Some(piece)) => received += piece.len() as u64,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert!(end.is_err() || incoming.length().is_none_or(|length| length == received));
    assert!(promised.is_some() || incoming.length().is_none());
    shown(end);
}

fn shtrafovnet(answers: Arc<Answers>, identity: Identity) -> shtrafovnet_client::Client {
    let builder = shtrafovnet_client::Client::builder(identity).base_url(BASE);
    builder.options(answers.options()).build().expect("a client")
}

fn epgu(answers: Arc<Answers>) -> epgu_gusmev::Client {
    let environment = epgu_gusmev::Environment::Custom(BASE.to_owned());
    let credential = Credential::bearer(TOKEN.into()).expect("a token");
    let builder = epgu_gusmev::Client::builder(environment, credential);
    builder.options(answers.options()).build().expect("a client")
}

fn osago(answers: Arc<Answers>) -> osago_offer::Client {
    let credential = Credential::bearer(TOKEN.into()).expect("a token");
    let builder = osago_offer::Client::builder(BASE, credential);
    builder.options(answers.options()).build().expect("a client")
}

/// No error shows the token, though an answer may hold it.
fn shown<T>(result: Result<T, Error>) {
    let Err(error) = result else { return };
    let _ = (error.retry_after(), error.maybe_processed(), error.attempts());
    let shown = everything_shown(&error);
    assert!(!shown.contains(TOKEN), "{shown}");
}

/// What was understood, in part perhaps, can be written.
fn written(answer: Result<impl Serialize, Error>) {
    if let Ok(answer) = &answer {
        serde_json::to_string(answer).expect("a model can be written");
    }
    shown(answer);
}

/// A walk ends, as the answers do.
async fn all<T>(mut items: impl Stream<Item = Result<T, Error>> + Unpin) {
    while let Some(item) = items.next().await {
        shown(item);
    }
    assert!(items.next().now_or_never().is_some_and(|item| item.is_none()));
}
