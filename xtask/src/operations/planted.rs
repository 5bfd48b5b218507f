//! What is planted in every credential and input, and in the answers: visibly invented, and nowhere else.

use serde_json::{Value, json};

/// NSSO's tokens have 32 characters.
pub(crate) const TOKEN: &str = "planted0token0planted0token07f3a";
pub(crate) const PASSWORD: &str = "planted-password-71f0";
pub(crate) const NEW_PASSWORD: &str = "planted-password-new-92c4";
pub(crate) const EMAIL: &str = "planted.person@secret.example";
pub(crate) const OTHER_EMAIL: &str = "planted.driver@secret.example";
pub(crate) const PHONE: &str = "79997776655";
pub(crate) const LAST_NAME: &str = "Плантов";
pub(crate) const FIRST_NAME: &str = "Плантослав";
pub(crate) const MIDDLE_NAME: &str = "Плантович";
pub(crate) const PLATE: &str = "Х777КМ196";
pub(crate) const POLICY: &str = "PLANTED7071727374";
pub(crate) const INN: &str = "777755553333";
pub(crate) const CERTIFICATE: &str = "7788990011";
pub(crate) const LICENSE: &str = "77план0222";
pub(crate) const PASSPORT: &str = "4455667788";
pub(crate) const ISSUER: &str = "ОВД Плантового района";
pub(crate) const VIN: &str = "XTAPLANTED0000001";
pub(crate) const BIRTH: &str = "1977-07-17";
pub(crate) const STREET: &str = "Плантовая улица";
pub(crate) const UIN: &str = "18810000000077778888";
pub(crate) const FCM_TOKEN: &str = "planted-fcm-token";
pub(crate) const URL: &str = "https://planted.example/?secret=5e1f0a";
pub(crate) const REGION: &str = "77700077700";
pub(crate) const SERVICE: &str = "plantedservice";
pub(crate) const TARGET: &str = "-planted-target";
pub(crate) const FILE: &str = "plantov-passport";
pub(crate) const CONTENT: &str = "planted content of an application";
pub(crate) const REASON: &str = "planted reason";
pub(crate) const COMMENT: &str = "planted comment of the authority";
pub(crate) const USER: u64 = 7_070_707_071;

/// What opens doors: it is shown to nobody, not even to whoever asked.
pub(crate) const SECRETS: &[&str] = &[TOKEN, PASSWORD, NEW_PASSWORD];

/// What is told of people, to whoever asked for it, and shown nowhere else.
pub(crate) const PERSONAL: &[&str] = &[
    EMAIL,
    OTHER_EMAIL,
    PHONE,
    LAST_NAME,
    FIRST_NAME,
    MIDDLE_NAME,
    PLATE,
    POLICY,
    INN,
    CERTIFICATE,
    LICENSE,
    PASSPORT,
    ISSUER,
    VIN,
    BIRTH,
    STREET,
    UIN,
    FCM_TOKEN,
    URL,
    REGION,
    FILE,
    CONTENT,
    REASON,
    COMMENT,
    "7070707071",
];

/// Fields of answers that hold somebody's data or a secret, and what is put there.
const FIELDS: &[(&str, &str)] = &[
    // NSSO
    ("gosNumber", PLATE),
    ("polis", POLICY),
    ("PolicyNumber", POLICY),
    ("PolicyHolder", LAST_NAME),
    ("PolicyHolderINN", INN),
    // Shtrafovnet
    ("email", EMAIL),
    ("user", EMAIL),
    ("username", FIRST_NAME),
    ("phone", PHONE),
    ("first_name", FIRST_NAME),
    ("last_name", LAST_NAME),
    ("middle_name", MIDDLE_NAME),
    ("fcm_token", FCM_TOKEN),
    ("callback_url", URL),
    ("reg", PLATE),
    ("cert", CERTIFICATE),
    ("driverLicense", LICENSE),
    ("carReg", PLATE),
    ("carCert", CERTIFICATE),
    ("postNumber", UIN),
    ("docNumber", CERTIFICATE),
    ("docViolator", LAST_NAME),
    ("payUrl", URL),
    ("wireSurname", LAST_NAME),
    // OSAGO
    ("payment_url", URL),
    ("draft_url", URL),
    ("url", URL),
    ("policy_number", POLICY),
    ("series", LICENSE),
    // Cherehapa
    ("firstName", FIRST_NAME),
    ("lastName", LAST_NAME),
    ("secondName", MIDDLE_NAME),
    ("fileLink", URL),
    ("redirectUrl", URL),
    ("PaReq", CERTIFICATE),
    // EPGU
    ("orgUserName", LAST_NAME),
    ("fileName", FILE),
    ("comment", COMMENT),
    ("newValue", LAST_NAME),
    ("text", COMMENT),
];

/// Puts planted values into an answer: in the place of what is there, and in a field that nobody knows.
pub(crate) fn fill(answer: &mut Value) {
    replace(answer);
    add(answer);
}

/// In the place of what is there, alone: some maps have no fields that nobody knows.
pub(crate) fn replace(answer: &mut Value) {
    match answer {
        Value::Object(map) => {
            for (name, value) in map.iter_mut() {
                let planted = FIELDS.iter().find(|(field, _)| field == name);
                match (planted, &value) {
                    (Some((_, planted)), Value::String(_)) => *value = json!(planted),
                    _ => replace(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(replace),
        _ => {}
    }
}

fn add(answer: &mut Value) {
    match answer {
        Value::Object(map) => {
            map.values_mut().for_each(add);
            map.insert("planted".to_owned(), json!({ "name": LAST_NAME }));
        }
        Value::Array(list) => list.iter_mut().for_each(add),
        _ => {}
    }
}
