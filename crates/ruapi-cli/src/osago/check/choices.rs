//! Choices of upsales: one against each rule of the document, and a right one.

use serde_json::Value;

use super::answers::Refusal;
use super::offer_rules::list;
use super::rule::{Check, Severity::Error};

/// Upsales, each with one of its options, as texts.
pub(super) type Chosen = Vec<(String, String)>;

/// A choice that is to be refused.
pub(super) struct Choice {
    pub(super) refusal: Refusal,
    /// `None` where the offer has no upsales for it.
    pub(super) make: fn(&Value) -> Option<Chosen>,
    /// What the offer lacks then.
    pub(super) missing: &'static str,
}

const fn choice(
    name: &'static str,
    place: &'static str,
    expected: &'static str,
    make: fn(&Value) -> Option<Chosen>,
    missing: &'static str,
) -> Choice {
    let check = Check::new(name, Error, place, expected);
    Choice {
        refusal: Refusal { check, statuses: &[400], property: Some("upsales") },
        make,
        missing,
    }
}

const UNKNOWN_UPSALE: Choice = choice(
    "unknown_upsale",
    "confirm-offer#upsaleinfo: id",
    "HTTP 400 to an upsale that the offer does not have",
    unknown_upsale,
    "no offer can be confirmed",
);
const UNKNOWN_OPTION: Choice = choice(
    "unknown_option",
    "confirm-offer#upsaleoption: id",
    "HTTP 400 to an option that the upsale does not have",
    unknown_option,
    "no offer has an upsale",
);
const TWO_OPTIONS: Choice = choice(
    "two_options",
    "confirm-offer#upsaleinfo: options",
    "HTTP 400 to two options of one upsale",
    two_options,
    "no upsale has two options",
);
const READ_ONLY: Choice = choice(
    "read_only",
    "confirm-offer#upsaleoption: is_default",
    "HTTP 400 to another option than the default of an upsale that is required",
    read_only,
    "no required upsale has a default and another option",
);
const MISSING_REQUIRED: Choice = choice(
    "missing_required",
    "confirm-offer#upsaleinfo: is_required",
    "HTTP 400 without an upsale that is required",
    missing_required,
    "no upsale is required",
);
const MISSING_IN_POOL: Choice = choice(
    "missing_in_pool",
    "confirm-offer#200-ok: is_reinsurance_pool",
    "HTTP 400 without one of the upsales in a reinsurance pool",
    missing_in_pool,
    "no offer with upsales is in a reinsurance pool",
);
const INCOMPATIBLE: Choice = choice(
    "incompatible",
    "confirm-offer#upsaleoption: compatibility_id",
    "HTTP 400 to options with different compatibility_ids",
    incompatible,
    "no two upsales have options with different compatibility_ids",
);

pub(super) const ALL: &[Choice] = &[
    UNKNOWN_UPSALE,
    UNKNOWN_OPTION,
    TWO_OPTIONS,
    READ_ONLY,
    MISSING_REQUIRED,
    MISSING_IN_POOL,
    INCOMPATIBLE,
];

pub(super) const CHECKS: &[Check] = &[
    UNKNOWN_UPSALE.refusal.check,
    UNKNOWN_OPTION.refusal.check,
    TWO_OPTIONS.refusal.check,
    READ_ONLY.refusal.check,
    MISSING_REQUIRED.refusal.check,
    MISSING_IN_POOL.refusal.check,
    INCOMPATIBLE.refusal.check,
];

const NOBODYS: &str = "no-such-upsale";
const NO_OPTION: &str = "999999999";

/// A right choice: what is obligatory, with its default or else its first option that goes with the
/// others.
pub(super) fn right(offer: &Value) -> Option<Chosen> {
    let mut chosen = Vec::new();
    let mut compatible: Option<&Value> = None;
    for upsale in obligatory(offer) {
        let options = list(upsale, "options");
        let fits = |option: &&Value| match (compatible, &option["compatibility_id"]) {
            (_, Value::Null) | (None, _) => true,
            (Some(id), other) => id == other,
        };
        let default = options.iter().find(|option| option["is_default"] == true);
        let option = match default {
            // It cannot be changed.
            Some(default) => Some(default).filter(fits),
            None => options.iter().find(fits),
        }?;
        if !option["compatibility_id"].is_null() {
            compatible = Some(&option["compatibility_id"]);
        }
        chosen.push(pair(upsale, option)?);
    }
    Some(chosen)
}

