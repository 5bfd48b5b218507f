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
use cell::Cell;

pub(crate) use cell::cells;
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
    let text = report::markdown(&played);
    report::write(&text, check)?;
    println!("{text}");
    let count = played.len();
    println!("{count} cells, {} deviations, {:.0?}", deviations.len(), start.elapsed());
    match deviations.is_empty() {
        true => Ok(()),
        false => Err(deviations.join("\n").into()),
    }
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
