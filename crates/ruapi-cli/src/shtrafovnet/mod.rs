//! The Shtrafovnet API for webmasters.

mod access;
mod account;
mod cars;
mod company;
mod export;
mod filters;
mod fines;
mod input;
mod invoices;
mod list;
mod names;
mod notification;
mod scan;
mod session;

mod text;
mod token;
mod updates;
mod users;
mod wait;

use clap::Subcommand;

use crate::exit::Failure;
use crate::global::Global;
use access::Access;
use session::Context;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    access: Access,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Your account (Аккаунт): show, register, update, reset the password
    Account {
        #[command(subcommand)]
        command: account::Command,
    },
    /// The access token (Токен доступа); the other commands get theirs by themselves
    Token {
        #[command(subcommand)]
        command: token::Command,
    },
    /// Your users (Пользователи), and their cars, fines and invoices
    Users {
        #[command(subcommand)]
        command: users::Command,
    },
    /// Cars (Транспорт) and their fines
    Cars {
        #[command(subcommand)]
        command: cars::Command,
    },
    /// The company behind the account (Компания)
    Company {
        #[command(subcommand)]
        command: company::Command,
    },
    /// Fines (Штрафы): one, all of them into a file, or what is new
    Fines {
        #[command(subcommand)]
        command: fines::Command,
    },
    /// Have a car's fines looked for (Создание задачи на проверку штрафов)
    ///
    /// It takes 30 to 60 seconds as a rule. `fail` and `skip` are results: the exit code is 0.
    Scan(scan::Start),
    /// Show where a scan stands (Статус проверки)
    ScanStatus(scan::Status),
    /// Pay fines (Оплата штрафов)
    Invoices {
        #[command(subcommand)]
        command: invoices::Command,
    },
    /// Try what the service sends to you (Тестирование)
    Test {
        #[command(subcommand)]
        command: notification::Command,
    },
}

impl Args {
    pub(crate) async fn run(&self, global: &Global) -> Result<u8, Failure> {
        let context = Context { global, access: &self.access };
        match &self.command {
            Command::Account { command } => command.run(context).await,
            Command::Token { command } => command.run(context).await,
            Command::Users { command } => command.run(context).await,
            Command::Cars { command } => command.run(context).await,
            Command::Company { command } => command.run(context).await,
            Command::Fines { command } => command.run(context).await,
            Command::Scan(start) => start.run(context).await,
            Command::ScanStatus(status) => status.run(context).await,
            Command::Invoices { command } => command.run(context).await,
            Command::Test { command } => command.run(context).await,
        }
    }
}
