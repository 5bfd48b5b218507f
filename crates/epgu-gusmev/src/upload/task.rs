//! The upload of an archive in chunks: first – middle in parallel – last.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use http::StatusCode;
use ruapi_core::{BoxFuture, Clock, Error, Kind};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::chunk::{self, OPERATION};
use super::events::{UploadEvent, UploadEvents};
use super::plan::UploadState;
use crate::archive::Archive;
use crate::client::Client;
use crate::create::Ordered;
use crate::meta::Meta;
use crate::order_id::OrderId;
use crate::reconcile::Submission;

/// How long all chunks together may take, from the first one's sending on.
pub const WINDOW: Duration = Duration::from_secs(300);

/// How many chunks are under way at once unless said otherwise.
const PARALLEL: usize = 4;
/// A forecast is made once so much has arrived.
const FORECAST_AFTER: u32 = 3;

/// An application that was filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Submitted {
    /// Its number.
    pub order: OrderId,
}

/// An upload that failed, with all that is needed to go on.
#[derive(Debug)]
#[non_exhaustive]
pub struct UploadFailed {
    /// What failed.
    pub error: Error,
    /// What arrived before.
    pub state: UploadState,
    /// The last chunk may have arrived, and the application may have been filed: settle it by
    /// [`Client::reconcile`]. If this is `false`, nothing was filed.
    pub maybe_submitted: bool,
}

impl fmt::Display for UploadFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, all) = (self.state.chunks_sent(), self.state.chunks());
        let what = if self.maybe_submitted { "may have been filed" } else { "was not filed" };
        write!(f, "application {} {what}: {sent} of {all} chunks arrived", self.state.order())
    }
}

impl std::error::Error for UploadFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The upload of an application's archive in chunks, made by [`Client::upload`]; sent when it is awaited.
///
/// The first chunk goes first, the last one last, those between in parallel. A chunk that got lost is sent
/// again; **the last one, which files the application, only after the order's details showed that it did
/// not arrive**. All of it must be through within [`WINDOW`] of the first chunk.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Upload {
    client: Client,
    order: OrderId,
    meta: Option<Meta>,
    archive: Archive,
    chunk_size: Option<u64>,
    parallel: usize,
    resumed: Option<UploadState>,
}

impl Upload {
    pub(crate) fn new(client: &Client, order: OrderId, meta: &Meta, archive: Archive) -> Self {
        Self {
            client: client.clone(),
            order,
            meta: Some(meta.clone()),
            archive,
            chunk_size: None,
            parallel: PARALLEL,
            resumed: None,
        }
    }

    /// The size of every chunk but the last, in bytes. By default the most that the edition allows.
    pub fn chunk_size(mut self, bytes: u64) -> Self {
        self.chunk_size = Some(bytes);
        self
    }

    /// How many chunks are under way at once; 4 by default. Each is held in memory.
    pub fn parallel(mut self, chunks: usize) -> Self {
        self.parallel = chunks.max(1);
        self
    }

    /// Leaves out the part `meta`: the table requires it, editions disagree.
    pub fn without_meta(mut self) -> Self {
        self.meta = None;
        self
    }

    /// Goes on with an upload that failed, from the first chunk that is missing.
    pub fn resume(mut self, state: UploadState) -> Self {
        self.resumed = Some(state);
        self
    }

    /// The upload as a stream of what happens; the last event tells its end.
    pub fn events(self) -> UploadEvents {
        let (sender, receiver) = unbounded_channel();
        UploadEvents::new(receiver, Box::pin(self.run(Some(sender))))
    }

