//! The company behind the account: section «Компания».
//!
//! ```
//! # use ruapi_sandbox::{Sandbox, Shtrafovnet};
//! # use shtrafovnet_client::{Client, Email, Login};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
//! # let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
//! let company = client.company().await?;
//! println!("{}: {:?}", company.id, company.status);
//! client.update_company().callback_url("https://fleet.example/postback/3f9c").await?;
//! # Ok(()) }
//! ```

mod show;
mod update;

use chrono::NaiveDateTime;
use ruapi_core::{Extra, Id, Personal, wire};
use serde::{Deserialize, Serialize};

pub use show::ShowCompany;
pub use update::UpdateCompany;

/// The identifier of a company.
pub type CompanyId = Id<Company>;

ruapi_core::open_enum! {
    /// The state of the company's account (Состояние аккаунта).
    pub enum CompanyStatus {
        /// In use.
        Active = "active",
        /// Not in use.
        Inactive = "inactive",
    }
}

/// The company behind an account; a sole trader's has a person's name. Times have no zone; Moscow time is likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Company {
    /// The unique identifier (ID компании).
    #[serde(with = "wire")]
    pub id: CompanyId,
    /// The name that is shown (Наименование компании).
    #[serde(default, with = "wire")]
    pub display_name: Option<Personal<String>>,
    /// The full name without abbreviations (Полное название компании).
    #[serde(default, with = "wire")]
    pub name: Option<Personal<String>>,
    /// The short name (Сокращенное название компании).
    #[serde(default, with = "wire")]
    pub short_name: Option<Personal<String>>,
    /// The web site's or the app's address (Web-адрес).
    #[serde(default, with = "wire")]
    pub url: Option<Personal<String>>,
    /// Your number at the partner service PHLIP (ID вебмастера), where your commission goes.
    #[serde(default, with = "wire")]
    pub affiliate_id: Option<u64>,
    /// The state (Состояние аккаунта).
    #[serde(default, with = "wire")]
    pub status: Option<CompanyStatus>,
    /// When the account was registered (Дата регистрации аккаунта).
    #[serde(default, with = "wire::naive_date_time")]
    pub created_at: Option<NaiveDateTime>,
    /// Your app's token of Firebase Cloud Messaging (Токен приложения).
    #[serde(default, with = "wire")]
    pub fcm_token: Option<Personal<String>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Company {
    /// A company of which only the identifier is known.
    pub fn new(id: impl Into<CompanyId>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
}
