//! Lists that come in pages of up to 200, and the walk over all of them.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::BuildHasher;
use std::marker::PhantomData;

use ruapi_core::{Continuation, Error, Extra, Kind, Page, Pager, Pages, Request, wire};
use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::call::{Call, Operation};

/// Something that comes in lists.
///
/// For an example of a walk see [`fines`](crate::fines).
pub trait Listed: Serialize + DeserializeOwned + Send + Unpin + 'static {
    /// The field of the answer that holds the list.
    const KEY: &'static str;

    /// What tells one from another.
    fn id(&self) -> &str;

    /// When it changed last, where it says so: changed during a walk, it is given once more.
    fn changed_at(&self) -> Option<chrono::NaiveDateTime> {
        None
    }
}

/// One page of a list, as the service answers it. Section «Ссылки».
///
/// ```
/// # use ruapi_sandbox::{Sandbox, Shtrafovnet};
/// # use shtrafovnet_client::{Client, Email, Login};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
/// # let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
/// let driver: Email = Shtrafovnet::USER.parse()?;
/// let page = client.user_fines(&driver).page(1).await?;
/// println!("{} of {:?}", page.items.len(), page.total);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct List<T> {
    /// What is on the page; in the answer under a name of its own, such as `fines`.
    pub items: Vec<T>,
    /// How many there are in all that meet the filters (Общее количество).
    pub total: Option<u64>,
    /// How many of them are on this page (Текущее количество).
    pub count: Option<u64>,
    /// Which page this is, from 1. Absent where all fits on one.
    pub page: Option<u64>,
    /// How many pages there are. Absent where all fits on one.
    pub pages: Option<u64>,
    /// The pages around this one (`_links`).
    pub links: Links,
    /// Undocumented fields.
    pub extra: Extra,
}

impl<T> List<T> {
    /// A page of these items, for tests.
    pub fn new(items: Vec<T>) -> Self {
        Self {
            items,
            total: None,
            count: None,
            page: None,
            pages: None,
            links: Links::default(),
            extra: Extra::default(),
        }
    }
}

/// `_links`: the URLs of the pages around one.
///
/// `Debug` masks them: a path may name a user.
///
/// For an example of a page see [`List`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Links {
    /// The URL of the page itself, which is what the samples of lists have.
    Own(String),
    /// The URLs by name.
    Named(Box<NamedLinks>),
    /// Anything else: `null` where all fits on one page.
    Other(serde_json::Value),
}

impl Default for Links {
    fn default() -> Self {
        Self::Other(serde_json::Value::Null)
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own(_) => "Links(one)",
            Self::Named(_) => "Links(named)",
            Self::Other(_) => "Links(other)",
        })
    }
}

/// `_links` with several pages. `Debug` masks them.
///
/// For an example of a page see [`List`].
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NamedLinks {
    /// This page.
    #[serde(rename = "self", default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Link>,
    /// The first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Link>,
    /// The page before; absent on the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<Link>,
    /// The page after; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Link>,
    /// The last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Link>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl fmt::Debug for NamedLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NamedLinks(***)")
    }
}

/// One link.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Link {
    /// Its URL.
    Url(String),
    /// An object that holds its URL, as some services write links.
    Object {
        /// Its URL.
        href: String,
        /// Undocumented fields.
        #[serde(flatten)]
        extra: Extra,
    },
    /// Anything else, such as `false` for none.
    Other(serde_json::Value),
}

impl Link {
    /// Its URL, if it has one.
    pub fn url(&self) -> Option<&str> {
        let url = match self {
            Self::Url(url) => url,
            Self::Object { href, .. } => href,
            Self::Other(_) => return None,
        };
        Some(url.trim()).filter(|url| !url.is_empty())
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ruapi_core::redact::MASK)
    }
}

