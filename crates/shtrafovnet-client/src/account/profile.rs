//! What the service knows of an account or a user.

use chrono::NaiveDateTime;
use ruapi_core::{Error, Extra, Id, Personal, wire};
use serde::{Deserialize, Serialize};

use crate::input::Email;
use crate::listing::Listed;

/// The identifier of an account or a user.
pub type ProfileId = Id<Profile>;

ruapi_core::open_enum! {
    /// The state of an account or a user (Статус). The document names the values at the filter of
    /// users; a fresh account or user is `new`.
    pub enum UserStatus {
        /// Fresh.
        New = "new",
        /// In use.
        Active = "active",
        /// Not in use.
        Inactive = "inactive",
        /// Banned.
        Ban = "ban",
        /// Not found.
        NotFound = "not_found",
    }
}

/// An account or a user: the document gives both the same fields.
///
/// Times have no zone; Moscow time is likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// The unique identifier (Идентификатор).
    #[serde(with = "wire")]
    pub id: ProfileId,
    /// The login (Логин, имя пользователя).
    #[serde(default, with = "wire")]
    pub username: Option<Personal<String>>,
    /// The e-mail address, by which the service is accessed.
    #[serde(default, with = "wire")]
    pub email: Option<Personal<String>>,
    /// The state (Статус).
    #[serde(default, with = "wire")]
    pub status: Option<UserStatus>,
    /// The given name (Имя).
    #[serde(default, with = "wire")]
    pub first_name: Option<Personal<String>>,
    /// The surname (Фамилия).
    #[serde(default, with = "wire")]
    pub last_name: Option<Personal<String>>,
    /// The patronymic (Отчество).
    #[serde(default, with = "wire")]
    pub middle_name: Option<Personal<String>>,
    /// The phone number (Телефон).
    #[serde(default, with = "wire")]
    pub phone: Option<Personal<String>>,
    /// When it was registered (Дата создания).
    #[serde(default, with = "wire::naive_date_time")]
    pub created_at: Option<NaiveDateTime>,
    /// The token of Firebase Cloud Messaging, to which messages for the app go.
    #[serde(default, with = "wire")]
    pub fcm_token: Option<Personal<String>>,
    /// When it was active last (Дата последней активности).
    #[serde(default, with = "wire::naive_date_time")]
    pub last_activity_at: Option<NaiveDateTime>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Profile {
    /// A profile of which only the identifier is known.
    pub fn new(id: impl Into<ProfileId>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// The address, as calls want it.
    pub fn address(&self) -> Result<Email, Error> {
        self.email.as_ref().map_or("", |email| email.as_str()).parse()
    }
}

impl Listed for Profile {
    const KEY: &'static str = "users";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}
