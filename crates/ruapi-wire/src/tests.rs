use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;

use super::*;
use crate::extra::DEEPEST;

#[derive(Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Model {
    #[serde(with = "crate")]
    text: Option<String>,
    #[serde(with = "crate")]
    count: Option<u32>,
    #[serde(with = "crate")]
    price: Option<Decimal>,
    #[serde(with = "crate")]
    flag: Option<bool>,
    #[serde(with = "crate")]
    name: Option<Personal<String>>,
    #[serde(with = "dotted_date")]
    day: Option<NaiveDate>,
    #[serde(with = "naive_date_time")]
    moment: Option<NaiveDateTime>,
    #[serde(with = "one_or_many")]
    list: Vec<Item>,
    #[serde(with = "object")]
    item: Item,
    #[serde(flatten)]
    extra: Extra,
}

#[derive(Debug, PartialEq, Default, Serialize, Deserialize)]
struct Item {
    #[serde(default)]
    n: u32,
}

fn model(json: &str) -> Model {
    decode(json.as_bytes()).unwrap_or_else(|problem| panic!("{json}: {problem}"))
}

#[test]
fn every_form_of_a_value_gives_the_same_model() {
    let plain = r#"{"text":"5","count":7,"price":0.75,"flag":true,"name":"Т",
        "day":"01.09.2024","moment":"2019-01-01 00:00:00","list":[{"n":1}],"item":{"n":2},
        "new":{"a":[null]}}"#;
    let loose = r#"{"text":5,"count":" 7","price":"0.750","flag":"1","name":"Т",
        "day":"2024-09-01","moment":"2019-01-01","list":{"7":{"n":1}},"item":[{"n":2}],
        "new":{"a":[null]}}"#;
    assert_eq!(model(plain), model(loose));
    let sent: serde_json::Value = serde_json::to_value(model(loose)).unwrap();
    let mut expected: serde_json::Value = serde_json::from_str(plain).unwrap();
    assert_eq!(sent, expected);
    expected["flag"] = false.into();
    assert_eq!(serde_json::to_value(model(&loose.replace(r#""1""#, "0"))).unwrap(), expected);
}

#[test]
fn absent_has_four_forms() {
    let forms = [
        "{}",
        r#"{"text":"","count":" ","price":"","flag":"","name":"","day":"","moment":"","list":"","item":""}"#,
        r#"{"text":false,"count":false,"price":false,"name":false,"day":false,"list":{},"item":{}}"#,
        r#"{"text":null,"count":null,"price":null,"flag":null,"name":null,"day":null,"list":null,"item":null}"#,
        r#"{"text":[],"count":[],"price":[],"flag":[],"name":[],"day":[],"moment":[],"list":[],"item":[]}"#,
    ];
    for form in forms {
        assert_eq!(model(form), Model::default(), "{form}");
    }
}

#[test]
fn moments_are_what_the_calendar_has() {
    let parse = |text| naive_date_time::parse(text).map(|moment| moment.to_string());
    assert_eq!(parse("2019-02-28 23:59:59").as_deref(), Some("2019-02-28 23:59:59"));
    assert_eq!(parse("2020-02-29T00:00:01").as_deref(), Some("2020-02-29 00:00:01"));
    assert_eq!(parse("2019-01-01").as_deref(), Some("2019-01-01 00:00:00"));
    assert_eq!(parse("2019-01-01 07:30").as_deref(), Some("2019-01-01 07:30:00"));
    assert_eq!(parse("2019-01-01 07:30:15.25").as_deref(), Some("2019-01-01 07:30:15.250"));
    for zoned in ["2019-01-01T07:30:00Z", "2019-01-01T07:30:00+03:00", "2019-01-01T07:30:00-0300"] {
        assert_eq!(parse(zoned).as_deref(), Some("2019-01-01 07:30:00"), "{zoned}");
    }
    for nonsense in [
        "2019-02-29 00:00:00",
        "2019-01-01 24:00:00",
        "2019-01-01 00:60:00",
        "2019-01-01 ",
        "2019-1-1 00:00:00",
        "19-01-01 00:00:00",
        "-019-01-01 00:00:00",
        "2019-01-01 00-00-00",
        "2019-00-01",
        "2019-01-01 tomorrow",
        "２０１９-01-01",
        "",
        "T",
        " ",
    ] {
        assert_eq!(parse(nonsense), None, "{nonsense}");
    }
}

#[test]
fn a_year_that_cannot_be_written_is_not_read() {
    for text in ["+12345-01-01", "-0001-01-01", "+10000-1-1", "01.01.12345"] {
        let problem = decode::<Model>(format!(r#"{{"day":"{text}"}}"#).as_bytes()).unwrap_err();
        assert!(problem.starts_with("at `day`: expected a date"), "{text}: {problem}");
    }
    for text in ["9999-12-31", "0001-01-01"] {
        let written = serde_json::to_string(&model(&format!(r#"{{"day":"{text}"}}"#))).unwrap();
        assert_eq!(model(&written).day.unwrap().to_string(), text);
    }
}

#[test]
fn amounts_keep_their_digits() {
    for text in [
        "14200.32",
        "14700",
        "-0.01",
        "999999999999.99",
        "0.1",
        "123456789.012345",
        "4113.154",
        "4170.4058",
    ] {
        let amount = model(&format!(r#"{{"price":{text}}}"#)).price.unwrap();
        assert_eq!(amount.to_string(), text);
        let written = serde_json::to_string(&Model { price: Some(amount), ..Model::default() });
        assert!(written.unwrap().contains(&format!(r#""price":{text},"#)), "{text}");
    }
    let long = "123456789012345678901.23";
    let amount = model(&format!(r#"{{"price":"{long}"}}"#));
    assert!(serde_json::to_string(&amount).unwrap().contains(&format!(r#""{long}""#)));
}

#[test]
fn no_moment_has_a_form_too() {
    for zero in ["0000-00-00 00:00:00", "0000-00-00", "-0001-11-30 00:00:00"] {
        assert_eq!(model(&format!(r#"{{"moment":"{zero}"}}"#)).moment, None);
        assert_eq!(model(&format!(r#"{{"day":"{zero}"}}"#)).day, None);
    }
    for zero in ["00.00.0000", " 00.00.0000 00:00", "30.11.-0001"] {
        assert_eq!(model(&format!(r#"{{"day":"{zero}"}}"#)).day, None);
    }
}

#[test]
fn a_number_that_lost_digits_is_no_text() {
    let problem = decode::<Model>(br#"{"text":18810136161108008161}"#).unwrap_err();
    assert!(problem.starts_with("at `text`: expected text"), "{problem}");
    let text = model(r#"{"text":1881013616110800816}"#).text;
    assert_eq!(text.as_deref(), Some("1881013616110800816"));
}

#[test]
fn undocumented_fields_cannot_be_endlessly_deep() {
    let deep = |n: usize| format!(r#"{{"new":{}{}}}"#, "[".repeat(n), "]".repeat(n));
    assert!(!model(&deep(DEEPEST + 1)).extra.is_empty());
    for too_deep in [DEEPEST + 2, 100, 127, 128, 100_000] {
        let problem = decode::<Model>(deep(too_deep).as_bytes()).unwrap_err();
        let words = ["nested at most", "recursion limit"];
        assert!(words.iter().any(|word| problem.contains(word)), "{too_deep}: {problem}");
    }
}

#[test]
fn nonsense_is_an_error_that_names_the_place_and_hides_the_value() {
    for (json, expected) in [
        (r#"{"count":"Тестов"}"#, "at `count`: expected a whole number (u32)"),
        (r#"{"count":-1}"#, "at `count`: expected a whole number (u32)"),
        (r#"{"count":1.5}"#, "at `count`: expected a whole number (u32)"),
        (r#"{"count":{"secret":1}}"#, "at `count`: expected a whole number (u32)"),
        (r#"{"count":[1]}"#, "at `count`: expected a whole number (u32)"),
        (r#"{"flag":2}"#, "at `flag`: expected true or false"),
        (r#"{"price":"дорого"}"#, "at `price`: expected a decimal number"),
        (r#"{"day":"31.02.2024"}"#, "at `day`: expected a date (dd.mm.yyyy)"),
        (r#"{"day":"1.2.2024"}"#, "at `day`: expected a date (dd.mm.yyyy)"),
        (r#"{"list":[{"n":"x"}]}"#, "at `list[0].n`: expected u32"),
        (r#"{"list":"x"}"#, "at `list`: expected a list or one object"),
        (r#"{"list":{"0":{"n":1},"x":2}}"#, "at `list.x`: expected"),
        (r#"{"item":[{"n":1},{"n":2}]}"#, "at `item`: expected one object"),
        (r#"{"item":"x"}"#, "at `item`: expected an object"),
    ] {
        let problem = decode::<Model>(json.as_bytes()).unwrap_err();
        assert!(problem.starts_with(expected), "{json}: {problem}");
        assert!(!problem.contains("Тестов") && !problem.contains("дорого"), "{problem}");
    }
}
