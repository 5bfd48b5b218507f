//! Lenient in, strict out: the forms in which these services send one and the same thing.
//!
//! `#[serde(default, with = "ruapi_core::wire")]` on a field of any [`Wire`] type takes a number
//! as a string, a boolean as `"true"`, `"1"` or `1`, and, for `Option`, an absent value as `null`,
//! `""`, `[]` or a missing key. On the plain form it costs what serde's derive costs: one visitor, no buffer.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::{self, SeqAccess, Visitor};
#[doc(hidden)]
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::redact::Personal;

/// 2^53, where an f64 stops being exact.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// A value as JSON has it, before anybody says what it means.
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
}

/// A type that takes several forms of a value, and writes one.
///
/// Mark `read` with `#[inline(always)]`: the form is known where it is called from, and without the
/// mark decoding a whole answer takes a tenth longer.
pub trait Wire: Sized {
    /// What a decode error says was expected.
    const EXPECTED: &'static str;

    /// The value, if `scalar` is a form of it.
    fn read(scalar: Scalar<'_>) -> Option<Self>;

    /// Writes the one form that the service documents.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// For `#[serde(with = "ruapi_core::wire")]`.
pub fn serialize<T: Wire, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// For `#[serde(with = "ruapi_core::wire")]`.
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

/// Exact up to 15 significant digits, which is what a JSON number promises.
fn decimal(number: f64) -> Option<Decimal> {
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

/// Usually one look at the first byte.
fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

impl<T: Wire> Wire for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Absent => Some(None),
            Scalar::Text(text) if is_blank(text) => Some(None),
            // PHP says `false` where there is nothing.
            Scalar::Flag(false) => Some(T::read(scalar)),
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

impl<T: Wire> Wire for Personal<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        T::read(scalar).map(Self::new)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).write(serializer)
    }
}

/// A boolean that is documented as 1 or 0, for
/// `#[serde(default, with = "ruapi_core::wire::one_or_zero")]`.
pub mod one_or_zero {
    use super::{Deserializer, Serializer, Wire};

    /// Reads the boolean; absent as `null`, `""` or missing.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<bool>, D::Error> {
        super::deserialize(deserializer)
    }

    /// Writes 1, 0 or `null`.
    pub fn serialize<S: Serializer>(flag: &Option<bool>, serializer: S) -> Result<S::Ok, S::Error> {
        flag.map(u16::from).write(serializer)
    }
}

/// `dd.mm.yyyy`, for `#[serde(default, with = "ruapi_core::wire::dotted_date")]`.
pub mod dotted_date {
    use super::{Deserializer, NaiveDate, Scalar, Serializer, Wire};

    /// Reads the date; absent as `null`, `""` or missing.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NaiveDate>, D::Error> {
        let date: Option<Dotted> = super::deserialize(deserializer)?;
        Ok(date.map(|dotted| dotted.0))
    }

    /// Writes the date, or `null`.
    pub fn serialize<S: Serializer>(
        date: &Option<NaiveDate>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        date.map(Dotted).write(serializer)
    }

    /// The date in this form, two digits for day and month.
    pub fn format(date: NaiveDate) -> String {
        date.format("%d.%m.%Y").to_string()
    }

    /// The date in this form, or `None` for anything else and for days that no calendar has.
    pub fn parse(text: &str) -> Option<NaiveDate> {
        let [d1, d2, b'.', m1, m2, b'.', year @ ..] = text.as_bytes() else {
            return None;
        };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_u32, |number, digit| match digit {
                b'0'..=b'9' => Some(number * 10 + u32::from(digit - b'0')),
                _ => None,
            })
        };
        let year = if year.len() == 4 {
            i32::try_from(number(year)?).ok()?
        } else {
            return None;
        };
        NaiveDate::from_ymd_opt(year, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
    }

    struct Dotted(NaiveDate);

    impl Wire for Dotted {
        const EXPECTED: &'static str = "a date (dd.mm.yyyy)";

        #[inline(always)]
        fn read(scalar: Scalar<'_>) -> Option<Self> {
            let Scalar::Text(text) = scalar else { return None };
            let trimmed = || parse(text.trim()).or_else(|| text.trim().parse().ok());
            parse(text).or_else(trimmed).map(Self)
        }

        fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&self.0.format("%d.%m.%Y"))
        }
    }
}

