//! `cherehapa-types`: its own benchmark, which counts the allocations of a program of its own.

use std::process::Command;

use super::{Bench, Row};
use crate::Result;

pub(crate) const BENCHES: &[(&str, Bench)] = &[
    ("cherehapa quote", |_| Box::pin(async { quote("whole products") })),
    ("cherehapa quote without debugging", |_| {
        Box::pin(async { quote("without the parts for debugging") })
    }),
];

/// The line of the benchmark's table that begins so.
fn quote(which: &str) -> Result<Row> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output =
        Command::new(cargo).args(["bench", "--quiet", "-p", "cherehapa-types"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find(|line| line.starts_with(&format!("| {which}")));
    let cells: Vec<&str> = line.ok_or("no such line")?.split('|').map(str::trim).collect();
    let [_, what, speed, times, kept, peak, ..] = cells[..] else {
        return Err("another table".into());
    };
    let ratio: f64 = speed.parse()?;
    let memory = |cell: &str| cell.split(':').next().and_then(|ratio| ratio.parse::<f64>().ok());
    let most = [kept, peak].into_iter().filter_map(memory).fold(0.0, f64::max);
    Ok(Row {
        what: format!("cherehapa: decode a quote, {what} (speed)"),
        baseline: "strict derive",
        ratio,
        target: "≥ 0.85",
        met: ratio >= 0.85 && most <= 1.5,
        more: format!("{times}; memory {most:.2} of its (at most 1.5)"),
    })
}
