//! `POST /api/gusmev/order/{orderId}`: section «Получение деталей по заявлению».

mod details;
mod embedded;
mod parts;
mod state;

use http::Method;
use ruapi_core::{Error, Extra, Idempotency, Kind, Personal, Request, Response, wire};
use serde::{Deserialize, Serialize};

pub use self::details::Order;
pub use self::parts::{AttachmentFile, AttributeEvent, OrderStatus, QrLink, ResponseFile};
pub use self::state::{ProcessingState, StatusId};
use crate::call::Operation;
use crate::client::Client;
use crate::order_id::OrderId;

const NAME: &str = "POST /order/{orderId}";

/// `POST /api/gusmev/order/{orderId}` (Получение данных заявления): where an application stands, and
/// everything else about it. Reads only, so it is repeated like all reading.
#[derive(Debug, Clone)]
pub struct OrderDetails {
    order: OrderId,
}

impl OrderDetails {
    pub(crate) fn new(order: OrderId) -> Self {
        Self { order }
    }
}

impl Operation for OrderDetails {
    type Answer = OrderInfo;

    fn request(&self) -> Result<Request, Error> {
        let path = "api/gusmev/order/{orderId}";
        Ok(Request::new(NAME, Method::POST, path)
            .path_parameter("orderId", &self.order.to_string())?
            .idempotency(Idempotency::Idempotent))
    }

    async fn send(self, client: Client) -> Result<Response<OrderInfo>, Error> {
        let request = self.request()?;
        let answer = client.pipeline().send(&request).await?;
        match embedded::decode(answer.body()) {
            Some(info) => Ok(answer.with_value(info)),
            None => answer.decode(&request),
        }
    }
}

/// Where an application stands (table 27).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderInfo {
    /// Where its making stands (Код состояния заявления, appendix 1).
    #[serde(default, with = "wire")]
    pub code: Option<ProcessingState>,
    /// What the service says to that (Текстовое сообщение). It may tell what was in the files.
    #[serde(default, with = "wire")]
    pub message: Option<Personal<String>>,
    /// The application, once it was made at the portal and sent to the authority. The service sends it
    /// as JSON in a string; a bare object is accepted, and written back as one.
    #[serde(default, with = "embedded")]
    pub order: Option<Box<Order>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl OrderInfo {
    /// An answer without an application, for tests.
    pub fn new(code: ProcessingState) -> Self {
        Self { code: Some(code), ..Self::default() }
    }

    /// An answer that was kept as JSON. It is read as fast as the client reads it, which through serde
    /// alone takes a third longer. An error names the JSON path and no value.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        embedded::decode(json).map_or_else(
            || ruapi_core::decode(json).map_err(|problem| Error::new(Kind::Decode, NAME, problem)),
            Ok,
        )
    }

    /// Whether nothing more will happen: the service says that the application is closed or its status
    /// final, or that it could not be made at all.
    pub fn is_final(&self) -> bool {
        let failed = self.code.as_ref().is_some_and(|code| code.is_final() && !code.is_good());
        failed || self.order.as_ref().is_some_and(|order| order.is_final())
    }

    /// Whether the service says that the application can be cancelled now.
    pub fn cancel_allowed(&self) -> bool {
        self.order.as_ref().is_some_and(|order| order.cancel_allowed())
    }

    /// The application's status now, as far as the service tells it.
    pub fn current_status(&self) -> Option<&OrderStatus> {
        self.order.as_ref()?.current_status()
    }
}
