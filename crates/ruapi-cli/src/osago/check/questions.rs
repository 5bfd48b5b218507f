//! Questions that are to be refused: the same for every operation that only reads.

use super::answers::Refusal;
use super::ask::{Who, question};
use super::rule::{Check, Operation, Severity::Error};
use super::run::{NO_OFFER, NO_REQUEST, NO_SUCH_OFFER, NOT_A_UUID, Run};
use crate::osago::template::uuid;

/// A question, and how it is to be refused.
struct Question {
    refusal: Refusal,
    who: Who,
    request: Given,
    offer: Given,
}

/// What an identifier is.
#[derive(Clone, Copy, PartialEq)]
enum Given {
    Right,
    Unknown,
    Malformed,
    Missing,
}

pub(super) const STRANGER: Refusal = Refusal {
    check: Check::new("wrong_credential", Error, "responce-codes: 403", "HTTP 403"),
    statuses: &[403],
    property: None,
};
pub(super) const NOBODY: Refusal = Refusal {
    check: Check::new("no_credential", Error, "responce-codes: 403", "HTTP 403"),
    statuses: &[403],
    property: None,
};
pub(super) const BAD_UUID: Refusal = Refusal {
    check: Check::new("bad_uuid", Error, "responce-codes: 400", "HTTP 400"),
    statuses: &[400],
    property: Some("request_id"),
};
pub(super) const MISSING_REQUEST_ID: Refusal = Refusal {
    check: Check::new("missing_request_id", Error, "responce-codes: 400", "HTTP 400"),
    statuses: &[400],
    property: Some("request_id"),
};
pub(super) const MISSING_OFFER_ID: Refusal = Refusal {
    check: Check::new("missing_offer_id", Error, "responce-codes: 400", "HTTP 400"),
    statuses: &[400],
    property: Some("offer_id"),
};
pub(super) const UNKNOWN_REQUEST: Refusal = Refusal {
    check: Check::new("unknown_request", Error, "responce-codes: 404", "HTTP 404"),
    statuses: &[404],
    property: None,
};
const UNKNOWN_OFFER: Refusal = Refusal {
    check: Check::new("unknown_offer", Error, "responce-codes: 404", "HTTP 404"),
    statuses: &[404],
    property: None,
};

/// Of an operation that is asked by `request_id`.
pub(super) const BY_REQUEST: &[Check] = &[
    STRANGER.check,
    NOBODY.check,
    BAD_UUID.check,
    MISSING_REQUEST_ID.check,
    UNKNOWN_REQUEST.check,
];
/// What is added for one that is asked by `offer_id` as well.
pub(super) const BY_OFFER: &[Check] = &[MISSING_OFFER_ID.check, UNKNOWN_OFFER.check];

const fn of_request(refusal: Refusal, who: Who, request: Given) -> Question {
    Question { refusal, who, request, offer: Given::Right }
}

const fn of_offer(refusal: Refusal, offer: Given) -> Question {
    Question { refusal, who: Who::Agreed, request: Given::Right, offer }
}

const QUESTIONS: &[Question] = &[
    of_request(STRANGER, Who::Stranger, Given::Right),
    of_request(NOBODY, Who::Nobody, Given::Right),
    of_request(BAD_UUID, Who::Agreed, Given::Malformed),
    of_request(MISSING_REQUEST_ID, Who::Agreed, Given::Missing),
    of_request(UNKNOWN_REQUEST, Who::Agreed, Given::Unknown),
    of_offer(MISSING_OFFER_ID, Given::Missing),
    of_offer(UNKNOWN_OFFER, Given::Unknown),
];

/// Asks what is to be refused.
pub(super) async fn refused(run: &mut Run<'_>, operation: &'static Operation) {
    if !run.selects(operation) {
        return;
    }
    let mut checks = operation.checks.iter().copied().flatten();
    let has_offer = checks.any(|check| check.name == MISSING_OFFER_ID.check.name);
    for asked in QUESTIONS {
        if asked.offer != Given::Right && !has_offer {
            continue;
        }
        let check = &asked.refusal.check;
        if !run.may_ask_as(operation, check, asked.who) {
            continue;
        }
        if asked.offer != Given::Right && run.request_id.is_none() {
            run.skip(operation, check, true, NO_REQUEST);
            continue;
        }
        let request_id = match asked.request {
            Given::Right => Some(run.request_id.clone().unwrap_or_else(uuid)),
            Given::Unknown => Some(uuid()),
            Given::Malformed => Some(NOT_A_UUID.to_owned()),
            Given::Missing => None,
        };
        let offer_id = match asked.offer {
            Given::Missing => None,
            Given::Right => Some(run.offer_id().unwrap_or(NO_SUCH_OFFER).to_owned()),
            _ => Some(NO_SUCH_OFFER.to_owned()),
        };
        let mut query = Vec::new();
        query.extend(offer_id.as_deref().filter(|_| has_offer).map(|id| ("offer_id", id)));
        query.extend(request_id.as_deref().map(|id| ("request_id", id)));
        let came = run.partner.ask(asked.who, &question(operation, &query)).await;
        let sent = request_id.unwrap_or_default();
        run.refused(operation, &asked.refusal, &sent, &came);
    }
}

/// The reason why an operation on an offer cannot be checked.
pub(super) fn without_offer(run: &Run<'_>) -> &'static str {
    if run.request_id.is_none() { NO_REQUEST } else { NO_OFFER }
}
