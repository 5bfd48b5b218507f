//! The program `ruapi`, with what is planted in its arguments, files and environment: what it prints, and what
//! it leaves behind.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process;
use tokio::task::JoinSet;

use super::Hunt;
use super::echo::{Instead, Odd, Spelled};
use crate::Result;
use crate::operations::planted::{
    CERTIFICATE, CONTENT, EMAIL, FCM_TOKEN, FILE, FIRST_NAME, LAST_NAME, LICENSE, MIDDLE_NAME,
    NEW_PASSWORD, OTHER_EMAIL, PASSWORD, PHONE, PLATE, POLICY, REASON, REGION, SERVICE, TARGET,
    TOKEN, UIN, URL,
};
use crate::operations::{Asked, Operation};

/// A command, and the operation that answers it.
struct Command {
    api: &'static str,
    operation: &'static str,
    words: Vec<&'static str>,
}

const ORDER: &str = "764255248";
const REQUEST: &str = "550e8400-e29b-41d4-a716-446655440000";
const LINK: &str = "terrabyte://00/764255248/plantov-passport/2";

#[rustfmt::skip]
fn commands() -> Vec<Command> {
    let names = ["--last-name", LAST_NAME, "--first-name", FIRST_NAME, "--middle-name", MIDDLE_NAME, "--phone", PHONE];
    let filing = ["--region", REGION, "--service", SERVICE, "--target", TARGET];
    let urls = ["--success-url", URL];
    let mut commands = Vec::new();
    let mut add = |api, operation, words: &[&[&'static str]]| {
        commands.push(Command { api, operation, words: words.concat() });
    };
    add("nsso", "check_policy", &[&["check", "--plate", PLATE]]);
    add("nsso", "check_policy", &[&["check", "--policy", POLICY]]);
    add("nsso", "check_policy", &[&["check", "--input", "in.csv", "--output", "out.jsonl"]]);
    add("shtrafovnet", "account", &[&["account", "show"]]);
    add("shtrafovnet", "register_account", &[&["account", "register", EMAIL, "--company", LAST_NAME, "--url", URL, "--callback-url", URL, "--fcm-token", FCM_TOKEN], &names]);
    add("shtrafovnet", "update_account", &[&["account", "update", "--new-password"], &names]);
    add("shtrafovnet", "reset_password", &[&["account", "reset-password", EMAIL]]);
    add("shtrafovnet", "create_token", &[&["token", "create", "--output", "token"]]);
    add("shtrafovnet", "users", &[&["users", "list"]]);
    add("shtrafovnet", "user", &[&["users", "show", OTHER_EMAIL]]);
    add("shtrafovnet", "create_user", &[&["users", "create", OTHER_EMAIL, "--username", FIRST_NAME, "--fcm-token", FCM_TOKEN], &names]);
    add("shtrafovnet", "update_user", &[&["users", "update", OTHER_EMAIL, "--fcm-token", FCM_TOKEN], &names]);
    add("shtrafovnet", "delete_user", &[&["users", "delete", OTHER_EMAIL]]);
    add("shtrafovnet", "user_cars", &[&["users", "cars", OTHER_EMAIL]]);
    add("shtrafovnet", "user_fines", &[&["users", "fines", OTHER_EMAIL, "--uin", UIN]]);
    add("shtrafovnet", "user_invoices", &[&["users", "invoices", OTHER_EMAIL]]);
    add("shtrafovnet", "car", &[&["cars", "show", "1212"]]);
    add("shtrafovnet", "create_car", &[&["cars", "create", "--cert", CERTIFICATE, "--reg", PLATE, "--driver-license", LICENSE, "--user", OTHER_EMAIL]]);
    add("shtrafovnet", "update_car", &[&["cars", "update", "1212", "--user", OTHER_EMAIL]]);
    add("shtrafovnet", "delete_car", &[&["cars", "delete", "1212"]]);
    add("shtrafovnet", "car_fines", &[&["cars", "fines", "1212", "--uin", UIN]]);
    add("shtrafovnet", "company", &[&["company", "show"]]);
    add("shtrafovnet", "update_company", &[&["company", "update", "--url", URL, "--callback-url", URL, "--fcm-token", FCM_TOKEN]]);
    add("shtrafovnet", "fine", &[&["fines", "show", "7"]]);
    add("shtrafovnet", "user_fines", &[&["fines", "export", "--user", OTHER_EMAIL, "--output", "fines.jsonl"]]);
    add("shtrafovnet", "user_fines", &[&["fines", "updates", "--user", OTHER_EMAIL, "--cursor", "cursor"]]);
    add("shtrafovnet", "scan", &[&["scan", "1212"]]);
    add("shtrafovnet", "scan_status", &[&["scan-status", "777"]]);
    add("shtrafovnet", "invoices", &[&["invoices", "list"]]);
    add("shtrafovnet", "invoice", &[&["invoices", "show", "777"]]);
    add("shtrafovnet", "create_invoice", &[&["invoices", "create", "--user", OTHER_EMAIL], &urls, &["--fail-url", URL, "--surname", LAST_NAME, "--name", FIRST_NAME, "--patronymic", MIDDLE_NAME]]);
    add("shtrafovnet", "test_notification", &[&["test", "notification", "--fine", "7", "--type", "fcm"]]);
    add("osago", "calculate", &[&["calculate", "request.json"]]);
    add("osago", "calculation", &[&["calculation", REQUEST]]);
    add("osago", "calculation_status", &[&["status", REQUEST]]);
    add("osago", "offer", &[&["offer", REQUEST, "44234899"]]);
    add("osago", "confirm", &[&["confirm", REQUEST, "44234899", "--unseen"], &urls, &["--failure-url", URL]]);
    add("osago", "draft", &[&["draft", REQUEST, "44234899", "-o", "draft.pdf"]]);
    add("osago", "policy", &[&["policy", REQUEST, "44234899", "-o", "policy.pdf"]]);
    add("epgu", "create_order", &[&["order", "create", "--incident", "incident.json"], &filing]);
    add("epgu", "push", &[&["push", "--incident", "incident.json"], &filing, &["plantov-passport.zip"]]);
    add("epgu", "push_chunked", &[&["upload", ORDER], &filing, &["plantov-passport.zip"]]);
    add("epgu", "order", &[&["order", "show", ORDER]]);
    add("epgu", "order", &[&["order", "reconcile", ORDER]]);
    add("epgu", "cancel", &[&["order", "cancel", ORDER, "--reason", REASON]]);
    add("epgu", "statuses", &[&["order", "statuses", ORDER]]);
    add("epgu", "updated_after", &[&["order", "updated", "--after", "2022-12-10"]]);
    add("epgu", "updated_after", &[&["reconcile-push", "--sent-after", "2022-12-10"], &filing, &["plantov-passport.zip"]]);
    add("epgu", "dictionary", &[&["dictionary", "BIC"]]);
    add("epgu", "download", &[&["download", LINK, "-o", "result.pdf"]]);
    commands
}

/// What a server may answer that is not asked again, so that nothing has to be waited for.
fn odds() -> Vec<Odd> {
    let good = Odd::Wrong("/no such place".to_owned(), Instead::Text);
    let mut odds = vec![good, Odd::Redirect, Odd::Wrong(String::new(), Instead::Text)];
    for spelled in [Spelled::AsSent, Spelled::Decoded, Spelled::Escaped, Spelled::Windows1251] {
        odds.extend([200, 400, 401, 404].map(|status| Odd::Error(status, spelled)));
        odds.push(Odd::Page(400, spelled));
        odds.push(Odd::Broken(spelled));
    }
    odds
}

pub(super) async fn hunt(hunt: &Hunt) -> Result {
    let program = program()?;
    let operations: Vec<_> = crate::operations::all()?.into_iter().map(Arc::new).collect();
    let mut runs = Vec::new();
    for command in commands().into_iter().map(Arc::new) {
        let answers = |operation: &&Arc<Operation>| {
            (operation.api.name, operation.name) == (command.api, command.operation)
        };
        let operation = operations.iter().find(answers).ok_or("a command of no operation")?;
        for odd in odds() {
            for format in ["human", "json"] {
                runs.push((command.clone(), operation.clone(), odd.clone(), format));
            }
        }
    }
    let mut ends = [0, 0];
    let running = runs.into_iter().map(|(command, operation, odd, format)| {
        let program = &program;
        async move { run(hunt, program, &command, &operation, &odd, format).await }
    });
    let mut running = futures_util::stream::iter(running).buffer_unordered(2);
    while let Some(is_good) = running.try_next().await? {
        ends[usize::from(is_good)] += 1;
    }
    // Else it is the commands that are wrong, and what is searched is their usage.
    if ends.contains(&0) {
        return Err(format!("{} commands failed and {} succeeded", ends[0], ends[1]).into());
    }
    words_in_the_wrong_place(hunt, &program).await
}

/// The program, built beside this one.
fn program() -> Result<PathBuf> {
    let mut build = vec!["build", "--quiet", "--package", "ruapi-cli"];
    build.extend((!cfg!(debug_assertions)).then_some("--release"));
    crate::ci::cargo(&build)?;
    Ok(std::env::current_exe()?.with_file_name(format!("ruapi{}", std::env::consts::EXE_SUFFIX)))
}

/// A folder with files of planted content.
fn folder() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content);
    write("in.csv", format!("plate\n{PLATE}\n").as_bytes())?;
    write("request.json", serde_json::to_string(&crate::operations::osago::request())?.as_bytes())?;
    let mut archive = epgu_gusmev::ArchiveBuilder::new();
    archive.add("req.xml", CONTENT.as_bytes())?;
    archive.add(&format!("{FILE}.pdf"), CONTENT.as_bytes())?;
    let archive = archive.build_bytes(1 << 20)?;
    write(&format!("{FILE}.zip"), &archive.read_at(0, usize::MAX)?)?;
    Ok(folder)
}

