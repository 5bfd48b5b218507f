//! What the request log may show of a query.

use super::fine::FIELDS;
use super::fines::{DOC, FILTERS, ORG, PAID};
use super::input::{base, digits};
use super::kinds::{CarStatus, InvoiceStatus, UserStatus};
use crate::request_log::Visible;

/// Brackets with at most three digits: longer ones may be something else than an index.
const INDEX: usize = 5;

/// Values that the document lists, and no others; names that are known, with or without an index.
pub(super) fn visible(name: &str, value: &str) -> Visible {
    let base = base(name);
    if name.len() > base.len() + INDEX {
        return Visible::Nothing;
    }
    let harmless = match base {
        "status" => {
            UserStatus::NAMES.contains(&value)
                || CarStatus::NAMES.contains(&value)
                || InvoiceStatus::NAMES.contains(&value)
        }
        "paid" => PAID.contains(&value),
        "doc" => DOC.contains(&value),
        "org" => ORG.contains(&value),
        "filters" => FILTERS.contains(&value),
        "fields" => FIELDS.contains(&value),
        // A longer number may be something else.
        "page" => value.len() <= 6 && digits(value).is_some(),
        "started" | "ended" | "update_started" | "update_ended" | "create_started"
        | "create_ended" | "cars" | "uins" | "uin_search" | "email" => false,
        _ => return Visible::Nothing,
    };
    if harmless { Visible::Value } else { Visible::Name }
}
