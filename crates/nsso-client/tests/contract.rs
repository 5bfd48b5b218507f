//! Every fixture both ways: the request compared as sent, the answer decoded and written back.

use std::collections::BTreeMap;
use std::path::Path;

use httpmock::MockServer;
use nsso_client::test_util::{Exchange, RecordedRequest, lossless};
use nsso_client::{
    Client, Error, ErrorCode, Group, Kind, PlateNumber, PolicyCheck, PolicyNumber, Query, Response,
    RetryPolicy, Subject, Token, TokenPlacement,
};
use serde_json::{Value, json};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn fixtures() -> BTreeMap<String, Exchange> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/nsso/check_policy");
    let entries = std::fs::read_dir(folder).expect("the fixtures' folder");
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

fn fixture(name: &str) -> Exchange {
    fixtures().remove(name).unwrap_or_else(|| panic!("no fixture {name}"))
}

/// The call that a recorded request stands for.
fn call(request: &RecordedRequest) -> (Subject, Query) {
    let mut subject = None;
    let mut query = Query::new();
    for (name, value) in &request.query {
        match name.as_str() {
            "gosNumber" => subject = Some(value.parse::<PlateNumber>().unwrap().into()),
            "polis" => subject = Some(value.parse::<PolicyNumber>().unwrap().into()),
            "date" => {
                query = query.date(ruapi_core::wire::dotted_date::parse(value).unwrap());
            }
            "onlyActual" => query = query.only_actual(value == "1"),
            "type" => assert_eq!(value, "checkPolicy"),
            "token" => assert_eq!(value, "***", "fixtures hold no token"),
            other => panic!("what is {other}?"),
        }
    }
    (subject.unwrap(), query)
}

/// Plays a fixture: the server answers only the very request that was recorded.
async fn play(exchange: &Exchange) -> Result<Response<PolicyCheck>, Error> {
    let server = MockServer::start_async().await;
    let mut expected = exchange.request.clone();
    let in_query = expected.query.iter_mut().find(|(name, _)| name == "token");
    let placement = match in_query {
        Some((_, token)) => {
            *token = TOKEN.to_owned();
            TokenPlacement::Query
        }
        None => TokenPlacement::Header,
    };
    let response = exchange.response.clone();
    let mock = server
        .mock_async(move |when, then| {
            when.is_true(move |sent| {
                let header =
                    |name: &str| sent.headers().get(name)?.to_str().ok().map(str::to_owned);
                let in_header = header("token").as_deref() == Some(TOKEN);
                sent.method_str() == expected.method
                    && sent.uri().path() == format!("/{}", expected.path)
                    && sent.query_params() == expected.query
                    && expected
                        .headers
                        .iter()
                        .all(|(name, value)| header(name).as_ref() == Some(value))
                    && in_header == (placement == TokenPlacement::Header)
                    && sent.body_ref().is_empty()
            });
            let mut then = then.status(response.status).body(response.body_bytes());
            for (name, value) in &response.headers {
                then = then.header(name, value);
            }
        })
        .await;
    let client = Client::builder(Token::new(TOKEN).unwrap())
        .base_url(server.base_url())
        .token_placement(placement)
        .options(nsso_client::Options::new().retry(RetryPolicy::never()))
        .build()
        .unwrap();
    let (subject, query) = call(&exchange.request);
    let result = client.check(subject).query(query).await;
    mock.assert_calls_async(1).await;
    result
}

