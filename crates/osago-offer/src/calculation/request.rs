use ruapi_core::{Extra, wire};
use serde::{Deserialize, Serialize};

use super::{Person, Vehicle};
use crate::RequestId;
use crate::input::Problems;
use crate::offer::ReturnUrls;
use crate::wire::{Date, Undescribed};

ruapi_core::open_enum! {
    /// What a vehicle is used for.
    pub enum Purpose {
        /// Privately.
        Personal = "personal",
        /// As a taxi.
        Taxi = "taxi",
    }
}

/// What is to be calculated: the body of `POST osago/calculate`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CalculationRequest {
    /// `request_id`: the request's identifier, a UUID that the caller makes. All that follows is asked
    /// for by it.
    #[serde(default, with = "wire")]
    pub request_id: RequestId,
    /// `product_type`: the product; no values are documented.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub product_type: Option<String>,
    /// `partner`: the partner, in a form that nobody describes.
    #[serde(default, skip_serializing_if = "Undescribed::is_null")]
    pub partner: Undescribed,
    /// `is_cross_allowed`: whether upsales may be offered.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub is_cross_allowed: Option<bool>,
    /// `purpose`: what the vehicle is used for.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// `policy_start_date`: the policy's first moment, with its zone (RFC 3339).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub policy_start_date: Option<Date>,
    /// `return_urls`: where to go after the payment.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub return_urls: Option<ReturnUrls>,
    /// `vehicle`: the vehicle.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub vehicle: Option<Vehicle>,
    /// `drivers_info`: who drives.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub drivers_info: Option<DriversInfo>,
    /// `owner`: the vehicle's owner.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub owner: Option<Person>,
    /// `insurer`: the policyholder (страхователь), who is called so in this API.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub insurer: Option<Person>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CalculationRequest {
    /// A request with what no calculation can be made without.
    pub fn new(
        request_id: impl Into<RequestId>,
        policy_start_date: impl Into<Date>,
        vehicle: Vehicle,
        drivers_info: DriversInfo,
    ) -> Self {
        Self {
            request_id: request_id.into(),
            policy_start_date: Some(policy_start_date.into()),
            vehicle: Some(vehicle),
            drivers_info: Some(drivers_info),
            ..Self::default()
        }
    }

    /// Only what is known to be demanded is checked: which fields are optional is documented nowhere.
    pub(crate) fn problems(&self) -> Problems {
        let mut problems = Problems::default();
        problems.uuid("request_id", self.request_id.as_str());
        match &self.policy_start_date {
            None => problems.add("policy_start_date", "is missing"),
            Some(date) if date.moment().is_none() => {
                problems.add("policy_start_date", "must be a date and time with a zone (RFC 3339)");
            }
            Some(_) => {}
        }
        if let Some(urls) = &self.return_urls {
            urls.check(&mut problems);
        }
        match &self.vehicle {
            None => problems.add("vehicle", "is missing"),
            Some(vehicle) if !vehicle.is_identified() => {
                problems.add("vehicle", "needs one of vin, body_number, chassis_number");
            }
            Some(_) => {}
        }
        match &self.drivers_info {
            Some(info) if info.is_unlimited_drivers != Some(true) && info.drivers.is_empty() => {
                problems.add("drivers_info.drivers", "is missing, and drivers are not unlimited");
            }
            _ => {}
        }
        problems
    }
}

/// Who drives.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DriversInfo {
    /// `is_unlimited_drivers`: whoever wants to.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub is_unlimited_drivers: Option<bool>,
    /// `drivers`: these.
    #[serde(default, with = "wire::one_or_many")]
    pub drivers: Vec<Person>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl DriversInfo {
    /// Whoever wants to.
    pub fn unlimited() -> Self {
        Self { is_unlimited_drivers: Some(true), ..Self::default() }
    }

    /// These drivers only.
    pub fn limited(drivers: impl IntoIterator<Item = Person>) -> Self {
        let drivers = drivers.into_iter().collect();
        Self { is_unlimited_drivers: Some(false), drivers, extra: Extra::default() }
    }
}
