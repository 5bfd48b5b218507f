//! What was asked for.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::quote::ServiceSum;
use crate::wire::{self, models};
use crate::{Currency, Extra, Id, InsuredDays, Map, kind};

/// The request as it was processed. Dates are days without a zone: the document names none, Moscow is likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `dateStart`: the first day of the trip (дата начала поездки).
    #[serde(default, with = "wire")]
    pub date_start: Option<NaiveDate>,
    /// `dateEnd`: the last day of the trip (дата окончания поездки).
    #[serde(default, with = "wire")]
    pub date_end: Option<NaiveDate>,
    /// `insuredDays`: for how many days the policy covers (срок действия полиса, в днях).
    #[serde(default, with = "wire")]
    pub insured_days: Option<InsuredDays>,
    /// The requested currency (валюта страхования).
    #[serde(default, with = "wire")]
    pub currency: Option<Currency>,
    /// `currencyRate`: rates on the day of the calculation, by currency code (курсы валют), rubles.
    #[serde(rename = "currencyRate", default, with = "wire::text")]
    pub currency_rates: Map<Option<Decimal>>,
    /// `country`: codes of the countries (символьные коды выбранных стран).
    #[serde(rename = "country", default, with = "wire")]
    pub countries: Vec<String>,
    /// `service`: the requested insured sums by service code.
    #[serde(rename = "service", default, with = "wire")]
    pub services: Map<Option<ServiceSum>>,
    /// `tourist`: the tourists; for a calculation nothing but age or birth date is needed.
    #[serde(rename = "tourist", default, with = "wire")]
    pub tourists: Vec<Tourist>,
    /// `sport`: codes of the sports (коды выбранных видов спорта). Can be `null`.
    #[serde(rename = "sport", default, with = "wire")]
    pub sports: Vec<String>,
    /// `filterCompanies`: the insurers that the results were narrowed to.
    #[serde(default, with = "wire")]
    pub filter_companies: Vec<Company>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Request {
    /// The rate of a currency on the day of the calculation.
    pub fn rate(&self, currency: &Currency) -> Option<Decimal> {
        *self.currency_rates.get(currency.as_str())?
    }
}

/// A tourist in a calculation: ages, and nothing personal that is documented.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Tourist {
    /// The age on the day of purchase (возраст на дату покупки полиса).
    #[serde(default, with = "wire")]
    pub age: Option<u32>,
    /// `endAge`: on the last day of the policy (на дату окончания действия).
    #[serde(default, with = "wire")]
    pub end_age: Option<u32>,
    /// `beginAge`: on the first day of the policy (на дату начала действия).
    #[serde(default, with = "wire")]
    pub begin_age: Option<u32>,
    /// `longestAge`: during most of the trip (на большую часть поездки): 24 if it is 24 on six days of
    /// ten and 25 on the others.
    #[serde(default, with = "wire")]
    pub longest_age: Option<u32>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Tourist {
    /// The age that an insurer with this rule takes.
    pub fn age_by(&self, rule: AgeRule) -> Option<u32> {
        match rule {
            AgeRule::Purchase => self.age,
            AgeRule::Begin => self.begin_age,
            AgeRule::End => self.end_age,
            AgeRule::Longest => self.longest_age,
        }
    }

    /// Whether insurers may take different ages: there is a birthday between purchase and the last day.
    /// Then a price calculated from an age can differ from one calculated from the birth date, which the
    /// document recommends to send.
    pub fn has_several_ages(&self) -> bool {
        let mut ages = AgeRule::ALL.iter().filter_map(|rule| self.age_by(*rule));
        ages.next().is_some_and(|first| ages.any(|age| age != first))
    }
}

/// Which age an insurer's age coefficient (возрастной коэффициент) goes by. It differs by insurer; the
/// document does not say which takes which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AgeRule {
    /// On the day of purchase (на дату покупки): [`Tourist::age`].
    Purchase,
    /// On the first day of the policy (на дату начала действия): [`Tourist::begin_age`].
    Begin,
    /// On the last day of the policy (на дату окончания действия): [`Tourist::end_age`].
    End,
    /// During most of the trip (на большую часть поездки): [`Tourist::longest_age`].
    Longest,
}

impl AgeRule {
    /// All that the document names, in its order.
    pub const ALL: &'static [Self] = &[Self::Purchase, Self::Begin, Self::End, Self::Longest];
}

/// An insurer (страховая компания).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Company {
    /// The insurer (числовой код).
    #[serde(default, with = "wire::text")]
    pub id: Option<Id<kind::Company>>,
    /// Its code (символьный код).
    #[serde(default, with = "wire")]
    pub code: Option<String>,
    /// Its name (название).
    #[serde(default, with = "wire")]
    pub name: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

models!(Request, Tourist, Company);
