//! What changed since the last time, without gaps and without repeats.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use futures_core::Stream;
use ruapi_core::{BoxFuture, Error, Pager};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::order::StatusId;
use crate::order_id::OrderId;
use crate::statuses::FoundOrder;

/// A walk begins so much before where the last one got, for changes that were under way then.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);
/// The same where the list is not the newest first: what changes may hide something else, which one of
/// the next walks finds.
const UNSORTED_OVERLAP: TimeDelta = TimeDelta::hours(1);
/// Dates come without a zone. If they are not Moscow's, the service lists what seems to be older than
/// what it was asked for, by less than this.
const ZONES: TimeDelta = TimeDelta::hours(24);
/// So many changes are remembered in any case during a walk; of more, only those that a later one meets.
const REMEMBERED: usize = 100_000;
/// The service is not asked more often, whatever interval is wanted.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// A change: when, of which application, to which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Change(DateTime<Utc>, OrderId, Option<StatusId>);

/// One that came without a date, or without a status at all.
type Undated = (OrderId, Option<StatusId>);

/// What tells one that is listed from others.
fn identify(found: &FoundOrder) -> Result<Change, Undated> {
    let status = found.status.as_ref();
    let id = status.and_then(|status| status.status_id);
    match status.and_then(|status| status.updated) {
        Some(at) => Ok(Change(at.to_utc(), found.order_id, id)),
        None => Err((found.order_id, id)),
    }
}

/// Up to where the updates of applications were given. Keep it, as JSON for example, together with what
/// was made of an update: whoever is restarted goes on from there.
///
/// It holds the changes of the last minutes; while a walk is on, those that the walk gave.
///
/// For an example see [`OrderUpdates`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCursor {
    since: DateTime<Utc>,
    /// The changes after that which were given already.
    given: BTreeSet<Change>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    undated: BTreeSet<Undated>,
}

impl SyncCursor {
    /// Everything that changed after this moment.
    pub fn new(since: DateTime<Utc>) -> Self {
        Self { since, given: BTreeSet::new(), undated: BTreeSet::new() }
    }

    /// Takes back what was given last and came to nothing, because a file could not be written for example:
    /// whoever goes on from here is given it again.
    pub fn give_again(&mut self, found: &FoundOrder) {
        match identify(found) {
            Ok(change) => drop(self.given.remove(&change)),
            Err(undated) => drop(self.undated.remove(&undated)),
        }
    }

    /// The moment after which the service is asked for.
    pub fn since(&self) -> DateTime<Utc> {
        self.since
    }
}

/// The applications whose status changed since an earlier walk, as a stream, made by
/// [`Client::order_updates`]. It ends after one walk over the service's list;
/// [`every`](Self::every) makes it go on for ever.
///
/// ```no_run
/// # fn keep(order: epgu_gusmev::OrderId, cursor: &epgu_gusmev::SyncCursor) {}
/// # async fn example(client: epgu_gusmev::Client, kept: epgu_gusmev::SyncCursor)
/// # -> Result<(), epgu_gusmev::Error> {
/// use std::time::Duration;
///
/// use futures_util::TryStreamExt;
///
/// let mut updates = client.order_updates(kept).every(Duration::from_secs(30));
/// while let Some(found) = updates.try_next().await? {
///     println!("{}: {:?}", found.order_id, found.status);
///     // Together with what was made of it.
///     keep(found.order_id, updates.cursor());
/// }
/// # Ok(()) }
/// ```
///
/// # What is promised
///
/// A change is an application's status with its date (`updated`). The list tells the last change of each
/// application: of one that changed twice between two walks, the first is never seen.
///
/// * **Nothing twice.** A change that is behind the cursor is not given again, whatever moved in the list
///   and whenever the program was restarted. Only who is stopped after an update was given and before its
///   cursor was kept gets that one again. Of a walk that gave more than 100,000, one that is stopped in
///   its middle may repeat the older ones.
/// * **Nothing missed**, if the service lists the newest first, as the document's sample does, and lists a
///   change within a minute of its date. What changes while a walk goes on may be behind it already, so
///   the next walk begins before this one began, by a minute, and leaves out what was given. Where the
///   list turns out to be in another order, it is the last hour that is looked at again and again.
///
/// A list that ends before its `totalCount` is an error: the cursor does not move past what was not listed,
/// and the next walk begins where this one did.
///
/// What comes without a date is given once, and again after it was missing from a walk.
#[must_use = "streams do nothing unless polled"]
pub struct OrderUpdates {
    client: Client,
    interval: Option<Duration>,
    page_size: Option<u64>,
    cursor: SyncCursor,
    step: Step,
}

enum Step {
    Begin,
    Walk(Box<Walk>),
    Pause(BoxFuture<'static, ()>),
    Over,
}

/// One walk over the list.
struct Walk {
    orders: Pager<FoundOrder>,
    began: Instant,
    /// The latest date so far, and the last one.
    latest: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    is_sorted: bool,
    /// What the list held.
    listed: BTreeSet<Change>,
    undated: BTreeSet<Undated>,
}

impl OrderUpdates {
    pub(crate) fn new(client: &Client, from: SyncCursor) -> Self {
        let (interval, page_size) = (None, None);
        Self { client: client.clone(), interval, page_size, cursor: from, step: Step::Begin }
    }

