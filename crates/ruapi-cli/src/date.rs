//! Days and moments as they are typed.

use std::ops::Range;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// The two forms of a date, every digit of them, and nothing else.
pub(crate) fn day(text: &str) -> Result<NaiveDate, &'static str> {
    let (year, month, day) = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => (0..4, 5..7, 8..10),
        [_, _, b'.', _, _, b'.', _, _, _, _] => (6..10, 3..5, 0..2),
        _ => return Err("expected YYYY-MM-DD or DD.MM.YYYY"),
    };
    let number = |range: Range<usize>| {
        let digits = text.get(range)?;
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse::<u32>().ok())?
    };
    number(year)
        .filter(|year| *year >= 1000)
        .and_then(|year| {
            NaiveDate::from_ymd_opt(year.try_into().ok()?, number(month)?, number(day)?)
        })
        .ok_or("there is no such day")
}

/// A moment to the second; a day alone means its first one.
pub(crate) fn from_moment(text: &str) -> Result<NaiveDateTime, &'static str> {
    moment(text, NaiveTime::MIN)
}

/// A moment to the second; a day alone means its last one.
pub(crate) fn to_moment(text: &str) -> Result<NaiveDateTime, &'static str> {
    moment(text, NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default())
}

fn moment(text: &str, otherwise: NaiveTime) -> Result<NaiveDateTime, &'static str> {
    const EXPECTED: &str = "expected a day, or YYYY-MM-DD HH:MM:SS";
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let date = day(date)?;
    let Some(time) = time else { return Ok(date.and_time(otherwise)) };
    let time = Some(time).filter(|time| time.len() == "HH:MM:SS".len()).ok_or(EXPECTED)?;
    let time = NaiveTime::parse_from_str(time, "%H:%M:%S").map_err(|_| EXPECTED)?;
    Ok(date.and_time(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_forms_of_a_date_and_no_other() {
        let expected = NaiveDate::from_ymd_opt(2025, 8, 6);
        assert_eq!(day("2025-08-06").ok(), expected);
        assert_eq!(day("06.08.2025").ok(), expected);
        for wrong in [
            "",
            "2025-8-6",
            "6.8.2025",
            "2025/08/06",
            "2025-02-30",
            "00.01.2025",
            "0999-01-01",
            "+025-08-06",
            "2025-08-06 ",
            "06-08-2025",
            "2025.08.06",
            "20250806",
            "2025-08-0б",
        ] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_moment_is_to_the_second_and_a_day_is_all_of_it() {
        let text = |moment: Result<NaiveDateTime, _>| moment.map(|moment| moment.to_string());
        let noon = Ok("2019-01-02 12:30:00".to_owned());
        assert_eq!(text(from_moment("2019-01-02 12:30:00")), noon);
        assert_eq!(text(to_moment("02.01.2019T12:30:00")), noon);
        assert_eq!(text(from_moment("2019-01-02")), Ok("2019-01-02 00:00:00".to_owned()));
        assert_eq!(text(to_moment("02.01.2019")), Ok("2019-01-02 23:59:59".to_owned()));
        for wrong in ["", "12:30:00", "2019-01-02 12:30", "2019-01-02 1:2:3", "2019-01-02 25:00:00"]
        {
            assert!(from_moment(wrong).is_err(), "{wrong}");
        }
    }
}
