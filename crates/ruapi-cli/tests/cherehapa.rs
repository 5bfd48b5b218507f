//! `ruapi cherehapa`: saved answers, nothing sent.

mod common;

use std::io::Write;
use std::process::Stdio;

use common::{Done, ruapi, run};
use serde_json::{Value, json};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cherehapa-types/tests/samples");
/// In place of values, to see that none is shown.
const SECRET: &str = "TESTOV";

fn sample(kind: &str) -> String {
    format!("{SAMPLES}/{kind}.json")
}

/// A sample as plain JSON.
fn sample_json(kind: &str) -> Value {
    let text = std::fs::read_to_string(sample(kind)).expect("a sample");
    serde_json::from_str(&cherehapa_types::relaxed(&text)).expect("JSON")
}

/// A sample with another value at a place, which is made if it is not there.
fn changed(kind: &str, pointer: &str, value: Value) -> Value {
    let mut sample = sample_json(kind);
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    match sample.pointer_mut(parent).expect("a place") {
        Value::Array(list) => list[key.parse::<usize>().expect("an index")] = value,
        parent => parent[key] = value,
    }
    sample
}

fn cherehapa(words: &[&str]) -> Done {
    run(&mut ruapi(&[&["cherehapa"], words].concat()))
}

/// The same with this on standard input.
fn piped(words: &[&str], input: impl AsRef<[u8]>) -> Done {
    let mut command = ruapi(&[&["cherehapa"], words].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("ruapi starts");
    child.stdin.take().expect("a pipe").write_all(input.as_ref()).expect("read to the end");
    child.wait_with_output().expect("ruapi ends").into()
}

fn asked(kind: &str, answer: &Value) -> Done {
    piped(&[kind, "-"], answer.to_string())
}

#[track_caller]
fn asked_json(kind: &str, answer: &Value) -> Value {
    let done = piped(&[kind, "-", "--format", "json"], answer.to_string());
    assert_eq!(done.stderr, "");
    assert_eq!(done.assert_code(0).stdout.lines().count(), 1, "{done:?}");
    done.json()
}

/// Three companies and a nameless one, not sorted.
fn offers() -> Value {
    json!({"status": 200, "data": [
        {"companyId": 7, "productId": 1, "price": 20.5, "currency": "EUR", "matchRating": 0.5},
        {"companyId": "23", "productId": 2, "price": "1000000.25", "currency": "USD", "priceRub": 60000000,
         "matchRating": "0.9", "assistances": {
            "thailand": [{"code": "best", "name": " Лучший сервис"}, {"code": "gva"}],
            "laos": [{"code": "best", "name": " Лучший сервис"}]},
         "info": {"medicine": [{"type": "franchise", "value": 30}, {"type": "other", "value": 1}],
                  "baggage": [{"type": "franchise", "value": "10 % от суммы"}]}},
        {"companyId": 7, "productId": 3, "matchRating": 0.6},
        {"productId": 4, "matchRating": 1},
        {"companyId": 5},
    ]})
}

#[test]
fn a_quote_of_the_document() {
    let done = cherehapa(&["quote", &sample("quote"), "--relaxed"]);
    assert_eq!(done.assert_code(0).stderr, "");
    assert_eq!(
        done.stdout,
        "COMPANY  PRODUCT   PRICE  CURRENCY     RUBLES  ASSISTANCE    MATCH   FRANCHISE\n\
         23       9        2306.8  EUR       162307.37  Best Service  0.7137  medicine: 30 EUR\n"
    );
    let json = cherehapa(&["quote", &sample("quote"), "--relaxed", "--format", "json"]);
    let expected = json!({"company": 23, "product": 9, "price": 2306.8, "currency": "EUR",
        "price_rub": 162307.37, "assistance": [{"code": "best", "name": "Best Service"}],
        "match": 0.7137, "franchise": [{"service": "medicine", "value": 30}]});
    assert_eq!(json.assert_code(0).json(), expected);
}

#[test]
fn the_best_of_each_company_or_all() {
    let best = asked("quote", &offers());
    let lines: Vec<&str> = best.assert_code(0).stdout.lines().collect();
    let expected = [
        "COMPANY  PRODUCT       PRICE  CURRENCY    RUBLES  ASSISTANCE          MATCH  FRANCHISE",
        "23       2        1000000.25  USD       60000000  Лучший сервис, gva  0.9    \
         baggage: 10 % от суммы; medicine: 30 USD",
        "7        3                 -  -                -  -                   0.6    -",
        "5        -                 -  -                -  -                   -      -",
    ];
    assert_eq!(lines, expected);
    best.assert_says(&["left out, having no company: 1"]);

    let words = ["quote", "-", "--all", "--format", "json"];
    let all = piped(&words, offers().to_string());
    assert_eq!(all.stderr, "");
    let read = |line| serde_json::from_str::<Value>(line).expect("JSON");
    let all: Vec<Value> = all.assert_code(0).stdout.lines().map(read).collect();
    let products: Vec<&Value> = all.iter().map(|offer| &offer["product"]).collect();
    assert_eq!(products, [&json!(1), &json!(2), &json!(3), &json!(4), &Value::Null]);
    assert_eq!(all[1]["price"], json!(1_000_000.25));
    let assistance =
        json!([{"code": "best", "name": "Лучший сервис"}, {"code": "gva", "name": null}]);
    assert_eq!(all[1]["assistance"], assistance);
    assert_eq!(all[1]["franchise"][0], json!({"service": "baggage", "value": "10 % от суммы"}));

    let notice = piped(&["quote", "-", "--format", "json"], offers().to_string());
    assert!(notice.assert_code(0).json_error()["notice"].is_string());
}

#[test]
fn quotes_with_little_in_them() {
    for nothing in [json!({"status": 200, "data": []}), json!({"data": null, "request": {}})] {
        let done = asked("quote", &nothing);
        assert_eq!(done.assert_code(0).stdout, "Nothing found\n", "{nothing}");
        let done = piped(&["quote", "-", "--format", "json"], nothing.to_string());
        assert_eq!((done.assert_code(0).stdout.as_str(), done.stderr.as_str()), ("", ""));
    }
    let bare = json!({"data": {"companyId": 5, "productId": 1}});
    assert_eq!(asked_json("quote", &bare)["company"], json!(5));
    let only_best = json!({"productPerCompany": [{"companyId": 5, "productId": 1}]});
    let all = piped(&["quote", "-", "--all", "--format", "json"], only_best.to_string());
    assert_eq!(all.assert_code(0).json()["product"], json!(1));
}

#[test]
fn an_order_of_the_document() {
    let done = cherehapa(&["order", &sample("order"), "--relaxed"]);
    assert_eq!(done.assert_code(0).stderr, "");
    assert_eq!(
        done.stdout,
        "Order 1432275: done
  Next       nothing: it is done, and no paid policy has a link
  Task       CreateOrder
  Payment    cancelled, 46.23 rubles, error CARD_EXPIRED
  Policy     0070330-0279869/17МП: canceled
    link     https://api.cherehapa.ru/v2/file/download/300176
"
    );
    let json = cherehapa(&["order", &sample("order"), "--relaxed", "--format", "json"]);
    let expected = json!({"done": true, "next": "nothing", "pay": null,
        "task": {"id": 1432275, "code": "CreateOrder", "completeness": 1.0, "current_action": false},
        "payments": [{"status": "cancelled", "amount": 46.23, "error_code": "CARD_EXPIRED"}],
        "policies": [{"code": "0070330-0279869/17МП", "status": "canceled",
            "link": {"url": "https://api.cherehapa.ru/v2/file/download/300176", "permanent": true}}]});
    assert_eq!(json.assert_code(0).json(), expected);
}

#[test]
fn what_to_do_next() {
    // The flags say that it is done; they do not count.
    let mut waits = changed("order", "/task/completeness", json!("0.4"));
    waits["task"]["currentAction"] = json!("Order\\CreateOrderPolicies");
    let done = asked("order", &waits);
    let expected = "Order 1432275: NOT done, 40 %\n  Next       wait: ask again later\n  \
        Task       CreateOrder\n  Doing      Order\\CreateOrderPolicies\n";
    assert!(done.assert_code(0).stdout.starts_with(expected), "{done:?}");
    assert_eq!(asked_json("order", &waits)["next"], "wait");
    waits["task"]["currentAction"] = json!({"step": 2});
    let json = asked_json("order", &waits);
    assert_eq!(
        (&json["done"], &json["task"]["current_action"]),
        (&json!(false), &json!({"step": 2}))
    );

    let mut pays = changed("order", "/transaction/status", json!("redirected"));
    pays["task"]["completeness"] = json!(0.5);
    pays["transaction"]["remoteUrl"]["data"] = json!({"MD": 1});
    // The data may be spread over lines.
    let text = serde_json::to_string_pretty(&pays).expect("JSON");
    let json = piped(&["order", "-", "--format", "json"], &text);
    assert_eq!(json.assert_code(0).stdout.lines().count(), 1, "{json:?}");
    let url = "https://acs.utb.ru/PaReqVISA.jsp";
    let expected = json!({"url": url, "method": "POST", "data": {"MD": 1}});
    assert_eq!((&json.json()["next"], &json.json()["pay"]), (&json!("pay"), &expected));
    let done = piped(&["order", "-"], &text);
    let expected = format!("\n  Pay at     {url}\n    by       POST\n    with     {{\"MD\":1}}\n");
    assert!(done.assert_code(0).stdout.contains(&expected), "{done:?}");

    let paid = changed("order", "/policy/0/status", json!("paid"));
    assert_eq!(asked_json("order", &paid)["next"], "download");
    let unknown = json!({"status": 200});
    let json = asked_json("order", &unknown);
    assert_eq!((&json["next"], &json["done"]), (&json!("wait"), &json!(false)));
}

#[test]
fn an_answer_of_another_api_is_refused() {
    let foreign = json!({"status": 200, "count": 0, "result": [], "filters": {"onlyActual": 1}});
    for command in ["quote", "order"] {
        piped(&[command, "-"], foreign.to_string()).assert_code(8);
    }
}

#[test]
fn temporary_links_where_there_is_no_permanent_one() {
    let mut order = changed("order", "/policy/0/fileLink", Value::Null);
    order["policy"][0]["status"] = json!("paid");
    order["data"][0]["links"]["another"] = json!("https://example.ru/another");
    let json = asked_json("order", &order);
    assert_eq!(json["next"], "download");
    let link = &json["policies"][0]["link"];
    assert!(link["url"].as_str().is_some_and(|url| url.contains("s3.amazonaws.com")), "{json}");
    assert_eq!(link["permanent"], json!(false));
    let another = json!({"code": "another", "status": null,
        "link": {"url": "https://example.ru/another", "permanent": false}});
    assert_eq!(json["policies"][1], another);
    let done = asked("order", &order);
    assert!(done.stdout.contains("\n    for now  https://che-production.s3"), "{done:?}");
}

#[test]
fn malformed_at_several_places() {
    for (kind, pointer, value, path, expected) in [
        ("quote", "/data/0/price", json!(SECRET), "data[0].price", "a decimal number"),
        ("quote", "/data/0/matchRating", json!([SECRET]), "data[0].matchRating", "a number"),
        ("quote", "/data/0/sport/0/id", json!({"a": SECRET}), "data[0].sport[0].id", "identifier"),
        ("quote", "/data/0/assistances", json!(SECRET), "data[0].assistances", "a list"),
        ("quote", "/preCalc/companiesCount/30000", json!(SECRET), "preCalc.companiesCount.*", ""),
        ("quote", "/request/dateStart", json!(SECRET), "request.dateStart", "a date"),
        ("order", "/task/completeness", json!(SECRET), "task.completeness", "a number"),
        ("order", "/task/currentAction", json!([SECRET]), "task.currentAction", "an object"),
        ("order", "/policy/0/dateCreated", json!(SECRET), "policy[0].dateCreated", "a date"),
        ("order", "/transaction/remoteUrl", json!(SECRET), "transaction.remoteUrl", "an object"),
        ("order", "/tourist/0/birthday", json!(SECRET), "tourist[0].birthday", "a date"),
        ("order", "/data/0/links", json!(SECRET), "data[0].links", "an object"),
    ] {
        let done = asked(kind, &changed(kind, pointer, value));
        let place = format!("standard input: at `{path}`: expected ");
        done.assert_code(8).assert_says(&[&place, expected]);
        assert!(!done.stderr.contains(SECRET), "{done:?}");
        assert_eq!(done.stdout, "");
    }
    let broken = changed("quote", "/data/0/price", json!(SECRET)).to_string();
    let error = piped(&["quote", "-", "--format", "json"], broken).assert_code(8).json_error();
    assert_eq!(error["kind"], "decode");
    assert_eq!(error["maybe_processed"], json!(false));
    for broken in
        ["", "null", "[1]", "{\"data\": [{\"price\": 1", "{\"data\": []} TESTOV", "TESTOV"]
    {
        let done = piped(&["quote", "-"], broken);
        done.assert_code(8).assert_says(&["error: standard input: "]);
        assert!(!done.stderr.contains(SECRET), "{done:?}");
    }
    for relaxed in [&["quote", "-"][..], &["quote", "-", "--relaxed"]] {
        piped(relaxed, b"{\"data\": \"\xff\"}")
            .assert_code(8)
            .assert_says(&["not UTF-8 after byte 10"]);
    }
}

#[test]
fn answers_of_another_kind() {
    for (kind, other, says) in [
        ("quote", "order", "an answer of /v2/quote"),
        ("order", "quote", "an answer about an order"),
    ] {
        let done = cherehapa(&[kind, &sample(other), "--relaxed"]);
        done.assert_code(8).assert_says(&["at `p", "expected", says]);
        for nothing in [json!({}), json!({"status": 500}), json!({"message": SECRET})] {
            let done = asked(kind, &nothing);
            assert!(!done.assert_code(8).stderr.contains(SECRET), "{done:?}");
            done.assert_says(&["expected the "]);
        }
    }
}

#[test]
fn comments_and_a_byte_order_mark() {
    let done = cherehapa(&["quote", &sample("quote")]);
    done.assert_code(8).assert_says(&["sample", "line 1", "--relaxed takes them"]);
    let json = cherehapa(&["quote", &sample("quote"), "--format", "json"]).json_error();
    assert!(json["advice"].as_str().is_some_and(|advice| advice.contains("--relaxed")), "{json}");
    let bare = "\u{feff}{\"data\": [{\"companyId\": 5, \"productId\": \"//1\"}]}";
    let commented = format!("{bare} // the end");
    for (words, input) in [
        (&["quote", "-"][..], bare),
        (&["quote", "-", "--relaxed"], bare),
        (&["quote", "--relaxed", "-"], &commented),
    ] {
        assert!(piped(words, input).assert_code(0).stdout.contains("//1"));
    }
}

#[test]
fn files_that_cannot_be_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).to_str().expect("text").to_owned();
    cherehapa(&["quote", &path("none")]).assert_code(1).assert_says(&["cannot read", "none"]);
    let folder = path("");
    let error = cherehapa(&["order", &folder, "--format", "json"]).assert_code(1).json_error();
    assert_eq!(error["kind"], "local");
    cherehapa(&["quote"]).assert_code(2);
    let huge = std::fs::File::create(path("huge")).expect("a file");
    huge.set_len((256 << 20) + 1).expect("a sparse file");
    let done = cherehapa(&["quote", &path("huge")]);
    done.assert_code(8).assert_says(&["huge is larger than 256 MiB"]);
}

#[test]
fn options_about_servers_and_credentials_mean_nothing() {
    let ignored =
        ["--sandbox", "--base-url", "nonsense", "--token-file", "/none", "--timeout", "1"];
    let words = ["quote", &sample("quote"), "--relaxed"];
    let done = cherehapa(&[&words[..], &ignored].concat());
    assert_eq!(done.assert_code(0).stdout, cherehapa(&words).stdout);
    assert_eq!(done.stderr, "");
}
