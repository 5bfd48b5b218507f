//! The answer of `/v2/quote`: what insurers offer for a trip.
//!
//! ```
//! use cherehapa_types::quote::{self, AgeRule, PRELIMINARY_THRESHOLD};
//!
//! let quote = quote::from_slice(
//!     br#"{"data": {"companyId": 23, "priceRub": "500", "matchRating": 0.7, "serviceProduct": {"legal": 5000}},
//!          "preCalc": {"companiesCount": {"30000": 3, "50000": 8}, "serviceValue": "50000"},
//!          "request": {"currencyRate": {"EUR": "70.3604"}, "tourist": {"age": 24, "endAge": 25}}}"#,
//! )?;
//! let best = quote.best_per_company();
//! assert_eq!(best[0].sum("legal"), Some(5000.into()));
//!
//! let calculation = quote.pre_calc.as_ref().and_then(|calc| calc.preliminary_sum(PRELIMINARY_THRESHOLD));
//! assert_eq!(calculation, Some(50_000.into()));
//!
//! let request = quote.request.unwrap_or_default();
//! assert!(request.rate(&"EUR".into()).is_some());
//! // Insurers go by different ages: better ask with birth dates.
//! assert!(request.tourists[0].has_several_ages());
//! assert_eq!(request.tourists[0].age_by(AgeRule::End), Some(25));
//! # Ok::<(), cherehapa_types::DecodeError>(())
//! ```
//!
//! More is in the [guide](crate::guide#decoding-a-quote).

mod assistance;
mod best;
mod info;
mod pre_calc;
mod product;
mod request;
mod service;

pub use assistance::{Assistance, Assistances};
pub use best::best_per_company;
pub use info::{Info, InfoType, InfoValue};
pub use pre_calc::{PRELIMINARY_THRESHOLD, PreCalc};
pub use product::{MatchDetails, Product, SportGroup, Territory};
pub use request::{AgeRule, Company, Request, Tourist};
use serde::{Deserialize, Serialize};
pub use service::ServiceSum;

use crate::decode::{DecodeError, decode};
use crate::{Extra, wire};

/// The answer as a whole. To build one for a test, start from `default()`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// Everything that could be calculated, neither filtered nor sorted; a company can have several
    /// products. For one product the service sends an object, which is a list of one here.
    #[serde(default, with = "wire")]
    pub data: Vec<Product>,
    /// `productPerCompany`: for each company its best matching product, as on cherehapa.ru. The document
    /// says both that it is not sorted and that it is, by falling `matchRating`: see
    /// [`best_per_company`](Quote::best_per_company).
    #[serde(default, with = "wire")]
    pub product_per_company: Vec<Product>,
    /// Codes of the assistances (коды ассистансов) of all results, for a filter.
    /// All of them: <https://api.cherehapa.ru/v2/assistance>.
    #[serde(default, with = "wire")]
    pub assistances: Vec<String>,
    /// `preCalc`: the calculation that found the best sum of medical insurance to start from. Only if
    /// the request asked for it by `preCalc[]=medicine`.
    #[serde(default, with = "wire")]
    pub pre_calc: Option<PreCalc>,
    /// The request as it was processed: what was sent, and a few fields more.
    #[serde(default, with = "wire")]
    pub request: Option<Request>,
    /// The HTTP status, 200.
    #[serde(default, with = "wire")]
    pub status: Option<u16>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Quote {
    /// For each company its best matching product, best first: [`best_per_company`] of `data`, or of
    /// `product_per_company` where the service sent only that.
    pub fn best_per_company(&self) -> Vec<&Product> {
        match self.data.as_slice() {
            [] => best_per_company(&self.product_per_company),
            data => best_per_company(data),
        }
    }
}

/// Decodes an answer of `/v2/quote`, JSON in UTF-8.
pub fn from_slice(body: &[u8]) -> Result<Quote, DecodeError> {
    decode(body)
}
