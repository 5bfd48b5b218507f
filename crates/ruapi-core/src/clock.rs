//! Time as the clients see it, so that a test can move it.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use crate::BoxFuture;

/// Where the time comes from: timeouts, backoff, limits, polling.
///
/// ```
/// use std::sync::Arc;
/// use ruapi_core::{Options, SystemClock};
///
/// let options = Options::new().clock(Arc::new(SystemClock)); // the default
/// # let _ = options;
/// ```
///
/// Tests take a clock that they move: `test_util::ManualClock`, of the feature `test-util`.
pub trait Clock: fmt::Debug + Send + Sync {
    /// A moment that only moves forward.
    fn now(&self) -> Instant;
    /// The calendar's time, for `Retry-After` dates and token expiry.
    fn wall(&self) -> SystemTime;
    /// Ready once `duration` has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// Longer times mean the same, and would overflow arithmetic with moments.
pub(crate) const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// The machine's own clock, on tokio's timer.
///
/// For an example see [`Clock`].
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The result of `work`, or `None` if `duration` passed first.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    duration: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = std::pin::pin!(work);
    let mut sleep = clock.sleep(duration);
    std::future::poll_fn(|cx| {
        // The work first: an answer that is already here beats a deadline that has just passed.
        if let std::task::Poll::Ready(value) = work.as_mut().poll(cx) {
            return std::task::Poll::Ready(Some(value));
        }
        sleep.as_mut().poll(cx).map(|()| None)
    })
    .await
}
