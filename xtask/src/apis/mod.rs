//! What the automation knows of each API. A new API is one more file here.

pub(crate) mod cherehapa;
pub(crate) mod epgu;
pub(crate) mod nsso;
pub(crate) mod osago;
pub(crate) mod shtrafovnet;

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
    /// What of a path may be kept when the exchange comes from the real service; all else is masked.
    pub(crate) harmless_segments: &'static [&'static str],
    /// Whose values in the query may be kept.
    pub(crate) harmless_query: &'static [&'static str],
    /// What of an answer may be kept.
    pub(crate) harmless_fields: &'static [&'static str],
    /// The field of an answer that holds an error's code.
    pub(crate) code_field: &'static str,
    /// Fields that are taken in every form, so that no nonsense is refused there.
    pub(crate) free_fields: &'static [&'static str],
    /// Fields of an answer that hold JSON in a string.
    pub(crate) embedded: &'static [&'static str],
    /// Decodes an operation's answer and writes it back.
    pub(crate) decode: fn(operation: &str, body: &[u8]) -> std::result::Result<Value, String>,
    /// Whether the client types this error code.
    pub(crate) knows_code: fn(&str) -> bool,
}

/// All APIs.
pub(crate) const APIS: &[Api] =
    &[nsso::API, shtrafovnet::API, osago::API, cherehapa::API, epgu::API];

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
