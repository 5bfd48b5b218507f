//! `ruapi epgu`, as it is typed: every command against the sandbox.

mod common;

use chrono::TimeDelta;
use common::{Done, Shell, kill, ruapi, run};
use ruapi_sandbox::epgu::{ErrorCode, Outcome};
use ruapi_sandbox::{Epgu, Fault, FaultKind};
use serde_json::{Value, json};

const SERVICE: [&str; 6] =
    ["--region", "36000000000", "--service", Epgu::SERVICE, "--target", Epgu::TARGET];

/// A shell with a small archive, `small.zip`, and one of several chunks, `large.zip`.
async fn shell() -> Shell {
    let shell = Shell::new().await;
    shell.write("req.xml", "<req/>");
    shell.write("req.xml.sig", "signed");
    // Does not compress.
    let mut bits = 1_u64;
    let noise: Vec<u8> = (0..6_500_000)
        .map(|_| {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (bits >> 56) as u8
        })
        .collect();
    shell.write("scan.pdf", noise);
    let build = |words: &[&str]| shell.epgu(&[&["archive", "build", "-o"], words].concat());
    build(&["small.zip", "req.xml", "--with-signatures"]).assert_code(0);
    build(&["large.zip", "req.xml", "scan.pdf", "--stored"]).assert_code(0);
    shell
}

fn filing<'a>(command: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    [&[command], &SERVICE[..], words].concat()
}

fn file(shell: &Shell, command: &str, words: &[&str]) -> Done {
    shell.epgu(&filing(command, words))
}

