//! `ruapi shtrafovnet fines export` and `fines updates`: complete, in order, whole or not there.

mod common;

use common::{Done, Shell};
use ruapi_sandbox::{Fault, FaultKind, Shtrafovnet};
use serde_json::{Value, json};

const FIRST: u64 = 1_000_000_000;
const CAR: &str = "2000000";

async fn fleet(fines: u64) -> Shell {
    let shell = Shell::new().await;
    shell.sandbox.shtrafovnet().set_fleet_fines(fines);
    shell
}

/// The answers to lists of fines after so many are broken.
fn break_after(shell: &Shell, answers: u32, how: FaultKind) {
    let fault = Fault::new(how).path("/shtrafovnet/latest/webmasters/cars");
    shell.sandbox.inject(fault.skip(answers));
}

/// Not repeated by the client, unlike a cut.
const GARBAGE: FaultKind = FaultKind::Garbage { processed: false };

fn export(shell: &Shell, words: &[&str]) -> Done {
    shell.shtrafovnet(&[&["fines", "export"], words].concat())
}

fn ids_of_lines(text: &str) -> Vec<u64> {
    let id = |line: &str| {
        let fine: Value = serde_json::from_str(line).expect("JSON");
        fine["id"].as_str().expect("text").parse().expect("a number")
    };
    text.lines().map(id).collect()
}

fn ids_of_table(text: &str) -> Vec<u64> {
    let id = |line: &str| line.split(',').next().expect("a cell").parse().expect("a number");
    text.lines().skip(1).map(id).collect()
}

