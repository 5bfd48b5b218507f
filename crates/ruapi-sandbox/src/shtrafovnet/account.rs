//! The webmaster's account, and its tokens.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::call::{Answer, Call};
use super::error::{BLANK, Errors, Refusal};
use super::form::{Field, Item};
use super::input::{Body, Given};
use super::known::FIRST_NEW;
use super::state::{Account, Company, Letter, Person, code};
use crate::reply;

/// A webmaster and a user of one look alike.
pub(super) fn item(person: &Person, status: &'static str) -> Item {
    Item::of(vec![
        ("id", person.id.into()),
        ("username", (&person.username).into()),
        ("email", (&person.email).into()),
        ("status", status.into()),
        ("first_name", (&person.first_name).into()),
        ("last_name", (&person.last_name).into()),
        ("middle_name", (&person.middle_name).into()),
        ("phone", (&person.phone).into()),
        ("created_at", person.created_at.into()),
        ("fcm_token", (&person.fcm_token).into()),
        ("last_activity_at", person.last_activity_at.into()),
    ])
}

/// Names and phone, which accounts and users have under the same names.
pub(super) struct Names([Given<String>; 4]);

impl Names {
    pub(super) fn read(body: &Body, errors: &mut Errors) -> Self {
        Self(
            ["last_name", "first_name", "middle_name", "phone"].map(|name| body.text(name, errors)),
        )
    }

    pub(super) fn change(self, person: &mut Person) {
        let [last, first, middle, phone] = self.0;
        last.change(&mut person.last_name);
        first.change(&mut person.first_name);
        middle.change(&mut person.middle_name);
        phone.change(&mut person.phone);
    }
}

fn show_as(call: &mut Call<'_>) -> Item {
    let account = call.account();
    item(&account.person, account.status)
}

pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let item = show_as(call);
    Ok(call.answer(StatusCode::OK, &item))
}

pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let mut errors = Errors::default();
    let names = Names::read(&body, &mut errors);
    let password = body.text("password", &mut errors);
    if password == Given::Empty {
        errors.add("password", BLANK);
    }
    errors.check()?;
    let (now, id) = (call.now, call.account);
    let account = call.account();
    names.change(&mut account.person);
    account.person.last_activity_at = now;
    if let Given::Value(password) = password {
        account.password = password;
        call.state.revoke_tokens_of(id);
    }
    show(call)
}

pub(super) fn register(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let mut errors = Errors::default();
    if body.text("email", &mut errors).value().is_none() {
        // The document prints both messages.
        errors.add("email", "Email address can not be empty");
        errors.add("email", BLANK);
    }
    let email = body.needed_email("email", &mut errors);
    let password = body.needed("password", &mut errors);
    let name = body.needed("name", &mut errors);
    let url = body.needed_address("url", &mut errors);
    let affiliate_id = body.number("affiliate_id", &mut errors).value();
    let callback_url = body.url("callback_url", &mut errors).value();
    let fcm_token = body.text("fcm_token", &mut errors).value();
    let names = Names::read(&body, &mut errors);
    if call.state.account_by_email(&email).is_some() {
        errors.add("email", "This value is already used.");
    }
    errors.check()?;

    let number = call.state.created.accounts;
    call.state.created.accounts += 1;
    let id = FIRST_NEW + number;
    let mut person = new_person(id, &email, call.now);
    person.fcm_token.clone_from(&fcm_token);
    names.change(&mut person);
    let confirmation = code(id, 201);
    let link = format!("{}/confirm/{confirmation}", call.base());
    let item = item(&person, "new");
    let company = Company {
        id: 9_268 + number,
        display_name: Some(name.clone()),
        name,
        short_name: None,
        url: Some(url),
        affiliate_id,
        callback_url,
        created_at: call.now,
        fcm_token,
    };
    let account = Account {
        person,
        password,
        status: "new",
        unconfirmed: Some(confirmation),
        failures: 0,
        locked: false,
        company,
    };
    call.state.accounts.insert(id, account);
    call.state.mail.push(Letter {
        to: email,
        subject: "Подтверждение регистрации".to_owned(),
        text: format!("Для подтверждения регистрации перейдите по ссылке: {link}"),
        link: Some(link),
        password: None,
    });
    Ok(call.created(&item, "accounts"))
}

/// A person without names; the user name is the e-mail's first part.
pub(super) fn new_person(id: u64, email: &str, now: chrono::NaiveDateTime) -> Person {
    Person {
        id,
        username: email.split('@').next().map(str::to_owned),
        email: email.to_owned(),
        first_name: None,
        last_name: None,
        middle_name: None,
        phone: None,
        created_at: now,
        fcm_token: None,
        last_activity_at: now,
    }
}

/// The link of the letter: not of the API, but what it sends people to.
pub(super) fn confirm(call: &mut Call<'_>) -> Answer {
    let code = Some(call.subject);
    let mut accounts = call.state.accounts.values_mut();
    let account = accounts
        .find(|account| account.unconfirmed.as_deref() == code)
        .ok_or_else(Refusal::not_found)?;
    account.unconfirmed = None;
    account.status = "active";
    let page = "<!doctype html><meta charset=\"utf-8\"><p>Регистрация подтверждена.</p>";
    Ok(reply::typed(StatusCode::OK, "text/html; charset=utf-8", page))
}

pub(super) fn reset_password(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let mut errors = Errors::default();
    let email = body.needed_email("email", &mut errors);
    errors.check()?;
    let password = format!("sandbox-{}", code(call.state.mail.len() as u64, 202));
    let account = call.state.account_by_email(&email).ok_or_else(Refusal::not_found)?;
    account.password.clone_from(&password);
    account.failures = 0;
    account.locked = false;
    let id = account.person.id;
    call.state.revoke_tokens_of(id);
    call.state.mail.push(Letter {
        to: email,
        subject: "Новый пароль".to_owned(),
        text: format!("Ваш новый пароль: {password}"),
        link: None,
        password: Some(password),
    });
    let message = Field::from("New password successfully sent to email");
    Ok(call.answer(StatusCode::CREATED, &Item::of(vec![("message", message)])))
}

pub(super) fn create_token(call: &mut Call<'_>) -> Answer {
    call.state.created.tokens += 1;
    let token = call.state.issue_token(call.account);
    let mut answer = call.answer(StatusCode::CREATED, &Item::of(vec![("token", token.into())]));
    no_store(&mut answer);
    Ok(answer)
}

fn no_store(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
