//! A request's body, read within bounds.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use futures_core::Stream;
use http::{HeaderMap, StatusCode, header};
use ruapi_core::Clock;
use serde::de::DeserializeOwned;

use super::Refusal;

/// The whole body, of `max` bytes at most and within `time`.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    max: usize,
    time: Duration,
    clock: &dyn Clock,
) -> Result<Vec<u8>, Refusal> {
    let too_large = || {
        let text = format!("the body is larger than {max} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, text)
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = announced.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    if announced > max as u64 {
        return Err(too_large());
    }
    let mut pieces = pin!(body.into_data_stream());
    let mut over = clock.sleep(time);
    let mut whole = Vec::new();
    loop {
        let next = poll_fn(|cx| {
            // The body first: what is here already beats a time limit that has just passed.
            if let Poll::Ready(piece) = pieces.as_mut().poll_next(cx) {
                return Poll::Ready(Some(piece));
            }
            over.as_mut().poll(cx).map(|()| None)
        });
        match next.await {
            Some(Some(Ok(piece))) if piece.len() > max - whole.len() => return Err(too_large()),
            Some(Some(Ok(piece))) => whole.extend_from_slice(&piece),
            Some(Some(Err(_))) => return Err(Refusal::invalid("the body broke off")),
            Some(None) => return Ok(whole),
            None => {
                let text = format!("the body took longer than {} s", time.as_secs_f32());
                return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, text));
            }
        }
    }
}

/// Whether the body is said to be JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = text.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/json")
}

/// JSON as a model; what is wrong with it names the property, never its value.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    ruapi_core::decode(body).map_err(|problem| {
        let located = problem.strip_prefix("at `").and_then(|rest| rest.split_once("`: "));
        match located {
            Some((property, message)) => {
                Refusal::invalid("the body is wrong").property(property, message)
            }
            None => Refusal::invalid(format!("the body is not what is documented: {problem}")),
        }
    })
}
