//! Shtrafovnet: the cases of its 27 operations.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use ruapi_core::BoxFuture;
use ruapi_core::test_util::{Exchange, Recorder};
use ruapi_sandbox::shtrafovnet::{NextLink, ScanStatusMethods};
use ruapi_sandbox::{Fault, FaultKind, Sandbox, Shtrafovnet};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shtrafovnet_client::account::Message;
use shtrafovnet_client::cars::CarStatus;
use shtrafovnet_client::fines::{
    DocumentFilter, FineField, FineFlag, OrganisationFilter, PaidFilter,
};
use shtrafovnet_client::invoices::InvoiceStatus;
use shtrafovnet_client::users::UserStatus;
use shtrafovnet_client::{
    CARS_PER_USER, Call, Car, CarId, Client, Company, Email, Error, Fine, Identity, Invoice,
    InvoiceId, List, Login, NewToken, Notification, NotificationType, Operation, Options, Payer,
    Profile, RetryPolicy, Scan,
};

use super::{Api, Recorded, Source};
use crate::Result;

pub(crate) const API: Api = Api {
    name: "shtrafovnet",
    documented: include_str!("../../coverage/shtrafovnet.toml"),
    readmes: &["README.md", "README.ru.md", "crates/shtrafovnet-client/README.md"],
    record: |source| Box::pin(record(source)),
    harmless_segments: &[
        "latest",
        "v2",
        "webmasters",
        "account",
        "company",
        "users",
        "cars",
        "fines",
        "invoices",
    ],
    harmless_query: &["page"],
    harmless_fields: &[],
    code_field: "type",
    embedded: &[],
    free_fields: &["_links", "pics", "orders"],
    decode,
    knows_code: |code| code == "validation_error",
};

const PASSWORD_VARIABLE: &str = "RUAPI_SHTRAFOVNET_PASSWORD";
const EMAIL_VARIABLE: &str = "RUAPI_SHTRAFOVNET_EMAIL";
/// What stands for the sandbox's own address, which changes from run to run.
const ORIGIN: &str = "https://api.shtrafovnet.ru/";
/// A made-up car with fines of many kinds.
const CERT: &str = "7700000001";
const REG: &str = "а002аа77";

fn decode(operation: &str, body: &[u8]) -> std::result::Result<Value, String> {
    fn model<T: DeserializeOwned + Serialize>(body: &[u8]) -> std::result::Result<Value, String> {
        let model: T = ruapi_core::decode(body)?;
        serde_json::to_value(model).map_err(|error| error.to_string())
    }
    match operation {
        "account" | "register_account" | "update_account" | "user" | "create_user"
        | "update_user" => model::<Profile>(body),
        "reset_password" => model::<Message>(body),
        "create_token" => {
            let token: NewToken = ruapi_core::decode(body)?;
            Ok(json!({"token": token.token.expose_secret()}))
        }
        "users" => model::<List<Profile>>(body),
        "user_cars" => model::<List<Car>>(body),
        "user_fines" | "car_fines" => model::<List<Fine>>(body),
        "user_invoices" | "invoices" => model::<List<Invoice>>(body),
        "car" | "create_car" | "update_car" => model::<Car>(body),
        "company" | "update_company" => model::<Company>(body),
        "fine" => model::<Fine>(body),
        "scan" | "scan_status" => model::<Scan>(body),
        "invoice" | "create_invoice" => model::<Invoice>(body),
        "test_notification" => model::<Notification>(body),
        other => Err(format!("{other} answers nothing")),
    }
}

/// One call. What the sandbox is to be like before it is in `prepare`.
struct Case {
    operation: &'static str,
    name: String,
    prepare: Prepare,
    call: Box<dyn FnOnce(Client) -> BoxFuture<'static, std::result::Result<(), Error>> + Send>,
}

type Prepare = Box<dyn Fn(&Sandbox) + Send>;

fn case<O: Operation>(
    operation: &'static str,
    name: &str,
    call: impl FnOnce(&Client) -> Call<O> + Send + 'static,
) -> Case {
    let call = |client: Client| -> BoxFuture<'static, _> {
        Box::pin(async move { call(&client).await.map(|_| ()) })
    };
    Case { operation, name: name.to_owned(), prepare: Box::new(|_| ()), call: Box::new(call) }
}

