//! Many queries, several at a time, with an outcome for each.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use ruapi_core::{BoxFuture, Error, Kind, Response, Slot};

use crate::check::{Query, Subject};
use crate::client::Client;
use crate::model::PolicyCheck;

/// How many queries are under way at once unless the caller says otherwise.
const PARALLEL: usize = 4;

/// What became of one input. Exactly one of these for each.
///
/// For an example see [`Bulk`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Answered, and billed.
    Answered(Box<Response<PolicyCheck>>),
    /// The service refused. Not billed.
    Refused(Error),
    /// Not sent: no connection was made, or the bulk had stopped before. Not billed.
    NotSent(Error),
    /// Sent, and no answer was understood. **May have been billed**: asking again may pay twice.
    Unknown(Error),
}

impl Outcome {
    /// What the result of a single [`Check`](crate::Check) means for the bill.
    pub fn of(result: Result<Response<PolicyCheck>, Error>) -> Self {
        match result {
            Ok(answer) => Self::Answered(Box::new(answer)),
            Err(error) if error.maybe_processed() => Self::Unknown(error),
            Err(error) if error.status().is_some() => Self::Refused(error),
            Err(error) => Self::NotSent(error),
        }
    }

    /// The error, where there is no answer.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Answered(_) => None,
            Self::Refused(error) | Self::NotSent(error) | Self::Unknown(error) => Some(error),
        }
    }
}

/// An input's key, and what became of it.
///
/// For an example see [`Bulk`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Row<K> {
    /// The key that came with the input.
    pub key: K,
    /// What became of it.
    pub outcome: Outcome,
}

/// A stream of outcomes for a stream of inputs, made by [`Client::bulk`]; in the order of answering.
///
/// * An input is taken from its stream only when its query can be sent at once, and an outcome's place
///   is filled again only when the next outcome is asked for. So whoever notes each input as it is
///   taken, and each outcome before asking for the next, knows after a crash which queries may have
///   been billed. While it waits for an input, a bulk keeps one of the client's places, unless a query of
///   its own waits for it.
/// * When the service says that there are too many queries at once (456), there are half as many from
///   then on, slowly growing back.
/// * The first error of money or credential stops the bulk: nothing more is sent, what is under way is
///   finished, and then all further inputs come back as [`Outcome::NotSent`].
///
/// Dropping the bulk drops the queries under way, and whether they were billed is not known then.
///
/// ```
/// # use nsso_client::{Client, PlateNumber, Token};
/// # use ruapi_sandbox::{Nsso, Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let client = Client::builder(Token::new(Nsso::TOKEN)?).base_url(sandbox.nsso_url()).build()?;
/// use futures_util::{StreamExt, stream};
/// use nsso_client::Outcome;
///
/// let fleet = (0..10).map(|n| Nsso::fleet_plate(n).parse::<PlateNumber>());
/// let fleet: Vec<PlateNumber> = fleet.collect::<Result<_, _>>()?;
/// let inputs = stream::iter(fleet.into_iter().enumerate());
/// let inputs = inputs.map(|(row, plate)| (row, plate.into()));
///
/// let mut rows = client.bulk(inputs).parallel(4);
/// while let Some(row) = rows.next().await {
///     match row.outcome {
///         Outcome::Answered(check) => println!("{}: {} policies", row.key, check.result.len()),
///         Outcome::Unknown(error) => println!("{}: may have been billed: {error}", row.key),
///         other => println!("{}: not billed: {:?}", row.key, other.error()),
///     }
/// }
/// assert_eq!(sandbox.nsso().billed(), 10);
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Bulk<K, S> {
    client: Client,
    query: Query,
    parallel: usize,
    inputs: Option<Pin<Box<S>>>,
    /// For the next input.
    slot: Option<BoxFuture<'static, Slot>>,
    free: Option<Slot>,
    under_way: FuturesUnordered<BoxFuture<'static, Row<K>>>,
    stopped: Option<Kind>,
    /// Tells the queries under way that no further attempt may be made.
    stop: Arc<AtomicBool>,
}

impl<K, S: Stream<Item = (K, Subject)>> Bulk<K, S> {
    pub(crate) fn new(client: Client, inputs: S) -> Self {
        Self {
            client,
            query: Query::new(),
            parallel: PARALLEL,
            inputs: Some(Box::pin(inputs)),
            slot: None,
            free: None,
            under_way: FuturesUnordered::new(),
            stopped: None,
            stop: Arc::default(),
        }
    }

