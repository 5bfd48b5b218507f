//! The NSSO API.

mod bulk;
mod check;
mod ledger;
mod table;

use clap::Subcommand;
use nsso_client::{Client, Error, Options, PRODUCTION, Token};
use ruapi_core::{BODY_KEPT, redact};
use ruapi_sandbox::Nsso;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::exit::Failure;
use crate::global::{Global, Server};
use crate::output;

const TOKEN_VARIABLE: &str = "RUAPI_NSSO_TOKEN";
/// What to do after an error that may have cost money.
const ADVICE: &str = "the query may have been billed; check the balance before asking again";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Find the policies of a car, or a policy by its number; billed when answered
    ///
    /// For one car or policy, or for a whole table of cars (--input). A table's answers are
    /// written as JSON lines; the same command run again goes on where it was stopped, and asks for no
    /// row twice that may have been billed.
    Check(check::Args),
}

impl Command {
    pub(crate) async fn run(&self, global: &Global) -> Result<u8, Failure> {
        match self {
            Self::Check(args) => args.run(global).await,
        }
    }
}

/// An answer that may be paid for and was not understood, as it came, but for the token, which a server
/// may repeat.
#[derive(Serialize)]
struct Unread {
    body: String,
    /// There may be more of it, which was not kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

impl Unread {
    fn of(error: &Error, token: &SecretString) -> Option<Self> {
        let is_answer = error.status().is_some_and(|status| status.is_success());
        let came = is_answer && error.maybe_processed() && !error.body().is_empty();
        came.then(|| Self {
            body: without(token.expose_secret(), &output::text_of(error.body())),
            cut: error.body().len() >= BODY_KEPT,
        })
    }
}

/// A text with the token masked, also where JSON has escaped letters of it.
fn without(token: &str, text: &str) -> String {
    let (mut rest, mut masked) = (text, String::with_capacity(text.len()));
    while let Some(letter) = rest.chars().next() {
        if let Some(after) = behind(token, rest).filter(|after| after.len() < rest.len()) {
            masked.push_str(redact::MASK);
            rest = after;
        } else {
            masked.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    masked
}

/// What follows the token in a text that begins with it.
fn behind<'a>(token: &str, text: &'a str) -> Option<&'a str> {
    token.chars().try_fold(text, |rest, letter| {
        rest.strip_prefix(letter).or_else(|| {
            // JSON in a text is escaped twice.
            let digits = rest.strip_prefix('\\')?.trim_start_matches('\\').strip_prefix('u')?;
            let (hex, after) = digits.split_at_checked(4)?;
            (u32::from_str_radix(hex, 16) == Ok(letter.into())).then_some(after)
        })
    })
}

/// A server's name in the output of a bulk: invented answers must not pass for real ones.
fn name_of(server: &Server) -> &str {
    match server {
        Server::Sandbox(_) => "sandbox",
        Server::Real { base_url, .. } => without_slash(base_url.as_deref().unwrap_or(PRODUCTION)),
    }
}

/// The same server, with a slash at its end or without.
fn without_slash(server: &str) -> &str {
    server.trim_end_matches('/')
}

/// The client, the server it talks to, which must live as long, and the token.
async fn connect(
    global: &Global,
    options: Options,
) -> Result<(Client, Server, SecretString), Failure> {
    let server = global.server().await?;
    let (token, base_url) = match &server {
        Server::Sandbox(sandbox) => (Nsso::TOKEN.to_owned(), sandbox.nsso_url()),
        Server::Real { base_url, .. } => {
            let base_url = base_url.clone().unwrap_or_else(|| PRODUCTION.to_owned());
            (global.token(TOKEN_VARIABLE)?, base_url)
        }
    };
    let secret = SecretString::from(token);
    let token = Token::new(secret.clone()).map_err(|error| Failure::input(error.to_string()))?;
    let client = Client::builder(token)
        .base_url(base_url)
        .options(options)
        .build()
        .map_err(|error| Failure::of(&error, ADVICE))?;
    Ok((client, server, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_masked_however_it_is_escaped() {
        for spelled in ["a1Z", r"\u0061\u0031\u005a", r"a\u0031Z", r"\\u0061\\u0031\\u005A"] {
            let text = format!(r"ключ {spelled}, a1z \u00");
            assert_eq!(without("a1Z", &text), r"ключ ***, a1z \u00", "{spelled}");
        }
        assert_eq!(without("", "as it is"), "as it is");
    }
}
