//! One product for each company.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::quote::Product;

/// For each company its best matching product (the highest `matchRating`), best first, whatever the
/// order of `products`.
///
/// Where ratings are equal, the document is silent; here the cheaper in rubles comes first, then the
/// smaller product and variant. A product without a rating comes after those with one, and a product
/// without a company, which cannot be compared with its company's others, is left out.
pub fn best_per_company<'a>(products: impl IntoIterator<Item = &'a Product>) -> Vec<&'a Product> {
    let mut best = HashMap::new();
    for product in products {
        let Some(company) = &product.company_id else { continue };
        let known = best.entry(company).or_insert(product);
        if compare(product, known).is_lt() {
            *known = product;
        }
    }
    let mut best: Vec<_> = best.into_values().collect();
    best.sort_by(|a, b| compare(a, b).then_with(|| a.company_id.cmp(&b.company_id)));
    best
}

/// The better one is less.
fn compare(a: &Product, b: &Product) -> Ordering {
    let rating = |product: &Product| product.match_rating.unwrap_or(f64::NEG_INFINITY);
    let by_rating = rating(b).total_cmp(&rating(a));
    let by_price = || match (a.price_rub, b.price_rub) {
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    let ids = |product: &'_ Product| (product.product_id.clone(), product.sub_product_id.clone());
    by_rating.then_with(by_price).then_with(|| ids(a).cmp(&ids(b)))
}
