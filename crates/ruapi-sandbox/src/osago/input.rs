//! What a body must hold, and in which form.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::{Map, Value};

use super::error::Problem;

/// Five groups of hexadecimal digits.
pub(super) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A body's properties, and what is wrong with them.
pub(super) struct Input<'a> {
    object: &'a Map<String, Value>,
    /// Where the object is in the body, with a dot behind it.
    place: String,
}

impl<'a> Input<'a> {
    pub(super) fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, place: String::new() }
    }

    /// What is there; `null` is nothing.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn problem(&self, name: &str, message: &str) -> Problem {
        Problem::new(format!("{}{name}", self.place), message)
    }

    /// A text that must be there.
    pub(super) fn text(&self, name: &str, problems: &mut Vec<Problem>) -> Option<&'a str> {
        match self.get(name) {
            None => problems.push(self.problem(name, "Обязательный параметр")),
            Some(Value::String(text)) if !text.trim().is_empty() => return Some(text),
            Some(_) => problems.push(self.problem(name, "Ожидается непустая строка")),
        }
        None
    }

    /// An identifier, as a text or a number.
    fn id(&self, name: &str, problems: &mut Vec<Problem>) -> Option<String> {
        match self.get(name) {
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => self.text(name, problems).map(str::to_owned),
        }
    }

    fn uuid(&self, name: &str, problems: &mut Vec<Problem>) {
        if self.text(name, problems).is_some_and(|text| !is_uuid(text)) {
            problems.push(self.problem(name, "Ожидается UUID"));
        }
    }

    /// An object, if it is there.
    fn object(&self, name: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let value = self.get(name)?;
        if let Some(object) = value.as_object() {
            return Some(Self { object, place: format!("{}{name}.", self.place) });
        }
        problems.push(self.problem(name, "Ожидается объект"));
        None
    }

    /// The objects of a list, if it is there.
    fn list(&self, name: &str, problems: &mut Vec<Problem>) -> Vec<Self> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let Some(list) = value.as_array() else {
            problems.push(self.problem(name, "Ожидается массив"));
            return Vec::new();
        };
        let mut objects = Vec::new();
        for (place, item) in list.iter().enumerate() {
            let place = format!("{name}[{place}]");
            if let Some(object) = item.as_object() {
                objects.push(Self { object, place: format!("{}{place}.", self.place) });
            } else {
                problems.push(self.problem(&place, "Ожидается объект"));
            }
        }
        objects
    }

    fn flag(&self, name: &str, problems: &mut Vec<Problem>) -> Option<bool> {
        match self.get(name) {
            Some(Value::Bool(flag)) => return Some(*flag),
            Some(_) => problems.push(self.problem(name, "Ожидается true или false")),
            None => {}
        }
        None
    }

    fn one_of(&self, name: &str, values: &[&str], problems: &mut Vec<Problem>) {
        let Some(value) = self.get(name) else { return };
        if !value.as_str().is_some_and(|text| values.contains(&text)) {
            let expected = format!("Ожидается одно из: {}", values.join(", "));
            problems.push(self.problem(name, &expected));
        }
    }

    fn day(&self, name: &str, problems: &mut Vec<Problem>) {
        let Some(value) = self.get(name) else { return };
        let text = value.as_str().unwrap_or_default();
        let is_day =
            text.parse::<NaiveDate>().is_ok() || DateTime::parse_from_rfc3339(text).is_ok();
        if !is_day {
            problems.push(self.problem(name, "Ожидается дата ГГГГ-ММ-ДД"));
        }
    }

    /// Both links, absolute.
    fn return_urls(&self, problems: &mut Vec<Problem>) {
        let Some(urls) = self.object("return_urls", problems) else { return };
        for name in ["success_url", "failure_url"] {
            let Some(url) = urls.text(name, problems) else { continue };
            let is_uri = url.split_once("://").is_some_and(|(scheme, rest)| {
                let is_allowed = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
                !scheme.is_empty() && scheme.chars().all(is_allowed) && !rest.is_empty()
            });
            if !is_uri {
                problems.push(urls.problem(name, "Ожидается URI"));
            }
        }
    }
}

