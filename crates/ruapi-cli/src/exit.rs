//! What went wrong, how it is said, and the exit code that follows from it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use ruapi_core::{Error, Kind};
use serde::Serialize;

use crate::global::Format;
use crate::output::{self, Plain};

pub(crate) const OK: u8 = 0;
pub(crate) const LOCAL: u8 = 1;
pub(crate) const INPUT: u8 = 2;
pub(crate) const CREDENTIAL: u8 = 3;
pub(crate) const NOT_FOUND: u8 = 4;
pub(crate) const REFUSED: u8 = 5;
pub(crate) const BUSY: u8 = 6;
pub(crate) const NETWORK: u8 = 7;
pub(crate) const NOT_UNDERSTOOD: u8 = 8;
pub(crate) const INTERRUPTED: u8 = 130;

/// For `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  1    this machine failed: a full disk, a port in use
  2    wrong input or arguments, a malformed token included; nothing was sent, unless a table
       or a list changed in the middle of the run
  3    credentials missing or not accepted
  4    not found
  5    refused by the API, lack of money included
  6    busy, or a limit is reached: try again later
  7    network or server failure, and whatever else may have been processed (and billed)
       without an answer; the message says whether it may
  8    the answer was not understood; it may have been billed
  130  stopped by Ctrl-C; 0 for what only Ctrl-C ends (sandbox, epgu order updated --follow)
check-partner: 8 if something is against the document, else 4 if something could not be checked.
With many inputs: 0 if every row is answered, else the first of 3, 5, 7, 8, 6, 4, 2 that befell a row.

Credentials come from the environment or a file, never from an argument:
  nsso         RUAPI_NSSO_TOKEN or --token-file FILE
  shtrafovnet  RUAPI_SHTRAFOVNET_EMAIL and RUAPI_SHTRAFOVNET_PASSWORD or --password-file FILE;
               or RUAPI_SHTRAFOVNET_TOKEN or --token-file FILE
  osago        RUAPI_OSAGO_TOKEN or --token-file FILE; or none, if the partner wants none
  epgu         RUAPI_EPGU_TOKEN or --token-file FILE
No credentials are needed with --sandbox:
  ruapi --sandbox nsso check --plate А111АА11
  ruapi --sandbox shtrafovnet users list
  ruapi --sandbox osago template | ruapi --sandbox osago calculate - --wait
  ruapi --sandbox epgu order show 2058864134";

/// An error's name in JSON and its exit code: the only place that maps kinds.
fn classify(error: &Error) -> (&'static str, u8) {
    let (name, code) = by_kind(error);
    // "Try again later" and "refused" would invite to pay twice.
    let code = if error.maybe_processed() && code != NOT_UNDERSTOOD { NETWORK } else { code };
    (name, code)
}

fn by_kind(error: &Error) -> (&'static str, u8) {
    match error.kind() {
        Kind::Input if error.attempts() == 0 => ("input", INPUT),
        Kind::Input => ("input", REFUSED),
        Kind::Credential => ("credential", CREDENTIAL),
        Kind::Funds => ("funds", REFUSED),
        Kind::NotFound => ("not_found", NOT_FOUND),
        Kind::Refused => ("refused", REFUSED),
        Kind::Busy => ("busy", BUSY),
        Kind::Connect => ("connect", NETWORK),
        Kind::Interrupted => ("interrupted", NETWORK),
        Kind::Timeout => ("timeout", NETWORK),
        Kind::Server => ("server", NETWORK),
        Kind::Redirect => ("redirect", NETWORK),
        Kind::Decode => ("decode", NOT_UNDERSTOOD),
        Kind::TooLarge => ("too_large", NOT_UNDERSTOOD),
        _ => ("other", NETWORK),
    }
}

/// The graver of two exit codes, for many inputs: what stops everything first, then what costs money.
pub(crate) fn graver(one: u8, other: u8) -> u8 {
    const GRAVEST_FIRST: [u8; 8] =
        [CREDENTIAL, REFUSED, NETWORK, NOT_UNDERSTOOD, BUSY, NOT_FOUND, INPUT, OK];
    let of_two = |code: &u8| [one, other].contains(code);
    GRAVEST_FIRST.into_iter().find(of_two).unwrap_or(one)
}

/// An error as it is shown: no URL, no token, nothing of what the caller sent, as far as the core masks it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Failure {
    kind: &'static str,
    /// The API's own code.
    code: Option<Box<str>>,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
    /// What the API says is wrong, by the name of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Box<Fields>>,
    status: Option<u16>,
    attempts: u32,
    maybe_processed: bool,
    #[serde(skip)]
    advice: Option<Box<str>>,
    #[serde(skip)]
    exit_code: u8,
}

/// A failure and what to do about it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    failure: &'a Failure,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'a str>,
}

/// By name.
#[derive(Debug, Clone, Serialize)]
struct Fields(BTreeMap<String, String>);

