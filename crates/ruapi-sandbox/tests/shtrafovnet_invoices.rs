//! Shtrafovnet: invoices and their payment, and test notifications.

mod common;

use chrono::TimeDelta;
use common::client;
use common::shtrafovnet::{control, get, ids, modern, new_car, patch, post};
use reqwest::Method;
use ruapi_sandbox::shtrafovnet::InvoiceStatus;
use ruapi_sandbox::{Sandbox, Shtrafovnet};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn invoice_for(email: &str) -> Value {
    json!({
        "email": email, "wireName": "Алексей", "wireSurname": "Иванов-Тестов",
        "wirePatronymic": "Алексеевич", "successUrl": "http://example.ru/success?a=1",
        "failUrl": "http://example.ru/fail",
    })
}

/// An invoice for the payer with some fields changed.
fn invoice_with(more: Value) -> Value {
    let mut body = invoice_for(Shtrafovnet::PAYER);
    let Value::Object(more) = more else { panic!("an object") };
    body.as_object_mut().unwrap().extend(more);
    body
}

async fn new_invoice(sandbox: &Sandbox) -> Value {
    post(sandbox, "invoices", invoice_with(json!({ "fines": [7, 20] }))).await.expect(201)
}

fn ordered(invoice: &Value) -> Vec<u64> {
    let orders = invoice["orders"].as_array().unwrap();
    orders.iter().map(|order| order["fine"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn what_an_invoice_is_for() {
    let sandbox = modern().await;
    for (chosen, fines, amount) in [
        (json!({}), vec![7, 20, 1_231_324], 1000),
        (json!({ "fines": [], "cars": null }), vec![7, 20, 1_231_324], 1000),
        (json!({ "fines": ["7"] }), vec![7], 250),
        (json!({ "fines": [20, 7, 20] }), vec![7, 20], 500),
        (json!({ "cars": [20] }), vec![1_231_324], 500),
        (json!({ "fines": [7], "cars": ["5", 20] }), vec![7, 1_231_324], 750),
    ] {
        let invoice = post(&sandbox, "invoices", invoice_with(chosen.clone())).await.expect(201);
        assert_eq!(ordered(&invoice), fines, "{chosen}");
        assert_eq!(invoice["amount"], amount);
        assert_eq!(invoice["commissionAmount"], amount / 10);
        assert_eq!(invoice["totalAmount"], amount + amount / 10);
        assert_eq!((&invoice["status"], &invoice["paidAt"]), (&json!("new"), &Value::Null));
        assert_eq!(
            get(&sandbox, &format!("invoices/{}", invoice["id"])).await.expect(200),
            invoice
        );
    }
    assert_eq!(sandbox.shtrafovnet().invoices_created(), 6);
}

#[tokio::test]
async fn what_no_invoice_is_for() {
    let sandbox = modern().await;
    for (more, field) in [
        (json!({ "fines": [7, 1] }), "fines"),
        (json!({ "fines": [12_120] }), "fines"),
        (json!({ "fines": [999] }), "fines"),
        (json!({ "fines": 7 }), "fines"),
        (json!({ "fines": ["x"] }), "fines"),
        (json!({ "cars": [1212] }), "cars"),
        (json!({ "cars": [1] }), "cars"),
        (json!({ "email": "" }), "email"),
        (json!({ "email": "nobody@test.ru" }), "email"),
        (json!({ "wireName": "Aleksey" }), "wireName"),
        (json!({ "wirePatronymic": "-." }), "wirePatronymic"),
        (json!({ "wireSurname": "Иванов2" }), "wireSurname"),
        (json!({ "wirePatronymic": null }), "wirePatronymic"),
        (json!({ "successUrl": "/success" }), "successUrl"),
        (json!({ "failUrl": "" }), "failUrl"),
    ] {
        let answer = post(&sandbox, "invoices", invoice_with(more.clone())).await;
        assert_eq!(answer.wrong_fields(), [field], "{more}");
    }
    let fleet = post(&sandbox, "invoices", invoice_for(Shtrafovnet::FLEET)).await;
    assert_eq!(fleet.expect(201)["amount"], 500_000);
    sandbox.shtrafovnet().set_fleet_fines(1_001);
    let fleet = post(&sandbox, "invoices", invoice_for(Shtrafovnet::FLEET)).await;
    assert_eq!(fleet.wrong_fields(), ["fines"]);
    sandbox.shtrafovnet().set_fleet_fines(0);
    let nothing = post(&sandbox, "invoices", invoice_for(Shtrafovnet::FLEET)).await;
    assert_eq!(nothing.wrong_fields(), ["fines"]);

    let printed = get(&sandbox, "fines/1").await.expect(200);
    assert_eq!(printed["paidStatus"], "paid");
    let paid = json!({ "email": Shtrafovnet::USER, "fines": [1] });
    let refused = post(&sandbox, "invoices", invoice_with(paid)).await.expect(400);
    assert_eq!(refused["errors"], json!({ "fines": ["The fine 1 is already paid."] }));
    assert_eq!(sandbox.shtrafovnet().invoices_created(), 1);
}

#[tokio::test]
async fn a_payment_pays_the_fines() {
    let sandbox = modern().await;
    let invoice = new_invoice(&sandbox).await;
    let page = invoice["payUrl"].as_str().unwrap();
    let shown = client().get(page).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "text/html; charset=utf-8");
    let html = shown.text().await.unwrap();
    assert!(html.contains("550.00") && html.contains("/pay"), "{html}");

    let paid = client().post(format!("{page}/pay")).send().await.unwrap();
    assert_eq!(paid.status(), 303);
    assert_eq!(paid.headers()["location"], "http://example.ru/success?a=1");
    let path = format!("invoices/{}", invoice["id"]);
    let process = get(&sandbox, &path).await.expect(200);
    assert_eq!(process["status"], "process");
    assert_eq!(process["paidAt"], "2025-08-26 12:00:00");
    assert_eq!(process["orders"][0]["paymentOrderUrl"], Value::Null);
    assert_eq!(get(&sandbox, "fines/7").await.expect(200)["paidStatus"], "nopaid");
    // Nothing is paid twice, even while the money is on its way.
    let again = post(&sandbox, "invoices", invoice_with(json!({ "fines": [7] }))).await;
    assert_eq!(again.wrong_fields(), ["fines"]);
    assert_eq!(client().post(format!("{page}/pay")).send().await.unwrap().status(), 409);

    sandbox.clock().advance(TimeDelta::seconds(5));
    let done = get(&sandbox, &path).await.expect(200);
    assert_eq!(done["status"], "done");
    let order = &done["orders"][0];
    assert_eq!((&order["fine"], &order["amount"]), (&json!(7), &json!(250)));
    let url = order["paymentOrderUrl"].as_str().unwrap();
    assert!(url.contains(order["uin"].as_str().unwrap()));
    let fine = get(&sandbox, "fines/7").await.expect(200);
    assert_eq!(fine["paymentOrderUrl"], url);
    assert_eq!((&fine["paidStatus"], &fine["updatedMask"]), (&json!("paid"), &json!("0100")));
    assert_eq!(fine["updatedAt"], "2025-08-26 12:00:05");
    let listed = get(&sandbox, "cars/5/fines").await.expect(200)["fines"][0].take();
    assert_eq!((&listed["isPaid"], &listed["paidAmount"]), (&json!(true), &json!("250.00")));
    assert_eq!(listed["actuallyPaidAt"], "2025-08-26 12:00:05");
    let query = "update_started=2025-08-26+12:00:00";
    let path = format!("users/{}/fines?{query}", Shtrafovnet::PAYER);
    assert_eq!(ids(&get(&sandbox, &path).await.expect(200)["fines"]), [7, 20]);
    assert_eq!(get(&sandbox, "cars/5").await.expect(200)["finesCount"], 0);
    let rest = post(&sandbox, "invoices", invoice_for(Shtrafovnet::PAYER)).await.expect(201);
    assert_eq!(ordered(&rest), [1_231_324]);
    assert_eq!(client().get(format!("{page}0")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn names_and_addresses_need_not_be_plain() {
    let sandbox = modern().await;
    let unusual = json!({
        "wireSurname": "О'Нил-Д’Арси", "wirePatronymic": "А. Б.",
        "successUrl": "http://пример.рф/оплачено?счёт=1%20", "fines": [7],
    });
    let invoice = post(&sandbox, "invoices", invoice_with(unusual)).await.expect(201);
    let url = format!("{}/pay", invoice["payUrl"].as_str().unwrap());
    let paid = client().post(url).send().await.unwrap();
    let target = paid.headers()["location"].to_str().unwrap();
    assert!(target.starts_with("http://%D0%BF") && target.ends_with("=1%20"), "{target}");
}

#[tokio::test]
async fn a_payment_fails_or_is_given_up() {
    let sandbox = modern().await;
    for (action, status) in [("decline", "fail"), ("cancel", "cancel")] {
        let invoice = new_invoice(&sandbox).await;
        let url = format!("{}/{action}", invoice["payUrl"].as_str().unwrap());
        let answer = client().post(&url).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], "http://example.ru/fail");
        let invoice = get(&sandbox, &format!("invoices/{}", invoice["id"])).await.expect(200);
        assert_eq!((&invoice["status"], &invoice["paidAt"]), (&json!(status), &Value::Null));
        assert_eq!(get(&sandbox, "fines/7").await.expect(200)["paidStatus"], "nopaid");
    }
}

#[tokio::test]
async fn payers_from_a_test() {
    let sandbox = modern().await;
    let shtrafovnet = sandbox.shtrafovnet();
    shtrafovnet.set_invoice_seconds(60);
    let mut invoices = Vec::new();
    for _ in 0..3 {
        invoices.push(new_invoice(&sandbox).await["id"].as_u64().unwrap());
    }
    shtrafovnet.pay_invoice(invoices[0]);
    shtrafovnet.decline_invoice(invoices[1]);
    shtrafovnet.cancel_invoice(invoices[2]);
    sandbox.clock().advance(TimeDelta::seconds(59));
    let statuses: Vec<_> =
        invoices.iter().map(|id| shtrafovnet.invoice_status(*id).unwrap()).collect();
    let expected = [InvoiceStatus::Process, InvoiceStatus::Fail, InvoiceStatus::Cancel];
    assert_eq!(statuses, expected);
    sandbox.clock().advance(TimeDelta::seconds(1));
    assert_eq!(shtrafovnet.invoice_status(invoices[0]), Some(InvoiceStatus::Done));
    assert_eq!(shtrafovnet.invoice_status(1), None);

    // The invoice of the document is new for ever.
    for (query, expected) in [
        ("", vec![777, 1000, 1001, 1002]),
        ("?status=new", vec![777]),
        ("?status[]=done&status[]=cancel", vec![1000, 1002]),
        ("?email=email@user.com&status=fail", vec![1001]),
        ("?email[]=nobody@test.ru&email[]=user@test.ru", vec![]),
    ] {
        let list = get(&sandbox, &format!("invoices{query}")).await.expect(200);
        assert_eq!(ids(&list["invoices"]), expected, "{query}");
    }
    assert_eq!(get(&sandbox, "invoices?status=paid").await.wrong_fields(), ["status"]);
    let path = format!("users/{}/invoices?status=done", Shtrafovnet::PAYER);
    let list = get(&sandbox, &path).await.expect(200);
    assert_eq!(ids(&list["invoices"]), [1000]);
    assert_eq!(list["invoices"][0]["user"], Shtrafovnet::PAYER);
    let none = get(&sandbox, &format!("users/{}/invoices", Shtrafovnet::USER)).await.expect(200);
    assert_eq!(none["total"], 0);
    for path in ["invoices/1", "invoices/x"] {
        assert_eq!(get(&sandbox, path).await.status, 404);
    }

    let body = json!({ "invoices": { "1001": "pay" } });
    let refused = control(&sandbox, Method::PATCH, "shtrafovnet", body).await.expect(400);
    assert_eq!(refused["error"], "the invoice 1001 is fail, not new");
    let body = json!({ "invoices": { "777": "pay" } });
    control(&sandbox, Method::PATCH, "shtrafovnet", body).await.expect(200);
    assert_eq!(shtrafovnet.invoice_status(777), Some(InvoiceStatus::Process));
}

#[tokio::test]
async fn a_discount_is_paid_while_it_holds() {
    let sandbox = modern().await;
    let user = "discount@test.ru";
    post(&sandbox, "users", json!({ "email": user })).await.expect(201);
    for number in 0..4 {
        new_car(&sandbox, number, Some(user)).await;
    }
    sandbox.clock().advance(TimeDelta::days(1));
    let path = format!("users/{user}/fines?filters=discount&paid=nopaid");
    let fines = get(&sandbox, &path).await.expect(200)["fines"].take();
    let fine = fines.as_array().unwrap().iter().find(|fine| fine["status"] != "inactive");
    let fine = fine.expect("a fine with a discount");
    let (id, amount) = (&fine["id"], fine["amount"].as_u64().unwrap());
    let mut body = invoice_for(user);
    body["fines"] = json!([id]);
    let early = post(&sandbox, "invoices", body.clone()).await.expect(201);
    assert_eq!(early["amount"], amount / 2);
    sandbox.clock().advance(TimeDelta::days(20));
    let late = post(&sandbox, "invoices", body).await.expect(201);
    assert_eq!(late["amount"], amount);
    // An inactive one cannot be paid at all.
    let all = get(&sandbox, &format!("users/{user}/fines")).await.expect(200);
    let inactive = all["fines"].as_array().unwrap().iter();
    let inactive = inactive.filter(|fine| fine["status"] == "inactive" && fine["isPaid"] == false);
    for fine in inactive {
        let mut body = invoice_for(user);
        body["fines"] = json!([fine["id"]]);
        assert_eq!(post(&sandbox, "invoices", body).await.wrong_fields(), ["fines"]);
    }
}

/// Takes one request and answers it; the request's head and body.
async fn listen(listener: TcpListener, answer: &'static str) -> (String, Value) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        if let Ok(body) = serde_json::from_str(body) {
            stream.write_all(answer.as_bytes()).await.unwrap();
            return (head.to_owned(), body);
        }
    }
}

#[tokio::test]
async fn a_postback_is_delivered_to_this_machine() {
    let sandbox = modern().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}/postback?from=shtrafovnet");
    patch(&sandbox, "company", json!({ "callback_url": url })).await.expect(200);
    let answer = "HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok";
    let listening = tokio::spawn(listen(listener, answer));
    let body = json!({ "type": "postback", "fine_id": 7 });
    let created = post(&sandbox, "test/notification/fine", body).await.expect(201);

    let (head, body) = listening.await.unwrap();
    assert!(head.starts_with("POST /postback?from=shtrafovnet HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json"));
    assert_eq!(body, json!({ "fine": get(&sandbox, "fines/7").await.expect(200) }));
    let delivery = &sandbox.shtrafovnet().deliveries()[0];
    assert_eq!(created["id"], delivery.id.as_str());
    assert_eq!((delivery.url.as_deref(), delivery.status), (Some(url.as_str()), Some(202)));
    assert_eq!((delivery.fine, delivery.reason.as_deref()), (7, None));
}

