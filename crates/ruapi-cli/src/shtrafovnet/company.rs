//! `ruapi shtrafovnet company`.

use clap::Subcommand;

use super::access::Need;
use super::session::{Context, failed};
use crate::exit::Failure;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show the company (Информация о компании)
    Show,
    /// Change the company (Обновление информации компании); what is not named stays as it is
    Update(Update),
}

#[derive(clap::Args)]
pub(crate) struct Update {
    /// The name that is shown (Наименование компании, `display_name`)
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// The address of your site or app (Web-адрес, `url`)
    #[arg(long)]
    url: Option<String>,
    /// Your number at the partner service PHLIP (ID вебмастера, `affiliate_id`)
    #[arg(long, value_name = "NUMBER")]
    affiliate_id: Option<u64>,
    /// Where the service sends its notifications (URL обратной связи, `callback_url`)
    #[arg(long, value_name = "URL")]
    callback_url: Option<String>,
    /// Your app's token of Firebase Cloud Messaging (Токен приложения, `fcm_token`)
    #[arg(long, value_name = "TOKEN")]
    fcm_token: Option<String>,
}

impl Command {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        match self {
            Self::Show => {
                let session = context.connect(Need::Token).await?;
                session.show(&*session.client.company().await.map_err(failed)?)
            }
            Self::Update(update) => update.run(context).await,
        }
    }
}

impl Update {
    async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let texts = [&self.display_name, &self.url, &self.callback_url, &self.fcm_token];
        if texts.into_iter().all(Option::is_none) && self.affiliate_id.is_none() {
            return Err(Failure::input("nothing to change: see --help for what can be"));
        }
        let session = context.connect(Need::Token).await?;
        let mut call = session.client.update_company();
        if let Some(name) = &self.display_name {
            call = call.display_name(name);
        }
        if let Some(url) = &self.url {
            call = call.url(url);
        }
        if let Some(id) = self.affiliate_id {
            call = call.affiliate_id(id);
        }
        if let Some(url) = &self.callback_url {
            call = call.callback_url(url);
        }
        if let Some(token) = &self.fcm_token {
            call = call.fcm_token(token);
        }
        session.show_done(&*call.await.map_err(failed)?)
    }
}
