//! Was it filed? What an order's details say after a doubtful end.

use std::time::Duration;

use ruapi_core::{Error, Kind};

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
    /// The order stayed `NEW`, or a draft, for as long as it was looked at. **Not a proof that nothing
    /// arrived**: one with its archive is `NEW` as well until the service takes it up, and the document
    /// names no time for that. The longer it stays so, the less likely it is that the archive is there.
    StillNew,
    /// The details do not tell.
    Unknown,
}

/// For how long [`Client::reconcile`] looks at an order that is `NEW`.
pub(crate) const LOOKING: Duration = Duration::from_secs(30);
/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(5);

impl Client {
    /// Settles whether an order's archive was filed, from the order's details. Takes 30 seconds where they
    /// are those of an order without its archive, which one that was just filed may show for a while. May
    /// be repeated.
    pub async fn reconcile(&self, order: OrderId) -> Result<Submission, Error> {
        self.look_for(order, LOOKING).await
    }

    /// The same for another time: [`Submission::StillNew`] if the first look and one that began at least
    /// so much later, and all between them, showed the same.
    pub(crate) async fn look_for(
        &self,
        order: OrderId,
        time: Duration,
    ) -> Result<Submission, Error> {
        let clock = self.pipeline().clock();
        let mut first = None;
        loop {
            let asked = clock.now();
            let seen = match self.order(order).await {
                Ok(info) => judge(&info),
                // Not found though it was made: nothing follows from that.
                Err(error) if error.kind() == Kind::NotFound => Submission::Unknown,
                Err(error) => return Err(error),
            };
            let first = *first.get_or_insert_with(|| clock.now());
            let left = time.saturating_sub(asked.saturating_duration_since(first));
            if seen != Submission::StillNew || left.is_zero() {
                return Ok(seen);
            }
            clock.sleep(left.min(INTERVAL)).await;
        }
    }
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
        (Some(New | Ok) | None, Some(_)) | (Some(New), None) => Submission::StillNew,
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
            (json!({"code": "NEW"}), Submission::StillNew),
            (json!({"code": "NEW", "order": order(0)}), Submission::StillNew),
            (json!({"code": "OK", "order": order(0)}), Submission::StillNew),
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
