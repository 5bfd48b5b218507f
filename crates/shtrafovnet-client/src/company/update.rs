use http::Method;
use ruapi_core::{Error, Idempotency, Personal, Request, wire};
use serde::Serialize;

use super::Company;
use crate::call::{Call, Operation};
use crate::input::{any_address, web_url};

const OPERATION: &str = "PATCH /company";

/// `PATCH /company` (Обновление информации компании).
#[derive(Debug, Clone, Default, Serialize)]
pub struct UpdateCompany {
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    display_name: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    url: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    affiliate_id: Option<String>,
    // It often holds a secret: nothing else tells the service's calls from anybody's.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    callback_url: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    fcm_token: Option<Personal<String>>,
}

impl Operation for UpdateCompany {
    type Answer = Company;

    fn request(&self) -> Result<Request, Error> {
        if let Some(url) = &self.url {
            any_address(OPERATION, "url", url)?;
        }
        if let Some(url) = &self.callback_url {
            web_url(OPERATION, "callback_url", url)?;
        }
        Request::new(OPERATION, Method::PATCH, "company")
            // Says the same thing however often it is said.
            .idempotency(Idempotency::Idempotent)
            .json(self)
    }
}

impl Call<UpdateCompany> {
    /// `display_name`: the name that is shown (Наименование компании).
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.operation.display_name = Some(name.into().into());
        self
    }

    /// `url`: the web site's or the app's address (Web-адрес).
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.operation.url = Some(url.into().into());
        self
    }

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
