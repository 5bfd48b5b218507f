//! The stream of what changed, against a model of the service whose list moves while it is read.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use epgu_gusmev::transport::{HttpRequest, HttpResponse, Phase, Transport, TransportError};
use epgu_gusmev::{
    BoxFuture, Client, Clock, Credential, Environment, FoundOrder, Kind, Limits, Options,
    OrderUpdates, RetryPolicy, SyncCursor,
};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use ruapi_core::test_util::ManualClock;
use ruapi_sandbox::Sandbox;
use ruapi_sandbox::epgu::{Paging, Settings};
use serde_json::{Value, json};

/// A change as the test compares it.
type Told = (u64, i64, NaiveDateTime);

/// How the service that is played differs from the document's sample.
#[derive(Debug, Clone, Copy)]
struct Manners {
    oldest_first: bool,
    /// The hours by which the dates are ahead of UTC; the client takes them for Moscow's.
    zone: i64,
    /// The seconds by which the service's clock is ahead of the client's.
    ahead: i64,
    page_size: u64,
}

const LIKE_THE_SAMPLE: Manners = Manners { oldest_first: false, zone: 3, ahead: 0, page_size: 5 };

/// A change of an order. It is dated before it is to be seen.
#[derive(Debug, Clone, Copy)]
struct Changed {
    at: DateTime<Utc>,
    seen_from: DateTime<Utc>,
    status: i64,
}

#[derive(Debug)]
struct Model {
    clock: Arc<ManualClock>,
    manners: Manners,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: fastrand::Rng,
    orders: BTreeMap<u64, Vec<Changed>>,
    /// Until when there are changes already.
    made_until: DateTime<Utc>,
    is_quiet: bool,
    requests: u64,
}

impl Model {
    fn new(seed: u64, manners: Manners) -> Arc<Self> {
        let clock = Arc::new(ManualClock::auto());
        let state = State {
            random: fastrand::Rng::with_seed(seed),
            orders: BTreeMap::new(),
            made_until: DateTime::UNIX_EPOCH,
            is_quiet: false,
            requests: 0,
        };
        let model = Self { clock, manners, state: Mutex::new(state) };
        model.state.lock().unwrap().made_until = model.now();
        Arc::new(model)
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::<Utc>::from(self.clock.wall()) + TimeDelta::seconds(self.manners.ahead)
    }

    /// As the list prints it.
    fn printed(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.naive_utc() + TimeDelta::hours(self.manners.zone)
    }

    /// What happened since the last request.
    fn live(&self, state: &mut State) {
        let now = self.now();
        let past = (now - state.made_until).num_milliseconds();
        if !state.is_quiet {
            let count = if past == 0 { 0 } else { state.random.i64(0..=4.min(past / 500)) };
            let mut moments: Vec<i64> = (0..count).map(|_| state.random.i64(1..=past)).collect();
            moments.sort_unstable();
            for moment in moments {
                let at = state.made_until + TimeDelta::milliseconds(moment);
                let order = 1 + state.random.u64(0..200);
                let changes = state.orders.entry(order).or_default();
                if changes.last().is_some_and(|last| last.seen_from >= at) {
                    continue;
                }
                let status = state.random.i64(0..5);
                let lag = TimeDelta::milliseconds(state.random.i64(0..50_000));
                changes.push(Changed { at, seen_from: at + lag, status });
            }
        }
        state.made_until = now;
    }

    /// The last change of each order that is to be seen, in the service's order.
    fn list(&self, state: &State, after: DateTime<Utc>) -> Vec<(u64, Changed)> {
        let now = self.now();
        let last = |changes: &[Changed]| changes.iter().rfind(|c| c.seen_from <= now).copied();
        let orders = state.orders.iter().filter_map(|(order, all)| Some((*order, last(all)?)));
        let mut orders: Vec<_> = orders.filter(|(_, change)| change.at > after).collect();
        orders.sort_by_key(|(order, change)| (change.at, *order));
        if !self.manners.oldest_first {
            orders.reverse();
        }
        orders
    }

    fn answer(&self, request: &HttpRequest) -> Option<Value> {
        let mut state = self.state.lock().unwrap();
        state.requests += 1;
        self.clock.advance(Duration::from_millis(state.random.u64(0..3_000)));
        self.live(&mut state);
        if !state.is_quiet && state.random.u32(0..100) == 0 {
            return None;
        }
        let parameter = |name: &str| {
            let (_, query) = request.url.split_once('?').unwrap();
            let value = query.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap();
            value.strip_prefix('=').unwrap().replace("%3A", ":")
        };
        let number = |name: &str| parameter(name).parse::<usize>().unwrap();
        let after =
            NaiveDateTime::parse_from_str(&parameter("updatedAfter"), "%Y-%m-%dT%H:%M:%S%.3f");
        let all = self.list(&state, after.unwrap().and_utc());
        let size = number("pageSize");
        let page = all.iter().skip(number("pageNum") * size).take(size);
        let content: Vec<Value> = page
            .map(|(order, change)| {
                let updated = self.printed(change.at).format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
                json!({"orderId": order, "orderSearchStatus": "FOUND", "status":
                    {"statusId": change.status, "statusName": "x", "updated": updated}})
            })
            .collect();
        Some(json!({"count": content.len(), "totalCount": all.len(), "content": content}))
    }
}

