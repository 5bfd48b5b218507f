//! What is not understood: an error that names the place and hides the value, and never a panic.

mod common;

use cherehapa_types::{order, quote};
use common::{DOCUMENTS, pointers, round_trip, sample, with};
use serde_json::json;

const SECRET: &str = "TESTOV-4509";

#[test]
fn errors_name_the_place_and_what_was_expected() {
    for (document, body, error) in [
        (
            "quote",
            r#"{"data":[{},{"price":"дорого"}]}"#,
            "at `data[1].price`: expected a decimal number",
        ),
        ("quote", r#"{"data":{"price":[1]}}"#, "at `data.price`: expected a decimal number"),
        ("quote", r#"{"data":[5]}"#, "at `data[0]`: expected an object"),
        (
            "quote",
            r#"{"data":[{"matchRating":"NaN"}]}"#,
            "at `data[0].matchRating`: expected a number",
        ),
        ("quote", r#"{"data":"x"}"#, "at `data`: expected a list"),
        ("quote", r#"{"preCalc":7}"#, "at `preCalc`: expected an object"),
        ("quote", r#"{"preCalc":[{},{}]}"#, "at `preCalc`: expected one: an object"),
        (
            "quote",
            r#"{"request":{"insuredDays":"год"}}"#,
            "at `request.insuredDays`: expected a number of days",
        ),
        (
            "quote",
            r#"{"request":{"dateStart":"31.02.2017"}}"#,
            "at `request.dateStart`: expected a date (dd.mm.yyyy)",
        ),
        (
            "quote",
            r#"{"request":{"tourist":[{"age":-1}]}}"#,
            "at `request.tourist[0].age`: expected a whole number (u32)",
        ),
        (
            "order",
            r#"{"policy":[{"dateCreated":"вчера"}]}"#,
            "at `policy[0].dateCreated`: expected a date and time (dd.mm.yyyy HH:MM:SS)",
        ),
        (
            "order",
            r#"{"request":{"dateCreated":"21.11.2017 14:32:10"}}"#,
            "at `request.dateCreated`: expected a date (dd.mm.yyyy)",
        ),
        (
            "order",
            r#"{"task":{"isFatal":"может быть"}}"#,
            "at `task.isFatal`: expected true or false",
        ),
        ("order", r#"{"task":{"isFatal":2}}"#, "at `task.isFatal`: expected true or false"),
        ("order", r#"{"task":7}"#, "at `task`: expected an object or a list"),
        ("order", r#"{"data":[{"links":{"1/17":{}}}]}"#, "at `data[0].links.*`: expected text"),
        (
            "order",
            r#"{"task":{"id":1,"id":2}}"#,
            "at `task`: duplicate field `id` at line 1 column 20",
        ),
        ("order", "[]", "expected an object"),
        ("order", "7", "expected an object"),
        ("order", "", "EOF while parsing a value at line 1 column 0"),
        ("order", "<html>", "expected value at line 1 column 1"),
        ("order", "{} {}", "trailing characters at line 1 column 4"),
    ] {
        let result = match document {
            "quote" => quote::from_slice(body.as_bytes()).map(|_| ()),
            _ => order::from_slice(body.as_bytes()).map(|_| ()),
        };
        assert_eq!(result.unwrap_err().to_string(), error, "{body}");
    }
    let error = order::from_slice(b"{\"a\":\"\xff\"}").unwrap_err();
    assert_eq!((error.path(), error.expected()), ("", "not UTF-8 after byte 6"));
}

#[test]
fn no_error_shows_a_value() {
    let mut errors = 0;
    for document in DOCUMENTS {
        let sample = sample(document);
        for pointer in pointers(&sample) {
            for wrong in [
                json!(SECRET),
                json!([[SECRET, {SECRET: SECRET}]]),
                json!({SECRET: SECRET}),
                json!({"name": {SECRET: [SECRET]}}),
                json!(4_509_123_456_789_012_345_u64),
                json!(-45_091_234.5),
            ] {
                let Err(error) = round_trip(document, &with(&sample, &pointer, wrong)) else {
                    continue;
                };
                errors += 1;
                let text = format!("{error} {error:?}");
                assert!(!text.contains(SECRET) && !text.contains("4509"), "{text}");
                assert!(error.expected().contains("expected"), "{pointer}: {text}");
                let place = error.path().replace(['.', '['], "/").replace(']', "");
                let place = format!("/{place}");
                let is_there = match place.split_once('*') {
                    Some((map, _)) => pointer.starts_with(map.trim_end_matches('/')),
                    None => place.starts_with(&pointer),
                };
                assert!(is_there, "{pointer}: {text}");
            }
        }
    }
    assert!(errors > 200, "{errors}");
}

#[test]
fn nothing_hostile_panics() {
    const DEEP: usize = 100_000;
    let list = "[".repeat(DEEP) + &"]".repeat(DEEP);
    let object = r#"{"a":"#.repeat(DEEP) + "1" + &"}".repeat(DEEP);
    for deep in [&list, &object, &"[".repeat(DEEP), &r#"{"data":"#.repeat(DEEP)] {
        assert!(quote::from_slice(deep.as_bytes()).is_err());
        assert!(order::from_slice(deep.as_bytes()).is_err());
        for document in DOCUMENTS {
            for key in
                sample(document).as_object().unwrap().keys().map(String::as_str).chain(["new"])
            {
                let body = format!(r#"{{"{key}":{deep}}}"#);
                match *document {
                    "quote" => drop(format!("{:?}", quote::from_slice(body.as_bytes()))),
                    _ => drop(format!("{:?}", order::from_slice(body.as_bytes()))),
                }
            }
        }
        // Kept as a text, so its depth does not matter until somebody reads it.
        let body = format!(r#"{{"data":{{"services":{deep}}}}}"#);
        if let Ok(quote) = quote::from_slice(body.as_bytes()) {
            let raw = quote.data[0].services.clone().unwrap();
            assert!(
                raw.get::<serde_json::Value>().is_none() && raw == raw.clone() && !raw.is_empty()
            );
            assert_eq!(
                serde_json::from_str::<quote::Quote>(&serde_json::to_string(&quote).unwrap())
                    .unwrap(),
                quote
            );
        }
    }

    let many = format!(r#"{{"companiesCount":{{{}"z":1}}}}"#, r#""30000":7,"#.repeat(200_000));
    let quote = quote::from_slice(format!(r#"{{"preCalc":{many}}}"#).as_bytes()).unwrap();
    assert_eq!(quote.clone(), quote);
    for number in ["1e400", "-1e400", "1e-400", "99999999999999999999", "-0", "1e28", "0.1e-30"] {
        for field in ["price", "matchRating", "insuredDays", "productId", "name", "currency"] {
            let _ = quote::from_slice(format!(r#"{{"data":{{"{field}":{number}}}}}"#).as_bytes());
            let _ = quote::from_slice(format!(r#"{{"data":{{"{field}":"{number}"}}}}"#).as_bytes());
        }
    }
}

#[test]
fn nothing_malformed_panics_and_what_is_understood_is_kept() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize % below
    };
    for document in DOCUMENTS {
        let body = sample(document).to_string().into_bytes();
        for end in (0..body.len()).step_by(5) {
            assert!(quote::from_slice(&body[..end]).is_err());
            assert!(order::from_slice(&body[..end]).is_err());
        }
        for _ in 0..2_000 {
            let mut changed = body.clone();
            for _ in 0..=next(3) {
                let at = next(changed.len());
                changed[at] = b"[]{}\",:01-.e\\ \xd0n"[next(16)];
            }
            if let Ok(quote) = quote::from_slice(&changed) {
                let written = serde_json::to_vec(&quote).unwrap();
                assert_eq!(quote::from_slice(&written).unwrap(), quote);
            }
            if let Ok(order) = order::from_slice(&changed) {
                let written = serde_json::to_vec(&order).unwrap();
                assert_eq!(order::from_slice(&written).unwrap(), order);
            }
        }
    }
}

#[test]
fn a_byte_order_mark_is_no_error() {
    assert_eq!(quote::from_slice("\u{feff}{}".as_bytes()), Ok(quote::Quote::default()));
}
