//! What the documents do not name.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// The fields of an object that the document does not name, kept as they came:
/// `#[serde(flatten)] pub extra: Extra`. `Debug` shows how many there are.
///
/// ```
/// let extra: ruapi_wire::Extra = serde_json::from_str(r#"{"owner": "Тестов", "doors": 5}"#)?;
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

    /// Puts a field in, in place of one of that name.
    pub fn insert(&mut self, name: impl Into<String>, value: serde_json::Value) {
        self.0.insert(name.into(), value);
    }

    /// A field's value, if it is there and has the form asked for.
    pub fn get<T: de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.0.get(name)?).ok()
    }
}

/// Deeper undocumented JSON than this is taken for an attack.
pub(crate) const DEEPEST: usize = 32;

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
