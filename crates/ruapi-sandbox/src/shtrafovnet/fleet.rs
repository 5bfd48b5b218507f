//! The fleet: one car with as many fines as a test wants, made when they are asked for.
//!
//! The fine `index` was created, and last updated, two seconds after the one before. All are of
//! 500 rubles, unpaid, without discount and photos.

use std::ops::Range;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::facts::{Facts, uin};

pub(super) const EMAIL: &str = "fleet@test.ru";
pub(super) const CAR: u64 = 2_000_000;
pub(super) const LARGEST: u64 = 10_000_000;
pub(super) const AMOUNT: i64 = 500;

/// The ids of the fines begin here; a drawn fine's id is ten times its car's, and thus far below.
const FIRST: u64 = 1_000_000_000;
const STEP: i64 = 2;

fn start() -> NaiveDateTime {
    let day = NaiveDate::from_ymd_opt(2025, 1, 1).expect("a valid date");
    day.and_hms_opt(0, 0, 0).expect("a valid time")
}

pub(super) fn id(index: u64) -> u64 {
    FIRST + index
}

pub(super) fn index(id: u64) -> Option<u64> {
    id.checked_sub(FIRST).filter(|index| *index < LARGEST)
}

/// The index of a decision's number.
pub(super) fn index_of_uin(text: &str) -> Option<u64> {
    let id = text.get(7..)?.parse().ok()?;
    index(id).filter(|_| uin(id) == text)
}

pub(super) fn ids() -> Range<u64> {
    FIRST..FIRST + LARGEST
}

pub(super) fn facts(index: u64) -> Facts {
    let created = start() + TimeDelta::seconds(STEP * index as i64);
    Facts::plain(id(index), created.date(), created, AMOUNT)
}

/// How many fines were created before `time`.
pub(super) fn before(time: NaiveDateTime) -> u64 {
    let seconds = (time - start()).num_seconds();
    // Rounded up: one that was created at `time` itself was not created before it.
    u64::try_from((seconds + STEP - 1).div_euclid(STEP)).unwrap_or(0)
}

/// Says what was expected if there cannot be as many.
pub(super) fn check(count: u64) -> Result<u64, String> {
    if count <= LARGEST { Ok(count) } else { Err(format!("`fleet_fines` is 0 to {LARGEST}")) }
}
