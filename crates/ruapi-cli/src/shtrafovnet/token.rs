//! `ruapi shtrafovnet token`.

use std::path::PathBuf;

use clap::{ArgGroup, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;

use super::access::Need;
use super::session::{Context, but_done, failed};
use crate::exit::{self, Failure};
use crate::files::Replacement;
use crate::global::Format;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a new token (Создание токена), by e-mail and password; it is valid until the password changes
    Create(Create),
}

#[derive(clap::Args)]
#[command(group = ArgGroup::new("to").required(true).args(["output", "show"]))]
pub(crate) struct Create {
    /// Write it to this file, which only you can read (mode 0600), for --token-file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print it
    #[arg(long)]
    show: bool,
}

impl Command {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let Self::Create(create) = self;
        create.run(context).await
    }
}

impl Create {
    async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Password).await?;
        let Some(path) = &self.output else {
            let answer = session.client.create_token().await.map_err(failed)?;
            let token = answer.token.expose_secret();
            let text = match session.format {
                Format::Human => token.to_owned(),
                Format::Json => output::to_json(&json!({ "token": token })),
            };
            return output::line(&text).map(|()| exit::OK).map_err(but_done);
        };
        // Begun before the token is made, so that a wrong path makes none.
        let unusable = |error| Failure::local(path.display(), &error);
        let file = Replacement::begin(path).map_err(unusable)?;
        let answer = session.client.create_token().await.map_err(failed)?;
        let token = answer.token.expose_secret();
        file.finish(format!("{token}\n").as_bytes()).map_err(unusable).map_err(but_done)?;
        output::notice(session.format, &format!("the token is in {}", path.display()));
        Ok(exit::OK)
    }
}
