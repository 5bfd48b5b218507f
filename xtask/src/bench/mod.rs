//! Benchmarks: each a ratio to a baseline measured in the same run, in turns with it.
//!
//! criterion and divan measure one thing at a time; a ratio of two such runs moves with the
//! machine's mood. Here both sides take turns, and the median of the turns' ratios is given.

mod chart;
mod cherehapa;
mod epgu;
mod measure;
mod nsso;
mod shtrafovnet;

use std::process::{Child, Command, Stdio};

use ruapi_core::BoxFuture;

use crate::readmes::{Language, README, TRANSLATION};
use crate::{Result, markers};

/// A measurement against a server of its own.
type Bench = fn(Server) -> BoxFuture<'static, Result<Row>>;

/// One line of the table.
pub(crate) struct Row {
    what: String,
    baseline: &'static str,
    ratio: f64,
    target: &'static str,
    met: bool,
    more: String,
}

/// Runs the benchmarks whose name holds the given word, in release mode.
pub(crate) async fn run(arguments: &[&str]) -> Result {
    match arguments {
        ["--serve"] => serve().await,
        ["--here", word] => measure_all(word).await,
        [] => in_release(""),
        [word] => in_release(word),
        _ => Err("usage: cargo xtask bench [NAME]".into()),
    }
}

fn in_release(word: &str) -> Result {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--release", "--package", "xtask", "--", "bench", "--here", word])
        .status()?;
    if status.success() { Ok(()) } else { Err("not all that was to be measured is well".into()) }
}

async fn measure_all(word: &str) -> Result {
    let mut rows = Vec::new();
    let of_clients = nsso::BENCHES.iter().chain(shtrafovnet::BENCHES).chain(epgu::BENCHES);
    for (name, bench) in of_clients.chain(cherehapa::BENCHES) {
        if name.contains(word) {
            eprintln!("measuring {name} …");
            rows.push(bench(Server::start()?).await?);
        }
    }
    if rows.is_empty() {
        return Err(format!("no benchmark has {word} in its name").into());
    }
    print!("{}", table(&rows, Language::English));
    if word.is_empty() {
        let machine = machine(Language::English);
        svg::save(crate::root().join(CHART), &chart::draw(&rows, &machine))?;
        for readme in [README, TRANSLATION].map(|name| crate::root().join(name)) {
            markers::paste(&readme, "bench", &section(&rows, Language::of(&readme)), true)?;
        }
    }
    match rows.iter().all(|row| row.met) {
        true => Ok(()),
        false => Err("a benchmark misses its target".into()),
    }
}

/// Where the table is drawn.
const CHART: &str = "xtask/benchmarks.svg";

/// What a README shows. The measurements keep the names that they have in the program.
fn section(rows: &[Row], language: Language) -> String {
    let chart = language.choose("Ratios to the baselines", "Отношения к эталонам");
    let (table, machine) = (table(rows, language), machine(language));
    format!("![{chart}]({CHART})\n\n{table}\n{machine}\n")
}

fn table(rows: &[Row], language: Language) -> String {
    let head = language.choose(
        "| what | baseline | ratio | target | also |",
        "| что | эталон | отношение | цель | ещё |",
    );
    let mut table = format!("{head}\n|---|---|---|---|---|\n");
    let missed = language.choose(" **missed**", " **не достигнута**");
    for row in rows {
        let Row { what, baseline, ratio, target, met, more } = row;
        let mark = if *met { "" } else { missed };
        table += &format!("| {what} | {baseline} | {ratio:.2} | {target}{mark} | {more} |\n");
    }
    table
}

/// What it was measured on.
fn machine(language: Language) -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let unnamed = language.choose("an unnamed processor", "процессор без названия");
    let model = model.map_or(unnamed, |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let system = std::env::consts::OS;
    match language {
        Language::English => {
            format!("Measured by `cargo xtask bench` on {system}, {cores} cores of {model}.")
        }
        Language::Russian => {
            format!("Измерено командой `cargo xtask bench`: {system}, ядер: {cores}, {model}.")
        }
    }
}

/// The sandbox in a process of its own, so that its allocations and memory are not counted as ours.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
}

impl Server {
    fn start() -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["bench", "--serve"])
            .stdout(Stdio::piped())
            .stdin(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        let stdout = process.stdout.take().ok_or("no standard output")?;
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut url)?;
        Ok(Self { process, url: url.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about either failure here.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn serve() -> Result {
    let sandbox = ruapi_sandbox::Sandbox::start().await?;
    sandbox.nsso().set_balance(1e9);
    sandbox.shtrafovnet().set_modern_forms(true);
    println!("{}", sandbox.url());
    sandbox.serve_forever().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_of_no_benchmark_is_an_error() {
        measure_all("no such name").await.unwrap_err();
    }

    #[test]
    fn both_readmes_get_the_same_figures() {
        let row = |met| Row {
            what: "a call".to_owned(),
            baseline: "plain reqwest",
            ratio: 1.04,
            target: "≤ 1.1",
            met,
            more: "2 µs".to_owned(),
        };
        let rows = [row(true), row(false)];
        let (english, russian) =
            (section(&rows, Language::English), section(&rows, Language::Russian));
        for text in [&english, &russian] {
            assert!(text.contains("| a call | plain reqwest | 1.04 | ≤ 1.1 | 2 µs |"), "{text}");
            assert_eq!(text.lines().filter(|line| line.starts_with('|')).count(), 4);
        }
        assert!(english.contains("**missed**") && russian.contains("**не достигнута**"));
    }
}
