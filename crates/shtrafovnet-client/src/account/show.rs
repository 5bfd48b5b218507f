use http::Method;
use ruapi_core::{Error, Request};

use super::Profile;
use crate::call::{Access, Operation};

/// `GET /account` (Информация об аккаунте).
#[derive(Debug, Clone)]
pub struct ShowAccount;

impl Operation for ShowAccount {
    type Answer = Profile;
    const ACCESS: Access = Access::Account;

    fn request(&self) -> Result<Request, Error> {
        Ok(Request::new("GET /account", Method::GET, "account"))
    }
}
