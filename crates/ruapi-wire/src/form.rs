//! One value, the forms it may come in, and the one it is written in.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserializer, Serializer};

/// 2^53, where an f64 stops being exact.
pub(crate) const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// A value as JSON has it, before anybody says what it means.
///
/// ```
/// use ruapi_wire::Scalar;
///
/// assert_eq!(Scalar::Natural(500).to_text().as_deref(), Some("500"));
/// assert!(Scalar::Text("  ").is_nothing() && Scalar::Flag(false).is_nothing());
/// ```
#[derive(Clone, Copy)]
pub enum Scalar<'a> {
    /// A string.
    Text(&'a str),
    /// A whole number, not negative.
    Natural(u64),
    /// A negative whole number.
    Negative(i64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// `true` or `false`.
    Flag(bool),
    /// `null`, an empty list or a missing value.
    Absent,
}

impl<'a> Scalar<'a> {
    /// A string, or a number as it would be written.
    #[inline]
    pub fn to_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Natural(number) => Some(Cow::Owned(number.to_string())),
            Self::Negative(number) => Some(Cow::Owned(number.to_string())),
            // Beyond, digits are gone already: no answer is better than a wrong account number.
            Self::Float(number) => {
                (number.abs() < MOST_EXACT).then(|| Cow::Owned(number.to_string()))
            }
            Self::Flag(_) | Self::Absent => None,
        }
    }

    /// Whether this is a form of nothing. PHP says `false` where there is nothing.
    #[inline]
    pub fn is_nothing(self) -> bool {
        match self {
            Self::Absent | Self::Flag(false) => true,
            // Usually one look at the first byte.
            Self::Text(text) => text.bytes().all(|byte| byte.is_ascii_whitespace()),
            _ => false,
        }
    }
}

/// A type that takes several forms of a value, and writes one.
///
/// Mark `read` with `#[inline(always)]`: the form is known where it is called from, and without the
/// mark decoding a whole answer takes a tenth longer.
///
/// ```
/// use ruapi_wire::{Scalar, Wire};
/// use serde::Serializer;
///
/// /// A share that comes as `0.1` or `"10%"`.
/// #[derive(Debug, PartialEq)]
/// struct Percent(f64);
///
/// impl Wire for Percent {
///     const EXPECTED: &'static str = "a share";
///
///     #[inline(always)]
///     fn read(scalar: Scalar<'_>) -> Option<Self> {
///         match scalar {
///             Scalar::Float(share) => Some(Self(share * 100.0)),
///             Scalar::Text(text) => text.strip_suffix('%')?.parse().ok().map(Self),
///             _ => None,
///         }
///     }
///
///     fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
///         serializer.serialize_f64(self.0 / 100.0)
///     }
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Commission {
///     #[serde(with = "ruapi_wire")]
///     rate: Percent,
/// }
///
/// let commission: Commission = serde_json::from_str(r#"{"rate": "10%"}"#)?;
/// assert_eq!(commission.rate, Percent(10.0));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub trait Wire: Sized {
    /// What a decode error says was expected.
    const EXPECTED: &'static str;

    /// The value, if `scalar` is a form of it.
    fn read(scalar: Scalar<'_>) -> Option<Self>;

    /// Writes the one form that the service documents.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// For `#[serde(with = "ruapi_wire")]`.
///
/// For an example see [`Wire`].
pub fn serialize<T: Wire, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// For `#[serde(with = "ruapi_wire")]`.
///
/// For an example see [`Wire`].
pub fn deserialize<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Forms(PhantomData))
}

struct Forms<T>(PhantomData<T>);

#[inline(always)]
fn read<T: Wire, E: de::Error>(scalar: Scalar<'_>) -> Result<T, E> {
    // The value itself is not named: it may be somebody's personal data.
    T::read(scalar).ok_or_else(|| E::custom(format_args!("expected {}", T::EXPECTED)))
}

impl<'de, T: Wire> Visitor<'de> for Forms<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        read(Scalar::Text(text))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        read(Scalar::Natural(number))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        read(Scalar::Negative(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        read(Scalar::Float(number))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<T, E> {
        read(Scalar::Flag(flag))
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        read(Scalar::Absent)
    }

    fn visit_none<E: de::Error>(self) -> Result<T, E> {
        read(Scalar::Absent)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        match list.next_element::<de::IgnoredAny>()? {
            None => read(Scalar::Absent),
            Some(_) => Err(de::Error::custom(format_args!("expected {}", T::EXPECTED))),
        }
    }
}
