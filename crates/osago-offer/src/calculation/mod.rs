//! Calculations (расчёты ОСАГО): what is asked for, what the partners offer, how far it is.
//!
//! The document of the confirmation leaves these operations out; their fields are those that the
//! partner API is known to have. What is missing here is kept in `extra`.
//!
//! ```
//! # use osago_offer::{Client, Credential, OfferKey};
//! # use ruapi_sandbox::{Osago, Sandbox};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let credential = Credential::bearer(Osago::TOKEN.to_owned().into())?;
//! # let client = Client::new(sandbox.osago_url(), credential)?;
//! use osago_offer::calculation::{Address, AddressType, CalculationRequest, CalculationStatus};
//! use osago_offer::calculation::{DriversInfo, Person, Vehicle, VehicleCategory};
//! use osago_offer::{Date, RequestId};
//!
//! let id = RequestId::from("4fd8bd2e-2a4e-4a1c-9e7c-0d6c2f1b9a55");
//! let mut vehicle = Vehicle::by_vin("XTA00000000000000");
//! vehicle.category = Some(VehicleCategory::B);
//! let start: Date = "2026-12-01T00:00:00+03:00".parse()?;
//! let mut request = CalculationRequest::new(id.clone(), start, vehicle, DriversInfo::unlimited());
//! let mut owner = Person::new("Тестов", "Амонулло");
//! owner.addresses = vec![Address::new(AddressType::Registration, "г Москва, ул Примерная, д 1")];
//! request.owner = Some(owner);
//!
//! client.calculate(request).await?;
//! let state = client.calculation_status(&id).await?;
//! println!("{:?}, {} offers", state.status, state.offers.len());
//! # sandbox.clock().advance(chrono::TimeDelta::seconds(6));
//! // `client.calculation(&id).wait().await?` asks until the end.
//! let calculation = client.calculation(&id).await?;
//! assert_eq!(calculation.status, Some(CalculationStatus::CalculationReady));
//! assert!(calculation.is_final());
//! # Ok(()) }
//! ```

mod create;
mod person;
mod request;
mod show;
mod status;
mod vehicle;

use ruapi_core::{Extra, Personal, wire};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use create::{CALCULATION_SCHEDULE, Calculate, CalculationStarted, CalculationWait};
pub use person::{Address, AddressType, Contact, License, Passport, Person, PreviousLicense};
pub use request::{CalculationRequest, DriversInfo, Purpose};
pub use show::ShowCalculation;
pub(crate) use show::wait;
pub use status::{CalculationState, OfferState, ShowCalculationStatus};
pub use vehicle::{
    Brand, CarDocument, CarDocumentType, Model, Modification, Vehicle, VehicleCategory,
};

use crate::RequestId;
use crate::offer::{Offer, PartnerInfo};

ruapi_core::open_enum! {
    /// Where a calculation stands.
    pub enum CalculationStatus {
        /// Not begun.
        Draft = "DRAFT",
        /// Under way at the partner.
        PartnerCalculationInProgress = "PARTNER_CALCULATION_IN_PROGRESS",
        /// Ready: there are offers.
        CalculationReady = "CALCULATION_READY",
        /// Nobody makes an offer.
        NoCalculationAvailable = "NO_CALCULATION_AVAILABLE",
        /// It failed.
        CalculationError = "CALCULATION_ERROR",
        /// One of its offers is paid.
        Paid = "PAID",
        /// Closed.
        Closed = "CLOSED",
    }
}

impl CalculationStatus {
    /// Whether nothing more is to be waited for: ready, none, failed, or already paid or closed. A
    /// status that the document does not name is no end.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Draft | Self::PartnerCalculationInProgress | Self::Other(_))
    }
}

/// A calculation: the answer of `GET osago/calculate`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Calculation {
    /// `request_id`: the request. Empty if the answer does not repeat it.
    #[serde(
        default,
        deserialize_with = "crate::wire::id_or_empty",
        skip_serializing_if = "crate::wire::is_empty"
    )]
    pub request_id: RequestId,
    /// `status`: where it stands.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub status: Option<CalculationStatus>,
    /// `partner`: who calculates.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub partner: Option<PartnerInfo>,
    /// `offers`: what is offered.
    #[serde(default, with = "wire::one_or_many")]
    pub offers: Vec<Offer>,
    /// `drivers`: the drivers' coefficients.
    #[serde(default, with = "wire::one_or_many")]
    pub drivers: Vec<DriverCoefficients>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Calculation {
    /// A calculation of which only the request and the status are known.
    pub fn new(request_id: impl Into<RequestId>, status: CalculationStatus) -> Self {
        Self { request_id: request_id.into(), status: Some(status), ..Self::default() }
    }

    /// Whether nothing more is to be waited for: see [`CalculationStatus::is_final`].
    pub fn is_final(&self) -> bool {
        self.status.as_ref().is_some_and(CalculationStatus::is_final)
    }
}

/// What a driver's insurance is multiplied with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DriverCoefficients {
    /// `series`: the series of the driving licence.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub series: Option<Personal<String>>,
    /// `number`: the number of the driving licence.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub number: Option<Personal<String>>,
    /// `coefficients`: the coefficients.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub coefficients: Option<Coefficients>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The coefficients of an OSAGO price, by their names in the tariff.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coefficients {
    /// `tb`: the base rate (базовый тариф, ТБ).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub tb: Option<Decimal>,
    /// `kt`: the territory (КТ).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub kt: Option<Decimal>,
    /// `kbm`: bonus and malus (КБМ).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub kbm: Option<Decimal>,
    /// `kvs`: age and experience (КВС).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub kvs: Option<Decimal>,
    /// `ks`: the season of use (КС).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub ks: Option<Decimal>,
    /// `kp`: the policy's term (КП).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub kp: Option<Decimal>,
    /// `km`: the engine's power (КМ).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub km: Option<Decimal>,
    /// `kn`: violations (КН).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub kn: Option<Decimal>,
    /// `ko`: limited or unlimited drivers (КО).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub ko: Option<Decimal>,
    /// `kpr`: a trailer (КПр).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub kpr: Option<Decimal>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}
