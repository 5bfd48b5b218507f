//! The test notification about a new fine, which really is sent to a listener on this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::extract::{Request, State as Shared};
use axum::http::{StatusCode, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;

use super::Shtrafovnet;
use super::call::{Auth, Call, Reads, enter, take};
use super::error::{BLANK, Errors, NOT_A_CHOICE, Refusal};
use super::fines;
use super::form::{Field, Item};
use super::input::ascii_url;
use crate::draw::uuid;

/// How long, in real time, the listener may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What became of a notification: see [`Shtrafovnet::deliveries`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Delivery {
    /// The notification's id.
    pub id: String,
    /// `postback` or `fcm`.
    pub kind: String,
    /// The fine that it is about.
    pub fine: u64,
    /// Where it was to go, if that is known.
    pub url: Option<String>,
    /// The status that was answered.
    pub status: Option<u16>,
    /// Why it was not delivered.
    pub reason: Option<String>,
}

struct Notification {
    delivery: Delivery,
    body: Vec<u8>,
    answer: Response,
}

/// Answered once the notification was delivered, or could not be.
pub(super) async fn create(Shared(api): Shared<Shtrafovnet>, request: Request) -> Response {
    let (parts, bytes) = take(request).await;
    let prepared = enter(&api, Auth::Bearer, Reads::Json, "", &parts, &bytes, prepare);
    let mut notification = match prepared {
        Ok(notification) => notification,
        Err(refusal) => return refusal.response(),
    };
    let delivery = &mut notification.delivery;
    let outcome = match (&delivery.url, delivery.kind.as_str()) {
        (_, "fcm") => Err("the sandbox does not send to FCM".to_owned()),
        (None, _) => Err("the company has no `callback_url`".to_owned()),
        (Some(url), _) => deliver(url, notification.body).await,
    };
    match outcome {
        Ok(status) => delivery.status = Some(status),
        Err(reason) => delivery.reason = Some(reason),
    }
    api.lock().deliveries.push(notification.delivery);
    notification.answer
}

fn prepare(call: &mut Call<'_>) -> Result<Notification, Refusal> {
    let body = call.body();
    let mut errors = Errors::default();
    let kind = body.needed("type", &mut errors);
    if !errors.has("type") && !matches!(kind.as_str(), "postback" | "fcm") {
        errors.add("type", NOT_A_CHOICE);
    }
    let id = body.number("fine_id", &mut errors).value();
    let fine = id.and_then(|id| fines::find(call, id));
    if fine.is_none() && !errors.has("fine_id") {
        errors.add("fine_id", if id.is_none() { BLANK } else { "The fine is not found." });
    }
    errors.check()?;
    let fine = fine.ok_or_else(Refusal::not_found)?;

    let number = call.state.created.notifications;
    call.state.created.notifications += 1;
    let url = call.account().company.callback_url.clone().filter(|_| kind == "postback");
    let delivery =
        Delivery { id: uuid(number, 601), kind, fine: fine.id, url, status: None, reason: None };
    let modern = call.state.settings.modern_forms;
    // The document does not say what is posted.
    let body = serde_json::to_vec(&Posted { fine: fine.alone().printed(modern) });
    let item = Item::of(vec![
        ("id", (&delivery.id).into()),
        ("message", Field::from("Notification created successfully")),
    ]);
    let answer = call.answer(StatusCode::CREATED, &item);
    Ok(Notification { delivery, body: body.unwrap_or_default(), answer })
}

#[derive(Serialize)]
struct Posted<F> {
    fine: F,
}

/// The address, if it is on this machine.
fn loopback(uri: &Uri) -> Option<SocketAddr> {
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let host = uri.host()?;
    let address = match host {
        "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        _ => host.trim_start_matches('[').trim_end_matches(']').parse().ok()?,
    };
    let port = uri.port_u16().unwrap_or(80);
    address.is_loopback().then_some(SocketAddr::new(address, port))
}

/// Posts the body; the status that was answered, or why there is none.
async fn deliver(url: &str, body: Vec<u8>) -> Result<u16, String> {
    let uri: Uri = ascii_url(url).parse().map_err(|_| "the `callback_url` is no URL".to_owned())?;
    let address = loopback(&uri).ok_or("only http on a loopback address is contacted")?;
    let posting = tokio::time::timeout(PATIENCE, post(&uri, address, body));
    posting.await.map_err(|_| "no answer in time".to_owned())?.map_err(|error| error.to_string())
}

async fn post(
    uri: &Uri,
    address: SocketAddr,
    body: Vec<u8>,
) -> Result<u16, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = hyper::Request::post(target)
        .header(header::HOST, address.to_string())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))?;
    // It ends when the sender is dropped.
    tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    // A listener may wait until its answer is read.
    let _ = response.into_body().collect().await;
    Ok(status)
}
