use http::Method;
use ruapi_core::{Error, Request};
use serde::Serialize;

use super::{Scan, ScanWait};
use crate::call::{Call, Operation};
use crate::cars::CarId;

const OPERATION: &str = "POST /scan";

/// `POST /scan` (Создание задачи на проверку штрафов). Not repeated by itself.
#[derive(Debug, Clone, Serialize)]
pub struct CreateScan {
    car: CarId,
}

impl CreateScan {
    pub(crate) fn new(car: &CarId) -> Self {
        Self { car: car.clone() }
    }
}

impl Operation for CreateScan {
    type Answer = Scan;

    fn request(&self) -> Result<Request, Error> {
        crate::input::not_blank(OPERATION, "car", self.car.as_str())?;
        Request::new(OPERATION, Method::POST, "scan").json(self)
    }
}

impl Call<CreateScan> {
    /// Makes the scan and waits for its end: see [`ScanWait`].
    pub fn wait(self) -> ScanWait {
        ScanWait::new(self)
    }
}
