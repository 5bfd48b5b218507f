use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

use crate::BoxFuture;
use crate::clock::Clock;

/// A clock that stands still until a test moves it, or that jumps whenever somebody would sleep.
#[derive(Debug, Clone)]
pub struct ManualClock {
    shared: Arc<Shared>,
    auto: bool,
}

#[derive(Debug)]
struct Shared {
    start: Instant,
    start_wall: SystemTime,
    moved: Mutex<Moved>,
    notify: Notify,
}

#[derive(Debug, Default)]
struct Moved {
    by: Duration,
    slept: Vec<Duration>,
}

impl ManualClock {
    /// Stands still: sleepers wait for [`advance`](Self::advance).
    pub fn new() -> Self {
        Self::with(false)
    }

    /// Jumps: whoever would sleep goes on at once, and the clock is that much later. For code under test
    /// that sleeps between attempts; a time limit set on something that takes real time would pass at once.
    pub fn auto() -> Self {
        Self::with(true)
    }

    fn with(auto: bool) -> Self {
        let shared = Shared {
            start: Instant::now(),
            start_wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_756_198_800),
            moved: Mutex::default(),
            notify: Notify::new(),
        };
        Self { shared: Arc::new(shared), auto }
    }

    /// Moves the clock and wakes whoever has slept long enough.
    pub fn advance(&self, by: Duration) {
        self.lock().by += by;
        self.shared.notify.notify_waiters();
    }

    /// How long each sleeper asked to sleep, in order of asking.
    pub fn slept(&self) -> Vec<Duration> {
        self.lock().slept.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Moved> {
        self.shared.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.shared.start + self.lock().by
    }

    fn wall(&self) -> SystemTime {
        self.shared.start_wall + self.lock().by
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        let end = self.now() + duration;
        self.lock().slept.push(duration);
        Box::pin(async move {
            if clock.auto {
                let left = end.saturating_duration_since(clock.now());
                clock.advance(left);
                return;
            }
            loop {
                let moved = clock.shared.notify.notified();
                if clock.now() >= end {
                    return;
                }
                moved.await;
            }
        })
    }
}
