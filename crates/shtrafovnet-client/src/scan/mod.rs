//! Looking for a car's fines: section «Проверка штрафов».
//!
//! For the wait to its end see the [guide](crate::guide#first-call).
//!
//! ```
//! # use ruapi_sandbox::{Sandbox, Shtrafovnet};
//! # use shtrafovnet_client::{Client, Email, Login};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
//! # let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
//! use shtrafovnet_client::scan::ScanStatus;
//!
//! let scan = client.scan(&1212.into()).await?;
//! let scan = client.scan_status(&scan.id).await?;
//! // `client.wait_for_scan(&scan.id).await?` asks until it is over.
//! assert_eq!(scan.status, Some(ScanStatus::Process));
//! assert!(!scan.is_final());
//! # Ok(()) }
//! ```

mod create;
mod status;
mod wait;

use chrono::NaiveDateTime;
use ruapi_core::{Extra, Id, wire};
use serde::{Deserialize, Serialize};

pub use create::CreateScan;
pub use status::ScanStatusCall;
pub(crate) use wait::wait;
pub use wait::{SCAN_SCHEDULE, ScanWait};

use crate::cars::CarId;

/// The identifier of a scan.
pub type ScanId = Id<Scan>;

ruapi_core::open_enum! {
    /// Where a scan stands (Статус задачи).
    pub enum ScanStatus {
        /// Under way.
        Process = "process",
        /// Done: the car's fines can be listed.
        Done = "done",
        /// Failed.
        Fail = "fail",
        /// Skipped.
        Skip = "skip",
    }
}

/// A scan: the search for a car's fines at the authorities, usually 30 to 60 seconds long.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Scan {
    /// The identifier (ID задачи).
    #[serde(with = "wire")]
    pub id: ScanId,
    /// The car (Car ID).
    #[serde(default, with = "wire")]
    pub car: Option<CarId>,
    /// Where it stands (Статус задачи).
    #[serde(default, with = "wire")]
    pub status: Option<ScanStatus>,
    /// When it was made (Дата/время создания задачи); without a zone, Moscow time is likely.
    #[serde(default, with = "wire::naive_date_time")]
    pub created_at: Option<NaiveDateTime>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Scan {
    /// A scan of which only the identifier is known.
    pub fn new(id: impl Into<ScanId>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// Whether it has come to an end, good or bad. A status that the document does not name is none.
    pub fn is_final(&self) -> bool {
        matches!(self.status, Some(ScanStatus::Done | ScanStatus::Fail | ScanStatus::Skip))
    }
}
