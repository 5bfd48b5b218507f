//! What all deletions have in common.

use http::{HeaderMap, StatusCode};
use ruapi_core::{Error, Kind, RawResponse, Request, Response};
use serde::Deserialize;

use crate::call::Access;
use crate::client::Client;

/// It is gone. The service answers 204 and nothing else.
///
/// For an example see [`users`](crate::users).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Deleted;

fn says_nothing(body: &[u8]) -> bool {
    matches!(body.trim_ascii(), b"" | b"{}" | b"[]" | b"null")
}

/// Deletes, and takes a repetition's "not found" for what it is: the earlier attempt's success.
pub(crate) async fn delete(client: &Client, request: &Request) -> Result<Response<Deleted>, Error> {
    match client.send(request, Access::Token).await {
        // Beside 204 nothing else can be said; another good status may come from whoever is in between.
        Ok(answer) if answer.status() == StatusCode::NO_CONTENT || says_nothing(answer.body()) => {
            Ok(answer.with_value(Deleted))
        }
        Ok(answer) => {
            let error = Error::new(Kind::Decode, request.operation(), "expected an empty answer");
            let error = error.with_request(request).with_response(&answer);
            Err(error.with_progress(answer.attempts(), true))
        }
        Err(error) if error.kind() == Kind::NotFound && error.maybe_processed() => {
            let status = error.status().unwrap_or_default();
            let now = client.clock().wall();
            let answer = RawResponse::new(status, HeaderMap::new(), Default::default(), now);
            Ok(answer.with_attempts(error.attempts()).with_value(Deleted))
        }
        Err(error) => Err(error),
    }
}
