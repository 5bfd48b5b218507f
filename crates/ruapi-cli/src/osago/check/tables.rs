//! The document's tables, copied field by field. Which ones are always there it tells by their order:
//! each table begins with those. What its page does not hold is known from the sibling operations.

use super::rule::{Form, Table, may, must, should};

/// Where the document is; the checks name its sections.
pub(super) const DOCUMENT: &str = "https://yandex.ru/support/direct/ru/thematic-section/insurance/";

/// Текущий статус обработки предложения ОСАГО.
const OFFER_STATUS: Form = Form::OneOf(
    "OfferStatus",
    &[
        "CREATED",
        "PRE_CALC_SENT",
        "PRE_CALC_IN_PROGRESS",
        "PRE_CALC_READY",
        "APPROVED",
        "REJECTED",
        "PAYMENT_READY",
        "PAYMENT_LINK_FAILED",
        "PAYMENT_COMPLETED",
        "PAYMENT_CANCELLED",
        "CLOSED_PAID",
        "CLOSED_OTHER_OFFER",
        "CLOSED_TIMEOUT",
        "OFFER_ERROR",
    ],
);

/// After these an offer leads to nothing.
pub(super) const FAILED: &[&str] = &[
    "REJECTED",
    "PAYMENT_LINK_FAILED",
    "PAYMENT_CANCELLED",
    "CLOSED_OTHER_OFFER",
    "CLOSED_TIMEOUT",
    "OFFER_ERROR",
];

/// In these an offer is confirmed, and perhaps not paid yet.
pub(super) const CONFIRMED: &[&str] = &["APPROVED", "PAYMENT_READY"];

/// In these an offer is paid.
pub(super) const PAID: &[&str] = &["PAYMENT_COMPLETED", "CLOSED_PAID"];

pub(super) const CALCULATION_STATUS: Form = Form::OneOf(
    "the calculation's status",
    &[
        "DRAFT",
        "PARTNER_CALCULATION_IN_PROGRESS",
        "CALCULATION_READY",
        "NO_CALCULATION_AVAILABLE",
        "CALCULATION_ERROR",
        "PAID",
        "CLOSED",
    ],
);

/// In these a calculation is not at its end.
pub(super) const UNDER_WAY: &[&str] = &["DRAFT", "PARTNER_CALCULATION_IN_PROGRESS"];

/// Успешный ответ.
pub(super) const OFFER: Table = Table {
    section: "confirm-offer#200-ok",
    fields: &[
        must("offer_id", Form::Text),
        must("partner", Form::Object(&PARTNER)),
        must("status", OFFER_STATUS),
        may("draft_url", Form::Url),
        may("is_ext_prolongation", Form::Flag),
        may("is_prolongation", Form::Flag),
        may("is_reinsurance_pool", Form::Flag),
        may("message", Form::Text),
        may("payment_url", Form::Url),
        may("policy_number", Form::Text),
        may("policy_series", Form::Text),
        should("price", Form::Number),
        may("upsales", Form::List(&UPSALE)),
    ],
};

const PARTNER: Table = Table {
    section: "confirm-offer#partnerinfo",
    fields: &[
        should("code", Form::Integer),
        should("logo_url", Form::Logo),
        should("name", Form::Text),
    ],
};

const UPSALE: Table = Table {
    section: "confirm-offer#upsaleinfo",
    fields: &[
        should("full_name", Form::Text),
        must("id", Form::Text),
        should("insurance_period", Form::Text),
        should("insured", Form::Text),
        should("short_name", Form::Text),
        may("is_required", Form::Flag),
        may("options", Form::List(&OPTION)),
        may("upsale_code", Form::Text),
    ],
};

const OPTION: Table = Table {
    section: "confirm-offer#upsaleoption",
    fields: &[
        may("compatibility_id", Form::Integer),
        may("description", Form::Text),
        must("id", Form::Integer),
        may("insured", Form::Text),
        may("is_default", Form::Flag),
        should("name", Form::Text),
        should("price", Form::Number),
        may("risk_payments", Form::List(&RISK_PAYMENT)),
    ],
};

const RISK_PAYMENT: Table = Table {
    section: "confirm-offer#riskpayment",
    fields: &[should("pays", Form::Texts), should("risk", Form::Text)],
};

const OF_CALCULATION: &str = "GET osago/calculate, answer";
const OF_STATE: &str = "GET osago/calculate/status, answer";

pub(super) const STARTED: Table = Table {
    section: "POST osago/calculate, answer",
    fields: &[must("request_id", Form::Uuid), should("calculation_date", Form::Day)],
};

pub(super) const CALCULATION: Table = Table {
    section: OF_CALCULATION,
    fields: &[
        must("request_id", Form::Uuid),
        must("status", CALCULATION_STATUS),
        should("partner", Form::Object(&PARTNER)),
        may("offers", Form::List(&OFFER)),
        may("drivers", Form::List(&DRIVER)),
    ],
};

/// What there is of a calculation before its end.
pub(super) const CALCULATION_UNDER_WAY: Table = Table {
    section: OF_CALCULATION,
    fields: &[must("request_id", Form::Uuid), must("status", CALCULATION_STATUS)],
};

const DRIVER: Table = Table {
    section: OF_CALCULATION,
    fields: &[
        may("series", Form::Text),
        should("number", Form::Text),
        should("coefficients", Form::Object(&COEFFICIENTS)),
    ],
};

const COEFFICIENTS: Table = Table {
    section: OF_CALCULATION,
    fields: &[
        may("tb", Form::Number),
        may("kt", Form::Number),
        may("kbm", Form::Number),
        may("kvs", Form::Number),
        may("ks", Form::Number),
        may("kp", Form::Number),
        may("km", Form::Number),
        may("kn", Form::Number),
        may("ko", Form::Number),
        may("kpr", Form::Number),
    ],
};

pub(super) const STATE: Table = Table {
    section: OF_STATE,
    fields: &[
        must("request_id", Form::Uuid),
        must("status", CALCULATION_STATUS),
        may("offers", Form::List(&OFFER_STATE)),
    ],
};

const OFFER_STATE: Table = Table {
    section: OF_STATE,
    fields: &[must("offer_id", Form::Text), must("offer_status", OFFER_STATUS)],
};

pub(super) const DRAFT: Table = Table {
    section: "GET osago/offer/draft, answer",
    fields: &[
        must("request_id", Form::Uuid),
        must("offer_id", Form::Text),
        must("status", Form::OneOf("the draft's status", &["success", "inProcess"])),
        may("url", Form::Url),
        may("file", Form::Object(&FILE)),
    ],
};

pub(super) const POLICY: Table = Table {
    section: "GET osago/offer/policy, answer",
    fields: &[
        must("request_id", Form::Uuid),
        must("offer_id", Form::Text),
        must("status", OFFER_STATUS),
        may("policy_start_date", Form::Moment),
        may("url", Form::Url),
        may("file", Form::Object(&FILE)),
    ],
};

const FILE: Table = Table {
    section: "GET osago/offer/draft, file",
    fields: &[must("type", Form::OneOf("the file's type", &["base64"])), must("data", Form::Pdf)],
};

/// The standard error: in the answers' table 400 has `properties`, the others have not.
pub(super) const ERROR: Table = Table {
    section: "responce-codes",
    fields: &[may("request_id", Form::Text), must("message", Form::Text)],
};

pub(super) const PROPERTIES: Table = Table {
    section: "responce-codes: 400",
    fields: &[must("property", Form::Text), must("message", Form::Text)],
};