fn ruapi(program: &Path, words: &[&str], folder: &Path) -> process::Command {
    let mut ruapi = process::Command::new(program);
    ruapi.args(words).current_dir(folder).stdin(Stdio::null()).env("RUST_BACKTRACE", "1");
    for name in ["NSSO", "OSAGO", "EPGU"] {
        ruapi.env(format!("RUAPI_{name}_TOKEN"), TOKEN);
    }
    ruapi
        .env("RUAPI_SHTRAFOVNET_EMAIL", EMAIL)
        .env("RUAPI_SHTRAFOVNET_PASSWORD", PASSWORD)
        .env("RUAPI_SHTRAFOVNET_NEW_PASSWORD", NEW_PASSWORD);
    ruapi
}

/// Runs a command against such a server and searches everything; tells whether it succeeded.
async fn run(
    hunt: &Hunt,
    program: &Path,
    command: &Command,
    operation: &Arc<Operation>,
    odd: &Odd,
    format: &str,
) -> Result<bool> {
    let server = Server::start(operation.clone(), odd.clone()).await?;
    let folder = folder()?;
    let words = [&[command.api], &command.words[..], &["--format", format]].concat();
    let title = format!("ruapi {} {format}, {odd:?}", words[..3].join(" "));
    let mut ruapi = ruapi(program, &words, folder.path());
    let Output { status, stdout, stderr } =
        ruapi.args(["--base-url", &server.base_url]).output().await?;
    if status.code() == Some(2) {
        let stderr = String::from_utf8_lossy(&stderr);
        return Err(format!("{title} is refused: {stderr}").into());
    }
    hunt.search("the program's stderr", &title, &stderr);
    let is_repeated = match odd {
        // An answer that is paid for is shown as it came, but for the token as it stands.
        Odd::Broken(Spelled::Escaped) => true,
        // The server itself put what it was told into an answer or a file that is good otherwise.
        Odd::Error(200, _) | Odd::Broken(_) => operation.api.name != "nsso",
        _ => false,
    };
    if is_repeated {
        return Ok(status.success());
    }
    // Whoever asked for people's data gets it.
    hunt.search_for_secrets("the program's stdout", &title, &stdout);
    for entry in std::fs::read_dir(folder.path())? {
        let path = entry?.path();
        // A token that is asked for into a file is there.
        if path.is_file() && path.file_name().is_some_and(|name| name != "token") {
            hunt.search_for_secrets("the program's files", &title, &std::fs::read(path)?);
        }
    }
    Ok(status.success())
}

