//! `ruapi shtrafovnet fines export`: all fines into a file, page by page.
//!
//! Rows go to `FILE.partial`. After each page they are on disk, and then `FILE.resume` says how many
//! bytes of them there are and which fines the page held. To go on, that page is asked for again: if it
//! still holds these fines in this order, nothing before it has moved, and what follows is new. Else
//! the list has changed, and one has to start over. `FILE` gets its name last.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shtrafovnet_client::fines::FineField;
use shtrafovnet_client::users::UserFines;
use shtrafovnet_client::{Call, Continuation, Fine, Listing};

use super::access::Need;
use super::filters::{Filters, cells, only};
use super::fines::Whose;
use super::input::given;
use super::session::{Context, Session, failed};
use crate::exit::{self, Failure};
use crate::files::{self, fingerprint, open_locked, resolve, sync_directory, with_suffix};
use crate::global::Format;
use crate::{interrupt, output};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    whose: Whose,
    /// Where the fines go: a table (.csv), or one JSON object a line (.jsonl). It is replaced as a whole
    #[arg(long, value_name = "FILE.csv|FILE.jsonl")]
    output: PathBuf,
    /// Go on with the export that was stopped, instead of starting over
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    filters: Filters,
}

impl Args {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let form = Form::of(&self.output, self.filters.fields())?;
        let session = context.connect(Need::Token).await?;
        let client = &session.client;
        match (&self.whose.user, self.whose.car.as_slice()) {
            (Some(user), cars) => {
                let call = given(client.user_fines(user), cars, Call::<UserFines>::cars);
                self.write(&session, self.filters.apply(call), &form).await
            }
            (None, [car]) => {
                self.write(&session, self.filters.apply(client.car_fines(car)), &form).await
            }
            (None, _) => Err(Failure::input("several --car need their --user")),
        }
    }

    async fn write<O: Listing<Item = Fine>>(
        &self,
        session: &Session,
        call: Call<O>,
        form: &Form,
    ) -> Result<u8, Failure> {
        let request = call.request().map_err(failed)?;
        let (path, query) = (request.path(), request.query_string());
        let list = fingerprint(&format!("{}{path}?{query} {}", session.base_url, form.name()));
        let (target, from) = Target::open(&self.output, &list, self.resume, session.format)?;
        let bar = ProgressBar::no_length();
        let mut export = Export { form, target, list, at: from, total: None, bar };
        let outcome = export.walk(call).await;
        export.bar.finish_and_clear();
        let (rows, total) = (export.at.rows, export.total);
        if let Err(failure) = outcome {
            return Err(failure.with_advice(export.target.give_up(rows, total)));
        }
        export.target.finish()?;
        match session.format {
            Format::Human => {
                output::diagnostic(&format!("fines in {}: {rows}", self.output.display()));
                if let Some(total) = total.filter(|total| *total != rows) {
                    output::diagnostic(&format!(
                        "the service counted {total} at first: the list has changed meanwhile"
                    ));
                }
            }
            Format::Json => {
                output::line(&output::to_json(&json!({ "rows": rows, "total": total })))?;
            }
        }
        Ok(exit::OK)
    }
}

/// What is on disk after a page.
#[derive(Default, Serialize, Deserialize)]
struct Checkpoint {
    /// Which list, in which form.
    list: String,
    /// The page written last.
    page: u64,
    /// Its fines.
    ids: Vec<String>,
    rows: u64,
    bytes: u64,
}

/// An export under way.
struct Export<'a> {
    form: &'a Form,
    target: Target,
    list: String,
    at: Checkpoint,
    /// How many there were at first, as the service says.
    total: Option<u64>,
    bar: ProgressBar,
}

