//! A call: an operation with the client that will send it.

use std::fmt;

use ruapi_core::{BoxFuture, Error, Request, Response};
use serde::de::DeserializeOwned;

use crate::client::Client;

/// One operation of the API as plain data: what would be sent, without a network.
///
/// A new operation is a file like those in `cars/`: a struct with its parameters, this trait, and
/// the setters of `Call<Operation>`.
///
/// For an example of the calls see [`Call`].
pub trait Operation: fmt::Debug + Send + Sync + Sized + 'static {
    /// What the service answers.
    type Answer: DeserializeOwned + Send + 'static;

    /// What authorizes the operation.
    const ACCESS: Access = Access::Token;

    /// The request, without its credential. Refused: input that the service would refuse as well.
    fn request(&self) -> Result<Request, Error>;

    /// Sends the request and reads the answer.
    fn send(
        self,
        client: Client,
    ) -> impl Future<Output = Result<Response<Self::Answer>, Error>> + Send {
        async move {
            let request = self.request()?;
            client.send(&request, Self::ACCESS).await?.decode(&request)
        }
    }
}

/// What authorizes an operation.
///
/// [`Operation::ACCESS`] of each operation says which. For an example of the calls see [`Call`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: whoever registers has no account yet.
    Open,
    /// Basic: e-mail and password.
    Password,
    /// Bearer: the token, fetched and renewed by the client.
    Token,
    /// Bearer, or Basic where the client is set to it:
    /// see [`ClientBuilder::account_by_password`](crate::ClientBuilder::account_by_password).
    Account,
}

/// An operation about to be sent: set what else is to be said, then await it.
///
/// ```no_run
/// # async fn example(client: shtrafovnet_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let car = client.create_car("3620848236", "a001aa777").name("NISSAN TIIDA").await?;
/// println!("{}", car.id);
/// # Ok(()) }
/// ```
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
        Box::pin(self.operation.send(self.client))
    }
}
