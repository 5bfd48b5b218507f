//! Lists in pages.

use std::ops::Range;

use axum::http::StatusCode;
use axum::response::Response;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::call::{Answer, Call};
use super::error::{INVALID, Refusal};
use super::form::{Item, List};
use super::input::digits;
use super::kinds::NextLink;
use crate::reply;

/// Answers one page of a list, `key`, of `total` items; `items` makes those of a range.
pub(super) fn answer(
    call: &Call<'_>,
    key: &'static str,
    total: u64,
    items: impl FnOnce(Range<u64>) -> Vec<Item>,
) -> Answer {
    let page = number(call)?;
    let settings = &call.state.settings;
    let size = settings.page_size;
    let pages = total.div_ceil(size).max(1);
    let shown = match settings.next_link {
        NextLink::Endless => (page - 1) % pages + 1,
        _ => page,
    };
    let first = shown.saturating_sub(1).saturating_mul(size).min(total);
    let items = items(first..first.saturating_add(size).min(total));
    let links = if pages > 1 || settings.next_link == NextLink::Endless {
        Some(Links::Object(links(call, page, pages)))
    } else if settings.modern_forms {
        None
    } else {
        Some(Links::Text(link(call, 1)))
    };
    let modern = settings.modern_forms;
    Ok(print(&Page { key, page, pages, total, items: &items, links, modern }))
}

/// A page of items that are all there.
pub(super) fn of_all(call: &Call<'_>, key: &'static str, all: Vec<Item>) -> Answer {
    let total = all.len() as u64;
    answer(call, key, total, |range| {
        let skipped = usize::try_from(range.start).unwrap_or(usize::MAX);
        let count = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        all.into_iter().skip(skipped).take(count).collect()
    })
}

/// The number of the page that is asked for.
fn number(call: &Call<'_>) -> Result<u64, Refusal> {
    match call.query.one("page") {
        None => Ok(1),
        Some(text) => {
            digits(text).filter(|page| *page >= 1).ok_or_else(|| Refusal::field("page", INVALID))
        }
    }
}

fn link(call: &Call<'_>, page: u64) -> String {
    format!("{}{}?page={page}", call.origin, call.path)
}

fn links(call: &Call<'_>, page: u64, pages: u64) -> Vec<(&'static str, String)> {
    let following = page.saturating_add(1);
    let normal = (page < pages).then(|| link(call, following));
    let next = match call.state.settings.next_link {
        NextLink::Normal => normal,
        NextLink::WithFilters => normal.map(|link| link + &filters(call)),
        NextLink::ForeignHost => {
            normal.map(|link| link.replacen(call.origin, "https://evil.example", 1))
        }
        NextLink::Backwards if page > 1 => Some(link(call, page - 1)),
        NextLink::Backwards => normal,
        NextLink::Repeat => Some(link(call, page)),
        NextLink::Endless => Some(link(call, following)),
        NextLink::Missing => None,
    };
    let links = [
        ("self", Some(link(call, page))),
        ("first", Some(link(call, 1))),
        ("prev", (page > 1).then(|| link(call, page - 1))),
        ("next", next),
        ("last", Some(link(call, pages))),
    ];
    links.into_iter().filter_map(|(name, link)| Some((name, link?))).collect()
}

/// The query but for `page`, to follow it.
fn filters(call: &Call<'_>) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = call.query.pairs().iter().filter(|(name, _)| name != "page");
    pairs.map(|(name, value)| format!("&{}={}", encoded(name), encoded(value))).collect()
}

enum Links {
    /// The document prints this in all its examples, which have one page.
    Text(String),
    Object(Vec<(&'static str, String)>),
}

struct Page<'a> {
    key: &'static str,
    page: u64,
    pages: u64,
    total: u64,
    items: &'a [Item],
    links: Option<Links>,
    modern: bool,
}

impl Serialize for Page<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if matches!(self.links, Some(Links::Object(_))) {
            map.serialize_entry("pages", &self.pages)?;
            map.serialize_entry("page", &self.page)?;
        }
        map.serialize_entry("total", &self.total)?;
        map.serialize_entry("count", &self.items.len())?;
        match &self.links {
            None => {}
            Some(Links::Text(link)) => map.serialize_entry("_links", link)?,
            Some(Links::Object(links)) => map.serialize_entry("_links", &Object(links))?,
        }
        map.serialize_entry(self.key, &List { items: self.items, modern: self.modern })?;
        map.end()
    }
}

struct Object<'a>(&'a [(&'static str, String)]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, link)| (name, link)))
    }
}

fn print(page: &Page<'_>) -> Response {
    reply::json(StatusCode::OK, page)
}