impl Export<'_> {
    async fn walk<O: Listing<Item = Fine>>(&mut self, call: Call<O>) -> Result<(), Failure> {
        let stop = interrupt::listen(|| {})?;
        let stopped = || Failure::interrupted("stopped by Ctrl-C");
        // A walk does not say how many there are.
        let first = stop.or(call.clone().into_future()).await.ok_or_else(stopped)?;
        self.total = first.map_err(failed)?.total;
        self.show_progress();
        let mut overlap = std::mem::take(&mut self.at.ids);
        let mut number = self.at.page;
        let from = match number {
            0 => Continuation::start(),
            page => Continuation::page(page.to_string()),
        };
        if number == 0 {
            number = 1;
            self.at.bytes = self.target.write(&self.form.header())?;
        }
        let mut pages = call.resume(from).pages();
        loop {
            let Some(page) = stop.or(pages.next()).await.ok_or_else(stopped)? else {
                return Ok(());
            };
            let page = page.map_err(failed)?;
            let known = match overlap.is_empty() {
                true => 0,
                false => self.after(&std::mem::take(&mut overlap), &page.items)?,
            };
            for fine in &page.items[known..] {
                self.at.bytes += self.target.write(&self.form.row(fine))?;
            }
            let new = (page.items.len() - known) as u64;
            self.at.rows += new;
            self.bar.inc(new);
            let Some(next) = page.next else { continue };
            let ids = page.items.iter().map(|fine| fine.id.to_string()).collect();
            self.checkpoint(number, ids, &next)?;
            number += 1;
        }
    }

    /// On terminals only.
    fn show_progress(&self) {
        let template = "{wide_bar} {human_pos}/{human_len} fines, {eta} left";
        let (Some(total), Ok(style)) = (self.total, ProgressStyle::with_template(template)) else {
            return;
        };
        self.bar.set_style(style);
        self.bar.set_length(total);
        self.bar.set_position(self.at.rows);
    }

    /// How many fines of the page asked for again are in the file already: these, in this order.
    fn after(&mut self, ids: &[String], page: &[Fine]) -> Result<usize, Failure> {
        let is_here = |window: &[Fine]| {
            window.iter().map(|fine| fine.id.as_str()).eq(ids.iter().map(String::as_str))
        };
        let place = page.windows(ids.len()).position(is_here);
        place.map(|place| place + ids.len()).ok_or_else(|| {
            self.target.resumable = false;
            Failure::input("the list has changed since the export was stopped")
        })
    }

    /// What was written up to now is on disk when this returns.
    fn checkpoint(&mut self, page: u64, ids: Vec<String>, next: &str) -> Result<(), Failure> {
        // A walk that goes back, because the list got shorter, can only be gone on with by itself.
        if next.parse() != Ok(page + 1) || ids.is_empty() || !self.target.resumable {
            return self.target.forget();
        }
        self.at = Checkpoint { list: self.list.clone(), page, ids, ..std::mem::take(&mut self.at) };
        self.target.keep(&self.at)
    }
}

/// The files.
struct Target {
    path: PathBuf,
    partial: PathBuf,
    state: PathBuf,
    file: BufWriter<File>,
    /// A later run can go on from what is on disk.
    resumable: bool,
    /// There is something to go on from.
    kept: bool,
}

