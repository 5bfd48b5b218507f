//! The answer as it is printed in the document, key by key.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};
use serde::{Serialize, Serializer};

use super::state::Money;

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) count: usize,
    pub(super) result: Vec<Found>,
    pub(super) filters: Filters,
    pub(super) inquiry: Inquiry,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Found {
    pub(super) policy: Policy,
    pub(super) auto: Vec<Auto>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Policy {
    #[serde(rename = "PolicyNumber")]
    pub(super) number: Cow<'static, str>,
    #[serde(rename = "PolicyStart", serialize_with = "dd_mm_yyyy")]
    pub(super) start: NaiveDate,
    #[serde(rename = "PolicyStop", serialize_with = "dd_mm_yyyy")]
    pub(super) stop: NaiveDate,
    #[serde(rename = "PolicyCompany")]
    pub(super) company: &'static str,
    #[serde(rename = "PolicyHolder")]
    pub(super) holder: Cow<'static, str>,
    #[serde(rename = "PolicyHolderINN")]
    pub(super) inn: Cow<'static, str>,
    #[serde(rename = "PolicyHolderKPP")]
    pub(super) kpp: Cow<'static, str>,
}

impl Policy {
    pub(super) fn in_force_on(&self, date: NaiveDate) -> bool {
        self.start <= date && date <= self.stop
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Auto {
    pub(super) marka: &'static str,
    pub(super) model: &'static str,
    #[serde(rename = "gosNumber")]
    pub(super) gos_number: Cow<'static, str>,
    pub(super) seats: &'static str,
    pub(super) passenger: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Filters {
    #[serde(rename = "requestDate", serialize_with = "dd_mm_yyyy")]
    pub(super) request_date: NaiveDate,
    #[serde(rename = "onlyActual")]
    pub(super) only_actual: u8,
}

#[derive(Debug, Serialize)]
pub(super) struct Inquiry {
    pub(super) price: Money,
    pub(super) balance: Money,
    pub(super) credit: Money,
    pub(super) speed: u32,
    pub(super) attempts: u32,
}

fn dd_mm_yyyy<S: Serializer>(date: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    let text = format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year());
    serializer.serialize_str(&text)
}
