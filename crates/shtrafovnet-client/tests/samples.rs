//! Every sample of the document both ways: the request as its curl line has it, the answer decoded and
//! written back, in the printed form and in the plain one. The files hold what the document prints.

use std::sync::Arc;

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use ruapi_core::test_util::{RecordedResponse, Replay, lossless};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shtrafovnet_client::cars::CarStatus;
use shtrafovnet_client::fines::{
    DocumentFilter, FineField, FineFlag, OrganisationFilter, PaidFilter, PaidStatus,
};
use shtrafovnet_client::invoices::InvoiceStatus;
use shtrafovnet_client::users::UserStatus;
use shtrafovnet_client::{
    BoxFuture, Call, Client, Email, Error, Fine, Identity, Login, NotificationType, Operation,
    Options, Payer, Request, Response,
};

#[derive(Deserialize)]
struct Sample {
    method: String,
    url: String,
    body: Value,
    status: u16,
    answer: Value,
}

/// The number of operations that the document describes.
const OPERATIONS: usize = 27;

fn samples() -> Vec<(String, Sample)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

fn sample(name: &str) -> Sample {
    let mut samples = samples();
    let place = samples.iter().position(|(found, _)| found == name);
    samples.swap_remove(place.unwrap_or_else(|| panic!("no sample {name}"))).1
}

fn client_with(
    identity: impl Into<Identity>,
    status: u16,
    answer: &Value,
) -> (Client, Arc<Replay>) {
    let mut response = Replay::answer(status, "");
    response.body = answer.clone();
    replay(identity, [Ok(response)])
}

fn replay<const N: usize>(
    identity: impl Into<Identity>,
    answers: [Result<RecordedResponse, ruapi_core::transport::TransportError>; N],
) -> (Client, Arc<Replay>) {
    let transport = Arc::new(Replay::new(answers));
    let options = Options::new().transport(transport.clone());
    let client = Client::builder(identity)
        .base_url("http://127.0.0.1/latest/webmasters/")
        .options(options)
        .build();
    (client.unwrap(), transport)
}

