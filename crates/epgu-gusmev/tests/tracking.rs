//! Many orders followed to their ends, within the service's limits and across a restart.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use common::{client_with, drive};
use epgu_gusmev::{Options, OrderId, Tracked, TrackerState};
use ruapi_core::test_util::ManualClock;
use ruapi_sandbox::epgu::Outcome;
use ruapi_sandbox::{Fault, FaultKind, Sandbox};

const ORDERS: u64 = 10_000;

#[tokio::test]
async fn ten_thousand_orders_are_followed_to_their_ends_each_told_once() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let numbers = sandbox.epgu().add_orders(ORDERS);
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    let driver = drive(&clock, &sandbox);
    let orders = numbers.clone().map(|number| OrderId::new(number).unwrap());
    let mut state: TrackerState = orders.collect();
    let mut ends: BTreeMap<OrderId, u32> = BTreeMap::new();
    let (mut rounds, mut drafts) = (0, 0);
    while !state.is_empty() {
        // Each round is a new process, which is killed in the middle of it the first time.
        let kept = serde_json::to_string(&state).unwrap();
        let mut tracker = client.track(serde_json::from_str(&kept).unwrap());
        let mut events = 0;
        while let Some(event) = tracker.next().await.unwrap() {
            match event {
                Tracked::Final(order, info) => {
                    assert!(info.is_final());
                    *ends.entry(order).or_default() += 1;
                }
                Tracked::Changed(_, info) => assert!(!info.is_final()),
                other => panic!("{other:?}"),
            }
            events += 1;
            if rounds == 0 && events == 3001 {
                break;
            }
        }
        state = tracker.state().clone();
        rounds += 1;
        // What was filed and has not come to its end does so now; drafts stay drafts.
        for order in state.clone().orders() {
            if sandbox.epgu().order_status(order.get()).is_some_and(|(status, _)| status == 0) {
                state.remove(order);
                drafts += 1;
            } else {
                sandbox.epgu().end_order(order.get(), Outcome::Executed);
            }
        }
        clock.advance(Duration::from_secs(60));
        sandbox.clock().advance(chrono::TimeDelta::seconds(60));
        assert!(rounds < 10, "{} are left", state.len());
    }
    driver.abort();
    assert_eq!(ends.len() as u64 + drafts, ORDERS);
    assert!(drafts <= ORDERS / 10, "{drafts} drafts");
    assert!(ends.values().all(|times| *times == 1), "told more than once");
    assert_eq!(sandbox.epgu().counts().limited, 0, "within 2,000 requests a minute");
}

#[tokio::test]
async fn an_error_loses_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    // Else one of them may get on meanwhile.
    sandbox.clock().freeze();
    let numbers = sandbox.epgu().add_orders(20);
    let client = common::client(&sandbox);
    let state: TrackerState = numbers.map(|number| OrderId::new(number).unwrap()).collect();
    sandbox.inject(
        Fault::new(FaultKind::status(403)).path("/epgu/api/gusmev/order/70").skip(5).times(1),
    );
    let mut tracker = client.track(state);
    let (mut told, mut errors) = (Vec::new(), 0);
    for _ in 0..2 {
        loop {
            match tracker.next().await {
                Ok(Some(Tracked::Final(order, _) | Tracked::Changed(order, _))) => told.push(order),
                Ok(Some(Tracked::Failed(_, error))) => {
                    assert!(error.is_credential());
                    errors += 1;
                }
                Ok(None) => break,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(errors, 1);
    let all = told.len();
    told.sort_unstable();
    told.dedup();
    assert_eq!((told.len(), all), (20, 20));
}

#[tokio::test]
async fn an_application_that_is_not_found_yet_is_not_forgotten() {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    // The number of the next one: it is known before it is to be seen.
    let order = OrderId::new(sandbox.epgu().settings().next_order_id).unwrap();
    let wrong = OrderId::new(999).unwrap();
    let mut state: TrackerState = [order, wrong].into_iter().collect();
    let round = async |state: &mut TrackerState| {
        // Each one is a new process.
        let kept = serde_json::to_string(state).unwrap();
        let mut tracker = client.track(serde_json::from_str(&kept).unwrap());
        let mut told = Vec::new();
        while let Some(event) = tracker.next().await.unwrap() {
            told.push(match event {
                Tracked::NotFound(order) => (order, "not found"),
                Tracked::GivenUp(order) => (order, "given up"),
                Tracked::Changed(order, _) => (order, "changed"),
                other => panic!("{other:?}"),
            });
        }
        *state = tracker.state().clone();
        told.sort_unstable();
        told
    };
    assert_eq!(round(&mut state).await, [(wrong, "not found"), (order, "not found")]);
    assert_eq!(round(&mut state).await, [], "told once");
    assert_eq!(client.create_order(&common::meta()).await.unwrap().order_id, order);
    assert_eq!(round(&mut state).await, [(order, "changed")]);
    clock.advance(Duration::from_secs(23 * 3600));
    assert_eq!(round(&mut state).await, []);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(round(&mut state).await, [(wrong, "given up")]);
    assert_eq!(state.orders().collect::<Vec<_>>(), [order]);
}

#[tokio::test]
async fn few_places_are_enough() {
    let sandbox = Sandbox::start().await.unwrap();
    let numbers = sandbox.epgu().add_orders(600);
    let client = common::builder(&sandbox)
        .request_limits(Some(epgu_gusmev::Limits::default().parallel(2)))
        .build()
        .unwrap();
    let state: TrackerState = numbers.map(|number| OrderId::new(number).unwrap()).collect();
    let mut tracker = client.track(state);
    let mut told = 0;
    while tracker.next().await.unwrap().is_some() {
        told += 1;
    }
    assert_eq!(told, 600);
}
