use http::Method;
use ruapi_core::{Error, Request};

use super::{Invoice, InvoiceStatus};
use crate::call::{Call, Operation};
use crate::input::{Email, filter};
use crate::listing::{List, Listing, page};

/// `GET /invoices` (Список платежей).
#[derive(Debug, Clone, Default)]
pub struct ListInvoices {
    status: Option<Vec<InvoiceStatus>>,
    emails: Option<Vec<Email>>,
    page: Option<u64>,
}

impl Operation for ListInvoices {
    type Answer = List<Invoice>;

    fn request(&self) -> Result<Request, Error> {
        let request = Request::new("GET /invoices", Method::GET, "invoices").shown(&["page"]);
        let request = filter(request, "status", &self.status, InvoiceStatus::as_str)?;
        // The table calls this filter `status` as well, which cannot be.
        let request = filter(request, "email", &self.emails, Email::as_str)?;
        page(request, self.page)
    }
}

impl Listing for ListInvoices {
    type Item = Invoice;

    fn with_page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }
}

impl Call<ListInvoices> {
    /// `status`: only invoices of these states (Статус платежа).
    pub fn status(mut self, status: impl IntoIterator<Item = InvoiceStatus>) -> Self {
        self.operation.status = Some(status.into_iter().collect());
        self
    }

    /// `email`: only invoices of these users (E-mail пользователя).
    pub fn users(mut self, emails: impl IntoIterator<Item = Email>) -> Self {
        self.operation.emails = Some(emails.into_iter().collect());
        self
    }
}