    /// Refused: what could not be uploaded under any number.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.state().map(|_| ())
    }

    fn state(&self) -> Result<UploadState, Error> {
        let edition = self.client.edition();
        let fresh = UploadState::new(self.order, self.archive.length(), self.chunk_size, edition)?;
        let Some(resumed) = &self.resumed else { return Ok(fresh) };
        let is_same = resumed.order() == self.order && resumed.length() == self.archive.length();
        match is_same {
            true => Ok(resumed.clone()),
            false => Err(Error::input(OPERATION, "the state is of another upload")),
        }
    }

    async fn run(
        self,
        events: Option<UnboundedSender<UploadEvent>>,
    ) -> Result<Submitted, UploadFailed> {
        let state = match self.state() {
            Ok(state) => state,
            Err(error) => {
                let state = self.resumed.unwrap_or_else(|| UploadState::none(self.order));
                let maybe_submitted = state.is_doubtful();
                return Err(UploadFailed { error, state, maybe_submitted });
            }
        };
        let parallel = self.parallel;
        let run = Run::new(self, state, events);
        if run.state().is_doubtful() {
            // Nothing is sent before it is known what became of the last chunk.
            if let Some(submitted) = run.settle(None).await? {
                return Ok(submitted);
            }
        }
        let failed = |error| run.failed(error);
        if run.state().last() > 0 {
            run.send(0).await.map_err(failed)?;
        }
        let missing = run.state().missing_middle();
        let mut waiting = missing.into_iter();
        let mut under_way: FuturesUnordered<_> =
            waiting.by_ref().take(parallel).map(|chunk| run.send(chunk)).collect();
        while let Some(result) = under_way.next().await {
            result.map_err(failed)?;
            under_way.extend(waiting.next().map(|chunk| run.send(chunk)));
        }
        drop(under_way);
        run.send_last().await
    }
}

impl IntoFuture for Upload {
    type Output = Result<Submitted, UploadFailed>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run(None))
    }
}

/// An upload under way.
struct Run {
    client: Client,
    meta: Option<Meta>,
    archive: Archive,
    clock: Arc<dyn Clock>,
    /// When the five minutes are over, by the clock that only moves forward.
    end: Instant,
    began: Instant,
    state: Mutex<UploadState>,
    /// What had arrived before this run.
    before: u64,
    events: Option<UnboundedSender<UploadEvent>>,
    told_too_slow: Mutex<bool>,
}