// By hand, because the name of the list depends on what is in it.
impl<T: Listed> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let numbers = [
            ("total", self.total),
            ("count", self.count),
            ("page", self.page),
            ("pages", self.pages),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                map.serialize_entry(name, &number)?;
            }
        }
        if self.links != Links::default() {
            map.serialize_entry("_links", &self.links)?;
        }
        map.serialize_entry(T::KEY, &self.items)?;
        for (name, value) in self.extra.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de, T: Listed> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Listed> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", T::KEY)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<T>, A::Error> {
        let mut list = List::new(Vec::new());
        let mut extra = serde_json::Map::new();
        let mut found = false;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "total" => list.total = map.next_value::<Number>()?.0,
                "count" => list.count = map.next_value::<Number>()?.0,
                "page" => list.page = map.next_value::<Number>()?.0,
                "pages" => list.pages = map.next_value::<Number>()?.0,
                "_links" => list.links = map.next_value()?,
                name if name == T::KEY => {
                    list.items = map.next_value::<Items<T>>()?.0;
                    found = true;
                }
                _ => {
                    extra.insert(name, map.next_value()?);
                }
            }
        }
        if !found {
            // An answer without the list is no answer "there are none".
            return Err(de::Error::missing_field(T::KEY));
        }
        list.extra = Extra::deserialize(extra).map_err(de::Error::custom)?;
        Ok(list)
    }
}

#[derive(Deserialize)]
struct Number(#[serde(with = "wire")] Option<u64>);

#[derive(Deserialize)]
#[serde(bound = "T: Listed")]
struct Items<T>(#[serde(with = "wire::one_or_many")] Vec<T>);

/// An operation that answers one page of a list.
///
/// For an example of a walk see [`fines`](crate::fines).
pub trait Listing: Operation<Answer = List<Self::Item>> + Clone {
    /// What is listed.
    type Item: Listed;

    /// The same operation for this page, counted from 1.
    #[must_use]
    fn with_page(self, page: u64) -> Self;
}

/// The parameter `page` of an operation.
pub(crate) fn page(request: Request, page: Option<u64>) -> Result<Request, Error> {
    match page {
        None => Ok(request),
        Some(0) => Err(Error::input(request.operation(), "pages are counted from 1")),
        Some(page) => Ok(request.query("page", &page.to_string())),
    }
}

/// Awaited, the call gives one page, the first if none is set. [`items`](Call::items) and
/// [`pages`](Call::pages) walk over all of them.
impl<O: Listing> Call<O> {
    /// `page`: this page only, counted from 1.
    pub fn page(mut self, page: u64) -> Self {
        self.operation = self.operation.with_page(page);
        self
    }

    /// All items from the first page on, as a stream. The next page is fetched while one is given out.
    ///
    /// Of the service's links only the page number is used; the filters are sent with each page. A link
    /// to another host, a page that repeats or does not follow, and a list without an end are errors.
    /// If the list gets shorter during the walk, what moved to a page that was read already is fetched
    /// again from there; an item is given a second time only if it changed meanwhile. A list that gets much
    /// shorter at once is an error. If it gets longer and shorter between two pages, items may be missed:
    /// walk by the time of change where that matters.
    pub fn items(self) -> Pager<O::Item> {
        self.resume(Continuation::start())
    }

    /// All pages, as a stream: see [`items`](Call::items).
    pub fn pages(self) -> Pages<O::Item> {
        self.items().pages()
    }

    /// The items from where an earlier walk with the same filters stood.
    pub fn resume(self, from: Continuation) -> Pager<O::Item> {
        let (client, operation) = (self.client, self.operation);
        let mut walk = Walk::default();
        let first = operation.clone();
        let request_of = move |page: Option<&str>| -> Result<Request, Error> {
            operation.clone().with_page(page_number(page)?).request()
        };
        let asked = request_of.clone();
        let name = first.request().map_or("list", |request| request.operation());
        let fetch = move |page: Option<&str>| -> ruapi_core::BoxFuture<'static, _> {
            let (request, client) = (request_of(page), client.clone());
            Box::pin(async move {
                let request = request?;
                client.send(&request, O::ACCESS).await
            })
        };
        Pager::new(name, from, fetch, move |page, answer| {
            let request = asked(page)?;
            let list = answer.decode::<List<O::Item>>(&request)?.into_inner();
            let problem = |detail| Error::new(Kind::Decode, request.operation(), detail);
            walk.take(page_number(page)?, list, problem)
        })
    }
}

/// The page that a name in a walk means: its number, and after `~` how often the walk went back.
fn page_number(name: Option<&str>) -> Result<u64, Error> {
    let Some(name) = name else { return Ok(1) };
    let number = name.split('~').next().unwrap_or_default();
    let number = number.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| Error::input("continuation", "not a continuation of this list"))
}

