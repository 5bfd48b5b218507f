//! The course of an upload: first – middle in parallel – last, within the five minutes.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use http::StatusCode;
use ruapi_core::{Clock, Error, Kind};
use tokio::sync::mpsc::UnboundedSender;

use super::chunk::{OPERATION, Reader};
use super::events::UploadEvent;
use super::plan::UploadState;
use super::task::{Submitted, Upload, UploadFailed, WINDOW};
use crate::client::Client;
use crate::create::Ordered;
use crate::error::surely_not_there;
use crate::reconcile::{LOOKING, Submission};

/// A forecast is made once so much has arrived.
const FORECAST_AFTER: u32 = 3;
/// An attempt at a chunk gets no less time, if there is so much.
const LEAST_ATTEMPT: Duration = Duration::from_secs(60);
/// An attempt gets so many times as long as a chunk is expected to take.
const SLACK: u32 = 2;

/// An upload under way.
pub(super) struct Run {
    client: Client,
    reader: Reader,
    parallel: u32,
    clock: Arc<dyn Clock>,
    /// When the five minutes are over, by the clock that only moves forward; they begin with the first
    /// chunk.
    end: OnceLock<Instant>,
    began: Instant,
    state: Arc<Mutex<UploadState>>,
    /// Nothing had been sent before this run.
    is_fresh: bool,
    /// What had arrived before this run.
    before: u64,
    /// How long the slowest chunk took.
    slowest: Mutex<Option<Duration>>,
    events: Option<UnboundedSender<UploadEvent>>,
    told_too_slow: Mutex<bool>,
    /// When the chunk that failed last was sent.
    failed_at: Mutex<Option<SystemTime>>,
    /// After how long as `NEW` the last chunk may be sent again.
    resend_after: Option<Duration>,
}

impl Run {
    /// Runs an upload to its end.
    pub(super) async fn of(
        upload: Upload,
        state: Arc<Mutex<UploadState>>,
        events: Option<UnboundedSender<UploadEvent>>,
    ) -> Result<Submitted, UploadFailed> {
        if let Err(error) = upload.check() {
            let state = lock(&state).clone();
            let maybe_submitted = state.is_doubtful();
            let (window_over, sent_at) = (false, None);
            return Err(UploadFailed { error, state, maybe_submitted, window_over, sent_at });
        }
        let parallel = upload.parallel;
        Self::new(upload, state, events).run(parallel).await
    }

    fn new(
        upload: Upload,
        shared: Arc<Mutex<UploadState>>,
        events: Option<UnboundedSender<UploadEvent>>,
    ) -> Self {
        let clock = upload.client.pipeline().clock().clone();
        let (now, state) = (clock.now(), lock(&shared).clone());
        let end = OnceLock::new();
        if let Some(started) = state.started() {
            let passed = clock.wall().duration_since(started).unwrap_or_default();
            end.get_or_init(|| now + WINDOW.saturating_sub(passed));
        }
        Self {
            client: upload.client,
            reader: Reader::new(upload.archive, upload.meta),
            parallel: u32::try_from(upload.parallel).unwrap_or(u32::MAX),
            clock,
            end,
            began: now,
            is_fresh: state.started().is_none(),
            before: state.bytes_sent(),
            state: shared,
            slowest: Mutex::new(None),
            events,
            told_too_slow: Mutex::new(false),
            failed_at: Mutex::new(None),
            resend_after: upload.resend_after,
        }
    }

    async fn run(self, parallel: usize) -> Result<Submitted, UploadFailed> {
        let (order, last) = {
            let state = self.state();
            (state.order(), state.last())
        };
        if self.state().is_sent(last) {
            return Ok(Submitted { order });
        }
        if self.state().is_doubtful() {
            // Nothing is sent before it was asked what became of the last chunk.
            if let Some(submitted) = self.settle(None).await? {
                return Ok(submitted);
            }
        }
        let failed = |error| self.failed(error);
        if last > 0 {
            self.send(0).await.map_err(failed)?;
        }
        let missing = self.state().missing_middle();
        let mut waiting = missing.into_iter();
        let mut under_way: FuturesUnordered<_> =
            waiting.by_ref().take(parallel).map(|chunk| self.send(chunk)).collect();
        while let Some(result) = under_way.next().await {
            result.map_err(failed)?;
            under_way.extend(waiting.next().map(|chunk| self.send(chunk)));
        }
        drop(under_way);
        self.send_last().await
    }

