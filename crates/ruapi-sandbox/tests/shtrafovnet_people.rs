//! Shtrafovnet: who may ask, and whom for: accounts, tokens, letters, users, the company.

mod common;

use common::client;
use common::shtrafovnet::{
    Answer, basic, bearer, call_as, control, delete, get, log_in, modern, new_car, patch, post,
};
use reqwest::Method;
use ruapi_sandbox::shtrafovnet::UserStatus;
use ruapi_sandbox::{Sandbox, Shtrafovnet};
use serde_json::{Value, json};

const EMAIL: &str = "webmaster@test.ru";

/// A call without a credential.
async fn open(sandbox: &Sandbox, path: &str, body: Value) -> Answer {
    call_as(None, Method::POST, &format!("{}{path}", sandbox.shtrafovnet_url()), &body).await
}

async fn register(sandbox: &Sandbox) -> Answer {
    let body = json!({
        "email": EMAIL, "password": "secret-string", "name": "Тест", "url": "https://example.com",
    });
    open(sandbox, "account/registration", body).await
}

async fn with_token(sandbox: &Sandbox, token: &str, path: &str) -> Answer {
    let url = format!("{}{path}", sandbox.shtrafovnet_url());
    call_as(Some(&bearer(token)), Method::GET, &url, &Value::Null).await
}

/// A new token of an account.
async fn token(sandbox: &Sandbox, email: &str, password: &str) -> String {
    let body = log_in(sandbox, email, password).await.expect(201);
    body["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_works_once_it_is_confirmed() {
    let sandbox = modern().await;
    let account = register(&sandbox).await.expect(201);
    assert_eq!(account["status"], "new");
    assert_eq!(account["username"], "webmaster");
    assert_eq!(account["phone"], Value::Null);
    assert_eq!(account["created_at"], "2025-08-26 12:00:00");
    assert_eq!(log_in(&sandbox, EMAIL, "secret-string").await.expect(403)["status"], 403);
    let early = sandbox.shtrafovnet().new_token(EMAIL);
    assert_eq!(with_token(&sandbox, &early, "account").await.status, 403);
    assert_eq!(with_token(&sandbox, &early, "users").await.status, 403);

    let mail = sandbox.shtrafovnet().mail();
    assert_eq!((mail.len(), mail[0].to.as_str()), (1, EMAIL));
    let link = mail[0].link.clone().unwrap();
    assert!(link.starts_with(&sandbox.shtrafovnet_url()) && mail[0].text.contains(&link));
    let wrong = client().get(format!("{link}0")).send().await.unwrap();
    assert_eq!(wrong.status(), 404);
    assert_eq!(client().get(&link).send().await.unwrap().status(), 200);

    let token = token(&sandbox, EMAIL, "secret-string").await;
    assert_eq!(with_token(&sandbox, &token, "account").await.expect(200)["status"], "active");
    let company = with_token(&sandbox, &token, "company").await.expect(200);
    assert_eq!((&company["id"], &company["name"]), (&json!(9268), &json!("Тест")));
    // Its own users, cars, fines, scans and invoices: none.
    for path in ["users", "invoices"] {
        assert_eq!(with_token(&sandbox, &token, path).await.expect(200)["total"], 0);
    }
    for path in [
        "users/user@test.ru",
        "cars/1212",
        "fines/1",
        "scan/777",
        "invoices/777",
        "cars/1212/fines",
    ] {
        assert_eq!(with_token(&sandbox, &token, path).await.status, 404, "{path}");
    }
    let shtrafovnet = sandbox.shtrafovnet();
    assert_eq!((shtrafovnet.accounts_created(), shtrafovnet.tokens_issued()), (1, 1));
}

#[tokio::test]
async fn registrations_are_checked() {
    let sandbox = modern().await;
    let body = json!({
        "email": "no-mail", "password": "", "name": null, "url": "example\u{7}com",
        "affiliate_id": "x", "callback_url": "ftp://example.com", "phone": [1],
    });
    let wrong = open(&sandbox, "account/registration", body).await.wrong_fields();
    let fields = ["affiliate_id", "callback_url", "email", "name", "password", "phone", "url"];
    assert_eq!(wrong, fields);
    register(&sandbox).await.expect(201);
    assert_eq!(register(&sandbox).await.wrong_fields(), ["email"]);
    assert_eq!(sandbox.shtrafovnet().accounts_created(), 1);
    assert_eq!(sandbox.shtrafovnet().mail().len(), 1);
}

#[tokio::test]
async fn a_new_password_makes_tokens_unknown() {
    let sandbox = modern().await;
    let first = token(&sandbox, Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD).await;
    let second = token(&sandbox, Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD).await;
    assert_ne!(first, second);
    assert_eq!(with_token(&sandbox, &first, "company").await.status, 200);

    // Other fields do not.
    patch(&sandbox, "account", json!({ "phone": "70000000000", "last_name": "" }))
        .await
        .expect(200);
    let account = with_token(&sandbox, &second, "account").await.expect(200);
    assert_eq!((&account["phone"], &account["last_name"]), (&json!("70000000000"), &Value::Null));
    assert_eq!(account["first_name"], "Алексей");
    assert_eq!(
        patch(&sandbox, "account", json!({ "password": "" })).await.wrong_fields(),
        ["password"]
    );

    patch(&sandbox, "account", json!({ "password": "second" })).await.expect(200);
    for token in [&first, &second, Shtrafovnet::TOKEN] {
        assert_eq!(with_token(&sandbox, token, "company").await.status, 401);
    }
    assert_eq!(log_in(&sandbox, Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD).await.status, 401);
    let third = token(&sandbox, Shtrafovnet::EMAIL, "second").await;

    let body = json!({ "email": Shtrafovnet::EMAIL });
    open(&sandbox, "account/reset-password", body).await.expect(201);
    assert_eq!(with_token(&sandbox, &third, "company").await.status, 401);
    let mail = sandbox.shtrafovnet().mail();
    let password = mail[0].password.clone().unwrap();
    assert!(mail[0].text.contains(&password));
    token(&sandbox, Shtrafovnet::EMAIL, &password).await;
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 4);

    let unknown = json!({ "email": "nobody@test.ru" });
    let answer = open(&sandbox, "account/reset-password", unknown).await.expect(404);
    assert_eq!(answer, json!({ "status": 404, "type": "about:blank", "title": "Not Found" }));
    let answer = open(&sandbox, "account/reset-password", json!({})).await;
    assert_eq!(answer.wrong_fields(), ["email"]);
}

