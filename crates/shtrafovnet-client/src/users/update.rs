use http::Method;
use ruapi_core::{Error, Idempotency, Personal, Request, wire};
use serde::Serialize;

use super::Profile;
use crate::call::{Call, Operation};
use crate::input::Email;
use crate::names::{Named, Names};

/// `PATCH /users/:email` (Обновление данных о пользователе).
#[derive(Debug, Clone, Serialize)]
pub struct UpdateUser {
    #[serde(skip)]
    email: Email,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    username: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    fcm_token: Option<Personal<String>>,
    #[serde(flatten)]
    names: Names,
}

impl UpdateUser {
    pub(crate) fn new(email: &Email) -> Self {
        Self { email: email.clone(), username: None, fcm_token: None, names: Names::default() }
    }
}

impl Operation for UpdateUser {
    type Answer = Profile;

    fn request(&self) -> Result<Request, Error> {
        Request::new("PATCH /users/:email", Method::PATCH, "users/{email}")
            .path_parameter("email", self.email.as_str())?
            // Says the same thing however often it is said.
            .idempotency(Idempotency::Idempotent)
            .json(self)
    }
}

impl Named for UpdateUser {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }
}

impl Call<UpdateUser> {
    /// `username`: the login (Логин).
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.operation.username = Some(name.into().into());
        self
    }

    /// `fcm_token`: your app's token of Firebase Cloud Messaging (Токен приложения).
    pub fn fcm_token(mut self, token: impl Into<String>) -> Self {
        self.operation.fcm_token = Some(token.into().into());
        self
    }
}
