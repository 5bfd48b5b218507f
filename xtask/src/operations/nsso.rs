//! NSSO: one operation, billed when it is answered.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use nsso_client::{Check, Client, Outcome, PlateNumber, PolicyNumber, Token, TokenPlacement};

use super::planted::{PLATE, POLICY, TOKEN};
use super::{Access, Api, Class, Done, Operation, Reply, Site, watch};
use crate::Result;

static API: Api = Api {
    name: "nsso",
    attempts: 8,
    timeout: Duration::from_secs(120),
    deadline: Duration::from_secs(600),
    access: &[Access::Fixed, Access::Header],
};

pub(crate) fn operations() -> Result<Vec<Operation>> {
    Ok(vec![
        check("by plate", Class::Billed, |client| client.check(plate()))?,
        check("by policy", Class::Billed, |client| client.check(policy()))?,
        check("try later", Class::BilledTryLater, |client| {
            client.check(plate()).retry_try_later(true)
        })?,
        bulk()?,
    ])
}

fn plate() -> PlateNumber {
    PLATE.parse().expect("a plate")
}

fn policy() -> PolicyNumber {
    POLICY.parse().expect("a policy's number")
}

pub(crate) fn client(site: &Site) -> Client {
    let placement = match site.access {
        Access::Header => TokenPlacement::Header,
        Access::Fixed | Access::Renewing => TokenPlacement::Query,
    };
    Client::builder(Token::new(TOKEN).expect("a token"))
        .base_url(&site.base_url)
        .token_placement(placement)
        .options(site.options.clone())
        .build()
        .expect("a client")
}

fn check(
    way: &'static str,
    class: Class,
    call: impl Fn(&Client) -> Check + Send + Sync + 'static,
) -> Result<Operation> {
    let good = Reply::fixture("nsso", "check_policy", "by_plate")?;
    let operation = Operation::new(
        &API,
        "check_policy",
        class,
        move |_| good.clone(),
        move |site| {
            let call = call(&client(site));
            let request = call.request();
            Box::pin(watch(call, request))
        },
    );
    Ok(operation.way(way))
}

/// Many queries: here one.
fn bulk() -> Result<Operation> {
    let good = Reply::fixture("nsso", "check_policy", "by_plate")?;
    let operation = Operation::new(
        &API,
        "check_policy",
        Class::Billed,
        move |_| good.clone(),
        |site| {
            let mut rows = client(site).bulk(stream::iter([((), plate().into())]));
            Box::pin(async move {
                let before = format!("{rows:?}");
                let row = rows.next().await.expect("an outcome for each input");
                let shown = format!("{row:?} {row:#?} {before}");
                let done = match row.outcome {
                    Outcome::Answered(_) => Done::of(Ok(())),
                    Outcome::Unknown(error) | Outcome::NotSent(error) | Outcome::Refused(error) => {
                        Done::of(Err(error))
                    }
                    _ => unreachable!("all outcomes are named"),
                };
                done.also("a bulk's row", shown)
            })
        },
    );
    Ok(operation.way("bulk"))
}