impl Transport for Model {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let answer = self.answer(&request);
        Box::pin(async move {
            let body = answer.ok_or_else(|| TransportError::new(Phase::Interrupted, None))?;
            let body = bytes::Bytes::from(body.to_string());
            Ok(HttpResponse::new(http::StatusCode::OK, http::HeaderMap::new(), body.into()))
        })
    }
}

fn client_on(transport: Arc<dyn Transport>, clock: Arc<ManualClock>) -> Client {
    let credential = Credential::bearer("not-a-real-token".into()).unwrap();
    Client::builder(Environment::Custom("http://127.0.0.1/".into()), credential)
        .request_limits(Some(Limits::default()))
        .options(Options::new().transport(transport).clock(clock).retry(RetryPolicy::never()))
        .build()
        .unwrap()
}

fn told(found: &FoundOrder) -> Told {
    let status = found.status.as_ref().unwrap();
    (found.order_id.get(), status.status_id.unwrap().code(), status.updated.unwrap().naive_local())
}

/// Many lives of a program that keeps its cursor with each update it made something of.
async fn follow(model: &Arc<Model>, seed: u64, lives: usize) -> Vec<Told> {
    let client = client_on(model.clone(), model.clock.clone());
    let mut random = fastrand::Rng::with_seed(seed);
    let start = model.now() - TimeDelta::seconds(1);
    let mut kept = SyncCursor::new(start);
    let mut given = Vec::new();
    let revive = |kept: &SyncCursor| -> OrderUpdates {
        let kept = serde_json::to_string(kept).unwrap();
        // A minute's changes, or an hour's.
        assert!(kept.len() < if model.manners.oldest_first { 200_000 } else { 30_000 });
        let kept = serde_json::from_str(&kept).unwrap();
        client.order_updates(kept).page_size(model.manners.page_size)
    };
    for _ in 0..lives {
        let mut updates = revive(&kept).every(Duration::from_secs(20));
        for _ in 0..random.usize(1..150) {
            match updates.next().await.unwrap() {
                Ok(found) => {
                    given.push(told(&found));
                    kept = updates.cursor().clone();
                }
                Err(error) => assert_eq!(error.kind(), Kind::Interrupted, "{error}"),
            }
        }
        // The last one was given and is lost with the program: it comes again.
        if random.bool() {
            if let Some(Ok(_)) = updates.next().await {}
        }
    }
    model.state.lock().unwrap().is_quiet = true;
    for _ in 0..3 {
        model.clock.advance(Duration::from_secs(60));
        let mut updates = revive(&kept);
        while let Some(found) = updates.try_next().await.unwrap() {
            given.push(told(&found));
        }
        kept = updates.cursor().clone();
    }
    given
}

async fn check(manners: Manners, seeds: u64) {
    for seed in 0..seeds {
        let model = Model::new(seed, manners);
        let given = follow(&model, seed, 12).await;
        let once: BTreeSet<Told> = given.iter().copied().collect();
        assert_eq!(once.len(), given.len(), "{manners:?}, {seed}: something was given twice");
        let state = model.state.lock().unwrap();
        let (mut changes, mut must) = (BTreeSet::new(), 0);
        for (order, all) in &state.orders {
            for (n, change) in all.iter().enumerate() {
                let told = (*order, change.status, model.printed(change.at));
                changes.insert(told);
                // Of what was there only for a while the list may never have told.
                let next = all.get(n + 1);
                let stayed = next.map(|next| next.seen_from - change.seen_from);
                if stayed.is_none_or(|stayed| stayed > TimeDelta::minutes(3)) {
                    must += 1;
                    assert!(once.contains(&told), "{manners:?}, {seed}: {told:?} was missed");
                }
            }
        }
        assert!(once.is_subset(&changes));
        assert!(must > 150 && given.len() > 500, "{must} of {}", given.len());
    }
}

#[tokio::test]
async fn each_change_is_given_once_whatever_moves_and_whoever_is_restarted() {
    check(LIKE_THE_SAMPLE, 4).await;
}

#[tokio::test]
async fn clocks_and_zones_that_differ_make_no_difference() {
    for (zone, ahead) in [(0, 0), (3, 600), (3, -600), (0, -600)] {
        check(Manners { zone, ahead, page_size: 40, ..LIKE_THE_SAMPLE }, 1).await;
    }
}

