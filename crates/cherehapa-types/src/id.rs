//! Identifiers that cannot be mixed up.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire::{self, Scalar, Spelling, Wire};

/// What an [`Id`] is the identifier of.
///
/// For an example see [`Id`].
pub mod kind {
    macro_rules! kinds {
        ($($(#[$meta:meta])* $name:ident,)+) => {$(
            $(#[$meta])*
            #[derive(Debug)]
            pub enum $name {}
        )+};
    }

    kinds! {
        /// An insurance product (страховой продукт).
        Product,
        /// A variant of a product (вариант страхового продукта).
        SubProduct,
        /// An insurer (страховая компания): <https://api.cherehapa.ru/v2/company>.
        Company,
        /// A territory of cover (территория действия полиса), the insurer's own.
        Territory,
        /// A group of sports (группа спорта), the insurer's own.
        SportGroup,
        /// A request that became an order (запрос).
        Request,
        /// A policyholder (страхователь).
        Insurer,
        /// A tourist (турист).
        Tourist,
        /// A policy (полис).
        Policy,
        /// A file (файл полиса).
        File,
        /// The results of a calculation (структура с результатами расчета), for internal use.
        Calculation,
        /// A partner (партнер).
        Partner,
        /// A task (задача): an order, or a step of it.
        Task,
        /// A transaction of money (транзакция).
        Transaction,
        /// A payment system (платежная система): <http://api.sandbox.cherehapa.ru/v2/paymentSystem>.
        PaymentSystem,
        /// An order of the old structure (старая структура заказа).
        LegacyOrder,
    }
}

/// The identifier of a `K`. A number, as documented, or any text; `"23"` and `23` are the same.
///
/// ```
/// use cherehapa_types::{Id, kind};
///
/// let id: Id<kind::Company> = serde_json::from_str(r#""23""#)?;
/// assert_eq!(id, Id::from(23));
/// assert_eq!(id.number(), Some(23));
/// assert_eq!(id.to_string(), "23");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct Id<K: ?Sized> {
    value: Value,
    of: PhantomData<fn() -> K>,
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Value {
    Number(u64),
    // Behind one more box, which makes the usual number half as large.
    Text(Box<Text>),
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Text(Box<str>);

impl<K: ?Sized> Id<K> {
    /// The identifier, if it is a number.
    pub fn number(&self) -> Option<u64> {
        match self.value {
            Value::Number(number) => Some(number),
            Value::Text(_) => None,
        }
    }
}

impl<K: ?Sized> From<u64> for Id<K> {
    fn from(number: u64) -> Self {
        Self { value: Value::Number(number), of: PhantomData }
    }
}

impl<K: ?Sized> From<&str> for Id<K> {
    fn from(text: &str) -> Self {
        // A number with leading zeros or a sign would not come back as it was.
        let as_number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
        match as_number {
            Some(number) => number.into(),
            None => Self { value: Value::Text(Box::new(Text(text.into()))), of: PhantomData },
        }
    }
}

impl<K: ?Sized> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Number(number) => number.fmt(f),
            Value::Text(text) => text.0.fmt(f),
        }
    }
}

impl<K: ?Sized> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: ?Sized> Clone for Id<K> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), of: PhantomData }
    }
}

impl<K: ?Sized> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<K: ?Sized> Eq for Id<K> {}

impl<K: ?Sized> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: ?Sized> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl<K: ?Sized> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<K: ?Sized> Wire for Id<K> {
    const EXPECTED: &'static str = "an identifier";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Natural(number) => Some(number.into()),
            other => other.to_text().map(|text| Self::from(text.trim())),
        }
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Number(number) if spelling != Spelling::Text => to.serialize_u64(*number),
            _ => to.collect_str(self),
        }
    }
}

impl<K: ?Sized> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        wire::serialize(self, to)
    }
}

impl<'de, K: ?Sized> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        wire::deserialize(from)
    }
}
