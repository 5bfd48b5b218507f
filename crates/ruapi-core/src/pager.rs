//! Lists that come in pages, as one stream.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::BoxFuture;
use crate::error::{Error, Kind};

/// One page of a list.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for to get the next one; `None` on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of these parts.
    pub fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }
}

/// Where a walk stands: keep it as text, and a later walk resumes there, skipping nothing.
///
/// ```
/// let kept = ruapi_core::Continuation::page("7").to_string();
/// let resumed: ruapi_core::Continuation = kept.parse()?;
/// # assert_eq!(resumed, ruapi_core::Continuation::page("7"));
/// # Ok::<(), ruapi_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// What to ask the service for; `None` for the first page.
    page: Option<String>,
    /// How many items of that page were given out already.
    given: usize,
}

impl Continuation {
    /// The beginning of the list.
    pub fn start() -> Self {
        Self { page: None, given: 0 }
    }

    /// The beginning of a page.
    pub fn page(page: impl Into<String>) -> Self {
        Self { page: Some(page.into()), given: 0 }
    }
}

impl fmt::Display for Continuation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.given)?;
        match &self.page {
            Some(page) => write!(f, "@{page}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Continuation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (given, page) = match text.split_once('@') {
            Some((given, page)) => (given, Some(page.to_owned())),
            None => (text, None),
        };
        let given =
            given.parse().map_err(|_| Error::input("continuation", "not a continuation"))?;
        Ok(Self { page, given })
    }
}

type PageFuture<T> = BoxFuture<'static, Result<Page<T>, Error>>;
type Fetch<T> = Box<dyn FnMut(Option<String>) -> PageFuture<T> + Send>;

/// A list as a stream of its items; pages are fetched as they are needed.
///
/// The stream ends after the last page and after an error. A service that names a page a second time
/// would make it endless: that is an error too.
#[must_use = "streams do nothing unless polled"]
pub struct Pager<T> {
    pages: Pages<T>,
    current: std::vec::IntoIter<T>,
    /// The page that `current` is of, and how much of it was given out.
    at: Continuation,
}

impl<T> Pager<T> {
    /// A walk from `from` on. `fetch` gets `None` for the first page, then each page's `next`.
    pub fn new<F>(operation: &'static str, from: Continuation, fetch: F) -> Self
    where
        F: FnMut(Option<String>) -> PageFuture<T> + Send + 'static,
    {
        let pages = Pages {
            operation,
            fetch: Box::new(fetch),
            asked: None,
            next: Some(from.page.clone()),
            request: None,
            seen: HashSet::new(),
        };
        Self { pages, current: Vec::new().into_iter(), at: from }
    }

    /// The rest of the walk page by page, from the page on that is not begun yet.
    pub fn pages(self) -> Pages<T> {
        self.pages
    }

    /// Where the walk stands now: what was given is behind it, everything else before it.
    pub fn continuation(&self) -> Continuation {
        self.at.clone()
    }
}

impl<T: Unpin> Stream for Pager<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(item) = this.current.next() {
                this.at.given += 1;
                return Poll::Ready(Some(Ok(item)));
            }
            let Some(page) = ready!(Pin::new(&mut this.pages).poll_next(cx)) else {
                return Poll::Ready(None);
            };
            let page = match page {
                Ok(page) => page,
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            // A resumed walk passes over what an earlier one gave out of its first page.
            let resumed = this.at.page == this.pages.asked;
            let given = if resumed { this.at.given.min(page.items.len()) } else { 0 };
            this.at = Continuation { page: this.pages.asked.clone(), given };
            this.current = page.items.into_iter();
            if given > 0 {
                this.current.nth(given - 1);
            }
        }
    }
}

/// A list as a stream of pages.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    operation: &'static str,
    fetch: Fetch<T>,
    /// The page asked for last.
    asked: Option<String>,
    /// The page to ask for; the outer `None`: there is no more.
    next: Option<Option<String>>,
    request: Option<PageFuture<T>>,
    seen: HashSet<String>,
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.request.is_none() {
            let Some(page) = this.next.take() else {
                return Poll::Ready(None);
            };
            if let Some(name) = &page {
                if !this.seen.insert(name.clone()) {
                    let detail = "the service named a page for the second time";
                    return Poll::Ready(Some(Err(Error::new(
                        Kind::Decode,
                        this.operation,
                        detail,
                    ))));
                }
            }
            this.request = Some((this.fetch)(page.clone()));
            this.asked = page;
        }
        let Some(request) = &mut this.request else {
            return Poll::Ready(None);
        };
        let result = ready!(request.as_mut().poll(cx));
        this.request = None;
        if let Ok(page) = &result {
            this.next = page.next.clone().map(Some);
        }
        Poll::Ready(Some(result))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    /// A service with pages 0, 1, 2 … of `size` items; `next` names the page after.
    fn walk(lists: &'static [&'static [u32]], from: Continuation) -> Pager<u32> {
        Pager::new("list", from, move |page| {
            Box::pin(async move {
                let number: usize = page.map_or(0, |page| page.parse().unwrap());
                let next = (number + 1 < lists.len()).then(|| (number + 1).to_string());
                Ok(Page::new(lists[number].to_vec(), next))
            })
        })
    }

    const LISTS: &[&[u32]] = &[&[1, 2], &[], &[3], &[4, 5, 6]];

    #[tokio::test]
    async fn a_walk_can_be_resumed_after_any_item_and_skips_nothing() {
        for taken in 0..=6 {
            let mut first = walk(LISTS, Continuation::start());
            let mut all: Vec<u32> = Vec::new();
            for _ in 0..taken {
                all.push(first.next().await.unwrap().unwrap());
            }
            let kept = first.continuation().to_string();
            let rest = walk(LISTS, kept.parse().unwrap());
            all.extend(rest.map(Result::unwrap).collect::<Vec<_>>().await);
            assert_eq!(all, [1, 2, 3, 4, 5, 6], "resumed after {taken} at {kept}");
        }
    }

    #[tokio::test]
    async fn pages_come_whole() {
        let pages: Vec<_> = walk(LISTS, Continuation::start()).pages().collect().await;
        let sizes: Vec<_> = pages.into_iter().map(|page| page.unwrap().items.len()).collect();
        assert_eq!(sizes, [2, 0, 1, 3]);
    }

    #[tokio::test]
    async fn a_service_that_goes_round_in_circles_is_an_error() {
        let mut pager = Pager::new("list", Continuation::start(), |page: Option<String>| {
            let next = if page.as_deref() == Some("a") { "b" } else { "a" };
            Box::pin(async move { Ok(Page::new(vec![0], Some(next.to_owned()))) })
        });
        let mut given = 0;
        let error = loop {
            match pager.next().await.unwrap() {
                Ok(_) => given += 1,
                Err(error) => break error,
            }
        };
        assert_eq!((given, error.kind()), (3, Kind::Decode));
        assert!(pager.next().await.is_none(), "and the stream is over");
    }

    #[tokio::test]
    async fn after_an_error_the_continuation_repeats_the_failed_page() {
        let mut pager = Pager::new("list", Continuation::start(), |page: Option<String>| {
            Box::pin(async move {
                match page {
                    None => Ok(Page::new(vec![1], Some("1".to_owned()))),
                    Some(_) => Err(Error::new(Kind::Server, "list", "down")),
                }
            })
        });
        assert_eq!(pager.next().await.unwrap().unwrap(), 1);
        assert!(pager.next().await.unwrap().is_err());
        assert!(pager.next().await.is_none());
        assert_eq!(pager.continuation().to_string(), "1");
    }
}
