//! Many queries, several at a time, with an outcome for each.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use ruapi_core::{BoxFuture, Error, Kind, Response};

use crate::check::{Check, Query, Subject};
use crate::client::Client;
use crate::model::PolicyCheck;

/// How many queries are under way at once unless the caller says otherwise.
const PARALLEL: usize = 4;

/// What became of one input. Exactly one of these for each.
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
    /// What the result of a single [`Check`] means for the bill.
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
/// * An input is taken from its stream only when its query is about to be sent, and an outcome's place
///   is filled again only when the next outcome is asked for. So whoever notes each input as it is
///   taken, and each outcome before asking for the next, knows after a crash which queries may have been billed.
/// * When the service says that there are too many queries at once (456), there are half as many from
///   then on, slowly growing back.
/// * The first error of money or credential stops the bulk: what is under way is finished, all further
///   inputs come back as [`Outcome::NotSent`].
///
/// Dropping the bulk drops the queries under way, and whether they were billed is not known then.
#[must_use = "streams do nothing unless polled"]
pub struct Bulk<K, S> {
    client: Client,
    query: Query,
    parallel: usize,
    inputs: Option<Pin<Box<S>>>,
    under_way: FuturesUnordered<BoxFuture<'static, Row<K>>>,
    stopped: Option<Kind>,
}

impl<K, S: Stream<Item = (K, Subject)>> Bulk<K, S> {
    pub(crate) fn new(client: Client, inputs: S) -> Self {
        Self {
            client,
            query: Query::new(),
            parallel: PARALLEL,
            inputs: Some(Box::pin(inputs)),
            under_way: FuturesUnordered::new(),
            stopped: None,
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
}

impl<K, S> Stream for Bulk<K, S>
where
    K: Send + Unpin + 'static,
    S: Stream<Item = (K, Subject)>,
{
    type Item = Row<K>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Row<K>>> {
        let this = &mut *self;
        while this.under_way.len() < this.parallel {
            let Some(inputs) = &mut this.inputs else {
                break;
            };
            match inputs.as_mut().poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(None) => this.inputs = None,
                Poll::Ready(Some((key, subject))) => {
                    if let Some(reason) = this.stopped {
                        let outcome = Outcome::NotSent(stopped(reason));
                        return Poll::Ready(Some(Row { key, outcome }));
                    }
                    let check = Check::new(this.client.clone(), subject, this.query);
                    this.under_way.push(Box::pin(async move {
                        Row {
                            key,
                            outcome: Outcome::of(check.await),
                        }
                    }));
                }
            }
        }
        if this.under_way.is_empty() {
            let over = this.inputs.is_none();
            return if over {
                Poll::Ready(None)
            } else {
                Poll::Pending
            };
        }
        let row = ready!(Pin::new(&mut this.under_way).poll_next(cx));
        if let Some(error) = row.as_ref().and_then(|row| row.outcome.error()) {
            if matches!(error.kind(), Kind::Credential | Kind::Funds) {
                this.stopped = Some(error.kind());
            }
        }
        Poll::Ready(row)
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
