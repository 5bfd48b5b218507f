//! `yyyy-mm-dd HH:MM:SS` without a zone, for
//! `#[serde(default, with = "ruapi_wire::naive_date_time")]`.
//!
//! ```
//! use chrono::NaiveDateTime;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Fine {
//!     #[serde(default, with = "ruapi_wire::naive_date_time")]
//!     created: Option<NaiveDateTime>,
//! }
//!
//! let fine: Fine = serde_json::from_str(r#"{"created": "2025-08-26T12:00"}"#)?;
//! assert_eq!(serde_json::to_string(&fine)?, r#"{"created":"2025-08-26 12:00:00"}"#);
//! assert_eq!(fine.created, ruapi_wire::naive_date_time::parse("2025-08-26 12:00:00"));
//! # Ok::<(), serde_json::Error>(())
//! ```

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserializer, Serializer};

use crate::form::{Scalar, Wire};

/// Reads the moment; absent as `null`, `""`, missing, or a [zero](is_zero). Without a time: midnight.
pub fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveDateTime>, D::Error> {
    let moment: Option<Moment> = crate::deserialize(deserializer)?;
    Ok(moment.and_then(|moment| moment.0))
}

/// Writes the moment, or `null`.
pub fn serialize<S: Serializer>(
    moment: &Option<NaiveDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    moment.map(|moment| Moment(Some(moment))).write(serializer)
}

/// The moment, also with a `T`, without seconds or time (midnight), with a fraction of a second, with
/// an offset (which is left out: what is meant is the local time); or `None` for anything else and for moments that no calendar has.
pub fn parse(text: &str) -> Option<NaiveDateTime> {
    usual(text).or_else(|| unusual(text))
}

/// Whether it is the year zero, by which databases say that there is none, or what PHP makes of it.
///
/// ```
/// assert!(ruapi_wire::naive_date_time::is_zero("0000-00-00 00:00:00"));
/// ```
pub fn is_zero(text: &str) -> bool {
    text.starts_with("0000-00-00") || text.starts_with("-0001-11-30")
}

/// The usual form by hand: chrono's parser of formats takes longer than all the rest of a model.
fn usual(text: &str) -> Option<NaiveDateTime> {
    if let [date @ .., b' ' | b'T', h1, h2, b':', m1, m2, b':', s1, s2] = text.as_bytes() {
        let digits = |pair: [u8; 2]| {
            let is_number = pair.iter().all(u8::is_ascii_digit);
            is_number.then(|| u32::from(pair[0] - b'0') * 10 + u32::from(pair[1] - b'0'))
        };
        let (hour, minute) = (digits([*h1, *h2])?, digits([*m1, *m2])?);
        return day(date)?.and_hms_opt(hour, minute, digits([*s1, *s2])?);
    }
    day(text.as_bytes())?.and_hms_opt(0, 0, 0)
}

fn unusual(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    let time = time.trim_end_matches('Z');
    let time = time.split_once(['+', '-']).map_or(time, |(time, _)| time).trim_end();
    let time = NaiveTime::parse_from_str(time, "%H:%M:%S%.f")
        .or_else(|_| NaiveTime::parse_from_str(time, "%H:%M"));
    Some(day(date.as_bytes())?.and_time(time.ok()?))
}

/// `yyyy-mm-dd`.
fn day(text: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0, |number, digit| match digit {
            b'0'..=b'9' => Some(number * 10 + u32::from(**digit - b'0')),
            _ => None,
        })
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// `None`: there is none.
struct Moment(Option<NaiveDateTime>);

impl Wire for Moment {
    const EXPECTED: &'static str = "a date and time (yyyy-mm-dd HH:MM:SS)";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        let Scalar::Text(text) = scalar else { return None };
        let text = text.trim();
        if is_zero(text) {
            return Some(Self(None));
        }
        parse(text).map(|moment| Self(Some(moment)))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(moment) => serializer.collect_str(&moment.format("%Y-%m-%d %H:%M:%S%.f")),
            None => serializer.serialize_none(),
        }
    }
}