#[tokio::test]
async fn credentials_where_they_belong() {
    let sandbox = modern().await;
    let token = bearer(Shtrafovnet::TOKEN);
    let password = basic(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD);
    for (authorization, method, path, status) in [
        (None, Method::GET, "account", 401),
        (None, Method::POST, "tokens", 401),
        (Some(token.as_str()), Method::POST, "tokens", 401),
        (Some(token.as_str()), Method::GET, "account", 200),
        (Some(password.as_str()), Method::GET, "account", 200),
        (Some(password.as_str()), Method::GET, "company", 401),
        (Some(password.as_str()), Method::POST, "tokens", 201),
        (Some("Basic ***"), Method::POST, "tokens", 401),
        (Some("Basic bm9jb2xvbg=="), Method::POST, "tokens", 401),
        (Some("Bearer"), Method::GET, "company", 401),
        (Some("Bearer unknown"), Method::GET, "company", 401),
        (Some("bearer unknown"), Method::GET, "account", 401),
    ] {
        let url = format!("{}{path}", sandbox.shtrafovnet_url());
        let answer = call_as(authorization, method, &url, &Value::Null).await;
        assert_eq!(answer.status, status, "{authorization:?} {path}");
        if status == 401 {
            let expected = json!({ "status": 401, "type": "about:blank", "title": "Unauthorized" });
            assert_eq!(answer.json(), expected);
        }
    }
    sandbox.shtrafovnet().revoke_token(Shtrafovnet::TOKEN);
    assert_eq!(get(&sandbox, "company").await.status, 401);
    let new = sandbox.shtrafovnet().new_token(Shtrafovnet::EMAIL);
    assert_eq!(with_token(&sandbox, &new, "company").await.status, 200);
    sandbox.shtrafovnet().revoke_all_tokens();
    assert_eq!(with_token(&sandbox, &new, "company").await.status, 401);
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 1);
}

