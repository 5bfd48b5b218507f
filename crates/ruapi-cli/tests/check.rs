//! Single queries: what is printed, and every exit code.

mod common;

use std::process::Stdio;

use common::{Done, Shell, ruapi, run};
use ruapi_sandbox::{Fault, FaultKind, Nsso};
use serde_json::{Value, json};

fn example() -> Value {
    json!({
        "status": 200,
        "count": 1,
        "result": [{
            "policy": {
                "PolicyNumber": "IGSX224123456275000",
                "PolicyStart": "01.09.2024",
                "PolicyStop": "31.08.2025",
                "PolicyCompany": "СПАО \"Ингосстрах\"",
                "PolicyHolder": "Тестов Амонулло Файзуллоевич",
                "PolicyHolderINN": "775100073002",
                "PolicyHolderKPP": null,
            },
            "auto": [{
                "marka": "Huyndai",
                "model": "Solaris",
                "gosNumber": "А111АА11",
                "seats": null,
                "passenger": null,
            }],
        }],
        "filters": { "requestDate": "26.08.2025", "onlyActual": 1 },
        "inquiry": { "price": 0.75, "balance": 14700, "credit": 20000, "speed": 26, "attempts": 1 },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_the_documents_example() {
    let shell = Shell::new().await;
    let done = shell.check(&["--plate", "а111аа11", "--format", "json"]);
    done.assert_code(0);
    assert_eq!(done.json(), example());
    assert_eq!(done.stdout.lines().count(), 1);
    assert_eq!(done.stderr, "");
    let by_policy = shell.check(&["--policy", "igsx 224123456275000", "--format", "json"]);
    assert_eq!(by_policy.json()["result"], example()["result"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_text() {
    let shell = Shell::new().await;
    let done = shell.check(&["--plate", "A111AA11"]);
    done.assert_code(0);
    let expected = "\
Policy IGSX224123456275000: in force on 26.08.2025
  Company  СПАО \"Ингосстрах\"
  Dates    01.09.2024 to 31.08.2025
  Holder   Тестов Амонулло Файзуллоевич
  INN      775100073002
  KPP      -
  Vehicle  А111АА11, Huyndai Solaris

Cost 0.75, balance 14700, credit 20000 rubles
";
    assert_eq!(done.stdout, expected);
    let none = shell.check(&["--plate", Nsso::EMPTY_PLATE]);
    none.assert_code(0);
    let expected = "No policy found in force on 26.08.2025\n\
                    Cost 0.75, balance 14699.25, credit 20000 rubles\n";
    assert_eq!(none.stdout, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn date_and_all_are_sent() {
    let shell = Shell::new().await;
    for date in ["2026-01-02", "02.01.2026"] {
        let done = shell.check(&["--plate", "А111АА11", "--date", date, "--format", "json"]);
        let filters = &done.assert_code(0).json()["filters"];
        assert_eq!(*filters, json!({ "requestDate": "02.01.2026", "onlyActual": 1 }));
    }
    let done = shell.check(&["--plate", "А111АА11", "--date", "2026-01-02", "--all"]);
    assert!(done.stdout.contains("NOT in force on 02.01.2026"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_failure_has_its_exit_code() {
    let html = |status| FaultKind::Html { status, processed: false };
    let cut = FaultKind::Cut { processed: true, after_bytes: 9, reset: false };
    let redirect = FaultKind::Redirect { status: 302, location: "/".to_owned(), processed: false };
    let api = FaultKind::api_error;
    let cases = [
        (api("15"), 5, "input", false),
        (api("503"), 3, "credential", false),
        (api("498"), 5, "funds", false),
        (html(404), 4, "not_found", false),
        (api("77"), 7, "refused", true),
        (FaultKind::status(503), 7, "busy", true),
        (html(409), 5, "refused", false),
        (api("404"), 6, "busy", false),
        (api("1"), 6, "busy", false),
        (html(502), 7, "server", true),
        (cut, 7, "interrupted", true),
        (redirect, 7, "redirect", true),
        (FaultKind::Garbage { processed: true }, 8, "decode", true),
    ];
    for (fault, code, kind, maybe_processed) in cases {
        let shell = Shell::new().await;
        shell.sandbox.inject(Fault::new(fault.clone()));
        let done = shell.check(&["--plate", "А111АА11", "--format", "json"]);
        done.assert_code(code);
        let error = done.json_error();
        assert_eq!(error["kind"], kind, "{fault:?}");
        assert_eq!(error["maybe_processed"], maybe_processed, "{fault:?}");
        assert_eq!(error["attempts"], 1, "{fault:?}");
        // Whatever answers a query that may have been billed is shown.
        let is_shown = maybe_processed && error["status"] == 200 && kind != "interrupted";
        assert_eq!(!done.stdout.is_empty(), is_shown, "{done:?}");

        let done = shell.check(&["--plate", "А111АА11"]);
        done.assert_code(code);
        assert!(done.stderr.starts_with("error: "), "{done:?}");
        let advice = "the query may have been billed; check the balance before asking again";
        assert_eq!(done.stderr.contains(advice), maybe_processed, "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_understood_is_not_lost() {
    let shell = Shell::new().await;
    shell.sandbox.inject(Fault::new(FaultKind::Truncate { bytes: 60 }).path("/nsso/"));
    let done = shell.check(&["--plate", "А111АА11", "--format", "json"]);
    let answer = done.assert_code(8).json()["body"].as_str().expect("a text").to_owned();
    assert!(answer.starts_with(r#"{"status":200,"#), "{answer}");
    assert_eq!(done.json_error()["kind"], "decode");
    assert!(!done.stderr.contains(r#"{"status":200"#), "{done:?}");
    let done = shell.check(&["--plate", "А111АА11"]);
    assert_eq!(done.assert_code(8).stdout.trim_end(), answer);
}

fn answer(body: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Status {
        status: 200,
        retry_after: None,
        body: body.into(),
        content_type: "application/json".to_owned(),
        processed: true,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_the_document_does_not_know_is_not_lost() {
    let shell = Shell::new().await;
    let body = r#"{"error":"77","message":"NEW","result":[{"policy":{"PolicyNumber":"X1"}}]}"#;
    shell.sandbox.inject(answer(body));
    let done = shell.check(&["--plate", "А111АА11", "--format", "json"]);
    assert_eq!(done.assert_code(7).json(), json!({ "body": body }));
    let error = done.json_error();
    assert_eq!((&error["kind"], &error["maybe_processed"]), (&json!("refused"), &json!(true)));
    let done = shell.check(&["--plate", "А111АА11"]);
    assert_eq!(done.assert_code(7).stdout.trim_end(), body);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_answer_that_is_cut_it_is_said() {
    let shell = Shell::new().await;
    for (length, is_cut) in [(65_000, false), (70_000, true)] {
        shell.sandbox.clear_faults();
        shell.sandbox.inject(answer("x".repeat(length)));
        let done = shell.check(&["--plate", "А111АА11", "--format", "json"]);
        let shown = done.assert_code(8).json();
        assert_eq!(shown.get("cut"), is_cut.then_some(&json!(true)));
        let kept = shown["body"].as_str().expect("a text").len();
        assert_eq!(kept, length.min(65_536));
        let done = shell.check(&["--plate", "А111АА11"]);
        assert_eq!(done.assert_code(8).stdout.contains("only the first 64 KiB"), is_cut);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_or_never_ends() {
    let shell = Shell::new().await;
    shell.sandbox.inject(Fault::new(FaultKind::Stall { processed: true }).times(1));
    let done = shell.check(&["--plate", "А111АА11", "--timeout", "0.3", "--format", "json"]);
    assert_eq!(done.assert_code(7).json_error()["kind"], "timeout");
    let huge = FaultKind::Oversized { bytes: 1 << 40, declared: false, processed: true };
    shell.sandbox.inject(Fault::new(huge));
    let done = shell.check(&["--plate", "А111АА11", "--format", "json"]);
    assert_eq!(done.assert_code(8).json_error()["kind"], "too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens_at_the_url() {
    let shell = Shell::new().await;
    let unused = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", unused.local_addr().expect("an address"));
    drop(unused);
    let mut command = ruapi(&["nsso", "check", "--plate", "А111АА11", "--timeout", "0.5"]);
    command.args(["--base-url", &url, "--format", "json"]);
    let done = run(command.env("RUAPI_NSSO_TOKEN", &shell.token));
    let error = done.assert_code(7).json_error();
    assert_eq!((&error["kind"], &error["maybe_processed"]), (&json!("connect"), &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn try_later_is_repeated_on_request_only() {
    let shell = Shell::new().await;
    shell.sandbox.inject(Fault::new(FaultKind::api_error("1")).times(2));
    shell.check(&["--plate", "А111АА11"]).assert_code(6);
    shell.check(&["--plate", "А111АА11", "--retry-try-later"]).assert_code(0);
    assert_eq!(shell.sandbox.requests_total(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_comes_from_a_file_too() {
    let shell = Shell::new().await;
    let check = ["nsso", "check", "--plate", "А111АА11", "--token-file", "token"];
    let with_file = |content: &str| -> Done {
        shell.write("token", content);
        run(shell.command(&check).env("RUAPI_NSSO_TOKEN", "x".repeat(32)))
    };
    for (start, end) in [("", ""), ("", "\n"), ("", "\r\n"), ("\u{feff}", " \n")] {
        with_file(&format!("{start}{}{end}", Nsso::TOKEN)).assert_code(0);
    }
    with_file(&Nsso::TOKEN[1..]).assert_code(2);
    with_file(&"x".repeat(5000)).assert_code(2);
    let missing = run(&mut shell.command(&[
        "nsso",
        "check",
        "--plate",
        "А111АА11",
        "--token-file",
        "nowhere",
    ]));
    missing.assert_code(3).assert_says(&["--token-file"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let shell = Shell::new().await;
    shell.write("token", Nsso::TOKEN);
    for (mode, warned) in [(0o600, false), (0o640, true), (0o604, true)] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(shell.path("token"), permissions).expect("permissions");
        let done = shell.check(&["--plate", "А111АА11", "--token-file", "token"]);
        assert_eq!(done.assert_code(0).stderr.contains("chmod 600"), warned, "{done:?}");
    }
}

#[test]
fn the_embedded_sandbox_needs_nothing() {
    let mut command = ruapi(&["--sandbox", "nsso", "check", "--plate", "А111АА11"]);
    let done = run(&mut command);
    assert!(done.assert_code(0).stdout.contains("IGSX224123456275000"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_went_away_is_no_error() {
    let shell = Shell::new().await;
    for words in
        [&["--help"][..], &["completions", "bash"], &["nsso", "check", "--plate", "А111АА11"]]
    {
        let mut command = shell.command(words);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ruapi starts");
        drop(child.stdout.take());
        let done = Done::from(child.wait_with_output().expect("its end"));
        done.assert_code(0);
        assert_eq!(done.stderr, "", "{words:?}");
    }
    assert_eq!(shell.sandbox.nsso().billed(), 1);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_written_is_an_error() {
    let shell = Shell::new().await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let mut command = shell.command(&["nsso", "check", "--plate", "А111АА11"]);
    let done = run(command.stdout(full));
    done.assert_code(1).assert_says(&["cannot write to standard output"]);
}

#[test]
fn the_demo_shows_every_flow() {
    let done = run(&mut ruapi(&["demo"]));
    done.assert_code(0).assert_says(&["character 5 'Я'", "20 rows: 20 answered"]);
    for text in [
        "$ ruapi --sandbox nsso check --plate А111АА11\nPolicy IGSX224123456275000",
        "No policy found",
        "(exit code 2)",
        "{\"row\":",
        "Scan 1000 of car 3000001: done",
        "Pay at",
        "Invoice 1000: done (paid)",
        "Policy of 44234899: CLOSED_PAID",
        " checks: as documented, 10 not made\n",
    ] {
        assert!(done.stdout.contains(text), "{text:?} is not in {done:?}");
    }
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let done = run(&mut ruapi(&["completions", shell]));
        assert!(done.assert_code(0).stdout.contains("retry-unknown"), "{shell}");
    }
    run(&mut ruapi(&["completions", "tcsh"])).assert_code(2);
}

#[cfg(unix)]
#[test]
fn the_sandbox_serves_until_ctrl_c() {
    use std::io::{BufRead, BufReader};
    let mut child =
        ruapi(&["sandbox", "--port", "0"]).stdout(Stdio::piped()).spawn().expect("ruapi starts");
    let stdout = child.stdout.take().expect("stdout");
    let mut lines = BufReader::new(stdout).lines().map(|line| line.expect("a line"));
    let base_url = lines
        .find_map(|line| Some(line.trim().strip_prefix("base URL  ")?.to_owned()))
        .expect("the base URL");
    let fines_url = lines
        .find_map(|line| Some(line.trim().strip_prefix("base URL  ")?.to_owned()))
        .expect("the base URL");
    let osago_url = lines
        .find_map(|line| Some(line.trim().strip_prefix("base URL  ")?.to_owned()))
        .expect("the base URL");
    // The rest of what it prints; the control URL is the last line.
    lines.find(|line| line.contains("/_sandbox/")).expect("the control URL");
    let mut check = ruapi(&["nsso", "check", "--plate", "А111АА11", "--base-url", &base_url]);
    run(check.env("RUAPI_NSSO_TOKEN", Nsso::TOKEN)).assert_code(0);
    let mut users = ruapi(&["shtrafovnet", "users", "list", "--base-url", &fines_url]);
    run(users.env("RUAPI_SHTRAFOVNET_TOKEN", ruapi_sandbox::Shtrafovnet::TOKEN)).assert_code(0);
    let example = [ruapi_sandbox::Osago::EXAMPLE_REQUEST, ruapi_sandbox::Osago::EXAMPLE_OFFER];
    let mut offer = ruapi(&[&["osago", "offer", "--base-url", &osago_url], &example[..]].concat());
    run(offer.env("RUAPI_OSAGO_TOKEN", ruapi_sandbox::Osago::TOKEN)).assert_code(0);
    let port = base_url.split(['/', ':']).nth(4).expect("a port");
    let second = run(&mut ruapi(&["sandbox", "--port", port]));
    second.assert_code(1).assert_says(&["cannot listen on 127.0.0.1:"]);
    common::signal(&child, "-INT");
    assert_eq!(child.wait().expect("its end").code(), Some(0));
}
