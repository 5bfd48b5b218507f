//! `cargo xtask ci`: every check, in the order in which failures are cheapest to find.

use std::process::Command;
use std::time::Instant;

use crate::Result;

/// Examples that run against the sandbox by themselves: package, its features, example.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("nsso-client", "", "check"),
    ("nsso-client", "", "bulk"),
    ("shtrafovnet-client", "", "driver"),
    ("osago-offer", "server", "partner"),
    ("osago-offer", "server", "confirm"),
];

pub(crate) async fn run() -> Result {
    let start = Instant::now();
    step("format", || {
        cargo(&["fmt", "--all", "--check"])?;
        cargo(&["fmt", "--manifest-path", crate::fuzz::MANIFEST, "--check"])
    })?;
    let clippy =
        ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    step("clippy", || cargo(&clippy))?;
    // The command that the README gives.
    step("tests", || cargo(&["test", "--workspace"]))?;
    step("examples", || {
        EXAMPLES.iter().try_for_each(|(package, features, example)| {
            let package = ["run", "--quiet", "--package", package, "--features", features];
            cargo(&[&package[..], &["--example", example]].concat())
        })
    })?;
    step("documentation", || {
        let arguments = ["doc", "--workspace", "--no-deps", "--all-features"];
        finish(command("cargo", &arguments).env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    println!("\n== fixtures and coverage");
    crate::fixtures::run(&["--check"]).await?;
    crate::coverage::run(&["--check"])?;
    step("faults", || crate::faults::run(&["--check"]))?;
    println!("\n== leaks");
    crate::leaks::run(&[]).await?;
    step("fuzzing", || crate::fuzz::run(&["--check"]))?;
    step("dependencies", crate::deps::check)?;
    step("licences, bans, sources", || {
        cargo(&["deny", "--workspace", "check", "bans", "licenses", "sources"])
    })?;
    step("packages", crate::package::run)?;
    step("oldest Rust", msrv)?;
    println!("\nall checks passed in {:.0?}", start.elapsed());
    Ok(())
}

pub(crate) fn step(name: &str, work: impl FnOnce() -> Result) -> Result {
    println!("\n== {name}");
    let start = Instant::now();
    work().map_err(|error| format!("{name}: {error}"))?;
    println!("== {name}: {:.0?}", start.elapsed());
    Ok(())
}

pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(crate::root());
    command
}

pub(crate) fn cargo(arguments: &[&str]) -> Result {
    finish(&mut command("cargo", arguments))
}

/// Whether cargo has this subcommand.
pub(crate) fn cargo_is_there(subcommand: &str) -> bool {
    let output = Command::new("cargo").args([subcommand, "--version"]).output();
    output.is_ok_and(|output| output.status.success())
}

pub(crate) fn finish(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}

/// Builds what is published with the oldest Rust that it promises.
pub(crate) fn msrv() -> Result {
    let manifest = std::fs::read_to_string(crate::root().join("Cargo.toml"))?;
    let manifest: toml::Table = toml::from_str(&manifest)?;
    let version = manifest["workspace"]["package"]["rust-version"].as_str().ok_or("a string")?;
    let check = [
        "check",
        "--workspace",
        "--exclude",
        "xtask",
        "--all-features",
        "--locked",
        "--target-dir",
        "target/msrv",
    ];

    let by_rustup = format!("+{version}");
    let prints_version = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.is_ok_and(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            output.status.success() && text.contains(&format!(" {version}."))
        })
    };
    if prints_version("cargo", &[&by_rustup, "--version"]) {
        return finish(command("cargo", &[&by_rustup]).args(check));
    }
    // Debian's package rustc-web.
    if prints_version("/usr/bin/cargo", &["--version"]) {
        let mut debian = command("/usr/bin/cargo", &check);
        // Set by the cargo that runs this program, and of another version.
        debian.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env("RUSTC", "/usr/bin/rustc");
        return finish(&mut debian);
    }
    let hint = format!("Rust {version} is not installed: rustup toolchain install {version}");
    match std::env::var_os("RUAPI_REQUIRE_MSRV") {
        Some(_) => Err(hint.into()),
        None => {
            println!("NOT CHECKED. {hint}");
            Ok(())
        }
    }
}
