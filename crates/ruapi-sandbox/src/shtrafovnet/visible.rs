//! What the request log may show of a query.

use super::fine::FIELDS;
use super::fines::{DOC, FILTERS, ORG, PAID};
use super::input::{base, digits};
use super::kinds::{CarStatus, InvoiceStatus, UserStatus};
use crate::request_log::Visible;

/// Values that the document lists, and no others; names that are known, with or without an index.
pub(super) fn visible(name: &str, value: &str) -> Visible {
    if name.len() > 24 {
        return Visible::Nothing;
    }
    let harmless = match base(name) {
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
    // What is in brackets may be long, too.
    if harmless || base(name) == name || name.len() <= base(name).len() + 5 {
        return if harmless { Visible::Value } else { Visible::Name };
    }
    Visible::Nothing
}
