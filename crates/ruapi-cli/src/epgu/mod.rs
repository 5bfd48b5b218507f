//! The EPGU API (Госуслуги): applications filed, followed and cancelled.

mod access;
mod archive;
mod dictionary;
mod download;
mod file;
mod incident;
mod input;
mod lost_push;
mod order;
mod progress;
mod session;
mod state;
mod statuses;
mod text;
mod updated;
mod watch;

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
    /// The archive of an application (архив заявления): build one, or check it as the service would
    Archive {
        #[command(subcommand)]
        command: archive::Command,
    },
    /// Applications (заявления): make, show, cancel, settle, follow
    Order {
        #[command(subcommand)]
        command: order::Command,
    },
    /// File an application in one piece (единым методом); archives up to 5 MB
    ///
    /// Never repeated by itself. Where it may have been filed, the exit code is 7 (8 after an answer that
    /// was not understood, 130 after Ctrl-C).
    Push(file::Push),
    /// Look for the application of a `push` whose answer was lost, so that its number is not known
    ///
    /// Compares the applications that changed since then. Exit code 0: this is it; 6: not known.
    ReconcilePush(lost_push::Args),
    /// Send an order's archive in chunks (загрузка архива по частям), which files it
    ///
    /// All chunks must be through within five minutes of the first. A killed upload goes on from what
    /// arrived when the same command is run again with its --state; after the five minutes it begins anew,
    /// unless it is in doubt.
    Upload(file::Upload),
    /// File an application by whichever way fits its archive
    ///
    /// In one piece up to 5 MB; larger ones, and all with --with-order or --state, by making an order and
    /// sending the archive in chunks. A service that wants the order's number in the archive needs
    /// `order create`, then `upload`.
    Submit(file::Submit),
    /// Read a dictionary (справочник); open to everybody, no token is needed
    Dictionary(dictionary::Args),
    /// Fetch a file of an application (скачивание файла)
    Download(download::Args),
    /// Print the report of an incident (приложение 2) that a failed command kept with --incident FILE
    Incident(incident::Args),
}

impl Args {
    pub(crate) async fn run(&self, global: &Global) -> Result<u8, Failure> {
        let context = Context { global, access: &self.access };
        match &self.command {
            Command::Archive { command } => command.run(global.format),
            Command::Order { command } => command.run(context).await,
            Command::Push(push) => push.run(context).await,
            Command::ReconcilePush(args) => args.run(context).await,
            Command::Upload(upload) => upload.run(context).await,
            Command::Submit(submit) => submit.run(context).await,
            Command::Dictionary(args) => args.run(context).await,
            Command::Download(args) => args.run(context).await,
            Command::Incident(args) => args.run(global.format),
        }
    }
}
