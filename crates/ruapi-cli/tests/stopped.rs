//! Ctrl-C in single calls that cost money, bind or file something, and in a download.
#![cfg(unix)]

mod common;

use std::process::{Command, Stdio};

use chrono::TimeDelta;
use common::{Done, Shell, ruapi, run, signal};
use ruapi_sandbox::{Epgu, Fault, FaultKind, Osago};
use serde_json::json;

const NEW_REQUEST: &str = "7d0f1c4e-3b7a-4f7e-9c55-0d9f6a1b2c3d";

/// Runs a command, and stops it while the call to this path hangs.
async fn stopped(shell: &Shell, command: &mut Command, path: &str) -> Done {
    shell.sandbox.inject(Fault::new(FaultKind::Stall { processed: true }).path(path).times(1));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).current_dir(shell.path("."));
    let child = command.spawn().expect("ruapi starts");
    shell.sandbox.wait_until_stalled(1).await;
    signal(&child, "-INT");
    let done = Done::from(child.wait_with_output().expect("its end"));
    while shell.sandbox.stalled() > 0 {
        tokio::task::yield_now().await;
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_may_have_been_processed_says_so_and_how_to_look() {
    let shell = Shell::new().await;
    let (nsso, epgu) = (shell.sandbox.nsso_url(), shell.sandbox.epgu_url());
    let (fines, osago) = (shell.sandbox.shtrafovnet_url(), shell.sandbox.osago_url());
    let (request, offer) = (Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER);
    let mut confirm = ruapi(
        &[
            &["osago", "confirm", "--base-url", &osago, request, offer, "--upsale", "112234=1"][..],
            &["--success-url", "https://a.ru/", "--failure-url", "https://a.ru/", "--unseen"],
        ]
        .concat(),
    );
    confirm.env("RUAPI_OSAGO_TOKEN", Osago::TOKEN);
    let template = run(&mut ruapi(&["osago", "template", "--format", "json"]));
    let mut body = template.assert_code(0).json();
    body["request_id"] = json!(NEW_REQUEST);
    shell.write("request.json", body.to_string());
    let mut calculate = ruapi(&["osago", "calculate", "--base-url", &osago, "request.json"]);
    calculate.env("RUAPI_OSAGO_TOKEN", Osago::TOKEN);
    let service = ["--region", "36000000000", "--service", Epgu::SERVICE, "--target", Epgu::TARGET];
    let create = [&["order", "create"], &service[..]].concat();
    let invoice = [
        "invoices",
        "create",
        "--user",
        "email@user.com",
        "--surname",
        "Иванов",
        "--name",
        "Алексей",
        "--patronymic",
        "Петрович",
        "--success-url",
        "https://a.ru/",
        "--fail-url",
        "https://a.ru/",
    ];
    for (mut command, path, says) in [
        (
            shell.command(&["nsso", "check", "--plate", "А111АА11"]),
            nsso,
            "check the balance before asking again".to_owned(),
        ),
        (
            confirm,
            osago.clone(),
            format!("`ruapi --base-url {osago} osago offer {request} {offer}`"),
        ),
        (
            calculate,
            format!("{osago}osago/calculate"),
            format!("`ruapi --base-url {osago} osago calculation {NEW_REQUEST}`"),
        ),
        (
            shell.shtrafovnet_command(&invoice),
            format!("{fines}invoices"),
            format!("`ruapi --base-url {fines} shtrafovnet invoices list`"),
        ),
        (shell.epgu_command(&create), format!("{epgu}api/gusmev/order"), "no harm".to_owned()),
        (
            shell.epgu_command(&["order", "cancel", "2058864134"]),
            format!("{epgu}api/gusmev/order/2058864134/cancel"),
            format!("`ruapi --base-url {epgu} epgu order show 2058864134`"),
        ),
    ] {
        let path = path.splitn(4, '/').nth(3).expect("a path").trim_end_matches('/').to_owned();
        command.args(["--format", "json"]);
        let done = stopped(&shell, &mut command, &format!("/{path}")).await;
        let error = done.assert_code(130).json_error();
        assert_eq!((&error["kind"], &error["maybe_processed"]), (&json!("stopped"), &json!(true)));
        assert!(error["advice"].as_str().is_some_and(|advice| advice.contains(&says)), "{error}");
    }
    assert_eq!(shell.sandbox.nsso().billed(), 1);
    assert_eq!(shell.sandbox.osago().counts().confirmations, 1);
    assert_eq!(shell.sandbox.shtrafovnet().invoices_created(), 1);
    assert_eq!(shell.sandbox.epgu().orders_created(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_leaves_nothing() {
    let shell = Shell::new().await;
    shell.sandbox.clock().advance(TimeDelta::days(30));
    let link = "terrabyte://00/764255248/plantov-passport/2";
    let mut download = shell.epgu_command(&["download", link, "-o", "result.pdf"]);
    let done = stopped(&shell, &mut download, "/epgu/api/storage").await;
    done.assert_code(130).assert_says(&["nothing is kept"]);
    assert_eq!(shell.files(), [""; 0]);
}
