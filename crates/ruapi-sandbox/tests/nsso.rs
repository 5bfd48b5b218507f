//! The NSSO API against its document.

mod common;

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta, TimeZone, Utc};
use common::{ZERO_TOKEN, client, example, example_but, get, plate_query, send, url};
use ruapi_sandbox::nsso::{Source, TokenState};
use ruapi_sandbox::{Fault, FaultKind, Nsso, Sandbox};
use serde_json::{Value, json};

/// The document's table, written down once more.
const CODES: [(u16, &str); 19] = [
    (1, "API_SUSPENDED"),
    (2, "TOKEN_TEHBLOCK"),
    (3, "TOKEN_BLOCKED_BY_QUALITY_SERVICE"),
    (5, "TEST_TIME_OFF"),
    (15, "DATE_ERROR"),
    (111, "PARAMETER_CONFLICT"),
    (123, "IP_NOT_REGISTERED_IN_THE_SYSTEM"),
    (404, "TIME_MAX_CONNECT"),
    (456, "MAX_LIMIT"),
    (460, "NO_REQUIRED_PARAMETERS"),
    (498, "TOKEN_NO_MONEY"),
    (499, "WRONG_TOKEN_KEY"),
    (500, "MISSING_REQUIRED_TYPE_PARAMETER"),
    (502, "MISSING_REQUIRED_TOKEN_PARAMETER"),
    (503, "TOKEN_NOT_REGISTERED_IN_THE_SYSTEM"),
    (504, "TOKEN_LOCKED_IN_THE_SYSTEM"),
    (602, "TOKEN_NO_ACCESS"),
    (766, "MISSING_MANDATORY_PARAMETER"),
    (888, "gosNumber: forbidden symbols present"),
];

fn error(code: u16) -> Value {
    let (_, message) = CODES.iter().find(|(known, _)| *known == code).unwrap();
    json!({ "error": code.to_string(), "message": message })
}

fn forbidden(name: &str) -> Value {
    json!({ "error": "888", "message": format!("{name}: forbidden symbols present") })
}

/// The document's example, compact; the order of keys is the document's.
const EXAMPLE: &str = concat!(
    r#"{"status":200,"count":1,"result":[{"policy":{"PolicyNumber":"IGSX224123456275000","#,
    r#""PolicyStart":"01.09.2024","PolicyStop":"31.08.2025","#,
    r#""PolicyCompany":"СПАО \"Ингосстрах\"","PolicyHolder":"Тестов Амонулло Файзуллоевич","#,
    r#""PolicyHolderINN":"775100073002","PolicyHolderKPP":""},"auto":[{"marka":"Huyndai","#,
    r#""model":"Solaris","gosNumber":"А111АА11","seats":"","passenger":""}]}],"#,
    r#""filters":{"requestDate":"26.08.2025","onlyActual":1},"#,
    r#""inquiry":{"price":0.75,"balance":14700,"credit":20000,"speed":26,"attempts":1}}"#,
);

#[tokio::test]
async fn the_documents_example() {
    let sandbox = Sandbox::start().await.unwrap();
    let text = send(&sandbox, &example()).await.text().await.unwrap();
    assert_eq!(text, EXAMPLE);

    let by_policy = [("type", "checkPolicy"), ("polis", "IGSX224123456275000")];
    let query = [&by_policy[..], &[("token", ZERO_TOKEN)]].concat();
    let again = get(&sandbox, &query).await;
    let example: Value = serde_json::from_str(EXAMPLE).unwrap();
    assert_eq!(again["result"], example["result"]);
    assert_eq!(again["inquiry"]["balance"], json!(14699.25));
}

#[tokio::test]
async fn the_documents_empty_answer() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.nsso().set_balance(14201.07);
    let text = send(&sandbox, &plate_query(Nsso::EMPTY_PLATE)).await.text().await.unwrap();
    let document = concat!(
        r#"{"status":200,"count":0,"result":[],"#,
        r#""filters":{"requestDate":"26.08.2025","onlyActual":1},"inquiry":"#,
        r#"{"price":0.75,"balance":14200.32,"credit":20000,"speed":9,"attempts":1}}"#,
    );
    assert_eq!(text, document);
    assert_eq!(sandbox.nsso().billed_for(Nsso::EMPTY_PLATE), 1);
}

