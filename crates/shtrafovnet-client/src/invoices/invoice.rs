//! What the service knows of an invoice.

use chrono::NaiveDateTime;
use ruapi_core::{Extra, Id, Personal, wire};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::listing::Listed;

/// The identifier of an invoice.
pub type InvoiceId = Id<Invoice>;

ruapi_core::open_enum! {
    /// Where a payment stands (Статус платежа).
    pub enum InvoiceStatus {
        /// Made, not paid.
        New = "new",
        /// Being paid.
        Process = "process",
        /// Paid: the orders hold links to the payment documents.
        Done = "done",
        /// The payment failed.
        Fail = "fail",
        /// Cancelled.
        Cancel = "cancel",
    }
}

/// An invoice for fines. Lists have other fields than a single invoice: what an answer does not hold
/// is `None`. Amounts are in rubles. Times have no zone; Moscow time is likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    /// The identifier (ID счета).
    #[serde(with = "wire")]
    pub id: InvoiceId,
    /// The sum of the fines (Общая сумма).
    #[serde(default, with = "wire")]
    pub amount: Option<Decimal>,
    /// What the user pays (Итоговая сумма), commission included.
    #[serde(default, with = "wire")]
    pub total_amount: Option<Decimal>,
    /// Where it stands (Статус платежа).
    #[serde(default, with = "wire")]
    pub status: Option<InvoiceStatus>,
    /// The payer's surname (Фамилия плательщика), in Cyrillic.
    #[serde(default, with = "wire")]
    pub wire_surname: Option<Personal<String>>,
    /// The payer's given name (Имя плательщика), in Cyrillic.
    #[serde(default, with = "wire")]
    pub wire_name: Option<Personal<String>>,
    /// The payer's patronymic (Отчество плательщика), in Cyrillic.
    #[serde(default, with = "wire")]
    pub wire_patronymic: Option<Personal<String>>,
    /// When it was made (Дата/время создания).
    #[serde(default, with = "wire::naive_date_time")]
    pub created_at: Option<NaiveDateTime>,
    /// When it was paid (Дата/время оплаты).
    #[serde(default, with = "wire::naive_date_time")]
    pub paid_at: Option<NaiveDateTime>,
    /// The fines that it pays (Список постановлений). Once it is `done`, with a link to the payment
    /// document of each.
    #[serde(default)]
    pub orders: Orders,
    /// Where the user pays (Ссылка на оплату). Whoever has it sees the invoice.
    #[serde(default, with = "wire")]
    pub pay_url: Option<Personal<String>>,
    /// The user's e-mail address, in lists. See [`owner`](Self::owner).
    #[serde(default, with = "wire")]
    pub user: Option<Personal<String>>,
    /// The user's e-mail address, in a single invoice. See [`owner`](Self::owner).
    #[serde(default, with = "wire")]
    pub email: Option<Personal<String>>,
    /// The commission (Сумма комиссии), 10 %; you get a part of it.
    #[serde(default, with = "wire")]
    pub commission_amount: Option<Decimal>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The fines of an invoice. The document names the list and says nothing of its items, so each is kept
/// whatever it is. `Debug` counts them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Orders {
    /// A list.
    Many(Vec<Order>),
    /// One that is not in a list; anything but an object is none, such as `null`.
    One(Order),
}

impl Default for Orders {
    fn default() -> Self {
        Self::One(Order::Null)
    }
}

/// A fine of an invoice, as it was sent.
pub type Order = serde_json::Value;

impl Orders {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Order> {
        let (list, one, map) = match self {
            Self::Many(orders) => (orders.as_slice(), None, None),
            // What PHP makes of a list with gaps.
            Self::One(Order::Object(map)) if map.keys().all(|key| is_place(key)) => {
                (&[][..], None, Some(map.values()))
            }
            Self::One(order) => (&[][..], Some(order).filter(|order| order.is_object()), None),
        };
        list.iter().chain(one).chain(map.into_iter().flatten())
    }

    /// The links to payment documents that the orders hold: of each the field `paymentOrderUrl`, or else
    /// whatever ends in `url`.
    pub fn payment_order_urls(&self) -> impl Iterator<Item = &str> {
        self.iter().filter_map(|order| {
            let fields = order.as_object()?;
            let link = |value: &'_ Order| value.as_str().is_some_and(|url| !url.trim().is_empty());
            let documented = fields.get("paymentOrderUrl").filter(|value| link(value));
            let any = || {
                let mut named = fields.iter();
                let found = named.find(|(name, value)| {
                    name.to_ascii_lowercase().ends_with("url") && link(value)
                });
                found.map(|(_, value)| value)
            };
            documented.or_else(any)?.as_str()
        })
    }
}

fn is_place(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

impl std::fmt::Debug for Orders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Orders({})", self.iter().count())
    }
}

impl Invoice {
    /// An invoice of which only the identifier is known.
    pub fn new(id: impl Into<InvoiceId>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// Whether it has come to an end, good or bad. A status that the document does not name is none.
    pub fn is_final(&self) -> bool {
        use InvoiceStatus::{Cancel, Done, Fail};
        matches!(self.status, Some(Done | Fail | Cancel))
    }

    /// The user's e-mail address.
    pub fn owner(&self) -> Option<&Personal<String>> {
        self.email.as_ref().or(self.user.as_ref())
    }
}

impl Listed for Invoice {
    const KEY: &'static str = "invoices";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_order_is_found_and_its_link() {
        let order =
            |url: &str| json!({"fine": 1, "actUrl": "https://x/act", "paymentOrderUrl": url});
        let (a, b) = (order("https://x/a"), order("https://x/b"));
        for (orders, count, urls) in [
            (json!([a, b]), 2, vec!["https://x/a", "https://x/b"]),
            (json!(a), 1, vec!["https://x/a"]),
            (json!({"0": a, "2": b}), 2, vec!["https://x/a", "https://x/b"]),
            (json!([{"checkUrl": null, "receiptUrl": "https://x/r"}]), 1, vec!["https://x/r"]),
            (json!([{"checkUrl": null}]), 1, vec![]),
            (json!(null), 0, vec![]),
            (json!(""), 0, vec![]),
            (json!([]), 0, vec![]),
            (json!({}), 0, vec![]),
        ] {
            let read: Orders = serde_json::from_value(orders.clone()).unwrap();
            assert_eq!(read.iter().count(), count, "{orders}");
            assert_eq!(read.payment_order_urls().collect::<Vec<_>>(), urls, "{orders}");
        }
    }
}