#[tokio::test]
async fn an_account_is_locked_after_wrong_passwords_in_a_row() {
    let sandbox = modern().await;
    let email = Shtrafovnet::EMAIL;
    let shtrafovnet = sandbox.shtrafovnet();
    shtrafovnet.set_login_failures(3);
    for _ in 0..2 {
        assert_eq!(log_in(&sandbox, email, "wrong").await.status, 401);
    }
    // A right one, and all is forgotten.
    assert_eq!(log_in(&sandbox, email, Shtrafovnet::PASSWORD).await.status, 201);
    for _ in 0..3 {
        assert_eq!(log_in(&sandbox, email, "wrong").await.status, 401);
    }
    assert!(shtrafovnet.is_locked(email));
    assert_eq!(log_in(&sandbox, email, Shtrafovnet::PASSWORD).await.status, 403);
    let answer = get(&sandbox, "company").await.expect(403);
    let locked = json!({ "status": 403, "type": "about:blank", "title": "The account is locked" });
    assert_eq!(answer, locked);
    shtrafovnet.set_locked(email, false);
    assert_eq!(get(&sandbox, "company").await.status, 200);

    shtrafovnet.set_locked(email, true);
    open(&sandbox, "account/reset-password", json!({ "email": email })).await.expect(201);
    assert!(!shtrafovnet.is_locked(email));
    assert_eq!(log_in(&sandbox, "nobody@test.ru", "wrong").await.status, 401);
}

#[tokio::test]
async fn users_are_created_changed_and_deleted() {
    let sandbox = modern().await;
    let body = json!({ "email": "a+b@test.ru", "fcm_token": "not here", "fcmToken": "token" });
    let user = post(&sandbox, "users", body.clone()).await.expect(201);
    assert_eq!((&user["username"], &user["fcm_token"]), (&json!("a+b"), &json!("token")));
    assert_eq!(user["status"], "new");
    assert_eq!(post(&sandbox, "users", body).await.wrong_fields(), ["email"]);
    for wrong in [json!({}), json!({ "email": "a" }), json!({ "email": "a@b@c" })] {
        assert_eq!(post(&sandbox, "users", wrong).await.wrong_fields(), ["email"]);
    }
    assert_eq!(sandbox.shtrafovnet().users_created(), 1);

    let path = "users/a%2Bb%40test.ru";
    assert_eq!(get(&sandbox, path).await.expect(200), user);
    assert_eq!(get(&sandbox, "users/a+b@test.ru").await.expect(200), user);
    sandbox.clock().advance(chrono::TimeDelta::hours(1));
    let body = json!({ "fcm_token": "other", "fcmToken": "not here", "email": "c@test.ru" });
    let changed = patch(&sandbox, path, body).await.expect(200);
    assert_eq!(changed["fcm_token"], "other");
    assert_eq!(changed["email"], "a+b@test.ru");
    assert_eq!(changed["last_activity_at"], "2025-08-26 13:00:00");
    assert_eq!(patch(&sandbox, path, json!({ "phone": {} })).await.wrong_fields(), ["phone"]);

    // With a car the user is active.
    let car = new_car(&sandbox, 1, Some("a+b@test.ru")).await;
    assert_eq!(get(&sandbox, path).await.expect(200)["status"], "active");
    assert_eq!(delete(&sandbox, path).await.status, 204);
    for suffix in ["", "/cars", "/fines", "/invoices"] {
        assert_eq!(get(&sandbox, &format!("{path}{suffix}")).await.status, 404);
    }
    assert_eq!(delete(&sandbox, path).await.status, 404);
    assert_eq!(patch(&sandbox, path, json!({})).await.status, 404);
    let car = get(&sandbox, &format!("cars/{car}")).await.expect(200);
    assert_eq!(car["email"], Value::Null);
}

