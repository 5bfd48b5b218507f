//! `cargo xtask package`: packs every crate; checks, builds and tests each from its packed form.
//!
//! What cargo unpacked lies in one workspace of its own, in which the crates find each other as they will
//! find each other on crates.io. Nothing else of this repository is there.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use crate::Result;
use crate::ci::{command, finish, step};
use crate::{examples, public_api};

pub(crate) fn run() -> Result {
    let folder = crate::root().join("target/packed");
    let mut crates = BTreeMap::new();
    step("packing", || {
        crates = unpack(&folder)?;
        Ok(())
    })?;
    let order = in_order(&crates)?;
    for name in &order {
        check_metadata(&folder.join(name), &crates[*name])
            .map_err(|error| format!("{name}: {error}"))?;
    }
    for name in &order {
        step(&format!("{name}: features"), || {
            feature_sets(&crates[*name]).iter().try_for_each(|set| {
                let set: Vec<&str> = set.iter().map(String::as_str).collect();
                in_packed(&folder, &[&["check", "--quiet", "-p", name][..], &set].concat())
            })
        })?;
    }
    for name in &order {
        step(&format!("{name}: public items"), || {
            let Some(document) = public_api::document(&folder.join("Cargo.toml"), name)? else {
                return Ok(());
            };
            public_api::check(&document, name)?;
            examples::check(&document, name)
        })?;
    }
    for name in &order {
        step(&format!("{name}: tests"), || {
            in_packed(&folder, &["test", "--quiet", "-p", name, "--all-features"])
        })?;
    }
    println!("packed, and good by themselves, in the order of publishing: {}", order.join(", "));
    Ok(())
}

fn in_packed(folder: &Path, arguments: &[&str]) -> Result {
    finish(command("cargo", arguments).current_dir(folder))
}

/// Packs every crate and unpacks it again; the manifests as they are in the packages.
fn unpack(folder: &Path) -> Result<BTreeMap<String, Table>> {
    let packed = crate::root().join("target/packages");
    for old in [&packed.join("package"), folder] {
        if old.exists() {
            remove_sources(old)?;
        }
    }
    let pack = ["package", "--workspace", "--exclude", "xtask", "--allow-dirty", "--no-verify"];
    finish(command("cargo", &pack).arg("--quiet").arg("--target-dir").arg(&packed))?;

    std::fs::create_dir_all(folder)?;
    let mut crates = BTreeMap::new();
    for entry in std::fs::read_dir(packed.join("package"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "crate") {
            continue;
        }
        // With the time of now: cargo takes what is as old as the packages for unchanged.
        finish(command("tar", &["-xzmf"]).arg(&path).arg("-C").arg(folder))?;
        let unpacked = folder.join(path.file_stem().ok_or("a file name")?);
        let manifest: Table = std::fs::read_to_string(unpacked.join("Cargo.toml"))?.parse()?;
        let name = manifest["package"]["name"].as_str().ok_or("a name")?.to_owned();
        std::fs::rename(&unpacked, folder.join(&name))?;
        crates.insert(name, manifest);
    }
    std::fs::copy(crate::root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    std::fs::write(folder.join("Cargo.toml"), workspace(crates.keys()))?;
    Ok(crates)
}

/// Leaves cargo's own `target`, which makes the next run faster.
fn remove_sources(folder: &Path) -> Result {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true if path.ends_with("target") => {}
            true => std::fs::remove_dir_all(path)?,
            false => std::fs::remove_file(path)?,
        }
    }
    Ok(())
}

/// The unpacked crates as a workspace that takes them in place of the published ones.
fn workspace<'a>(names: impl Iterator<Item = &'a String>) -> String {
    // Nobody looks into what is built here with a debugger.
    let mut text = "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\nexclude = [\"target\"]\n\n\
                    [profile.dev]\ndebug = false\n\n[patch.crates-io]\n"
        .to_owned();
    for name in names {
        text += &format!("{name} = {{ path = {name:?} }}\n");
    }
    text
}