    /// At most this many queries at once; 4 by default. What an account may have is not documented.
    pub fn parallel(mut self, queries: usize) -> Self {
        self.parallel = queries.max(1);
        self
    }

    /// What is asked of every subject.
    pub fn query(mut self, query: Query) -> Self {
        self.query = query;
        self
    }

    /// Money or credential errors end everything.
    fn stop_after(&mut self, outcome: &Outcome) {
        let kind = outcome.error().map(Error::kind);
        if let Some(Kind::Credential | Kind::Funds) = kind {
            self.stopped = kind;
            self.stop.store(true, Ordering::Relaxed);
            // Others may use what this bulk will not.
            (self.slot, self.free) = (None, None);
        }
    }

    /// The next input; `None` at the end.
    fn next_input(&mut self, cx: &mut Context<'_>) -> Poll<Option<(K, Subject)>> {
        let Some(inputs) = &mut self.inputs else { return Poll::Ready(None) };
        let input = ready!(inputs.as_mut().poll_next(cx));
        if input.is_none() {
            self.inputs = None;
        }
        Poll::Ready(input)
    }

    /// Starts as many queries as there are places and inputs.
    fn fill(&mut self, cx: &mut Context<'_>) -> Poll<()>
    where
        K: Send + 'static,
    {
        while self.inputs.is_some() && self.under_way.len() < self.parallel {
            if self.free.is_none() {
                let slot = self.slot.get_or_insert_with(|| self.client.pipeline().slot());
                self.free = Some(ready!(slot.as_mut().poll(cx)));
                self.slot = None;
            }
            let Some((key, subject)) = ready!(self.next_input(cx)) else { break };
            if let Some(slot) = self.free.take() {
                let query = self.query;
                let (client, stop) = (self.client.clone(), self.stop.clone());
                self.under_way.push(Box::pin(async move {
                    let outcome = Outcome::of(ask(&client, query, &subject, slot, &stop).await);
                    Row { key, outcome }
                }));
            }
        }
        if self.inputs.is_none() {
            // Whoever has to be asked once more needs it.
            (self.slot, self.free) = (None, None);
        }
        Poll::Ready(())
    }
}

async fn ask(
    client: &Client,
    query: Query,
    subject: &Subject,
    slot: Slot,
    stop: &AtomicBool,
) -> Result<Response<PolicyCheck>, Error> {
    let request = query.request(subject)?;
    client.pipeline().send_in(slot, &request, stop).await?.decode(&request)
}

impl<K, S> Stream for Bulk<K, S>
where
    K: Send + Unpin + 'static,
    S: Stream<Item = (K, Subject)>,
{
    type Item = Row<K>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Row<K>>> {
        let this = &mut *self;
        let filled = if this.stopped.is_none() { this.fill(cx) } else { Poll::Ready(()) };
        // Nothing under way is not the end: `None` is given for that, too, and asked again later.
        let next = Pin::new(&mut this.under_way).poll_next(cx);
        if this.free.as_ref().is_some_and(Slot::is_wanted) {
            this.free = None;
        }
        if let Some(mut row) = ready!(next) {
            match (&row.outcome, this.stopped) {
                // It was stopped between its place and its sending.
                (Outcome::NotSent(error), Some(reason)) if error.attempts() == 0 => {
                    row.outcome = Outcome::NotSent(stopped(reason));
                }
                (outcome, None) => this.stop_after(outcome),
                _ => {}
            }
            return Poll::Ready(Some(row));
        }
        ready!(filled);
        let Some(reason) = this.stopped else { return Poll::Ready(None) };
        let input = ready!(this.next_input(cx));
        let not_sent = |(key, _)| Row { key, outcome: Outcome::NotSent(stopped(reason)) };
        Poll::Ready(input.map(not_sent))
    }
}

fn stopped(reason: Kind) -> Error {
    let detail = match reason {
        Kind::Funds => "not sent: an earlier query found no money left",
        _ => "not sent: an earlier query had its token refused",
    };
    Error::new(reason, "checkPolicy", detail)
}

impl<K, S> fmt::Debug for Bulk<K, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulk")
            .field("client", &self.client)
            .field("query", &self.query)
            .field("parallel", &self.parallel)
            .field("under_way", &self.under_way.len())
            .finish_non_exhaustive()
    }
}
