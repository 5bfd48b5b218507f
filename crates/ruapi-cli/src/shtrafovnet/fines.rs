//! `ruapi shtrafovnet fines`.

use clap::Subcommand;
use shtrafovnet_client::{Car, CarId, Email, Fine, FineId};

use super::access::Need;
use super::input::id;
use super::session::{Context, failed};
use super::{export, updates};
use crate::exit::Failure;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show a fine (Информация о штрафе)
    Show {
        /// The fine's identifier (ID штрафа)
        #[arg(value_parser = id::<Fine>)]
        id: FineId,
    },
    /// Write all fines of a user or a car into a file
    ///
    /// The file gets its name when it is complete; until then it is FILE.partial. An export that was
    /// stopped goes on with --resume. The list may be far larger than the memory.
    Export(Box<export::Args>),
    /// Print the fines that are new or changed since the last run
    ///
    /// Up to where it got is kept in a file; that moves on only after a whole walk, when all was
    /// printed. So nothing is missed, and after a failure some fines are printed again.
    Updates(updates::Args),
}

/// Whose fines.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub(super) struct Whose {
    /// The fines of a user, by the address
    #[arg(long, value_name = "EMAIL")]
    pub(super) user: Option<Email>,
    /// The fines of a car, by its identifier; with --user, only this car's, and it may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = id::<Car>)]
    pub(super) car: Vec<CarId>,
}

impl Command {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        match self {
            Self::Show { id } => {
                let session = context.connect(Need::Token).await?;
                session.show(&*session.client.fine(id).await.map_err(failed)?)
            }
            Self::Export(args) => args.run(context).await,
            Self::Updates(args) => args.run(context).await,
        }
    }
}
