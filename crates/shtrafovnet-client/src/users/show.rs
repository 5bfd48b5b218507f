use http::Method;
use ruapi_core::{Error, Request};

use super::Profile;
use crate::call::Operation;
use crate::input::Email;

/// `GET /users/:email` (Информация о пользователе).
#[derive(Debug, Clone)]
pub struct ShowUser {
    email: Email,
}

impl ShowUser {
    pub(crate) fn new(email: &Email) -> Self {
        Self { email: email.clone() }
    }
}

impl Operation for ShowUser {
    type Answer = Profile;

    fn request(&self) -> Result<Request, Error> {
        Request::new("GET /users/:email", Method::GET, "users/{email}")
            .path_parameter("email", self.email.as_str())
    }
}
