//! The draft and the policy as documents (черновик, полис): links and PDFs.

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
