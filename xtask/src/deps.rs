//! `cargo xtask deps`: what a consumer pays for a crate: packages, build time, size.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::ci::{command, finish};
use crate::readmes::{Language, README, TRANSLATION};
use crate::{Result, markers};

/// Packages in a crate's tree, the crate and the core counted: with the default TLS, and without TLS.
const MOST_PACKAGES: &[(&str, usize, usize)] = &[
    ("ruapi-wire", 19, 19),
    ("ruapi-core", 109, 89),
    ("nsso-client", 110, 90),
    ("shtrafovnet-client", 112, 92),
    ("osago-offer", 112, 92),
    ("epgu-gusmev", 122, 102),
    ("cherehapa-types", 20, 20),
];

/// The most lines of code that the core may have: it stays what everybody can read.
const MOST_LINES: usize = 2500;

/// What the others are held against, without its default features.
const REQWEST: &str = "reqwest";

/// What is measured: a crate of ours or reqwest, and its features besides the default ones; `None`: not
/// even those.
const MEASURED: &[(&str, Option<&[&str]>)] = &[
    (REQWEST, None),
    (REQWEST, Some(&["rustls"])),
    ("ruapi-core", None),
    ("ruapi-core", Some(&[])),
    ("nsso-client", None),
    ("nsso-client", Some(&[])),
    ("shtrafovnet-client", None),
    ("shtrafovnet-client", Some(&[])),
    ("osago-offer", None),
    ("osago-offer", Some(&[])),
    ("osago-offer", Some(&["server"])),
    ("epgu-gusmev", None),
    ("epgu-gusmev", Some(&[])),
    ("cherehapa-types", Some(&[])),
    ("ruapi-sandbox", Some(&[])),
];

/// Fails if a crate brings more packages than it may, or the core has more code. Times and sizes depend on the
/// machine.
pub(crate) fn check() -> Result {
    let lines = lines_in(&crate::root().join("crates/ruapi-core/src"))?;
    println!(
        "ruapi-core: {lines} lines of code, at most {MOST_LINES}, without `test_util`, modules of tests, \
         comments and blank lines"
    );
    if lines == 0 || lines > MOST_LINES {
        return Err("ruapi-core has too much code".into());
    }
    for (package, with_tls, without_tls) in MOST_PACKAGES {
        for (features, most) in [("", with_tls), ("--no-default-features", without_tls)] {
            let manifest = crate::root().join("Cargo.toml");
            let arguments = ["-p", package].into_iter().chain(features.split_whitespace());
            let packages = packages(&manifest, &arguments.collect::<Vec<_>>())?.len();
            println!("{package} {features}: {packages} packages, at most {most}");
            if packages == 0 || packages > *most {
                return Err(format!("{package} {features} has too many packages").into());
            }
        }
    }
    Ok(())
}

/// The lines of code in a folder and those below it.
fn lines_in(folder: &Path) -> Result<usize> {
    let mut lines = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            lines += if path.ends_with("test_util") { 0 } else { lines_in(&path)? };
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            lines += lines_of(&std::fs::read_to_string(path)?);
        }
    }
    Ok(lines)
}

/// The lines of code in a formatted source, without modules of tests, comments and blank lines.
fn lines_of(source: &str) -> usize {
    let mut lines = source.lines();
    let mut count = 0;
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            // To the end of the item.
            lines
                .by_ref()
                .find(|line| *line == "}" || (line.ends_with(';') && !line.starts_with(' ')));
        } else if !line.trim().is_empty() && !line.trim_start().starts_with("//") {
            count += 1;
        }
    }
    count
}

