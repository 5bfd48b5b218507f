//! Which operation is where.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::call::on;
use super::error::Refusal;
use super::{Osago, calculation, document, offer};
use crate::api::Operation;

pub(super) const OPERATIONS: &[Operation] = &[
    operation("POST", "/osago/osago/calculate", "starts a calculation"),
    operation("GET", "/osago/osago/calculate", "a calculation with its offers; request_id"),
    operation("GET", "/osago/osago/calculate/status", "where it stands; request_id"),
    operation(
        "POST",
        "/osago/osago/offer",
        "confirms an offer {request_id, offer_id, return_urls, upsales}",
    ),
    operation("GET", "/osago/osago/offer", "an offer; request_id, offer_id"),
    operation("GET", "/osago/osago/offer/draft", "the policy's draft; request_id, offer_id"),
    operation("GET", "/osago/osago/offer/policy", "the policy; request_id, offer_id"),
];

const fn operation(method: &'static str, path: &'static str, summary: &'static str) -> Operation {
    Operation { method, path, summary }
}

async fn wrong_method() -> Response {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Метод не поддерживается").response()
}

async fn unknown() -> Response {
    Refusal::not_found("Операция не найдена").response()
}

/// All of it, over this state.
pub(super) fn routes(api: &Osago) -> Router {
    let calculate = post(on(calculation::create)).get(on(calculation::show));
    Router::new()
        .route("/osago/osago/calculate", calculate)
        .route("/osago/osago/calculate/status", get(on(calculation::status)))
        .route("/osago/osago/offer", post(on(offer::confirm)).get(on(offer::show)))
        .route("/osago/osago/offer/draft", get(on(document::draft)))
        .route("/osago/osago/offer/policy", get(on(document::policy)))
        // A partner answers this in its own form as well.
        .route("/osago/osago/{*unknown}", axum::routing::any(unknown))
        .method_not_allowed_fallback(wrong_method)
        .with_state(api.clone())
}
