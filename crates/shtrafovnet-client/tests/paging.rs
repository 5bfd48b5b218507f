//! Walking over lists: whole, resumable, and safe from what the service says comes next.

mod common;

use std::sync::{Arc, Mutex};

use common::{client, client_with, count, email};
use futures_util::{StreamExt, TryStreamExt};
use ruapi_core::test_util::Recorder;
use ruapi_core::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use ruapi_sandbox::shtrafovnet::NextLink;
use ruapi_sandbox::{Fault, FaultKind, Sandbox, Shtrafovnet};
use shtrafovnet_client::fines::{FineField, PaidFilter};
use shtrafovnet_client::{BoxFuture, Continuation, Email, Fine, Kind, Options};

const FINES: u64 = 1050;
const FLEET_PATH: &str = "/shtrafovnet/latest/webmasters/users/fleet@test.ru/fines";

async fn fleet() -> (Sandbox, Email) {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.shtrafovnet().set_fleet_fines(FINES);
    (sandbox, email(Shtrafovnet::FLEET))
}

/// Keeps where requests went, and passes them on.
#[derive(Debug, Default)]
struct Sent(Mutex<Vec<String>>);

impl Transport for Sent {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        self.0.lock().unwrap().push(request.url.clone());
        Box::pin(async {
            let network = Recorder::over_http().expect("a client");
            network.send(request).await
        })
    }
}

#[tokio::test]
async fn a_walk_resumed_after_the_list_shrank_misses_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    for n in 0..30 {
        client.create_user(&email(&format!("{n}@fleet.example"))).await.unwrap();
    }
    sandbox.shtrafovnet().set_page_size(10);
    let mut walk = client.users().items();
    let mut given = Vec::new();
    for _ in 0..10 {
        given.push(walk.next().await.unwrap().unwrap().id.to_string());
    }
    for n in 0..3 {
        client.delete_user(&email(&format!("{n}@fleet.example"))).await.unwrap();
    }
    // It notices, goes back, gives one more, and is stopped.
    given.push(walk.next().await.unwrap().unwrap().id.to_string());
    let rest = client.users().resume(walk.continuation().to_string().parse().unwrap());
    given.extend(rest.map_ok(|user| user.id.to_string()).try_collect::<Vec<_>>().await.unwrap());
    let now: Vec<_> = client.users().items().try_collect().await.unwrap();
    for user in now {
        assert!(given.contains(&user.id.to_string()), "{} was missed", user.id);
    }
}

fn ids(fines: &[Fine]) -> Vec<&str> {
    fines.iter().map(|fine| fine.id.as_str()).collect()
}

#[tokio::test]
async fn a_walk_gives_every_item_once_in_both_forms() {
    let (sandbox, user) = fleet().await;
    let client = client(&sandbox);
    let mut walks = Vec::new();
    for modern in [false, true] {
        sandbox.shtrafovnet().set_modern_forms(modern);
        let fines: Vec<Fine> = client.user_fines(&user).items().try_collect().await.unwrap();
        assert_eq!(fines.len() as u64, FINES);
        assert_eq!(
            fines.iter().map(|fine| &fine.id).collect::<std::collections::HashSet<_>>().len(),
            fines.len()
        );
        walks.push(fines);
    }
    assert_eq!(ids(&walks[0]), ids(&walks[1]));
    // Six pages each, and no page was asked for in vain.
    assert_eq!(count(&sandbox, "GET", "/fines"), 12);
}

