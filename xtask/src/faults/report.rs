//! The table of faults, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::Played;
use super::rules::{End, Times};
use crate::Result;
use crate::operations::{Class, Details};

const PREFACE: &str = "\
# What comes of each fault

Written by `cargo xtask faults`, which plays every fault to every operation of every client over a real
connection, with a clock that is moved, and holds what comes of it against the rules of retrying.

Each entry says how often the request is sent and how the call ends: first where the fault befalls only the
first attempt, then where it befalls all of them; one entry alone holds for both. A `?` means that the
error says that the server may have acted. `or`: some clients try more often, or have less time; of a 401,
that there is a fresh token to be had or not.

";

/// How a class is called at the head of its column.
fn name(class: Class) -> &'static str {
    match class {
        Class::Billed => "billed",
        Class::BilledTryLater => "billed, try later",
        Class::Repeatable => "may be repeated",
        Class::Deletion => "deletion",
        Class::Walk => "walk, second page",
        Class::File => "file",
        Class::Makes => "makes something",
        Class::MakesSilently => "cancels",
        Class::MakesTryLater => "makes, try later",
        Class::Login => "login before it makes",
        Class::Chunk => "chunk",
        Class::LastChunk(Details::Arrived) => "last chunk, which arrived",
        Class::LastChunk(Details::Missing) => "last chunk, which did not, sent again on demand",
        Class::LastChunk(Details::Unknown) => "last chunk, not known",
    }
}

pub(crate) fn deviations(played: &[Played]) -> Vec<String> {
    let wrong = played.iter().filter(|(_, wrong)| !wrong.is_empty());
    wrong.map(|(cell, wrong)| format!("{}: {}", cell.title(), wrong.join("; "))).collect()
}

pub(crate) fn markdown(played: &[Played]) -> String {
    let classes: BTreeSet<Class> = played.iter().map(|(cell, _)| cell.operation.class).collect();
    let mut text = PREFACE.to_owned();
    let mut line = |entries: Vec<String>| {
        let _ = writeln!(text, "| {} |", entries.join(" | "));
    };
    let heads = classes.iter().map(|class| name(*class).to_owned());
    line(["fault".to_owned()].into_iter().chain(heads).collect());
    line(vec!["---".to_owned(); classes.len() + 1]);

    let mut faults = Vec::new();
    for (cell, _) in played {
        if !faults.contains(&&cell.fault) {
            faults.push(&cell.fault);
        }
    }
    let order = super::faults();
    faults.sort_by_key(|fault| order.iter().position(|one| *one == ***fault));
    for fault in faults {
        let entries = classes.iter().map(|class| entry(played, &fault.name, *class));
        line([fault.name.clone()].into_iter().chain(entries).collect());
    }
    let count = |of: fn(&Played) -> bool, class| {
        let of_class = played.iter().filter(|played| played.0.operation.class == class);
        of_class.filter(|played| of(played)).count().to_string()
    };
    let counts = classes.iter().map(|class| count(|_| true, *class));
    line(["*cells*".to_owned()].into_iter().chain(counts).collect());
    let wrong = classes.iter().map(|class| count(|(_, wrong)| !wrong.is_empty(), *class));
    line(["*deviations*".to_owned()].into_iter().chain(wrong).collect());
    text
}

/// What comes of one fault of one class of operations.
fn entry(played: &[Played], fault: &str, class: Class) -> String {
    let mut ends: BTreeMap<Times, BTreeSet<String>> = BTreeMap::new();
    for (cell, _) in played {
        if cell.fault.name != fault || cell.operation.class != class {
            continue;
        }
        let expected = cell.expected();
        let end = match expected.end {
            End::Good => "good".to_owned(),
            End::Failed { kind, maybe_processed } => {
                format!("{kind:?}{}", if maybe_processed { "?" } else { "" })
            }
        };
        ends.entry(cell.times).or_default().insert(format!("{}× {end}", expected.sent));
    }
    let joined = |ends: &BTreeSet<String>| ends.iter().cloned().collect::<Vec<_>>().join(" or ");
    let mut texts: Vec<String> = ends.values().map(joined).collect();
    texts.dedup();
    if texts.is_empty() { "–".to_owned() } else { texts.join(" / ") }
}

pub(crate) fn write(text: &str, check: bool) -> Result {
    let path = crate::root().join("xtask/FAULTS.md");
    if !check {
        return Ok(std::fs::write(path, text)?);
    }
    match std::fs::read_to_string(path)? == text {
        true => Ok(()),
        false => Err("xtask/FAULTS.md is out of date: `cargo xtask faults` writes it anew".into()),
    }
}
