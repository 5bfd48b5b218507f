use http::Method;
use ruapi_core::{Error, Extra, Personal, Request, wire};
use serde::{Deserialize, Serialize};

use crate::call::{Access, Operation};
use crate::input::Email;

/// `POST /account/reset-password` (Восстановление пароля от аккаунта). Not repeated by itself.
#[derive(Debug, Clone, Serialize)]
pub struct ResetPassword {
    #[serde(serialize_with = "wire::serialize")]
    email: Personal<String>,
}

impl ResetPassword {
    pub(crate) fn new(email: &Email) -> Self {
        Self { email: email.as_str().into() }
    }
}

impl Operation for ResetPassword {
    type Answer = Message;
    const ACCESS: Access = Access::Open;

    fn request(&self) -> Result<Request, Error> {
        let path = "account/reset-password";
        Request::new("POST /account/reset-password", Method::POST, path).json(self)
    }
}

/// The answer to `POST /account/reset-password`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// What was done (Сообщение), in the service's words.
    #[serde(default, with = "wire")]
    pub message: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}
