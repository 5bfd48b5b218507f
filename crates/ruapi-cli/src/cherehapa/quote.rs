//! `ruapi cherehapa quote`.

use std::collections::HashSet;

use cherehapa_types::quote::{self, InfoValue, Product, Quote};
use cherehapa_types::{Currency, Id, kind};
use ruapi_core::wire;
use rust_decimal::Decimal;
use serde::Serialize;

use super::cell;
use super::input::Input;
use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output;

/// What only an answer about an order has.
const OF_AN_ORDER: &[&str] = &["policy", "task", "tourist", "transaction"];
/// A cell that is longer pushes its own line aside, not all of them.
const WIDEST: usize = 40;
const HEADER: [&str; COLUMNS] =
    ["COMPANY", "PRODUCT", "PRICE", "CURRENCY", "RUBLES", "ASSISTANCE", "MATCH", "FRANCHISE"];
const COLUMNS: usize = 8;
const TO_THE_RIGHT: [bool; COLUMNS] = [false, false, true, false, true, false, false, false];

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: Input,
    /// Show all products, in the order of the answer, not only the best of each company
    #[arg(long)]
    all: bool,
}

/// What is shown of a product.
#[derive(Serialize)]
struct Offer<'a> {
    company: Option<&'a Id<kind::Company>>,
    product: Option<&'a Id<kind::Product>>,
    #[serde(with = "wire")]
    price: Option<Decimal>,
    currency: Option<&'a Currency>,
    /// Prices in several currencies compare by this one only.
    #[serde(with = "wire")]
    price_rub: Option<Decimal>,
    assistance: Vec<Assistance<'a>>,
    #[serde(rename = "match")]
    rating: Option<f64>,
    franchise: Vec<Franchise<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize)]
struct Assistance<'a> {
    code: Option<&'a str>,
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct Franchise<'a> {
    service: &'a str,
    value: &'a InfoValue,
}

impl Args {
    pub(super) fn run(&self, format: Format) -> Result<u8, Failure> {
        let quote = self.input.decode(quote::from_slice)?;
        self.check(&quote)?;
        let products = if quote.data.is_empty() { &quote.product_per_company } else { &quote.data };
        let shown = if self.all { products.iter().collect() } else { quote.best_per_company() };
        match format {
            Format::Human => print_table(&shown)?,
            Format::Json => {
                for product in &shown {
                    if !output::try_line(&output::to_json(&Offer::of(product)))? {
                        break;
                    }
                }
            }
        }
        let nameless = products.iter().filter(|product| product.company_id.is_none()).count();
        if nameless > 0 && !self.all {
            let text = format!("left out, having no company: {nameless}; --all shows all products");
            output::notice(format, &text);
        }
        Ok(exit::OK)
    }

    /// Every field may be missing, so that nearly any object would pass for a quote without products.
    fn check(&self, quote: &Quote) -> Result<(), Failure> {
        const EXPECTED: &str = "an answer of /v2/quote, not one about an order";
        let has_offers = !quote.product_per_company.is_empty()
            || quote.data.iter().any(|product| product.company_id.is_some());
        if has_offers {
            return Ok(());
        }
        self.input.refuse(&quote.extra, OF_AN_ORDER, EXPECTED)?;
        let is_quote = !quote.data.is_empty()
            || quote.request.is_some()
            || quote.pre_calc.is_some()
            || (quote.status == Some(200) && quote.extra.is_empty());
        if is_quote {
            return Ok(());
        }
        Err(self.input.not_understood("at `data`: expected the products of a quote"))
    }
}

impl<'a> Offer<'a> {
    fn of(product: &'a Product) -> Self {
        let mut known = HashSet::new();
        let assistances = product.assistances.iter().map(|assistance| Assistance {
            code: assistance.code.as_deref(),
            name: assistance.name.as_deref().map(str::trim),
        });
        let franchises = product.franchises();
        Self {
            company: product.company_id.as_ref(),
            product: product.product_id.as_ref(),
            price: product.price,
            currency: product.currency.as_ref(),
            price_rub: product.price_rub,
            // One that helps in several countries is told for each.
            assistance: assistances.filter(|assistance| known.insert(*assistance)).collect(),
            rating: product.match_rating,
            franchise: franchises.map(|(service, value)| Franchise { service, value }).collect(),
        }
    }

    fn cells(&self) -> [String; COLUMNS] {
        let assistances = self.assistance.iter().filter_map(|one| one.name.or(one.code));
        let currency = self.currency.map(Currency::as_str);
        let franchises = self.franchise.iter().map(|Franchise { service, value }| match value {
            InfoValue::Amount(amount) => match currency {
                Some(currency) => format!("{service}: {amount} {currency}"),
                None => format!("{service}: {amount}"),
            },
            InfoValue::Text(text) => format!("{service}: {}", text.trim()),
            _ => format!("{service}: see --format json"),
        });
        [
            cell(self.company),
            cell(self.product),
            cell(self.price),
            cell(currency),
            cell(self.price_rub),
            cell(Some(assistances.collect::<Vec<_>>().join(", "))),
            cell(self.rating),
            cell(Some(franchises.collect::<Vec<_>>().join("; "))),
        ]
    }
}

fn print_table(products: &[&Product]) -> Result<(), Failure> {
    if products.is_empty() {
        return output::line("Nothing found");
    }
    let cells = |product: &&Product| Offer::of(product).cells();
    let mut widths = HEADER.map(str::len);
    for row in products.iter().map(cells) {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = (*width).max(cell.chars().count().min(WIDEST));
        }
    }
    // Made once more instead of kept: there may be very many.
    let header = std::iter::once(HEADER.map(str::to_owned));
    for row in header.chain(products.iter().map(cells)) {
        let aligned = (0..COLUMNS).map(|column| {
            let (cell, width) = (&row[column], widths[column]);
            if TO_THE_RIGHT[column] { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        if !output::try_line(aligned.collect::<Vec<_>>().join("  ").trim_end())? {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_left_out_or_forged_does_no_harm() {
        let json = r#"{"data": [{"companyId": "X\u001b[2J", "currency": "\u0007",
            "assistances": [{"name": "\u001b]0;x\u0007"}],
            "info": {"a\u001b": [{"type": "franchise", "value": "\n10 %\n"}]}}]}"#;
        let quote = quote::from_slice(json.as_bytes()).expect("a quote");
        let cells = Offer::of(&quote.data[0]).cells();
        assert!(!cells.iter().any(|cell| cell.contains(char::is_control)), "{cells:?}");
        assert_eq!(cells[7], "a : 10 %");
        assert_eq!(Offer::of(&Product::default()).cells(), ["-"; COLUMNS]);
    }
}
