//! Shtrafovnet: 27 operations, by the document and the README's list of what is not repeated.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::Stream;
use secrecy::SecretString;
use serde_json::json;
use shtrafovnet_client::{
    Call, CarId, Client, ClientBuilder, Email, Error, FineId, Identity, InvoiceId, Login, Named,
    Payer, ScanId, SyncCursor,
};

use super::planted::{
    CERTIFICATE, EMAIL, FCM_TOKEN, FIRST_NAME, LAST_NAME, LICENSE, MIDDLE_NAME, NEW_PASSWORD,
    OTHER_EMAIL, PASSWORD, PHONE, PLATE, TOKEN, UIN, URL,
};
use super::{Access, Api, Asked, Class, Operation, Reply, Site, watch};
use crate::Result;

static API: Api = Api {
    name: "shtrafovnet",
    attempts: 4,
    timeout: Duration::from_secs(30),
    deadline: Duration::from_secs(120),
    access: &[Access::Renewing, Access::Fixed],
};

#[rustfmt::skip]
pub(crate) fn operations() -> Result<Vec<Operation>> {
    use Class::{Deletion, Makes, Repeatable};
    Ok(vec![
        call("account", "example", Repeatable, Client::account)?,
        by_password("account", "example", Repeatable, Client::account)?,
        call("register_account", "full", Makes, |c| {
            named(c.register_account(&account(), password(), "Company", URL).callback_url(URL).fcm_token(FCM_TOKEN))
        })?.without_token(),
        call("update_account", "full", Repeatable, |c| named(c.update_account()))?,
        // The old password cannot authorize it a second time.
        call("update_account", "full", Makes, |c| named(c.update_account().password(NEW_PASSWORD)))?.way("new password"),
        by_password("update_account", "full", Repeatable, |c| named(c.update_account()))?,
        call("reset_password", "example", Makes, |c| c.reset_password(&account()))?.without_token(),
        call("create_token", "example", Repeatable, Client::create_token)?.with_login(),
        call("users", "all", Repeatable, Client::users)?,
        call("user", "example", Repeatable, |c| c.user(&user()))?,
        call("create_user", "full", Makes, |c| named(c.create_user(&user()).username(FIRST_NAME).fcm_token(FCM_TOKEN)))?,
        call("update_user", "full", Repeatable, |c| named(c.update_user(&user()).fcm_token(FCM_TOKEN)))?,
        call("delete_user", "example", Deletion, |c| c.delete_user(&user()))?,
        call("user_cars", "all", Repeatable, |c| c.user_cars(&user()))?,
        call("user_fines", "all", Repeatable, |c| c.user_fines(&user()).uins([UIN]).uin_search(UIN))?,
        call("user_invoices", "all", Repeatable, |c| c.user_invoices(&user()))?,
        call("car", "example", Repeatable, |c| c.car(&car()))?,
        call("create_car", "full", Makes, |c| {
            c.create_car(CERTIFICATE, PLATE).driver_license(LICENSE).owner(&user())
        })?,
        call("update_car", "full", Repeatable, |c| c.update_car(&car()).owner(&user()))?,
        call("delete_car", "example", Deletion, |c| c.delete_car(&car()))?,
        call("car_fines", "all", Repeatable, |c| c.car_fines(&car()).uins([UIN]))?,
        call("company", "example", Repeatable, Client::company)?,
        call("update_company", "full", Repeatable, |c| {
            c.update_company().url(URL).callback_url(URL).fcm_token(FCM_TOKEN)
        })?,
        call("fine", "example", Repeatable, |c| c.fine(&FineId::from(1)))?,
        call("scan", "new", Makes, |c| c.scan(&car()))?,
        logs_in("scan", "new", |c| c.scan(&car()))?,
        call("scan_status", "process", Repeatable, |c| c.scan_status(&ScanId::from(777)))?,
        call("invoices", "all", Repeatable, |c| c.invoices().users([user()]))?,
        call("invoice", "example", Repeatable, |c| c.invoice(&InvoiceId::from(777)))?,
        call("create_invoice", "of_everything", Makes, |c| c.create_invoice(&user(), payer(), URL, URL))?,
        logs_in("create_invoice", "of_everything", |c| c.create_invoice(&user(), payer(), URL, URL))?,
        call("test_notification", "postback", Makes, |c| {
            c.test_notification("postback".into(), &FineId::from(1))
        })?,
        walk("user_cars", "cars", |c| c.user_cars(&user()).items())?,
        walk("user_fines", "fines", |c| c.user_fines(&user()).items())?,
        walk("user_fines", "fines", |c| c.user_fine_updates(&user(), SyncCursor::new(Default::default())))?.way("updates, second page"),
        walk("car_fines", "fines", |c| c.car_fines(&car()).items())?,
        walk("car_fines", "fines", |c| c.car_fine_updates(&car(), SyncCursor::new(Default::default())))?.way("updates, second page"),
        waited("scan_status", json!({"id": "777", "status": "done"}), |c| c.wait_for_scan(&ScanId::from(777))),
        waited("invoice", json!({"id": "777", "status": "done"}), |c| c.wait_for_invoice(&InvoiceId::from(777))),
    ])
}

fn account() -> Email {
    EMAIL.parse().expect("an address")
}

