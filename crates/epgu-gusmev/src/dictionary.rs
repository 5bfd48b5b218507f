//! `POST /api/nsi/v1/dictionary/{code}`: section «Получение справочных данных».
//!
//! ```
//! # use epgu_gusmev::{Client, Credential, Environment};
//! # use ruapi_sandbox::{Epgu, Sandbox};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
//! # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
//! let banks = client.dictionary(Epgu::DICTIONARY).page(1).page_size(10).await?;
//! println!("{:?} banks", banks.total);
//!
//! // All of it, page after page.
//! use futures_util::TryStreamExt;
//! let mut items = client.dictionary(Epgu::DICTIONARY).items();
//! while let Some(item) = items.try_next().await? {
//!     println!("{}: {:?}", item.value, item.title);
//! }
//!
//! // With all that is below each item.
//! let tree = client.dictionary(Epgu::TREE_DICTIONARY).tree().await?;
//! println!("{} items", tree.items.iter().flat_map(|item| item.walk()).count());
//! # Ok(()) }
//! ```

use std::hash::{DefaultHasher, Hash, Hasher};

use http::Method;
use ruapi_core::{
    BoxFuture, Continuation, Error, Extra, Idempotency, Kind, Page, Pager, Pages, RawResponse,
    Request, Response, wire,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::call::{Call, Operation};
use crate::client::Client;
use crate::error::surely_not_there;
use crate::kept::{self, Keeps, field, item};
use crate::walk::{self, Place, Walk};

/// Which items of a dictionary are asked for (Тип справочника).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TreeFiltering {
    /// One level: a flat dictionary, or the items right below one.
    #[default]
    #[serde(rename = "ONELEVEL")]
    OneLevel,
    /// With everything below them (иерархический).
    #[serde(rename = "SUBTREE")]
    Subtree,
}

/// `POST /api/nsi/v1/dictionary/{code}` (Получение справочных данных). Open to everybody: no credential
/// is sent. Reads only, so it is repeated like all reading.
///
/// Awaited, the call gives the whole dictionary, or one page with [`page`](Call::page). For large ones
/// walk over its [`items`](Call::items): the memory that takes does not grow with the dictionary.
#[derive(Debug, Clone)]
pub struct ReadDictionary {
    code: String,
    query: Query,
}

/// The body (table 31).
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    tree_filtering: TreeFiltering,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_ref_item_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_num: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_size: Option<u64>,
}

const NAME: &str = "POST /dictionary/{code}";

/// Whether a request is for a dictionary.
pub(crate) fn is_one(request: &Request) -> bool {
    request.operation() == NAME
}

impl ReadDictionary {
    /// How many items a walk asks for at once, if nothing else is said. The document has no default.
    pub const PAGE_SIZE: u64 = 500;

    pub(crate) fn new(code: String) -> Self {
        Self { code, query: Query::default() }
    }

    /// Page `page` of the walk.
    fn at(mut self, page: u64) -> Self {
        self.query.page_num = Some(page);
        self.query.page_size = Some(self.query.page_size.unwrap_or(Self::PAGE_SIZE));
        self
    }
}

impl Operation for ReadDictionary {
    type Answer = Dictionary;

    fn request(&self) -> Result<Request, Error> {
        if self.query.page_size == Some(0) {
            return Err(Error::input(NAME, "a page has at least one item"));
        }
        Request::new(NAME, Method::POST, "api/nsi/v1/dictionary/{code}")
            .path_parameter("code", &self.code)?
            .idempotency(Idempotency::Idempotent)
            .json(&self.query)
    }

    async fn send(self, client: Client) -> Result<Response<Dictionary>, Error> {
        let request = self.request()?;
        let answer = client.open_pipeline().send(&request).await.map_err(surely_not_there)?;
        accepted(&answer, &request)
    }
}