#[tokio::test]
async fn other_notifications_go_nowhere() {
    let sandbox = modern().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (url, kind, expected) in [
        (json!("https://127.0.0.1:1/"), "postback", "loopback"),
        (json!("http://192.0.2.1/"), "postback", "loopback"),
        (json!("http://127.0.0.1.example/"), "postback", "loopback"),
        (json!("http://localhost.example/"), "postback", "loopback"),
        (json!("http://127.0.0.1@192.0.2.1/"), "postback", "loopback"),
        (json!("http://[::ffff:192.0.2.1]/"), "postback", "loopback"),
        (Value::Null, "postback", "no `callback_url`"),
        (json!(format!("http://{closed}/")), "postback", "refused"),
        (Value::Null, "fcm", "FCM"),
    ] {
        patch(&sandbox, "company", json!({ "callback_url": url })).await.expect(200);
        let body = json!({ "type": kind, "fine_id": 7 });
        post(&sandbox, "test/notification/fine", body).await.expect(201);
        let delivery = sandbox.shtrafovnet().deliveries().pop().unwrap();
        let reason = delivery.reason.unwrap();
        assert!(reason.contains(expected), "{url}: {reason}");
        assert_eq!((delivery.status, delivery.kind.as_str()), (None, kind));
    }
    let path = "shtrafovnet/notifications";
    let list = control(&sandbox, Method::GET, path, Value::Null).await.expect(200);
    assert_eq!(list["notifications"].as_array().unwrap().len(), 9);
    for (body, field) in [
        (json!({ "fine_id": 7 }), "type"),
        (json!({ "type": "mail", "fine_id": 7 }), "type"),
        (json!({ "type": "fcm" }), "fine_id"),
        (json!({ "type": "fcm", "fine_id": 999 }), "fine_id"),
    ] {
        let answer = post(&sandbox, "test/notification/fine", body).await;
        assert_eq!(answer.wrong_fields(), [field]);
    }
    assert_eq!(sandbox.shtrafovnet().notifications_created(), 9);
}
