//! A bulk that was killed goes on, and no row is billed twice.

mod common;

use common::{Shell, kill, run};
use ruapi_sandbox::{Fault, FaultKind, Nsso};
use serde_json::json;

const CARS: u64 = 20;

/// Five rows answered and recorded, three killed under way, the rest untouched.
async fn killed() -> Shell {
    let shell = Shell::new().await;
    shell.write_fleet(CARS);
    let stall = FaultKind::Stall { processed: true };
    shell.sandbox.inject(Fault::new(stall).skip(5));
    let child = shell.spawn_bulk(&["--concurrency", "3"]);
    // Three hang at once: so the five before had their places taken again, and are on disk.
    shell.sandbox.wait_until_stalled(3).await;
    kill(child);
    shell.sandbox.clear_faults();
    assert_eq!(shell.count("answered"), 5);
    assert_eq!(shell.sandbox.nsso().billed(), 8);
    shell
}

fn unknown_rows(shell: &Shell) -> Vec<u64> {
    let outcomes = shell.outcomes().into_iter();
    outcomes.filter(|(_, outcome)| outcome == "unknown").map(|(row, _)| row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_no_row_is_billed_twice() {
    let shell = killed().await;
    let done = shell.bulk(&[]);
    done.assert_code(7).assert_says(&["12 answered", "3 unknown", "5 skipped", "--retry-unknown"]);
    assert_eq!(shell.outcomes().len(), CARS as usize);
    assert_eq!(shell.count("answered"), 17);
    assert_eq!(shell.sandbox.nsso().billed(), CARS);
    shell.assert_nothing_billed_twice();
    let unknown = unknown_rows(&shell);
    let line = shell.lines().into_iter().find(|line| line["outcome"] == "unknown");
    assert_eq!(
        line.expect("an unknown row")["error"],
        json!({
            "kind": "interrupted",
            "code": null,
            "message": "the program was killed while this query was under way: it may have been billed",
            "status": null,
            "attempts": 0,
            "maybe_processed": true,
        })
    );

    // Once more: nothing is left to ask.
    let before = shell.read("out.jsonl");
    shell.bulk(&[]).assert_code(7).assert_says(&["0 answered", "3 unknown", "17 skipped"]);
    assert_eq!(shell.read("out.jsonl"), before);
    assert_eq!(shell.sandbox.nsso().billed(), CARS);

    shell.bulk(&["--retry-unknown"]).assert_code(0).assert_says(&["3 answered", "17 skipped"]);
    assert_eq!(shell.outcomes().len(), CARS as usize);
    assert_eq!(shell.count("answered"), CARS as usize);
    let billed = shell.sandbox.nsso().billed_by_subject();
    for row in 1..=CARS {
        let times = if unknown.contains(&row) { 2 } else { 1 };
        assert_eq!(billed[&Nsso::fleet_plate(row - 1)], times, "row {row}");
    }
    assert_eq!(shell.files(), ["in.csv", "out.jsonl"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_asked_again_in_one_go() {
    let shell = killed().await;
    shell.bulk(&["--retry-unknown"]).assert_code(0).assert_says(&["15 answered", "5 skipped"]);
    assert_eq!(shell.count("answered"), CARS as usize);
    assert_eq!(shell.sandbox.nsso().billed(), CARS + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again() {
    let shell = Shell::new().await;
    shell.write_fleet(60);
    shell.sandbox.inject(Fault::new(FaultKind::Delay { millis: 3 }));
    for round in 1..=8 {
        let until = shell.sandbox.requests_total() + round;
        let mut child = shell.spawn_bulk(&["--concurrency", "4"]);
        while shell.sandbox.requests_total() < until {
            assert_eq!(child.try_wait().expect("its state"), None, "it ended by itself");
            tokio::task::yield_now().await;
        }
        kill(child);
        shell.assert_nothing_billed_twice();
    }
    shell.bulk(&[]).assert_code(7);
    assert_eq!(shell.outcomes().len(), 60);
    assert_eq!(shell.count("answered") + shell.count("unknown"), 60);
    assert!(shell.count("answered") > 0);
    shell.assert_nothing_billed_twice();
    for line in shell.lines() {
        let plate = line["input"].as_str().expect("a plate");
        if line["outcome"] == "answered" {
            assert_eq!(shell.sandbox.nsso().billed_for(plate), 1, "{plate}");
        }
    }
}

/// All that can go wrong at once: faults of every kind on the way, and the program killed three times.
#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_rows_with_faults_and_kills() {
    const ROWS: u64 = 2000;
    let shell = Shell::new().await;
    shell.write_fleet(ROWS);
    let cut = |processed, after_bytes| FaultKind::Cut { processed, after_bytes, reset: true };
    let faults = [
        cut(false, 0),
        cut(true, 0),
        cut(true, 50),
        cut(true, 200),
        FaultKind::status(500),
        FaultKind::status(503),
        FaultKind::Html { status: 502, processed: true },
        FaultKind::Truncate { bytes: 80 },
        FaultKind::api_error("888"),
    ];
    for (seed, fault) in (0..).zip(faults) {
        shell.sandbox.inject(Fault::new(fault).probability(0.02, seed));
    }
    for round in 1..=3 {
        let until = round * ROWS / 4;
        let mut child = shell.spawn_bulk(&["--concurrency", "16"]);
        while shell.sandbox.requests_total() < until {
            assert_eq!(child.try_wait().expect("its state"), None, "it ended by itself");
            tokio::task::yield_now().await;
        }
        kill(child);
    }
    shell.bulk(&["--concurrency", "16"]).assert_code(5);

    assert_eq!(shell.outcomes().len() as u64, ROWS, "every row has exactly one outcome");
    shell.assert_nothing_billed_twice();
    for line in shell.lines() {
        let plate = line["input"].as_str().expect("a plate");
        let billed = shell.sandbox.nsso().billed_for(plate);
        match line["outcome"].as_str().expect("an outcome") {
            "answered" => assert_eq!(billed, 1, "{line}"),
            "unknown" => assert!(billed <= 1, "{line}"),
            _ => assert_eq!(billed, 0, "{line}"),
        }
    }
    let (answered, unknown) = (shell.count("answered"), shell.count("unknown"));
    assert!(shell.sandbox.nsso().billed() <= (answered + unknown) as u64);
    assert!(answered > 1000 && unknown > 100, "{answered} answered, {unknown} unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_row_does_not_become_unknown() {
    let shell = Shell::new().await;
    shell.write_fleet(4);
    // Rows 1 and 2 are refused, the next one hangs; started again, row 1 hangs.
    shell.sandbox.inject(Fault::new(FaultKind::api_error("404")).times(2));
    let stall = FaultKind::Stall { processed: true };
    shell.sandbox.inject(Fault::new(stall));
    for stalled in [3, 1] {
        let mut child = shell.spawn_bulk(&["--concurrency", "1"]);
        while shell.sandbox.stalled() == 0 {
            assert_eq!(child.try_wait().expect("its state"), None, "row {stalled}");
            tokio::task::yield_now().await;
        }
        kill(child);
        while shell.sandbox.stalled() > 0 {
            tokio::task::yield_now().await;
        }
    }
    shell.sandbox.clear_faults();
    shell.bulk(&[]).assert_code(7);
    assert_eq!(unknown_rows(&shell), [1, 3]);
    assert_eq!(shell.count("answered"), 2);
    shell.assert_nothing_billed_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn torn_lines_are_cut_off() {
    let shell = killed().await;
    // The last answer was half written, and so was an intent: its query was not sent.
    let output = shell.read("out.jsonl");
    let last = output.trim_end().rfind('\n').expect("lines");
    shell.write("out.jsonl", &output.as_bytes()[..last + 20]);
    let journal = shell.read("out.jsonl.intents");
    let next = journal.lines().count() + 1;
    assert_eq!(next, 9);
    shell.write("out.jsonl.intents", format!("{journal}{next} 0"));

    shell.bulk(&[]).assert_code(7).assert_says(&["12 answered", "4 unknown", "4 skipped"]);
    assert_eq!(shell.outcomes()[&9], "answered");
    assert_eq!(shell.sandbox.nsso().billed(), CARS);
    shell.assert_nothing_billed_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_starting_again_loses_nothing() {
    let shell = killed().await;
    let (cut_output, cut_journal) = (shell.read("out.jsonl"), shell.read("out.jsonl.intents"));
    // A token that is refused: the start is made, and no more is billed.
    let mut with_bad_token = shell.bulk_command(&[]);
    common::run(with_bad_token.env("RUAPI_NSSO_TOKEN", Nsso::error_token(503))).assert_code(3);
    let lines = shell.read("out.jsonl");
    let with_unknown: String = lines
        .lines()
        .filter(|line| line.contains("\"answered\"") || line.contains("\"unknown\""))
        .map(|line| format!("{line}\n"))
        .collect();
    let unknown = unknown_rows(&shell);
    assert_eq!(unknown.len(), 3);
    let of_unknown = |line: &&str| {
        let row = line.split(' ').next().expect("a row");
        unknown.contains(&row.parse().expect("a number"))
    };
    let unknown_intents: String =
        cut_journal.lines().filter(of_unknown).map(|line| format!("{line}\n")).collect();
    let half = with_unknown.strip_suffix("true}}\n").expect("the end of an error");

    for (output, journal, what) in [
        (cut_output.as_str(), cut_journal.as_str(), "before the first step"),
        (half, &cut_journal, "while rows were given their unknown lines"),
        (&with_unknown, &cut_journal, "before the journal was emptied"),
        (&with_unknown, "", "after the journal was emptied"),
        (&with_unknown, &unknown_intents[..9], "while the journal was filled for --retry-unknown"),
        (&with_unknown, &unknown_intents, "before the output was replaced"),
        (&cut_output, &unknown_intents, "after the output was replaced"),
    ] {
        shell.write("out.jsonl", output);
        shell.write("out.jsonl.intents", journal);
        shell.write("out.jsonl.new", "half a line");
        let mut command = shell.bulk_command(&[]);
        common::run(command.env("RUAPI_NSSO_TOKEN", Nsso::error_token(503))).assert_code(3);
        assert_eq!(unknown_rows(&shell), unknown, "{what}");
        assert_eq!(shell.count("answered"), 5, "{what}");
        assert_eq!(shell.outcomes().len(), CARS as usize, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_answer_settles_an_unknown_row() {
    let shell = killed().await;
    shell.bulk(&[]).assert_code(7);
    let unknown = unknown_rows(&shell);
    let mut retry = shell.bulk_command(&["--retry-unknown", "--concurrency", "1"]);
    common::run(retry.env("RUAPI_NSSO_TOKEN", Nsso::error_token(498))).assert_code(5);
    // One was refused and two were not sent, but whether they were billed before is as open as it was.
    assert_eq!(unknown_rows(&shell), unknown);
    assert_eq!(shell.count("answered"), 17);
    shell.bulk(&[]).assert_code(7).assert_says(&["0 answered"]);
    assert_eq!(shell.sandbox.nsso().billed(), CARS);

    // Killed in the middle of asking again.
    shell.sandbox.inject(Fault::new(FaultKind::Stall { processed: false }));
    let child = shell.spawn_bulk(&["--retry-unknown", "--concurrency", "1"]);
    shell.sandbox.wait_until_stalled(1).await;
    kill(child);
    shell.sandbox.clear_faults();
    shell.bulk(&[]).assert_code(7).assert_says(&["0 answered", "3 unknown"]);
    assert_eq!(unknown_rows(&shell), unknown);
    assert_eq!(shell.sandbox.nsso().billed(), CARS);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_not_understood_stays_until_another_one_comes() {
    let shell = Shell::new().await;
    shell.write_fleet(2);
    shell.sandbox.inject(Fault::new(FaultKind::Truncate { bytes: 60 }));
    shell.bulk(&["--concurrency", "1"]).assert_code(8);
    shell.sandbox.clear_faults();
    let lines = shell.lines();
    assert!(lines.iter().all(|line| line["body"].is_string()), "{lines:?}");

    // Refused, or not sent at all.
    let retry = ["--retry-unknown", "--concurrency", "1"];
    for (code, exit_code) in [(498, 5), (503, 3)] {
        let mut retry = shell.bulk_command(&retry);
        let token = Nsso::error_token(code);
        run(retry.env("RUAPI_NSSO_TOKEN", token)).assert_code(exit_code);
        assert_eq!(shell.lines(), lines, "{code}");
    }
    for fault in [FaultKind::api_error("404"), FaultKind::api_error("15")] {
        shell.sandbox.inject(Fault::new(fault.clone()));
        // Neither "try again later" nor "refused": it may have been billed before.
        shell.bulk(&retry).assert_code(7).assert_says(&["0 refused", "2 unknown"]);
        assert_eq!(shell.lines(), lines, "{fault:?}");
        shell.sandbox.clear_faults();
    }

    // Killed when one is answered and the other one under way.
    shell.sandbox.inject(Fault::new(FaultKind::Stall { processed: false }).skip(1));
    let child = shell.spawn_bulk(&retry);
    shell.sandbox.wait_until_stalled(1).await;
    kill(child);
    shell.sandbox.clear_faults();
    assert_eq!(shell.lines()[..2], lines);
    shell.bulk(&[]).assert_code(7).assert_says(&["1 unknown", "1 skipped"]);
    assert_eq!((shell.count("answered"), shell.lines()[0].clone()), (1, lines[1].clone()));

    shell.bulk(&retry).assert_code(0);
    assert_eq!(shell.count("answered"), 2);
    assert_eq!(shell.files(), ["in.csv", "out.jsonl"]);
    assert_eq!(shell.sandbox.nsso().billed(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_to_keep_the_last_error_stands() {
    let shell = Shell::new().await;
    shell.write_fleet(1);
    let cut = |after_bytes| FaultKind::Cut { processed: true, after_bytes, reset: false };
    shell.sandbox.inject(Fault::new(cut(9)).times(1));
    shell.bulk(&[]).assert_code(7);
    assert_eq!(shell.lines()[0]["error"]["kind"], "interrupted");
    shell.sandbox.inject(Fault::new(FaultKind::api_error("404")).times(1));
    shell.bulk(&["--retry-unknown"]).assert_code(7);
    let line = shell.lines()[0].clone();
    let error = &line["error"];
    assert_eq!((&line["outcome"], &error["code"]), (&json!("unknown"), &json!("404")));
    assert_eq!((error["maybe_processed"].as_bool(), shell.outcomes().len()), (Some(true), 1));

    // Another answer that is not understood takes the place of the last one.
    for bytes in [60, 70] {
        shell.sandbox.inject(Fault::new(FaultKind::Truncate { bytes }).times(1));
        shell.bulk(&["--retry-unknown"]).assert_code(8);
        let body = shell.lines()[0]["body"].as_str().expect("a text").len();
        assert_eq!((body, shell.outcomes().len()), (bytes, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_terms_or_another_input_are_noticed() {
    let shell = killed().await;
    let (output, journal) = (shell.read("out.jsonl"), shell.read("out.jsonl.intents"));
    let requests = shell.sandbox.requests_total();
    let refused = |words: &[&str], says: &str| {
        shell.bulk(words).assert_code(2).assert_says(&[says, "nothing was changed"]);
        assert_eq!(shell.read("out.jsonl"), output);
        assert_eq!(shell.read("out.jsonl.intents"), journal);
        assert_eq!(shell.sandbox.requests_total(), requests);
    };
    refused(&["--all"], "it was asked with no --date, no --all, of http");
    refused(&["--date", "2025-08-26"], "and now with --date 2025-08-26, no --all");
    let table = shell.read("in.csv");
    shell.write("in.csv", table.replace(&Nsso::fleet_plate(0), "А999АА99"));
    refused(&[], "another input");
    // Also where only the journal can tell.
    shell.write("in.csv", table);
    std::fs::remove_file(shell.path("out.jsonl")).expect("removed");
    shell.bulk(&["--all"]).assert_code(2).assert_says(&["out.jsonl.intents, line 1"]);
    assert_eq!(shell.read("out.jsonl.intents"), journal);
    assert_eq!(shell.sandbox.requests_total(), requests);
}

/// An editor or a partial copy may take the last line's end, or more of it.
#[tokio::test(flavor = "multi_thread")]
async fn an_answered_row_is_not_asked_again_because_its_line_was_clipped() {
    for (clipped, answered, unknown) in [(1, 2, 0), (20, 1, 1), (300, 1, 1)] {
        let shell = Shell::new().await;
        shell.write_fleet(2);
        shell.bulk(&["--concurrency", "1"]).assert_code(0);
        let whole = shell.read("out.jsonl");
        let keep = (0..=whole.len() - clipped).rev().find(|at| whole.is_char_boundary(*at));
        shell.write("out.jsonl", &whole[..keep.expect("a boundary")]);
        shell.bulk(&[]).assert_code(if unknown > 0 { 7 } else { 0 });
        assert_eq!((shell.count("answered"), shell.count("unknown")), (answered, unknown));
        assert_eq!(shell.outcomes().len(), 2);
        assert_eq!(shell.sandbox.nsso().billed(), 2, "clipped by {clipped}");
    }
}

/// A disk that is full in the middle of the work, here by a limit on the size of files.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_it_and_loses_nothing() {
    let shell = Shell::new().await;
    shell.write_fleet(200);
    let bulk = shell.bulk_command(&["--concurrency", "4"]);
    let mut limited = std::process::Command::new("bash");
    limited.args(["-c", r#"trap "" XFSZ; ulimit -f 32; exec "$0" "$@""#]);
    limited.arg(bulk.get_program()).args(bulk.get_args());
    limited.env("RUAPI_NSSO_TOKEN", &shell.token).current_dir(shell.directory.path());
    common::run(&mut limited).assert_code(1).assert_says(&["out.jsonl", "File too large"]);

    shell.bulk(&[]).assert_code(7);
    assert_eq!(shell.outcomes().len(), 200);
    assert_eq!(shell.count("answered") + shell.count("unknown"), 200);
    shell.assert_nothing_billed_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_output_does_not_make_rows_fresh() {
    let shell = killed().await;
    std::fs::remove_file(shell.path("out.jsonl")).expect("removed");
    shell.bulk(&[]).assert_code(7).assert_says(&["12 answered", "8 unknown", "0 skipped"]);
    shell.assert_nothing_billed_twice();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn replacing_the_output_keeps_its_link_and_its_mode() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let shell = Shell::new().await;
    shell.write_fleet(3);
    shell.write("real.jsonl", "");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(shell.path("real.jsonl"), private).expect("permissions");
    symlink("real.jsonl", shell.path("out.jsonl")).expect("a link");
    shell.sandbox.inject(Fault::new(FaultKind::api_error("404")).times(1));
    shell.bulk(&[]).assert_code(6);
    shell.bulk(&[]).assert_code(0);
    let link = std::fs::symlink_metadata(shell.path("out.jsonl")).expect("metadata");
    assert!(link.is_symlink());
    let real = std::fs::metadata(shell.path("real.jsonl")).expect("metadata");
    assert_eq!(real.mode() & 0o777, 0o600);
    assert_eq!(shell.count("answered"), 3);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn killed_with_an_output_that_is_a_link_to_nothing_yet() {
    let shell = Shell::new().await;
    shell.write_fleet(CARS);
    std::fs::create_dir(shell.path("data")).expect("a folder");
    std::os::unix::fs::symlink("data/out.jsonl", shell.path("out.jsonl")).expect("a link");
    shell.sandbox.inject(Fault::new(FaultKind::Stall { processed: true }).skip(5));
    let child = shell.spawn_bulk(&["--concurrency", "3"]);
    shell.sandbox.wait_until_stalled(3).await;
    kill(child);
    shell.sandbox.clear_faults();

    shell.bulk(&[]).assert_code(7).assert_says(&["12 answered", "3 unknown", "5 skipped"]);
    assert!(std::fs::symlink_metadata(shell.path("out.jsonl")).expect("a link").is_symlink());
    shell.assert_nothing_billed_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cost_nothing_may_be_corrected() {
    let shell = Shell::new().await;
    let (good, other) = (Nsso::fleet_plate(1), Nsso::fleet_plate(2));
    shell.write("in.csv", format!("plate\n{good}\nА111ЯА11\n"));
    let done = shell.bulk(&[]);
    done.assert_code(2).assert_says(&["1 answered, 1 refused", "row 2 is the first without", "Я"]);
    shell.write("in.csv", format!("plate\n{good}\n{other}\n"));
    shell.bulk(&[]).assert_code(0).assert_says(&["1 answered", "1 skipped"]);
    assert_eq!((shell.count("answered"), shell.sandbox.nsso().billed()), (2, 2));

    // What was paid for belongs to its plate.
    shell.write("in.csv", format!("plate\n{other}\n{good}\n"));
    shell.bulk(&[]).assert_code(2).assert_says(&["line 1: this row is not in the input"]);
    assert_eq!(shell.sandbox.nsso().billed(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cost_nothing_may_be_corrected_after_a_kill() {
    let shell = Shell::new().await;
    shell.write_fleet(4);
    // Row 2 is refused, row 3 hangs.
    shell.sandbox.inject(Fault::new(FaultKind::api_error("404")).skip(1).times(1));
    shell.sandbox.inject(Fault::new(FaultKind::Stall { processed: true }).skip(1));
    let child = shell.spawn_bulk(&["--concurrency", "1"]);
    shell.sandbox.wait_until_stalled(1).await;
    kill(child);
    shell.sandbox.clear_faults();
    assert_eq!(shell.count("refused"), 1);

    // What was paid for, or may have been, belongs to its plate.
    let table = shell.read("in.csv");
    for row in [1, 3] {
        shell.write("in.csv", table.replace(&Nsso::fleet_plate(row - 1), "А999АА99"));
        shell.bulk(&[]).assert_code(2).assert_says(&["another input", "nothing was changed"]);
    }
    let corrected = Nsso::fleet_plate(10);
    shell.write("in.csv", table.replace(&Nsso::fleet_plate(1), &corrected));
    // The server is the same with a slash at its end.
    let journal = shell.read("out.jsonl.intents");
    shell.write("out.jsonl.intents", journal.replace('\n', "/\n"));
    shell
        .bulk(&["--all"])
        .assert_code(2)
        .assert_says(&["it was asked with", "nothing was changed"]);
    shell.bulk(&[]).assert_code(7).assert_says(&["2 answered", "1 unknown", "1 skipped"]);
    assert_eq!(shell.sandbox.nsso().billed_for(&corrected), 1);
    assert_eq!(unknown_rows(&shell), [3]);
    shell.assert_nothing_billed_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_the_same_with_a_slash_at_its_end() {
    let shell = Shell::new().await;
    shell.write_fleet(2);
    let url = shell.sandbox.nsso_url();
    let url = url.trim_end_matches('/');
    shell.bulk_at(url).assert_code(0).assert_says(&["2 answered"]);
    shell.bulk_at(&format!("{url}/")).assert_code(0).assert_says(&["2 skipped"]);
    assert_eq!(shell.sandbox.nsso().billed(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_is_told_where_nothing_was_sent() {
    let shell = Shell::new().await;
    shell.write_fleet(2);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let done = shell.bulk_at(&nobody);
    done.assert_code(7).assert_says(&["2 not sent", "row 1 is the first without", "refused"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn after_an_outcome_that_cannot_be_written_nothing_is_taken_for_free() {
    let shell = Shell::new().await;
    shell.write_fleet(CARS);
    let bulk = shell.bulk_command(&["--format", "json"]);
    // As on a full disk: files end after a few kilobytes.
    let mut small_disk = std::process::Command::new("sh");
    small_disk.args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh"]);
    small_disk.arg(bulk.get_program()).args(bulk.get_args()).current_dir(shell.path("."));
    small_disk.envs(bulk.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let error = run(&mut small_disk).assert_code(1).json_error();
    assert_eq!((&error["kind"], &error["maybe_processed"]), (&json!("local"), &json!(true)));
    assert!(error["advice"].as_str().is_some_and(|advice| advice.contains("billed")), "{error}");
    let billed = shell.sandbox.nsso().billed();
    assert!((1..CARS).contains(&billed), "{billed}");

    let done = shell.bulk(&[]);
    done.assert_code(7).assert_says(&["may have been billed"]);
    // Whatever was billed is answered or told to be in doubt.
    let (answered, unknown) = (shell.count("answered"), shell.count("unknown"));
    assert_eq!((answered + unknown, unknown > 0), (CARS as usize, true));
    let billed = shell.sandbox.nsso().billed() as usize;
    assert!((answered..=answered + unknown).contains(&billed), "{billed}");
    shell.assert_nothing_billed_twice();
}
