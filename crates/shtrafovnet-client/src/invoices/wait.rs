use std::time::Duration;

use ruapi_core::{Poller, Response, Schedule};

use super::{Invoice, InvoiceId};
use crate::client::Client;

/// How an invoice's end is waited for; the document names no times. At first after 10 seconds, then every
/// 10 seconds, for an hour.
pub const INVOICE_SCHEDULE: Schedule = Schedule {
    first: Duration::from_secs(10),
    interval: Duration::from_secs(10),
    deadline: Duration::from_secs(3600),
};

/// Asks until the invoice is at its end.
pub(crate) fn wait(client: &Client, id: &InvoiceId) -> Poller<Invoice> {
    let (client, id) = (client.clone(), id.clone());
    Poller::new(
        "GET /invoices/:id",
        INVOICE_SCHEDULE,
        client.clock(),
        Invoice::is_final,
        move || {
            let show = client.invoice(&id);
            Box::pin(async move { show.await.map(Response::into_inner) })
        },
    )
}