impl Run {
    fn new(
        upload: Upload,
        mut state: UploadState,
        events: Option<UnboundedSender<UploadEvent>>,
    ) -> Self {
        let clock = upload.client.pipeline().clock().clone();
        let (now, wall) = (clock.now(), clock.wall());
        let started: SystemTime = state.start(wall);
        let passed = wall.duration_since(started).unwrap_or_default();
        Self {
            client: upload.client,
            meta: upload.meta,
            archive: upload.archive,
            end: now + WINDOW.saturating_sub(passed),
            began: now,
            clock,
            before: state.bytes_sent(),
            state: Mutex::new(state),
            events,
            told_too_slow: Mutex::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, UploadState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn left(&self) -> Duration {
        self.end.saturating_duration_since(self.clock.now())
    }

    fn failed(&self, error: Error) -> UploadFailed {
        let mut state = self.state();
        // A good answer that no chunk but the last should get may mean that the service has filed it:
        // whoever resumes asks first.
        let is_odd = error.kind() == Kind::Decode && error.status().is_some_and(|s| s.is_success());
        if is_odd {
            state.set_doubtful(true);
        }
        let state = state.clone();
        UploadFailed { maybe_submitted: state.is_doubtful(), state, error }
    }

    /// Sends a chunk that is not the last, unless it has arrived.
    async fn send(&self, chunk: u32) -> Result<(), Error> {
        if self.state().is_sent(chunk) {
            return Ok(());
        }
        self.attempt(chunk, StatusCode::PARTIAL_CONTENT).await?;
        self.arrived(chunk);
        Ok(())
    }

    /// Sends a chunk and checks what comes back.
    async fn attempt(&self, chunk: u32, expected: StatusCode) -> Result<(), Error> {
        let (state, archive, meta) =
            (self.state().clone(), self.archive.clone(), self.meta.clone());
        let order = state.order();
        let made = tokio::task::spawn_blocking(move || {
            chunk::request(&state, &archive, meta.as_ref(), chunk)
        });
        let request =
            made.await.map_err(|_| Error::input(OPERATION, "the archive was not read"))??;
        let over = |maybe_processed| {
            let detail = "the five minutes for all chunks are over";
            let error = Error::new(Kind::Timeout, OPERATION, detail).with_request(&request);
            error.with_progress(u32::from(maybe_processed), maybe_processed)
        };
        if self.left().is_zero() {
            return Err(over(false));
        }
        let sending = Box::pin(self.client.pipeline().send(&request));
        let answer = match select(sending, self.clock.sleep(self.left())).await {
            Either::Left((answer, _)) => answer?,
            Either::Right(_) => return Err(over(true)),
        };
        let status = answer.status();
        let ordered = answer.clone().decode::<Ordered>(&request)?;
        let problem = if status != expected {
            format!("expected HTTP {}, got {}", expected.as_u16(), status.as_u16())
        } else if ordered.order_id != order {
            format!("the answer is about application {}, not {order}", ordered.order_id)
        } else {
            return Ok(());
        };
        Err(Error::new(Kind::Decode, OPERATION, problem)
            .with_request(&request)
            .with_response(&answer)
            .with_progress(ordered.attempts(), true))
    }

    /// The last chunk files the application, so it is sent a second time only if it surely did not arrive.
    async fn send_last(self) -> Result<Submitted, UploadFailed> {
        let error = match self.try_last().await {
            Ok(submitted) => return Ok(submitted),
            Err(error) => error,
        };
        if !self.state().is_doubtful() {
            return Err(self.failed(error));
        }
        if let Some(submitted) = self.settle(Some(error)).await? {
            return Ok(submitted);
        }
        match self.try_last().await {
            Ok(submitted) => Ok(submitted),
            // Also a plain refusal: the service may have had the first one after all.
            Err(error) => {
                self.state().set_doubtful(true);
                Err(self.failed(error))
            }
        }
    }

    async fn try_last(&self) -> Result<Submitted, Error> {
        let (order, last) = {
            let mut state = self.state();
            // Kept before it is sent: whoever is stopped in between is in doubt.
            state.set_doubtful(true);
            (state.order(), state.last())
        };
        match self.attempt(last, StatusCode::OK).await {
            Ok(()) => {
                self.state().set_doubtful(false);
                self.arrived(last);
                Ok(Submitted { order })
            }
            Err(error) => {
                self.state().set_doubtful(error.maybe_processed());
                Err(error)
            }
        }
    }

    /// What became of a last chunk that may have arrived. `None`: it did not, and there is time to send it.
    async fn settle(&self, error: Option<Error>) -> Result<Option<Submitted>, UploadFailed> {
        let (order, last) = {
            let state = self.state();
            (state.order(), state.last())
        };
        let over = || {
            let detail = "it is not known whether the last chunk arrived";
            Error::new(Kind::Interrupted, OPERATION, detail).with_progress(0, true)
        };
        match self.client.reconcile(order).await {
            Ok(Submission::Submitted) => {
                self.state().set_doubtful(false);
                self.arrived(last);
                Ok(Some(Submitted { order }))
            }
            Ok(Submission::NotSubmitted) if !self.left().is_zero() => {
                self.state().set_doubtful(false);
                Ok(None)
            }
            Ok(Submission::NotSubmitted | Submission::Unknown) => {
                Err(self.failed(error.unwrap_or_else(over)))
            }
            Err(looking) => Err(self.failed(error.unwrap_or(looking))),
        }
    }

    fn arrived(&self, chunk: u32) {
        let mut state = self.state();
        state.arrived(chunk);
        let Some(events) = &self.events else { return };
        let (sent, all) = (state.bytes_sent(), state.length());
        let chunks = (state.chunks_sent(), state.chunks());
        drop(state);
        let left = self.left();
        // Whoever does not listen any more misses nothing.
        let _ = events.send(UploadEvent::Sent { chunks, bytes: (sent, all), left });
        let took = self.clock.now().saturating_duration_since(self.began).as_secs_f64();
        let rate = (sent - self.before) as f64 / took.max(f64::EPSILON);
        let needed =
            Duration::try_from_secs_f64((all - sent) as f64 / rate).unwrap_or(Duration::MAX);
        let mut told = self.told_too_slow.lock().unwrap_or_else(PoisonError::into_inner);
        if chunks.0 >= FORECAST_AFTER && needed > left && !*told {
            *told = true;
            let _ = events.send(UploadEvent::TooSlow { needed, left });
        }
    }
}