#[tokio::test]
async fn all_lists_can_be_walked() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.shtrafovnet().set_page_size(1);
    let client = client(&sandbox);
    let user = email(Shtrafovnet::USER);
    assert_eq!(client.users().items().try_collect::<Vec<_>>().await.unwrap().len(), 3);
    let cars: Vec<_> = client.user_cars(&user).items().try_collect().await.unwrap();
    assert_eq!(cars.iter().map(|car| car.id.as_str()).collect::<Vec<_>>(), ["1212", "1003726"]);
    let fines: Vec<_> = client.car_fines(&1212.into()).items().try_collect().await.unwrap();
    assert_eq!(fines.len(), 10);
    let payer = email(Shtrafovnet::PAYER);
    assert_eq!(client.user_invoices(&payer).items().count().await, 1);
    assert_eq!(client.invoices().items().count().await, 1);
}

#[tokio::test]
async fn a_walk_is_resumed_where_it_stood() {
    let (sandbox, user) = fleet().await;
    let client = client(&sandbox);
    let mut walk = client.user_fines(&user).items();
    let mut fines = Vec::new();
    for _ in 0..555 {
        fines.push(walk.next().await.unwrap().unwrap());
    }
    let kept = walk.continuation().to_string();
    drop(walk);
    sandbox.clear_requests();
    let from: Continuation = kept.parse().unwrap();
    let rest = client.user_fines(&user).resume(from);
    fines.extend(rest.try_collect::<Vec<_>>().await.unwrap());
    assert_eq!(fines.len() as u64, FINES);
    let all: Vec<Fine> = client.user_fines(&user).items().try_collect().await.unwrap();
    assert_eq!(ids(&fines), ids(&all));

    let nonsense: Continuation = "3@seven".parse().unwrap();
    let error = client.user_fines(&user).resume(nonsense).next().await.unwrap().unwrap_err();
    assert!(error.is_input(), "{error}");
}

#[tokio::test]
async fn the_filters_go_with_every_page() {
    let (sandbox, user) = fleet().await;
    let client = client(&sandbox);
    let call = client.user_fines(&user).paid([PaidFilter::NoPaid]).fields([FineField::Amount]);
    let fines: Vec<Fine> = call.items().try_collect().await.unwrap();
    assert!(fines.len() > 400, "several pages");
    assert!(fines.iter().all(|fine| fine.amount.is_some() && fine.car.is_none()));
    let pages = sandbox.requests().into_iter().filter(|request| request.path.ends_with("/fines"));
    for page in pages {
        let query = format!("{:?}", page.query);
        assert!(query.contains("nopaid") && query.contains("amount"), "{query}");
    }
}

#[tokio::test]
async fn pages_come_one_by_one_or_as_asked() {
    let (sandbox, user) = fleet().await;
    let client = client(&sandbox);
    let sizes: Vec<usize> = client
        .user_fines(&user)
        .pages()
        .map_ok(|page| page.items.len())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(sizes, [200, 200, 200, 200, 200, 50]);
    let last = client.user_fines(&user).page(6).await.unwrap();
    assert_eq!(
        (last.page, last.pages, last.total, last.count),
        (Some(6), Some(6), Some(FINES), Some(50))
    );
    assert!(client.user_fines(&user).page(0).await.unwrap_err().is_input());
    assert_eq!(client.user_fines(&user).page(7).await.unwrap().items, []);
}

#[tokio::test]
async fn a_link_to_another_host_gives_its_page_number_and_gets_no_token() {
    for modern in [false, true] {
        let (sandbox, user) = fleet().await;
        sandbox.shtrafovnet().set_modern_forms(modern);
        sandbox.shtrafovnet().set_next_link(NextLink::ForeignHost);
        let sent = Arc::new(Sent::default());
        let client = client_with(&sandbox, Options::new().transport(sent.clone()));
        let call = client.user_fines(&user).paid([PaidFilter::NoPaid]);
        let fines: Vec<Fine> = call.items().try_collect().await.unwrap();
        assert!(fines.len() > 400, "several pages");
        // The original query went with each, and all went to the sandbox.
        let sent = sent.0.lock().unwrap();
        assert!(sent.iter().all(|url| url.starts_with(&sandbox.url())));
        let pages = sent.iter().filter(|url| url.contains("/fines"));
        assert!(pages.clone().all(|url| url.contains("nopaid")) && pages.count() > 2);
    }
}

