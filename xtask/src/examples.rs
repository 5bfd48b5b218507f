//! Whether every public item is shown in use: by an example of its own, by a link to one, or by the example
//! of what it is a part of.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Result;

/// Fails if a public type, trait or function has no example, nor a link to one; and if there is no item at
/// all, for then the document is not what it was taken for.
pub(crate) fn check(document: &Value, name: &str) -> Result {
    let (seen, without) = walk(document);
    if seen == 0 {
        return Err(format!("{name}: its documentation has no items").into());
    }
    match without.is_empty() {
        true => Ok(()),
        false => {
            Err(format!("{name}: neither an example nor a link to one: {}", without.join(", "))
                .into())
        }
    }
}

/// How many items there are, and the paths of those that lack an example.
fn walk(document: &Value) -> (usize, Vec<String>) {
    let mut walk = Walk { document, seen: BTreeSet::new(), without: Vec::new() };
    let root = &document["index"][document["root"].to_string()];
    // That the crate has an example says nothing of each of its items.
    walk.all(&root["inner"]["module"]["items"], "", false);
    (walk.seen.len(), walk.without)
}

struct Walk<'a> {
    document: &'a Value,
    seen: BTreeSet<u64>,
    without: Vec<String>,
}

impl Walk<'_> {
    fn all(&mut self, ids: &Value, path: &str, is_shown: bool) {
        for id in ids.as_array().into_iter().flatten() {
            self.item(id, path, is_shown);
        }
    }

    fn item(&mut self, id: &Value, path: &str, is_shown: bool) {
        let item = &self.document["index"][id.to_string()];
        let Some((kind, inner)) = item["inner"].as_object().and_then(|inner| inner.iter().next())
        else {
            return;
        };
        // What others made is re-exported, and what implements a trait is shown where the trait is.
        let is_foreign = item["crate_id"] != 0 || !inner["trait"].is_null();
        if is_foreign || inner["is_synthetic"] == true || !self.seen.insert(number(id)) {
            return;
        }
        let path = match item["name"].as_str() {
            Some(name) if path.is_empty() => name.to_owned(),
            Some(name) => format!("{path}::{name}"),
            None => path.to_owned(),
        };
        let is_shown = is_shown || shows_use(item["docs"].as_str().unwrap_or_default());
        if !is_shown && ["struct", "enum", "trait", "function"].contains(&kind.as_str()) {
            self.without.push(path.clone());
        }
        match kind.as_str() {
            "use" => self.item(&inner["id"], &path, is_shown),
            "module" | "trait" | "impl" => self.all(&inner["items"], &path, is_shown),
            "struct" | "enum" => self.all(&inner["impls"], &path, is_shown),
            _ => {}
        }
    }
}

fn number(id: &Value) -> u64 {
    id.as_u64().unwrap_or_default()
}

/// A code block that is run, or words that lead to one.
fn shows_use(docs: &str) -> bool {
    const LEADING: [&str; 5] =
        ["```", "guide#", "For an example", "For examples see", "whose page has an example"];
    LEADING.iter().any(|words| docs.contains(words))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_without_example_is_named_by_its_path() {
        let item = |name: &str, docs: &str, inner: Value| json!({"crate_id": 0, "name": name, "docs": docs, "inner": inner});
        let function = || json!({"function": {}});
        let document = json!({
            "root": 0,
            "index": {
                "0": item("api", "```\n```", json!({"module": {"items": [1, 2, 3, 9]}})),
                "1": item("Shown", "For an example see [`Other`].", json!({"struct": {"impls": [4]}})),
                "2": item("Bare", "A thing.", json!({"enum": {"impls": [5, 8]}})),
                "3": item("part", "", json!({"module": {"items": [7]}})),
                "4": {"crate_id": 0, "name": null, "inner": {"impl": {"trait": null, "items": [6]}}},
                "5": {"crate_id": 0, "name": null, "inner": {"impl": {"trait": null, "items": [7]}}},
                "6": item("get", "", function()),
                "7": item("lost", "", function()),
                "8": {"crate_id": 0, "name": null, "inner": {"impl": {"trait": {"id": 1}, "items": [10]}}},
                "9": item("Far", "", json!({"use": {"id": 77}})),
                "10": item("fmt", "", function()),
            },
        });
        assert_eq!(walk(&document).1, ["Bare", "Bare::lost"]);
        check(&document, "api").unwrap_err();
    }

    #[test]
    fn a_document_without_items_shows_nothing() {
        let shown = json!({"crate_id": 0, "name": "Shown", "docs": "```\n```", "inner": {"struct": {"impls": []}}});
        let root = json!({"crate_id": 0, "name": "api", "inner": {"module": {"items": [1]}}});
        let mut document = json!({"root": 0, "index": {"0": root, "1": shown}});
        check(&document, "api").unwrap();
        document["root"].take();
        check(&document, "api").unwrap_err();
    }
}