fn json_lines(done: &Done) -> Vec<Value> {
    done.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_are_built_and_checked() {
    let shell = shell().await;
    let done =
        shell.epgu(&["archive", "check", "small.zip", "--transport", "req*.xml", "--signed"]);
    assert!(done.assert_code(0).stdout.starts_with("Acceptable: "), "{done:?}");

    let done = shell.epgu(&["archive", "build", "-o", "x.zip", "req.xml", "small.zip"]);
    done.assert_code(2).assert_says(&["entry 2 (.zip): it is an archive itself"]);
    assert!(!shell.path("x.zip").exists());
    let done = shell.epgu(&["archive", "build", "-o", "x.zip", "nothing.xml"]);
    done.assert_code(1).assert_says(&["No such file"]);
    let named = "Заявление.xml=req.xml";
    let done = shell.epgu(&["archive", "build", "-o", "x.zip", named, "--format", "json"]);
    assert_eq!(done.assert_code(0).json()["files"][0]["name"], "Заявление.xml");

    let done =
        shell.epgu(&["archive", "check", "large.zip", "--business", "mpc.xml", "--format", "json"]);
    let report = done.assert_code(2).json();
    assert_eq!(report["acceptable"], false);
    let states: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert!(states.contains(&&Value::from("MPC_NOT_FOUND")), "{report}");
    assert_eq!(shell.sandbox.requests_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_services_specification_allows_is_filed() {
    let shell = shell().await;
    shell.write("note.txt", "not signed");
    for (allowed, packed, refused) in [
        ("--allow-folders", "scans/scan.xml=req.xml", "a folder"),
        ("--allow-archives", "small.zip", "it is an archive itself"),
        ("--partly-signed", "--with-signatures", "No such file"),
    ] {
        let files = ["archive", "build", "-o", "special.zip", "req.xml", "note.txt"];
        let build = [&files[..], &[packed]].concat();
        shell.epgu(&build).assert_says(&[refused]);
        assert!(!shell.path("special.zip").exists());
        shell.epgu(&[&build[..], &[allowed]].concat()).assert_code(0);
        shell.epgu(&["archive", "check", "special.zip", allowed]).assert_code(0);
        for command in ["push", "submit"] {
            file(&shell, command, &["special.zip"]).assert_code(2);
            assert!(file(&shell, command, &["special.zip", allowed]).stdout.starts_with("Filed"));
        }
        std::fs::remove_file(shell.path("special.zip")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_once_learns_by_the_exit_code_that_details_were_refused() {
    let shell = shell().await;
    let epgu = shell.sandbox.epgu();
    let order = epgu.add_orders(1).start;
    epgu.end_order(order, Outcome::Executed);
    let order = order.to_string();
    let details = format!("/epgu/api/gusmev/order/{order}");
    shell.sandbox.inject(Fault::new(FaultKind::status(403)).path(&details).times(1));
    let words = ["order", "watch", &order, "--once", "--incident", "i.json"];
    let done = shell.epgu(&words);
    done.assert_code(3).assert_says(&[&format!("application {order}: "), "the report"]);
    assert!(shell.read("i.json").contains(&order));
    assert!(shell.epgu(&words).assert_code(0).stdout.contains("final"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_application_goes_in_one_piece_and_a_large_one_in_chunks() {
    let shell = shell().await;
    let done = file(&shell, "push", &["small.zip"]);
    assert_eq!(done.assert_code(0).stdout, "Filed: application 5000000001\n");
    let done = file(&shell, "submit", &["small.zip", "--format", "json"]);
    assert_eq!(done.assert_code(0).stdout, "{\"orderId\":5000000002,\"outcome\":\"submitted\"}\n");
    assert_eq!(shell.asked("POST", "/push"), 2);
    let done = file(&shell, "submit", &["large.zip", "--chunk-size", "2000000"]);
    assert_eq!(done.assert_code(0).stdout, "Filed: application 5000000003\n");
    assert_eq!(shell.asked("POST", "/push/chunked"), 4);

    let made = shell.epgu(&[&["order", "create"], &SERVICE[..]].concat());
    assert_eq!(made.assert_code(0).stdout, "Application 5000000004\n");
    let words = [&["upload", "5000000004"], &SERVICE[..], &["small.zip"]].concat();
    shell.epgu(&words).assert_code(0);
    assert_eq!(shell.sandbox.epgu().applications(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_input_is_refused_before_anything_is_sent() {
    let shell = shell().await;
    let region = ["push", "--region", "Воронеж", "--service", "1", "--target", "2", "small.zip"];
    shell.epgu(&region).assert_code(2).assert_says(&["digits of an OKATO code"]);
    file(&shell, "push", &["large.zip"]).assert_code(2).assert_says(&["send it in chunks"]);
    file(&shell, "submit", &["large.zip", "--chunk-size", "7"]).assert_code(2);
    file(&shell, "submit", &["large.zip", "--parallel", "0"]).assert_code(2);
    shell.write("empty.zip", "");
    file(&shell, "push", &["empty.zip"]).assert_code(2);
    file(&shell, "push", &["nothing.zip"]).assert_code(1);
    for words in [
        &["order", "show", "0"][..],
        &["order", "show", "12x"],
        &["order", "statuses"],
        &["order", "updated"],
        &["order", "updated", "--after", "yesterday"],
        &["order", "watch"],
        &["download", "terrabyte://00/1/", "-o", "f"],
        &["download", "--object-id", "1", "--object-type", "3", "--mnemonic", "../x", "-o", "f"],
        &["dictionary", ""],
        &["dictionary", "BIC", "--page", "0"],
    ] {
        let done = shell.epgu(words);
        done.assert_code(2);
        assert_eq!(done.stdout, "", "{words:?}");
    }
    let mut without =
        ruapi(&["epgu", "order", "show", "1", "--base-url", &shell.sandbox.epgu_url()]);
    run(&mut without).assert_code(3).assert_says(&["RUAPI_EPGU_TOKEN"]);
    assert_eq!(shell.sandbox.requests_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_without_an_answer_is_in_doubt_and_not_repeated() {
    let shell = shell().await;
    let cut = FaultKind::Cut { processed: true, after_bytes: 0, reset: false };
    shell.sandbox.inject(Fault::new(cut).path("/epgu/"));
    let done = file(&shell, "push", &["small.zip"]);
    done.assert_code(7).assert_says(&["may have been filed", "reconcile-push --sent-after 20"]);
    assert_eq!(shell.asked("POST", "/push"), 1);

    shell.sandbox.clear_faults();
    let look = |words: &[&str]| {
        let words = [&["--sent-after", "2025-08-01", "small.zip"], words].concat();
        file(&shell, "reconcile-push", &words)
    };
    shell.sandbox.clock().advance(TimeDelta::minutes(5));
    assert_eq!(look(&[]).assert_code(0).stdout, "Filed: application 5000000001\n");
    let found = look(&["--format", "json"]).json();
    assert_eq!(found, json!({"orderId": 5_000_000_001_u64, "outcome": "submitted"}));

    let cut = FaultKind::Cut { processed: true, after_bytes: 0, reset: false };
    shell.sandbox.inject(Fault::new(cut).path("/epgu/").times(1));
    let error = file(&shell, "push", &["small.zip", "--format", "json"]);
    assert_eq!(error.json_error()["maybe_processed"], true);
    assert_eq!(shell.asked("POST", "/push"), 2, "one for each command");
    shell.sandbox.clock().advance(TimeDelta::minutes(5));
    // Two that are alike: nobody can say which is which, unless one is known.
    let found = look(&["--format", "json"]);
    let both = json!([5_000_000_001_u64, 5_000_000_002_u64]);
    assert_eq!(found.assert_code(6).json(), json!({"outcome": "unknown", "candidates": both}));
    let found = look(&["--known", "5000000001"]);
    assert_eq!(found.assert_code(0).stdout, "Filed: application 5000000002\n");
    let found = look(&["--known", "5000000001", "--known", "5000000002"]);
    assert!(found.assert_code(6).stdout.starts_with("Not known: no application fits"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_upload_is_settled_and_never_files_twice() {
    let shell = shell().await;
    // The last chunk's answer is lost, and so are the details.
    let cut = || FaultKind::Cut { processed: true, after_bytes: 0, reset: false };
    shell.sandbox.inject(Fault::new(cut()).path("/epgu/api/gusmev/push/chunked").skip(1));
    shell.sandbox.inject(Fault::new(FaultKind::status(500)).path("/epgu/api/gusmev/order/5"));
    let words = ["large.zip", "--state", "state.json"];
    let done = file(&shell, "submit", &words);
    done.assert_code(7)
        .assert_says(&["5000000001 may have been filed", "order reconcile 5000000001"]);
    assert_eq!(shell.sandbox.epgu().applications(), 1);
    shell.sandbox.clear_faults();
    shell.sandbox.clock().advance(TimeDelta::seconds(5));

    let done = shell.epgu(&["order", "reconcile", "5000000001"]);
    assert!(done.assert_code(0).stdout.starts_with("Filed"), "{done:?}");
    // The same command finds out the same, and files nothing.
    let done = file(&shell, "submit", &words);
    assert_eq!(done.assert_code(0).stdout, "Filed: application 5000000001\n");
    let epgu = shell.sandbox.epgu();
    assert_eq!((epgu.applications(), epgu.duplicate_submissions()), (1, 0));
    assert_eq!(epgu.orders_created(), 1);
    assert!(!shell.path("state.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_last_chunk_is_sent_again_where_that_is_asked_for() {
    let shell = shell().await;
    let cut = FaultKind::Cut { processed: false, after_bytes: 0, reset: false };
    shell.sandbox.inject(Fault::new(cut).path("/epgu/api/gusmev/push/chunked").skip(1).times(1));
    let done = file(&shell, "submit", &["large.zip", "--resend-after", "0.01"]);
    assert_eq!(done.assert_code(0).stdout, "Filed: application 5000000001\n");
    assert_eq!(shell.asked("POST", "/push/chunked"), 3);
    let epgu = shell.sandbox.epgu();
    assert_eq!((epgu.applications(), epgu.duplicate_submissions()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_upload_goes_on_from_what_arrived() {
    let shell = shell().await;
    let stall = FaultKind::Stall { processed: false };
    shell.sandbox.inject(Fault::new(stall).path("/epgu/api/gusmev/push/chunked").skip(3));
    let state =
        ["large.zip", "--chunk-size", "1048576", "--parallel", "1", "--state", "state.json"];
    let words = filing("submit", &state);
    let child = shell.epgu_command(&words).spawn().expect("ruapi starts");
    shell.sandbox.wait_until_stalled(1).await;
    kill(child);
    shell.sandbox.clear_faults();
    let sent = shell.asked("POST", "/push/chunked");
    assert_eq!(sent, 4);

    let done = shell.epgu(&words);
    assert_eq!(done.assert_code(0).stdout, "Filed: application 5000000001\n");
    // Seven chunks; three had arrived, and at most one of them was not kept yet.
    assert!(shell.asked("POST", "/push/chunked") <= sent + 5, "{:?}", shell.sandbox.requests());
    let epgu = shell.sandbox.epgu();
    assert_eq!((epgu.applications(), epgu.orders_created()), (1, 1));

    let other = filing("submit", &["small.zip", "--with-order", "--state", "state.json"]);
    shell.write("state.json", "{}");
    shell.epgu(&other).assert_code(2).assert_says(&["not as this program writes it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_application_that_was_killed_while_it_was_filed_is_not_filed_twice() {
    let shell = shell().await;
    let stall = FaultKind::Stall { processed: true };
    shell.sandbox.inject(Fault::new(stall).path("/epgu/api/gusmev/push").times(1));
    let words = filing("submit", &["small.zip", "--state", "state.json"]);
    let child = shell.epgu_command(&words).spawn().expect("ruapi starts");
    shell.sandbox.wait_until_stalled(1).await;
    kill(child);
    shell.sandbox.clock().advance(TimeDelta::seconds(30));

    let done = shell.epgu(&words);
    assert_eq!(done.assert_code(0).stdout, "Filed: application 5000000001\n");
    assert_eq!((shell.asked("POST", "/push"), shell.asked("POST", "/push/chunked")), (0, 1));
    let epgu = shell.sandbox.epgu();
    assert_eq!((epgu.applications(), epgu.orders_created()), (1, 1));
    assert!(!shell.path("state.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_with_one_state_file_one_application() {
    let shell = shell().await;
    let stall = FaultKind::Stall { processed: false };
    shell.sandbox.inject(Fault::new(stall).path("/epgu/api/gusmev/order").times(1));
    let words = filing("submit", &["small.zip", "--state", "state.json"]);
    let first = shell.epgu_command(&words).spawn().expect("ruapi starts");
    shell.sandbox.wait_until_stalled(1).await;
    shell.epgu(&words).assert_code(2).assert_says(&["is being written by another ruapi"]);
    assert_eq!(shell.sandbox.epgu().orders_created(), 0);
    kill(first);
    // The lock ended with its process.
    shell.epgu(&words).assert_code(0);
    assert_eq!(shell.sandbox.epgu().applications(), 1);
    assert!(!shell.path("state.json.lock").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_what_is_filed_is_told_also_if_nobody_reads_the_result() {
    let shell = shell().await;
    let words = filing("submit", &["small.zip"]);
    let delay = FaultKind::Delay { millis: 300 };
    shell.sandbox.inject(Fault::new(delay).path("/epgu/api/gusmev/push"));
    let mut command = shell.epgu_command(&words);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("ruapi starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("its end");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && stderr.contains("application 5000000001 is filed"),
        "{stderr}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_to_go_on_asks_the_same_server_in_the_same_way() {
    let shell = shell().await;
    let cut = || FaultKind::Cut { processed: true, after_bytes: 0, reset: false };
    shell.sandbox.inject(Fault::new(cut()).path("/epgu/api/gusmev/push/chunked").skip(1));
    shell.sandbox.inject(Fault::new(FaultKind::status(500)).path("/epgu/api/gusmev/order/5"));
    let url = shell.sandbox.epgu_url();
    // Another edition's larger chunks are refused.
    for (way, words, code) in [
        ("--environment test --download-path gusmev", "order reconcile 5000000001", 7),
        ("--edition later", "order show 5000000002", 5),
    ] {
        let options: Vec<&str> = way.split(' ').collect();
        let done = file(&shell, "submit", &[&["large.zip"], &options[..]].concat());
        let command = format!("`ruapi --base-url {url} epgu {words} {way}`");
        done.assert_code(code).assert_says(&[&command]);
        shell.sandbox.clear_faults();
    }
}

#[test]
fn an_archive_does_not_replace_what_is_packed() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("req.xml"), "<x/>").expect("a file");
    let build = |output: &str| {
        let words = ["epgu", "archive", "build", "-o", output, "req.xml"];
        common::run(common::ruapi(&words).current_dir(folder.path()))
    };
    build("./req.xml").assert_code(2).assert_says(&["one of the files to be packed"]);
    assert_eq!(std::fs::read(folder.path().join("req.xml")).expect("a file"), b"<x/>");
    build(".").assert_code(1).assert_says(&["not a regular file"]);
}

/// Makes a state that was kept as old as an hour.
fn age(shell: &Shell) {
    let mut kept: Value = serde_json::from_str(&shell.read("state.json")).expect("JSON");
    let started = &mut kept["upload"]["started"]["secs_since_epoch"];
    *started = Value::from(started.as_u64().expect("a number") - 3600);
    shell.write("state.json", format!("{kept}\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_filed_application_sends_nothing_however_old_it_is() {
    let shell = shell().await;
    let words = ["large.zip", "--state", "state.json"];
    let last = Fault::new(FaultKind::status(400)).path("/epgu/api/gusmev/push/chunked");
    shell.sandbox.inject(last.skip(1).times(1));
    file(&shell, "submit", &words).assert_code(5);
    // As it was kept when the last chunk had arrived, by a run that was killed then.
    let mut kept: Value = serde_json::from_str(&shell.read("state.json")).expect("JSON");
    kept["upload"]["sent"] = json!([0, 1]);
    kept["upload"]["doubtful"] = json!(false);
    shell.write("state.json", format!("{kept}\n"));
    age(&shell);
    let sent = shell.asked("POST", "/push/chunked");
    let done = file(&shell, "submit", &words);
    assert_eq!(done.assert_code(0).stdout, "Filed: application 5000000001\n");
    assert_eq!(shell.asked("POST", "/push/chunked"), sent);
    assert!(!shell.path("state.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_five_minutes_the_archive_is_sent_anew_unless_that_is_in_doubt() {
    let shell = shell().await;
    let chunked = "/epgu/api/gusmev/push/chunked";
    let words = ["large.zip", "--state", "state.json"];
    shell.sandbox.inject(Fault::new(FaultKind::status(400)).path(chunked).skip(1).times(1));
    let done = file(&shell, "submit", &words);
    done.assert_code(5)
        .assert_says(&["did not file application 5000000001", "the same command goes on"]);
    age(&shell);
    shell.sandbox.clock().advance(TimeDelta::hours(1));
    let cut = FaultKind::Cut { processed: true, after_bytes: 0, reset: false };
    shell.sandbox.inject(Fault::new(cut).path(chunked).skip(1).times(1));
    let details = "/epgu/api/gusmev/order/5";
    shell.sandbox.inject(Fault::new(FaultKind::status(403)).path(details));
    let done = file(&shell, "submit", &words);
    done.assert_code(7).assert_says(&["is sent anew", "5000000001 may have been filed"]);
    assert_eq!(shell.asked("POST", "/push/chunked"), 4);

    age(&shell);
    for _ in 0..2 {
        let done = file(&shell, "submit", &words);
        done.assert_code(7).assert_says(&["five minutes are over", "order reconcile 5000000001"]);
    }
    assert_eq!(shell.asked("POST", "/push/chunked"), 4);
    assert_eq!(shell.sandbox.epgu().applications(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_one_may_have_been_filed_the_exit_code_is_7() {
    let shell = shell().await;
    shell.sandbox.epgu().change(|settings| settings.step_seconds = 3600);
    let chunked = "/epgu/api/gusmev/push/chunked";
    let cut = || FaultKind::Cut { processed: true, after_bytes: 0, reset: false };
    let words = ["small.zip", "--state", "state.json"];
    shell.sandbox.inject(Fault::new(cut()).path(chunked).times(1));
    // Nobody may look: it is in doubt as before.
    shell.sandbox.inject(Fault::new(FaultKind::status(403)).path("/epgu/api/gusmev/order/5"));
    for _ in 0..2 {
        file(&shell, "submit", &words).assert_code(7).assert_says(&["5000000001 may have been"]);
    }
    assert_eq!(shell.asked("POST", "/push/chunked"), 1);
    shell.sandbox.clear_faults();
    // The service has the first one, and refuses the second.
    let again = [&words[..], &["--resend-after", "0.01"]].concat();
    file(&shell, "submit", &again).assert_code(7).assert_says(&["HTTP 409", "may have been filed"]);
    assert_eq!((shell.asked("POST", "/push/chunked"), shell.sandbox.epgu().applications()), (2, 1));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_tells_whether_the_last_chunk_was_under_way() {
    let shell = shell().await;
    for (processed, is_kept) in [(false, true), (true, false)] {
        let stall = FaultKind::Stall { processed };
        let chunked = "/epgu/api/gusmev/push/chunked";
        shell.sandbox.inject(Fault::new(stall).path(chunked).skip(u32::from(processed)).times(1));
        std::fs::create_dir(shell.path("kept")).expect("a folder");
        let words = filing("submit", &["large.zip", "--state", "kept/s.json", "--format", "json"]);
        let mut command = shell.epgu_command(&words);
        let child = command.stderr(std::process::Stdio::piped()).spawn().expect("ruapi starts");
        shell.sandbox.wait_until_stalled(1).await;
        if !is_kept {
            // What became of the application is told also where the file cannot be kept.
            std::fs::remove_dir_all(shell.path("kept")).expect("removed");
        }
        common::signal(&child, "-INT");
        let done = Done::from(child.wait_with_output().expect("its end"));
        let lines = done.assert_code(130).stderr.lines();
        let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        let error = lines.last().expect("an error");
        assert_eq!(error["maybe_processed"], processed, "{error}");
        assert_eq!(shell.path("kept/s.json").exists(), is_kept);
        let warned = lines.iter().any(|line| line["notice"].to_string().contains("was not kept"));
        assert_eq!(warned, !is_kept, "{lines:?}");
        shell.sandbox.clear_faults();
        while shell.sandbox.stalled() > 0 {
            tokio::task::yield_now().await;
        }
        let _ = std::fs::remove_dir_all(shell.path("kept"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_are_shown_cancelled_and_listed() {
    let shell = shell().await;
    let example = Epgu::EXAMPLE_ORDER.to_string();
    let done = shell.epgu(&["order", "show", &example]);
    assert!(done.assert_code(0).stdout.contains("Ошибка обработки заявления (24)"), "{done:?}");
    let done = shell.epgu(&["order", "show", &example, "--format", "json"]);
    assert_eq!(done.json()["code"], "OK");
    shell.epgu(&["order", "show", "999"]).assert_code(4);

    let cancellable = Epgu::CANCELLABLE_ORDER.to_string();
    let done = shell.epgu(&["order", "cancel", &cancellable, "--format", "json"]);
    assert_eq!(done.assert_code(0).json()["outcome"], "cancelled");
    assert_eq!(shell.epgu(&["order", "cancel", &example]).code, Some(5));
    assert_eq!(shell.epgu(&["order", "cancel", "999"]).code, Some(4));

    let orders = shell.sandbox.epgu().add_orders(450);
    let list: String = orders.map(|order| format!("{order}\n")).collect();
    shell.write("orders.txt", list);
    let done =
        shell.epgu(&["order", "statuses", "--from", "orders.txt", "999", "--format", "json"]);
    let found = json_lines(done.assert_code(0));
    assert_eq!(found.len(), 451);
    assert_eq!(found.iter().filter(|it| it["orderSearchStatus"] == "NOT_FOUND").count(), 1);
    let done = shell.epgu(&["order", "updated", "--after", "2022-12-10", "--page-size", "50"]);
    assert!(done.assert_code(0).stdout.lines().count() > 400, "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_are_told_once() {
    let shell = shell().await;
    // Else one of the orders may get on meanwhile.
    shell.sandbox.clock().freeze();
    let epgu = shell.sandbox.epgu();
    epgu.add_orders(5);
    let words = ["order", "updated", "--state", "cursor.json", "--format", "json"];
    shell.epgu(&words).assert_code(2).assert_says(&["--after"]);
    let first = shell.epgu(&[&words[..], &["--after", "2022-12-10"]].concat());
    assert!(json_lines(first.assert_code(0)).len() > 5);
    assert_eq!(json_lines(shell.epgu(&words).assert_code(0)), [] as [Value; 0]);
    file(&shell, "push", &["small.zip"]).assert_code(0);
    shell.sandbox.clock().advance(TimeDelta::seconds(30));
    let news = json_lines(shell.epgu(&words).assert_code(0));
    assert!(news.iter().any(|it| it["orderId"] == 5_000_000_001_u64), "{news:?}");
    let again = shell.epgu(&[&words[..], &["--after", "2022-12-10"]].concat());
    again.assert_code(2).assert_says(&["--after is for the first run"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_end_is_told_once_also_when_the_program_is_killed() {
    /// How many details the tracker asks for at once.
    const PLACES: usize = 8;
    let shell = shell().await;
    let epgu = shell.sandbox.epgu();
    // Drafts have no end.
    let orders: Vec<u64> =
        epgu.add_orders(80).filter(|order| epgu.applications_for(*order) == 1).collect();
    let count = orders.len();
    assert!(count > 50, "{count}");
    orders.iter().for_each(|order| epgu.end_order(*order, Outcome::Executed));
    shell.sandbox.clock().advance(TimeDelta::days(1));
    shell.write("orders.txt", orders.iter().map(|order| format!("{order}\n")).collect::<String>());
    let words = ["order", "watch", "--from", "orders.txt", "--state", "w.json", "--format", "json"];
    let words = [&words[..], &["--interval", "0.01"]].concat();
    let mut told: Vec<Value> = Vec::new();
    for passed in [10, 25] {
        let stall = FaultKind::Stall { processed: false };
        shell.sandbox.inject(Fault::new(stall).path("/epgu/api/gusmev/order/7").skip(passed));
        // A pipe that nobody reads would be full soon.
        let output = std::fs::File::create(shell.path("told.jsonl")).expect("a file");
        let child = shell.epgu_command(&words).stdout(output).spawn().expect("ruapi starts");
        // A place is taken again only after what was answered there is told and kept.
        shell.sandbox.wait_until_stalled(PLACES).await;
        kill(child);
        shell.sandbox.clear_faults();
        while shell.sandbox.stalled() > 0 {
            tokio::task::yield_now().await;
        }
        let lines = shell.read("told.jsonl");
        told.extend(lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")));
    }
    let done = shell.epgu(&words);
    told.extend(json_lines(done.assert_code(0)));
    let mut ends: Vec<u64> = told
        .iter()
        .filter(|line| line["event"] == "final")
        .map(|line| line["orderId"].as_u64().unwrap())
        .collect();
    let all = ends.len();
    ends.sort_unstable();
    ends.dedup();
    assert_eq!((all, ends.len()), (count, count));
    // Nothing is left, and their numbers alone do not bring them back.
    assert_eq!(shell.epgu(&words).assert_code(0).stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_reads_is_told_again() {
    let shell = shell().await;
    shell.sandbox.clock().freeze();
    shell.sandbox.epgu().add_orders(5);
    shell.sandbox.clock().advance(TimeDelta::minutes(1));
    for (words, state) in [
        (&["order", "updated", "--after", "2022-12-10", "--format", "json"][..], "updated.json"),
        (&["order", "watch", "7000000001", "--once", "--format", "json"], "watched.json"),
    ] {
        let all = json_lines(shell.epgu(words).assert_code(0));
        assert!(!all.is_empty());
        let words = [words, &["--state", state]].concat();
        let mut command = shell.epgu_command(&words);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("ruapi starts");
        drop(child.stdout.take());
        child.wait().expect("its end");
        let words: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| !["--after", "2022-12-10"].contains(word))
            .collect();
        assert_eq!(json_lines(shell.epgu(&words).assert_code(0)), all, "{state}");
        assert_eq!(json_lines(shell.epgu(&words).assert_code(0)), [] as [Value; 0], "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dictionaries_are_read_page_by_page_without_a_token() {
    let shell = shell().await;
    let without_token = |words: &[&str]| {
        let mut command = ruapi(&[&["epgu", "dictionary"], words].concat());
        run(command.args(["--base-url", &shell.sandbox.epgu_url()]))
    };
    assert_eq!(without_token(&["BIC"]).assert_code(0).stdout.lines().count(), 899);
    let page = without_token(&["BIC", "--page", "2", "--page-size", "100", "--format", "json"]);
    assert_eq!(json_lines(page.assert_code(0)).len(), 100);
    let tree = without_token(&["SANDBOX_TREE", "--tree"]);
    assert_eq!(tree.assert_code(0).stdout.lines().count(), 5 + 20 + 60);
    assert!(tree.stdout.contains("\n    1-1-1  "), "{tree:?}");
    without_token(&["NOTHING"]).assert_code(5);
    assert_eq!(shell.sandbox.epgu().counts().dictionary_requests_with_credential, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_whole_or_not_there() {
    let shell = shell().await;
    let epgu = shell.sandbox.epgu();
    let order = epgu.add_orders(1).start;
    epgu.end_order(order, Outcome::Executed);
    shell.sandbox.clock().advance(TimeDelta::days(1));
    let shown = shell.epgu(&["order", "show", &order.to_string(), "--format", "json"]).json();
    let link = &shown["order"];
    let details: Value = serde_json::from_str(link.as_str().unwrap_or("null")).unwrap();
    let details = if details.is_null() { link.clone() } else { details };
    let link = details["orderResponseFiles"][0]["link"].as_str().expect("a link");

    let done = shell.epgu(&["download", link, "-o", "result.pdf"]);
    assert_eq!(done.assert_code(0).stdout, "100000 bytes\n");
    let bytes = std::fs::read(shell.path("result.pdf")).unwrap();
    assert!(bytes.iter().enumerate().all(|(n, byte)| *byte == Epgu::file_byte(n as u64)));
    let cut = FaultKind::Cut { processed: true, after_bytes: 50_000, reset: false };
    shell.sandbox.inject(Fault::new(cut).path("/epgu/"));
    shell.epgu(&["download", link, "-o", "other.pdf"]).assert_code(7);
    assert!(!shell.path("other.pdf").exists());
    assert!(shell.files().iter().all(|name| !name.contains("part")), "{:?}", shell.files());
    shell.sandbox.clear_faults();
    let missing = shell.epgu(&["download", link, "-o", "no/such/folder.pdf"]);
    missing.assert_code(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_leaves_a_report_and_no_secret() {
    let shell = shell().await;
    let token = Epgu::error_token(ErrorCode::BadDelegation);
    let mut command =
        shell.epgu_command(&[&["order", "create", "--incident", "i.json"], &SERVICE[..]].concat());
    let done = run(command.env("RUAPI_EPGU_TOKEN", &token));
    done.assert_code(3).assert_says(&["bad_delegation", "the report of the incident is kept"]);
    let kept = shell.read("i.json");
    let print =
        ["incident", "i.json", "--mnemonic", "AAA1", "--client-id", "C1", "--description", "Т."];
    let done = shell.epgu(&print);
    let text = &done.assert_code(0).stdout;
    for part in ["To: sd@sc.digital.gov.ru", "AAA1", "bad_delegation", "POST", "Т."] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for shown in [&kept, text, &done.stderr] {
        assert!(!shown.contains(&token), "{shown}");
    }
    let more = ["incident", "i.json", "--svcdev", "--token-obtained-at", "2025-08-26 09:10:11"];
    let done = shell.epgu(&more);
    for part in ["3. Среда ЕПГУ: SVCDEV", "26.08.2025 09:10:11"] {
        assert!(done.assert_code(0).stdout.contains(part), "{part}: {done:?}");
    }
    // Also of what is walked over.
    let after = ["order", "updated", "--after", "2022-12-10"];
    for (words, name) in [
        (&["order", "statuses", "7000000001"][..], "GET /order/getOrdersStatus"),
        (&after, "GET /order/getUpdatedAfter"),
        (&["dictionary", "BIC"], "POST /dictionary/{code}"),
        (&["order", "reconcile", "7000000001"], "POST /order/{orderId}"),
    ] {
        shell.sandbox.inject(Fault::new(FaultKind::status(400)).times(1));
        let done = shell.epgu(&[words, &["--incident", "walk.json"]].concat());
        done.assert_says(&["the report of the incident is kept"]);
        let kept: Value = serde_json::from_str(&shell.read("walk.json")).unwrap();
        assert_eq!((&kept["operation"], &kept["status"]), (&json!(name), &json!(400)));
        std::fs::remove_file(shell.path("walk.json")).unwrap();
    }
    shell.epgu(&["incident", "req.xml"]).assert_code(2).assert_says(&["no report"]);
    // Of what was refused here there is nothing to report.
    let refused = [
        "order",
        "create",
        "--incident",
        "j.json",
        "--region",
        "x",
        "--service",
        "1",
        "--target",
        "1",
    ];
    shell.epgu(&refused).assert_code(2);
    assert!(!shell.path("j.json").exists());
}