/// How many items the document says a page has.
const DOCUMENTED_SIZE: u64 = 200;
/// How many pages around the furthest one a walk remembers what it gave.
const REMEMBERED: u64 = 20;
/// How many pages back a walk goes at most, so that it still knows what it gave there.
const FURTHEST_BACK: u64 = 9;
/// How often a walk may go back, besides once for each page: a total that goes up and down would
/// keep it busy for ever.
const RETURNS: u64 = 100;

/// What a walk over a list remembers of it.
#[derive(Default)]
struct Walk {
    total: Option<u64>,
    page_size: u64,
    /// How often it went back to pages that were read already, and up to which page it reads again.
    returns: u64,
    reads_again_to: u64,
    /// Hashes of what was given, by the page that it was first on.
    recent: BTreeMap<u64, Vec<u64>>,
    given: HashSet<u64>,
    hasher: RandomState,
}

impl Walk {
    fn take<T: Listed>(
        &mut self,
        page: u64,
        list: List<T>,
        problem: impl Fn(String) -> Error,
    ) -> Result<Page<T>, Error> {
        let received = list.items.len() as u64;
        let before = self.total.zip(list.total);
        let lost = before.map_or(0, |(before, now)| before.saturating_sub(now));
        let grew = before.map_or(0, |(before, now)| now.saturating_sub(before));
        self.total = list.total.or(self.total);
        self.page_size = self.page_size.max(received);
        if lost > 0 && page > 1 {
            return self.go_back(page, lost, problem);
        }
        let next = self.next_page(page, &list).map_err(&problem)?;
        if received == 0 && next.is_some() {
            let text = format!("page {page} is empty and names a next one: no end in sight");
            return Err(problem(text));
        }
        let items = self.new_ones(page, list.items);
        // Of a list that grew at its head, a page may hold nothing new.
        let may_repeat = page <= self.reads_again_to || grew >= received;
        if items.is_empty() && received > 0 && !may_repeat {
            return Err(problem(format!("page {page} repeats what an earlier one had")));
        }
        let after_next = next.map(|next| next + 1).filter(|page| Some(*page) <= list.pages);
        let name = |page: u64| match self.returns {
            0 => page.to_string(),
            returns => format!("{page}~{returns}"),
        };
        Ok(Page::new(items, next.map(name)).after_next(after_next.map(name)))
    }

    /// Items before this page are gone, and what followed them moved up, to pages read already. Nothing of
    /// this page is given yet, so that a walk that is resumed here finds out as well.
    fn go_back<T>(
        &mut self,
        page: u64,
        lost: u64,
        problem: impl Fn(String) -> Error,
    ) -> Result<Page<T>, Error> {
        let back = lost.div_ceil(self.page_size.max(1));
        if back > FURTHEST_BACK || self.returns > RETURNS + page {
            let text = format!("the list lost {lost} items while it was read: read it again");
            return Err(problem(text));
        }
        self.returns += 1;
        self.reads_again_to = self.reads_again_to.max(page);
        let from = page.saturating_sub(back).max(1);
        Ok(Page::new(Vec::new(), Some(format!("{from}~{}", self.returns))))
    }

    /// What was not given lately.
    fn new_ones<T: Listed>(&mut self, page: u64, mut items: Vec<T>) -> Vec<T> {
        let here = self.recent.entry(page).or_default();
        items.retain(|item| {
            let hash = self.hasher.hash_one((item.id(), item.changed_at()));
            let is_new = self.given.insert(hash);
            here.extend(is_new.then_some(hash));
            is_new
        });
        let furthest = self.recent.last_key_value().map_or(page, |(page, _)| *page);
        while let Some(oldest) =
            self.recent.first_entry().filter(|oldest| oldest.key() + REMEMBERED < furthest)
        {
            for old in oldest.remove() {
                self.given.remove(&old);
            }
        }
        items
    }

