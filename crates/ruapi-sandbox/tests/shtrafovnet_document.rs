//! Every example of the Shtrafovnet document, answered as it is printed.

mod common;

use common::shtrafovnet::{Answer, basic, bearer, call_as, delete, get, log_in, patch, post};
use reqwest::Method;
use ruapi_sandbox::{Sandbox, Shtrafovnet};
use serde_json::{Value, json};

/// The document's address in a link; a sandbox has its own.
fn here(sandbox: &Sandbox, value: &Value) -> Value {
    let text = value.to_string();
    let text =
        text.replace("https://api.shtrafovnet.ru/latest/webmasters/", &sandbox.shtrafovnet_url());
    serde_json::from_str(&text).unwrap()
}

/// Equal but for the fields that depend on what was asked and when.
#[track_caller]
fn assert_printed(answer: Answer, status: u16, printed: &Value, but: &[&str]) {
    let mut body = answer.expect(status);
    let mut printed = printed.clone();
    for name in but {
        for side in [&mut body, &mut printed] {
            assert!(side.as_object_mut().unwrap().remove(*name).is_some(), "no {name}");
        }
    }
    for (name, value) in printed.as_object().unwrap() {
        assert_eq!(body.get(name), Some(value), "{name}");
    }
    assert_eq!(body, printed);
}

fn person() -> Value {
    json!({
        "id": "777", "username": "User", "email": "user@test.ru", "status": "new",
        "first_name": "Алексей", "last_name": "Иванов", "middle_name": "Петрович",
        "phone": "79005551122", "created_at": "2019-01-01 00:00:00",
        "fcm_token": "secret-string", "last_activity_at": "2019-01-01 00:00:00",
    })
}

fn names() -> Value {
    json!({
        "last_name": "Иванов", "first_name": "Алексей", "middle_name": "Петрович",
        "phone": "79005551122",
    })
}

fn with(mut object: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("an object") };
    object.as_object_mut().unwrap().extend(more);
    object
}

fn car() -> Value {
    json!({
        "id": "1212", "name": "NISSAN TIIDA", "driverLicense": "00aa000222", "reg": "a001aa777",
        "cert": "3620848236", "status": "active", "inactiveReason": "data_incorrect",
        "gisScannedAt": "2019-01-01 00:00:00", "gibddScannedAt": "2019-01-01 00:00:00",
        "ditScannedAt": "2019-01-01 00:00:00", "createdAt": "2019-01-01 00:00:00",
        "email": "user@test.ru", "finesCount": "10", "finesAmount": "1000",
    })
}

fn listed_fine() -> Value {
    let fine = json!({
        "id": "1", "postNumber": "18810136161108008161", "name": null, "postedAt": "2019-01-01",
        "amount": "500", "actuallyPaidAmount": null, "actuallyPaidAt": "2019-01-01 00:00:00",
        "createdAt": "2019-01-01 00:00:00", "discountDate": "2019-01-01 23:59:59",
        "discountSize": "50", "wireKbk": "18811630020016000140",
        "wireUsername": "УФК по Воронежской обл. (ГУ МВД России по Воронежской области)",
        "wireOktmo": "20701000", "wireBankBik": "042007001",
        "wireBankAccount": "40101810500000010004",
        "wireBankName": "Отделение по Воронежской области ГУ ЦБ РФ по ЦФО (Отделение Воронеж)",
        "wireKpp": "366601001", "wireInn": "3666026374", "location": null, "locationLat": null,
        "locationLong": null, "koapCode": "12.9ч.2", "enablePics": "true", "loadPics": "1",
        "violationAt": "2019-01-01 00:00:00", "isGis": "true", "isGibdd": "true", "isDit": "true",
        "isUin": "true", "status": "check", "inactiveReason": "another_car",
        "pics": { "url": "https://s3.eu-central-1.amazonaws.com/shtrafovnetru/pics/2017/02/14/09/cad29d806521c20c9f2aeb98d5ec5445.jpg" },
        "docType": "sts", "docNumber": "3620848239", "docViolator": null,
    });
    let rest = json!({
        "updatedAt": "2019-01-01 00:00:00", "updatedMask": "0011", "fsspIp": "", "fsspUin": "",
        "isPaidMarked": "", "isPaid": "true", "paidStatus": "paid", "koapText": "",
        "isExpired": "true", "expiredDays": "", "penaltyDate": "2019-01-01 23:59:59",
        "discountDaysLeft": "0", "isDiscount": "false", "totalAmount": "500", "car": "1003726",
        "carName": "KIA OPTIMA", "carCert": "3620848239", "carReg": "р668хо36",
        "whoseOrg": "gibdd",
        "paymentOrderUrl": "https://shtrafovnet.ru/payment_report?operation_id=12345&uin=1880000000000001",
        "divisionName": "Центр видеофиксации ГИБДД ГУ МВД России по Воронежской области",
        "divisionCode": "1120951", "paidAmount": "0.00",
        "unitId": "a828a501-a293-4ca4-b747-f61b60f24181", "companyId": "200",
    });
    with(fine, rest)
}

