//! Answers for people. Whatever the partner says is shown without control characters.

use std::fmt::{Display, Write};

use osago_offer::calculation::{CalculationStarted, Coefficients, DriverCoefficients};
use osago_offer::documents::DocumentFile;
use osago_offer::offer::{UpsaleInfo, UpsaleOption};
use osago_offer::{
    Calculation, CalculationState, CalculationStatus, Draft, Offer, OfferStatus, Policy,
};
use rust_decimal::Decimal;

use crate::output::Plain;

/// A single answer.
pub(super) trait Describe {
    fn text(&self) -> String;
}

const UNKNOWN: &str = "state not told";
const ABSENT: &str = "-";
/// A cell that is longer pushes its own line aside, not all of them.
const WIDEST: usize = 30;

/// A title, and a line for each field that there is.
struct Sheet(String);

impl Sheet {
    fn new(title: &str) -> Self {
        Self(Plain(title).to_string())
    }

    fn field(mut self, name: &str, value: Option<impl Display>) -> Self {
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        if !value.trim().is_empty() {
            let _ = write!(self.0, "\n  {name:<14}{}", Plain(value.trim()));
        }
        self
    }
}

/// A cell of a table; an absent value is a dash.
fn cell(value: Option<impl Display>) -> String {
    let value = value.map(|value| value.to_string()).unwrap_or_default();
    match value.trim() {
        "" => ABSENT.to_owned(),
        value => Plain(value).to_string(),
    }
}

/// Rows below a header, in columns that are wide enough.
fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = header.map(|name| name.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count().min(WIDEST));
        }
    }
    let line = |cells: &[String; N]| {
        let aligned = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        aligned.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let header = header.map(str::to_owned);
    let lines = std::iter::once(&header).chain(rows).map(line);
    lines.collect::<Vec<_>>().join("\n")
}

fn status(status: Option<&CalculationStatus>) -> &str {
    match status {
        Some(CalculationStatus::Draft) => "not begun",
        Some(CalculationStatus::PartnerCalculationInProgress) => "under way",
        Some(CalculationStatus::CalculationReady) => "ready",
        Some(CalculationStatus::NoCalculationAvailable) => "nobody makes an offer",
        Some(CalculationStatus::CalculationError) => "FAILED",
        Some(CalculationStatus::Paid) => "an offer is paid",
        Some(CalculationStatus::Closed) => "closed",
        Some(other) => other.as_str(),
        None => UNKNOWN,
    }
}

impl Describe for CalculationStarted {
    fn text(&self) -> String {
        let date = self.calculation_date.as_ref().map(|date| format!(" on {}", date.as_str()));
        let text = format!("Calculation {}: started{}", self.request_id, date.unwrap_or_default());
        Plain(&text).to_string()
    }
}

impl Describe for Calculation {
    fn text(&self) -> String {
        let title = format!("Calculation {}: {}", self.request_id, status(self.status.as_ref()));
        let mut text = Plain(&title).to_string();
        if !self.offers.is_empty() {
            let header = ["OFFER", "COMPANY", "PRODUCT", "RUBLES", "STATUS", "UPSALES"];
            let rows: Vec<_> = self.offers.iter().map(cells).collect();
            let _ = write!(text, "\n{}", table(header, &rows));
        }
        for driver in &self.drivers {
            let _ = write!(text, "\n{}", Plain(&coefficients(driver)));
        }
        text
    }
}

fn cells(offer: &Offer) -> [String; 6] {
    let upsales = offer.upsales.iter().map(|upsale| {
        let options: Vec<String> =
            upsale.options.iter().map(|option| priced(upsale, option)).collect();
        let required = if is_required(offer, upsale) { " required" } else { "" };
        format!("{}{required}", options.join(" or "))
    });
    [
        cell(Some(&offer.offer_id)),
        cell(company(offer)),
        product(offer).to_owned(),
        cell(offer.price),
        cell(offer.status.as_ref().map(OfferStatus::as_str)),
        cell(Some(upsales.collect::<Vec<_>>().join("; "))),
    ]
}

fn company(offer: &Offer) -> Option<&str> {
    offer.partner.as_ref()?.name.as_deref()
}

/// What is told apart of policies.
fn product(offer: &Offer) -> &'static str {
    let prolongs = [offer.is_prolongation, offer.is_ext_prolongation];
    match (prolongs.map(|prolongs| prolongs == Some(true)), offer.is_in_pool()) {
        ([_, true], false) => "prolongation (of another)",
        ([_, true], true) => "prolongation (of another), pool",
        ([true, _], false) => "prolongation",
        ([true, _], true) => "prolongation, pool",
        (_, true) => "new policy, pool",
        (_, false) => "new policy",
    }
}

fn is_required(offer: &Offer, upsale: &UpsaleInfo) -> bool {
    offer.is_in_pool() || upsale.is_required == Some(true)
}

/// As `confirm --upsale` takes it, and its price.
fn priced(upsale: &UpsaleInfo, option: &UpsaleOption) -> String {
    let price = option.price.map(|price| format!(" ({price})"));
    format!("{}={}{}", upsale.id, option.id, price.unwrap_or_default())
}

