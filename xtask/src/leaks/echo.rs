//! A server that repeats what it was told, which is how secrets get into error messages, and one that answers
//! with people's data where something else should be.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ruapi_core::BoxFuture;
use ruapi_core::test_util::windows_1251;
use ruapi_core::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use serde_json::{Value, json};

use crate::operations::planted::{FIRST_NAME, LAST_NAME, USER};
use crate::operations::{Asked, Operation, Reply};

/// What such a server answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Odd {
    /// This status, and what was asked in this spelling: as the message of an error, in every field that an
    /// API has for it.
    Error(u16, Spelled),
    /// The same as a page.
    Page(u16, Spelled),
    /// The same as the beginning of something that is no JSON.
    Broken(Spelled),
    /// A redirect to where all of it is in the address.
    Redirect,
    /// A good status, and what was asked in the headers.
    Headers,
    /// A good answer in which something else stands at this place.
    Wrong(String, Instead),
}

/// How it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelled {
    AsSent,
    Decoded,
    Upper,
    Percent,
    Escaped,
    Base64,
    /// The whole body is in this encoding.
    Windows1251,
}

impl Spelled {
    pub(super) const ALL: [Self; 7] = [
        Self::AsSent,
        Self::Decoded,
        Self::Upper,
        Self::Percent,
        Self::Escaped,
        Self::Base64,
        Self::Windows1251,
    ];

    fn spell(self, text: &str) -> String {
        match self {
            Self::AsSent => text.to_owned(),
            Self::Decoded | Self::Windows1251 => {
                percent_decode_str(text).decode_utf8_lossy().into_owned()
            }
            Self::Upper => percent_decode_str(text).decode_utf8_lossy().to_uppercase(),
            Self::Percent => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
            Self::Escaped => {
                let text = percent_decode_str(text).decode_utf8_lossy();
                text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
            }
            Self::Base64 => STANDARD.encode(text),
        }
    }

    /// A body in which a text is repeated so.
    fn body(self, text: String) -> Bytes {
        if self != Self::Windows1251 {
            return text.into();
        }
        let byte = |c: char| windows_1251(c.encode_utf8(&mut [0; 4])).unwrap_or(b"?".to_vec());
        text.chars().flat_map(byte).collect()
    }
}

/// What stands in the place of something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    Text,
    Number,
    List,
    Map,
}

impl Instead {
    const ALL: [Self; 4] = [Self::Text, Self::Number, Self::List, Self::Map];

    fn value(self) -> Value {
        match self {
            Self::Text => json!(format!("{LAST_NAME} {FIRST_NAME}")),
            Self::Number => json!(USER),
            Self::List => json!([LAST_NAME, USER]),
            Self::Map => json!({ LAST_NAME: FIRST_NAME, "value": LAST_NAME }),
        }
    }
}

impl Odd {
    /// The good answer: nothing is wrong, since there is no such place.
    pub(super) fn good() -> Self {
        Self::Wrong("/no such place".to_owned(), Instead::Text)
    }

    /// What may be answered whatever is asked.
    pub(super) fn echoes() -> Vec<Self> {
        let mut all = vec![Self::Redirect, Self::Headers];
        for spelled in Spelled::ALL {
            all.extend([200, 400, 401, 403, 404, 500].map(|status| Self::Error(status, spelled)));
            all.extend([400, 503].map(|status| Self::Page(status, spelled)));
            all.push(Self::Broken(spelled));
        }
        all
    }

    /// Something else at every place of this answer.
    pub(super) fn wrongs(good: &Value) -> Vec<Self> {
        let mut places = vec![String::new()];
        add_places(good, "", &mut places);
        let mut wrongs = Vec::new();
        for place in places {
            // Errors tell an order's number and a code, which these would be.
            let is_told = place.ends_with("/orderId") || place.ends_with("/code");
            for instead in Instead::ALL {
                if instead != Instead::Number || !is_told {
                    wrongs.push(Self::Wrong(place.clone(), instead));
                }
            }
        }
        wrongs
    }

