//! `ruapi demo`: the main flow of each API, as one would type it.

use std::ffi::OsString;
use std::fs;

use ruapi_sandbox::Nsso;

use crate::exit::Failure;
use crate::{execute, output};

const FLEET: u64 = 20;

pub(crate) async fn run() -> Result<(), Failure> {
    let failed = |error| Failure::local("cannot prepare the demo's files", &error);
    let directory = tempfile::tempdir().map_err(failed)?;
    let (input, answers) =
        (directory.path().join("fleet.csv"), directory.path().join("fleet.jsonl"));
    let plates: String =
        (0..FLEET).map(|index| format!("{};{}\n", index + 1, Nsso::fleet_plate(index))).collect();
    fs::write(&input, format!("id;plate\n{plates}")).map_err(failed)?;
    let (input, answers_path) = (input.display().to_string(), answers.display().to_string());

    output::line("Everything here comes from the embedded sandbox: no money, no real data.\n")?;
    remark("NSSO: is this car insured?")?;
    check(&["--plate", Nsso::EXAMPLE_PLATE]).await?;
    remark("A policy by its number, as JSON for another program.")?;
    check(&["--policy", Nsso::EXAMPLE_POLICY, "--format", "json"]).await?;
    remark("A car without a policy. This is an answer, and it is billed.")?;
    check(&["--plate", Nsso::EMPTY_PLATE]).await?;
    remark("A typing error costs nothing: it is found before anything is sent.")?;
    check(&["--plate", "А111ЯА11"]).await?;
    remark(
        "A whole fleet. With a file of yours, the same command run again goes on where it was stopped.",
    )?;
    check(&["--input", &input, "--output", &answers_path]).await?;
    remark("The outcomes, one line of JSON a row:")?;
    output::line(&format!("$ head -n 1 {answers_path}"))?;
    let answers = fs::read_to_string(&answers).map_err(failed)?;
    output::line(answers.lines().next().unwrap_or_default())
}

fn remark(text: &str) -> Result<(), Failure> {
    output::line(&format!("# {text}"))
}

/// Prints the command, executes it, and prints its exit code if it failed.
async fn check(arguments: &[&str]) -> Result<(), Failure> {
    let command = ["ruapi", "--sandbox", "nsso", "check"];
    let words: Vec<&str> = command.iter().chain(arguments).copied().collect();
    output::line(&format!("$ {}", words.join(" ")))?;
    let code = execute(words.iter().map(OsString::from)).await;
    if code != 0 {
        output::line(&format!("(exit code {code})"))?;
    }
    output::line("")
}
