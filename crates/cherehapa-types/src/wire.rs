//! Lenient in, strict out: the forms in which the service sends one and the same thing.
//!
//! `#[serde(default, with = "wire")]` on a field of any [`Wire`] type. On the documented form it costs
//! what serde's derive costs: one visitor, no buffer.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use chrono::{NaiveDate, NaiveDateTime};
pub(crate) use ruapi_wire::Scalar;
use ruapi_wire::{decimal, dotted_date};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::ser::{Serialize, Serializer};

/// How scalars are written where the document prints them in an unusual way.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Spelling {
    /// Numbers as numbers, booleans as booleans.
    Plain,
    /// Numbers as strings.
    Text,
    /// Booleans as 1 and 0.
    Digit,
}

/// A type that takes several forms of a value, and writes one.
///
/// `#[inline(always)]` on the readers: the form is known where they are called from, and without
/// the mark decoding takes a tenth longer.
pub(crate) trait Wire: Sized {
    /// What a decode error says was expected.
    const EXPECTED: &'static str;

    /// The value, if `scalar` is a form of it.
    fn scalar(scalar: Scalar<'_>) -> Option<Self>;

    /// The value from a list; `None` if the list is empty.
    #[inline(always)]
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        match list.next_element::<de::IgnoredAny>()? {
            None => Ok(None),
            Some(_) => Err(unexpected::<Self, _>()),
        }
    }

    /// The value from an object.
    #[inline(always)]
    fn map<'de, A: MapAccess<'de>>(_: A) -> Result<Self, A::Error> {
        Err(unexpected::<Self, _>())
    }

    /// Writes the one form that the service documents.
    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error>;
}

/// The value itself is not named: it may be somebody's personal data.
pub(crate) fn unexpected<T: Wire, E: de::Error>() -> E {
    E::custom(format_args!("expected {}", T::EXPECTED))
}

/// For `#[serde(with = "wire")]`.
pub(crate) fn deserialize<'de, T: Wire, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_any(Forms(PhantomData))
}

/// For `#[serde(with = "wire")]`.
pub(crate) fn serialize<T: Wire, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    value.write(Spelling::Plain, to)
}

/// For `#[serde(with = "wire::text")]`: the document prints the number as a string.
pub(crate) mod text {
    pub(crate) use super::deserialize;
    use super::{Serializer, Spelling, Wire};

    pub(crate) fn serialize<T: Wire, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        value.write(Spelling::Text, to)
    }
}

/// For `#[serde(with = "wire::digit")]`: the document prints the boolean as 1 or 0.
pub(crate) mod digit {
    pub(crate) use super::deserialize;
    use super::{Serializer, Spelling, Wire};

    pub(crate) fn serialize<T: Wire, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        value.write(Spelling::Digit, to)
    }
}

struct Forms<T>(PhantomData<T>);

#[inline(always)]
fn read<T: Wire, E: de::Error>(scalar: Scalar<'_>) -> Result<T, E> {
    T::scalar(scalar).ok_or_else(unexpected::<T, E>)
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
        // Other deserializers than JSON's give every number this way.
        read(u64::try_from(number).map_or(Scalar::Negative(number), Scalar::Natural))
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

    #[inline(always)]
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        match T::list(list)? {
            Some(value) => Ok(value),
            None => read(Scalar::Absent),
        }
    }

    #[inline(always)]
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }
}

/// Reads an element of a list or a value of an object.
pub(crate) struct Seed<T>(PhantomData<T>);

impl<T> Seed<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Wire> DeserializeSeed<'de> for Seed<T> {
    type Value = T;

    #[inline(always)]
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        deserialize(from)
    }
}

/// An element of a list or a value of an object, to be written.
pub(crate) struct Written<'a, T>(pub(crate) &'a T, pub(crate) Spelling);

impl<T: Wire> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.write(self.1, to)
    }
}

/// The only object of a list; `None` if the list is empty. A list in the list is none: answers would
/// be read as deep as they are nested.
pub(crate) fn only<'de, T: Wire, A: SeqAccess<'de>>(mut list: A) -> Result<Option<T>, A::Error> {
    let Some(only) = list.next_element_seed(Bare::<T>(PhantomData))? else { return Ok(None) };
    match list.next_element::<de::IgnoredAny>()? {
        None => Ok(Some(only)),
        Some(_) => Err(de::Error::custom(format_args!("expected one: {}", T::EXPECTED))),
    }
}

/// Reads an object, and nothing else.
struct Bare<T>(PhantomData<T>);

