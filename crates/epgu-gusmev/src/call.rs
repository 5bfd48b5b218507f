//! A call: an operation with the client that will send it.

use std::fmt;

use ruapi_core::{BoxFuture, Error, Request, Response};
use serde::de::DeserializeOwned;

use crate::client::Client;

/// One operation of the API as plain data: what would be sent, without a network.
///
/// A new operation is a file like `create.rs`: a struct with its parameters, this trait, and the
/// setters of `Call<Operation>`.
///
/// For an example of the calls see [`Call`].
pub trait Operation: fmt::Debug + Send + Sync + Sized + 'static {
    /// What the service answers.
    type Answer: DeserializeOwned + Send + 'static;

    /// The request, without its credential. Refused: input that the service would refuse as well.
    fn request(&self) -> Result<Request, Error>;

    /// Sends the request and reads the answer.
    fn send(
        self,
        client: Client,
    ) -> impl Future<Output = Result<Response<Self::Answer>, Error>> + Send {
        async move {
            let request = self.request()?;
            client.pipeline().send(&request).await?.decode(&request)
        }
    }
}

/// An operation about to be sent: set what else is to be said, then await it.
///
/// ```
/// # use epgu_gusmev::{Client, Credential, Environment};
/// # use ruapi_sandbox::{Epgu, Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
/// # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
/// # let meta = epgu_gusmev::Meta::new("36000000000", Epgu::SERVICE, Epgu::TARGET)?;
/// # let mut builder = epgu_gusmev::ArchiveBuilder::new();
/// # builder.add("req_1.xml", "<?xml version=\"1.0\"?><r/>".as_bytes())?;
/// # let archive = builder.build_bytes(5_000_000)?;
/// let order = client.create_order(&meta).await?.order_id;
/// // A draft without files may be cancelled, or not: both are results.
/// println!("{order}: {:?}", *client.cancel(order).await?);
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
