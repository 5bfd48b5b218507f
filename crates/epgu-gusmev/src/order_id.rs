//! The number of an application.

use std::fmt;
use std::str::FromStr;

use ruapi_core::Error;
use ruapi_core::wire::{self, Scalar, Wire};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The number of an application at EPGU (Номер заявления, `orderId`): a positive number. Read from a
/// JSON number or from digits in a string, written as a number.
///
/// ```
/// use epgu_gusmev::OrderId;
///
/// let order: OrderId = "2058864134".parse()?;
/// assert_eq!(order.get(), 2_058_864_134);
/// assert!("0".parse::<OrderId>().is_err());
/// # Ok::<(), epgu_gusmev::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderId(u64);

impl OrderId {
    /// The application of this number. Refused: zero, which is none.
    pub fn new(number: u64) -> Result<Self, Error> {
        match number {
            0 => Err(Error::input("orderId", "expected a number above zero")),
            number => Ok(Self(number)),
        }
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for OrderId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if is_number => Self::new(number),
            _ => Err(Error::input("orderId", "expected digits")),
        }
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Wire for OrderId {
    const EXPECTED: &'static str = "the number of an application";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        u64::read(scalar).filter(|number| *number > 0).map(Self)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl Serialize for OrderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        wire::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for OrderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_from_a_number_or_from_digits() {
        for json in ["764255248", "\"764255248\"", "\" 764255248\"", "764255248.0"] {
            let order: OrderId = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&order).unwrap(), "764255248", "{json}");
        }
        for json in ["0", "-1", "\"\"", "null", "1.5", "\"7a\"", "[]", "true"] {
            assert!(serde_json::from_str::<OrderId>(json).is_err(), "{json}");
        }
        for text in ["", "0", "-1", "+7", "7a", "7/8", "99999999999999999999999"] {
            assert!(text.parse::<OrderId>().unwrap_err().is_input(), "{text}");
        }
    }
}