/// What a call would send, and its answer written back and as `Debug` shows it.
type Played = (Request, BoxFuture<'static, Result<(Value, String), Error>>);

fn played<O: Operation>(call: Call<O>) -> Played
where
    O::Answer: Serialize + Sync + std::fmt::Debug,
{
    let request = call.request().unwrap();
    let answer = async move {
        let answer = call.await?.into_inner();
        Ok((serde_json::to_value(&answer).unwrap(), format!("{answer:?}")))
    };
    (request, Box::pin(answer))
}

fn played_without_body<O: Operation>(call: Call<O>, answer: Value) -> Played {
    let request = call.request().unwrap();
    (
        request,
        Box::pin(async move { call.await.map(|_: Response<O::Answer>| (answer, String::new())) }),
    )
}

/// The call that a sample shows, with the sample's own values.
fn play(name: &str, client: &Client) -> Played {
    let user: Email = "user@test.ru".parse().unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let start = day("2017-07-10").and_hms_opt(0, 0, 0).unwrap();
    let end = day("2017-07-10").and_hms_opt(23, 59, 59).unwrap();
    let password = || SecretString::from("my_secret");
    let payer = Payer::new("Иванов", "Алексей", "Алексеевич").unwrap();
    match name {
        "get_account" => played(client.account()),
        "post_account_registration" => played(
            client
                .register_account(&user, password(), "Best Service Full", "https://example.com")
                .affiliate_id(777)
                .callback_url("https://example.com/postback/shtrafovnet")
                .fcm_token("secret-string")
                .last_name("Иванов")
                .first_name("Алексей")
                .middle_name("Петрович")
                .phone("79005551122"),
        ),
        "patch_account" => played(
            client
                .update_account()
                .password("secret-string")
                .last_name("Иванов")
                .first_name("Алексей")
                .middle_name("Петрович")
                .phone("79005551122"),
        ),
        "post_account_reset_password" => played(client.reset_password(&user)),
        "post_tokens" => {
            let call = client.create_token();
            let request = call.request().unwrap();
            let answer = async move {
                let answer = call.await?.into_inner();
                let debug = format!("{answer:?}");
                Ok((json!({"token": answer.token.expose_secret()}), debug))
            };
            (request, Box::pin(answer))
        }
        "get_users" => played(client.users().status([UserStatus::Active])),
        "get_users_email" => played(client.user(&user)),
        "get_users_email_cars" => played(client.user_cars(&user).status([CarStatus::Active])),
        "get_users_email_fines" => played(
            client
                .user_fines(&user)
                .paid([PaidFilter::Paid])
                .doc([DocumentFilter::Sts])
                .org([OrganisationFilter::Gibdd])
                .started(day("2019-01-01"))
                .ended(day("2019-10-01"))
                .update_started(start)
                .update_ended(end)
                .create_started(start)
                .create_ended(end)
                // The sample has a date here, which is no car.
                .cars(["2017-07-10 23:59:59".into()]),
        ),
        "get_users_email_invoices" => {
            played(client.user_invoices(&user).status([InvoiceStatus::New]))
        }
        "post_users" => played(
            client
                .create_user(&user)
                .username("User")
                .fcm_token("my_secret")
                .last_name("Иванов")
                .first_name("Алексей")
                .middle_name("Петрович")
                .phone("79005551122"),
        ),
        "patch_users_email" => played(
            client
                .update_user(&user)
                .username("User")
                .fcm_token("secret-string")
                .last_name("Иванов")
                .first_name("Алексей")
                .middle_name("Петрович")
                .phone("79005551122"),
        ),
        "delete_users_email" => played_without_body(client.delete_user(&user), Value::Null),
        "get_cars_id" => played(client.car(&"1212".into())),
        "post_cars" => played(
            client
                .create_car("3620848236", "a001aa777")
                .driver_license("00aa000222")
                .name("NISSAN TIIDA")
                .owner(&user),
        ),
        "patch_cars_id" => {
            played(client.update_car(&"1212".into()).name("NISSAN TIIDA").owner(&user))
        }
        "delete_cars_id" => played_without_body(client.delete_car(&"1212".into()), Value::Null),
        "get_cars_id_fines" => played(
            client
                .car_fines(&"1212".into())
                .paid([PaidFilter::Paid])
                .doc([DocumentFilter::Sts])
                .org([OrganisationFilter::Gibdd])
                // The sample asks for a field that there is not.
                .fields([FineField::from("gibdd")])
                .started(day("2019-01-01"))
                .ended(day("2019-10-01"))
                .update_started(start)
                .update_ended(end)
                .create_started(start)
                .create_ended(end)
                .uins(["12345678901234567890"]),
        ),
        "get_company" => played(client.company()),
        "patch_company" => played(
            client
                .update_company()
                .display_name("Best Service")
                .url("https://example.com")
                .affiliate_id(777)
                .callback_url("https://example.com/postback/shtrafovnet")
                .fcm_token("secret-string"),
        ),
        "get_fines_id" => played(client.fine(&"1".into())),
        "post_scan" => played(client.scan(&"777".into())),
        "post_scan_id" => played(client.scan_status(&"777".into())),
        "get_invoices" => played(client.invoices().status([InvoiceStatus::New])),
        "get_invoices_id" => played(client.invoice(&"777".into())),
        "post_invoices" => played(
            client
                .create_invoice(
                    &"email@user.com".parse().unwrap(),
                    payer,
                    "http://example.ru/success",
                    "http://example.ru/fail",
                )
                .fines([7.into(), 20.into()])
                .cars([5.into(), 9.into()]),
        ),
        "post_test_notification_fine" => {
            played(client.test_notification(NotificationType::Postback, &"1231324".into()))
        }
        other => panic!("what is {other}?"),
    }
}

fn login() -> Login {
    Login::new("user@test.ru", "my_secret".to_owned())
}

fn token() -> Identity {
    Identity::Token("not-a-real-token".to_owned().into())
}

/// `POST /tokens` wants a password, all else a token.
fn identity(name: &str) -> Identity {
    if name == "post_tokens" { login().into() } else { token() }
}

#[tokio::test]
async fn every_operation_is_sent_as_its_curl_line_has_it() {
    let samples = samples();
    assert_eq!(samples.len(), OPERATIONS);
    for (name, sample) in samples {
        let (client, transport) = client_with(identity(&name), sample.status, &sample.answer);
        let (request, answer) = play(&name, &client);
        answer.await.unwrap_or_else(|error| panic!("{name}: {error}"));

        let sent = transport.requests();
        assert_eq!(sent.len(), 1, "{name}");
        assert_eq!(sent[0].method.as_str(), sample.method, "{name}");
        let id = if name.contains("cars") {
            "1212"
        } else if name == "get_fines_id" {
            "1"
        } else {
            "777"
        };
        let url = sample.url.replace(":email", "user@test.ru").replace(":id", id);
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        assert_eq!(request.path(), path, "{name}");
        // Both spellings of a space are the same thing.
        let query = query.replace('+', "%20");
        assert_eq!(request.query_string(), query, "{name}");
        let target = sent[0].url.strip_prefix("http://127.0.0.1/latest/webmasters/").unwrap();
        assert_eq!(target.replace("%20", "+"), url, "{name}");

        let header = |header: &str| sent[0].headers.get(header).map(|v| v.to_str().unwrap());
        match sample.body {
            Value::Null => assert!(sent[0].body.is_empty() && header("content-type").is_none()),
            body => {
                let sent: Value = serde_json::from_slice(&sent[0].body).unwrap();
                assert_eq!(sent, body, "{name}");
                assert_eq!(header("content-type"), Some("application/json"), "{name}");
            }
        }
        let expected = match name.as_str() {
            "post_account_registration" | "post_account_reset_password" => None,
            "post_tokens" => Some("Basic dXNlckB0ZXN0LnJ1Om15X3NlY3JldA=="),
            _ => Some("Bearer not-a-real-token"),
        };
        assert_eq!(header("authorization"), expected, "{name}");
    }
}

#[tokio::test]
async fn every_answer_is_understood_without_loss_in_both_forms() {
    for (name, sample) in samples() {
        for answer in [sample.answer.clone(), plain(&sample.answer)] {
            let (client, _) = client_with(identity(&name), sample.status, &answer);
            let encoded = play(&name, &client).1.await;
            let encoded = encoded.unwrap_or_else(|error| panic!("{name}: {error}"));
            let (encoded, _) = encoded;
            lossless(&answer, &encoded).unwrap_or_else(|path| panic!("{name}: {path}"));
        }
    }
}

#[tokio::test]
async fn no_documented_field_is_left_untyped() {
    for (name, sample) in samples() {
        if sample.answer.is_null() {
            continue;
        }
        let (client, _) = client_with(identity(&name), sample.status, &sample.answer);
        // `Debug` counts what a model has no field for.
        let (_, debug) = play(&name, &client).1.await.unwrap();
        let none = debug.matches("Extra(0 fields)").count();
        assert!(none > 0 && debug.matches("Extra(").count() == none, "{name}: {debug}");
    }
}

/// Numbers as numbers, booleans as booleans, a lone item as a list of one.
fn plain(value: &Value) -> Value {
    const NUMBERS: &[&str] = &[
        "id",
        "affiliate_id",
        "amount",
        "actuallyPaidAmount",
        "discountSize",
        "loadPics",
        "expiredDays",
        "discountDaysLeft",
        "totalAmount",
        "paidAmount",
        "car",
        "companyId",
        "finesCount",
        "finesAmount",
        "commissionAmount",
    ];
    const FLAGS: &[&str] = &[
        "enablePics",
        "isGis",
        "isGibdd",
        "isDit",
        "isUin",
        "isPaid",
        "isPaidMarked",
        "isExpired",
        "isDiscount",
    ];
    const LISTS: &[&str] = &["users", "cars", "fines", "invoices", "pics"];
    let Value::Object(fields) = value else { return value.clone() };
    let fields = fields.iter().map(|(name, value)| {
        let plain = match value {
            Value::String(text) if text.is_empty() => Value::Null,
            Value::String(text) if NUMBERS.contains(&name.as_str()) => {
                serde_json::from_str(text).unwrap_or_else(|_| value.clone())
            }
            Value::String(text) if FLAGS.contains(&name.as_str()) => (text == "true").into(),
            Value::Null => Value::Null,
            one if LISTS.contains(&name.as_str()) => json!([plain(one)]),
            other => plain(other),
        };
        (name.clone(), plain)
    });
    Value::Object(fields.collect())
}

#[tokio::test]
async fn the_documents_fine_has_every_value_typed() {
    let sample = sample("get_users_email_fines");
    let (client, _) = client_with(token(), 200, &sample.answer);
    let list = client.user_fines(&"user@test.ru".parse().unwrap()).await.unwrap();
    assert_eq!((list.total, list.count, list.items.len()), (Some(1), Some(1), 1));
    let fine = &list.items[0];
    assert_eq!(fine.id.as_str(), "1");
    assert_eq!(fine.post_number.as_ref().unwrap().as_str(), "18810136161108008161");
    assert_eq!(fine.posted_at.unwrap().date().to_string(), "2019-01-01");
    assert_eq!(fine.amount.unwrap().to_string(), "500");
    assert_eq!(fine.paid_amount.unwrap().to_string(), "0.00");
    assert_eq!(fine.discount_date.unwrap().end().to_string(), "2019-01-01 23:59:59");
    assert_eq!(
        (fine.is_paid, fine.is_discount, fine.is_paid_marked),
        (Some(true), Some(false), None)
    );
    assert_eq!(fine.paid_status, Some(PaidStatus::Paid));
    let mask = fine.updated_mask.as_ref().unwrap();
    assert!(mask.is_details_changed() && mask.has_new_pictures() && !mask.is_new());
    assert_eq!(fine.pics.urls().count(), 1);
    assert_eq!(fine.car.as_ref().unwrap().as_str(), "1003726");
    assert_eq!((&fine.name, &fine.koap_text, fine.expired_days), (&None, &None, None));
}

#[tokio::test]
async fn a_selection_leaves_the_other_fields_absent() {
    let answer = json!({"total": 1, "fines": [{"id": 7, "totalAmount": 250}]});
    let (client, transport) = client_with(token(), 200, &answer);
    let call = client
        .car_fines(&5.into())
        .fields([FineField::TotalAmount, FineField::Pics])
        .filters([FineFlag::Discount, FineFlag::Pics])
        .uin_search("1881")
        .page(3);
    let fine = call.await.unwrap().into_inner().items.remove(0);
    let mut expected = Fine::new("7");
    expected.total_amount = Some(250.into());
    assert_eq!(fine, expected);
    assert_eq!(
        transport.requests()[0].url.split_once('?').unwrap().1,
        "fields%5B0%5D=totalAmount&fields%5B1%5D=pics&uin_search=1881\
         &filters%5B0%5D=discount&filters%5B1%5D=pics&page=3"
    );
}

#[tokio::test]
async fn an_empty_filter_does_not_mean_all() {
    let (client, transport) = client_with(token(), 200, &json!({"fines": []}));
    let user = "a@x.ru".parse().unwrap();
    let call = || client.user_fines(&user);
    let none = || Vec::<String>::new();
    for call in [
        call().paid([]),
        call().doc([]),
        call().org([]),
        call().fields([]),
        call().filters([]),
        call().uins(none()),
        call().uins([" "]),
        call().uin_search(""),
        call().cars([]),
    ] {
        let error = call.clone().await.unwrap_err();
        assert!(error.is_input() && error.attempts() == 0, "{call:?}: {error}");
        assert!(call.items().try_next().await.unwrap_err().is_input());
    }
    assert!(client.users().status([]).await.unwrap_err().is_input());
    assert!(client.user_cars(&user).status([]).await.unwrap_err().is_input());
    assert!(client.user_invoices(&user).status([]).await.unwrap_err().is_input());
    assert!(client.invoices().status([]).await.unwrap_err().is_input());
    assert!(client.invoices().users([]).await.unwrap_err().is_input());
    assert_eq!(transport.requests().len(), 0);
}

#[tokio::test]
async fn invoices_of_a_user_are_asked_for_by_email() {
    let (client, transport) = client_with(token(), 200, &json!({"invoices": []}));
    let users = ["a@x.ru", "b@x.ru"].map(|email| email.parse().unwrap());
    assert_eq!(client.invoices().users(users).await.unwrap().items, []);
    let query = transport.requests()[0].url.split_once('?').unwrap().1.to_owned();
    assert_eq!(query, "email%5B0%5D=a%40x.ru&email%5B1%5D=b%40x.ru");
}

#[tokio::test]
async fn every_field_can_be_selected() {
    let sample = sample("get_users_email_fines");
    let fields = sample.answer["fines"].as_object().unwrap();
    let selectable: Vec<&str> = FineField::DOCUMENTED.iter().map(FineField::as_str).collect();
    for field in fields.keys() {
        assert!(selectable.contains(&field.as_str()), "{field}");
    }
    assert_eq!(fields.len(), selectable.len());
}
