//! `cargo xtask coverage`: what the documents name against what is implemented and tested.
//!
//! * an operation, if a fixture shows a good answer to it;
//! * a parameter, if a fixture's request carries it;
//! * a field, if a fixture's answer fills it **and** the client types it: nonsense put in its place
//!   must be refused, which a field that merely lands among the undocumented ones would not be;
//! * a code, if a fixture shows it and the client types it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ruapi_core::test_util::{Exchange, RecordedResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Result;
use crate::apis::{APIS, Api};
use crate::markers::paste;
use crate::readmes::{self, Language};

#[derive(Deserialize)]
struct Documented {
    operation: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    name: String,
    folder: String,
    parameters: Vec<String>,
    fields: Vec<String>,
    #[serde(default)]
    codes: Vec<String>,
    /// The folder of an operation that answers the same thing, and may show the fields in a state that
    /// this one's answer is never in.
    same_answer: Option<String>,
}

pub(crate) fn run(arguments: &[&str]) -> Result {
    let check = match arguments {
        [] => false,
        ["--check"] => true,
        _ => return Err("usage: cargo xtask coverage [--check]".into()),
    };
    let mut missing = Vec::new();
    let mut tables: BTreeMap<PathBuf, Vec<Row>> = BTreeMap::new();
    for api in APIS {
        let rows = rows(api, &mut missing)?;
        for readme in api.readmes {
            tables.entry(crate::root().join(readme)).or_default().extend_from_slice(&rows);
        }
    }
    let print = |(readme, rows): (PathBuf, Vec<Row>)| {
        let table = table(&rows, Language::of(&readme));
        (readme, table)
    };
    conclude(&missing, &tables.into_iter().map(print).collect(), check)?;
    readmes::check()?;
    println!("everything documented is implemented and tested");
    Ok(())
}

