//! How the partner behaves.

use serde::{Deserialize, Serialize};

use super::kinds::{Access, CalculationEnd, ConfirmEnd, IdForm, PoolForm};

/// How the partner behaves: see [`Osago::change`](super::Osago::change). Times are by the clock. What
/// says how something ends holds for what begins afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// Who may call.
    pub access: Access,
    /// How long a calculation takes; 5 by default.
    pub calculation_seconds: u32,
    /// How calculations end.
    pub calculation_end: CalculationEnd,
    /// What becomes of confirmed offers.
    pub confirm_end: ConfirmEnd,
    /// How long an offer can be paid, from the calculation on; 1 800 by default.
    pub offer_seconds: u32,
    /// How long a draft takes, from the first question on; 7 by default.
    pub draft_seconds: u32,
    /// How the identifiers of options are answered.
    pub option_ids: IdForm,
    /// How it is said that an offer is not in the reinsurance pool.
    pub not_in_pool: PoolForm,
    /// Whether prices are answered as texts; false by default.
    pub prices_as_text: bool,
    /// Whether links to logos begin with `//`, as the document prints them; true by default.
    pub logos_without_scheme: bool,
    /// Whether answers have a field that no document names; true by default.
    pub extra_fields: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access: Access::Bearer,
            calculation_seconds: 5,
            calculation_end: CalculationEnd::Ready,
            confirm_end: ConfirmEnd::PaymentReady,
            offer_seconds: 1_800,
            draft_seconds: 7,
            option_ids: IdForm::Number,
            not_in_pool: PoolForm::False,
            prices_as_text: false,
            logos_without_scheme: true,
            extra_fields: true,
        }
    }
}
