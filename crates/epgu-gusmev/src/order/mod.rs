//! `POST /api/gusmev/order/{orderId}`: section «Получение деталей по заявлению».
//!
//! ```
//! # use epgu_gusmev::{Client, Credential, Environment};
//! # use ruapi_sandbox::{Epgu, Sandbox};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
//! # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
//! use epgu_gusmev::OrderId;
//!
//! let order = OrderId::new(Epgu::EXAMPLE_ORDER)?;
//! let info = client.order(order).await?;
//! println!("{:?}, final: {}, {:?}", info.code, info.is_final(), info.current_status());
//! if let Some(order) = &info.order {
//!     for (file, link) in order.results() {
//!         println!("{:?}: {}", file.link, link.is_ok());
//!     }
//! }
//! # Ok(()) }
//! ```

mod details;
mod embedded;
mod parts;
mod state;

use http::Method;
use ruapi_core::{Error, Extra, Idempotency, Kind, Personal, Request, Response, wire};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_path_to_error::Segment;

pub use self::details::Order;
use self::embedded::Form;
pub use self::parts::{AttachmentFile, AttributeEvent, OrderStatus, QrLink, ResponseFile};
pub use self::state::{ProcessingState, StatusId};
use crate::call::Operation;
use crate::client::Client;
use crate::error::surely_not_there;
use crate::kept::{self, Keeps, field};
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
        let answer = client.pipeline().send(&request).await.map_err(surely_not_there)?;
        match embedded::decode(answer.body()) {
            Some(info) => Ok(answer.with_value(info)),
            None => kept::read(answer, &request),
        }
    }
}

/// Where an application stands (table 27).
///
/// A value that is not understood is kept as it came, in the `extra` of its object; its own field is then
/// `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderInfo {
    /// Where its making stands (Код состояния заявления, appendix 1).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub code: Option<ProcessingState>,
    /// What the service says to that (Текстовое сообщение). It may tell what was in the files.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
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

    /// An answer that was kept as JSON, read as the client reads it: in less time than through serde
    /// alone, and with single values that are not understood kept in `extra`. An error names the JSON path and no value.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        if let Some(info) = embedded::decode(json) {
            return Ok(info);
        }
        ruapi_core::decode(json).or_else(|problem| {
            let error = Error::new(Kind::Decode, NAME, problem);
            kept::salvage(json).ok_or(error)
        })
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

impl Keeps for OrderInfo {
    fn extra_at(&mut self, place: &[Segment], name: &str) -> Option<&mut Extra> {
        match field(place) {
            // Of nothing but odd values there is none yet.
            Some(("order", rest)) => self.order.get_or_insert_default().extra_at(rest),
            None if place.is_empty() && name != "order" => Some(&mut self.extra),
            _ => None,
        }
    }

    fn open(answer: &mut Value) -> bool {
        let Some(order) = answer.get_mut("order") else { return false };
        let opened = order.as_str().and_then(|text| serde_json::from_str(text).ok());
        let Some(Value::Object(opened)) = opened else { return false };
        *order = Value::Object(opened);
        true
    }

    fn close(&mut self, was_opened: bool) {
        if let Some(order) = &mut self.order {
            order.form = if was_opened { Form::Text } else { Form::Object };
        }
    }
}
