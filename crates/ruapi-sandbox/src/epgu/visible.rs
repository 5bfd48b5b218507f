//! What of a query the request log may show.

use super::input::digits;
use crate::request_log::Visible;

/// Numbers of pages, and moments; numbers of applications and names of files are masked.
pub(super) fn visible(name: &str, value: &str) -> Visible {
    let harmless = match name {
        // A longer number may be something else.
        "pageNum" | "pageSize" => value.len() <= 6 && digits(value).is_some(),
        "updatedAfter" => {
            value.len() <= "2022-12-10T12:31:42.000".len()
                && value.contains('T')
                && value.chars().all(|char| char.is_ascii_digit() || "-T:.".contains(char))
        }
        "orderIds" | "mnemonic" | "eserviceCode" | "reason" => false,
        _ => return Visible::Nothing,
    };
    if harmless { Visible::Value } else { Visible::Name }
}
