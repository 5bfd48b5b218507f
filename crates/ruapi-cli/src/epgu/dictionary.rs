//! `ruapi epgu dictionary`.

use chrono::Utc;
use epgu_gusmev::DictionaryItem;
use futures_util::TryStreamExt;

use super::session::{Context, Need, failed};
use super::text;
use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The dictionary's code (Код справочника), such as BIC
    code: String,
    /// With everything below its items, as a tree (SUBTREE); by default one level
    #[arg(long)]
    tree: bool,
    /// Only what is below the item of this code (parentRefItemValue)
    #[arg(long, value_name = "CODE")]
    parent: Option<String>,
    /// One page only, counted from 1; by default all of it, page by page
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    page: Option<u64>,
    /// How many items on a page
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    page_size: Option<u64>,
}

impl Args {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Nothing).await?;
        let mut call = session.client.dictionary(self.code.as_str());
        if self.tree {
            call = call.tree();
        }
        if let Some(parent) = &self.parent {
            call = call.parent(parent.as_str());
        }
        if let Some(size) = self.page_size {
            call = call.page_size(size);
        }
        if let Some(page) = self.page {
            let dictionary = session.ask(call.page(page), None).await?;
            for item in &dictionary.items {
                if !show(session.format, item)? {
                    break;
                }
            }
            return Ok(exit::OK);
        }
        // Item by item, so that memory does not grow with the dictionary.
        let request = call.request().map_err(failed)?;
        let mut items = call.items();
        loop {
            let asked = Utc::now();
            let next = items.try_next().await;
            let next = next.map_err(|error| session.failed(&request, &error, asked, None))?;
            let Some(item) = next else { break };
            if !show(session.format, &item)? {
                break;
            }
        }
        Ok(exit::OK)
    }
}

/// An item with what is below it; `false`: nobody reads any more.
fn show(format: Format, item: &DictionaryItem) -> Result<bool, Failure> {
    if format == Format::Json {
        return output::try_line(&output::to_json(item));
    }
    // As deep as the answer is, which the client bounds.
    let mut waiting = vec![(item, 0)];
    while let Some((item, depth)) = waiting.pop() {
        if !output::try_line(&text::item(item, depth))? {
            return Ok(false);
        }
        waiting.extend(item.children.iter().rev().map(|child| (child, depth + 1)));
    }
    Ok(true)
}
