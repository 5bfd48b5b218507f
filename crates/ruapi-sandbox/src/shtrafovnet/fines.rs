//! Fines: which there are, and which of them are asked for.

use std::collections::BTreeSet;
use std::ops::Range;

use axum::http::StatusCode;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::call::{Answer, Call};
use super::error::{Errors, Refusal};
use super::facts::Facts;
use super::fine::Fine;
use super::form::{Item, parse_date, parse_time};
use super::input::{Query, digits};
use super::known::{self, Known};
use super::state::{Car, Fines, State};
use super::{fleet, page};
use crate::draw::{hash, hash_texts};

/// What is drawn from a car's documents is drawn with this salt.
const SALT: u64 = 301;

/// A car has at most as many drawn fines, and fewer than ten: the last digit of an id counts them.
const MOST_DRAWN: u64 = 7;

/// The fines of a car, as they are now; not those of the fleet.
fn of_car(car: &Car, state: &State, now: NaiveDateTime) -> Vec<Fine> {
    let read = |facts: Facts| {
        let payment = state.payments.get(&facts.id);
        facts.read(car, payment, now)
    };
    match car.fines {
        Fines::Drawn => {
            let Some(found) = car.first_check(now) else { return Vec::new() };
            let draw = hash(hash_texts(&[&car.cert, &car.reg]), SALT);
            let licensed = car.driver_license.is_some();
            (0..draw % (MOST_DRAWN + 1))
                .map(|at| Facts::drawn(car.id * 10 + at, hash(draw, at), found, licensed))
                .map(read)
                .collect()
        }
        Fines::Known => known::fines(car.id)
            .into_iter()
            .map(|known| match known {
                Known::Printed(fine) => *fine,
                Known::Made(facts) => read(facts),
            })
            .collect(),
        Fines::Fleet => Vec::new(),
    }
}

fn of_fleet(index: u64, car: &Car, state: &State, now: NaiveDateTime) -> Fine {
    fleet::facts(index).read(car, state.payments.get(&fleet::id(index)), now)
}

/// The unpaid fines of a car, not more than `most` of the fleet's.
pub(super) fn unpaid(car: &Car, state: &State, now: NaiveDateTime, most: usize) -> Vec<Fine> {
    if car.fines == Fines::Fleet {
        return (0..state.settings.fleet_fines)
            .map(|index| of_fleet(index, car, state, now))
            .filter(Fine::is_payable)
            .take(most)
            .collect();
    }
    let mut fines = of_car(car, state, now);
    fines.retain(Fine::is_payable);
    fines
}

/// How many unpaid fines a car has, and what they cost together.
pub(super) fn debt(car: &Car, state: &State, now: NaiveDateTime) -> (u64, i64) {
    if car.fines == Fines::Fleet {
        let count = state.settings.fleet_fines;
        let paid = state.payments.range(fleet::id(0)..fleet::id(count));
        let count = count - paid.filter(|(_, payment)| payment.at <= now).count() as u64;
        return (count, fleet::AMOUNT * count as i64);
    }
    let unpaid = unpaid(car, state, now, usize::MAX);
    (unpaid.len() as u64, unpaid.iter().map(|fine| fine.total_amount).sum())
}

/// A fine of one of this webmaster's cars.
pub(super) fn find(call: &Call<'_>, id: u64) -> Option<Fine> {
    if let Some(index) = fleet::index(id) {
        let car = call.car(fleet::CAR)?;
        let is_there = index < call.state.settings.fleet_fines;
        return is_there.then(|| of_fleet(index, car, call.state, call.now));
    }
    let car = call.car(known::car_of(id).unwrap_or(id / 10))?;
    of_car(car, call.state, call.now).into_iter().find(|fine| fine.id == id)
}

pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let fine = find(call, call.id()?).ok_or_else(Refusal::not_found)?;
    Ok(call.answer(StatusCode::OK, &fine.alone()))
}