/// The answer as a dictionary. Errors come inside HTTP 200.
fn accepted(answer: &RawResponse, request: &Request) -> Result<Response<Dictionary>, Error> {
    let dictionary = kept::read::<Dictionary>(answer.clone(), request)?;
    let (code, attempts) = (dictionary.error.code, dictionary.attempts());
    let said = dictionary.total.is_some() || !dictionary.items.is_empty();
    if code == Some(0) || code.is_none() && said {
        return Ok(dictionary);
    }
    let Dictionary { error, field_errors, .. } = dictionary.into_inner();
    let (kind, detail) = match code {
        None => (Kind::Decode, "the answer has neither a result nor items"),
        Some(_) if field_errors.is_empty() => (Kind::Refused, "the dictionary was refused"),
        Some(_) => (Kind::Input, "fields of the request were refused"),
    };
    Err(Error::new(kind, NAME, detail)
        .with_request(request)
        .with_response(answer)
        .with_words(code.map(|code| code.to_string()), error.message)
        .with_progress(attempts, false))
}

impl Call<ReadDictionary> {
    /// `treeFiltering`: with everything below the items, as a tree (`SUBTREE`).
    pub fn tree(mut self) -> Self {
        self.operation.query.tree_filtering = TreeFiltering::Subtree;
        self
    }

    /// `parentRefItemValue`: only what is below the item of this code.
    pub fn parent(mut self, value: impl Into<String>) -> Self {
        self.operation.query.parent_ref_item_value = Some(value.into());
        self
    }

    /// `pageNum`: this page only; in the document's sample counted from 1. With
    /// [`PAGE_SIZE`](ReadDictionary::PAGE_SIZE) items, unless a size is set.
    pub fn page(mut self, page: u64) -> Self {
        self.operation = self.operation.at(page);
        self
    }

    /// `pageSize`: so many items on a page.
    pub fn page_size(mut self, size: u64) -> Self {
        self.operation.query.page_size = Some(size);
        self
    }

    /// All items from [`page`](Call::page) on, by default from the first, page by page as a stream. Of a
    /// tree: its uppermost items, each with what is below.
    ///
    /// The walk ends where `total` says so; where it may count what is below as well, at a page that brings
    /// nothing more. A page that repeats, and one that is empty too early, are errors: a dictionary does not
    /// change while it is read.
    pub fn items(self) -> Pager<DictionaryItem> {
        self.resume(Continuation::start())
    }

    /// All pages, as a stream: see [`items`](Call::items).
    pub fn pages(self) -> Pages<DictionaryItem> {
        self.items().pages()
    }

    /// The items from where an earlier walk stood, which asked for the same.
    pub fn resume(self, from: Continuation) -> Pager<DictionaryItem> {
        let (client, operation) = (self.client, self.operation);
        let first = Place { part: 0, page: operation.query.page_num.unwrap_or(1), received: 0 };
        let size = operation.query.page_size.unwrap_or(ReadDictionary::PAGE_SIZE);
        let is_tree = operation.query.tree_filtering == TreeFiltering::Subtree;
        // Pages before the first one count, in the total, as read.
        let skipped = first.page.saturating_sub(1).saturating_mul(size);
        let first = Place { received: skipped, ..first };
        let (mut walk, mut last_page) = (Walk::default(), None);
        // What came before a walk that begins elsewhere is not known.
        let is_whole = from == Continuation::start() && first.page <= 1;
        let mut nodes = if is_whole { 0 } else { u64::MAX / 2 };
        let request_of = move |name: Option<&str>| -> Result<(Place, Request), Error> {
            let place = Place::named(name, first)?;
            Ok((place, operation.clone().at(place.page).request()?))
        };
        let asked = request_of.clone();
        let fetch = move |name: Option<&str>| -> BoxFuture<'static, _> {
            let (request, client) = (request_of(name), client.clone());
            Box::pin(async move {
                client.open_pipeline().send(&request?.1).await.map_err(surely_not_there)
            })
        };
        Pager::new(NAME, from, fetch, move |name, answer| -> Result<Page<DictionaryItem>, Error> {
            let (place, request) = asked(name)?;
            let mut hasher = DefaultHasher::new();
            answer.body().hash(&mut hasher);
            let body = hasher.finish();
            let list = accepted(&answer, &request)?.into_inner();
            let problem = |detail| Error::new(Kind::Decode, NAME, detail);
            let (received, total) = (list.items.len() as u64, list.total);
            let behind = place.received.saturating_add(received);
            if is_tree {
                nodes += list.items.iter().map(|item| item.walk().count() as u64).sum::<u64>();
            }
            // Nobody says whether the total of a tree counts what is below. If it may, the end is where
            // nothing more comes.
            let may_be_all = total.is_none_or(|total| is_tree && nodes >= total);
            let is_same = last_page.replace(body) == Some(body);
            if may_be_all && (received == 0 || is_same) {
                return Ok(Page::new(Vec::new(), None));
            }
            // By whole pages: two items may well be the same.
            if received > 0 {
                walk.take(place, vec![body], total, |body| *body).map_err(problem)?;
            }
            let more = total.is_none_or(|total| behind < total);
            if received == 0 && more {
                let detail = format!("page {} is empty after {behind} items", place.page);
                return Err(problem(detail));
            }
            let next = more.then(|| place.after(received));
            let after_next = next.map(|next| next.after(received));
            let after_next = after_next.filter(|place| Some(place.received) < total);
            Ok(walk::page(list.items, next, after_next))
        })
    }
}

