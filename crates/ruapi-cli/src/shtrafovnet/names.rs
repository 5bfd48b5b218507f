//! A person's names and phone.

use shtrafovnet_client::{Call, Named};

#[derive(clap::Args)]
#[command(next_help_heading = "Person")]
pub(super) struct Names {
    /// The surname (Фамилия, `last_name`)
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// The given name (Имя, `first_name`)
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// The patronymic (Отчество, `middle_name`)
    #[arg(long, value_name = "NAME")]
    middle_name: Option<String>,
    /// The phone number (Телефон, `phone`)
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
}

impl Names {
    pub(super) fn apply<O: Named>(&self, mut call: Call<O>) -> Call<O> {
        if let Some(name) = &self.last_name {
            call = call.last_name(name);
        }
        if let Some(name) = &self.first_name {
            call = call.first_name(name);
        }
        if let Some(name) = &self.middle_name {
            call = call.middle_name(name);
        }
        if let Some(phone) = &self.phone {
            call = call.phone(phone);
        }
        call
    }

    pub(super) fn is_empty(&self) -> bool {
        [&self.last_name, &self.first_name, &self.middle_name, &self.phone]
            .into_iter()
            .all(Option::is_none)
    }
}
