//! `ruapi epgu download`.

use std::io;
use std::path::{Path, PathBuf};

use chrono::Utc;
use epgu_gusmev::{FileLink, Kind};

use super::session::{Context, Need, failed};
use crate::exit::{self, Failure};
use crate::files::resolve;
use crate::global::Format;
use crate::{interrupt, output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file's link, such as terrabyte://00/764607248/NAME.pdf/3; see `order show`
    #[arg(required_unless_present = "object_id", conflicts_with = "object_id")]
    link: Option<String>,
    /// The object's id: the order's currentStatusHistoryId
    #[arg(long, value_name = "ID", requires = "mnemonic", requires = "object_type")]
    object_id: Option<u64>,
    /// The object's type: 2 for what was filed, 3 for results
    #[arg(long, value_name = "TYPE", requires = "object_id")]
    object_type: Option<u32>,
    /// The file's mnemonic, mostly its name, as it is read
    #[arg(long, value_name = "NAME", requires = "object_id")]
    mnemonic: Option<String>,
    /// The service's code, which later editions ask for (eserviceCode)
    #[arg(long, value_name = "CODE")]
    service: Option<String>,
    /// Where it goes: a file, there whole or not at all; `-` is standard output
    #[arg(short, long, value_name = "FILE|-")]
    output: PathBuf,
}

impl Args {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let link: FileLink = match (&self.link, self.object_id) {
            (Some(link), _) => link.parse().map_err(failed)?,
            (None, id) => {
                let mnemonic = self.mnemonic.as_deref().unwrap_or_default();
                let (id, kind) = (id.unwrap_or_default(), self.object_type.unwrap_or_default());
                FileLink::new(id, kind, mnemonic).map_err(failed)?
            }
        };
        let session = context.connect(Need::Token).await?;
        let download = session.client.download(&link);
        let download = self.service.iter().fold(download, |it, code| it.service_code(code));
        let (request, sent_at) = (download.request().map_err(failed)?, Utc::now());
        let to_stdout = self.output == Path::new("-");
        let writing = async {
            match to_stdout {
                true => download.to_writer(&mut io::stdout()).await,
                false => download.to_file(resolve(&self.output)).await,
            }
        };
        // Stopped, it removes the part that it has.
        let stopped = || Failure::interrupted("stopped by Ctrl-C: nothing is kept");
        let length = interrupt::listen(|| {})?.or(writing).await.ok_or_else(stopped)?;
        let length = length.map_err(|error| match local(&error) {
            Some(cause) => Failure::local("the file cannot be written", cause),
            None => session.failed(&request, &error, sent_at, None),
        })?;
        if !to_stdout {
            let text = match session.format {
                Format::Human => format!("{length} bytes"),
                Format::Json => output::to_json(&serde_json::json!({ "bytes": length })),
            };
            output::line(&text)?;
        }
        Ok(exit::OK)
    }
}

/// The failure of this machine beneath an error, if it is one.
fn local(error: &epgu_gusmev::Error) -> Option<&io::Error> {
    let source = std::error::Error::source(error).filter(|_| error.kind() == Kind::Input);
    source?.downcast_ref()
}
