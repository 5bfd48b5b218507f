use http::Method;
use ruapi_core::{Error, Personal, Request, wire};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use super::Profile;
use crate::call::{Access, Call, Operation};
use crate::input::{Email, any_address, not_blank, web_url};
use crate::names::{Named, Names};

const OPERATION: &str = "POST /account/registration";

/// `POST /account/registration` (Регистрация). Not repeated by itself.
#[derive(Debug, Clone, Serialize)]
pub struct RegisterAccount {
    #[serde(serialize_with = "wire::serialize")]
    email: Personal<String>,
    #[serde(serialize_with = "expose")]
    password: SecretString,
    // A sole trader's company has a person's name.
    #[serde(serialize_with = "wire::serialize")]
    name: Personal<String>,
    #[serde(serialize_with = "wire::serialize")]
    url: Personal<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    affiliate_id: Option<String>,
    // It often holds a secret: nothing else tells the service's calls from anybody's.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    callback_url: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    fcm_token: Option<Personal<String>>,
    #[serde(flatten)]
    names: Names,
}

pub(super) fn expose<S: Serializer>(secret: &SecretString, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose_secret())
}

impl RegisterAccount {
    pub(crate) fn new(email: &Email, password: SecretString, name: String, url: String) -> Self {
        Self {
            email: email.as_str().into(),
            password,
            name: name.into(),
            url: url.into(),
            affiliate_id: None,
            callback_url: None,
            fcm_token: None,
            names: Names::default(),
        }
    }
}

impl Operation for RegisterAccount {
    type Answer = Profile;
    const ACCESS: Access = Access::Open;

    fn request(&self) -> Result<Request, Error> {
        not_blank(OPERATION, "password", self.password.expose_secret())?;
        not_blank(OPERATION, "name", &self.name)?;
        any_address(OPERATION, "url", &self.url)?;
        if let Some(url) = &self.callback_url {
            web_url(OPERATION, "callback_url", url)?;
        }
        Request::new(OPERATION, Method::POST, "account/registration").json(self)
    }
}

impl Named for RegisterAccount {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }
}

impl Call<RegisterAccount> {
    /// `affiliate_id`: your number at the partner service PHLIP (ID вебмастера), where your
    /// commission goes.
    pub fn affiliate_id(mut self, id: u64) -> Self {
        self.operation.affiliate_id = Some(id.to_string());
        self
    }

    /// `callback_url`: where the service sends its notifications (URL обратной связи).
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.operation.callback_url = Some(url.into().into());
        self
    }

    /// `fcm_token`: your app's token of Firebase Cloud Messaging (Токен приложения).
    pub fn fcm_token(mut self, token: impl Into<String>) -> Self {
        self.operation.fcm_token = Some(token.into().into());
        self
    }
}
