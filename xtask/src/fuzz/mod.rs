//! `cargo xtask fuzz`: everything that reads what others wrote is given nonsense.
//!
//! The targets are a workspace of their own, `xtask/fuzz`; here they are built, given seeds and run.

mod report;
mod seeds;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::Result;
use crate::ci::{cargo, cargo_is_there, command, finish};
use report::Row;

/// A fuzz target.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// What is read, for the report.
    pub(crate) what: &'static str,
    /// How many cases the first byte of an input picks from; 0: it picks nothing.
    pub(crate) cases: u8,
    pub(crate) seeds: Seeds,
    /// The longest input, in bytes.
    longest: usize,
}

/// What a target begins with.
#[derive(Clone, Copy)]
pub(crate) enum Seeds {
    /// The bodies of an API's fixtures.
    Bodies(&'static str),
    /// The texts in all fixtures, one of each shape.
    Texts,
    /// The answers of all fixtures, with their heads.
    Answers,
    /// The requests of the partner's fixtures.
    Requests,
    Archives,
    Documents,
}

pub(crate) const TARGETS: &[Target] = &[
    Target {
        name: "nsso",
        what: "the answer of nsso-client",
        cases: 0,
        seeds: Seeds::Bodies("nsso"),
        longest: 2048,
    },
    Target {
        name: "shtrafovnet",
        what: "15 answers, callbacks and cursors of shtrafovnet-client",
        cases: 15,
        seeds: Seeds::Bodies("shtrafovnet"),
        longest: 4096,
    },
    Target {
        name: "osago",
        what: "7 answers of osago-offer, and 2 bodies that its server reads",
        cases: 9,
        seeds: Seeds::Bodies("osago"),
        longest: 8192,
    },
    Target {
        name: "cherehapa",
        what: "2 answers of cherehapa-types, and its relaxed JSON",
        cases: 3,
        seeds: Seeds::Bodies("cherehapa"),
        longest: 8192,
    },
    Target {
        name: "epgu",
        what: "5 answers of epgu-gusmev, and 4 kinds of state that it keeps",
        cases: 9,
        seeds: Seeds::Bodies("epgu"),
        longest: 8192,
    },
    Target {
        name: "inputs",
        what: "20 kinds of input: plates, policies, links, dates, names, URLs, secrets",
        cases: 20,
        seeds: Seeds::Texts,
        longest: 256,
    },
    Target {
        name: "archive",
        what: "the checker and the builder of archives of epgu-gusmev",
        cases: 4,
        seeds: Seeds::Archives,
        longest: 2048,
    },
    Target {
        name: "data_uri",
        what: "the PDF in an answer of osago-offer, as a data URI",
        cases: 0,
        seeds: Seeds::Documents,
        longest: 2048,
    },
    Target {
        name: "calls",
        what: "whole answers through 15 calls of the clients: redirects, Retry-After, lengths, links, errors",
        cases: 15,
        seeds: Seeds::Answers,
        longest: 8192,
    },
    Target {
        name: "server",
        what: "whole requests to the partner's routes of osago-offer",
        cases: 0,
        seeds: Seeds::Requests,
        longest: 4096,
    },
];

/// The targets' workspace.
pub(crate) const MANIFEST: &str = "xtask/fuzz/Cargo.toml";

/// Of each target, as a check.
const FEW: u64 = 30_000;
/// Of each target, for the report.
const MANY: u64 = 10_000_000;

const USAGE: &str = "usage: cargo xtask fuzz [--check] [TARGET] [--executions N]";

struct Arguments {
    check: bool,
    target: Option<&'static Target>,
    executions: u64,
}

impl Arguments {
    fn parse(arguments: &[&str]) -> Result<Self> {
        let (mut check, mut target, mut executions) = (false, None, None);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match *argument {
                "--check" => check = true,
                "--executions" => executions = Some(rest.next().ok_or(USAGE)?.parse()?),
                name => {
                    let found = TARGETS.iter().find(|target| target.name == name);
                    target = Some(found.ok_or_else(|| format!("no target {name}\n{USAGE}"))?);
                }
            }
        }
        let executions = executions.unwrap_or(if check { FEW } else { MANY });
        Ok(Self { check, target, executions })
    }
}

