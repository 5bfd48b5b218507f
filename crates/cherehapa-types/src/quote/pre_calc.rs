//! Which sum of medical insurance to start from.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::wire::{self, models, plain_decimal};
use crate::{Extra, Map};

/// The threshold of the preliminary calculation: the sum that is chosen has more companies than this
/// (заданный порог, сейчас 6).
pub const PRELIMINARY_THRESHOLD: u32 = 6;

/// The preliminary calculation: every available sum, and how many companies offer it.
///
/// The user is not asked for the sum at first. Too small a sum gives too many companies to choose from,
/// too large a sum looks like pushing dear products; by law it is not below 2 million rubles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct PreCalc {
    /// `serviceCode`: codes of the services calculated for: `medicine`.
    #[serde(rename = "serviceCode", default, with = "wire")]
    pub service_codes: Vec<String>,
    /// `serviceValues`: the available insured sums (перечень доступных страховых сумм).
    #[serde(default, with = "wire::text")]
    pub service_values: Vec<Decimal>,
    /// `companiesCount`: how many companies offer each sum (количество страховых компаний).
    #[serde(default, with = "wire")]
    pub companies_count: Map<Option<u32>>,
    /// `serviceValue`: the sum that the service chose (выбранная сумма).
    #[serde(default, with = "wire::text")]
    pub service_value: Option<Decimal>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl PreCalc {
    /// The sum by the document's rule: the smallest whose count of companies is above `threshold`
    /// ([`PRELIMINARY_THRESHOLD`] is the service's own). `None` if there is no such sum: what the service
    /// does then is not documented, see [`service_value`](PreCalc::service_value).
    pub fn preliminary_sum(&self, threshold: u32) -> Option<Decimal> {
        let enough = self.companies_count.iter().filter(|(_, n)| n.is_some_and(|n| n > threshold));
        enough.filter_map(|(sum, _)| plain_decimal(sum.trim())).min()
    }
}

models!(PreCalc);
