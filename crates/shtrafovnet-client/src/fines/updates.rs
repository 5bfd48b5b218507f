//! What is new since the last time.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta, Timelike};
use futures_core::Stream;
use ruapi_core::{Clock, Error, Pager};
use serde::{Deserialize, Serialize};

use super::Fine;

/// A walk begins so much before where the last one got, for changes that were under way then.
const OVERLAP: Duration = Duration::from_secs(60);
/// What a walk gave is remembered for so much longer, in case the walk gets slower.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Up to where an earlier walk got. Keep it between walks, as JSON for example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCursor {
    since: NaiveDateTime,
    /// The changes from then on that were given already: when, and of which fine.
    given: BTreeSet<(NaiveDateTime, Box<str>)>,
}

impl SyncCursor {
    /// Everything that changed at this moment or later, in the service's time: Moscow time is likely.
    pub fn new(since: NaiveDateTime) -> Self {
        Self { since, given: BTreeSet::new() }
    }

    /// The moment.
    pub fn since(&self) -> NaiveDateTime {
        self.since
    }
}

/// A change of a fine, which tells it from another one of the same fine.
fn change(fine: &Fine) -> Option<(NaiveDateTime, Box<str>)> {
    let mask = fine.updated_mask.as_ref().map_or("", |mask| mask.as_str());
    Some((fine.updated_at?, format!("{} {mask}", fine.id).into()))
}

/// A fine that changed, and what about it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FineUpdate {
    /// The fine as it is now.
    pub fine: Fine,
}

impl FineUpdate {
    /// It was not there before.
    pub fn is_new(&self) -> bool {
        self.fine.updated_mask.as_ref().is_some_and(|mask| mask.is_new())
    }

    /// Its state of payment changed.
    pub fn is_state_changed(&self) -> bool {
        self.fine.updated_mask.as_ref().is_some_and(|mask| mask.is_state_changed())
    }

    /// Its details changed.
    pub fn is_details_changed(&self) -> bool {
        self.fine.updated_mask.as_ref().is_some_and(|mask| mask.is_details_changed())
    }

    /// Pictures came.
    pub fn has_new_pictures(&self) -> bool {
        self.fine.updated_mask.as_ref().is_some_and(|mask| mask.has_new_pictures())
    }
}

/// The fines that are new or changed since an earlier walk, as a stream.
///
/// The flags of a [`FineUpdate`] tell of the last change only: a fine that came and was paid between
/// two walks is given once, as paid. Keep [`cursor`](Self::cursor) once the stream has ended; after an
/// error it is the old one, so that nothing is missed, and the next walk gives some fines again.
///
/// What changes while a walk goes on may be behind it already. So the next walk begins before this one
/// ended, by as long as this one took and a minute, and leaves out what was given.
#[must_use = "streams do nothing unless polled"]
pub struct FineUpdates {
    fines: Pager<Fine>,
    clock: Arc<dyn Clock>,
    began: Option<Instant>,
    from: SyncCursor,
    /// The latest change seen.
    latest: NaiveDateTime,
    seen: BTreeSet<(NaiveDateTime, Box<str>)>,
    end: Option<SyncCursor>,
    failed: bool,
}

impl FineUpdates {
    pub(crate) fn new(fines: Pager<Fine>, from: SyncCursor, clock: Arc<dyn Clock>) -> Self {
        let (latest, seen) = (from.since, from.given.clone());
        Self { fines, clock, began: None, from, latest, seen, end: None, failed: false }
    }

    /// Where the next walk begins: as described above if this one was walked to its end, else where this
    /// one began.
    pub fn cursor(&self) -> &SyncCursor {
        self.end.as_ref().unwrap_or(&self.from)
    }

    /// The moment so long before the latest change.
    fn before_latest(&self, by: Duration) -> NaiveDateTime {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        let moment = self.latest.checked_sub_signed(by).unwrap_or(NaiveDateTime::MIN);
        // As precise as the service's filter is.
        moment.with_nanosecond(0).unwrap_or(moment).max(self.from.since)
    }

    fn took(&self) -> Duration {
        self.began.map_or(Duration::ZERO, |began| self.clock.now().saturating_duration_since(began))
    }

    fn remember(&mut self, change: (NaiveDateTime, Box<str>)) {
        self.latest = self.latest.max(change.0);
        self.seen.insert(change);
        let oldest = self.before_latest(2 * self.took() + OVERLAP + REMEMBERED);
        while self.seen.first().is_some_and(|(at, _)| *at < oldest) {
            self.seen.pop_first();
        }
    }

    fn close(&mut self) {
        let since = self.before_latest(self.took() + OVERLAP);
        let mut given = std::mem::take(&mut self.seen);
        given.retain(|(at, _)| *at >= since);
        self.end = Some(SyncCursor { since, given });
    }
}

impl Stream for FineUpdates {
    type Item = Result<FineUpdate, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.began.is_none() {
            this.began = Some(this.clock.now());
        }
        loop {
            let fine = match ready!(Pin::new(&mut this.fines).poll_next(cx)) {
                Some(Ok(fine)) => fine,
                Some(Err(error)) => {
                    this.failed = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    if !this.failed && this.end.is_none() {
                        this.close();
                    }
                    return Poll::Ready(None);
                }
            };
            let change = change(&fine);
            let was_given = change.as_ref().is_some_and(|change| this.from.given.contains(change));
            if let Some(change) = change {
                this.remember(change);
            }
            if !was_given {
                return Poll::Ready(Some(Ok(FineUpdate { fine })));
            }
        }
    }
}

impl fmt::Debug for FineUpdates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FineUpdates").field("cursor", self.cursor()).finish_non_exhaustive()
    }
}
