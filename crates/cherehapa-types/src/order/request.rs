//! What was ordered, and for whom.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::wire::{self, models};
use crate::{Currency, Extra, Id, InsuredDays, Personal, kind};

/// The request behind the order. Dates are days without a zone: the document names none, Moscow is likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The request (внутренний числовой код запроса).
    #[serde(default, with = "wire")]
    pub id: Option<Id<kind::Request>>,
    /// `insurerId`: the policyholder (страхователь). Not filled in here.
    #[serde(default, with = "wire")]
    pub insurer_id: Option<Id<kind::Insurer>>,
    /// `dateStart`: the first day of the trip (дата начала поездки).
    #[serde(default, with = "wire")]
    pub date_start: Option<NaiveDate>,
    /// `dateEnd`: the last day of the trip (дата окончания поездки).
    #[serde(default, with = "wire")]
    pub date_end: Option<NaiveDate>,
    /// `dateVisa`: the day of the visit to the visa centre (дата похода в визовый центр).
    #[serde(default, with = "wire")]
    pub date_visa: Option<NaiveDate>,
    /// `insuredDays`: for how many days the policy covers (количество дней страхового покрытия).
    #[serde(default, with = "wire")]
    pub insured_days: Option<InsuredDays>,
    /// `currencyId`: the code of the currency (символьный код валюты страхования).
    #[serde(rename = "currencyId", default, with = "wire")]
    pub currency: Option<Currency>,
    /// The document does not say what it is.
    #[serde(default, with = "wire")]
    pub source: Option<String>,
    /// The document does not say what it is. Masked: an address can tell about its user.
    #[serde(default, with = "wire")]
    pub url: Option<Personal<String>>,
    /// `dateCreated`: when the request was made (дата создания запроса).
    #[serde(default, with = "wire")]
    pub date_created: Option<NaiveDate>,
    /// `dateUpdated`: when it was last changed (дата последнего обновления запроса).
    #[serde(default, with = "wire")]
    pub date_updated: Option<NaiveDate>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A tourist.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Tourist {
    /// The tourist (внутренний числовой код туриста).
    #[serde(default, with = "wire")]
    pub id: Option<Id<kind::Tourist>>,
    /// The birth date (дата рождения).
    #[serde(default, with = "wire")]
    pub birthday: Option<Personal<NaiveDate>>,
    /// `firstName`: the given name (имя).
    #[serde(default, with = "wire")]
    pub first_name: Option<Personal<String>>,
    /// `lastName`: the family name (фамилия).
    #[serde(default, with = "wire")]
    pub last_name: Option<Personal<String>>,
    /// `secondName`: the patronymic (отчество).
    #[serde(default, with = "wire")]
    pub second_name: Option<Personal<String>>,
    /// Whether the tourist is hidden in the personal account (спрятан ли в личном кабинете).
    #[serde(default, with = "wire::digit")]
    pub hidden: Option<bool>,
    /// The age (возраст туриста).
    #[serde(default, with = "wire")]
    pub age: Option<u32>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

models!(Request, Tourist);
