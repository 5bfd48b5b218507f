//! Every operation of every client, through success, each fault, and servers that repeat what they were told:
//! what of it shows in the calls, the answers, the errors and the log.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use ruapi_core::Options;
use ruapi_core::test_util::{Captured, ManualClock, over_http};
use tracing::instrument::WithSubscriber;

use super::Hunt;
use super::echo::{Echo, Odd};
use super::log::capture;
use crate::Result;
use crate::faults::{Cell, cells, faults};
use crate::operations::{Access, Asked, Done, Operation, Site};

/// One call that is searched.
enum Call {
    /// A fault on the network.
    Cell(Cell),
    /// An odd answer.
    Odd(Arc<Operation>, Access, Odd),
}

fn calls() -> Result<Vec<Call>> {
    let mut calls: Vec<Call> =
        cells(crate::operations::all()?, faults()).into_iter().map(Call::Cell).collect();
    for operation in crate::operations::all()?.into_iter().map(Arc::new) {
        let asked = Asked { target: "/", before: u32::MAX, served: 0 };
        let good = serde_json::from_slice(&(operation.answer)(&asked).body).unwrap_or_default();
        let odds = Odd::echoes().into_iter().chain(Odd::wrongs(&good));
        let odds: Vec<Odd> = odds.collect();
        for access in operation.accesses() {
            for odd in &odds {
                calls.push(Call::Odd(operation.clone(), access, odd.clone()));
            }
        }
    }
    Ok(calls)
}

/// Makes all calls, on all processors.
pub(super) fn hunt(hunt: &Hunt) -> Result {
    let calls = calls()?;
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    std::thread::scope(|scope| {
        let working: Vec<_> = (0..threads)
            .map(|thread| {
                let share: Vec<&Call> = calls.iter().skip(thread).step_by(threads).collect();
                scope.spawn(move || make_some(hunt, &share).map_err(|error| error.to_string()))
            })
            .collect();
        working.into_iter().try_for_each(|thread| thread.join().expect("calls catch panics"))
    })?;
    Ok(())
}

/// One after the other, so that each has a log of its own.
fn make_some(hunt: &Hunt, calls: &[&Call]) -> Result {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let network = over_http()?;
        for call in calls {
            let (subscriber, log) = capture();
            let (title, making): (String, LocalBoxFuture<'_, Result<Done>>) = match call {
                Call::Cell(cell) => {
                    let making = async { Result::Ok(cell.call(&network).await?.1) };
                    (cell.title(), making.boxed_local())
                }
                Call::Odd(operation, access, odd) => {
                    let title = format!("{}, {access:?}: {odd:?}", operation.title());
                    (title, echoed(operation, *access, odd).boxed_local())
                }
            };
            let making = AssertUnwindSafe(making.with_subscriber(subscriber)).catch_unwind();
            match making.await {
                Ok(done) => search(hunt, &title, &done?, &log, !call.may_be_told()),
                Err(_) => hunt.note(format!("{title}: panics")),
            }
        }
        Ok(())
    })
}

async fn echoed(operation: &Arc<Operation>, access: Access, odd: &Odd) -> Result<Done> {
    let options = Options::new()
        .transport(Arc::new(Echo::new(operation, odd)))
        .clock(Arc::new(ManualClock::auto()));
    // Nobody is asked there: the transport answers.
    let site = Site { base_url: "http://127.0.0.1:1/".to_owned(), access, options };
    Ok(operation.call(&site).await)
}

impl Call {
    /// Whether the answer has planted values where a number, a state or a code should be: whoever asked is
    /// told those.
    fn may_be_told(&self) -> bool {
        matches!(self, Self::Odd(_, _, Odd::Wrong(..) | Odd::Error(200, _)))
    }
}

/// Places that show what was answered.
const ANSWERS: [&str; 4] = ["the answer", "items", "a bulk's row", "what a tracker tells"];

fn search(hunt: &Hunt, title: &str, done: &Done, log: &Captured, answers: bool) {
    for (place, text) in &done.shown {
        if answers || done.error.is_some() || !ANSWERS.contains(place) {
            hunt.search(place, title, text.as_bytes());
        }
    }
    hunt.search("the log", title, log.text().as_bytes());
}
