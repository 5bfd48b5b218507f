//! Shtrafovnet: the control, the request log, the faults, the reset.

mod common;

use chrono::TimeDelta;
use common::shtrafovnet::{Answer, call_as, control, get, modern, post};
use reqwest::Method;
use ruapi_sandbox::shtrafovnet::{NextLink, ScanOutcome, ScanStatusMethods};
use ruapi_sandbox::{Fault, FaultKind, Sandbox, Shtrafovnet};
use serde_json::{Value, json};

async fn change(sandbox: &Sandbox, body: Value) -> Answer {
    control(sandbox, Method::PATCH, "shtrafovnet", body).await
}

async fn show(sandbox: &Sandbox) -> Value {
    control(sandbox, Method::GET, "shtrafovnet", Value::Null).await.expect(200)
}

fn fresh() -> Value {
    json!({
        "modern_forms": false, "page_size": 200, "next_link": "normal", "scan_seconds": null,
        "scan_outcomes": [], "scan_status_methods": "both", "login_failures": 10,
        "invoice_seconds": 5, "fleet_fines": 1000, "tokens": 1,
        "created": {
            "accounts": 0, "users": 0, "cars": 0, "scans": 0, "invoices": 0, "tokens": 0,
            "notifications": 0,
        },
    })
}

#[tokio::test]
async fn control_of_the_state() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_eq!(show(&sandbox).await, fresh());
    let body = json!({
        "modern_forms": true, "page_size": 2, "next_link": "foreign_host", "scan_seconds": 3,
        "scan_outcomes": ["fail", "skip", "done"], "scan_status_methods": "post",
        "login_failures": 4, "invoice_seconds": 6, "fleet_fines": 7,
    });
    let mut expected = fresh();
    expected.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    assert_eq!(change(&sandbox, body).await.expect(200), expected);
    let shtrafovnet = sandbox.shtrafovnet();
    assert!(shtrafovnet.modern_forms());
    assert_eq!((shtrafovnet.page_size(), shtrafovnet.fleet_fines()), (2, 7));
    assert_eq!(shtrafovnet.next_link(), NextLink::ForeignHost);
    assert_eq!(shtrafovnet.scan_status_methods(), ScanStatusMethods::Post);
    assert_eq!((shtrafovnet.scan_seconds(), shtrafovnet.invoice_seconds()), (Some(3), 6));
    assert_eq!(shtrafovnet.login_failures(), 4);

    let body = json!({
        "scan_seconds": null, "users": { "user@test.ru": "ban" }, "cars": { "5": "inactive" },
        "invoices": { "777": "cancel" },
    });
    assert_eq!(change(&sandbox, body).await.expect(200)["scan_seconds"], Value::Null);
    assert_eq!(get(&sandbox, "users/user@test.ru").await.expect(200)["status"], "ban");
    assert_eq!(get(&sandbox, "cars/5").await.expect(200)["status"], "inactive");
    assert_eq!(get(&sandbox, "invoices/777").await.expect(200)["status"], "cancel");
    let body = json!({ "users": { "user@test.ru": null }, "cars": { "5": null } });
    change(&sandbox, body).await.expect(200);
    assert_eq!(get(&sandbox, "users/user@test.ru").await.expect(200)["status"], "active");
    assert_eq!(get(&sandbox, "cars/5").await.expect(200)["status"], "active");

    change(&sandbox, json!({ "locked": { "user@test.ru": true } })).await.expect(200);
    assert_eq!(get(&sandbox, "company").await.status, 403);
    change(&sandbox, json!({ "locked": { "user@test.ru": false } })).await.expect(200);
    assert_eq!(get(&sandbox, "company").await.status, 200);
    let body = json!({ "revoke_tokens": [Shtrafovnet::TOKEN] });
    assert_eq!(change(&sandbox, body).await.expect(200)["tokens"], 0);
    assert_eq!(get(&sandbox, "company").await.status, 401);
    shtrafovnet.new_token(Shtrafovnet::EMAIL);
    let body = json!({ "revoke_all_tokens": true });
    assert_eq!(change(&sandbox, body).await.expect(200)["tokens"], 0);
}

