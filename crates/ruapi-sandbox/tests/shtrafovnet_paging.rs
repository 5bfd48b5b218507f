//! Shtrafovnet: pages, wire forms, links that lead astray, and many fines.

mod common;

use common::shtrafovnet::{delete, get, ids, modern, new_car, post};
use ruapi_sandbox::shtrafovnet::NextLink;
use ruapi_sandbox::{Sandbox, Shtrafovnet};
use serde_json::{Value, json};

const FLEET: &str = "cars/2000000/fines";

/// A sandbox with modern forms and three fines a page; the fleet has so many fines.
async fn with_fines(count: u64) -> Sandbox {
    let sandbox = modern().await;
    sandbox.shtrafovnet().set_page_size(3);
    sandbox.shtrafovnet().set_fleet_fines(count);
    sandbox
}

async fn page(sandbox: &Sandbox, query: &str) -> Value {
    get(sandbox, &format!("{FLEET}{query}")).await.expect(200)
}

/// The link without the sandbox's address.
fn link(sandbox: &Sandbox, page: &Value, name: &str) -> Option<String> {
    let link = page["_links"].get(name)?.as_str().unwrap();
    let address = format!("{}{FLEET}", sandbox.shtrafovnet_url());
    Some(link.strip_prefix(&address).unwrap_or(link).to_owned())
}

#[tokio::test]
async fn pages_from_first_to_last() {
    let sandbox = with_fines(8).await;
    let mut seen = Vec::new();
    for (number, count) in [(1, 3), (2, 3), (3, 2)] {
        let page = page(&sandbox, &format!("?page={number}")).await;
        assert_eq!(
            [&page["pages"], &page["page"], &page["total"], &page["count"]],
            [3, number, 8, count]
        );
        let links = ["self", "first", "prev", "next", "last"];
        let expected = [
            Some(number),
            Some(1),
            (number > 1).then(|| number - 1),
            (number < 3).then(|| number + 1),
            Some(3),
        ];
        for (name, expected) in links.into_iter().zip(expected) {
            let expected = expected.map(|number| format!("?page={number}"));
            assert_eq!(link(&sandbox, &page, name), expected, "{name} of {number}");
        }
        seen.extend(ids(&page["fines"]));
    }
    assert_eq!(seen, (1_000_000_000..1_000_000_008).collect::<Vec<_>>());
    for number in [4, 1_000_000, u64::MAX] {
        let page = page(&sandbox, &format!("?page={number}")).await;
        assert_eq!((&page["count"], &page["total"]), (&json!(0), &json!(8)));
        assert_eq!(page["fines"], json!([]));
        assert_eq!(page["_links"].get("next"), None);
    }
    assert_eq!(page(&sandbox, "").await, page(&sandbox, "?page=1").await);
}

#[tokio::test]
async fn other_lists_have_pages_too() {
    let sandbox = with_fines(0).await;
    let user = Shtrafovnet::USER;
    for number in 0..2 {
        new_car(&sandbox, number, Some(user)).await;
        post(&sandbox, "users", json!({ "email": format!("{number}@test.ru") })).await.expect(201);
    }
    for _ in 0..3 {
        let body = json!({
            "email": Shtrafovnet::PAYER, "wireName": "А", "wireSurname": "А",
            "wirePatronymic": "А", "successUrl": "http://a.ru", "failUrl": "http://a.ru",
        });
        post(&sandbox, "invoices", body).await.expect(201);
    }
    let payer = Shtrafovnet::PAYER;
    for (path, key, total) in [
        ("users".to_owned(), "users", 5),
        (format!("users/{user}/cars"), "cars", 4),
        (format!("users/{user}/fines"), "fines", 11),
        ("invoices".to_owned(), "invoices", 4),
        (format!("users/{payer}/invoices"), "invoices", 4),
    ] {
        let mut found = Vec::new();
        let mut next = Some(1);
        while let Some(number) = next {
            let page = get(&sandbox, &format!("{path}?page={number}")).await.expect(200);
            assert_eq!(page["total"], total, "{path}");
            found.extend(ids(&page[key]));
            next = page["_links"].get("next").map(|_| number + 1);
        }
        assert_eq!(found.len(), total);
        found.dedup();
        assert_eq!(found.len(), total, "{path}");
        assert_eq!(get(&sandbox, &format!("{path}?page=0")).await.wrong_fields(), ["page"]);
    }
}

