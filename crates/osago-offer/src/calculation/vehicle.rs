use ruapi_core::{Extra, Personal, wire};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::wire::{Code, Date};

ruapi_core::open_enum! {
    /// The category of a vehicle.
    pub enum VehicleCategory {
        /// Motorcycles.
        A = "A",
        /// Cars.
        B = "B",
        /// Lorries.
        C = "C",
        /// Buses.
        D = "D",
        /// With a trailer.
        E = "E",
    }
}

ruapi_core::open_enum! {
    /// A document of a vehicle.
    pub enum CarDocumentType {
        /// The registration certificate (СТС).
        Sts = "sts",
        /// The vehicle's passport (ПТС).
        Pts = "pts",
        /// The same in electronic form (ЭПТС).
        Epts = "epts",
    }
}

/// A vehicle. One of [`vin`](Self::vin), [`body_number`](Self::body_number) and
/// [`chassis_number`](Self::chassis_number) is needed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Vehicle {
    /// `car_number`: the plate (госномер).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub car_number: Option<Personal<String>>,
    /// `category`: the category, A to E.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub category: Option<VehicleCategory>,
    /// `vin`: the vehicle identification number.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub vin: Option<Personal<String>>,
    /// `body_number`: the number of the body (номер кузова).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub body_number: Option<Personal<String>>,
    /// `chassis_number`: the number of the chassis (номер шасси).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub chassis_number: Option<Personal<String>>,
    /// `brand`: the brand (марка).
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub brand: Option<Brand>,
    /// `model`: the model (модель).
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub model: Option<Model>,
    /// `modification`: the modification (модификация).
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub modification: Option<Modification>,
    /// `year`: the year in which it was made.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// `engine_power`: the engine's power, in horsepower most likely.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub engine_power: Option<Decimal>,
    /// `car_documents`: the vehicle's documents.
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub car_documents: Vec<CarDocument>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Vehicle {
    /// A vehicle by its VIN.
    pub fn by_vin(vin: impl Into<String>) -> Self {
        Self { vin: Some(Personal::new(vin.into())), ..Self::default() }
    }

    /// A vehicle by the number of its body.
    pub fn by_body_number(number: impl Into<String>) -> Self {
        Self { body_number: Some(Personal::new(number.into())), ..Self::default() }
    }

    /// A vehicle by the number of its chassis.
    pub fn by_chassis_number(number: impl Into<String>) -> Self {
        Self { chassis_number: Some(Personal::new(number.into())), ..Self::default() }
    }

    pub(crate) fn is_identified(&self) -> bool {
        let numbers = [&self.vin, &self.body_number, &self.chassis_number];
        numbers.into_iter().flatten().any(|number| !number.trim().is_empty())
    }
}

/// The brand of a vehicle, from the partner API's catalogue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Brand {
    /// `brand_id`: the identifier.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub brand_id: Option<Code>,
    /// `name`: the name.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `name_ru`: the name in Russian.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub name_ru: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Brand {
    /// A brand of the catalogue.
    pub fn new(brand_id: impl Into<Code>, name: impl Into<String>) -> Self {
        Self { brand_id: Some(brand_id.into()), name: Some(name.into()), ..Self::default() }
    }
}

/// The model of a vehicle, from the partner API's catalogue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Model {
    /// `model_id`: the identifier.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub model_id: Option<Code>,
    /// `name`: the name.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `name_ru`: the name in Russian.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub name_ru: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Model {
    /// A model of the catalogue.
    pub fn new(model_id: impl Into<Code>, name: impl Into<String>) -> Self {
        Self { model_id: Some(model_id.into()), name: Some(name.into()), ..Self::default() }
    }
}

/// The modification of a vehicle, from the partner API's catalogue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Modification {
    /// `modification_id`: the identifier.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub modification_id: Option<Code>,
    /// `name`: the name.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Modification {
    /// A modification of the catalogue.
    pub fn new(modification_id: impl Into<Code>, name: impl Into<String>) -> Self {
        let (modification_id, name) = (Some(modification_id.into()), Some(name.into()));
        Self { modification_id, name, extra: Extra::default() }
    }
}

/// A document of a vehicle.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CarDocument {
    /// `series`: the series.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub series: Option<Personal<String>>,
    /// `number`: the number.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub number: Option<Personal<String>>,
    /// `date`: when it was issued.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// `document_type`: which document it is.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub document_type: Option<CarDocumentType>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CarDocument {
    /// A document with its number.
    pub fn new(document_type: CarDocumentType, number: impl Into<String>) -> Self {
        let number = Some(Personal::new(number.into()));
        Self { document_type: Some(document_type), number, ..Self::default() }
    }
}
