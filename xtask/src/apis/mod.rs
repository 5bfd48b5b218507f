//! What the automation knows of each API. A new API is one more file here.

pub(crate) mod nsso;

use ruapi_core::BoxFuture;
use ruapi_core::test_util::Exchange;
use serde_json::Value;

use crate::Result;

/// One API, as data.
pub(crate) struct Api {
    /// The folder below `fixtures/`.
    pub(crate) name: &'static str,
    /// The documented operations, parameters, fields and codes, as TOML.
    pub(crate) documented: &'static str,
    /// The READMEs that show the coverage table.
    pub(crate) readmes: &'static [&'static str],
    /// Drives every operation, against the sandbox or the real service.
    pub(crate) record: fn(Source) -> BoxFuture<'static, Result<Vec<Recorded>>>,
    /// What of an answer may be kept when it comes from the real service.
    pub(crate) harmless_fields: &'static [&'static str],
    /// Decodes an operation's answer and writes it back.
    pub(crate) decode: fn(operation: &str, body: &[u8]) -> std::result::Result<Value, String>,
    /// Whether the client types this error code.
    pub(crate) knows_code: fn(&str) -> bool,
}

/// All APIs.
pub(crate) const APIS: &[Api] = &[nsso::API];

/// Where exchanges are recorded from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A fresh sandbox: everybody in it is invented.
    Sandbox,
    /// The real service, with credentials from the environment.
    Live,
}

/// A recorded exchange with the place it goes to: `fixtures/API/OPERATION/CASE.json`.
pub(crate) struct Recorded {
    pub(crate) operation: &'static str,
    pub(crate) case: String,
    pub(crate) exchange: Exchange,
}
