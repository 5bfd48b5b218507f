//! The server itself: its life, its log, its control over HTTP.

mod common;

use std::io::ErrorKind;
use std::time::Duration;

use chrono::{TimeDelta, TimeZone, Utc};
use common::{ask, client, connect_and_ask, example, example_but, get, read_answer, send, url};
use reqwest::{Method, StatusCode};
use ruapi_sandbox::{Fault, FaultKind, Nsso, Sandbox};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// A control call.
async fn control(
    sandbox: &Sandbox,
    method: Method,
    path: &str,
    body: Value,
) -> (StatusCode, Value) {
    let call = client().request(method, format!("{}_sandbox/{path}", sandbox.url()));
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let response = call.body(body).send().await.unwrap();
    let status = response.status();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

async fn show(sandbox: &Sandbox, path: &str) -> Value {
    let (status, value) = control(sandbox, Method::GET, path, Value::Null).await;
    assert_eq!(status, 200, "{value}");
    value
}

async fn change(sandbox: &Sandbox, method: Method, path: &str, body: Value) -> Value {
    let (status, value) = control(sandbox, method, path, body).await;
    assert_eq!(status, 200, "{value}");
    value
}

#[tokio::test]
async fn dropping_stops_the_server() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.url().replace("http://", "").replace('/', "");
    let mut idle = connect_and_ask(&sandbox).await;
    read_answer(&mut idle).await;
    sandbox.inject(Fault::new(FaultKind::Stall { processed: false }));
    let mut busy = connect_and_ask(&sandbox).await;
    sandbox.wait_until_stalled(1).await;
    drop(sandbox);
    for stream in [&mut idle, &mut busy] {
        let mut byte = [0];
        let end = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut byte)).await;
        assert_eq!(end.expect("an end of the connection").unwrap_or(0), 0);
    }
    let refused = TcpStream::connect(&address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_port_is_taken_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = sandbox.url();
    let port: u16 = url["http://127.0.0.1:".len()..url.len() - 1].parse().unwrap();
    assert_eq!(url, format!("http://127.0.0.1:{port}/"));
    assert_eq!(sandbox.nsso_url(), format!("http://127.0.0.1:{port}/nsso/"));
    let error = Sandbox::builder().port(port).start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[tokio::test]
async fn a_connection_is_used_again_after_a_fault() {
    let sandbox = Sandbox::start().await.unwrap();
    for kind in [FaultKind::status(503), FaultKind::Truncate { bytes: 9 }, FaultKind::TokenRevoked]
    {
        sandbox.inject(Fault::new(kind).times(1));
        let mut stream = connect_and_ask(&sandbox).await;
        read_answer(&mut stream).await;
        ask(&mut stream, &sandbox).await;
        assert!(read_answer(&mut stream).await.starts_with(b"HTTP/1.1 200 OK"));
    }
}

#[tokio::test]
async fn the_clock_runs_freezes_and_moves() {
    let start = Utc.with_ymd_and_hms(2025, 8, 26, 9, 0, 0).unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    let clock = sandbox.clock();
    assert!((clock.now() - start) < TimeDelta::minutes(1));
    let before = clock.now();
    while clock.now() == before {
        std::hint::spin_loop();
    }
    clock.freeze();
    let frozen = clock.now();
    assert!(clock.is_frozen() && frozen > before);
    get(&sandbox, &example()).await;
    assert_eq!(clock.now(), frozen);
    clock.advance(TimeDelta::days(400));
    assert_eq!(clock.now(), frozen + TimeDelta::days(400));
    clock.advance(TimeDelta::days(-400));
    clock.set(start);
    assert_eq!(clock.now(), start);
    assert_eq!(clock.today().to_string(), "2025-08-26");
    clock.unfreeze();
    assert!(!clock.is_frozen());
    while clock.now() == start {
        std::hint::spin_loop();
    }
}

#[tokio::test]
async fn the_log_shows_the_harmless() {
    let sandbox = Sandbox::builder().frozen(true).start().await.unwrap();
    let mut query = example();
    query.extend([("date", "26.08.2025"), ("onlyActual", "0")]);
    client()
        .get(url(&sandbox, &query))
        .header("user-agent", "a-client/1")
        .header("accept", "application/json")
        .header("x-other", "other")
        .send()
        .await
        .unwrap();
    let host = sandbox.url().replace("http://", "").replace('/', "");
    let logged = json!([{
        "number": 0,
        "at": "2025-08-26T09:00:00Z",
        "method": "GET",
        "path": "/nsso/nsso.php",
        "query": [
            ["type", "checkPolicy"], ["gosNumber", "***"], ["token", "***"],
            ["date", "26.08.2025"], ["onlyActual", "0"],
        ],
        "headers": [["accept", "application/json"], ["host", host], ["user-agent", "a-client/1"]],
        "body_bytes": 0,
        "status": 200,
        "fault": null,
    }]);
    assert_eq!(serde_json::to_value(sandbox.requests()).unwrap(), logged);
    assert_eq!(show(&sandbox, "requests").await, json!({ "total": 1, "requests": logged }));

    let post = client().post(url(&sandbox, &query)).body("four").send().await.unwrap();
    assert_eq!(post.status(), 405);
    assert_eq!(sandbox.requests()[1].body_bytes, 4);
    sandbox.clear_requests();
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn planted_secrets_are_not_in_the_log() {
    const TOKEN: &str = "PlantedTokenPlantedTokenPlanted1";
    const POLICY: &str = "PLANTEDPOLICY1";
    const PLATE: &str = "Х777ХХ77";
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.nsso().add_token(TOKEN);
    let secrets = [TOKEN, POLICY, PLATE];
    let mut sent = 0;
    for secret in secrets {
        // Where it belongs, where it does not, and as a name.
        for name in ["token", "gosNumber", "polis", "type", "date", "onlyActual", "other", "q[]"] {
            send(&sandbox, &example_but(name, Some(secret))).await;
            sent += 1;
        }
        send(&sandbox, &example_but(secret, Some("1"))).await;
        let request = client().post(format!("{}{secret}/x", sandbox.nsso_url()));
        let request = request.header("token", TOKEN).header("authorization", TOKEN);
        request.header("cookie", TOKEN).body(secret).send().await.unwrap();
        sent += 2;
    }
    let method = Method::from_bytes(TOKEN.as_bytes()).unwrap();
    client().request(method, url(&sandbox, &example())).send().await.unwrap();
    assert_eq!(sandbox.requests_total(), sent + 1);

    let printed = [
        format!("{:?}", sandbox.requests()),
        serde_json::to_string(&sandbox.requests()).unwrap(),
        show(&sandbox, "requests").await.to_string(),
        show(&sandbox, "nsso").await.to_string(),
    ];
    let hex = |secret: &str, before: &str| -> String {
        secret.bytes().map(|byte| format!("{before}{byte:02x}")).collect()
    };
    for text in printed.map(|text| text.to_lowercase()) {
        for secret in secrets {
            let escaped: String = secret.escape_unicode().to_string();
            for form in [secret.to_lowercase(), hex(secret, "%"), hex(secret, ""), escaped] {
                assert!(!text.contains(&form), "{form}");
            }
        }
    }
}

#[tokio::test]
async fn the_log_keeps_the_newest() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut stream = connect_and_ask(&sandbox).await;
    read_answer(&mut stream).await;
    for _ in 0..10_001 {
        ask(&mut stream, &sandbox).await;
        read_answer(&mut stream).await;
    }
    let requests = sandbox.requests();
    assert_eq!((requests.len(), sandbox.requests_total()), (10_000, 10_002));
    assert_eq!((requests[0].number, requests[9_999].number), (2, 10_001));
    assert!(requests.iter().all(|request| request.status == Some(200)));
}

#[tokio::test]
async fn the_index_lists_everything() {
    let sandbox = Sandbox::start().await.unwrap();
    let index = show(&sandbox, "").await;
    assert_eq!(index["apis"][0]["operations"][0]["path"], "/nsso/nsso.php");
    assert_eq!((&index["in_flight"], &index["stalled"]), (&json!(0), &json!(0)));
    for operation in index["control"].as_array().unwrap() {
        let method = operation["method"].as_str().unwrap().parse().unwrap();
        let path = operation["path"].as_str().unwrap().strip_prefix("/_sandbox/").unwrap();
        let (status, _) = control(&sandbox, method, path, Value::Null).await;
        assert!(status == 200 || status == 400, "{operation} answered {status}");
    }
    for (path, status) in [("nothing", 404), ("reset", 405)] {
        let (answered, body) = control(&sandbox, Method::GET, path, Value::Null).await;
        assert_eq!(answered, status);
        assert_eq!(body["control"], index["control"]);
    }
    let root = client().get(sandbox.url()).send().await.unwrap();
    assert_eq!(root.status(), 404);
    assert!(root.text().await.unwrap().contains("/nsso/nsso.php"));
    assert!(sandbox.requests().is_empty(), "only the APIs' requests are logged");
}

#[tokio::test]
async fn control_of_the_clock() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = json!({ "set": "2025-09-01T00:30:00+03:00", "frozen": true });
    let clock = change(&sandbox, Method::POST, "clock", body).await;
    assert_eq!(clock, json!({ "now": "2025-09-01T00:30:00+03:00", "frozen": true }));
    let body = json!({ "advance_seconds": -3600 });
    change(&sandbox, Method::POST, "clock", body).await;
    assert_eq!(sandbox.clock().today().to_string(), "2025-08-31");
    assert_eq!(show(&sandbox, "clock").await["now"], "2025-08-31T23:30:00+03:00");
    change(&sandbox, Method::POST, "clock", json!({ "frozen": false })).await;
    assert!(!sandbox.clock().is_frozen());
}

