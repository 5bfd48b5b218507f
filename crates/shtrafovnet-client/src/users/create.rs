use http::Method;
use ruapi_core::{Error, Personal, Request, wire};
use serde::Serialize;

use super::Profile;
use crate::call::{Call, Operation};
use crate::input::Email;
use crate::names::{Named, Names};

/// `POST /users` (Регистрация нового пользователя). Not repeated by itself.
#[derive(Debug, Clone, Serialize)]
pub struct CreateUser {
    #[serde(serialize_with = "wire::serialize")]
    email: Personal<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    username: Option<Personal<String>>,
    // Here, and nowhere else, the document spells it so.
    #[serde(
        rename = "fcmToken",
        skip_serializing_if = "Option::is_none",
        serialize_with = "wire::serialize"
    )]
    fcm_token: Option<Personal<String>>,
    #[serde(flatten)]
    names: Names,
}

impl CreateUser {
    pub(crate) fn new(email: &Email) -> Self {
        Self {
            email: email.as_str().into(),
            username: None,
            fcm_token: None,
            names: Names::default(),
        }
    }
}

impl Operation for CreateUser {
    type Answer = Profile;

    fn request(&self) -> Result<Request, Error> {
        Request::new("POST /users", Method::POST, "users").json(self)
    }
}

impl Named for CreateUser {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }
}

impl Call<CreateUser> {
    /// `username`: the login (Логин).
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.operation.username = Some(name.into().into());
        self
    }

    /// `fcmToken`: your app's token of Firebase Cloud Messaging (Токен приложения).
    pub fn fcm_token(mut self, token: impl Into<String>) -> Self {
        self.operation.fcm_token = Some(token.into().into());
        self
    }
}
