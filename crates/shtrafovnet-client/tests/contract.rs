//! Every fixture both ways: the request compared as sent, the answer decoded and written back.

use std::collections::BTreeMap;
use std::path::Path;

use httpmock::MockServer;
use ruapi_core::test_util::{Exchange, RecordedRequest, lossless};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use shtrafovnet_client::fines::Filtered;
use shtrafovnet_client::invoices::ListInvoices;
use shtrafovnet_client::users::{ListUsers, UserCars, UserFines, UserInvoices};
use shtrafovnet_client::{
    BoxFuture, Call, CarId, Client, Email, Error, FineId, Identity, Listing, Login, Named,
    Operation, Options, Payer, RetryPolicy,
};

const BASE: &str = "/latest/webmasters/";
const TOKEN: &str = "not-a-real-token";
/// The number of operations that the document describes.
const OPERATIONS: usize = 27;

/// Fixtures by operation and case.
fn fixtures() -> BTreeMap<(String, String), Exchange> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/shtrafovnet");
    let mut fixtures = BTreeMap::new();
    for operation in std::fs::read_dir(folder).expect("the fixtures' folder") {
        let operation = operation.unwrap().path();
        for case in std::fs::read_dir(&operation).unwrap() {
            let case = case.unwrap().path();
            let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
            let exchange = serde_json::from_str(&std::fs::read_to_string(&case).unwrap()).unwrap();
            fixtures.insert((name(&operation), name(&case)), exchange);
        }
    }
    fixtures
}

type Answer = BoxFuture<'static, Result<Value, Error>>;

fn answer<O: Operation>(call: Call<O>) -> Answer
where
    O::Answer: Serialize,
{
    Box::pin(async move { Ok(serde_json::to_value(call.await?.into_inner()).unwrap()) })
}

/// What a recorded request says, to make the call from that it stands for.
struct Recorded<'a>(&'a RecordedRequest);

