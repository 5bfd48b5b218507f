//! `ruapi osago`: every operation of the partner API, against a partner on the crate's own server.

mod common;
mod osago_partner;

use std::io::Write;
use std::process::Stdio;

use common::{Done, ruapi, run};
use osago_offer::server::Guard;
use osago_partner::{Answer, Asked, Partner, TOKEN};
use serde_json::{Value, json};
use tempfile::TempDir;

const REQUEST: &str = "550e8400-e29b-41d4-a716-446655440000";
const URLS: [&str; 4] =
    ["--success-url", "https://example.com/ok", "--failure-url", "https://example.com/no"];

/// A partner, and a directory to work in.
struct Shell {
    partner: Partner,
    directory: TempDir,
}

impl Shell {
    /// With a calculation of the template in `request.json`.
    fn new(partner: Partner) -> Self {
        let shell = Self { partner, directory: tempfile::tempdir().expect("a directory") };
        let mut request = template();
        request["request_id"] = json!(REQUEST);
        shell.write("request.json", &request.to_string());
        shell
    }

    async fn shop() -> Self {
        Self::new(Partner::shop().await)
    }

    /// One that has calculated already.
    async fn rich(broken: fn(&Asked, &mut Answer)) -> Self {
        let shell = Self::new(Partner::rich(broken).await);
        shell.osago(&["calculate", "request.json"]);
        shell
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).expect("a file written");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.directory.path().join(name)).expect("a file read")
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.directory.path()).expect("a directory").count()
    }

    fn command(&self, words: &[&str]) -> std::process::Command {
        let mut command = ruapi(&[&["osago"], words].concat());
        command.args(["--base-url", &self.partner.url]);
        command.env("RUAPI_OSAGO_TOKEN", TOKEN).current_dir(self.directory.path());
        command
    }

    fn osago(&self, words: &[&str]) -> Done {
        run(&mut self.command(words))
    }

    /// What the command answers in JSON: one line.
    #[track_caller]
    fn json(&self, words: &[&str]) -> Value {
        let done = self.osago(&[words, &["--format", "json"]].concat());
        assert_eq!(done.stderr, "", "{words:?}");
        assert_eq!(done.assert_code(0).stdout.lines().count(), 1);
        done.json()
    }

    fn confirm(&self, words: &[&str]) -> Done {
        self.osago(&[&["confirm", REQUEST], words, &URLS].concat())
    }
}