/// The packages of a tree, each once.
fn packages(manifest: &Path, arguments: &[&str]) -> Result<BTreeSet<String>> {
    let mut tree = command("cargo", &["tree", "-e", "normal,build", "--prefix", "none"]);
    tree.args(["--format", "{p}", "--manifest-path"]).arg(manifest).args(arguments);
    let output = tree.output()?;
    if !output.status.success() {
        return Err(format!("{tree:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect())
}

/// Builds each crate as somebody's only dependency, from nothing; writes what that took into the READMEs.
pub(crate) fn run() -> Result {
    let mut rows = String::new();
    for (name, features) in MEASURED {
        let row = measure(name, *features)?;
        println!("{}", row.trim_end());
        rows += &row;
    }
    for readme in [README, TRANSLATION].map(|name| crate::root().join(name)) {
        markers::paste(&readme, "deps", &table(&rows, Language::of(&readme)), true)?;
    }
    Ok(())
}

/// What a README shows.
fn table(rows: &str, language: Language) -> String {
    let head = language.choose(
        "| crate | features | packages | CPU seconds of a clean release build | its own rlib, KiB | all rlibs, KiB |",
        "| крейт | features | пакетов | процессорных секунд чистой сборки в release | его rlib, КиБ | все rlib, КиБ |",
    );
    format!("{head}\n|---|---|---:|---:|---:|---:|\n{rows}")
}

/// The line of a crate with these features.
fn measure(name: &str, features: Option<&[&str]>) -> Result<String> {
    let folder = crate::root().join("target/deps");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let consumer = consumer(&folder, name, features)?;
    let before = cpu_seconds_of_children()?;
    let mut build = command("cargo", &["build", "--release", "--quiet", "--manifest-path"]);
    finish(build.arg(&consumer).arg("--target-dir").arg(folder.join("target")))?;
    let seconds = cpu_seconds_of_children()? - before;
    let (own, all) = rlibs(&folder.join("target/release/deps"), name)?;
    // The consumer itself is no cost.
    let packages = packages(&consumer, &[])?.len() - 1;
    let features = match features {
        None => "none".to_owned(),
        Some([]) => "default".to_owned(),
        Some(more) if name == REQWEST => more.join(", "),
        Some(more) => format!("default, {}", more.join(", ")),
    };
    std::fs::remove_dir_all(&folder)?;
    Ok(format!("| {name} | {features} | {packages} | {seconds:.0} | {own} | {all} |\n"))
}

/// A package with this one dependency; the path of its manifest.
fn consumer(folder: &Path, name: &str, features: Option<&[&str]>) -> Result<PathBuf> {
    std::fs::create_dir_all(folder.join("src"))?;
    std::fs::write(folder.join("src/lib.rs"), "")?;
    // The same versions as in the workspace.
    std::fs::copy(crate::root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let source = match name {
        REQWEST => r#"version = "0.13", default-features = false"#.to_owned(),
        ours => {
            let path = crate::root().join("crates").join(ours);
            format!("path = {path:?}, default-features = {}", features.is_some())
        }
    };
    let features = features.unwrap_or_default();
    let manifest = folder.join("Cargo.toml");
    let text = format!(
        "[package]\nname = \"consumer\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         {name} = {{ {source}, features = {features:?} }}\n"
    );
    std::fs::write(&manifest, text)?;
    Ok(manifest)
}

/// The processor time of all processes that this one started and that have ended.
fn cpu_seconds_of_children() -> Result<f64> {
    // The 16th and 17th field, in hundredths of a second; the second one may hold spaces.
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(')').ok_or("no process name")?;
    let ticks = after_name.split_whitespace().skip(13).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<std::result::Result<f64, _>>()? / 100.0)
}

/// The size of a crate's own library and of all, in KiB.
fn rlibs(folder: &Path, name: &str) -> Result<(u64, u64)> {
    let start = format!("lib{}-", name.replace('-', "_"));
    let (mut own, mut all) = (0, 0);
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().unwrap_or_default();
        if name.ends_with(".rlib") && !name.starts_with("libconsumer-") {
            let size = entry.metadata()?.len() / 1024;
            all += size;
            own += if name.starts_with(&start) { size } else { 0 };
        }
    }
    Ok((own, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_counted_and_nothing_else() {
        let source = "//! Of this.\n\nuse a::b;\n\n/// A function.\nfn f() {\n    // Why.\n    b(1);\n}\n\n\
                      #[cfg(test)]\nmod tests {\n    #[test]\n    fn g() {}\n}\n";
        assert_eq!(lines_of(source), 4);
        let with_more = format!("{source}\nfn h() {{}}\n#[cfg(test)]\nmod other;\nfn i() {{}}\n");
        assert_eq!(lines_of(&with_more), 6);
    }
}
