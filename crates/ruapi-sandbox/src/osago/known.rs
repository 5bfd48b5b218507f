//! What a fresh partner knows: the document's example.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Osago;
use super::kinds::{CalculationEnd, OfferStatus};
use super::offers::{Insurer, Offer};
use super::settings::Settings;
use super::state::{Calculation, Counts, State};
use super::upsale;

/// The document's partner.
pub(super) const PARTNER: Insurer = Insurer { code: 12, name: "Банки.ру" };

pub(super) fn state(now: DateTime<Utc>) -> State {
    State {
        settings: Settings::default(),
        token_is_known: true,
        calculations: BTreeMap::from([(Osago::EXAMPLE_REQUEST.to_owned(), example(now))]),
        counts: Counts::default(),
    }
}

fn example(now: DateTime<Utc>) -> Calculation {
    let history = vec![(now, OfferStatus::Created)];
    let offer = Offer {
        is_prolongation: true,
        upsales: upsale::example(),
        is_example: true,
        ..Offer::new(Osago::EXAMPLE_OFFER.to_owned(), PARTNER, 7072, history)
    };
    let body = json!({
        "request_id": Osago::EXAMPLE_REQUEST,
        "policy_start_date": "2025-09-01T00:00:00+03:00",
        "drivers_info": {
            "is_unlimited_drivers": false,
            "drivers": [{
                "last_name": "Тестов",
                "first_name": "Амонулло",
                "license": { "series": "0000", "number": "000000" },
            }],
        },
    });
    let Value::Object(body) = body else { unreachable!("an object is printed above") };
    Calculation {
        body,
        began: now,
        ends: now,
        end: CalculationEnd::Ready,
        offers: vec![offer],
        last_asked: None,
    }
}
