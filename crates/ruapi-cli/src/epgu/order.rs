//! `ruapi epgu order`.

use chrono::Utc;
use clap::Subcommand;
use epgu_gusmev::{Cancellation, OrderId, Submission};
use serde_json::json;

use super::input::{Service, order_id};
use super::session::{Context, MADE, Need};
use super::{statuses, text, updated, watch};
use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make an application without its files, for its number (Создание заявления)
    ///
    /// Never repeated by itself: a second call makes a second one.
    Create(Create),
    /// Show where an application stands, and everything else about it (Получение деталей)
    Show(One),
    /// Cancel an application (Отмена заявления); `not_allowed` is an answer, its exit code is 5
    Cancel(Cancel),
    /// Settle whether an order's archive was filed; takes up to 30 seconds
    ///
    /// For the end of an upload that is in doubt. Exit code 0: filed; 4: nothing of its archive is to be
    /// seen, which is no proof, since one that was filed shows nothing else until it is taken up; 6: not
    /// known.
    Reconcile(One),
    /// Show the statuses of these applications, any number of them (Получение статусов по списку)
    Statuses(statuses::Args),
    /// List the applications whose status changed after a moment (Получение статусов всех заявлений)
    Updated(updated::Args),
    /// Follow applications to their ends, one line for each change
    ///
    /// One that is not found may only not be to be seen yet: that is told once, and it is followed on, for a
    /// day at most.
    Watch(watch::Args),
}

#[derive(clap::Args)]
pub(crate) struct Create {
    #[command(flatten)]
    service: Service,
}

#[derive(clap::Args)]
pub(crate) struct One {
    /// The application's number (Номер заявления)
    #[arg(value_parser = order_id)]
    order: OrderId,
}

#[derive(clap::Args)]
pub(crate) struct Cancel {
    /// The application's number (Номер заявления)
    #[arg(value_parser = order_id)]
    order: OrderId,
    /// Why, in a parameter that the document does not name and some services ask for
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Command {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        match self {
            Self::Create(create) => create.run(context).await,
            Self::Show(one) => one.show(context).await,
            Self::Cancel(cancel) => cancel.run(context).await,
            Self::Reconcile(one) => one.reconcile(context).await,
            Self::Statuses(args) => args.run(context).await,
            Self::Updated(args) => args.run(context).await,
            Self::Watch(args) => args.run(context).await,
        }
    }
}

impl Create {
    async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let meta = self.service.meta()?;
        let session = context.connect(Need::Token).await?;
        let made = session.ask_once(session.client.create_order(&meta), None, MADE).await?;
        session.show_done(&*made)
    }
}

impl One {
    async fn show(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Token).await?;
        let info = session.ask(session.client.order(self.order), Some(self.order)).await?;
        session.show(&*info)
    }

    async fn reconcile(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Token).await?;
        let outcome = session.client.reconcile(self.order).await;
        let failed = |error| session.failed_walk(&error, Utc::now(), Some(self.order));
        let outcome = outcome.map_err(failed)?;
        say(session.format, self.order, text::submission(outcome))?;
        Ok(match outcome {
            Submission::Submitted => exit::OK,
            Submission::StillNew => exit::NOT_FOUND,
            _ => exit::BUSY,
        })
    }
}

impl Cancel {
    async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Token).await?;
        let call = session.client.cancel(self.order);
        let call = self.reason.iter().fold(call, |call, reason| call.reason(reason));
        let show = session.command(format_args!("order show {}", self.order));
        let advice = format!("it may be cancelled: look with `{show}` before trying again");
        let outcome = *session.ask_once(call, Some(self.order), &advice).await?;
        say(session.format, self.order, text::cancellation(outcome))?;
        Ok(match outcome {
            Cancellation::Cancelled => exit::OK,
            Cancellation::NotFound => exit::NOT_FOUND,
            _ => exit::REFUSED,
        })
    }
}

/// What became of an application, in a word for programs and in words for people.
fn say(format: Format, order: OrderId, (word, words): (&str, &str)) -> Result<(), Failure> {
    match format {
        Format::Human => output::line(words),
        Format::Json => output::line(&output::to_json(&json!({"orderId": order, "outcome": word}))),
    }
}
