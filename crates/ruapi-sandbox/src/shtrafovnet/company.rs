//! The webmaster's company.

use axum::http::StatusCode;

use super::call::{Answer, Call};
use super::error::Errors;
use super::form::Item;
use super::state::Company;

/// `callback_url` can be set, but is not shown: the document prints it in no answer.
fn item(company: &Company) -> Item {
    Item::of(vec![
        ("id", company.id.into()),
        ("display_name", (&company.display_name).into()),
        ("name", (&company.name).into()),
        ("short_name", (&company.short_name).into()),
        ("url", (&company.url).into()),
        ("affiliate_id", company.affiliate_id.into()),
        ("status", "active".into()),
        ("created_at", company.created_at.into()),
        ("fcm_token", (&company.fcm_token).into()),
    ])
}

pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let item = item(&call.account().company);
    Ok(call.answer(StatusCode::OK, &item))
}

pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let mut errors = Errors::default();
    let display_name = body.text("display_name", &mut errors);
    let url = body.address("url", &mut errors);
    let affiliate_id = body.number("affiliate_id", &mut errors);
    let callback_url = body.url("callback_url", &mut errors);
    let fcm_token = body.text("fcm_token", &mut errors);
    errors.check()?;
    let company = &mut call.account().company;
    display_name.change(&mut company.display_name);
    url.change(&mut company.url);
    affiliate_id.change(&mut company.affiliate_id);
    callback_url.change(&mut company.callback_url);
    fcm_token.change(&mut company.fcm_token);
    show(call)
}