impl Case {
    fn on(mut self, prepare: impl Fn(&Sandbox) + Send + 'static) -> Self {
        self.prepare = Box::new(prepare);
        self
    }

    fn failing(self, kind: FaultKind) -> Self {
        self.on(move |sandbox| sandbox.inject(Fault::new(kind.clone())))
    }
}

fn email(text: &str) -> Email {
    text.parse().expect("an address")
}

fn user() -> Email {
    email(Shtrafovnet::USER)
}

fn payer() -> Payer {
    Payer::new("Иванов", "Алексей", "Петрович").expect("a name in Cyrillic")
}

fn secret() -> SecretString {
    Shtrafovnet::PASSWORD.into()
}

/// The fleet's fines are of every kind.
fn many_fines(client: &Client) -> Call<shtrafovnet_client::users::UserFines> {
    client.user_fines(&email(Shtrafovnet::FLEET))
}

/// Four made-up cars of a new user, checked: their fines are of every kind.
async fn four_cars(client: &Client, user: &Email) -> std::result::Result<Vec<CarId>, Error> {
    client.create_user(user).await?;
    let mut cars = Vec::new();
    for n in 0..CARS_PER_USER {
        let call = client.create_car(format!("770000000{n}"), format!("а00{n}аа77"));
        let car = call.driver_license("00aa000222").owner(user).await?.id.clone();
        client.scan(&car).await?;
        cars.push(car);
    }
    Ok(cars)
}

/// A case whose last exchange counts, after some that prepare it.
fn flow<F>(
    operation: &'static str,
    name: &str,
    calls: impl FnOnce(Client) -> F + Send + 'static,
) -> Case
where
    F: Future<Output = std::result::Result<(), Error>> + Send + 'static,
{
    Case {
        operation,
        name: name.to_owned(),
        prepare: Box::new(|sandbox| sandbox.shtrafovnet().set_scan_seconds(Some(0))),
        call: Box::new(|client| Box::pin(calls(client))),
    }
}

async fn new_invoice(client: &Client) -> std::result::Result<InvoiceId, Error> {
    let (success, fail) = ("http://example.ru/success", "http://example.ru/fail");
    let call = client.create_invoice(&email(Shtrafovnet::PAYER), payer(), success, fail);
    Ok(call.await?.id.clone())
}

/// The first fine of the kind, by itself.
fn one_of(name: &str, is_it: impl Fn(&Fine) -> bool + Send + 'static) -> Case {
    flow("fine", name, |client| async move {
        let user = email("42@drivers.example");
        four_cars(&client, &user).await?;
        let fines = client.user_fines(&user).await?;
        let found = fines.items.iter().find(|fine| is_it(fine)).map(|fine| fine.id.clone());
        client.fine(&found.unwrap_or_default()).await.map(|_| ())
    })
}

fn one_or_many(sandbox: &Sandbox) {
    sandbox.shtrafovnet().set_fleet_fines(60);
}

