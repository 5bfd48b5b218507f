//! `ruapi epgu push`, `upload` and `submit`: filing an application, never twice.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use epgu_gusmev::{
    Archive, Client, Incident, Meta, OrderId, Submitted, UploadEvent, UploadFailed, UploadState,
    WINDOW,
};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::archive::Rulings;
use super::input::{Service, order_id};
use super::progress::Progress;
use super::session::{Context, Need, Session, failed};
use super::state::StateFile;
use crate::exit::{self, Failure};
use crate::global::{Format, seconds};
use crate::{interrupt, output};

#[derive(clap::Args)]
pub(crate) struct Push {
    #[command(flatten)]
    service: Service,
    /// The archive: see `epgu archive`
    #[arg(value_name = "ARCHIVE")]
    archive: PathBuf,
    #[command(flatten)]
    rulings: Rulings,
}

#[derive(clap::Args)]
pub(crate) struct Upload {
    /// The order's number, from `order create`
    #[arg(value_parser = order_id)]
    order: OrderId,
    #[command(flatten)]
    service: Service,
    /// The archive: see `epgu archive`
    #[arg(value_name = "ARCHIVE")]
    archive: PathBuf,
    #[command(flatten)]
    rulings: Rulings,
    #[command(flatten)]
    chunks: Chunks,
}

#[derive(clap::Args)]
pub(crate) struct Submit {
    #[command(flatten)]
    service: Service,
    /// The archive: see `epgu archive`
    #[arg(value_name = "ARCHIVE")]
    archive: PathBuf,
    #[command(flatten)]
    rulings: Rulings,
    /// Make an order first also for a small archive: then there is a number to ask about after a doubtful
    /// end. Implied by --state
    #[arg(long)]
    with_order: bool,
    #[command(flatten)]
    chunks: Chunks,
}

/// How an archive is sent in chunks.
#[derive(clap::Args)]
#[command(next_help_heading = "Upload")]
struct Chunks {
    /// Bytes of every chunk but the last; by default the most that the edition allows
    #[arg(long, value_name = "BYTES")]
    chunk_size: Option<u64>,
    /// How many chunks are under way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = parallel)]
    parallel: usize,
    /// Leave out the part `meta`, which the document requires and some servers do not want
    #[arg(long)]
    without_meta: bool,
    /// Send the last chunk, which files the application, once more if nobody knows whether it arrived and
    /// the order then stays NEW for so long
    ///
    /// Off by default: a service that had it and was slower than that may file the application twice. Only
    /// within the five minutes.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    resend_after: Option<Duration>,
    /// Keep where the upload stands: the same command goes on from there, one run at a time, and never files
    /// twice. The file is removed when the application is filed
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

fn parallel(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=64).contains(number));
    number.ok_or_else(|| "expected 1 to 64".to_owned())
}

/// What is kept of an upload.
#[derive(Serialize, Deserialize)]
struct Kept {
    order: OrderId,
    upload: Option<UploadState>,
}

impl Kept {
    /// The upload, if it can go on. Of one whose five minutes are over only the order is left, unless it is
    /// in doubt: then nothing may be sent anew.
    fn going_on(self, format: Format) -> Option<UploadState> {
        let upload = self.upload?;
        let passed = upload.started().and_then(|started| started.elapsed().ok());
        // What arrived as a whole is filed: nothing of it is sent.
        let is_filed = upload.chunks_sent() == upload.chunks();
        if is_filed || upload.is_doubtful() || passed.is_none_or(|passed| passed < WINDOW) {
            return Some(upload);
        }
        let order = self.order;
        let text = format!(
            "the five minutes of an earlier run are over: the archive of application {order} is sent anew"
        );
        output::notice(format, &text);
        None
    }
}

impl Push {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let meta = self.service.meta()?;
        let archive = self.rulings.open(&self.archive).await?;
        let session = context.connect(Need::Token).await?;
        push(&session, &meta, archive).await
    }
}

async fn push(session: &Session<'_>, meta: &Meta, archive: Archive) -> Result<u8, Failure> {
    let push = session.client.push(meta, archive);
    let (request, sent_at) = (push.request().map_err(failed)?, Utc::now());
    // Ctrl-C does not take back what is sent, and would hide what came of it.
    let format = session.format;
    let _stop = interrupt::listen(move || {
        output::notice(format, "being sent: Ctrl-C again ends without the answer");
    })?;
    let pushed = push.await.map_err(|error| {
        let failure = session.failed(&request, &error, sent_at, None);
        match error.maybe_processed() {
            true => failure.with_advice(format!(
                "the application may have been filed under a number that is not known: before filing it \
                 again, look for it with `{} --sent-after {}` and the same service and archive",
                session.command("reconcile-push"),
                sent_at.to_rfc3339_opts(SecondsFormat::Secs, true)
            )),
            false => failure,
        }
    })?;
    filed(session.format, pushed.order_id)
}

