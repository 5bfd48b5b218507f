//! What a service for drivers does: scan, list, pay, follow; and what was sent to its callback URL.

mod common;

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use common::{client, client_with, count, drive, email};
use futures_util::{StreamExt, TryStreamExt};
use ruapi_core::test_util::{ManualClock, Replay};
use ruapi_sandbox::shtrafovnet::{ScanOutcome, ScanStatusMethods};
use ruapi_sandbox::{Fault, FaultKind, Sandbox, Shtrafovnet};
use serde_json::{Value, json};
use shtrafovnet_client::fines::{FineStatus, FineUpdate, PaidFilter, PaidStatus};
use shtrafovnet_client::invoices::InvoiceStatus;
use shtrafovnet_client::scan::ScanStatus;
use shtrafovnet_client::{
    CARS_PER_USER, Callback, Client, Email, Fine, FineId, Identity, Kind, NotificationType,
    Options, Payer, SyncCursor,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn started() -> (Arc<Sandbox>, Arc<ManualClock>, Client) {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    (sandbox, clock, client)
}

fn payer() -> Payer {
    Payer::new("Иванов", "Алексей", "Петрович").unwrap()
}

const SUCCESS: &str = "http://example.ru/success";
const FAIL: &str = "http://example.ru/fail";

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_signs_up_sees_the_fines_and_pays_them() {
    let (sandbox, clock, client) = started().await;
    let driver = drive(&clock, &sandbox);
    let user = email("driver@fleet.example");
    client.create_user(&user).username("driver").await.unwrap();
    let car = client.create_car("7700000001", "а002аа77").owner(&user).await.unwrap();

    let scan = client.scan(&car.id).wait().await.unwrap();
    assert_eq!((scan.status.as_ref(), scan.car.as_ref()), (Some(&ScanStatus::Done), Some(&car.id)));

    let fines: Vec<_> =
        client.user_fines(&user).paid([PaidFilter::NoPaid]).items().try_collect().await.unwrap();
    assert!(!fines.is_empty(), "a car with unpaid fines");
    let ids: Vec<FineId> = fines.iter().map(|fine| fine.id.clone()).collect();
    let invoice = client.create_invoice(&user, payer(), SUCCESS, FAIL).fines(ids).await.unwrap();
    let sum: rust_decimal::Decimal = fines.iter().filter_map(|fine| fine.total_amount).sum();
    assert_eq!(invoice.amount, Some(sum));
    assert_eq!(invoice.total_amount.unwrap() - sum, invoice.commission_amount.unwrap());
    assert!(invoice.pay_url.as_ref().unwrap().starts_with(&sandbox.url()));

    sandbox.shtrafovnet().pay_invoice(invoice.id.as_str().parse().unwrap());
    let paid = client.wait_for_invoice(&invoice.id).await.unwrap();
    assert_eq!(paid.status, Some(InvoiceStatus::Done));
    assert_eq!(paid.orders.iter().count(), fines.len());
    assert_eq!(paid.orders.payment_order_urls().count(), fines.len());
    for fine in &fines {
        let now = client.fine(&fine.id).await.unwrap();
        assert_eq!(now.paid_status, Some(PaidStatus::Paid));
        assert!(now.payment_order_url.is_some());
    }
    driver.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_asked_about_as_the_document_advises() {
    let (sandbox, clock, client) = started().await;
    sandbox.shtrafovnet().set_scan_seconds(Some(50));
    // A slow machine must not bring the end nearer.
    sandbox.clock().freeze();
    let driver = drive(&clock, &sandbox);
    let scan = client.scan(&1212.into()).await.unwrap();
    assert_eq!(scan.status, Some(ScanStatus::Process));
    sandbox.clear_requests();
    let statuses: Vec<_> = client
        .wait_for_scan(&scan.id)
        .map_ok(|scan| scan.status.unwrap())
        .try_collect()
        .await
        .unwrap();
    driver.abort();
    // After 30 s, 42 s and 54 s.
    assert_eq!(statuses, [ScanStatus::Process, ScanStatus::Process, ScanStatus::Done]);
    assert_eq!(sandbox.requests_total(), 3);
    let intervals = clock.slept().into_iter().filter(|slept| *slept == Duration::from_secs(12));
    assert_eq!(intervals.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_fails_or_is_skipped_is_a_result() {
    for (outcome, expected) in
        [(ScanOutcome::Fail, ScanStatus::Fail), (ScanOutcome::Skip, ScanStatus::Skip)]
    {
        let (sandbox, clock, client) = started().await;
        sandbox.shtrafovnet().push_scan_outcome(outcome);
        let driver = drive(&clock, &sandbox);
        assert_eq!(client.scan(&1212.into()).wait().await.unwrap().status, Some(expected));
        driver.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_without_an_end_ends_the_wait_with_a_timeout() {
    let (sandbox, clock, client) = started().await;
    let driver = drive(&clock, &sandbox);
    // The document's own scan 777 stays in process.
    let error = client.wait_for_scan(&777.into()).await.unwrap_err();
    driver.abort();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.to_string().contains("600"), "{error}");
}

#[tokio::test]
async fn the_scan_status_is_asked_by_get_where_post_is_not_allowed() {
    for (methods, posts, gets) in [
        (ScanStatusMethods::Post, 3, 0),
        (ScanStatusMethods::Get, 1, 3),
        (ScanStatusMethods::Both, 3, 0),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.shtrafovnet().set_scan_status_methods(methods);
        let client = client(&sandbox);
        for _ in 0..3 {
            // Clones remember it together.
            let scan = client.clone().scan_status(&777.into()).await.unwrap();
            assert_eq!(scan.status, Some(ScanStatus::Process));
        }
        assert_eq!(count(&sandbox, "POST", "/scan/{id}"), posts, "{methods:?}");
        assert_eq!(count(&sandbox, "GET", "/scan/{id}"), gets, "{methods:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_is_not_paid_ends_too() {
    let (sandbox, clock, client) = started().await;
    let driver = drive(&clock, &sandbox);
    let user = email(Shtrafovnet::PAYER);
    let mut statuses = Vec::new();
    for cancel in [true, false] {
        let call = client.create_invoice(&user, payer(), SUCCESS, FAIL).fines([7.into()]);
        let invoice = call.await.unwrap();
        let id = invoice.id.as_str().parse().unwrap();
        if cancel {
            sandbox.shtrafovnet().cancel_invoice(id);
        } else {
            sandbox.shtrafovnet().decline_invoice(id);
        }
        statuses.push(client.wait_for_invoice(&invoice.id).await.unwrap().status.unwrap());
    }
    driver.abort();
    assert_eq!(statuses, [InvoiceStatus::Cancel, InvoiceStatus::Fail]);
}

#[tokio::test]
async fn an_invoice_is_not_made_twice() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.company().await.unwrap();
    let cut = FaultKind::Cut { processed: true, after_bytes: 0, reset: true };
    sandbox.inject(Fault::new(cut).times(1));
    let user = email(Shtrafovnet::PAYER);
    let error = client.create_invoice(&user, payer(), SUCCESS, FAIL).await.unwrap_err();
    assert_eq!((error.kind(), error.maybe_processed()), (Kind::Interrupted, true));
    assert_eq!(sandbox.shtrafovnet().invoices_created(), 1);
}

/// Everything that a walk gives, and the cursor behind it.
async fn updates(client: &Client, user: &Email, from: SyncCursor) -> (Vec<FineUpdate>, SyncCursor) {
    let mut walk = client.user_fine_updates(user, from);
    let mut found = Vec::new();
    while let Some(update) = walk.next().await {
        found.push(update.unwrap());
    }
    (found, walk.cursor().clone())
}

#[tokio::test]
async fn each_change_is_told_once_and_none_is_missed() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.clock().freeze();
    let client = client(&sandbox);
    let user = email("sync@fleet.example");
    client.create_user(&user).await.unwrap();
    for n in 0..CARS_PER_USER {
        let call = client.create_car(format!("770000000{n}"), format!("а00{n}аа77")).owner(&user);
        client.scan(&call.await.unwrap().id).await.unwrap();
    }
    sandbox.clock().advance(TimeDelta::seconds(90));

    let start = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let (first, cursor) = updates(&client, &user, SyncCursor::new(start)).await;
    assert!(!first.is_empty() && first.iter().all(|update| update.is_new()));

    // The cursor goes through a file; those of its very second are not told again.
    let kept = serde_json::to_string(&cursor).unwrap();
    let (again, _) = updates(&client, &user, serde_json::from_str(&kept).unwrap()).await;
    assert_eq!(again.len(), 0);

    let can_be_paid = |fine: &Fine| {
        (&fine.paid_status, &fine.status) == (&Some(PaidStatus::NoPaid), &Some(FineStatus::Active))
    };
    let unpaid = first.iter().find(|update| can_be_paid(&update.fine));
    let unpaid = unpaid.expect("one to pay").fine.id.clone();
    let call = client.create_invoice(&user, payer(), SUCCESS, FAIL).fines([unpaid.clone()]);
    let invoice = call.await.unwrap();
    sandbox.shtrafovnet().pay_invoice(invoice.id.as_str().parse().unwrap());
    sandbox.clock().advance(TimeDelta::seconds(60));
    let (changed, cursor) = updates(&client, &user, cursor).await;
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].fine.id, unpaid);
    assert!(changed[0].is_state_changed() && !changed[0].is_new());

    // The pictures come in the days that follow.
    sandbox.clock().advance(TimeDelta::days(10));
    let (pictures, _) = updates(&client, &user, cursor).await;
    assert!(pictures.iter().any(FineUpdate::has_new_pictures), "{}", pictures.len());
}

/// A list of changes in two pages, and one that happens between them.
#[tokio::test]
async fn a_change_behind_a_walk_is_told_by_the_next_one() {
    let fine = |id: u64, at: &str| {
        json!({"id": id, "updatedAt": format!("2025-01-01 {at}"),
        "updatedMask": "0100", "amount": 1})
    };
    let page = |number: u64, fines: Vec<Value>| {
        let mut answer = Replay::answer(200, "");
        answer.body = json!({"total": 3, "pages": 2, "page": number, "fines": fines});
        Ok(answer)
    };
    let transport = Arc::new(Replay::new([
        page(1, vec![fine(1, "12:00:00"), fine(2, "12:00:01")]),
        // Meanwhile fine 1 changed at :05 and fine 3 at :06.
        page(2, vec![fine(3, "12:00:06")]),
        page(1, vec![fine(2, "12:00:01"), fine(1, "12:00:05")]),
        page(2, vec![fine(3, "12:00:06")]),
    ]));
    let token = Identity::Token("not-a-real-token".into());
    let client = Client::builder(token)
        .base_url("http://127.0.0.1/")
        .options(Options::new().transport(transport.clone()))
        .build()
        .unwrap();
    let start = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let user = email("a@b");
    let (first, cursor) = updates(&client, &user, SyncCursor::new(start)).await;
    assert_eq!(first.len(), 3);
    let kept = serde_json::to_string(&cursor).unwrap();
    let (second, _) = updates(&client, &user, serde_json::from_str(&kept).unwrap()).await;
    let told: Vec<_> = second.iter().map(|update| update.fine.id.as_str()).collect();
    assert_eq!(told, ["1"], "the change that was missed, and nothing else");
    // The second walk began before the first had ended.
    let asked = &transport.requests()[2].url;
    assert!(asked.contains("update_started=2025-01-01%2011%3A59%3A"), "{asked}");
}

#[tokio::test]
async fn a_walk_over_updates_that_fails_does_not_move_its_cursor() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let user = email(Shtrafovnet::FLEET);
    let start = SyncCursor::new(NaiveDate::MIN.and_hms_opt(0, 0, 0).unwrap());
    let error = client.user_fine_updates(&user, start).next().await.unwrap().unwrap_err();
    assert!(error.is_input(), "a year that the service cannot read: {error}");

    let start = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    sandbox.inject(
        Fault::new(FaultKind::status(404))
            .path("/shtrafovnet/latest/webmasters/users/fleet@test.ru/fines")
            .skip(2)
            .times(1),
    );
    let mut walk = client.user_fine_updates(&user, SyncCursor::new(start));
    let mut given = 0;
    while let Some(Ok(_)) = walk.next().await {
        given += 1;
    }
    assert_eq!((given, walk.cursor().since()), (400, start));
    let whole = client.user_fine_updates(&user, walk.cursor().clone()).count().await;
    assert_eq!(whole as u64, sandbox.shtrafovnet().fleet_fines());
}

#[tokio::test]
async fn a_test_notification_arrives_and_is_understood() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/postback", listener.local_addr().unwrap());
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 64 * 1024];
        let mut length = 0;
        let body = loop {
            length += stream.read(&mut bytes[length..]).await.unwrap();
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if let Some((_, body)) =
                text.split_once("\r\n\r\n").filter(|(_, body)| body.ends_with('}'))
            {
                break body.to_owned();
            }
        };
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        body
    });
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.update_company().callback_url(url).await.unwrap();
    let fine = FineId::from(1231324);
    let sent = client.test_notification(NotificationType::Postback, &fine).await.unwrap();
    assert!(sent.message.as_ref().unwrap().contains("successfully"));
    let callback = Callback::parse(received.await.unwrap().as_bytes()).unwrap();
    assert_eq!(callback.fine.id, fine);
    assert_eq!(callback.fine, client.fine(&fine).await.unwrap().into_inner());
}
