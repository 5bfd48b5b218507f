//! Dictionaries (НСИ): everything comes with HTTP 200, errors as well.

use std::convert::Infallible;
use std::ops::Range;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Map, Value, json};

use super::Epgu;
use super::call::{Answer, Call};
use super::input::{check_json, digits, object};
use crate::reply;

/// The most items of the large dictionary.
pub(super) const LARGEST: u64 = 10_000_000;
/// The most levels of the deep one.
pub(super) const DEEPEST: u64 = 100_000;

/// How many items of the document's dictionary there are.
const BIC_ITEMS: u64 = 899;

/// More items leave in pieces of as many, and are made one piece at a time.
const PIECE: u64 = 1_000;

const JSON: &str = "application/json; charset=utf-8";

/// How many there are on each level of the tree: regions, districts, towns.
const TREE: [u64; 3] = [5, 4, 3];

/// What is asked for: table 31.
struct Ask {
    subtree: bool,
    parent: Option<String>,
    page: Option<(u64, u64)>,
}

impl Ask {
    /// Or else the fields that are wrong, and how.
    fn read(object: &Map<String, Value>) -> Result<Self, Vec<Value>> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: &str| {
            errors.push(json!({ "field": field, "message": message }));
        };
        let subtree = match object.get("treeFiltering").and_then(Value::as_str) {
            Some("ONELEVEL") => false,
            Some("SUBTREE") => true,
            _ => {
                wrong("treeFiltering", "ожидается ONELEVEL или SUBTREE");
                false
            }
        };
        let parent = match object.get("parentRefItemValue") {
            None | Some(Value::Null) => None,
            Some(Value::String(parent)) => Some(parent.clone()),
            Some(_) => {
                wrong("parentRefItemValue", "ожидается строка");
                None
            }
        };
        let mut number = |name: &str| match object.get(name) {
            None | Some(Value::Null) => None,
            Some(value) => {
                let number = value.as_u64().filter(|number| *number >= 1);
                if number.is_none() {
                    wrong(name, "ожидается число от 1");
                }
                number
            }
        };
        let page = match (number("pageNum"), number("pageSize")) {
            (None, None) => None,
            (page, Some(size)) => Some((page.unwrap_or(1), size)),
            (Some(_), None) => {
                if !object.contains_key("pageSize") {
                    wrong("pageSize", "параметр обязателен вместе с pageNum");
                }
                None
            }
        };
        if errors.is_empty() { Ok(Self { subtree, parent, page }) } else { Err(errors) }
    }

    /// Which of so many items are on the page.
    fn range(&self, total: u64) -> Range<u64> {
        let Some((page, size)) = self.page else { return 0..total };
        let first = (page - 1).saturating_mul(size).min(total);
        first..first.saturating_add(size).min(total)
    }
}

pub(super) fn items(call: &mut Call<'_>) -> Answer {
    call.state.counts.dictionary_requests += 1;
    let with_credential = call.parts.headers.contains_key(header::AUTHORIZATION);
    call.state.counts.dictionary_requests_with_credential += u64::from(with_credential);
    check_json(call.parts)?;
    let ask = match Ask::read(&object(call.body)?) {
        Ok(ask) => ask,
        Err(errors) => return Ok(refuse(2, "Ошибка в параметрах запроса", &errors)),
    };
    let settings = &call.state.settings;
    Ok(match call.param(0) {
        Epgu::DICTIONARY => flat(&ask, BIC_ITEMS, bic),
        Epgu::LARGE_DICTIONARY => flat(&ask, settings.large_dictionary, large),
        Epgu::TREE_DICTIONARY => tree(&ask),
        Epgu::DEEP_DICTIONARY => deep(&ask, settings.deep_dictionary),
        _ => refuse(1, "Справочник не найден", &[]),
    })
}

/// The document tells no other code than 0; these are the sandbox's.
fn refuse(code: u32, message: &str, fields: &[Value]) -> Response {
    let error = json!({ "code": code, "message": message });
    reply::json(StatusCode::OK, &json!({ "error": error, "fieldErrors": fields }))
}

/// Items without levels: those below an item are none.
fn flat(ask: &Ask, total: u64, item: fn(u64) -> Value) -> Response {
    let total = if ask.parent.is_some() { 0 } else { total };
    answer(total, ask.range(total), move |index| item(index).to_string())
}

fn item(value: &str, parent: Option<&str>, title: &str, children: &[Value], leaf: bool) -> Value {
    json!({
        "value": value,
        "parentValue": parent,
        "title": title,
        "isLeaf": leaf,
        "children": children,
        "attributes": [],
        "source": null,
        "attributeValues": {},
    })
}

