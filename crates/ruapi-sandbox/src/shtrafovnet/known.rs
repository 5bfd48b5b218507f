//! The data of the document's examples, and what is needed around them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::facts::{Facts, VORONEZH, unit};
use super::fine::Fine;
use super::kinds::{CarStatus, InvoiceStatus, UserStatus};
use super::state::{Account, Car, Company, Fines, Invoice, Person, Scan, State, User};
use super::{Shtrafovnet, fleet};

pub(super) const ACCOUNT: u64 = 777;
const USER: u64 = 777;
const PAYER: u64 = 778;
const FLEET: u64 = 779;
const COMPANY: u64 = 9267;
const UNIT: &str = "a828a501-a293-4ca4-b747-f61b60f24181";

/// What is created gets ids from here on.
pub(super) const FIRST_NEW: u64 = 1_000;
pub(super) const FIRST_NEW_CAR: u64 = 3_000_001;

/// 2019-01-01 00:00:00, the moment of nearly everything in the document.
fn then() -> NaiveDateTime {
    day(2019, 1, 1).and_time(NaiveTime::MIN)
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a valid date")
}

fn person(id: u64, email: &str) -> Person {
    Person {
        id,
        username: Some("User".to_owned()),
        email: email.to_owned(),
        first_name: Some("Алексей".to_owned()),
        last_name: Some("Иванов".to_owned()),
        middle_name: Some("Петрович".to_owned()),
        phone: Some("79005551122".to_owned()),
        created_at: then(),
        fcm_token: Some("secret-string".to_owned()),
        last_activity_at: then(),
    }
}

fn account() -> Account {
    Account {
        person: person(ACCOUNT, Shtrafovnet::EMAIL),
        password: Shtrafovnet::PASSWORD.to_owned(),
        status: "new",
        unconfirmed: None,
        failures: 0,
        locked: false,
        company: Company {
            id: COMPANY,
            display_name: Some("Best Service".to_owned()),
            name: "Best Service Full".to_owned(),
            short_name: Some("BSC".to_owned()),
            url: Some("https://example.com".to_owned()),
            affiliate_id: Some(777),
            callback_url: Some("https://example.com/postback/shtrafovnet".to_owned()),
            created_at: then(),
            fcm_token: Some("secret-string".to_owned()),
        },
    }
}

fn user(id: u64, email: &str, status: Option<UserStatus>) -> User {
    User { account: ACCOUNT, person: person(id, email), status }
}

fn car(id: u64, owner: u64, name: &str, cert: &str, reg: &str) -> Car {
    Car {
        id,
        account: ACCOUNT,
        name: Some(name.to_owned()),
        driver_license: None,
        reg: reg.to_owned(),
        cert: cert.to_owned(),
        status: None,
        inactive_reason: None,
        created_at: then(),
        owner: Some((owner, then())),
        ownerless_since: then(),
        checks: vec![then()],
        company: COMPANY,
        unit: unit(id),
        fines: Fines::Known,
    }
}

/// What a fresh sandbox has.
pub(super) fn state() -> State {
    let mut state = State::empty();
    state.accounts.insert(ACCOUNT, account());
    state.tokens.insert(Shtrafovnet::TOKEN.to_owned(), ACCOUNT);
    for user in [
        user(USER, Shtrafovnet::USER, Some(UserStatus::New)),
        user(PAYER, Shtrafovnet::PAYER, None),
        user(FLEET, fleet::EMAIL, None),
    ] {
        state.add_user(user);
    }
    for car in [
        Car {
            driver_license: Some("00aa000222".to_owned()),
            inactive_reason: Some("data_incorrect"),
            company: 1,
            unit: UNIT.to_owned(),
            ..car(1212, USER, "NISSAN TIIDA", "3620848236", "a001aa777")
        },
        Car {
            status: Some(CarStatus::Archived),
            ..car(1_003_726, USER, "KIA OPTIMA", "3620848239", "р668хо36")
        },
        car(5, PAYER, "LADA GRANTA", "0000000005", "а005аа00"),
        car(9, PAYER, "LADA VESTA", "0000000009", "а009аа00"),
        car(20, PAYER, "LADA NIVA", "0000000020", "а020аа00"),
        Car {
            fines: Fines::Fleet,
            ..car(fleet::CAR, FLEET, "LADA LARGUS", "0000000777", "а777аа00")
        },
    ] {
        state.cars.insert(car.id, car);
    }
    let scan = Scan { account: ACCOUNT, id: 777, car: 20, created_at: then(), end: None };
    state.scans.insert(777, scan);
    state.invoices.insert(777, invoice());
    state
}

