//! Following, cancelling, dictionaries and files, against the sandbox.

mod common;

use chrono::{TimeDelta, TimeZone, Utc};
use common::{archive, client, meta};
use epgu_gusmev::{Cancellation, FileLink, Kind, OrderId, ProcessingState, StatusId};
use futures_util::TryStreamExt;
use ruapi_sandbox::epgu::{OrderForm, Promise, Settings};
use ruapi_sandbox::{Epgu, Fault, FaultKind, Sandbox};

fn id(number: u64) -> OrderId {
    OrderId::new(number).unwrap()
}

#[tokio::test]
async fn what_is_only_asked_for_and_not_there_was_not_processed() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let link = FileLink::new(1, 3, "result.pdf").unwrap();
    sandbox.inject(Fault::new(FaultKind::status(204)));
    let walked = client.dictionary("BIC").items().try_next().await.unwrap_err();
    for error in [
        client.download(&link).to_writer(&mut Vec::new()).await.unwrap_err(),
        client.dictionary("BIC").await.unwrap_err(),
        walked,
        client.order(id(7)).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.maybe_processed()), (Kind::NotFound, false), "{error}");
        assert_eq!((error.attempts(), error.status().map(|it| it.as_u16())), (1, Some(204)));
    }
}

#[tokio::test]
async fn an_application_is_followed_to_its_end_and_its_file_fetched() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.clock().freeze();
    let client = client(&sandbox);
    let order = client.submit(&meta(), archive(100)).await.unwrap().order;
    let info = client.order(order).await.unwrap();
    assert_eq!((info.code.as_ref(), info.is_final()), (Some(&ProcessingState::New), false));
    for form in [OrderForm::String, OrderForm::Object] {
        sandbox.epgu().change(|settings: &mut Settings| settings.order_form = form);
        sandbox.clock().advance(TimeDelta::days(30));
        let info = client.order(order).await.unwrap();
        assert!(info.is_final(), "{form:?} {info:?}");
        let details = info.order.as_ref().unwrap();
        assert!(details.statuses.iter().any(|status| status.status_id == Some(StatusId::Received)));
    }
    let info = client.order(order).await.unwrap();
    let details = info.order.as_ref().unwrap();
    let files: Vec<_> = details.results().map(|(file, link)| (file, link.unwrap())).collect();
    assert_eq!(files.len(), 2);
    let folder = tempfile::tempdir().unwrap();
    for (n, (file, link)) in files.iter().enumerate() {
        let path = folder.path().join(n.to_string());
        let length = client.download(link).to_file(&path).await.unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!((length, file.file_size), (bytes.len() as u64, Some(bytes.len() as i64)));
        assert!(bytes.iter().enumerate().all(|(n, byte)| *byte == Epgu::file_byte(n as u64)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    let requests = sandbox.requests_total();
    let error = client.download(&files[0].1).to_file(folder.path()).await.unwrap_err();
    assert!(error.is_input() && error.attempts() == 0, "{error}");
    assert_eq!(sandbox.requests_total(), requests);
}

#[tokio::test]
async fn a_download_that_breaks_off_leaves_no_file() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.clock().advance(TimeDelta::days(1));
    let client = client(&sandbox);
    let order = client.submit(&meta(), archive(100)).await.unwrap().order;
    sandbox.clock().advance(TimeDelta::days(30));
    let info = client.order(order).await.unwrap();
    let link = info.order.as_ref().unwrap().results().next().unwrap().1.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.pdf");
    sandbox
        .epgu()
        .change(|settings: &mut Settings| settings.file_promise = Promise::Bytes(1 << 30));
    let error = client.download(&link).to_file(&path).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Interrupted, "{error}");
    sandbox.epgu().change(|settings: &mut Settings| settings.file_promise = Promise::Exact);
    sandbox.inject(
        Fault::new(FaultKind::Cut { processed: true, after_bytes: 300, reset: true }).times(1),
    );
    assert!(client.download(&link).to_file(&path).await.is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "not even a part");

    let unknown = FileLink::new(1, 3, "нет такого.pdf").unwrap();
    let error = client.download(&unknown).to_file(&path).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    let elsewhere = "https://evil.example/x".to_owned();
    let redirect = FaultKind::Redirect { status: 302, location: elsewhere, processed: false };
    sandbox.inject(Fault::new(redirect).times(1));
    let error = client.download(&link).to_file(&path).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Redirect);
}

