//! `ruapi epgu order updated`.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use epgu_gusmev::SyncCursor;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use super::input::instant;
use super::session::{Context, Need};
use super::state::StateFile;
use super::text::Describe;
use crate::exit::{self, Failure};
use crate::global::{Format, seconds};
use crate::{interrupt, output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What changed after this: a day, YYYY-MM-DD HH:MM:SS (Moscow's time), or RFC 3339
    #[arg(long, value_name = "MOMENT", value_parser = instant, required_unless_present = "state")]
    after: Option<DateTime<Utc>>,
    /// Keep up to where this got, so that the next run tells only what is new; the first run makes it
    ///
    /// A change is printed first and kept then: after a kill in between it is printed once more.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Go on for ever instead of ending with the list
    #[arg(long)]
    follow: bool,
    /// How long between two looks at the list
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "30", requires = "follow")]
    interval: Duration,
    /// How many on a page; the pages are walked over by themselves
    #[arg(long, value_name = "N")]
    page_size: Option<u64>,
}

#[derive(Deserialize)]
struct Cursor {
    cursor: SyncCursor,
}

/// The same, to be written.
#[derive(Serialize)]
struct Keep<'a> {
    cursor: &'a SyncCursor,
}

impl Args {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Token).await?;
        let open = |path| StateFile::open(path, &session.base_url, "updated");
        let mut file = self.state.as_deref().map(open).transpose()?;
        let kept: Option<Cursor> = file.as_ref().map_or(Ok(None), StateFile::load)?;
        let cursor = match (kept, self.after) {
            (Some(_), Some(_)) => {
                let message =
                    "--after is for the first run, and the file of --state is there already";
                return Err(Failure::input(message));
            }
            (Some(kept), None) => kept.cursor,
            (None, Some(after)) => SyncCursor::new(after),
            (None, None) => return Err(Failure::input("the first run needs --after MOMENT")),
        };
        let mut updates = session.client.order_updates(cursor);
        if self.follow {
            updates = updates.every(self.interval);
        }
        if let Some(size) = self.page_size {
            updates = updates.page_size(size);
        }
        let stop = interrupt::listen(|| {})?;
        let mut unread = None;
        let end = loop {
            let asked = Utc::now();
            let Some(Some(next)) = stop.or(updates.next()).await else { break Ok(()) };
            let found = match next {
                Ok(found) => found,
                // Who follows goes on after a network's failure; the credential does not mend itself.
                Err(error) if self.follow && !error.is_credential() && !error.is_input() => {
                    session.failed_walk(&error, Utc::now(), None).show(session.format);
                    continue;
                }
                Err(error) => break Err(session.failed_walk(&error, asked, None)),
            };
            let text = match session.format {
                Format::Human => found.text(),
                Format::Json => output::to_json(&found),
            };
            let is_read = output::try_line(&text);
            if !matches!(is_read, Ok(true)) {
                unread = Some(found);
                break is_read.map(drop);
            }
            if let Some(file) = &mut file {
                file.save_now_and_then(&Keep { cursor: updates.cursor() })?;
            }
        };
        let mut cursor = updates.cursor().clone();
        if let Some(found) = &unread {
            cursor.give_again(found);
        }
        let kept = file.map_or(Ok(()), |mut file| file.save(&Keep { cursor: &cursor }));
        end.and(kept)?;
        Ok(if stop.is_asked() && !self.follow { exit::INTERRUPTED } else { exit::OK })
    }
}