fn fine() -> Value {
    let mut fine = listed_fine();
    let fields = fine.as_object_mut().unwrap();
    // What the document prints in a list, and not here.
    for name in [
        "name",
        "actuallyPaidAmount",
        "actuallyPaidAt",
        "location",
        "locationLat",
        "locationLong",
        "docViolator",
        "fsspIp",
        "fsspUin",
        "isPaidMarked",
        "isPaid",
        "koapText",
        "expiredDays",
        "discountDaysLeft",
        "paidAmount",
        "unitId",
        "companyId",
    ] {
        fields.remove(name).unwrap();
    }
    fine["pics"] = fine["pics"]["url"].take();
    fine
}

fn invoice() -> Value {
    json!({
        "id": "777", "amount": "500", "totalAmount": "500", "status": "new",
        "wireSurname": "Иванов", "wireName": "Алексей", "wirePatronymic": "Алексеевич",
        "createdAt": "2019-01-01 00:00:00", "paidAt": "2019-01-01 00:00:00",
        "email": "email@user.com",
    })
}

#[tokio::test]
async fn the_account() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_printed(get(&sandbox, "account").await, 200, &person(), &[]);

    let body = with(names(), json!({ "password": "secret-string" }));
    let answer = patch(&sandbox, "account", body).await;
    assert_printed(answer, 200, &person(), &["last_activity_at"]);
}

#[tokio::test]
async fn registration() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = json!({
        "email": "user@test.ru", "password": "my_secret", "name": "Best Service Full",
        "url": "https://example.com", "affiliate_id": "777",
        "callback_url": "https://example.com/postback/shtrafovnet", "fcm_token": "secret-string",
    });
    let body = with(body, names());
    let url = format!("{}account/registration", sandbox.shtrafovnet_url());
    let used = call_as(None, Method::POST, &url, &body).await;
    assert_eq!(used.wrong_fields(), ["email"], "the document's account is there already");

    let body = with(body, json!({ "email": "User@example.com" }));
    let answer = call_as(None, Method::POST, &url, &body).await;
    let location = answer.location.clone().unwrap();
    assert_eq!(location, format!("{}accounts", sandbox.shtrafovnet_url()));
    assert_printed(answer, 201, &person(), &["id", "email", "created_at", "last_activity_at"]);
}

