//! Values in both wire forms: as the document prints them, and as JSON has them.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// Fields that the document prints as "" where they have no value; all others are null there.
const EMPTY_TEXTS: [&str; 5] = ["fsspIp", "fsspUin", "isPaidMarked", "koapText", "expiredDays"];

/// The value of a field.
#[derive(Clone, Debug)]
pub(super) enum Field {
    Null,
    Text(Cow<'static, str>),
    Number(i64),
    /// Kopecks; printed as rubles.
    Money(i64),
    Flag(bool),
    Time(NaiveDateTime),
    Date(NaiveDate),
    Items(Vec<Item>),
    /// Addresses of photos.
    Pics(Vec<String>),
}

impl From<&'static str> for Field {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Field {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Cow<'static, str>> for Field {
    fn from(text: Cow<'static, str>) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Field {
    fn from(text: &String) -> Self {
        Self::Text(text.clone().into())
    }
}

impl From<u64> for Field {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<i64> for Field {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Field {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<NaiveDateTime> for Field {
    fn from(time: NaiveDateTime) -> Self {
        Self::Time(time)
    }
}

impl<T: Into<Field>> From<Option<T>> for Field {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Field {
    fn from(value: &'a Option<String>) -> Self {
        value.as_ref().into()
    }
}

impl Field {
    fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Items(items) => items.is_empty(),
            Self::Pics(urls) => urls.is_empty(),
            _ => false,
        }
    }
}

/// An object of an answer.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) fields: Vec<(&'static str, Field)>,
    /// Whether the documented form leaves out what is empty, as it does in a single fine and a
    /// single invoice; photos are then plain texts, too.
    pub(super) single: bool,
}

impl Item {
    pub(super) fn of(fields: Vec<(&'static str, Field)>) -> Self {
        Self { fields, single: false }
    }

    pub(super) fn single(fields: Vec<(&'static str, Field)>) -> Self {
        Self { fields, single: true }
    }

    pub(super) fn printed(&self, modern: bool) -> impl Serialize + '_ {
        PrintedItem { item: self, modern }
    }
}

struct PrintedItem<'a> {
    item: &'a Item,
    modern: bool,
}

impl Serialize for PrintedItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sparse = self.item.single && !self.modern;
        let mut map = serializer.serialize_map(None)?;
        for (name, field) in &self.item.fields {
            if sparse && field.is_empty() {
                continue;
            }
            let (modern, single) = (self.modern, self.item.single);
            map.serialize_entry(name, &PrintedField { name, field, modern, single })?;
        }
        map.end()
    }
}

struct PrintedField<'a> {
    name: &'a str,
    field: &'a Field,
    modern: bool,
    single: bool,
}

impl Serialize for PrintedField<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let modern = self.modern;
        match self.field {
            Field::Null if !modern && EMPTY_TEXTS.contains(&self.name) => {
                serializer.serialize_str("")
            }
            Field::Null => serializer.serialize_none(),
            Field::Text(text) => serializer.serialize_str(text),
            Field::Number(number) if modern => serializer.serialize_i64(*number),
            Field::Number(number) => serializer.collect_str(number),
            Field::Money(kopecks) if modern && kopecks % 100 == 0 => {
                serializer.serialize_i64(kopecks / 100)
            }
            #[allow(clippy::cast_precision_loss, reason = "no sum is as large")]
            Field::Money(kopecks) if modern => serializer.serialize_f64(*kopecks as f64 / 100.0),
            Field::Money(kopecks) if kopecks % 100 == 0 => serializer.collect_str(&(kopecks / 100)),
            Field::Money(kopecks) => serializer.serialize_str(&rubles(*kopecks)),
            Field::Flag(flag) if modern => serializer.serialize_bool(*flag),
            Field::Flag(flag) => serializer.serialize_str(if *flag { "true" } else { "false" }),
            Field::Time(time) => {
                let digits = time_digits(*time);
                serializer.serialize_str(std::str::from_utf8(&digits).expect("ASCII"))
            }
            Field::Date(date) => serializer.collect_str(date),
            Field::Items(items) => List { items, modern }.serialize(serializer),
            Field::Pics(urls) if modern => urls.serialize(serializer),
            Field::Pics(urls) if self.single => match urls.as_slice() {
                [url] => serializer.serialize_str(url),
                _ => urls.serialize(serializer),
            },
            Field::Pics(urls) => match urls.as_slice() {
                [] => serializer.serialize_none(),
                [url] => Url { url }.serialize(serializer),
                _ => serializer.collect_seq(urls.iter().map(|url| Url { url })),
            },
        }
    }
}

#[derive(Serialize)]
struct Url<'a> {
    url: &'a str,
}

/// A list; in the documented form a list of exactly one is that one.
pub(super) struct List<'a> {
    pub(super) items: &'a [Item],
    pub(super) modern: bool,
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.items {
            [item] if !self.modern => item.printed(false).serialize(serializer),
            items => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&PrintedItem { item, modern: self.modern })?;
                }
                list.end()
            }
        }
    }
}

/// Always with two digits of kopecks.
pub(super) fn rubles(kopecks: i64) -> String {
    format!("{}.{:02}", kopecks / 100, kopecks % 100)
}

/// `2019-01-01 00:00:00`, by hand: a page of fines has a thousand of them.
fn time_digits(time: NaiveDateTime) -> [u8; 19] {
    let mut text = *b"0000-00-00 00:00:00";
    let numbers = [
        (time.year().unsigned_abs(), 0, 4),
        (time.month(), 5, 7),
        (time.day(), 8, 10),
        (time.hour(), 11, 13),
        (time.minute(), 14, 16),
        (time.second(), 17, 19),
    ];
    for (mut number, start, end) in numbers {
        for digit in text[start..end].iter_mut().rev() {
            *digit += (number % 10) as u8;
            number /= 10;
        }
    }
    text
}

/// `YYYY-MM-DD HH:MM:SS` and nothing else.
pub(super) fn parse_time(text: &str) -> Option<NaiveDateTime> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    (time_digits(time) == *text.as_bytes()).then_some(time)
}

/// `YYYY-MM-DD` and nothing else.
pub(super) fn parse_date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (date.to_string() == text).then_some(date)
}
