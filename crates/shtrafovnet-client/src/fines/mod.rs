//! Fines: section «Штрафы».

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
