//! Which operation is where.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::call::{Auth, Reads, on};
use super::error::Refusal;
use super::{
    Shtrafovnet, account, cars, company, fines, invoices, notification, pay, scans, users,
};
use crate::api::Operation;

/// Where the API is: by the document, and by its official client.
const BASES: [&str; 2] = ["/shtrafovnet/latest/webmasters", "/shtrafovnet/v2/webmasters"];

pub(super) const OPERATIONS: &[Operation] = &[
    operation("GET", "/shtrafovnet/latest/webmasters/account", "the account; Bearer or Basic"),
    operation("PATCH", "/shtrafovnet/latest/webmasters/account", "changes it"),
    operation(
        "POST",
        "/shtrafovnet/latest/webmasters/account/registration",
        "a new account {email, password, name, url, …}, to be confirmed by the mailed link",
    ),
    operation(
        "POST",
        "/shtrafovnet/latest/webmasters/account/reset-password",
        "mails a new password {email}",
    ),
    operation("POST", "/shtrafovnet/latest/webmasters/tokens", "a new token; Basic, no body"),
    operation("GET", "/shtrafovnet/latest/webmasters/users", "the users; status, page"),
    operation("POST", "/shtrafovnet/latest/webmasters/users", "a new user {email, …}"),
    operation("GET", "/shtrafovnet/latest/webmasters/users/{email}", "a user"),
    operation("PATCH", "/shtrafovnet/latest/webmasters/users/{email}", "changes a user"),
    operation("DELETE", "/shtrafovnet/latest/webmasters/users/{email}", "deletes a user"),
    operation(
        "GET",
        "/shtrafovnet/latest/webmasters/users/{email}/cars",
        "a user's cars; status, page",
    ),
    operation(
        "GET",
        "/shtrafovnet/latest/webmasters/users/{email}/fines",
        "a user's fines; paid, doc, org, cars, … page",
    ),
    operation(
        "GET",
        "/shtrafovnet/latest/webmasters/users/{email}/invoices",
        "a user's invoices; status, page",
    ),
    operation("POST", "/shtrafovnet/latest/webmasters/cars", "a new car {cert, reg, …}"),
    operation("GET", "/shtrafovnet/latest/webmasters/cars/{id}", "a car"),
    operation("PATCH", "/shtrafovnet/latest/webmasters/cars/{id}", "changes a car {name, email}"),
    operation("DELETE", "/shtrafovnet/latest/webmasters/cars/{id}", "deletes a car"),
    operation(
        "GET",
        "/shtrafovnet/latest/webmasters/cars/{id}/fines",
        "a car's fines; paid, doc, org, fields, … page",
    ),
    operation("GET", "/shtrafovnet/latest/webmasters/company", "the company"),
    operation("PATCH", "/shtrafovnet/latest/webmasters/company", "changes it"),
    operation("GET", "/shtrafovnet/latest/webmasters/fines/{id}", "a fine"),
    operation("POST", "/shtrafovnet/latest/webmasters/scan", "begins to check a car {car}"),
    operation("POST", "/shtrafovnet/latest/webmasters/scan/{id}", "its status; GET as well"),
    operation("GET", "/shtrafovnet/latest/webmasters/invoices", "invoices; status, email, page"),
    operation(
        "POST",
        "/shtrafovnet/latest/webmasters/invoices",
        "a new invoice {email, wireName, wireSurname, wirePatronymic, successUrl, failUrl, …}",
    ),
    operation("GET", "/shtrafovnet/latest/webmasters/invoices/{id}", "an invoice"),
    operation(
        "POST",
        "/shtrafovnet/latest/webmasters/test/notification/fine",
        "sends a notification {type, fine_id}",
    ),
];

const fn operation(method: &'static str, path: &'static str, summary: &'static str) -> Operation {
    Operation { method, path, summary }
}

/// The operations, by their paths below the API's address.
fn operations() -> Vec<(&'static str, MethodRouter<Shtrafovnet>)> {
    use Auth::{Basic, Bearer, Either, Nobody};
    use Reads::{Json, Nothing};
    let scan_status = on(Bearer, Nothing, scans::status);
    vec![
        (
            "/account",
            get(on(Either, Nothing, account::show)).patch(on(Either, Json, account::update)),
        ),
        ("/account/registration", post(on(Nobody, Json, account::register))),
        ("/account/reset-password", post(on(Nobody, Json, account::reset_password))),
        ("/tokens", post(on(Basic, Nothing, account::create_token))),
        ("/users", get(on(Bearer, Nothing, users::list)).post(on(Bearer, Json, users::create))),
        (
            "/users/{email}",
            get(on(Bearer, Nothing, users::show))
                .patch(on(Bearer, Json, users::update))
                .delete(on(Bearer, Nothing, users::delete)),
        ),
        ("/users/{email}/cars", get(on(Bearer, Nothing, users::list_cars))),
        ("/users/{email}/fines", get(on(Bearer, Nothing, users::list_fines))),
        ("/users/{email}/invoices", get(on(Bearer, Nothing, users::list_invoices))),
        ("/cars", post(on(Bearer, Json, cars::create))),
        (
            "/cars/{id}",
            get(on(Bearer, Nothing, cars::show)).patch(on(Bearer, Json, cars::update)).delete(on(
                Bearer,
                Nothing,
                cars::delete,
            )),
        ),
        ("/cars/{id}/fines", get(on(Bearer, Nothing, cars::list_fines))),
        (
            "/company",
            get(on(Bearer, Nothing, company::show)).patch(on(Bearer, Json, company::update)),
        ),
        ("/fines/{id}", get(on(Bearer, Nothing, fines::show))),
        ("/scan", post(on(Bearer, Json, scans::create))),
        ("/scan/{id}", post(scan_status.clone()).get(scan_status)),
        (
            "/invoices",
            get(on(Bearer, Nothing, invoices::list)).post(on(Bearer, Json, invoices::create)),
        ),
        ("/invoices/{id}", get(on(Bearer, Nothing, invoices::show))),
        ("/test/notification/fine", post(notification::create)),
        // What letters lead to.
        ("/confirm/{code}", get(on(Nobody, Nothing, account::confirm))),
    ]
}

async fn wrong_method() -> Response {
    Refusal::plain(StatusCode::METHOD_NOT_ALLOWED).response()
}

/// All of it, over this state.
pub(super) fn routes(api: &Shtrafovnet) -> Router {
    let mut router = Router::new()
        .route("/shtrafovnet/pay/{code}", get(on(Auth::Nobody, Reads::Nothing, pay::show)))
        .route("/shtrafovnet/pay/{code}/pay", post(on(Auth::Nobody, Reads::Nothing, pay::pay)))
        .route(
            "/shtrafovnet/pay/{code}/decline",
            post(on(Auth::Nobody, Reads::Nothing, pay::decline)),
        )
        .route(
            "/shtrafovnet/pay/{code}/cancel",
            post(on(Auth::Nobody, Reads::Nothing, pay::cancel)),
        );
    for base in BASES {
        for (path, methods) in operations() {
            router = router.route(&format!("{base}{path}"), methods);
        }
    }
    router.method_not_allowed_fallback(wrong_method).with_state(api.clone())
}