/// The sandbox's answers to every operation, in one of its two forms.
fn answers() -> Vec<Case> {
    vec![
        case("account", "example", Client::account),
        case("register_account", "full", |client| {
            client
                .register_account(
                    &email("fresh@test.ru"),
                    secret(),
                    "Fresh",
                    "https://fresh.example",
                )
                .affiliate_id(777)
                .callback_url("https://fresh.example/postback/shtrafovnet")
                .fcm_token("secret-string")
                .last_name("Иванов")
                .first_name("Алексей")
                .middle_name("Петрович")
                .phone("79005551122")
        }),
        case("update_account", "full", |client| {
            client
                .update_account()
                .password(secret())
                .last_name("Иванов")
                .first_name("Алексей")
                .middle_name("Петрович")
                .phone("79005551122")
        }),
        case("reset_password", "example", |client| client.reset_password(&user())),
        case("create_token", "example", Client::create_token),
        case("users", "all", Client::users),
        case("users", "by_status", |client| client.users().status([UserStatus::Active])),
        case("users", "page_2_of_3", |client| client.users().page(2))
            .on(|sandbox| sandbox.shtrafovnet().set_page_size(1)),
        case("user", "example", |client| client.user(&user())),
        case("create_user", "full", |client| {
            client
                .create_user(&email("42@drivers.example"))
                .username("User")
                .fcm_token("secret-string")
                .last_name("Иванов")
                .first_name("Алексей")
                .middle_name("Петрович")
                .phone("79005551122")
        }),
        case("update_user", "full", |client| {
            client
                .update_user(&user())
                .username("User")
                .fcm_token("secret-string")
                .last_name("Иванов")
                .first_name("Алексей")
                .middle_name("Петрович")
                .phone("79005551122")
        }),
        case("delete_user", "example", |client| client.delete_user(&user())),
        case("user_cars", "all", |client| client.user_cars(&user())),
        case("user_cars", "by_status", |client| {
            client.user_cars(&user()).status([CarStatus::Active, CarStatus::New])
        }),
        case("user_cars", "page_1_of_2", |client| client.user_cars(&user()).page(1))
            .on(|sandbox| sandbox.shtrafovnet().set_page_size(1)),
        case("user_fines", "all", |client| client.user_fines(&user())),
        flow("user_fines", "of_every_kind", |client| async move {
            let user = email("42@drivers.example");
            four_cars(&client, &user).await?;
            client.user_fines(&user).await.map(|_| ())
        }),
        case("user_fines", "filtered", |client| {
            many_fines(client)
                .paid([PaidFilter::NoPaid, PaidFilter::PartPaid])
                .doc([DocumentFilter::Sts])
                .org([OrganisationFilter::Gibdd, OrganisationFilter::Madi])
                .started(day(2000))
                .ended(day(2100))
                .update_started(moment(2000))
                .update_ended(moment(2100))
                .create_started(moment(2000))
                .create_ended(moment(2100))
                .cars([Shtrafovnet::FLEET_CAR.into()])
                .uin_search("188")
                .filters([FineFlag::Pics])
        })
        .on(one_or_many),
        case("user_fines", "by_decision", |client| {
            client.user_fines(&user()).uins(["18810136161108008161"])
        }),
        case("user_fines", "page_2_of_2", |client| many_fines(client).page(2)).on(|sandbox| {
            sandbox.shtrafovnet().set_fleet_fines(7);
            sandbox.shtrafovnet().set_page_size(5);
        }),
        case("user_fines", "next_on_another_host", |client| many_fines(client).page(1)).on(
            |sandbox| {
                sandbox.shtrafovnet().set_fleet_fines(2);
                sandbox.shtrafovnet().set_page_size(1);
                sandbox.shtrafovnet().set_next_link(NextLink::ForeignHost);
            },
        ),
        case("user_invoices", "all", |client| client.user_invoices(&email(Shtrafovnet::PAYER))),
        case("user_invoices", "by_status", |client| {
            let call = client.user_invoices(&email(Shtrafovnet::PAYER));
            call.status([InvoiceStatus::New, InvoiceStatus::Done]).page(1)
        }),
        case("car", "example", |client| client.car(&1212.into())),
        case("car", "archived", |client| client.car(&1003726.into())),
        case("create_car", "full", |client| {
            let call = client.create_car("3620848299", "a002aa777").driver_license("00aa000222");
            call.name("NISSAN TIIDA").owner(&user())
        }),
        case("update_car", "full", |client| {
            client.update_car(&1212.into()).name("NISSAN TIIDA").owner(&user())
        }),
        case("delete_car", "example", |client| client.delete_car(&1212.into())),
        case("car_fines", "all", |client| client.car_fines(&1003726.into())),
        case("car_fines", "filtered", |client| {
            client
                .car_fines(&Shtrafovnet::FLEET_CAR.into())
                .paid([PaidFilter::All])
                .doc([DocumentFilter::All])
                .org([OrganisationFilter::All])
                .started(day(2000))
                .ended(day(2100))
                .update_started(moment(2000))
                .update_ended(moment(2100))
                .create_started(moment(2000))
                .create_ended(moment(2100))
                .uin_search("188")
                .filters([FineFlag::Pics])
                .page(1)
        })
        .on(one_or_many),
        case("car_fines", "by_decision", |client| {
            client.car_fines(&1003726.into()).uins(["18810136161108008161", "1"])
        }),
        case("car_fines", "selected_fields", |client| {
            let call = client.car_fines(&1212.into());
            call.fields([FineField::TotalAmount, FineField::PaidStatus, FineField::Pics])
        }),
        case("company", "example", Client::company),
        case("update_company", "full", |client| {
            client
                .update_company()
                .display_name("Best Service")
                .url("https://example.com")
                .affiliate_id(777)
                .callback_url("https://example.com/postback/shtrafovnet")
                .fcm_token("secret-string")
        }),
        case("fine", "example", |client| client.fine(&1.into())),
        one_of("on_a_licence", |fine| fine.doc_violator.is_some()),
        one_of("of_the_bailiffs", |fine| fine.fssp_ip.is_some()),
        one_of("expired", |fine| fine.expired_days.is_some_and(|days| days > 0)),
        one_of("with_a_discount", |fine| fine.is_discount == Some(true)),
        one_of("with_a_place", |fine| fine.location_lat.is_some()),
        one_of("marked_as_paid", |fine| fine.is_paid_marked == Some(true)),
        case("scan", "new", |client| client.scan(&1212.into())),
        case("scan_status", "process", |client| client.scan_status(&777.into())),
        case("scan_status", "by_get", |client| client.scan_status(&777.into())).on(|sandbox| {
            sandbox.shtrafovnet().set_scan_status_methods(ScanStatusMethods::Get);
        }),
        case("invoices", "all", Client::invoices),
        case("invoices", "filtered", |client| {
            let call = client.invoices().status([InvoiceStatus::New]);
            call.users([email(Shtrafovnet::PAYER)]).page(1)
        }),
        case("invoice", "example", |client| client.invoice(&777.into())),
        case("create_invoice", "of_fines_and_cars", |client| {
            let (success, fail) = ("http://example.ru/success", "http://example.ru/fail");
            client
                .create_invoice(&email(Shtrafovnet::PAYER), payer(), success, fail)
                .fines([7.into(), 20.into()])
                .cars([5.into(), 9.into()])
        }),
        case("create_invoice", "of_everything", |client| {
            let (success, fail) = ("http://example.ru/success", "http://example.ru/fail");
            client.create_invoice(&email(Shtrafovnet::PAYER), payer(), success, fail)
        }),
        case("test_notification", "postback", |client| {
            client.test_notification(NotificationType::Postback, &1231324.into())
        }),
        case("test_notification", "fcm", |client| {
            client.test_notification(NotificationType::Fcm, &1231324.into())
        }),
    ]
}