/// `yyyy-mm-dd HH:MM:SS` without a zone, for
/// `#[serde(default, with = "ruapi_core::wire::naive_date_time")]`.
pub mod naive_date_time {
    use chrono::NaiveTime;

    use super::{Deserializer, NaiveDate, NaiveDateTime, Scalar, Serializer, Wire};

    /// Reads the moment; absent as `null`, `""` or missing. Without a time: midnight.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NaiveDateTime>, D::Error> {
        let moment: Option<Moment> = super::deserialize(deserializer)?;
        Ok(moment.and_then(|moment| moment.0))
    }

    /// Writes the moment, or `null`.
    pub fn serialize<S: Serializer>(
        moment: &Option<NaiveDateTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        moment.map(|moment| Moment(Some(moment))).write(serializer)
    }

    /// The moment, also with a `T`, without seconds or time (midnight), with a fraction of a second, with
    /// an offset (which is left out: what is meant is the local time); or `None` for anything else and for moments that no calendar has.
    pub fn parse(text: &str) -> Option<NaiveDateTime> {
        usual(text).or_else(|| unusual(text))
    }

    /// The usual form by hand: chrono's parser of formats takes longer than all the rest of a model.
    fn usual(text: &str) -> Option<NaiveDateTime> {
        if let [date @ .., b' ' | b'T', h1, h2, b':', m1, m2, b':', s1, s2] = text.as_bytes() {
            let digits = |pair: [u8; 2]| {
                let is_number = pair.iter().all(u8::is_ascii_digit);
                is_number.then(|| u32::from(pair[0] - b'0') * 10 + u32::from(pair[1] - b'0'))
            };
            let (hour, minute) = (digits([*h1, *h2])?, digits([*m1, *m2])?);
            return day(date)?.and_hms_opt(hour, minute, digits([*s1, *s2])?);
        }
        day(text.as_bytes())?.and_hms_opt(0, 0, 0)
    }

    fn unusual(text: &str) -> Option<NaiveDateTime> {
        let (date, time) = text.split_once(['T', ' '])?;
        let time = time.trim_end_matches('Z');
        let time = time.split_once(['+', '-']).map_or(time, |(time, _)| time).trim_end();
        let time = NaiveTime::parse_from_str(time, "%H:%M:%S%.f")
            .or_else(|_| NaiveTime::parse_from_str(time, "%H:%M"));
        Some(day(date.as_bytes())?.and_time(time.ok()?))
    }

    /// `yyyy-mm-dd`.
    fn day(text: &[u8]) -> Option<NaiveDate> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
        let number = |digits: &[&u8]| {
            digits.iter().try_fold(0, |number, digit| match digit {
                b'0'..=b'9' => Some(number * 10 + u32::from(**digit - b'0')),
                _ => None,
            })
        };
        let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
        NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
    }

    /// `None`: the year zero, by which databases say that there is none.
    struct Moment(Option<NaiveDateTime>);

    impl Wire for Moment {
        const EXPECTED: &'static str = "a date and time (yyyy-mm-dd HH:MM:SS)";

        #[inline(always)]
        fn read(scalar: Scalar<'_>) -> Option<Self> {
            let Scalar::Text(text) = scalar else { return None };
            let text = text.trim();
            if text.starts_with("0000-00-00") || text.starts_with("-0001-11-30") {
                return Some(Self(None));
            }
            parse(text).map(|moment| Self(Some(moment)))
        }

        fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                Some(moment) => serializer.collect_str(&moment.format("%Y-%m-%d %H:%M:%S%.f")),
                None => serializer.serialize_none(),
            }
        }
    }
}

/// An object that may be absent as `null`, `""`, `[]` or missing, for
/// `#[serde(default, with = "ruapi_core::wire::object")]`.
pub mod object {
    use std::fmt;
    use std::marker::PhantomData;

    use serde::de::value::MapAccessDeserializer;
    use serde::de::{Error, MapAccess, SeqAccess, Visitor};

    use super::{Deserialize, Deserializer, Serialize, Serializer};

