//! `GET /api/gusmev/order/getOrdersStatus/` and `…/getUpdatedAfter/`: section «Получение статусов
//! заявлений».
//!
//! ```
//! # use epgu_gusmev::{Client, Credential, Environment};
//! # use ruapi_sandbox::{Epgu, Sandbox};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
//! # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
//! use epgu_gusmev::OrderId;
//! use futures_util::TryStreamExt;
//!
//! let orders = sandbox.epgu().add_orders(3).map(OrderId::new).collect::<Result<Vec<_>, _>>()?;
//! let page = client.statuses(orders).await?;
//! assert_eq!(page.content.len(), 3);
//!
//! // All applications of the system that changed since then, page after page.
//! let since = chrono::DateTime::UNIX_EPOCH;
//! let mut changed = client.updated_after(since).items();
//! while let Some(found) = changed.try_next().await? {
//!     println!("{}: {:?}", found.order_id, found.status);
//! }
//! # Ok(()) }
//! ```

mod walk;

use std::collections::HashSet;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDateTime, Utc};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use ruapi_core::{Error, Extra, Kind, RawResponse, Request, Response, wire};
use serde::{Deserialize, Serialize};
use serde_path_to_error::Segment;

use crate::call::Operation;
use crate::client::Client;
use crate::edition::UpdatedAfterZone;
use crate::forms::object;
use crate::kept::{self, Keeps, alone, field, item};
use crate::moment::Moment;
use crate::order::StatusId;
use crate::order_id::OrderId;

/// One page of statuses (tables 21 and 24).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct StatusPage {
    /// How many are on this page (Количество записей, содержащихся в массиве Content).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How many there are in all (Количество найденных записей, подходящих под условие).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub total_count: Option<u64>,
    /// What is on this page (Массив записей).
    #[serde(default, with = "wire::one_or_many")]
    pub content: Vec<FoundOrder>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl StatusPage {
    /// A page of these, for tests.
    pub fn new(content: Vec<FoundOrder>) -> Self {
        let count = Some(content.len() as u64);
        Self { count, total_count: count, content, ..Self::default() }
    }

    /// Whether the list is missing where there should be one.
    fn lacks_list(&self) -> bool {
        let is_said = match self.count.or(self.total_count) {
            Some(count) => count > 0,
            // Something else was answered, in words of its own.
            None => !self.extra.is_empty(),
        };
        self.content.is_empty() && is_said
    }
}

impl Keeps for StatusPage {
    fn extra_at(&mut self, place: &[Segment], name: &str) -> Option<&mut Extra> {
        let Some((list, place)) = field(place) else {
            return (place.is_empty() && name != "content").then_some(&mut self.extra);
        };
        let (found, place) = item(&mut self.content, place).filter(|_| list == "content")?;
        match field(place) {
            None if place.is_empty() => Some(&mut found.extra),
            Some(("status", place)) if alone(place).is_empty() => {
                Some(&mut found.status.get_or_insert_default().extra)
            }
            _ => None,
        }
    }
}