impl Recorded<'_> {
    /// The part of the path after the resource's name.
    fn name(&self) -> &str {
        self.0.path.strip_prefix(&BASE[1..]).unwrap().split('/').nth(1).unwrap()
    }

    fn email(&self) -> Email {
        self.name().parse().unwrap()
    }

    /// A parameter's values, alone or as a list.
    fn values(&self, name: &str) -> Vec<&str> {
        let pairs = self.0.query.iter();
        let of_name = pairs.filter(|(found, _)| found.split('[').next() == Some(name));
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values(name).first().copied()
    }

    fn body(&self, name: &str) -> Option<&str> {
        self.0.body.get(name)?.as_str()
    }

    fn required(&self, name: &str) -> &str {
        self.body(name).unwrap_or_else(|| panic!("no {name}"))
    }

    /// Values of an enumeration.
    fn open<'v, T: From<&'v str>>(&'v self, name: &str) -> Vec<T> {
        self.values(name).into_iter().map(T::from).collect()
    }

    /// The call with the filter, if that was sent.
    fn given<'v, O, T: From<&'v str>>(
        &'v self,
        call: Call<O>,
        name: &str,
        set: impl FnOnce(Call<O>, Vec<T>) -> Call<O>,
    ) -> Call<O> {
        let values = self.open(name);
        if values.is_empty() { call } else { set(call, values) }
    }

    fn list<O: Listing>(&self, call: Call<O>) -> Answer {
        match self.value("page") {
            Some(page) => answer(call.page(page.parse().unwrap())),
            None => answer(call),
        }
    }

    fn names<O: Named>(&self, mut call: Call<O>) -> Call<O> {
        for (name, set) in [
            ("last_name", Call::last_name as fn(Call<O>, String) -> Call<O>),
            ("first_name", Call::first_name),
            ("middle_name", Call::middle_name),
            ("phone", Call::phone),
        ] {
            if let Some(text) = self.body(name) {
                call = set(call, text.to_owned());
            }
        }
        call
    }

    fn fines<O: Listing + Filtered>(&self, mut call: Call<O>) -> Call<O> {
        let moment = |name: &str| {
            let text = self.value(name)?;
            Some(ruapi_core::wire::naive_date_time::parse(text).unwrap())
        };
        call = self.given(call, "paid", Call::paid);
        call = self.given(call, "doc", Call::doc);
        call = self.given(call, "org", Call::org);
        call = self.given(call, "fields", Call::fields);
        call = self.given(call, "filters", Call::filters);
        call = self.given(call, "uins", Call::uins::<&str>);
        for (name, set) in [
            ("started", Call::started as fn(Call<O>, chrono::NaiveDate) -> Call<O>),
            ("ended", Call::ended),
        ] {
            if let Some(day) = moment(name) {
                call = set(call, day.date());
            }
        }
        for (name, set) in [
            ("update_started", Call::update_started as fn(Call<O>, _) -> Call<O>),
            ("update_ended", Call::update_ended),
            ("create_started", Call::create_started),
            ("create_ended", Call::create_ended),
        ] {
            if let Some(moment) = moment(name) {
                call = set(call, moment);
            }
        }
        match self.value("uin_search") {
            Some(part) => call.uin_search(part),
            None => call,
        }
    }

    /// The call that was recorded.
    fn call(&self, operation: &str, client: &Client) -> Answer {
        let secret = |name| SecretString::from(self.required(name));
        let text = |name| self.body(name).map(str::to_owned);
        let ids = |name: &str| {
            let list = self.0.body.get(name)?.as_array()?.iter();
            Some(list.map(|id| id.as_u64().unwrap()).collect::<Vec<_>>())
        };
        match operation {
            "account" => answer(client.account()),
            "register_account" => {
                let email = self.required("email").parse().unwrap();
                let (name, url) = (self.required("name"), self.required("url"));
                let mut call = client.register_account(&email, secret("password"), name, url);
                if let Some(id) = text("affiliate_id") {
                    call = call.affiliate_id(id.parse().unwrap());
                }
                if let Some(url) = text("callback_url") {
                    call = call.callback_url(url);
                }
                if let Some(token) = text("fcm_token") {
                    call = call.fcm_token(token);
                }
                answer(self.names(call))
            }
            "update_account" => {
                answer(self.names(client.update_account().password(secret("password"))))
            }
            "reset_password" => {
                answer(client.reset_password(&self.required("email").parse().unwrap()))
            }
            "create_token" => {
                let call = client.create_token();
                let token = async move {
                    let token = call.await?.into_inner().token;
                    Ok(json!({"token": token.expose_secret()}))
                };
                Box::pin(token)
            }
            "users" => self.list(self.given(client.users(), "status", Call::<ListUsers>::status)),
            "user" => answer(client.user(&self.email())),
            "create_user" => {
                let mut call = client.create_user(&self.required("email").parse().unwrap());
                if let Some(name) = text("username") {
                    call = call.username(name);
                }
                if let Some(token) = text("fcmToken") {
                    call = call.fcm_token(token);
                }
                answer(self.names(call))
            }
            "update_user" => {
                let call = client.update_user(&self.email()).username(self.required("username"));
                answer(self.names(call.fcm_token(self.required("fcm_token"))))
            }
            "delete_user" => deletion(client.delete_user(&self.email())),
            "user_cars" => {
                let call = client.user_cars(&self.email());
                self.list(self.given(call, "status", Call::<UserCars>::status))
            }
            "user_fines" => {
                let call = self.fines(client.user_fines(&self.email()));
                self.list(self.given(call, "cars", Call::<UserFines>::cars))
            }
            "user_invoices" => {
                let call = client.user_invoices(&self.email());
                self.list(self.given(call, "status", Call::<UserInvoices>::status))
            }
            "car" => answer(client.car(&self.name().into())),
            "create_car" => {
                let mut call = client.create_car(self.required("cert"), self.required("reg"));
                if let Some(number) = text("driverLicense") {
                    call = call.driver_license(number);
                }
                if let Some(name) = text("name") {
                    call = call.name(name);
                }
                answer(call.owner(&self.required("email").parse().unwrap()))
            }
            "update_car" => {
                let call = client.update_car(&self.name().into()).name(self.required("name"));
                answer(call.owner(&self.required("email").parse().unwrap()))
            }
            "delete_car" => deletion(client.delete_car(&self.name().into())),
            "car_fines" => self.list(self.fines(client.car_fines(&self.name().into()))),
            "company" => answer(client.company()),
            "update_company" => answer(
                client
                    .update_company()
                    .display_name(self.required("display_name"))
                    .url(self.required("url"))
                    .affiliate_id(self.required("affiliate_id").parse().unwrap())
                    .callback_url(self.required("callback_url"))
                    .fcm_token(self.required("fcm_token")),
            ),
            "fine" => answer(client.fine(&self.name().into())),
            "scan" => answer(client.scan(&self.required("car").into())),
            "scan_status" => answer(client.scan_status(&self.name().into())),
            "invoices" => {
                let call = self.given(client.invoices(), "status", Call::<ListInvoices>::status);
                let users = |call: Call<ListInvoices>, emails: Vec<&str>| {
                    call.users(emails.into_iter().map(|email| email.parse().unwrap()))
                };
                self.list(self.given(call, "email", users))
            }
            "invoice" => answer(client.invoice(&self.name().into())),
            "create_invoice" => {
                let part = |name| self.required(name);
                let payer =
                    Payer::new(part("wireSurname"), part("wireName"), part("wirePatronymic"));
                let email = part("email").parse().unwrap();
                let (success, fail) = (part("successUrl"), part("failUrl"));
                let mut call = client.create_invoice(&email, payer.unwrap(), success, fail);
                if let Some(fines) = ids("fines") {
                    call = call.fines(fines.into_iter().map(FineId::from));
                }
                if let Some(cars) = ids("cars") {
                    call = call.cars(cars.into_iter().map(CarId::from));
                }
                answer(call)
            }
            "test_notification" => {
                let kind = self.required("type").into();
                answer(client.test_notification(kind, &self.required("fine_id").into()))
            }
            other => panic!("what is {other}?"),
        }
    }
}

