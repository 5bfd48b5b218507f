use http::Method;
use ruapi_core::{Error, Idempotency, Request, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use super::Profile;
use super::register::expose;
use crate::call::{Access, Call, Operation};
use crate::client::Client;
use crate::input::not_blank;
use crate::names::{Named, Names};

const OPERATION: &str = "PATCH /account";

/// `PATCH /account` (Обновление информации аккаунта).
#[derive(Debug, Clone, Default, Serialize)]
pub struct UpdateAccount {
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    password: Option<SecretString>,
    #[serde(flatten)]
    names: Names,
}

fn expose_some<S: Serializer>(secret: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => expose(secret, to),
        None => to.serialize_none(),
    }
}

impl Operation for UpdateAccount {
    type Answer = Profile;
    const ACCESS: Access = Access::Account;

    fn request(&self) -> Result<Request, Error> {
        let request = Request::new(OPERATION, Method::PATCH, "account").json(self)?;
        let Some(password) = &self.password else {
            // Says the same thing however often it is said.
            return Ok(request.idempotency(Idempotency::Idempotent));
        };
        not_blank(OPERATION, "password", password.expose_secret())?;
        // Once the password is changed, the old one cannot authorize the same request again.
        Ok(request.idempotency(Idempotency::NotIdempotent))
    }

    async fn send(self, client: Client) -> Result<Response<Profile>, Error> {
        let request = self.request()?;
        let change = client.login().zip(self.password);
        let change = change.map(|(login, password)| login.change(password));
        let result = client.send(&request, Self::ACCESS).await;
        if let Some(change) = change {
            match &result {
                // Even if the answer is not understood: the password is changed.
                Ok(_) => change.made(),
                Err(error) if error.maybe_processed() => drop(change),
                Err(_) => change.not_made(),
            }
        }
        result?.decode(&request)
    }
}

impl Named for UpdateAccount {
    fn names(&mut self) -> &mut Names {
        &mut self.names
    }
}

impl Call<UpdateAccount> {
    /// `password`: a new password. Tokens become invalid; this client goes on with the new one, also where
    /// the answer got lost and the change may have been made. Such an update is not repeated by itself.
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.operation.password = Some(password.into());
        self
    }
}