/// The upsales without which the offer cannot be had.
fn obligatory(offer: &Value) -> impl Iterator<Item = &Value> {
    let is_pool = offer["is_reinsurance_pool"] == true;
    let upsales = list(offer, "upsales").iter();
    let is_obligatory = move |upsale: &&Value| is_pool || upsale["is_required"] == true;
    upsales.filter(is_obligatory).filter(|upsale| !list(upsale, "options").is_empty())
}

fn pair(upsale: &Value, option: &Value) -> Option<(String, String)> {
    Some((text(&upsale["id"])?, text(&option["id"])?))
}

/// An identifier, whichever form it has.
fn text(id: &Value) -> Option<String> {
    match id {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn unknown_upsale(offer: &Value) -> Option<Chosen> {
    let mut chosen = right(offer)?;
    chosen.push((NOBODYS.to_owned(), "1".to_owned()));
    Some(chosen)
}

/// The right choice without this upsale, and then these options of it.
fn instead(
    offer: &Value,
    upsale: &Value,
    options: impl IntoIterator<Item = String>,
) -> Option<Chosen> {
    let id = text(&upsale["id"])?;
    let mut chosen = right(offer)?;
    chosen.retain(|(known, _)| *known != id);
    chosen.extend(options.into_iter().map(|option| (id.clone(), option)));
    Some(chosen)
}

fn unknown_option(offer: &Value) -> Option<Chosen> {
    let upsale = list(offer, "upsales").first()?;
    instead(offer, upsale, [NO_OPTION.to_owned()])
}

fn two_options(offer: &Value) -> Option<Chosen> {
    // Compatible ones, where there are, so that nothing else is wrong.
    let of_one = |upsale: &Value| {
        let options = list(upsale, "options");
        let first = options.first()?;
        let same = |other: &&Value| other["compatibility_id"] == first["compatibility_id"];
        let second = options[1..].iter().find(same).or(options.get(1))?;
        instead(offer, upsale, [text(&first["id"])?, text(&second["id"])?])
    };
    list(offer, "upsales").iter().find_map(of_one)
}

fn read_only(offer: &Value) -> Option<Chosen> {
    let of_one = |upsale: &Value| {
        let options = list(upsale, "options");
        let default = options.iter().find(|option| option["is_default"] == true)?;
        // One that goes with the others as well as the default does, so that nothing else is wrong.
        let other = |option: &&Value| {
            option["is_default"] != true
                && option["compatibility_id"] == default["compatibility_id"]
        };
        instead(offer, upsale, [text(&options.iter().find(other)?["id"])?])
    };
    list(offer, "upsales").iter().filter(|upsale| upsale["is_required"] == true).find_map(of_one)
}

fn missing_required(offer: &Value) -> Option<Chosen> {
    let required = |upsale: &&Value| upsale["is_required"] == true;
    let mut upsales = obligatory(offer).filter(required);
    instead(offer, upsales.next()?, [])
}

fn missing_in_pool(offer: &Value) -> Option<Chosen> {
    let of_pool = |upsale: &&Value| upsale["is_required"] != true;
    let mut upsales = obligatory(offer).filter(of_pool);
    instead(offer, upsales.next()?, [])
}

fn incompatible(offer: &Value) -> Option<Chosen> {
    let upsales = list(offer, "upsales");
    for (place, one) in upsales.iter().enumerate() {
        for other in &upsales[place + 1..] {
            for first in list(one, "options") {
                let (id, differs) = (&first["compatibility_id"], |option: &&Value| {
                    let other = &option["compatibility_id"];
                    !other.is_null() && *other != first["compatibility_id"]
                });
                let second = list(other, "options").iter().find(differs);
                if let (false, Some(second)) = (id.is_null(), second) {
                    let chosen = instead(offer, one, [text(&first["id"])?])?;
                    let other_id = text(&other["id"])?;
                    let kept = chosen.into_iter().filter(|(known, _)| *known != other_id);
                    return Some(kept.chain([(other_id.clone(), text(&second["id"])?)]).collect());
                }
            }
        }
    }
    None
}
