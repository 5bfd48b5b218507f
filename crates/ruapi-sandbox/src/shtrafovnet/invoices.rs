//! Invoices, and what the payer does with them.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use chrono::{NaiveDateTime, TimeDelta};

use super::call::{Answer, Call};
use super::error::{Errors, Refusal};
use super::facts::Payment;
use super::fine::Fine;
use super::fines;
use super::form::{Field, Item};
use super::kinds::{InvoiceStatus, PayerAction};
use super::known::FIRST_NEW;
use super::page;
use super::state::{Invoice, Order, State, code};

/// The commission, in percent.
const COMMISSION: i64 = 10;

/// An invoice is for no more fines: a decision of the sandbox, for the fleet's sake.
const MOST_FINES: usize = 1_000;

impl Invoice {
    fn status_at(&self, now: NaiveDateTime) -> InvoiceStatus {
        match self.status {
            InvoiceStatus::Process if self.done_at.is_some_and(|at| at <= now) => {
                InvoiceStatus::Done
            }
            status => status,
        }
    }

    /// The path of the fake pay page.
    fn pay_path(&self) -> Option<String> {
        self.pay_code.as_ref().map(|code| format!("/shtrafovnet/pay/{code}"))
    }

    fn total(&self) -> i64 {
        self.amount + self.commission.unwrap_or(0)
    }
}

fn order_url(invoice: u64, uin: &str) -> String {
    format!("https://payments.example/sandbox/order?invoice={invoice}&uin={uin}")
}

/// The fields that a list and a single one have in common, but for the payer's name.
fn item(invoice: &Invoice, call: &Call<'_>, email: &'static str) -> Vec<(&'static str, Field)> {
    let status = invoice.status_at(call.now);
    let done = status == InvoiceStatus::Done;
    let order = |order: &Order| {
        let url = done.then(|| order_url(invoice.id, &order.uin));
        Item::of(vec![
            ("fine", order.fine.into()),
            ("uin", (&order.uin).into()),
            ("amount", order.amount.into()),
            ("paymentOrderUrl", url.into()),
        ])
    };
    let orders = match invoice.orders.as_slice() {
        [] => Field::Null,
        orders => Field::Items(orders.iter().map(order).collect()),
    };
    let pay_url = invoice.pay_path().map(|path| format!("{}{path}", call.origin));
    vec![
        ("id", invoice.id.into()),
        ("amount", Field::Money(invoice.amount)),
        ("totalAmount", Field::Money(invoice.total())),
        ("status", status.name().into()),
        ("wireSurname", (&invoice.surname).into()),
        ("wireName", (&invoice.name).into()),
        ("wirePatronymic", (&invoice.patronymic).into()),
        ("createdAt", invoice.created_at.into()),
        ("paidAt", invoice.paid_at.into()),
        ("orders", orders),
        ("payUrl", pay_url.into()),
        (email, (&invoice.email).into()),
        ("commissionAmount", invoice.commission.map_or(Field::Null, Field::Money)),
    ]
}

/// A page of the invoices of these statuses and e-mails; of all, if there are none.
pub(super) fn answer(call: &Call<'_>, statuses: &[&str], emails: &[&str]) -> Answer {
    let found = call.state.invoices.values().filter(|invoice| {
        invoice.account == call.account
            && (statuses.is_empty() || statuses.contains(&invoice.status_at(call.now).name()))
            && (emails.is_empty() || emails.contains(&invoice.email.as_str()))
    });
    let items = found.map(|invoice| Item::of(item(invoice, call, "user"))).collect();
    page::of_all(call, "invoices", items)
}

/// The document calls the filter by e-mail `status`, too; it is `email` here.
pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let mut errors = Errors::default();
    let statuses = call.query.choices("status", &InvoiceStatus::NAMES, &mut errors);
    errors.check()?;
    answer(call, &statuses, &call.query.many("email"))
}

pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let invoice = call.state.invoices.get(&call.id()?);
    let invoice = invoice.filter(|invoice| invoice.account == call.account);
    let fields = item(invoice.ok_or_else(Refusal::not_found)?, call, "email");
    Ok(call.answer(StatusCode::OK, &Item::single(fields)))
}