#[tokio::test]
async fn a_validation_error() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = format!("{}account/registration", sandbox.shtrafovnet_url());
    let answer = call_as(None, Method::POST, &url, &json!({})).await.expect(400);
    let blank = json!(["This value should not be blank."]);
    let email = json!(["Email address can not be empty", "This value should not be blank."]);
    let expected = json!({
        "status": 400, "type": "validation_error", "title": "There was a validation error",
        "errors": { "email": email, "password": blank, "name": blank, "url": blank },
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn reset_password_and_tokens() {
    let sandbox = Sandbox::start().await.unwrap();
    let token = log_in(&sandbox, Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD).await.expect(201);
    assert_eq!(token.as_object().unwrap().len(), 1);
    assert_eq!(token["token"].as_str().unwrap().split('.').count(), 3);

    let url = format!("{}account/reset-password", sandbox.shtrafovnet_url());
    let body = json!({ "email": "user@test.ru" });
    let answer = call_as(None, Method::POST, &url, &body).await;
    let printed = json!({ "message": "New password successfully sent to email" });
    assert_printed(answer, 201, &printed, &[]);
}

#[tokio::test]
async fn users() {
    let sandbox = Sandbox::start().await.unwrap();
    let printed = json!({
        "total": 1, "count": 1,
        "_links": "https://api.shtrafovnet.ru/latest/webmasters/users?page=1", "users": person(),
    });
    // The document asks for `active` and prints one that is `new`.
    let answer = get(&sandbox, "users?status=new").await;
    assert_printed(answer, 200, &here(&sandbox, &printed), &[]);
    assert_printed(get(&sandbox, "users/user@test.ru").await, 200, &person(), &[]);

    let body = with(names(), json!({ "username": "User", "fcm_token": "secret-string" }));
    let answer = patch(&sandbox, "users/user@test.ru", body).await;
    assert_printed(answer, 200, &person(), &["last_activity_at"]);

    // There can be but one user of that name.
    let answer = delete(&sandbox, "users/user@test.ru").await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    let body = json!({ "email": "user@test.ru", "username": "User", "fcmToken": "my_secret" });
    let answer = post(&sandbox, "users", with(body, names())).await;
    assert_eq!(
        answer.location.clone().unwrap(),
        format!("{}users/1000", sandbox.shtrafovnet_url())
    );
    let printed = with(person(), json!({ "fcm_token": "my_secret" }));
    assert_printed(answer, 201, &printed, &["id", "created_at", "last_activity_at"]);
}

#[tokio::test]
async fn cars() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_printed(get(&sandbox, "cars/1212").await, 200, &car(), &[]);

    let mut listed = car();
    listed.as_object_mut().unwrap().remove("email");
    let listed = with(
        listed,
        json!({
            "scannedAt": "2019-01-01 00:00:00", "companyId": "1", "user": "user@test.ru",
            "verifyGibddStatus": "new", "unitId": "a828a501-a293-4ca4-b747-f61b60f24181",
        }),
    );
    let printed = json!({
        "total": 1, "count": 1, "cars": listed,
        "_links": "https://api.shtrafovnet.ru/latest/webmasters/users/user@test.ru/cars?page=1",
    });
    let answer = get(&sandbox, "users/user@test.ru/cars?status=active").await;
    assert_printed(answer, 200, &here(&sandbox, &printed), &[]);

    let body = json!({ "name": "NISSAN TIIDA", "email": "user@test.ru" });
    assert_printed(patch(&sandbox, "cars/1212", body.clone()).await, 200, &car(), &[]);

    let documents =
        json!({ "cert": "3620848236", "reg": "a001aa777", "driverLicense": "00aa000222" });
    let answer = post(&sandbox, "cars", with(body, documents)).await;
    let location = format!("{}cars/3000001", sandbox.shtrafovnet_url());
    assert_eq!(answer.location.as_ref(), Some(&location));
    // A car that was never checked.
    let moving = [
        "id",
        "status",
        "inactiveReason",
        "gisScannedAt",
        "gibddScannedAt",
        "ditScannedAt",
        "createdAt",
        "finesCount",
        "finesAmount",
    ];
    assert_printed(answer, 201, &car(), &moving);

    let answer = delete(&sandbox, "cars/1212").await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
}

#[tokio::test]
async fn fines() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_printed(get(&sandbox, "fines/1").await, 200, &fine(), &[]);
    // The document's other filters exclude its own fine: it was not updated in 2017.
    let filters = "paid=paid&doc=sts&org=gibdd&started=2019-01-01&ended=2019-10-01";
    for path in ["users/user@test.ru/fines", "cars/1003726/fines"] {
        let printed = json!({
            "total": 1, "count": 1, "fines": listed_fine(),
            "_links": format!("https://api.shtrafovnet.ru/latest/webmasters/{path}?page=1"),
        });
        let answer = get(&sandbox, &format!("{path}?{filters}")).await;
        assert_printed(answer, 200, &here(&sandbox, &printed), &[]);
    }
}

#[tokio::test]
async fn the_company() {
    let sandbox = Sandbox::start().await.unwrap();
    let printed = json!({
        "id": "9267", "display_name": "Best Service", "name": "Best Service Full",
        "short_name": "BSC", "url": "https://example.com", "affiliate_id": "777",
        "status": "active", "created_at": "2019-01-01 00:00:00", "fcm_token": "secret-string",
    });
    assert_printed(get(&sandbox, "company").await, 200, &printed, &[]);
    let body = json!({
        "display_name": "Best Service", "url": "https://example.com", "affiliate_id": "777",
        "callback_url": "https://example.com/postback/shtrafovnet", "fcm_token": "secret-string",
    });
    assert_printed(patch(&sandbox, "company", body).await, 200, &printed, &[]);
}

#[tokio::test]
async fn scans() {
    let sandbox = Sandbox::start().await.unwrap();
    let printed = json!({
        "id": "777", "car": "20", "status": "process", "createdAt": "2019-01-01 00:00:00",
    });
    assert_printed(post(&sandbox, "scan/777", Value::Null).await, 200, &printed, &[]);
    // The document asks for the car 777 and prints 20.
    let answer = post(&sandbox, "scan", json!({ "car": "20" })).await;
    let location = format!("{}scan/1000", sandbox.shtrafovnet_url());
    assert_eq!(answer.location.as_ref(), Some(&location));
    assert_printed(answer, 201, &printed, &["id", "createdAt"]);
}

