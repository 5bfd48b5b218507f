//! Planted secrets and people must not be found in anything that is shown.

use std::sync::Arc;

use bytes::Bytes;
use epgu_gusmev::test_util::{Captured, ManualClock, Planted, everything_shown};
use epgu_gusmev::transport::{HttpRequest, HttpResponse, Phase, Transport, TransportError};
use epgu_gusmev::{
    ArchiveBuilder, BoxFuture, Client, Credential, Environment, Error, FileLink, Meta, Options,
    OrderId, RetryPolicy, SyncCursor, UploadEvent,
};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;
use tracing_subscriber::fmt::format::FmtSpan;

const TOKEN: &str = "planted.token.5e1f0a9b";
const NAME: &str = "Плантов Пётр";
const USER: u64 = 7_070_707_071;
const FILE: &str = "plantov-passport";
const CONTENT: &str = "planted content of an application";
const REASON: &str = "planted reason";
const COMMENT: &str = "planted comment of the authority";

fn planted() -> Vec<(&'static str, Planted)> {
    [
        ("token", TOKEN),
        ("name", NAME),
        ("user", "7070707071"),
        ("file", FILE),
        ("content", CONTENT),
        ("reason", REASON),
        ("comment", COMMENT),
    ]
    .map(|(name, value)| (name, Planted::new(value)))
    .into()
}

/// One way in which a call may end.
#[derive(Clone, Copy, Debug)]
enum End {
    Good,
    Refused(u16),
    Html,
    Malformed,
    Interrupted,
}

const ENDS: [End; 10] = [
    End::Good,
    End::Refused(400),
    End::Refused(401),
    End::Refused(403),
    End::Refused(404),
    End::Refused(409),
    End::Refused(500),
    End::Html,
    End::Malformed,
    End::Interrupted,
];

/// A service that repeats in its words what it was sent, where that is no archive.
#[derive(Debug)]
struct Echo(End);

impl Transport for Echo {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move { self.answer(&request) })
    }
}

impl Echo {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let credential = request.headers.get("authorization");
        let credential = credential.map(|value| value.to_str().unwrap()).unwrap_or_default();
        let url = percent_encoding::percent_decode_str(&request.url).decode_utf8_lossy();
        let words = format!("{url} {} {credential}", request.url);
        let order = json!({
            "id": 7, "ownerId": USER, "userId": USER, "orgUserName": NAME, "orderStatusId": 2,
            "orderAttachmentFiles": [{"fileName": FILE, "link": format!("terrabyte://00/7/{FILE}/2")}],
            "statuses": [{"statusId": 2, "comment": COMMENT}], "new": {"name": NAME},
            "orderAttributeEvents": [{"name": "a", "newValue": NAME, "oldValue": NAME}],
            "textMessages": [{"text": COMMENT}],
        });
        let good = json!({
            "orderId": 7, "code": "OK", "message": COMMENT, "order": order.to_string(),
            "count": 1, "totalCount": 1, "content": [{"orderId": 7, "orderSearchStatus": "FOUND",
            "status": {"statusId": 2, "statusName": "x", "updated": "2022-12-21T20:49:37.672",
            "new": NAME}}], "error": {"code": 0}, "total": 1, "new": NAME,
            "items": [{"value": "1", "title": "t", "new": NAME}],
        });
        let (status, body) = match self.0 {
            End::Good => (200, good.to_string()),
            End::Refused(status) => (status, json!({"code": words, "message": words}).to_string()),
            End::Html => (200, format!("<html>{words}</html>")),
            End::Malformed => {
                let order = json!({"statuses": NAME}).to_string();
                (200, json!({"orderId": [words], "order": order, "content": words}).to_string())
            }
            End::Interrupted => return Err(TransportError::new(Phase::Interrupted, None)),
        };
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", HeaderValue::from_static(TOKEN));
        let status = StatusCode::from_u16(status).unwrap();
        Ok(HttpResponse::new(status, headers, Bytes::from(body).into()))
    }
}

fn client(end: End) -> Client {
    let credential = Credential::bearer(TOKEN.into()).unwrap();
    Client::builder(Environment::Custom("http://127.0.0.1/".into()), credential)
        .options(
            Options::new()
                .transport(Arc::new(Echo(end)))
                .clock(Arc::new(ManualClock::auto()))
                .retry(RetryPolicy::default().attempts(2)),
        )
        .build()
        .unwrap()
}

fn result<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Ok(value) => format!("{value:?} {value:#?}"),
        Err(error) => everything_shown(&error),
    }
}

#[tokio::test]
async fn nothing_planted_is_shown_anywhere() {
    let captured = Captured::default();
    let writer = captured.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();
    let meta = Meta::new("36000000000", "10000000113", "-1").unwrap();
    let order = OrderId::new(7).unwrap();
    let archive = || {
        let mut builder = ArchiveBuilder::new();
        builder.add("req.xml", CONTENT.as_bytes()).unwrap();
        builder.add(&format!("{FILE}.pdf"), CONTENT.as_bytes()).unwrap();
        builder.build_bytes(1 << 20).unwrap().with_name_stem(FILE).unwrap()
    };
    let link = FileLink::new(7, 3, FILE).unwrap();
    let mut texts: Vec<(String, String)> = Vec::new();
    for end in ENDS {
        let c = || client(end);
        let mut show =
            |name: &str, text: String| texts.push((format!("{name} after {end:?}"), text));
        show("create", format!("{:?}", c().create_order(&meta)));
        show("create", result(c().create_order(&meta).await));
        show(
            "push",
            format!("{:?} {:?}", c().push(&meta, archive()), c().push(&meta, archive()).request()),
        );
        show("push", result(c().push(&meta, archive()).await));
        let upload = c().upload(order, &meta, archive());
        show("upload", format!("{upload:?}"));
        let events: Vec<UploadEvent> = upload.events().collect().await;
        show("upload", format!("{events:?}"));
        if let Err(failed) = c().submit(&meta, archive()).with_order().await {
            show("submit", format!("{failed} {failed:?} {}", everything_shown(failed.error())));
        }
        show("cancel", format!("{:?}", c().cancel(order).reason(REASON)));
        show("cancel", result(c().cancel(order).reason(REASON).await));
        show("order", result(c().order(order).await));
        show("reconcile", result(c().reconcile(order).await));
        show("statuses", result(c().statuses([order]).await));
        show("dictionary", result(c().dictionary("BIC").await));
        show("download", format!("{:?}", c().download(&link)));
        let mut nowhere = Vec::new();
        show("download", result(c().download(&link).to_writer(&mut nowhere).await));
        let mut tracker = c().track([order].into_iter().collect());
        let told = result(tracker.next().await);
        let mut updates = c().order_updates(SyncCursor::new(chrono::Utc::now()));
        let update = updates.next().await.map(result);
        show("updates", format!("{updates:?} {:?} {update:?}", updates.cursor()));
        let lost = c().reconcile_push(&meta, &archive(), chrono::Utc::now());
        show("lost push", format!("{lost:?} {}", result(lost.clone().await)));
        show("tracker", format!("{:?} {tracker:?} {told}", tracker.state()));
        show("client", format!("{:?}", c()));
    }
    texts.push(("the archive".to_owned(), format!("{:?}", archive())));
    texts.push(("the log".to_owned(), captured.text()));
    assert!(texts.last().unwrap().1.contains("http.client"), "the log was captured");
    assert!(texts.len() > ENDS.len() * 17);
    for (place, text) in &texts {
        for (name, planted) in planted() {
            planted.assert_absent(&format!("{place} ({name})"), text);
        }
    }
}
