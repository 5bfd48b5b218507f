//! What does not change about a fine, and what follows from it and the clock.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::fine::Fine;
use super::state::Car;
use crate::draw::{hash, pick, uuid};

/// Days from the decision on a fine to the end of its discount, and of its payment.
const DISCOUNT_DAYS: u64 = 20;
const PAYMENT_DAYS: u64 = 70;

/// Whom to pay.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) kbk: &'static str,
    pub(super) username: &'static str,
    pub(super) oktmo: &'static str,
    pub(super) bank_bik: &'static str,
    pub(super) bank_account: &'static str,
    pub(super) bank_name: &'static str,
    pub(super) kpp: &'static str,
    pub(super) inn: &'static str,
    pub(super) division_name: &'static str,
    pub(super) division_code: &'static str,
}

/// The document's.
pub(super) const VORONEZH: Wire = Wire {
    kbk: "18811630020016000140",
    username: "УФК по Воронежской обл. (ГУ МВД России по Воронежской области)",
    oktmo: "20701000",
    bank_bik: "042007001",
    bank_account: "40101810500000010004",
    bank_name: "Отделение по Воронежской области ГУ ЦБ РФ по ЦФО (Отделение Воронеж)",
    kpp: "366601001",
    inn: "3666026374",
    division_name: "Центр видеофиксации ГИБДД ГУ МВД России по Воронежской области",
    division_code: "1120951",
};

const TEST: Wire = Wire {
    kbk: "00000000000000000000",
    username: "УФК по Тестовой обл. (ГУ МВД России по Тестовой области)",
    oktmo: "00000000",
    bank_bik: "000000000",
    bank_account: "00000000000000000000",
    bank_name: "Отделение Тестовое",
    kpp: "000000000",
    inn: "0000000000",
    division_name: "Тестовый центр видеофиксации",
    division_code: "0000000",
};

/// The document's invented driver.
const VIOLATOR: &str = "Иванов Алексей Петрович";

/// Article and what it says.
const ARTICLES: [(&str, &str); 5] = [
    ("12.9ч.2", "Превышение скорости на величину более 20, но не более 40 км/ч"),
    ("12.9ч.3", "Превышение скорости на величину более 40, но не более 60 км/ч"),
    ("12.12ч.1", "Проезд на запрещающий сигнал светофора"),
    ("12.16ч.1", "Несоблюдение требований дорожных знаков"),
    ("12.19ч.5", ""),
];

const PLACES: [&str; 3] =
    ["Тестовая область, 1-й км дороги", "г. Тестовый, ул. Первая, д. 1", "г. Тестовый, мост"];

const AMOUNTS: [i64; 4] = [500, 1_000, 1_500, 5_000];

/// The part of a fine's value that a payment paid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Paid {
    Nothing,
    Half,
    All,
}

/// Photos of a violation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Photos {
    No,
    /// So many days after the fine.
    After(i64),
    /// Tried for so many days, then given up.
    Never(i64),
}

/// A payment by an invoice.
#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub(super) at: NaiveDateTime,
    /// Rubles.
    pub(super) amount: i64,
    pub(super) order_url: String,
}

/// What does not change about a fine.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) id: u64,
    pub(super) uin: String,
    pub(super) posted: NaiveDate,
    pub(super) created: NaiveDateTime,
    pub(super) amount: i64,
    pub(super) discount: i64,
    /// Before this API knew of it.
    pub(super) paid: Paid,
    pub(super) photos: Photos,
    pub(super) org: &'static str,
    /// On the driving licence instead of the registration certificate.
    pub(super) on_license: bool,
    pub(super) status: &'static str,
    pub(super) inactive_reason: Option<&'static str>,
    /// For whatever else there is.
    pub(super) draw: u64,
}

/// The number of a decision, of a fine's id: 20 digits that no real one has.
pub(super) fn uin(id: u64) -> String {
    format!("1881000{id:013}")
}

impl Facts {
    /// One of a car's drawn fines, of those found at `created`.
    pub(super) fn drawn(id: u64, draw: u64, created: NaiveDateTime, licensed: bool) -> Self {
        let number = |salt, count| pick(hash(draw, salt), count);
        let days = number(1, 100) as u64;
        let (status, inactive_reason) = match number(2, 12) {
            0 => ("inactive", Some(["another_car", "not_found", "incorrect"][number(3, 3)])),
            1 | 2 => ("check", None),
            _ => ("active", None),
        };
        Self {
            id,
            uin: uin(id),
            posted: created.date() - Days::new(days + 1),
            created,
            amount: AMOUNTS[number(4, 4)],
            discount: if number(5, 3) == 0 { 0 } else { 50 },
            paid: match number(6, 10) {
                0 | 1 => Paid::All,
                2 => Paid::Half,
                _ => Paid::Nothing,
            },
            photos: match number(7, 4) {
                0 => Photos::No,
                1 => Photos::After(0),
                2 => Photos::After(1 + number(8, 5) as i64),
                _ => Photos::Never(10),
            },
            org: ["gibdd", "gibdd", "gibdd", "ampp", "madi", "fssp"][number(9, 6)],
            on_license: licensed && number(10, 4) == 0,
            status,
            inactive_reason,
            draw,
        }
    }

