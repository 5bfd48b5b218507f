//! Forms of values that only this API has.

use std::fmt;

use ruapi_core::wire::{Scalar, Wire};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A list whose items the document does not describe: JSON as it came, in whatever form. They may be
/// anybody's data, so `Debug` shows only how many there are.
///
/// ```
/// let list = epgu_gusmev::RawList::from(vec![serde_json::json!({"id": 1})]);
/// assert_eq!(list[0]["id"], 1);
/// assert_eq!(format!("{list:?}"), "RawList(1 items)");
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RawList(Vec<Value>);

impl std::ops::Deref for RawList {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0
    }
}

impl From<Vec<Value>> for RawList {
    fn from(items: Vec<Value>) -> Self {
        Self(items)
    }
}

impl fmt::Debug for RawList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawList({} items)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for RawList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            Value::String(text) if text.trim().is_empty() => Vec::new(),
            Value::Object(fields) if fields.is_empty() => Vec::new(),
            one => vec![one],
        }))
    }
}

/// `Y` or `N`, also as a boolean.
struct YesNo(bool);

impl Wire for YesNo {
    const EXPECTED: &'static str = "Y or N";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        let flag = match scalar {
            Scalar::Text(text) => match text.trim() {
                "Y" | "y" => Some(true),
                "N" | "n" => Some(false),
                _ => bool::read(scalar),
            },
            _ => bool::read(scalar),
        };
        flag.map(Self)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0 { "Y" } else { "N" })
    }
}

/// A boolean that is written as `Y` or `N`, for `#[serde(default, with = "yes_no")]`.
pub(crate) mod yes_no {
    use super::*;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<bool>, D::Error> {
        let flag: Option<YesNo> = ruapi_core::wire::deserialize(from)?;
        Ok(flag.map(|flag| flag.0))
    }

    pub(crate) fn serialize<S: Serializer>(flag: &Option<bool>, to: S) -> Result<S::Ok, S::Error> {
        flag.map(YesNo).write(to)
    }
}

/// A boolean that may also come as `Y` or `N`, for `#[serde(default, with = "flag")]`.
pub(crate) mod flag {
    use super::*;

    pub(crate) use super::yes_no::deserialize;

    pub(crate) fn serialize<S: Serializer>(flag: &Option<bool>, to: S) -> Result<S::Ok, S::Error> {
        flag.serialize(to)
    }
}

/// An object or none (`null`, `""`, `[]`, `{}`, missing), for `#[serde(default, with = "object")]`.
pub(crate) mod object {
    use std::marker::PhantomData;

    use super::*;

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: Deserialize<'de> + Default + PartialEq,
        D: Deserializer<'de>,
    {
        deserializer.deserialize_any(Object(PhantomData))
    }

    pub(crate) fn serialize<T, S>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Serialize,
        S: Serializer,
    {
        value.serialize(serializer)
    }

    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de> + Default + PartialEq> Visitor<'de> for Object<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        #[inline(always)]
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
            let value = T::deserialize(MapAccessDeserializer::new(map))?;
            Ok((value != T::default()).then_some(value))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<T>, A::Error> {
            let only = list.next_element()?;
            match list.next_element::<de::IgnoredAny>()? {
                None => Ok(only),
                Some(_) => Err(de::Error::custom("expected one object")),
            }
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<T>, E> {
            match text.trim() {
                "" => Ok(None),
                _ => Err(E::custom("expected an object")),
            }
        }

        fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Option<T>, E> {
            if flag { Err(E::custom("expected an object")) } else { Ok(None) }
        }

        fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
            Ok(None)
        }
    }
}