/// The refusals, which have one form.
fn refusals() -> Vec<Case> {
    let not_found = |operation, case: Case| Case { operation, ..case };
    vec![
        case("register_account", "duplicate", |client| {
            client.register_account(&user(), secret(), "Fresh", "https://fresh.example")
        }),
        case("create_user", "duplicate", |client| client.create_user(&user())),
        case("create_car", "unknown_owner", |client| {
            client.create_car(CERT, REG).owner(&email("nobody@drivers.example"))
        }),
        case("create_invoice", "nothing_to_pay", |client| {
            let (success, fail) = ("http://example.ru/success", "http://example.ru/fail");
            let call = client.create_invoice(&user(), payer(), success, fail);
            call.fines([1.into()])
        }),
        not_found("user", case("user", "not_found", |c| c.user(&email("nobody@drivers.example")))),
        case("car", "not_found", |client| client.car(&404404.into())),
        case("fine", "not_found", |client| client.fine(&404404.into())),
        case("scan_status", "not_found", |client| client.scan_status(&404404.into())),
        case("invoice", "not_found", |client| client.invoice(&404404.into())),
        case("delete_car", "not_found", |client| client.delete_car(&404404.into())),
        case("company", "token_unknown", Client::company)
            .on(|sandbox| sandbox.shtrafovnet().revoke_all_tokens()),
        case("company", "html_from_a_proxy", Client::company)
            .failing(FaultKind::Html { status: 502, processed: false }),
        case("company", "unavailable", Client::company).failing(FaultKind::status(503)),
        case("create_token", "locked", Client::create_token)
            .on(|sandbox| sandbox.shtrafovnet().set_locked(Shtrafovnet::EMAIL, true)),
    ]
}

fn day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).expect("a day")
}

fn moment(year: i32) -> chrono::NaiveDateTime {
    day(year).and_time(chrono::NaiveTime::MIN)
}

async fn record(source: Source) -> Result<Vec<Recorded>> {
    match source {
        Source::Sandbox => record_sandbox().await,
        Source::Live => record_live().await,
    }
}

