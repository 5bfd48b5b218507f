//! Paying fines: section «Оплата штрафов».
//!
//! For a payment from the invoice to its end see the [guide](crate::guide#retries-and-money).
//!
//! ```
//! # use ruapi_sandbox::{Sandbox, Shtrafovnet};
//! # use shtrafovnet_client::{Client, Email, Login};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
//! # let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
//! use futures_util::TryStreamExt;
//! use shtrafovnet_client::invoices::InvoiceStatus;
//!
//! let mut open = client.invoices().status([InvoiceStatus::New, InvoiceStatus::Process]).items();
//! while let Some(invoice) = open.try_next().await? {
//!     println!("{}: {:?} rubles, {:?}", invoice.id, invoice.total_amount, invoice.status);
//! }
//! let invoice = client.invoice(&777.into()).await?;
//! assert_eq!(invoice.id.as_str(), "777");
//! # Ok(()) }
//! ```

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
