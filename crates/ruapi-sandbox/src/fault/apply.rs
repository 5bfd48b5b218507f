//! Plays a fault on a request.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;

use super::FaultKind;
use crate::api::Api;
use crate::load::Stalled;
use crate::reply;
use crate::wire::Valve;

const JSON: &str = "application/json; charset=utf-8";

/// Longer bodies leave in pieces of this size.
const PIECE: usize = 16 * 1024;

/// Answers the request as the fault demands; `next` is the API's handler.
pub(crate) async fn apply(
    kind: FaultKind,
    request: Request,
    next: Next,
    api: &impl Api,
    stalled: &Stalled,
) -> Response {
    match kind {
        FaultKind::Status { status, retry_after, body, content_type, processed } => {
            settle(processed, request, next).await;
            let mut response = reply::typed(status_code(status), "", body);
            response.headers_mut().insert(header::CONTENT_TYPE, header_value(&content_type));
            if let Some(delay) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, header_value(&delay));
            }
            response
        }
        FaultKind::ApiError { code, message } => {
            settle(false, request, next).await;
            api.error(&code, message.as_deref())
        }
        FaultKind::Delay { millis } => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            next.run(request).await
        }
        FaultKind::Stall { processed } => {
            settle(processed, request, next).await;
            match stalled.hang().await {}
        }
        FaultKind::Cut { processed, after_bytes, reset } => {
            let valve = request.extensions().get::<Arc<Valve>>().cloned();
            let response = if processed {
                next.run(request).await
            } else {
                settle(false, request, next).await;
                oversized((after_bytes as u64).saturating_add(PIECE as u64), true)
            };
            valve.expect("every connection has a valve").cut_after(after_bytes, reset);
            response
        }
        FaultKind::Truncate { bytes } => {
            let (response, body) = split(next.run(request).await).await;
            with_body(response, body.slice(..bytes.min(body.len())))
        }
        FaultKind::Garbage { processed } => {
            settle(processed, request, next).await;
            reply::typed(StatusCode::OK, JSON, &b"\x1f\x8b\x08\xff\xfe}\x00{\"status\": 20"[..])
        }
        FaultKind::Html { status, processed } => {
            settle(processed, request, next).await;
            reply::html(status_code(status))
        }
        FaultKind::Oversized { bytes, declared, processed } => {
            settle(processed, request, next).await;
            oversized(bytes, declared)
        }
        FaultKind::Deep { depth, processed } => {
            settle(processed, request, next).await;
            let inside = match depth {
                0 => "null".to_owned(),
                _ => "[".repeat(depth) + &"]".repeat(depth),
            };
            let body = format!("{{\"deep\":{inside}}}");
            reply::typed(StatusCode::OK, JSON, body)
        }
        FaultKind::Redirect { status, location, processed } => {
            settle(processed, request, next).await;
            let mut response = reply::html(status_code(status));
            response.headers_mut().insert(header::LOCATION, header_value(&location));
            response
        }
        FaultKind::WrongContentType => {
            let mut response = next.run(request).await;
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response
        }
        FaultKind::Drip { chunk, millis } => {
            let (response, body) = split(next.run(request).await).await;
            let length = body.len();
            let mut response = with_body(response, drip(body, chunk, millis));
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            response
        }
        FaultKind::TokenRevoked => {
            let (parts, body) = request.into_parts();
            api.revoke_token(&parts);
            next.run(Request::from_parts(parts, body)).await
        }
    }
}

/// Lets the handler work and drops its answer, or else only takes the request off the wire: unread
/// bytes would turn the end of a connection into a reset.
async fn settle(processed: bool, request: Request, next: Next) {
    if processed {
        next.run(request).await;
    } else {
        let mut body = request.into_body();
        // A body that breaks off needs no answer.
        while let Some(Ok(_)) = body.frame().await {}
    }
}

async fn split(response: Response) -> (Response, Bytes) {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = to_bytes(body, usize::MAX).await.expect("the sandbox's own answers do not fail");
    (Response::from_parts(parts, Body::empty()), body)
}

fn with_body(response: Response, body: impl Into<Body>) -> Response {
    response.map(|_| body.into())
}

fn oversized(bytes: u64, declared: bool) -> Response {
    const BEGIN: &[u8] = br#"{"status":200,"count":1,"filler":""#;
    static FILLER: [u8; PIECE] = [b'0'; PIECE];
    let body = stream::unfold(0, move |sent: u64| async move {
        let piece = if sent == 0 { BEGIN } else { &FILLER };
        let rest = usize::try_from(bytes - sent).unwrap_or(usize::MAX);
        let piece = &piece[..piece.len().min(rest)];
        (!piece.is_empty()).then(|| (Bytes::from_static(piece), sent + piece.len() as u64))
    });
    let body = Body::from_stream(body.map(Ok::<_, std::convert::Infallible>));
    let mut response = reply::typed(StatusCode::OK, JSON, body);
    if declared {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    }
    response
}

fn drip(body: Bytes, chunk: usize, millis: u64) -> Body {
    let drops = stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(millis)).await;
        let drop = rest.split_to(chunk.min(rest.len()));
        Some((Ok::<_, std::convert::Infallible>(drop), rest))
    });
    Body::from_stream(drops)
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("checked when the fault was injected")
}

fn header_value(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("checked when the fault was injected")
}