#[tokio::test]
async fn every_fixture_is_sent_as_recorded_and_understood_without_loss() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 28, "{} fixtures", fixtures.len());
    for (name, exchange) in fixtures {
        match play(&exchange).await {
            Ok(answer) => {
                let encoded = serde_json::to_value(answer.into_inner()).unwrap();
                lossless(&exchange.response.body, &encoded)
                    .unwrap_or_else(|path| panic!("{name}: {path}"));
            }
            Err(error) => {
                assert_eq!(error.body(), exchange.response.body_bytes(), "{name}: nothing is lost");
                let code = exchange.response.body.get("error").and_then(Value::as_str);
                assert_eq!(error.code(), code, "{name}");
                assert_eq!(error.status().unwrap().as_u16(), exchange.response.status, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn the_documents_example_has_every_value_typed() {
    let check = play(&fixture("by_plate")).await.unwrap();
    assert_eq!((check.status, check.count), (Some(200), Some(1)));
    let found = &check.result[0];
    let policy = &found.policy;
    assert_eq!(policy.number.as_ref().map(|n| n.as_str()), Some("IGSX224123456275000"));
    let date = |text| ruapi_core::wire::dotted_date::parse(text);
    assert_eq!((policy.start, policy.stop), (date("01.09.2024"), date("31.08.2025")));
    assert_eq!(policy.company.as_deref(), Some("СПАО \"Ингосстрах\""));
    let holder = policy.holder.as_ref().map(|holder| holder.as_str());
    assert_eq!(holder, Some("Тестов Амонулло Файзуллоевич"));
    assert_eq!(policy.holder_inn.as_ref().map(|inn| inn.as_str()), Some("775100073002"));
    assert_eq!(policy.holder_kpp, None);
    for (day, covered) in
        [("31.08.2024", false), ("01.09.2024", true), ("31.08.2025", true), ("01.09.2025", false)]
    {
        assert_eq!(policy.covers(date(day).unwrap()), Some(covered), "{day}");
    }
    let auto = &found.auto[0];
    assert_eq!((auto.make.as_deref(), auto.model.as_deref()), (Some("Huyndai"), Some("Solaris")));
    assert_eq!(auto.plate.as_ref().map(|plate| plate.as_str()), Some("А111АА11"));
    assert_eq!((&auto.seats, &auto.passengers), (&None, &None));
    assert_eq!(check.filters.request_date, date("26.08.2025"));
    assert_eq!(check.filters.only_actual, Some(true));
    let inquiry = &check.inquiry;
    let amounts = [inquiry.price, inquiry.balance, inquiry.credit, inquiry.speed];
    let expected = ["0.75", "14700", "20000", "26"].map(|text| Some(text.parse().unwrap()));
    assert_eq!(amounts, expected);
    assert_eq!(inquiry.attempts, Some(1));
}

#[tokio::test]
async fn the_empty_answer_has_its_price_too() {
    let check = play(&fixture("no_policy")).await.unwrap();
    assert_eq!((check.count, check.result.len()), (Some(0), 0));
    assert!(check.inquiry.price.is_some() && check.inquiry.balance.is_some());
}

#[tokio::test]
async fn each_code_says_what_to_do_and_was_not_billed() {
    for code in ErrorCode::DOCUMENTED {
        let mut exchange = fixture(&format!("error_{}", code.as_str()));
        for spelling in [json!(code.as_str()), json!(code.as_str().parse::<u32>().unwrap())] {
            exchange.response.body["error"] = spelling;
            let error = play(&exchange).await.unwrap_err();
            assert_eq!(ErrorCode::of(&error).as_ref(), Some(code));
            let kind = match code.group().unwrap() {
                Group::Credential => Kind::Credential,
                Group::Money => Kind::Funds,
                Group::Input => Kind::Input,
                Group::Busy => Kind::Busy,
                other => panic!("{other:?}"),
            };
            assert_eq!((error.kind(), error.maybe_processed()), (kind, false), "{code:?}");
            assert!(error.message().is_some(), "{code:?}");
        }
    }
}

#[tokio::test]
async fn an_error_that_says_there_is_none_is_none() {
    let mut exchange = fixture("by_plate");
    for none in [json!(0), json!("0"), json!(""), json!(false), json!("false"), Value::Null] {
        exchange.response.body["error"] = none.clone();
        assert_eq!(play(&exchange).await.expect("an answer").result.len(), 1, "{none}");
    }
}

#[tokio::test]
async fn other_answers_are_errors_that_may_have_cost_money() {
    let mut exchange = fixture("by_plate");
    let html = Value::from("<html>502 Bad Gateway</html>");
    for (status, body, kind) in [
        (200, html.clone(), Kind::Decode),
        (200, json!([]), Kind::Decode),
        (200, Value::Null, Kind::Decode),
        (200, Value::from(r#"{"status":200,"count":1,"result":[{"pol"#), Kind::Decode),
        (200, json!({"status": 200, "count": "one", "result": []}), Kind::Decode),
        // No answer is not the answer "no policy".
        (200, json!({}), Kind::Decode),
        (200, json!({"message": "Maintenance"}), Kind::Decode),
        (200, json!({"errors": [1]}), Kind::Decode),
        (200, json!({"status": 500, "message": "oops"}), Kind::Refused),
        (200, json!({"status": "500", "result": []}), Kind::Refused),
        (200, json!({"error": "77", "message": "NEW"}), Kind::Refused),
        (200, json!({"error": true, "result": []}), Kind::Refused),
        (200, json!({"error": {"code": 498}}), Kind::Refused),
        (302, html.clone(), Kind::Redirect),
        (500, html.clone(), Kind::Server),
        (503, html.clone(), Kind::Busy),
        // A gateway's own words, whose codes happen to be the API's.
        (500, json!({"error": 500, "message": "Internal Server Error"}), Kind::Server),
        (502, json!({"error": "502", "message": "Bad Gateway"}), Kind::Server),
        (504, json!({"error": 504, "message": "Gateway Timeout"}), Kind::Server),
        (503, json!({"error": 503}), Kind::Busy),
    ] {
        exchange.response.status = status;
        exchange.response.body = body.clone();
        let error = play(&exchange).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (kind, true), "{status} {body}");
        assert_eq!(error.status().map(|s| s.as_u16()), Some(status), "{status} {body}");
    }
    // However odd its message, a documented code is that code.
    for message in [json!(false), json!(["TOKEN_NO_MONEY"]), Value::Null] {
        exchange.response.status = 200;
        exchange.response.body = json!({"error": "498", "message": message, "status": "error"});
        let error = play(&exchange).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (Kind::Funds, false), "{message}");
    }
    exchange.response.status = 500;
    exchange.response.body = json!({"error": "498", "message": "TOKEN_NO_MONEY"});
    let error = play(&exchange).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Funds, "the API's own words go before the status");
}

/// The same answer in other forms must give the same model.
#[tokio::test]
async fn other_forms_of_the_same_answer_are_the_same_answer() {
    let exchange = fixture("several_policies_and_cars");
    let plain = play(&exchange).await.unwrap().into_inner();
    for respell in [respell_scalars, respell_lists] {
        let mut other = exchange.clone();
        other.response.body = respell(&exchange.response.body);
        assert_ne!(other.response.body, exchange.response.body);
        assert_eq!(play(&other).await.unwrap().into_inner(), plain);
    }
    let mut with_bom = fixture("by_plate");
    let plain = play(&with_bom).await.unwrap().into_inner();
    with_bom.response.body = format!("\u{feff}{}", with_bom.response.body).into();
    assert_eq!(play(&with_bom).await.unwrap().into_inner(), plain);

    let mut lone = fixture("by_plate");
    for list in ["/result", "/result/auto"] {
        let item = lone.response.body.pointer(list).unwrap()[0].clone();
        *lone.response.body.pointer_mut(list).unwrap() = item;
    }
    assert_eq!(play(&lone).await.unwrap().into_inner(), plain);
}

fn respell_scalars(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), respell_scalars(v))).collect(),
        Value::Array(list) => list.iter().map(respell_scalars).collect(),
        Value::Number(number) => Value::from(number.to_string()),
        Value::String(text) if text.is_empty() => Value::Null,
        other => other.clone(),
    }
}

