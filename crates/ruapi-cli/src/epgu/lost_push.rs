//! `ruapi epgu reconcile-push`: what became of a push whose answer was lost.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use epgu_gusmev::{OrderId, PushReconciled};
use serde_json::json;

use super::archive::Rulings;
use super::input::{Service, instant, order_id};
use super::session::{Context, Need};
use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    service: Service,
    /// When the push was begun: as `push` said, or YYYY-MM-DD HH:MM:SS (Moscow's time)
    #[arg(long, value_name = "MOMENT", value_parser = instant)]
    sent_after: DateTime<Utc>,
    /// An application that is not it, since another call made it, also in the five minutes before; may be
    /// given several times
    #[arg(long, value_name = "ORDER", value_parser = order_id)]
    known: Vec<OrderId>,
    /// The archive that was pushed
    #[arg(value_name = "ARCHIVE")]
    archive: PathBuf,
    #[command(flatten)]
    rulings: Rulings,
}

impl Args {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let meta = self.service.meta()?;
        let archive = self.rulings.open(&self.archive).await?;
        let session = context.connect(Need::Token).await?;
        let looking = session.client.reconcile_push(&meta, &archive, self.sent_after);
        let found = looking.known(self.known.iter().copied()).await;
        let found = found.map_err(|error| session.failed_walk(&error, Utc::now(), None))?;
        let (order, candidates, code) = match found {
            PushReconciled::Submitted(order) => (Some(order), Vec::new(), exit::OK),
            PushReconciled::Unknown(orders) => (None, orders, exit::BUSY),
            _ => (None, Vec::new(), exit::BUSY),
        };
        let text = match (session.format, order) {
            (Format::Human, Some(order)) => format!("Filed: application {order}"),
            (Format::Human, None) => unknown(&candidates),
            (Format::Json, Some(order)) => {
                output::to_json(&json!({"orderId": order, "outcome": "submitted"}))
            }
            (Format::Json, None) => {
                output::to_json(&json!({"outcome": "unknown", "candidates": candidates}))
            }
        };
        output::line(&text)?;
        Ok(code)
    }
}

fn unknown(candidates: &[OrderId]) -> String {
    if candidates.is_empty() {
        return "Not known: no application fits, but it may not be listed yet; look again in a minute"
            .to_owned();
    }
    let numbers: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    format!(
        "Not known: it may be {}; name those that other calls made, also in the five minutes before, by \
         --known; or look again in a minute",
        numbers.join(", ")
    )
}