    /// Goes on for ever: the next walk begins so long after the last one ended, at least a second. An error
    /// ends the walk and not the stream: polled again, it asks again after the same time.
    pub fn every(mut self, interval: Duration) -> Self {
        self.interval = Some(interval.max(LEAST_INTERVAL));
        self
    }

    /// `pageSize`: so many on a page; [`UpdatedAfter::PAGE_SIZE`](crate::statuses::UpdatedAfter::PAGE_SIZE)
    /// by default.
    pub fn page_size(mut self, size: u64) -> Self {
        self.page_size = Some(size);
        self
    }

    /// Up to where updates were given: those, and no others, are behind it. Also in the middle of a walk,
    /// and after an error.
    pub fn cursor(&self) -> &SyncCursor {
        &self.cursor
    }

    fn begin(&self) -> Walk {
        let mut call = self.client.updated_after(self.cursor.since);
        if let Some(size) = self.page_size {
            call = call.page_size(size);
        }
        Walk {
            orders: call.items(),
            began: self.client.pipeline().clock().now(),
            latest: None,
            last: None,
            is_sorted: true,
            listed: BTreeSet::new(),
            undated: BTreeSet::new(),
        }
    }

    fn after_walk(&self) -> Step {
        let pause = |interval| Step::Pause(self.client.pipeline().clock().sleep(interval));
        self.interval.map_or(Step::Over, pause)
    }
}

impl Walk {
    /// Notes what the list holds; whether it is to be given.
    fn note(&mut self, found: &FoundOrder, cursor: &mut SyncCursor) -> bool {
        let change = match identify(found) {
            Ok(change) => change,
            Err(undated) => {
                self.undated.insert(undated);
                return cursor.undated.insert(undated);
            }
        };
        let Change(at, ..) = change;
        self.is_sorted &= self.last.is_none_or(|last| at <= last);
        self.last = Some(at);
        self.latest = self.latest.max(Some(at));
        self.listed.insert(change);
        cursor.given.insert(change)
    }

    /// Where the next walk begins, if this one ended now.
    fn next_since(&self, client: &Client, cursor: &SyncCursor) -> DateTime<Utc> {
        let clock = client.pipeline().clock();
        let took = TimeDelta::from_std(clock.now().saturating_duration_since(self.began));
        let overlap = if self.is_sorted { OVERLAP } else { UNSORTED_OVERLAP };
        let overlap = took.unwrap_or(TimeDelta::MAX).checked_add(&overlap);
        // A date that is still to come must not hide what comes before it.
        let latest = self.latest.unwrap_or(cursor.since).min(clock.wall().into());
        let since = latest.checked_sub_signed(overlap.unwrap_or(TimeDelta::MAX));
        since.unwrap_or(cursor.since).max(cursor.since)
    }

    /// Forgets what no later walk can meet.
    fn forget(&mut self, client: &Client, cursor: &mut SyncCursor) {
        if cursor.given.len() <= REMEMBERED {
            return;
        }
        let oldest = before(self.next_since(client, cursor), ZONES);
        for changes in [&mut cursor.given, &mut self.listed] {
            while changes.len() > REMEMBERED && changes.first().is_some_and(|at| at.0 < oldest) {
                changes.pop_first();
            }
        }
    }

    /// The walk got to its end.
    fn close(self, client: &Client, cursor: &mut SyncCursor) {
        cursor.since = self.next_since(client, cursor);
        let (since, oldest) = (cursor.since, before(cursor.since, ZONES));
        let is_met = |change: &Change| {
            change.0 >= since || (change.0 >= oldest && self.listed.contains(change))
        };
        cursor.given.retain(is_met);
        cursor.undated = self.undated;
    }
}

fn before(moment: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    moment.checked_sub_signed(by).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

impl Stream for OrderUpdates {
    type Item = Result<FoundOrder, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match &mut this.step {
                Step::Begin => this.step = Step::Walk(Box::new(this.begin())),
                Step::Walk(walk) => match ready!(Pin::new(&mut walk.orders).poll_next(cx)) {
                    Some(Ok(found)) => {
                        if walk.note(&found, &mut this.cursor) {
                            walk.forget(&this.client, &mut this.cursor);
                            return Poll::Ready(Some(Ok(found)));
                        }
                    }
                    Some(Err(error)) => {
                        this.step = this.after_walk();
                        return Poll::Ready(Some(Err(error)));
                    }
                    None => {
                        let next = this.after_walk();
                        if let Step::Walk(walk) = std::mem::replace(&mut this.step, next) {
                            walk.close(&this.client, &mut this.cursor);
                        }
                    }
                },
                Step::Pause(pause) => {
                    ready!(pause.as_mut().poll(cx));
                    this.step = Step::Begin;
                }
                Step::Over => return Poll::Ready(None),
            }
        }
    }
}

impl fmt::Debug for OrderUpdates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderUpdates")
            .field("since", &self.cursor.since)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