/// Secrets and people's data where a command, an option or a number should be.
async fn words_in_the_wrong_place(hunt: &Hunt, program: &Path) -> Result {
    let folder = folder()?;
    for value in [TOKEN, PASSWORD, PLATE, POLICY, EMAIL, LAST_NAME, UIN, URL] {
        let option = format!("--token={value}");
        for words in [
            &[value][..],
            &["nsso", value],
            &["nsso", "check", value],
            &["nsso", "check", &option],
            &["nsso", "check", "--plate", value, "--date", value],
            &["nsso", "check", "--policy", value, "--timeout", value],
            &["shtrafovnet", value],
            &["shtrafovnet", "users", "show", value, value],
            &["shtrafovnet", "users", "list", "--status", value],
            &["shtrafovnet", "cars", "show", value, "--base-url", value],
            &["shtrafovnet", "cars", "fines", "5", "--from", value],
            &["osago", "calculation", value, value, value],
            &["osago", "confirm", value, "1", "--success-url", "x", "--failure-url", value],
            &["osago", "--header", value, "calculation", value],
            &["epgu", "order", "show", value],
            &["epgu", "order", "updated", "--after", value],
            &["epgu", "push", "--region", value, "--service", "1", "--target", "1", "x.zip"],
            &["epgu", "download", value, "-o", "x"],
            &["cherehapa", "quote", "--format", value],
            &["sandbox", "--port", value],
        ] {
            for format in ["human", "json"] {
                let words = [words, &["--format", format]].concat();
                // Nobody listens there.
                let mut ruapi = ruapi(program, &words, folder.path());
                if !words.contains(&"--base-url") && !words.contains(&"sandbox") {
                    ruapi.args(["--base-url", "http://127.0.0.1:1/"]);
                }
                let Output { stdout, stderr, .. } = ruapi.output().await?;
                let title = format!("ruapi {} …", words[0]);
                hunt.search("the program's usage errors", &title, &stdout);
                hunt.search("the program's usage errors", &title, &stderr);
            }
        }
    }
    Ok(())
}

