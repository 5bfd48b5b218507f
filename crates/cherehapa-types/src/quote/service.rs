//! Insured sums.

use rust_decimal::Decimal;
use serde::Serializer;

use super::info::whole_amount;
use crate::wire::{Scalar, Spelling, Wire, serde_by_wire};

/// The insured sum of a service (страховая сумма). For services that are just on or off (вкл/выкл): 1 or 0.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ServiceSum {
    /// A number, as documented.
    Amount(Decimal),
    /// `true` or `false` in place of 1 or 0.
    Flag(bool),
    /// Anything else, as it was sent.
    Text(Box<str>),
}

impl ServiceSum {
    /// The number; 1 or 0 for a boolean.
    pub fn amount(&self) -> Option<Decimal> {
        match self {
            Self::Amount(amount) => Some(*amount),
            Self::Flag(flag) => Some(u32::from(*flag).into()),
            Self::Text(_) => None,
        }
    }
}

impl From<Decimal> for ServiceSum {
    fn from(amount: Decimal) -> Self {
        Self::Amount(amount)
    }
}

impl Wire for ServiceSum {
    const EXPECTED: &'static str = "an insured sum";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Flag(flag) => Some(Self::Flag(flag)),
            Scalar::Text(text) => Some(match (whole_amount(text), text.trim()) {
                (Some(amount), _) => Self::Amount(amount),
                (None, "true") => Self::Flag(true),
                (None, "false") => Self::Flag(false),
                (None, _) => Self::Text(text.into()),
            }),
            other => Decimal::scalar(other).map(Self::Amount),
        }
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Amount(amount) => amount.write(spelling, to),
            Self::Flag(flag) => to.serialize_bool(*flag),
            Self::Text(text) => to.serialize_str(text),
        }
    }
}

serde_by_wire!(ServiceSum);
