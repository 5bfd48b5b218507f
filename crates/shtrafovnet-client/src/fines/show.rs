use http::Method;
use ruapi_core::{Error, Request};

use super::{Fine, FineId};
use crate::call::Operation;

/// `GET /fines/:id` (Информация о штрафе).
#[derive(Debug, Clone)]
pub struct ShowFine {
    id: FineId,
}

impl ShowFine {
    pub(crate) fn new(id: &FineId) -> Self {
        Self { id: id.clone() }
    }
}

impl Operation for ShowFine {
    type Answer = Fine;

    fn request(&self) -> Result<Request, Error> {
        Request::new("GET /fines/:id", Method::GET, "fines/{id}")
            .path_parameter("id", self.id.as_str())
    }
}
