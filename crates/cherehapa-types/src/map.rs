//! Objects whose keys are data.

use std::fmt;

use serde::Serializer;
use serde::de::{MapAccess, SeqAccess};

use crate::wire::{self, Scalar, Seed, Spelling, Wire, Written};

/// Values by code, in the order in which they were sent: a product's services, rates by currency.
///
/// A quote has one for each product, so it is a plain list inside: small, and quick to build.
///
/// ```
/// use cherehapa_types::Map;
///
/// let quote = cherehapa_types::quote::from_slice(
///     br#"{"data": {"serviceProduct": {"medicine": "50000", "legal": 5000}}}"#,
/// )?;
/// let sums: &Map<_> = &quote.data[0].service_product;
/// assert!(sums.get("medicine").is_some());
/// assert_eq!(sums.iter().map(|(code, _)| code).collect::<Vec<_>>(), ["medicine", "legal"]);
/// # Ok::<(), cherehapa_types::DecodeError>(())
/// ```
#[derive(Clone)]
pub struct Map<T>(Vec<(Box<str>, T)>);

impl<T> Map<T> {
    /// A map with nothing in it.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of a key. If the service sent the key twice, the last one.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.iter().rev().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// Keys and values, in the order in which they were sent.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &T)> + ExactSizeIterator {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, K: Into<Box<str>>> FromIterator<(K, T)> for Map<T> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

/// The order of the keys does not matter.
impl<T: PartialEq> PartialEq for Map<T> {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |map: &Self| {
            let mut places: Vec<usize> = (0..map.len()).collect();
            places.sort_by(|a, b| map.0[*a].0.cmp(&map.0[*b].0));
            places
        };
        self.len() == other.len()
            && sorted(self).into_iter().zip(sorted(other)).all(|(a, b)| self.0[a] == other.0[b])
    }
}

impl<T: fmt::Debug> fmt::Debug for Map<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<T: Wire> Wire for Map<T> {
    const EXPECTED: &'static str = "an object";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        scalar.is_nothing().then(Self::new)
    }

    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        wire::only(list)
    }

    #[inline(always)]
    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key()? {
            entries.push((key, map.next_value_seed(Seed::new())?));
        }
        entries.shrink_to_fit();
        Ok(Self(entries))
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter().map(|(key, value)| (key, Written(value, spelling))))
    }
}
