//! The faults in force.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Fault, FaultKind, FaultStatus};

#[derive(Debug, Default)]
pub(crate) struct FaultBook {
    armed: Mutex<Vec<Armed>>,
}

#[derive(Debug)]
struct Armed {
    status: FaultStatus,
    draws: fastrand::Rng,
}

impl Armed {
    fn hits(&mut self, path: &str) -> bool {
        let fault = &self.status.fault;
        if fault.path.as_deref().is_some_and(|prefix| !path.starts_with(prefix))
            || fault.times.is_some_and(|times| self.status.hits >= times)
        {
            return false;
        }
        self.status.seen += 1;
        if self.status.seen <= u64::from(fault.skip)
            || fault.probability.is_some_and(|probability| self.draws.f64() >= probability)
        {
            return false;
        }
        self.status.hits += 1;
        true
    }
}

impl FaultBook {
    /// Adds a fault, or says what was expected.
    pub(crate) fn inject(&self, fault: Fault) -> Result<(), String> {
        fault.check()?;
        let draws = fastrand::Rng::with_seed(fault.seed);
        self.lock().push(Armed { status: FaultStatus { fault, seen: 0, hits: 0 }, draws });
        Ok(())
    }

    /// The fault that hits a request to this path.
    pub(crate) fn pick(&self, path: &str) -> Option<FaultKind> {
        let mut armed = self.lock();
        armed.iter_mut().find_map(|armed| armed.hits(path).then(|| armed.status.fault.kind.clone()))
    }

    pub(crate) fn list(&self) -> Vec<FaultStatus> {
        self.lock().iter().map(|armed| armed.status.clone()).collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