fn bic(index: u64) -> Value {
    let title = format!("ПУ БАНКА РОССИИ N {}", 43_192 + 5 * index);
    item(&format!("04{:04}002", index + 1), None, &title, &[], true)
}

fn large(index: u64) -> Value {
    let number = index + 1;
    item(&format!("{number:08}"), None, &format!("Элемент справочника № {number}"), &[], true)
}

/// `1`, `1-3`, `1-3-2`: a region, its third district, the second town of that.
fn tree(ask: &Ask) -> Response {
    let level = match ask.parent.as_deref() {
        None => Some(0),
        Some(parent) => level_below(parent),
    };
    let parent = ask.parent.clone();
    let total = level.and_then(|level| TREE.get(level).copied()).unwrap_or(0);
    let subtree = ask.subtree;
    answer(total, ask.range(total), move |index| {
        branch(parent.as_deref(), level.unwrap_or(0), index, subtree).to_string()
    })
}

/// The level of what is below an item, if there is such an item.
fn level_below(value: &str) -> Option<usize> {
    let numbers: Option<Vec<u64>> = value.split('-').map(digits).collect();
    let numbers = numbers?;
    let known = numbers.len() <= TREE.len()
        && numbers.iter().zip(TREE).all(|(number, count)| (1..=count).contains(number));
    known.then_some(numbers.len())
}

fn branch(parent: Option<&str>, level: usize, index: u64, subtree: bool) -> Value {
    let number = index + 1;
    let value = parent.map_or(number.to_string(), |parent| format!("{parent}-{number}"));
    let below = TREE.get(level + 1).copied().unwrap_or(0);
    let shown = if subtree { below } else { 0 };
    let children: Vec<_> =
        (0..shown).map(|index| branch(Some(&value), level + 1, index, true)).collect();
    let kind = ["Регион", "Район", "Город"][level];
    let mut branch = item(&value, parent, &format!("{kind} {value}"), &children, below == 0);
    let code = format!("{:0<11}", value.replace('-', ""));
    branch["attributes"] = json!([{
        "name": "OKATO",
        "type": "STRING",
        "value": { "typeOfValue": "STRING", "asString": code },
        "valueAsOfType": code,
    }]);
    branch["attributeValues"] = json!({ "OKATO": code });
    branch
}

/// One item within the other; printed without calling itself, however deep it is.
fn deep(ask: &Ask, depth: u64) -> Response {
    let first = match ask.parent.as_deref() {
        None => 1,
        Some(parent) => digits(parent).map_or(depth + 1, |level| level + 1),
    };
    let total = u64::from(first <= depth);
    let last = if ask.subtree { depth } else { first.min(depth) };
    answer(total, ask.range(total), move |_| {
        let mut text = String::new();
        for level in first..=last {
            let parent = if level == 1 { "null".to_owned() } else { format!("\"{}\"", level - 1) };
            text += &format!(
                r#"{{"value":"{level}","parentValue":{parent},"title":"Уровень {level}","isLeaf":{},"children":["#,
                level == depth,
            );
        }
        for _ in first..=last {
            text += r#"],"attributes":[],"source":null,"attributeValues":{}}"#;
        }
        text
    })
}

/// Prints the items of a range; many are made while they are sent.
fn answer(
    total: u64,
    range: Range<u64>,
    print: impl Fn(u64) -> String + Send + Sync + 'static,
) -> Response {
    let begin = format!(
        r#"{{"error":{{"code":0,"message":"operation completed"}},"fieldErrors":[],"total":{total},"items":["#
    );
    let piece = move |first: u64, end: u64| {
        let items: Vec<_> = (first..end).map(&print).collect();
        items.join(",")
    };
    let count = range.end - range.start;
    if count <= PIECE {
        return reply::typed(StatusCode::OK, JSON, begin + &piece(range.start, range.end) + "]}");
    }
    let pieces = (range.start..range.end).step_by(PIECE as usize).map(move |first| {
        let end = range.end.min(first + PIECE);
        let comma = if end == range.end { "" } else { "," };
        piece(first, end) + comma
    });
    let body = std::iter::once(begin).chain(pieces).chain(["]}".to_owned()]);
    let body = stream::iter(body.map(|text| Ok::<_, Infallible>(Bytes::from(text))));
    reply::typed(StatusCode::OK, JSON, Body::from_stream(body))
}
