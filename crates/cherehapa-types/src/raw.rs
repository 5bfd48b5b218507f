//! JSON that the document leaves to the service.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A part that the document does not describe (internal use, debugging, deprecated), kept as the
/// text that was sent and written back so. `Debug` does not show it.
///
/// ```
/// let raw = cherehapa_types::Raw::new(r#"[{"rule": 7}]"#).ok_or("not JSON")?;
/// assert_eq!(raw.as_str(), r#"[{"rule": 7}]"#);
/// assert_eq!(raw.get::<Vec<serde_json::Value>>().map(|list| list.len()), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
// Not a `serde_json::Value`: these parts can be most of a quote, and few callers look at them.
#[derive(Clone)]
pub struct Raw(Box<RawValue>);

impl Raw {
    /// The text, if it is JSON.
    pub fn new(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The value, if it has the form asked for.
    pub fn get<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.as_str()).ok()
    }

    /// Whether there is nothing in it: `[]`, `{}`, `""` or `null`.
    pub fn is_empty(&self) -> bool {
        let mut bytes = self.as_str().bytes().filter(|byte| !byte.is_ascii_whitespace());
        match (bytes.next(), bytes.next(), bytes.next()) {
            (Some(b'['), Some(b']'), _) | (Some(b'{'), Some(b'}'), _) => true,
            (Some(b'"'), Some(b'"'), None) => true,
            _ => self.as_str() == "null",
        }
    }
}

/// The same value, however it is spaced.
impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        let value = |raw: &Self| raw.get::<Value>();
        self.as_str() == other.as_str() || value(self).is_some_and(|own| Some(own) == value(other))
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.as_str().len())
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(AnyDeserializer(from)).map(Self)
    }
}

/// `RawValue` reads from serde_json alone. What serde holds in a buffer (an answer inside an untagged
/// enum or a flattened field of the caller's) comes by way of a `Value`.
struct AnyDeserializer<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for AnyDeserializer<D> {
    type Error = D::Error;

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, AnyVisitor(name, visitor))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct AnyVisitor<V>(&'static str, V);

impl<'de, V: Visitor<'de>> Visitor<'de> for AnyVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.1.visit_map(map)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        let value = Value::deserialize(from)?;
        // The words of the error could hold a value.
        let unreadable = |_| D::Error::custom("expected JSON");
        value.deserialize_newtype_struct(self.0, self.1).map_err(unreadable)
    }
}