impl Target {
    fn open(
        path: &Path,
        list: &str,
        resume: bool,
        format: Format,
    ) -> Result<(Self, Checkpoint), Failure> {
        let path = resolve(path);
        let unusable = |path: &Path, problem: &dyn std::fmt::Display| {
            Failure::input(format!("{}: {problem}", path.display()))
        };
        if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(unusable(&path, &"not a regular file"));
        }
        let (partial, state) = (with_suffix(&path, ".partial"), with_suffix(&path, ".resume"));
        let file = open_locked(OpenOptions::new().read(true).write(true), &partial, &path)?;
        let old = match fs::read(&state) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            old => Some(old.map_err(|error| unusable(&state, &error))?),
        };
        let mut from = Checkpoint::default();
        match old {
            Some(old) if resume => {
                let parsed = serde_json::from_slice(&old).ok();
                let length = file.metadata().map_err(|error| unusable(&partial, &error))?.len();
                from = parsed
                    .filter(|old: &Checkpoint| length >= old.bytes && old.page > 0)
                    .ok_or_else(|| {
                        unusable(&state, &"it does not fit; start over without --resume")
                    })?;
                if from.list != list {
                    let problem = "it is of another list, other filters or another server; \
                                   start over without --resume";
                    return Err(unusable(&state, &problem));
                }
            }
            Some(_) => output::notice(format, "an unfinished export was there; it is started over"),
            None if resume => output::notice(format, "nothing to go on with; it is started over"),
            None => {}
        }
        let kept = from.page > 0;
        let mut target =
            Self { path, partial, state, file: BufWriter::new(file), resumable: true, kept };
        if !kept {
            target.forget()?;
        }
        let file = target.file.get_mut();
        let cut = file.set_len(from.bytes).and_then(|()| file.seek(SeekFrom::End(0)));
        cut.map_err(|error| unusable(&target.partial, &error))?;
        Ok((target, from))
    }

    /// Gives the length in bytes.
    fn write(&mut self, text: &str) -> Result<u64, Failure> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| Failure::local(self.partial.display(), &error))?;
        Ok(text.len() as u64)
    }

    fn sync(&mut self) -> Result<(), Failure> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        synced.map_err(|error| Failure::local(self.partial.display(), &error))
    }

    fn keep(&mut self, checkpoint: &Checkpoint) -> Result<(), Failure> {
        self.sync()?;
        let text = output::to_json(checkpoint);
        files::replace(&self.state, text.as_bytes())
            .map_err(|error| Failure::local(self.state.display(), &error))?;
        self.kept = true;
        Ok(())
    }

    /// Nothing can be gone on with.
    fn forget(&mut self) -> Result<(), Failure> {
        if self.kept {
            self.resumable = false;
        }
        self.kept = false;
        match fs::remove_file(&self.state) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Failure::local(self.state.display(), &error))
            }
            _ => Ok(()),
        }
    }

    /// Tidies up, and says how to go on.
    fn give_up(&self, rows: u64, total: Option<u64>) -> String {
        if !self.kept {
            // It would be of no use; left lying, it does no harm.
            let _ = fs::remove_file(&self.partial);
        }
        let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
        let name = self.partial.display();
        match (self.kept, self.resumable) {
            (true, true) => format!(
                "{rows}{of} fines are in {name}; the same command with --resume goes on from there"
            ),
            (_, true) => "nothing is kept; the same command starts over".to_owned(),
            (_, false) => "the list changes while it is read, so this export cannot be gone on \
                           with; the same command without --resume starts over"
                .to_owned(),
        }
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.sync()?;
        // First, so that no state is left that belongs to no rows.
        self.forget()?;
        fs::rename(&self.partial, &self.path)
            .and_then(|()| sync_directory(&self.path))
            .map_err(|error| Failure::local(self.path.display(), &error))
    }
}

/// How a fine is written.
enum Form {
    /// As JSON, with these fields, or with all.
    Lines(Option<Vec<FineField>>),
    /// With these columns.
    Table(Vec<FineField>),
}

impl Form {
    fn of(path: &Path, chosen: Option<Vec<FineField>>) -> Result<Self, Failure> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("jsonl") => Ok(Self::Lines(chosen)),
            Some("csv") => {
                Ok(Self::Table(chosen.unwrap_or_else(|| FineField::DOCUMENTED.to_vec())))
            }
            _ => Err(Failure::input("--output: expected a name that ends in .csv or .jsonl")),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Lines(_) => "jsonl",
            Self::Table(_) => "csv",
        }
    }

    fn header(&self) -> String {
        match self {
            Self::Lines(_) => String::new(),
            Self::Table(columns) => record(columns.iter().map(|field| field.as_str().to_owned())),
        }
    }

    fn row(&self, fine: &Fine) -> String {
        match self {
            Self::Lines(None) => output::to_json(fine) + "\n",
            Self::Lines(Some(fields)) => only(fine, fields) + "\n",
            Self::Table(columns) => record(cells(fine, columns)),
        }
    }
}

/// A line of CSV as RFC 4180 wants it, but for the end: a line feed does.
fn record(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells
        .map(|cell| match cell.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell,
        })
        .collect();
    cells.join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cells = ["a", "b,c", "d\"e", "f\ng", ""].map(str::to_owned);
        assert_eq!(record(cells.into_iter()), "a,\"b,c\",\"d\"\"e\",\"f\ng\",\n");
    }

    #[test]
    fn chosen_fields_are_all_there_is() {
        let fine: Fine =
            serde_json::from_str(r#"{"id":7,"amount":"500","pics":[{"url":"http://x/a"}]}"#)
                .expect("JSON");
        let chosen = vec![FineField::Id, FineField::Amount, FineField::Pics];
        let form = Form::of(Path::new("a.CSV"), Some(chosen)).expect("a form");
        assert_eq!(form.header(), "id,amount,pics\n");
        assert_eq!(form.row(&fine), "7,500,http://x/a\n");
        let chosen = Some(vec![FineField::Id]);
        let lines = Form::of(Path::new("a.jsonl"), chosen).expect("a form").row(&fine);
        assert!(lines.starts_with(r#"{"amount":500,"id":"7","pics""#), "{lines}");
        assert!(Form::of(Path::new("csv"), None).is_err());
    }
}