/// Says that it is filed.
fn filed(format: Format, order: OrderId) -> Result<u8, Failure> {
    let text = match format {
        Format::Human => format!("Filed: application {order}"),
        Format::Json => output::to_json(&json!({"orderId": order, "outcome": "submitted"})),
    };
    let told = output::try_line(&text).map_err(|failure| {
        let advice = format!("the application is filed under the number {order}");
        failure.or_maybe_processed().with_advice(advice)
    })?;
    if !told {
        let text = format!("nobody reads the result: application {order} is filed");
        output::notice(format, &text);
    }
    Ok(exit::OK)
}

impl Upload {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let meta = self.service.meta()?;
        let archive = self.rulings.open(&self.archive).await?;
        let session = context.connect(Need::Token).await?;
        let order = self.order;
        let mut file = self.chunks.file(&session, &archive)?;
        let kept: Option<Kept> = file.as_ref().map_or(Ok(None), StateFile::load)?;
        if kept.as_ref().is_some_and(|kept| kept.order != order) {
            return Err(Failure::input("the file of --state is of another application"));
        }
        let upload = kept.and_then(|kept| kept.going_on(session.format));
        self.chunks.send(&session, order, &meta, archive, upload, &mut file).await
    }
}

impl Submit {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let meta = self.service.meta()?;
        let archive = self.rulings.open(&self.archive).await?;
        let session = context.connect(Need::Token).await?;
        let mut file = self.chunks.file(&session, &archive)?;
        let kept: Option<Kept> = file.as_ref().map_or(Ok(None), StateFile::load)?;
        let is_small = archive.length() <= session.client.edition().push_limit;
        // What is kept must have a number to settle a doubt by.
        if is_small && !self.with_order && file.is_none() {
            return push(&session, &meta, archive).await;
        }
        let (order, upload) = match kept {
            Some(kept) => (kept.order, kept.going_on(session.format)),
            None => {
                // Wrong input must not leave an order behind.
                self.chunks.check(&session.client, &meta, &archive)?;
                let made = session.ask(session.client.create_order(&meta), None).await?;
                let order = made.order_id;
                output::notice(
                    session.format,
                    &format!("application {order} is made, its archive follows"),
                );
                if let Some(file) = &mut file {
                    file.save(&Kept { order, upload: None })?;
                }
                (order, None)
            }
        };
        self.chunks.send(&session, order, &meta, archive, upload, &mut file).await
    }
}

