//! Pages of statuses, one after the other.

use ruapi_core::{BoxFuture, Continuation, Error, Kind, Page, Pager, Pages, Request};

use super::{FoundOrder, OrdersStatus, StatusList, UpdatedAfter, ask, read};
use crate::call::Call;
use crate::walk::{self, Place, Walk};

/// Awaited, the call gives one page, the first if none is set. [`items`](Call::items) and
/// [`pages`](Call::pages) walk over all of them.
impl<O: StatusList> Call<O> {
    /// `pageNum`: this page only, counted from 0.
    pub fn page(mut self, page: u64) -> Self {
        self.operation.query().page = page;
        self
    }

    /// `pageSize`: so many on a page.
    pub fn page_size(mut self, size: u64) -> Self {
        self.operation.query().size = Some(size);
        self
    }

    /// All of them from the first page on, as a stream. The next page is fetched while one is given out.
    ///
    /// The walk ends where `totalCount` says so or a page is empty. A page that repeats, a list without an
    /// end, and one of `getUpdatedAfter` that ends before its `totalCount` are errors. An application whose
    /// status did not change is not given twice, even if the list moves while it is read; one whose status
    /// changed meanwhile may come again with the new one, or move to a page that was read already: a later
    /// walk from when this one began has it.
    pub fn items(self) -> Pager<FoundOrder> {
        self.resume(Continuation::start())
    }

    /// All pages, as a stream: see [`items`](Call::items).
    pub fn pages(self) -> Pages<FoundOrder> {
        self.items().pages()
    }

    /// The items from where an earlier walk stood, which asked for the same.
    pub fn resume(self, from: Continuation) -> Pager<FoundOrder> {
        let (client, operation) = (self.client, self.operation);
        let parts = Parts::of(operation.clone());
        let mut walk = Walk::patient();
        let mut part = None;
        let request_of = move |name: Option<&str>| -> Result<(Place, Request), Error> {
            let place = Place::named(name, Place { part: 0, page: 0, received: 0 })?;
            let mut operation = operation.clone().part(place.part);
            operation.query().page = place.page;
            Ok((place, operation.request()?))
        };
        let asked = request_of.clone();
        let fetch = move |name: Option<&str>| -> BoxFuture<'static, _> {
            let (request, client) = (request_of(name), client.clone());
            Box::pin(async move { ask(&client, &request?.1).await })
        };
        Pager::new(O::NAME, from, fetch, move |name, answer| -> Result<Page<FoundOrder>, Error> {
            let (place, request) = asked(name)?;
            let list = read(answer, &request)?.into_inner();
            if part.replace(place.part) != Some(place.part) {
                walk.begin_part();
            }
            let (received, total) = (list.content.len() as u64, list.total_count);
            if parts.is_cut_short(place, received, total.or(walk.total())) {
                let detail = format!("page {} is empty before the list's end", place.page);
                return Err(Error::new(Kind::Decode, O::NAME, detail));
            }
            let next = parts.after(place, received, total);
            let after_next = next.and_then(|next| parts.likely_after(next, place, received, total));
            let items = walk
                .take(place, list.content, total, |found| {
                    let status = found.status.as_ref();
                    (found.order_id, status.map(|status| (status.status_id, status.updated)))
                })
                .map_err(|detail| Error::new(Kind::Decode, O::NAME, detail))?;
            Ok(walk::page(items, next, after_next))
        })
    }
}

/// The parts that a walk asks for one after the other.
struct Parts {
    /// How many applications are asked for; `None`: one part without such a number.
    asked: Option<usize>,
    /// How many a page has room for.
    size: u64,
}

impl Parts {
    fn of(mut operation: impl StatusList) -> Self {
        let asked = operation.asked();
        let most =
            asked.map_or(UpdatedAfter::PAGE_SIZE, |asked| asked.min(OrdersStatus::MOST_IDS) as u64);
        Self { asked, size: operation.query().size.unwrap_or(most) }
    }

    /// Whether a page is empty though fewer were listed than there are. Of those that were asked for by
    /// their numbers the list may leave some out.
    fn is_cut_short(&self, place: Place, received: u64, total: Option<u64>) -> bool {
        let is_short = total.is_some_and(|total| place.received < total);
        self.asked.is_none() && received == 0 && is_short
    }

    /// The page after one with so many items; `None` after the last one of all.
    fn after(&self, place: Place, received: u64, total: Option<u64>) -> Option<Place> {
        let behind = place.received.saturating_add(received);
        let more = total.is_none_or(|total| behind < total);
        // Who has answered as many as were asked for has answered all of them.
        let open = self.asked.is_none_or(|_| behind < self.len(place.part));
        if received > 0 && more && open {
            return Some(place.after(received));
        }
        let part = place.part.checked_add(1)?;
        (self.len(part) > 0).then_some(Place { part, page: 0, received: 0 })
    }

    /// The page that most likely follows `next`, which itself follows `place`.
    fn likely_after(
        &self,
        next: Place,
        place: Place,
        received: u64,
        total: Option<u64>,
    ) -> Option<Place> {
        let total = if next.part == place.part { total? } else { self.len(next.part) };
        let expected = if next.part == place.part { received } else { self.size };
        self.after(next, expected.min(total.saturating_sub(next.received)), Some(total))
    }

    /// How many applications a part asks for.
    fn len(&self, part: usize) -> u64 {
        let before = part.saturating_mul(OrdersStatus::MOST_IDS);
        self.asked.unwrap_or(0).saturating_sub(before).min(OrdersStatus::MOST_IDS) as u64
    }
}
