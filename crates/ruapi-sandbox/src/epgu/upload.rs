//! Archives: sent at once, or in chunks.

use std::io::Cursor;

use axum::extract::{Request, State as Shared};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};

use super::call::{Answer, authorise, take};
use super::error::Refusal;
use super::input::{Form, Meta};
use super::kinds::ErrorCode;
use super::settings::Settings;
use super::spool::Spool;
use super::state::{State, Upload};
use super::{Epgu, archive};

/// What a form may have besides its file.
const AROUND: u64 = 64 * 1024;

pub(super) async fn push(Shared(api): Shared<Epgu>, request: Request) -> Response {
    let answer = async {
        let (user, mut form, settings) = enter(&api, request).await?;
        let meta = form.needed_meta()?;
        let file = form.needed_file()?;
        if file.len() as u64 > settings.push_most_bytes {
            return Err(too_large(settings.push_most_bytes));
        }
        work(move || push_whole(&api, user, &meta, &file)).await
    };
    answer.await.unwrap_or_else(|refusal| refusal.response())
}

fn push_whole(api: &Epgu, user: u64, meta: &Meta, file: &[u8]) -> Answer {
    let settings = api.lock().settings.clone();
    let checked = archive::check(Cursor::new(file), &settings);
    let mut state = api.lock();
    let now = api.clock.now();
    let id = state.create(user, meta, now)?;
    state.send(id, checked, file.len() as u64, crc32fast::hash(file), now)?;
    Ok(state.answer_id(StatusCode::OK, id))
}

pub(super) async fn push_chunk(Shared(api): Shared<Epgu>, request: Request) -> Response {
    let answer = async {
        let (user, mut form, settings) = enter(&api, request).await?;
        let chunk = Chunk::read(&mut form, user, &settings)?;
        work(move || chunk.take(&api)).await
    };
    answer.await.unwrap_or_else(|refusal| refusal.response())
}

/// What both have in common: the user, the form, the present settings.
async fn enter(api: &Epgu, request: Request) -> Result<(u64, Form, Settings), Refusal> {
    let settings = api.lock().settings.clone();
    let most = settings.push_most_bytes.max(settings.chunk_most_bytes);
    let (parts, body): (Parts, _) = take(request, most + AROUND).await;
    let user = authorise(api, &mut api.lock(), &parts)?;
    let body = body.ok_or_else(|| too_large(most))?;
    let form = Form::read(&parts, body).await?;
    Ok((user, form, settings))
}

/// Does it even if the client goes away, and lets others work meanwhile.
async fn work(work: impl FnOnce() -> Answer + Send + 'static) -> Answer {
    let answer = tokio::task::spawn_blocking(work).await;
    answer.unwrap_or_else(|_| Err(Refusal::of(ErrorCode::InternalError)))
}

fn too_large(most: u64) -> Refusal {
    Refusal::bad(format!("file: ожидается не более {most} байт"))
}

/// A part of an archive: table 10.
struct Chunk {
    order: u64,
    user: u64,
    number: u64,
    chunks: u64,
    meta: Option<Meta>,
    bytes: Bytes,
}

impl Chunk {
    fn read(form: &mut Form, user: u64, settings: &Settings) -> Result<Self, Refusal> {
        let order = form.number("orderId")?;
        let order = order.ok_or_else(|| Refusal::bad("orderId: параметр обязателен"))?;
        let meta = form.meta()?;
        if settings.chunk_meta_required {
            form.needed_meta()?;
        }
        let (number, chunks) = match (form.number("chunk")?, form.number("chunks")?) {
            (Some(number), Some(chunks)) => (number, chunks),
            // Both may be left out where there is but one.
            (None, None) => (0, 1),
            (None, Some(_)) => return Err(Refusal::bad("chunk: параметр обязателен")),
            (Some(_), None) => return Err(Refusal::bad("chunks: параметр обязателен")),
        };
        if number >= chunks {
            let last = chunks.saturating_sub(1);
            return Err(Refusal::bad(format!("chunk: ожидается число от 0 до {last}")));
        }
        let bytes = form.needed_file()?;
        let (length, is_last) = (bytes.len() as u64, number + 1 == chunks);
        if length > settings.chunk_most_bytes {
            return Err(too_large(settings.chunk_most_bytes));
        }
        if !is_last && length < settings.chunk_least_bytes {
            let least = settings.chunk_least_bytes;
            return Err(Refusal::bad(format!("file: ожидается не менее {least} байт")));
        }
        Ok(Self { order, user, number, chunks, meta, bytes })
    }