fn template() -> Value {
    run(&mut ruapi(&["osago", "template", "--format", "json"])).assert_code(0).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_pipes_the_template() {
    let shell = Shell::shop().await;
    let template = run(&mut ruapi(&["osago", "template"]));
    assert!(template.assert_code(0).stdout.contains("  // "), "{template:?}");
    assert_eq!(template.stderr, "");
    let words = ["calculate", "-", "--wait", "--wait-every", "0.01"];
    let mut command = shell.command(&words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("ruapi starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(template.stdout.as_bytes()).expect("read to the end");
    drop(stdin);
    let done = Done::from(child.wait_with_output().expect("ruapi ends"));
    let (title, table) = done.assert_code(0).stdout.split_once('\n').expect("lines");
    assert!(title.starts_with("Calculation ") && title.ends_with(": ready"), "{done:?}");
    assert_eq!(
        table,
        "OFFER     COMPANY   PRODUCT       RUBLES  STATUS   UPSALES\n\
         44234899  Банки.ру  prolongation  7072    CREATED  112234=1 (1480) required\n"
    );
    done.assert_says(&["Calculation ", ": started on 20"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_calculation_to_the_draft() {
    let shell = Shell::shop().await;
    let started = shell.osago(&["calculate", "request.json"]);
    let title = format!("Calculation {REQUEST}: ");
    assert!(started.assert_code(0).stdout.starts_with(&format!("{title}started on ")));
    assert_eq!(started.stderr, "");
    assert_eq!(shell.json(&["calculate", "request.json"])["request_id"], REQUEST);

    let under_way = shell.osago(&["calculation", REQUEST]);
    assert_eq!(under_way.assert_code(0).stdout, format!("{title}under way\n"));
    let words = ["calculation", REQUEST, "--wait", "--wait-every", "0.01"];
    let calculation = shell.json(&words);
    assert_eq!(calculation["status"], "CALCULATION_READY");
    assert_eq!(calculation["offers"][0]["price"], json!(7072));

    let status = shell.osago(&["status", REQUEST]);
    let expected = format!("{title}ready\nOFFER     STATUS\n44234899  CREATED\n");
    assert_eq!(status.assert_code(0).stdout, expected);
    let offers = json!([{"offer_id": "44234899", "offer_status": "CREATED"}]);
    assert_eq!(shell.json(&["status", REQUEST])["offers"], offers);

    let offer = shell.osago(&["offer", REQUEST, "44234899"]);
    let (before, after) = ("Offer 44234899: CREATED", "Offer 44234899: PAYMENT_READY");
    let sheet = "
  Company       Банки.ру
  Product       prolongation
  Price         7072 rubles
  Draft at      https://partner.ru/policy?id=112233
  Upsale        Страхование пассажиров, required
                112234=1, 1480 rubles, Страхование пассажиров, compatibility 1
";
    assert_eq!(offer.assert_code(0).stdout, format!("{before}{sheet}"));
    assert_eq!(shell.json(&["offer", REQUEST, "44234899"]), calculation["offers"][0]);

    let confirmed = shell.confirm(&["44234899", "--upsale", "112234=1"]);
    let link = "  Pay at        https://pay.it/policy?id=112233\n  Upsale";
    let expected = format!("{after}{sheet}").replace("  Upsale", link);
    assert_eq!(confirmed.assert_code(0).stdout, expected);
    assert_eq!(confirmed.stderr, "");
    let words = [&["confirm", REQUEST, "44234899", "--upsale", "112234=1"], &URLS[..]].concat();
    assert_eq!(shell.json(&words)["status"], "PAYMENT_READY");

    let draft = ["draft", REQUEST, "44234899"];
    let not_yet = shell.osago(&[&draft[..], &["-o", "draft.pdf"]].concat());
    not_yet.assert_code(6).assert_says(&["not there yet", "--wait"]);
    assert_eq!((not_yet.stdout.as_str(), shell.files()), ("Draft of 44234899: inProcess\n", 1));
    let ready = shell.osago(&draft);
    let expected =
        "Draft of 44234899: success\n  File          a PDF of 40 bytes; -o FILE.pdf writes it\n";
    assert_eq!(ready.assert_code(0).stdout, expected);
    let file = shell.json(&draft)["file"].clone();
    assert!(file["data"].as_str().is_some_and(|data| data.starts_with("data:application/pdf")));
    let written = shell.osago(&[&draft[..], &["--output", "draft.pdf", "--wait"]].concat());
    assert_eq!(written.assert_code(0).stdout, "Draft of 44234899: success\n");
    written.assert_says(&["a PDF of 40 bytes is in draft.pdf"]);
    assert!(shell.read("draft.pdf").starts_with(b"%PDF-") && shell.files() == 2);

    let policy = ["policy", REQUEST, "44234899"];
    let unpaid = shell.osago(&policy);
    assert_eq!(unpaid.assert_code(0).stdout, "Policy of 44234899: PAYMENT_READY\n");
    let words = ["-o", "policy.pdf", "--wait", "--wait-every", "0.01", "--wait-limit", "0.05"];
    let waited = shell.osago(&[&policy[..], &words].concat());
    let again =
        format!("ruapi --base-url {} osago policy {REQUEST} 44234899 --wait", shell.partner.url);
    waited.assert_code(6).assert_says(&["not finished", &again]);
    assert_eq!((waited.stdout.as_str(), shell.files()), ("", 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_paid() {
    let shell = Shell::rich(|_, _| {}).await;
    shell.confirm(&["2", "--upsale", "100=1", "--upsale", "200=1"]).assert_code(0);
    let done = shell.osago(&["policy", REQUEST, "2", "-o", "policy.pdf", "--format", "json"]);
    assert_eq!(done.json_error()["notice"], "a PDF of 42 bytes is in policy.pdf");
    let policy = done.assert_code(0).json();
    assert_eq!((&policy["status"], &policy["file"]), (&json!("CLOSED_PAID"), &Value::Null));
    assert!(shell.read("policy.pdf").starts_with(b"%PDF-"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(shell.directory.path().join("policy.pdf"));
        assert_eq!(metadata.expect("a file").permissions().mode() & 0o777, 0o600);
    }
    let done = shell.osago(&["policy", REQUEST, "2"]);
    let expected = "Policy of 2: CLOSED_PAID
  From          2026-12-01T00:00:00+03:00
  File          a PDF of 42 bytes; -o FILE.pdf writes it\n";
    assert_eq!(done.assert_code(0).stdout, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn upsales_that_do_not_fit_are_refused_before_anything_is_confirmed() {
    let shell = Shell::rich(|_, _| {}).await;
    for (words, says) in [
        (&["1"][..], "the required upsale 100 is left out"),
        (&["1", "--upsale", "100=9"], "has no option 9"),
        (&["1", "--upsale", "100=1", "--upsale", "100=2"], "more than one option"),
        (&["1", "--upsale", "100=1", "--upsale", "200=3"], "compatibility_id differs"),
        (&["1", "--upsale", "100=1", "--upsale", "7=1"], "no upsale 7"),
        (&["2", "--upsale", "100=1"], "in a reinsurance pool all are obligatory"),
    ] {
        let done = shell.confirm(words);
        done.assert_code(2).assert_says(&["upsales", says]);
        assert_eq!(done.stdout, "");
    }
    assert_eq!(shell.partner.asked("POST osago/offer"), 0);
    let offers = shell.partner.asked("GET osago/offer");
    // By itself, the partner says the same.
    let words = [&["confirm", REQUEST, "1", "--unseen", "--format", "json"], &URLS[..]].concat();
    let error = shell.osago(&words).assert_code(5).json_error();
    assert_eq!(error["fields"]["upsales"], "the required upsale 100 is left out");
    assert_eq!((&error["kind"], &error["status"]), (&json!("input"), &json!(400)));
    assert_eq!(shell.partner.asked("GET osago/offer"), offers);
    shell.confirm(&["1", "--upsale", "100=1", "--unseen"]).assert_code(0);
    assert_eq!(shell.partner.asked("POST osago/offer"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_input_sends_nothing() {
    let shell = Shell::shop().await;
    let changed = |pointer: &str, value: Value| {
        let mut request = template();
        *request.pointer_mut(pointer).expect("a place") = value;
        request.to_string()
    };
    shell.write("uuid.json", &changed("/request_id", json!("7")));
    shell.write("date.json", &changed("/policy_start_date", json!("01.12.2026")));
    shell.write("vin.json", &changed("/vehicle/vin", Value::Null));
    shell.write("type.json", &changed("/vehicle/year", json!("PLANTED")));
    shell.write("drivers.json", &changed("/drivers_info/drivers", json!([])));
    shell.write("broken.json", "{\"request_id\": PLANTED");
    shell.write("list.json", "[]");
    shell.write("huge.json", &format!("{{\"a\": \"{}\"}}", "0".repeat(1 << 20)));
    let cases: [(&[&str], &str); 19] = [
        (&["calculate", "uuid.json"], "request_id: must be a UUID"),
        (&["calculate", "date.json"], "policy_start_date: must be a date and time with a zone"),
        (&["calculate", "vin.json"], "vehicle: needs one of vin, body_number, chassis_number"),
        (&["calculate", "type.json"], "type.json: at `vehicle.year`: expected "),
        (&["calculate", "drivers.json"], "drivers_info.drivers: is missing"),
        (&["calculate", "broken.json"], "broken.json: at `request_id`: expected value"),
        (&["calculate", "list.json"], "list.json: "),
        (&["calculate", "huge.json"], "larger than 1 MiB"),
        (&["calculate"], "FILE|-"),
        (&["calculate", "uuid.json", "--wait-every", "1"], "--wait"),
        (&["calculation", "PLANTED"], "request_id: must be a UUID"),
        (&["status", "PLANTED"], "request_id: must be a UUID"),
        (&["offer", "PLANTED", "1"], "request_id: must be a UUID"),
        (&["offer", REQUEST], "OFFER_ID"),
        (&["draft", "PLANTED", "1", "--wait"], "request_id: must be a UUID"),
        (&["policy", REQUEST, " "], "expected an identifier"),
        (
            &[
                "confirm",
                REQUEST,
                "1",
                "--success-url",
                "https://a.ru/",
                "--failure-url",
                "PLANTED",
            ],
            "return_urls.failure_url: must be a URI",
        ),
        (&["confirm", REQUEST, "1", "--success-url", "https://a.ru/"], "--failure-url"),
        (&["confirm", REQUEST, "1", "--upsale", "PLANTED"], "expected UPSALE=OPTION"),
    ];
    for (words, says) in cases {
        for format in ["human", "json"] {
            let done = shell.osago(&[words, &["--format", format]].concat());
            done.assert_code(2).assert_says(&[says]);
            assert!(!done.stderr.contains("PLANTED") && done.stdout.is_empty(), "{done:?}");
        }
    }
    shell.osago(&["calculate", "none.json"]).assert_code(1).assert_says(&["cannot read none.json"]);
    shell.osago(&["draft", REQUEST, "1", "-o", "none/a.pdf"]).assert_code(1);
    let nowhere = run(&mut ruapi(&["osago", "status", REQUEST]));
    nowhere.assert_code(2).assert_says(&["no partner", "--base-url URL", "--sandbox"]);
    let insecure = ruapi(&["osago", "status", REQUEST, "--base-url", "http://partner.example/"]);
    run(&mut { insecure }).assert_code(2).assert_says(&["http is refused except on loopback"]);
    assert_eq!(shell.partner.requests_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials() {
    let shell = Shell::shop().await;
    let offer = ["offer", REQUEST, "1"];
    let with = |token: Option<&str>, words: &[&str]| {
        let mut command = shell.command(&[&offer[..], words].concat());
        match token {
            Some(token) => command.env("RUAPI_OSAGO_TOKEN", token),
            None => command.env_remove("RUAPI_OSAGO_TOKEN"),
        };
        run(&mut command)
    };
    shell.write("blank", "\n");
    let before: [(Option<&str>, &[&str], i32, &str); 6] = [
        (None, &["--header-name", "X-Api-Key"], 3, "no token for the header"),
        (Some(" "), &[], 3, "the token is empty"),
        (None, &["--token-file", "blank"], 3, "the token is empty"),
        (None, &["--token-file", "PLANTED"], 3, "cannot read the file of --token-file"),
        (Some("PLANTED\n"), &[], 2, "no header can carry"),
        (None, &["--header-name", "a b"], 2, "expected the name of a header"),
    ];
    for (token, words, code, says) in before {
        let done = with(token, words);
        done.assert_code(code).assert_says(&[says]);
        assert!(!done.stderr.contains("PLANTED"), "{done:?}");
    }
    assert_eq!(shell.partner.requests_total(), 0);
    for (token, words) in
        [(None, &[][..]), (Some("PLANTED"), &[]), (Some(TOKEN), &["--header-name", "X-Api-Key"])]
    {
        let done = with(token, words);
        done.assert_code(3).assert_says(&["HTTP 403", "RUAPI_OSAGO_TOKEN", "--token-file"]);
        assert!(!done.stderr.contains("PLANTED") && !done.stderr.contains(TOKEN), "{done:?}");
    }
    shell.write("token", &format!("{TOKEN}\n"));
    with(Some("PLANTED"), &["--token-file", "token"]).assert_code(4).assert_says(&["HTTP 404"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_processed_is_said() {
    fn fail(asked: &Asked, answer: &mut Answer) {
        if asked.operation.starts_with("POST") {
            (answer.status, answer.body) = (500, json!({}));
        }
    }
    let shell = Shell::new(Partner::rich(fail).await);
    let done = shell.osago(&["calculate", "request.json", "--wait"]);
    let command = |words: &str| format!("`ruapi --base-url {} osago {words}`", shell.partner.url);
    let calculation = command(&format!("calculation {REQUEST}"));
    done.assert_code(7).assert_says(&["may have been processed", &calculation]);
    let done = shell.confirm(&["1", "--upsale", "100=1"]);
    let offer = command(&format!("offer {REQUEST} 1"));
    done.assert_code(7).assert_says(&["may have been processed", &offer]);
    assert_eq!(shell.partner.asked("POST osago/offer"), 1);
    let words = ["calculate", "request.json", "--format", "json"];
    let error = shell.osago(&words).json_error();
    assert_eq!(error["maybe_processed"], json!(true));
    assert!(
        error["advice"].as_str().is_some_and(|advice| advice.contains(&calculation)),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_identifier_that_was_sent_is_told_if_the_partner_does_not() {
    fn forget(asked: &Asked, answer: &mut Answer) {
        if asked.operation == "POST osago/calculate" {
            answer.body["request_id"] = json!("");
        }
    }
    let shell = Shell::new(Partner::rich(forget).await);
    let done = shell.osago(&["calculate", "request.json"]);
    let expected = format!("Calculation {REQUEST}: started on 20");
    assert!(done.assert_code(0).stdout.starts_with(&expected), "{done:?}");
    let done = shell.osago(&["calculate", "request.json", "--wait", "--wait-every", "0.01"]);
    done.assert_code(0).assert_says(&[&expected]);
    assert_eq!(shell.json(&["calculate", "request.json"])["request_id"], REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_to_go_on_with_asks_the_same_server_in_the_same_way() {
    let guard = Guard::header("x-api-key".parse().expect("a name"), TOKEN.into());
    let partner = Partner::rich_for(guard.expect("a guard"), |asked, answer| {
        if asked.operation.starts_with("POST") {
            (answer.status, answer.body) = (500, json!({}));
        }
    });
    let shell = Shell::new(partner.await);
    let by_header = ["calculate", "request.json", "--header-name", "X-Api-Key"];
    let done = shell.osago(&by_header);
    let url = &shell.partner.url;
    let words = format!("osago calculation {REQUEST} --header-name x-api-key`");
    done.assert_code(7).assert_says(&[&format!("`ruapi --base-url {url} {words}")]);
    // A shell takes it as it stands.
    shell.write("my token", TOKEN);
    let done = shell.osago(&[&by_header[..], &["--token-file", "my token"]].concat());
    let again = format!("`ruapi --base-url {url} --token-file 'my token' {words}");
    done.assert_code(7).assert_says(&[&again]);

    let draft = ["--sandbox", "osago", "draft", REQUEST, "44234899", "--wait"];
    let words = ["--wait-every", "0.01", "--wait-limit", "0.02"];
    let done = run(&mut ruapi(&[&draft[..], &words].concat()));
    let again = format!("ruapi --sandbox osago draft {REQUEST} 44234899 --wait");
    done.assert_code(6).assert_says(&[&again]);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_are_none() {
    fn break_files(asked: &Asked, answer: &mut Answer) {
        match asked.operation.as_str() {
            "GET osago/offer/draft" => answer.body["file"]["data"] = json!("PGh0bWw+"),
            "GET osago/offer/policy" => {
                answer.body["url"] = json!("https://partner.ru/policy?id=112233");
            }
            _ => {}
        }
    }
    let shell = Shell::rich(break_files).await;
    let done = shell.osago(&["draft", REQUEST, "1", "-o", "a.pdf"]);
    done.assert_code(8).assert_says(&["not a PDF"]);
    let done = shell.osago(&["draft", REQUEST, "1"]);
    assert!(done.assert_code(0).stdout.contains("File          the file is not a PDF"), "{done:?}");
    let done = shell.osago(&["policy", REQUEST, "1", "-o", "a.pdf"]);
    done.assert_code(4).assert_says(&["the answer holds no file"]);
    assert!(done.stdout.contains("Link          https://partner.ru/policy?id=112233"), "{done:?}");
    assert_eq!(shell.files(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_without_data_is_not_there_yet() {
    let empty = |asked: &Asked, answer: &mut Answer| {
        if asked.operation == "GET osago/offer/draft" && asked.before < 2 {
            answer.body["file"]["data"] = json!("data:application/pdf;base64,");
        }
    };
    let shell = Shell::rich(empty).await;
    let draft = ["draft", REQUEST, "1", "-o", "a.pdf"];
    shell.osago(&draft).assert_code(6).assert_says(&["not there yet", "--wait"]);
    assert_eq!(shell.files(), 1);
    let words = ["--wait", "--wait-every", "0.01"];
    shell.osago(&[&draft[..], &words].concat()).assert_code(0);
    assert_eq!(shell.partner.asked("GET osago/offer/draft"), 3);
    assert!(shell.read("a.pdf").starts_with(b"%PDF-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_never_comes_back_on_stderr() {
    const NAME: &str = "Plantedov";
    fn echo(_: &Asked, answer: &mut Answer) {
        let message = format!("no {NAME}, no {TOKEN}");
        answer.status = 400;
        answer.body = json!({"request_id": null, "message": message,
            "properties": [{"property": "insurer.last_name", "message": message}]});
    }
    let shell = Shell::new(Partner::rich(echo).await);
    let mut request = template();
    request["insurer"]["last_name"] = json!(NAME);
    shell.write("planted.json", &request.to_string());
    for format in ["human", "json"] {
        let done = shell.osago(&["calculate", "planted.json", "--format", format]);
        done.assert_code(5).assert_says(&["insurer.last_name"]);
        let texts = [done.stdout, done.stderr];
        for hidden in [NAME, TOKEN] {
            assert!(!texts.iter().any(|text| text.contains(hidden)), "{texts:?}");
        }
    }
}

#[test]
fn the_sandbox_needs_no_credential() {
    let done = run(&mut ruapi(&["--sandbox", "osago", "offer", REQUEST, "44234899"]));
    assert!(done.assert_code(0).stdout.starts_with("Offer 44234899: CREATED\n"), "{done:?}");
    for words in [
        &["--header-name", "X-Api-Key"][..],
        &["--base-url", "http://127.0.0.1/"],
        &["--token-file", "PLANTED"],
    ] {
        let done = run(&mut ruapi(&[&["--sandbox", "osago", "status", REQUEST], words].concat()));
        done.assert_code(2).assert_says(&["cannot be used with --sandbox"]);
    }
}
