use http::Method;
use ruapi_core::{Error, Personal, Request, wire};
use serde::Serialize;

use super::Car;
use crate::call::{Call, Operation};
use crate::input::{Email, not_blank};

const OPERATION: &str = "POST /cars";

/// `POST /cars` (Новое транспортное средство). Not repeated by itself.
#[derive(Debug, Clone, Serialize)]
pub struct CreateCar {
    #[serde(serialize_with = "wire::serialize")]
    cert: Personal<String>,
    #[serde(serialize_with = "wire::serialize")]
    reg: Personal<String>,
    #[serde(
        rename = "driverLicense",
        skip_serializing_if = "Option::is_none",
        serialize_with = "wire::serialize"
    )]
    driver_license: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    email: Option<Personal<String>>,
}

impl CreateCar {
    pub(crate) fn new(cert: String, reg: String) -> Self {
        let (cert, reg) = (cert.into(), reg.into());
        Self { cert, reg, driver_license: None, name: None, email: None }
    }
}

impl Operation for CreateCar {
    type Answer = Car;

    fn request(&self) -> Result<Request, Error> {
        not_blank(OPERATION, "cert", &self.cert)?;
        not_blank(OPERATION, "reg", &self.reg)?;
        Request::new(OPERATION, Method::POST, "cars").json(self)
    }
}

impl Call<CreateCar> {
    /// `driverLicense`: the number of the driving licence (Номер ВУ).
    pub fn driver_license(mut self, number: impl Into<String>) -> Self {
        self.operation.driver_license = Some(number.into().into());
        self
    }

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