#[tokio::test]
async fn control_of_the_faults() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = json!({ "kind": { "status": { "status": 500 } }, "times": 1 });
    change(&sandbox, Method::POST, "faults", body).await;
    change(&sandbox, Method::POST, "faults", json!({ "kind": "token_revoked", "skip": 9 })).await;
    assert_eq!(sandbox.faults()[0].fault, Fault::new(FaultKind::status(500)).times(1));
    assert_eq!(send(&sandbox, &example()).await.status(), 500);
    let faults = show(&sandbox, "faults").await;
    assert_eq!(faults["faults"][0]["hits"], 1);
    assert_eq!(faults["faults"][1]["fault"]["kind"], "token_revoked");
    let faults = change(&sandbox, Method::DELETE, "faults", Value::Null).await;
    assert_eq!(faults, json!({ "faults": [] }));
    assert!(sandbox.faults().is_empty());
}

#[tokio::test]
async fn every_fault_of_the_readme_can_be_injected() {
    let sandbox = Sandbox::start().await.unwrap();
    let readme = include_str!("../README.md");
    let (_, table) = readme.split_once("| `kind` |").unwrap();
    let kinds: Vec<Value> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(kind, _)| serde_json::from_str(kind).unwrap())
        .collect();
    for kind in &kinds {
        change(&sandbox, Method::POST, "faults", json!({ "kind": kind })).await;
    }
    let mut names: Vec<_> = sandbox.faults().iter().map(|one| one.fault.kind.name()).collect();
    for (kind, name) in kinds.iter().zip(&names) {
        let tag = kind.as_str().or_else(|| kind.as_object()?.keys().next().map(String::as_str));
        assert_eq!(tag, Some(*name));
    }
    names.dedup();
    assert_eq!(names.len(), 14);
}