/// Reports what is missing, then what is wrong with the tables. Writes the tables unless they are
/// only checked or something is missing: no table should show a gap as if it were settled.
fn conclude(missing: &[String], tables: &BTreeMap<PathBuf, String>, check: bool) -> Result {
    let mut wrong = Vec::new();
    if !missing.is_empty() {
        let list = missing.join("\n  ");
        wrong.push(format!("documented, but not implemented and tested:\n  {list}"));
    }
    let write = !check && missing.is_empty();
    for (readme, table) in tables {
        if let Err(error) = paste(readme, "coverage", table, write) {
            wrong.push(error.to_string());
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// One operation: its name and its API's; parameters, fields and codes, how many covered of how many.
#[derive(Clone)]
struct Row {
    operation: String,
    api: &'static str,
    counts: [(usize, usize); 3],
}

fn table(rows: &[Row], language: Language) -> String {
    let head = language.choose(
        "| operation | parameters | fields | codes |",
        "| операция | параметры | поля | коды |",
    );
    let of = language.choose("of", "из");
    let mut table = format!("{head}\n|---|---|---|---|\n");
    for Row { operation, api, counts } in rows {
        let [parameters, fields, codes] = counts.map(|(covered, all)| match all {
            0 => "–".to_owned(),
            _ => format!("{covered} {of} {all}"),
        });
        table += &format!("| `{operation}` {api} | {parameters} | {fields} | {codes} |\n");
    }
    table
}

fn rows(api: &Api, missing: &mut Vec<String>) -> Result<Vec<Row>> {
    let documented: Documented = toml::from_str(api.documented)?;
    let mut rows = Vec::new();
    for operation in documented.operation {
        let exchanges = exchanges(api, &operation.folder)?;
        let name = format!("{} {}", api.name, operation.name);
        if !exchanges.iter().any(|exchange| (200..300).contains(&exchange.response.status)) {
            missing.push(format!("{name}: no good answer"));
        }
        let mut count = |what: &str, items: &[String], covered: &dyn Fn(&str) -> bool| {
            let absent: Vec<&String> = items.iter().filter(|item| !covered(item)).collect();
            missing.extend(absent.iter().map(|item| format!("{name}: {what} {item}")));
            (items.len() - absent.len(), items.len())
        };
        let parameters = count("parameter", &operation.parameters, &|parameter| {
            exchanges.iter().any(|exchange| carries(exchange, parameter, &operation.name))
        });
        let same = operation.same_answer.as_deref().map(|folder| self::exchanges(api, folder));
        let same = same.transpose()?.unwrap_or_default();
        let fields = count("field", &operation.fields, &|field| {
            let mut good = exchanges.iter().chain(&same);
            good.any(|exchange| is_typed(api, &operation.folder, exchange, field))
        });
        let codes = count("code", &operation.codes, &|code| {
            (api.knows_code)(code)
                && exchanges.iter().any(|exchange| shows(&exchange.response, api.code_field, code))
        });
        let counts = [parameters, fields, codes];
        rows.push(Row { operation: operation.name, api: api.name, counts });
    }
    Ok(rows)
}

fn exchanges(api: &Api, folder: &str) -> Result<Vec<Exchange>> {
    let folder = PathBuf::from(api.name).join(folder);
    let files = crate::fixtures::present()?;
    let texts = files.iter().filter(|(path, _)| path.parent() == Some(&folder));
    texts.map(|(_, text)| Ok(serde_json::from_str(text)?)).collect()
}

/// Whether a request carries a parameter: in the query, also as a list's (`name[0]`), in the body, also
/// deeper (`list[].name`), as a part of a form, or as `:name` in the path, which then is as long as the operation's.
fn carries(exchange: &Exchange, parameter: &str, operation: &str) -> bool {
    let request = &exchange.request;
    let is_part = |part: &Value| part["name"] == parameter;
    if request.body.as_array().is_some_and(|parts| parts.iter().any(is_part)) {
        return true;
    }
    if parameter.starts_with(':') {
        // The method stands before the first one.
        let documented = operation.split('/').count() - 1;
        return request.path.split('/').count() >= documented;
    }
    let named = |name: &str| name.split('[').next() == Some(parameter);
    request.query.iter().any(|(name, _)| named(name))
        || !pointers(&request.body, parameter).is_empty()
}

/// Whether an answer has the code: in its field, or as its HTTP status.
fn shows(response: &RecordedResponse, field: &str, code: &str) -> bool {
    response.body[field] == *code || response.status.to_string() == code
}

/// Whether the answer fills the field and the client refuses nonsense there.
fn is_typed(api: &Api, operation: &str, exchange: &Exchange, field: &str) -> bool {
    let sound = opened(api, &exchange.response.body);
    let pointers = pointers(&sound, field);
    pointers.iter().any(|pointer| {
        let mut body = sound.clone();
        let Some(value) = body.pointer_mut(pointer) else {
            return false;
        };
        let filled = !matches!(value, Value::Null) && *value != json!("") && *value != json!([]);
        *value = nonsense(value);
        let decode = |body: &Value| (api.decode)(operation, body.to_string().as_bytes());
        let name = field.rsplit('.').next().unwrap_or(field);
        if api.free_fields.contains(&name) {
            return filled && decode(&sound).is_ok();
        }
        filled && decode(&sound).is_ok() && decode(&body).is_err()
    })
}

/// The answer with what is JSON in a string in it as JSON, which the clients take as well.
fn opened(api: &Api, body: &Value) -> Value {
    let mut body = body.clone();
    for field in api.embedded {
        let inner = body[*field].as_str().and_then(|text| serde_json::from_str(text).ok());
        if let Some(inner) = inner {
            body[*field] = inner;
        }
    }
    body
}

/// What no client takes in this value's place. A lone value may stand for its list.
fn nonsense(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => json!([{"x": 1}]),
        Value::Array(_) | Value::Object(_) => json!(1),
        _ => json!({"x": 1}),
    }
}

/// JSON pointers to a field such as `result[].policy.PolicyNumber`, one for each list item.
fn pointers(body: &Value, field: &str) -> Vec<String> {
    let mut pointers = vec![String::new()];
    for part in field.split('.') {
        let (name, is_list) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
        pointers = pointers
            .into_iter()
            .flat_map(|pointer| {
                let pointer = format!("{pointer}/{name}");
                match body.pointer(&pointer) {
                    Some(Value::Array(items)) if is_list => {
                        (0..items.len()).map(|n| format!("{pointer}/{n}")).collect()
                    }
                    // A lone item may stand for its list.
                    _ => vec![pointer],
                }
            })
            .collect();
    }
    pointers.retain(|pointer| body.pointer(pointer).is_some());
    pointers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_speaks_the_language_of_its_readme() {
        let counts = [(1, 2), (3, 3), (0, 0)];
        let rows = [Row { operation: "GET /a".to_owned(), api: "nsso", counts }];
        let last = |readme: &str| {
            let table = table(&rows, Language::of(readme.as_ref()));
            table.lines().last().map(str::to_owned)
        };
        let row = |text: &str| Some(text.to_owned());
        assert_eq!(last("README.md"), row("| `GET /a` nsso | 1 of 2 | 3 of 3 | – |"));
        assert_eq!(last("README.ru.md"), row("| `GET /a` nsso | 1 из 2 | 3 из 3 | – |"));
    }

    #[test]
    fn what_is_missing_is_told_before_old_tables_and_stops_their_writing() {
        let readme = std::env::temp_dir().join(format!("coverage-{}.md", std::process::id()));
        let old = "before\n<!-- coverage -->\nold\n<!-- /coverage -->\nafter\n".to_owned();
        std::fs::write(&readme, &old).unwrap();
        let text = || std::fs::read_to_string(&readme).unwrap();
        let tables = BTreeMap::from([
            (PathBuf::from("/nonexistent.md"), "new\n".to_owned()),
            (readme.clone(), "new\n".to_owned()),
        ]);
        let missing = ["nsso a: code 1".to_owned(), "nsso b: field x".to_owned()];
        for check in [true, false] {
            let error = conclude(&missing, &tables, check).unwrap_err().to_string();
            let place = |part: &str| error.find(part).unwrap_or_else(|| panic!("{part}: {error}"));
            assert!(place("nsso a: code 1") < place("nsso b: field x"));
            assert!(place("nsso b: field x") < place("is old"));
            assert_eq!(text(), old);
        }

        let tables = BTreeMap::from([(readme.clone(), "new\n".to_owned())]);
        assert!(conclude(&[], &tables, true).unwrap_err().to_string().contains("is old"));
        assert_eq!(text(), old);
        conclude(&[], &tables, false).unwrap();
        assert_eq!(text(), old.replace("old", "new"));
        conclude(&[], &tables, true).unwrap();
        std::fs::remove_file(&readme).unwrap();
    }
}
