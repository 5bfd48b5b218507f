//! What the documents do not name.

use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The fields of an object that the document does not name, kept as they came:
/// `#[serde(flatten)] pub extra: Extra`. `Debug` shows how many there are. Numbers are kept as far as
/// JSON promises: whole ones of 64 bits, others with 15 digits.
///
/// ```
/// let extra: ruapi_wire::Extra = serde_json::from_str(r#"{"owner": "Тестов", "doors": 5}"#)?;
/// assert_eq!(extra.names().collect::<Vec<_>>(), ["doors", "owner"]);
/// assert_eq!(extra.get::<u32>("doors"), Some(5));
/// assert_eq!(format!("{extra:?}"), "Extra(2 fields)");
/// # Ok::<(), serde_json::Error>(())
/// ```
// Boxed: every object has one, and nearly all are empty.
#[derive(Clone, Default, PartialEq)]
pub struct Extra(Option<Box<Fields>>);

type Fields = serde_json::Map<String, Value>;

impl Extra {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The fields' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// The fields with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().flat_map(|fields| fields.iter()).map(|(name, value)| (&**name, value))
    }

    /// Puts a field in, in place of one of that name.
    pub fn insert(&mut self, name: impl Into<String>, value: Value) {
        self.0.get_or_insert_default().insert(name.into(), value);
    }

    /// A field's value, if it is there and has the form asked for.
    pub fn get<T: de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.0.as_ref()?.get(name)?).ok()
    }
}

/// Deeper undocumented JSON than this is taken for an attack.
pub(crate) const DEEPEST: usize = 32;

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Collect)
    }
}

struct Collect;

impl<'de> Visitor<'de> for Collect {
    type Value = Extra;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    #[inline(always)]
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Extra, A::Error> {
        let mut extra = Extra::default();
        while let Some((name, value)) = map.next_entry::<String, _>()? {
            if is_deeper_than(DEEPEST, &value) {
                let text = format!("expected undocumented fields nested at most {DEEPEST} deep");
                return Err(de::Error::custom(text));
            }
            extra.insert(name, value);
        }
        Ok(extra)
    }
}

fn is_deeper_than(limit: usize, value: &Value) -> bool {
    let deeper = |value| limit == 0 || is_deeper_than(limit - 1, value);
    match value {
        Value::Array(list) => list.iter().any(deeper),
        Value::Object(map) => map.values().any(deeper),
        _ => false,
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not even the names: they may be somebody's number or address.
        write!(f, "Extra({} fields)", self.iter().count())
    }
}