#[tokio::test]
async fn control_of_the_nsso_state() {
    let sandbox = Sandbox::start().await.unwrap();
    let fresh = json!({
        "balance": 14700.75, "credit": 20000, "price": 0.75, "speed": null, "max_parallel": null,
        "fleet": 1_900_800_000, "source": "working", "numeric_codes": false, "tokens": 1,
        "billed": 0,
    });
    assert_eq!(show(&sandbox, "nsso").await, fresh);
    let token = "3".repeat(32);
    let body = json!({
        "balance": 10.5, "credit": 0, "price": 2, "speed": 3, "max_parallel": 4, "fleet": 5,
        "source": "silent", "numeric_codes": true, "tokens": { &token: "tech_block" },
    });
    let mut changed = body.clone();
    changed["tokens"] = json!(2);
    changed["billed"] = json!(0);
    assert_eq!(change(&sandbox, Method::PATCH, "nsso", body).await, changed);
    assert_eq!(get(&sandbox, &example_but("token", Some(&token))).await["error"], 2);

    let body = json!({ "speed": null, "source": "working", "tokens": { &token: null } });
    let settings = change(&sandbox, Method::PATCH, "nsso", body).await;
    assert_eq!((&settings["speed"], &settings["max_parallel"]), (&json!(null), &json!(4)));
    assert_eq!(get(&sandbox, &example_but("token", Some(&token))).await["error"], 503);
    get(&sandbox, &example()).await;
    assert_eq!(show(&sandbox, "nsso/billed").await, json!({ Nsso::EXAMPLE_PLATE: 1 }));

    sandbox.inject(Fault::new(FaultKind::status(500)));
    sandbox.clock().advance(TimeDelta::days(9));
    change(&sandbox, Method::POST, "reset", Value::Null).await;
    assert_eq!(show(&sandbox, "nsso").await, fresh);
    assert!(sandbox.faults().is_empty() && sandbox.requests().is_empty());
    assert_eq!(sandbox.clock().today().to_string(), "2025-08-26");
}

