//! What is refused, here or by the service: each a clear, typed outcome.

mod common;

use std::sync::Arc;

use common::{client, count, email};
use ruapi_core::test_util::Replay;
use ruapi_sandbox::{Fault, FaultKind, Sandbox, Shtrafovnet};
use shtrafovnet_client::{
    CARS_PER_USER, CarId, Client, Error, FineId, Identity, InvoiceId, Kind, NotificationType,
    Options, Payer, RetryPolicy, ScanId, ValidationErrors,
};

/// A client whose service answers just this.
fn answered(status: u16, body: &str) -> Client {
    let transport = Arc::new(Replay::new([Ok(Replay::answer(status, body))]));
    let options = Options::new().transport(transport).retry(RetryPolicy::never());
    let token = Identity::Token("not-a-real-token".to_owned().into());
    Client::builder(token).base_url("http://127.0.0.1/").options(options).build().unwrap()
}

#[tokio::test]
async fn an_empty_identifier_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    for empty in ["", " ", ".", ".."] {
        let (car, fine) = (CarId::new(empty), FineId::new(empty));
        let (scan, invoice) = (ScanId::new(empty), InvoiceId::new(empty));
        let payer = || Payer::new("Иванов", "Алексей", "Петрович").unwrap();
        let user = email(Shtrafovnet::USER);
        let invoices = |fines: Vec<FineId>| {
            client.create_invoice(&user, payer(), "http://a.ru", "http://a.ru").fines(fines)
        };
        let mut refused: Vec<Error> = Vec::new();
        // A blank is a strange name for a car, but no way to another path.
        if empty != " " {
            refused.extend([
                client.car(&car).await.unwrap_err(),
                client.delete_car(&car).await.unwrap_err(),
                client.update_car(&car).await.unwrap_err(),
                client.car_fines(&car).await.unwrap_err(),
                client.fine(&fine).await.unwrap_err(),
                client.scan_status(&scan).await.unwrap_err(),
                client.invoice(&invoice).await.unwrap_err(),
            ]);
        }
        if empty.trim().is_empty() {
            refused.extend([
                client.scan(&car).await.unwrap_err(),
                client.test_notification(NotificationType::Fcm, &fine).await.unwrap_err(),
                invoices(vec![fine.clone()]).await.unwrap_err(),
                invoices(vec![]).await.unwrap_err(),
                client.create_car(empty, "а001аа77").await.unwrap_err(),
                client.create_car("7700000001", empty).await.unwrap_err(),
            ]);
        }
        for error in refused {
            assert!(error.is_input() && error.attempts() == 0, "{empty:?}: {error}");
        }
    }
    assert_eq!(sandbox.requests_total(), 0);
}

#[tokio::test]
async fn a_url_for_the_way_back_is_checked() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let user = email(Shtrafovnet::PAYER);
    let payer = || Payer::new("Иванов", "Алексей", "Петрович").unwrap();
    for (success, fail, name) in
        [("example.ru", "http://example.ru", "successUrl"), ("http://example.ru", "", "failUrl")]
    {
        let error = client.create_invoice(&user, payer(), success, fail).await.unwrap_err();
        assert!(error.is_input() && error.to_string().contains(name), "{error}");
    }
    assert_eq!(sandbox.requests_total(), 0);
}

#[tokio::test]
async fn the_fifth_car_is_a_validation_error_of_the_field() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let user = email("five@fleet.example");
    client.create_user(&user).await.unwrap();
    let car =
        |n: usize| client.create_car(format!("770000000{n}"), format!("а00{n}аа77")).owner(&user);
    for n in 0..CARS_PER_USER {
        car(n).await.unwrap();
    }
    let error = car(CARS_PER_USER).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Input, Some("validation_error")));
    assert!(!error.maybe_processed() && error.attempts() == 1);
    let errors = ValidationErrors::of(&error);
    assert_eq!(errors.field("email").len(), 1, "{errors:?}");
    assert!(error.to_string().contains("email: "), "the field is named: {error}");
    assert!(!error.to_string().contains(user.as_str()), "{error}");
}

#[tokio::test]
async fn the_documents_error_is_typed_by_field() {
    // The sample of section «Ошибки».
    let body = r#"{"status":400,"type":"validation_error","title":"There was a validation error",
        "errors":{"name":["This value should not be blank."],"email":["Email address can not be
        empty","This value should not be blank."],"companyInn":["This value should not be blank."],
        "plainPassword":["This value should not be blank."]}}"#
        .replace("\n        ", " ");
    let error = answered(400, &body).company().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Input, Some("validation_error")));
    let errors = ValidationErrors::of(&error);
    let fields: Vec<&str> = errors.iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["companyInn", "email", "name", "plainPassword"]);
    assert_eq!(
        errors.field("email"),
        ["Email address can not be empty", "This value should not be blank."]
    );
    assert!(error.to_string().contains("There was a validation error (companyInn: This value"));
    assert_eq!(error.body(), body.as_bytes(), "nothing is lost");
}

