//! The program `ruapi`, with what is planted in its arguments, files and environment: what it prints, and what
//! it leaves behind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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

/// A command, and what answers it.
struct Command {
    words: Vec<&'static str>,
    answered: Answered,
    /// How it ends where the answer is good.
    ends: &'static [i32],
}

#[derive(Clone, Copy)]
enum Answered {
    /// By the server, as this operation is; with the way of calling it.
    By(&'static str),
    /// By its files: nothing is sent.
    Locally,
}

const DONE: &[i32] = &[0];
/// There is something wrong with a file.
const REFUSED: &[i32] = &[2, 8];

/// Commands that have nothing to do with anybody's data: which, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("epgu incident", "prints what each failed command of EPGU has kept, and is run after it"),
    ("sandbox", "serves until it is stopped; what it keeps is searched where it is recorded"),
    ("demo", "has no input"),
    ("completions", "has no input"),
];

/// Where a failed command keeps what a report of it must hold.
const INCIDENT: &str = "incident.json";
/// A command takes less than a second; whatever takes so long hangs.
const HANGS: Duration = Duration::from_secs(60);

const ORDER: &str = "764255248";
const REQUEST: &str = "550e8400-e29b-41d4-a716-446655440000";
const LINK: &str = "terrabyte://00/764255248/plantov-passport/2";

