use ruapi_core::{Extra, Personal, wire};
use serde::{Deserialize, Serialize};

use crate::wire::Date;

ruapi_core::open_enum! {
    /// What an address is for.
    pub enum AddressType {
        /// Where the person is registered.
        Registration = "registration",
        /// Where the person lives.
        Residence = "residence",
    }
}

/// A person: a driver, the owner, the policyholder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Person {
    /// `last_name`: the surname (фамилия).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Personal<String>>,
    /// `first_name`: the first name (имя).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Personal<String>>,
    /// `middle_name`: the patronymic (отчество).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<Personal<String>>,
    /// `birth_date`: the day of birth.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Personal<Date>>,
    /// `license`: the driving licence (водительское удостоверение).
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub license: Option<License>,
    /// `foreign_license`: the driving licence of another country.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub foreign_license: Option<License>,
    /// `previous_license`: the driving licence before this one.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub previous_license: Option<PreviousLicense>,
    /// `passport`: the passport.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub passport: Option<Passport>,
    /// `addresses`: where the person is registered and lives.
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// `contact`: how to reach the person.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub contact: Option<Contact>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Person {
    /// A person by name.
    pub fn new(last_name: impl Into<String>, first_name: impl Into<String>) -> Self {
        let (last_name, first_name) = (last_name.into(), first_name.into());
        Self {
            last_name: Some(Personal::new(last_name)),
            first_name: Some(Personal::new(first_name)),
            ..Self::default()
        }
    }
}

/// A driving licence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct License {
    /// `series`: the series.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub series: Option<Personal<String>>,
    /// `number`: the number.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub number: Option<Personal<String>>,
    /// `date`: when it was issued, or since when the person drives: nobody says.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub date: Option<Personal<Date>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl License {
    /// A licence of this series and number.
    pub fn new(series: impl Into<String>, number: impl Into<String>) -> Self {
        let (series, number) = (Personal::new(series.into()), Personal::new(number.into()));
        Self { series: Some(series), number: Some(number), ..Self::default() }
    }
}

/// The driving licence before the present one, and the names in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PreviousLicense {
    /// `last_name`: the surname in it.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Personal<String>>,
    /// `first_name`: the first name in it.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Personal<String>>,
    /// `middle_name`: the patronymic in it.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<Personal<String>>,
    /// `license`: the licence.
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub license: Option<License>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl PreviousLicense {
    /// A licence in the same name.
    pub fn new(license: License) -> Self {
        Self { license: Some(license), ..Self::default() }
    }
}

/// A passport.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Passport {
    /// `series`: the series.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub series: Option<Personal<String>>,
    /// `number`: the number.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub number: Option<Personal<String>>,
    /// `issue_date`: when it was issued.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<Personal<Date>>,
    /// `issuer`: who issued it.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Personal<String>>,
    /// `subdivision`: the code of the subdivision (код подразделения).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub subdivision: Option<Personal<String>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Passport {
    /// A passport of this series and number.
    pub fn new(series: impl Into<String>, number: impl Into<String>) -> Self {
        let (series, number) = (Personal::new(series.into()), Personal::new(number.into()));
        Self { series: Some(series), number: Some(number), ..Self::default() }
    }
}

/// An address. The codes of the classifiers КЛАДР and ФИАС come with it under names that nobody
/// describes: they are in [`extra`](Self::extra).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Address {
    /// `type`: what it is for.
    #[serde(default, rename = "type", with = "wire", skip_serializing_if = "Option::is_none")]
    pub kind: Option<AddressType>,
    /// `address`: the whole address in one line.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub address: Option<Personal<String>>,
    /// `country_code`: the country.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// `region_name`: the region (регион).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub region_name: Option<Personal<String>>,
    /// `region_type`: what the region is, such as `обл`.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub region_type: Option<String>,
    /// `district_name`: the district (район).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub district_name: Option<Personal<String>>,
    /// `city_name`: the city (город).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub city_name: Option<Personal<String>>,
    /// `city_type`: what the city is.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub city_type: Option<String>,
    /// `settlement_name`: the settlement (населённый пункт).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub settlement_name: Option<Personal<String>>,
    /// `settlement_type`: what the settlement is.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub settlement_type: Option<String>,
    /// `street_name`: the street (улица).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub street_name: Option<Personal<String>>,
    /// `street_type`: what the street is.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub street_type: Option<String>,
    /// `house`: the house (дом).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub house: Option<Personal<String>>,
    /// `building`: the building (строение).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub building: Option<Personal<String>>,
    /// `block`: the block (корпус).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub block: Option<Personal<String>>,
    /// `apartment`: the flat (квартира).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub apartment: Option<Personal<String>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Address {
    /// An address in one line.
    pub fn new(kind: AddressType, address: impl Into<String>) -> Self {
        let address = Some(Personal::new(address.into()));
        Self { kind: Some(kind), address, ..Self::default() }
    }
}

/// How to reach a person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contact {
    /// `phone`: the telephone.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal<String>>,
    /// `email`: the e-mail address.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal<String>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Contact {
    /// By telephone and e-mail.
    pub fn new(phone: impl Into<String>, email: impl Into<String>) -> Self {
        let (phone, email) = (Personal::new(phone.into()), Personal::new(email.into()));
        Self { phone: Some(phone), email: Some(email), extra: Extra::default() }
    }
}