/// Russian names: Cyrillic letters, and what is between the parts of a name.
fn check_name(field: &'static str, name: &str, errors: &mut Errors) {
    let is_letter = |symbol: char| matches!(symbol, 'А'..='я' | 'Ё' | 'ё');
    let fits = |symbol| is_letter(symbol) || matches!(symbol, '-' | ' ' | '.' | '\'' | '’');
    let is_name = name.chars().all(fits) && name.contains(is_letter);
    if !errors.has(field) && !is_name {
        errors.add(field, "This value should contain only Cyrillic letters.");
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let mut errors = Errors::default();
    let email = body.needed("email", &mut errors);
    let [name, surname, patronymic] = ["wireName", "wireSurname", "wirePatronymic"].map(|field| {
        let name = body.needed(field, &mut errors);
        check_name(field, &name, &mut errors);
        name
    });
    let success_url = body.needed_url("successUrl", &mut errors);
    let fail_url = body.needed_url("failUrl", &mut errors);
    let fines = body.numbers("fines", &mut errors);
    let cars = body.numbers("cars", &mut errors);
    let user = call.state.user_by_email(call.account, &email).map(|user| user.person.id);
    if user.is_none() && !errors.has("email") {
        errors.add("email", "The user is not found.");
    }
    let chosen = user.map_or_else(Vec::new, |user| {
        choose(call, user, fines.as_deref(), cars.as_deref(), &mut errors)
    });
    errors.check()?;

    let id = FIRST_NEW + call.state.created.invoices;
    call.state.created.invoices += 1;
    let orders: Vec<_> = chosen
        .into_iter()
        .map(|fine| Order { fine: fine.id, uin: fine.uin, amount: fine.total_amount })
        .collect();
    let amount = orders.iter().map(|order| order.amount * 100).sum();
    let invoice = Invoice {
        account: call.account,
        id,
        email,
        name,
        surname,
        patronymic,
        success_url,
        fail_url,
        amount,
        commission: Some(amount * COMMISSION / 100),
        created_at: call.now,
        paid_at: None,
        done_at: None,
        status: InvoiceStatus::New,
        orders,
        pay_code: Some(code(id, 501)),
    };
    let item = Item::single(item(&invoice, call, "email"));
    call.state.invoices.insert(id, invoice);
    Ok(call.created(&item, &format!("invoices/{id}")))
}

/// The fines to pay: those named, and the unpaid ones of the named cars; of all cars, if nothing
/// is named.
fn choose(
    call: &Call<'_>,
    user: u64,
    fines: Option<&[u64]>,
    cars: Option<&[u64]>,
    errors: &mut Errors,
) -> Vec<Fine> {
    let state = &*call.state;
    let of_user = |id: u64| {
        let car = call.car(id)?;
        car.owner.filter(|(owner, _)| *owner == user).map(|_| car)
    };
    // What is paid already, but not done yet, is not paid twice.
    let in_payment = |fine: &Fine| state.payments.contains_key(&fine.id);
    let mut chosen = BTreeMap::new();
    for id in fines.unwrap_or_default() {
        match fines::find(call, *id).filter(|fine| of_user(fine.car).is_some()) {
            None => errors.add("fines", format!("The fine {id} is not found.")),
            Some(fine) if fine.is_paid || in_payment(&fine) => {
                errors.add("fines", format!("The fine {id} is already paid."));
            }
            Some(fine) if !fine.is_payable() => {
                errors.add("fines", format!("The fine {id} can not be paid."));
            }
            Some(fine) => {
                chosen.insert(fine.id, fine);
            }
        }
    }
    let cars: Vec<_> = match (fines, cars) {
        (None, None) => state.cars_of(user, call.now).collect(),
        _ => {
            let found = cars.unwrap_or_default().iter().map(|id| (id, of_user(*id)));
            found
                .filter_map(|(id, car)| {
                    if car.is_none() {
                        errors.add("cars", format!("The car {id} is not found."));
                    }
                    car
                })
                .collect()
        }
    };
    for car in cars {
        let unpaid = fines::unpaid(car, state, call.now, MOST_FINES + 1);
        let unpaid = unpaid.into_iter().filter(|fine| !in_payment(fine));
        chosen.extend(unpaid.map(|fine| (fine.id, fine)));
    }
    if chosen.len() > MOST_FINES {
        errors.add("fines", format!("An invoice is for at most {MOST_FINES} fines."));
    } else if chosen.is_empty() && !errors.has("fines") && !errors.has("cars") {
        errors.add("fines", "There are no fines to pay.");
    }
    chosen.into_values().collect()
}

/// An invoice that the payer can act on; or what was expected instead.
pub(super) fn check_new(state: &State, id: u64, now: NaiveDateTime) -> Result<(), String> {
    let invoice = state.invoices.get(&id).ok_or_else(|| format!("no invoice {id}"))?;
    match invoice.status_at(now) {
        InvoiceStatus::New => Ok(()),
        other => Err(format!("the invoice {id} is {}, not new", other.name())),
    }
}

/// What the payer does; or what was expected instead.
pub(super) fn act(
    state: &mut State,
    id: u64,
    action: PayerAction,
    now: NaiveDateTime,
) -> Result<(), String> {
    let wait = TimeDelta::seconds(state.settings.invoice_seconds.into());
    check_new(state, id, now)?;
    let Some(invoice) = state.invoices.get_mut(&id) else { return Ok(()) };
    match action {
        PayerAction::Decline => invoice.status = InvoiceStatus::Fail,
        PayerAction::Cancel => invoice.status = InvoiceStatus::Cancel,
        PayerAction::Pay => {
            let done = now + wait;
            invoice.status = InvoiceStatus::Process;
            invoice.paid_at = Some(now);
            invoice.done_at = Some(done);
            for order in &invoice.orders {
                let order_url = order_url(id, &order.uin);
                let payment = Payment { at: done, amount: order.amount, order_url };
                state.payments.entry(order.fine).or_insert(payment);
            }
        }
    }
    Ok(())
}

pub(super) fn status(invoice: &Invoice, now: NaiveDateTime) -> InvoiceStatus {
    invoice.status_at(now)
}