async fn record_sandbox() -> Result<Vec<Recorded>> {
    let sandbox = Sandbox::builder().frozen(true).start().await?;
    let mut recorded = Vec::new();
    for modern in [false, true] {
        let mut cases = answers();
        if !modern {
            cases.extend(refusals());
        }
        cases.extend(states());
        for case in cases {
            sandbox.reset();
            sandbox.shtrafovnet().set_modern_forms(modern);
            (case.prepare)(&sandbox);
            let name = if modern { format!("{}_modern", case.name) } else { case.name };
            let base_url = sandbox.shtrafovnet_url();
            let (client, recorder) = match case.operation {
                "create_token" => client(Login::new(Shtrafovnet::EMAIL, secret()), base_url)?,
                _ => client(Identity::Token(Shtrafovnet::TOKEN.into()), base_url)?,
            };
            // The sandbox's refusals are cases as well.
            let _ = (case.call)(client).await;
            let mut exchanges = recorder.take();
            // Of a status that is asked for twice, by POST and by GET, the answer counts.
            let last = exchanges.pop().ok_or_else(|| format!("{name}: nothing was recorded"))?;
            let exchange = with_origin(&last, &sandbox.url())?;
            recorded.push(Recorded { operation: case.operation, case: name, exchange });
        }
    }
    Ok(recorded)
}

/// Fines and invoices further on in their lives.
fn states() -> Vec<Case> {
    let paid = |sandbox: &Sandbox| {
        sandbox.shtrafovnet().pay_invoice(777);
        sandbox.clock().advance(TimeDelta::minutes(1));
    };
    vec![
        case("invoice", "done", |client| client.invoice(&777.into())).on(paid),
        case("invoices", "done", Client::invoices).on(paid),
        case("user_invoices", "done", |client| client.user_invoices(&email(Shtrafovnet::PAYER)))
            .on(paid),
        flow("invoice", "with_orders", |client| async move {
            let id = new_invoice(&client).await?;
            client.invoice(&id).await.map(|_| ())
        }),
        flow("invoices", "with_orders", |client| async move {
            new_invoice(&client).await?;
            client.invoices().await.map(|_| ())
        }),
        flow("user_invoices", "with_orders", |client| async move {
            new_invoice(&client).await?;
            client.user_invoices(&email(Shtrafovnet::PAYER)).await.map(|_| ())
        }),
        case("fine", "paid_through_the_service", |client| client.fine(&1231324.into())).on(paid),
        case("fine", "of_the_fleet", |client| client.fine(&1_000_000_000.into())),
    ]
}

/// What may be asked of the real service without changing anything: what belongs to the account. Of
/// people and cars nothing is kept but the shape.
async fn record_live() -> Result<Vec<Recorded>> {
    let variable = |name: &str| {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty());
        value.ok_or_else(|| format!("set {name}"))
    };
    let login = Login::new(variable(EMAIL_VARIABLE)?, variable(PASSWORD_VARIABLE)?);
    let (client, recorder) = client(login, shtrafovnet_client::PRODUCTION.to_owned())?;
    client.account().await?;
    // The login, with its token.
    recorder.take();
    let mut recorded = Vec::new();
    let mut keep = |operation, exchanges: Vec<Exchange>| {
        for exchange in exchanges {
            recorded.push(Recorded { operation, case: "own".to_owned(), exchange });
        }
    };
    client.account().await?;
    keep("account", recorder.take());
    client.company().await?;
    keep("company", recorder.take());
    client.invoices().await?;
    keep("invoices", recorder.take());
    let users = client.users().await?;
    keep("users", recorder.take());
    if let Some(first) = users.items.first() {
        let user = first.address()?;
        client.user_cars(&user).await?;
        keep("user_cars", recorder.take());
        client.user_fines(&user).await?;
        keep("user_fines", recorder.take());
    }
    Ok(recorded)
}

fn client(identity: impl Into<Identity>, base_url: String) -> Result<(Client, Arc<Recorder>)> {
    let recorder = Arc::new(Recorder::over_http()?);
    let options = Options::new().transport(recorder.clone()).retry(RetryPolicy::never());
    let client = Client::builder(identity).base_url(base_url).options(options).build()?;
    Ok((client, recorder))
}

/// The exchange with the sandbox's own address replaced.
fn with_origin(exchange: &Exchange, url: &str) -> Result<Exchange> {
    let text = serde_json::to_string(exchange)?.replace(url, ORIGIN);
    Ok(serde_json::from_str(&text)?)
}
