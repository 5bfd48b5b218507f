//! What the service knows of a car.

use chrono::NaiveDateTime;
use ruapi_core::{Error, Extra, Id, Personal, wire};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::input::Email;
use crate::listing::Listed;

/// The identifier of a car.
pub type CarId = Id<Car>;

/// How many cars a user may have. The service checks it: one more is a validation error.
pub const CARS_PER_USER: usize = 4;

ruapi_core::open_enum! {
    /// The state of a car (Статус).
    pub enum CarStatus {
        /// Fresh.
        New = "new",
        /// In use.
        Active = "active",
        /// Not in use: see [`CarInactiveReason`].
        Inactive = "inactive",
        /// Archived.
        Archived = "archived",
        /// Deleted.
        Deleted = "deleted",
    }
}

ruapi_core::open_enum! {
    /// Why a car is not in use (Причина неактивности).
    pub enum CarInactiveReason {
        /// It failed the check by the traffic police (ГИБДД).
        GibddVerify = "gibdd_verify",
        /// Its data are wrong.
        DataIncorrect = "data_incorrect",
    }
}

/// A car. A user's list of cars has other fields than a single car: what an answer does not hold is
/// `None`. Times have no zone; Moscow time is likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Car {
    /// The identifier (ID транспортного средства).
    #[serde(with = "wire")]
    pub id: CarId,
    /// The name or model (Название ТС).
    #[serde(default, with = "wire")]
    pub name: Option<String>,
    /// The number of the driving licence (Номер ВУ).
    #[serde(default, with = "wire")]
    pub driver_license: Option<Personal<String>>,
    /// The plate (Госномер).
    #[serde(default, with = "wire")]
    pub reg: Option<Personal<String>>,
    /// The number of the registration certificate (Свидетельство о регистрации, СТС).
    #[serde(default, with = "wire")]
    pub cert: Option<Personal<String>>,
    /// The state (Статус).
    #[serde(default, with = "wire")]
    pub status: Option<CarStatus>,
    /// Why it is not in use (Причина неактивности).
    #[serde(default, with = "wire")]
    pub inactive_reason: Option<CarInactiveReason>,
    /// When it was checked last, in a user's list only.
    #[serde(default, with = "wire::naive_date_time")]
    pub scanned_at: Option<NaiveDateTime>,
    /// When it was checked last in the treasury's system ГИС ГМП.
    #[serde(default, with = "wire::naive_date_time")]
    pub gis_scanned_at: Option<NaiveDateTime>,
    /// When it was checked last at the traffic police (ГИБДД).
    #[serde(default, with = "wire::naive_date_time")]
    pub gibdd_scanned_at: Option<NaiveDateTime>,
    /// When it was checked last at Moscow's transport department (ДИТ).
    #[serde(default, with = "wire::naive_date_time")]
    pub dit_scanned_at: Option<NaiveDateTime>,
    /// When it was added (Дата добавления ТС).
    #[serde(default, with = "wire::naive_date_time")]
    pub created_at: Option<NaiveDateTime>,
    /// The webmaster's company, in a user's list only.
    #[serde(default, with = "wire")]
    pub company_id: Option<Id<crate::company::Company>>,
    /// The owner's e-mail address, in a user's list. See [`owner`](Self::owner).
    #[serde(default, with = "wire")]
    pub user: Option<Personal<String>>,
    /// The owner's e-mail address, in a single car. See [`owner`](Self::owner).
    #[serde(default, with = "wire")]
    pub email: Option<Personal<String>>,
    /// The state of the traffic police's check, in a user's list only; the document names no values.
    #[serde(default, with = "wire")]
    pub verify_gibdd_status: Option<String>,
    /// How many fines are unpaid (Количество неоплаченных штрафов).
    #[serde(default, with = "wire")]
    pub fines_count: Option<u32>,
    /// What is owed in fines, in rubles (Сумма задолженности).
    #[serde(default, with = "wire")]
    pub fines_amount: Option<Decimal>,
    /// In a user's list only; not described.
    #[serde(default, with = "wire")]
    pub unit_id: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Car {
    /// A car of which only the identifier is known.
    pub fn new(id: impl Into<CarId>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// The owner's address; `None` for a car without an owner, which the service removes after a week.
    pub fn owner(&self) -> Option<Result<Email, Error>> {
        Some(self.email.as_ref().or(self.user.as_ref())?.parse())
    }
}

impl Listed for Car {
    const KEY: &'static str = "cars";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}