#[rustfmt::skip]
fn commands() -> Vec<Command> {
    let names = ["--last-name", LAST_NAME, "--first-name", FIRST_NAME, "--middle-name", MIDDLE_NAME, "--phone", PHONE];
    let filing = ["--region", REGION, "--service", SERVICE, "--target", TARGET];
    let urls = ["--success-url", URL];
    let mut commands = Vec::new();
    let mut add = |operation: &'static str, words: &[&[&'static str]]| {
        let api = operation.split(' ').next().into_iter().collect();
        commands.push(Command { words: [api, words.concat()].concat(), answered: Answered::By(operation), ends: DONE });
    };
    add("nsso check_policy (by plate)", &[&["check", "--plate", PLATE]]);
    add("nsso check_policy (by policy)", &[&["check", "--policy", POLICY]]);
    add("nsso check_policy (bulk)", &[&["check", "--input", "in.csv", "--output", "out.jsonl"]]);
    add("shtrafovnet account", &[&["account", "show"]]);
    add("shtrafovnet account (by password)", &[&["account", "show", "--account-by-password"]]);
    add("shtrafovnet register_account", &[&["account", "register", EMAIL, "--company", LAST_NAME, "--url", URL, "--callback-url", URL, "--fcm-token", FCM_TOKEN], &names]);
    add("shtrafovnet update_account", &[&["account", "update", "--new-password"], &names]);
    add("shtrafovnet update_account (by password)", &[&["account", "update", "--account-by-password"], &names]);
    add("shtrafovnet reset_password", &[&["account", "reset-password", EMAIL]]);
    add("shtrafovnet create_token", &[&["token", "create", "--output", "token"]]);
    add("shtrafovnet users", &[&["users", "list"]]);
    add("shtrafovnet user", &[&["users", "show", OTHER_EMAIL]]);
    add("shtrafovnet create_user", &[&["users", "create", OTHER_EMAIL, "--username", FIRST_NAME, "--fcm-token", FCM_TOKEN], &names]);
    add("shtrafovnet update_user", &[&["users", "update", OTHER_EMAIL, "--fcm-token", FCM_TOKEN], &names]);
    add("shtrafovnet delete_user", &[&["users", "delete", OTHER_EMAIL]]);
    add("shtrafovnet user_cars", &[&["users", "cars", OTHER_EMAIL]]);
    add("shtrafovnet user_fines", &[&["users", "fines", OTHER_EMAIL, "--uin", UIN]]);
    add("shtrafovnet user_invoices", &[&["users", "invoices", OTHER_EMAIL]]);
    add("shtrafovnet car", &[&["cars", "show", "1212"]]);
    add("shtrafovnet create_car", &[&["cars", "create", "--cert", CERTIFICATE, "--reg", PLATE, "--driver-license", LICENSE, "--user", OTHER_EMAIL]]);
    add("shtrafovnet update_car", &[&["cars", "update", "1212", "--user", OTHER_EMAIL]]);
    add("shtrafovnet delete_car", &[&["cars", "delete", "1212"]]);
    add("shtrafovnet car_fines", &[&["cars", "fines", "1212", "--uin", UIN]]);
    add("shtrafovnet company", &[&["company", "show"]]);
    add("shtrafovnet update_company", &[&["company", "update", "--url", URL, "--callback-url", URL, "--fcm-token", FCM_TOKEN]]);
    add("shtrafovnet fine", &[&["fines", "show", "7"]]);
    add("shtrafovnet user_fines", &[&["fines", "export", "--user", OTHER_EMAIL, "--output", "fines.jsonl"]]);
    add("shtrafovnet user_fines", &[&["fines", "updates", "--user", OTHER_EMAIL, "--cursor", "cursor"]]);
    add("shtrafovnet scan", &[&["scan", "1212"]]);
    add("shtrafovnet scan_status", &[&["scan-status", "777"]]);
    add("shtrafovnet invoices", &[&["invoices", "list"]]);
    add("shtrafovnet invoice", &[&["invoices", "show", "777"]]);
    add("shtrafovnet create_invoice", &[&["invoices", "create", "--user", OTHER_EMAIL], &urls, &["--fail-url", URL, "--surname", LAST_NAME, "--name", FIRST_NAME, "--patronymic", MIDDLE_NAME]]);
    add("shtrafovnet test_notification", &[&["test", "notification", "--fine", "7", "--type", "fcm"]]);
    add("osago calculate", &[&["calculate", "request.json"]]);
    add("osago calculation", &[&["calculation", REQUEST]]);
    add("osago calculation_status", &[&["status", REQUEST]]);
    add("osago offer", &[&["offer", REQUEST, "44234899"]]);
    add("osago confirm", &[&["confirm", REQUEST, "44234899", "--unseen"], &urls, &["--failure-url", URL]]);
    add("osago draft", &[&["draft", REQUEST, "44234899", "-o", "draft.pdf"]]);
    add("osago policy", &[&["policy", REQUEST, "44234899", "-o", "policy.pdf"]]);
    add("epgu create_order", &[&["order", "create", "--incident", INCIDENT], &filing]);
    add("epgu push", &[&["push", "--incident", INCIDENT], &filing, &["plantov-passport.zip"]]);
    add("epgu push_chunked (last chunk, which arrived)", &[&["upload", ORDER, "--state", "state", "--incident", INCIDENT], &filing, &["plantov-passport.zip"]]);
    add("epgu push", &[&["submit", "--incident", INCIDENT], &filing, &["plantov-passport.zip"]]);
    add("epgu push_chunked (submitted)", &[&["submit", "--with-order", "--incident", INCIDENT], &filing, &["plantov-passport.zip"]]);
    add("epgu statuses (tracked)", &[&["order", "watch", ORDER, "--once", "--state", "state"]]);
    add("epgu order", &[&["order", "show", ORDER]]);
    add("epgu order (reconciled)", &[&["order", "reconcile", ORDER]]);
    add("epgu cancel", &[&["order", "cancel", ORDER, "--reason", REASON]]);
    add("epgu statuses", &[&["order", "statuses", ORDER]]);
    add("epgu updated_after", &[&["order", "updated", "--after", "2022-12-10"]]);
    add("epgu updated_after (a push reconciled)", &[&["reconcile-push", "--sent-after", "2022-12-10"], &filing, &["plantov-passport.zip"]]);
    add("epgu dictionary", &[&["dictionary", "BIC"]]);
    add("epgu download", &[&["download", LINK, "-o", "result.pdf"]]);
    // What it finds is against the document, or cannot be checked with one answer.
    let words = vec!["osago", "check-partner", "--only", "status", "--request-id", REQUEST, "--wait-every", "1", "--wait-limit", "1"];
    commands.push(Command { words, answered: Answered::By("osago calculation_status"), ends: &[4, 8] });
    for (ends, words) in [
        (DONE, &["osago", "template"][..]),
        (DONE, &["osago", "check-partner", "--list"]),
        (DONE, &["cherehapa", "quote", "quote.json", "--all"]),
        (DONE, &["cherehapa", "order", "order.json"]),
        (REFUSED, &["cherehapa", "quote", "broken.json"]),
        (REFUSED, &["cherehapa", "order", "broken.json", "--relaxed"]),
        (DONE, &["epgu", "archive", "check", "plantov-passport.zip"]),
        (REFUSED, &["epgu", "archive", "check", "broken.json"]),
        (DONE, &["epgu", "archive", "build", "req.xml", "plantov-passport.pdf", "-o", "built.zip"]),
        (REFUSED, &["epgu", "archive", "build", "plantov-passport.zip", "-o", "built.zip", "--signed"]),
        (REFUSED, &["osago", "calculate", "broken.json"]),
        (REFUSED, &["epgu", "incident", "broken.json"]),
    ] {
        commands.push(Command { words: words.to_vec(), answered: Answered::Locally, ends });
    }
    commands
}

/// What a server may answer that is not asked again, so that nothing has to be waited for.
fn odds() -> Vec<Odd> {
    let mut odds = vec![Odd::good(), Odd::Redirect, Odd::Wrong(String::new(), Instead::Text)];
    for spelled in [Spelled::AsSent, Spelled::Decoded, Spelled::Escaped, Spelled::Windows1251] {
        odds.extend([200, 400, 401, 404].map(|status| Odd::Error(status, spelled)));
        odds.push(Odd::Page(400, spelled));
        odds.push(Odd::Broken(spelled));
    }
    odds
}

