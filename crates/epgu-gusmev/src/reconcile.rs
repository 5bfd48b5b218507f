//! Was it filed? What an order's details say after a doubtful end.

use std::time::Duration;

use futures_util::StreamExt;
use ruapi_core::{Error, Kind, Poller, Schedule};

use crate::client::Client;
use crate::order::{OrderInfo, ProcessingState, StatusId};
use crate::order_id::OrderId;

/// Whether an application was filed, as far as one can tell.
///
/// For an example see the [guide](crate::guide#retries-and-money).
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
        let is_settled = |look: &Look| !matches!(look, Look::Seen(Submission::NotSubmitted));
        let mut looks =
            Poller::new("POST /order/{orderId}", SCHEDULE, clock, is_settled, move || {
                let details = client.order(order);
                Box::pin(async move {
                    match details.await {
                        Ok(info) => Ok(Look::Seen(judge(&info))),
                        // Not found though it was made: nothing follows from that.
                        Err(error) if error.kind() == Kind::NotFound => {
                            Ok(Look::Seen(Submission::Unknown))
                        }
                        // Not as an error of the wait, which ends in a timeout of its own.
                        Err(error) => Ok(Look::Failed(Box::new(error))),
                    }
                })
            });
        let mut seen = None;
        loop {
            match looks.next().await {
                Some(Ok(Look::Failed(error))) => return Err(*error),
                Some(Ok(Look::Seen(Submission::NotSubmitted))) => {
                    seen = Some(Submission::NotSubmitted);
                }
                Some(Ok(Look::Seen(submission))) => return Ok(submission),
                // It stayed as it was until the deadline.
                Some(Err(error)) => return seen.ok_or(error),
                None => return Ok(seen.unwrap_or(Submission::Unknown)),
            }
        }
    }
}

/// One look at the details.
enum Look {
    Seen(Submission),
    Failed(Box<Error>),
}

fn judge(info: &OrderInfo) -> Submission {
    use ProcessingState::*;
    let order = info.order.as_ref();
    let status = order.and_then(|order| {
        let current = order.current_status().and_then(|status| status.status_id);
        order.order_status_id.or(current)
    });
    match (&info.code, status) {
        // Whatever comes after NEW comes of the archive, also while the status is a draft's.
        (
            Some(
                Validation
                | FilesVerification
                | FilesVerificationSuccess
                | FilesVerificationFailed
                | Done
                | InvalidFilesStructure
                | ValidationError
                | ReqNotFound
                | MpcNotFound
                | ReqVerifyFailed,
            ),
            _,
        ) => Submission::Submitted,
        (_, Some(status)) if status != StatusId::Draft => Submission::Submitted,
        (Some(New | Ok) | None, Some(_)) | (Some(New), None) => Submission::NotSubmitted,
        // Of the rest one cannot tell what they came of.
        _ => Submission::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(json: &serde_json::Value) -> Submission {
        judge(&OrderInfo::from_json(json.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn the_details_tell_by_the_code_first() {
        use serde_json::json;
        let order = |status: u32| json!({"id": 7, "orderStatusId": status});
        for (details, expected) in [
            (json!({"code": "NEW"}), Submission::NotSubmitted),
            (json!({"code": "NEW", "order": order(0)}), Submission::NotSubmitted),
            (json!({"code": "OK", "order": order(0)}), Submission::NotSubmitted),
            (json!({"code": "NEW", "order": order(17)}), Submission::Submitted),
            (json!({"code": "OK", "order": order(21)}), Submission::Submitted),
            (json!({"code": "VALIDATION"}), Submission::Submitted),
            (json!({"code": "VALIDATION", "order": order(0)}), Submission::Submitted),
            (json!({"code": "REQ_NOT_FOUND"}), Submission::Submitted),
            (json!({"code": "DONE", "order": order(0)}), Submission::Submitted),
            (json!({"code": "RETRY"}), Submission::Unknown),
            (json!({"code": "INTERNAL_ERROR"}), Submission::Unknown),
            (json!({"code": "LIMITATION_EXCEPTION"}), Submission::Unknown),
            (json!({"code": "NEWER"}), Submission::Unknown),
            (json!({"code": "OK"}), Submission::Unknown),
            (json!({}), Submission::Unknown),
        ] {
            assert_eq!(judged(&details), expected, "{details}");
        }
    }
}
