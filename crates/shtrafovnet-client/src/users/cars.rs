use http::Method;
use ruapi_core::{Error, Request};

use crate::call::{Call, Operation};
use crate::cars::{Car, CarStatus};
use crate::input::{Email, filter};
use crate::listing::{List, Listing, page};

/// `GET /users/:email/cars` (Транспортные средства пользователя).
#[derive(Debug, Clone)]
pub struct UserCars {
    email: Email,
    status: Option<Vec<CarStatus>>,
    page: Option<u64>,
}

impl UserCars {
    pub(crate) fn new(email: &Email) -> Self {
        Self { email: email.clone(), status: None, page: None }
    }
}

impl Operation for UserCars {
    type Answer = List<Car>;

    fn request(&self) -> Result<Request, Error> {
        let request = Request::new("GET /users/:email/cars", Method::GET, "users/{email}/cars")
            .path_parameter("email", self.email.as_str())?
            .shown(&["page"]);
        let request = filter(request, "status", &self.status, CarStatus::as_str)?;
        page(request, self.page)
    }
}

impl Listing for UserCars {
    type Item = Car;

    fn with_page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }
}

impl Call<UserCars> {
    /// `status`: only cars of these states (Статус транспортного средства); the document names `new`,
    /// `active`, `inactive` and `archived` here.
    pub fn status(mut self, status: impl IntoIterator<Item = CarStatus>) -> Self {
        self.operation.status = Some(status.into_iter().collect());
        self
    }
}
