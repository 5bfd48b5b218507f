use http::Method;
use ruapi_core::{Error, Request};

use super::{Car, CarId};
use crate::call::Operation;

/// `GET /cars/:id` (Получение информации о ТС).
#[derive(Debug, Clone)]
pub struct ShowCar {
    id: CarId,
}

impl ShowCar {
    pub(crate) fn new(id: &CarId) -> Self {
        Self { id: id.clone() }
    }
}

impl Operation for ShowCar {
    type Answer = Car;

    fn request(&self) -> Result<Request, Error> {
        Request::new("GET /cars/:id", Method::GET, "cars/{id}")
            .path_parameter("id", self.id.as_str())
    }
}
