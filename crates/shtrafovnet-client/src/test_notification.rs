//! `POST /test/notification/fine`: section «Тестирование».

use http::Method;
use ruapi_core::{Error, Extra, Id, Request, wire};
use serde::{Deserialize, Serialize};

use crate::call::Operation;
use crate::fines::FineId;
use crate::input::not_blank;

const OPERATION: &str = "POST /test/notification/fine";

ruapi_core::open_enum! {
    /// How a notification is sent (Тип уведомления).
    ///
    /// For an example see [`TestNotification`].
    pub enum NotificationType {
        /// To the company's callback URL: see [`Callback`](crate::fines::Callback).
        Postback = "postback",
        /// To the app, by Firebase Cloud Messaging.
        Fcm = "fcm",
    }
}

/// `POST /test/notification/fine` (Новый штраф: тестовая отправка уведомления). Not repeated by itself.
///
/// ```
/// # use ruapi_sandbox::{Sandbox, Shtrafovnet};
/// # use shtrafovnet_client::{Client, Email, Login};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
/// # let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
/// use shtrafovnet_client::NotificationType;
///
/// # client.update_company().callback_url(format!("{}_sandbox/", sandbox.url())).await?;
/// let fine = client.fine(&7.into()).await?;
/// let sent = client.test_notification(NotificationType::Postback, &fine.id).await?;
/// println!("{}: {:?}", sent.id, sent.message);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct TestNotification {
    #[serde(rename = "type")]
    kind: NotificationType,
    fine_id: FineId,
}

impl TestNotification {
    pub(crate) fn new(kind: NotificationType, fine: &FineId) -> Self {
        Self { kind, fine_id: fine.clone() }
    }
}

impl Operation for TestNotification {
    type Answer = Notification;

    fn request(&self) -> Result<Request, Error> {
        not_blank(OPERATION, "fine_id", self.fine_id.as_str())?;
        Request::new(OPERATION, Method::POST, "test/notification/fine").json(self)
    }
}

/// A notification that was sent.
///
/// For an example see [`TestNotification`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Notification {
    /// The message's identifier (ID уведомления).
    #[serde(with = "wire")]
    pub id: Id<Notification>,
    /// The result of the sending (Сообщение), in the service's words.
    #[serde(default, with = "wire")]
    pub message: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}