pub(super) async fn hunt(hunt: &Hunt) -> Result {
    let program = program()?;
    let commands: Vec<_> = commands().into_iter().map(Arc::new).collect();
    for leaf in not_hunted(&leaves(&program).await?, &commands) {
        hunt.note(format!("ruapi {leaf}: nobody looks at what it shows"));
    }
    let operations: Vec<_> = crate::operations::all()?.into_iter().map(Arc::new).collect();
    let mut runs = Vec::new();
    for command in commands {
        let answered = match command.answered {
            Answered::Locally => vec![None],
            Answered::By(title) => {
                let operation = operations.iter().find(|operation| operation.title() == title);
                let operation = operation.ok_or_else(|| format!("no operation {title}"))?;
                odds().into_iter().map(|odd| Some((operation.clone(), odd))).collect()
            }
        };
        for answered in answered {
            for format in ["human", "json"] {
                runs.push((command.clone(), answered.clone(), format));
            }
        }
    }
    let running = runs.into_iter().map(|(command, answered, format)| {
        let program = &program;
        async move { run(hunt, program, &command, answered, format).await }
    });
    let running = futures_util::stream::iter(running).buffer_unordered(2);
    running.try_collect::<()>().await?;
    words_in_the_wrong_place(hunt, &program).await
}

/// The program's commands, by its help.
async fn leaves(program: &Path) -> Result<BTreeSet<String>> {
    let mut leaves = BTreeSet::new();
    let mut branches = vec![String::new()];
    while let Some(branch) = branches.pop() {
        let words = branch.split_whitespace().chain(["-h"]);
        let output = process::Command::new(program).args(words).output().await?;
        let help = String::from_utf8(output.stdout)?;
        match commands_in(&help) {
            Some(names) => branches.extend(names.map(|name| format!("{branch} {name}"))),
            None => _ = leaves.insert(branch.trim_start().to_owned()),
        }
    }
    Ok(leaves)
}

/// The commands that a help lists, if it does.
fn commands_in(help: &str) -> Option<impl Iterator<Item = &str>> {
    let list = help.split_once("\nCommands:\n")?.1;
    // A description goes on further to the right.
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    Some(names.filter(|name| !name.is_empty() && *name != "help"))
}

