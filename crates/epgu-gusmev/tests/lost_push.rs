//! A push whose answer was lost, looked for among the applications of the system.

mod common;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use common::{archive, client, meta};
use epgu_gusmev::{Archive, Client, Meta, OrderId, PushReconciled, Submit};
use ruapi_sandbox::epgu::{OrderForm, Outcome, Settings};
use ruapi_sandbox::{Epgu, Fault, FaultKind, Sandbox};

async fn start() -> (Arc<Sandbox>, Client) {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.clock().freeze();
    let client = client(&sandbox);
    (Arc::new(sandbox), client)
}

/// Pushes, and does not hear of it; when it was begun.
async fn lose(sandbox: &Sandbox, client: &Client, archive: &Archive, filed: bool) -> DateTime<Utc> {
    let begun = sandbox.clock().now();
    let cut = FaultKind::Cut { processed: filed, after_bytes: 0, reset: true };
    sandbox.inject(Fault::new(cut).path("/epgu/api/gusmev/push").times(1));
    let failed = client.submit(&meta(), archive.clone()).await.unwrap_err();
    assert!(failed.maybe_submitted() && failed.order().is_none());
    begun
}

/// The number that the sandbox gave out last.
fn newest(sandbox: &Sandbox) -> OrderId {
    OrderId::new(sandbox.epgu().settings().next_order_id - 1).unwrap()
}

#[tokio::test]
async fn what_was_filed_is_found_once_its_details_tell() {
    let (sandbox, client) = start().await;
    let archive = archive(1000);
    let others: Vec<OrderId> =
        sandbox.epgu().add_orders(50).map(|number| OrderId::new(number).unwrap()).collect();
    let begun = lose(&sandbox, &client, &archive, true).await;
    let order = newest(&sandbox);
    let look = || client.reconcile_push(&meta(), &archive, begun).known(others.clone());
    // Until it is at the authority it may be anybody's.
    assert_eq!(look().await.unwrap(), PushReconciled::Unknown(vec![order]));
    sandbox.clock().advance(TimeDelta::minutes(10));
    assert_eq!(look().await.unwrap(), PushReconciled::Submitted(order));
    sandbox.epgu().change(|settings: &mut Settings| settings.order_form = OrderForm::Null);
    assert_eq!(look().await.unwrap(), PushReconciled::Unknown(vec![order]));
}

#[tokio::test]
async fn what_was_not_filed_is_never_called_so() {
    let (sandbox, client) = start().await;
    let archive = archive(1000);
    let begun = lose(&sandbox, &client, &archive, false).await;
    sandbox.clock().advance(TimeDelta::minutes(10));
    let found = client.reconcile_push(&meta(), &archive, begun).await.unwrap();
    assert_eq!(found, PushReconciled::Unknown(Vec::new()));
    assert_eq!(sandbox.epgu().applications(), 0);
}

#[tokio::test]
async fn other_applications_are_told_from_it() {
    let (sandbox, client) = start().await;
    let ours = archive(1000);
    let submit =
        |meta: &Meta, archive: &Archive| -> Submit { client.submit(meta, archive.clone()) };
    // Long before; another service's; with other files; the same, but known.
    submit(&meta(), &ours).await.unwrap();
    sandbox.clock().advance(TimeDelta::hours(1));
    let begun = lose(&sandbox, &client, &ours, true).await;
    let order = newest(&sandbox);
    let elsewhere = Meta::new("36000000000", "10000000999", Epgu::TARGET).unwrap();
    submit(&elsewhere, &ours).await.unwrap();
    submit(&meta(), &archive(1001)).await.unwrap();
    let twin = submit(&meta(), &ours).await.unwrap().order;
    sandbox.clock().advance(TimeDelta::minutes(10));
    let look = || client.reconcile_push(&meta(), &ours, begun);
    assert_eq!(look().known([twin]).await.unwrap(), PushReconciled::Submitted(order));
    assert_eq!(look().await.unwrap(), PushReconciled::Unknown(vec![order, twin]));
    assert_eq!(look().known([order, twin]).await.unwrap(), PushReconciled::Unknown(Vec::new()));
}

#[tokio::test]
async fn one_that_was_made_shortly_before_is_not_taken_for_it() {
    for filed in [false, true] {
        let (sandbox, client) = start().await;
        let archive = archive(1000);
        let twin = client.submit(&meta(), archive.clone()).await.unwrap().order;
        // Dates are cut to seconds.
        let past = i64::from(sandbox.clock().now().timestamp_subsec_millis());
        let pause = TimeDelta::minutes(3) + TimeDelta::milliseconds(999 - past);
        sandbox.clock().advance(pause);
        let begun = lose(&sandbox, &client, &archive, filed).await;
        let order = newest(&sandbox);
        sandbox.clock().advance(TimeDelta::minutes(10));
        // Clocks differ: it may be it all the same.
        let candidates = if filed { vec![order, twin] } else { vec![twin] };
        let look = || client.reconcile_push(&meta(), &archive, begun);
        assert_eq!(look().await.unwrap(), PushReconciled::Unknown(candidates));
        let expected = match filed {
            true => PushReconciled::Submitted(order),
            false => PushReconciled::Unknown(Vec::new()),
        };
        assert_eq!(look().known([twin]).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn one_that_cannot_be_compared_may_always_be_it() {
    let (sandbox, client) = start().await;
    let archive = archive(1000);
    let begun = lose(&sandbox, &client, &archive, true).await;
    let order = newest(&sandbox);
    sandbox.epgu().push_outcome(Outcome::ValidationError);
    let other = client.submit(&meta(), common::archive(2000)).await.unwrap().order;
    sandbox.clock().advance(TimeDelta::minutes(10));
    // The other one never came to the authority, so nobody can say what was in it.
    let look = || client.reconcile_push(&meta(), &archive, begun);
    assert_eq!(look().await.unwrap(), PushReconciled::Unknown(vec![order, other]));
    assert_eq!(look().known([other]).await.unwrap(), PushReconciled::Submitted(order));
    sandbox.inject(Fault::new(FaultKind::status(400)).path("/epgu/api/gusmev/order"));
    assert!(look().await.unwrap_err().is_input());
}