/// Asks for a page. 204 is an answer: there is nothing to list.
async fn ask(client: &Client, request: &Request) -> Result<RawResponse, Error> {
    let error = match client.pipeline().send(request).await {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    if error.status() != Some(StatusCode::NO_CONTENT) {
        return Err(error);
    }
    let (none, now) = (Default::default(), client.pipeline().clock().wall());
    let answer = RawResponse::new(StatusCode::NO_CONTENT, HeaderMap::new(), none, now);
    Ok(answer.with_attempts(error.attempts()))
}

fn read(answer: RawResponse, request: &Request) -> Result<Response<StatusPage>, Error> {
    if answer.status() == StatusCode::NO_CONTENT {
        return Ok(answer.with_value(StatusPage::default()));
    }
    let page = kept::read::<StatusPage>(answer.clone(), request)?;
    if page.lacks_list() {
        let detail = "the answer was not understood: it lacks its list of applications";
        return Err(Error::new(Kind::Decode, request.operation(), detail)
            .with_request(request)
            .with_response(&answer)
            .with_progress(page.attempts(), true));
    }
    Ok(page)
}

/// An application that was looked for, with its status if it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct FoundOrder {
    /// The application (Номер заявления). Once in the document with a space before the field's name,
    /// which is accepted.
    #[serde(alias = " orderId", with = "wire")]
    pub order_id: OrderId,
    /// Whether its status was found (Признак нахождения статуса заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub order_search_status: Option<SearchStatus>,
    /// Its status, if it was found (Информация о текущем статусе заявления).
    #[serde(default, with = "object", skip_serializing_if = "Option::is_none")]
    pub status: Option<FoundStatus>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl FoundOrder {
    /// An application of which only the number is known, for tests.
    pub fn new(order_id: OrderId) -> Self {
        Self { order_id, order_search_status: None, status: None, extra: Extra::default() }
    }
}

ruapi_core::open_enum! {
    /// Whether the status of an application was found.
    pub enum SearchStatus {
        /// It was.
        Found = "FOUND",
        /// There is no such application, or it is not this system's.
        NotFound = "NOT_FOUND",
    }
}

/// The status that an application has now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct FoundStatus {
    /// The status (Код статуса): the `statusId` of the last of the order's statuses.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub status_id: Option<StatusId>,
    /// Its name (Наименование текущего статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub status_name: Option<String>,
    /// When it was set (Дата и время обновления статуса). It comes without a zone and is taken for Moscow
    /// time, which is likely; `naive_local()` is what was sent.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub updated: Option<Moment>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An operation that answers one page of statuses.
pub trait StatusList: Operation<Answer = StatusPage> + Clone {
    /// The operation's name.
    #[doc(hidden)]
    const NAME: &'static str;

    /// How many applications it asks for, if it is that kind of question.
    #[doc(hidden)]
    fn asked(&self) -> Option<usize>;

    /// The page that is asked for.
    #[doc(hidden)]
    fn query(&mut self) -> &mut PageQuery;

    /// The same for one part of the applications.
    #[doc(hidden)]
    #[must_use]
    fn part(self, part: usize) -> Self;
}

/// Which page is asked for.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Default)]
pub struct PageQuery {
    page: u64,
    size: Option<u64>,
}

impl PageQuery {
    fn add(self, request: Request, default_size: u64) -> Result<Request, Error> {
        let size = self.size.unwrap_or(default_size);
        if size == 0 {
            return Err(Error::input(request.operation(), "a page has at least one item"));
        }
        Ok(request.query("pageNum", &self.page.to_string()).query("pageSize", &size.to_string()))
    }
}

/// `GET /api/gusmev/order/getOrdersStatus/` (Получение статусов по переданному списку заявлений).
///
/// Without [`page_size`](crate::Call::page_size) a page has room for all applications that are asked for.
#[derive(Debug, Clone)]
pub struct OrdersStatus {
    /// Each once, in the order given.
    orders: Vec<OrderId>,
    query: PageQuery,
}

impl OrdersStatus {
    /// How many applications are asked for at once: more might not fit into a URL. A walk over more of
    /// them asks several times by itself.
    pub const MOST_IDS: usize = 200;

    pub(crate) fn new(orders: impl IntoIterator<Item = OrderId>) -> Self {
        let mut seen = HashSet::new();
        let orders = orders.into_iter().filter(|order| seen.insert(*order)).collect();
        Self { orders, query: PageQuery::default() }
    }
}

impl Operation for OrdersStatus {
    type Answer = StatusPage;

    fn request(&self) -> Result<Request, Error> {
        let most = Self::MOST_IDS;
        if self.orders.is_empty() {
            return Err(Error::input(Self::NAME, "no application is asked for"));
        }
        if self.orders.len() > most {
            let detail = format!("more than {most} applications at once: walk over the items");
            return Err(Error::input(Self::NAME, detail));
        }
        let orders: Vec<String> = self.orders.iter().map(OrderId::to_string).collect();
        let path = "api/gusmev/order/getOrdersStatus/";
        let request = Request::new(Self::NAME, Method::GET, path)
            // The table requires it, though there is no body.
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .query("orderIds", &orders.join(","));
        self.query.add(request, self.orders.len() as u64)
    }

    async fn send(self, client: Client) -> Result<Response<StatusPage>, Error> {
        let request = self.request()?;
        read(ask(&client, &request).await?, &request)
    }
}

impl StatusList for OrdersStatus {
    const NAME: &'static str = "GET /order/getOrdersStatus";

    fn asked(&self) -> Option<usize> {
        Some(self.orders.len())
    }

    fn query(&mut self) -> &mut PageQuery {
        &mut self.query
    }

    fn part(mut self, part: usize) -> Self {
        let start = part.saturating_mul(Self::MOST_IDS).min(self.orders.len());
        let end = start.saturating_add(Self::MOST_IDS).min(self.orders.len());
        self.orders = self.orders[start..end].to_vec();
        self
    }
}

/// `GET /api/gusmev/order/getUpdatedAfter/` (Получение статусов всех заявлений с даты обновления
/// статуса). Without [`page_size`](crate::Call::page_size) a page has 100.
#[derive(Debug, Clone)]
pub struct UpdatedAfter {
    after: NaiveDateTime,
    query: PageQuery,
}

impl UpdatedAfter {
    /// How many are on a page, if nothing else is said. The document has no default.
    pub const PAGE_SIZE: u64 = 100;

    pub(crate) fn new(instant: DateTime<Utc>, zone: UpdatedAfterZone) -> Self {
        let hours = match zone {
            UpdatedAfterZone::Utc => 0,
            UpdatedAfterZone::Moscow => 3,
        };
        let after = FixedOffset::east_opt(hours * 3600)
            .and_then(|offset| instant.naive_utc().checked_add_offset(offset))
            .unwrap_or(NaiveDateTime::MAX);
        Self { after, query: PageQuery::default() }
    }
}

impl Operation for UpdatedAfter {
    type Answer = StatusPage;

    fn request(&self) -> Result<Request, Error> {
        if !(0..=9999).contains(&self.after.year()) {
            return Err(Error::input(Self::NAME, "expected a year of four digits"));
        }
        let path = "api/gusmev/order/getUpdatedAfter/";
        let request =
            self.query.add(Request::new(Self::NAME, Method::GET, path), Self::PAGE_SIZE)?;
        // Cut, not rounded: rather something twice than not at all.
        let after = self.after.format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
        Ok(request.query("updatedAfter", &after))
    }

    async fn send(self, client: Client) -> Result<Response<StatusPage>, Error> {
        let request = self.request()?;
        read(ask(&client, &request).await?, &request)
    }
}

impl StatusList for UpdatedAfter {
    const NAME: &'static str = "GET /order/getUpdatedAfter";

    fn asked(&self) -> Option<usize> {
        None
    }

    fn query(&mut self) -> &mut PageQuery {
        &mut self.query
    }

    fn part(self, _: usize) -> Self {
        self
    }
}
