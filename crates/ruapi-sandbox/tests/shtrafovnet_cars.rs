//! Shtrafovnet: cars, scans of them, and the fines that are found.

mod common;

use chrono::{NaiveDateTime, TimeDelta};
use common::shtrafovnet::{delete, get, ids, modern, new_car, patch, post};
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

async fn fines_of(sandbox: &Sandbox, car: u64) -> Vec<Value> {
    let list = get(sandbox, &format!("cars/{car}/fines")).await.expect(200);
    assert_eq!(list["total"], list["fines"].as_array().unwrap().len());
    list["fines"].as_array().unwrap().clone()
}

/// The fines of sixty cars that were scanned at once.
async fn many_fines(sandbox: &Sandbox) -> (Vec<u64>, Vec<Value>) {
    let mut cars = Vec::new();
    for number in 0..60 {
        let id = new_car(sandbox, number, None).await;
        post(sandbox, "scan", json!({ "car": id })).await.expect(201);
        cars.push(id);
    }
    sandbox.clock().advance(TimeDelta::seconds(60));
    let fines = all_of(sandbox, &cars).await;
    (cars, fines)
}

async fn all_of(sandbox: &Sandbox, cars: &[u64]) -> Vec<Value> {
    let mut fines = Vec::new();
    for car in cars {
        fines.extend(fines_of(sandbox, *car).await);
    }
    fines
}

fn time(value: &Value) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(value.as_str().unwrap(), "%Y-%m-%d %H:%M:%S").unwrap()
}