fn coefficients(driver: &DriverCoefficients) -> String {
    let series = [&driver.series, &driver.number].map(|part| part.as_ref().map(|it| it.as_str()));
    let licence = series.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let found =
        driver.coefficients.as_ref().map(|found| named(found).collect::<Vec<_>>().join(", "));
    format!("Driver {}: {}", cell(Some(licence)), cell(found))
}

fn named(found: &Coefficients) -> impl Iterator<Item = String> {
    let all: [(&str, Option<Decimal>); 10] = [
        ("ТБ", found.tb),
        ("КТ", found.kt),
        ("КБМ", found.kbm),
        ("КВС", found.kvs),
        ("КС", found.ks),
        ("КП", found.kp),
        ("КМ", found.km),
        ("КН", found.kn),
        ("КО", found.ko),
        ("КПр", found.kpr),
    ];
    all.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value?)))
}

impl Describe for CalculationState {
    fn text(&self) -> String {
        let title = format!("Calculation {}: {}", self.request_id, status(self.status.as_ref()));
        let mut text = Plain(&title).to_string();
        if !self.offers.is_empty() {
            let cells = self.offers.iter().map(|offer| {
                let status = offer.offer_status.as_ref().map(OfferStatus::as_str);
                [cell(Some(&offer.offer_id)), cell(status)]
            });
            let _ = write!(text, "\n{}", table(["OFFER", "STATUS"], &cells.collect::<Vec<_>>()));
        }
        text
    }
}

impl Describe for Offer {
    fn text(&self) -> String {
        let status = self.status.as_ref().map_or(UNKNOWN, OfferStatus::as_str);
        let policy =
            [self.policy_series.as_deref(), self.policy_number.as_ref().map(|it| it.as_str())];
        let policy = policy.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let rubles = |price: Decimal| format!("{price} rubles");
        let mut sheet = Sheet::new(&format!("Offer {}: {status}", self.offer_id))
            .field("Company", company(self))
            .field("Product", Some(product(self)))
            .field("Price", self.price.map(rubles))
            .field("Policy", Some(policy))
            .field("Message", self.message.as_ref().map(|it| it.as_str()))
            .field("Draft at", self.draft_url.as_ref().map(|it| it.as_str()))
            .field("Pay at", self.payment_url.as_ref().map(|it| it.as_str()));
        for upsale in &self.upsales {
            let required = if is_required(self, upsale) { ", required" } else { "" };
            let name = upsale.short_name.as_deref().or(upsale.full_name.as_deref());
            let title = format!("{}{required}", name.unwrap_or(ABSENT));
            sheet = sheet.field("Upsale", Some(title));
            for option in &upsale.options {
                sheet = sheet.field("", Some(described(upsale, option)));
            }
        }
        sheet.0
    }
}

/// An option: as `confirm --upsale` takes it, then what it is.
fn described(upsale: &UpsaleInfo, option: &UpsaleOption) -> String {
    let mut parts = vec![format!("{}={}", upsale.id, option.id)];
    parts.extend(option.price.map(|price| format!("{price} rubles")));
    parts.extend(option.name.clone());
    parts.extend((option.is_default == Some(true)).then(|| "on by default".to_owned()));
    parts.extend(option.compatibility_id.map(|id| format!("compatibility {id}")));
    parts.join(", ")
}

impl Describe for Draft {
    fn text(&self) -> String {
        let status = match &self.status {
            Some(status) => status.as_str(),
            None => UNKNOWN,
        };
        Sheet::new(&format!("Draft of {}: {status}", cell(self.offer_id.as_ref())))
            .field("Link", self.url.as_ref().map(|it| it.as_str()))
            .field("File", self.file.as_ref().map(size))
            .0
    }
}

impl Describe for Policy {
    fn text(&self) -> String {
        let status = self.status.as_ref().map_or(UNKNOWN, OfferStatus::as_str);
        Sheet::new(&format!("Policy of {}: {status}", cell(self.offer_id.as_ref())))
            .field("From", self.policy_start_date.as_ref().map(|date| date.as_str()))
            .field("Link", self.url.as_ref().map(|it| it.as_str()))
            .field("File", self.file.as_ref().map(size))
            .0
    }
}

fn size(file: &DocumentFile) -> String {
    match file.pdf() {
        Ok(pdf) => format!("a PDF of {} bytes; -o FILE.pdf writes it", pdf.len()),
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_partner_left_out_or_forged_does_no_harm() {
        let json = r#"{"offer_id":"X\u001b[2J","message":"\u001b]0;x\u0007","status":"\u0007",
            "partner":{"name":"\n"},"upsales":[{"id":"\u001b","short_name":"a\u001b","options":[{"id":"1\u001b"}]}]}"#;
        let offer: Offer = serde_json::from_str(json).expect("JSON");
        let mut calculation = Calculation::new("\u{1b}", CalculationStatus::CalculationReady);
        calculation.offers = vec![offer.clone(), Offer::new("1")];
        calculation.drivers = vec![DriverCoefficients::default()];
        for text in [offer.text(), calculation.text()] {
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        }
        assert_eq!(Offer::new("1").text(), "Offer 1: state not told\n  Product       new policy");
        assert!(calculation.text().ends_with("\nDriver -: -"), "{}", calculation.text());
    }
}
