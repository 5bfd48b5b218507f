//! `ruapi osago offer` and `confirm`.

use osago_offer::{ReturnUrls, SelectedUpsale};

use super::input::{Key, upsale};
use super::session::{Context, failed};
use crate::exit::Failure;
use crate::interrupt;

#[derive(clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    key: Key,
}

#[derive(clap::Args)]
pub(crate) struct Confirm {
    #[command(flatten)]
    key: Key,
    /// Where the customer's browser goes after the payment (`success_url`)
    #[arg(long, value_name = "URL")]
    success_url: String,
    /// Where the customer's browser goes after a failed one (`failure_url`)
    #[arg(long, value_name = "URL")]
    failure_url: String,
    /// An upsale with one of its options, by their identifiers (`upsales`); may be repeated
    #[arg(long, value_name = "UPSALE=OPTION", value_parser = upsale)]
    upsale: Vec<SelectedUpsale>,
    /// Do not fetch the offer first: the partner alone checks the upsales
    #[arg(long)]
    unseen: bool,
}

impl Show {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect().await?;
        session.show(&*session.client.offer(&self.key.key()).await.map_err(failed)?)
    }
}

impl Confirm {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect().await?;
        let (client, key) = (&session.client, self.key.key());
        let urls = ReturnUrls::new(&self.success_url, &self.failure_url);
        let unseen = client.confirm_unseen(&key, urls.clone()).upsales(self.upsale.clone());
        // What is wrong as one can see here is not worth a question.
        unseen.request().map_err(failed)?;
        let call = match self.unseen {
            true => unseen,
            false => {
                let offer = client.offer(&key).await.map_err(failed)?;
                let call = client.confirm(key.request_id.clone(), &offer, urls);
                call.upsales(self.upsale.clone())
            }
        };
        let show = session.command(format_args!("offer {} {}", key.request_id, key.offer_id));
        let advice = format!("the offer may have been confirmed: `{show}` shows where it stands");
        let call =
            async { call.await.map_err(|error| failed(error).with_advice_in_doubt(&advice)) };
        session.show_done(&*interrupt::or_stopped(call, &advice).await?)
    }
}
