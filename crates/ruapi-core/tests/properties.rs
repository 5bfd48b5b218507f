//! Paging, polling, pauses and limits, each against a simple model of what it promises.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::join_all;
use http::{HeaderMap, Method, StatusCode};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use ruapi_core::test_util::ManualClock;
use ruapi_core::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use ruapi_core::{
    Api, Backoff, BoxFuture, Clock, Continuation, Credential, Error, Kind, Limits, Options, Page,
    Pager, Pipeline, Poller, RawResponse, Request, RetryPolicy, Schedule, classify_by_status,
};

/// Runs on one thread, in tokio's paused time: it moves when nothing else does.
fn run<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap().block_on(work)
}

/// The same cases each time; `PROPTEST_CASES` tries more of them.
fn config() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(1);
    ProptestConfig { rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

// Paging

/// A service with these pages; `hints` are the pages that each names as likely to follow the next one,
/// right or wrong. Keeps which pages were decoded.
fn walk(
    pages: &[Vec<u32>],
    hints: &[Option<usize>],
    from: Continuation,
) -> (Pager<u32>, Arc<Mutex<Vec<usize>>>) {
    let number = |page: Option<&str>| page.map_or(0, |page| page.parse::<usize>().unwrap());
    let decoded = Arc::new(Mutex::new(Vec::new()));
    let (pages, hints, seen) = (pages.to_vec(), hints.to_vec(), decoded.clone());
    let fetch = move |page: Option<&str>| -> BoxFuture<'static, _> {
        let body = Bytes::from(page.unwrap_or_default().to_owned());
        let answer =
            RawResponse::new(StatusCode::OK, HeaderMap::new(), body, SystemTime::UNIX_EPOCH);
        Box::pin(async move { Ok(answer) })
    };
    let pager = Pager::new("list", from, fetch, move |page, answer: RawResponse| {
        // Each page is decoded from its own answer, also after a wrong guess.
        assert_eq!(answer.body(), page.unwrap_or_default().as_bytes());
        let page = number(page);
        seen.lock().unwrap().push(page);
        let next = (page + 1 < pages.len()).then(|| (page + 1).to_string());
        let hint = hints.get(page).copied().flatten().map(|hint| hint.to_string());
        Ok(Page::new(pages[page].clone(), next).after_next(hint))
    });
    (pager, decoded)
}

/// The items 0, 1, 2 … in pages of any sizes, empty ones as well, and guesses of pages.
fn pages() -> impl Strategy<Value = (Vec<Vec<u32>>, Vec<Option<usize>>)> {
    let sizes = prop::collection::vec(0_u32..5, 1..7);
    let hints = prop::collection::vec(prop::option::of(0_usize..8), 0..7);
    (sizes, hints).prop_map(|(sizes, hints)| {
        let mut next = 0;
        let mut page = |size: u32| {
            next += size;
            (next - size..next).collect()
        };
        (sizes.into_iter().map(&mut page).collect(), hints)
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_walk_gives_every_item_once_and_in_order_wherever_it_is_resumed(
        (pages, hints) in pages(),
        stops in prop::collection::vec(0_usize..6, 0..4),
    ) {
        run(async {
            let all: Vec<u32> = pages.iter().flatten().copied().collect();
            let (mut given, mut at) = (Vec::new(), Continuation::start());
            for stop in stops {
                let (mut pager, _) = walk(&pages, &hints, at);
                for _ in 0..stop {
                    given.extend(pager.next().await.transpose().unwrap());
                }
                at = pager.continuation().to_string().parse().unwrap();
            }
            let (pager, _) = walk(&pages, &hints, at);
            given.extend(pager.map(Result::unwrap).collect::<Vec<_>>().await);
            prop_assert_eq!(given, all);
            Ok(())
        })?;
    }

    #[test]
    fn pages_come_as_they_are_and_each_is_decoded_once((pages, hints) in pages()) {
        run(async {
            let (pager, decoded) = walk(&pages, &hints, Continuation::start());
            let given: Vec<_> = pager.pages().map(|page| page.unwrap().items).collect().await;
            prop_assert_eq!(&given, &pages);
            prop_assert_eq!(&*decoded.lock().unwrap(), &(0..pages.len()).collect::<Vec<_>>());
            Ok(())
        })?;
    }

    #[test]
    fn a_list_that_leads_back_ends_in_an_error(length in 1_usize..6, back in 0_usize..6) {
        run(async {
            let fetch = |_: Option<&str>| -> BoxFuture<'static, _> {
                let answer = RawResponse::new(
                    StatusCode::OK,
                    HeaderMap::new(),
                    Bytes::new(),
                    SystemTime::UNIX_EPOCH,
                );
                Box::pin(async move { Ok(answer) })
            };
            let (start, back) = (Continuation::start(), back % length);
            let pager = Pager::new("list", start, fetch, move |page, _| {
                let page = page.map_or(0, |page| page.parse::<usize>().unwrap());
                let next = if page + 1 < length { page + 1 } else { back };
                Ok(Page::new(vec![page], Some(next.to_string())))
            });
            let given: Vec<Result<usize, Error>> = pager.collect().await;
            let (error, items) = given.split_last().unwrap();
            prop_assert_eq!(error.as_ref().unwrap_err().kind(), Kind::Decode);
            // The first page has no name before the last one names it: it comes twice.
            prop_assert_eq!(items.len(), length + usize::from(back == 0));
            Ok(())
        })?;
    }
}

// Polling

/// How a question ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Said {
    NotYet,
    Done,
    Failed,
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![8 => Just(Said::NotYet), 1 => Just(Said::Done), 1 => Just(Said::Failed)]
}

