//! Waiting for the end of what takes the service a while.

use std::time::Duration;

use shtrafovnet_client::{Poller, Schedule};

use super::session::failed;
use crate::exit::Failure;
use crate::global::seconds;
use crate::interrupt::{self, Stop};
use crate::wait::until_end;

#[derive(clap::Args)]
#[command(next_help_heading = "Waiting")]
pub(super) struct Wait {
    /// Wait for its end, then show it
    #[arg(long)]
    pub(super) wait: bool,
    /// How long before the first question; by default 30 for a scan, 10 for an invoice
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "wait")]
    wait_first: Option<Duration>,
    /// How long between two questions, not less than 10, please; by default 12 for a scan, 10 for an
    /// invoice
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "wait")]
    wait_every: Option<Duration>,
    /// How long in all; by default 600 for a scan, 3600 for an invoice
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "wait")]
    wait_limit: Option<Duration>,
}

impl Wait {
    fn schedule(&self, usual: Schedule) -> Schedule {
        Schedule {
            first: self.wait_first.unwrap_or(usual.first),
            interval: self.wait_every.unwrap_or(usual.interval),
            deadline: self.wait_limit.unwrap_or(usual.deadline),
        }
    }

    /// Listens for Ctrl-C from now on.
    pub(super) fn listen() -> Result<Stop, Failure> {
        interrupt::listen(|| {})
    }

    /// The end; `again` is the command by which one can go on waiting.
    pub(super) async fn follow<S: Send + 'static>(
        &self,
        stop: &Stop,
        poller: Poller<S>,
        usual: Schedule,
        again: &str,
    ) -> Result<S, Failure> {
        until_end(poller.schedule(self.schedule(usual)), stop, again, failed).await
    }
}