    /// The page that follows, checked.
    fn next_page<T>(&self, page: u64, list: &List<T>) -> Result<Option<u64>, String> {
        let link = match &list.links {
            Links::Named(links) => links.next.as_ref().and_then(Link::url),
            Links::Own(_) | Links::Other(_) => None,
        };
        let Some(link) = link else { return self.next_by_count(page, list) };
        let next = number_in_link(link)
            .ok_or_else(|| format!("page {page} names a next one that is not of this list"))?;
        if next != page + 1 {
            return Err(format!("page {page} names page {next} as the next one"));
        }
        match list.pages {
            Some(pages) if next > pages => {
                Err(format!("page {page} of {pages} names a next one: no end in sight"))
            }
            _ => Ok(Some(next)),
        }
    }

    /// Without a link the counts still tell: of pages, or else of items.
    fn next_by_count<T>(&self, page: u64, list: &List<T>) -> Result<Option<u64>, String> {
        let last = || match &list.links {
            Links::Named(links) => links.last.as_ref().and_then(Link::url).and_then(number_in_link),
            Links::Own(_) | Links::Other(_) => None,
        };
        if let Some(pages) = list.pages.or_else(last) {
            return Ok((page < pages).then_some(page + 1));
        }
        let received = list.items.len() as u64;
        let up_to_here = |size: u64| (page - 1).saturating_mul(size).saturating_add(received);
        // The first page of a resumed walk may be the last one, which says nothing of the others' size.
        let is_first = self.recent.is_empty();
        if is_first && list.total == Some(up_to_here(DOCUMENTED_SIZE)) {
            return Ok(None);
        }
        match list.total.filter(|total| *total > up_to_here(self.page_size)) {
            None => Ok(None),
            Some(_) if received > 0 => Ok(Some(page + 1)),
            Some(total) => Err(format!("page {page} is empty, though there are {total} items")),
        }
    }
}