/// Lists as PHP sends those with gaps.
fn respell_lists(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), respell_lists(v))).collect(),
        Value::Array(list) => {
            let item = |(n, item)| (format!("{}", n * 2 + 1), respell_lists(item));
            list.iter().enumerate().map(item).collect()
        }
        other => other.clone(),
    }
}

/// A paid answer is an answer also where it is full of holes.
#[tokio::test]
async fn whatever_is_absent_a_paid_answer_is_understood() {
    let exchange = fixture("by_plate");
    for place in ["/filters", "/inquiry", "/result", "/result/0/policy", "/result/0/auto"] {
        for absent in [Value::Null, json!([]), json!({}), json!("")] {
            let mut other = exchange.clone();
            *other.response.body.pointer_mut(place).unwrap() = absent.clone();
            let answer = play(&other).await.unwrap_or_else(|e| panic!("{place} {absent}: {e}"));
            let encoded = serde_json::to_value(answer.into_inner()).unwrap();
            let found = encoded["result"].as_array().unwrap().len();
            assert_eq!(found, usize::from(place != "/result"), "{place} {absent}");
        }
    }
    let policy = "/result/0/policy/PolicyHolderKPP";
    let auto = "/result/0/auto/0/seats";
    for (place, odd) in [(policy, json!(false)), (auto, json!("5+1")), (auto, json!(" "))] {
        let mut other = exchange.clone();
        *other.response.body.pointer_mut(place).unwrap() = odd.clone();
        play(&other).await.unwrap_or_else(|error| panic!("{place} {odd}: {error}"));
    }
}

#[tokio::test]
async fn undocumented_fields_are_kept_wherever_they_are() {
    let mut exchange = fixture("by_plate");
    let body = &mut exchange.response.body;
    let new = json!({"since": [2026, null, {"a": "б"}]});
    for place in ["", "/result/0", "/result/0/policy", "/result/0/auto/0", "/filters", "/inquiry"] {
        body.pointer_mut(place).unwrap()["new"] = new.clone();
    }
    let check = play(&exchange).await.unwrap().into_inner();
    assert_eq!(check.result[0].policy.extra.names().collect::<Vec<_>>(), ["new"]);
    let encoded = serde_json::to_value(check).unwrap();
    lossless(&exchange.response.body, &encoded).unwrap();
}
