//! The limit of applications for one service: appendix 3.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ruapi_core::{Error, Kind};

use crate::meta::Meta;

/// So many within so long. `None`: as many as one likes.
pub(crate) type Limit = Option<(usize, Duration)>;

/// By appendix 3, of one user.
const DOCUMENTED: Limit = Some((20, Duration::from_secs(600)));

/// Which limits hold.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) of_all: Limit,
    /// Of services that have limits of their own.
    pub(crate) of_service: HashMap<Box<str>, Limit>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { of_all: DOCUMENTED, of_service: HashMap::new() }
    }
}

/// The applications that were made lately.
#[derive(Debug)]
pub(crate) struct Applications {
    limits: Limits,
    /// When those for each service were made, as far back as their limit looks.
    made: Mutex<HashMap<Box<str>, VecDeque<Instant>>>,
}

impl Applications {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, made: Mutex::default() }
    }

    /// Counts one that is about to be made. Refused: one more than the limit.
    pub(crate) fn count(&self, meta: &Meta, now: Instant) -> Result<(), Error> {
        let limit = self.limits.of_service.get(meta.service_code());
        let Some((most, window)) = *limit.unwrap_or(&self.limits.of_all) else { return Ok(()) };
        let mut made = self.made();
        let of_service = made.entry(meta.service_code().into()).or_default();
        while of_service.front().is_some_and(|at| now.saturating_duration_since(*at) >= window) {
            of_service.pop_front();
        }
        if let Some(first) = of_service.front().filter(|_| of_service.len() >= most) {
            let wait = window - now.saturating_duration_since(*first);
            let detail = format!(
                "{most} applications for this service were made within {} s: the next may follow in {} s",
                window.as_secs(),
                wait.as_secs() + 1
            );
            return Err(Error::new(Kind::Busy, "application", detail));
        }
        of_service.push_back(now);
        Ok(())
    }

    /// One that was counted was surely not made.
    pub(crate) fn uncount(&self, meta: &Meta) {
        if let Some(of_service) = self.made().get_mut(meta.service_code()) {
            of_service.pop_back();
        }
    }

    fn made(&self) -> MutexGuard<'_, HashMap<Box<str>, VecDeque<Instant>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