    /// An active fine on a registration certificate, without discount and photos, unpaid.
    pub(super) fn plain(id: u64, posted: NaiveDate, created: NaiveDateTime, amount: i64) -> Self {
        Self {
            id,
            uin: uin(id),
            posted,
            created,
            amount,
            discount: 0,
            paid: Paid::Nothing,
            photos: Photos::No,
            org: "gibdd",
            on_license: false,
            status: "active",
            inactive_reason: None,
            draw: id,
        }
    }

    /// The fine as it is at `now`.
    pub(super) fn read(self, car: &Car, payment: Option<&Payment>, now: NaiveDateTime) -> Fine {
        let payment = payment.filter(|payment| payment.at <= now);
        let discount_date =
            (self.discount > 0).then(|| end_of(self.posted + Days::new(DISCOUNT_DAYS)));
        let penalty_date = end_of(self.posted + Days::new(PAYMENT_DAYS));
        let before = match self.paid {
            Paid::Nothing => 0,
            Paid::Half => self.amount / 2,
            Paid::All => self.amount,
        };
        let is_paid = payment.is_some() || self.paid == Paid::All;
        let is_discount = !is_paid && discount_date.is_some_and(|end| now <= end);
        let is_expired = !is_paid && now > penalty_date;
        let due = if is_discount { self.amount * (100 - self.discount) / 100 } else { self.amount };
        let photos_at = match self.photos {
            Photos::After(days) => Some(self.created + TimeDelta::days(days)),
            _ => None,
        };
        let photos_at = photos_at.filter(|at| *at <= now);
        // The latest change that has happened already.
        let mut updated =
            (self.created, if photos_at == Some(self.created) { "1001" } else { "1000" });
        let changes = [(payment.map(|payment| payment.at), "0100"), (photos_at, "0001")];
        for (at, mask) in changes {
            if let Some(at) = at.filter(|at| *at > updated.0) {
                updated = (at, mask);
            }
        }
        let wire = &TEST;
        let (koap_code, koap_text) = ARTICLES[pick(hash(self.draw, 11), ARTICLES.len() as u64)];
        let place = pick(hash(self.draw, 12), 4);
        let paid_by_then = self.posted.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
        let is_fssp = self.org == "fssp";
        Fine {
            id: self.id,
            name: Some(koap_text).filter(|text| !text.is_empty()),
            posted: self.posted,
            amount: self.amount,
            actually_paid_amount: payment
                .map(|payment| payment.amount)
                .or(Some(before).filter(|rubles| *rubles > 0)),
            actually_paid_at: payment
                .map(|payment| payment.at)
                .or((before > 0).then_some(paid_by_then)),
            created: self.created,
            discount_date,
            discount_size: self.discount,
            wire,
            location: PLACES.get(place).copied(),
            coordinates: (place == 0).then_some(("0.000001", "0.000001")),
            koap_code,
            koap_text,
            enable_pics: self.photos != Photos::No,
            load_pics: match self.photos {
                Photos::No => 0,
                Photos::After(_) if photos_at.is_some() => 1,
                Photos::After(_) => 0,
                Photos::Never(days) if now < self.created + TimeDelta::days(days) => 2,
                Photos::Never(_) => 3,
            },
            pics: photos_at.map_or_else(Vec::new, |_| {
                let count = 1 + pick(hash(self.draw, 13), 3);
                (1..=count)
                    .map(|at| format!("https://photos.example/sandbox/{}/{at}.jpg", self.id))
                    .collect()
            }),
            violation_at: (self.posted - Days::new(2)).and_time(NaiveTime::MIN)
                + TimeDelta::seconds((hash(self.draw, 14) % 86_400) as i64),
            is_gis: true,
            is_gibdd: self.org == "gibdd",
            is_dit: matches!(self.org, "ampp" | "madi"),
            is_uin: true,
            status: self.status,
            inactive_reason: self.inactive_reason,
            doc_type: if self.on_license { "vu" } else { "sts" },
            doc_number: match &car.driver_license {
                Some(license) if self.on_license => license.clone(),
                _ => car.cert.clone(),
            },
            violator: self.on_license.then_some(VIOLATOR),
            is_paid_marked: (self.paid == Paid::All).then_some(true),
            updated: updated.0,
            updated_mask: updated.1,
            fssp: is_fssp
                .then(|| (format!("000000/25/{:05}-ИП", self.id % 100_000), self.uin.clone())),
            is_paid,
            paid_status: match self.paid {
                _ if is_paid => "paid",
                Paid::Half => "partpaid",
                _ => "nopaid",
            },
            is_expired,
            expired_days: is_expired.then(|| (now.date() - penalty_date.date()).num_days()),
            penalty_date,
            discount_days_left: discount_date
                .filter(|_| is_discount)
                .map_or(0, |end| (end.date() - now.date()).num_days()),
            is_discount,
            total_amount: if is_paid { self.amount } else { (due - before).max(0) },
            car: car.id,
            car_name: car.name.clone(),
            car_cert: car.cert.clone(),
            car_reg: car.reg.clone(),
            org: self.org,
            payment_order_url: payment.map(|payment| payment.order_url.clone()),
            paid_amount: payment.map_or(0, |payment| payment.amount),
            unit: car.unit.clone(),
            company: car.company,
            uin: self.uin,
        }
    }
}

fn end_of(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN) + TimeDelta::seconds(86_399)
}

/// The identity of a car that has none of its own.
pub(super) fn unit(car: u64) -> String {
    uuid(car, 101)
}
