//! Looks for everything that was planted, in every spelling, at once.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use ruapi_core::test_util::{Planted, Spelling, readings};

use crate::Result;

/// Planted values to be looked for.
pub(crate) struct Search {
    values: Vec<Planted>,
    /// Of each pattern: the value, and its spelling.
    patterns: Vec<(usize, Spelling)>,
    automaton: AhoCorasick,
}

impl Search {
    pub(crate) fn new(values: impl IntoIterator<Item = &'static str>) -> Result<Self> {
        let values: Vec<Planted> = values.into_iter().map(Planted::new).collect();
        let spellings = values.iter().enumerate();
        let patterns: Vec<(usize, Spelling)> = spellings
            .flat_map(|(n, value)| value.spellings().iter().map(move |one| (n, one.clone())))
            .collect();
        let automaton = AhoCorasick::new(patterns.iter().map(|(_, (text, _))| text))?;
        Ok(Self { values, patterns, automaton })
    }

    /// How many values, and in how many spellings.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.values.len(), self.patterns.len())
    }

    /// The values that a text shows, and how.
    pub(crate) fn found_in(&self, text: &[u8]) -> BTreeMap<&str, &'static str> {
        let mut found = BTreeMap::new();
        for reading in readings(text) {
            for hit in self.automaton.find_overlapping_iter(reading.text()) {
                let (value, (_, spelling)) = &self.patterns[hit.pattern().as_usize()];
                found.entry(self.values[*value].value()).or_insert(reading.name_of(spelling));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_are_found_at_once() {
        let search = Search::new(["Планов", "planted-1"]).unwrap();
        let text = br"q=%d0%bf%d0%bb%d0%b0%d0%bd%d0%be%d0%b2 cGxhbnRlZC0x \u043f";
        let found = search.found_in(text);
        assert_eq!(
            found,
            BTreeMap::from([("Планов", "percent-encoded"), ("planted-1", "in base64")])
        );
        assert!(search.found_in("Плано planted-2".as_bytes()).is_empty());
    }
}