impl Failure {
    fn new(kind: &'static str, exit_code: u8, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
            causes: Vec::new(),
            fields: None,
            status: None,
            attempts: 0,
            maybe_processed: false,
            advice: None,
            exit_code,
        }
    }

    /// Input that is wrong as one can see here; nothing was sent.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new("input", INPUT, message)
    }

    /// A credential that is missing; nothing was sent.
    pub(crate) fn credential(message: impl Into<String>) -> Self {
        Self::new("credential", CREDENTIAL, message)
    }

    /// A saved answer that is not what the API's document promises.
    pub(crate) fn not_understood(message: impl Into<String>) -> Self {
        Self::new("decode", NOT_UNDERSTOOD, message)
    }

    /// A saved answer that is larger than any answer.
    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new("too_large", NOT_UNDERSTOOD, message)
    }

    /// An answer that does not hold what is wanted.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new("not_found", NOT_FOUND, message)
    }

    /// A failure of this machine.
    pub(crate) fn local(what: impl fmt::Display, error: &io::Error) -> Self {
        Self::new("local", LOCAL, format!("{what}: {error}"))
    }

    /// A call that may have been processed before the program ended.
    pub(crate) fn lost(message: &'static str) -> Self {
        Self::new("interrupted", NETWORK, message).or_maybe_processed()
    }

    /// A query that was not sent because the user stopped the program.
    pub(crate) fn stopped() -> Self {
        Self::new("stopped", INTERRUPTED, "not sent: stopped by Ctrl-C")
    }

    /// The failure of a call that was not made because this one would only happen again.
    pub(crate) fn not_sent_because(&self) -> Self {
        let message = format!("not sent: an earlier query failed: {}", self.message);
        Self { code: self.code.clone(), ..Self::new(self.kind, self.exit_code, message) }
    }

    /// Work that the user stopped and that is not finished.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new("stopped", INTERRUPTED, message)
    }

    /// What is not finished yet, and may be at another time.
    pub(crate) fn later(message: impl Into<String>) -> Self {
        Self::new("timeout", BUSY, message)
    }

    /// A call's error; `advice` is shown if the call may have been processed.
    pub(crate) fn of(error: &Error, advice: impl Into<Option<&'static str>>) -> Self {
        let (kind, exit_code) = classify(error);
        let mut causes = Vec::new();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        Self {
            code: error.code().map(Into::into),
            causes,
            status: error.status().map(|status| status.as_u16()),
            attempts: error.attempts(),
            maybe_processed: error.maybe_processed(),
            advice: advice.into().filter(|_| error.maybe_processed()).map(Into::into),
            ..Self::new(kind, exit_code, error.to_string())
        }
    }

    /// The same failure of something that was paid for already.
    pub(crate) fn after_payment(self) -> Self {
        let advice = "the query was answered and billed; only its answer could not be shown";
        Self { maybe_processed: true, advice: Some(advice.into()), ..self }
    }

    /// The same with what the API says of each field.
    pub(crate) fn with_fields(self, fields: BTreeMap<String, String>) -> Self {
        Self { fields: (!fields.is_empty()).then(|| Box::new(Fields(fields))), ..self }
    }

    /// The same with what to do about it, in place of other advice.
    pub(crate) fn with_advice(self, advice: impl Into<Box<str>>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// The same with what to do if the call may have been processed.
    pub(crate) fn with_advice_in_doubt(self, advice: &str) -> Self {
        if self.maybe_processed { self.with_advice(advice) } else { self }
    }

    /// The same, of a call that may have been processed at an earlier time.
    pub(crate) fn or_maybe_processed(mut self) -> Self {
        self.maybe_processed = true;
        self
    }

    /// The same, of an application that may have been filed: whoever goes by the exit code alone must not
    /// take it for one that was not.
    pub(crate) fn or_maybe_filed(self) -> Self {
        let exit_code = if self.exit_code == NOT_UNDERSTOOD { NOT_UNDERSTOOD } else { NETWORK };
        Self { exit_code, ..self.or_maybe_processed() }
    }

    /// Every further call would end the same way: the credentials or the money are to blame.
    pub(crate) fn stops_everything(&self) -> bool {
        matches!(self.kind, "credential" | "funds")
    }

    /// The server knows no such operation, and it is not the API that says so: every further call to this
    /// base URL would end the same way.
    pub(crate) fn is_a_wrong_address(&self) -> bool {
        self.code.is_none() && matches!(self.status, Some(404 | 405 | 410))
    }

    /// The message with its causes, for a text of several failures.
    pub(crate) fn why(&self) -> String {
        let causes = self.causes.iter().map(String::as_str);
        std::iter::once(self.message.as_str()).chain(causes).collect::<Vec<_>>().join(": ")
    }

    pub(crate) fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// On stderr.
    pub(crate) fn show(&self, format: Format) {
        match format {
            Format::Human => output::diagnostic(&self.to_string()),
            Format::Json => {
                let advice = self.advice.as_deref();
                output::diagnostic(&output::to_json(&Shown { failure: self, advice }));
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        for cause in &self.causes {
            write!(f, "\n  caused by: {cause}")?;
        }
        for (field, text) in self.fields.iter().flat_map(|fields| &fields.0) {
            // What the message holds already need not be said twice.
            if !self.message.contains(&format!("{field}: {text}")) {
                write!(f, "\n  {}: {}", Plain(field), Plain(text))?;
            }
        }
        match &self.advice {
            Some(advice) => write!(f, "\n{advice}"),
            None => Ok(()),
        }
    }
}
