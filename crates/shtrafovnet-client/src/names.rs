//! A person's names and phone, which four operations take.

use ruapi_core::{Personal, wire};
use serde::Serialize;

use crate::call::{Call, Operation};

/// Names and phone of an account or a user.
///
/// For an example see [`users`](crate::users).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Names {
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    last_name: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    first_name: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    middle_name: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "wire::serialize")]
    phone: Option<Personal<String>>,
}

/// An operation that takes a person's names.
///
/// For an example see [`users`](crate::users).
pub trait Named: Operation {
    /// Where it keeps them.
    fn names(&mut self) -> &mut Names;
}

/// A person's names and phone; what is not set is not sent.
impl<O: Named> Call<O> {
    /// `last_name`: the surname (Фамилия).
    pub fn last_name(mut self, name: impl Into<String>) -> Self {
        self.operation.names().last_name = Some(name.into().into());
        self
    }

    /// `first_name`: the given name (Имя).
    pub fn first_name(mut self, name: impl Into<String>) -> Self {
        self.operation.names().first_name = Some(name.into().into());
        self
    }

    /// `middle_name`: the patronymic (Отчество).
    pub fn middle_name(mut self, name: impl Into<String>) -> Self {
        self.operation.names().middle_name = Some(name.into().into());
        self
    }

    /// `phone`: the phone number (Телефон).
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.operation.names().phone = Some(phone.into().into());
        self
    }
}
