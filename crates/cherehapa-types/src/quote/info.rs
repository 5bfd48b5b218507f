//! What a price does not tell: the franchise.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};

use crate::Extra;
use crate::open_enum::open_enum;
use crate::wire::{self, Scalar, Spelling, Wire, models, plain_decimal, serde_by_wire};

open_enum! {
    /// What an [`Info`] tells.
    pub enum InfoType {
        /// The franchise (франшиза): what the insurer does not pay. The document knows no other.
        Franchise = "franchise",
    }
}

/// Something about a service in a calculation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Info {
    /// `type`: what it tells (тип сведений).
    #[serde(rename = "type", default, with = "wire")]
    pub kind: Option<InfoType>,
    /// The value.
    #[serde(default, with = "wire::text")]
    pub value: Option<InfoValue>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

models!(Info);

/// A number, or a text for people.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum InfoValue {
    /// An amount in the currency of the calculation (абсолютное значение в валюте расчета).
    Amount(Decimal),
    /// A text, to be shown to the user as it is.
    Text(Box<str>),
}

impl InfoValue {
    /// The amount, if it is one.
    pub fn amount(&self) -> Option<Decimal> {
        match self {
            Self::Amount(amount) => Some(*amount),
            Self::Text(_) => None,
        }
    }
}

impl Wire for InfoValue {
    const EXPECTED: &'static str = "a number or a text";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => Some(match whole_amount(text) {
                Some(amount) => Self::Amount(amount),
                None => Self::Text(text.into()),
            }),
            Scalar::Flag(true) => Some(Self::Text("true".into())),
            other => Decimal::scalar(other).map(Self::Amount),
        }
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Amount(amount) => amount.write(spelling, to),
            Self::Text(text) => to.serialize_str(text),
        }
    }
}

serde_by_wire!(InfoValue);

/// The amount, if the text says nothing but it: `"30"`, and not `"030"` or `"10%"`.
pub(super) fn whole_amount(text: &str) -> Option<Decimal> {
    let text = text.trim();
    plain_decimal(text).filter(|amount| amount.to_string() == text)
}
