//! Shtrafovnet: cars, and scans of them.

mod common;

use chrono::TimeDelta;
use common::shtrafovnet::{delete, fines_of, get, ids, modern, new_car, patch, post};
use reqwest::Method;
use ruapi_sandbox::shtrafovnet::{CarStatus, ScanOutcome, ScanStatusMethods};
use ruapi_sandbox::{Sandbox, Shtrafovnet};
use serde_json::{Value, json};

const USER: &str = Shtrafovnet::USER;

/// A scan from its beginning to its end.
async fn scan(sandbox: &Sandbox, car: u64) -> Value {
    let begun = post(sandbox, "scan", json!({ "car": car })).await.expect(201);
    assert_eq!((&begun["status"], &begun["car"]), (&json!("process"), &json!(car)));
    sandbox.clock().advance(TimeDelta::seconds(60));
    post(sandbox, &format!("scan/{}", begun["id"]), Value::Null).await.expect(200)["status"].take()
}

#[tokio::test]
async fn cars_are_created_changed_and_deleted() {
    let sandbox = modern().await;
    let body = json!({ "cert": "0000000001", "reg": "а001аа00", "driverLicense": "0000000000" });
    let car = post(&sandbox, "cars", body).await.expect(201);
    let expected = json!({
        "id": 3_000_001, "name": null, "driverLicense": "0000000000", "reg": "а001аа00",
        "cert": "0000000001", "status": "new", "inactiveReason": null, "gisScannedAt": null,
        "gibddScannedAt": null, "ditScannedAt": null, "createdAt": "2025-08-26 12:00:00",
        "email": null, "finesCount": 0, "finesAmount": 0,
    });
    assert_eq!(car, expected);
    assert_eq!(get(&sandbox, "cars/3000001").await.expect(200), expected);

    let body = json!({ "name": "LADA", "email": USER });
    let car = patch(&sandbox, "cars/3000001", body).await.expect(200);
    assert_eq!((&car["name"], &car["email"]), (&json!("LADA"), &json!(USER)));
    let wrong = json!({ "cert": "1", "reg": "1", "driverLicense": null, "email": "no@test.ru" });
    let wrong = patch(&sandbox, "cars/3000001", wrong).await.wrong_fields();
    assert_eq!(wrong, ["cert", "driverLicense", "email", "reg"]);

    let wrong = json!({ "cert": " ", "email": "nobody@test.ru", "name": [] });
    assert_eq!(
        post(&sandbox, "cars", wrong).await.wrong_fields(),
        ["cert", "email", "name", "reg"]
    );
    assert_eq!(sandbox.shtrafovnet().cars_created(), 1);

    assert_eq!(delete(&sandbox, "cars/3000001").await.status, 204);
    for path in
        ["cars/3000001", "cars/3000001/fines", "cars/1", "cars/x", "cars/%2b1212", "cars/%ff"]
    {
        assert_eq!(get(&sandbox, path).await.status, 404, "{path}");
    }
    assert_eq!(delete(&sandbox, "cars/3000001").await.status, 404);
    assert_eq!(patch(&sandbox, "cars/3000001", json!({})).await.status, 404);
    let body = json!({ "car": 3_000_001 });
    assert_eq!(post(&sandbox, "scan", body).await.wrong_fields(), ["car"]);
}

#[tokio::test]
async fn a_user_has_four_cars() {
    let sandbox = modern().await;
    for number in 0..2 {
        new_car(&sandbox, number, Some(USER)).await;
    }
    let more = json!({ "cert": "1", "reg": "1", "email": USER });
    assert_eq!(post(&sandbox, "cars", more).await.wrong_fields(), ["email"]);
    let alone = new_car(&sandbox, 9, None).await;
    let path = format!("cars/{alone}");
    let refused = patch(&sandbox, &path, json!({ "email": USER })).await.expect(400);
    let message = json!(["A user can not have more than 4 cars."]);
    assert_eq!(refused["errors"], json!({ "email": message }));
    // One that belongs to the user already is none more.
    patch(&sandbox, "cars/1212", json!({ "email": USER, "name": "A" })).await.expect(200);
    assert_eq!(delete(&sandbox, "cars/1212").await.status, 204);
    patch(&sandbox, &path, json!({ "email": USER })).await.expect(200);
    assert_eq!(sandbox.shtrafovnet().cars_created(), 3);
}

#[tokio::test]
async fn a_car_without_an_owner_is_removed_after_a_week() {
    let sandbox = modern().await;
    let alone = new_car(&sandbox, 1, None).await;
    let owned = new_car(&sandbox, 2, Some(USER)).await;
    let lost = new_car(&sandbox, 3, Some(USER)).await;
    sandbox.clock().advance(TimeDelta::days(3));
    patch(&sandbox, &format!("cars/{lost}"), json!({ "email": null })).await.expect(200);
    let status = async |car: u64| get(&sandbox, &format!("cars/{car}")).await.status;
    sandbox.clock().advance(TimeDelta::days(4) - TimeDelta::seconds(1));
    assert_eq!(status(alone).await, 200);
    sandbox.clock().advance(TimeDelta::seconds(1));
    assert_eq!((status(alone).await, status(owned).await, status(lost).await), (404, 200, 200));
    sandbox.clock().advance(TimeDelta::days(3));
    assert_eq!((status(owned).await, status(lost).await), (200, 404));
}