/// What is wrong with the body of `POST osago/calculate`.
pub(super) fn calculation(body: &Map<String, Value>, today: NaiveDate) -> Vec<Problem> {
    let (input, mut problems) = (Input::new(body), Vec::new());
    let found = &mut problems;
    input.uuid("request_id", found);
    input.flag("is_cross_allowed", found);
    input.one_of("purpose", &["personal", "taxi"], found);
    if let Some(text) = input.text("policy_start_date", found) {
        match start(text) {
            None => found.push(input.problem("policy_start_date", "Ожидается дата RFC 3339")),
            Some(start) if start.date_naive() < today => {
                found.push(input.problem("policy_start_date", "Дата начала полиса в прошлом"));
            }
            Some(_) => {}
        }
    }
    input.return_urls(found);
    match input.object("vehicle", found) {
        Some(car) => vehicle(&car, found),
        None if input.get("vehicle").is_none() => {
            found.push(input.problem("vehicle", "Обязательный параметр"));
        }
        None => {}
    }
    if let Some(info) = input.object("drivers_info", found) {
        let unlimited = info.flag("is_unlimited_drivers", found) == Some(true);
        let drivers = info.list("drivers", found);
        let nobody = |drivers: &Value| drivers.as_array().is_some_and(Vec::is_empty);
        if !unlimited && info.get("drivers").is_none_or(nobody) {
            found.push(info.problem("drivers", "Не указаны водители"));
        }
        drivers.iter().for_each(|driver| person(driver, found));
    } else if input.get("drivers_info").is_none() {
        found.push(input.problem("drivers_info", "Обязательный параметр"));
    }
    for name in ["owner", "insurer"] {
        if let Some(somebody) = input.object(name, found) {
            person(&somebody, found);
        }
    }
    problems
}

/// A moment with its zone.
pub(super) fn start(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

fn vehicle(car: &Input<'_>, problems: &mut Vec<Problem>) {
    let numbers = ["vin", "body_number", "chassis_number"];
    if numbers.iter().all(|name| car.get(name).is_none()) {
        let message = "Нужен один из параметров: vin, body_number, chassis_number";
        problems.push(car.problem("vin", message));
    }
    for name in numbers.iter().filter(|name| car.get(name).is_some()) {
        car.text(name, problems);
    }
    car.one_of("category", &["A", "B", "C", "D", "E"], problems);
    for document in car.list("car_documents", problems) {
        document.text("number", problems);
        document.day("date", problems);
        document.one_of("document_type", &["sts", "pts", "epts"], problems);
    }
}

fn person(somebody: &Input<'_>, problems: &mut Vec<Problem>) {
    for name in ["last_name", "first_name"] {
        somebody.text(name, problems);
    }
    somebody.day("birth_date", problems);
    for name in ["license", "foreign_license"] {
        if let Some(license) = somebody.object(name, problems) {
            license.text("number", problems);
            license.day("date", problems);
        }
    }
    for address in somebody.list("addresses", problems) {
        address.one_of("type", &["registration", "residence"], problems);
    }
}

/// An upsale and the option chosen of it.
pub(super) type Chosen = (String, String);

/// The body of `POST osago/offer`: the offer's number, and what was chosen.
pub(super) fn confirmation(
    body: &Map<String, Value>,
) -> Result<(String, String, Vec<Chosen>), Vec<Problem>> {
    let (input, mut problems) = (Input::new(body), Vec::new());
    let found = &mut problems;
    input.uuid("request_id", found);
    let offer_id = input.id("offer_id", found).unwrap_or_default();
    match input.get("return_urls") {
        Some(_) => input.return_urls(found),
        None => found.push(input.problem("return_urls", "Обязательный параметр")),
    }
    let mut chosen = Vec::new();
    for upsale in input.list("upsales", found) {
        if let (Some(upsale_id), Some(option_id)) =
            (upsale.id("upsale_id", found), upsale.id("option_id", found))
        {
            chosen.push((upsale_id, option_id));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let request_id = body["request_id"].as_str().unwrap_or_default();
    Ok((request_id.to_owned(), offer_id, chosen))
}
