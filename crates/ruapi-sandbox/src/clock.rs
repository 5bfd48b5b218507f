//! The sandbox's clock: real time from a chosen start, unless a test moves or stops it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Utc};

/// A handle on the sandbox's clock; clones move the same clock.
///
/// The clock decides what "today" is: the default `requestDate`, and which policies exist. It also
/// decides what is over: a scan, a payment, a discount. The APIs print Moscow times (UTC+3). Waiting (a delay, a slow body) takes real time whatever the
/// clock says.
///
/// For an example see the [first page](crate).
#[derive(Clone, Debug)]
pub struct Clock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    start: DateTime<Utc>,
    start_frozen: bool,
    /// The clock's time at `since`.
    base: DateTime<Utc>,
    /// The real moment the clock runs from; a frozen clock has none.
    since: Option<Instant>,
}

impl State {
    fn now(&self) -> DateTime<Utc> {
        let run = self.since.map(|since| since.elapsed()).unwrap_or_default();
        self.base + TimeDelta::from_std(run).unwrap_or_default()
    }

    fn move_to(&mut self, time: DateTime<Utc>, frozen: bool) {
        self.base = time;
        self.since = (!frozen).then(Instant::now);
    }
}

impl Clock {
    pub(crate) fn new(start: DateTime<Utc>, frozen: bool) -> Self {
        let state =
            State { start, start_frozen: frozen, base: start, since: (!frozen).then(Instant::now) };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// The clock's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.lock().now()
    }

    /// The clock's time in Moscow.
    pub fn now_in_moscow(&self) -> DateTime<FixedOffset> {
        let moscow = FixedOffset::east_opt(3 * 3600).expect("three hours are a valid offset");
        self.now().with_timezone(&moscow)
    }

    /// The clock's day in Moscow.
    pub fn today(&self) -> NaiveDate {
        self.now_in_moscow().date_naive()
    }

    /// Moves the clock to `time`; it goes on running, or stays frozen, from there.
    ///
    /// # Panics
    ///
    /// If `time` is outside of the years 1970 to 9000, which the APIs' dates cannot print.
    pub fn set(&self, time: DateTime<Utc>) {
        self.change(Some(time), TimeDelta::zero(), None).expect("a clock's time");
    }

    /// Moves the clock by `step`, forwards or (if negative) backwards.
    ///
    /// # Panics
    ///
    /// If this leaves the years 1970 to 9000, as [`Clock::set`] does.
    pub fn advance(&self, step: TimeDelta) {
        self.change(None, step, None).expect("a clock's step");
    }

    /// Stops the clock at its present time.
    pub fn freeze(&self) {
        let mut state = self.lock();
        let now = state.now();
        state.move_to(now, true);
    }

    /// Lets a frozen clock run again.
    pub fn unfreeze(&self) {
        let mut state = self.lock();
        let now = state.now();
        state.move_to(now, false);
    }

    /// Whether the clock stands still.
    pub fn is_frozen(&self) -> bool {
        self.lock().since.is_none()
    }

    /// Moves to a time (the present one by default) and by a step from there, and freezes or
    /// unfreezes, all at once; or changes nothing and says what was expected.
    pub(crate) fn change(
        &self,
        time: Option<DateTime<Utc>>,
        step: TimeDelta,
        frozen: Option<bool>,
    ) -> Result<(), String> {
        let mut state = self.lock();
        let time = time.unwrap_or_else(|| state.now()).checked_add_signed(step);
        let time = time
            .filter(|time| (1970..=9000).contains(&time.year()))
            .ok_or("the clock can be moved within the years 1970 to 9000")?;
        let frozen = frozen.unwrap_or(state.since.is_none());
        state.move_to(time, frozen);
        Ok(())
    }

    /// Back to the time, and the motion, the sandbox was started with.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        let (start, frozen) = (state.start, state.start_frozen);
        state.move_to(start, frozen);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
