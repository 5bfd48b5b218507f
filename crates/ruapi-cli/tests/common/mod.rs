//! What the tests share: the real program, and the sandbox that it asks.

#![allow(dead_code, reason = "each test program uses some of it")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use ruapi_sandbox::{Epgu, Nsso, Sandbox, Shtrafovnet};
use serde_json::Value;
use tempfile::TempDir;

/// A sandbox, and a directory to work in.
pub(crate) struct Shell {
    pub(crate) sandbox: Sandbox,
    pub(crate) directory: TempDir,
    pub(crate) token: String,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Shell {
    pub(crate) async fn new() -> Self {
        Self {
            sandbox: Sandbox::start().await.expect("a sandbox"),
            directory: tempfile::tempdir().expect("a directory"),
            token: Nsso::TOKEN.to_owned(),
        }
    }

    /// `ruapi` with these words, in the directory, against the sandbox.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = ruapi(words);
        command
            .args(["--base-url", &self.sandbox.nsso_url()])
            .env("RUAPI_NSSO_TOKEN", &self.token)
            .current_dir(self.directory.path());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Done {
        run(&mut self.command(words))
    }

    pub(crate) fn check(&self, words: &[&str]) -> Done {
        self.run(&[&["nsso", "check"], words].concat())
    }

    /// The bulk of `in.csv` to `out.jsonl`.
    pub(crate) fn bulk_command(&self, words: &[&str]) -> Command {
        let bulk = ["nsso", "check", "--input", "in.csv", "--output", "out.jsonl"];
        self.command(&[&bulk, words].concat())
    }

    pub(crate) fn bulk(&self, words: &[&str]) -> Done {
        run(&mut self.bulk_command(words))
    }

    pub(crate) fn spawn_bulk(&self, words: &[&str]) -> Child {
        let mut command = self.bulk_command(words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("ruapi starts")
    }

    /// A bulk that asks another address.
    pub(crate) fn bulk_at(&self, base_url: &str) -> Done {
        let bulk = ["nsso", "check", "--input", "in.csv", "--output", "out.jsonl"];
        let mut command = ruapi(&[&bulk[..], &["--base-url", base_url]].concat());
        run(command.env("RUAPI_NSSO_TOKEN", &self.token).current_dir(self.directory.path()))
    }

    /// `ruapi shtrafovnet` with these words, by e-mail and password.
    pub(crate) fn shtrafovnet_command(&self, words: &[&str]) -> Command {
        let mut command = ruapi(&[&["shtrafovnet"], words].concat());
        command
            .args(["--base-url", &self.sandbox.shtrafovnet_url()])
            .env("RUAPI_SHTRAFOVNET_EMAIL", Shtrafovnet::EMAIL)
            .env("RUAPI_SHTRAFOVNET_PASSWORD", Shtrafovnet::PASSWORD)
            .current_dir(self.directory.path());
        command
    }

    pub(crate) fn shtrafovnet(&self, words: &[&str]) -> Done {
        run(&mut self.shtrafovnet_command(words))
    }

    /// What the command answers in JSON: one object.
    #[track_caller]
    pub(crate) fn shtrafovnet_json(&self, words: &[&str]) -> Value {
        let done = self.shtrafovnet(&[words, &["--format", "json"]].concat());
        assert_eq!(done.stderr, "", "{words:?}");
        done.assert_code(0).json()
    }

    /// What the command lists in JSON: one object a line.
    #[track_caller]
    pub(crate) fn shtrafovnet_list(&self, words: &[&str]) -> Vec<Value> {
        let done = self.shtrafovnet(&[words, &["--format", "json"]].concat());
        assert_eq!(done.stderr, "", "{words:?}");
        done.assert_code(0)
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    /// `ruapi epgu` with these words.
    pub(crate) fn epgu_command(&self, words: &[&str]) -> Command {
        let mut command = ruapi(&[&["epgu"], words].concat());
        command
            .args(["--base-url", &self.sandbox.epgu_url()])
            .env("RUAPI_EPGU_TOKEN", Epgu::TOKEN)
            .current_dir(self.directory.path());
        command
    }

    pub(crate) fn epgu(&self, words: &[&str]) -> Done {
        run(&mut self.epgu_command(words))
    }

    /// How often an operation was asked for.
    pub(crate) fn asked(&self, method: &str, end: &str) -> usize {
        let is_it = |path: &str| path.ends_with(end);
        let requests = self.sandbox.requests();
        requests.iter().filter(|request| request.method == method && is_it(&request.path)).count()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("a file written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file read")
    }

    /// `in.csv` with so many cars of the fleet.
    pub(crate) fn write_fleet(&self, cars: u64) {
        let plates: String = (0..cars).map(|car| Nsso::fleet_plate(car) + "\n").collect();
        self.write("in.csv", format!("plate\n{plates}"));
    }

    /// The outcome of each row; a row with two lines is a failure.
    pub(crate) fn outcomes(&self) -> BTreeMap<u64, String> {
        let mut outcomes = BTreeMap::new();
        for line in self.lines() {
            let row = line["row"].as_u64().expect("a row");
            let outcome = line["outcome"].as_str().expect("an outcome");
            let twice = outcomes.insert(row, outcome.to_owned());
            assert_eq!(twice, None, "row {row} has two lines");
        }
        outcomes
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = self.read("out.jsonl");
        let parse = |line| serde_json::from_str(line).expect("JSON");
        text.lines().map(parse).collect()
    }

    /// How many rows have this outcome.
    pub(crate) fn count(&self, outcome: &str) -> usize {
        let outcomes = self.outcomes();
        outcomes.values().filter(|known| *known == outcome).count()
    }

    pub(crate) fn assert_nothing_billed_twice(&self) {
        for (plate, times) in self.sandbox.nsso().billed_by_subject() {
            assert_eq!(times, 1, "{plate}");
        }
    }

    /// The names in the directory.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path()).expect("a directory");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<_> =
            entries.map(|entry| name(entry).into_string().expect("text")).collect();
        names.sort();
        names
    }
}

/// The program, without credentials.
pub(crate) fn ruapi(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ruapi"));
    command.args(words);
    for secret in [
        "NSSO_TOKEN",
        "SHTRAFOVNET_EMAIL",
        "SHTRAFOVNET_PASSWORD",
        "SHTRAFOVNET_TOKEN",
        "EPGU_TOKEN",
    ] {
        command.env_remove(format!("RUAPI_{secret}"));
    }
    command.env_remove("RUAPI_SHTRAFOVNET_NEW_PASSWORD");
    command.env_remove("RUAPI_OSAGO_TOKEN");
    command
}

pub(crate) fn run(command: &mut Command) -> Done {
    command.output().expect("ruapi starts").into()
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Done {
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// Says all of these on stderr.
    #[track_caller]
    pub(crate) fn assert_says(&self, texts: &[&str]) -> &Self {
        for text in texts {
            assert!(self.stderr.contains(text), "{text:?} is not in {self:?}");
        }
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("JSON on stdout")
    }

    #[track_caller]
    pub(crate) fn json_error(&self) -> Value {
        serde_json::from_str(&self.stderr).expect("JSON on stderr")
    }
}

/// Ends a program at once, as a power failure would.
pub(crate) fn kill(mut child: Child) {
    child.kill().expect("killed");
    child.wait().expect("its end");
}

/// Sends a program such a signal, `-INT` for Ctrl-C.
#[cfg(unix)]
pub(crate) fn signal(child: &Child, signal: &str) {
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(kill.expect("kill").success());
}
