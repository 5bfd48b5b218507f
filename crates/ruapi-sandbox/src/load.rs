//! How many requests are being answered, and how many hang on a stall.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// Requests in flight; every API has one, and the sandbox has one for all.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<AtomicUsize>);

impl InFlight {
    /// Counts one request more until the guard is dropped; also says how many there are with it.
    pub(crate) fn enter(&self) -> (InFlightGuard, usize) {
        let count = self.0.fetch_add(1, Ordering::AcqRel) + 1;
        (InFlightGuard(self.clone()), count)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

pub(crate) struct InFlightGuard(InFlight);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Requests that hang on a stall.
#[derive(Debug)]
pub(crate) struct Stalled(watch::Sender<usize>);

impl Stalled {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    pub(crate) fn count(&self) -> usize {
        *self.0.borrow()
    }

    pub(crate) async fn wait_until(&self, count: usize) {
        let mut watched = self.0.subscribe();
        // An error means that the sender is gone; it is borrowed here.
        let _ = watched.wait_for(|stalled| *stalled >= count).await;
    }

    /// Never returns; the caller is counted until it is dropped.
    pub(crate) async fn hang(&self) -> std::convert::Infallible {
        self.0.send_modify(|stalled| *stalled += 1);
        let _guard = StalledGuard(self);
        std::future::pending().await
    }
}

struct StalledGuard<'a>(&'a Stalled);

impl Drop for StalledGuard<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|stalled| *stalled -= 1);
    }
}