pub(crate) fn run(arguments: &[&str]) -> Result {
    let arguments = Arguments::parse(arguments)?;
    if let Some(missing) = missing() {
        let hint = format!("{missing} is not installed, which fuzzing needs");
        return match std::env::var_os("RUAPI_REQUIRE_FUZZ") {
            Some(_) => Err(hint.into()),
            None => {
                println!("NOT FUZZED. {hint}");
                Ok(())
            }
        };
    }
    let start = Instant::now();
    // cargo-fuzz would change it silently.
    cargo(&["fetch", "--quiet", "--locked", "--manifest-path", MANIFEST])
        .map_err(|error| format!("xtask/fuzz/Cargo.lock is out of date: {error}"))?;
    // All is safe Rust: an address sanitizer would find nothing, and take half of the executions.
    let build = ["fuzz", "build", "--fuzz-dir", "xtask/fuzz", "--sanitizer", "none"];
    let mut build = command("cargo", &build);
    finish(build.args(["--codegen-units", "8", "--target-dir"]).arg(folder("build")))?;
    println!("built in {:.0?}", start.elapsed());

    let mut rows = Vec::new();
    for target in TARGETS {
        if arguments.target.is_none_or(|one| one.name == target.name) {
            let row = fuzz(target, &arguments)?;
            println!("{}", row.line());
            if !arguments.check {
                report::write(&row)?;
            }
            rows.push(row);
        }
    }
    println!("\n{}", report::table(&rows));
    println!("{:.0?}", start.elapsed());
    Ok(())
}

fn missing() -> Option<&'static str> {
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let has_compiler = Command::new(compiler).arg("--version").output().is_ok();
    if !cargo_is_there("fuzz") {
        Some("cargo-fuzz")
    } else {
        (!has_compiler).then_some("a C++ compiler")
    }
}

fn folder(name: &str) -> PathBuf {
    crate::root().join("target/fuzz").join(name)
}

fn fresh(folder: &Path) -> Result {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(std::fs::create_dir_all(folder)?)
}

/// Runs a target. An error: something was found.
fn fuzz(target: &Target, arguments: &Arguments) -> Result<Row> {
    let (seeds, found) = (folder("seeds").join(target.name), folder("found").join(target.name));
    fresh(&seeds)?;
    seeds::write(target, &seeds)?;
    std::fs::create_dir_all(&found)?;
    // A check does not depend on what earlier runs found.
    let corpus = folder(if arguments.check { "check" } else { "corpus" }).join(target.name);
    if arguments.check {
        fresh(&corpus)?;
    }
    std::fs::create_dir_all(&corpus)?;
    let dictionary = folder("seeds").join(format!("{}.dict", target.name));
    std::fs::write(&dictionary, seeds::dictionary(target)?)?;

    let triple = host()?;
    let program = folder("build").join(triple).join("release").join(target.name);
    let mut run = Command::new(program);
    run.arg(&corpus).arg(&seeds);
    run.arg(format!("-dict={}", dictionary.display()));
    run.arg(format!("-artifact_prefix={}/", found.display()));
    run.arg(format!("-runs={}", arguments.executions)).arg(format!("-max_len={}", target.longest));
    run.args(["-rss_limit_mb=512", "-timeout=5", "-print_final_stats=1", "-verbosity=1"]);
    if arguments.check {
        // The same each time.
        run.arg("-seed=1");
    }
    run.env("RUST_BACKTRACE", "0");
    // Large blocks of an execution are not returned to the system, only to be asked for by the next one.
    run.envs([("MALLOC_MMAP_THRESHOLD_", "33554432"), ("MALLOC_TRIM_THRESHOLD_", "134217728")]);
    let start = Instant::now();
    let output = run.output().map_err(|error| format!("{run:?}: {error}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        // What led to it is in its last lines.
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(25)..].join("\n");
        return Err(format!("{last}\n{}: found something, see above", target.name).into());
    }
    // A check is no part of what is counted.
    let before = if arguments.check { String::new() } else { report::old() };
    Row::read(target, &log, start.elapsed(), &before)
        .ok_or_else(|| format!("{}: no statistics in {log}", target.name).into())
}

