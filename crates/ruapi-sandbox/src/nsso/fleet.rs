//! The vehicles and their policies: the document's own, and any number of made-up ones.
//!
//! A made-up policy lasts an insurance year of 365 days. Which day these begin on, whether a
//! policy was made for one, and everything in it, follow from the vehicle's index and the year's
//! number by hashing. A policy's number is `TEST`, ten digits of index, four of year.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use super::answer::{Auto, Found, Policy};
use super::{Nsso, plate};
use crate::draw::{hash, pick};

/// Days of an insurance year.
const YEAR: i32 = 365;

const COMPANIES: [&str; 5] = [
    "САО \"Тест-Полис\"",
    "АО \"Вымышленное страхование\"",
    "ПАО СК \"Образец\"",
    "ООО \"Страховая песочница\"",
    "СПАО \"Проба и Ко\"",
];

const PEOPLE: [&str; 6] = [
    "Тестов Тест Тестович",
    "Тестова Проба Тестовна",
    "Пробный Пётр Образцович",
    "Образцова Анна Пробовна",
    "Тестов-Песочный Иван Тестович",
    "Тестов Муса Тест оглы",
];

const VEHICLES: [(&str, &str, &str); 6] = [
    ("ПАЗ", "3205", "25"),
    ("ГАЗ", "ГАЗель NEXT", "18"),
    ("Ford", "Transit", "17"),
    ("Mercedes-Benz", "Sprinter", "19"),
    ("LADA", "Largus", "5"),
    ("Hyundai", "County", "28"),
];

/// The policies of the vehicle `index`, the newest first, in a fleet of the given size.
pub(super) fn by_plate(index: u64, fleet: u64, today: NaiveDate) -> Vec<Found> {
    if Some(index) == plate::parse(Nsso::EXAMPLE_PLATE) {
        return vec![example()];
    }
    if Some(index) == plate::parse(Nsso::EMPTY_PLATE) || index >= fleet {
        return Vec::new();
    }
    let leader = leader(index);
    let year = year_on(leader, today);
    [year, year - 1].into_iter().filter_map(|year| policy(leader, year, fleet)).collect()
}

/// The policy of this number, if it was made and is not too old.
pub(super) fn by_policy(number: &str, fleet: u64, today: NaiveDate) -> Vec<Found> {
    if number == Nsso::EXAMPLE_POLICY {
        return vec![example()];
    }
    let Some(index) = index_of_policy(number) else {
        return Vec::new();
    };
    by_plate(index, fleet, today)
        .into_iter()
        .filter(|found| found.policy.number == number)
        .collect()
}

fn index_of_policy(number: &str) -> Option<u64> {
    let index = number.strip_prefix("TEST")?.get(..10)?.parse().ok()?;
    (index < plate::COUNT).then_some(index)
}

fn example() -> Found {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).expect("a valid date");
    Found {
        policy: Policy {
            number: Nsso::EXAMPLE_POLICY.into(),
            start: day(2024, 9, 1),
            stop: day(2025, 8, 31),
            company: "СПАО \"Ингосстрах\"",
            holder: "Тестов Амонулло Файзуллоевич".into(),
            inn: "775100073002".into(),
            kpp: "".into(),
        },
        auto: vec![Auto {
            marka: "Huyndai",
            model: "Solaris",
            gos_number: Nsso::EXAMPLE_PLATE.into(),
            seats: "",
            passenger: "",
        }],
    }
}

/// The vehicle whose policies these are: in one group of eight, the first of four shares its own.
fn leader(index: u64) -> u64 {
    let group = index - index % 4;
    if hash(group, 1) % 8 == 0 { group } else { index }
}

fn year_on(leader: u64, day: NaiveDate) -> i32 {
    (day.num_days_from_ce() - first_day(leader)).div_euclid(YEAR)
}

