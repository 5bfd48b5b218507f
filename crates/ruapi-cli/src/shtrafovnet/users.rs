//! `ruapi shtrafovnet users`.

use clap::Subcommand;
use shtrafovnet_client::cars::CarStatus;
use shtrafovnet_client::invoices::InvoiceStatus;
use shtrafovnet_client::users::{ListUsers, UserCars, UserFines, UserInvoices, UserStatus};
use shtrafovnet_client::{Call, Car, CarId, Email};

use super::access::Need;
use super::filters::Filters;
use super::input::{choice, given, id};
use super::list::{self, Paging};
use super::names::Names;
use super::session::{Context, Session, failed};
use crate::exit::Failure;

/// A car may also be `deleted`, but the filter has no such value.
const CAR_FILTER: &[CarStatus] =
    &[CarStatus::New, CarStatus::Active, CarStatus::Inactive, CarStatus::Archived];

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List your users (Список пользователей)
    List {
        /// Only users of these states (Статус пользователя, `status`)
        #[arg(long, value_delimiter = ',', value_parser = choice!(UserStatus))]
        status: Vec<UserStatus>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show a user (Информация о пользователе)
    Show {
        /// The user's address
        email: Email,
    },
    /// Register a user (Регистрация нового пользователя); the address may be an invented one
    Create(Create),
    /// Change a user (Обновление данных о пользователе); what is not named stays as it is
    Update(Update),
    /// Delete a user (Удаление пользователя)
    Delete {
        /// The user's address
        email: Email,
    },
    /// List a user's cars (Транспортные средства пользователя)
    Cars {
        /// The user's address
        email: Email,
        /// Only cars of these states (Статус транспортного средства, `status`)
        #[arg(long, value_delimiter = ',', value_parser = choice!(CarStatus, CAR_FILTER))]
        status: Vec<CarStatus>,
        #[command(flatten)]
        paging: Paging,
    },
    /// List the fines of all cars of a user (Штрафы пользователя)
    Fines {
        /// The user's address
        email: Email,
        /// Only fines of these cars (Транспортные средства, `cars`)
        #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = id::<Car>)]
        car: Vec<CarId>,
        #[command(flatten)]
        filters: Box<Filters>,
        #[command(flatten)]
        paging: Paging,
    },
    /// List a user's invoices (Платежи пользователя)
    Invoices {
        /// The user's address
        email: Email,
        /// Only invoices of these states (Статус платежа, `status`)
        #[arg(long, value_delimiter = ',', value_parser = choice!(InvoiceStatus))]
        status: Vec<InvoiceStatus>,
        #[command(flatten)]
        paging: Paging,
    },
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// The user's address, such as YOUR_USER_ID@YOUR_DOMAIN
    email: Email,
    #[command(flatten)]
    data: Data,
}

#[derive(clap::Args)]
pub(crate) struct Update {
    /// The user's address, which cannot be changed
    email: Email,
    #[command(flatten)]
    data: Data,
}

#[derive(clap::Args)]
struct Data {
    /// The login (Логин, `username`)
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Your app's token of Firebase Cloud Messaging on the user's device (`fcmToken`, `fcm_token`)
    #[arg(long, value_name = "TOKEN")]
    fcm_token: Option<String>,
    #[command(flatten)]
    names: Names,
}

impl Command {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        if let Self::Update(update) = self {
            update.check()?;
        }
        let session = context.connect(Need::Token).await?;
        let client = &session.client;
        match self {
            Self::List { status, paging } => {
                let call = given(client.users(), status, Call::<ListUsers>::status);
                list::show(&session, call, paging).await
            }
            Self::Show { email } => session.show(&*client.user(email).await.map_err(failed)?),
            Self::Create(create) => create.run(&session).await,
            Self::Update(update) => update.run(&session).await,
            Self::Delete { email } => {
                session.show_deleted(*client.delete_user(email).await.map_err(failed)?)
            }
            Self::Cars { email, status, paging } => {
                let call = given(client.user_cars(email), status, Call::<UserCars>::status);
                list::show(&session, call, paging).await
            }
            Self::Fines { email, car, filters, paging } => {
                let call = given(client.user_fines(email), car, Call::<UserFines>::cars);
                list::show_as(filters.view(), &session, filters.apply(call), paging).await
            }
            Self::Invoices { email, status, paging } => {
                let call = client.user_invoices(email);
                let call = given(call, status, Call::<UserInvoices>::status);
                list::show(&session, call, paging).await
            }
        }
    }
}

impl Create {
    async fn run(&self, session: &Session) -> Result<u8, Failure> {
        let mut call = self.data.names.apply(session.client.create_user(&self.email));
        if let Some(name) = &self.data.username {
            call = call.username(name);
        }
        if let Some(token) = &self.data.fcm_token {
            call = call.fcm_token(token);
        }
        session.show_done(&*call.await.map_err(failed)?)
    }
}

impl Update {
    fn check(&self) -> Result<(), Failure> {
        let Data { username, fcm_token, names } = &self.data;
        if username.is_none() && fcm_token.is_none() && names.is_empty() {
            return Err(Failure::input("nothing to change: see --help for what can be"));
        }
        Ok(())
    }

    async fn run(&self, session: &Session) -> Result<u8, Failure> {
        let mut call = self.data.names.apply(session.client.update_user(&self.email));
        if let Some(name) = &self.data.username {
            call = call.username(name);
        }
        if let Some(token) = &self.data.fcm_token {
            call = call.fcm_token(token);
        }
        session.show_done(&*call.await.map_err(failed)?)
    }
}
