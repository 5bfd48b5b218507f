//! Fines: section «Штрафы».
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
//! use shtrafovnet_client::SyncCursor;
//! use shtrafovnet_client::fines::PaidFilter;
//!
//! let driver: Email = Shtrafovnet::USER.parse()?;
//! let fines: Vec<_> =
//!     client.user_fines(&driver).paid([PaidFilter::NoPaid]).items().try_collect().await?;
//! let fine = client.fine(&fines[0].id).await?;
//! println!("{:?}, {:?} rubles until {:?}", fine.koap_text, fine.total_amount, fine.discount_date);
//!
//! // What changed since the last time; keep the cursor for the next.
//! let since = "2025-01-01T00:00:00".parse()?;
//! let mut updates = client.user_fine_updates(&driver, SyncCursor::new(since));
//! while let Some(update) = updates.try_next().await? {
//!     println!("{}: new: {}, paid: {}", update.fine.id, update.is_new(), update.is_state_changed());
//! }
//! let kept: SyncCursor = updates.cursor().clone();
//! # let _ = kept;
//! # Ok(()) }
//! ```

mod callback;
mod filter;
mod fine;
mod show;
mod updated_mask;
mod updates;
mod values;

pub use callback::{Callback, CallbackError};
pub use filter::{
    DocumentFilter, Filtered, FineField, FineFilter, FineFlag, OrganisationFilter, PaidFilter,
};
pub use fine::{Fine, FineId};
pub use show::ShowFine;
pub use updated_mask::UpdatedMask;
pub use updates::{FineUpdate, FineUpdates, SyncCursor};
pub use values::{
    DayOrMoment, DocumentType, FineInactiveReason, FineStatus, Organisation, PaidStatus, Picture,
    PictureObject, Pictures, PicturesState,
};