/// Whose fines are listed: a user's can be chosen by cars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Of {
    User,
    Car,
}

/// From a time to a time, both inclusive.
#[derive(Clone, Copy, Debug, Default)]
struct Period {
    start: Option<NaiveDateTime>,
    end: Option<NaiveDateTime>,
}

impl Period {
    fn fits(self, time: NaiveDateTime) -> bool {
        self.start.is_none_or(|start| start <= time) && self.end.is_none_or(|end| time <= end)
    }

    /// The fines of the fleet that were created in it.
    fn of_fleet(self) -> Range<u64> {
        let start = self.start.map_or(0, fleet::before);
        let end = self.end.map_or(u64::MAX, |end| fleet::before(end + TimeDelta::seconds(1)));
        start..end
    }
}

/// The parameters of a list of fines.
#[derive(Debug, Default)]
pub(super) struct Filter {
    paid: Vec<String>,
    doc: Vec<String>,
    org: Vec<String>,
    fields: Vec<String>,
    started: Option<NaiveDate>,
    ended: Option<NaiveDate>,
    updated: Period,
    created: Period,
    cars: Vec<u64>,
    uins: Vec<String>,
    uin_search: Option<String>,
    filters: Vec<String>,
}

pub(super) const PAID: [&str; 4] = ["paid", "nopaid", "partpaid", "all"];
pub(super) const DOC: [&str; 5] = ["sts", "vu", "passport", "rawid", "all"];
pub(super) const ORG: [&str; 5] = ["gibdd", "ampp", "madi", "fssp", "all"];
pub(super) const FILTERS: [&str; 3] = ["discount", "expired", "pics"];

impl Filter {
    pub(super) fn read(query: &Query, of: Of) -> Result<Self, Refusal> {
        let mut errors = Errors::default();
        // "all" is the same as nothing.
        let choices = |name, allowed: &[&str], errors: &mut Errors| {
            let chosen = query.choices(name, allowed, errors);
            if chosen.contains(&"all") { Vec::new() } else { owned(&chosen) }
        };
        let period = |start, end, errors: &mut Errors| Period {
            start: query.parsed(start, parse_time, errors),
            end: query.parsed(end, parse_time, errors),
        };
        let mut filter = Self {
            paid: choices("paid", &PAID, &mut errors),
            doc: choices("doc", &DOC, &mut errors),
            org: choices("org", &ORG, &mut errors),
            fields: owned(&query.many("fields")),
            started: query.parsed("started", parse_date, &mut errors),
            ended: query.parsed("ended", parse_date, &mut errors),
            updated: period("update_started", "update_ended", &mut errors),
            created: period("create_started", "create_ended", &mut errors),
            cars: Vec::new(),
            uins: owned(&query.many("uins")),
            uin_search: query.one("uin_search").map(str::to_owned),
            filters: choices("filters", &FILTERS, &mut errors),
        };
        if of == Of::User {
            filter.cars = query.numbers("cars", &mut errors);
        }
        if filter.uins.iter().any(|uin| digits(uin).is_none() && !is_long_number(uin)) {
            errors.add("uins", super::error::INVALID);
        }
        errors.check()?;
        Ok(filter)
    }

    fn fits(&self, fine: &Fine) -> bool {
        let among = |chosen: &[String], value: &str| {
            chosen.is_empty() || chosen.iter().any(|one| one == value)
        };
        among(&self.paid, fine.paid_status)
            && among(&self.doc, fine.doc_type)
            && among(&self.org, fine.org)
            && self.started.is_none_or(|day| day <= fine.posted)
            && self.ended.is_none_or(|day| fine.posted <= day)
            && self.updated.fits(fine.updated)
            && self.created.fits(fine.created)
            && among(&self.uins, &fine.uin)
            && self.uin_search.as_ref().is_none_or(|part| fine.uin.contains(part))
            && self.filters.iter().all(|filter| match filter.as_str() {
                "discount" => fine.is_discount,
                "expired" => fine.is_expired,
                _ => !fine.pics.is_empty(),
            })
    }

