//! One result of a calculation.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::quote::{Assistances, Info, InfoType, InfoValue, ServiceSum};
use crate::wire::{self, models};
use crate::{Currency, Extra, Id, InsuredDays, Map, Raw, kind};

/// One product of one company, with its price.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// `productId`: the product (внутренний числовой код страхового продукта).
    #[serde(default, with = "wire")]
    pub product_id: Option<Id<kind::Product>>,
    /// `companyId`: the insurer (код страховой компании): <https://api.cherehapa.ru/v2/company>.
    #[serde(default, with = "wire")]
    pub company_id: Option<Id<kind::Company>>,
    /// `insuranceSubProductId`: the variant of the product (код варианта страхового продукта).
    #[serde(rename = "insuranceSubProductId", default, with = "wire")]
    pub sub_product_id: Option<Id<kind::SubProduct>>,
    /// Where the policy covers (территория действия): the insurer's territory, rather for internal use.
    #[serde(default, with = "wire")]
    pub territory: Option<Territory>,
    /// `insuredDays`: for how many days the policy covers (срок действия полиса, в днях).
    #[serde(default, with = "wire")]
    pub insured_days: Option<InsuredDays>,
    /// Groups of sports that the policy includes (группы спорта): the insurer's groups, rather for
    /// internal use. Can be `null`.
    #[serde(default, with = "wire")]
    pub sport: Vec<SportGroup>,
    /// The currency of the calculation, which can be another than the requested one: compare products
    /// by [`price_rub`](Product::price_rub).
    #[serde(default, with = "wire")]
    pub currency: Option<Currency>,
    /// The price in that currency (стоимость полиса в валюте).
    #[serde(default, with = "wire")]
    pub price: Option<Decimal>,
    /// `priceRub`: the price in rubles (стоимость полиса в рублях).
    #[serde(default, with = "wire")]
    pub price_rub: Option<Decimal>,
    /// Who helps under this policy (ассистансы). Mostly one; several if the insurer leaves it open.
    #[serde(default, with = "wire")]
    pub assistances: Assistances,
    /// `matchRating`: how well the product matches the request; the nearer to 1, the better.
    #[serde(default, with = "wire")]
    pub match_rating: Option<f64>,
    /// `matchDetails`: what the rating is made of.
    #[serde(default, with = "wire")]
    pub match_details: Option<MatchDetails>,
    /// `serviceProduct`: the services of the product with their insured sums, by service code.
    #[serde(default, with = "wire")]
    pub service_product: Map<Option<ServiceSum>>,
    /// More about the calculation, by service code; the franchise is here
    /// (see [`franchises`](Product::franchises)).
    #[serde(default, with = "wire")]
    pub info: Map<Vec<Info>>,
    /// The price by service and rule applied. For internal use and debugging; can be `null`.
    #[serde(default)]
    pub services: Option<Raw>,
    /// `infoPerTourist`: the price by tourist and rule applied. For internal use and debugging.
    #[serde(default)]
    pub info_per_tourist: Option<Raw>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Product {
    /// The insured sum of a service; `None` if the product lacks it, or says no number.
    pub fn sum(&self, service: &str) -> Option<Decimal> {
        self.service_product.get(service)?.as_ref()?.amount()
    }

    /// The franchises (франшиза): what the insurer does not pay, with the service's code. A number is an
    /// amount in the [`currency`](Product::currency) of the calculation, a text is to be shown as it is.
    pub fn franchises(&self) -> impl Iterator<Item = (&str, &InfoValue)> {
        self.info.iter().flat_map(|(service, infos)| {
            let franchises = infos.iter().filter(|info| info.kind == Some(InfoType::Franchise));
            franchises.filter_map(move |info| Some((service, info.value.as_ref()?)))
        })
    }
}

/// Where a policy covers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Territory {
    /// The territory (внутренний числовой код территории).
    #[serde(default, with = "wire")]
    pub id: Option<Id<kind::Territory>>,
    /// Its code (внутренний символьный код территории).
    #[serde(default, with = "wire")]
    pub code: Option<String>,
    /// `countryGroup`: codes of the groups of countries in it (коды групп стран).
    #[serde(rename = "countryGroup", default, with = "wire")]
    pub country_groups: Vec<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A group of sports.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SportGroup {
    /// The group (внутренний числовой код группы спорта).
    #[serde(default, with = "wire")]
    pub id: Option<Id<kind::SportGroup>>,
    /// Its code (внутренний символьный код группы спорта).
    #[serde(default, with = "wire")]
    pub code: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How a product compares with the request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct MatchDetails {
    /// `totalServices`: services in the product (общее количество услуг).
    #[serde(default, with = "wire")]
    pub total_services: Option<u32>,
    /// `additionalServices`: in the product and not in the request (дополнительные услуги).
    #[serde(default, with = "wire")]
    pub additional_services: Option<u32>,
    /// `missingServices`: in the request and not in the product (отсутствующие услуги).
    #[serde(default, with = "wire")]
    pub missing_services: Option<u32>,
    /// `matchingServices`: in both (услуги, соответствующие запросу).
    #[serde(default, with = "wire")]
    pub matching_services: Option<u32>,
    /// `higherSumms`: services with a higher sum than requested.
    #[serde(rename = "higherSumms", default, with = "wire")]
    pub higher_sums: Option<u32>,
    /// `lowerSumms`: services with a lower sum than requested.
    #[serde(rename = "lowerSumms", default, with = "wire")]
    pub lower_sums: Option<u32>,
    /// `matchingSumms`: services with the requested sum.
    #[serde(rename = "matchingSumms", default, with = "wire")]
    pub matching_sums: Option<u32>,
    /// `expertRaiting`: the experts' rating. Not used: always 0.
    #[serde(rename = "expertRaiting", default, with = "wire")]
    pub expert_rating: Option<f64>,
    /// `isLimited`: whether the product is limited. Always 0: limited ones are not sold.
    #[serde(default, with = "wire::digit")]
    pub is_limited: Option<bool>,
    /// `priceRating`: the higher, the dearer by comparison.
    #[serde(default, with = "wire")]
    pub price_rating: Option<f64>,
    /// `payoutRating`: how profitable the sale is. Not applied.
    #[serde(default, with = "wire")]
    pub payout_rating: Option<f64>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

models!(Product, Territory, SportGroup, MatchDetails);