#[tokio::test]
async fn a_cancellation_has_three_results() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let cancel = |order| {
        let call = client.cancel(order);
        async move { call.await.unwrap().into_inner() }
    };
    assert_eq!(cancel(id(Epgu::CANCELLABLE_ORDER)).await, Cancellation::Cancelled);
    assert_eq!(cancel(id(Epgu::EXAMPLE_ORDER)).await, Cancellation::NotAllowed);
    assert_eq!(cancel(id(404_404)).await, Cancellation::NotFound);
    assert_eq!(sandbox.epgu().counts().cancelled, 1);
    // A page of somebody in between is none of them.
    sandbox.inject(Fault::new(FaultKind::Html { status: 200, processed: false }).times(1));
    let error = client.cancel(id(Epgu::CANCELLABLE_ORDER)).await.unwrap_err();
    assert_eq!((error.kind(), error.maybe_processed()), (Kind::Decode, true));
    assert_eq!(client.order(id(404_404)).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn many_orders_are_asked_about_in_few_calls() {
    let sandbox = Sandbox::start().await.unwrap();
    let numbers = sandbox.epgu().add_orders(1000);
    let client = client(&sandbox);
    let ids: Vec<OrderId> = numbers.clone().chain([404_404]).map(id).collect();
    sandbox.clear_requests();
    let found: Vec<_> = client.statuses(ids.clone()).items().try_collect().await.unwrap();
    assert_eq!(found.len(), ids.len());
    assert_eq!(found.iter().filter(|found| found.status.is_none()).count(), 1);
    assert!(sandbox.requests_total() <= 6, "{}", sandbox.requests_total());

    let since = Utc.with_ymd_and_hms(2000, 1, 1, 0, 0, 0).unwrap();
    let updated: Vec<_> = client.updated_after(since).items().try_collect().await.unwrap();
    let mut orders: Vec<OrderId> = updated.iter().map(|found| found.order_id).collect();
    orders.sort_unstable();
    orders.dedup();
    assert_eq!(orders.len(), updated.len(), "none twice");
    assert!(orders.len() >= 1000);
    assert!(client.statuses([]).await.unwrap_err().is_input());
}

#[tokio::test]
async fn dictionaries_are_read_without_a_credential() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.epgu().change(|settings: &mut Settings| settings.large_dictionary = 3000);
    let client = client(&sandbox);
    let page = client.dictionary(Epgu::DICTIONARY).page(1).page_size(2).await.unwrap();
    assert_eq!((page.total, page.items.len()), (Some(899), 2));
    let whole = client.dictionary(Epgu::TREE_DICTIONARY).tree().await.unwrap();
    assert!(whole.items.iter().flat_map(|item| item.walk()).count() >= 60);
    let large = client.dictionary(Epgu::LARGE_DICTIONARY).items();
    let items: Vec<_> = large.try_collect().await.unwrap();
    assert_eq!(items.len(), 3000);
    let error = client.dictionary("NO_SUCH").await.unwrap_err();
    assert!(error.code().is_some() && !error.maybe_processed(), "{error}");
    assert_eq!(sandbox.epgu().counts().dictionary_requests_with_credential, 0);

    // Nested deeper than anything sound.
    sandbox.epgu().change(|settings: &mut Settings| settings.deep_dictionary = 10_000);
    let error = client.dictionary(Epgu::DEEP_DICTIONARY).tree().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
}
