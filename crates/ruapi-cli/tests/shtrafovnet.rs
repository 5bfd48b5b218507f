//! `ruapi shtrafovnet`: every command, for people and in JSON.

mod common;

use common::{Shell, ruapi, run};
use ruapi_sandbox::Shtrafovnet;
use ruapi_sandbox::shtrafovnet::ScanOutcome;
use serde_json::json;

const PAYER: &str = Shtrafovnet::PAYER;
const PERSON: [&str; 6] =
    ["--surname", "Иванов", "--name", "Алексей", "--patronymic", "Алексеевич"];
const URLS: [&str; 4] =
    ["--success-url", "http://example.ru/success", "--fail-url", "http://example.ru/fail"];
const QUICKLY: [&str; 5] = ["--wait", "--wait-first", "0.01", "--wait-every", "0.01"];

#[tokio::test(flavor = "multi_thread")]
async fn the_account() {
    let shell = Shell::new().await;
    let account = shell.shtrafovnet_json(&["account", "show"]);
    assert_eq!((&account["id"], &account["last_name"]), (&json!("777"), &json!("Иванов")));
    let done = shell.shtrafovnet(&["account", "show"]);
    assert!(done.assert_code(0).stdout.starts_with("user@test.ru (777): new\n"), "{done:?}");
    assert!(!done.stdout.contains("secret-string"), "{done:?}");

    let words = ["account", "update", "--first-name", "Пётр", "--phone", "79005550000"];
    let account = shell.shtrafovnet_json(&words);
    assert_eq!((&account["first_name"], &account["last_name"]), (&json!("Пётр"), &json!("Иванов")));
    let by_password = shell.shtrafovnet_json(&["account", "show", "--account-by-password"]);
    assert_eq!(by_password["phone"], "79005550000");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_come_from_the_environment_or_a_file() {
    let shell = Shell::new().await;
    let register = [
        "account",
        "register",
        "new@test.ru",
        "--company",
        "Best Service",
        "--url",
        "https://example.com",
    ];
    let mut command = shell.shtrafovnet_command(&register);
    let done = run(command.env("RUAPI_SHTRAFOVNET_PASSWORD", "its-password"));
    assert!(done.assert_code(0).stdout.starts_with("new@test.ru"), "{done:?}");
    assert_eq!(shell.sandbox.shtrafovnet().mail().len(), 1);
    // The link in the letter was not opened yet.
    let mut command = shell.shtrafovnet_command(&["account", "show"]);
    command.env("RUAPI_SHTRAFOVNET_EMAIL", "new@test.ru");
    run(command.env("RUAPI_SHTRAFOVNET_PASSWORD", "its-password")).assert_code(3);

    shell.write("new", "another-password\n");
    shell.shtrafovnet(&["account", "update", "--new-password-file", "new"]).assert_code(0);
    shell.shtrafovnet(&["account", "show"]).assert_code(3);
    let done = shell.shtrafovnet(&["account", "show", "--password-file", "new"]);
    done.assert_code(0);
    let mut command = shell.shtrafovnet_command(&["account", "update", "--new-password"]);
    let done = run(command.env("RUAPI_SHTRAFOVNET_PASSWORD", "another-password"));
    done.assert_code(3).assert_says(&["RUAPI_SHTRAFOVNET_NEW_PASSWORD"]);
    command.env("RUAPI_SHTRAFOVNET_NEW_PASSWORD", Shtrafovnet::PASSWORD);
    run(&mut command).assert_code(0);
    shell.shtrafovnet(&["account", "show"]).assert_code(0);

    let done = shell.shtrafovnet(&["account", "reset-password"]);
    assert!(done.assert_code(0).stdout.contains("New password"), "{done:?}");
    shell.shtrafovnet(&["account", "show"]).assert_code(3);
    let done = shell.shtrafovnet(&["account", "reset-password", "nobody@test.ru"]);
    assert!(matches!(done.code, Some(4 | 5)), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_refused_is_sent_once() {
    let shell = Shell::new().await;
    for words in
        [&["users", "list"][..], &["fines", "export", "--car", "1212", "--output", "a.csv"]]
    {
        shell.sandbox.clear_requests();
        let mut command = shell.shtrafovnet_command(words);
        let done = run(command.env("RUAPI_SHTRAFOVNET_PASSWORD", "planted-wrong-password"));
        done.assert_code(3);
        assert!(!format!("{done:?}").contains("planted"), "{done:?}");
        assert_eq!(shell.asked("POST", "/tokens"), 1);
        assert_eq!(shell.sandbox.requests_total(), 1);
        assert_eq!(shell.files(), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens() {
    let shell = Shell::new().await;
    let done = shell.shtrafovnet(&["token", "create", "--show"]);
    let token = done.assert_code(0).stdout.trim().to_owned();
    assert_eq!(token.split('.').count(), 3);
    let shown = shell.shtrafovnet_json(&["token", "create", "--show"]);
    assert!(shown["token"].is_string());

    let done = shell.shtrafovnet(&["token", "create", "--output", "token"]);
    assert_eq!(done.assert_code(0).stdout, "");
    let written = shell.read("token");
    assert!(!format!("{done:?}").contains(written.trim()), "{done:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(shell.path("token")).expect("the file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
    // It serves in place of e-mail and password, but makes no other tokens.
    let issued = shell.sandbox.shtrafovnet().tokens_issued();
    shell.shtrafovnet(&["users", "list", "--token-file", "token"]).assert_code(0);
    let done = shell.shtrafovnet(&["token", "create", "--show", "--token-file", "token"]);
    done.assert_code(3).assert_says(&["a token is not enough"]);
    assert_eq!(shell.sandbox.shtrafovnet().tokens_issued(), issued);
    let done = shell.shtrafovnet(&["token", "create"]);
    done.assert_code(2).assert_says(&["--output", "--show"]);
    let done = shell.shtrafovnet(&["token", "create", "--output", "no/such/folder"]);
    done.assert_code(1);
    assert_eq!(shell.sandbox.shtrafovnet().tokens_issued(), issued);

    let mut command = ruapi(&["shtrafovnet", "users", "list"]);
    command.args(["--base-url", &shell.sandbox.shtrafovnet_url()]);
    run(command.env("RUAPI_SHTRAFOVNET_TOKEN", written.trim())).assert_code(0);
    run(command.env("RUAPI_SHTRAFOVNET_TOKEN", "unknown.token")).assert_code(3);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_share_a_cached_token() {
    let shell = Shell::new().await;
    let cached = ["users", "list", "--token-cache", "cache"];
    for _ in 0..3 {
        shell.shtrafovnet(&cached).assert_code(0);
    }
    assert_eq!(shell.sandbox.shtrafovnet().tokens_issued(), 1);
    shell.sandbox.shtrafovnet().revoke_all_tokens();
    shell.shtrafovnet(&cached).assert_code(0);
    assert_eq!(shell.sandbox.shtrafovnet().tokens_issued(), 2);
    assert_eq!(shell.files(), ["cache"]);

    // A typing error must not cost a file.
    shell.write("notes", "precious");
    let done = shell.shtrafovnet(&["users", "list", "--token-cache", "notes"]);
    done.assert_code(2).assert_says(&["no token cache"]);
    assert_eq!(shell.read("notes"), "precious");
    let done = shell.shtrafovnet(&["users", "list", "--token-cache", "no/cache"]);
    done.assert_code(2).assert_says(&["folder"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn users() {
    let shell = Shell::new().await;
    let words =
        ["users", "create", "driver@example.com", "--username", "Driver", "--last-name", "Тестов"];
    let user = shell.shtrafovnet_json(&words);
    assert_eq!((&user["username"], &user["status"]), (&json!("Driver"), &json!("new")));
    let again = shell.shtrafovnet(&words);
    again.assert_code(5).assert_says(&["email: This value is already used."]);

    let fields = ["--fcm-token", "app", "--phone", "79005550000"];
    let user =
        shell.shtrafovnet_json(&[&["users", "update", "driver@example.com"], &fields[..]].concat());
    assert_eq!((&user["fcm_token"], &user["last_name"]), (&json!("app"), &json!("Тестов")));
    let shown = shell.shtrafovnet_json(&["users", "show", "driver@example.com"]);
    assert_eq!(shown["phone"], "79005550000");

    let emails = |words: &[&str]| -> Vec<String> {
        let users = shell.shtrafovnet_list(&[&["users", "list"], words].concat());
        users.iter().map(|user| user["email"].as_str().expect("text").to_owned()).collect()
    };
    assert_eq!(emails(&[]).len(), 4);
    assert_eq!(emails(&["--limit", "2"]).len(), 2);
    assert!(!emails(&["--status", "active"]).contains(&"driver@example.com".to_owned()));
    assert_eq!(emails(&["--status", "new,active"]).len(), 4);
    assert_eq!(emails(&["--status", "ban"]), [""; 0]);
    let done = shell.shtrafovnet(&["users", "list", "--status", "ban"]);
    assert_eq!(done.assert_code(0).stdout, "Nothing found\n");
    let done = shell.shtrafovnet(&["users", "list"]);
    assert!(done.stdout.starts_with("ID ") && done.stdout.contains("Тестов"), "{done:?}");

    let delete = ["users", "delete", "driver@example.com"];
    assert_eq!(shell.shtrafovnet(&delete).assert_code(0).stdout, "Deleted\n");
    shell.shtrafovnet(&["users", "show", "driver@example.com"]).assert_code(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn cars() {
    let shell = Shell::new().await;
    let create = |number: u64| {
        let cert = format!("00000000{number}");
        let words =
            ["cars", "create", "--cert", &cert, "--reg", "а001аа777", "--user", "d@example.com"];
        shell.shtrafovnet(&[&words, &["--format", "json", "--name", "LADA"][..]].concat())
    };
    shell.shtrafovnet(&["users", "create", "d@example.com"]).assert_code(0);
    let car = create(1).assert_code(0).json();
    let id = car["id"].as_str().expect("an identifier");
    assert_eq!((&car["name"], &car["email"]), (&json!("LADA"), &json!("d@example.com")));
    for number in 2..5 {
        create(number).assert_code(0);
    }
    // A user has at most four.
    let fifth = create(5);
    let error = fifth.assert_code(5).json_error();
    assert!(error["fields"]["email"].as_str().expect("a field").contains("more than 4"), "{error}");
    assert_eq!(error["code"], "validation_error");
    assert_eq!(shell.shtrafovnet_list(&["users", "cars", "d@example.com"]).len(), 4);
    let inactive =
        ["users", "cars", "d@example.com", "--status", "inactive", "--status", "archived"];
    assert_eq!(shell.shtrafovnet_list(&inactive).len(), 0);
    // A state, but not one of the filter's.
    let done = shell.shtrafovnet(&["users", "cars", "d@example.com", "--status", "deleted"]);
    done.assert_code(2).assert_says(&["[possible values: new, active, inactive, archived]"]);

    let car = shell.shtrafovnet_json(&["cars", "update", id, "--name", "NIVA"]);
    assert_eq!(car["name"], "NIVA");
    let done = shell.shtrafovnet(&["cars", "show", id]);
    assert!(done.assert_code(0).stdout.contains("Owner         d@example.com"), "{done:?}");
    assert_eq!(shell.shtrafovnet_json(&["cars", "delete", id]), json!({}));
    shell.shtrafovnet(&["cars", "show", id]).assert_code(4);
    shell.shtrafovnet(&["cars", "show", "1"]).assert_code(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_company() {
    let shell = Shell::new().await;
    assert_eq!(shell.shtrafovnet_json(&["company", "show"])["id"], "9267");
    let words = [
        "company",
        "update",
        "--display-name",
        "Best",
        "--affiliate-id",
        "778",
        "--callback-url",
        "http://127.0.0.1:1/postback",
    ];
    let company = shell.shtrafovnet_json(&words);
    assert_eq!((&company["display_name"], &company["affiliate_id"]), (&json!("Best"), &json!(778)));
    let done = shell.shtrafovnet(&["company", "show"]);
    assert!(done.assert_code(0).stdout.starts_with("Best (9267): active\n"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fines_and_their_filters() {
    let shell = Shell::new().await;
    let ids = |words: &[&str]| -> Vec<String> {
        let fines = shell.shtrafovnet_list(words);
        fines.iter().map(|fine| fine["id"].as_str().expect("text").to_owned()).collect()
    };
    assert_eq!(ids(&["users", "fines", PAYER]), ["7", "20", "1231324"]);
    assert_eq!(ids(&["users", "fines", PAYER, "--car", "5,9"]), ["7", "20"]);
    assert_eq!(ids(&["cars", "fines", "5"]), ["7"]);
    assert_eq!(ids(&["users", "fines", PAYER, "--uin", "18810000000000000007"]), ["7"]);
    assert_eq!(ids(&["users", "fines", PAYER, "--paid", "paid"]), [""; 0]);
    let all: [&[&str]; 9] = [
        &["--paid", "nopaid", "--paid", "partpaid"],
        &["--doc", "sts", "--org", "gibdd,ampp,madi,fssp"],
        &["--from", "2025-07-01", "--to", "26.08.2025"],
        &["--updated-from", "2025-07-01"],
        &["--updated-to", "2025-08-26 23:59:59"],
        &["--added-from", "2025-07-01T00:00:00"],
        &["--added-to", "26.08.2025"],
        &["--uin-part", "0000007"],
        &["--field", "amount,pics"],
    ];
    for words in all {
        let found = ids(&[&["cars", "fines", "5"], words].concat());
        assert_eq!(found, ["7"], "{words:?}");
    }
    assert_eq!(ids(&["cars", "fines", "5", "--only", "discount"]), [""; 0]);
    let fine =
        &shell.shtrafovnet_list(&["cars", "fines", "5", "--field", "amount,isPaidMarked"])[0];
    assert_eq!(fine, &json!({"id": "7", "amount": 250, "isPaidMarked": null}));
    let done = shell.shtrafovnet(&["cars", "fines", "5", "--field", "amount,carReg"]);
    assert_eq!(done.assert_code(0).stdout, "id\tamount\tcarReg\n7\t250\tа005аа00\n");

    assert_eq!(shell.shtrafovnet_json(&["fines", "show", "7"])["amount"], 250);
    let done = shell.shtrafovnet(&["fines", "show", "7"]);
    assert!(done.assert_code(0).stdout.contains("To pay        250 rubles"), "{done:?}");
    shell.shtrafovnet(&["fines", "show", "8"]).assert_code(4);

    let page = ["users", "fines", Shtrafovnet::FLEET, "--page", "5"];
    assert_eq!(ids(&page).len(), 200);
    let done = shell.shtrafovnet(&page);
    done.assert_code(0).assert_says(&["page 5 of 5, 1000 in all"]);
    assert_eq!(ids(&["users", "fines", Shtrafovnet::FLEET, "--limit", "450"]).len(), 450);
}

#[tokio::test(flavor = "multi_thread")]
async fn scans() {
    let shell = Shell::new().await;
    let shtrafovnet = shell.sandbox.shtrafovnet();
    let scan = shell.shtrafovnet_json(&["scan", "20"]);
    assert_eq!((&scan["status"], &scan["car"]), (&json!("process"), &json!("20")));
    let id = scan["id"].as_str().expect("an identifier");
    assert_eq!(shell.shtrafovnet_json(&["scan-status", id])["status"], "process");
    let mut limited = [&["scan-status", id], &QUICKLY[..], &["--wait-limit", "0.05"]].concat();
    let done = shell.shtrafovnet(&limited);
    let url = shell.sandbox.shtrafovnet_url();
    let again = format!("ruapi --base-url {url} shtrafovnet scan-status {id} --wait");
    done.assert_code(6).assert_says(&[&again]);
    shell.write("password", Shtrafovnet::PASSWORD);
    let files = ["--password-file", "password", "--token-cache", "cache"];
    let done = shell.shtrafovnet(&[&limited[..], &files].concat());
    done.assert_code(6).assert_says(&[&format!("{again} {}", files.join(" "))]);
    let scan = ["--sandbox", "shtrafovnet", "--v2", "scan", "20"];
    let done = run(&mut ruapi(&[&scan[..], &limited[2..]].concat()));
    let again = "ruapi --sandbox shtrafovnet scan-status 1000 --wait --v2";
    done.assert_code(6).assert_says(&[again]);
    shell.sandbox.clock().advance(chrono::TimeDelta::seconds(61));
    limited.truncate(2);
    let done = shell.shtrafovnet(&[&limited, &QUICKLY[..]].concat());
    assert!(done.assert_code(0).stdout.contains("done"), "{done:?}");
    shell.shtrafovnet(&["scan-status", "9"]).assert_code(4);

    // How it ends is a result, whatever it is.
    shtrafovnet.set_scan_seconds(Some(0));
    for (outcome, status) in
        [(ScanOutcome::Done, "done"), (ScanOutcome::Fail, "fail"), (ScanOutcome::Skip, "skip")]
    {
        shtrafovnet.push_scan_outcome(outcome);
        let scan = shell.shtrafovnet_json(&[&["scan", "9"], &QUICKLY[..]].concat());
        assert_eq!(scan["status"], status);
        shtrafovnet.push_scan_outcome(outcome);
        let done = shell.shtrafovnet(&[&["scan", "9"], &QUICKLY[..]].concat());
        assert!(done.assert_code(0).stdout.contains(&format!(": {status}")), "{done:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_stopped_says_how_to_go_on() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let shell = Shell::new().await;
    let mut command = shell.shtrafovnet_command(&["scan", "20", "--wait"]);
    let mut child = command.stderr(Stdio::piped()).spawn().expect("ruapi starts");
    let stderr = child.stderr.take().expect("stderr");
    let mut lines = BufReader::new(stderr).lines().map(|line| line.expect("a line"));
    assert!(lines.next().expect("a line").starts_with("Scan 1000 of car 20: process"));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
    let rest: Vec<String> = lines.collect();
    assert!(rest.concat().contains("scan-status 1000 --wait"), "{rest:?}");
    assert_eq!(child.wait().expect("its end").code(), Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices() {
    let shell = Shell::new().await;
    let create = |words: &[&str]| {
        let command = [&["invoices", "create", "--user", PAYER], &PERSON[..], &URLS].concat();
        shell.shtrafovnet_json(&[&command, words].concat())
    };
    let invoice = create(&["--fine", "7"]);
    assert_eq!((&invoice["amount"], &invoice["totalAmount"]), (&json!(250), &json!(275)));
    assert_eq!(create(&["--fine", "7,20"])["amount"], 500);
    assert_eq!(create(&["--car", "9"])["amount"], 250);
    assert_eq!(create(&[])["amount"], 1000);
    let words = [&["invoices", "create", "--user", PAYER], &PERSON[..], &URLS].concat();
    let done = shell.shtrafovnet(&words);
    assert!(done.assert_code(0).stdout.contains("Pay at        http://127.0.0.1:"), "{done:?}");

    let id = invoice["id"].as_str().expect("an identifier");
    let show = ["invoices", "show", id];
    assert_eq!(shell.shtrafovnet_json(&show)["status"], "new");
    shell.sandbox.shtrafovnet().set_invoice_seconds(0);
    shell.sandbox.shtrafovnet().pay_invoice(id.parse().expect("a number"));
    let done = shell.shtrafovnet(&[&show, &QUICKLY[..]].concat());
    assert!(
        done.assert_code(0).stdout.starts_with(&format!("Invoice {id}: done (paid)")),
        "{done:?}"
    );
    assert!(done.stdout.contains("Receipt"), "{done:?}");

    let count = |words: &[&str]| shell.shtrafovnet_list(words).len();
    assert_eq!(count(&["invoices", "list"]), 6);
    assert_eq!(count(&["invoices", "list", "--status", "done"]), 1);
    assert_eq!(count(&["invoices", "list", "--status", "done,new", "--user", PAYER]), 6);
    assert_eq!(count(&["invoices", "list", "--user", "fleet@test.ru"]), 0);
    assert_eq!(count(&["users", "invoices", PAYER, "--status", "new"]), 5);
    let done = shell.shtrafovnet(&["invoices", "list", "--limit", "1"]);
    assert_eq!(done.assert_code(0).stdout.lines().count(), 2);
    shell.shtrafovnet(&["invoices", "show", "5"]).assert_code(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn test_notifications() {
    let shell = Shell::new().await;
    for kind in ["postback", "fcm"] {
        let sent = shell.shtrafovnet_json(&["test", "notification", "--fine", "7", "--type", kind]);
        assert_eq!(sent["message"], "Notification created successfully");
    }
    assert_eq!(shell.sandbox.shtrafovnet().notifications_created(), 2);
    let done = shell.shtrafovnet(&["test", "notification", "--fine", "8", "--type", "fcm"]);
    assert!(matches!(done.code, Some(4 | 5)), "{done:?}");
}

#[test]
fn the_embedded_sandbox_needs_nothing() {
    for base in [&[][..], &["--v2"]] {
        let words = [&["--sandbox", "shtrafovnet", "users", "list"], base].concat();
        let done = run(&mut ruapi(&words));
        assert!(done.assert_code(0).stdout.contains("user@test.ru"), "{done:?}");
    }
    for option in
        ["--base-url=http://127.0.0.1/", "--token-file=x", "--password-file=x", "--token-cache=x"]
    {
        let done = run(&mut ruapi(&["--sandbox", "shtrafovnet", "users", "list", option]));
        done.assert_code(2).assert_says(&["cannot be used with --sandbox"]);
    }
}