#[tokio::test]
async fn users_are_filtered_by_status() {
    let sandbox = modern().await;
    let shtrafovnet = sandbox.shtrafovnet();
    shtrafovnet.set_user_status(Shtrafovnet::PAYER, Some(UserStatus::NotFound));
    for (query, total) in [
        ("", 3),
        ("?status=", 3),
        ("?status=new", 1),
        ("?status=active", 1),
        ("?status=not_found", 1),
        ("?status[]=not_found&status[]=new", 2),
        ("?status=new&status=ban", 0),
        ("?other=1", 3),
    ] {
        let users = get(&sandbox, &format!("users{query}")).await.expect(200);
        assert_eq!(users["total"], total, "{query}");
        assert_eq!(users["users"].as_array().unwrap().len(), total);
    }
    assert_eq!(get(&sandbox, "users?status=old").await.wrong_fields(), ["status"]);
    shtrafovnet.set_user_status(Shtrafovnet::PAYER, None);
    assert_eq!(get(&sandbox, "users?status=active").await.expect(200)["total"], 2);
}

#[tokio::test]
async fn the_company_changes_as_given() {
    let sandbox = modern().await;
    let body = json!({ "affiliate_id": 5, "fcm_token": null, "name": "not here" });
    let company = patch(&sandbox, "company", body).await.expect(200);
    let expected = json!({
        "id": 9267, "display_name": "Best Service", "name": "Best Service Full",
        "short_name": "BSC", "url": "https://example.com", "affiliate_id": 5, "status": "active",
        "created_at": "2019-01-01 00:00:00", "fcm_token": null,
    });
    assert_eq!(company, expected);
    assert_eq!(get(&sandbox, "company").await.expect(200), expected);
    let wrong = json!({ "url": "x\n", "callback_url": "http://", "affiliate_id": -1 });
    let wrong = patch(&sandbox, "company", wrong).await.wrong_fields();
    assert_eq!(wrong, ["affiliate_id", "callback_url", "url"]);
    assert_eq!(get(&sandbox, "company").await.expect(200), expected);
    let app = patch(&sandbox, "company", json!({ "url": "com.example.fines" })).await.expect(200);
    assert_eq!(app["url"], "com.example.fines", "an app has an address, too");
}

#[tokio::test]
async fn bodies_are_json_and_say_so() {
    let sandbox = modern().await;
    let url = format!("{}users", sandbox.shtrafovnet_url());
    let send = async |kind: Option<&str>, body: &'static str| {
        let mut request = client().post(&url).header("authorization", bearer(Shtrafovnet::TOKEN));
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        request.body(body).send().await.unwrap().status().as_u16()
    };
    let good = r#"{"email":"a@test.ru"}"#;
    assert_eq!(send(None, good).await, 415);
    assert_eq!(send(Some("application/x-www-form-urlencoded"), "email=a@test.ru").await, 415);
    for body in ["", "{", "[1]", "null", "email"] {
        assert_eq!(send(Some("application/json"), body).await, 400, "{body}");
    }
    assert_eq!(sandbox.shtrafovnet().users_created(), 0);
    assert_eq!(send(Some("Application/JSON; charset=utf-8"), good).await, 201);
}

#[tokio::test]
async fn other_methods_and_paths() {
    let sandbox = modern().await;
    for (method, path, status) in [
        (Method::PUT, "account", 405),
        (Method::GET, "tokens", 405),
        (Method::GET, "cars", 405),
        (Method::DELETE, "company", 405),
        (Method::GET, "account/else", 404),
        (Method::GET, "", 404),
        (Method::GET, "users/", 404),
    ] {
        let url = format!("{}{path}", sandbox.shtrafovnet_url());
        let answer = call_as(Some(&bearer(Shtrafovnet::TOKEN)), method, &url, &Value::Null).await;
        let body = answer.expect(status);
        if status == 405 {
            assert_eq!(body["title"], "Method Not Allowed");
        } else {
            assert_eq!(body["operations"].as_array().unwrap().len(), 27, "{path}");
        }
    }
}

#[tokio::test]
async fn letters_over_http() {
    let sandbox = modern().await;
    register(&sandbox).await.expect(201);
    let mail = control(&sandbox, Method::GET, "shtrafovnet/mail", Value::Null).await.expect(200);
    let link = mail["mail"][0]["link"].as_str().unwrap();
    assert_eq!(client().get(link).send().await.unwrap().status(), 200);
    let mail = control(&sandbox, Method::DELETE, "shtrafovnet/mail", Value::Null).await.expect(200);
    assert_eq!(mail, json!({ "mail": [] }));
    assert_eq!(sandbox.shtrafovnet().mail(), []);
    assert_eq!(log_in(&sandbox, EMAIL, "secret-string").await.status, 201);
}
