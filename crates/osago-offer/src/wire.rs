//! Forms that only this API has.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use ruapi_core::Id;
use ruapi_core::wire::{self, Scalar, Wire};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day, or a moment with its zone, kept as it was written: the document gives no form for most dates.
///
/// ```
/// use osago_offer::Date;
///
/// let start: Date = "2026-12-01T00:00:00+03:00".parse()?;
/// assert_eq!(start.day().to_string(), "2026-12-01");
/// assert_eq!(start.moment().unwrap().offset().local_minus_utc(), 3 * 3600);
/// # Ok::<(), osago_offer::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Date {
    text: Box<str>,
    day: NaiveDate,
}

impl Date {
    /// As it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The day, in the zone in which it was written; without one, Moscow time is likely.
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    /// The moment, if the text is one with a zone (RFC 3339).
    pub fn moment(&self) -> Option<DateTime<FixedOffset>> {
        DateTime::parse_from_rfc3339(&self.text).ok()
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let day = match text.get(..10)? {
            dotted if dotted.contains('.') => wire::dotted_date::parse(dotted)?,
            plain => wire::naive_date_time::parse(plain)?.date(),
        };
        let after = text.as_bytes().get(10);
        matches!(after, None | Some(b'T' | b't' | b' ')).then(|| Self { text: text.into(), day })
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self { text: day.to_string().into(), day }
    }
}

impl From<DateTime<FixedOffset>> for Date {
    fn from(moment: DateTime<FixedOffset>) -> Self {
        Self { text: moment.to_rfc3339().into(), day: moment.date_naive() }
    }
}

impl std::str::FromStr for Date {
    type Err = ruapi_core::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ruapi_core::Error::input("date", format!("expected {}", Self::EXPECTED));
        Self::parse(text).ok_or_else(wrong)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Wire for Date {
    const EXPECTED: &'static str = "a date (yyyy-mm-dd), with or without a time";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        let Scalar::Text(text) = scalar else { return None };
        Self::parse(text)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// An identifier that an answer may leave out, since nobody needs it to go on: then it is empty.
pub(crate) fn id_or_empty<'de, D, K: ?Sized>(deserializer: D) -> Result<Id<K>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(wire::deserialize::<Option<Id<K>>, D>(deserializer)?.unwrap_or_default())
}

/// Whether an answer left the identifier out.
pub(crate) fn is_empty<K: ?Sized>(id: &Id<K>) -> bool {
    id.as_str().is_empty()
}

/// An identifier of a catalogue, a number or a text, kept in the form it came in: nobody documents
/// which one is wanted.
///
/// ```
/// use osago_offer::Code;
/// use osago_offer::calculation::Brand;
///
/// let mut brand = Brand::default();
/// brand.brand_id = Some(Code::from(7));
/// assert_eq!(serde_json::to_value(&brand)?["brand_id"], 7);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A number.
    Number(u64),
    /// A text.
    Text(Box<str>),
}

impl From<u64> for Code {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Code {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl Wire for Code {
    const EXPECTED: &'static str = "a number or a text";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Natural(number) => Some(Self::Number(number)),
            other => other.to_text().map(|text| Self::Text(text.into())),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// An object that may be absent as `null`, `""`, `[]`, `{}` or missing.
pub(crate) fn object<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let mut list = wire::one_or_many::deserialize(deserializer)?;
    match list.len() {
        0 | 1 => Ok(list.pop()),
        _ => Err(serde::de::Error::custom("expected one object")),
    }
}

/// A value that may be absent as `null`, `""` or missing, and is its default then.
pub(crate) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Wire + Default,
    D: Deserializer<'de>,
{
    Ok(wire::deserialize::<Option<T>, D>(deserializer)?.unwrap_or_default())
}

/// An identifier as the number that the document has; as a text if it is none.
pub(crate) fn number<K, S: Serializer>(id: &ruapi_core::Id<K>, to: S) -> Result<S::Ok, S::Error> {
    match id.as_str().parse::<u64>() {
        Ok(number) if number.to_string() == id.as_str() => to.serialize_u64(number),
        _ => to.serialize_str(id.as_str()),
    }
}

/// Anything, as it came: what the document does not describe.
///
/// ```
/// use osago_offer::Undescribed;
///
/// let partner: Undescribed = serde_json::from_str(r#"{"code": 12}"#)?;
/// assert_eq!(partner.0["code"], 12);
/// assert!(Undescribed::default().is_null());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Undescribed(pub serde_json::Value);

impl Undescribed {
    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        self.0.is_null()
    }
}

impl fmt::Debug for Undescribed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_null() { "null" } else { ruapi_core::redact::MASK })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_every_form_and_kept_as_it_was() {
        for text in [
            "2026-12-01",
            "2026-12-01T00:00:00+03:00",
            "2026-12-01T00:00:00Z",
            "2026-12-01 10:00:00",
            "01.12.2026",
        ] {
            let date = Date::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((date.as_str(), date.day().to_string().as_str()), (text, "2026-12-01"));
            assert_eq!(date.moment().is_some(), text.len() >= 20, "{text}");
        }
        for nonsense in
            ["", "2026", "2026-13-01", "2026-12-012", "завтра 1234", "2026-12-01x", "12345678é"]
        {
            assert!(nonsense.parse::<Date>().unwrap_err().is_input(), "{nonsense}");
        }
        let day = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        assert_eq!(Date::from(day).as_str(), "2026-12-01");
        let moment = DateTime::parse_from_rfc3339("2026-12-01T00:00:00+03:00").unwrap();
        assert_eq!(Date::from(moment).as_str(), "2026-12-01T00:00:00+03:00");
    }

    #[test]
    fn a_code_keeps_its_form() {
        for json in ["7", r#""7""#, r#""007""#] {
            let code: Code =
                wire::deserialize(&mut serde_json::Deserializer::from_str(json)).unwrap();
            assert_eq!(code.write(serde_json::value::Serializer).unwrap().to_string(), json);
        }
    }
}
