//! Input that is refused before anything is sent.

mod common;

use common::{Done, Shell, ruapi, run};
use ruapi_sandbox::Nsso;

/// The command must fail with this code, say all of this, and ask the server nothing.
#[track_caller]
fn assert_refused(shell: &Shell, done: &Done, code: i32, says: &[&str]) {
    done.assert_code(code).assert_says(says);
    assert_eq!(done.stdout, "");
    assert_eq!(shell.sandbox.requests_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_make_no_query() {
    let shell = Shell::new().await;
    let plate = Nsso::EXAMPLE_PLATE;
    let cases: [(&[&str], &[&str]); 16] = [
        (
            &["--plate", "А111ЯА11"],
            &["character 5 'Я'", "expected one of the letters АВЕКМНОРСТУХ"],
        ),
        (&["--plate", "А1О1АА11"], &["character 3 'О'", "expected a digit"]),
        (&["--plate", ""], &["plate: empty"]),
        (&["--policy", "Ж1"], &["policy number, character 1 'Ж'"]),
        (&[], &["--plate", "--policy", "--input"]),
        (&["--plate", plate, "--policy", "X1"], &["cannot be used with"]),
        (&["--plate", plate, "--input", "in.csv"], &["cannot be used with"]),
        (&["--input", "in.csv"], &["--output"]),
        (&["--plate", plate, "--retry-unknown"], &["--input"]),
        (&["--plate", plate, "--date", "2025-8-6"], &["expected YYYY-MM-DD or DD.MM.YYYY"]),
        (&["--plate", plate, "--date", "08/06/2025"], &["expected YYYY-MM-DD or DD.MM.YYYY"]),
        (&["--plate", plate, "--date", "30.02.2025"], &["there is no such day"]),
        (&["--plate", plate, "--timeout", "0"], &["expected seconds"]),
        (&["--plate", plate, "--timeout", "NaN"], &["expected seconds"]),
        (&["--plate", plate, "--format", "xml"], &["--format"]),
        (&["--plate", plate, "--sandbox"], &["--base-url cannot be used with --sandbox"]),
    ];
    for (words, says) in cases {
        assert_refused(&shell, &shell.check(words), 2, says);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_in_json() {
    let shell = Shell::new().await;
    let done = shell.check(&["--plate", "А111ЯА11", "--format", "json"]);
    let error = done.assert_code(2).json_error();
    assert_eq!(error["kind"], "input");
    assert_eq!(error["attempts"], 0);
    for format in [&["--format", "json"][..], &["--format=json"]] {
        let done = run(&mut ruapi(&[&["nsso", "check"], format].concat()));
        let error = done.assert_code(2).json_error();
        assert!(error["message"].as_str().expect("text").contains("--plate"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_that_would_give_the_token_away() {
    for url in ["http://api-cloud.ru/api/", "ftp://127.0.0.1/", "https://u:p@127.0.0.1/", "x"] {
        let mut command = ruapi(&["nsso", "check", "--plate", "А111АА11", "--base-url", url]);
        let done = run(command.env("RUAPI_NSSO_TOKEN", Nsso::TOKEN));
        done.assert_code(2).assert_says(&["base URL"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_cannot_be_right() {
    let mut shell = Shell::new().await;
    shell.token = Nsso::TOKEN[1..].to_owned();
    let done = shell.check(&["--plate", "А111АА11"]);
    assert_refused(&shell, &done, 2, &["expected exactly 32 characters"]);
    let mut command = shell.command(&["nsso", "check", "--plate", "А111АА11"]);
    let done = run(command.env_remove("RUAPI_NSSO_TOKEN"));
    assert_refused(&shell, &done, 3, &["RUAPI_NSSO_TOKEN", "--token-file"]);
    shell.token = String::new();
    let done = shell.check(&["--plate", "А111АА11"]);
    assert_refused(&shell, &done, 3, &["RUAPI_NSSO_TOKEN", "--token-file"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_of_a_table_without_one() {
    let shell = Shell::new().await;
    for option in ["--output=x", "--column=x", "--concurrency=2", "--retry-unknown"] {
        let done = shell.check(&["--plate", "А111АА11", option]);
        assert_refused(&shell, &done, 2, &["--input"]);
    }
    assert_eq!(shell.files(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_wrong_place_is_not_repeated() {
    const TOKEN: &str = "planted0token0planted0token00000";
    let shell = Shell::new().await;
    let long = format!("--{TOKEN}");
    let check = ["nsso", "check", "--plate", "А111АА11"];
    let wrong: [&[&str]; 8] = [
        &["--date", TOKEN],
        &["--format", TOKEN],
        &["--token-file", TOKEN],
        &["--timeout", TOKEN],
        &[&long],
        &[TOKEN],
        &["--input", TOKEN],
        &["--base-url", TOKEN],
    ];
    for words in wrong {
        let done = run(&mut common::ruapi(&[&check, words].concat()));
        assert!(matches!(done.code, Some(2 | 3)), "{words:?}: {done:?}");
        assert!(!format!("{done:?}").contains(TOKEN), "{done:?}");
    }
    let done = run(&mut common::ruapi(&["completions", TOKEN]));
    assert!(!done.assert_code(2).stderr.contains(TOKEN), "{done:?}");
    assert_eq!(shell.sandbox.requests_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_cannot_be_read() {
    let shell = Shell::new().await;
    // "plate\nА111АА11\nМ…" with a Cyrillic М in Windows-1251.
    let cp1251 = [b"plate;x\nA111AA11;1\n".as_slice(), b"\xCC111\xCC\xCC11;2\n"].concat();
    let utf16: Vec<u8> =
        "\u{feff}plate\nА111АА11\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(Vec<u8>, &[&str]); 14] = [
        (b"".to_vec(), &["in.csv is empty"]),
        (b"\xEF\xBB\xBF".to_vec(), &["in.csv is empty"]),
        (b"plate\n".to_vec(), &["no rows"]),
        (b"plate\n\n;;\n\n".to_vec(), &["no rows"]),
        (cp1251.clone(), &["line 3", "CP1251", "iconv -f CP1251 -t UTF-8 in.csv"]),
        ([b"\xEF\xBB\xBF".to_vec(), cp1251].concat(), &["line 3", "CP1251"]),
        (utf16.clone(), &["line 1", "UTF-16LE", "iconv -f UTF-16LE"]),
        (utf16[2..].to_vec(), &["line 1", "not UTF-8"]),
        ("plate\n".encode_utf16().flat_map(u16::to_le_bytes).collect(), &["UTF-16LE"]),
        (b"\xFE\xFF\0p".to_vec(), &["UTF-16BE"]),
        ("А111АА11\nА112АА11\n".into(), &["expected a header"]),
        (b"a\n\"A111AA11\nx\n".to_vec(), &["line 2", "is a quote not closed?"]),
        (
            [b"a\n\"".to_vec(), vec![b'\n'; 1 << 21], b"\"\n".to_vec()].concat(),
            &["line 2", "is a quote not closed?"],
        ),
        (
            [b"a\nA111AA11\n".to_vec(), vec![b'x'; 2 << 20]].concat(),
            &["line 3", "a record without an end"],
        ),
    ];
    for (table, says) in cases {
        shell.write("in.csv", table);
        assert_refused(&shell, &shell.bulk(&[]), 2, says);
        assert_eq!(shell.files(), ["in.csv"]);
    }
    let done = shell.check(&["--input", "nowhere.csv", "--output", "out.jsonl"]);
    assert_refused(&shell, &done, 2, &["nowhere.csv"]);
    let done = shell.check(&["--input", ".", "--output", "out.jsonl"]);
    assert_refused(&shell, &done, 2, &["not a regular file"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_not_there() {
    let shell = Shell::new().await;
    shell.write("in.csv", "id;гос. номер\n1;А111АА11\n");
    let done = shell.bulk(&["--column", "vin"]);
    assert_refused(&shell, &done, 2, &["no column \"vin\"", "\"id\", \"гос. номер\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_that_cannot_be_written() {
    let shell = Shell::new().await;
    shell.write_fleet(2);
    for (output, says) in [("nowhere/out.jsonl", "nowhere/out.jsonl"), (".", "not a regular file")]
    {
        let done = shell.check(&["--input", "in.csv", "--output", output]);
        assert_refused(&shell, &done, 2, &[says]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_of_something_else_are_left_alone() {
    let shell = Shell::new().await;
    shell.write_fleet(2);
    let before = shell.read("in.csv");
    let done = shell.check(&["--input", "in.csv", "--output", "in.csv"]);
    assert_refused(&shell, &done, 2, &["in.csv, line 1", "nothing was changed"]);
    assert_eq!(shell.read("in.csv"), before);
    assert_eq!(shell.files(), ["in.csv"]);

    let plate = Nsso::fleet_plate(0);
    let server = shell.sandbox.nsso_url();
    let line = |row: u64, input: &str| {
        let line = serde_json::json!({"row": row, "input": input, "all": false,
            "server": server, "outcome": "refused"});
        format!("{line}\n")
    };
    for (content, says) in [
        (line(1, "А999АА99").replace("refused", "answered"), "another input"),
        (line(3, &plate), "another input"),
        (line(0, &plate), "another input"),
        (line(1, &plate) + &line(1, &plate), "line 2: the row has a line already"),
        (line(1, &plate) + "{}\n", "line 2: not an outcome"),
        (line(1, &plate) + "{}", "line 2: not an outcome"),
        // Somebody's own file, which is not to be cut because it lacks a last line end.
        ("notes, one line".to_owned(), "line 1: not an outcome"),
        ("\u{0}\u{1}binary".to_owned(), "line 1: not an outcome"),
        (line(1, &plate).replace(&server, "sandbox"), "of sandbox, and now with"),
    ] {
        shell.write("out.jsonl", &content);
        assert_refused(&shell, &shell.bulk(&[]), 2, &[says, "nothing was changed"]);
        assert_eq!(shell.read("out.jsonl"), content);
        assert_eq!(shell.files(), ["in.csv", "out.jsonl"]);
    }
}
