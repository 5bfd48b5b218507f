//! What walking over lists has in common: where a walk stands, and when it must end.

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use ruapi_core::{Error, Page};

/// How many pages back a walk remembers what it gave.
const REMEMBERED: usize = 20;
/// How many pages in a row may bring nothing new, if the list grew meanwhile.
const MOST_BARREN: u32 = 20;
/// How many, in a list that moves but did not grow: things in it may have changed their places.
const PATIENT: u32 = 3;
/// No list has so many pages.
const MOST_PAGES: u64 = 1_000_000;

/// Where a walk stands: the page to ask for, in which part of what was asked, and how much of that
/// part lies before it. The last is counted, not computed, because a server may have smaller pages
/// than it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) part: usize,
    pub(crate) page: u64,
    pub(crate) received: u64,
}

impl Place {
    /// The place of this name, which was made by [`name`](Self::name); `first` without one.
    pub(crate) fn named(name: Option<&str>, first: Self) -> Result<Self, Error> {
        let Some(name) = name else { return Ok(first) };
        let mut numbers = name.split('.').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let place = match (next(), next(), next(), next()) {
            (Some(part), Some(page), Some(received), None) => usize::try_from(part)
                .ok()
                .filter(|_| page <= MOST_PAGES && name.split('.').count() == 3)
                .map(|part| Self { part, page, received }),
            _ => None,
        };
        place.ok_or_else(|| Error::input("continuation", "not a continuation of this list"))
    }

    pub(crate) fn name(self) -> String {
        format!("{}.{}.{}", self.part, self.page, self.received)
    }

    /// The page after this one, which has so many items.
    pub(crate) fn after(self, items: u64) -> Self {
        Self { page: self.page + 1, received: self.received.saturating_add(items), ..self }
    }
}

/// What a walk over a list remembers of it.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    first_total: Option<u64>,
    total: Option<u64>,
    /// How many pages in a row may bring nothing new.
    patience: u32,
    barren: u32,
    /// Hashes of what was given last, page by page.
    recent: VecDeque<Vec<u64>>,
    given: HashSet<u64>,
    hasher: RandomState,
}

impl Walk {
    /// A walk over a list that moves while it is read.
    pub(crate) fn patient() -> Self {
        Self { patience: PATIENT, ..Self::default() }
    }

    /// What is on a page and was not given lately. Refused: a page that repeats earlier ones, a list
    /// without an end.
    pub(crate) fn take<T, K: Hash>(
        &mut self,
        place: Place,
        mut items: Vec<T>,
        total: Option<u64>,
        key: impl Fn(&T) -> K,
    ) -> Result<Vec<T>, String> {
        let received = items.len() as u64;
        let page = place.page;
        let grew = self.total.zip(total).is_some_and(|(before, now)| now > before);
        self.total = total.or(self.total);
        let first = *self.first_total.get_or_insert(total.unwrap_or(u64::MAX / 4));
        // It may grow while it is read, but not faster than it is read.
        let longest = first.saturating_mul(2).saturating_add(10_000);
        if page >= MOST_PAGES || place.received.saturating_add(received) > longest {
            return Err(format!("page {page} goes on and on: no end in sight"));
        }
        let mut hashes = Vec::with_capacity(items.len());
        items.retain(|item| {
            let hash = self.hasher.hash_one(key(item));
            let is_new = self.given.insert(hash);
            hashes.extend(is_new.then_some(hash));
            is_new
        });
        self.recent.push_back(hashes);
        if self.recent.len() > REMEMBERED {
            for old in self.recent.pop_front().unwrap_or_default() {
                self.given.remove(&old);
            }
        }
        if received > 0 && items.is_empty() {
            self.barren += 1;
            if self.barren > if grew { MOST_BARREN } else { self.patience } {
                return Err(format!("page {page} repeats what an earlier one had"));
            }
        } else {
            self.barren = 0;
        }
        Ok(items)
    }

    /// How long the list is, by what a page said last.
    pub(crate) fn total(&self) -> Option<u64> {
        self.total
    }

    /// A new part of what was asked begins: its total is another.
    pub(crate) fn begin_part(&mut self) {
        self.first_total = None;
        self.total = None;
    }
}

/// A page with the places that follow.
pub(crate) fn page<T>(items: Vec<T>, next: Option<Place>, after_next: Option<Place>) -> Page<T> {
    Page::new(items, next.map(Place::name)).after_next(after_next.map(Place::name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Place = Place { part: 0, page: 0, received: 0 };

    #[test]
    fn places_survive_as_names_and_nothing_else_is_one() {
        let place = Place { part: 2, page: 7, received: 1400 };
        assert_eq!(Place::named(Some(&place.name()), FIRST).unwrap(), place);
        assert_eq!(Place::named(None, FIRST).unwrap(), FIRST);
        for name in
            ["", "7", "0.7", "0.7.1.2", "0.7.x", "-1.0.0", "0.99999999999.0", "0..1", "0.1.2."]
        {
            assert!(Place::named(Some(name), FIRST).unwrap_err().is_input(), "{name}");
        }
    }

    #[test]
    fn what_moved_to_a_later_page_is_not_given_again() {
        let mut walk = Walk::default();
        let mut take = |place: Place, items: &[u32], total| {
            walk.take(place, items.to_vec(), Some(total), |item| *item)
        };
        assert_eq!(take(FIRST, &[1, 2, 3], 6).unwrap(), [1, 2, 3]);
        // One came in before: the list moved by one.
        let second = FIRST.after(3);
        assert_eq!(take(second, &[3, 4, 5], 7).unwrap(), [4, 5]);
        // A whole page came in.
        assert_eq!(take(second.after(3), &[3, 4, 5], 10).unwrap(), [] as [u32; 0]);
        assert!(take(second.after(6), &[3, 4, 5], 10).unwrap_err().contains("repeats"));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut walk = Walk::default();
        let mut place = FIRST;
        for page in 0..1000_u64 {
            walk.take(place, vec![page], None, |item| *item).unwrap();
            place = place.after(1);
            assert!(walk.given.len() <= REMEMBERED && walk.recent.len() <= REMEMBERED);
        }
    }

    #[test]
    fn a_list_that_never_ends_is_an_error() {
        let mut walk = Walk::default();
        let mut place = FIRST;
        let mut number = 0_u64;
        let error = loop {
            let items: Vec<u64> = (number..number + 100).collect();
            number += 100;
            match walk.take(place, items, Some(number + 1), |item| *item) {
                Ok(_) => place = place.after(100),
                Err(error) => break error,
            }
        };
        assert!(error.contains("no end in sight"), "{error}");
        assert!(place.received < 11_000);
    }
}
