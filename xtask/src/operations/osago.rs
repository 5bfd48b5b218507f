//! OSAGO: seven operations, by the README's table of them.

use std::fmt::Debug;
use std::time::Duration;

use osago_offer::credential::{Token, TokenSource};
use osago_offer::{
    BoxFuture, CalculationRequest, Call, Client, Credential, Error, OfferKey, Poller, ReturnUrls,
    SelectedUpsale,
};
use serde_json::{Value, json};

use super::planted::{
    BIRTH, EMAIL, FIRST_NAME, ISSUER, LAST_NAME, LICENSE, MIDDLE_NAME, PASSPORT, PHONE, PLATE,
    STREET, TOKEN, URL, VIN,
};
use super::{Access, Api, Class, Done, Operation, Reply, Site, watch};
use crate::Result;

static API: Api = Api {
    name: "osago",
    attempts: 4,
    timeout: Duration::from_secs(30),
    deadline: Duration::from_secs(120),
    access: &[Access::Fixed, Access::Header, Access::Renewing],
};

#[rustfmt::skip]
pub(crate) fn operations() -> Result<Vec<Operation>> {
    use Class::{Makes, Repeatable};
    Ok(vec![
        call("calculate", "everything", Makes, |c| c.calculate(request()))?,
        call("calculate", "everything", Repeatable, |c| c.calculate(request()).idempotent())?.way("idempotent"),
        call("calculation", "ready", Repeatable, |c| c.calculation(&key().request_id))?,
        call("calculation_status", "ready", Repeatable, |c| c.calculation_status(&key().request_id))?,
        call("confirm", "example", Makes, confirm)?,
        call("confirm", "example", Repeatable, |c| confirm(c).idempotent())?.way("idempotent"),
        call("offer", "example", Repeatable, |c| c.offer(&key()))?,
        call("draft", "success", Repeatable, |c| c.draft(&key()))?,
        call("policy", "closed_paid", Repeatable, |c| c.policy(&key()))?,
        waited("calculation", "ready", |c| c.calculation(&key().request_id).wait())?,
        waited("draft", "success", |c| c.draft(&key()).wait())?,
        waited("policy", "closed_paid", |c| c.policy(&key()).wait())?,
    ])
}

fn key() -> OfferKey {
    OfferKey::new("550e8400-e29b-41d4-a716-446655440000", "44234899")
}

fn confirm(client: &Client) -> Call<osago_offer::offer::Confirm> {
    let chosen = [SelectedUpsale::new("112234", "1")];
    client.confirm_unseen(&key(), ReturnUrls::new(URL, URL)).upsales(chosen)
}

/// The calculation of the fixtures, of planted people.
pub(crate) fn request() -> CalculationRequest {
    let license = json!({"series": LICENSE, "number": LICENSE, "date": BIRTH});
    let names = json!({
        "last_name": LAST_NAME, "first_name": FIRST_NAME, "middle_name": MIDDLE_NAME,
    });
    let mut person = json!({
        "birth_date": BIRTH, "license": license, "foreign_license": license,
        "previous_license": {"license": license},
        "passport": {
            "series": PASSPORT, "number": PASSPORT, "issue_date": BIRTH, "issuer": ISSUER,
            "subdivision": PASSPORT,
        },
        "addresses": [{
            "type": "residence", "address": STREET, "region_name": STREET, "district_name": STREET,
            "city_name": STREET, "settlement_name": STREET, "street_name": STREET, "house": STREET,
            "building": STREET, "block": STREET, "apartment": STREET, "kladr_id": PASSPORT,
            "fias_id": PASSPORT,
        }],
        "contact": {"phone": PHONE, "email": EMAIL}, "planted": LAST_NAME,
    });
    merge(&mut person["previous_license"], &names);
    merge(&mut person, &names);
    let mut request: Value = serde_json::from_str(crate::apis::osago::REQUEST).expect("JSON");
    for (pointer, value) in [
        ("/owner", &person),
        ("/insurer", &person),
        ("/drivers_info/drivers/0", &person),
        ("/vehicle/car_number", &json!(PLATE)),
        ("/vehicle/vin", &json!(VIN)),
        ("/vehicle/body_number", &json!(VIN)),
        ("/vehicle/chassis_number", &json!(VIN)),
        ("/vehicle/car_documents/0/series", &json!(PASSPORT)),
        ("/vehicle/car_documents/0/number", &json!(PASSPORT)),
        ("/return_urls/success_url", &json!(URL)),
        ("/return_urls/failure_url", &json!(URL)),
    ] {
        *request.pointer_mut(pointer).expect(pointer) = value.clone();
    }
    serde_json::from_value(request).expect("a calculation request")
}

fn merge(into: &mut Value, from: &Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from.clone());
    }
}

/// Gives the same token again and again.
struct Tokens;

impl TokenSource for Tokens {
    fn fetch(&self) -> BoxFuture<'_, std::result::Result<Token, Error>> {
        Box::pin(async { Ok(Token::new(TOKEN.into())) })
    }
}

/// For clients that take any credential.
pub(super) fn credential(access: Access) -> Credential {
    match access {
        Access::Fixed => Credential::bearer(TOKEN.into()).expect("a token"),
        Access::Header => {
            let name = http::HeaderName::from_static("x-api-key");
            Credential::header_key(name, TOKEN.into()).expect("a key")
        }
        Access::Renewing => Credential::renewing(Tokens),
    }
}

pub(crate) fn client(site: &Site) -> Client {
    let builder = Client::builder(&site.base_url, credential(site.access));
    builder.options(site.options.clone()).build().expect("a client")
}

fn call<O: osago_offer::Operation>(
    name: &'static str,
    case: &str,
    class: Class,
    call: impl Fn(&Client) -> Call<O> + Send + Sync + 'static,
) -> Result<Operation>
where
    O::Answer: Debug,
{
    let good = Reply::fixture("osago", name, case)?;
    Ok(Operation::new(
        &API,
        name,
        class,
        move |_| good.clone(),
        move |site| {
            let call = call(&client(site));
            let request = call.request();
            Box::pin(watch(call, request))
        },
    ))
}

/// Asked until it is final, which it is at once.
fn waited<T: Debug + Send + 'static>(
    name: &'static str,
    case: &str,
    wait: impl Fn(&Client) -> Poller<T> + Send + Sync + 'static,
) -> Result<Operation> {
    let good = Reply::fixture("osago", name, case)?;
    let operation = Operation::new(
        &API,
        name,
        Class::Repeatable,
        move |_| good.clone(),
        move |site| -> BoxFuture<'static, Done> {
            let empty = Err(Error::input(name, "a wait makes many requests"));
            Box::pin(watch(wait(&client(site)), empty))
        },
    );
    Ok(operation.way("waited for"))
}
