//! The options of every command, and where credentials come from.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ruapi_core::Options;
use ruapi_sandbox::Sandbox;

use crate::exit::Failure;
use crate::output;

/// More than any secret: whatever is larger is the wrong file.
const LARGEST_SECRET_FILE: u64 = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for people
    Human,
    /// The API's answer as one line of JSON; errors as JSON on stderr
    Json,
}

#[derive(Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Ask the embedded sandbox, with its own token, instead of the real service
    #[arg(long, global = true)]
    sandbox: bool,
    /// Ask another server: the URL up to the operation's own path; https, or http on loopback
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,
    /// How to print the answer
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "human",
        hide_possible_values = true,
        value_name = "human|json"
    )]
    pub(crate) format: Format,
    /// Read the token from a file instead of the environment
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// How long to wait for an answer before giving up; each API has its own default
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// The sandbox that several command lines share, as in the demo.
    #[arg(skip)]
    pub(crate) shared_sandbox: Option<Arc<Sandbox>>,
}

/// The server that a command asks.
pub(crate) enum Server {
    /// The embedded sandbox; it stops when dropped.
    Sandbox(Arc<Sandbox>),
    /// The user's own choice, or else the API's production server; and where its token is, if in a file.
    Real { base_url: Option<String>, token_file: Option<PathBuf> },
}

impl Server {
    /// A command as one would type it for the same server.
    pub(crate) fn command(&self, words: impl Display) -> String {
        match self {
            Self::Sandbox(_) => format!("ruapi --sandbox {words}"),
            Self::Real { base_url, token_file } => {
                let url = option_words("--base-url", base_url.as_deref());
                format!("ruapi{url}{} {words}", file_words("--token-file", token_file.as_deref()))
            }
        }
    }
}

/// An option with its value, as one would type it into a shell; nothing if it was not given.
pub(crate) fn option_words(name: &str, value: Option<&str>) -> String {
    // What cannot be quoted was not typed either.
    let quoted = value.and_then(|value| shlex::try_quote(value).ok());
    quoted.map(|value| format!(" {name} {value}")).unwrap_or_default()
}

/// The same for an option that names a file.
pub(crate) fn file_words(name: &str, file: Option<&Path>) -> String {
    option_words(name, file.and_then(Path::to_str))
}

impl Global {
    /// The server to ask.
    pub(crate) async fn server(&self) -> Result<Server, Failure> {
        if !self.sandbox {
            let (base_url, token_file) = (self.base_url.clone(), self.token_file.clone());
            return Ok(Server::Real { base_url, token_file });
        }
        // Not left to clap, which misses conflicts between options before and after a subcommand.
        for (given, name) in
            [(self.base_url.is_some(), "--base-url"), (self.token_file.is_some(), "--token-file")]
        {
            self.refuse_with_sandbox(given, name)?;
        }
        if let Some(sandbox) = &self.shared_sandbox {
            return Ok(Server::Sandbox(sandbox.clone()));
        }
        let sandbox = Sandbox::start().await;
        let sandbox =
            sandbox.map_err(|error| Failure::local("cannot start the sandbox", &error))?;
        Ok(Server::Sandbox(Arc::new(sandbox)))
    }

    /// The sandbox knows its own URL and credentials.
    pub(crate) fn refuse_with_sandbox(&self, given: bool, name: &str) -> Result<(), Failure> {
        if !self.sandbox || !given {
            return Ok(());
        }
        Err(Failure::input(format!(
            "{name} cannot be used with --sandbox, which has its own URL and token"
        )))
    }

    /// Whether the user names a server.
    pub(crate) fn has_base_url(&self) -> bool {
        self.base_url.is_some()
    }

    /// Whether the user names a file with the token.
    pub(crate) fn has_token_file(&self) -> bool {
        self.token_file.is_some()
    }

    /// What the options say about every client.
    pub(crate) fn client_options(&self) -> Options {
        let options = Options::new().user_agent(concat!("ruapi/", env!("CARGO_PKG_VERSION")));
        match self.timeout {
            // Also the deadline of the whole call, where the API's own would be shorter.
            Some(timeout) => {
                options.timeout(timeout).deadline(timeout.max(Duration::from_secs(600)))
            }
            None => options,
        }
    }

    /// The token, from the file or else from the environment.
    pub(crate) fn token(&self, variable: &str) -> Result<String, Failure> {
        if let Some(path) = &self.token_file {
            let token = self.secret_from_file(path, "--token-file", "token")?;
            return Ok(token.trim().to_owned());
        }
        variable_of(variable)?.ok_or_else(|| {
            Failure::credential(format!(
                "no token: set the environment variable {variable}, or name a file that holds it \
                 with --token-file FILE (or try it without a token: --sandbox)"
            ))
        })
    }

    /// What a file of this option holds, without the end of its line.
    pub(crate) fn secret_from_file(
        &self,
        path: &Path,
        option: &str,
        what: &str,
    ) -> Result<String, Failure> {
        // The path is not shown: the secret itself may stand in its place.
        let unreadable =
            |error| Failure::credential(format!("cannot read the file of {option}: {error}"));
        let file = File::open(path).map_err(unreadable)?;
        self.warn_of_readers(&file, what).map_err(unreadable)?;
        let mut secret = String::new();
        file.take(LARGEST_SECRET_FILE + 1).read_to_string(&mut secret).map_err(unreadable)?;
        // Editors add line ends, and some a byte order mark.
        Ok(secret.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Warns if others can read a file with a secret.
    #[cfg_attr(not(unix), allow(unused_variables, reason = "there are no modes"))]
    pub(crate) fn warn_of_readers(&self, file: &File, what: &str) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let metadata = file.metadata()?;
            if metadata.is_file() && metadata.mode() & 0o044 != 0 {
                let text =
                    format!("warning: others can read the {what} file: chmod 600 would help");
                output::notice(self.format, &text);
            }
        }
        Ok(())
    }
}

/// The value of an environment variable; an empty one is none.
pub(crate) fn variable_of(name: &str) -> Result<Option<String>, Failure> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::credential(format!("{name} is not text")))
        }
    }
}

pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok();
    let fitting = seconds.filter(|seconds| (0.001..=86_400.0).contains(seconds));
    fitting
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected seconds, from 0.001 to 86400".to_owned())
}
