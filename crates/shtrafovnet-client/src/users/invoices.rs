use http::Method;
use ruapi_core::{Error, Request};

use crate::call::{Call, Operation};
use crate::input::{Email, filter};
use crate::invoices::{Invoice, InvoiceStatus};
use crate::listing::{List, Listing, page};

/// `GET /users/:email/invoices` (Платежи пользователя).
#[derive(Debug, Clone)]
pub struct UserInvoices {
    email: Email,
    status: Option<Vec<InvoiceStatus>>,
    page: Option<u64>,
}

impl UserInvoices {
    pub(crate) fn new(email: &Email) -> Self {
        Self { email: email.clone(), status: None, page: None }
    }
}

impl Operation for UserInvoices {
    type Answer = List<Invoice>;

    fn request(&self) -> Result<Request, Error> {
        let path = "users/{email}/invoices";
        let request = Request::new("GET /users/:email/invoices", Method::GET, path)
            .path_parameter("email", self.email.as_str())?
            .shown(&["page"]);
        let request = filter(request, "status", &self.status, InvoiceStatus::as_str)?;
        page(request, self.page)
    }
}

impl Listing for UserInvoices {
    type Item = Invoice;

    fn with_page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }
}

impl Call<UserInvoices> {
    /// `status`: only invoices of these states (Статус платежа).
    pub fn status(mut self, status: impl IntoIterator<Item = InvoiceStatus>) -> Self {
        self.operation.status = Some(status.into_iter().collect());
        self
    }
}