/// When a wait asks, in seconds from its beginning, and how it ends.
fn expected_wait(schedule: Schedule, questions: &[(u64, Said)]) -> (Vec<u64>, Result<(), Kind>) {
    let [first, interval, deadline] =
        [schedule.first, schedule.interval, schedule.deadline].map(|time| time.as_secs());
    let (mut now, mut pause, mut asked) = (0, first, Vec::new());
    for (takes, said) in questions.iter().copied().chain(std::iter::repeat((0, Said::Done))) {
        // A pause ends with the deadline at the latest; then nothing more is asked.
        now += pause;
        if now >= deadline {
            return (asked, Err(Kind::Timeout));
        }
        asked.push(now);
        now += takes;
        match said {
            Said::Done => return (asked, Ok(())),
            Said::Failed => return (asked, Err(Kind::NotFound)),
            Said::NotYet => pause = interval,
        }
    }
    unreachable!("there is always one more question")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_wait_asks_on_schedule_and_ends_with_its_deadline(
        (first, interval, deadline) in (0_u64..40, 1_u64..20, 0_u64..200),
        questions in prop::collection::vec((0_u64..30, said()), 0..12),
    ) {
        let schedule = Schedule {
            first: seconds(first),
            interval: seconds(interval),
            deadline: seconds(deadline),
        };
        let clock = Arc::new(ManualClock::auto());
        let (began, asked) = (clock.now(), Arc::new(Mutex::new(Vec::new())));
        let (time, log, mut left) = (clock.clone(), asked.clone(), questions.clone().into_iter());
        let ask = move || -> BoxFuture<'static, _> {
            log.lock().unwrap().push((time.now() - began).as_secs());
            let (takes, said) = left.next().unwrap_or((0, Said::Done));
            let time = time.clone();
            Box::pin(async move {
                time.advance(seconds(takes));
                match said {
                    Said::Failed => Err(Error::new(Kind::NotFound, "status", "gone")),
                    said => Ok(said),
                }
            })
        };
        let poller = Poller::new("status", schedule, clock.clone(), |said| *said == Said::Done, ask);
        let result = run(async { poller.await });
        let (expected, end) = expected_wait(schedule, &questions);
        prop_assert_eq!(&*asked.lock().unwrap(), &expected);
        prop_assert_eq!(result.map(drop).map_err(|error| error.kind()), end);
        // It does not sleep past its deadline: only a question under way may end after it.
        let late = questions.iter().map(|(takes, _)| *takes).max().unwrap_or_default();
        prop_assert!((clock.now() - began).as_secs() <= deadline + late);
    }
}

// Pauses between attempts

/// Answers 503 for ever, each time with the next `Retry-After`; keeps when it was asked.
#[derive(Debug)]
struct Busy {
    clock: Arc<ManualClock>,
    wanted: Vec<Option<u64>>,
    asked: Mutex<Vec<Instant>>,
}

