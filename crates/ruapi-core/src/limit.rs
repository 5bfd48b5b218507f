//! How many requests go out: at once, and within a time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::{Clock, FOREVER};

/// A window is kept as this many slices, each a count: memory does not grow with the limit.
const SLICES: u32 = 64;
/// After this many successes at the lowered parallelism one more request is let through.
const SUCCESSES_TO_GROW: u32 = 16;

/// Limits a client keeps within by itself. Requests over a limit wait for their turn.
///
/// ```
/// use std::time::Duration;
/// use ruapi_core::{Limits, Options};
///
/// let limits = Limits::default()
///     .parallel(8)
///     .per_window(2_000, Duration::from_secs(60))
///     .per_window(120_000, Duration::from_secs(3_600));
/// let options = Options::new().limits(limits);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Default)]
pub struct Limits {
    parallel: Option<usize>,
    windows: Vec<(u32, Duration)>,
}

impl Limits {
    /// At most this many requests under way at once (at least 1). It is lowered for a while when
    /// the service answers that there are too many.
    #[must_use]
    pub fn parallel(mut self, requests: usize) -> Self {
        self.parallel = Some(requests.max(1));
        self
    }

    /// At most `requests` (at least 1) sent within any `window`. Several windows can be given; all hold.
    #[must_use]
    pub fn per_window(mut self, requests: u32, window: Duration) -> Self {
        self.windows.push((requests.max(1), window.min(FOREVER)));
        self
    }
}

/// Keeps one client's [`Limits`].
#[derive(Debug)]
pub(crate) struct Limiter {
    slots: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// As configured.
    most: usize,
    /// As lowered by the service's answers.
    now: usize,
    /// Slots to take out of circulation as their users come back.
    owed: usize,
    in_flight: usize,
    /// Requests that wait for a slot.
    waiting: usize,
    successes: u32,
    /// Requests started before this count have been heard: one crowd lowers the limit once.
    started: u64,
    heard: u64,
    windows: Vec<Window>,
}

/// The right to send one request. Dropping it gives the slot back.
#[derive(Debug)]
pub(crate) struct Permit {
    limiter: Arc<Limiter>,
    slot: Option<OwnedSemaphorePermit>,
    number: u64,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        let most = limits.parallel.unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Self {
            slots: Arc::new(Semaphore::new(most)),
            state: Mutex::new(State {
                most,
                now: most,
                owed: 0,
                in_flight: 0,
                waiting: 0,
                successes: 0,
                started: 0,
                heard: 0,
                windows: limits.windows.into_iter().map(Window::new).collect(),
            }),
        }
    }

    /// Waits for a slot and for room in every window.
    pub(crate) async fn acquire(self: &Arc<Self>, clock: &dyn Clock) -> Permit {
        let slot = {
            let _waiting = Waiting::new(self);
            self.slots.clone().acquire_owned().await
        };
        let slot = slot.expect("the semaphore is never closed");
        let mut permit = Permit { limiter: self.clone(), slot: Some(slot), number: 0 };
        self.lock().in_flight += 1;
        loop {
            let wait = {
                let mut state = self.lock();
                match state.room_at(clock) {
                    None => {
                        state.started += 1;
                        permit.number = state.started;
                        return permit;
                    }
                    Some(wait) => wait,
                }
            };
            clock.sleep(wait).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// `None`: counted in every window, go. Otherwise the time until there may be room.
    fn room_at(&mut self, clock: &dyn Clock) -> Option<Duration> {
        if self.windows.is_empty() {
            return None;
        }
        let now = clock.now();
        let wait = self.windows.iter_mut().filter_map(|window| window.full_for(now)).max();
        if wait.is_none() {
            self.windows.iter_mut().for_each(|window| window.count(now));
        }
        wait
    }
}

/// Counts a request that waits for a slot, until it has one or gives up.
struct Waiting<'a>(&'a Limiter);

