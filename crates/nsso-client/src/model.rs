//! The answer to `checkPolicy`.

use chrono::NaiveDate;
use ruapi_core::{Extra, Personal, wire};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What the service found, and what the query cost. Document: the answer to `checkPolicy`.
///
/// Absent values arrive as `""`, `null` or not at all; all are `None`. Fields that the document
/// does not name are in `extra`. To build one for a test, start from `default()`.
///
/// The whole answer to the document's example, as the sandbox gives it:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use chrono::NaiveDate;
/// # let sandbox = ruapi_sandbox::Sandbox::start().await?;
/// # let token = nsso_client::Token::new(ruapi_sandbox::Nsso::TOKEN)?;
/// # let client = nsso_client::Client::builder(token).base_url(sandbox.nsso_url()).build()?;
/// let plate: nsso_client::PlateNumber = "А111АА11".parse()?;
/// let check = client.check(&plate).await?;
/// assert_eq!((check.status, check.count), (Some(200), Some(1)));
/// let found = &check.result[0];
///
/// let policy = &found.policy;
/// assert_eq!(policy.stop, NaiveDate::from_ymd_opt(2025, 8, 31));
/// // Who asks for personal data gets it; `Debug` hides it.
/// assert_eq!(policy.holder.as_deref().map(String::as_str), Some("Тестов Амонулло Файзуллоевич"));
/// assert!(!format!("{check:?}").contains("Тестов"));
///
/// let auto = &found.auto[0];
/// assert_eq!((auto.model.as_deref(), auto.seats.as_deref()), (Some("Solaris"), None));
///
/// assert_eq!(check.filters.only_actual, Some(true));
/// assert_eq!(check.filters.request_date, NaiveDate::from_ymd_opt(2025, 8, 26));
///
/// let price = check.inquiry.price.ok_or("a price")?;
/// assert_eq!(price.to_string(), "0.75");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PolicyCheck {
    /// The answer's own status (Статус ответа), 200.
    #[serde(default, with = "wire")]
    pub status: Option<u16>,
    /// How many policies were found (Количество найденных полисов).
    #[serde(default, with = "wire")]
    pub count: Option<u32>,
    /// The policies (Массив с полисами). Empty if there is none; an answer without this field is none.
    #[serde(with = "wire::one_or_many")]
    pub result: Vec<Found>,
    /// What was searched for (Фильтры поиска).
    #[serde(default, with = "wire::object")]
    pub filters: Filters,
    /// What the query cost, and what is left. The empty answer has it too.
    #[serde(default, with = "wire::object")]
    pub inquiry: Inquiry,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One policy and the vehicles it covers. For an example see [`PolicyCheck`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Found {
    /// The policy (Массив с информацией о полисе).
    #[serde(default, with = "wire::object")]
    pub policy: Policy,
    /// The vehicles (Массив с информацией о транспортных средствах).
    #[serde(default, with = "wire::one_or_many")]
    pub auto: Vec<Auto>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A contract of compulsory insurance. For an example see [`PolicyCheck`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Policy {
    /// `PolicyNumber`: the contract's number (Номер договора).
    #[serde(rename = "PolicyNumber", default, with = "wire")]
    pub number: Option<Personal<String>>,
    /// `PolicyStart`: the first day of cover (Дата начала ответственности), Moscow time.
    #[serde(rename = "PolicyStart", default, with = "wire::dotted_date")]
    pub start: Option<NaiveDate>,
    /// `PolicyStop`: the last day of cover (Дата окончания ответственности), Moscow time.
    #[serde(rename = "PolicyStop", default, with = "wire::dotted_date")]
    pub stop: Option<NaiveDate>,
    /// `PolicyCompany`: the insurer (Страховая компания).
    #[serde(rename = "PolicyCompany", default, with = "wire")]
    pub company: Option<String>,
    /// `PolicyHolder`: the policyholder (Страхователь), a person or a company.
    #[serde(rename = "PolicyHolder", default, with = "wire")]
    pub holder: Option<Personal<String>>,
    /// `PolicyHolderINN`: the policyholder's taxpayer number (ИНН), 10 or 12 digits; zeros may lead.
    #[serde(rename = "PolicyHolderINN", default, with = "wire")]
    pub holder_inn: Option<Personal<String>>,
    /// `PolicyHolderKPP`: the policyholder's tax registration code (КПП); companies only.
    #[serde(rename = "PolicyHolderKPP", default, with = "wire")]
    pub holder_kpp: Option<Personal<String>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Policy {
    /// Whether the cover includes `day`, both ends counted. `None`: the service sent no dates.
    pub fn covers(&self, day: NaiveDate) -> Option<bool> {
        Some((self.start?..=self.stop?).contains(&day))
    }
}

/// A vehicle. For an example see [`PolicyCheck`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Auto {
    /// `marka`: the make (Марка).
    #[serde(rename = "marka", default, with = "wire")]
    pub make: Option<String>,
    /// The model (Модель).
    #[serde(default, with = "wire")]
    pub model: Option<String>,
    /// `gosNumber`: the plate in its standard form (Гос. рег. знак ТС, приведенный к стандартному виду).
    #[serde(rename = "gosNumber", default, with = "wire")]
    pub plate: Option<Personal<String>>,
    /// Seats (Количество посадочных мест), as sent: the document shows an empty one only, and a paid
    /// answer shall not be lost over `5+1`.
    #[serde(default, with = "wire")]
    pub seats: Option<String>,
    /// `passenger`: how many passengers fit in (Пассажиро-вместимость), as sent.
    #[serde(rename = "passenger", default, with = "wire")]
    pub passengers: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What was searched for. For an example see [`PolicyCheck`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Filters {
    /// `requestDate`: the day that was looked at (На какую дату осуществлен поиск), Moscow time.
    #[serde(default, with = "wire::dotted_date")]
    pub request_date: Option<NaiveDate>,
    /// `onlyActual`: only policies in force (Только действующие договора).
    #[serde(default, with = "wire::one_or_zero")]
    pub only_actual: Option<bool>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The bill. The document prints these fields without explaining them. For an example see [`PolicyCheck`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Inquiry {
    /// What this query cost, rubles.
    #[serde(default, with = "wire")]
    pub price: Option<Decimal>,
    /// What is left in the account after it, rubles.
    #[serde(default, with = "wire")]
    pub balance: Option<Decimal>,
    /// How far the account may be overdrawn, rubles.
    #[serde(default, with = "wire")]
    pub credit: Option<Decimal>,
    /// How long the query took; the unit is not documented, probably seconds.
    #[serde(default, with = "wire")]
    pub speed: Option<Decimal>,
    /// How often the service asked its source.
    #[serde(default, with = "wire")]
    pub attempts: Option<u32>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}
