use http::Method;
use ruapi_core::{Error, Request};

use super::Company;
use crate::call::Operation;

/// `GET /company` (Информация о компании).
#[derive(Debug, Clone)]
pub struct ShowCompany;

impl Operation for ShowCompany {
    type Answer = Company;

    fn request(&self) -> Result<Request, Error> {
        Ok(Request::new("GET /company", Method::GET, "company"))
    }
}
