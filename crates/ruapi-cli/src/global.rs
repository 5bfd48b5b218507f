//! The options of every command, and where credentials come from.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use ruapi_core::Options;
use ruapi_sandbox::Sandbox;

use crate::exit::Failure;
use crate::output;

/// More than any token: whatever is larger is the wrong file.
const LARGEST_TOKEN_FILE: u64 = 4096;

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
}

/// The server that a command asks.
pub(crate) enum Server {
    /// The embedded sandbox; it stops when dropped.
    Sandbox(Box<Sandbox>),
    /// The user's own choice, or else the API's production server.
    Real { base_url: Option<String> },
}

impl Global {
    /// The server to ask.
    pub(crate) async fn server(&self) -> Result<Server, Failure> {
        if !self.sandbox {
            let base_url = self.base_url.clone();
            return Ok(Server::Real { base_url });
        }
        // Not left to clap, which misses conflicts between options before and after a subcommand.
        for (given, name) in
            [(self.base_url.is_some(), "--base-url"), (self.token_file.is_some(), "--token-file")]
        {
            if given {
                let message = format!(
                    "{name} cannot be used with --sandbox, which has its own URL and token"
                );
                return Err(Failure::input(message));
            }
        }
        let sandbox = Sandbox::start().await;
        let sandbox =
            sandbox.map_err(|error| Failure::local("cannot start the sandbox", &error))?;
        Ok(Server::Sandbox(Box::new(sandbox)))
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
            return self.token_from_file(path);
        }
        match std::env::var(variable) {
            Ok(token) if !token.is_empty() => Ok(token),
            Ok(_) | Err(std::env::VarError::NotPresent) => Err(Failure::credential(format!(
                "no token: set the environment variable {variable}, or name a file that holds it \
                 with --token-file FILE (or try it without a token: --sandbox)"
            ))),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Failure::credential(format!("{variable} is not text")))
            }
        }
    }

    fn token_from_file(&self, path: &Path) -> Result<String, Failure> {
        // The path is not shown: the token itself may stand in its place.
        let unreadable =
            |error| Failure::credential(format!("cannot read the file of --token-file: {error}"));
        let file = File::open(path).map_err(unreadable)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let metadata = file.metadata().map_err(unreadable)?;
            if metadata.is_file() && metadata.mode() & 0o044 != 0 {
                let text = "warning: others can read the token file: chmod 600 would help";
                output::notice(self.format, text);
            }
        }
        let mut token = String::new();
        file.take(LARGEST_TOKEN_FILE + 1).read_to_string(&mut token).map_err(unreadable)?;
        // Editors add line ends, and some a byte order mark.
        Ok(token.trim_start_matches('\u{feff}').trim().to_owned())
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok();
    let fitting = seconds.filter(|seconds| (0.001..=86_400.0).contains(seconds));
    fitting
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected seconds, from 0.001 to 86400".to_owned())
}