fn now(sandbox: &Sandbox) -> NaiveDateTime {
    sandbox.clock().now_in_moscow().naive_local()
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
    for path in ["cars/3000001", "cars/3000001/fines", "cars/1", "cars/x", "cars/%2b1212"] {
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

#[tokio::test]
async fn fines_follow_the_clock() {
    let sandbox = modern().await;
    let (cars, fines) = many_fines(&sandbox).await;
    assert!(fines.len() > 100, "{}", fines.len());
    let per_car = |car: &u64| fines.iter().filter(|fine| fine["car"] == *car).count();
    let counts: Vec<_> = cars.iter().map(per_car).collect();
    assert!(counts.contains(&0) && counts.contains(&7) && *counts.iter().max().unwrap() == 7);

    let mut seen = [0; 3];
    for days in [0, 3, 20, 80] {
        sandbox.clock().advance(TimeDelta::days(days));
        // None is removed here: owner-less cars are gone after a week.
        if days == 0 {
            for chunk in cars.chunks(4) {
                let email = format!("{}@test.ru", chunk[0]);
                post(&sandbox, "users", json!({ "email": email })).await.expect(201);
                for car in chunk {
                    let body = json!({ "email": email });
                    patch(&sandbox, &format!("cars/{car}"), body).await.expect(200);
                }
            }
        }
        let now = now(&sandbox);
        for fine in all_of(&sandbox, &cars).await {
            let posted: NaiveDateTime =
                format!("{}T00:00:00", fine["postedAt"].as_str().unwrap()).parse().unwrap();
            let amount = fine["amount"].as_i64().unwrap();
            let paid = fine["isPaid"] == true;
            let end = |days: i64| posted + TimeDelta::days(days + 1) - TimeDelta::seconds(1);

            assert_eq!(time(&fine["penaltyDate"]), end(70));
            let expired = !paid && now > end(70);
            assert_eq!(fine["isExpired"], expired);
            if expired {
                assert_eq!(fine["expiredDays"], (now.date() - end(70).date()).num_days());
            } else {
                assert_eq!(fine["expiredDays"], Value::Null);
            }
            let mut discount = false;
            if fine["discountSize"] == 50 {
                assert_eq!(time(&fine["discountDate"]), end(20));
                discount = !paid && now <= end(20);
            } else {
                assert_eq!(fine["discountDate"], Value::Null);
            }
            assert_eq!(fine["isDiscount"], discount);
            let left = if discount { (end(20).date() - now.date()).num_days() } else { 0 };
            assert_eq!(fine["discountDaysLeft"], left);
            let due = if discount { amount / 2 } else { amount };
            let before = fine["actuallyPaidAmount"].as_i64().unwrap_or(0);
            let total = if paid { amount } else { (due - before).max(0) };
            assert_eq!(fine["totalAmount"], total);
            seen[0] += usize::from(discount);
            seen[1] += usize::from(expired);
            seen[2] += usize::from(fine["paidStatus"] == "partpaid");
            assert_eq!(fine["docType"], "sts");
        }
    }
    assert!(seen.iter().all(|count| *count > 10), "{seen:?}");
}

#[tokio::test]
async fn photos_come_with_the_fine_or_later_or_never() {
    let sandbox = modern().await;
    let (cars, fines) = many_fines(&sandbox).await;
    let kinds = |fines: &[Value]| {
        let mut counts = [0; 4];
        for fine in fines {
            counts[fine["loadPics"].as_u64().unwrap() as usize] += 1;
            let pics = fine["pics"].as_array().unwrap().len();
            assert_eq!(pics > 0, fine["loadPics"] == 1);
            assert!(pics == 0 || fine["enablePics"] == true);
        }
        counts
    };
    let [waiting, loaded, trying, gave_up] = kinds(&fines);
    assert!(waiting > 0 && loaded > 0 && trying > 0 && gave_up == 0);
    assert!(fines.iter().all(|fine| fine["updatedAt"] == fine["createdAt"]));
    let masks = |fines: &[Value], mask: &str| {
        fines.iter().filter(|fine| fine["updatedMask"] == mask).count()
    };
    assert_eq!((masks(&fines, "1001"), masks(&fines, "0001")), (loaded, 0));

    sandbox.clock().advance(TimeDelta::days(5));
    let later = all_of(&sandbox, &cars).await;
    let came = masks(&later, "0001");
    assert_eq!(kinds(&later)[1], loaded + came);
    assert!(came > 0);
    for fine in later.iter().filter(|fine| fine["updatedMask"] == "0001") {
        let days = (time(&fine["updatedAt"]) - time(&fine["createdAt"])).num_days();
        assert!((1..=5).contains(&days));
    }
    let id = later.iter().find(|fine| fine["pics"].as_array().unwrap().len() > 1).unwrap();
    let path = format!(
        "cars/{}/fines?filters=pics&uins={}",
        id["car"],
        id["postNumber"].as_str().unwrap()
    );
    sandbox.shtrafovnet().set_modern_forms(false);
    let printed = get(&sandbox, &path).await.expect(200);
    assert!(printed["fines"]["pics"][0]["url"].is_string());
    let single = get(&sandbox, &format!("fines/{}", id["id"])).await.expect(200);
    assert!(single["pics"][0].is_string());
}

#[tokio::test]
async fn every_filter_of_fines() {
    let sandbox = modern().await;
    for number in [1, 2] {
        new_car(&sandbox, number, Some(USER)).await;
    }
    let licensed = json!({
        "cert": "0000000003", "reg": "а000аа00", "driverLicense": "0000000000",
        "email": Shtrafovnet::PAYER,
    });
    post(&sandbox, "cars", licensed).await.expect(201);
    sandbox.clock().advance(TimeDelta::days(3));
    for (user, car) in [(USER, 3_000_002), (Shtrafovnet::PAYER, 3_000_003)] {
        let path = format!("users/{user}/fines");
        let all = get(&sandbox, &path).await.expect(200)["fines"].take();
        let all = all.as_array().unwrap();
        let uin = all.last().unwrap()["postNumber"].as_str().unwrap();
        let part = &uin[15..];
        let text = |fine: &Value, name: &str| fine[name].as_str().unwrap().to_owned();
        let is = |name: &'static str, values: &'static [&'static str]| {
            move |fine: &Value| values.contains(&text(fine, name).as_str())
        };
        type Fits<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
        let cases: Vec<(String, Fits<'_>)> = vec![
            ("paid=paid".into(), Box::new(is("paidStatus", &["paid"]))),
            (
                "paid[]=nopaid&paid[]=partpaid".into(),
                Box::new(is("paidStatus", &["nopaid", "partpaid"])),
            ),
            ("paid=all&doc=all&org=all".into(), Box::new(|_| true)),
            ("doc=sts".into(), Box::new(is("docType", &["sts"]))),
            ("doc=vu".into(), Box::new(is("docType", &["vu"]))),
            ("doc=passport".into(), Box::new(|_| false)),
            ("org=gibdd".into(), Box::new(is("whoseOrg", &["gibdd"]))),
            (
                "org[0]=ampp&org[1]=madi&org[2]=fssp".into(),
                Box::new(is("whoseOrg", &["ampp", "madi", "fssp"])),
            ),
            (
                "started=2025-08-01".into(),
                Box::new(|fine| text(fine, "postedAt").as_str() >= "2025-08-01"),
            ),
            (
                "ended=2025-08-01".into(),
                Box::new(|fine| text(fine, "postedAt").as_str() <= "2025-08-01"),
            ),
            (
                "update_started=2025-08-27+12:00:00".into(),
                Box::new(|fine| text(fine, "updatedAt").as_str() >= "2025-08-27 12:00:00"),
            ),
            (
                "update_started=2025-08-27+12:00:01&update_ended=2025-08-30+00%3A00%3A00".into(),
                Box::new(|fine| {
                    let updated = text(fine, "updatedAt");
                    updated.as_str() >= "2025-08-27 12:00:01"
                        && updated.as_str() <= "2025-08-30 00:00:00"
                }),
            ),
            (
                "create_started=2025-08-27+12:00:00".into(),
                Box::new(|fine| text(fine, "createdAt").as_str() >= "2025-08-27 12:00:00"),
            ),
            (
                "create_ended=2025-08-27+11:59:59".into(),
                Box::new(|fine| text(fine, "createdAt").as_str() < "2025-08-27 12:00:00"),
            ),
            (format!("cars={car}"), Box::new(move |fine| fine["car"] == car)),
            (
                format!("cars[]={car}&cars[]=1212"),
                Box::new(move |fine| fine["car"] == car || fine["car"] == 1212),
            ),
            (format!("uins={uin}"), Box::new(move |fine| fine["postNumber"] == *uin)),
            (format!("uins[]={uin}&uins[]=1"), Box::new(move |fine| fine["postNumber"] == *uin)),
            (
                format!("uin_search={part}"),
                Box::new(move |fine| text(fine, "postNumber").contains(part)),
            ),
            ("filters=discount".into(), Box::new(|fine| fine["isDiscount"] == true)),
            ("filters[]=expired".into(), Box::new(|fine| fine["isExpired"] == true)),
            ("filters[]=pics".into(), Box::new(|fine| fine["pics"] != json!([]))),
            (
                "filters[]=pics&filters[]=discount&paid=nopaid".into(),
                Box::new(|fine| {
                    fine["pics"] != json!([])
                        && fine["isDiscount"] == true
                        && fine["paidStatus"] == "nopaid"
                }),
            ),
            ("unknown=1".into(), Box::new(|_| true)),
        ];
        for (query, fits) in cases {
            let found = get(&sandbox, &format!("{path}?{query}")).await.expect(200);
            let expected: Vec<_> = all.iter().filter(|fine| fits(fine)).cloned().collect();
            assert_eq!(found["total"], expected.len(), "{query}");
            assert_eq!(found["fines"], Value::from(expected), "{query}");
        }
    }
    // A car's fines have no filter by cars.
    let of_car = get(&sandbox, "cars/1212/fines?cars=5").await.expect(200);
    assert_eq!(of_car["total"], 10);
}

#[tokio::test]
async fn fields_of_fines() {
    let sandbox = modern().await;
    for path in ["cars/1212/fines", "users/user@test.ru/fines"] {
        let url = format!("{path}?fields[]=amount&fields[]=postNumber&fields[]=none&page=1");
        let list = get(&sandbox, &url).await.expect(200);
        let first = json!({ "id": 12120, "postNumber": "18810000000000012120", "amount": 100 });
        assert_eq!(list["fines"][0], first);
        // As in the document, where it is no field at all.
        let list = get(&sandbox, &format!("{path}?fields=gibdd")).await.expect(200);
        assert_eq!(list["fines"][0], json!({ "id": 12120 }));
    }
}

#[tokio::test]
async fn malformed_filters() {
    let sandbox = modern().await;
    for (query, field) in [
        ("paid=no", "paid"),
        ("doc[]=sts&doc[]=inn", "doc"),
        ("org=GIBDD", "org"),
        ("started=01.01.2025", "started"),
        ("ended=2025-02-30", "ended"),
        ("ended=2025-2-3", "ended"),
        ("update_started=2025-01-01", "update_started"),
        ("update_ended=2025-01-01T00:00:00", "update_ended"),
        ("create_started=2025-01-01+25:00:00", "create_started"),
        ("create_ended=now", "create_ended"),
        ("cars=2017-07-10+23%3A59%3A59", "cars"),
        ("uins[]=1&uins[]=x", "uins"),
        ("filters=all_of_them", "filters"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
    ] {
        let answer = get(&sandbox, &format!("users/{USER}/fines?{query}")).await;
        assert_eq!(answer.wrong_fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn a_single_fine() {
    let sandbox = modern().await;
    let fine = get(&sandbox, "fines/12120").await.expect(200);
    let listed = get(&sandbox, "cars/1212/fines").await.expect(200)["fines"][0].take();
    let only_listed =
        ["actuallyPaidAmount", "actuallyPaidAt", "isPaid", "paidAmount", "unitId", "companyId"];
    let mut expected = listed;
    for name in only_listed {
        expected.as_object_mut().unwrap().remove(name).unwrap();
    }
    expected["discountDaysLeft"] = Value::Null;
    assert_eq!(fine, expected);
    for path in ["fines/2", "fines/x", "fines/12130", "fines/30000010"] {
        assert_eq!(get(&sandbox, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn fines_of_every_kind() {
    let sandbox = modern().await;
    let mut fines = Vec::new();
    for number in 0..60 {
        let body = json!({
            "cert": format!("{number:010}"), "reg": "а000аа00", "driverLicense": "0000000777",
        });
        let id = post(&sandbox, "cars", body).await.expect(201)["id"].as_u64().unwrap();
        post(&sandbox, "scan", json!({ "car": id })).await.expect(201);
        sandbox.clock().advance(TimeDelta::seconds(60));
        fines.extend(fines_of(&sandbox, id).await);
    }
    let with = |name: &str, value: &str| {
        let found: Vec<_> = fines.iter().filter(|fine| fine[name] == value).collect();
        assert!(!found.is_empty(), "no {name} {value}");
        found
    };
    for fine in with("docType", "vu") {
        assert_eq!(fine["docNumber"], "0000000777");
    }
    with("docType", "sts");
    for fine in with("whoseOrg", "fssp") {
        assert!(fine["fsspIp"].as_str().unwrap().ends_with("-ИП"));
        assert_eq!(fine["fsspUin"], fine["postNumber"]);
    }
    for (org, flag) in [("gibdd", "isGibdd"), ("ampp", "isDit"), ("madi", "isDit")] {
        assert!(
            with("whoseOrg", org).iter().all(|fine| fine[flag] == true && fine["fsspIp"] == "")
        );
    }
    for status in ["check", "active"] {
        assert!(with("status", status).iter().all(|fine| fine["inactiveReason"] == Value::Null));
    }
    for reason in ["another_car", "not_found", "incorrect"] {
        assert!(with("inactiveReason", reason).iter().all(|fine| fine["status"] == "inactive"));
    }
    for status in ["paid", "nopaid", "partpaid"] {
        with("paidStatus", status);
    }
}