/// The page number in a link. Nothing else of it is ever used: it may name a gateway's inner host, and
/// lack the filters.
fn number_in_link(link: &str) -> Option<u64> {
    let (_, query) = link.split_once('?')?;
    let mut values = query.split('&').filter_map(|pair| pair.strip_prefix("page="));
    let number = values.next()?.parse().ok();
    number.filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::users::Profile;

    #[allow(clippy::needless_pass_by_value, reason = "shorter to call")]
    fn list(json: Value) -> Result<List<Profile>, String> {
        ruapi_core::decode(json.to_string().as_bytes())
    }

    #[test]
    fn a_list_without_the_list_is_not_an_empty_list() {
        assert!(list(json!({"total": 0})).unwrap_err().contains("missing field `users`"));
        assert!(list(json!({"status": 400, "title": "no"})).is_err());
        for empty in [json!([]), json!(null), json!(""), json!({})] {
            assert_eq!(list(json!({"users": empty})).unwrap().items, []);
        }
    }

    #[test]
    fn links_come_as_text_as_names_or_not_at_all() {
        let links = |links: Value| list(json!({"users": [], "_links": links})).unwrap().links;
        assert_eq!(links(json!("http://x?page=1")), Links::Own("http://x?page=1".to_owned()));
        for other in [json!(null), json!([]), json!(false)] {
            assert_eq!(links(other.clone()), Links::Other(other));
        }
        let Links::Named(named) = links(json!({"next": "n", "far": 1})) else { panic!("named") };
        assert_eq!(named.next.as_ref().and_then(Link::url), Some("n"));
        assert_eq!(named.extra.get("far"), Some(1));
        let mixed = json!({"next": {"href": "n", "x": 1}, "prev": false, "last": null, "first": 7});
        let Links::Named(named) = links(mixed.clone()) else { panic!("named") };
        assert_eq!(named.next.as_ref().and_then(Link::url), Some("n"));
        assert_eq!(named.prev.as_ref().and_then(Link::url), None);
        let encoded = serde_json::to_value(&named).unwrap();
        ruapi_core::test_util::lossless(&mixed, &encoded).unwrap();
    }

    #[test]
    fn only_the_page_number_of_a_link_counts() {
        for link in [
            "https://api.shtrafovnet.ru/v2/cars?page=7",
            "https://API.Shtrafovnet.ru/v2/cars?page=7",
            "https://shtrafovnet.ru/v2/cars?page=7",
            "?page=7",
            "users?page=7",
            "http://gate.example:8080/cars?status=new&page=7",
            "/latest/webmasters/cars?page=7&status=new",
            "http://10.0.0.7:8080/cars?page=7",
            "//other.example/cars?page=7",
        ] {
            assert_eq!(number_in_link(link), Some(7), "{link}");
        }
        for none in [
            "https://api.shtrafovnet.ru/v2/cars",
            "https://api.shtrafovnet.ru/v2/cars?page=-1",
            "https://api.shtrafovnet.ru/v2/cars?page=7&page=8",
            "https://api.shtrafovnet.ru/v2/cars?page=99999999999999999999",
            "",
        ] {
            assert_eq!(number_in_link(none), None, "{none}");
        }
    }

    /// The pages that a walk asks for and the ids it gives, over a list that changes as it is read:
    /// `change` is called before each page with the number of pages read so far.
    fn walk(
        ids: Vec<u32>,
        size: usize,
        change: impl FnMut(usize, &mut Vec<u32>),
    ) -> Result<(Vec<u64>, Vec<u32>), String> {
        walk_with(ids, size, true, change)
    }

    /// As above; `pages`: the service says how many pages there are.
    fn walk_with(
        mut ids: Vec<u32>,
        size: usize,
        pages: bool,
        mut change: impl FnMut(usize, &mut Vec<u32>),
    ) -> Result<(Vec<u64>, Vec<u32>), String> {
        let mut walk = Walk::default();
        let (mut asked, mut given) = (Vec::new(), Vec::new());
        let mut name: Option<String> = None;
        loop {
            assert!(asked.len() < 1000, "no end");
            change(asked.len(), &mut ids);
            let page = page_number(name.as_deref()).unwrap();
            asked.push(page);
            let start = (page as usize - 1) * size;
            let items: Vec<Value> =
                ids.iter().skip(start).take(size).map(|id| json!({"id": id})).collect();
            let list = list(json!({"users": items, "total": ids.len(), "page": page,
                "pages": pages.then(|| ids.len().div_ceil(size))}));
            let problem = |text: String| Error::new(Kind::Decode, "list", text);
            let page = walk.take(page, list?, problem).map_err(|error| error.to_string())?;
            given.extend(page.items.iter().map(|item| item.id.as_str().parse::<u32>().unwrap()));
            match page.next {
                Some(next) => name = Some(next),
                None => return Ok((asked, given)),
            }
        }
    }

    #[test]
    fn a_list_that_shrinks_while_it_is_read_is_still_read_whole() {
        let (asked, given) = walk((0..25).collect(), 10, |_, _| {}).unwrap();
        assert_eq!((asked, given), (vec![1, 2, 3], (0..25).collect()));

        // Three of the first page go away before the second is read: 10 to 12 move to the first.
        let shrink = |read: usize, ids: &mut Vec<u32>| {
            if read == 1 {
                ids.drain(2..5);
            }
        };
        let (asked, mut given) = walk((0..25).collect(), 10, shrink).unwrap();
        assert_eq!(asked, [1, 2, 1, 2, 3]);
        given.sort_unstable();
        assert_eq!(given, (0..25).collect::<Vec<_>>(), "all of them, once each");

        // So much goes away that the page asked for is not there any more.
        let shrink = |read: usize, ids: &mut Vec<u32>| {
            if read == 2 {
                ids.drain(0..8);
            }
        };
        let (asked, mut given) = walk((0..25).collect(), 10, shrink).unwrap();
        assert_eq!(asked, [1, 2, 3, 2]);
        given.sort_unstable();
        assert_eq!(given, (0..25).collect::<Vec<_>>());
    }

    #[test]
    fn a_list_is_walked_by_its_total_where_that_is_all_it_says() {
        for size in [1, 7, 10, 24, 25, 26] {
            let (_, given) = walk_with((0..25).collect(), size, false, |_, _| {}).unwrap();
            assert_eq!(given, (0..25).collect::<Vec<_>>(), "{size} a page");
        }
        let problem = |text: String| Error::new(Kind::Decode, "list", text);
        let mut walk = Walk::default();
        walk.take(1, list(json!({"users": [{"id": 1}], "total": 3})).unwrap(), problem).unwrap();
        let empty = list(json!({"users": [], "total": 3})).unwrap();
        let error = walk.take(2, empty, problem).unwrap_err().to_string();
        assert!(error.contains("though there are 3 items"), "{error}");
    }

    #[test]
    fn a_walk_resumed_on_its_last_page_ends_there() {
        let problem = |text: String| Error::new(Kind::Decode, "list", text);
        let page = |ids: std::ops::Range<u64>, rest: Value| {
            let items: Vec<_> = ids.map(|id| json!({"id": id})).collect();
            let mut page = json!({"users": items});
            page.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            list(page).unwrap()
        };
        let last = json!({"_links": {"last": "https://x/users?page=3"}, "total": 450});
        for (rest, from) in [(json!({"total": 450}), 400), (last.clone(), 400), (last, 440)] {
            let next =
                |page_number, page| Walk::default().take(page_number, page, problem).unwrap().next;
            assert_eq!(next(3, page(from..450, rest.clone())), None, "{rest}");
            assert_eq!(next(2, page(200..400, rest.clone())).as_deref(), Some("3"), "{rest}");
        }
        // Smaller pages than documented: what follows is asked for.
        let smaller = page(20..30, json!({"total": 45}));
        assert_eq!(Walk::default().take(3, smaller, problem).unwrap().next.as_deref(), Some("4"));
    }

    #[test]
    fn a_list_that_grows_by_a_page_goes_on() {
        let grow = |read: usize, ids: &mut Vec<u32>| {
            if read == 1 {
                ids.splice(0..0, 100..110);
            }
        };
        let (_, given) = walk((0..25).collect(), 10, grow).unwrap();
        assert_eq!(given, (0..25).collect::<Vec<_>>());
    }

    #[test]
    fn many_small_losses_do_not_make_it_forget_what_it_gave() {
        let change = |read: usize, ids: &mut Vec<u32>| match read {
            20 | 23 | 26 | 29 | 32 | 35 | 38 | 41 => drop(ids.drain(0..2)),
            44 => {
                let end = ids.len() - 85;
                ids.truncate(end);
            }
            _ => {}
        };
        let (_, mut given) = walk((0..400).collect(), 10, change).unwrap();
        let all = given.len();
        given.sort_unstable();
        given.dedup();
        assert_eq!(given.len(), all, "none twice");
    }

    #[test]
    fn a_list_that_grows_at_its_head_gives_nothing_twice() {
        let grow = |read: usize, ids: &mut Vec<u32>| {
            if read == 1 {
                ids.splice(0..0, [100, 101]);
            }
        };
        let (_, given) = walk((0..25).collect(), 10, grow).unwrap();
        assert_eq!(given, (0..25).collect::<Vec<_>>());
    }

    #[test]
    fn a_list_that_loses_too_much_or_never_rests_is_an_error() {
        let collapse = |read: usize, ids: &mut Vec<u32>| {
            if read == 20 {
                ids.truncate(5);
            }
        };
        let error = walk((0..300).collect(), 10, collapse).unwrap_err();
        assert!(error.contains("read it again"), "{error}");
        let restless = |read: usize, ids: &mut Vec<u32>| match read % 2 {
            0 => ids.push(1000 + read as u32),
            _ => drop(ids.pop()),
        };
        let error = walk((0..25).collect(), 10, restless).unwrap_err();
        assert!(error.contains("read it again"), "{error}");
    }

    #[test]
    fn a_list_without_an_end_is_an_error() {
        let answer = |page: u64, ids: &[u32], next: u64, pages: Option<u64>| {
            let items: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
            let link = format!("https://api.shtrafovnet.ru/v2/users?page={next}");
            let list = list(json!({"users": items, "pages": pages, "page": page,
                "_links": {"next": link}}));
            list.unwrap()
        };
        let problem = |text: String| Error::new(Kind::Decode, "list", text);
        for (second, expected) in [
            (answer(2, &[1, 2], 3, None), "repeats"),
            (answer(2, &[], 3, None), "no end in sight"),
            (answer(2, &[3], 3, Some(2)), "no end in sight"),
            (answer(2, &[3], 2, None), "names page 2 as the next"),
            (answer(2, &[3], 1, None), "names page 1 as the next"),
            (answer(2, &[3], 4, None), "names page 4 as the next"),
        ] {
            let mut walk = Walk::default();
            walk.take(1, answer(1, &[1, 2], 2, None), problem).unwrap();
            let error = walk.take(2, second, problem).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