    /// The answer to what was asked, where `good` would be good.
    pub(super) fn answer(&self, asked: &str, good: &Reply) -> (u16, HeaderMap, Bytes) {
        let json = "application/json";
        let (status, content_type, body) = match self {
            Self::Error(status, spelled) => {
                let text = spelled.spell(asked);
                // `Escaped` is text in which JSON is escaped: here its escapes are JSON's own.
                let body = envelope(*status, &text).to_string();
                let body =
                    if *spelled == Spelled::Escaped { body.replace("\\\\u", "\\u") } else { body };
                (*status, json, spelled.body(body))
            }
            Self::Page(status, spelled) => {
                let page = format!("<html><title>{}</title></html>", spelled.spell(asked));
                (*status, "text/html", spelled.body(page))
            }
            Self::Broken(spelled) => {
                let text = format!("{{\"message\": {}", spelled.spell(asked));
                (200, json, spelled.body(text))
            }
            Self::Redirect | Self::Headers => (good.status, json, good.body.clone()),
            Self::Wrong(place, instead) => {
                let mut body = serde_json::from_slice(&good.body).unwrap_or_default();
                put(&mut body, place, instead.value());
                (good.status, json, body.to_string().into())
            }
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        let line = Spelled::Percent.spell(asked);
        let value = HeaderValue::from_str(&line).expect("ASCII");
        match self {
            Self::Redirect => {
                let place = format!("http://127.0.0.1:1/?{line}");
                headers.insert(header::LOCATION, place.parse().expect("an address"));
                return (302, headers, body);
            }
            Self::Headers => {
                for name in [header::RETRY_AFTER, header::SERVER, header::SET_COOKIE] {
                    headers.insert(name, value.clone());
                }
                headers.insert(header::CONTENT_DISPOSITION, value);
                return (429, headers, body);
            }
            _ => {}
        }
        (status, headers, body)
    }
}

/// An error as each of the APIs has it.
fn envelope(status: u16, text: &str) -> Value {
    json!({
        "status": if status == 200 { 404 } else { status }, "errormsg": text, "error": text,
        "message": text, "code": text, "detail": text, "request_id": text, "title": text,
        "errors": [{"message": text, "property": text, "code": text}], "fieldErrors": [text],
        "error_description": text, "property": text,
    })
}

fn add_places(value: &Value, at: &str, places: &mut Vec<String>) {
    let mut add = |name: &str, value: &Value| {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places.push(place.clone());
        add_places(value, &place, places);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| add(name, value)),
        Value::Array(list) => {
            list.iter().take(1).enumerate().for_each(|(n, value)| add(&n.to_string(), value));
        }
        // EPGU's order is JSON in a string.
        Value::String(text) => {
            if let Ok(inner @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
                add_places(&inner, &format!("{at}!"), places);
            }
        }
        _ => {}
    }
}

/// Puts something at a place that [`add_places`] named; `!` leads into a string.
fn put(body: &mut Value, place: &str, value: Value) {
    let (outer, inner) = match place.split_once('!') {
        Some((outer, inner)) => (outer, Some(inner)),
        None => (place, None),
    };
    let Some(slot) = body.pointer_mut(outer) else { return };
    *slot = match (inner, slot.as_str()) {
        (Some(inner), Some(text)) => {
            let mut nested = serde_json::from_str(text).unwrap_or_default();
            put(&mut nested, inner, value);
            nested.to_string().into()
        }
        _ => value,
    };
}

/// Everything that a request says, as it is sent.
pub(super) fn said(request: &HttpRequest) -> String {
    let mut text = format!("{} {}", request.method, request.url);
    for (name, value) in &request.headers {
        text += &format!(" {name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    text + " " + &String::from_utf8_lossy(&request.body)
}

/// Such a server, without a network.
pub(super) struct Echo {
    operation: Arc<Operation>,
    odd: Odd,
    /// How many requests went before the one that counts, and how many counted.
    notes: Mutex<(u32, u32)>,
}

impl Echo {
    pub(super) fn new(operation: &Arc<Operation>, odd: &Odd) -> Self {
        Self { operation: operation.clone(), odd: odd.clone(), notes: Mutex::default() }
    }

    /// How many requests came.
    pub(super) fn sent(&self) -> u32 {
        let (before, counted) = *self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        before + counted
    }
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Echo")
    }
}

impl Transport for Echo {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let target = request.url.splitn(4, '/').nth(3).unwrap_or_default();
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, served) = *notes;
        let asked = Asked { target: &format!("/{target}"), before, served };
        let good = (self.operation.answer)(&asked);
        let (status, headers, body) = if good.counts {
            notes.1 += 1;
            self.odd.answer(&said(&request), &good)
        } else {
            notes.0 += 1;
            (good.status, HeaderMap::new(), good.body)
        };
        drop(notes);
        Box::pin(async move {
            let status = StatusCode::from_u16(status).expect("a status");
            Ok(HttpResponse::new(status, headers, Body::from(body)))
        })
    }
}