fn invoice() -> Invoice {
    Invoice {
        account: ACCOUNT,
        id: 777,
        email: Shtrafovnet::PAYER.to_owned(),
        name: "Алексей".to_owned(),
        surname: "Иванов".to_owned(),
        patronymic: "Алексеевич".to_owned(),
        success_url: "http://example.ru/success".to_owned(),
        fail_url: "http://example.ru/fail".to_owned(),
        amount: 50_000,
        commission: None,
        created_at: then(),
        paid_at: Some(then()),
        done_at: None,
        status: InvoiceStatus::New,
        orders: Vec::new(),
        pay_code: None,
    }
}

/// A fine of a known car.
pub(super) enum Known {
    /// The document's own, which nothing changes.
    Printed(Box<Fine>),
    Made(Facts),
}

/// The fines of a known car.
pub(super) fn fines(car: u64) -> Vec<Known> {
    let made = |id, amount| {
        let posted = day(2025, 8, 1);
        let created = day(2025, 8, 2).and_time(NaiveTime::MIN);
        Known::Made(Facts::plain(id, posted, created, amount))
    };
    match car {
        // 10 fines and 1000 rubles, as printed.
        1212 => (12_120..12_130).map(|id| made(id, 100)).collect(),
        1_003_726 => vec![Known::Printed(Box::new(printed()))],
        // For the document's new invoice: fines 7 and 20, cars 5 and 9, 500 rubles.
        5 => vec![made(7, 250)],
        9 => vec![made(20, 250)],
        // For the document's test notification.
        20 => vec![made(1_231_324, 500)],
        _ => Vec::new(),
    }
}

/// The car of a known fine.
pub(super) fn car_of(fine: u64) -> Option<u64> {
    match fine {
        1 => Some(1_003_726),
        7 => Some(5),
        20 => Some(9),
        12_120..12_130 => Some(1212),
        1_231_324 => Some(20),
        _ => None,
    }
}

fn printed() -> Fine {
    let end_of_day = then() + TimeDelta::seconds(86_399);
    let photo = "https://s3.eu-central-1.amazonaws.com/shtrafovnetru/pics/2017/02/14/09/\
                 cad29d806521c20c9f2aeb98d5ec5445.jpg";
    let order = "https://shtrafovnet.ru/payment_report?operation_id=12345&uin=1880000000000001";
    Fine {
        id: 1,
        uin: "18810136161108008161".to_owned(),
        name: None,
        posted: then().date(),
        amount: 500,
        actually_paid_amount: None,
        actually_paid_at: Some(then()),
        created: then(),
        discount_date: Some(end_of_day),
        discount_size: 50,
        wire: &VORONEZH,
        location: None,
        coordinates: None,
        koap_code: "12.9ч.2",
        koap_text: "",
        enable_pics: true,
        load_pics: 1,
        pics: vec![photo.to_owned()],
        violation_at: then(),
        is_gis: true,
        is_gibdd: true,
        is_dit: true,
        is_uin: true,
        status: "check",
        inactive_reason: Some("another_car"),
        doc_type: "sts",
        doc_number: "3620848239".to_owned(),
        violator: None,
        is_paid_marked: None,
        updated: then(),
        updated_mask: "0011",
        fssp: None,
        is_paid: true,
        paid_status: "paid",
        is_expired: true,
        expired_days: None,
        penalty_date: end_of_day,
        discount_days_left: 0,
        is_discount: false,
        total_amount: 500,
        car: 1_003_726,
        car_name: Some("KIA OPTIMA".to_owned()),
        car_cert: "3620848239".to_owned(),
        car_reg: "р668хо36".to_owned(),
        org: "gibdd",
        payment_order_url: Some(order.to_owned()),
        paid_amount: 0,
        unit: UNIT.to_owned(),
        company: 200,
    }
}
