//! Which operation is where.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::call::{Auth, on};
use super::error::Refusal;
use super::{Epgu, dictionary, files, orders, statuses, upload};
use crate::api::Operation;

/// Where the API is: itself, and below the prefix of the SMEV4 agent.
const BASES: [&str; 2] = ["/epgu", "/epgu/gu-smev-api"];

pub(super) const OPERATIONS: &[Operation] = &[
    operation(
        "POST",
        "/epgu/api/gusmev/order",
        "a new application {region, serviceCode, targetCode}",
    ),
    operation("POST", "/epgu/api/gusmev/push", "a whole application at once: form meta, file"),
    operation(
        "POST",
        "/epgu/api/gusmev/push/chunked",
        "a part of its archive: form meta, orderId, chunk, chunks, file",
    ),
    operation("POST", "/epgu/api/gusmev/order/{orderId}", "its details"),
    operation("POST", "/epgu/api/gusmev/order/{orderId}/cancel", "cancels it"),
    operation(
        "GET",
        "/epgu/api/gusmev/order/getUpdatedAfter/",
        "statuses; updatedAfter, pageNum, pageSize",
    ),
    operation(
        "GET",
        "/epgu/api/gusmev/order/getOrdersStatus/",
        "statuses; orderIds, pageNum, pageSize",
    ),
    operation(
        "POST",
        "/epgu/api/nsi/v1/dictionary/{code}",
        "a dictionary {treeFiltering, …}; no authorization",
    ),
    operation(
        "GET",
        "/epgu/api/storage/v2/files/{objectId}/{objectType}/download",
        "a file; mnemonic",
    ),
];

const fn operation(method: &'static str, path: &'static str, summary: &'static str) -> Operation {
    Operation { method, path, summary }
}

/// The operations, by their paths below the API's address.
fn operations() -> Vec<(&'static str, MethodRouter<Epgu>)> {
    use Auth::{Bearer, Nobody};
    vec![
        ("/api/gusmev/order", post(on(Bearer, orders::create))),
        ("/api/gusmev/push", post(upload::push)),
        ("/api/gusmev/push/chunked", post(upload::push_chunk)),
        ("/api/gusmev/order/{orderId}", post(on(Bearer, orders::show))),
        ("/api/gusmev/order/{orderId}/cancel", post(on(Bearer, orders::cancel))),
        ("/api/gusmev/order/getUpdatedAfter/", get(on(Bearer, statuses::updated_after))),
        ("/api/gusmev/order/getOrdersStatus/", get(on(Bearer, statuses::by_ids))),
        ("/api/nsi/v1/dictionary/{code}", post(on(Nobody, dictionary::items))),
        (
            "/api/storage/v2/files/{objectId}/{objectType}/download",
            get(on(Bearer, files::at_storage)),
        ),
        // By table 3, and by later editions.
        ("/api/gusmev/files/{objectId}/{objectType}/download", get(on(Bearer, files::at_gusmev))),
        ("/api/gusmev/files/download/{objectId}/{objectType}", get(on(Bearer, files::at_later))),
    ]
}

async fn wrong_method() -> Response {
    Refusal::plain(StatusCode::METHOD_NOT_ALLOWED).response()
}

/// All of it, over this state.
pub(super) fn routes(api: &Epgu) -> Router {
    let mut router = Router::new();
    for base in BASES {
        for (path, methods) in operations() {
            router = router.route(&format!("{base}{path}"), methods);
        }
    }
    router.method_not_allowed_fallback(wrong_method).with_state(api.clone())
}