fn deletion<O: Operation>(call: Call<O>) -> Answer {
    Box::pin(async move { call.await.map(|_| Value::Null) })
}

/// Plays a fixture: the server answers only the very request that was recorded.
async fn play(server: &MockServer, operation: &str, exchange: &Exchange) -> Result<Value, Error> {
    server.reset_async().await;
    let (expected, response) = (exchange.request.clone(), exchange.response.clone());
    if operation == "scan_status" && expected.method == "GET" {
        // First the documented POST, which this server does not allow.
        server
            .mock_async(|when, then| {
                when.method("POST");
                then.status(405);
            })
            .await;
    }
    let mock = server
        .mock_async(move |when, then| {
            when.is_true(move |sent| {
                let (method, uri) = (sent.method_str(), sent.uri());
                let received =
                    RecordedRequest::received(method, &uri, &sent.headers(), sent.body_ref());
                expected.is_same_as(&received)
            });
            let mut then = then.status(response.status).body(response.body_bytes());
            for (name, value) in &response.headers {
                then = then.header(name, value);
            }
        })
        .await;
    let identity: Identity = match operation {
        "create_token" => Login::new("user@test.ru", "my_secret".to_owned()).into(),
        _ => Identity::Token(TOKEN.into()),
    };
    let client = Client::builder(identity)
        .base_url(format!("{}{BASE}", server.base_url()))
        .options(Options::new().retry(RetryPolicy::never()))
        .build()
        .unwrap();
    let result = Recorded(&exchange.request).call(operation, &client).await;
    mock.assert_calls_async(1).await;
    result
}

#[tokio::test]
async fn every_fixture_is_sent_as_recorded_and_understood_without_loss() {
    let fixtures = fixtures();
    let mut operations: Vec<&String> = fixtures.keys().map(|(operation, _)| operation).collect();
    operations.dedup();
    assert_eq!(operations.len(), OPERATIONS);
    assert!(fixtures.len() >= 120, "{} fixtures", fixtures.len());
    let server = MockServer::start_async().await;
    for ((operation, case), exchange) in fixtures {
        let name = format!("{operation}/{case}");
        match play(&server, &operation, &exchange).await {
            Ok(encoded) => {
                assert!((200..300).contains(&exchange.response.status), "{name}");
                lossless(&exchange.response.body, &encoded)
                    .unwrap_or_else(|path| panic!("{name}: {path}"));
            }
            Err(error) => {
                assert_eq!(error.body(), exchange.response.body_bytes(), "{name}: nothing is lost");
                let code = exchange.response.body.get("type").and_then(Value::as_str);
                assert_eq!(error.code(), code, "{name}");
                assert_eq!(error.status().unwrap().as_u16(), exchange.response.status, "{name}");
                assert!(exchange.response.status >= 400, "{name}");
            }
        }
    }
}
