//! A boolean that is documented as 1 or 0, for
//! `#[serde(default, with = "ruapi_wire::one_or_zero")]`.
//!
//! ```
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Filters {
//!     #[serde(default, with = "ruapi_wire::one_or_zero")]
//!     only_actual: Option<bool>,
//! }
//!
//! let filters: Filters = serde_json::from_str(r#"{"only_actual": "true"}"#)?;
//! assert_eq!(serde_json::to_string(&filters)?, r#"{"only_actual":1}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```

use serde::{Deserializer, Serializer};

use crate::form::Wire;

/// Reads the boolean; absent as `null`, `""` or missing.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    crate::deserialize(deserializer)
}

/// Writes 1, 0 or `null`.
pub fn serialize<S: Serializer>(flag: &Option<bool>, serializer: S) -> Result<S::Ok, S::Error> {
    flag.map(u16::from).write(serializer)
}