#[tokio::test]
async fn each_code_has_a_token_and_a_fault() {
    let sandbox = Sandbox::start().await.unwrap();
    for (code, _) in CODES {
        let token = Nsso::error_token(code.into());
        assert_eq!(token.len(), 32);
        assert_eq!(get(&sandbox, &example_but("token", Some(&token))).await, error(code));

        sandbox.inject(Fault::new(FaultKind::api_error(code.to_string())).times(1));
        assert_eq!(get(&sandbox, &example()).await, error(code));
    }
    assert_eq!(Nsso::error_token(404), "sandbox-error-404-00000000000000");
    assert_eq!(sandbox.nsso().billed(), 0);

    sandbox.nsso().set_numeric_codes(true);
    let answer = get(&sandbox, &example_but("token", Some(&Nsso::error_token(777)))).await;
    assert_eq!(answer, json!({ "error": 777, "message": "SANDBOX_UNDOCUMENTED_CODE" }));
}

#[tokio::test]
async fn codes_of_wrong_requests() {
    let sandbox = Sandbox::start().await.unwrap();
    let unknown = "1".repeat(32);
    for (name, value, code) in [
        ("token", None, 502),
        ("token", Some(""), 502),
        ("token", Some("0000000000000000000000000000000"), 499),
        ("token", Some("000000000000000000000000000000000"), 499),
        ("token", Some(unknown.as_str()), 503),
        ("type", None, 500),
        ("type", Some(""), 500),
        ("type", Some("checkpolicy"), 602),
        ("polis", Some("ABC1"), 111),
        ("polis", Some(""), 111),
        ("gosNumber", None, 766),
        ("gosNumber", Some(""), 460),
        ("gosNumber", Some("A111AA11"), 888),
        ("gosNumber", Some("а111аа11"), 888),
        ("gosNumber", Some("А111АА1"), 888),
        ("gosNumber", Some("А111АА1111"), 888),
        ("gosNumber", Some("А111 АА11"), 888),
        ("date", Some(""), 15),
        ("date", Some("2025-08-26"), 15),
        ("date", Some("26.8.2025"), 15),
        ("date", Some("31.02.2025"), 15),
        ("date", Some("+6.08.2025"), 15),
    ] {
        let answer = get(&sandbox, &example_but(name, value)).await;
        assert_eq!(answer, error(code), "{name} {value:?}");
    }
    for (name, value) in [
        ("onlyActual", "2"),
        ("onlyActual", "true"),
        ("date", "1;2"),
        ("else", "<b>"),
        ("else", "'"),
    ] {
        let answer = get(&sandbox, &example_but(name, Some(value))).await;
        assert_eq!(answer, forbidden(name), "{name} {value:?}");
    }
    let policy = |polis| [("type", "checkPolicy"), ("polis", polis), ("token", ZERO_TOKEN)];
    for polis in ["ХХХ0123456789", "AB-1", "AB 1", "A_1"] {
        assert_eq!(get(&sandbox, &policy(polis)).await, forbidden("polis"), "{polis}");
    }
    assert_eq!(get(&sandbox, &policy("")).await, error(460));
    assert_eq!(sandbox.nsso().billed(), 0);

    // The order of the checks, where one request is wrong in several ways.
    let both = [("gosNumber", "?"), ("polis", "?"), ("type", "?"), ("token", "?")];
    assert_eq!(get(&sandbox, &both).await, error(499));
    assert_eq!(get(&sandbox, &both[..3]).await, error(502));
    let both = [&both[..2], &[("type", "checkPolicy"), ("token", ZERO_TOKEN)]].concat();
    assert_eq!(get(&sandbox, &both).await, error(111));
}

#[tokio::test]
async fn states_of_a_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let token = "2".repeat(32);
    let query = example_but("token", Some(&token));
    for (state, code) in [
        (TokenState::NoAccess, 602),
        (TokenState::Locked, 504),
        (TokenState::IpNotRegistered, 123),
        (TokenState::TestTimeOff, 5),
        (TokenState::Blocked, 3),
        (TokenState::TechBlock, 2),
    ] {
        sandbox.nsso().set_token_state(&token, state);
        assert_eq!(get(&sandbox, &query).await, error(code));
        assert_eq!(get(&sandbox, &example()).await["count"], 1, "the other token is not touched");
    }
    sandbox.nsso().add_token(&token);
    assert_eq!(get(&sandbox, &query).await["count"], 1);
    sandbox.nsso().revoke_token(&token);
    assert_eq!(get(&sandbox, &query).await, error(503));
}

#[tokio::test]
async fn states_of_the_source() {
    let sandbox = Sandbox::start().await.unwrap();
    for (source, code) in [(Source::Suspended, 1), (Source::Silent, 404)] {
        sandbox.nsso().set_source(source);
        assert_eq!(get(&sandbox, &example()).await, error(code));
    }
    assert_eq!(sandbox.nsso().billed(), 0);
    sandbox.nsso().set_source(Source::Working);
    assert_eq!(get(&sandbox, &example()).await["count"], 1);
}

