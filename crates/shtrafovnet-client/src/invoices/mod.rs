//! Paying fines: section «Оплата штрафов».

mod create;
mod invoice;
mod list;
mod payer;
mod show;
mod wait;

pub use create::CreateInvoice;
pub use invoice::{Invoice, InvoiceId, InvoiceStatus, Order, Orders};
pub use list::ListInvoices;
pub use payer::Payer;
pub use show::ShowInvoice;
pub use wait::INVOICE_SCHEDULE;
pub(crate) use wait::wait;