impl<'de, T: Wire> DeserializeSeed<'de> for Bare<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, T: Wire> Visitor<'de> for Bare<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }
}

/// Structs that derive serde's traits, as fields of others.
macro_rules! models {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::wire::Wire for $type {
            const EXPECTED: &'static str = "an object";

            #[inline(always)]
            fn scalar(_: $crate::wire::Scalar<'_>) -> Option<Self> {
                None
            }

            #[inline(always)]
            fn list<'de, A: serde::de::SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
                $crate::wire::only(list)
            }

            #[inline(always)]
            fn map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
                serde::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(map))
            }

            fn write<S: serde::Serializer>(
                &self,
                _: $crate::wire::Spelling,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(self, to)
            }
        }
    )+};
}
pub(crate) use models;

/// serde's traits for types that have a [`Wire`] form of their own.
macro_rules! serde_by_wire {
    ($($type:ty),+ $(,)?) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::wire::serialize(self, to)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::wire::deserialize(from)
            }
        }
    )+};
}
pub(crate) use serde_by_wire;

impl<T: Wire> Wire for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            // `false` is a boolean where one is expected, and nothing elsewhere.
            Scalar::Flag(false) => Some(T::scalar(scalar)),
            _ if scalar.is_nothing() => Some(None),
            _ => T::scalar(scalar).map(Some),
        }
    }

    #[inline(always)]
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        T::list(list).map(|value| value.map(Some))
    }

    #[inline(always)]
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::map(map).map(Some)
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.write(spelling, to),
            None => to.serialize_none(),
        }
    }
}

/// A list, one bare element, an object with numbers for keys (what PHP makes of a list with gaps),
/// or nothing.
impl<T: Wire> Wire for Vec<T> {
    const EXPECTED: &'static str = "a list";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            _ if scalar.is_nothing() => Some(Self::new()),
            _ => T::scalar(scalar).map(|only| vec![only]),
        }
    }

    #[inline(always)]
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let Some(first) = list.next_element_seed(Seed::new())? else {
            return Ok(Some(Self::new()));
        };
        // Most lists have one element, and a list that grows by itself begins with room for four.
        let mut items = Self::with_capacity(1);
        items.push(first);
        while let Some(item) = list.next_element_seed(Seed::new())? {
            items.push(item);
        }
        Ok(Some(items))
    }

    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let Some(first) = map.next_key::<String>()? else { return Ok(Self::new()) };
        if is_place(&first) {
            let mut items = vec![map.next_value_seed(Seed::new())?];
            while let Some(place) = map.next_key::<String>()? {
                if !is_place(&place) {
                    return Err(unexpected::<Self, _>());
                }
                items.push(map.next_value_seed(Seed::new())?);
            }
            return Ok(items);
        }
        T::map(Resumed { first: Some(first), rest: map }).map(|only| vec![only])
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(|item| Written(item, spelling)))
    }
}

/// Whether a key is a place in a list.
fn is_place(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// An object whose first key was looked at already.
struct Resumed<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Resumed<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some(first) = self.first.take() else { return self.rest.next_key_seed(seed) };
        let key: StringDeserializer<A::Error> = first.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}

impl Wire for String {
    const EXPECTED: &'static str = "text";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => Some(text.to_owned()),
            Scalar::Flag(true) => Some("true".to_owned()),
            other => other.to_text().map(Cow::into_owned),
        }
    }

    fn write<S: Serializer>(&self, _: Spelling, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self)
    }
}

impl Wire for bool {
    const EXPECTED: &'static str = "true or false";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Flag(flag) => Some(flag),
            Scalar::Natural(number) => (number <= 1).then_some(number == 1),
            Scalar::Text(text) => match text.trim() {
                "true" | "1" => Some(true),
                "false" | "0" | "" => Some(false),
                _ => None,
            },
            Scalar::Negative(_) | Scalar::Float(_) | Scalar::Absent => None,
        }
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match spelling {
            Spelling::Digit => to.serialize_u8((*self).into()),
            Spelling::Plain | Spelling::Text => to.serialize_bool(*self),
        }
    }
}

impl Wire for u16 {
    const EXPECTED: &'static str = "a whole number (u16)";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        natural(scalar)?.try_into().ok()
    }

    fn write<S: Serializer>(&self, _: Spelling, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u16(*self)
    }
}

impl Wire for u32 {
    const EXPECTED: &'static str = "a whole number (u32)";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        natural(scalar)?.try_into().ok()
    }

    fn write<S: Serializer>(&self, _: Spelling, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u32(*self)
    }
}