    fn is_last(&self) -> bool {
        self.number + 1 == self.chunks
    }

    fn take(&self, api: &Epgu) -> Answer {
        let mut state = api.lock();
        let now = api.clock.now();
        if let Some(partial) = self.add(&mut state, now)? {
            return Ok(partial);
        }
        // Complete; nobody else can add to it any more.
        let upload = state.uploads.remove(&self.order);
        let upload = upload.ok_or_else(|| Refusal::of(ErrorCode::InternalError))?;
        if let Some(order) = state.orders.get_mut(&self.order) {
            order.taken = true;
        }
        let settings = state.settings.clone();
        drop(state);

        let (whole, length, crc32) = upload.spool.assemble();
        let checked = archive::check(whole, &settings);
        let mut state = api.lock();
        state.send(self.order, checked, length, crc32, now)?;
        Ok(state.answer_id(StatusCode::OK, self.order))
    }

    /// Checks a chunk and keeps it; answers, if more are to come.
    fn add(&self, state: &mut State, now: DateTime<Utc>) -> Result<Option<Response>, Refusal> {
        self.check_order(state)?;
        // Whoever gave up leaves nothing behind.
        let over: Vec<_> = state
            .uploads
            .iter()
            .filter(|(_, upload)| upload.ends < now)
            .map(|(id, _)| *id)
            .collect();
        let was_late = over.contains(&self.order);
        for id in over {
            state.uploads.remove(&id);
        }
        if self.number == 0 && !state.uploads.contains_key(&self.order) {
            let time = TimeDelta::seconds(i64::from(state.settings.upload_seconds));
            let upload = Upload { chunks: self.chunks, ends: now + time, spool: Spool::new() };
            state.uploads.insert(self.order, upload);
        }
        let upload = state.uploads.get_mut(&self.order);
        let upload = upload.ok_or_else(|| {
            Refusal::bad(if was_late {
                "chunk: время отправки всех чанков истекло"
            } else {
                "chunk: первым отправляется первый чанк"
            })
        })?;
        if upload.chunks != self.chunks {
            return Err(Refusal::bad(format!("chunks: ожидается {}", upload.chunks)));
        }
        if upload.spool.has(self.number) {
            if !upload.spool.has_same(self.number, &self.bytes) {
                return Err(Refusal::bad("file: чанк с этим номером уже отправлен"));
            }
            state.counts.chunks_repeated += 1;
        } else {
            if self.is_last() && upload.spool.len() + 1 != self.chunks {
                return Err(Refusal::bad("chunk: последним отправляется последний чанк"));
            }
            let kept = upload.spool.add(self.number, &self.bytes);
            kept.map_err(|_| Refusal::of(ErrorCode::InternalError))?;
        }
        state.counts.chunks_received += 1;
        let partial = state.answer_id(StatusCode::PARTIAL_CONTENT, self.order);
        Ok((!self.is_last()).then_some(partial))
    }

    /// There is such an application, of this user and for this service, and it was not sent yet.
    fn check_order(&self, state: &mut State) -> Result<(), Refusal> {
        let order = state.order(self.order, self.user)?.ok_or_else(Refusal::nothing)?;
        let sent = order.taken || !order.is_draft();
        let fits = self
            .meta
            .as_ref()
            .is_none_or(|meta| meta.service == order.service && meta.target == order.target);
        let service = order.service.clone();
        if sent {
            state.counts.duplicate_submissions += u64::from(self.is_last());
            let refusal = Refusal::bad("orderId: заявление уже отправлено");
            return Err(refusal.with_status(StatusCode::CONFLICT));
        }
        if !fits {
            return Err(Refusal::bad("meta: заявление создано с другими параметрами"));
        }
        match state.settings.services.get(&service) {
            Some(code) => Err(Refusal::of(*code)),
            None => Ok(()),
        }
    }
}