#[tokio::test]
async fn money_runs_out() {
    let sandbox = Sandbox::start().await.unwrap();
    let nsso = sandbox.nsso();
    nsso.set_balance(1.0);
    nsso.set_credit(0.5);
    nsso.set_speed(Some(7));
    let answer = get(&sandbox, &example()).await;
    let inquiry =
        json!({ "price": 0.75, "balance": 0.25, "credit": 0.5, "speed": 7, "attempts": 1 });
    assert_eq!(answer["inquiry"], inquiry);
    // The last kopeck of the credit is money, too.
    assert_eq!(get(&sandbox, &example()).await["inquiry"]["balance"], json!(-0.5));
    assert_eq!(get(&sandbox, &example()).await, error(498));
    assert_eq!((nsso.billed(), nsso.balance()), (2, -0.5));
    nsso.set_price(0.0);
    assert_eq!(get(&sandbox, &example()).await["inquiry"]["price"], 0);
}

#[tokio::test]
async fn queries_are_billed_by_subject() {
    let sandbox = Sandbox::start().await.unwrap();
    let plate = Nsso::fleet_plate(3);
    for query in [example(), plate_query(&plate), example()] {
        get(&sandbox, &query).await;
    }
    let expected = BTreeMap::from([(Nsso::EXAMPLE_PLATE.to_owned(), 2), (plate, 1)]);
    assert_eq!(sandbox.nsso().billed_by_subject(), expected);
    assert_eq!(sandbox.nsso().billed(), 3);
    assert_eq!(sandbox.nsso().billed_for("А000АА00"), 0);
}

#[tokio::test]
async fn parallel_connections_are_limited() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.nsso().set_max_parallel(Some(2));
    sandbox.inject(Fault::new(FaultKind::Stall { processed: false }).times(2));
    let hanging: Vec<_> = (0..2)
        .map(|_| {
            let request = client().get(url(&sandbox, &example())).send();
            tokio::spawn(request)
        })
        .collect();
    sandbox.wait_until_stalled(2).await;
    assert_eq!(get(&sandbox, &example()).await, error(456));
    sandbox.nsso().set_max_parallel(Some(3));
    assert_eq!(get(&sandbox, &example()).await["count"], 1);
    sandbox.nsso().set_max_parallel(None);
    assert_eq!(get(&sandbox, &example()).await["count"], 1);
    assert_eq!(sandbox.nsso().billed(), 2);
    for task in hanging {
        task.abort();
    }
}

