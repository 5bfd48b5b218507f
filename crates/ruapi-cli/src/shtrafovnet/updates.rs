//! `ruapi shtrafovnet fines updates`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use shtrafovnet_client::SyncCursor;
use shtrafovnet_client::fines::FineUpdate;

use super::access::Need;
use super::fines::Whose;
use super::session::{Context, failed};
use super::text::Row;
use crate::date::from_moment;
use crate::exit::{self, Failure};
use crate::files::{self, fingerprint};
use crate::global::Format;
use crate::{interrupt, output};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    whose: Whose,
    /// Where it is kept up to where this got; the first run makes the file
    #[arg(long, value_name = "FILE")]
    cursor: PathBuf,
    /// The first run begins here instead of giving everything: a day, or YYYY-MM-DD HH:MM:SS
    #[arg(long, value_name = "MOMENT", value_parser = from_moment)]
    since: Option<NaiveDateTime>,
}

/// The file. Neither an address nor a plate is in it.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Which list, of which server.
    list: String,
    cursor: SyncCursor,
}

impl Args {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Token).await?;
        let client = &session.client;
        let list = |name: &str| fingerprint(&format!("{} {name}", session.base_url));
        let (list, mut updates) = match (&self.whose.user, self.whose.car.as_slice()) {
            (Some(user), []) => {
                let list = list(&format!("user {}", user.as_str()));
                let from = self.load(&list)?;
                (list, client.user_fine_updates(user, from))
            }
            (None, [car]) => {
                let list = list(&format!("car {car}"));
                let from = self.load(&list)?;
                (list, client.car_fine_updates(car, from))
            }
            _ => return Err(Failure::input("expected either one --user or one --car")),
        };

        let again = "the cursor was not moved: the next run prints these fines again";
        let stop = interrupt::listen(|| {})?;
        let mut printed = 0_u64;
        loop {
            let update = match stop.or(updates.next()).await {
                None => {
                    return Err(Failure::interrupted("stopped by Ctrl-C").with_advice(again));
                }
                Some(None) => break,
                Some(Some(update)) => update.map_err(|error| failed(error).with_advice(again))?,
            };
            let text = match session.format {
                Format::Human => format!("{:<22} {}", what(&update), update.fine.row()),
                Format::Json => output::to_json(&update.fine),
            };
            if !output::try_line(text.trim_end())? {
                let error = io::Error::from(io::ErrorKind::BrokenPipe);
                return Err(Failure::local("not all was read", &error).with_advice(again));
            }
            printed += 1;
        }
        let kept = output::to_json(&Kept { list, cursor: updates.cursor().clone() });
        files::replace(&self.cursor, format!("{kept}\n").as_bytes())
            .map_err(|error| Failure::local(self.cursor.display(), &error).with_advice(again))?;
        if printed == 0 && session.format == Format::Human {
            output::line("Nothing new")?;
        }
        Ok(exit::OK)
    }

    /// Up to where the last run got.
    fn load(&self, list: &str) -> Result<SyncCursor, Failure> {
        let path = &self.cursor;
        let wrong = |problem: &str| Err(Failure::input(format!("{}: {problem}", path.display())));
        let text = match read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !files::folder(path).is_dir() {
                    return wrong("its folder does not exist");
                }
                return Ok(SyncCursor::new(self.since.unwrap_or_default()));
            }
            Err(error) => return wrong(&error.to_string()),
            Ok(_) if self.since.is_some() => {
                return wrong("--since is for the first run, and this file is there already");
            }
            Ok(text) => text,
        };
        match serde_json::from_str::<Kept>(&text) {
            Err(_) => wrong("not a cursor as this program writes it; nothing was changed"),
            Ok(kept) if kept.list != list => {
                wrong("this cursor belongs to another user, car or server")
            }
            Ok(kept) => Ok(kept.cursor),
        }
    }
}

fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.is_file() {
        return fs::read_to_string(path);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
}

/// What happened to a fine.
fn what(update: &FineUpdate) -> String {
    if update.is_new() {
        return "new".to_owned();
    }
    let changes = [
        (update.is_state_changed(), "payment"),
        (update.is_details_changed(), "details"),
        (update.has_new_pictures(), "photos"),
    ];
    let changes: Vec<&str> =
        changes.iter().filter(|(changed, _)| *changed).map(|(_, name)| *name).collect();
    match changes.is_empty() {
        true => "changed".to_owned(),
        false => changes.join(","),
    }
}
