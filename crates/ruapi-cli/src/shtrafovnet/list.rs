//! Lists, as they come: a page is fetched while the one before is printed.

use futures_util::StreamExt;
use shtrafovnet_client::{Call, Listing};

use super::session::{Session, failed};
use super::text::Row;
use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output;

#[derive(clap::Args)]
#[command(next_help_heading = "How many")]
pub(super) struct Paging {
    /// Print so many at most; by default all of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Print only this page of the service's, counted from 1, of 200 as a rule (`page`)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    page: Option<u64>,
}

/// How items are shown.
pub(super) struct View<T> {
    pub(super) header: String,
    pub(super) row: Box<dyn Fn(&T) -> String + Send + Sync>,
    pub(super) json: Box<dyn Fn(&T) -> String + Send + Sync>,
}

impl<T: Row> View<T> {
    pub(super) fn usual() -> Self {
        Self {
            header: T::header(),
            row: Box::new(T::row),
            json: Box::new(|item| output::to_json(item)),
        }
    }
}

/// Prints a list.
pub(super) async fn show<O: Listing>(
    session: &Session,
    call: Call<O>,
    paging: &Paging,
) -> Result<u8, Failure>
where
    O::Item: Row,
{
    show_as(View::usual(), session, call, paging).await
}

/// Prints a list in a view of its own.
pub(super) async fn show_as<O: Listing>(
    view: View<O::Item>,
    session: &Session,
    call: Call<O>,
    paging: &Paging,
) -> Result<u8, Failure> {
    let mut lines = Lines { view, format: session.format, left: paging.limit, printed: 0 };
    let mut remark = String::new();
    if let Some(page) = paging.page {
        let list = call.page(page).await.map_err(failed)?.into_inner();
        if let (Some(pages), Some(total)) = (list.pages, list.total) {
            remark = format!("page {page} of {pages}, {total} in all");
        }
        for item in list.items {
            if !lines.print(&item)? {
                break;
            }
        }
    } else {
        let mut items = call.items();
        // Not asked for more than is wanted: the next page might fail.
        while !lines.is_full() {
            let Some(item) = items.next().await else { break };
            if !lines.print(&item.map_err(failed)?)? {
                break;
            }
        }
    }
    if session.format == Format::Human {
        match lines.printed {
            0 => output::line("Nothing found")?,
            _ if !remark.is_empty() => output::diagnostic(&remark),
            _ => {}
        }
    }
    Ok(exit::OK)
}

struct Lines<T> {
    view: View<T>,
    format: Format,
    left: Option<u64>,
    printed: u64,
}

impl<T> Lines<T> {
    fn is_full(&self) -> bool {
        self.left == Some(0)
    }

    /// `false`: no more is wanted.
    fn print(&mut self, item: &T) -> Result<bool, Failure> {
        if self.is_full() {
            return Ok(false);
        }
        if self.format == Format::Human && self.printed == 0 {
            output::try_line(self.view.header.trim_end())?;
        }
        let text = match self.format {
            Format::Human => (self.view.row)(item).trim_end().to_owned(),
            Format::Json => (self.view.json)(item),
        };
        self.printed += 1;
        self.left = self.left.map(|left| left - 1);
        Ok(output::try_line(&text)? && !self.is_full())
    }
}
