//! A list that may arrive as one bare object, as an object with numbers for keys (what PHP makes of
//! a list with gaps), as `null`, `""`, `{}` or nothing, for
//! `#[serde(default, with = "ruapi_wire::one_or_many")]`.
//!
//! ```
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Car {
//!     id: u32,
//! }
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Answer {
//!     #[serde(default, with = "ruapi_wire::one_or_many")]
//!     cars: Vec<Car>,
//! }
//!
//! for text in [r#"{"cars": [{"id": 5}]}"#, r#"{"cars": {"id": 5}}"#, r#"{"cars": {"3": {"id": 5}}}"#] {
//!     let answer: Answer = serde_json::from_str(text)?;
//!     assert_eq!(serde_json::to_string(&answer)?, r#"{"cars":[{"id":5}]}"#);
//! }
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}