fn whole(fines: u64) -> Vec<u64> {
    (FIRST..FIRST + fines).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_fines_complete_and_in_order() {
    let shell = fleet(3_210).await;
    let done = export(&shell, &["--user", Shtrafovnet::FLEET, "--output", "a.csv"]);
    done.assert_code(0).assert_says(&["fines in a.csv: 3210"]);
    let table = shell.read("a.csv");
    assert!(table.starts_with("id,postNumber,name,postedAt,amount,"), "{}", &table[..100]);
    assert_eq!(ids_of_table(&table), whole(3_210));

    let done = export(&shell, &["--car", CAR, "--output", "a.jsonl", "--format", "json"]);
    assert_eq!(done.assert_code(0).json(), json!({"rows": 3_210, "total": 3_210}));
    assert_eq!(done.stderr, "");
    assert_eq!(ids_of_lines(&shell.read("a.jsonl")), whole(3_210));
    assert_eq!(shell.files(), ["a.csv", "a.jsonl"]);

    let chosen =
        ["--car", CAR, "--output", "a.csv", "--field", "amount,carReg", "--paid", "nopaid"];
    export(&shell, &chosen).assert_code(0);
    assert!(shell.read("a.csv").starts_with("id,amount,carReg\n1000000000,500,а777аа00\n"));
    let none = ["--car", CAR, "--output", "a.csv", "--paid", "paid", "--field", "amount"];
    export(&shell, &none).assert_code(0);
    assert_eq!(shell.read("a.csv"), "id,amount\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_in_the_middle_goes_on() {
    let shell = fleet(2_000).await;
    shell.write("a.csv", "of yesterday");
    let words = ["--car", CAR, "--output", "a.csv", "--timeout", "5"];
    break_after(&shell, 5, FaultKind::Cut { processed: false, after_bytes: 10, reset: true });
    let done = export(&shell, &words);
    done.assert_code(7).assert_says(&["of 2000 fines are in", "a.csv.partial", "--resume"]);
    assert_eq!(shell.read("a.csv"), "of yesterday");
    assert_eq!(shell.files(), ["a.csv", "a.csv.partial", "a.csv.resume"]);
    let rows = ids_of_table(&shell.read("a.csv.partial")).len() as u64;
    assert!((200..2_000).contains(&rows) && rows % 200 == 0, "{rows}");

    // Killed in the middle of a line: what is not known to be whole is written again.
    let torn = shell.read("a.csv.partial") + "1000009999,18810";
    shell.write("a.csv.partial", torn);
    shell.sandbox.clear_faults();
    shell.sandbox.clear_requests();
    // What came to the end of the list meanwhile is no reason to start over.
    shell.sandbox.shtrafovnet().set_fleet_fines(2_100);
    export(&shell, &[&words[..], &["--resume"]].concat()).assert_code(0);
    assert_eq!(ids_of_table(&shell.read("a.csv")), whole(2_100));
    assert_eq!(shell.files(), ["a.csv"]);
    // One for the total, one for the page that it stopped at, and what was missing.
    let missing = (2_100 - rows).div_ceil(200);
    assert_eq!(shell.asked("GET", "/fines") as u64, missing + 2);
    assert!(!shell.read("a.csv").contains("1000009999"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_resume_it_starts_over() {
    let shell = fleet(1_000).await;
    let words = ["--car", CAR, "--output", "a.jsonl"];
    break_after(&shell, 3, GARBAGE);
    export(&shell, &words).assert_code(8);
    shell.sandbox.clear_faults();
    let done = export(&shell, &words);
    done.assert_code(0).assert_says(&["an unfinished export was there"]);
    assert_eq!(ids_of_lines(&shell.read("a.jsonl")), whole(1_000));
    let done = export(&shell, &[&words[..], &["--resume"]].concat());
    done.assert_code(0).assert_says(&["nothing to go on with"]);
    assert_eq!(ids_of_lines(&shell.read("a.jsonl")), whole(1_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_has_changed_is_not_gone_on_with() {
    let shell = fleet(1_000).await;
    let words = ["--car", CAR, "--output", "a.csv", "--paid", "nopaid"];
    let resume = [&words[..], &["--resume"]].concat();
    break_after(&shell, 4, GARBAGE);
    export(&shell, &words).assert_code(8);
    shell.sandbox.clear_faults();
    let before = shell.read("a.csv.partial");

    // Another filter, another form, another server.
    let other = [&["--car", CAR, "--output", "a.csv", "--resume"][..], &["--paid", "all"]].concat();
    export(&shell, &other).assert_code(2).assert_says(&["of another list"]);
    assert_eq!(shell.read("a.csv.partial"), before);

    // One of the fines at the head is paid, and all others move up.
    let invoice = invoice_for(&shell, "1000000007");
    shell.sandbox.shtrafovnet().pay_invoice(invoice);
    let done = export(&shell, &resume);
    done.assert_code(2).assert_says(&["the list has changed", "without --resume starts over"]);
    assert!(!shell.files().contains(&"a.csv".to_owned()));
    export(&shell, &words).assert_code(0);
    let mut expected = whole(1_000);
    expected.remove(7);
    assert_eq!(ids_of_table(&shell.read("a.csv")), expected);
}

/// An invoice for a fine of the fleet; when it is paid, the fine leaves the list of unpaid ones.
fn invoice_for(shell: &Shell, fine: &str) -> u64 {
    #[rustfmt::skip]
    let invoice = shell.shtrafovnet_json(&[
        "invoices", "create", "--user", Shtrafovnet::FLEET, "--fine", fine, "--surname", "Иванов",
        "--name", "Алексей", "--patronymic", "Петрович", "--success-url", "http://x.ru/",
        "--fail-url", "http://x.ru/",
    ]);
    shell.sandbox.shtrafovnet().set_invoice_seconds(0);
    invoice["id"].as_str().expect("text").parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_gets_shorter_on_the_way_is_written_whole() {
    let shell = fleet(1_000).await;
    // Held up while the list is changed: a failure after that cannot be gone on with.
    for (broken, code) in [(false, 0), (true, 8)] {
        let delay = Fault::new(FaultKind::Delay { millis: 700 });
        shell.sandbox.inject(delay.path("/shtrafovnet/latest/webmasters/cars").skip(3).times(1));
        if broken {
            break_after(&shell, 6, GARBAGE);
        }
        let invoice = invoice_for(&shell, if broken { "1000000008" } else { "1000000007" });
        shell.sandbox.clear_requests();
        let output = if broken { "b.csv" } else { "a.csv" };
        let words = ["fines", "export", "--car", CAR, "--output", output, "--paid", "nopaid"];
        let mut command = shell.shtrafovnet_command(&words);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let child = command.spawn().expect("ruapi starts");
        while shell.asked("GET", "/fines") < 4 {
            tokio::task::yield_now().await;
        }
        shell.sandbox.shtrafovnet().pay_invoice(invoice);
        let done = Done::from(child.wait_with_output().expect("its end"));
        done.assert_code(code);
        if broken {
            done.assert_says(&["the same command without --resume starts over"]);
        }
        shell.sandbox.clear_faults();
    }
    let mut ids = ids_of_table(&shell.read("a.csv"));
    ids.sort_unstable();
    assert_eq!(ids, whole(1_000));
    assert_eq!(shell.files(), ["a.csv"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_what_did_not_begin() {
    let shell = fleet(10).await;
    for (words, code) in [
        (&["--car", "1", "--output", "a.csv"][..], 4),
        (&["--car", CAR, "--output", "a.txt"], 2),
        (&["--car", CAR, "--output", "no/a.csv"], 2),
        (&["--car", "5", "--car", "9", "--output", "a.csv"], 2),
        (&["--output", "a.csv"], 2),
    ] {
        export(&shell, words).assert_code(code);
        assert_eq!(shell.files(), [""; 0], "{words:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_stops_it_at_once() {
    use std::process::{Command, Stdio};
    let shell = fleet(2_000).await;
    let stall = Fault::new(FaultKind::Stall { processed: false });
    shell.sandbox.inject(stall.path("/shtrafovnet/latest/webmasters/cars").skip(4));
    let words = ["fines", "export", "--car", CAR, "--output", "a.csv"];
    let mut command = shell.shtrafovnet_command(&words);
    let child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ruapi starts");
    shell.sandbox.wait_until_stalled(1).await;
    while !shell.files().contains(&"a.csv.resume".to_owned()) {
        tokio::task::yield_now().await;
    }
    let second = export(&shell, &["--car", CAR, "--output", "a.csv"]);
    second.assert_code(2).assert_says(&["is being written by another ruapi"]);
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
    let done = Done::from(child.wait_with_output().expect("its end"));
    done.assert_code(130).assert_says(&["stopped by Ctrl-C", "--resume"]);
    shell.sandbox.clear_faults();
    shell.shtrafovnet(&[&words[..], &["--resume"]].concat()).assert_code(0);
    assert_eq!(ids_of_table(&shell.read("a.csv")), whole(2_000));
}

fn updates(shell: &Shell, words: &[&str]) -> Done {
    shell.shtrafovnet(&[&["fines", "updates", "--cursor", "cursor"], words].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_run_gives_what_is_new() {
    let shell = fleet(500).await;
    let json = ["--car", CAR, "--format", "json"];
    let since = [&json[..], &["--since", "2025-01-01 00:05:00"]].concat();
    assert_eq!(ids_of_lines(&updates(&shell, &since).assert_code(0).stdout), whole(500)[150..]);
    assert_eq!(updates(&shell, &json).assert_code(0).stdout, "");
    assert_eq!(updates(&shell, &["--car", CAR]).assert_code(0).stdout, "Nothing new\n");
    shell.sandbox.shtrafovnet().set_fleet_fines(1_200);
    assert_eq!(ids_of_lines(&updates(&shell, &json).assert_code(0).stdout), whole(1_200)[500..]);
    shell.sandbox.shtrafovnet().set_fleet_fines(1_201);
    let done = updates(&shell, &["--car", CAR]);
    assert!(done.assert_code(0).stdout.starts_with("new "), "{done:?}");
    assert_eq!(shell.files(), ["cursor"]);

    let done = updates(&shell, &since);
    done.assert_code(2).assert_says(&["--since is for the first run"]);
    let done = updates(&shell, &["--user", Shtrafovnet::FLEET]);
    done.assert_code(2).assert_says(&["another user, car or server"]);
    shell.write("cursor", "precious");
    updates(&shell, &json).assert_code(2).assert_says(&["not a cursor"]);
    assert_eq!(shell.read("cursor"), "precious");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_nothing_is_missed() {
    let shell = fleet(1_000).await;
    let json = ["--car", CAR, "--format", "json"];
    break_after(&shell, 3, GARBAGE);
    let done = updates(&shell, &json);
    let error = done.assert_code(8).json_error();
    assert!(error["advice"].as_str().expect("advice").contains("cursor was not moved"), "{error}");
    assert!(!done.stdout.is_empty());
    assert_eq!(shell.files(), [""; 0]);
    shell.sandbox.clear_faults();
    assert_eq!(ids_of_lines(&updates(&shell, &json).assert_code(0).stdout), whole(1_000));

    // Nor if nobody reads what is printed.
    shell.sandbox.shtrafovnet().set_fleet_fines(5_000);
    let cursor = shell.read("cursor");
    let mut command =
        shell.shtrafovnet_command(&["fines", "updates", "--cursor", "cursor", "--car", CAR]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("ruapi starts");
    drop(child.stdout.take());
    let done = Done::from(child.wait_with_output().expect("its end"));
    done.assert_code(1).assert_says(&["the cursor was not moved"]);
    assert_eq!(shell.read("cursor"), cursor);
    let found = ids_of_lines(&updates(&shell, &json).assert_code(0).stdout);
    assert_eq!(found, whole(5_000)[1_000..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_ends_a_list() {
    let shell = fleet(100_000).await;
    let mut command = shell.shtrafovnet_command(&["cars", "fines", CAR]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("ruapi starts");
    drop(child.stdout.take());
    let done = Done::from(child.wait_with_output().expect("its end"));
    assert_eq!(done.assert_code(0).stderr, "");
    assert!(shell.sandbox.requests_total() < 20);
}
