//! Files: those of results, and those that were sent.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::call::{Answer, Call};
use super::error::Refusal;
use super::input::digits;
use super::kinds::{DownloadPaths, ErrorCode, Promise};
use super::order::{Order, has_result};
use crate::reply;

/// The type of what the user sent.
pub(super) const ATTACHMENT: u64 = 2;
/// The type of a result.
pub(super) const RESULT: u64 = 3;

/// The files of a result. Their names are what mnemonics are made of.
pub(super) const RESULTS: [&str; 2] = ["Справка о размере пенсии.pdf", "Приложение № 1.pdf"];

/// How long, in real time, a connection stays open before it is cut for want of bytes.
const BEFORE_THE_END: Duration = Duration::from_millis(50);

/// A prime: a piece that is lost or doubled does not go unnoticed.
const PERIOD: u64 = 251;

/// Whole periods, so that all pieces but the last are the same.
const PIECE: u64 = 256 * PERIOD;

/// A byte of every file.
pub(super) fn byte(offset: u64) -> u8 {
    (offset % PERIOD) as u8
}

pub(super) fn at_storage(call: &mut Call<'_>) -> Answer {
    download(call, DownloadPaths::Storage)
}

pub(super) fn at_gusmev(call: &mut Call<'_>) -> Answer {
    download(call, DownloadPaths::Gusmev)
}

pub(super) fn at_later(call: &mut Call<'_>) -> Answer {
    download(call, DownloadPaths::Later)
}

fn download(call: &mut Call<'_>, path: DownloadPaths) -> Answer {
    let served = call.state.settings.download_paths;
    if served != DownloadPaths::All && served != path {
        return Err(Refusal::plain(StatusCode::NOT_FOUND));
    }
    let (object, kind) = (digits(call.param(0)), digits(call.param(1)));
    let (Some(object), Some(kind)) = (object, kind) else {
        return Err(Refusal::bad("objectId, objectType: ожидаются числа"));
    };
    let mnemonic = call.query("mnemonic").filter(|mnemonic| !mnemonic.is_empty());
    let mnemonic = mnemonic.ok_or_else(|| Refusal::bad("mnemonic: параметр обязателен"))?;
    let none = || Refusal::saying(ErrorCode::NotFound, "Файл не найден");
    // A history's line has its application's number and a digit.
    let candidates = [object, object / 10, super::Epgu::EXAMPLE_ORDER];
    let orders = candidates.iter().filter_map(|id| call.state.orders.get(id));
    let mut found = orders.filter_map(|order| {
        let bytes = find(order, object, kind, &mnemonic, call)?;
        Some((order.user, bytes))
    });
    let (owner, bytes) = found.next().ok_or_else(none)?;
    if owner != call.user {
        return Err(Refusal::of(ErrorCode::OrderAccess));
    }
    call.state.counts.downloads += 1;
    let promise = match kind {
        RESULT => call.state.settings.file_promise,
        _ => Promise::Exact,
    };
    Ok(send(bytes, promise))
}

/// The length of the file, if the application has it.
fn find(order: &Order, object: u64, kind: u64, mnemonic: &str, call: &Call<'_>) -> Option<u64> {
    let events = order.events(call.now);
    let current = order.event_id(events.len().checked_sub(1)?) == object;
    match kind {
        RESULT => {
            let there = current && has_result(events.last()?.status) && RESULTS.contains(&mnemonic);
            there.then_some(call.state.settings.file_bytes)
        }
        // Their links name the application itself.
        ATTACHMENT if current || order.id == object => {
            let files = &order.archive.as_ref()?.files;
            files.iter().find(|file| file.name == mnemonic).map(|file| file.bytes)
        }
        _ => None,
    }
}

fn send(bytes: u64, promise: Promise) -> Response {
    let length = match promise {
        Promise::Exact => Some(bytes),
        Promise::Nothing => None,
        Promise::Bytes(bytes) => Some(bytes),
    };
    let piece: Bytes = (0..bytes.min(PIECE)).map(byte).collect();
    let pieces = (0..bytes)
        .step_by(PIECE as usize)
        .map(move |first| piece.slice(..(bytes - first).min(PIECE) as usize));
    // A body that ends early takes with it what has not left yet.
    let short = length.is_some_and(|length| length > bytes);
    let pause = stream::iter(short.then_some(())).then(|()| async {
        tokio::time::sleep(BEFORE_THE_END).await;
        Bytes::new()
    });
    let body = stream::iter(pieces).chain(pause).map(Ok::<_, Infallible>);
    let body = Body::from_stream(body);
    let mut response = reply::typed(StatusCode::OK, "application/octet-stream", body);
    if let Some(length) = length {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}