/// A whole number that is not negative; `2.0` is what some services make of 2.
#[inline(always)]
pub(crate) fn natural(scalar: Scalar<'_>) -> Option<u64> {
    /// Where an f64 stops being exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = |number: f64| {
        let fits = number.fract() == 0.0 && (0.0..=EXACT).contains(&number);
        fits.then_some(number as u64)
    };
    match scalar {
        Scalar::Natural(number) => Some(number),
        Scalar::Float(number) => whole(number),
        Scalar::Text(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))
        }
        Scalar::Negative(_) | Scalar::Flag(_) | Scalar::Absent => None,
    }
}

/// Ratings and shares of a whole: what they say is their order, not their last digit.
impl Wire for f64 {
    const EXPECTED: &'static str = "a number";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Float(number) => Some(number),
            Scalar::Natural(number) => Some(number as f64),
            Scalar::Negative(number) => Some(number as f64),
            Scalar::Text(text) => {
                text.trim().parse().ok().filter(|number: &f64| number.is_finite())
            }
            Scalar::Flag(_) | Scalar::Absent => None,
        }
    }

    fn write<S: Serializer>(&self, _: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match whole_float(*self) {
            Some(number) => to.serialize_i64(number),
            None => to.serialize_f64(*self),
        }
    }
}

/// `1`, not `1.0`.
fn whole_float(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
}

impl Wire for Decimal {
    const EXPECTED: &'static str = "a decimal number";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Float(number) => decimal(number),
            Scalar::Natural(number) => Some(number.into()),
            Scalar::Negative(number) => Some(number.into()),
            Scalar::Text(text) => plain_decimal(text.trim()),
            Scalar::Flag(_) | Scalar::Absent => None,
        }
    }

    /// As a JSON number; as a string where a number would lose digits.
    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        if spelling == Spelling::Text {
            return to.collect_str(self);
        }
        if self.is_integer() {
            if let Some(number) = self.to_i64() {
                return to.serialize_i64(number);
            }
        }
        let number = self.to_string().parse().ok();
        match number.filter(|number| decimal(*number) == Some(*self)) {
            Some(number) => to.serialize_f64(number),
            None => to.collect_str(self),
        }
    }
}

/// Digits with at most one point, all of them kept: no exponent, no separators, no rounding.
pub(crate) fn plain_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let starts = digits.starts_with(|first: char| first.is_ascii_digit());
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if starts && plain { Decimal::from_str_exact(text).ok() } else { None }
}

impl Wire for NaiveDate {
    const EXPECTED: &'static str = "a date (dd.mm.yyyy)";

    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        let Scalar::Text(text) = scalar else { return None };
        let text = text.trim();
        // A time of the day would be lost; midnight is none.
        let date = text.strip_suffix(" 00:00:00").unwrap_or(text);
        // chrono would also read years that cannot be written, such as `+12345-1-1`.
        let is_plain = date.len() == 10 && date.starts_with(|first: char| first.is_ascii_digit());
        dotted_date::parse(date).or_else(|| date.parse().ok().filter(|_| is_plain))
    }

    fn write<S: Serializer>(&self, _: Spelling, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.format("%d.%m.%Y"))
    }
}

impl Wire for NaiveDateTime {
    const EXPECTED: &'static str = "a date and time (dd.mm.yyyy HH:MM:SS)";

    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        let Scalar::Text(text) = scalar else { return None };
        let text = text.trim();
        let Some((date, time)) = text.split_once(' ') else {
            return NaiveDate::scalar(Scalar::Text(text))?.and_hms_opt(0, 0, 0);
        };
        let date = NaiveDate::scalar(Scalar::Text(date))?;
        let is_plain = is_digits_with(b':', time) && time.len() == 8;
        is_plain.then(|| time.parse().ok())?.map(|time| date.and_time(time))
    }

    fn write<S: Serializer>(&self, _: Spelling, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.format("%d.%m.%Y %H:%M:%S"))
    }
}

/// Whether `text` is digits, but for `mark` in its third and sixth place. chrono alone would also take
/// signs, spaces and shorter numbers.
fn is_digits_with(mark: u8, text: &str) -> bool {
    text.bytes().enumerate().all(|(n, byte)| match n {
        2 | 5 => byte == mark,
        _ => byte.is_ascii_digit(),
    })
}

/// Reads a struct by its derive, whatever gives the object.
pub(crate) fn by_derive<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: A,
) -> Result<T, A::Error> {
    T::deserialize(MapAccessDeserializer::new(map))
}