impl Transport for Busy {
    fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let mut asked = self.asked.lock().unwrap();
        let mut headers = HeaderMap::new();
        if let Some(seconds) = self.wanted.get(asked.len()).copied().flatten() {
            headers.insert("retry-after", seconds.into());
        }
        asked.push(self.clock.now());
        let answer =
            HttpResponse::new(StatusCode::SERVICE_UNAVAILABLE, headers, Bytes::new().into());
        Box::pin(async move { Ok(answer) })
    }
}

fn pipeline(options: Options, retry: RetryPolicy, deadline: Duration) -> Pipeline {
    let api = Api {
        user_agent: "test/1",
        timeout: seconds(3600),
        deadline,
        retry,
        max_body: 1000,
        classify: classify_by_status,
    };
    Pipeline::new(api, "https://api.example/v1", Credential::none(), options).unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn pauses_stay_within_their_bounds_and_are_as_long_as_the_service_wants(
        (first, longest) in (1_u64..100_000, 1_u64..400_000),
        attempts in 1_u32..12,
        deadline in 1_u64..2_000,
        wanted in prop::collection::vec(prop::option::weighted(0.3, 0_u64..200), 12),
        jitter in prop_oneof![4 => 0.0..1.0_f64, 1 => any::<f64>()],
    ) {
        let clock = Arc::new(ManualClock::auto());
        let busy = Busy { clock: clock.clone(), wanted: wanted.clone(), asked: Mutex::default() };
        let busy = Arc::new(busy);
        let backoff = Backoff::new(Duration::from_millis(first), Duration::from_millis(longest));
        let retry = RetryPolicy::default()
            .attempts(attempts)
            .budget(100)
            .backoff(backoff.jitter(move || jitter));
        let options = Options::new().transport(busy.clone()).clock(clock.clone());
        let (began, deadline) = (clock.now(), seconds(deadline));
        let request = Request::new("read", Method::GET, "things");
        let pipeline = pipeline(options, retry, deadline);
        let error = run(pipeline.send(&request)).unwrap_err();

        let asked = busy.asked.lock().unwrap().clone();
        prop_assert_eq!(error.attempts() as usize, asked.len());
        prop_assert!((1..=attempts as usize).contains(&asked.len()));
        prop_assert!(asked.iter().all(|at| *at - began < deadline));
        // What a pause may be after so many attempts, in milliseconds, before what the service wants.
        let bounds = |made: usize| {
            let full = first.saturating_mul(1 << (made - 1)).min(longest);
            (full as f64 / 2.0, full as f64)
        };
        let wanted = |made: usize| wanted[made - 1].unwrap_or_default() as f64 * 1000.0;
        for (n, pair) in asked.windows(2).enumerate() {
            let pause = (pair[1] - pair[0]).as_secs_f64() * 1000.0;
            let (least, most) = bounds(n + 1);
            let (least, most) = (least.max(wanted(n + 1)), most.max(wanted(n + 1)));
            prop_assert!(
                (least - 1e-3..=most + 1e-3).contains(&pause),
                "{} is not from {} to {}", pause, least, most
            );
        }
        // It gives up early only where the next pause would not end within the deadline.
        if asked.len() < attempts as usize {
            let made = asked.len();
            let spent = (*asked.last().unwrap() - began).as_secs_f64() * 1000.0;
            let longest = bounds(made).1.max(wanted(made));
            prop_assert!(spent + longest + 1e-3 >= deadline.as_secs_f64() * 1000.0);
        }
    }
}

// Limits

/// Tokio's clock, which is paused.
#[derive(Debug)]
struct Paused;

impl Clock for Paused {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Takes its time for each request, which is named by the path, and keeps when each began and ended.
#[derive(Debug, Default)]
struct Slow {
    takes: Vec<u64>,
    log: Mutex<Vec<(Instant, Instant)>>,
}

impl Transport for Slow {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let number: usize = request.url.rsplit('/').next().unwrap().parse().unwrap();
        let takes = Duration::from_millis(self.takes[number]);
        Box::pin(async move {
            let began = Paused.now();
            tokio::time::sleep(takes).await;
            self.log.lock().unwrap().push((began, Paused.now()));
            Ok(HttpResponse::new(StatusCode::OK, HeaderMap::new(), Bytes::new().into()))
        })
    }
}