    fn state(&self) -> MutexGuard<'_, UploadState> {
        lock(&self.state)
    }

    /// The five minutes begin, if they have not.
    fn begin(&self) {
        if self.end.get().is_none() {
            self.state().start(self.clock.wall());
            self.end.get_or_init(|| self.clock.now() + WINDOW);
        }
    }

    fn left(&self) -> Duration {
        let end = self.end.get();
        end.map_or(WINDOW, |end| end.saturating_duration_since(self.clock.now()))
    }

    /// The time for an attempt at a chunk: on a slow line much of what is left, so that nothing is cut
    /// off that would have arrived; on a fast one not all of it, so that what got stuck is sent again.
    fn time_for(&self, chunk: u32, left: Duration) -> Duration {
        let slowest = *lock(&self.slowest);
        let wanted = match slowest {
            Some(slowest) => slowest.saturating_mul(self.parallel).saturating_mul(SLACK),
            // The last one is not sent again anyway.
            None if chunk == self.state().last() => left,
            None => left / 2,
        };
        wanted.max(LEAST_ATTEMPT).min(left)
    }

    fn failed(&self, error: Error) -> UploadFailed {
        let mut state = self.state();
        // A good answer that no chunk but the last should get may mean that the service has filed it:
        // whoever resumes asks first.
        let is_odd = matches!(error.kind(), Kind::Decode | Kind::TooLarge)
            && error.status().is_some_and(|s| s.is_success());
        if is_odd {
            state.set_doubtful(true);
        }
        // The five minutes begin with a chunk that may have arrived.
        let never_left = error.kind() == Kind::Connect || error.attempts() == 0;
        let is_unsent = never_left
            && !error.maybe_processed()
            && state.chunks_sent() == 0
            && !state.is_doubtful();
        if self.is_fresh && is_unsent {
            state.unstart();
        }
        let state = state.clone();
        // Where nothing was sent they have not begun.
        let window_over = state.started().is_some() && self.left().is_zero();
        let sent_at = *lock(&self.failed_at);
        UploadFailed { maybe_submitted: state.is_doubtful(), state, error, window_over, sent_at }
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

    async fn attempt(&self, chunk: u32, expected: StatusCode) -> Result<(), Error> {
        let sent_at = self.clock.wall();
        let result = self.exchange(chunk, expected).await;
        if result.is_err() {
            *lock(&self.failed_at) = Some(sent_at);
        }
        result
    }

    /// Sends a chunk and checks what comes back.
    async fn exchange(&self, chunk: u32, expected: StatusCode) -> Result<(), Error> {
        let state = self.state().clone();
        let order = state.order();
        let request = self.reader.request(state, chunk).await?;
        let started = self.clock.now();
        self.begin();
        let left = self.left();
        let request = request.timeout(self.time_for(chunk, left)).deadline(left);
        let over = |maybe_processed| {
            let detail = "the five minutes for all chunks are over";
            let error = Error::new(Kind::Timeout, OPERATION, detail).with_request(&request);
            error.with_progress(u32::from(maybe_processed), maybe_processed)
        };
        if left.is_zero() {
            return Err(over(false));
        }
        let sending = Box::pin(self.client.pipeline().send(&request));
        let answer = match select(sending, self.clock.sleep(left)).await {
            // Of the last one it is asked what became of it.
            Either::Left((Err(error), _)) if expected != StatusCode::OK => {
                return Err(surely_not_there(error));
            }
            Either::Left((answer, _)) => answer?,
            Either::Right(_) => return Err(over(true)),
        };
        let took = self.clock.now().saturating_duration_since(started);
        let status = answer.status();
        let ordered = answer.clone().decode::<Ordered>(&request)?;
        let problem = if status != expected {
            format!("expected HTTP {}, got {}", expected.as_u16(), status.as_u16())
        } else if ordered.order_id != order {
            format!("the answer is about application {}, not {order}", ordered.order_id)
        } else {
            let mut slowest = lock(&self.slowest);
            *slowest = (*slowest).max(Some(took));
            return Ok(());
        };
        Err(Error::new(Kind::Decode, OPERATION, problem)
            .with_request(&request)
            .with_response(&answer)
            .with_progress(ordered.attempts(), true))
    }

    /// The last chunk files the application, so it is sent a second time only where the caller wants that,
    /// and never a third time.
    async fn send_last(self) -> Result<Submitted, UploadFailed> {
        let was_doubtful = self.state().is_doubtful();
        let error = match self.try_last().await {
            Ok(submitted) => return Ok(submitted),
            Err(error) => error,
        };
        if was_doubtful || !self.state().is_doubtful() {
            return Err(self.failed(error));
        }
        if error.kind() == Kind::NotFound && self.is_order_missing().await {
            self.state().set_doubtful(false);
            return Err(self.failed(surely_not_there(error)));
        }
        if let Some(submitted) = self.settle(Some(error)).await? {
            return Ok(submitted);
        }
        self.try_last().await.map_err(|error| self.failed(error))
    }

    /// Whether the service knows no such order: then nothing was filed under it. Whoever took its first chunk
    /// knows it.
    async fn is_order_missing(&self) -> bool {
        let (order, last) = {
            let state = self.state();
            (state.order(), state.last())
        };
        let details = if last == 0 { self.client.order(order).await.err() } else { None };
        details.is_some_and(|error| error.kind() == Kind::NotFound)
    }

    async fn try_last(&self) -> Result<Submitted, Error> {
        let (order, last, was_doubtful) = {
            let mut state = self.state();
            let was_doubtful = state.is_doubtful();
            // Kept before it is sent: whoever is stopped in between is in doubt.
            state.set_doubtful(true);
            (state.order(), state.last(), was_doubtful)
        };
        self.begin();
        if let Some(events) = &self.events {
            let _ = events.send(UploadEvent::Filing);
            // Until that was told.
            tokio::task::yield_now().await;
        }
        match self.attempt(last, StatusCode::OK).await {
            Ok(()) => {
                self.state().set_doubtful(false);
                self.arrived(last);
                Ok(Submitted { order })
            }
            Err(error) => {
                // Also a plain refusal leaves the doubt: the service may have had an earlier one.
                self.state().set_doubtful(was_doubtful || error.maybe_processed());
                Err(error)
            }
        }
    }

    /// What became of a last chunk that may have arrived. `None`: the order stayed `NEW` for so long that
    /// the caller wants it sent again, and there is time.
    async fn settle(&self, error: Option<Error>) -> Result<Option<Submitted>, UploadFailed> {
        let (order, last) = {
            let state = self.state();
            (state.order(), state.last())
        };
        let unsettled = |detail: &'static str| {
            Error::new(Kind::Interrupted, OPERATION, detail).with_progress(0, true)
        };
        let pause = error.as_ref().and_then(Error::retry_after).unwrap_or_default();
        let resend_after = self.resend_after.map(|time| time.max(pause));
        let resend_after = resend_after.filter(|time| *time < self.left());
        match self.client.look_for(order, resend_after.unwrap_or(LOOKING)).await {
            Ok(Submission::Submitted) => {
                self.state().set_doubtful(false);
                self.arrived(last);
                Ok(Some(Submitted { order }))
            }
            Ok(Submission::StillNew) if resend_after.is_some() && !self.left().is_zero() => {
                Ok(None)
            }
            Ok(Submission::StillNew) => Err(self.failed(error.unwrap_or_else(|| {
                unsettled("the order is still NEW, so that the last chunk may have arrived or not")
            }))),
            Ok(Submission::Unknown) => Err(self.failed(error.unwrap_or_else(|| {
                unsettled("the order's details do not tell whether the last chunk arrived")
            }))),
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
        let mut told = lock(&self.told_too_slow);
        if chunks.0 >= FORECAST_AFTER && needed > left && !*told {
            *told = true;
            let _ = events.send(UploadEvent::TooSlow { needed, left });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
