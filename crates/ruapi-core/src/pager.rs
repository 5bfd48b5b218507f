//! Lists that come in pages, as one stream.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument;

use crate::BoxFuture;
use crate::error::{Error, Kind};
use crate::response::RawResponse;

/// One page of a list.
///
/// For an example see [`Pager`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for to get the next one; `None` on the last.
    pub next: Option<String>,
    /// What will most likely follow the next one; it is asked for before the next one is decoded.
    pub after_next: Option<String>,
}

impl<T> Page<T> {
    /// A page of these parts.
    pub fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next, after_next: None }
    }

    /// Names the page that will most likely follow the next one.
    #[must_use]
    pub fn after_next(mut self, page: Option<String>) -> Self {
        self.after_next = page;
        self
    }
}

/// Where a walk stands: keep it as text, and a later walk resumes there. It skips nothing of a list that
/// has not changed meanwhile; in one that has, items may have moved to pages before it.
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

type Answer = Result<RawResponse, Error>;
type Fetch = Box<dyn FnMut(Option<&str>) -> BoxFuture<'static, Answer> + Send>;
type Decode<T> = Box<dyn FnMut(Option<&str>, RawResponse) -> Result<Page<T>, Error> + Send>;

/// A list as a stream of its items. While a page is decoded and given out, the next one is fetched,
/// by a task of the tokio runtime that ends with the stream.
///
/// The stream ends after the last page and after an error. A service that names a page a second time
/// would make it endless: that is an error too.
///
/// ```
/// use bytes::Bytes;
/// use futures_util::TryStreamExt;
/// use http::{HeaderMap, StatusCode};
/// use ruapi_core::{Continuation, Error, Page, Pager, RawResponse};
///
/// /// Three pages of one number each; a client asks its service here.
/// fn numbers(from: Continuation) -> Pager<u32> {
///     let fetch = |page: Option<&str>| -> ruapi_core::BoxFuture<'static, Result<RawResponse, Error>> {
///         let body = Bytes::from(page.unwrap_or("1").to_owned());
///         let now = std::time::SystemTime::now();
///         Box::pin(async move { Ok(RawResponse::new(StatusCode::OK, HeaderMap::new(), body, now)) })
///     };
///     Pager::new("numbers", from, fetch, |_, answer| {
///         let number = ruapi_core::decode(answer.body()).unwrap_or(3);
///         Ok(Page::new(vec![number], (number < 3).then(|| (number + 1).to_string())))
///     })
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let mut walk = numbers(Continuation::start());
/// assert_eq!(walk.try_next().await?, Some(1));
/// // Kept as text, it serves a later process: what was given is not given again.
/// let kept = walk.continuation().to_string();
///
/// let rest: Vec<u32> = numbers(kept.parse()?).try_collect().await?;
/// assert_eq!(rest, [2, 3]);
/// let pages: Vec<Page<u32>> = numbers(Continuation::start()).pages().try_collect().await?;
/// assert_eq!(pages.len(), 3);
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Pager<T> {
    pages: Pages<T>,
    current: std::vec::IntoIter<T>,
    /// The page that `current` is of, and how much of it was given out.
    at: Continuation,
}

impl<T> Pager<T> {
    /// A walk from `from` on. `fetch` and `decode` get `None` for the first page, then each page's
    /// `next`; `fetch` also what may be `next`, and then its answer is perhaps never decoded.
    pub fn new<F, D>(operation: &'static str, from: Continuation, fetch: F, decode: D) -> Self
    where
        F: FnMut(Option<&str>) -> BoxFuture<'static, Answer> + Send + 'static,
        D: FnMut(Option<&str>, RawResponse) -> Result<Page<T>, Error> + Send + 'static,
    {
        let pages = Pages {
            operation,
            fetch: Box::new(fetch),
            decode: Box::new(decode),
            asked: None,
            step: Step::Ask(from.page.clone()),
            after_next: None,
            request: None,
            answer: None,
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
            this.at = match page.next {
                // An empty page is behind the walk at once.
                Some(next) if page.items.is_empty() => Continuation::page(next),
                _ => Continuation { page: this.pages.asked.clone(), given },
            };
            this.current = page.items.into_iter();
            if given > 0 {
                this.current.nth(given - 1);
            }
        }
    }
}

/// A list as a stream of pages.
///
/// For an example see [`Pager`].
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    operation: &'static str,
    fetch: Fetch,
    decode: Decode<T>,
    /// The page decoded last.
    asked: Option<String>,
    step: Step,
    after_next: Option<String>,
    /// The page that is being fetched: the one to ask for, or what may come after it.
    request: Option<Request>,
    /// The answer to the page asked for, not decoded yet.
    answer: Option<RawResponse>,
    seen: HashSet<String>,
}

