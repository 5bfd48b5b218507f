//! The few kinds of answers that all parts of the sandbox give.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("the sandbox's answers are always valid JSON");
    typed(status, "application/json; charset=utf-8", body)
}

pub(crate) fn html(status: StatusCode) -> Response {
    let title = format!("{} {}", status.as_str(), status.canonical_reason().unwrap_or("Error"));
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>\
         </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    typed(status, "text/html; charset=utf-8", page)
}

/// A control call that asked for something impossible: says what was expected instead.
pub(crate) fn bad_request(expected: &str) -> Response {
    json(StatusCode::BAD_REQUEST, &json!({ "error": expected }))
}

pub(crate) fn typed(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
