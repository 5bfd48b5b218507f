//! Was it filed? What an order's details say after a doubtful end.

use std::time::Duration;

use ruapi_core::{Error, Kind, Poller, Schedule};

use crate::client::Client;
use crate::order::{OrderInfo, ProcessingState, StatusId};
use crate::order_id::OrderId;

/// Whether an application was filed, as far as one can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Submission {
    /// The service has the archive and works on it, or has done so.
    Submitted,
    /// The order is there without its archive.
    NotSubmitted,
    /// The details do not tell.
    Unknown,
}

/// An order that just got its archive may still be `NEW` for a moment, as one without is: it is looked at
/// again, and only if it stays so, nothing arrived. The document names no time; this is ours.
const SCHEDULE: Schedule = Schedule {
    first: Duration::ZERO,
    interval: Duration::from_secs(5),
    deadline: Duration::from_secs(30),
};

impl Client {
    /// Settles whether an order's archive was filed, from the order's details. Takes up to 30 seconds where
    /// they are those of an order without its archive. May be repeated.
    pub async fn reconcile(&self, order: OrderId) -> Result<Submission, Error> {
        let client = self.clone();
        let clock = self.pipeline().clock().clone();
        let is_settled = |submission: &Submission| *submission != Submission::NotSubmitted;
        let looks = Poller::new("POST /order/{orderId}", SCHEDULE, clock, is_settled, move || {
            let details = client.order(order);
            Box::pin(async move {
                match details.await {
                    Ok(info) => Ok(judge(&info)),
                    // Not found though it was made: nothing follows from that.
                    Err(error) if error.kind() == Kind::NotFound => Ok(Submission::Unknown),
                    Err(error) => Err(error),
                }
            })
        });
        match looks.await {
            // It stayed as it was until the deadline.
            Err(error) if error.kind() == Kind::Timeout && error.attempts() == 0 => {
                Ok(Submission::NotSubmitted)
            }
            result => result,
        }
    }
}

fn judge(info: &OrderInfo) -> Submission {
    let status = info.order.as_ref().and_then(|order| order.order_status_id);
    match (&info.code, status) {
        (_, Some(status)) if status != StatusId::Draft => Submission::Submitted,
        (_, Some(_)) => Submission::NotSubmitted,
        (Some(ProcessingState::New), None) => Submission::NotSubmitted,
        (Some(ProcessingState::Ok | ProcessingState::Other(_)) | None, None) => Submission::Unknown,
        // Whatever comes after NEW comes of the archive.
        (Some(_), None) => Submission::Submitted,
    }
}