#[tokio::test]
async fn a_link_that_leads_astray_is_an_error_and_gets_no_token() {
    for (link, good_items, expected) in [
        (NextLink::Repeat, 0, "names page 1 as the next"),
        (NextLink::Backwards, 200, "names page 1 as the next"),
        (NextLink::Endless, 1000, "no end in sight"),
    ] {
        for modern in [false, true] {
            let (sandbox, user) = fleet().await;
            sandbox.shtrafovnet().set_modern_forms(modern);
            sandbox.shtrafovnet().set_next_link(link);
            let sent = Arc::new(Sent::default());
            let client = client_with(&sandbox, Options::new().transport(sent.clone()));
            let (mut given, mut errors) = (0, Vec::new());
            let mut walk = client.user_fines(&user).items();
            while let Some(item) = walk.next().await {
                match item {
                    Ok(_) => given += 1,
                    Err(error) => errors.push(error),
                }
            }
            assert_eq!(errors.len(), 1, "{link:?}");
            assert_eq!(errors[0].kind(), Kind::Decode, "{link:?}");
            assert!(errors[0].to_string().contains(expected), "{link:?}: {}", errors[0]);
            assert_eq!(given, good_items, "{link:?}");
            assert!(count(&sandbox, "GET", "/fines") <= 7, "{link:?}");
            // Whatever was sent, token and all, went to the sandbox.
            let sent = sent.0.lock().unwrap();
            assert!(!sent.is_empty() && sent.iter().all(|url| url.starts_with(&sandbox.url())));
        }
    }
}

#[tokio::test]
async fn a_list_without_links_is_walked_by_its_count_of_pages() {
    for link in [NextLink::Missing, NextLink::WithFilters] {
        let (sandbox, user) = fleet().await;
        sandbox.shtrafovnet().set_next_link(link);
        let fines: Vec<Fine> =
            client(&sandbox).user_fines(&user).items().try_collect().await.unwrap();
        assert_eq!(fines.len() as u64, FINES);
    }
}

#[tokio::test]
async fn a_list_that_loses_items_on_the_way_is_read_whole() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    for n in 0..30 {
        client.create_user(&email(&format!("{n}@fleet.example"))).await.unwrap();
    }
    sandbox.shtrafovnet().set_page_size(10);
    let all: Vec<_> = client.users().items().try_collect().await.unwrap();
    let mut walk = client.users().items();
    let mut given = Vec::new();
    for _ in 0..15 {
        given.push(walk.next().await.unwrap().unwrap());
    }
    for n in 0..5 {
        client.delete_user(&email(&format!("{n}@fleet.example"))).await.unwrap();
    }
    given.extend(walk.try_collect::<Vec<_>>().await.unwrap());
    let mut ids: Vec<u64> = given.iter().map(|user| user.id.as_str().parse().unwrap()).collect();
    ids.sort_unstable();
    let mut expected: Vec<u64> = all.iter().map(|user| user.id.as_str().parse().unwrap()).collect();
    expected.sort_unstable();
    assert_eq!(ids, expected, "whoever was there all the time is given, once");
}

#[tokio::test]
async fn an_error_ends_the_walk_where_it_can_be_resumed() {
    let (sandbox, user) = fleet().await;
    let client = client(&sandbox);
    client.company().await.unwrap();
    sandbox.inject(Fault::new(FaultKind::status(404)).path(FLEET_PATH).skip(2).times(1));
    let mut walk = client.user_fines(&user).items();
    let mut given = 0;
    let error = loop {
        match walk.next().await.unwrap() {
            Ok(_) => given += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((given, error.kind()), (400, Kind::NotFound));
    let rest = client.user_fines(&user).resume(walk.continuation()).count().await;
    assert_eq!(rest as u64, FINES - 400);
}
