//! A JSON document inside a JSON string, read in place.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

use super::details::Order;

/// In which form an order came, to be written back in. It is no part of what was said, so that orders
/// are equal whatever their form.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Form {
    /// JSON in a string: what the document describes.
    #[default]
    Text,
    /// The bare object.
    Object,
}

impl PartialEq for Form {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

pub(super) fn deserialize<'de, D>(deserializer: D) -> Result<Option<Box<Order>>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Embedded)
}

pub(super) fn serialize<S>(order: &Option<Box<Order>>, serializer: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
{
    let Some(order) = order else { return serializer.serialize_none() };
    match order.form {
        Form::Object => order.serialize(serializer),
        Form::Text => {
            let text = serde_json::to_string(order).map_err(S::Error::custom)?;
            serializer.serialize_str(&text)
        }
    }
}

struct Embedded;

impl<'de> Visitor<'de> for Embedded {
    type Value = Option<Box<Order>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an order as JSON in a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if matches!(text.trim(), "" | "null") {
            return Ok(None);
        }
        serde_json::from_str(text).map(Some).map_err(|_| E::custom(problem(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut order = Box::<Order>::deserialize(MapAccessDeserializer::new(map))?;
        // `{}` is how some write that there is nothing.
        let is_empty = *order == Order::default();
        order.form = Form::Object;
        Ok((!is_empty).then_some(order))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        match list.next_element::<de::IgnoredAny>()? {
            None => Ok(None),
            Some(_) => Err(de::Error::custom("expected an order, not a list")),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Where in the string it differs and what was expected there: looked for in a second pass, so that
/// a sound order does not pay for it. The words come after the last "expected", because those before
/// it are taken for a quoted value and left out.
#[cold]
fn problem(text: &str) -> String {
    let problem = ruapi_core::decode::<Order>(text.as_bytes()).err().unwrap_or_default();
    // The place in the string is of no use in the answer.
    let problem = problem.split(" at line ").next().unwrap_or_default();
    let located = problem.strip_prefix("at `").and_then(|rest| rest.split_once("`: "));
    let (path, what) = match located {
        Some((path, what)) => (format!("order.{path}"), what),
        None => ("order".to_owned(), problem),
    };
    let what = what.replace("expected ", "");
    format!("expected in `{path}`: {what}")
}
