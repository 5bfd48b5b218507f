//! Whose types the crates' public signatures show. A foreign type in them makes that crate's every new
//! major version one of ours.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::Result;
use crate::ci::{command, finish};

/// Whose types may be shown by every crate, besides our own. Undocumented fields are any JSON.
const ALLOWED: &[&str] = &[
    "std",
    "core",
    "alloc",
    "http",
    "bytes",
    "serde",
    "serde_core",
    "serde_json",
    "chrono",
    "secrecy",
    "rust_decimal",
    "futures_core",
];

/// What a crate may show besides: crate, whose type, and why.
const BESIDES: &[(&str, &str, &str)] = &[
    ("ruapi-core", "reqwest", "`Options::http_client` takes the caller's own"),
    ("osago-offer", "axum", "the partner's routes, behind the feature `server`"),
];

/// The documentation of a crate's public items, as rustdoc writes it for programs; none for a program.
pub(crate) fn document(workspace: &Path, name: &str) -> Result<Option<Value>> {
    if !has_library(workspace, name) {
        return Ok(None);
    }
    let folder = workspace.with_file_name("target");
    std::fs::create_dir_all(&folder)?;
    // The JSON form of the documentation is not stable yet. Only rustdoc may know: cargo would build all
    // dependencies anew for a compiler that allows what is unstable.
    let rustdoc = folder.join("rustdoc-unstable");
    std::fs::write(&rustdoc, "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n")?;
    finish(command("chmod", &["+x"]).arg(&rustdoc))?;
    let mut document = command("cargo", &["rustdoc", "--quiet", "--all-features", "-p", name]);
    document.arg("--lib").arg("--manifest-path").arg(workspace).arg("--target-dir").arg(&folder);
    document.args(["--", "-Z", "unstable-options", "--output-format", "json"]);
    finish(document.env("RUSTDOC", &rustdoc))?;
    let library = name.replace('-', "_");
    let text = std::fs::read(folder.join("doc").join(format!("{library}.json")))?;
    Ok(Some(serde_json::from_slice(&text)?))
}

/// Fails if a public item of the crate shows a type of a crate that it should not.
pub(crate) fn check(document: &Value, name: &str) -> Result {
    let foreign = foreign_types(document);
    // Every crate shows a `String` or an `Option`: else this is no documentation as it is read here.
    let is_understood = document["format_version"].is_u64()
        && foreign.iter().any(|(owner, _)| ["core", "std", "alloc"].contains(&owner.as_str()));
    if !is_understood {
        return Err(format!("the documentation of {name} was not understood").into());
    }
    let may = |owner: &str| {
        let besides = BESIDES.iter().any(|(of, whose, _)| (*of, *whose) == (name, owner));
        besides || ALLOWED.contains(&owner) || is_ours(owner)
    };
    let shown: Vec<&str> =
        foreign.iter().filter(|(owner, _)| !may(owner)).map(|(_, path)| path.as_str()).collect();
    match shown.is_empty() {
        true => Ok(()),
        false => Err(format!("{name} shows types of others: {}", shown.join(", ")).into()),
    }
}

fn has_library(workspace: &Path, name: &str) -> bool {
    workspace.with_file_name(name).join("src/lib.rs").exists()
}

fn is_ours(library: &str) -> bool {
    crate::root().join("crates").join(library.replace('_', "-")).exists()
}

/// What the documentation's items name or export of other crates: whose, and its path.
fn foreign_types(document: &Value) -> BTreeSet<(String, String)> {
    let mut ids = BTreeSet::new();
    let mut exports = BTreeSet::new();
    let items = document["index"].as_object().into_iter().flat_map(|index| index.values());
    // A derive's or a blanket implementation shows what its trait's crate decided to show.
    let is_ours = |item: &&Value| {
        let implementation = &item["inner"]["impl"];
        item["crate_id"] == 0
            && implementation["blanket_impl"].is_null()
            && implementation["is_synthetic"] != true
    };
    for item in items.filter(is_ours) {
        collect(&item["inner"], &mut ids);
        exports.extend(exported(&item["inner"], document));
    }
    let paths = &document["paths"];
    let owner = |id: &u64| -> Option<(String, String)> {
        let path = &paths[id.to_string()];
        let owner = path["crate_id"].as_u64().filter(|owner| *owner != 0)?;
        let name = document["external_crates"][owner.to_string()]["name"].as_str()?;
        let segments = path["path"].as_array()?.iter().filter_map(Value::as_str);
        Some((name.to_owned(), segments.collect::<Vec<_>>().join("::")))
    };
    exports.into_iter().chain(ids.iter().filter_map(owner)).collect()
}

