//! `ruapi epgu order statuses`.

use std::path::PathBuf;

use chrono::Utc;
use epgu_gusmev::OrderId;
use futures_util::TryStreamExt;

use super::input::{listed, order_id};
use super::session::{Context, Need};
use super::text::Describe;
use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The applications' numbers
    #[arg(value_parser = order_id)]
    orders: Vec<OrderId>,
    /// More numbers, one a line; `-` reads standard input
    #[arg(long, value_name = "FILE|-")]
    from: Option<PathBuf>,
    /// How many on a page; the pages are walked over by themselves
    #[arg(long, value_name = "N")]
    page_size: Option<u64>,
}

impl Args {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let orders = listed(&self.orders, self.from.as_deref())?;
        let session = context.connect(Need::Token).await?;
        let call = session.client.statuses(orders);
        let call = self.page_size.into_iter().fold(call, |call, size| call.page_size(size));
        let mut found = call.items();
        loop {
            let asked = Utc::now();
            let next = found.try_next().await;
            let next = next.map_err(|error| session.failed_walk(&error, asked, None))?;
            let Some(order) = next else { break };
            let text = match session.format {
                Format::Human => order.text(),
                Format::Json => output::to_json(&order),
            };
            if !output::try_line(&text)? {
                break;
            }
        }
        Ok(exit::OK)
    }
}