#[tokio::test]
async fn invoices() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_printed(get(&sandbox, "invoices/777").await, 200, &invoice(), &[]);
    let mut listed = invoice();
    listed.as_object_mut().unwrap().remove("email");
    let user = json!({
        "orders": null, "payUrl": null, "user": "email@user.com", "commissionAmount": null,
    });
    let listed = with(listed, user);
    for path in ["invoices", "users/email@user.com/invoices"] {
        let printed = json!({
            "total": 1, "count": 1, "invoices": listed,
            "_links": format!("https://api.shtrafovnet.ru/latest/webmasters/{path}?page=1"),
        });
        let answer = get(&sandbox, &format!("{path}?status=new")).await;
        assert_printed(answer, 200, &here(&sandbox, &printed), &[]);
    }

    let body = json!({
        "email": "email@user.com", "wireName": "Алексей", "wireSurname": "Иванов",
        "wirePatronymic": "Алексеевич", "successUrl": "http://example.ru/success",
        "failUrl": "http://example.ru/fail", "fines": [7, 20], "cars": [5, 9],
    });
    let answer = post(&sandbox, "invoices", body).await;
    let location = format!("{}invoices/1000", sandbox.shtrafovnet_url());
    assert_eq!(answer.location.as_ref(), Some(&location));
    // The document promises more fields than it prints, and forgets the commission in the total.
    let body = answer.expect(201);
    for name in ["amount", "status", "wireSurname", "wireName", "wirePatronymic", "email"] {
        assert_eq!(body[name], invoice()[name], "{name}");
    }
    assert_eq!(
        [&body["totalAmount"], &body["commissionAmount"], &body["orders"][1]["fine"]],
        ["550", "50", "20"]
    );
    assert!(body["payUrl"].as_str().unwrap().starts_with(&sandbox.url()));
}

#[tokio::test]
async fn a_test_notification() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = json!({ "type": "postback", "fine_id": "1231324" });
    let answer = post(&sandbox, "test/notification/fine", body).await;
    let printed = json!({
        "id": "9dc27529-f281-477c-854e-a415bfe47442",
        "message": "Notification created successfully",
    });
    assert_eq!(answer.json()["id"].as_str().unwrap().len(), 36);
    assert_printed(answer, 201, &printed, &["id"]);
}

#[tokio::test]
async fn the_official_clients_way() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = sandbox.shtrafovnet_v2_url();
    let basic = basic(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD);
    let account = call_as(Some(&basic), Method::GET, &format!("{base}account"), &Value::Null).await;
    assert_printed(account, 200, &person(), &[]);
    let body = json!({ "phone": "70000000000" });
    let account = call_as(Some(&basic), Method::PATCH, &format!("{base}account"), &body).await;
    assert_eq!(account.expect(200)["phone"], "70000000000");

    let token = call_as(Some(&basic), Method::POST, &format!("{base}tokens"), &Value::Null).await;
    let token = bearer(token.expect(201)["token"].as_str().unwrap());
    let get = async |path: &str| {
        call_as(Some(&token), Method::GET, &format!("{base}{path}"), &Value::Null).await.expect(200)
    };
    assert_eq!(get("scan/777").await["status"], "process");
    for query in ["status[0]=new&status[1]=active", "status%5B0%5D=new&status%5B1%5D=active"] {
        assert_eq!(get(&format!("users?{query}")).await["total"], 3, "{query}");
    }
    assert_eq!(get("users?status[]=active&status[]=ban").await["total"], 2);
    // Links lead to where the call came from.
    assert_eq!(get("users?status=new").await["_links"], format!("{base}users?page=1"));

    let body = json!({
        "email": "email@user.com", "wireName": "Алексей", "wireSurname": "Иванов",
        "wirePatronymic": "Алексеевич", "successUrl": "http://example.ru/success",
        "failUrl": "http://example.ru/fail", "fines": [7, 20],
    });
    let answer = call_as(Some(&token), Method::POST, &format!("{base}invoices"), &body).await;
    assert_eq!(answer.location.as_ref(), Some(&format!("{base}invoices/1000")));
    assert_eq!(answer.expect(201)["amount"], "500");
    // PHP's way to say `{}`.
    let url = format!("{base}users/user@test.ru");
    let answer = call_as(Some(&token), Method::PATCH, &url, &json!([])).await;
    assert_eq!(answer.expect(200)["id"], "777");
}
