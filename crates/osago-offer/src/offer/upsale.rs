use ruapi_core::{Extra, Id, wire};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The identifier of an upsale (Идентификатор кросс-продажи): a text.
pub type UpsaleId = Id<UpsaleInfo>;
/// The identifier of an option (Идентификатор опции кросс-продажи): a number in an offer, the same as
/// a text in a confirmation. Read in both forms, written in the form of the place.
pub type OptionId = Id<UpsaleOption>;

/// An upsale (UpsaleInfo, кросс-продажа): another insurance that may, or must, be bought as well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpsaleInfo {
    /// `id`: the identifier (Идентификатор кросс-продажи). Empty if it is missing: then it cannot be chosen.
    #[serde(
        default,
        deserialize_with = "crate::wire::id_or_empty",
        skip_serializing_if = "crate::wire::is_empty"
    )]
    pub id: UpsaleId,
    /// `is_required`: no policy without it (обязательной для оформления полиса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub is_required: Option<bool>,
    /// `upsale_code`: the code (Код кросс-продажи).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub upsale_code: Option<String>,
    /// `short_name`: the short name (Короткое название).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    /// `full_name`: the full name (Полное название).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// `insured`: what and who is insured (Застрахованные объекты/лица).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub insured: Option<String>,
    /// `insurance_period`: for how long (Период страхования), free words.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub insurance_period: Option<String>,
    /// `options`: of these one may be chosen (Пользователь может выбрать одну из опций).
    #[serde(default, with = "wire::one_or_many")]
    pub options: Vec<UpsaleOption>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl UpsaleInfo {
    /// An upsale with these options.
    pub fn new(id: impl Into<UpsaleId>, options: impl IntoIterator<Item = UpsaleOption>) -> Self {
        Self { id: id.into(), options: options.into_iter().collect(), ..Self::default() }
    }
}

/// One option of an upsale (UpsaleOption, Опция кросс-продажи).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpsaleOption {
    /// `id`: the identifier (Идентификатор опции), written as a number. Empty if it is missing: then it
    /// cannot be chosen.
    #[serde(
        default,
        deserialize_with = "crate::wire::id_or_empty",
        serialize_with = "crate::wire::number",
        skip_serializing_if = "crate::wire::is_empty"
    )]
    pub id: OptionId,
    /// `is_default`: on by default (включенной по умолчанию). In an upsale that is required it is
    /// obligatory and cannot be changed (`read only`).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
    /// `compatibility_id`: options with different ones cannot be had together (Идентификатор
    /// совместимости); one without goes with all.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub compatibility_id: Option<i64>,
    /// `name`: the name (Название опции).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `description`: the description (Описание опции).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `insured`: what and who is insured (Застрахованные объекты/лица).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub insured: Option<String>,
    /// `risk_payments`: risks and sums (Массив рисков и страховых сумм).
    #[serde(default, with = "wire::one_or_many")]
    pub risk_payments: Vec<RiskPayment>,
    /// `price`: the premium in rubles (Страховая премия опции).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub price: Option<Decimal>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl UpsaleOption {
    /// An option of which only the identifier is known.
    pub fn new(id: impl Into<OptionId>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
}

/// A risk and what is paid (RiskPayment).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RiskPayment {
    /// `risk`: the risk (Название риска).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// `pays`: the sums, in words (Массив страховых сумм).
    #[serde(default, deserialize_with = "texts")]
    pub pays: Vec<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl RiskPayment {
    /// A risk with its sums.
    pub fn new(risk: impl Into<String>, pays: impl IntoIterator<Item = String>) -> Self {
        let (risk, pays) = (Some(risk.into()), pays.into_iter().collect());
        Self { risk, pays, extra: Extra::default() }
    }
}

/// A list of texts, or a text alone.
fn texts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        Many(#[serde(with = "wire::one_or_many")] Vec<Text>),
        One(#[serde(with = "wire")] Option<String>),
    }
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Text(#[serde(with = "wire")] String);

    let texts = Texts::deserialize(deserializer)
        .map_err(|_| serde::de::Error::custom("expected a list of texts"))?;
    Ok(match texts {
        Texts::Many(texts) => texts.into_iter().map(|text| text.0).collect(),
        Texts::One(text) => text.into_iter().collect(),
    })
}

/// An upsale chosen with one of its options, in a confirmation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SelectedUpsale {
    /// `upsale_id`: the upsale.
    #[serde(default, with = "wire")]
    pub upsale_id: UpsaleId,
    /// `option_id`: the option, written as a text.
    #[serde(default, with = "wire")]
    pub option_id: OptionId,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl SelectedUpsale {
    /// This upsale with this option.
    pub fn new(upsale: impl Into<UpsaleId>, option: impl Into<OptionId>) -> Self {
        Self { upsale_id: upsale.into(), option_id: option.into(), extra: Extra::default() }
    }
}