#[tokio::test]
async fn both_forms_of_lists() {
    let sandbox = Sandbox::start().await.unwrap();
    let shtrafovnet = sandbox.shtrafovnet();
    shtrafovnet.set_page_size(3);
    let text = format!("{}{FLEET}?page=1", sandbox.shtrafovnet_url());
    for (fines, documented, modern) in [
        (0, json!([]), json!([])),
        (1, json!({ "id": "1000000000" }), json!([{ "id": 1_000_000_000 }])),
        (
            2,
            json!([{ "id": "1000000000" }, { "id": "1000000001" }]),
            json!([{ "id": 1_000_000_000 }, { "id": 1_000_000_001 }]),
        ),
    ] {
        shtrafovnet.set_fleet_fines(fines);
        shtrafovnet.set_modern_forms(false);
        let expected =
            json!({ "total": fines, "count": fines, "_links": text, "fines": documented });
        assert_eq!(page(&sandbox, "?fields[]=id").await, expected);
        shtrafovnet.set_modern_forms(true);
        let expected = json!({ "total": fines, "count": fines, "fines": modern });
        assert_eq!(page(&sandbox, "?fields[]=id").await, expected);
    }
    // The last page of several is a lone object, too; its numbers are numbers.
    shtrafovnet.set_fleet_fines(4);
    shtrafovnet.set_modern_forms(false);
    let last = page(&sandbox, "?fields[]=id&page=2").await;
    assert_eq!(last["fines"], json!({ "id": "1000000003" }));
    assert_eq!([&last["pages"], &last["page"], &last["total"], &last["count"]], [2, 2, 4, 1]);
    assert!(last["_links"].is_object());
}

#[tokio::test]
async fn both_forms_of_values() {
    let sandbox = Sandbox::start().await.unwrap();
    let filters = "users/user@test.ru/fines?paid=paid";
    sandbox.shtrafovnet().set_modern_forms(true);
    let fine = get(&sandbox, filters).await.expect(200)["fines"][0].take();
    for (name, value) in [
        ("id", json!(1)),
        ("amount", json!(500)),
        ("enablePics", json!(true)),
        ("isDiscount", json!(false)),
        ("loadPics", json!(1)),
        ("isPaidMarked", Value::Null),
        ("expiredDays", Value::Null),
        ("fsspIp", json!("")),
        ("updatedMask", json!("0011")),
        ("paidAmount", json!("0.00")),
        ("companyId", json!(200)),
    ] {
        assert_eq!(fine[name], value, "{name}");
    }
    assert!(fine["pics"][0].as_str().unwrap().starts_with("https://"));
    let single = get(&sandbox, "fines/1").await.expect(200);
    assert_eq!(single["pics"], fine["pics"]);
    assert_eq!(single.as_object().unwrap().len(), 54);
    let invoice = get(&sandbox, "invoices/777").await.expect(200);
    assert_eq!((&invoice["amount"], &invoice["orders"]), (&json!(500), &Value::Null));
    assert_eq!(get(&sandbox, "account").await.expect(200)["id"], 777);
}

#[tokio::test]
async fn links_that_lead_astray() {
    let sandbox = with_fines(7).await;
    let query = "?page=2&fields[]=id&paid=nopaid";
    let base = format!("{}{FLEET}", sandbox.shtrafovnet_url());
    let foreign = base.replace(sandbox.url().trim_end_matches('/'), "https://evil.example");
    for (next_link, expected) in [
        (NextLink::Normal, Some(format!("{base}?page=3"))),
        (NextLink::WithFilters, Some(format!("{base}?page=3&fields%5B%5D=id&paid=nopaid"))),
        (NextLink::ForeignHost, Some(format!("{foreign}?page=3"))),
        (NextLink::Backwards, Some(format!("{base}?page=1"))),
        (NextLink::Repeat, Some(format!("{base}?page=2"))),
        (NextLink::Endless, Some(format!("{base}?page=3"))),
        (NextLink::Missing, None),
    ] {
        sandbox.shtrafovnet().set_next_link(next_link);
        let page = page(&sandbox, query).await;
        let next = page["_links"].get("next").map(|next| next.as_str().unwrap().to_owned());
        assert_eq!(next, expected, "{next_link:?}");
        assert_eq!(page["pages"], 3);
    }
    sandbox.shtrafovnet().set_next_link(NextLink::Endless);
    let past = page(&sandbox, "?page=5").await;
    assert_eq!(past["fines"], page(&sandbox, "?page=2").await["fines"]);
    assert_eq!(link(&sandbox, &past, "next").unwrap(), "?page=6");
    sandbox.shtrafovnet().set_fleet_fines(1);
    assert_eq!(link(&sandbox, &page(&sandbox, "").await, "next").unwrap(), "?page=2");
    sandbox.shtrafovnet().set_next_link(NextLink::Backwards);
    sandbox.shtrafovnet().set_fleet_fines(7);
    assert_eq!(link(&sandbox, &page(&sandbox, "").await, "next").unwrap(), "?page=2");
}