/// The first day of the insurance year 0, counted from the common era.
fn first_day(leader: u64) -> i32 {
    pick(hash(leader, 2), YEAR as u64) as i32
}

fn policy(leader: u64, year: i32, fleet: u64) -> Option<Found> {
    let draw = hash(leader, 3 + u64::from(year.unsigned_abs()));
    if draw % 7 == 0 {
        return None;
    }
    let start = NaiveDate::from_num_days_from_ce_opt(first_day(leader) + year * YEAR)?;
    let (holder, inn, kpp) = holder(hash(leader, 4));
    let policy = Policy {
        number: format!("TEST{leader:010}{year:04}").into(),
        start,
        stop: start + chrono::Days::new(YEAR as u64 - 1),
        company: COMPANIES[pick(draw >> 8, COMPANIES.len() as u64)],
        holder,
        inn,
        kpp,
    };
    let group = leader..=leader + 3;
    let auto = group.filter(|index| *index < fleet && self::leader(*index) == leader).map(auto);
    Some(Found { policy, auto: auto.collect() })
}

/// Name, INN and KPP: one holder in four is a company.
fn holder(draw: u64) -> (Cow<'static, str>, Cow<'static, str>, Cow<'static, str>) {
    let number = draw >> 16;
    if draw % 4 == 0 {
        let name = format!("ООО \"Тестовые перевозки {}\"", number % 1_000);
        (
            name.into(),
            format!("0000{:06}", number % 1_000_000).into(),
            format!("0000{:05}", number % 100_000).into(),
        )
    } else {
        let name = PEOPLE[pick(draw >> 2, PEOPLE.len() as u64)];
        (name.into(), format!("0000{:08}", number % 100_000_000).into(), "".into())
    }
}

fn auto(index: u64) -> Auto {
    let draw = hash(index, 5);
    let (marka, model, places) = VEHICLES[pick(draw >> 8, VEHICLES.len() as u64)];
    Auto {
        marka,
        model,
        gos_number: plate::print(index).into(),
        seats: if draw % 2 == 0 { places } else { "" },
        passenger: if draw % 3 == 0 { places } else { "" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 8, 26).unwrap()
    }

    fn all(index: u64) -> Vec<Found> {
        by_plate(index, plate::COUNT, day())
    }

    #[test]
    fn the_fleet_is_varied() {
        let found: Vec<_> = (0..4_000).flat_map(all).collect();
        let share = |count: usize| count * 100 / found.len();
        assert!((0..4_000).any(|index| all(index).is_empty()));
        assert!((0..4_000).any(|index| all(index).len() == 2));
        assert!((5..50).contains(&share(found.iter().filter(|one| one.auto.len() == 4).count())));
        assert!(
            (10..50)
                .contains(&share(found.iter().filter(|one| !one.policy.kpp.is_empty()).count()))
        );
        for text in ["", "25"] {
            assert!(found.iter().any(|one| one.auto[0].seats == text));
            assert!(found.iter().any(|one| one.auto[0].passenger == text));
        }
    }

    #[test]
    fn policy_and_vehicles_find_each_other() {
        for index in 0..4_000 {
            for found in all(index) {
                let number = &found.policy.number;
                let again = by_policy(number, plate::COUNT, day());
                assert_eq!(again, std::slice::from_ref(&found), "{number}");
                assert!(found.auto.iter().any(|auto| auto.gos_number == plate::print(index)));
                for auto in &found.auto {
                    let index = plate::parse(&auto.gos_number).unwrap();
                    assert!(all(index).contains(&found), "{number} of {}", auto.gos_number);
                }
            }
        }
    }

    #[test]
    fn the_documents_vehicles_share_no_policy() {
        for text in [Nsso::EXAMPLE_PLATE, Nsso::EMPTY_PLATE] {
            let index = plate::parse(text).unwrap();
            assert_eq!(leader(index), index);
            assert_ne!(leader(index - index % 4 + 1), index - index % 4);
        }
    }
}
