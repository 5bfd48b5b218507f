use std::fmt;

use super::{Offer, OptionId, SelectedUpsale, UpsaleId, UpsaleInfo, UpsaleOption};

/// Checks a choice of upsales against what was offered, by the document's rules:
///
/// * each option belongs to its upsale, and each upsale to the offer;
/// * at most one option of an upsale;
/// * every upsale with `is_required` is there, and in a reinsurance pool every upsale;
/// * in a required upsale the option that is on by default cannot be exchanged (`read only`);
/// * no two options have different `compatibility_id`s.
///
/// All that is wrong is told at once. An upsale without any option cannot be chosen and is not missed.
pub fn check_upsales(offer: &Offer, selected: &[SelectedUpsale]) -> Result<(), UpsaleErrors> {
    let mut errors = Vec::new();
    let mut first: Option<(usize, i64)> = None;
    for (place, choice) in selected.iter().enumerate() {
        let (upsale, option) = (choice.upsale_id.clone(), choice.option_id.clone());
        let Some(info) = offer.upsales.iter().find(|info| info.id == choice.upsale_id) else {
            errors.push(UpsaleError::UnknownUpsale { place, upsale });
            continue;
        };
        if selected[..place].iter().any(|earlier| earlier.upsale_id == choice.upsale_id) {
            errors.push(UpsaleError::SecondOption { place, upsale });
            continue;
        }
        let Some(found) = info.options.iter().find(|found| found.id == choice.option_id) else {
            errors.push(UpsaleError::UnknownOption { place, upsale, option });
            continue;
        };
        if is_read_only(info) && !is_default(found) {
            errors.push(UpsaleError::ReadOnly { place, upsale, option });
        }
        match (first, found.compatibility_id) {
            (None, Some(id)) => first = Some((place, id)),
            (Some((with, id)), Some(other)) if id != other => {
                errors.push(UpsaleError::Incompatible { place, with });
            }
            _ => {}
        }
    }
    for info in &offer.upsales {
        let is_chosen = selected.iter().any(|choice| choice.upsale_id == info.id);
        if offer.requires(info) && !info.options.is_empty() && !is_chosen {
            let upsale = info.id.clone();
            errors.push(match info.is_required {
                Some(true) => UpsaleError::MissingRequired { upsale },
                _ => UpsaleError::MissingInPool { upsale },
            });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(UpsaleErrors(errors)) }
}

fn is_default(option: &UpsaleOption) -> bool {
    option.is_default == Some(true)
}

fn is_read_only(info: &UpsaleInfo) -> bool {
    info.is_required == Some(true) && info.options.iter().any(is_default)
}

/// What is wrong with a choice of upsales. `place` counts from 0 in the choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpsaleError {
    /// The offer has no such upsale.
    #[error("the offer has no upsale {upsale}")]
    UnknownUpsale {
        /// Where in the choice.
        place: usize,
        /// The upsale.
        upsale: UpsaleId,
    },
    /// The option is not one of the upsale's.
    #[error("the upsale {upsale} has no option {option}")]
    UnknownOption {
        /// Where in the choice.
        place: usize,
        /// The upsale.
        upsale: UpsaleId,
        /// The option.
        option: OptionId,
    },
    /// The upsale was chosen already.
    #[error("of the upsale {upsale} more than one option is chosen")]
    SecondOption {
        /// Where in the choice.
        place: usize,
        /// The upsale.
        upsale: UpsaleId,
    },
    /// The upsale is required, and another of its options is on by default and cannot be changed.
    #[error("the required upsale {upsale} has a fixed option, which is not {option}")]
    ReadOnly {
        /// Where in the choice.
        place: usize,
        /// The upsale.
        upsale: UpsaleId,
        /// The option.
        option: OptionId,
    },
    /// Two options have different `compatibility_id`s.
    #[error("not compatible with upsales[{with}]: the compatibility_id differs")]
    Incompatible {
        /// Where in the choice.
        place: usize,
        /// Where in the choice the other one is.
        with: usize,
    },
    /// A required upsale is left out.
    #[error("the required upsale {upsale} is left out")]
    MissingRequired {
        /// The upsale.
        upsale: UpsaleId,
    },
    /// The offer is in the reinsurance pool, and one of its upsales is left out.
    #[error("the upsale {upsale} is left out: in a reinsurance pool all are obligatory")]
    MissingInPool {
        /// The upsale.
        upsale: UpsaleId,
    },
}

impl UpsaleError {
    /// The path of the property in the confirmation, such as `upsales[0].option_id`.
    pub fn property(&self) -> String {
        match self {
            Self::UnknownUpsale { place, .. } | Self::SecondOption { place, .. } => {
                format!("upsales[{place}].upsale_id")
            }
            Self::UnknownOption { place, .. }
            | Self::ReadOnly { place, .. }
            | Self::Incompatible { place, .. } => format!("upsales[{place}].option_id"),
            Self::MissingRequired { .. } | Self::MissingInPool { .. } => "upsales".to_owned(),
        }
    }
}

/// All that is wrong with a choice of upsales; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpsaleErrors(Vec<UpsaleError>);

impl UpsaleErrors {
    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &UpsaleError> {
        self.0.iter()
    }
}

impl fmt::Display for UpsaleErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, error) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {error}", error.property())?;
        }
        Ok(())
    }
}

impl std::error::Error for UpsaleErrors {}
