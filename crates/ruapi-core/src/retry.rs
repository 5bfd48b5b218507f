//! When and how often a request is repeated.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::clock::FOREVER;

/// Under which conditions a failed attempt may be repeated.
///
/// A [`Rejection`](crate::Rejection), whose page has an example, says which of them holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Never: it would fail again.
    Never,
    /// If the operation is idempotent: the attempt may have been processed.
    WhenIdempotent,
    /// Always: the attempt surely was not processed.
    Always,
    /// If the caller opted into waiting for a service that says "try again later".
    WhenTryLater,
    /// If the operation is idempotent, or the caller opted into it as above.
    WhenIdempotentOrTryLater,
}

/// Bounds of repetition: how many attempts, and how long between them.
///
/// What may be repeated at all is not a setting: it follows from the operation's idempotency and
/// from what happened.
///
/// ```
/// use std::time::Duration;
/// use ruapi_core::{Backoff, Options, RetryPolicy};
///
/// let patient = RetryPolicy::default()
///     .attempts(6)
///     .backoff(Backoff::new(Duration::from_secs(1), Duration::from_secs(30)))
///     .budget(50);
/// let options = Options::new().retry(patient);
/// // Nothing is repeated, whatever happens.
/// let options = options.retry(RetryPolicy::never());
/// # let _ = options;
/// ```
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    attempts: u32,
    backoff: Backoff,
    budget: u32,
}

impl Default for RetryPolicy {
    /// Up to 4 attempts, pauses of 0.25 s doubling up to 20 s, a budget of 20 retries.
    fn default() -> Self {
        Self { attempts: 4, backoff: Backoff::default(), budget: 20 }
    }
}

impl RetryPolicy {
    /// No repetition at all, not even of what surely was not processed or lacked a fresh token.
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// At most this many attempts, the first one counted.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The pauses between attempts.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How many retries a client may make in a row of failures: each retry takes one from the budget,
    /// ten successes give one back. Keeps a broken service from being hit several times as hard.
    #[must_use]
    pub fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    pub(crate) fn allows(&self, attempts_made: u32) -> bool {
        attempts_made < self.attempts
    }

    pub(crate) fn delay(&self, attempts_made: u32) -> Duration {
        self.backoff.delay(attempts_made)
    }

    pub(crate) fn new_budget(&self) -> RetryBudget {
        RetryBudget::new(self.budget)
    }
}

/// Pauses that double from `first` to `longest`; each is drawn from its upper half, so that many
/// clients do not come back at once.
///
/// ```
/// use std::time::Duration;
/// use ruapi_core::Backoff;
///
/// // Pauses without chance, for a test.
/// let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(8)).jitter(|| 0.0);
/// # let _ = backoff;
/// ```
#[derive(Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(250), Duration::from_secs(20))
    }
}

impl Backoff {
    /// Pauses from `first` doubling up to `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        let (first, longest) = (first.min(FOREVER), longest.min(FOREVER));
        Self { first, longest, jitter: Arc::new(fastrand::f64) }
    }

    /// Randomness of the caller's: numbers from 0 up to, not including, 1.
    #[must_use]
    pub fn jitter(mut self, jitter: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.jitter = Arc::new(jitter);
        self
    }

    fn delay(&self, attempts_made: u32) -> Duration {
        let doublings = attempts_made.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1 << doublings).min(self.longest);
        let jitter = Some((self.jitter)()).filter(|jitter| (0.0..=1.0).contains(jitter));
        full.mul_f64(0.5 + jitter.unwrap_or_default() / 2.0)
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backoff")
            .field("first", &self.first)
            .field("longest", &self.longest)
            .finish_non_exhaustive()
    }
}

/// A client's allowance of retries, in tenths.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    tenths: AtomicU32,
    full: u32,
}

impl RetryBudget {
    const RETRY: u32 = 10;

    fn new(retries: u32) -> Self {
        let full = retries.saturating_mul(Self::RETRY);
        Self { tenths: AtomicU32::new(full), full }
    }

    /// Takes one retry, if there is one.
    pub(crate) fn withdraw(&self) -> bool {
        let take = |tenths: u32| tenths.checked_sub(Self::RETRY);
        self.tenths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// A success gives back a tenth of a retry.
    pub(crate) fn deposit(&self) {
        // A full budget is the usual case and needs no write.
        if self.tenths.load(Ordering::Relaxed) < self.full {
            let give = |tenths: u32| Some((tenths + 1).min(self.full));
            let _ = self.tenths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, give);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_within_their_bounds() {
        let backoff = |jitter: f64| {
            Backoff::new(Duration::from_secs(1), Duration::from_secs(5)).jitter(move || jitter)
        };
        let seconds = |jitter| -> Vec<f64> {
            (1..=4).map(|n| backoff(jitter).delay(n).as_secs_f64()).collect()
        };
        assert_eq!(seconds(0.0), [0.5, 1.0, 2.0, 2.5]);
        assert_eq!(seconds(1.0), [1.0, 2.0, 4.0, 5.0]);
        assert_eq!(backoff(1.0).delay(u32::MAX), Duration::from_secs(5));
        assert_eq!(seconds(f64::NAN), seconds(0.0));
        let endless = Backoff::new(Duration::MAX, Duration::MAX).jitter(|| 1.0);
        assert_eq!(endless.delay(9), FOREVER);
    }

    #[test]
    fn the_budget_is_spent_and_earned_back() {
        let budget = RetryPolicy::default().budget(2).new_budget();
        assert!(budget.withdraw() && budget.withdraw());
        assert!(!budget.withdraw());
        (0..9).for_each(|_| budget.deposit());
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw());
        (0..1000).for_each(|_| budget.deposit());
        assert!(budget.withdraw() && budget.withdraw() && !budget.withdraw());
    }
}