#[tokio::test]
async fn cars_are_filtered_by_status() {
    let sandbox = modern().await;
    new_car(&sandbox, 1, Some(USER)).await;
    for (query, expected) in [
        ("", vec![1212, 1_003_726, 3_000_001]),
        ("?status=new", vec![3_000_001]),
        ("?status=active", vec![1212]),
        ("?status[0]=new&status[1]=archived", vec![1_003_726, 3_000_001]),
        ("?status=inactive", vec![]),
    ] {
        let list = get(&sandbox, &format!("users/{USER}/cars{query}")).await.expect(200);
        assert_eq!(ids(&list["cars"]), expected, "{query}");
    }
    let wrong = get(&sandbox, &format!("users/{USER}/cars?status=deleted")).await;
    assert_eq!(wrong.wrong_fields(), ["status"]);
    sandbox.shtrafovnet().set_car_status(3_000_001, Some(CarStatus::Inactive));
    assert_eq!(get(&sandbox, "cars/3000001").await.expect(200)["status"], "inactive");
}

#[tokio::test]
async fn a_scan_finds_the_fines() {
    let sandbox = modern().await;
    let car = new_car(&sandbox, 2, None).await;
    let begun = post(&sandbox, "scan", json!({ "car": car.to_string() })).await.expect(201);
    let path = format!("scan/{}", begun["id"]);
    sandbox.clock().advance(TimeDelta::seconds(29));
    assert_eq!(post(&sandbox, &path, Value::Null).await.expect(200), begun);
    assert!(fines_of(&sandbox, car).await.is_empty());
    sandbox.clock().advance(TimeDelta::seconds(31));
    for method in [Method::POST, Method::GET] {
        let scan = common::shtrafovnet::call(&sandbox, method, &path, Value::Null).await;
        assert_eq!(scan.expect(200)["status"], "done");
    }
    let fines = fines_of(&sandbox, car).await;
    assert!(!fines.is_empty());
    let shown = get(&sandbox, &format!("cars/{car}")).await.expect(200);
    assert_eq!(shown["status"], "active");
    let unpaid: Vec<_> = fines
        .iter()
        .filter(|fine| fine["isPaid"] == false && fine["status"] != "inactive")
        .map(|fine| fine["totalAmount"].as_u64().unwrap())
        .collect();
    assert_eq!(shown["finesCount"], unpaid.len());
    assert_eq!(shown["finesAmount"], unpaid.iter().sum::<u64>());

    // The same car anywhere has the same fines, but for what names the car.
    let other = modern().await;
    new_car(&other, 9, None).await;
    let again = new_car(&other, 2, None).await;
    post(&other, "scan", json!({ "car": again })).await.expect(201);
    other.clock().advance(TimeDelta::seconds(60));
    let alike = |fines: &[Value]| -> Vec<_> {
        let names = ["amount", "discountSize", "whoseOrg", "postedAt", "paidStatus", "koapCode"];
        fines.iter().map(|fine| names.map(|name| fine[name].clone())).collect()
    };
    assert_eq!(alike(&fines_of(&other, again).await), alike(&fines));
    assert_eq!(sandbox.shtrafovnet().scans_created(), 1);
}

#[tokio::test]
async fn ends_of_scans() {
    let sandbox = modern().await;
    let car = new_car(&sandbox, 2, None).await;
    let shtrafovnet = sandbox.shtrafovnet();
    shtrafovnet.push_scan_outcome(ScanOutcome::Fail);
    shtrafovnet.push_scan_outcome(ScanOutcome::Skip);
    assert_eq!(scan(&sandbox, car).await, "fail");
    assert_eq!(scan(&sandbox, car).await, "skip");
    assert!(fines_of(&sandbox, car).await.is_empty());
    assert_eq!(scan(&sandbox, car).await, "done");
    assert_eq!(scan(&sandbox, car).await, "skip");
    sandbox.clock().advance(TimeDelta::minutes(10));
    assert_eq!(scan(&sandbox, car).await, "done");

    shtrafovnet.set_scan_seconds(Some(0));
    let begun = post(&sandbox, "scan", json!({ "car": 20 })).await.expect(201);
    assert_eq!(begun["status"], "process");
    let path = format!("scan/{}", begun["id"]);
    assert_eq!(get(&sandbox, &path).await.expect(200)["status"], "done");

    for (methods, allowed, refused) in [
        (ScanStatusMethods::Post, Method::POST, Method::GET),
        (ScanStatusMethods::Get, Method::GET, Method::POST),
    ] {
        shtrafovnet.set_scan_status_methods(methods);
        for (method, status) in [(allowed, 200), (refused, 405)] {
            let answer = common::shtrafovnet::call(&sandbox, method, &path, Value::Null).await;
            assert_eq!(answer.status, status);
        }
    }
    for body in [json!({}), json!({ "car": "" }), json!({ "car": "x" }), json!({ "car": 1 })] {
        assert_eq!(post(&sandbox, "scan", body).await.wrong_fields(), ["car"]);
    }
    assert_eq!(get(&sandbox, "scan/1").await.status, 404);
}

#[tokio::test]
async fn an_owned_car_gets_fines_by_itself() {
    let sandbox = modern().await;
    let owned = new_car(&sandbox, 2, Some(USER)).await;
    let alone = new_car(&sandbox, 2, None).await;
    sandbox.clock().advance(TimeDelta::days(1) - TimeDelta::seconds(1));
    assert!(fines_of(&sandbox, owned).await.is_empty());
    sandbox.clock().advance(TimeDelta::seconds(1));
    let fines = fines_of(&sandbox, owned).await;
    assert!(!fines.is_empty());
    assert_eq!(fines[0]["createdAt"], "2025-08-27 12:00:00");
    assert!(fines_of(&sandbox, alone).await.is_empty());
    // What was found stays, without the owner too.
    patch(&sandbox, &format!("cars/{owned}"), json!({ "email": "" })).await.expect(200);
    assert_eq!(fines_of(&sandbox, owned).await, fines);
}
