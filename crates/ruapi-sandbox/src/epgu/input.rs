//! What requests bring: JSON bodies, parameters, forms.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::http::header;
use axum::http::request::Parts;
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Map, Value};

use super::error::Refusal;

/// What an application is for: table 6.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Meta {
    pub(super) region: String,
    pub(super) service: String,
    pub(super) target: String,
}

impl Meta {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let object = object(bytes)?;
        let text = |name: &str| match object.get(name) {
            Some(Value::String(text)) if is_code(text) => Ok(text.clone()),
            Some(Value::String(_)) => Err(Refusal::bad(format!("{name}: ожидается код"))),
            Some(_) => Err(Refusal::bad(format!("{name}: ожидается строка"))),
            None => Err(Refusal::bad(format!("{name}: параметр обязателен"))),
        };
        Ok(Self {
            region: text("region")?,
            service: text("serviceCode")?,
            target: text("targetCode")?,
        })
    }
}

/// Digits, and before those of a target a minus.
fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Refusal::bad("Тело запроса: ожидается JSON-объект")),
    }
}

pub(super) fn digits(text: &str) -> Option<u64> {
    let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

/// The media type of a body, in lower case and without parameters.
fn media_type(parts: &Parts) -> String {
    let value = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let value = value.unwrap_or_default().split(';').next().unwrap_or_default();
    value.trim().to_ascii_lowercase()
}

pub(super) fn check_json(parts: &Parts) -> Result<(), Refusal> {
    if media_type(parts) == "application/json" {
        Ok(())
    } else {
        Err(Refusal::bad("Content-Type: ожидается application/json"))
    }
}

/// A form with one file.
#[derive(Debug, Default)]
pub(super) struct Form {
    texts: BTreeMap<String, String>,
    pub(super) file: Option<Bytes>,
}

impl Form {
    pub(super) async fn read(parts: &Parts, body: Bytes) -> Result<Self, Refusal> {
        let broken = |_| Refusal::bad("Тело запроса: ожидается multipart/form-data");
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(broken)?;
        let body = stream::iter([Ok::<_, Infallible>(body)]);
        let mut parts = multer::Multipart::new(body, boundary);
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let named_file = part.file_name().is_some_and(|name| !name.is_empty());
            let kind = part.content_type().map(|kind| kind.essence_str().to_owned());
            let bytes = part.bytes().await.map_err(broken)?;
            let repeated = if name == "file" {
                if !named_file {
                    return Err(Refusal::bad("file: ожидается файл с именем"));
                }
                form.file.replace(bytes).is_some()
            } else {
                if name == "meta" && kind.is_some_and(|kind| kind != "application/json") {
                    return Err(Refusal::bad("meta: ожидается Content-Type = application/json"));
                }
                let text = String::from_utf8_lossy(&bytes).into_owned();
                form.texts.insert(name.clone(), text).is_some()
            };
            if repeated {
                return Err(Refusal::bad(format!("{name}: параметр передан дважды")));
            }
        }
        Ok(form)
    }

    pub(super) fn meta(&self) -> Result<Option<Meta>, Refusal> {
        let meta = self.texts.get("meta").map(|text| Meta::read(text.as_bytes()));
        meta.transpose()
    }

    pub(super) fn needed_meta(&self) -> Result<Meta, Refusal> {
        self.meta()?.ok_or_else(|| Refusal::bad("meta: параметр обязателен"))
    }

    pub(super) fn needed_file(&mut self) -> Result<Bytes, Refusal> {
        let file = self.file.take().filter(|file| !file.is_empty());
        file.ok_or_else(|| Refusal::bad("file: параметр обязателен"))
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let number = self.texts.get(name).map(|text| {
            digits(text).ok_or_else(|| Refusal::bad(format!("{name}: ожидается число")))
        });
        number.transpose()
    }
}
