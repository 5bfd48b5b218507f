//! `POST /api/gusmev/order/{orderId}/cancel`: section «Отмена заявления».

use http::{HeaderMap, Method, StatusCode};
use ruapi_core::{Error, Kind, Personal, RawResponse, Request, Response};
use serde::Deserialize;

use crate::call::{Call, Operation};
use crate::client::Client;
use crate::error::ErrorCode;
use crate::order_id::OrderId;

/// `POST /api/gusmev/order/{orderId}/cancel` (Отмена заявления). Not repeated by itself.
///
/// It works only where the order's details say `cancelAllowed`, and not for every service.
///
/// ```
/// # use epgu_gusmev::{Client, Credential, Environment};
/// # use ruapi_sandbox::{Epgu, Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
/// # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
/// use epgu_gusmev::{Cancellation, OrderId};
///
/// let order = OrderId::new(Epgu::CANCELLABLE_ORDER)?;
/// match *client.cancel(order).await? {
///     Cancellation::Cancelled => println!("{order} is cancelled"),
///     Cancellation::NotAllowed => println!("{order} cannot be cancelled as it stands"),
///     other => println!("{order}: {other:?}"),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct CancelOrder {
    order: OrderId,
    reason: Option<Personal<String>>,
}

impl CancelOrder {
    pub(crate) fn new(order: OrderId) -> Self {
        Self { order, reason: None }
    }
}

/// What became of a request to cancel.
///
/// For an example see [`CancelOrder`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Cancellation {
    /// The application is cancelled.
    Cancelled,
    /// It cannot be cancelled as it stands (405, or the code `cancel_not_allowed`): wait until its
    /// state allows it, or until it is final.
    NotAllowed,
    /// There is no such application (404, 204, or the code `not_found`).
    NotFound,
}

impl Operation for CancelOrder {
    type Answer = Cancellation;

    fn request(&self) -> Result<Request, Error> {
        let path = "api/gusmev/order/{orderId}/cancel";
        let mut request = Request::new("POST /order/{orderId}/cancel", Method::POST, path)
            .path_parameter("orderId", &self.order.to_string())?;
        if let Some(reason) = &self.reason {
            request = request.query("reason", reason.as_str());
        }
        Ok(request)
    }

    async fn send(self, client: Client) -> Result<Response<Cancellation>, Error> {
        let request = self.request()?;
        let error = match client.pipeline().send(&request).await {
            Ok(answer) if answer.status() == StatusCode::OK && is_an_answer(answer.body()) => {
                return Ok(answer.with_value(Cancellation::Cancelled));
            }
            Ok(answer) => return Err(unexpected(&request, &answer)),
            Err(error) => error,
        };
        let code = ErrorCode::of(&error);
        let outcome = if error.kind() == Kind::NotFound {
            Cancellation::NotFound
        } else if code == Some(ErrorCode::CancelNotAllowed)
            || error.status() == Some(StatusCode::METHOD_NOT_ALLOWED)
        {
            Cancellation::NotAllowed
        } else {
            return Err(error);
        };
        let status = error.status().unwrap_or_default();
        let now = client.pipeline().clock().wall();
        let answer = RawResponse::new(status, HeaderMap::new(), Default::default(), now);
        Ok(answer.with_attempts(error.attempts()).with_value(outcome))
    }
}

/// The document knows 200 only, and no body: of anything else nobody can say what it means.
fn unexpected(request: &Request, answer: &RawResponse) -> Error {
    let detail = format!(
        "expected HTTP 200 and no page, got {} and {} bytes: ask the order's details whether it is cancelled",
        answer.status().as_u16(),
        answer.body().len()
    );
    let attempts = answer.attempts();
    Error::new(Kind::Decode, request.operation(), detail)
        .with_request(request)
        .with_response(answer)
        .with_progress(attempts, true)
}

/// Nothing, or JSON; a page is of somebody in between.
fn is_an_answer(body: &[u8]) -> bool {
    body.trim_ascii().is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

impl Call<CancelOrder> {
    /// `reason`: a parameter that the document does not name and some services are reported to ask for.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.operation.reason = Some(reason.into().into());
        self
    }
}
