//! Sending an application's archive: section «Отправка заявления», in one piece or in chunks.

mod chunk;
mod events;
mod multipart;
mod plan;
mod push;
mod run;
mod submit;
mod task;

pub use events::{UploadEvent, UploadEvents};
pub use plan::UploadState;
pub use push::Push;
pub use submit::{Submit, SubmitFailed};
pub use task::{Submitted, Upload, UploadFailed, WINDOW};
