//! Cars.

use axum::http::StatusCode;
use chrono::NaiveDateTime;

use super::call::{Answer, Call, no_content};
use super::error::{Errors, Refusal};
use super::facts::unit;
use super::fines::{self, Filter, Of};
use super::form::{Field, Item};
use super::input::Given;
use super::known::FIRST_NEW_CAR;
use super::state::{Car, Fines, State};
use super::users;

/// A user has no more.
const MOST: usize = 4;

impl Call<'_> {
    /// A car of this webmaster that is still there.
    pub(super) fn car(&self, id: u64) -> Option<&Car> {
        let car = self.state.cars.get(&id)?;
        (car.account == self.account && car.is_there(self.now)).then_some(car)
    }

    /// The car that the path names.
    fn named_car(&self) -> Result<&Car, Refusal> {
        self.car(self.id()?).ok_or_else(Refusal::not_found)
    }
}

/// As in the list of a user's cars.
pub(super) fn in_list(car: &Car, user: &str, state: &State, now: NaiveDateTime) -> Item {
    let checked = Field::from(car.last_check(now));
    let (count, amount) = fines::debt(car, state, now);
    Item::of(vec![
        ("id", car.id.into()),
        ("name", (&car.name).into()),
        ("driverLicense", (&car.driver_license).into()),
        ("reg", (&car.reg).into()),
        ("cert", (&car.cert).into()),
        ("status", car.status(now).name().into()),
        ("inactiveReason", car.inactive_reason.into()),
        ("scannedAt", checked.clone()),
        ("gisScannedAt", checked.clone()),
        ("gibddScannedAt", checked.clone()),
        ("ditScannedAt", checked),
        ("createdAt", car.created_at.into()),
        ("companyId", car.company.into()),
        ("user", user.to_owned().into()),
        ("verifyGibddStatus", "new".into()),
        ("finesCount", count.into()),
        ("finesAmount", amount.into()),
        ("unitId", (&car.unit).into()),
    ])
}

/// As a single one.
fn alone(car: &Car, state: &State, now: NaiveDateTime) -> Item {
    let checked = Field::from(car.last_check(now));
    let owner = car.owner.and_then(|(user, _)| state.users.get(&user));
    let (count, amount) = fines::debt(car, state, now);
    Item::of(vec![
        ("id", car.id.into()),
        ("name", (&car.name).into()),
        ("driverLicense", (&car.driver_license).into()),
        ("reg", (&car.reg).into()),
        ("cert", (&car.cert).into()),
        ("status", car.status(now).name().into()),
        ("inactiveReason", car.inactive_reason.into()),
        ("gisScannedAt", checked.clone()),
        ("gibddScannedAt", checked.clone()),
        ("ditScannedAt", checked),
        ("createdAt", car.created_at.into()),
        ("email", owner.map(|user| user.person.email.clone()).into()),
        ("finesCount", count.into()),
        ("finesAmount", amount.into()),
    ])
}

pub(super) fn show(call: &mut Call<'_>) -> Answer {
    let item = alone(call.named_car()?, call.state, call.now);
    Ok(call.answer(StatusCode::OK, &item))
}

/// Whether the user can have one car more.
fn check_room(call: &Call<'_>, user: u64, errors: &mut Errors) {
    if call.state.cars_of(user, call.now).count() >= MOST {
        errors.add("email", format!("A user can not have more than {MOST} cars."));
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let mut errors = Errors::default();
    let cert = body.needed("cert", &mut errors);
    let reg = body.needed("reg", &mut errors);
    let driver_license = body.text("driverLicense", &mut errors).value();
    let name = body.text("name", &mut errors).value();
    let owner = users::named(&body, call.state, call.account, &mut errors).value();
    if let Some(owner) = owner {
        check_room(call, owner, &mut errors);
    }
    errors.check()?;

    let id = FIRST_NEW_CAR + call.state.created.cars;
    call.state.created.cars += 1;
    let company = call.account().company.id;
    let car = Car {
        id,
        account: call.account,
        name,
        driver_license,
        reg,
        cert,
        status: None,
        inactive_reason: None,
        created_at: call.now,
        owner: owner.map(|owner| (owner, call.now)),
        ownerless_since: call.now,
        checks: Vec::new(),
        company,
        unit: unit(id),
        fines: Fines::Drawn,
    };
    let item = alone(&car, call.state, call.now);
    call.state.cars.insert(id, car);
    Ok(call.created(&item, &format!("cars/{id}")))
}

pub(super) fn update(call: &mut Call<'_>) -> Answer {
    let body = call.body();
    let car = call.named_car()?;
    let (id, before) = (car.id, car.owner.map(|(owner, _)| owner));
    let mut errors = Errors::default();
    for field in ["cert", "reg", "driverLicense"] {
        if body.has(field) {
            errors.add(field, "This value can not be changed.");
        }
    }
    let name = body.text("name", &mut errors);
    let owner = users::named(&body, call.state, call.account, &mut errors);
    if let Given::Value(owner) = owner {
        if before != Some(owner) {
            check_room(call, owner, &mut errors);
        }
    }
    errors.check()?;
    let now = call.now;
    if let Some(car) = call.state.cars.get_mut(&id) {
        name.change(&mut car.name);
        match owner {
            Given::Nothing => {}
            Given::Empty => car.detach(now),
            Given::Value(owner) => car.attach(owner, now),
        }
    }
    show(call)
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let id = call.named_car()?.id;
    call.state.cars.remove(&id);
    Ok(no_content())
}

pub(super) fn list_fines(call: &mut Call<'_>) -> Answer {
    let car = call.named_car()?;
    let filter = Filter::read(&call.query, Of::Car)?;
    fines::answer(call, &[car], &filter)
}
