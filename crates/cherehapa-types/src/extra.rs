//! What the document does not name.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use crate::wire::{self, Scalar, Spelling, Wire};

type Fields = serde_json::Map<String, Value>;

/// The fields of an object that the document does not name, kept as they came and written back.
/// `Debug` shows how many there are: not even the names, which may be somebody's number. Numbers are
/// kept as far as JSON promises: whole ones of 64 bits, others with 15 digits.
///
/// ```
/// let extra: cherehapa_types::Extra = serde_json::from_str(r#"{"owner": "TESTOV", "doors": 5}"#)?;
/// assert_eq!(extra.names().collect::<Vec<_>>(), ["doors", "owner"]);
/// assert_eq!(extra.get::<u32>("doors"), Some(5));
/// assert_eq!(format!("{extra:?}"), "Extra(2 fields)");
/// # Ok::<(), serde_json::Error>(())
/// ```
// Boxed: every object has one, and nearly all are empty.
#[derive(Clone, Default, PartialEq)]
pub struct Extra(Option<Box<Fields>>);

impl Extra {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |fields| fields.len())
    }

    /// The fields' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// A field's value, if it is there and has the form asked for.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.0.as_ref()?.get(name)?).ok()
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().flat_map(|fields| fields.iter()).map(|(name, value)| (&**name, value))
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extra({} fields)", self.len())
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Extra;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            #[inline(always)]
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Extra, A::Error> {
                Extra::map(map)
            }
        }

        from.deserialize_map(Collect)
    }
}

impl Wire for Extra {
    const EXPECTED: &'static str = "an object";

    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        scalar.is_nothing().then(Self::default)
    }

    #[inline(always)]
    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let Some((name, value)) = map.next_entry()? else { return Ok(Self::default()) };
        let mut fields = Fields::new();
        fields.insert(name, value);
        while let Some((name, value)) = map.next_entry()? {
            fields.insert(name, value);
        }
        Ok(Self(Some(Box::new(fields))))
    }

    fn write<S: Serializer>(&self, _: Spelling, to: S) -> Result<S::Ok, S::Error> {
        self.serialize(to)
    }
}

/// Everything that one object holds, documented or not.
pub(crate) fn whole<'de, A: MapAccess<'de>>(map: A) -> Result<Value, A::Error> {
    wire::by_derive(map)
}
