//! The OSAGO partner API: a partner asked as Yandex would ask it.

mod access;
mod calculations;
mod check;
mod documents;
mod input;
mod offers;
mod session;
mod template;
mod text;
mod wait;

use clap::Subcommand;

use crate::exit::Failure;
use crate::global::Global;
use access::Access;
use session::Context;
pub(crate) use template::request as example_request;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    access: Access,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print a calculation request with invented people and remarks, to be changed; sends nothing
    Template,
    /// Start a calculation (POST osago/calculate); with --wait, follow it to its end and list the offers
    Calculate(calculations::Start),
    /// Show a calculation with its offers (GET osago/calculate)
    Calculation(calculations::Show),
    /// Show where a calculation and its offers stand (GET osago/calculate/status)
    Status(calculations::Status),
    /// Show an offer as it stands (GET osago/offer)
    Offer(offers::Show),
    /// Confirm an offer (Подтверждение предложения ОСАГО, POST osago/offer): it may make a contract
    ///
    /// The offer is fetched first, and the upsales are held against it: what does not fit is refused
    /// before the confirmation is sent. It is not sent twice by itself.
    Confirm(offers::Confirm),
    /// Fetch the draft of the policy (GET osago/offer/draft)
    Draft(documents::Args),
    /// Fetch the policy of a paid offer (GET osago/offer/policy)
    Policy(documents::Args),
    /// Hold a partner's end point against the document, operation by operation
    ///
    /// Every answer is looked at as it came: statuses, content types, fields and their types, errors,
    /// the rules of upsales. Exit code 8: there are errors; 4: there are none, but something could not
    /// be checked for want of a calculation, an offer or confirmations; 0: neither.
    CheckPartner(Box<check::Args>),
}

impl Args {
    pub(crate) async fn run(&self, global: &Global) -> Result<u8, Failure> {
        let context = Context { global, access: &self.access };
        match &self.command {
            Command::Template => template::print(global.format),
            Command::Calculate(start) => start.run(context).await,
            Command::Calculation(show) => show.run(context).await,
            Command::Status(status) => status.run(context).await,
            Command::Offer(show) => show.run(context).await,
            Command::Confirm(confirm) => confirm.run(context).await,
            Command::Draft(args) => args.draft(context).await,
            Command::Policy(args) => args.policy(context).await,
            Command::CheckPartner(args) => args.run(context).await,
        }
    }
}
