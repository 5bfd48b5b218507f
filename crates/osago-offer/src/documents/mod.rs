//! The draft and the policy as documents (черновик, полис): links and PDFs.
//!
//! ```
//! # use osago_offer::{Client, Credential, OfferKey};
//! # use ruapi_sandbox::{Osago, Sandbox};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let credential = Credential::bearer(Osago::TOKEN.to_owned().into())?;
//! # let client = Client::new(sandbox.osago_url(), credential)?;
//! use osago_offer::documents::DocumentFile;
//!
//! let key = OfferKey::new(Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER);
//! let draft = client.draft(&key).await?;
//! // `client.draft(&key).wait().await?` asks until it is there.
//! println!("{:?}, there: {}", draft.status, draft.is_final());
//!
//! let file = DocumentFile::from_pdf(b"%PDF-1.4 ...");
//! assert!(file.pdf()?.starts_with(b"%PDF-"));
//! # Ok(()) }
//! ```

mod draft;
mod file;
mod policy;

use std::time::Duration;

use ruapi_core::Schedule;

pub use draft::{Draft, DraftStatus, ShowDraft};
pub use file::{DocumentFile, FileError, FileType, MAX_PDF};
pub use policy::{Policy, ShowPolicy};

/// How a draft or a policy is waited for: every 5 seconds for at most 5 minutes.
pub const DOCUMENT_SCHEDULE: Schedule = Schedule {
    first: Duration::ZERO,
    interval: Duration::from_secs(5),
    deadline: Duration::from_secs(300),
};
