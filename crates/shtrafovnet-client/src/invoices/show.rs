use http::Method;
use ruapi_core::{Error, Request};

use super::{Invoice, InvoiceId};
use crate::call::Operation;

/// `GET /invoices/:id` (Информация по платежу).
#[derive(Debug, Clone)]
pub struct ShowInvoice {
    id: InvoiceId,
}

impl ShowInvoice {
    pub(crate) fn new(id: &InvoiceId) -> Self {
        Self { id: id.clone() }
    }
}

impl Operation for ShowInvoice {
    type Answer = Invoice;

    fn request(&self) -> Result<Request, Error> {
        Request::new("GET /invoices/:id", Method::GET, "invoices/{id}")
            .path_parameter("id", self.id.as_str())
    }
}