#[tokio::test]
async fn bad_changes_say_what_was_expected() {
    let sandbox = Sandbox::start().await.unwrap();
    for (body, expected) in [
        (json!({ "page_sise": 1 }), "`page_size`"),
        (json!({ "page_size": 0 }), "`page_size` is 1 to 10000"),
        (json!({ "page_size": 10_001 }), "`page_size` is 1 to 10000"),
        (json!({ "fleet_fines": 10_000_001 }), "`fleet_fines` is 0 to 10000000"),
        (json!({ "login_failures": 0 }), "`login_failures` is at least 1"),
        (json!({ "next_link": "astray" }), "`foreign_host`"),
        (json!({ "scan_outcomes": ["process"] }), "`skip`"),
        (json!({ "modern_forms": true, "users": { "a@test.ru": "ban" } }), "no user a@test.ru"),
        (json!({ "modern_forms": true, "cars": { "1": null } }), "no car 1"),
        (json!({ "modern_forms": true, "invoices": { "1": "pay" } }), "no invoice 1"),
        (json!({ "modern_forms": true, "locked": { "a@test.ru": true } }), "no account"),
    ] {
        let answer = change(&sandbox, body).await.expect(400);
        let message = answer["error"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
        assert_eq!(show(&sandbox).await, fresh(), "all or nothing");
    }
}

#[tokio::test]
async fn the_index_lists_the_api() {
    let sandbox = Sandbox::start().await.unwrap();
    let index = control(&sandbox, Method::GET, "", Value::Null).await.expect(200);
    assert_eq!(index["apis"][1]["name"], "shtrafovnet");
    let operations = index["apis"][1]["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 27);
    // Each is served: none is answered as an unknown path or a wrong method is.
    for operation in operations {
        let path = operation["path"].as_str().unwrap();
        let path = path.replace("{email}", "nobody@test.ru").replace("{id}", "0");
        for path in [path.clone(), path.replace("/latest/", "/v2/")] {
            let url = format!("{}{}", sandbox.url(), path.trim_start_matches('/'));
            let method = operation["method"].as_str().unwrap().parse().unwrap();
            let answer = call_as(None, method, &url, &json!({})).await;
            assert!([400, 401].contains(&answer.status), "{path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn the_log_shows_the_harmless() {
    let sandbox = modern().await;
    for path in [
        "users/user@test.ru/fines?paid=paid&org[0]=gibdd&doc%5B%5D=sts&fields[]=amount&page=2\
         &filters=pics&cars[]=1212&uins=18810000000000012120&uin_search=188&started=2025-01-01\
         &update_started=2025-01-01+00:00:00",
        "users?status=secret&page=79005551122&paid=user@test.ru&79005551122=paid&status[a]=new\
         &status[79005551122]=new",
        "invoices?email=user@test.ru&status=new",
        "nothing/user@test.ru",
    ] {
        get(&sandbox, path).await;
    }
    let logged = sandbox.requests();
    let shown = |at: usize| -> Vec<_> {
        let query = logged[at].query.iter();
        query.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    };
    let base = "/shtrafovnet/latest/webmasters";
    assert_eq!(logged[0].path, format!("{base}/users/{{email}}/fines"));
    let expected = [
        ("paid", "paid"),
        ("org[0]", "gibdd"),
        ("doc[]", "sts"),
        ("fields[]", "amount"),
        ("page", "2"),
        ("filters", "pics"),
        ("cars[]", "***"),
        ("uins", "***"),
        ("uin_search", "***"),
        ("started", "***"),
        ("update_started", "***"),
    ];
    assert_eq!(shown(0), expected);
    let expected = [
        ("status", "***"),
        ("page", "***"),
        ("paid", "***"),
        ("***", "***"),
        ("***", "***"),
        ("***", "***"),
    ];
    assert_eq!(shown(1), expected);
    assert_eq!(shown(2), [("email", "***"), ("status", "new")]);
    assert_eq!(logged[3].path, "/shtrafovnet/{*unknown}");
}

#[tokio::test]
async fn nothing_personal_is_in_the_log() {
    let sandbox = modern().await;
    let secrets = [
        "planted@test.ru",
        "PlantedPassword",
        "PLANTEDTOKEN",
        "Плантов",
        "0009998887",
        "79000000001",
    ];
    let [email, password, token, name, cert, phone] = secrets;
    let person = json!({
        "email": email, "password": password, "last_name": name, "phone": phone, "cert": cert,
        "reg": cert, "name": name, "url": format!("https://{email}"), "fcmToken": token,
        "fcm_token": token, "wireName": name, "wireSurname": name, "wirePatronymic": name,
    });
    for path in ["account/registration", "users", "cars", "invoices", "account/reset-password"] {
        post(&sandbox, path, person.clone()).await;
    }
    let basic = common::shtrafovnet::basic(email, password);
    let base = sandbox.shtrafovnet_url();
    for authorization in [basic.clone(), format!("Bearer {token}")] {
        for path in ["tokens", "account", "confirm/PLANTEDTOKEN", "../../pay/PLANTEDTOKEN"] {
            let url = format!("{base}{path}");
            call_as(Some(&authorization), Method::POST, &url, &person).await;
        }
    }
    for secret in secrets {
        for path in ["users", "cars", "fines", "scan", "invoices", "else"] {
            get(&sandbox, &format!("{path}/{secret}?{secret}=1&status={secret}&q[{secret}]=1"))
                .await;
        }
    }
    let printed = format!("{:?}{}", sandbox.requests(), show(&sandbox).await).to_lowercase();
    for secret in secrets.into_iter().chain([basic.as_str(), "Basic", "Bearer"]) {
        assert!(!printed.contains(&secret.to_lowercase()), "{secret}");
    }
}

#[tokio::test]
async fn faults_hit_this_api_too() {
    let sandbox = modern().await;
    let inject = |kind| sandbox.inject(Fault::new(kind).path("/shtrafovnet/").times(1));
    for (code, status, kind, title) in [
        ("404", 404, "about:blank", "Not Found"),
        ("429", 429, "about:blank", "Too Many Requests"),
        ("503", 503, "about:blank", "Service Unavailable"),
        ("400", 400, "validation_error", "There was a validation error"),
        ("validation_error", 400, "validation_error", "There was a validation error"),
        ("quota_exceeded", 400, "quota_exceeded", "Bad Request"),
        ("700", 400, "700", "Bad Request"),
    ] {
        inject(FaultKind::api_error(code));
        let answer = get(&sandbox, "company").await.expect(status);
        assert_eq!((&answer["type"], &answer["title"]), (&json!(kind), &json!(title)), "{code}");
        assert_eq!(answer["status"], status);
    }
    let message = Some("Теперь нельзя".to_owned());
    inject(FaultKind::ApiError { code: "403".to_owned(), message });
    assert_eq!(get(&sandbox, "company").await.expect(403)["title"], "Теперь нельзя");

    // Lost answers leave what was done.
    let user = json!({ "email": "a@test.ru" });
    inject(FaultKind::Html { status: 502, processed: true });
    assert_eq!(post(&sandbox, "users", user.clone()).await.status, 502);
    inject(FaultKind::Html { status: 502, processed: false });
    assert_eq!(post(&sandbox, "users", json!({ "email": "b@test.ru" })).await.status, 502);
    assert_eq!(sandbox.shtrafovnet().users_created(), 1);
    assert_eq!(post(&sandbox, "users", user).await.wrong_fields(), ["email"]);

    inject(FaultKind::TokenRevoked);
    assert_eq!(get(&sandbox, "company").await.status, 401);
    assert_eq!(get(&sandbox, "company").await.status, 401);
    assert_eq!(sandbox.requests().iter().filter(|request| request.fault.is_some()).count(), 11);
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let sandbox = Sandbox::builder().frozen(true).start().await.unwrap();
    let shtrafovnet = sandbox.shtrafovnet();
    let before = get(&sandbox, "users").await.json();
    post(&sandbox, "users", json!({ "email": "a@test.ru" })).await.expect(201);
    post(&sandbox, "cars", json!({ "cert": "1", "reg": "1" })).await.expect(201);
    post(&sandbox, "scan", json!({ "car": 3_000_001 })).await.expect(201);
    let body = json!({ "type": "fcm", "fine_id": 1 });
    post(&sandbox, "test/notification/fine", body).await.expect(201);
    shtrafovnet.set_modern_forms(true);
    shtrafovnet.push_scan_outcome(ScanOutcome::Fail);
    shtrafovnet.pay_invoice(777);
    shtrafovnet.revoke_all_tokens();
    sandbox.clock().advance(TimeDelta::days(3));
    control(&sandbox, Method::POST, "reset", Value::Null).await.expect(200);
    assert_eq!(show(&sandbox).await, fresh());
    assert_eq!(get(&sandbox, "users").await.json(), before);
    assert!(shtrafovnet.mail().is_empty() && shtrafovnet.deliveries().is_empty());
    assert_eq!(get(&sandbox, "invoices/777").await.expect(200)["status"], "new");
    assert_eq!(get(&sandbox, "cars/3000001").await.status, 404);
}
