//! Neither the token nor the plate of a failed query shows anywhere.

mod common;

use common::{Done, Shell, ruapi, run};
use ruapi_sandbox::{Fault, FaultKind, Nsso};

const CODES: [u64; 19] =
    [888, 766, 602, 504, 503, 502, 500, 499, 498, 460, 456, 404, 123, 111, 15, 5, 3, 2, 1];
const PLATE: &str = "Е777КХ777";

#[track_caller]
fn assert_hidden(shell: &Shell, done: &Done, secrets: &[&str]) {
    for secret in secrets {
        for (stream, text) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
            assert!(!text.contains(secret), "{secret} is on {stream}: {text}");
        }
    }
    for name in shell.files() {
        if name != "in.csv" {
            assert!(!shell.read(&name).contains(&shell.token), "the token is in {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_error() {
    let mut shell = Shell::new().await;
    shell.write("in.csv", format!("plate\n{PLATE}\n"));
    for code in CODES {
        shell.token = Nsso::error_token(code);
        for format in ["human", "json"] {
            let done = shell.check(&["--plate", PLATE, "--format", format]);
            assert!(done.code.is_some_and(|code| code > 2), "{done:?}");
            assert!(done.stderr.contains(&code.to_string()), "{done:?}");
            assert_hidden(&shell, &done, &[&shell.token, PLATE, "%D0%95777"]);
        }
        if code == 456 {
            continue; // A bulk repeats it for half a minute.
        }
        let done = shell.bulk(&[]);
        assert!(done.code.is_some_and(|code| code > 2), "{done:?}");
        assert_hidden(&shell, &done, &[&shell.token, PLATE]);
        assert!(shell.read("out.jsonl").contains(&format!("\"code\":\"{code}\"")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_repeat_what_they_were_told() {
    let mut shell = Shell::new().await;
    shell.token = "s3cr3tT0k3nOfThisT3st00000000000".to_owned();
    shell.sandbox.nsso().add_token(&shell.token);
    let echo = format!("no {} for {PLATE}", shell.token);
    let location = format!("http://127.0.0.1:1/?token={}&gosNumber={PLATE}", shell.token);
    let faults = [
        FaultKind::ApiError { code: "15".to_owned(), message: Some(echo.clone()) },
        FaultKind::Status {
            status: 500,
            retry_after: None,
            body: echo,
            content_type: "text/plain".to_owned(),
            processed: true,
        },
        FaultKind::Redirect {
            status: 302,
            location: location.replace(PLATE, "x"),
            processed: false,
        },
        FaultKind::Cut { processed: true, after_bytes: 50, reset: true },
        FaultKind::Truncate { bytes: 100 },
        FaultKind::Garbage { processed: true },
    ];
    shell.write("in.csv", format!("plate\n{PLATE}\n"));
    for fault in faults {
        shell.sandbox.inject(Fault::new(fault.clone()));
        for format in ["human", "json"] {
            let done = shell.check(&["--plate", PLATE, "--format", format]);
            assert!(done.code.is_some_and(|code| code > 2), "{fault:?}: {done:?}");
            assert_hidden(&shell, &done, &[&shell.token, PLATE]);
        }
        shell.sandbox.clear_faults();
    }
    // What is paid for and not understood is shown, but for the token.
    let body = format!("<p>{}</p>", shell.token);
    shell.sandbox.inject(Fault::new(FaultKind::Status {
        status: 200,
        retry_after: None,
        body,
        content_type: "text/html".to_owned(),
        processed: true,
    }));
    for format in ["human", "json"] {
        let done = shell.check(&["--plate", PLATE, "--format", format]);
        assert!(done.stdout.contains("<p>***</p>"), "{done:?}");
        assert_hidden(&shell, &done, &[&shell.token, PLATE]);
    }
    assert_hidden(&shell, &shell.bulk(&[]), &[&shell.token, PLATE]);
    assert!(shell.read("out.jsonl").contains("<p>***</p>"));
}

#[test]
fn words_in_the_wrong_place_are_not_repeated() {
    let secret = "s3cr3tT0k3nOfThisT3st00000000000";
    let option = format!("--token={secret}");
    for words in [
        &["nsso", "check", secret][..],
        &["nsso", secret],
        &[secret],
        &["nsso", "check", &option],
        &["nsso", "check", "--token", secret],
        &["nsso", "check", "--format", "json", secret],
    ] {
        let done = run(&mut ruapi(words));
        done.assert_code(2);
        assert!(!done.stderr.contains(secret), "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_works_is_written_nowhere() {
    let mut shell = Shell::new().await;
    shell.token = "s3cr3tT0k3nOfThisT3st00000000000".to_owned();
    shell.sandbox.nsso().add_token(&shell.token);
    shell.write_fleet(3);
    shell.sandbox.inject(Fault::new(FaultKind::Stall { processed: true }).skip(1));
    let mut child = shell.spawn_bulk(&["--concurrency", "1"]);
    shell.sandbox.wait_until_stalled(1).await;
    child.kill().expect("killed");
    let done = Done::from(child.wait_with_output().expect("its end"));
    assert_eq!(shell.files(), ["in.csv", "out.jsonl", "out.jsonl.intents"]);
    assert_hidden(&shell, &done, &[&shell.token]);
    // The journal holds no plates either.
    assert!(!shell.read("out.jsonl.intents").contains(&Nsso::fleet_plate(1)));
}

#[test]
fn a_value_without_a_space_before_it() {
    for word in ["--plateА111АА11", "--tokenabc123", "-pА111АА11"] {
        let done = run(&mut ruapi(&["nsso", "check", word]));
        assert!(!done.assert_code(2).stderr.contains(&word[7..]), "{done:?}");
    }
    let done = run(&mut ruapi(&["nsso", "check", "--plat"]));
    done.assert_code(2).assert_says(&["'--plat'"]);
    let done = run(&mut ruapi(&["--format", "json", "nsso"]));
    done.assert_code(2).assert_says(&["a command is missing"]);
}
