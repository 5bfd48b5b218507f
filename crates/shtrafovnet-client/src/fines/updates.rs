//! What is new since the last time.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use chrono::NaiveDateTime;
use futures_core::Stream;
use ruapi_core::{Error, Pager};
use serde::{Deserialize, Serialize};

use super::Fine;

/// Up to where an earlier walk got. Keep it between walks, as JSON for example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCursor {
    since: NaiveDateTime,
    /// The fines that changed at that very second and were given already.
    given: BTreeSet<Box<str>>,
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

    /// A fine was given that changed at this moment.
    fn pass(&mut self, changed: NaiveDateTime, id: &str) {
        if changed > self.since {
            self.since = changed;
            self.given.clear();
        }
        if changed == self.since {
            self.given.insert(id.into());
        }
    }

    fn has_given(&self, fine: &Fine) -> bool {
        fine.updated_at == Some(self.since) && self.given.contains(fine.id.as_str())
    }
}

/// A fine that changed, and what about it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FineUpdate {
    /// The fine as it is now.
    pub fine: Fine,
    /// It was not there before.
    pub is_new: bool,
}

impl FineUpdate {
    fn new(fine: Fine) -> Self {
        let is_new = fine.updated_mask.as_ref().is_some_and(|mask| mask.is_new());
        Self { fine, is_new }
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
#[must_use = "streams do nothing unless polled"]
pub struct FineUpdates {
    fines: Pager<Fine>,
    from: SyncCursor,
    reached: SyncCursor,
    ended: bool,
}

impl FineUpdates {
    pub(crate) fn new(fines: Pager<Fine>, from: SyncCursor) -> Self {
        Self { fines, reached: from.clone(), from, ended: false }
    }

    /// Where the next walk begins: behind this one if it was walked to its end, else where this one began.
    pub fn cursor(&self) -> &SyncCursor {
        if self.ended { &self.reached } else { &self.from }
    }
}

impl Stream for FineUpdates {
    type Item = Result<FineUpdate, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let fine = match ready!(Pin::new(&mut this.fines).poll_next(cx)) {
                Some(Ok(fine)) => fine,
                Some(Err(error)) => {
                    // Whatever the rest says: this walk did not get to its end.
                    this.reached = this.from.clone();
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    this.ended = true;
                    return Poll::Ready(None);
                }
            };
            if let Some(changed) = fine.updated_at {
                this.reached.pass(changed, fine.id.as_str());
            }
            if !this.from.has_given(&fine) {
                return Poll::Ready(Some(Ok(FineUpdate::new(fine))));
            }
        }
    }
}

impl fmt::Debug for FineUpdates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FineUpdates").field("cursor", self.cursor()).finish_non_exhaustive()
    }
}
