//! `ruapi osago draft` and `policy`.

use std::path::PathBuf;

use osago_offer::documents::DocumentFile;
use osago_offer::{DOCUMENT_SCHEDULE, Draft, Policy, Response};
use serde::Serialize;

use super::input::Key;
use super::session::{Context, Session, failed};
use super::text::Describe;
use super::wait::Wait;
use crate::exit::{self, Failure};
use crate::files::Replacement;
use crate::output;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    key: Key,
    /// Write the PDF to this file, which only you can read (mode 0600); it is whole or not there. Then the
    /// answer is shown without it
    #[arg(short, long, value_name = "FILE.pdf")]
    output: Option<PathBuf>,
    #[command(flatten)]
    wait: Wait,
}

/// A document as the partner answers it.
trait Document: Serialize + Describe {
    fn is_final(&self) -> bool;
    fn file(&mut self) -> &mut Option<DocumentFile>;
}

impl Document for Draft {
    fn is_final(&self) -> bool {
        self.is_final()
    }

    fn file(&mut self) -> &mut Option<DocumentFile> {
        &mut self.file
    }
}

impl Document for Policy {
    fn is_final(&self) -> bool {
        self.is_final()
    }

    fn file(&mut self) -> &mut Option<DocumentFile> {
        &mut self.file
    }
}

impl Args {
    pub(crate) async fn draft(&self, context: Context<'_>) -> Result<u8, Failure> {
        let (session, file) = self.begin(context).await?;
        let question = session.client.draft(&self.key.key());
        let draft = match self.wait.wait {
            true => {
                self.wait
                    .follow(question.wait(), DOCUMENT_SCHEDULE, &self.again(&session, "draft"))
                    .await?
            }
            false => question.await.map(Response::into_inner).map_err(failed)?,
        };
        self.deliver(&session, draft, file)
    }

    pub(crate) async fn policy(&self, context: Context<'_>) -> Result<u8, Failure> {
        let (session, file) = self.begin(context).await?;
        let question = session.client.policy(&self.key.key());
        let policy = match self.wait.wait {
            true => {
                self.wait
                    .follow(question.wait(), DOCUMENT_SCHEDULE, &self.again(&session, "policy"))
                    .await?
            }
            false => question.await.map(Response::into_inner).map_err(failed)?,
        };
        self.deliver(&session, policy, file)
    }

    /// The file is begun before anything is sent, so that a wrong path costs nothing.
    async fn begin(&self, context: Context<'_>) -> Result<(Session, Option<Replacement>), Failure> {
        let begun = self.output.as_ref().map(|path| {
            Replacement::begin(path).map_err(|error| Failure::local(path.display(), &error))
        });
        let file = begun.transpose()?;
        Ok((context.connect().await?, file))
    }

    fn again(&self, session: &Session, command: &str) -> String {
        let key = self.key.key();
        let (request_id, offer_id) = (key.request_id, key.offer_id);
        session.command(format_args!("{command} {request_id} {offer_id} --wait"))
    }

    fn deliver<D: Document>(
        &self,
        session: &Session,
        mut document: D,
        file: Option<Replacement>,
    ) -> Result<u8, Failure> {
        let (Some(path), Some(file)) = (&self.output, file) else {
            return session.show(&document);
        };
        let Some(found) = document.file().take().filter(DocumentFile::has_data) else {
            session.show(&document)?;
            return Err(match document.is_final() {
                false => Failure::later("the document is not there yet; --wait waits for it"),
                true => Failure::not_found("the answer holds no file"),
            });
        };
        let pdf = found.pdf().map_err(|error| Failure::not_understood(error.to_string()))?;
        let unusable = |error| Failure::local(path.display(), &error);
        file.finish(&pdf).map_err(unusable)?;
        session.show(&document)?;
        let text = format!("a PDF of {} bytes is in {}", pdf.len(), path.display());
        output::notice(session.format, &text);
        Ok(exit::OK)
    }
}