#[tokio::test]
async fn the_token_may_come_in_a_header() {
    let sandbox = Sandbox::start().await.unwrap();
    let query = example_but("token", None);
    let call = |token: &str| client().get(url(&sandbox, &query)).header("Token", token).send();
    let good = call(ZERO_TOKEN).await.unwrap().text().await.unwrap();
    assert!(good.contains(r#""count":1"#), "{good}");
    let bad = call("0").await.unwrap().text().await.unwrap();
    assert!(bad.contains("WRONG_TOKEN_KEY"), "{bad}");
}

#[tokio::test]
async fn only_get_is_seen() {
    let sandbox = Sandbox::start().await.unwrap();
    for method in [reqwest::Method::POST, reqwest::Method::PUT] {
        let response = client().request(method, url(&sandbox, &example())).send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert!(response.text().await.unwrap().starts_with("<html>"));
    }
    let head = client().head(url(&sandbox, &example())).send().await.unwrap();
    assert_eq!(head.status(), 405);
    assert_eq!(sandbox.nsso().billed(), 0);
}

#[tokio::test]
async fn other_paths_list_what_there_is() {
    let sandbox = Sandbox::start().await.unwrap();
    for path in ["", "checkPolicy", "nsso.php/"] {
        let response = client().get(format!("{}{path}", sandbox.nsso_url())).send().await.unwrap();
        assert_eq!(response.status(), 404);
        assert!(response.text().await.unwrap().contains("/nsso/nsso.php"));
    }
}

#[tokio::test]
async fn date_and_only_actual_choose_policies() {
    let sandbox = Sandbox::start().await.unwrap();
    for (date, only_actual, count) in [
        ("31.08.2024", "1", 0),
        ("01.09.2024", "1", 1),
        ("31.08.2025", "1", 1),
        ("01.09.2025", "1", 0),
        ("01.09.2025", "0", 1),
        ("01.09.2025", "", 0),
    ] {
        let mut query = example();
        query.extend([("date", date), ("onlyActual", only_actual)]);
        let answer = get(&sandbox, &query).await;
        assert_eq!(answer["count"], count, "{date} {only_actual:?}");
        let echoed = u8::from(only_actual != "0");
        assert_eq!(answer["filters"], json!({ "requestDate": date, "onlyActual": echoed }));
    }
}

#[tokio::test]
async fn the_clock_decides_the_day() {
    let start = Utc.with_ymd_and_hms(2025, 8, 31, 20, 59, 59).unwrap();
    let sandbox = Sandbox::builder().clock_start(start).frozen(true).start().await.unwrap();
    let answer = get(&sandbox, &example()).await;
    assert_eq!(
        (&answer["count"], &answer["filters"]["requestDate"]),
        (&json!(1), &json!("31.08.2025"))
    );
    // Midnight in Moscow.
    sandbox.clock().advance(TimeDelta::seconds(1));
    let answer = get(&sandbox, &example()).await;
    assert_eq!(
        (&answer["count"], &answer["filters"]["requestDate"]),
        (&json!(0), &json!("01.09.2025"))
    );
}

/// The answer about a plate, all policies of it.
async fn all(sandbox: &Sandbox, plate: &str) -> Value {
    let mut query = plate_query(plate);
    query.push(("onlyActual", "0"));
    get(sandbox, &query).await["result"].take()
}

#[tokio::test]
async fn the_fleet_answers_the_same_again() {
    let first = Sandbox::start().await.unwrap();
    let second = Sandbox::start().await.unwrap();
    let today = NaiveDate::from_ymd_opt(2025, 8, 26).unwrap();
    let day = |text: &Value| NaiveDate::parse_from_str(text.as_str().unwrap(), "%d.%m.%Y").unwrap();
    let (mut insured, mut empty) = (0, 0);
    for index in 0..60 {
        let plate = Nsso::fleet_plate(index);
        let policies = all(&first, &plate).await;
        assert_eq!(policies, all(&first, &plate).await);
        assert_eq!(policies, all(&second, &plate).await);

        let actual = get(&first, &plate_query(&plate)).await["result"].take();
        let expected: Vec<_> = policies
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| {
                let policy = &one["policy"];
                day(&policy["PolicyStart"]) <= today && today <= day(&policy["PolicyStop"])
            })
            .cloned()
            .collect();
        assert_eq!(actual, Value::from(expected));
        if actual == json!([]) {
            empty += 1;
        } else {
            insured += 1;
        }
    }
    assert!(insured > 30 && empty > 2, "{insured} insured, {empty} not");
}

#[tokio::test]
async fn a_made_up_policy_finds_itself() {
    let sandbox = Sandbox::start().await.unwrap();
    let policies = all(&sandbox, &Nsso::fleet_plate(1)).await;
    let first = &policies[0];
    let polis = first["policy"]["PolicyNumber"].as_str().expect("an insured vehicle");
    let query = |polis| {
        vec![("type", "checkPolicy"), ("polis", polis), ("onlyActual", "0"), ("token", ZERO_TOKEN)]
    };
    assert_eq!(get(&sandbox, &query(polis)).await["result"], json!([first]));
    for other in ["TEST", "TEST00000000011990", "TEST99999999992025", "IGSX224123456275001"] {
        assert_eq!(get(&sandbox, &query(other)).await["count"], 0, "{other}");
    }
}

#[tokio::test]
async fn a_small_fleet_leaves_the_others_empty() {
    let sandbox = Sandbox::start().await.unwrap();
    let insured = |index| {
        let sandbox = &sandbox;
        async move { all(sandbox, &Nsso::fleet_plate(index)).await != json!([]) }
    };
    let mut indexes = Vec::new();
    for index in 0..12 {
        if insured(index).await {
            indexes.push(index);
        }
    }
    let (first, last) = (indexes[0], *indexes.last().unwrap());
    assert!(first < last);
    sandbox.nsso().set_fleet(last);
    assert!(insured(first).await && !insured(last).await);
    sandbox.nsso().set_fleet(Nsso::LARGEST_FLEET);
    assert!(insured(last).await);
}

#[tokio::test]
async fn the_last_of_several_values_counts() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut query = plate_query("?");
    query.push(("gosNumber", Nsso::EXAMPLE_PLATE));
    assert_eq!(get(&sandbox, &query).await["count"], 1);
}

#[tokio::test]
async fn a_setter_refuses_what_control_refuses() {
    type Setter = fn(&Nsso);
    let setters: [(Setter, &str); 5] = [
        (|nsso| nsso.set_balance(f64::NAN), "`balance` is"),
        (|nsso| nsso.set_balance(1e300), "`balance` is"),
        (|nsso| nsso.set_credit(-0.01), "`credit` is"),
        (|nsso| nsso.set_price(-1.0), "`price` is"),
        (|nsso| nsso.set_fleet(Nsso::LARGEST_FLEET + 1), "`fleet` is"),
    ];
    let sandbox = Sandbox::start().await.unwrap();
    for (set, expected) in setters {
        let nsso = sandbox.nsso().clone();
        let panic = tokio::spawn(async move { set(&nsso) }).await.unwrap_err().into_panic();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(get(&sandbox, &example()).await["inquiry"]["balance"], 14700);
}