#[tokio::test]
async fn a_list_in_another_order_is_looked_at_for_longer() {
    check(Manners { oldest_first: true, page_size: 40, ..LIKE_THE_SAMPLE }, 2).await;
}

#[tokio::test]
async fn the_sandboxs_orders_are_followed() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.clock().freeze();
    let client = common::client(&sandbox);
    let numbers = sandbox.epgu().add_orders(250);
    let start = sandbox.clock().now() - TimeDelta::hours(2);
    let mut updates = client.order_updates(SyncCursor::new(start));
    let mut orders = BTreeSet::new();
    while let Some(found) = updates.try_next().await.unwrap() {
        assert!(orders.insert(found.order_id.get()), "given twice");
    }
    assert!(numbers.clone().all(|number| orders.contains(&number)));
    let again: Vec<_> = client.order_updates(updates.cursor().clone()).try_collect().await.unwrap();
    assert!(again.is_empty(), "{again:?}");

    let (cursor, changed) = (updates.cursor().clone(), numbers.start);
    sandbox.clock().advance(TimeDelta::seconds(5));
    sandbox.epgu().end_order(changed, ruapi_sandbox::epgu::Outcome::Refused);
    let again: Vec<_> = client.order_updates(cursor).try_collect().await.unwrap();
    assert_eq!(again.iter().filter(|found| found.order_id.get() == changed).count(), 1);
}

#[tokio::test]
async fn nothing_new_is_no_error_however_it_is_said() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = common::client(&sandbox);
    let after = sandbox.clock().now() + TimeDelta::days(1);
    for without_content in [false, true] {
        sandbox.epgu().change(|settings: &mut Settings| {
            settings.empty_lists_without_content = without_content;
        });
        let page = client.updated_after(after).await.unwrap();
        assert!(page.content.is_empty());
        assert_eq!(page.status().as_u16(), if without_content { 204 } else { 200 });
        assert_eq!(client.updated_after(after).items().count().await, 0);
        assert_eq!(client.order_updates(SyncCursor::new(after)).count().await, 0);
    }
}

#[tokio::test]
async fn a_list_that_is_cut_short_does_not_move_the_cursor() {
    for without_content in [false, true] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.clock().freeze();
        let client = common::client(&sandbox);
        let after = sandbox.clock().now();
        sandbox.clock().advance(TimeDelta::minutes(1));
        sandbox.epgu().add_orders(50);
        sandbox.clock().advance(TimeDelta::minutes(1));
        sandbox.epgu().change(|settings: &mut Settings| {
            settings.paging = Paging::Overstated;
            settings.empty_lists_without_content = without_content;
        });
        let listed: Vec<_> = client.updated_after(after).page_size(20).items().collect().await;
        let (end, found) = listed.split_last().unwrap();
        assert_eq!(end.as_ref().unwrap_err().kind(), Kind::Decode, "{without_content}");
        assert!(found.iter().all(Result::is_ok) && !found.is_empty());

        let mut updates = client.order_updates(SyncCursor::new(after)).page_size(20);
        let told: Vec<_> = updates.by_ref().collect().await;
        assert_eq!(told.len(), listed.len());
        assert!(told.last().unwrap().is_err());
        let cursor = updates.cursor().clone();
        assert_eq!(cursor.since(), after);
        // The whole list is looked at again, and nothing is told twice.
        sandbox.epgu().change(|settings: &mut Settings| settings.paging = Paging::Normal);
        let mut updates = client.order_updates(cursor).page_size(20);
        assert_eq!(updates.by_ref().count().await, 0);
        assert!(updates.cursor().since() > after);
    }
}

/// A service that gives these answers one after the other, then the last one again and again.
#[derive(Debug)]
struct Scripted(Mutex<Vec<Value>>);

impl Transport for Scripted {
    fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        let body = bytes::Bytes::from(answer.to_string());
        let answer = HttpResponse::new(http::StatusCode::OK, http::HeaderMap::new(), body.into());
        Box::pin(async move { Ok(answer) })
    }
}

