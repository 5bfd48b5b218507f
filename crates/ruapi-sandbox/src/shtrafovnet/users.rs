//! The webmaster's users.

use axum::http::StatusCode;

use super::account::{self, Names};
use super::call::{Answer, Call, no_content};
use super::error::{Errors, Refusal};
use super::fines::{self, Filter, Of};
use super::form::Item;
use super::input::Body;
use super::kinds::{CarStatus, InvoiceStatus, UserStatus};
use super::known::FIRST_NEW;
use super::state::{State, User};
use super::{cars, invoices, page};

impl Call<'_> {
    /// The user that the path names.
    fn user(&self) -> Result<&User, Refusal> {
        let user = self.state.user_by_email(self.account, self.subject);
        user.ok_or_else(Refusal::not_found)
    }

    fn item_of(&self, user: &User) -> Item {
        account::item(&user.person, self.state.user_status(user, self.now).name())
    }
}

/// The user that a body names, if it names one; `account` is whose user it has to be.
pub(super) fn named(
    body: &Body,
    state: &State,
    account: u64,
    errors: &mut Errors,
) -> super::input::Given<u64> {
    use super::input::Given;
    match body.text("email", errors) {
        Given::Nothing => Given::Nothing,
        Given::Empty => Given::Empty,
        Given::Value(email) => match state.user_by_email(account, &email) {
            Some(user) => Given::Value(user.person.id),
            None => {
                errors.add("email", "The user is not found.");
                Given::Nothing
            }
        },
    }
}

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let mut errors = Errors::default();
    let statuses = call.query.choices("status", &UserStatus::NAMES, &mut errors);
    errors.check()?;
    let owners = call.state.owners(call.now);
    let users = call.state.users.values().filter(|user| user.account == call.account);
    let items = users.filter_map(|user| {
        let has_car = owners.contains(&user.person.id);
        let status = user.status_with(has_car).name();
        let fits = statuses.is_empty() || statuses.contains(&status);
        fits.then(|| account::item(&user.person, status))
    });
    let items = items.collect();
    page::of_all(call, "users", items)
}

pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let item = call.item_of(call.user()?);
    Ok(call.answer(StatusCode::OK, &item))
}

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let mut errors = Errors::default();
    let email = body.needed_email("email", &mut errors);
    let username = body.text("username", &mut errors).value();
    // The only operation that spells it so.
    let fcm_token = body.text("fcmToken", &mut errors).value();
    let names = Names::read(&body, &mut errors);
    if call.state.user_by_email(call.account, &email).is_some() {
        errors.add("email", "This value is already used.");
    }
    errors.check()?;

    let id = FIRST_NEW + call.state.created.users;
    call.state.created.users += 1;
    let mut person = account::new_person(id, &email, call.now);
    person.username = username.or(person.username);
    person.fcm_token = fcm_token;
    names.change(&mut person);
    let user = User { account: call.account, person, status: None };
    let item = call.item_of(&user);
    call.state.add_user(user);
    Ok(call.created(&item, &format!("users/{id}")))
}

pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let id = call.user()?.person.id;
    let mut errors = Errors::default();
    let username = body.text("username", &mut errors);
    let fcm_token = body.text("fcm_token", &mut errors);
    let names = Names::read(&body, &mut errors);
    errors.check()?;
    let now = call.now;
    if let Some(user) = call.state.users.get_mut(&id) {
        username.change(&mut user.person.username);
        fcm_token.change(&mut user.person.fcm_token);
        names.change(&mut user.person);
        user.person.last_activity_at = now;
    }
    show(call)
}

/// The user's cars stay, without an owner, and are removed a week later.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let id = call.user()?.person.id;
    let key = (call.account, call.subject.to_owned());
    call.state.user_ids.remove(&key);
    call.state.users.remove(&id);
    let now = call.now;
    for car in call.state.cars.values_mut() {
        if car.owner.is_some_and(|(owner, _)| owner == id) {
            car.detach(now);
        }
    }
    Ok(no_content())
}

pub(super) fn list_cars(call: &mut Call<'_>) -> Answer {
    let user = call.user()?;
    let mut errors = Errors::default();
    let statuses = call.query.choices("status", &CarStatus::NAMES, &mut errors);
    errors.check()?;
    let found = call
        .state
        .cars_of(user.person.id, call.now)
        .filter(|car| statuses.is_empty() || statuses.contains(&car.status(call.now).name()));
    let items = found.map(|car| cars::in_list(car, &user.person.email, call.state, call.now));
    let items = items.collect();
    page::of_all(call, "cars", items)
}

pub(super) fn list_fines(call: &mut Call<'_>) -> Answer {
    let user = call.user()?;
    let filter = Filter::read(&call.query, Of::User)?;
    let cars: Vec<_> = call.state.cars_of(user.person.id, call.now).collect();
    fines::answer(call, &cars, &filter)
}

pub(super) fn list_invoices(call: &mut Call<'_>) -> Answer {
    let email = call.user()?.person.email.clone();
    let mut errors = Errors::default();
    let statuses = call.query.choices("status", &InvoiceStatus::NAMES, &mut errors);
    errors.check()?;
    invoices::answer(call, &statuses, &[&email])
}
