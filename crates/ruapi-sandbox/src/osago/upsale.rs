//! Upsales (кросс-продажи): what comes with an offer, and what may be chosen of it.

use serde_json::{Value, json};

use super::error::Problem;
use super::input::Chosen;
use super::kinds::IdForm;
use super::settings::Settings;

#[derive(Clone, Debug)]
pub(super) struct Upsale {
    pub(super) id: String,
    pub(super) is_required: bool,
    code: &'static str,
    short_name: &'static str,
    full_name: &'static str,
    options: Vec<UpsaleOption>,
}

#[derive(Clone, Debug)]
struct UpsaleOption {
    id: u64,
    is_default: bool,
    compatibility_id: Option<i64>,
    price: u64,
}

const INSURED: &str = "Все, кто находился в машине в момент ДТП, до 5 человек";
const PASSENGERS: (&str, &str, &str) = (
    "AccidentPassengersPoolForEOsago150",
    "Страхование пассажиров",
    "Страхование пассажиров от несчастного случая при ДТП",
);
const TOWING: (&str, &str, &str) = ("TowTruck", "Эвакуация", "Эвакуация автомобиля с места ДТП");
const GLASS: (&str, &str, &str) = ("Glass", "Стекла", "Страхование остекления автомобиля");

fn upsale(
    id: String,
    is_required: bool,
    (code, short_name, full_name): (&'static str, &'static str, &'static str),
    options: Vec<UpsaleOption>,
) -> Upsale {
    Upsale { id, is_required, code, short_name, full_name, options }
}

fn option(id: u64, compatibility_id: Option<i64>, price: u64) -> UpsaleOption {
    UpsaleOption { id, is_default: false, compatibility_id, price }
}

/// The document's one.
pub(super) fn example() -> Vec<Upsale> {
    vec![upsale("112234".to_owned(), true, PASSENGERS, vec![option(1, Some(1), 1480)])]
}

/// One that is obligatory, its first option bound, and two that may be had; the last one's second option
/// goes with nothing.
pub(super) fn usual(first_id: u64) -> Vec<Upsale> {
    let id = |place: u64| (first_id + place).to_string();
    let passengers = UpsaleOption { is_default: true, ..option(1, Some(1), 1480) };
    vec![
        upsale(id(0), true, PASSENGERS, vec![passengers, option(2, Some(1), 2960)]),
        upsale(id(1), false, TOWING, vec![option(1, Some(1), 590), option(2, None, 990)]),
        upsale(id(2), false, GLASS, vec![option(1, Some(1), 700), option(2, Some(2), 1100)]),
    ]
}

/// Those of the reinsurance pool: all of them are obligatory, whatever they say.
pub(super) fn of_pool(first_id: u64) -> Vec<Upsale> {
    let id = |place: u64| (first_id + place).to_string();
    vec![
        upsale(id(0), true, PASSENGERS, vec![option(1, Some(1), 1480)]),
        upsale(id(1), false, TOWING, vec![option(1, Some(1), 590), option(2, Some(1), 990)]),
    ]
}

/// What is wrong with a choice.
pub(super) fn problems(upsales: &[Upsale], in_pool: bool, chosen: &[Chosen]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut compatibility: Option<i64> = None;
    for (place, (upsale_id, option_id)) in chosen.iter().enumerate() {
        let at = |name: &str| format!("upsales[{place}].{name}");
        let Some(upsale) = upsales.iter().find(|upsale| upsale.id == *upsale_id) else {
            problems.push(Problem::new(at("upsale_id"), "Нет такой кросс-продажи"));
            continue;
        };
        if chosen[..place].iter().any(|(earlier, _)| earlier == upsale_id) {
            problems.push(Problem::new(at("upsale_id"), "Можно выбрать одну из опций"));
        }
        let option = upsale.options.iter().find(|option| option.id.to_string() == *option_id);
        let Some(option) = option else {
            problems.push(Problem::new(at("option_id"), "Нет такой опции"));
            continue;
        };
        // Such an option is on and `read only`.
        let is_bound = upsale.is_required && upsale.options.iter().any(|option| option.is_default);
        if is_bound && !option.is_default {
            problems.push(Problem::new(at("option_id"), "Опцию по умолчанию нельзя изменить"));
        }
        match (compatibility, option.compatibility_id) {
            (Some(one), Some(other)) if one != other => {
                problems.push(Problem::new(at("option_id"), "Опции несовместимы"));
            }
            (None, Some(other)) => compatibility = Some(other),
            _ => {}
        }
    }
    for upsale in upsales.iter().filter(|upsale| upsale.is_required || in_pool) {
        if chosen.iter().all(|(chosen, _)| *chosen != upsale.id) {
            let message = format!("Обязательная кросс-продажа {} не выбрана", upsale.id);
            problems.push(Problem::new("upsales", message));
        }
    }
    problems
}

impl Upsale {
    pub(super) fn print(&self, settings: &Settings) -> Value {
        let options: Vec<Value> = self
            .options
            .iter()
            .map(|option| {
                let id = match settings.option_ids {
                    IdForm::Number => json!(option.id),
                    IdForm::String => json!(option.id.to_string()),
                };
                json!({
                    "id": id,
                    "is_default": option.is_default,
                    "compatibility_id": option.compatibility_id,
                    "name": self.short_name,
                    "description": self.full_name,
                    "insured": INSURED,
                    "risk_payments": [{
                        "risk": "Смерть в результате несчастного случая",
                        "pays": ["100% страховой суммы"],
                    }],
                    "price": super::offers::price(option.price, settings),
                })
            })
            .collect();
        json!({
            "id": self.id,
            "is_required": self.is_required,
            "upsale_code": self.code,
            "short_name": self.short_name,
            "full_name": self.full_name,
            "insured": INSURED,
            "insurance_period": "1 год",
            "options": options,
        })
    }
}
