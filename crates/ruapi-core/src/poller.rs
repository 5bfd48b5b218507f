//! Waiting for something that takes the service a while.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_core::Stream;

use crate::BoxFuture;
use crate::clock::Clock;
use crate::error::{Error, Kind};

/// When to ask: from the API's own document, or the caller's.
///
/// For an example see [`Poller`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Before the first question.
    pub first: Duration,
    /// Between two questions.
    pub interval: Duration,
    /// For the whole wait: no question is begun after it. One that is under way then has its call's own
    /// deadline.
    pub deadline: Duration,
}

/// Asks for a status until it is final: a stream of the statuses, or, awaited, the final one.
///
/// Dropping it ends the asking; it never cancels what is waited for. An error of a question ends it
/// as well, as does the deadline ([`Kind::Timeout`]).
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use futures_util::TryStreamExt;
/// use ruapi_core::test_util::ManualClock;
/// use ruapi_core::{Poller, Schedule};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), ruapi_core::Error> {
/// let schedule = Schedule {
///     first: Duration::from_secs(30),
///     interval: Duration::from_secs(12),
///     deadline: Duration::from_secs(600),
/// };
/// // A scan that is done at the third question. A client asks its service here.
/// let scan = || {
///     let mut asked = 0;
///     let clock = Arc::new(ManualClock::auto()); // for tests: nobody waits
///     Poller::new("scan", schedule, clock, |asked| *asked == 3, move || {
///         asked += 1;
///         Box::pin(async move { Ok(asked) })
///     })
/// };
///
/// assert_eq!(scan().await?, 3); // the end alone
/// let statuses: Vec<u32> = scan().try_collect().await?; // every status
/// assert_eq!(statuses, [1, 2, 3]);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked until it is awaited or polled"]
pub struct Poller<S> {
    operation: &'static str,
    schedule: Schedule,
    clock: Arc<dyn Clock>,
    ask: Box<dyn FnMut() -> BoxFuture<'static, Result<S, Error>> + Send>,
    is_final: fn(&S) -> bool,
    deadline: Option<Instant>,
    state: State<S>,
}

enum State<S> {
    New,
    Pausing(BoxFuture<'static, ()>),
    Asking(BoxFuture<'static, Result<S, Error>>),
    Over,
}

impl<S> Poller<S> {
    /// Asks with `ask` until `is_final`.
    pub fn new<F>(
        operation: &'static str,
        schedule: Schedule,
        clock: Arc<dyn Clock>,
        is_final: fn(&S) -> bool,
        ask: F,
    ) -> Self
    where
        F: FnMut() -> BoxFuture<'static, Result<S, Error>> + Send + 'static,
    {
        let ask = Box::new(ask);
        Self { operation, schedule, clock, ask, is_final, deadline: None, state: State::New }
    }

    /// Another schedule than the document's.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    fn pause(&self, duration: Duration) -> State<S> {
        let left = self
            .deadline
            .map_or(self.schedule.deadline, |end| end.saturating_duration_since(self.clock.now()));
        State::Pausing(self.clock.sleep(duration.min(left)))
    }
}

impl<S> Stream for Poller<S> {
    type Item = Result<S, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::New => {
                    this.deadline = this.clock.now().checked_add(this.schedule.deadline);
                    this.state = this.pause(this.schedule.first);
                }
                State::Pausing(pause) => {
                    ready!(pause.as_mut().poll(cx));
                    if this.deadline.is_some_and(|end| this.clock.now() >= end) {
                        this.state = State::Over;
                        let detail = format!("not finished within {:?}", this.schedule.deadline);
                        let error = Error::new(Kind::Timeout, this.operation, detail);
                        return Poll::Ready(Some(Err(error)));
                    }
                    this.state = State::Asking((this.ask)());
                }
                State::Asking(question) => {
                    let result = ready!(question.as_mut().poll(cx));
                    let more = result.as_ref().is_ok_and(|status| !(this.is_final)(status));
                    this.state =
                        if more { this.pause(this.schedule.interval) } else { State::Over };
                    return Poll::Ready(Some(result));
                }
                State::Over => return Poll::Ready(None),
            }
        }
    }
}

impl<S: Send + 'static> IntoFuture for Poller<S> {
    type Output = Result<S, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            let is_final = self.is_final;
            loop {
                let next = std::future::poll_fn(|cx| Pin::new(&mut self).poll_next(cx)).await;
                let Some(status) = next else {
                    let detail = "the wait was over before it was awaited";
                    return Err(Error::input(self.operation, detail));
                };
                let status = status?;
                if is_final(&status) {
                    return Ok(status);
                }
            }
        })
    }
}

impl<S> fmt::Debug for Poller<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller")
            .field("operation", &self.operation)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;
    use crate::test_util::ManualClock;

    const SCHEDULE: Schedule = Schedule {
        first: Duration::from_secs(30),
        interval: Duration::from_secs(10),
        deadline: Duration::from_secs(60),
    };

    /// Counts up at each question; 3 is final.
    fn poller(clock: &Arc<ManualClock>, from: u32) -> Poller<u32> {
        let mut count = from;
        Poller::new(
            "status",
            SCHEDULE,
            clock.clone(),
            |count| *count == 3,
            move || {
                count += 1;
                Box::pin(async move { Ok(count) })
            },
        )
    }

    #[tokio::test]
    async fn awaited_it_gives_the_final_status_on_schedule() {
        let clock = Arc::new(ManualClock::auto());
        assert_eq!(poller(&clock, 0).await.unwrap(), 3);
        assert_eq!(clock.slept(), [30, 10, 10].map(Duration::from_secs));
    }

    #[tokio::test]
    async fn as_a_stream_it_gives_every_status() {
        let clock = Arc::new(ManualClock::auto());
        let statuses: Vec<_> = poller(&clock, 0).map(Result::unwrap).collect().await;
        assert_eq!(statuses, [1, 2, 3]);
    }

    #[tokio::test]
    async fn the_deadline_ends_it_with_a_timeout() {
        let clock = Arc::new(ManualClock::auto());
        let error = poller(&clock, 3).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout);
        assert_eq!(clock.slept(), [30, 10, 10, 10].map(Duration::from_secs));
    }

    #[tokio::test]
    async fn an_error_ends_it() {
        let clock = Arc::new(ManualClock::auto());
        let mut poller = Poller::<u32>::new(
            "status",
            SCHEDULE,
            clock,
            |_| true,
            || Box::pin(async { Err(Error::new(Kind::NotFound, "status", "gone")) }),
        );
        assert_eq!(poller.next().await.unwrap().unwrap_err().kind(), Kind::NotFound);
        assert!(poller.next().await.is_none());
    }
}
