use http::Method;
use ruapi_core::{Error, Request, Response};

use crate::call::Operation;
use crate::client::Client;
use crate::deleted::{Deleted, delete};
use crate::input::Email;

/// `DELETE /users/:email` (Удаление пользователя).
#[derive(Debug, Clone)]
pub struct DeleteUser {
    email: Email,
}

impl DeleteUser {
    pub(crate) fn new(email: &Email) -> Self {
        Self { email: email.clone() }
    }
}

impl Operation for DeleteUser {
    type Answer = Deleted;

    fn request(&self) -> Result<Request, Error> {
        Request::new("DELETE /users/:email", Method::DELETE, "users/{email}")
            .path_parameter("email", self.email.as_str())
    }

    async fn send(self, client: Client) -> Result<Response<Deleted>, Error> {
        delete(&client, &self.request()?).await
    }
}
