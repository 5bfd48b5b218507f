//! Tables of cars: outcomes, order, stops.

mod common;

use common::{Done, Shell, kill};
use ruapi_sandbox::{Fault, FaultKind, Nsso};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn every_row_has_its_line() {
    let shell = Shell::new().await;
    let good = Nsso::fleet_plate(7);
    let table = format!(
        "\u{feff}№;Гос. номер;модель\r\n1;А111АА11;Solaris\r\n2;\"a 111 aa 11\";\"a \"\"b\"\";\r\nc\"\r\n\r\n\
         3;А111ЯА11;x\r\n4\r\n5;;x\r\n6;{good};x"
    );
    shell.write("in.csv", table);
    let done = shell.bulk(&["--concurrency", "1", "--date", "26.08.2025", "--all"]);
    done.assert_code(2);
    done.assert_says(&[
        "6 rows: 3 answered, 3 refused, 0 not sent, 0 unknown",
        "Cost 2.25, balance 14698.5",
    ]);
    assert_eq!(done.stdout, "");
    assert_eq!(shell.sandbox.nsso().billed_for("А111АА11"), 2);
    assert_eq!(shell.sandbox.nsso().billed_for(&good), 1);

    let mut lines = shell.lines();
    lines.sort_by_key(|line| line["row"].as_u64());
    let inputs: Vec<_> = lines.iter().map(|line| line["input"].as_str()).collect();
    let expected = ["А111АА11", "a 111 aa 11", "А111ЯА11", "", "", &good];
    assert_eq!(inputs, expected.map(Some));
    for line in &lines {
        assert_eq!((&line["date"], &line["all"]), (&json!("2025-08-26"), &json!(true)));
    }
    assert_eq!(lines[0]["outcome"], "answered");
    assert_eq!(lines[0]["answer"]["inquiry"]["balance"], 14700);
    assert_eq!(lines[0]["answer"]["filters"]["onlyActual"], 0);
    assert_eq!(
        lines[2]["error"],
        json!({
            "kind": "input",
            "code": null,
            "message": "plate, character 5 'Я': expected one of the letters АВЕКМНОРСТУХ",
            "status": null,
            "attempts": 0,
            "maybe_processed": false,
        })
    );
    assert_eq!(lines[3]["error"]["message"], "the row ends before the column of plates");
    assert_eq!(shell.files(), ["in.csv", "out.jsonl"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_in_json_is_all_there_is_on_stdout() {
    let shell = Shell::new().await;
    shell.write_fleet(5);
    let done = shell.bulk(&["--format", "json"]);
    assert_eq!(
        done.assert_code(0).json(),
        json!({
            "rows": 5, "answered": 5, "refused": 0, "not_sent": 0, "unknown": 0, "skipped": 0,
            "cost": 3.75, "balance": 14697,
        })
    );
    assert_eq!(done.stderr, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_and_delimiters() {
    let shell = Shell::new().await;
    for (table, column) in [
        ("plate\nА111АА11\n", None),
        ("anything\nА111АА11\n", None),
        ("id,gosNumber\nx,А111АА11\n", None),
        ("id\tГОСНОМЕР\nx\tА111АА11\n", None),
        ("plate;other\nx;А111АА11\n", Some("Other")),
    ] {
        shell.write("in.csv", table);
        let words: Vec<&str> = column.into_iter().flat_map(|name| ["--column", name]).collect();
        shell.bulk(&words).assert_code(0);
        assert_eq!(shell.count("answered"), 1, "{table:?}");
        std::fs::remove_file(shell.path("out.jsonl")).expect("removed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gravest_outcome_is_the_exit_code() {
    let shell = Shell::new().await;
    shell.write("in.csv", "plate\nА001АА11\nА002АА11\nX\n");
    shell.sandbox.inject(Fault::new(FaultKind::api_error("404")).times(1));
    shell.bulk(&[]).assert_code(6);
    shell.sandbox.inject(Fault::new(FaultKind::Garbage { processed: true }).times(1));
    shell.bulk(&[]).assert_code(8);
    // The row with the garbage stays unknown, and only the plate that is none is left.
    let done = shell.bulk(&[]);
    done.assert_code(7).assert_says(&["--retry-unknown"]);
    shell.assert_nothing_billed_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_understood_stands_in_its_line() {
    let shell = Shell::new().await;
    shell.write_fleet(2);
    shell.sandbox.inject(Fault::new(FaultKind::Truncate { bytes: 60 }).times(1));
    let done = shell.bulk(&["--concurrency", "1"]);
    done.assert_code(8);
    let lines = shell.lines();
    assert_eq!(lines[0]["error"]["kind"], "decode");
    let body = lines[0]["body"].as_str().expect("a text");
    assert!(body.starts_with(r#"{"status":200,"#) && !done.stderr.contains("status"), "{body}");
    assert_eq!(lines[1].get("body"), None);
    // The same command again reads such a line, and leaves it.
    shell.bulk(&[]).assert_code(7);
    assert_eq!(shell.lines(), lines);
}

/// What a server may answer to a query that it bills.
fn answer(body: &str) -> Fault {
    Fault::new(FaultKind::Status {
        status: 200,
        retry_after: None,
        body: body.to_owned(),
        content_type: "application/json".to_owned(),
        processed: true,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_the_document_does_not_know_stands_in_its_line() {
    let shell = Shell::new().await;
    shell.write_fleet(1);
    let body = r#"{"error":"77","message":"NEW","result":[{"policy":{"PolicyNumber":"X1"}}]}"#;
    shell.sandbox.inject(answer(body));
    shell.bulk(&[]).assert_code(7);
    let line = &shell.lines()[0];
    assert_eq!((&line["outcome"], &line["body"]), (&json!("unknown"), &json!(body)));
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_beyond_all_sums_lose_no_answer() {
    let shell = Shell::new().await;
    shell.write_fleet(3);
    let price = r#"{"status":200,"count":0,"result":[],"filters":{},
        "inquiry":{"price":40000000000000000000000000000}}"#;
    shell.sandbox.inject(answer(price));
    let done = shell.bulk(&["--concurrency", "1"]);
    done.assert_code(0).assert_says(&["3 answered", "Cost 79228162514264337593543950335"]);
    assert_eq!(shell.count("answered"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_money_the_rest_is_not_sent() {
    let shell = Shell::new().await;
    shell.write_fleet(10);
    let nsso = shell.sandbox.nsso();
    nsso.set_balance(3.0 * 0.75);
    nsso.set_credit(0.0);
    let done = shell.bulk(&["--concurrency", "1"]);
    done.assert_code(5);
    done.assert_says(&["TOKEN_NO_MONEY", "10 rows: 3 answered, 1 refused, 6 not sent, 0 unknown"]);
    assert_eq!(shell.sandbox.requests_total(), 4);
    let lines = shell.lines();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[9]["error"]["code"], "498");
    assert_eq!(lines[9]["error"]["attempts"], 0);
    assert_eq!(shell.files(), ["in.csv", "out.jsonl"]);

    nsso.set_balance(100.0);
    let done = shell.bulk(&[]);
    done.assert_code(0).assert_says(&["7 answered", "3 skipped", "Cost 5.25"]);
    assert_eq!(shell.count("answered"), 10);
    assert_eq!(nsso.billed(), 10);
    shell.assert_nothing_billed_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_refused_token_the_rest_is_not_sent() {
    let mut shell = Shell::new().await;
    shell.write_fleet(6);
    shell.token = Nsso::error_token(503);
    let done = shell.bulk(&["--concurrency", "2", "--format", "json"]);
    let error = done.assert_code(3).json_error();
    assert_eq!(error["code"], "503");
    // The second may be under way when the first is refused, or may not be sent any more.
    let sent = shell.sandbox.requests_total();
    assert!((1..=2).contains(&sent), "{sent}");
    assert_eq!(done.json()["not_sent"], 6 - sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_wrong_address_the_rest_is_not_sent() {
    let json = r#"{"error":404,"message":"Not Found"}"#;
    for (status, body, first) in
        [(404, json, "unknown"), (405, json, "unknown"), (410, "<html>Gone</html>", "refused")]
    {
        let shell = Shell::new().await;
        shell.write_fleet(6);
        let gateway = FaultKind::Status {
            status,
            retry_after: None,
            body: body.to_owned(),
            content_type: "text/plain".to_owned(),
            processed: false,
        };
        shell.sandbox.inject(Fault::new(gateway));
        let done = shell.bulk(&["--concurrency", "1"]);
        done.assert_says(&["5 not sent", "error: "]);
        assert_eq!(shell.sandbox.requests_total(), 1, "{status}");
        assert_eq!(shell.outcomes()[&1], first, "{status}");
        shell.sandbox.clear_faults();
        shell.bulk(&[]);
        shell.assert_nothing_billed_twice();
        assert!(shell.count("answered") >= 5, "{status}");
    }

    // The API's own word is about one query.
    let shell = Shell::new().await;
    shell.write_fleet(6);
    let busy = FaultKind::Status {
        status: 404,
        retry_after: None,
        body: r#"{"error":404,"message":"TIME_MAX_CONNECT"}"#.to_owned(),
        content_type: "application/json".to_owned(),
        processed: false,
    };
    shell.sandbox.inject(Fault::new(busy).times(1));
    let done = shell.bulk(&["--concurrency", "1"]);
    done.assert_code(6).assert_says(&["5 answered, 1 refused, 0 not sent"]);
}

/// The queries under way are all recorded, so nothing is open.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_changed_meanwhile_costs_no_more_than_it_says() {
    let shell = Shell::new().await;
    // More than is read at once.
    let note = "x".repeat(4000);
    let rows: String = (0..300).map(|car| format!("{},{note}\n", Nsso::fleet_plate(car))).collect();
    shell.write("in.csv", format!("plate,note\n{rows}"));
    shell.sandbox.inject(Fault::new(FaultKind::Delay { millis: 3 }));
    let mut command = shell.bulk_command(&["--concurrency", "4", "--format", "json"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("spawned");
    while shell.sandbox.requests_total() == 0 {
        tokio::task::yield_now().await;
    }
    shell.write("in.csv", "plate,note\n");
    let output = child.wait_with_output().expect("its end");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{said}");
    let error: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert!(error["message"].as_str().expect("text").contains("was changed while"), "{said}");
    assert_eq!((&error["maybe_processed"], &error["advice"]), (&json!(false), &json!(null)));
    assert_eq!(shell.count("answered") as u64, shell.sandbox.nsso().billed());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_on_one_output_are_refused() {
    let shell = Shell::new().await;
    shell.write_fleet(2);
    shell.sandbox.inject(Fault::new(FaultKind::Stall { processed: false }));
    let first = shell.spawn_bulk(&[]);
    shell.sandbox.wait_until_stalled(2).await;
    let second = shell.bulk(&[]);
    second.assert_code(2).assert_says(&["out.jsonl is being written by another ruapi"]);
    assert_eq!(shell.sandbox.requests_total(), 2);
    kill(first);
}

#[cfg(unix)]
mod interrupted {
    use super::common::signal;
    use super::*;
    use std::io::{BufRead, BufReader};

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_under_way_is_finished() {
        for name in ["-INT", "-TERM", "-HUP"] {
            what_is_under_way_is_finished_after(name).await;
        }
    }

    async fn what_is_under_way_is_finished_after(name: &str) {
        let shell = Shell::new().await;
        shell.write_fleet(9);
        shell.sandbox.inject(Fault::new(FaultKind::Delay { millis: 700 }));
        let child = shell.spawn_bulk(&["--concurrency", "2"]);
        while shell.sandbox.in_flight() < 2 {
            tokio::task::yield_now().await;
        }
        signal(&child, name);
        let done = Done::from(child.wait_with_output().expect("its end"));
        done.assert_code(130).assert_says(&[
            "stopping: waiting for the queries under way",
            "9 rows: 2 answered, 0 refused, 7 not sent, 0 unknown",
        ]);
        assert_eq!(shell.outcomes().len(), 9);
        assert_eq!(shell.sandbox.requests_total(), 2);

        shell.sandbox.clear_faults();
        shell.bulk(&[]).assert_code(0).assert_says(&["7 answered", "2 skipped"]);
        assert_eq!(shell.count("answered"), 9);
        shell.assert_nothing_billed_twice();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_second_ctrl_c_quits_at_once() {
        let shell = Shell::new().await;
        shell.write_fleet(5);
        shell.sandbox.inject(Fault::new(FaultKind::Stall { processed: true }));
        let mut child = shell.spawn_bulk(&["--concurrency", "2"]);
        shell.sandbox.wait_until_stalled(2).await;
        signal(&child, "-INT");
        let mut notice = String::new();
        let stderr = child.stderr.take().expect("stderr");
        BufReader::new(stderr).read_line(&mut notice).expect("a line");
        assert!(notice.starts_with("stopping: "), "{notice:?}");
        signal(&child, "-INT");
        assert_eq!(child.wait().expect("its end").code(), Some(130));

        shell.sandbox.clear_faults();
        shell.bulk(&[]).assert_code(7).assert_says(&["3 answered", "2 unknown"]);
        shell.assert_nothing_billed_twice();
    }
}
