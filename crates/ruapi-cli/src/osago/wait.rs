//! Waiting for the end of what takes the partner a while.

use std::time::Duration;

use osago_offer::{Poller, Schedule};

use super::session::failed;
use crate::exit::Failure;
use crate::global::seconds;
use crate::interrupt;
use crate::wait::until_end;

#[derive(clap::Args)]
#[command(next_help_heading = "Waiting")]
pub(super) struct Wait {
    /// Wait for its end, then show it
    #[arg(long)]
    pub(super) wait: bool,
    /// How long between two questions; by default 1 for a calculation, which no partner wants shorter,
    /// and 5 for documents
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "wait")]
    wait_every: Option<Duration>,
    /// How long in all; by default 180 for a calculation, 300 for documents
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "wait")]
    wait_limit: Option<Duration>,
}

impl Wait {
    fn schedule(&self, usual: Schedule) -> Schedule {
        Schedule {
            first: self.wait_every.map_or(usual.first, |every| every.min(usual.first)),
            interval: self.wait_every.unwrap_or(usual.interval),
            deadline: self.wait_limit.unwrap_or(usual.deadline),
        }
    }

    /// The end; `again` is the command by which one can go on waiting.
    pub(super) async fn follow<S: Send + 'static>(
        &self,
        poller: Poller<S>,
        usual: Schedule,
        again: &str,
    ) -> Result<S, Failure> {
        let stop = interrupt::listen(|| {})?;
        until_end(poller.schedule(self.schedule(usual)), &stop, again, failed).await
    }
}
