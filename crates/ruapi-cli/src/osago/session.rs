//! The client of one command, how its answers are shown, and what its errors mean.

use std::collections::BTreeMap;
use std::fmt::Display;

use osago_offer::{Client, Credential, Error, Kind, StandardError};
use serde::Serialize;

use super::access::{self, ADVICE, Access};
use super::text::Describe;
use crate::exit::{self, Failure};
use crate::global::{Format, Global, Server};
use crate::output;

/// What the options say.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) global: &'a Global,
    pub(super) access: &'a Access,
}

/// Whom to ask, and by what.
pub(super) struct Target {
    pub(super) base_url: String,
    pub(super) credential: Credential,
    /// A wrong credential of the same sort; `None` where there is none at all.
    pub(super) stranger: Option<Credential>,
    /// The sandbox stops when dropped.
    server: Server,
}

/// A client, and the server it talks to, which must live as long.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) format: Format,
    /// How the credential is sent, as one would type it.
    access: String,
    server: Server,
}

impl Context<'_> {
    pub(super) async fn target(self) -> Result<Target, Failure> {
        let Self { global, access } = self;
        access.refuse_with_sandbox(global)?;
        let server = global.server().await?;
        let (base_url, (credential, stranger)) = match &server {
            Server::Sandbox(sandbox) => (sandbox.osago_url(), access::of_sandbox()?),
            Server::Real { base_url: Some(url), .. } => (url.clone(), access.credentials(global)?),
            Server::Real { base_url: None, .. } => {
                return Err(Failure::input(
                    "no partner: name its end point with --base-url URL, the URL up to `osago/…` \
                     (or try it without: --sandbox)",
                ));
            }
        };
        Ok(Target { base_url, credential, stranger, server })
    }

    pub(super) async fn connect(self) -> Result<Session, Failure> {
        let target = self.target().await?;
        let client = Client::builder(&target.base_url, target.credential)
            .options(self.global.client_options())
            .build()
            .map_err(failed)?;
        let (format, access) = (self.global.format, self.access.words());
        Ok(Session { client, format, access, server: target.server })
    }
}

impl Session {
    /// A command as one would type it for the same server.
    pub(super) fn command(&self, words: impl Display) -> String {
        self.server.command(format_args!("osago {words}{}", self.access))
    }

    /// Shows an answer.
    pub(super) fn show<T: Serialize + Describe>(&self, answer: &T) -> Result<u8, Failure> {
        let text = match self.format {
            Format::Human => answer.text(),
            Format::Json => output::to_json(answer),
        };
        output::line(&text).map(|()| exit::OK)
    }

    /// Shows the answer to something that was done and should not be done twice.
    pub(super) fn show_done<T: Serialize + Describe>(&self, answer: &T) -> Result<u8, Failure> {
        self.show(answer).map_err(|failure| {
            failure.or_maybe_processed().with_advice(
                "the partner has done what it was asked to; only its answer could not be shown",
            )
        })
    }
}

/// A call's error; whoever makes a call that should not be made twice adds what to do about it.
#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn failed(error: Error) -> Failure {
    let failure = Failure::of(&error, None).with_fields(fields(&error));
    match error.kind() {
        Kind::Credential => failure.with_advice(ADVICE),
        _ => failure,
    }
}

/// What the partner says of each property. Its texts may quote what was sent, and then only the error's
/// own message is safe.
fn fields(error: &Error) -> BTreeMap<String, String> {
    let message = error.message().unwrap_or_default();
    let properties = StandardError::of(error).unwrap_or_default().properties;
    let shown = properties.into_iter().filter_map(|problem| {
        let (property, text) = (problem.property, problem.message.into_inner());
        if message.contains(&format!("{property}: {text}")) {
            return Some((property, text));
        }
        let is_known = !property.is_empty() && message.contains(&format!("{property}: "));
        is_known.then(|| (property, "refused; the reason quotes what was sent".to_owned()))
    });
    shown.collect()
}
