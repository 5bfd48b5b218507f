//! An object that may be absent as `null`, `""`, `[]` or missing, for
//! `#[serde(default, with = "ruapi_wire::object")]`.
//!
//! ```
//! #[derive(Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
//! struct Bill {
//!     price: u32,
//! }
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Answer {
//!     #[serde(default, with = "ruapi_wire::object")]
//!     bill: Bill,
//! }
//!
//! let answer: Answer = serde_json::from_str(r#"{"bill": {"price": 7}}"#)?;
//! assert_eq!(answer.bill, Bill { price: 7 });
//! let nothing: Answer = serde_json::from_str(r#"{"bill": []}"#)?;
//! assert_eq!(nothing.bill, Bill::default());
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
        match list.next_element::<serde::de::IgnoredAny>()? {
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
