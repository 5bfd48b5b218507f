//! Answers for people. Whatever the service says is shown without control characters.

use std::fmt::{Display, Write};

use chrono::NaiveDateTime;
use ruapi_core::Personal;
use rust_decimal::Decimal;
use shtrafovnet_client::account::Message;
use shtrafovnet_client::invoices::InvoiceStatus;
use shtrafovnet_client::scan::ScanStatus;
use shtrafovnet_client::{Car, Company, Fine, Invoice, Listed, Notification, Profile, Scan};

use crate::output::Plain;

/// A single answer.
pub(super) trait Describe {
    fn text(&self) -> String;
}

/// A line of a list.
pub(super) trait Row: Listed {
    fn header() -> String;
    fn row(&self) -> String;
}

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

    fn rubles(self, name: &str, value: Option<Decimal>) -> Self {
        self.field(name, value.map(|value| format!("{value} rubles")))
    }

    fn time(self, name: &str, value: Option<NaiveDateTime>) -> Self {
        self.field(name, value)
    }

    fn person(self, name: &str, value: &Option<Personal<String>>) -> Self {
        self.field(name, value.as_deref())
    }
}

const UNKNOWN: &str = "state not told";

fn state(status: Option<&str>) -> &str {
    status.unwrap_or(UNKNOWN)
}

