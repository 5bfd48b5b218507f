//! `cargo xtask …`: everything that is done to the workspace rather than with it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod apis;
mod bench;
mod ci;
mod coverage;
mod deps;
mod examples;
mod faults;
mod fixtures;
mod fuzz;
mod leaks;
mod markers;
mod operations;
mod package;
mod public_api;
mod readmes;

use std::path::PathBuf;
use std::process::ExitCode;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
cargo xtask COMMAND

  ci                               every check
  msrv                             builds with the oldest Rust that is promised
  fixtures [--check | --live API]  records the fixtures from the sandbox or the real service
  coverage [--check]               documented against implemented and tested; writes the tables, and
                                   compares the READMEs of both languages
  faults [--check]                 plays every fault to every operation; writes the table of what comes of it
  leaks                            plants secrets and people's data everywhere, and looks for them in all that shows
  fuzz [--check] [TARGET] [--executions N]
                                   gives nonsense to everything that reads what others wrote
  bench [NAME]                     measures against named baselines in the same run
  deps                             measures packages, build time and size of each crate, next to plain reqwest
  package                          packs every crate, checks, builds and tests each from its packed form";

/// The top of the workspace.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["ci"] => ci::run().await,
        ["msrv"] => ci::msrv(),
        ["fixtures", ref rest @ ..] => fixtures::run(rest).await,
        ["coverage", ref rest @ ..] => coverage::run(rest),
        ["bench", ref rest @ ..] => bench::run(rest).await,
        ["faults", ref rest @ ..] => faults::run(rest),
        ["leaks", ref rest @ ..] => leaks::run(rest).await,
        ["fuzz", ref rest @ ..] => fuzz::run(rest),
        ["deps"] => deps::run(),
        ["package"] => package::run(),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