/// What a walk does next.
enum Step {
    Ask(Option<String>),
    /// The page to ask for was there before.
    Circle,
    End,
}

/// A page on its way; dropped, it is not wanted any more.
struct Request {
    page: Option<String>,
    task: JoinHandle<Answer>,
}

impl Drop for Request {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<T> Pages<T> {
    /// Has a page fetched, unless it is on its way already.
    fn fetch(&mut self, page: Option<String>) -> &mut Request {
        let request = match self.request.take().filter(|request| request.page == page) {
            Some(request) => request,
            None => {
                let answer = (self.fetch)(page.as_deref());
                Request { task: tokio::spawn(answer.in_current_span()), page }
            }
        };
        self.request.insert(request)
    }

    /// The answer to `page` as a page; the one after it is fetched from now on at the latest.
    fn decode(&mut self, page: Option<String>, answer: RawResponse) -> Result<Page<T>, Error> {
        let decoded = (self.decode)(page.as_deref(), answer);
        self.asked = page;
        self.step = match decoded.as_ref().ok().and_then(|decoded| decoded.next.clone()) {
            None => Step::End,
            // What was received is given first, then the error.
            Some(next) if !self.seen.insert(next.clone()) => Step::Circle,
            next => Step::Ask(next),
        };
        match &self.step {
            Step::Ask(next) => drop(self.fetch(next.clone())),
            Step::Circle | Step::End => self.request = None,
        }
        self.after_next = decoded.as_ref().ok().and_then(|decoded| decoded.after_next.clone());
        decoded
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let page = match &this.step {
            Step::Ask(page) => page.clone(),
            Step::Circle => {
                this.step = Step::End;
                let detail = "the service named a page for the second time";
                let error = Error::new(Kind::Decode, this.operation, detail);
                return Poll::Ready(Some(Err(error)));
            }
            Step::End => return Poll::Ready(None),
        };
        let answer = match this.answer.take() {
            Some(answer) => answer,
            None => {
                let request = this.fetch(page.clone());
                let ended = ready!(Pin::new(&mut request.task).poll(cx));
                this.request = None;
                let answer = match ended.unwrap_or_else(|end| Err(not_fetched(end, this.operation)))
                {
                    Ok(answer) => answer,
                    Err(error) => {
                        this.step = Step::End;
                        return Poll::Ready(Some(Err(error)));
                    }
                };
                if let Some(ahead) = this.after_next.take() {
                    this.fetch(Some(ahead));
                    // It is sent now, and this page decoded after that: both then go on at once.
                    this.answer = Some(answer);
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                answer
            }
        };
        Poll::Ready(Some(this.decode(page, answer)))
    }
}

fn not_fetched(end: JoinError, operation: &'static str) -> Error {
    match end.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Error::new(Kind::Interrupted, operation, "the runtime is being shut down"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::SystemTime;

    use bytes::Bytes;
    use futures_util::{FutureExt, StreamExt};
    use http::{HeaderMap, StatusCode};

    use super::*;

    /// An answer that says which page it is.
    fn answer(page: Option<&str>) -> RawResponse {
        let body = Bytes::from(page.unwrap_or_default().to_owned());
        RawResponse::new(StatusCode::OK, HeaderMap::new(), body, SystemTime::UNIX_EPOCH)
    }

    fn number(page: Option<&str>) -> usize {
        page.map_or(0, |page| page.parse().unwrap())
    }

    type Asked = Arc<Mutex<Vec<usize>>>;

    /// A service with the pages 0, 1, 2 …; each names the one after, and the one after that if
    /// `far` is set. Keeps which pages were asked for and which were decoded, the latter as 100 more.
    fn service(
        lists: &'static [&'static [u32]],
        from: Continuation,
        far: bool,
    ) -> (Pager<u32>, Asked) {
        let asked = Asked::default();
        let (fetched, decoded) = (asked.clone(), asked.clone());
        let exists = move |page: usize| (page < lists.len()).then(|| page.to_string());
        let pager = Pager::new(
            "list",
            from,
            move |page| {
                let answer = answer(page);
                let (page, fetched) = (number(page), fetched.clone());
                Box::pin(async move {
                    fetched.lock().unwrap().push(page);
                    Ok(answer)
                })
            },
            move |page, answer| {
                assert_eq!(answer.body(), page.unwrap_or_default().as_bytes());
                let page = number(page);
                decoded.lock().unwrap().push(100 + page);
                let after_next = exists(page + 2).filter(|_| far);
                Ok(Page::new(lists[page].to_vec(), exists(page + 1)).after_next(after_next))
            },
        );
        (pager, asked)
    }

    fn walk(lists: &'static [&'static [u32]], from: Continuation) -> Pager<u32> {
        service(lists, from, true).0
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
    async fn a_page_is_fetched_while_the_one_before_is_decoded() {
        for (far, expected) in [
            (true, [0, 100, 1, 2, 101, 3, 102, 103]),
            // Who cannot look that far fetches while the items are given out.
            (false, [0, 100, 1, 101, 2, 102, 3, 103]),
        ] {
            let (pager, asked) = service(LISTS, Continuation::start(), far);
            assert_eq!(pager.count().await, 6);
            assert_eq!(*asked.lock().unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn nothing_is_fetched_before_it_is_polled_nor_after_it_is_dropped() {
        let (mut pager, asked) = service(LISTS, Continuation::start(), true);
        tokio::task::yield_now().await;
        assert!(asked.lock().unwrap().is_empty());
        assert_eq!(pager.next().await.unwrap().unwrap(), 1);
        // The second page is about to be asked for.
        drop(pager);
        tokio::task::yield_now().await;
        assert_eq!(*asked.lock().unwrap(), [0, 100]);
    }

    #[tokio::test]
    async fn a_wrong_guess_is_given_up() {
        let mut pager = Pager::new(
            "list",
            Continuation::start(),
            |page| {
                let answer = answer(page);
                let is_guess = page == Some("8");
                Box::pin(async move {
                    if is_guess {
                        std::future::pending::<()>().await;
                    }
                    Ok(answer)
                })
            },
            |page, _| {
                let next = (number(page) < 3).then(|| (number(page) + 1).to_string());
                Ok(Page::new(vec![number(page)], next).after_next(Some("8".to_owned())))
            },
        );
        for page in 0..=3 {
            assert_eq!(pager.next().await.unwrap().unwrap(), page);
        }
        assert!(pager.next().await.is_none());
    }

    #[tokio::test]
    async fn a_service_that_goes_round_in_circles_is_an_error() {
        let mut pager = Pager::new(
            "list",
            Continuation::start(),
            |page| std::future::ready(Ok(answer(page))).boxed(),
            |page, _| {
                let next = if page == Some("a") { "b" } else { "a" };
                Ok(Page::new(vec![0], Some(next.to_owned())))
            },
        );
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
        for fails in ["fetch", "decode"] {
            let down = move |page: Option<&str>, step| match page {
                Some(_) if step == fails => Err(Error::new(Kind::Server, "list", "down")),
                _ => Ok(()),
            };
            let mut pager = Pager::new(
                "list",
                Continuation::start(),
                move |page| {
                    let fetched = down(page, "fetch").map(|()| answer(page));
                    std::future::ready(fetched).boxed()
                },
                move |page, _| {
                    down(page, "decode")?;
                    Ok(Page::new(vec![1], Some("1".to_owned())))
                },
            );
            assert_eq!(pager.next().await.unwrap().unwrap(), 1);
            assert!(pager.next().await.unwrap().is_err());
            assert!(pager.next().await.is_none());
            assert_eq!(pager.continuation().to_string(), "1");
        }
    }
}