#[tokio::test]
async fn bad_control_calls_say_what_was_expected() {
    let sandbox = Sandbox::start().await.unwrap();
    for (method, path, body, expected) in [
        ("POST", "clock", json!({ "set": "tomorrow" }), "invalid characters"),
        ("POST", "clock", json!({ "set": "9999-01-01T00:00:00Z" }), "years 1970 to 9000"),
        ("POST", "clock", json!({ "advance_seconds": i64::MAX }), "a smaller number"),
        ("POST", "clock", json!({ "advance_seconds": 1_000_000_000_000_i64 }), "1970 to 9000"),
        ("POST", "clock", json!({ "now": 1 }), "`advance_seconds`"),
        ("POST", "faults", json!({ "kind": "flood" }), "`token_revoked`"),
        ("POST", "faults", json!({ "kind": { "html": { "status": 99 } } }), "200 to 599"),
        ("POST", "faults", json!({ "kind": "token_revoked", "probability": 2 }), "0 to 1"),
        (
            "POST",
            "faults",
            json!({ "kind": { "drip": { "chunk": 0, "millis": 1 } } }),
            "at least 1",
        ),
        ("PATCH", "nsso", json!({ "balans": 1 }), "`balance`"),
        ("PATCH", "nsso", json!({ "source": "down" }), "`suspended`"),
        ("PATCH", "nsso", json!({ "tokens": { "short": "active" } }), "32 characters"),
        ("PATCH", "nsso", Value::Null, "body"),
        ("PATCH", "nsso", json!({ "price": -0.01 }), "`price` is 0 to 1000000000000 rubles"),
        ("PATCH", "nsso", json!({ "price": 1e300 }), "`price` is 0 to 1000000000000 rubles"),
        ("PATCH", "nsso", json!({ "credit": -1 }), "`credit` is 0 to 1000000000000 rubles"),
        ("PATCH", "nsso", json!({ "balance": 1.1e12 }), "`balance` is -1000000000000 to 10000"),
        ("PATCH", "nsso", json!({ "balance": -1e300 }), "`balance` is -1000000000000 to 10000"),
        ("PATCH", "nsso", json!({ "fleet": Nsso::LARGEST_FLEET + 1 }), "`fleet` is 0 to 19008"),
        ("PATCH", "nsso", json!({ "balance": 1, "speed": 1, "fleet": u64::MAX }), "`fleet`"),
        ("PATCH", "nsso", json!({ "balance": 1, "speed": 1, "credit": -1 }), "`credit`"),
    ] {
        let before = show(&sandbox, "nsso").await;
        let (status, answer) = control(&sandbox, method.parse().unwrap(), path, body).await;
        assert_eq!(status, 400, "{answer}");
        let message = answer["error"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
        assert_eq!(show(&sandbox, "nsso").await, before, "all or nothing");
    }
    assert!(sandbox.faults().is_empty());
    assert_eq!(sandbox.nsso().balance(), 14700.75);
}

#[tokio::test]
async fn the_largest_settings_can_be_played() {
    let sandbox = Sandbox::start().await.unwrap();
    let (most, fleet) = (Nsso::LARGEST_AMOUNT, Nsso::LARGEST_FLEET);
    let body = json!({ "balance": most, "credit": most, "price": most, "fleet": fleet });
    change(&sandbox, Method::PATCH, "nsso", body).await;
    for balance in [0.0, -most] {
        assert_eq!(get(&sandbox, &example()).await["count"], 1);
        assert_eq!(sandbox.nsso().balance(), balance);
    }
    assert_eq!(get(&sandbox, &example()).await["error"], "498");
    change(&sandbox, Method::PATCH, "nsso", json!({ "balance": -most })).await;
}
