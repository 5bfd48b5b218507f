//! `ruapi epgu order watch`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use chrono::Utc;
use epgu_gusmev::{OrderId, OrderInfo, Tracked, Tracker, TrackerState};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::{listed, order_id};
use super::session::{Context, Need, Session};
use super::state::StateFile;
use super::text::Describe;
use crate::exit::{self, Failure};
use crate::global::{Format, seconds};
use crate::interrupt::Stop;
use crate::output::Plain;
use crate::{interrupt, output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The applications' numbers
    #[arg(value_parser = order_id)]
    orders: Vec<OrderId>,
    /// More numbers, one a line; `-` reads standard input
    #[arg(long, value_name = "FILE|-")]
    from: Option<PathBuf>,
    /// Keep what was told, so that the next run goes on from there; the first run makes the file
    ///
    /// What is over is remembered there as well, and not told again even if its number is given again. A
    /// line is printed first and kept then; one that nobody reads, because of a closed pipe, is printed
    /// again. After a kill the last changes may be printed once more; an end only if the kill came between
    /// its line and the file. One run at a time keeps a file.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// How long between the end of one round of questions and the next
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "60")]
    interval: Duration,
    /// Ask once, and end
    #[arg(long)]
    once: bool,
}

/// What is kept between runs.
#[derive(Default, Deserialize)]
struct Kept {
    tracker: TrackerState,
    /// The applications whose end was told.
    over: BTreeSet<OrderId>,
}

/// The same, to be written.
#[derive(Serialize)]
struct Keep<'a> {
    tracker: &'a TrackerState,
    over: &'a BTreeSet<OrderId>,
}

/// A line that is added for every end that is told.
#[derive(Serialize, Deserialize)]
struct Over {
    over: OrderId,
}

impl Args {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Token).await?;
        let open = |path| StateFile::open(path, &session.base_url, "watch");
        let mut file = self.state.as_deref().map(open).transpose()?;
        let kept: Option<Kept> = file.as_ref().map_or(Ok(None), StateFile::load)?;
        let goes_on = kept.is_some() && self.orders.is_empty() && self.from.is_none();
        let Kept { mut tracker, mut over } = kept.unwrap_or_default();
        for Over { over: order } in file.as_ref().map_or(Ok(Vec::new()), StateFile::added)? {
            tracker.remove(order);
            over.insert(order);
        }
        if !goes_on {
            let orders = listed(&self.orders, self.from.as_deref())?;
            orders.into_iter().filter(|order| !over.contains(order)).for_each(|it| tracker.add(it));
        }
        let tracker = session.client.track(tracker);
        let stop = interrupt::listen(|| {})?;
        let mut watch = Watch { session: &session, stop: &stop, tracker, over, file: file.take() };
        watch.keep()?;
        watch.follow(self).await
    }
}

struct Watch<'a> {
    session: &'a Session<'a>,
    stop: &'a Stop,
    tracker: Tracker,
    over: BTreeSet<OrderId>,
    file: Option<StateFile<'a>>,
}

impl Watch<'_> {
    async fn follow(&mut self, args: &Args) -> Result<u8, Failure> {
        let mut failed_at_last = None;
        while !self.tracker.state().is_empty() {
            failed_at_last = None;
            // A round.
            loop {
                match self.stop.or(self.tracker.next()).await {
                    None => {
                        self.keep()?;
                        return self.stopped();
                    }
                    Some(Ok(None)) => break,
                    Some(Ok(Some(event))) => {
                        if let Tracked::Failed(order, error) = &event {
                            let failure = self.session.failed_walk(error, Utc::now(), Some(*order));
                            let text = format!("application {order}: {failure}");
                            output::notice(self.session.format, &text);
                            failed_at_last = Some(failure.exit_code());
                            continue;
                        }
                        let is_read = self.tell(&event);
                        if !matches!(is_read, Ok(true)) {
                            self.keep_untold(&event)?;
                            is_read?;
                            return self.stopped();
                        }
                        self.note(&event)?;
                    }
                    Some(Err(error)) => {
                        let hopeless = error.is_credential() || error.is_input();
                        let failure = self.session.failed_walk(&error, Utc::now(), None);
                        if hopeless || args.once {
                            self.keep()?;
                            return Err(failure);
                        }
                        failure.show(self.session.format);
                        failed_at_last = Some(failure.exit_code());
                        break;
                    }
                }
            }
            self.keep()?;
            if args.once {
                break;
            }
            if !self.tracker.state().is_empty()
                && self.stop.or(tokio::time::sleep(args.interval)).await.is_none()
            {
                return self.stopped();
            }
        }
        self.keep()?;
        Ok(failed_at_last.unwrap_or(exit::OK))
    }

    /// Prints an event; `false`: nobody reads any more.
    fn tell(&self, event: &Tracked) -> Result<bool, Failure> {
        let (order, what, info) = match event {
            Tracked::Final(order, info) => (order, "final", Some(info)),
            Tracked::Changed(order, info) => (order, "changed", Some(info)),
            Tracked::NotFound(order) => (order, "not_found", None),
            Tracked::GivenUp(order) => (order, "given_up", None),
            _ => return Ok(true),
        };
        let text = match self.session.format {
            Format::Human => {
                let status = info.map(|info| short(info)).unwrap_or_default();
                format!("{order:<12} {what:<10} {}", Plain(&status))
            }
            Format::Json => {
                let details = info.map_or(Value::Null, |info| json!(info));
                output::to_json(&json!({"orderId": order, "event": what, "details": details}))
            }
        };
        output::try_line(text.trim_end())
    }

    /// Keeps that an event was told.
    fn note(&mut self, event: &Tracked) -> Result<(), Failure> {
        if let Tracked::Final(order, _) | Tracked::GivenUp(order) = event {
            self.over.insert(*order);
            return self.file.as_ref().map_or(Ok(()), |file| file.add(&Over { over: *order }));
        }
        let keep = Keep { tracker: self.tracker.state(), over: &self.over };
        self.file.as_mut().map_or(Ok(()), |file| file.save_now_and_then(&keep))
    }

    fn keep(&mut self) -> Result<(), Failure> {
        let keep = Keep { tracker: self.tracker.state(), over: &self.over };
        self.file.as_mut().map_or(Ok(()), |file| file.save(&keep))
    }

    /// Keeps that everything but this event was told.
    fn keep_untold(&mut self, event: &Tracked) -> Result<(), Failure> {
        let mut tracker = self.tracker.state().clone();
        if let Tracked::Final(order, _)
        | Tracked::Changed(order, _)
        | Tracked::NotFound(order)
        | Tracked::GivenUp(order) = event
        {
            tracker.remove(*order);
            tracker.add(*order);
        }
        let keep = Keep { tracker: &tracker, over: &self.over };
        self.file.as_mut().map_or(Ok(()), |file| file.save(&keep))
    }

    /// Whoever stops it can go on later.
    fn stopped(&self) -> Result<u8, Failure> {
        let left = self.tracker.state().len();
        let failure = Failure::interrupted(format!("stopped; {left} applications are not over"));
        Err(match self.file {
            Some(_) => failure.with_advice("the same command goes on from here"),
            None => failure,
        })
    }
}

/// The state and the status, on one line.
fn short(info: &OrderInfo) -> String {
    let text = info.text();
    let lines = text.lines().map(str::trim);
    let wanted = lines.enumerate().filter(|(n, line)| *n == 0 || line.starts_with("Status"));
    let parts = wanted.map(|(_, line)| line.trim_start_matches("Status").trim().to_owned());
    parts.collect::<Vec<_>>().join(": ")
}