/// A dictionary, or a page of it (table 32).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Dictionary {
    /// What became of the request (Результат).
    #[serde(default, with = "wire::object")]
    pub error: Outcome,
    /// What is wrong with fields of the request (Ошибки в полях запроса): JSON as it came.
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub field_errors: Vec<Value>,
    /// How many items there are in all (Общее количество найденных элементов).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// The items (Найденные элементы).
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<DictionaryItem>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Keeps for Dictionary {
    fn extra_at(&mut self, place: &[Segment], name: &str) -> Option<&mut Extra> {
        let Some((list, place)) = field(place) else {
            let is_ours = matches!(name, "error" | "items");
            return (place.is_empty() && !is_ours).then_some(&mut self.extra);
        };
        let (mut found, mut place) = item(&mut self.items, place).filter(|_| list == "items")?;
        while let Some((list, below)) = field(place) {
            (found, place) = item(&mut found.children, below).filter(|_| list == "children")?;
        }
        (place.is_empty() && name != "children").then_some(&mut found.extra)
    }
}

impl Dictionary {
    /// A dictionary of these items, for tests.
    pub fn new(items: Vec<DictionaryItem>) -> Self {
        let error = Outcome { code: Some(0), ..Outcome::default() };
        Self { error, total: Some(items.len() as u64), items, ..Self::default() }
    }

    /// What the service answered, where it refused: with its `field_errors`.
    pub fn of(error: &Error) -> Option<Self> {
        error.code().filter(|_| error.operation() == NAME)?;
        ruapi_core::decode(error.body()).ok()
    }
}

/// What became of a request for a dictionary.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outcome {
    /// 0 if all went well (Код результата). Other codes are not documented.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// In words (Сообщение).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An item of a dictionary.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct DictionaryItem {
    /// Its code (Код элемента справочника).
    #[serde(with = "wire")]
    pub value: String,
    /// The code of the item above it (Код родительского элемента).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub parent_value: Option<String>,
    /// Its name (Наименование элемента).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Documented as whether there are items below (Признак наличия подчинённых элементов); in the
    /// sample, and by its name, whether there are none.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub is_leaf: Option<bool>,
    /// The items below it (Подчинённые элементы).
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<DictionaryItem>,
    /// More about it (Дополнительные атрибуты элемента справочника): not described, JSON as it came.
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Value>,
    /// Not described; `null` in the sample.
    #[serde(default)]
    pub source: Option<Value>,
    /// The values of its attributes by name (Список значений дополнительных атрибутов).
    #[serde(default, with = "wire::object", skip_serializing_if = "Extra::is_empty")]
    pub attribute_values: Extra,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl DictionaryItem {
    /// An item with this code and name, for tests.
    pub fn new(value: impl Into<String>, title: impl Into<String>) -> Self {
        Self { value: value.into(), title: Some(title.into()), ..Self::default() }
    }

    /// The item and all below it, each before what is below it.
    pub fn walk(&self) -> impl Iterator<Item = &Self> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            let item = open.pop()?;
            open.extend(item.children.iter().rev());
            Some(item)
        })
    }
}