/// A server on loopback that gives such answers, until it is dropped.
struct Server {
    base_url: String,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn start(operation: Arc<Operation>, odd: Odd) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}/", listener.local_addr()?);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let notes = Mutex::new((0, 0));
            while let Ok((mut stream, _)) = listener.accept().await {
                // The program may hang up at any time.
                let _ = serve(&mut stream, &operation, &odd, &notes).await;
            }
        });
        Ok(Self { base_url, _tasks: tasks })
    }
}

async fn serve(
    stream: &mut TcpStream,
    operation: &Operation,
    odd: &Odd,
    notes: &Mutex<(u32, u32)>,
) -> std::io::Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&asked).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or_default()];
    stream.read_exact(&mut body).await?;
    let target = head.split(' ').nth(1).unwrap_or_default();
    let (status, headers, body) = {
        let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
        let good = (operation.answer)(&Asked { target, before: notes.0, served: notes.1 });
        if good.counts {
            notes.1 += 1;
            odd.answer(&format!("{head} {}", String::from_utf8_lossy(&body)), &good)
        } else {
            notes.0 += 1;
            (good.status, http::HeaderMap::new(), good.body)
        }
    };
    let mut answer = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n").into_bytes();
    for (name, value) in &headers {
        answer.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let body: Bytes = if status == 204 { Bytes::new() } else { body };
    answer.extend(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    answer.extend(&body);
    stream.write_all(&answer).await?;
    stream.shutdown().await
}
