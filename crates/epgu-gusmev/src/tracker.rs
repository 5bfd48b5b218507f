//! Following any number of applications to their ends (figure 1 of the document).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use ruapi_core::{BoxFuture, Error, Kind, Pager};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::moment::Moment;
use crate::order::{OrderInfo, StatusId};
use crate::order_id::OrderId;
use crate::statuses::FoundOrder;

/// How many orders' details are fetched at once.
const PARALLEL: usize = 8;
/// For how long an application that is not found is followed on. The document does not tell how soon one is
/// to be seen; this is ours.
const MISSED_FOR: TimeDelta = TimeDelta::hours(24);

/// Follows applications: asks for the statuses of all open ones in few calls, and for the details of each
/// whose status changed; what is final is told once and followed no longer.
///
/// ```no_run
/// # fn keep(state: &epgu_gusmev::TrackerState) {}
/// # async fn example(client: epgu_gusmev::Client, kept: epgu_gusmev::TrackerState)
/// # -> Result<(), epgu_gusmev::Error> {
/// use epgu_gusmev::Tracked;
///
/// let mut tracker = client.track(kept);
/// // One round; make the next one after a while.
/// while let Some(event) = tracker.next().await? {
///     match event {
///         Tracked::Final(order, info) => println!("{order}: {:?}", info.current_status()),
///         Tracked::Changed(order, info) => println!("{order}: {:?}", info.code),
///         _ => {}
///     }
///     // Together with what was made of the event: whoever is restarted goes on from here.
///     keep(tracker.state());
/// }
/// # Ok(()) }
/// ```
pub struct Tracker {
    client: Client,
    state: TrackerState,
    round: Option<Round>,
}

/// Which applications are followed, and what was last seen of each. Keep it, as JSON for example.
///
/// For an example see [`Tracker`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TrackerState {
    open: BTreeMap<OrderId, Seen>,
}

/// What was last seen of an application.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Seen {
    status: Option<StatusId>,
    updated: Option<String>,
    /// Whether its details were looked at since.
    told: bool,
    /// Since when it is not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missed_since: Option<DateTime<Utc>>,
}

impl TrackerState {
    /// Follows one more application. One that is followed already stays as it is.
    pub fn add(&mut self, order: OrderId) {
        self.open.entry(order).or_default();
    }

    /// Follows an application no longer.
    pub fn remove(&mut self, order: OrderId) {
        self.open.remove(&order);
    }

    /// The applications that are followed.
    pub fn orders(&self) -> impl Iterator<Item = OrderId> {
        self.open.keys().copied()
    }

    /// How many applications are followed.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is followed.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

impl FromIterator<OrderId> for TrackerState {
    fn from_iter<I: IntoIterator<Item = OrderId>>(orders: I) -> Self {
        Self { open: orders.into_iter().map(|order| (order, Seen::default())).collect() }
    }
}

/// What a round found out.
///
/// For an example see [`Tracker`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Tracked {
    /// The application came to its end. It is followed no longer.
    Final(OrderId, Box<OrderInfo>),
    /// Its status changed.
    Changed(OrderId, Box<OrderInfo>),
    /// The service knows no such application, neither the list of statuses nor the details: one that was
    /// just made, or a wrong number. Told once, and followed on.
    NotFound(OrderId),
    /// It was not found for a day. It is followed no longer.
    GivenUp(OrderId),
    /// Its details could not be read. It is followed on, and asked about again in the next round.
    Failed(OrderId, Error),
}

struct Round {
    statuses: Pager<FoundOrder>,
    /// All statuses were read.
    read: bool,
    /// The applications that the lists did not name so far.
    unnamed: BTreeSet<OrderId>,
    details: FuturesUnordered<BoxFuture<'static, Details>>,
}

struct Details {
    order: OrderId,
    seen: Seen,
    info: Result<OrderInfo, Error>,
}

impl Tracker {
    pub(crate) fn new(client: &Client, state: TrackerState) -> Self {
        Self { client: client.clone(), state, round: None }
    }

    /// Which applications are followed now; what was told is behind it.
    pub fn state(&self) -> &TrackerState {
        &self.state
    }