#[tokio::test]
async fn millions_of_fines() {
    let sandbox = modern().await;
    sandbox.shtrafovnet().set_fleet_fines(Shtrafovnet::LARGEST_FLEET);
    for path in [FLEET.to_owned(), format!("users/{}/fines", Shtrafovnet::FLEET)] {
        let page = get(&sandbox, &format!("{path}?page=50000&fields=updatedAt")).await.expect(200);
        assert_eq!([&page["total"], &page["pages"], &page["count"]], [10_000_000, 50_000, 200]);
        let last = json!({ "id": 1_009_999_999, "updatedAt": "2025-08-20 11:33:18" });
        assert_eq!(page["fines"][199], last);
    }
    let last = get(&sandbox, "fines/1009999999").await.expect(200);
    assert_eq!(
        (&last["car"], &last["updatedAt"]),
        (&json!(2_000_000), &json!("2025-08-20 11:33:18"))
    );
    let car = get(&sandbox, "cars/2000000").await.expect(200);
    assert_eq!(
        (&car["finesCount"], &car["finesAmount"]),
        (&json!(10_000_000), &json!(5_000_000_000_u64))
    );
    for (query, total, first) in [
        ("update_started=2025-08-20+11:33:00", 10, 9_999_990),
        ("update_started=2025-08-20+11:32:59", 10, 9_999_990),
        ("update_started=2025-08-20+11:33:01", 9, 9_999_991),
        ("update_ended=2025-01-01+00:00:04", 3, 0),
        ("update_ended=2025-01-01+00:00:05", 3, 0),
        ("create_started=2025-01-01+00:00:03&create_ended=2025-01-01+00:00:06", 2, 2),
        ("update_started=2025-01-01+00:00:10&create_ended=2025-01-01+00:00:06", 0, 0),
        ("update_ended=2024-01-01+00:00:00", 0, 0),
        ("update_started=2026-01-01+00:00:00", 0, 0),
    ] {
        let page = get(&sandbox, &format!("{FLEET}?fields=id&{query}")).await.expect(200);
        assert_eq!(page["total"], total, "{query}");
        if total > 0 {
            assert_eq!(page["fines"][0]["id"], 1_000_000_000_u64 + first, "{query}");
        }
    }
}

#[tokio::test]
async fn the_fleet_obeys_the_other_filters() {
    let sandbox = with_fines(1_000).await;
    for (query, total) in [
        ("paid=nopaid", 1_000),
        ("paid=paid", 0),
        ("org=madi", 0),
        ("uins=18810000001000000007", 1),
        ("uin_search=00000099", 11),
        ("started=2025-01-02", 0),
        ("filters=expired", 1_000),
        ("filters=pics", 0),
    ] {
        assert_eq!(page(&sandbox, &format!("?{query}")).await["total"], total, "{query}");
    }
    let body = json!({
        "email": Shtrafovnet::FLEET, "wireName": "А", "wireSurname": "А", "wirePatronymic": "А",
        "successUrl": "http://a.ru", "failUrl": "http://a.ru",
        "fines": [1_000_000_003_u64, 1_000_000_500_u64],
    });
    let invoice = post(&sandbox, "invoices", body).await.expect(201);
    sandbox.shtrafovnet().pay_invoice(invoice["id"].as_u64().unwrap());
    sandbox.clock().advance(chrono::TimeDelta::minutes(1));
    let paid = page(&sandbox, "?paid=paid&fields=id").await;
    assert_eq!(ids(&paid["fines"]), [1_000_000_003, 1_000_000_500]);
    let updated = page(&sandbox, "?update_started=2025-08-26+00:00:00&fields=id").await;
    assert_eq!(updated["total"], 2);
    assert_eq!(get(&sandbox, "cars/2000000").await.expect(200)["finesCount"], 998);
    assert_eq!(delete(&sandbox, "cars/2000000").await.status, 204);
    assert_eq!(get(&sandbox, FLEET).await.status, 404);
}
