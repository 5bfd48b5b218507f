//! Dates and times as the service writes them.

use std::fmt;
use std::io::{self, Write};
use std::ops::Deref;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike};
use ruapi_core::wire::{self, Scalar, Wire};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A date and time, such as `2022-07-25T13:01:47.438+0300`. It reads like chrono's
/// [`DateTime<FixedOffset>`] (`Deref`) and is written back just as it came.
///
/// Accepted: the offset also with a colon, as `Z` or missing; a fraction of a second of up to nine
/// digits, or none; a space in place of the `T`. Without an offset Moscow time is assumed, which is
/// likely and not documented: see [`has_offset`](Self::has_offset).
///
/// ```
/// let date: epgu_gusmev::Moment = "2022-07-25T13:01:47.438+0300".parse()?;
/// assert_eq!(date.timestamp_millis(), 1_658_743_307_438);
/// assert_eq!(date.to_string(), "2022-07-25T13:01:47.438+0300");
/// # Ok::<(), epgu_gusmev::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    at: DateTime<FixedOffset>,
    /// Digits of the fraction.
    digits: u8,
    separator: u8,
    zone: Zone,
}

/// How the offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Zone {
    Plain,
    Colon,
    Z,
    Missing,
}

/// Moscow: UTC+3, without summer time since 2014.
fn moscow() -> FixedOffset {
    // It is within a day, so the fallback is never taken.
    FixedOffset::east_opt(3 * 3600).unwrap_or_else(|| chrono::Offset::fix(&chrono::Utc))
}

impl Moment {
    /// The moment in the form that the document prints: milliseconds, an offset without colon.
    pub fn new(at: DateTime<FixedOffset>) -> Self {
        Self { at, digits: 3, separator: b'T', zone: Zone::Plain }
    }

    /// The moment.
    pub fn date_time(self) -> DateTime<FixedOffset> {
        self.at
    }

    /// Whether the service said in which zone it is; otherwise it is taken for Moscow time, and
    /// `naive_local()` is what was sent.
    pub fn has_offset(self) -> bool {
        self.zone != Zone::Missing
    }

    fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.as_bytes().split_at_checked(10)?;
        let (time, rest) = rest.split_at_checked(9)?;
        let (
            [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2],
            [separator, h1, h2, b':', n1, n2, b':', s1, s2],
        ) = (date, time)
        else {
            return None;
        };
        if !matches!(separator, b'T' | b' ') {
            return None;
        }
        let year = pair(*y1, *y2)? * 100 + pair(*y3, *y4)?;
        let day = NaiveDate::from_ymd_opt(year as i32, pair(*m1, *m2)?, pair(*d1, *d2)?)?;
        let (nanos, digits, rest) = fraction(rest)?;
        let local =
            day.and_hms_nano_opt(pair(*h1, *h2)?, pair(*n1, *n2)?, pair(*s1, *s2)?, nanos)?;
        let (zone, offset) = offset(rest)?;
        let at = local.and_local_timezone(offset).single()?;
        Some(Self { at, digits, separator: *separator, zone })
    }

    /// As it came.
    fn text(self, buffer: &mut [u8; LONGEST]) -> &str {
        let mut rest = &mut buffer[..];
        let written = write_all(&mut rest, self);
        debug_assert!(written.is_ok(), "LONGEST is enough");
        let length = LONGEST - rest.len();
        std::str::from_utf8(&buffer[..length]).unwrap_or_default()
    }
}

/// What the longest form takes, with a year that only the caller's own `DateTime` may have.
const LONGEST: usize = 48;

fn write_all(to: &mut &mut [u8], moment: Moment) -> io::Result<()> {
    let local = moment.at.naive_local();
    let digits = |buffer: &mut [u8], mut number: u32| {
        for digit in buffer.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
    };
    if (0..=9999).contains(&local.year()) {
        let mut text = *b"0000-00-00T00:00:00";
        digits(&mut text[..4], local.year() as u32);
        digits(&mut text[5..7], local.month());
        digits(&mut text[8..10], local.day());
        text[10] = moment.separator;
        digits(&mut text[11..13], local.hour());
        digits(&mut text[14..16], local.minute());
        digits(&mut text[17..19], local.second());
        to.write_all(&text)?;
    } else {
        write!(to, "{}", local.format("%Y-%m-%dT%H:%M:%S"))?;
    }
    if moment.digits > 0 {
        let mut text = *b".000000000";
        digits(&mut text[1..], local.nanosecond() % 1_000_000_000);
        to.write_all(&text[..=usize::from(moment.digits)])?;
    }
    let minutes = moment.at.offset().local_minus_utc() / 60;
    let mut text = *b"+00:00";
    text[0] = if minutes < 0 { b'-' } else { b'+' };
    digits(&mut text[1..3], minutes.unsigned_abs() / 60);
    digits(&mut text[4..6], minutes.unsigned_abs() % 60);
    match moment.zone {
        Zone::Plain => to.write_all(&text[..3]).and_then(|()| to.write_all(&text[4..])),
        Zone::Colon => to.write_all(&text),
        Zone::Z => to.write_all(b"Z"),
        Zone::Missing => Ok(()),
    }
}

