//! `cargo xtask faults`: every fault befalls every operation of every client, and what comes of it must be
//! what follows from the rules.

mod cell;
mod clock;
mod report;
mod rules;
mod script;
mod server;
mod table;

use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use ruapi_core::test_util::over_http;

use crate::Result;
pub(crate) use cell::{Cell, cells};
pub(crate) use table::faults;

/// How many cells a thread has under way at once.
const AT_ONCE: usize = 8;

/// A cell, and what is wrong with what came of it.
pub(crate) type Played = (Cell, Vec<String>);

pub(crate) fn run(arguments: &[&str]) -> Result {
    let check = match arguments {
        [] => false,
        ["--check"] => true,
        _ => return Err("usage: cargo xtask faults [--check]".into()),
    };
    let start = Instant::now();
    let cells = cells(crate::operations::all()?, faults());
    let played = play(&cells)?;
    let deviations = report::deviations(&played);
    println!("{} cells, {} deviations, {:.0?}", played.len(), deviations.len(), start.elapsed());
    // A table of what should not be is not written, and one that differs is the lesser news.
    if !deviations.is_empty() {
        return Err(deviations.join("\n").into());
    }
    let text = report::markdown(&played);
    println!("{text}");
    report::write(&text, check)
}

/// Plays all cells, on all processors.
fn play(cells: &[Cell]) -> Result<Vec<Played>> {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let share = |thread: usize| cells.iter().skip(thread).step_by(threads);
    let played = std::thread::scope(|scope| {
        let working: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || play_some(share(thread).cloned().collect())))
            .collect();
        working.into_iter().map(|thread| thread.join().expect("cells catch panics")).collect()
    });
    let played: std::result::Result<Vec<Vec<Played>>, String> = played;
    Ok(played?.into_iter().flatten().collect())
}

/// One thread for client and server, so that nothing depends on which of them is faster.
fn play_some(cells: Vec<Cell>) -> std::result::Result<Vec<Played>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let network = over_http().map_err(|error| error.to_string())?;
        let playing = futures_util::stream::iter(cells).map(|cell| {
            let network = Arc::clone(&network);
            async move {
                let wrong = cell.play(&network).await.map_err(|error| error.to_string())?;
                Ok((cell, wrong))
            }
        });
        let played: Vec<_> = playing.buffer_unordered(AT_ONCE).collect().await;
        played.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::Class;

    /// What is wrong with the cells of one operation, taken for one of this class.
    fn wrong(way: &str, class: Class, fault: &str) -> Vec<String> {
        let mut operations = crate::operations::all().unwrap();
        operations.retain(|operation| operation.title() == way);
        assert_eq!(operations.len(), 1, "{way}");
        operations[0].class = class;
        let faults = faults().into_iter().filter(|one| one.name == fault).collect();
        report::deviations(&play(&cells(operations, faults)).unwrap())
    }

    #[test]
    fn a_wrong_promise_is_noticed() {
        let billed = "nsso check_policy (by plate)";
        for fault in
            ["connection refused", "500", "reset within the body", "stalled after the head"]
        {
            assert_eq!(wrong(billed, Class::Billed, fault), [""; 0], "{fault}");
        }
        let asked = "shtrafovnet account";
        assert_eq!(wrong(asked, Class::Repeatable, "500"), [""; 0]);
        for (way, class, fault, what) in [
            (billed, Class::Repeatable, "500", "sent 1, not 8"),
            (billed, Class::BilledTryLater, "code 404 of NSSO", "sent 1, not 2"),
            (billed, Class::File, "garbage", "ends Failed"),
            (billed, Class::Deletion, "no body", "not Good"),
            (asked, Class::Makes, "stalled within the head", "sent 4, not 1"),
            (asked, Class::Makes, "503, Retry-After as a date", "ends Good"),
            ("epgu download", Class::Repeatable, "reset within the body", "sent 1, not 4"),
            ("epgu create_order", Class::MakesTryLater, "429", "sent 1, not 4"),
        ] {
            let wrong = wrong(way, class, fault).join("; ");
            assert!(wrong.contains(what), "{way} as {class:?}, {fault}: {wrong}");
        }
    }
}