/// When each request began and ended, in order of beginning. A request comes so many milliseconds after
/// the one before it, and takes so many.
fn within(limits: Limits, requests: &[(u64, u64)]) -> Vec<(Instant, Instant)> {
    let takes = requests.iter().map(|(_, takes)| *takes).collect();
    let slow = Arc::new(Slow { takes, ..Slow::default() });
    let options = Options::new().transport(slow.clone()).clock(Arc::new(Paused)).limits(limits);
    let day = seconds(86_400);
    let pipeline = pipeline(options.timeout(day), RetryPolicy::never(), day);
    run(async {
        let mut comes = 0;
        let calls = requests.iter().enumerate().map(|(number, (after, _))| {
            comes += after;
            let (comes, pipeline) = (Duration::from_millis(comes), &pipeline);
            async move {
                tokio::time::sleep(comes).await;
                let request = Request::new("read", Method::GET, "things/{number}");
                let request = request.path_parameter("number", &number.to_string()).unwrap();
                pipeline.send(&request).await.unwrap();
            }
        });
        join_all(calls).await;
    });
    let mut log = slow.log.lock().unwrap().clone();
    log.sort();
    log
}

/// Tokio's timers go by milliseconds.
const TICK: Duration = Duration::from_millis(2);

fn requests() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((0_u64..3_000, 0_u64..3_000), 1..60)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_window_holds_more_requests_than_its_limit_and_none_waits_too_long(
        requests in requests(),
        windows in prop::collection::vec((1_u32..10, 1_u64..40), 1..3),
    ) {
        // In slices of whole milliseconds.
        let windows: Vec<(u32, Duration)> =
            windows.into_iter().map(|(most, n)| (most, Duration::from_millis(n * 256))).collect();
        let limits = windows
            .iter()
            .fold(Limits::default(), |limits, (most, window)| limits.per_window(*most, *window));
        let log = within(limits, &requests);
        prop_assert_eq!(log.len(), requests.len());
        let began: Vec<Instant> = log.iter().map(|(began, _)| *began).collect();
        for (most, window) in &windows {
            for pair in began.windows(*most as usize + 1) {
                prop_assert!(pair[pair.len() - 1] - pair[0] >= *window, "more than {}", most);
            }
        }
        // The nth begins once it is there and the window has room again, which may take a 64th longer.
        let first = *began.first().unwrap();
        let mut comes = first;
        for (n, (after, _)) in requests.iter().enumerate() {
            comes += Duration::from_millis(if n == 0 { 0 } else { *after });
            let room = windows.iter().filter_map(|(most, window)| {
                Some(began[n.checked_sub(*most as usize)?] + *window + *window / 64)
            });
            let latest = room.fold(comes, Instant::max).max(*began.get(n.wrapping_sub(1)).unwrap_or(&comes));
            prop_assert!(began[n] <= latest + TICK, "{n} waits {:?} too long", began[n] - latest);
        }
    }

    #[test]
    fn no_more_requests_than_allowed_are_under_way_at_once_and_none_waits_for_nothing(
        requests in requests(),
        parallel in 1_usize..6,
    ) {
        let log = within(Limits::default().parallel(parallel), &requests);
        prop_assert_eq!(log.len(), requests.len());
        for (began, _) in &log {
            let under_way = log.iter().filter(|(other, ended)| other <= began && ended > began);
            prop_assert!(under_way.count() <= parallel);
        }
        // Whenever one waits, all slots are in use: the whole lasts no longer than that takes.
        let comes: u64 = requests.iter().skip(1).map(|(after, _)| after).sum();
        let work: u64 = requests.iter().map(|(_, takes)| takes).sum();
        let longest = requests.iter().map(|(_, takes)| *takes).max().unwrap();
        let most = comes + work / parallel as u64 + longest;
        let took = log.iter().map(|(_, ended)| *ended).max().unwrap() - log[0].0;
        let slack = TICK * requests.len() as u32;
        prop_assert!(took <= Duration::from_millis(most) + slack, "{:?} of {} ms", took, most);
    }
}