impl Chunks {
    fn file(
        &self,
        session: &Session<'_>,
        archive: &Archive,
    ) -> Result<Option<StateFile<'_>>, Failure> {
        let what = format!("upload {}", archive.length());
        let open = |path| StateFile::open(path, &session.base_url, &what);
        self.state.as_deref().map(open).transpose()
    }

    fn upload(
        &self,
        client: &Client,
        order: OrderId,
        meta: &Meta,
        archive: Archive,
    ) -> epgu_gusmev::Upload {
        let mut upload = client.upload(order, meta, archive).parallel(self.parallel);
        if let Some(size) = self.chunk_size {
            upload = upload.chunk_size(size);
        }
        if self.without_meta {
            upload = upload.without_meta();
        }
        if let Some(time) = self.resend_after {
            upload = upload.resend_if_new_for(time);
        }
        upload
    }

    /// Refused: what could not be uploaded under any number.
    fn check(&self, client: &Client, meta: &Meta, archive: &Archive) -> Result<(), Failure> {
        let any = OrderId::new(u64::MAX).map_err(failed)?;
        let upload = self.upload(client, any, meta, archive.clone());
        upload.request().map(|_| ()).map_err(failed)
    }

    /// Sends the archive in chunks, from where an earlier run stood.
    async fn send(
        &self,
        session: &Session<'_>,
        order: OrderId,
        meta: &Meta,
        archive: Archive,
        resumed: Option<UploadState>,
        file: &mut Option<StateFile<'_>>,
    ) -> Result<u8, Failure> {
        let progress = Progress::new(session.format, archive.length());
        progress.begin(resumed.as_ref());
        let mut in_doubt = resumed.as_ref().is_some_and(UploadState::is_doubtful);
        let upload = self.upload(&session.client, order, meta, archive);
        let upload = resumed.into_iter().fold(upload, epgu_gusmev::Upload::resume);
        upload.request().map_err(failed)?;
        let began = Utc::now();
        let stop = interrupt::listen(|| {})?;
        let mut events = upload.events();
        let mut is_filed = false;
        let end = loop {
            let event = match is_filed {
                // What came of it is known, and only has to be told.
                true => Some(events.next().await),
                false => stop.or(events.next()).await,
            };
            let Some(event) = event else {
                drop(progress);
                let state = events.state();
                let failure = self.stopped(session, order, state.is_doubtful());
                keep(session.format, file, order, state);
                return Err(failure);
            };
            match event {
                Some(UploadEvent::Ended(end)) => break end,
                Some(event) => {
                    progress.show(&event);
                    if matches!(event, UploadEvent::Sent { .. } | UploadEvent::Filing) {
                        let state = events.state();
                        is_filed = state.chunks_sent() == state.chunks();
                        if is_filed {
                            keep(session.format, file, order, state);
                        } else if let Some(file) = file {
                            // Before the next poll, which may file the application.
                            let kept = file.save(&Kept { order, upload: Some(state) });
                            kept.map_err(|failure| match in_doubt {
                                true => self.advise(session, failure, order, true),
                                false => failure.with_advice(unkept(order)),
                            })?;
                        }
                        in_doubt |= matches!(event, UploadEvent::Filing);
                    }
                }
                None => return Err(Failure::lost("the upload ended without a word")),
            }
        };
        drop(progress);
        match end {
            Ok(Submitted { order, .. }) => {
                let told = filed(session.format, order);
                if let Some(Err(failure)) = file.take().map(StateFile::remove) {
                    output::notice(session.format, &format!("warning: {failure}"));
                }
                told
            }
            Err(end) => {
                let incident = Incident::of_upload(&session.client, &end, began);
                session.keep_report(&end.error, &incident);
                let UploadFailed { error, state, maybe_submitted, window_over, .. } = end;
                let failure = failed(error);
                keep(session.format, file, order, state);
                Err(match (maybe_submitted, window_over) {
                    (true, true) => {
                        failure.or_maybe_filed().with_advice(self.over_in_doubt(session, order))
                    }
                    (false, true) => failure.with_advice(self.over(session, order)),
                    (_, false) => self.advise(session, failure, order, maybe_submitted),
                })
            }
        }
    }

    /// What to do after an upload that failed.
    fn advise(
        &self,
        session: &Session<'_>,
        failure: Failure,
        order: OrderId,
        maybe_submitted: bool,
    ) -> Failure {
        if maybe_submitted {
            return failure.or_maybe_filed().with_advice(in_doubt(session, order));
        }
        let on = match self.state {
            Some(_) => {
                "the same command goes on from what arrived, within the five minutes".to_owned()
            }
            None => {
                let upload = session.command(format_args!("upload {order}"));
                format!("its archive can be sent again with `{upload}`")
            }
        };
        // Another run, or another program, may have done so.
        let show = session.command(format_args!("order show {order}"));
        failure.with_advice(format!(
            "this upload did not file application {order}; {on}; where it stands: `{show}`"
        ))
    }

    fn over(&self, session: &Session<'_>, order: OrderId) -> String {
        let command = match self.state {
            Some(_) => "the same command".to_owned(),
            None => format!("`{}`", session.command(format_args!("upload {order}"))),
        };
        format!(
            "this upload did not file application {order}, and its five minutes are over: {command} sends \
             the whole archive anew"
        )
    }

    fn over_in_doubt(&self, session: &Session<'_>, order: OrderId) -> String {
        let without = if self.state.is_some() { " without the file of --state" } else { "" };
        let reconcile = session.command(format_args!("order reconcile {order}"));
        let upload = session.command(format_args!("upload {order}"));
        format!(
            "application {order} may have been filed, and its five minutes are over: settle it with \
             `{reconcile}`; only if it surely was not, `{upload}`{without} sends the whole archive anew"
        )
    }

    /// The exit code is that of Ctrl-C also where it may have been filed.
    fn stopped(&self, session: &Session<'_>, order: OrderId, maybe_submitted: bool) -> Failure {
        let failure = Failure::interrupted("stopped by Ctrl-C");
        match maybe_submitted {
            true => failure.or_maybe_processed().with_advice(in_doubt(session, order)),
            false => self.advise(session, failure, order, false),
        }
    }
}

/// After a state that could not be kept, before the last chunk was sent.
fn unkept(order: OrderId) -> String {
    format!(
        "this upload did not file application {order}: it stopped as the file of --state could not be \
         written; once it can be, the same command goes on, with --resend-after 1 if the file says that \
         the last chunk is in doubt"
    )
}

fn in_doubt(session: &Session<'_>, order: OrderId) -> String {
    let reconcile = session.command(format_args!("order reconcile {order}"));
    format!(
        "application {order} may have been filed: settle it with `{reconcile}`; its last chunk is sent again \
         only with --resend-after SECONDS"
    )
}

/// Keeps where the upload stands. What became of the application is told in any case.
fn keep(format: Format, file: &mut Option<StateFile<'_>>, order: OrderId, state: UploadState) {
    let kept = file.as_mut().map(|file| file.save(&Kept { order, upload: Some(state) }));
    if let Some(Err(failure)) = kept {
        output::notice(
            format,
            &format!("warning: where the upload stands was not kept: {failure}"),
        );
    }
}
