//! Waiting for the end of what takes a service a while.

use ruapi_core::{Error, Kind, Poller};

use crate::exit::Failure;
use crate::interrupt::Stop;
use crate::output::Plain;

/// The end; `again` is the command by which one can go on waiting.
pub(crate) async fn until_end<S: Send + 'static>(
    poller: Poller<S>,
    stop: &Stop,
    again: &str,
    failed: fn(Error) -> Failure,
) -> Result<S, Failure> {
    let advice = format!("what was waited for goes on; to wait again: {}", Plain(again));
    match stop.or(poller.into_future()).await {
        None => Err(Failure::interrupted("stopped waiting").with_advice(advice)),
        Some(Ok(end)) => Ok(end),
        // The end of our own patience, not of an attempt to ask.
        Some(Err(error)) if error.kind() == Kind::Timeout && error.attempts() == 0 => {
            Err(Failure::later(error.to_string()).with_advice(advice))
        }
        // Nothing was asked.
        Some(Err(error)) if error.attempts() == 0 => Err(failed(error)),
        Some(Err(error)) => Err(failed(error).with_advice(advice)),
    }
}
