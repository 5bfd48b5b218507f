//! `POST /api/gusmev/push/chunked`: one chunk.

use std::sync::mpsc;
use std::thread;

use http::{HeaderValue, Method, header};
use ruapi_core::{Error, Idempotency, Request};
use tokio::sync::oneshot;

use super::multipart::Multipart;
use super::plan::UploadState;
use super::push::{append, meta_json, unreadable};
use crate::archive::Archive;
use crate::meta::Meta;

pub(super) const OPERATION: &str = "POST /push/chunked";

/// The request without what it says.
pub(crate) fn chunk_head() -> Request {
    Request::new(OPERATION, Method::POST, "api/gusmev/push/chunked")
        .header(header::CONTENT_TYPE, HeaderValue::from_static("multipart/form-data"))
}

/// The request for one chunk. It reads the chunk from the archive.
pub(super) fn request(
    state: &UploadState,
    archive: &Archive,
    meta: Option<&Meta>,
    chunk: u32,
) -> Result<Request, Error> {
    let (chunks, range) = (state.chunks(), state.range(chunk));
    let length = range.end - range.start;
    let mut body = Multipart::new(length as usize);
    if let Some(meta) = meta {
        body = body.text("meta", Some("application/json"), &meta_json(OPERATION, meta)?);
    }
    body = body.text("orderId", None, &state.order().to_string());
    let name = if chunks == 1 {
        format!("{}.zip", archive.name_stem())
    } else {
        body = body.text("chunk", None, &chunk.to_string());
        body = body.text("chunks", None, &chunks.to_string());
        format!("{}.z{:03}", archive.name_stem(), chunk + 1)
    };
    let body = body
        .file("file", &name, |body| append(archive, range.start, length, body))
        .map_err(|error| unreadable(OPERATION, error))?;
    // A chunk may be sent again; the last one sets off the application.
    let idempotency = match chunk == state.last() {
        true => Idempotency::NotIdempotent,
        false => Idempotency::Idempotent,
    };
    Ok(body.finish(chunk_head().idempotency(idempotency), archive, meta))
}

/// Makes the requests for chunks, all on one thread: read on many, each thread's part of the heap would keep
/// the room of a few chunks.
pub(super) struct Reader(mpsc::Sender<Asked>);

/// A chunk that is asked for, and where its request goes.
type Asked = (UploadState, u32, oneshot::Sender<Result<Request, Error>>);

impl Reader {
    /// The thread ends with the reader.
    pub(super) fn new(archive: Archive, meta: Option<Meta>) -> Self {
        let (sender, asked) = mpsc::channel::<Asked>();
        // If there is no thread to be had, what is asked for is told so.
        let _ = thread::Builder::new().name("epgu-chunks".to_owned()).spawn(move || {
            while let Ok((state, chunk, answer)) = asked.recv() {
                let _ = answer.send(request(&state, &archive, meta.as_ref(), chunk));
            }
        });
        Self(sender)
    }

    pub(super) async fn request(&self, state: UploadState, chunk: u32) -> Result<Request, Error> {
        let (answer, made) = oneshot::channel();
        let _ = self.0.send((state, chunk, answer));
        made.await.map_err(|_| Error::input(OPERATION, "the archive was not read"))?
    }
}