#[tokio::test]
async fn what_has_no_date_is_given_once_while_it_is_listed() {
    let missing = json!({"totalCount": 1, "content": [{"orderId": 7, "orderSearchStatus": "NOT_FOUND", "status": null}]});
    let undated = json!({"totalCount": 1, "content": [{"orderId": 7, "status": {"statusId": 2}}]});
    let dated = json!({"totalCount": 1, "content": [
        {"orderId": 7, "status": {"statusId": 2, "updated": "2025-08-26T12:00:00.000"}}]});
    let none = json!({"count": 0});
    let script = vec![
        missing.clone(),
        missing.clone(),
        undated.clone(),
        undated,
        dated.clone(),
        dated,
        none.clone(),
        missing,
        none,
    ];
    let clock = Arc::new(ManualClock::auto());
    let client = client_on(Arc::new(Scripted(Mutex::new(script))), clock);
    let mut cursor = SyncCursor::new(DateTime::UNIX_EPOCH);
    let mut given = Vec::new();
    for _ in 0..9 {
        let mut updates = client.order_updates(cursor);
        let found: Vec<FoundOrder> = updates.by_ref().try_collect().await.unwrap();
        given.push(found.len());
        let kept = serde_json::to_string(updates.cursor()).unwrap();
        cursor = serde_json::from_str(&kept).unwrap();
    }
    assert_eq!(given, [1, 0, 1, 0, 1, 0, 0, 1, 0]);
}

/// Four orders in two pages, oldest first: as the first one changes, the third moves to the page before.
#[tokio::test]
async fn what_a_list_in_another_order_hides_is_found_by_the_next_walk() {
    let list = |orders: &[(u64, &str)]| {
        let orders = orders.iter().map(|(order, at)| {
            let updated = format!("2025-08-26T{at}:00.000");
            json!({"orderId": order, "status": {"statusId": 2, "updated": updated}})
        });
        json!({"totalCount": 4, "content": orders.collect::<Vec<_>>()})
    };
    let script = vec![
        list(&[(1, "11:00"), (2, "11:10")]),
        list(&[(4, "11:30"), (1, "11:50")]),
        list(&[(2, "11:10"), (3, "11:20")]),
        list(&[(4, "11:30"), (1, "11:50")]),
    ];
    let client = client_on(Arc::new(Scripted(Mutex::new(script))), Arc::new(ManualClock::auto()));
    let mut cursor = SyncCursor::new("2025-08-26T00:00:00Z".parse().unwrap());
    for expected in [&[1, 2, 4, 1][..], &[3][..]] {
        let mut updates = client.order_updates(cursor).page_size(2);
        let given: Vec<FoundOrder> = updates.by_ref().try_collect().await.unwrap();
        assert_eq!(given.iter().map(|found| found.order_id.get()).collect::<Vec<_>>(), expected);
        cursor = updates.cursor().clone();
        // An hour before the latest, in UTC.
        assert_eq!(cursor.since().to_rfc3339(), "2025-08-26T07:50:00+00:00");
    }
}

#[tokio::test]
async fn a_date_that_is_still_to_come_hides_nothing() {
    let list =
        |at: &str, order: u64| json!({"orderId": order, "status": {"statusId": 2, "updated": at}});
    let future = list("2099-01-01T00:00:00.000", 1);
    let script = vec![
        json!({"totalCount": 1, "content": [future]}),
        json!({"totalCount": 2, "content": [future, list("2025-08-26T12:00:00.000", 2)]}),
    ];
    let clock = Arc::new(ManualClock::auto());
    let wall = DateTime::<Utc>::from(clock.wall());
    let client = client_on(Arc::new(Scripted(Mutex::new(script))), clock);
    let mut updates = client.order_updates(SyncCursor::new(wall - TimeDelta::hours(1)));
    assert_eq!(updates.by_ref().count().await, 1);
    assert!(updates.cursor().since() <= wall);
    let again: Vec<FoundOrder> =
        client.order_updates(updates.cursor().clone()).try_collect().await.unwrap();
    assert_eq!(again.iter().map(|found| found.order_id.get()).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn it_asks_at_its_interval_and_goes_on_after_an_error() {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = Arc::new(ManualClock::new());
    let options = Options::new().clock(clock.clone()).retry(RetryPolicy::never());
    let client = common::client_with(&sandbox, options);
    let start = sandbox.clock().now();
    sandbox.clock().freeze();
    let every = |interval| client.order_updates(SyncCursor::new(start)).every(interval);
    for (interval, expected) in [(Duration::from_secs(30), 30), (Duration::ZERO, 1)] {
        let mut updates = every(interval);
        while clock.slept().last() != Some(&Duration::from_secs(expected)) {
            assert!(updates.next().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
    }
    sandbox.inject(ruapi_sandbox::Fault::new(ruapi_sandbox::FaultKind::status(400)).times(1));
    let mut updates = every(Duration::from_secs(30));
    assert_eq!(updates.next().await.unwrap().unwrap_err().kind(), Kind::Input);
    let order = sandbox.epgu().add_orders(1).start;
    sandbox.clock().advance(TimeDelta::seconds(1));
    sandbox.epgu().end_order(order, ruapi_sandbox::epgu::Outcome::Refused);
    let (next, ()) = tokio::join!(updates.next(), async {
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(30));
    });
    assert_eq!(next.unwrap().unwrap().order_id.get(), order);
    assert_eq!(updates.cursor().since(), start);
}
