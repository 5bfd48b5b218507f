//! Every operation of every client, through success, each fault, and servers that repeat what they were told:
//! what of it shows in the calls, the answers, the errors and the log.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use ruapi_core::Options;
use ruapi_core::test_util::{ManualClock, over_http};

use super::Hunt;
use super::echo::{Echo, Odd};
use super::log::{self, Ear};
use crate::Result;
use crate::faults::{Cell, cells, faults};
use crate::operations::{Access, Asked, Class, Done, Operation, Site};

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
    let ear = Ear::default();
    ear.runtime()?.block_on(async {
        let network = over_http()?;
        for call in calls {
            let log = ear.call();
            let (title, making): (String, LocalBoxFuture<'_, Result<(u32, Done)>>) = match call {
                Call::Cell(cell) => {
                    let making = async {
                        let (script, done) = cell.call(&network).await?;
                        let sent = script.notes().all();
                        Result::Ok((sent, done))
                    };
                    (cell.title(), making.boxed_local())
                }
                Call::Odd(operation, access, odd) => {
                    let title = format!("{}, {access:?}: {odd:?}", operation.title());
                    (title, echoed(operation, *access, odd).boxed_local())
                }
            };
            match AssertUnwindSafe(making).catch_unwind().await {
                Ok(made) => {
                    let (sent, done) = made?;
                    search(hunt, &title, &done, !call.may_be_told());
                    let log = log.text();
                    hunt.search("the log", &title, log.as_bytes());
                    if !is_heard(call.operation(), sent, &log) {
                        hunt.note(format!("{title}: {sent} requests, which its log does not tell"));
                    }
                }
                Err(_) => hunt.note(format!("{title}: panics")),
            }
        }
        Ok(())
    })
}

/// Whether the log is that of the call: it tells of each request.
fn is_heard(operation: &Operation, sent: u32, log: &str) -> bool {
    // A redirect that is followed belongs to the request that was redirected.
    let least = if operation.class == Class::File { sent.min(1) } else { sent };
    log::requests(log) >= least as usize
}

/// How many requests were sent, and what came of them.
async fn echoed(operation: &Arc<Operation>, access: Access, odd: &Odd) -> Result<(u32, Done)> {
    let echo = Arc::new(Echo::new(operation, odd));
    let options = Options::new().transport(echo.clone()).clock(Arc::new(ManualClock::auto()));
    // Nobody is asked there: the transport answers.
    let site = Site { base_url: "http://127.0.0.1:1/".to_owned(), access, options };
    let done = operation.call(&site).await;
    Ok((echo.sent(), done))
}

impl Call {
    fn operation(&self) -> &Operation {
        match self {
            Self::Cell(cell) => &cell.operation,
            Self::Odd(operation, ..) => operation,
        }
    }

    /// Whether the answer has planted values where a number, a state or a code should be: whoever asked is
    /// told those.
    fn may_be_told(&self) -> bool {
        matches!(self, Self::Odd(_, _, Odd::Wrong(..) | Odd::Error(200, _)))
    }
}

/// Places that show what was answered.
const ANSWERS: [&str; 4] = ["the answer", "items", "a bulk's row", "what a tracker tells"];

fn search(hunt: &Hunt, title: &str, done: &Done, answers: bool) {
    for (place, text) in &done.shown {
        if answers || done.error.is_some() || !ANSWERS.contains(place) {
            hunt.search(place, title, text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_of_every_call_is_in_its_log() {
        log::listen();
        let ear = Ear::default();
        let runtime = ear.runtime().unwrap();
        let good = Odd::good();
        for operation in crate::operations::all().unwrap().into_iter().map(Arc::new) {
            for access in operation.accesses() {
                let log = ear.call();
                let (sent, _) = runtime.block_on(echoed(&operation, access, &good)).unwrap();
                let title = operation.title();
                assert!(sent > 0, "{title}");
                assert!(is_heard(&operation, sent, &log.text()), "{title}: {}", log.text());
                assert!(!is_heard(&operation, sent, ""), "{title}");
            }
        }
    }
}
