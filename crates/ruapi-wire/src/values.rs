//! The forms of the usual types.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serializer;

use crate::form::{MOST_EXACT, Scalar, Wire};

impl Wire for String {
    const EXPECTED: &'static str = "text";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => Some(text.to_owned()),
            other => other.to_text().map(Cow::into_owned),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl Wire for bool {
    const EXPECTED: &'static str = "true or false";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Flag(flag) => Some(flag),
            Scalar::Natural(number) => (number <= 1).then_some(number == 1),
            Scalar::Text(text) => match text.trim() {
                "true" | "1" => Some(true),
                "false" | "0" | "" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(*self)
    }
}

impl Wire for Decimal {
    const EXPECTED: &'static str = "a decimal number";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Natural(number) => Some(number.into()),
            Scalar::Negative(number) => Some(number.into()),
            Scalar::Float(number) => decimal(number),
            Scalar::Flag(_) | Scalar::Absent => None,
        }
    }

    /// As a JSON number; as a string where a number would lose digits.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_integer() {
            if let Some(number) = self.to_i64() {
                return serializer.serialize_i64(number);
            }
        }
        match self.to_f64().filter(|number| decimal(*number) == Some(*self)) {
            Some(number) => serializer.serialize_f64(number),
            None => serializer.collect_str(self),
        }
    }
}

/// A JSON number as a decimal: exact up to 15 significant digits, which is what such a number promises.
///
/// ```
/// assert_eq!(ruapi_wire::decimal(0.1).map(|amount| amount.to_string()).as_deref(), Some("0.1"));
/// assert_eq!(ruapi_wire::decimal(f64::NAN), None);
/// ```
#[inline]
pub fn decimal(number: f64) -> Option<Decimal> {
    // Amounts have two digits after the point, and the way by hundredths is ten times as fast.
    // It is taken only if it is exact: the quotient is then the very number that was read.
    let hundredths = (number * 100.0).round();
    if hundredths.abs() < 1e15 && hundredths / 100.0 == number {
        let hundredths = hundredths as i64;
        return Some(match (hundredths % 100, hundredths % 10) {
            (0, _) => Decimal::from(hundredths / 100),
            (_, 0) => Decimal::new(hundredths / 10, 1),
            _ => Decimal::new(hundredths, 2),
        });
    }
    // The shortest text that stands for the number is what was most likely sent.
    number.to_string().parse().ok()
}

/// Whole numbers differ in their type only.
macro_rules! whole_number {
    ($($type:ty => $write:ident),+) => {$(
        impl Wire for $type {
            const EXPECTED: &'static str = concat!("a whole number (", stringify!($type), ")");

            #[inline(always)]
            fn read(scalar: Scalar<'_>) -> Option<Self> {
                match scalar {
                    Scalar::Natural(number) => number.try_into().ok(),
                    Scalar::Negative(number) => number.try_into().ok(),
                    // `2.0` is what some services make of 2.
                    Scalar::Float(number) => {
                        let whole = number.fract() == 0.0 && number.abs() <= MOST_EXACT;
                        whole.then_some(number as i64)?.try_into().ok()
                    }
                    Scalar::Text(text) => {
                        let text = text.trim();
                        let float = || Self::read(Scalar::Float(text.parse().ok()?));
                        text.parse().ok().or_else(float)
                    }
                    Scalar::Flag(_) | Scalar::Absent => None,
                }
            }

            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.$write(*self)
            }
        }
    )+};
}

whole_number!(u16 => serialize_u16, u32 => serialize_u32, u64 => serialize_u64, i64 => serialize_i64);

impl<T: Wire> Wire for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            // `false` is a boolean where one is expected, and nothing elsewhere.
            Scalar::Flag(false) => Some(T::read(scalar)),
            _ if scalar.is_nothing() => Some(None),
            _ => T::read(scalar).map(Some),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.write(serializer),
            None => serializer.serialize_none(),
        }
    }
}
