//! What both documents have.

use serde::Serializer;

use crate::open_enum::open_enum;
use crate::wire::{Scalar, Spelling, Wire, natural, serde_by_wire};

open_enum! {
    /// A currency (код валюты). The document shows two, and names no list.
    ///
    /// ```
    /// use cherehapa_types::Currency;
    ///
    /// let currency: Currency = serde_json::from_str(r#""CNY""#)?;
    /// assert_eq!((currency.as_str(), currency.is_documented()), ("CNY", false));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum Currency {
        /// Euro.
        Eur = "EUR",
        /// US dollar.
        Usd = "USD",
    }
}

/// For how many days the policy covers (срок действия полиса, в днях).
///
/// ```
/// use cherehapa_types::InsuredDays;
///
/// let days: InsuredDays = serde_json::from_str(r#""365""#)?;
/// assert_eq!(days.days(), Some(365));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InsuredDays {
    /// So many days.
    Days(u32),
    /// `true` or `false` in place of a number. The document does not say what it means.
    Flag(bool),
}

impl InsuredDays {
    /// The number, if it is one.
    pub fn days(self) -> Option<u32> {
        match self {
            Self::Days(days) => Some(days),
            Self::Flag(_) => None,
        }
    }
}

impl From<u32> for InsuredDays {
    fn from(days: u32) -> Self {
        Self::Days(days)
    }
}

impl Wire for InsuredDays {
    const EXPECTED: &'static str = "a number of days";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Flag(flag) => Some(Self::Flag(flag)),
            Scalar::Text(text) if text.trim() == "true" => Some(Self::Flag(true)),
            Scalar::Text(text) if text.trim() == "false" => Some(Self::Flag(false)),
            other => natural(other)?.try_into().ok().map(Self::Days),
        }
    }

    fn write<S: Serializer>(&self, _: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Days(days) => to.serialize_u32(*days),
            Self::Flag(flag) => to.serialize_bool(*flag),
        }
    }
}

serde_by_wire!(InsuredDays);
