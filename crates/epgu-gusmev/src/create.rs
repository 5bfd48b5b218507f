//! `POST /api/gusmev/order`: section «Создание заявления».

use http::{HeaderValue, Method, header};
use ruapi_core::{Error, Extra, Request, Response, wire};
use serde::{Deserialize, Serialize};

use crate::call::{Call, Operation};
use crate::client::Client;
use crate::meta::Meta;
use crate::order_id::OrderId;

/// `POST /api/gusmev/order` (Создание заявления): makes an application without its files, for its
/// number. Not repeated by itself: a second call makes a second one.
///
/// For an example see [`Upload`](crate::Upload).
#[derive(Debug, Clone)]
pub struct CreateOrder {
    meta: Meta,
    retry_try_later: bool,
}

impl CreateOrder {
    pub(crate) fn new(meta: &Meta) -> Self {
        Self { meta: meta.clone(), retry_try_later: false }
    }
}

/// The request without what it says.
pub(crate) fn head() -> Request {
    Request::new("POST /order", Method::POST, "api/gusmev/order")
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
}

impl Operation for CreateOrder {
    type Answer = Ordered;

    fn request(&self) -> Result<Request, Error> {
        head().retry_try_later(self.retry_try_later).json(&self.meta)
    }

    async fn send(self, client: Client) -> Result<Response<Ordered>, Error> {
        let request = self.request()?;
        client.applications().count(&self.meta, client.pipeline().clock().now())?;
        let result = client.pipeline().send(&request).await;
        if result.as_ref().is_err_and(|error| !error.maybe_processed()) {
            client.applications().uncount(&self.meta);
        }
        result?.decode(&request)
    }
}

impl Call<CreateOrder> {
    /// Repeat also after 429 and 502 to 504. After the latter the application may have been made: a
    /// draft without files then stays behind.
    pub fn retry_try_later(mut self, yes: bool) -> Self {
        self.operation.retry_try_later = yes;
        self
    }
}

/// The answer to what makes an application or adds to it.
///
/// For an example see [`Upload`](crate::Upload).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ordered {
    /// The application's number (Номер заявления).
    #[serde(rename = "orderId", with = "wire")]
    pub order_id: OrderId,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}
