//! The client of one command, how its answers are shown, and what its errors mean.

use std::collections::BTreeMap;
use std::fmt::Display;

use ruapi_sandbox::Shtrafovnet;
use serde::Serialize;
use shtrafovnet_client::{
    Client, Deleted, Error, Identity, Login, PRODUCTION, PRODUCTION_V2, ValidationErrors,
};

use super::access::{Access, Need};
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

/// A client, and the server it talks to, which must live as long.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) format: Format,
    pub(super) base_url: String,
    /// The options of this API, as one would type them again.
    access: String,
    server: Server,
}

impl Context<'_> {
    pub(super) async fn connect(self, need: Need) -> Result<Session, Failure> {
        let Self { global, access } = self;
        access.refuse_with_sandbox(global, need)?;
        if access.v2 && global.has_base_url() {
            return Err(Failure::input("either --v2 or --base-url, not both"));
        }
        let server = global.server().await?;
        let (identity, base_url) = match &server {
            Server::Sandbox(sandbox) => {
                let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
                let url = match access.v2 {
                    true => sandbox.shtrafovnet_v2_url(),
                    false => sandbox.shtrafovnet_url(),
                };
                let nobody = need == Need::Nothing;
                (if nobody { Identity::Nobody } else { Identity::Login(login) }, url)
            }
            Server::Real { base_url, .. } => {
                let default = if access.v2 { PRODUCTION_V2 } else { PRODUCTION };
                let url = base_url.clone().unwrap_or_else(|| default.to_owned());
                (access.identity(global, need)?, url)
            }
        };
        let mut builder = Client::builder(identity)
            .base_url(&base_url)
            .account_by_password(access.account_by_password)
            .options(global.client_options());
        if let Some(store) = access.store(global)? {
            builder = builder.token_store(store);
        }
        let client = builder.build().map_err(failed)?;
        Ok(Session { client, format: global.format, base_url, access: access.words(), server })
    }

    /// For `/account`, which takes the token or, if the user says so, the password.
    pub(super) async fn connect_to_account(self) -> Result<Session, Failure> {
        let by_password = self.access.account_by_password;
        self.connect(if by_password { Need::Password } else { Need::Token }).await
    }
}

impl Session {
    /// A command as one would type it for the same server.
    pub(super) fn command(&self, words: impl Display) -> String {
        self.server.command(format_args!("shtrafovnet {words}{}", self.access))
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
        self.show(answer).map_err(but_done)
    }

    /// Says that something is gone. The service's own answer is empty.
    pub(super) fn show_deleted(&self, _: Deleted) -> Result<u8, Failure> {
        let text = match self.format {
            Format::Human => "Deleted",
            Format::Json => "{}",
        };
        output::line(text).map(|()| exit::OK).map_err(but_done)
    }
}

/// A failure after the call, which went well.
pub(super) fn but_done(failure: Failure) -> Failure {
    failure.or_maybe_processed().with_advice(
        "the service has done what it was asked to; only its answer could not be shown",
    )
}

/// A call's error.
#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn failed(error: Error) -> Failure {
    Failure::of(&error, advice(error.operation())).with_fields(fields(&error))
}

/// What to do after a call that may have been processed. Whatever only reads can just be repeated.
fn advice(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "POST /account/registration" => {
            "the account may have been registered: look for the letter, or try `account show`"
        }
        "POST /account/reset-password" => "the password may have been changed: look for the letter",
        "PATCH /account" => {
            "the account may have been changed; so may the password, if it was to be"
        }
        "POST /users" => "the user may have been created: look with `users show`",
        "POST /cars" => "the car may have been added: look with `users cars`",
        "POST /scan" => "the scan may have been started; another one does no harm",
        "POST /invoices" => {
            "the invoice may have been made: look with `invoices list` before making another one"
        }
        "POST /test/notification/fine" => "the notification may have been sent",
        operation if operation.starts_with("PATCH") || operation.starts_with("DELETE") => {
            "it may be done already; the same command again does no harm"
        }
        _ => return None,
    })
}

/// What the API says of each field. Its texts may quote what was sent, and then only the error's own
/// message is safe: whatever was masked there is left out here.
fn fields(error: &Error) -> BTreeMap<String, String> {
    let message = error.message().unwrap_or_default();
    let errors = ValidationErrors::of(error);
    let shown = errors.iter().filter_map(|(field, texts)| {
        let text = texts.join(" ");
        if message.contains(&format!("{field}: {text}")) {
            return Some((field.to_owned(), text));
        }
        let is_known = !field.is_empty() && message.contains(&format!("{field}: "));
        is_known.then(|| (field.to_owned(), "refused; the reason quotes what was sent".to_owned()))
    });
    shown.collect()
}
