//! A call: an operation with the client that will send it.

use std::fmt;

use ruapi_core::{BoxFuture, Error, Request, Response};
use serde::de::DeserializeOwned;

use crate::client::Client;

/// One operation of the API as plain data: what would be sent, without a network.
///
/// A new operation is a file like those in `offer/`: a struct with its parameters, this trait, and
/// the setters of `Call<Operation>`.
///
/// For an example of the calls see [`offer`](crate::offer).
pub trait Operation: fmt::Debug + Send + Sync + Sized + 'static {
    /// What the partner answers.
    type Answer: DeserializeOwned + Send + 'static;

    /// The request, without its credential. Refused: input that the partner would refuse as well.
    fn request(&self) -> Result<Request, Error>;
}

/// An operation about to be sent: set what else is to be said, then await it.
///
/// For examples see [`offer`](crate::offer) and [`calculation`](crate::calculation).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Call<O> {
    pub(crate) client: Client,
    pub(crate) operation: O,
}

impl<O: Operation> Call<O> {
    pub(crate) fn new(client: &Client, operation: O) -> Self {
        Self { client: client.clone(), operation }
    }

    /// The request as it would be sent, without its credential.
    pub fn request(&self) -> Result<Request, Error> {
        self.operation.request()
    }
}

impl<O: Operation> IntoFuture for Call<O> {
    type Output = Result<Response<O::Answer>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let request = self.operation.request()?;
            self.client.pipeline().send(&request).await?.decode(&request)
        })
    }
}
