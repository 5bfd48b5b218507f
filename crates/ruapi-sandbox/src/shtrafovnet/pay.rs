//! The fake page of the payment service: where `payUrl` leads a payer's browser.

use axum::http::{HeaderValue, StatusCode, header};

use super::call::{Answer, Call};
use super::error::Refusal;
use super::form::rubles;
use super::input::ascii_url;
use super::invoices;
use super::kinds::PayerAction;
use super::state::Invoice;
use crate::reply;

const HTML: &str = "text/html; charset=utf-8";

fn named<'a>(call: &'a Call<'_>) -> Result<&'a Invoice, Refusal> {
    let code = Some(call.subject);
    let mut invoices = call.state.invoices.values();
    invoices.find(|invoice| invoice.pay_code.as_deref() == code).ok_or_else(Refusal::not_found)
}

pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let invoice = named(call)?;
    let status = invoices::status(invoice, call.now).name();
    let kopecks = invoice.amount + invoice.commission.unwrap_or(0);
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Sandbox</title>\
         <h1>Счёт {}: {} ₽</h1><p>{status}</p><form method=\"post\">\
         <button formaction=\"{code}/pay\">Pay</button>\
         <button formaction=\"{code}/decline\">Decline</button>\
         <button formaction=\"{code}/cancel\">Cancel</button></form>",
        invoice.id,
        rubles(kopecks),
        code = call.subject,
    );
    Ok(reply::typed(StatusCode::OK, HTML, page))
}

pub(super) fn pay(call: &mut Call<'_>) -> Answer {
    act(call, PayerAction::Pay)
}

pub(super) fn decline(call: &mut Call<'_>) -> Answer {
    act(call, PayerAction::Decline)
}

pub(super) fn cancel(call: &mut Call<'_>) -> Answer {
    act(call, PayerAction::Cancel)
}

/// The browser goes back to the webmaster's site.
fn act(call: &mut Call<'_>, action: PayerAction) -> Answer {
    let invoice = named(call)?;
    let target = match action {
        PayerAction::Pay => &invoice.success_url,
        PayerAction::Decline | PayerAction::Cancel => &invoice.fail_url,
    };
    let (id, target) = (invoice.id, HeaderValue::try_from(ascii_url(target)));
    invoices::act(call.state, id, action, call.now)
        .map_err(|expected| Refusal::titled(StatusCode::CONFLICT, expected))?;
    let mut response = reply::typed(StatusCode::SEE_OTHER, HTML, "");
    // Checked when the invoice was made.
    if let Ok(target) = target {
        response.headers_mut().insert(header::LOCATION, target);
    }
    Ok(response)
}
