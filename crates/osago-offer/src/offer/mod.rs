//! Offers (предложения ОСАГО): the confirmation, an offer's state, upsales.
//!
//! ```
//! # use osago_offer::{Client, Credential, OfferKey};
//! # use ruapi_sandbox::{Osago, Sandbox};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let credential = Credential::bearer(Osago::TOKEN.to_owned().into())?;
//! # let client = Client::new(sandbox.osago_url(), credential)?;
//! use osago_offer::{OfferStatus, ReturnUrls, SelectedUpsale, StatusGroup};
//!
//! let key = OfferKey::new(Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER);
//! let offer = client.offer(&key).await?;
//! assert_eq!(offer.status.as_ref().and_then(OfferStatus::group), Some(StatusGroup::Creation));
//!
//! // A choice that does not fit is refused before it is sent, each breach with its place.
//! let wrong = [SelectedUpsale::new("112234", "77")];
//! let errors = offer.check_upsales(&wrong).unwrap_err();
//! for error in errors.iter() {
//!     println!("{}: {error}", error.property());
//! }
//!
//! let urls = ReturnUrls::new("https://example.com/success", "https://example.com/failure");
//! let choice = offer.upsales.iter().map(|upsale| {
//!     SelectedUpsale::new(upsale.id.clone(), upsale.options[0].id.clone())
//! });
//! let call = client.confirm(key.request_id.clone(), &offer, urls).upsales(choice);
//! let confirmed = call.await?;
//! println!("{:?}", confirmed.status);
//! # Ok(()) }
//! ```

mod confirm;
mod partner_info;
mod selection;
mod show;
mod status;
mod upsale;

use ruapi_core::{Extra, Id, Personal, wire};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use confirm::{Confirm, Confirmation, ReturnUrls};
pub use partner_info::PartnerInfo;
pub use selection::{UpsaleError, UpsaleErrors, check_upsales};
pub use show::{OfferKey, ShowOffer};
pub use status::{OfferStatus, StatusGroup};
pub use upsale::{OptionId, RiskPayment, SelectedUpsale, UpsaleId, UpsaleInfo, UpsaleOption};

use crate::error::PropertyError;

/// The identifier of an offer (Идентификатор предложения): a text.
pub type OfferId = Id<Offer>;

/// An offer: the answer of the confirmation (section «Успешный ответ») and of `GET /osago/offer`, and
/// an item of a calculation's offers. What an answer does not hold is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Offer {
    /// `offer_id`: the identifier (Идентификатор).
    #[serde(with = "wire")]
    pub offer_id: OfferId,
    /// `partner`: the partner who is the insurer (Информация о партнере, который является страховщиком).
    #[serde(
        default,
        deserialize_with = "crate::wire::object",
        skip_serializing_if = "Option::is_none"
    )]
    pub partner: Option<PartnerInfo>,
    /// `price`: the price in rubles (Цена). Whether it holds the upsales' prices is documented nowhere.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub price: Option<Decimal>,
    /// `status`: where it stands (Текущий статус обработки предложения).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub status: Option<OfferStatus>,
    /// `is_prolongation`: it prolongs a policy (Является ли предложение пролонгацией).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub is_prolongation: Option<bool>,
    /// `is_ext_prolongation`: it prolongs another company's policy (пролонгация от другой компании).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub is_ext_prolongation: Option<bool>,
    /// `is_reinsurance_pool`: it is in the reinsurance pool (Входит ли предложение в
    /// перестраховочный пул). `false`, `null` and missing are the same: see
    /// [`is_in_pool`](Self::is_in_pool).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub is_reinsurance_pool: Option<bool>,
    /// `draft_url`: link to the policy's draft as PDF (Ссылка на черновик полиса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub draft_url: Option<Personal<String>>,
    /// `payment_url`: link to pay at (Ссылка на оплату). Whoever has it sees the contract.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub payment_url: Option<Personal<String>>,
    /// `policy_series`: the policy's series (Серия полиса), such as `ХХХ` in Cyrillic.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub policy_series: Option<String>,
    /// `policy_number`: the policy's number (Номер полиса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub policy_number: Option<Personal<String>>,
    /// `message`: an error or another message (Сообщение об ошибке / иные сообщения), free words.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub message: Option<Personal<String>>,
    /// `upsales`: the upsales that come with it (Массив предложений кросс-продаж).
    #[serde(default, with = "wire::one_or_many")]
    pub upsales: Vec<UpsaleInfo>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Offer {
    /// An offer of which only the identifier is known.
    pub fn new(id: impl Into<OfferId>) -> Self {
        Self { offer_id: id.into(), ..Self::default() }
    }

    /// Whether it is in the reinsurance pool. Then all its upsales are obligatory, and leaving one out
    /// would cancel the offer.
    pub fn is_in_pool(&self) -> bool {
        self.is_reinsurance_pool == Some(true)
    }

    /// The upsales that are on by default: in each, its default option; in an obligatory one without
    /// such, its only option. What has to be chosen by a person is left out, so it need not
    /// pass [`check_upsales`](Self::check_upsales) yet.
    pub fn default_upsales(&self) -> Vec<SelectedUpsale> {
        let chosen = self.upsales.iter().filter_map(|upsale| {
            let only = match upsale.options.as_slice() {
                [only] if self.requires(upsale) => Some(only),
                _ => None,
            };
            let option =
                upsale.options.iter().find(|option| option.is_default == Some(true)).or(only)?;
            Some(SelectedUpsale::new(upsale.id.clone(), option.id.clone()))
        });
        chosen.collect()
    }

    /// Checks a choice of upsales: see [`check_upsales`].
    pub fn check_upsales(&self, selected: &[SelectedUpsale]) -> Result<(), UpsaleErrors> {
        check_upsales(self, selected)
    }

    /// Whether the offer cannot be had without this upsale.
    fn requires(&self, upsale: &UpsaleInfo) -> bool {
        self.is_in_pool() || upsale.is_required == Some(true)
    }
}

impl From<UpsaleErrors> for Vec<PropertyError> {
    fn from(errors: UpsaleErrors) -> Self {
        errors.iter().map(|error| PropertyError::new(error.property(), error.to_string())).collect()
    }
}
