//! The policies issued for an order.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;
use crate::order::Transaction;
use crate::wire::{self, models};
use crate::{Extra, Id, OneOrMany, Personal, Raw, kind};

open_enum! {
    /// What a policy insures.
    pub enum PolicyType {
        /// A trip (туристический).
        Travel = "travel",
        /// A flight (полис авиастрахования).
        Avia = "avia",
        /// Compulsory motor insurance (полис ОСАГО).
        Osago = "osago",
    }
}

open_enum! {
    /// Where a policy stands.
    pub enum PolicyStatus {
        /// Paid and ready (оплачен и готов).
        Paid = "paid",
        /// Under way (в обработке).
        Processing = "processing",
        /// Cancelled (отменен).
        Canceled = "canceled",
    }
}

/// One policy. Moments are without a zone: the document names none, Moscow is likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The policy (внутренний числовой код полиса).
    #[serde(default, with = "wire")]
    pub id: Option<Id<kind::Policy>>,
    /// The number printed on the policy, that of its form (номер Бланка Строгой Отчетности).
    #[serde(default, with = "wire")]
    pub code: Option<Personal<String>>,
    /// `type`: what it insures (тип полиса).
    #[serde(rename = "type", default, with = "wire")]
    pub kind: Option<PolicyType>,
    /// `externalId`: the policy in the insurer's API (уникальный код); not every insurer has one.
    #[serde(default, with = "wire")]
    pub external_id: Option<Personal<String>>,
    /// `companyId`: the insurer (числовой код страховой компании).
    #[serde(default, with = "wire")]
    pub company_id: Option<Id<kind::Company>>,
    /// The file (числовой код файла). Masked like `fileLink`, whose only variable part it is.
    #[serde(default, with = "wire")]
    pub file: Option<Personal<Id<kind::File>>>,
    /// `insuranceSubProductId`: the variant of the product (код варианта продукта).
    #[serde(rename = "insuranceSubProductId", default, with = "wire")]
    pub sub_product_id: Option<Id<kind::SubProduct>>,
    /// `calculationId`: the results of the calculation, for internal use.
    #[serde(default, with = "wire")]
    pub calculation_id: Option<Id<kind::Calculation>>,
    /// The price of this policy, not of the whole order, rubles.
    #[serde(default, with = "wire")]
    pub price: Option<Decimal>,
    /// `feeRate`: the partner's commission as a share (комиссионное вознаграждение): 0.1 is 10 %.
    #[serde(default, with = "wire")]
    pub fee_rate: Option<Decimal>,
    /// `partnerId`: the partner whose sale it is.
    #[serde(default, with = "wire")]
    pub partner_id: Option<Id<kind::Partner>>,
    /// `insurerId`: the policyholder (страхователь), if the user was logged in.
    #[serde(default, with = "wire")]
    pub insurer_id: Option<Id<kind::Insurer>>,
    /// `taskId`: the step of the task that issued the policy (подзадача).
    #[serde(default, with = "wire")]
    pub task_id: Option<Id<kind::Task>>,
    /// `dateCreated`: when the policy was made (дата создания).
    #[serde(default, with = "wire")]
    pub date_created: Option<NaiveDateTime>,
    /// `dateConfirmed`: when it came into force (дата активации).
    #[serde(default, with = "wire")]
    pub date_confirmed: Option<NaiveDateTime>,
    /// `dateUpdated`: when its data were last changed.
    #[serde(default, with = "wire")]
    pub date_updated: Option<NaiveDateTime>,
    /// `dateCancelled`: when it was cancelled (дата отмены).
    #[serde(default, with = "wire")]
    pub date_cancelled: Option<NaiveDateTime>,
    /// `isArhive`: whether it was moved to the archive. Now always 0.
    #[serde(rename = "isArhive", default, with = "wire::digit")]
    pub is_archived: Option<bool>,
    /// `fileLink`: where to download the policy; permanent.
    #[serde(default, with = "wire")]
    pub file_link: Option<Personal<String>>,
    /// The mark that the partner gave the order (маркер).
    #[serde(default, with = "wire")]
    pub marker: Option<String>,
    /// The site from which the user came to the order. Masked: an address can tell about its user.
    #[serde(default, with = "wire")]
    pub referer: Option<Personal<String>>,
    /// The partner's commission for the policy, rubles (размер партнерской комиссии).
    #[serde(default, with = "wire")]
    pub fee: Option<Decimal>,
    /// Where it stands (статус полиса).
    #[serde(default, with = "wire")]
    pub status: Option<PolicyStatus>,
    /// The partner's name (символьное название партнера).
    #[serde(default, with = "wire")]
    pub partner: Option<String>,
    /// `order`: a copy of [`Order::legacy`](super::Order::legacy); the document asks not to use it.
    #[serde(rename = "order", default)]
    pub legacy: Option<Raw>,
    /// A copy of [`Order::transaction`](super::Order::transaction), which is the better place.
    #[serde(default, with = "wire")]
    pub transaction: OneOrMany<Transaction>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Policy {
    /// Whether it is paid and ready.
    pub fn is_ready(&self) -> bool {
        self.status == Some(PolicyStatus::Paid)
    }
}

models!(Policy);
