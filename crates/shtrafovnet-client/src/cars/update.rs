use http::Method;
use ruapi_core::{Error, Idempotency, Personal, Request, wire};
use serde::Serialize;

use super::{Car, CarId};
use crate::call::{Call, Operation};
use crate::input::Email;

/// `PATCH /cars/:id` (Обновление транспортного средства).
#[derive(Debug, Clone, Serialize)]
pub struct UpdateCar {
    #[serde(skip)]
    id: CarId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    email: Option<Personal<String>>,
}

impl UpdateCar {
    pub(crate) fn new(id: &CarId) -> Self {
        Self { id: id.clone(), name: None, email: None }
    }
}

impl Operation for UpdateCar {
    type Answer = Car;

    fn request(&self) -> Result<Request, Error> {
        Request::new("PATCH /cars/:id", Method::PATCH, "cars/{id}")
            .path_parameter("id", self.id.as_str())?
            // Says the same thing however often it is said.
            .idempotency(Idempotency::Idempotent)
            .json(self)
    }
}

impl Call<UpdateCar> {
    /// `name`: the name or model (Название ТС).
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.operation.name = Some(name.into());
        self
    }

    /// `email`: the owner, one of your users.
    pub fn owner(mut self, email: &Email) -> Self {
        self.operation.email = Some(email.as_str().into());
        self
    }
}