    /// Reads the object; its default if it is absent.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: Deserialize<'de> + Default,
        D: Deserializer<'de>,
    {
        deserializer.deserialize_any(Object(PhantomData))
    }

    /// Writes the object.
    pub fn serialize<T: Serialize, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        #[inline(always)]
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
            let only = list.next_element()?;
            match list.next_element::<super::de::IgnoredAny>()? {
                None => Ok(only.unwrap_or_default()),
                Some(_) => Err(A::Error::custom("expected one object")),
            }
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            match text.trim() {
                "" => Ok(T::default()),
                _ => Err(E::custom("expected an object")),
            }
        }

        fn visit_unit<E: Error>(self) -> Result<T, E> {
            Ok(T::default())
        }
    }
}

/// A list that may arrive as one bare object, as an object with numbers for keys (what PHP makes of
/// a list with gaps), as `null`, `""`, `{}` or nothing, for
/// `#[serde(default, with = "ruapi_core::wire::one_or_many")]`.
pub mod one_or_many {
    use std::fmt;
    use std::marker::PhantomData;

    use serde::de::value::{MapAccessDeserializer, StringDeserializer};
    use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

    use super::{Deserialize, Deserializer, Serialize, Serializer};

    /// However large a list claims to be, not more than this is set aside for it at once.
    const RESERVED: usize = 1024;
    /// Longer numbers are no places in a list.
    const LONGEST_PLACE: usize = 6;

    /// Reads the list.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
    where
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        deserializer.deserialize_any(OneOrMany(PhantomData))
    }

    /// Writes a list.
    pub fn serialize<T: Serialize, S: Serializer>(list: &[T], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(list)
    }

    struct OneOrMany<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list or one object")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut items = Vec::with_capacity(list.size_hint().unwrap_or(0).min(RESERVED));
            while let Some(item) = list.next_element()? {
                items.push(item);
            }
            Ok(items)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<T>, A::Error> {
            let Some(first) = map.next_key::<String>()? else { return Ok(Vec::new()) };
            if first.len() <= LONGEST_PLACE && first.bytes().all(|byte| byte.is_ascii_digit()) {
                let mut items = vec![map.next_value()?];
                while let Some((_, item)) = map.next_entry::<String, T>()? {
                    items.push(item);
                }
                return Ok(items);
            }
            let whole = Resumed { first: Some(first), rest: map };
            T::deserialize(MapAccessDeserializer::new(whole)).map(|item| vec![item])
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
            match text.trim() {
                "" => Ok(Vec::new()),
                _ => Err(E::custom("expected a list or one object")),
            }
        }

        fn visit_unit<E: Error>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }
    }

    /// A map whose first key was looked at already.
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

        fn next_value_seed<V: DeserializeSeed<'de>>(
            &mut self,
            seed: V,
        ) -> Result<V::Value, A::Error> {
            self.rest.next_value_seed(seed)
        }
    }
}

/// The fields of an object that the document does not name, kept as they came:
/// `#[serde(flatten)] pub extra: Extra`. `Debug` shows how many there are.
///
/// ```
/// let extra: ruapi_core::Extra = serde_json::from_str(r#"{"owner": "Тестов", "doors": 5}"#)?;
/// assert_eq!(extra.names().collect::<Vec<_>>(), ["doors", "owner"]);
/// assert_eq!(extra.get::<u32>("doors"), Some(5));
/// assert_eq!(format!("{extra:?}"), "Extra(2 fields)");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Extra(serde_json::Map<String, serde_json::Value>);

impl Extra {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The fields with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &serde_json::Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A field's value, if it is there and has the form asked for.
    pub fn get<T: de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.0.get(name)?).ok()
    }
}

/// Deeper undocumented JSON than this is taken for an attack.
const DEEPEST: usize = 32;

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = serde_json::Map::<String, serde_json::Value>::deserialize(deserializer)?;
        if fields.values().any(|value| is_deeper_than(DEEPEST, value)) {
            let text = format!("expected undocumented fields nested at most {DEEPEST} deep");
            return Err(de::Error::custom(text));
        }
        Ok(Self(fields))
    }
}