impl<'a> Waiting<'a> {
    fn new(limiter: &'a Limiter) -> Self {
        limiter.lock().waiting += 1;
        Self(limiter)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

impl Permit {
    /// Whether another request waits for it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.limiter.lock().waiting > 0
    }

    /// The service said that too many requests are under way: half as many from now on.
    pub(crate) fn overloaded(&self) {
        let mut state = self.limiter.lock();
        if self.number <= state.heard {
            return;
        }
        state.heard = state.started;
        let from = state.now.min(state.in_flight).max(1);
        let to = (from / 2).max(1);
        let surplus = state.now - to;
        let taken = self.limiter.slots.forget_permits(surplus);
        state.owed += surplus - taken;
        state.now = to;
        state.successes = 0;
    }

    /// An answer came: after a number of them a lowered limit grows by one.
    pub(crate) fn succeeded(&self) {
        let mut state = self.limiter.lock();
        if state.now == state.most {
            return;
        }
        state.successes += 1;
        if state.successes >= SUCCESSES_TO_GROW {
            state.successes = 0;
            state.now += 1;
            if state.owed > 0 {
                state.owed -= 1;
            } else {
                self.limiter.slots.add_permits(1);
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.limiter.lock();
        state.in_flight -= 1;
        if state.owed > 0 {
            state.owed -= 1;
            if let Some(slot) = self.slot.take() {
                slot.forget();
            }
        }
    }
}

/// At most `most` requests within any span of `length`.
#[derive(Debug)]
struct Window {
    most: u32,
    length: Duration,
    sent: u32,
    /// When each slice began, and what was sent in it.
    slices: VecDeque<(Instant, u32)>,
}

impl Window {
    fn new((most, length): (u32, Duration)) -> Self {
        Self { most, length, sent: 0, slices: VecDeque::new() }
    }

    fn slice(&self) -> Duration {
        self.length / SLICES
    }

    /// How long until a request fits, or `None` if it does now.
    fn full_for(&mut self, now: Instant) -> Option<Duration> {
        // A slice counts until its last request could no longer be within the window.
        let life = self.length + self.slice();
        while let Some((start, count)) = self.slices.front().copied() {
            if start + life > now {
                break;
            }
            self.sent -= count;
            self.slices.pop_front();
        }
        let (oldest, _) = self.slices.front().filter(|_| self.sent >= self.most)?;
        Some((*oldest + life).duration_since(now))
    }

    fn count(&mut self, now: Instant) {
        let slice = self.slice();
        self.sent += 1;
        match self.slices.back_mut() {
            Some((start, count)) if now < *start + slice => *count += 1,
            _ => self.slices.push_back((now, 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_util::ManualClock;

    #[tokio::test]
    async fn one_crowd_of_refusals_halves_the_parallelism_once() {
        let clock = ManualClock::new();
        let limiter = Arc::new(Limiter::new(Limits::default().parallel(8)));
        let mut crowd = Vec::new();
        for _ in 0..8 {
            crowd.push(limiter.acquire(&clock).await);
        }
        assert_eq!(limiter.slots.available_permits(), 0);
        crowd.iter().for_each(Permit::overloaded);
        drop(crowd);
        assert_eq!(limiter.slots.available_permits(), 4);

        for _ in 0..SUCCESSES_TO_GROW * 10 {
            limiter.acquire(&clock).await.succeeded();
        }
        assert_eq!(limiter.slots.available_permits(), 8, "grows back, and no further");
    }

    #[tokio::test]
    async fn the_parallelism_never_falls_below_one() {
        let clock = ManualClock::new();
        let limiter = Arc::new(Limiter::new(Limits::default()));
        for _ in 0..5 {
            limiter.acquire(&clock).await.overloaded();
        }
        assert_eq!(limiter.slots.available_permits(), 1);
    }

    #[tokio::test]
    async fn no_window_ever_holds_more_than_its_limit() {
        let clock = Arc::new(ManualClock::auto());
        let window = Duration::from_secs(60);
        let limiter = Arc::new(Limiter::new(Limits::default().per_window(10, window)));
        let mut sent = Vec::new();
        for n in 0..100_u64 {
            clock.advance(Duration::from_millis(n * 37 % 1000));
            let _permit = limiter.acquire(&*clock).await;
            sent.push(clock.now());
        }
        for (i, start) in sent.iter().enumerate() {
            let within = sent[i..].iter().filter(|at| **at < *start + window).count();
            assert!(within <= 10, "{within} requests within a minute");
        }
        let took = sent[99] - sent[0];
        assert!(took < window * 11, "waits no longer than needed: {took:?}");
    }
}