/// Commands that are neither run here nor excepted, and exceptions that are not there any more.
fn not_hunted(leaves: &BTreeSet<String>, commands: &[Arc<Command>]) -> Vec<String> {
    let is_run = |leaf: &str| {
        let leaf: Vec<&str> = leaf.split(' ').collect();
        let is_it = |command: &Command| command.ends != REFUSED;
        commands.iter().any(|command| command.words.starts_with(&leaf) && is_it(command))
    };
    let excepted: BTreeSet<String> =
        EXCEPTIONS.iter().map(|(leaf, _)| (*leaf).to_owned()).collect();
    let missed = leaves.iter().filter(|leaf| !is_run(leaf) && !excepted.contains(*leaf));
    missed.chain(excepted.difference(leaves)).cloned().collect()
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
    for (name, operation, case) in
        [("quote.json", "quote", "whole_trip"), ("order.json", "order", "all_fields_filled")]
    {
        write(name, crate::operations::cherehapa(operation, case)?.to_string().as_bytes())?;
    }
    let broken = format!("{{\"{LAST_NAME}\": \"{TOKEN}\", \"data\": [{{\"{PLATE}\": \"{EMAIL}");
    write("broken.json", broken.as_bytes())?;
    write("req.xml", CONTENT.as_bytes())?;
    write(&format!("{FILE}.pdf"), CONTENT.as_bytes())?;
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

/// What a program does at its end, if it ends and does not panic.
async fn end(ruapi: &mut process::Command) -> std::result::Result<(i32, Output), String> {
    let output = tokio::time::timeout(HANGS, ruapi.kill_on_drop(true).output());
    let output = output.await.map_err(|_| "hangs")?.map_err(|error| error.to_string())?;
    let code = output.status.code().ok_or("is killed")?;
    match code == PANIC || String::from_utf8_lossy(&output.stderr).contains("a bug in ruapi") {
        true => Err("panics".to_owned()),
        false => Ok((code, output)),
    }
}

/// The exit code of Rust's programs that panic.
const PANIC: i32 = 101;

/// Runs a command, if need be against such a server, and searches everything.
async fn run(
    hunt: &Hunt,
    program: &Path,
    command: &Command,
    answered: Option<(Arc<Operation>, Odd)>,
    format: &str,
) -> Result {
    let folder = folder()?;
    let words = [&command.words[..], &["--format", format]].concat();
    let odd = answered.as_ref().map(|(_, odd)| odd.clone());
    let title = format!(
        "ruapi {} {format}, {odd:?}",
        command.words[..3.min(command.words.len())].join(" ")
    );
    let mut ruapi = ruapi(program, &words, folder.path());
    let mut server = None;
    if let Some((operation, odd)) = answered {
        let started = Server::start(operation, odd).await?;
        ruapi.args(["--base-url", &started.base_url]);
        server = Some(started);
    }
    let (code, Output { stdout, stderr, .. }) = match end(&mut ruapi).await {
        Ok(end) => end,
        Err(wrong) => {
            hunt.note(format!("{title}: {wrong}"));
            return Ok(());
        }
    };
    drop(server);
    // Else it is the command that is wrong, and what is searched is its usage.
    let is_good = odd.as_ref().is_none_or(|odd| *odd == Odd::good());
    if is_good && !command.ends.contains(&code) {
        let stderr = String::from_utf8_lossy(&stderr);
        hunt.note(format!("{title}: ends with {code}, not {:?}: {stderr}", command.ends));
    }
    hunt.search("the program's stderr", &title, &stderr);
    let incident = folder.path().join(INCIDENT);
    if incident.exists() {
        // Made to be given away.
        hunt.search("what is kept of an incident", &title, &std::fs::read(&incident)?);
        let words = ["epgu", "incident", INCIDENT, "--format", format];
        match end(&mut self::ruapi(program, &words, folder.path())).await {
            Ok((0, output)) => {
                hunt.search("an incident's report", &title, &output.stdout);
                hunt.search("the program's stderr", &title, &output.stderr);
            }
            wrong => hunt.note(format!("{title}, its incident: {wrong:?}")),
        }
    }
    let is_repeated = match odd {
        // The server itself put what it was told into an answer or a file that is good otherwise.
        Some(Odd::Error(200, _) | Odd::Broken(_)) => command.words[0] != "nsso",
        _ => false,
    };
    if is_repeated {
        return Ok(());
    }
    // Whoever asked for people's data gets it.
    hunt.search_for_secrets("the program's stdout", &title, &stdout);
    for entry in std::fs::read_dir(folder.path())? {
        let path = entry?.path();
        // A token that is asked for into a file is there.
        let is_given = path.file_name().is_none_or(|name| name == "token" || name == "broken.json");
        if path.is_file() && !is_given {
            hunt.search_for_secrets("the program's files", &title, &std::fs::read(path)?);
        }
    }
    Ok(())
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
                let title = format!("ruapi {} …", words[0]);
                let Output { stdout, stderr, .. } = match end(&mut ruapi).await {
                    Ok((0, _)) => {
                        hunt.note(format!("{title}: nothing is wrong with its words"));
                        continue;
                    }
                    Ok((_, output)) => output,
                    Err(wrong) => {
                        hunt.note(format!("{title}: {wrong}"));
                        continue;
                    }
                };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_at_which_nobody_looks_is_told() {
        let help = "A program\n\nCommands:\n  show   Shows it,\n         and goes on\n  check  Checks\n  \
                    help   Print this\n\nOptions:\n  -h  Print help\n";
        assert_eq!(commands_in(help).unwrap().collect::<Vec<_>>(), ["show", "check"]);
        assert!(commands_in("A command\n\nOptions:\n  -h  Print help\n").is_none());

        let command = |words: &[&'static str], ends| {
            Arc::new(Command { words: words.to_vec(), answered: Answered::Locally, ends })
        };
        let commands =
            [command(&["osago", "offer", "7"], DONE), command(&["osago", "draft"], REFUSED)];
        let leaves = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let names: BTreeSet<String> = leaves(&["osago offer", "osago draft", "osago policy"]);
        let excepted = leaves(&["sandbox", "demo", "completions", "epgu incident"]);
        let all = names.union(&excepted).cloned().collect();
        assert_eq!(not_hunted(&all, &commands), ["osago draft", "osago policy"]);
        assert_eq!(not_hunted(&leaves(&["osago offer"]), &commands).len(), EXCEPTIONS.len());
    }

    #[tokio::test]
    async fn a_program_that_is_killed_or_panics_is_noticed() {
        let shell = |words: &str| {
            let mut shell = process::Command::new("sh");
            shell.args(["-c", words]);
            shell
        };
        assert_eq!(end(&mut shell("exit 3")).await.unwrap().0, 3);
        for (words, wrong) in [
            ("kill -9 $$", "is killed"),
            ("exit 101", "panics"),
            ("echo 'error: a bug in ruapi (x)' >&2; exit 1", "panics"),
        ] {
            assert_eq!(end(&mut shell(words)).await.unwrap_err(), wrong);
        }
    }
}