fn is_deeper_than(limit: usize, value: &serde_json::Value) -> bool {
    let deeper = |value| limit == 0 || is_deeper_than(limit - 1, value);
    match value {
        serde_json::Value::Array(list) => list.iter().any(deeper),
        serde_json::Value::Object(map) => map.values().any(deeper),
        _ => false,
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not even the names: they may be somebody's number or address.
        write!(f, "Extra({} fields)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode;

    #[derive(Debug, PartialEq, Default, Serialize, Deserialize)]
    #[serde(default)]
    struct Model {
        #[serde(with = "super")]
        text: Option<String>,
        #[serde(with = "super")]
        count: Option<u32>,
        #[serde(with = "super")]
        price: Option<Decimal>,
        #[serde(with = "super")]
        flag: Option<bool>,
        #[serde(with = "super")]
        name: Option<Personal<String>>,
        #[serde(with = "dotted_date")]
        day: Option<NaiveDate>,
        #[serde(with = "naive_date_time")]
        moment: Option<NaiveDateTime>,
        #[serde(with = "one_or_many")]
        list: Vec<Item>,
        #[serde(with = "object")]
        item: Item,
        #[serde(flatten)]
        extra: Extra,
    }

    #[derive(Debug, PartialEq, Default, Serialize, Deserialize)]
    struct Item {
        #[serde(default)]
        n: u32,
    }

    fn model(json: &str) -> Model {
        decode(json.as_bytes()).unwrap_or_else(|problem| panic!("{json}: {problem}"))
    }

    #[test]
    fn every_form_of_a_value_gives_the_same_model() {
        let plain = r#"{"text":"5","count":7,"price":0.75,"flag":true,"name":"Т",
            "day":"01.09.2024","moment":"2019-01-01 00:00:00","list":[{"n":1}],"item":{"n":2},
            "new":{"a":[null]}}"#;
        let loose = r#"{"text":5,"count":" 7","price":"0.750","flag":"1","name":"Т",
            "day":"2024-09-01","moment":"2019-01-01","list":{"7":{"n":1}},"item":[{"n":2}],
            "new":{"a":[null]}}"#;
        assert_eq!(model(plain), model(loose));
        let sent: serde_json::Value = serde_json::to_value(model(loose)).unwrap();
        let mut expected: serde_json::Value = serde_json::from_str(plain).unwrap();
        assert_eq!(sent, expected);
        expected["flag"] = false.into();
        assert_eq!(serde_json::to_value(model(&loose.replace(r#""1""#, "0"))).unwrap(), expected);
    }

    #[test]
    fn absent_has_four_forms() {
        let forms = [
            "{}",
            r#"{"text":"","count":" ","price":"","flag":"","name":"","day":"","moment":"","list":"","item":""}"#,
            r#"{"text":false,"count":false,"price":false,"name":false,"day":false,"list":{},"item":{}}"#,
            r#"{"text":null,"count":null,"price":null,"flag":null,"name":null,"day":null,"list":null,"item":null}"#,
            r#"{"text":[],"count":[],"price":[],"flag":[],"name":[],"day":[],"moment":[],"list":[],"item":[]}"#,
        ];
        for form in forms {
            assert_eq!(model(form), Model::default(), "{form}");
        }
    }

    #[test]
    fn moments_are_what_the_calendar_has() {
        let parse = |text| naive_date_time::parse(text).map(|moment| moment.to_string());
        assert_eq!(parse("2019-02-28 23:59:59").as_deref(), Some("2019-02-28 23:59:59"));
        assert_eq!(parse("2020-02-29T00:00:01").as_deref(), Some("2020-02-29 00:00:01"));
        assert_eq!(parse("2019-01-01").as_deref(), Some("2019-01-01 00:00:00"));
        assert_eq!(parse("2019-01-01 07:30").as_deref(), Some("2019-01-01 07:30:00"));
        assert_eq!(parse("2019-01-01 07:30:15.25").as_deref(), Some("2019-01-01 07:30:15.250"));
        for zoned in
            ["2019-01-01T07:30:00Z", "2019-01-01T07:30:00+03:00", "2019-01-01T07:30:00-0300"]
        {
            assert_eq!(parse(zoned).as_deref(), Some("2019-01-01 07:30:00"), "{zoned}");
        }
        for nonsense in [
            "2019-02-29 00:00:00",
            "2019-01-01 24:00:00",
            "2019-01-01 00:60:00",
            "2019-01-01 ",
            "2019-1-1 00:00:00",
            "19-01-01 00:00:00",
            "-019-01-01 00:00:00",
            "2019-01-01 00-00-00",
            "2019-00-01",
            "2019-01-01 tomorrow",
            "２０１９-01-01",
            "",
            "T",
            " ",
        ] {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn amounts_keep_their_digits() {
        for text in [
            "14200.32",
            "14700",
            "-0.01",
            "999999999999.99",
            "0.1",
            "123456789.012345",
            "4113.154",
            "4170.4058",
        ] {
            let amount = model(&format!(r#"{{"price":{text}}}"#)).price.unwrap();
            assert_eq!(amount.to_string(), text);
            let written = serde_json::to_string(&Model { price: Some(amount), ..Model::default() });
            assert!(written.unwrap().contains(&format!(r#""price":{text},"#)), "{text}");
        }
        let long = "123456789012345678901.23";
        let amount = model(&format!(r#"{{"price":"{long}"}}"#));
        assert!(serde_json::to_string(&amount).unwrap().contains(&format!(r#""{long}""#)));
    }

    #[test]
    fn no_moment_has_a_form_too() {
        for zero in ["0000-00-00 00:00:00", "0000-00-00", "-0001-11-30 00:00:00"] {
            assert_eq!(model(&format!(r#"{{"moment":"{zero}"}}"#)).moment, None);
        }
    }

    #[test]
    fn a_number_that_lost_digits_is_no_text() {
        let problem = decode::<Model>(br#"{"text":18810136161108008161}"#).unwrap_err();
        assert!(problem.starts_with("at `text`: expected text"), "{problem}");
        let text = model(r#"{"text":1881013616110800816}"#).text;
        assert_eq!(text.as_deref(), Some("1881013616110800816"));
    }

    #[test]
    fn undocumented_fields_cannot_be_endlessly_deep() {
        let deep = |n: usize| format!(r#"{{"new":{}{}}}"#, "[".repeat(n), "]".repeat(n));
        assert!(!model(&deep(DEEPEST + 1)).extra.is_empty());
        for too_deep in [DEEPEST + 2, 100, 127, 128, 100_000] {
            let problem = decode::<Model>(deep(too_deep).as_bytes()).unwrap_err();
            let words = ["nested at most", "recursion limit"];
            assert!(words.iter().any(|word| problem.contains(word)), "{too_deep}: {problem}");
        }
    }

    #[test]
    fn nonsense_is_an_error_that_names_the_place_and_hides_the_value() {
        for (json, expected) in [
            (r#"{"count":"Тестов"}"#, "at `count`: expected a whole number (u32)"),
            (r#"{"count":-1}"#, "at `count`: expected a whole number (u32)"),
            (r#"{"count":1.5}"#, "at `count`: expected a whole number (u32)"),
            (r#"{"count":{"secret":1}}"#, "at `count`: expected a whole number (u32)"),
            (r#"{"count":[1]}"#, "at `count`: expected a whole number (u32)"),
            (r#"{"flag":2}"#, "at `flag`: expected true or false"),
            (r#"{"price":"дорого"}"#, "at `price`: expected a decimal number"),
            (r#"{"day":"31.02.2024"}"#, "at `day`: expected a date (dd.mm.yyyy)"),
            (r#"{"day":"1.2.2024"}"#, "at `day`: expected a date (dd.mm.yyyy)"),
            (r#"{"list":[{"n":"x"}]}"#, "at `list[0].n`: expected u32"),
            (r#"{"list":"x"}"#, "at `list`: expected a list or one object"),
            (r#"{"list":{"0":{"n":1},"x":2}}"#, "at `list.x`: expected"),
            (r#"{"item":[{"n":1},{"n":2}]}"#, "at `item`: expected one object"),
            (r#"{"item":"x"}"#, "at `item`: expected an object"),
        ] {
            let problem = decode::<Model>(json.as_bytes()).unwrap_err();
            assert!(problem.starts_with(expected), "{json}: {problem}");
            assert!(!problem.contains("Тестов") && !problem.contains("дорого"), "{problem}");
        }
    }
}
