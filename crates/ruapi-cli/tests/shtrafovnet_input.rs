//! `ruapi shtrafovnet`: what is refused before anything is sent, and what never shows.

mod common;

use common::{Done, Shell, ruapi, run};
use ruapi_sandbox::{Fault, FaultKind, Shtrafovnet};

const PASSWORD: &str = "planted-password-0f-this-test";
const EMAIL: &str = "planted.person@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_make_no_call() {
    let shell = Shell::new().await;
    let create = [
        "invoices",
        "create",
        "--user",
        "email@user.com",
        "--success-url",
        "http://example.ru/",
        "--fail-url",
        "http://example.ru/",
        "--name",
        "Алексей",
        "--patronymic",
        "Алексеевич",
        "--surname",
    ];
    let latin = [&create[..], &["Ivanov"]].concat();
    let mixed = [&create[..], &["Ивaнов"]].concat();
    let mut no_url = [&create[..], &["Иванов"]].concat();
    no_url[5] = "example.ru";
    let cases: [(&[&str], &[&str]); 17] = [
        (&latin, &["wireSurname: expected a name in Cyrillic letters"]),
        (&mixed, &["wireSurname: `a` is a Latin letter"]),
        (&no_url, &["successUrl", "https://"]),
        (&["users", "show", "a/b@x.ru"], &["a slash would lead to another path"]),
        (&["users", "fines", "nobody"], &["expected an address with an `@`"]),
        (&["users", "update", "a@x.ru"], &["nothing to change"]),
        (&["cars", "update", "5"], &["nothing to change"]),
        (&["company", "update"], &["nothing to change"]),
        (&["company", "update", "--callback-url", "example.ru"], &["callback_url must be a URL"]),
        (&["cars", "show", ".."], &["id"]),
        (&["cars", "create", "--cert", " ", "--reg", "x"], &["cert must not be blank"]),
        (&["cars", "fines", "5", "--from", "2025-8-6"], &["expected YYYY-MM-DD or DD.MM.YYYY"]),
        (&["cars", "fines", "5", "--updated-from", "2025-08-06 1:2:3"], &["YYYY-MM-DD HH:MM:SS"]),
        (&["cars", "fines", "5", "--paid", "yes"], &["paid, nopaid, partpaid, all"]),
        (&["cars", "fines", "5", "--limit", "0"], &["--limit"]),
        (&["scan", "5", "--wait-first", "1"], &["--wait"]),
        (&["users", "list", "--v2"], &["either --v2 or --base-url"]),
    ];
    for (words, says) in cases {
        let done = shell.shtrafovnet(words);
        done.assert_code(2).assert_says(says);
        assert_eq!(done.stdout, "");
    }
    assert_eq!(shell.sandbox.requests_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_missing() {
    let shell = Shell::new().await;
    let url = shell.sandbox.shtrafovnet_url();
    let command = || ruapi(&["shtrafovnet", "users", "list", "--base-url", &url]);
    run(&mut command()).assert_code(3).assert_says(&[
        "RUAPI_SHTRAFOVNET_EMAIL",
        "RUAPI_SHTRAFOVNET_PASSWORD",
        "RUAPI_SHTRAFOVNET_TOKEN",
        "--password-file",
        "--token-file",
        "--sandbox",
    ]);
    let done = run(command().env("RUAPI_SHTRAFOVNET_EMAIL", EMAIL));
    done.assert_code(3).assert_says(&["no password"]);
    assert!(!done.stderr.contains(EMAIL), "{done:?}");
    for name in ["--password-file", "--token-file"] {
        let mut missing = command();
        missing.args([name, PASSWORD]).env("RUAPI_SHTRAFOVNET_EMAIL", EMAIL);
        let done = run(&mut missing);
        // The secret itself may stand in the file's place.
        assert!(!done.assert_code(3).stderr.contains(PASSWORD), "{done:?}");
    }
    shell.write("empty", "\n");
    for name in ["--password-file", "--token-file"] {
        let mut empty = command();
        empty.args([name, "empty"]).env("RUAPI_SHTRAFOVNET_EMAIL", EMAIL);
        let done = run(empty.current_dir(shell.directory.path()));
        done.assert_code(3).assert_says(&["is empty"]);
    }
    let register = ["account", "register", EMAIL, "--company", "x", "--url", "https://example.com"];
    let mut command = shell.shtrafovnet_command(&register);
    let done = run(command.env_remove("RUAPI_SHTRAFOVNET_PASSWORD"));
    done.assert_code(3).assert_says(&["no password"]);
    assert_eq!(shell.sandbox.requests_total(), 0);
}

#[track_caller]
fn assert_hidden(shell: &Shell, done: &Done, secrets: &[&str]) {
    for secret in secrets {
        for (stream, text) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
            assert!(!text.contains(secret), "{secret} is on {stream}: {text}");
        }
        for name in shell.files() {
            assert!(!shell.read(&name).contains(secret), "{secret} is in {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_repeat_what_they_were_told() {
    let shell = Shell::new().await;
    let token = Shtrafovnet::TOKEN;
    let echo = format!("no {EMAIL}, {token}, {PASSWORD}, а777мр77");
    let validation = serde_json::json!({"status": 400, "type": "validation_error", "title": "Wrong",
        "errors": {"email": [format!("no {EMAIL}")], "reg": ["no а777мр77"], "cert": ["This is blank."]}});
    let status = |status, body: String, content_type: &str| FaultKind::Status {
        status,
        retry_after: None,
        body,
        content_type: content_type.to_owned(),
        processed: true,
    };
    let faults = [
        FaultKind::ApiError { code: "409".to_owned(), message: Some(echo.clone()) },
        status(400, validation.to_string(), "application/json"),
        status(500, echo, "text/plain"),
        FaultKind::Redirect {
            status: 302,
            location: format!("http://127.0.0.1:1/?token={token}"),
            processed: false,
        },
        FaultKind::Cut { processed: true, after_bytes: 50, reset: true },
        FaultKind::Truncate { bytes: 30 },
        FaultKind::Garbage { processed: true },
    ];
    let create = ["cars", "create", "--cert", "3620848236", "--reg", "а777мр77", "--user", EMAIL];
    let update = ["account", "update", "--new-password"];
    for fault in faults {
        shell.sandbox.inject(Fault::new(fault.clone()));
        for words in [&create[..], &update] {
            for format in ["human", "json"] {
                let mut command =
                    shell.shtrafovnet_command(&[words, &["--format", format]].concat());
                command
                    .env_remove("RUAPI_SHTRAFOVNET_EMAIL")
                    .env("RUAPI_SHTRAFOVNET_TOKEN", token)
                    .env("RUAPI_SHTRAFOVNET_NEW_PASSWORD", PASSWORD);
                let done = run(&mut command);
                assert!(done.code.is_some_and(|code| code > 2), "{fault:?}: {done:?}");
                let secrets: &[&str] = match words == create {
                    true => &[token, EMAIL, "а777мр77"],
                    false => &[token, PASSWORD],
                };
                assert_hidden(&shell, &done, secrets);
                if words == create && matches!(&fault, FaultKind::Status { status: 400, .. }) {
                    done.assert_code(5).assert_says(&["email", "reg", "This is blank."]);
                }
            }
        }
        shell.sandbox.clear_faults();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_may_have_been_processed() {
    let shell = Shell::new().await;
    let cut = FaultKind::Cut { processed: true, after_bytes: 0, reset: true };
    for (path, words, says) in [
        ("users", &["users", "create", EMAIL][..], "`users show`"),
        ("scan", &["scan", "20"], "another one does no harm"),
        ("test", &["test", "notification", "--fine", "7", "--type", "fcm"], "may have been sent"),
        (
            "invoices",
            &[
                "invoices",
                "create",
                "--user",
                "email@user.com",
                "--success-url",
                "http://x.ru/",
                "--fail-url",
                "http://x.ru/",
                "--surname",
                "И",
                "--name",
                "И",
                "--patronymic",
                "И",
            ],
            "`invoices list`",
        ),
    ] {
        let prefix = format!("/shtrafovnet/latest/webmasters/{path}");
        shell.sandbox.inject(Fault::new(cut.clone()).path(prefix));
        let done = shell.shtrafovnet(words);
        done.assert_code(7).assert_says(&["may have been processed", says]);
        assert_eq!(done.stdout, "");
        shell.sandbox.clear_faults();
    }
    let shtrafovnet = shell.sandbox.shtrafovnet();
    assert_eq!((shtrafovnet.users_created(), shtrafovnet.invoices_created()), (1, 1));
    // Reading is repeated without a word, and so has no advice.
    shell.sandbox.inject(Fault::new(FaultKind::status(500)));
    let done = shell.shtrafovnet(&["users", "list", "--timeout", "1"]);
    assert!(!done.assert_code(7).stderr.contains('`'), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_shows_unless_it_is_asked_for() {
    let shell = Shell::new().await;
    shell.write("token", format!("{}\n", Shtrafovnet::TOKEN));
    let commands: [&[&str]; 9] = [
        &["account", "show"],
        &["users", "list"],
        &["users", "show", "nobody@example.com"],
        &["cars", "show", "1212"],
        &["company", "show"],
        &["fines", "show", "7"],
        &["scan", "20"],
        &["invoices", "list"],
        &["fines", "export", "--car", "1212", "--output", "a.csv"],
    ];
    for words in commands {
        for format in ["human", "json"] {
            let words = [words, &["--format", format, "--token-file", "token"]].concat();
            let done = shell.shtrafovnet(&words);
            for text in [&done.stdout, &done.stderr] {
                assert!(
                    !text.contains(Shtrafovnet::TOKEN) && !text.contains("my_secret"),
                    "{done:?}"
                );
            }
        }
    }
    assert!(!shell.read("a.csv").contains(Shtrafovnet::TOKEN));
}

#[test]
fn words_in_the_wrong_place_are_not_repeated() {
    for words in [
        &["shtrafovnet", PASSWORD][..],
        &["shtrafovnet", "users", "list", PASSWORD],
        &["shtrafovnet", "users", "show", PASSWORD],
        &["shtrafovnet", "users", "list", "--status", PASSWORD],
        &["shtrafovnet", "users", "list", "--password", PASSWORD],
        &["shtrafovnet", "account", "update", "--new-password", PASSWORD],
        &["shtrafovnet", "cars", "fines", "5", "--field", PASSWORD],
        &["shtrafovnet", "test", "notification", "--fine", "7", "--type", PASSWORD],
    ] {
        for format in ["human", "json"] {
            let done = run(&mut ruapi(&[words, &["--format", format]].concat()));
            done.assert_code(2);
            assert!(!done.stderr.contains(PASSWORD), "{done:?}");
        }
    }
}
