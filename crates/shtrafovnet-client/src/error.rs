//! What the API says when it refuses.

use std::collections::BTreeMap;
use std::fmt;

use ruapi_core::{Error, RawResponse, Rejection, classify_by_status};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The error answer (Ошибки): `{status, type, title, errors: {field: [text, …]}}`.
#[derive(Debug, Default, Deserialize)]
struct Envelope {
    #[serde(default, rename = "type", deserialize_with = "text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    #[serde(default)]
    errors: Value,
}

/// Whatever is no text is no words of the API's.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

/// What is wrong with the input, field by field, in the API's own words.
///
/// ```no_run
/// # async fn example(client: shtrafovnet_client::Client) -> Result<(), shtrafovnet_client::Error> {
/// use shtrafovnet_client::ValidationErrors;
///
/// if let Err(error) = client.create_car("3620848236", "a001aa777").await {
///     for (field, texts) in ValidationErrors::of(&error).iter() {
///         eprintln!("{field}: {}", texts.join("; "));
///     }
/// }
/// # Ok(()) }
/// ```
///
/// `Debug` names the fields and counts their texts, which may quote what was sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ValidationErrors {
    fields: BTreeMap<String, Vec<String>>,
}

impl fmt::Debug for ValidationErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(field, texts)| (field, texts.len()))).finish()
    }
}

impl ValidationErrors {
    /// Of an error's answer; empty if it names no fields. The texts are the API's own and may quote
    /// what was sent.
    pub fn of(error: &Error) -> Self {
        let envelope: Option<Envelope> = ruapi_core::decode(error.body()).ok();
        Self::new(&envelope.unwrap_or_default().errors)
    }

    /// The texts for a field.
    pub fn field(&self, name: &str) -> &[String] {
        self.fields.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Every field with its texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.fields.iter().map(|(field, texts)| (field.as_str(), texts.as_slice()))
    }

    /// Whether no field is named.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// A map of fields, or a list of texts that belong to none: PHP says `[]` for no fields.
    fn new(errors: &Value) -> Self {
        let fields = match errors {
            Value::Object(fields) => {
                fields.iter().map(|(field, value)| (field.clone(), texts(value))).collect()
            }
            other => match texts(other) {
                general if general.is_empty() => BTreeMap::new(),
                general => BTreeMap::from([(String::new(), general)]),
            },
        };
        Self { fields }
    }

    fn summary(&self) -> Option<String> {
        let fields: Vec<String> = self
            .iter()
            .map(|(field, texts)| match field {
                "" => texts.join(" "),
                field => format!("{field}: {}", texts.join(" ")),
            })
            .collect();
        (!fields.is_empty()).then(|| fields.join("; "))
    }
}

/// A text, a list of them, or a map of them, as deep as it goes.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        other => vec![other.to_string()],
    }
}

/// What the status says, with the envelope's words.
pub(crate) fn classify(response: &RawResponse) -> Result<(), Rejection> {
    let Err(mut rejection) = classify_by_status(response) else { return Ok(()) };
    let envelope: Envelope = ruapi_core::decode(response.body()).unwrap_or_default();
    let summary = ValidationErrors::new(&envelope.errors).summary();
    rejection.message = match (envelope.title, summary) {
        (Some(title), Some(fields)) => Some(format!("{title} ({fields})")),
        (title, fields) => title.or(fields),
    };
    rejection.code = envelope.kind;
    Err(rejection)
}
