//! Shtrafovnet: the fines of cars, by the clock and by filters.

mod common;

use chrono::{NaiveDateTime, TimeDelta};
use common::shtrafovnet::{fines_of, get, modern, new_car, patch, post};
use ruapi_sandbox::{Sandbox, Shtrafovnet};
use serde_json::{Value, json};

const USER: &str = Shtrafovnet::USER;

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