/// The machine's own target, which cargo-fuzz builds for.
fn host() -> Result<String> {
    let output = Command::new("rustc").args(["--version", "--verbose"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc does not say its host")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_built_run_and_reported() {
        let manifest = crate::root().join(MANIFEST);
        let manifest: toml::Table =
            toml::from_str(&std::fs::read_to_string(manifest).unwrap()).unwrap();
        let bins = manifest["bin"].as_array().unwrap().iter();
        let bins: Vec<&str> = bins.map(|bin| bin["name"].as_str().unwrap()).collect();
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        assert_eq!(bins, names);
        let report = std::fs::read_to_string(report::path()).unwrap();
        for target in TARGETS {
            assert!(report.contains(&format!("| `{}` | {} |", target.name, target.what)));
        }
    }

    /// How many items a list in a source has: what stands between its bracket and the one that closes it.
    fn items_behind(source: &str, begin: &str) -> Option<usize> {
        let list = &source[source.find(begin)? + begin.len()..];
        let (mut depth, mut items, mut is_empty) = (0, 0, true);
        for letter in list.chars() {
            match letter {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => return Some(items + usize::from(!is_empty)),
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => (items, is_empty) = (items + 1, true),
                _ => {}
            }
            is_empty = is_empty && (letter.is_whitespace() || letter == ',');
        }
        None
    }

    #[test]
    fn every_target_has_as_many_cases_as_are_told() {
        assert_eq!(items_behind("x(data, |a| f(a, 1), g,\n)", "x("), Some(3));
        assert_eq!(items_behind("y = &[a, [b, c], d];", "y = &["), Some(3));
        for target in TARGETS {
            let path = format!("xtask/fuzz/fuzz_targets/{}.rs", target.name);
            let source = std::fs::read_to_string(crate::root().join(path)).unwrap();
            let cases = items_behind(&source, "cases!(").map(|items| items - 1);
            let listed = || {
                let types = items_behind(&source, "const TYPES: &[fn(&str)] = &[");
                types.or_else(|| items_behind(&source, "const CALLS: &[Play] = &["))
            };
            let cases = cases.or_else(listed).unwrap_or(0);
            assert_eq!(usize::from(target.cases), cases, "{}", target.name);
            // The last one may be named without a number.
            let words = target.what.split_whitespace();
            let told: usize = words.filter_map(|word| word.parse::<usize>().ok()).sum();
            let told = told + target.what.matches(", and its ").count();
            assert!(
                told == cases || !target.what.contains(|c: char| c.is_ascii_digit()),
                "{told} {}",
                target.what
            );
        }
    }

    #[test]
    fn every_target_has_seeds_for_each_of_its_cases() {
        for target in TARGETS {
            let folder = tempfile::tempdir().unwrap();
            seeds::write(target, folder.path()).unwrap();
            let mut firsts = std::collections::BTreeSet::new();
            for seed in std::fs::read_dir(folder.path()).unwrap() {
                let seed = std::fs::read(seed.unwrap().path()).unwrap();
                firsts.extend(seed.first().map(|first| first % target.cases.max(1)));
                assert!(seed.len() <= target.longest, "{}", target.name);
            }
            assert_eq!(firsts.len(), usize::from(target.cases.max(1)), "{}", target.name);
        }
    }
}