#[tokio::test]
async fn errors_of_every_shape_are_read_or_left_out() {
    for (body, fields, message) in [
        (r#"{"status":422,"title":"no"}"#, 0, Some("no")),
        (r#"{"status":422,"title":"no","errors":null}"#, 0, Some("no")),
        (r#"{"title":"no","errors":[]}"#, 0, Some("no")),
        (r#"{"title":"no","errors":{}}"#, 0, Some("no")),
        (r#"{"title":"no","errors":"wrong"}"#, 1, Some("no (wrong)")),
        (r#"{"title":"no","errors":["a","b"]}"#, 1, Some("no (a b)")),
        (r#"{"errors":{"reg":"wrong"}}"#, 1, Some("reg: wrong")),
        (r#"{"errors":{"reg":{"x":["wrong"],"y":7}}}"#, 1, Some("reg: wrong 7")),
        (r#"{"title":{"a":1},"type":[1],"errors":{"reg":[]}}"#, 1, Some("reg: ")),
        ("[]", 0, None),
        ("null", 0, None),
        ("<html>", 0, None),
        ("", 0, None),
    ] {
        let error = answered(422, body).company().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Input, "{body}");
        assert_eq!(ValidationErrors::of(&error).iter().count(), fields, "{body}");
        assert_eq!(error.message(), message, "{body}");
        assert_eq!(ValidationErrors::of(&error).is_empty(), fields == 0, "{body}");
    }
}

#[tokio::test]
async fn a_good_status_with_the_wrong_body_is_an_error_that_keeps_it() {
    for body in ["", "null", "[]", "{}", r#"{"status":400,"title":"no"}"#, "<html>", r#"{"id":""}"#]
    {
        let error = answered(200, body).company().await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (Kind::Decode, true), "{body}");
        assert_eq!(error.body(), body.as_bytes());
    }
    let error = answered(201, r#"{"id": 7, "status": "new", "amount": "cheap"}"#)
        .create_invoice(
            &email("a@b"),
            Payer::new("Иванов", "Алексей", "Петрович").unwrap(),
            "http://a.ru",
            "http://a.ru",
        )
        .await
        .unwrap_err();
    assert!(error.to_string().contains("at `amount`: expected a decimal number"), "{error}");
    assert!(!error.to_string().contains("cheap"));
}

#[tokio::test]
async fn a_deletion_is_one_whatever_comes_with_it() {
    for body in ["", "{}", "<html>gone</html>"] {
        answered(204, body).delete_car(&7.into()).await.unwrap();
    }
    for body in ["", "{}", "null"] {
        answered(200, body).delete_car(&7.into()).await.unwrap();
    }
    for body in ["<html>maintenance</html>", r#"{"status":400,"type":"validation_error"}"#] {
        let error = answered(200, body).delete_car(&7.into()).await.unwrap_err();
        assert_eq!((error.kind(), error.body()), (Kind::Decode, body.as_bytes()));
    }
    let error = answered(404, r#"{"title":"Not Found"}"#).delete_car(&7.into()).await.unwrap_err();
    assert_eq!((error.kind(), error.maybe_processed()), (Kind::NotFound, false));
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_is_found_done() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let user = email("gone@fleet.example");
    client.create_user(&user).await.unwrap();
    let cut = FaultKind::Cut { processed: true, after_bytes: 0, reset: true };
    sandbox.inject(Fault::new(cut).times(1));
    let deleted = client.delete_user(&user).await.unwrap();
    assert_eq!((deleted.attempts(), deleted.status().as_u16()), (2, 404));
    assert_eq!(count(&sandbox, "DELETE", "/users/{email}"), 2);
    let error = client.delete_user(&user).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn what_makes_something_is_not_repeated_and_what_asks_is() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.company().await.unwrap();
    let lost = || {
        let cut = FaultKind::Cut { processed: true, after_bytes: 0, reset: true };
        sandbox.inject(Fault::new(cut).times(1));
    };
    lost();
    assert!(client.create_user(&email("once@x.ru")).await.unwrap_err().maybe_processed());
    lost();
    assert!(client.create_car("7700000001", "а001аа77").await.unwrap_err().maybe_processed());
    lost();
    assert!(client.scan(&1212.into()).await.unwrap_err().maybe_processed());
    lost();
    let notification = client.test_notification(NotificationType::Fcm, &1.into());
    assert!(notification.await.unwrap_err().maybe_processed());
    let shtrafovnet = sandbox.shtrafovnet();
    assert_eq!((shtrafovnet.users_created(), shtrafovnet.cars_created()), (1, 1));
    assert_eq!((shtrafovnet.scans_created(), shtrafovnet.notifications_created()), (1, 1));

    lost();
    assert_eq!(client.scan_status(&777.into()).await.unwrap().attempts(), 2);
    lost();
    assert_eq!(client.update_car(&1212.into()).name("X").await.unwrap().attempts(), 2);
    lost();
    assert_eq!(client.update_company().display_name("X").await.unwrap().attempts(), 2);
    lost();
    assert_eq!(client.update_account().phone("79005551122").await.unwrap().attempts(), 2);
    lost();
    assert_eq!(client.user_fines(&email(Shtrafovnet::USER)).await.unwrap().attempts(), 2);
}