    /// Follows one more application, from the next round on.
    pub fn add(&mut self, order: OrderId) {
        self.state.add(order);
    }

    /// The next thing that this round finds out; `None`: the round is over, and the next call begins another
    /// one. An error of the lists of statuses ends the round, and the next one asks again for what was not
    /// told; one of a single application is [`Tracked::Failed`].
    pub async fn next(&mut self) -> Result<Option<Tracked>, Error> {
        if self.state.is_empty() {
            self.round = None;
            return Ok(None);
        }
        let mut round = match self.round.take() {
            Some(round) => round,
            None => Round {
                statuses: self.client.statuses(self.state.orders()).items(),
                read: false,
                unnamed: self.state.orders().collect(),
                details: FuturesUnordered::new(),
            },
        };
        loop {
            // Both at once: details under way hold places that the next list may wait for.
            let may_read = !round.read && round.details.len() < PARALLEL;
            let step = match (may_read, round.details.is_empty()) {
                (true, true) => Either::Left(round.statuses.next().await),
                (true, false) => match select(round.statuses.next(), round.details.next()).await {
                    Either::Left((found, _)) => Either::Left(found),
                    Either::Right((details, _)) => Either::Right(details),
                },
                (false, _) => Either::Right(round.details.next().await),
            };
            let details = match step {
                Either::Left(Some(found)) => {
                    let found = found?;
                    round.unnamed.remove(&found.order_id);
                    round.details.extend(self.look_at(&found));
                    continue;
                }
                Either::Left(None) => {
                    round.read = true;
                    // Whatever a list leaves out is looked at all the same.
                    let left_out = std::mem::take(&mut round.unnamed);
                    round.details.extend(
                        left_out
                            .into_iter()
                            .filter_map(|order| self.look_at(&FoundOrder::new(order))),
                    );
                    continue;
                }
                Either::Right(Some(details)) => details,
                Either::Right(None) => return Ok(None),
            };
            if let Some(event) = self.judge(details) {
                self.round = Some(round);
                return Ok(Some(event));
            }
        }
    }

    /// The details, if there is reason to look at them.
    fn look_at(&self, found: &FoundOrder) -> Option<BoxFuture<'static, Details>> {
        let order = found.order_id;
        let known = self.state.open.get(&order)?;
        let status = found.status.as_ref();
        let seen = Seen {
            status: status.and_then(|status| status.status_id),
            updated: status.and_then(|status| status.updated.as_ref()).map(Moment::to_string),
            told: true,
            missed_since: None,
        };
        // Until the portal has taken it over, only the details tell what becomes of it.
        let is_early = seen.status.is_none_or(|status| status == StatusId::Draft);
        if !is_early && *known == seen {
            return None;
        }
        let details = self.client.order(order);
        Some(Box::pin(async move {
            let info = details.await.map(ruapi_core::Response::into_inner);
            Details { order, seen, info }
        }))
    }

    fn judge(&mut self, details: Details) -> Option<Tracked> {
        let Details { order, seen, info } = details;
        let info = match info {
            Ok(info) => info,
            // A gateway's 404 alone must not make anybody forget an application.
            Err(error) if error.kind() == Kind::NotFound && seen.status.is_none() => {
                let now = DateTime::<Utc>::from(self.client.pipeline().clock().wall());
                let known = self.state.open.get_mut(&order)?;
                let Some(since) = known.missed_since else {
                    known.missed_since = Some(now);
                    return Some(Tracked::NotFound(order));
                };
                if now.signed_duration_since(since) < MISSED_FOR {
                    return None;
                }
                self.state.remove(order);
                return Some(Tracked::GivenUp(order));
            }
            Err(error) => return Some(Tracked::Failed(order, error)),
        };
        if info.is_final() {
            self.state.remove(order);
            return Some(Tracked::Final(order, Box::new(info)));
        }
        let known = self.state.open.get_mut(&order)?;
        let is_changed = *known != seen;
        *known = seen;
        is_changed.then(|| Tracked::Changed(order, Box::new(info)))
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracker").field("open", &self.state.len()).finish_non_exhaustive()
    }
}
