//! The payment.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::open_enum::open_enum;
use crate::wire::{self, models};
use crate::{Extra, Id, Personal, Raw, kind};

open_enum! {
    /// In how many stages money is taken.
    pub enum Stages {
        /// At once (деньги списываются в одну стадию).
        One = "1",
        /// Blocked, then taken (блокировка и снятие).
        Two = "2",
    }
}

open_enum! {
    /// Where a payment stands.
    pub enum TransactionStatus {
        /// Under way (идет обработка).
        Processing = "processing",
        /// The money is blocked (деньги заблокированы).
        Blocked = "blocked",
        /// The money was taken (деньги успешно списаны).
        Success = "success",
        /// The payment failed (возникла ошибка при оплате).
        Error = "error",
        /// Cancelled, the money went back (транзакция отменена, деньги возвращены).
        Cancelled = "cancelled",
        /// The user has to go to `remoteUrl` to pay: see [`Transaction::redirect`].
        Redirected = "redirected",
    }
}

open_enum! {
    /// How the user's browser has to go there.
    pub enum HttpMethod {
        /// Usual, as the document says.
        Get = "GET",
        /// With [`RemoteUrl::data`], as the document's sample has it.
        Post = "POST",
    }
}

/// A payment. Moments are without a zone: the document names none, Moscow is likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// The order's number of its own kind, for internal use (суррогатный числовой код заказа).
    #[serde(default, with = "wire")]
    pub id: Option<Id<kind::Transaction>>,
    /// The order's UUID, used in payment processing.
    #[serde(default, with = "wire")]
    pub uuid: Option<String>,
    /// `dateCreate`: when the transaction was made.
    #[serde(rename = "dateCreate", default, with = "wire")]
    pub date_created: Option<NaiveDateTime>,
    /// `dateUpdate`: when its data were last changed.
    #[serde(rename = "dateUpdate", default, with = "wire")]
    pub date_updated: Option<NaiveDateTime>,
    /// `paymentSystemId`: the payment system: <http://api.sandbox.cherehapa.ru/v2/paymentSystem>.
    #[serde(default, with = "wire")]
    pub payment_system_id: Option<Id<kind::PaymentSystem>>,
    /// `orderId`: the order in its old structure; the document asks not to use it.
    #[serde(rename = "orderId", default, with = "wire")]
    pub legacy_order_id: Option<Id<kind::LegacyOrder>>,
    /// `taskId`: the order, or task, that the payment belongs to.
    #[serde(default, with = "wire")]
    pub task_id: Option<Id<kind::Task>>,
    /// `partnerId`: the partner.
    #[serde(default, with = "wire")]
    pub partner_id: Option<Id<kind::Partner>>,
    /// `type`: in how many stages money is taken (стадийность транзакции).
    #[serde(rename = "type", default, with = "wire")]
    pub stages: Option<Stages>,
    /// Where it stands (статус транзакции).
    #[serde(default, with = "wire")]
    pub status: Option<TransactionStatus>,
    /// `remoteUrl`: where the user has to go to pay. `null`, `""` or an object.
    #[serde(default, with = "wire")]
    pub remote_url: Option<RemoteUrl>,
    /// `additionalData`: more for the processing, by payment system.
    #[serde(default)]
    pub additional_data: Option<Raw>,
    /// `errorCode`: the last error, in the payment system's code
    /// (Payture: <http://payture.com/integration/api/#error-codes_>).
    #[serde(default, with = "wire")]
    pub error_code: Option<String>,
    /// `termId`: the terminal of the payment (код терминала), for internal use.
    #[serde(rename = "termId", default, with = "wire")]
    pub terminal: Option<String>,
    /// What the whole order costs, all its policies together, rubles.
    #[serde(default, with = "wire")]
    pub amount: Option<Decimal>,
    /// `externalId`: the order in the payment system, if it is not `uuid`.
    #[serde(default, with = "wire")]
    pub external_id: Option<String>,
    /// `redirectUrl`: where the user comes back to after the payment.
    /// Masked: an address can tell about its user.
    #[serde(default, with = "wire")]
    pub redirect_url: Option<Personal<String>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Transaction {
    /// Where the user has to go to pay, if that is what the payment waits for.
    pub fn redirect(&self) -> Option<&RemoteUrl> {
        let waits = self.status == Some(TransactionStatus::Redirected);
        self.remote_url.as_ref().filter(|remote| waits && remote.url.is_some())
    }

    /// The order's UUID in the payment system: [`external_id`](Transaction::external_id), or else
    /// [`uuid`](Transaction::uuid).
    pub fn payment_id(&self) -> Option<&str> {
        self.external_id.as_deref().or(self.uuid.as_deref())
    }
}

/// Where the user has to go to pay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RemoteUrl {
    /// The address. Masked: whoever knows it may go on with the payment.
    #[serde(default, with = "wire")]
    pub url: Option<Personal<String>>,
    /// How to go there (метод HTTP-запроса).
    #[serde(default, with = "wire")]
    pub method: Option<HttpMethod>,
    /// What to send along (дополнительные данные, которые нужно передать в запросе).
    #[serde(default)]
    pub data: Option<Raw>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

models!(Transaction, RemoteUrl);
