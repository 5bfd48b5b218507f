//! `dd.mm.yyyy`, for `#[serde(default, with = "ruapi_wire::dotted_date")]`.
//!
//! ```
//! use chrono::NaiveDate;
//! use ruapi_wire::dotted_date;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Policy {
//!     #[serde(default, with = "ruapi_wire::dotted_date")]
//!     stop: Option<NaiveDate>,
//! }
//!
//! let policy: Policy = serde_json::from_str(r#"{"stop": "31.08.2025"}"#)?;
//! assert_eq!(policy.stop, dotted_date::parse("31.08.2025"));
//! assert_eq!(policy.stop.map(dotted_date::format).as_deref(), Some("31.08.2025"));
//! let none: Policy = serde_json::from_str(r#"{"stop": ""}"#)?;
//! assert!(none.stop.is_none());
//! # Ok::<(), serde_json::Error>(())
//! ```

use chrono::{Datelike, NaiveDate};
use serde::{Deserializer, Serializer};

use crate::form::{Scalar, Wire};
use crate::naive_date_time;

/// Reads the date; absent as `null`, `""`, missing, or the zeros by which databases say that there is none.
pub fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveDate>, D::Error> {
    let date: Option<Dotted> = crate::deserialize(deserializer)?;
    Ok(date.and_then(|dotted| dotted.0))
}

/// Writes the date, or `null`.
pub fn serialize<S: Serializer>(
    date: &Option<NaiveDate>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    date.map(|date| Dotted(Some(date))).write(serializer)
}

/// The date in this form, two digits for day and month.
pub fn format(date: NaiveDate) -> String {
    date.format("%d.%m.%Y").to_string()
}

/// The date in this form, or `None` for anything else and for days that no calendar has.
pub fn parse(text: &str) -> Option<NaiveDate> {
    let [d1, d2, b'.', m1, m2, b'.', year @ ..] = text.as_bytes() else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |number, digit| match digit {
            b'0'..=b'9' => Some(number * 10 + u32::from(digit - b'0')),
            _ => None,
        })
    };
    let year = if year.len() == 4 {
        i32::try_from(number(year)?).ok()?
    } else {
        return None;
    };
    NaiveDate::from_ymd_opt(year, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
}

/// Whether the year can be written in this form: chrono reads others as well.
fn has_four_digits(date: NaiveDate) -> bool {
    (0..=9999).contains(&date.year())
}

/// The year zero in this form, or in the other one.
fn is_zero(text: &str) -> bool {
    let is_dotted = text.starts_with("00.00.0000") || text.starts_with("30.11.-0001");
    is_dotted || naive_date_time::is_zero(text)
}

/// `None`: there is none.
struct Dotted(Option<NaiveDate>);

impl Wire for Dotted {
    const EXPECTED: &'static str = "a date (dd.mm.yyyy)";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        let Scalar::Text(text) = scalar else { return None };
        let text = text.trim();
        let plain = || text.parse().ok().filter(|date| has_four_digits(*date));
        if let Some(date) = parse(text).or_else(plain) {
            return Some(Self(Some(date)));
        }
        is_zero(text).then_some(Self(None))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(date) => serializer.collect_str(&date.format("%d.%m.%Y")),
            None => serializer.serialize_none(),
        }
    }
}