fn user() -> Email {
    OTHER_EMAIL.parse().expect("an address")
}

fn car() -> CarId {
    CarId::from(1212)
}

fn password() -> SecretString {
    PASSWORD.into()
}

fn payer() -> Payer {
    Payer::new(LAST_NAME, FIRST_NAME, MIDDLE_NAME).expect("a name")
}

fn named<O: Named + shtrafovnet_client::Operation>(call: Call<O>) -> Call<O> {
    call.last_name(LAST_NAME).first_name(FIRST_NAME).middle_name(MIDDLE_NAME).phone(PHONE)
}

pub(crate) fn client(site: &Site) -> Client {
    builder(site).build().expect("a client")
}

fn builder(site: &Site) -> ClientBuilder {
    let identity: Identity = match site.access {
        Access::Renewing => Login::new(EMAIL, password()).into(),
        Access::Fixed | Access::Header => Identity::Token(TOKEN.into()),
    };
    Client::builder(identity).base_url(&site.base_url).options(site.options.clone())
}

/// Good answers to everything, but the login goes before the rest.
fn after_login(
    name: &str,
    good: impl Fn(&Asked<'_>) -> Reply + Send + Sync,
) -> impl Fn(&Asked<'_>) -> Reply + Send + Sync {
    let is_login = name == "create_token";
    move |asked| match asked.target.ends_with("/tokens") && !is_login {
        true => Reply::json(201, json!({ "token": TOKEN })).before(),
        false => good(asked),
    }
}

fn call<O: shtrafovnet_client::Operation>(
    name: &'static str,
    case: &str,
    class: Class,
    call: impl Fn(&Client) -> Call<O> + Send + Sync + 'static,
) -> Result<Operation>
where
    O::Answer: Debug,
{
    called(client, name, case, class, call)
}

/// Authorized by e-mail and password instead of a token.
fn by_password<O: shtrafovnet_client::Operation>(
    name: &'static str,
    case: &str,
    class: Class,
    call: impl Fn(&Client) -> Call<O> + Send + Sync + 'static,
) -> Result<Operation>
where
    O::Answer: Debug,
{
    let client = |site: &Site| builder(site).account_by_password(true).build().expect("a client");
    Ok(called(client, name, case, class, call)?.with_login().way("by password"))
}

fn called<O: shtrafovnet_client::Operation>(
    client: fn(&Site) -> Client,
    name: &'static str,
    case: &str,
    class: Class,
    call: impl Fn(&Client) -> Call<O> + Send + Sync + 'static,
) -> Result<Operation>
where
    O::Answer: Debug,
{
    let good = Reply::fixture("shtrafovnet", name, case)?;
    let answer = after_login(name, move |_| good.clone());
    Ok(Operation::new(&API, name, class, answer, move |site| {
        let call = call(&client(site));
        let request = call.request();
        Box::pin(watch(call, request))
    }))
}

/// The login counts, and the call that wants it follows.
fn logs_in<O: shtrafovnet_client::Operation>(
    name: &'static str,
    case: &str,
    call: impl Fn(&Client) -> Call<O> + Send + Sync + 'static,
) -> Result<Operation>
where
    O::Answer: Debug,
{
    let good = Reply::fixture("shtrafovnet", name, case)?;
    let answer = move |asked: &Asked<'_>| match asked.target.ends_with("/tokens") {
        true => Reply::json(201, json!({ "token": TOKEN })),
        false => good.clone().before(),
    };
    let operation = Operation::new(&API, name, Class::Login, answer, move |site| {
        let call = call(&client(site));
        let request = call.request();
        Box::pin(watch(call, request))
    });
    Ok(operation.with_login().way("its login"))
}

/// All items of a list of two pages.
fn walk<T: Debug + Send + 'static, S>(
    name: &'static str,
    list: &'static str,
    items: impl Fn(&Client) -> S + Send + Sync + 'static,
) -> Result<Operation>
where
    S: Stream<Item = std::result::Result<T, Error>> + Send + Unpin + 'static,
{
    let answer = after_login(name, move |asked| {
        let page = if asked.target.contains("page=2") { 2 } else { 1 };
        let next = (page == 1).then_some("https://api.shtrafovnet.ru/x?page=2");
        let good = Reply::json(
            200,
            json!({
                list: [{"id": page.to_string(), "reg": "", "email": "", "user": ""}], "total": 2, "page": page, "pages": 2,
                "_links": {"next": next},
            }),
        );
        if page == 1 { good.before() } else { good }
    });
    let operation = Operation::new(&API, name, Class::Walk, answer, move |site| {
        let items = items(&client(site));
        Box::pin(super::walk(items))
    });
    Ok(operation.way("walk, second page"))
}

/// Asked until it is final, which it is at once.
fn waited<T: Debug + Send + 'static>(
    name: &'static str,
    good: serde_json::Value,
    wait: impl Fn(&Client) -> shtrafovnet_client::Poller<T> + Send + Sync + 'static,
) -> Operation {
    let answer = after_login(name, move |_| Reply::json(200, good.clone()));
    let operation = Operation::new(&API, name, Class::Repeatable, answer, move |site| {
        let poller = wait(&client(site));
        let empty = Err(Error::input(name, "a wait makes many requests"));
        Box::pin(watch(poller, empty))
    });
    operation.way("waited for")
}