fn full_name(parts: [&Option<Personal<String>>; 3]) -> Option<String> {
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .map(|part| part.as_str())
        .filter(|part| !part.is_empty())
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A cell of a list; an absent value is a dash, so that columns can be told by program as well.
fn cell(value: Option<impl Display>) -> String {
    let value = value.map(|value| value.to_string()).unwrap_or_default();
    match value.trim() {
        "" => "-".to_owned(),
        value => Plain(value).to_string(),
    }
}

impl Describe for Profile {
    fn text(&self) -> String {
        let name = full_name([&self.last_name, &self.first_name, &self.middle_name]);
        let title = format!(
            "{} ({}): {}",
            self.email.as_ref().map_or("-", |email| email.as_str()),
            self.id,
            state(self.status.as_ref().map(|status| status.as_str())),
        );
        Sheet::new(&title)
            .person("Login", &self.username)
            .field("Name", name)
            .person("Phone", &self.phone)
            .time("Created", self.created_at)
            .time("Last active", self.last_activity_at)
            .field("App token", self.fcm_token.as_ref().map(|_| "set"))
            .0
    }
}

impl Row for Profile {
    fn header() -> String {
        format!("{:<10} {:<10} {:<32} {}", "ID", "STATUS", "EMAIL", "NAME")
    }

    fn row(&self) -> String {
        let name = full_name([&self.last_name, &self.first_name, &self.middle_name]);
        format!(
            "{:<10} {:<10} {:<32} {}",
            cell(Some(&self.id)),
            cell(self.status.as_ref().map(|status| status.as_str())),
            cell(self.email.as_deref()),
            cell(name),
        )
    }
}

impl Describe for Message {
    fn text(&self) -> String {
        Plain(self.message.as_deref().unwrap_or("Done")).to_string()
    }
}

impl Describe for Notification {
    fn text(&self) -> String {
        let message = self.message.as_deref().unwrap_or("sent");
        Plain(&format!("Notification {}: {message}", self.id)).to_string()
    }
}

impl Describe for Company {
    fn text(&self) -> String {
        let name = self.display_name.as_ref().or(self.name.as_ref());
        let name = name.map_or("-", |name| name.as_str());
        let status = state(self.status.as_ref().map(|status| status.as_str()));
        Sheet::new(&format!("{name} ({}): {status}", self.id))
            .field("Full name", self.name.as_deref())
            .field("Short name", self.short_name.as_deref())
            .field("URL", self.url.as_deref())
            .field("Affiliate", self.affiliate_id)
            .time("Created", self.created_at)
            .field("App token", self.fcm_token.as_ref().map(|_| "set"))
            .0
    }
}

impl Describe for Car {
    fn text(&self) -> String {
        let owner = if self.email.is_some() { &self.email } else { &self.user };
        let status = state(self.status.as_ref().map(|status| status.as_str()));
        let fines = self.fines_count.map(|count| match self.fines_amount {
            Some(amount) => format!("{count} unpaid, {amount} rubles"),
            None => format!("{count} unpaid"),
        });
        let owner_or_not =
            owner.as_ref().map_or("none: it is removed after a week", |owner| owner.as_str());
        Sheet::new(&format!("Car {}: {status}", self.id))
            .field("Reason", self.inactive_reason.as_ref().map(|reason| reason.as_str()))
            .field("Name", self.name.as_deref())
            .person("Plate", &self.reg)
            .person("Certificate", &self.cert)
            .person("Licence", &self.driver_license)
            .field("Owner", Some(owner_or_not))
            .field("Fines", fines)
            .time("Created", self.created_at)
            .time("Checked", self.scanned_at)
            .time("  at ГИС ГМП", self.gis_scanned_at)
            .time("  at ГИБДД", self.gibdd_scanned_at)
            .time("  at ДИТ", self.dit_scanned_at)
            .0
    }
}

impl Row for Car {
    fn header() -> String {
        format!(
            "{:<10} {:<10} {:<10} {:<12} {:>6} {:>10}  {}",
            "ID", "STATUS", "PLATE", "CERTIFICATE", "UNPAID", "RUBLES", "NAME"
        )
    }

    fn row(&self) -> String {
        format!(
            "{:<10} {:<10} {:<10} {:<12} {:>6} {:>10}  {}",
            cell(Some(&self.id)),
            cell(self.status.as_ref().map(|status| status.as_str())),
            cell(self.reg.as_deref()),
            cell(self.cert.as_deref()),
            cell(self.fines_count),
            cell(self.fines_amount),
            cell(self.name.as_deref()),
        )
    }
}

impl Describe for Fine {
    fn text(&self) -> String {
        let paid = state(self.paid_status.as_ref().map(|status| status.as_str()));
        let discount = match (self.is_discount, self.discount_size, self.discount_date) {
            (Some(true), Some(size), Some(until)) => {
                Some(format!("{size} % until {}", until.end()))
            }
            (Some(true), ..) => Some("yes".to_owned()),
            _ => None,
        };
        let expired = self.is_expired.filter(|expired| *expired).map(|_| match self.expired_days {
            Some(days) => format!("since {days} days"),
            None => "yes".to_owned(),
        });
        let article = [self.koap_code.as_deref(), self.koap_text.as_deref()];
        let article = article.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let car = [self.car_name.as_deref(), self.car_reg.as_ref().map(|reg| reg.as_str())];
        let car = car.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let document = self.doc_number.as_ref().map(|number| match &self.doc_type {
            Some(kind) => format!("{} {}", kind.as_str(), number.as_str()),
            None => number.as_str().to_owned(),
        });
        let mut sheet = Sheet::new(&format!("Fine {}: {paid}", self.id))
            .person("Number (УИН)", &self.post_number)
            .rubles("Amount", self.amount)
            .field("Discount", discount)
            .rubles("To pay", self.total_amount)
            .rubles("Paid", self.paid_amount)
            .field("Decided", self.posted_at.map(|posted| posted.date()))
            .time("Violation", self.violation_at)
            .field("Article", Some(article))
            .person("Place", &self.location)
            .field("Overdue", expired)
            .time("Bailiffs on", self.penalty_date.map(|date| date.end()))
            .field("State", self.status.as_ref().map(|status| status.as_str()))
            .field("Reason", self.inactive_reason.as_ref().map(|reason| reason.as_str()))
            .field("Car", self.car.as_ref())
            .field("", Some(car))
            .field("Document", document)
            .field("Organisation", self.whose_org.as_ref().map(|whose| whose.as_str()))
            .field("Division", self.division_name.as_deref())
            .field("Payee", self.wire_username.as_deref())
            .person("Receipt", &self.payment_order_url)
            .time("Updated", self.updated_at);
        for url in self.pics.urls() {
            sheet = sheet.field("Photo", Some(url));
        }
        sheet.0
    }
}

impl Row for Fine {
    fn header() -> String {
        format!(
            "{:<11} {:<20} {:<10} {:>8} {:>8} {:<8} {:<5} {:<10} {}",
            "ID", "NUMBER", "DECIDED", "RUBLES", "TO PAY", "PAID", "ORG", "PLATE", "ARTICLE"
        )
    }

    fn row(&self) -> String {
        format!(
            "{:<11} {:<20} {:<10} {:>8} {:>8} {:<8} {:<5} {:<10} {}",
            cell(Some(&self.id)),
            cell(self.post_number.as_deref()),
            cell(self.posted_at.map(|posted| posted.date())),
            cell(self.amount),
            cell(self.total_amount),
            cell(self.paid_status.as_ref().map(|status| status.as_str())),
            cell(self.whose_org.as_ref().map(|whose| whose.as_str())),
            cell(self.car_reg.as_deref()),
            cell(self.koap_code.as_deref()),
        )
    }
}

impl Describe for Scan {
    fn text(&self) -> String {
        let car = self.car.as_ref().map(|car| format!(" of car {car}")).unwrap_or_default();
        let status = match &self.status {
            Some(ScanStatus::Process) => "process (under way)",
            Some(ScanStatus::Done) => "done: the fines can be listed",
            Some(ScanStatus::Fail) => "fail: it did NOT succeed",
            Some(ScanStatus::Skip) => "skip: the service did not look again",
            Some(other) => other.as_str(),
            None => UNKNOWN,
        };
        Plain(&format!("Scan {}{car}: {status}", self.id)).to_string()
    }
}

impl Describe for Invoice {
    fn text(&self) -> String {
        let payer = full_name([&self.wire_surname, &self.wire_name, &self.wire_patronymic]);
        let status = match &self.status {
            Some(InvoiceStatus::New) => "new (not paid)",
            Some(InvoiceStatus::Process) => "process (being paid)",
            Some(InvoiceStatus::Done) => "done (paid)",
            Some(InvoiceStatus::Fail) => "fail (NOT paid)",
            Some(InvoiceStatus::Cancel) => "cancel (NOT paid)",
            Some(other) => other.as_str(),
            None => UNKNOWN,
        };
        let fines = self.orders.iter().count();
        let mut sheet = Sheet::new(&format!("Invoice {}: {status}", self.id))
            .rubles("Amount", self.amount)
            .rubles("Commission", self.commission_amount)
            .rubles("To pay", self.total_amount)
            .field("Fines", (fines > 0).then_some(fines))
            .field("Payer", payer)
            .field("User", self.owner().map(|owner| owner.as_str()))
            .time("Created", self.created_at)
            .time("Paid", self.paid_at)
            .field("Pay at", self.pay_url.as_deref().filter(|_| !self.is_final()));
        for url in self.orders.payment_order_urls() {
            sheet = sheet.field("Receipt", Some(url));
        }
        sheet.0
    }
}

impl Row for Invoice {
    fn header() -> String {
        format!(
            "{:<10} {:<8} {:>10} {:>10} {:<19} {}",
            "ID", "STATUS", "RUBLES", "TO PAY", "CREATED", "USER"
        )
    }

    fn row(&self) -> String {
        format!(
            "{:<10} {:<8} {:>10} {:>10} {:<19} {}",
            cell(Some(&self.id)),
            cell(self.status.as_ref().map(|status| status.as_str())),
            cell(self.amount),
            cell(self.total_amount),
            cell(self.created_at),
            cell(self.owner().map(|owner| owner.as_str())),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_left_out_or_forged_does_no_harm() {
        let json =
            r#"{"id":1,"postNumber":"X\u001b[2J","koapText":"\u001b]0;x\u0007","pics":"a\u001b"}"#;
        let fine: Fine = serde_json::from_str(json).expect("JSON");
        for text in [fine.text(), fine.row()] {
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        }
        assert!(fine.text().starts_with("Fine 1: state not told\n"), "{}", fine.text());
        assert_eq!(Fine::new("1").row().split_whitespace().count(), 9);
    }
}
