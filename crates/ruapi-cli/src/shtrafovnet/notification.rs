//! `ruapi shtrafovnet test`.

use clap::Subcommand;
use shtrafovnet_client::{Fine, FineId, NotificationType};

use super::access::Need;
use super::input::{choice, id};
use super::session::{Context, failed};
use crate::exit::Failure;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Have a notification of a new fine sent to you (Тестовая отправка уведомления о новом штрафе)
    Notification {
        /// The fine's identifier (ID штрафа, `fine_id`)
        #[arg(long, value_name = "ID", value_parser = id::<Fine>)]
        fine: FineId,
        /// To the company's callback URL, or to the app (Тип уведомления, `type`)
        #[arg(long = "type", value_parser = choice!(NotificationType))]
        kind: NotificationType,
    },
}

impl Command {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let Self::Notification { fine, kind } = self;
        let session = context.connect(Need::Token).await?;
        let call = session.client.test_notification(kind.clone(), fine);
        session.show_done(&*call.await.map_err(failed)?)
    }
}
