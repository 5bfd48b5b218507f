use http::Method;
use ruapi_core::{Error, Request, Response};

use super::CarId;
use crate::call::Operation;
use crate::client::Client;
use crate::deleted::{Deleted, delete};

/// `DELETE /cars/:id` (Удаление транспортного средства).
#[derive(Debug, Clone)]
pub struct DeleteCar {
    id: CarId,
}

impl DeleteCar {
    pub(crate) fn new(id: &CarId) -> Self {
        Self { id: id.clone() }
    }
}

impl Operation for DeleteCar {
    type Answer = Deleted;

    fn request(&self) -> Result<Request, Error> {
        Request::new("DELETE /cars/:id", Method::DELETE, "cars/{id}")
            .path_parameter("id", self.id.as_str())
    }

    async fn send(self, client: Client) -> Result<Response<Deleted>, Error> {
        delete(&client, &self.request()?).await
    }
}
