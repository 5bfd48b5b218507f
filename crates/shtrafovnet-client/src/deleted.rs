//! What all deletions have in common.

use http::HeaderMap;
use ruapi_core::{Error, Kind, RawResponse, Request, Response};
use serde::Deserialize;

use crate::call::Access;
use crate::client::Client;

/// It is gone. The service answers 204 and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Deleted;

/// Deletes, and takes a repetition's "not found" for what it is: the earlier attempt's success.
pub(crate) async fn delete(client: &Client, request: &Request) -> Result<Response<Deleted>, Error> {
    match client.pipeline(request, Access::Token)?.send(request).await {
        // Whatever the body says: it is promised to be empty.
        Ok(answer) => Ok(answer.with_value(Deleted)),
        Err(error) if error.kind() == Kind::NotFound && error.maybe_processed() => {
            let status = error.status().unwrap_or_default();
            let now = client.clock().wall();
            let answer = RawResponse::new(status, HeaderMap::new(), Default::default(), now);
            Ok(answer.with_attempts(error.attempts()).with_value(Deleted))
        }
        Err(error) => Err(error),
    }
}
