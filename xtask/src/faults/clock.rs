//! Time that stands still while the client talks with the server, and jumps while it only waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ruapi_core::{BoxFuture, Clock};
use tokio::sync::Notify;

/// The clock of one cell. Whoever sleeps on it goes on at once and makes it that much later, unless the
/// client is talking with the server: then only the server can let time pass.
#[derive(Debug, Clone)]
pub(crate) struct CellClock {
    start: Instant,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    now: Duration,
    talk: Option<Talk>,
    /// How many requests were sent so far.
    talks: u64,
}

/// A request on its way, until its answer is read or given up.
#[derive(Debug, Default)]
struct Talk {
    number: u64,
    /// The server will say nothing more.
    stalled: bool,
    head_came: bool,
    bytes_came: usize,
}

/// The calendar at the beginning: full seconds, as HTTP's dates are.
const CALENDAR: u64 = 1_756_198_800;

impl CellClock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), shared: Arc::default() }
    }

    /// How much time has passed.
    pub(crate) fn passed(&self) -> Duration {
        self.state().now
    }

    /// The request on its way now.
    pub(crate) fn talk(&self) -> u64 {
        self.state().talks
    }

    /// From now on the client waits for nothing but the clock.
    pub(crate) fn stall(&self, talk: u64) {
        self.change(|state| {
            if let Some(now) = state.talk.as_mut().filter(|now| now.number == talk) {
                now.stalled = true;
            }
        });
    }

    /// Time passes while the client waits.
    pub(crate) fn pass(&self, time: Duration) {
        self.change(|state| state.now += time);
    }

    /// Waits until the client has the answer's head, and so many bytes of its body. `false`: it has given
    /// up.
    pub(crate) async fn came(&self, talk: u64, bytes: usize) -> bool {
        self.until(|state| match &state.talk {
            Some(now) if now.number == talk => {
                (now.head_came && now.bytes_came >= bytes).then_some(true)
            }
            _ => Some(false),
        })
        .await
    }

    /// Waits until the client is done with a request.
    pub(crate) async fn done(&self, talk: u64) {
        let is_it = |state: &State| state.talk.as_ref().is_some_and(|now| now.number == talk);
        self.until(|state| (!is_it(state)).then_some(())).await;
    }

    async fn until<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            if let Some(seen) = look(&mut self.state()) {
                return seen;
            }
            changed.await;
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.shared.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for CellClock {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(CALENDAR) + self.passed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        let end = self.passed() + duration;
        Box::pin(async move {
            clock
                .until(|state| {
                    if state.talk.as_ref().is_none_or(|talk| talk.stalled) {
                        state.now = state.now.max(end);
                    }
                    (state.now >= end).then_some(())
                })
                .await;
            // Whoever waits for an earlier moment.
            clock.shared.changed.notify_waiters();
        })
    }
}

/// Ends a talk when it is dropped.
pub(super) struct Talking(CellClock, u64);

impl Talking {
    pub(super) fn begin(clock: &CellClock) -> Self {
        let mut number = 0;
        clock.change(|state| {
            state.talks += 1;
            number = state.talks;
            state.talk = Some(Talk { number, ..Talk::default() });
        });
        Self(clock.clone(), number)
    }

    pub(super) fn head_came(&self) {
        self.note(|talk| talk.head_came = true);
    }

    pub(super) fn bytes_came(&self, bytes: usize) {
        self.note(|talk| talk.bytes_came += bytes);
    }

    fn note(&self, note: impl FnOnce(&mut Talk)) {
        self.0.change(|state| {
            if let Some(talk) = state.talk.as_mut().filter(|talk| talk.number == self.1) {
                note(talk);
            }
        });
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        self.0.change(|state| {
            state.talk.take_if(|talk| talk.number == self.1);
        });
    }
}