    /// Whether more is asked than a period, which of the fleet can be computed.
    fn asks_more(&self) -> bool {
        self.started.is_some() || self.ended.is_some() || self.uin_search.is_some() || {
            let lists = [&self.paid, &self.doc, &self.org, &self.uins, &self.filters];
            lists.iter().any(|list| !list.is_empty())
        }
    }

    /// With the chosen fields, and `id`; names that no fine has are passed over.
    fn print(&self, fine: Fine) -> Item {
        let mut item = fine.in_list();
        if !self.fields.is_empty() {
            item.fields
                .retain(|(name, _)| *name == "id" || self.fields.iter().any(|field| field == name));
        }
        item
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The number of a decision has 20 or 25 digits, more than a number of the machine.
fn is_long_number(text: &str) -> bool {
    text.len() <= 25 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The fleet's fines that fit: all of a range, or some.
enum FleetFines {
    All(Range<u64>),
    Some(Vec<u64>),
}

impl FleetFines {
    fn len(&self) -> u64 {
        match self {
            Self::All(range) => range.end - range.start,
            Self::Some(indexes) => indexes.len() as u64,
        }
    }

    fn get(&self, at: u64) -> u64 {
        match self {
            Self::All(range) => range.start + at,
            Self::Some(indexes) => indexes[at as usize],
        }
    }
}

fn choose_of_fleet(call: &Call<'_>, car: &Car, filter: &Filter) -> FleetFines {
    let (state, now) = (&*call.state, call.now);
    let (updated, created) = (filter.updated.of_fleet(), filter.created.of_fleet());
    let paid = state.payments.range(fleet::ids()).next().is_some();
    let end = created.end.min(state.settings.fleet_fines);
    // What was paid was updated after its creation.
    let (start, end) = match paid {
        true => (created.start, end),
        false => (created.start.max(updated.start), end.min(updated.end)),
    };
    let range = start.min(end)..end;
    if paid || filter.asks_more() {
        let fits = |index: &u64| filter.fits(&of_fleet(*index, car, state, now));
        FleetFines::Some(if filter.uins.is_empty() {
            range.filter(fits).collect()
        } else {
            let named: BTreeSet<_> =
                filter.uins.iter().filter_map(|uin| fleet::index_of_uin(uin)).collect();
            named.into_iter().filter(|index| range.contains(index)).filter(fits).collect()
        })
    } else {
        FleetFines::All(range)
    }
}

/// A page of the fines of these cars.
pub(super) fn answer(call: &Call<'_>, cars: &[&Car], filter: &Filter) -> Answer {
    let (state, now) = (&*call.state, call.now);
    let chosen = |car: &&&Car| filter.cars.is_empty() || filter.cars.contains(&car.id);
    let cars: Vec<&Car> = cars.iter().filter(chosen).copied().collect();
    let ordinary: Vec<Fine> = cars
        .iter()
        .flat_map(|car| of_car(car, state, now))
        .filter(|fine| filter.fits(fine))
        .collect();
    let fleet_car = cars.iter().find(|car| car.fines == Fines::Fleet);
    let of_fleet_chosen = fleet_car.map(|car| (*car, choose_of_fleet(call, car, filter)));
    let first = ordinary.len() as u64;
    let total = first + of_fleet_chosen.as_ref().map_or(0, |(_, fines)| fines.len());
    page::answer(call, "fines", total, |range| {
        let mut items = Vec::new();
        let fleet_range = range.start.max(first)..range.end.max(first);
        for (at, fine) in ordinary.into_iter().enumerate() {
            if range.contains(&(at as u64)) {
                items.push(filter.print(fine));
            }
        }
        if let Some((car, fines)) = &of_fleet_chosen {
            items.extend(
                fleet_range
                    .map(|at| filter.print(of_fleet(fines.get(at - first), car, state, now))),
            );
        }
        items
    })
}