fn pair(tens: u8, ones: u8) -> Option<u32> {
    let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
    is_number.then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

/// Nanoseconds, how many digits they had, and what follows them.
fn fraction(text: &[u8]) -> Option<(u32, u8, &[u8])> {
    let [b'.', text @ ..] = text else { return Some((0, 0, text)) };
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&digits) {
        return None;
    }
    let number =
        text[..digits].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    Some((number * 10_u32.pow(9 - digits as u32), digits as u8, &text[digits..]))
}

fn offset(text: &[u8]) -> Option<(Zone, FixedOffset)> {
    let (zone, sign, hours, minutes) = match text {
        [] => return Some((Zone::Missing, moscow())),
        [b'Z'] => return Some((Zone::Z, FixedOffset::east_opt(0)?)),
        [sign, h1, h2, b':', m1, m2] => (Zone::Colon, sign, pair(*h1, *h2)?, pair(*m1, *m2)?),
        [sign, h1, h2, m1, m2] => (Zone::Plain, sign, pair(*h1, *h2)?, pair(*m1, *m2)?),
        _ => return None,
    };
    if minutes > 59 {
        return None;
    }
    let seconds = (hours * 3600 + minutes * 60) as i32;
    let offset = match sign {
        b'+' => FixedOffset::east_opt(seconds)?,
        // `-0000` would be written with a plus.
        b'-' if seconds > 0 => FixedOffset::west_opt(seconds)?,
        _ => return None,
    };
    Some((zone, offset))
}

impl Deref for Moment {
    type Target = DateTime<FixedOffset>;

    fn deref(&self) -> &DateTime<FixedOffset> {
        &self.at
    }
}

impl From<DateTime<FixedOffset>> for Moment {
    fn from(at: DateTime<FixedOffset>) -> Self {
        Self::new(at)
    }
}

impl std::str::FromStr for Moment {
    type Err = ruapi_core::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.trim()).ok_or_else(|| {
            ruapi_core::Error::input("date", format!("expected {}", <Self as Wire>::EXPECTED))
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(&mut [0; LONGEST]))
    }
}

impl Wire for Moment {
    const EXPECTED: &'static str = "a date and time (yyyy-mm-ddTHH:MM:SS.sss+0300)";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        let Scalar::Text(text) = scalar else { return None };
        Self::parse(text).or_else(|| Self::parse(text.trim()))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text(&mut [0; LONGEST]))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        wire::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_written_back_as_it_came() {
        for (text, utc) in [
            ("2022-07-25T13:01:47.438+0300", "2022-07-25 10:01:47.438 UTC"),
            ("2022-07-25T13:01:47.438+03:00", "2022-07-25 10:01:47.438 UTC"),
            ("2022-07-25T13:01:47+0300", "2022-07-25 10:01:47 UTC"),
            ("2022-07-25T13:01:47.4Z", "2022-07-25 13:01:47.400 UTC"),
            ("2022-07-25T13:01:47Z", "2022-07-25 13:01:47 UTC"),
            ("2022-12-21T20:49:37.672", "2022-12-21 17:49:37.672 UTC"),
            ("2022-12-21T20:49:37", "2022-12-21 17:49:37 UTC"),
            ("2022-12-21 20:49:37.000000001", "2022-12-21 17:49:37.000000001 UTC"),
            ("2024-02-29T23:59:59.999-1130", "2024-03-01 11:29:59.999 UTC"),
            ("0000-01-01T00:00:00.000+0000", "0000-01-01 00:00:00 UTC"),
        ] {
            let moment: Moment = serde_json::from_str(&format!("\" {text} \"")).unwrap();
            assert_eq!(moment.to_utc().to_string(), utc, "{text}");
            assert_eq!(moment.to_string(), text);
            assert_eq!(serde_json::to_string(&moment).unwrap(), format!("\"{text}\""));
            assert_eq!(moment.has_offset(), !utc.starts_with("2022-12-21"), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_and_never_panics() {
        for text in [
            "",
            "2022-07-25",
            "2022-07-25T13:01",
            "2022-02-30T13:01:47.438+0300",
            "2022-07-25T24:00:00.000+0300",
            "2022-07-25T13:01:60+0300",
            "2022-07-25T13:01:47.+0300",
            "2022-07-25T13:01:47.0123456789+0300",
            "2022-07-25T13:01:47.438+03",
            "2022-07-25T13:01:47.438+0360",
            "2022-07-25T13:01:47.438+9900",
            "2022-07-25T13:01:47.438-0000",
            "2022-07-25T13:01:47.438 0300",
            "2022-07-25T13:01:47,438+0300",
            "2022-07-25х13:01:47.438+0300",
            "2022-07-2５T13:01:47.438+0300",
            "９９９９-07-25T13:01:47.438+0300",
            "0000-01-01T00:00:00.000+0300x",
        ] {
            assert!(text.parse::<Moment>().unwrap_err().is_input(), "{text}");
        }
        for json in ["1658743307438", "true", "null", "{}"] {
            assert!(serde_json::from_str::<Moment>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn the_callers_own_moment_is_written_as_the_document_prints_it() {
        let at = DateTime::parse_from_rfc3339("2022-07-25T13:01:47.438999+03:00").unwrap();
        assert_eq!(Moment::from(at).to_string(), "2022-07-25T13:01:47.438+0300");
        let far = DateTime::<chrono::Utc>::MAX_UTC.fixed_offset();
        assert_eq!(Moment::new(far).to_string(), "+262142-12-31T23:59:59.999+0000");
    }
}