/// What a `pub use` or a `pub extern crate` exports, if it is of another crate.
fn exported(item: &Value, document: &Value) -> Option<(String, String)> {
    let by_name = |path: &str| {
        let owner = path.trim_start_matches(':').split("::").next().unwrap_or_default();
        let mut others = document["external_crates"].as_object()?.values();
        let is_other = others.any(|other| other["name"] == owner);
        is_other.then(|| (owner.to_owned(), path.to_owned()))
    };
    if let Some(name) = item["extern_crate"]["name"].as_str() {
        return by_name(name);
    }
    let export = &item["use"];
    let source = export["source"].as_str()?;
    let path = &document["paths"][export["id"].as_u64().unwrap_or_default().to_string()];
    match path["crate_id"].as_u64().filter(|_| export["id"].is_u64()) {
        Some(0) => None,
        Some(owner) => {
            let owner = document["external_crates"][owner.to_string()]["name"].as_str()?;
            Some((owner.to_owned(), source.to_owned()))
        }
        // What the documentation does not follow, such as a macro.
        None => by_name(source),
    }
}

/// The ids of the paths that types and bounds resolve to.
fn collect(value: &Value, ids: &mut BTreeSet<u64>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| collect(item, ids)),
        Value::Object(fields) => {
            let is_path = fields.contains_key("path") && fields.contains_key("args");
            if let Some(id) = fields.get("id").and_then(Value::as_u64).filter(|_| is_path) {
                ids.insert(id);
            }
            fields.values().for_each(|field| collect(field, ids));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_foreign_type_is_found_wherever_it_stands() {
        let path = |id: u64| json!({"resolved_path": {"path": "T", "id": id, "args": null}});
        let item = |inner: Value| json!({"crate_id": 0, "inner": inner});
        let document = json!({
            "index": {
                "0": item(json!({"function": {"sig": {"inputs": [["x", path(1)]]}}})),
                "1": item(json!({"struct_field": {"tuple": [path(2)]}})),
                "2": item(json!({"impl": {"blanket_impl": path(3), "trait": path(3)}})),
                "3": {"crate_id": 1, "inner": path(3)},
            },
            "paths": {
                "1": {"crate_id": 7, "path": ["far", "away", "Type"]},
                "2": {"crate_id": 0, "path": ["here", "Type"]},
                "3": {"crate_id": 7, "path": ["far", "Blanket"]},
            },
            "external_crates": {"7": {"name": "far"}},
        });
        let found = foreign_types(&document);
        assert_eq!(found, [("far".to_owned(), "far::away::Type".to_owned())].into());
    }

    #[test]
    fn an_export_is_found_and_a_document_without_anything_is_refused() {
        let export = |source: &str, id: Value| {
            let name = source.rsplit("::").next();
            json!({"crate_id": 0, "inner": {
                "use": {"source": source, "name": name, "id": id, "is_glob": false}
            }})
        };
        let text = json!({"resolved_path": {"path": "String", "id": 3, "args": null}});
        let document = |export: Value| {
            json!({
                "format_version": 57,
                "index": {"0": export, "1": {"crate_id": 0, "inner": {"struct_field": text}}},
                "paths": {
                    "1": {"crate_id": 7, "path": ["axum", "routing", "Router"]},
                    "2": {"crate_id": 0, "path": ["here", "Type"]},
                    "3": {"crate_id": 1, "path": ["alloc", "string", "String"]},
                },
                "external_crates": {"1": {"name": "alloc"}, "7": {"name": "axum"}},
            })
        };
        for (name, found) in [
            (export("axum::Router", json!(1)), true),
            (export("axum::some_macro", json!(null)), true),
            (export("axum::*", json!(99)), true),
            (
                json!({"crate_id": 0, "inner": {"extern_crate": {"name": "axum", "rename": null}}}),
                true,
            ),
            (export("self::inner::Type", json!(2)), false),
            (export("inner::Type", json!(null)), false),
        ] {
            let is_refused = check(&document(name.clone()), "ruapi-core");
            assert_eq!(is_refused.is_err(), found, "{name}: {is_refused:?}");
        }
        let good = document(export("inner::Type", json!(2)));
        check(&good, "ruapi-core").unwrap();
        for missing in ["format_version", "index", "paths", "external_crates"] {
            let mut document = good.clone();
            document.as_object_mut().unwrap().remove(missing);
            check(&document, "ruapi-core").unwrap_err();
        }
    }
}
