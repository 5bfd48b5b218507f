//! Who asks, and where the token is kept.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::Value;
use shtrafovnet_client::{FileStore, Identity, Login};

use crate::exit::Failure;
use crate::files::{Replacement, folder};
use crate::global::{Global, file_words, variable_of};

pub(super) const EMAIL_VARIABLE: &str = "RUAPI_SHTRAFOVNET_EMAIL";
const PASSWORD_VARIABLE: &str = "RUAPI_SHTRAFOVNET_PASSWORD";
const TOKEN_VARIABLE: &str = "RUAPI_SHTRAFOVNET_TOKEN";

#[derive(clap::Args)]
#[command(next_help_heading = "Shtrafovnet options")]
pub(crate) struct Access {
    /// Read the account's password from a file instead of the environment
    #[arg(long, global = true, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Keep the token in this file (mode 0600), so that runs share one; by default each makes its own
    #[arg(long, global = true, value_name = "FILE")]
    token_cache: Option<PathBuf>,
    /// Ask under /v2/webmasters/, the other base URL that the document names
    #[arg(long, global = true)]
    pub(super) v2: bool,
    /// Authorize `account show` and `account update` by e-mail and password instead of the token
    #[arg(long, global = true)]
    pub(super) account_by_password: bool,
}

/// What a command is authorized by.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Need {
    Nothing,
    Token,
    Password,
}

impl Access {
    /// The options as one would type them again.
    pub(super) fn words(&self) -> String {
        let files =
            [("--password-file", &self.password_file), ("--token-cache", &self.token_cache)];
        let words = files.iter().map(|(name, file)| file_words(name, file.as_deref()));
        words.chain(self.v2.then(|| " --v2".to_owned())).collect()
    }

    /// The options that make no sense with the sandbox.
    pub(super) fn refuse_with_sandbox(&self, global: &Global, need: Need) -> Result<(), Failure> {
        // Whoever registers needs a password also there.
        let password = self.password_file.is_some() && need != Need::Nothing;
        global.refuse_with_sandbox(password, "--password-file")?;
        global.refuse_with_sandbox(self.token_cache.is_some(), "--token-cache")
    }

    /// Options beat the environment, and a login a token: it can do more, and renews itself.
    pub(super) fn identity(&self, global: &Global, need: Need) -> Result<Identity, Failure> {
        if need == Need::Nothing {
            return Ok(Identity::Nobody);
        }
        if global.has_token_file() {
            if self.password_file.is_some() {
                let message = "either --token-file or --password-file, not both";
                return Err(Failure::input(message));
            }
            return self.by_token(global, need);
        }
        let email = variable_of(EMAIL_VARIABLE)?;
        let password = self.given_password(global)?;
        match (email, password) {
            (Some(email), Some(password)) => Ok(Identity::Login(Login::new(email, password))),
            // A file that was named is not passed over.
            (email, _)
                if self.password_file.is_some() || variable_of(TOKEN_VARIABLE)?.is_none() =>
            {
                Err(missing(need, email.is_some()))
            }
            _ => self.by_token(global, need),
        }
    }

    fn by_token(&self, global: &Global, need: Need) -> Result<Identity, Failure> {
        if need == Need::Password {
            let message = format!(
                "this needs e-mail and password, a token is not enough: set {EMAIL_VARIABLE}, and \
                 {PASSWORD_VARIABLE} or --password-file FILE"
            );
            return Err(Failure::credential(message));
        }
        if self.token_cache.is_some() {
            let message = "--token-cache goes with e-mail and password, not with a token";
            return Err(Failure::input(message));
        }
        let token = global.token(TOKEN_VARIABLE)?;
        if token.is_empty() {
            return Err(Failure::credential("the file of --token-file is empty"));
        }
        Ok(Identity::Token(token.into()))
    }

    /// The password, of an account that is or is to be.
    pub(super) fn password(&self, global: &Global) -> Result<String, Failure> {
        self.given_password(global)?.ok_or_else(|| {
            Failure::credential(format!(
                "no password: set the environment variable {PASSWORD_VARIABLE}, or name a file \
                 that holds it with --password-file FILE"
            ))
        })
    }

    fn given_password(&self, global: &Global) -> Result<Option<String>, Failure> {
        match &self.password_file {
            None => variable_of(PASSWORD_VARIABLE),
            Some(path) => password_of(global, path, "--password-file").map(Some),
        }
    }

    /// Where the token is kept, if the user wants it on disk.
    pub(super) fn store(&self, global: &Global) -> Result<Option<FileStore>, Failure> {
        let Some(path) = &self.token_cache else { return Ok(None) };
        let unusable = |problem: &str| Failure::input(format!("{}: {problem}", path.display()));
        // The store fails without a word, and every run would log in.
        let writable = || match Replacement::begin(path) {
            Ok(_) => Ok(Some(FileStore::new(path))),
            Err(error) => Err(unusable(&error.to_string())),
        };
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => Err(unusable("not a regular file")),
            Ok(_) => {
                let wrong = |error: std::io::Error| unusable(&error.to_string());
                global
                    .warn_of_readers(&File::open(path).map_err(wrong)?, "token")
                    .map_err(wrong)?;
                // The store would replace it: a typing error must not cost somebody's file.
                match is_cache(&fs::read(path).map_err(wrong)?) {
                    true => writable(),
                    false => Err(unusable("this file is no token cache; name another one")),
                }
            }
            Err(_) if folder(path).is_dir() => writable(),
            Err(_) => Err(unusable("its folder does not exist")),
        }
    }
}

/// The password that a file holds.
pub(super) fn password_of(global: &Global, path: &Path, option: &str) -> Result<String, Failure> {
    match global.secret_from_file(path, option, "password")? {
        empty if empty.is_empty() => {
            Err(Failure::credential(format!("the file of {option} is empty")))
        }
        password => Ok(password),
    }
}

fn is_cache(content: &[u8]) -> bool {
    let parsed: Option<Value> = serde_json::from_slice(content).ok();
    content.is_empty()
        || parsed.is_some_and(|value| value["account"].is_string() && value["token"].is_string())
}

fn missing(need: Need, has_email: bool) -> Failure {
    let missing = match has_email {
        true => format!("no password: set {PASSWORD_VARIABLE}, or --password-file FILE"),
        false => format!(
            "no credentials: set the environment variables {EMAIL_VARIABLE} and \
             {PASSWORD_VARIABLE} (or --password-file FILE)"
        ),
    };
    let or_token = match need {
        Need::Password => String::new(),
        _ => format!("; or {TOKEN_VARIABLE} (or --token-file FILE)"),
    };
    Failure::credential(format!("{missing}{or_token} (or try it without: --sandbox)"))
}