/// The crates, each behind those that it needs, also for its tests: so they can be published.
fn in_order(crates: &BTreeMap<String, Table>) -> Result<Vec<&str>> {
    let mut order: Vec<&str> = Vec::new();
    while order.len() < crates.len() {
        let is_next = |(name, manifest): &(&String, &Table)| {
            let mut needed = dependencies(manifest).filter(|other| crates.contains_key(*other));
            !order.contains(&name.as_str()) && needed.all(|other| order.contains(&other))
        };
        let next = crates.iter().find(is_next).ok_or("the crates need each other in a circle")?;
        order.push(next.0);
    }
    Ok(order)
}

fn dependencies(manifest: &Table) -> impl Iterator<Item = &str> {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(|kind| manifest.get(kind)?.as_table())
        .flat_map(|table| table.keys().map(String::as_str))
}

/// What crates.io and docs.rs show of a crate, and what its licences want.
fn check_metadata(unpacked: &Path, manifest: &Table) -> Result {
    let package = &manifest["package"];
    let list = |name: &str| package.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    for name in ["description", "license", "repository", "readme", "rust-version"] {
        let text = package.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).ok_or(format!("`{name}` is missing"))?;
    }
    if !(1..=5).contains(&list("keywords")) || list("categories") == 0 {
        return Err("1 to 5 keywords and a category are wanted".into());
    }
    let docs = package.get("metadata").and_then(|metadata| metadata.get("docs")?.get("rs"));
    if docs.and_then(|docs| docs.get("all-features")?.as_bool()) != Some(true) {
        return Err("docs.rs would not show all features".into());
    }
    for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        let text = std::fs::read_to_string(unpacked.join(file));
        let same = crate::root().join(file);
        let text = text.map_err(|error| format!("{file}: {error}"))?;
        if file.starts_with("LICENSE") && text != std::fs::read_to_string(same)? {
            return Err(format!("{file} is not the workspace's").into());
        }
    }
    Ok(())
}

/// No features, each one alone, all of them: as arguments.
fn feature_sets(manifest: &Table) -> Vec<Vec<String>> {
    let none = || vec!["--no-default-features".to_owned()];
    let features = manifest.get("features").and_then(Value::as_table);
    let names = features.into_iter().flat_map(Table::keys).filter(|name| *name != "default");
    let alone = names.map(|name| [none(), vec!["--features".to_owned(), name.clone()]].concat());
    let mut sets = vec![none()];
    sets.extend(alone);
    sets.push(vec!["--all-features".to_owned()]);
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn a_crate_follows_those_that_it_needs() {
        let crates = |core: &str| {
            BTreeMap::from([
                ("a".to_owned(), manifest("[dependencies]\ncore = \"1\"\nserde = \"1\"")),
                ("b".to_owned(), manifest("[dev-dependencies]\na = \"1\"")),
                ("core".to_owned(), manifest(core)),
            ])
        };
        assert_eq!(in_order(&crates("")).unwrap(), ["core", "a", "b"]);
        in_order(&crates("[dev-dependencies]\nb = \"1\"")).unwrap_err();
    }

    #[test]
    fn every_feature_is_tried_alone() {
        let sets = feature_sets(&manifest("[features]\ndefault = [\"x\"]\nx = []\ny = []"));
        let sets: Vec<String> = sets.iter().map(|set| set.join(" ")).collect();
        let none = "--no-default-features";
        let alone = |name: &str| format!("{none} --features {name}");
        assert_eq!(sets, [none.to_owned(), alone("x"), alone("y"), "--all-features".to_owned()]);
    }

    #[test]
    fn a_crate_without_its_metadata_is_not_published() {
        let whole = r#"[package]
description = "d"
license = "MIT"
repository = "r"
readme = "README.md"
rust-version = "1.85"
keywords = ["k"]
categories = ["c"]
[package.metadata.docs.rs]
all-features = true
"#;
        let folder = crate::root().join("crates/ruapi-core");
        check_metadata(&folder, &manifest(whole)).unwrap();
        check_metadata(&crate::root(), &manifest(whole)).unwrap();
        for line in whole.lines().filter(|line| line.contains(" = ")) {
            let without = manifest(&whole.replace(line, ""));
            check_metadata(&folder, &without).unwrap_err();
        }
        let no_licences = crate::root().join("crates/ruapi-core/src");
        check_metadata(&no_licences, &manifest(whole)).unwrap_err();
    }
}
