//! `ruapi shtrafovnet cars`.

use clap::Subcommand;
use shtrafovnet_client::{Car, CarId, Email};

use super::access::Need;
use super::filters::Filters;
use super::input::id;
use super::list::{self, Paging};
use super::session::{Context, Session, failed};
use crate::exit::Failure;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show a car (Получение информации о ТС)
    Show {
        /// The car's identifier (ID транспортного средства)
        #[arg(value_parser = id::<Car>)]
        id: CarId,
    },
    /// Add a car (Новое транспортное средство)
    ///
    /// A user has at most four. A car without an owner is not kept up to date, and removed after a week.
    Create(Create),
    /// Change a car's name or owner (Обновление транспортного средства)
    ///
    /// Its plate and documents cannot be changed: delete it and add it anew.
    Update(Update),
    /// Delete a car (Удаление транспортного средства)
    Delete {
        /// The car's identifier
        #[arg(value_parser = id::<Car>)]
        id: CarId,
    },
    /// List a car's fines (Штрафы транспортного средства)
    Fines {
        /// The car's identifier
        #[arg(value_parser = id::<Car>)]
        id: CarId,
        #[command(flatten)]
        filters: Box<Filters>,
        #[command(flatten)]
        paging: Paging,
    },
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// The registration certificate's number (Свидетельство о регистрации, СТС)
    #[arg(long, value_name = "NUMBER")]
    cert: String,
    /// The plate (Госномер)
    #[arg(long, value_name = "PLATE")]
    reg: String,
    /// The driving licence's number (Номер ВУ, `driverLicense`)
    #[arg(long, value_name = "NUMBER")]
    driver_license: Option<String>,
    /// The name or model (Название ТС)
    #[arg(long)]
    name: Option<String>,
    /// The owner, one of your users (`email`)
    #[arg(long, value_name = "EMAIL")]
    user: Option<Email>,
}

#[derive(clap::Args)]
pub(crate) struct Update {
    /// The car's identifier
    #[arg(value_parser = id::<Car>)]
    id: CarId,
    /// The name or model (Название ТС)
    #[arg(long)]
    name: Option<String>,
    /// The owner, one of your users (`email`)
    #[arg(long, value_name = "EMAIL")]
    user: Option<Email>,
}

impl Command {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        if let Self::Update(Update { name: None, user: None, .. }) = self {
            return Err(Failure::input("nothing to change: see --help for what can be"));
        }
        let session = context.connect(Need::Token).await?;
        let client = &session.client;
        match self {
            Self::Show { id } => session.show(&*client.car(id).await.map_err(failed)?),
            Self::Create(create) => create.run(&session).await,
            Self::Update(update) => update.run(&session).await,
            Self::Delete { id } => {
                session.show_deleted(*client.delete_car(id).await.map_err(failed)?)
            }
            Self::Fines { id, filters, paging } => {
                let call = filters.apply(client.car_fines(id));
                list::show_as(filters.view(), &session, call, paging).await
            }
        }
    }
}

impl Create {
    async fn run(&self, session: &Session) -> Result<u8, Failure> {
        let mut call = session.client.create_car(&self.cert, &self.reg);
        if let Some(number) = &self.driver_license {
            call = call.driver_license(number);
        }
        if let Some(name) = &self.name {
            call = call.name(name);
        }
        if let Some(email) = &self.user {
            call = call.owner(email);
        }
        session.show_done(&*call.await.map_err(failed)?)
    }
}

impl Update {
    async fn run(&self, session: &Session) -> Result<u8, Failure> {
        let mut call = session.client.update_car(&self.id);
        if let Some(name) = &self.name {
            call = call.name(name);
        }
        if let Some(email) = &self.user {
            call = call.owner(email);
        }
        session.show_done(&*call.await.map_err(failed)?)
    }
}
