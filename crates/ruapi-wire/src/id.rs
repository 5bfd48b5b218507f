//! Identifiers that cannot be mixed up.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::form::{self, Scalar, Wire};

/// The identifier of a `K`: text for us, whatever it looks like to the service. Read from a JSON
/// number or string, written as a string.
///
/// ```
/// struct Car;
/// let id: ruapi_wire::Id<Car> = serde_json::from_str("1212")?;
/// assert_eq!(id, ruapi_wire::Id::new("1212"));
/// assert_eq!(serde_json::to_string(&id)?, r#""1212""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct Id<K: ?Sized> {
    text: Box<str>,
    of: PhantomData<fn() -> K>,
}

impl<K: ?Sized> Id<K> {
    /// The identifier with this text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self { text: text.into(), of: PhantomData }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The empty identifier, for building models in tests; no request is made with it.
impl<K: ?Sized> Default for Id<K> {
    fn default() -> Self {
        Self::new("")
    }
}

impl<K: ?Sized> Clone for Id<K> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<K: ?Sized> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K: ?Sized> Eq for Id<K> {}

impl<K: ?Sized> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<K: ?Sized> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<K: ?Sized> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K: ?Sized> From<&str> for Id<K> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<K: ?Sized> From<u64> for Id<K> {
    fn from(number: u64) -> Self {
        Self::new(number.to_string())
    }
}

impl<K: ?Sized> Wire for Id<K> {
    const EXPECTED: &'static str = "an identifier";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        let text = scalar.to_text().filter(|text| !text.trim().is_empty())?;
        Some(Self::new(text.trim()))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<K: ?Sized> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        form::serialize(self, serializer)
    }
}

impl<'de, K: ?Sized> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        form::deserialize(deserializer)
    }
}
