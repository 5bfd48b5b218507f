//! `cargo xtask coverage`: what the documents name against what is implemented and tested.
//!
//! * an operation, if a fixture shows a good answer to it;
//! * a parameter, if a fixture's request carries it;
//! * a field, if a fixture's answer fills it **and** the client types it: nonsense put in its place
//!   must be refused, which a field that merely lands among the undocumented ones would not be;
//! * a code, if a fixture shows it and the client types it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ruapi_core::test_util::Exchange;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Result;
use crate::apis::{APIS, Api};

const START: &str = "<!-- coverage -->";
const END: &str = "<!-- /coverage -->";

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
}

pub(crate) fn run(arguments: &[&str]) -> Result {
    let check = match arguments {
        [] => false,
        ["--check"] => true,
        _ => return Err("usage: cargo xtask coverage [--check]".into()),
    };
    let mut missing = Vec::new();
    let mut sections: BTreeMap<PathBuf, String> = BTreeMap::new();
    for api in APIS {
        let table = table(api, &mut missing)?;
        for readme in api.readmes {
            sections.entry(crate::root().join(readme)).or_default().push_str(&table);
        }
    }
    for (readme, rows) in sections {
        let head = "| operation | parameters | fields | codes |\n|---|---|---|---|\n";
        paste(&readme, &format!("{head}{rows}"), check)?;
    }
    if missing.is_empty() {
        println!("everything documented is implemented and tested");
        return Ok(());
    }
    Err(format!("documented, but not implemented and tested:\n  {}", missing.join("\n  ")).into())
}

fn table(api: &Api, missing: &mut Vec<String>) -> Result<String> {
    let documented: Documented = toml::from_str(api.documented)?;
    let mut rows = String::new();
    for operation in documented.operation {
        let exchanges = exchanges(api, &operation.folder)?;
        let name = format!("{} {}", api.name, operation.name);
        if !exchanges.iter().any(|exchange| exchange.response.status == 200) {
            missing.push(format!("{name}: no good answer"));
        }
        let mut count = |what: &str, items: &[String], covered: &dyn Fn(&str) -> bool| {
            let absent: Vec<&String> = items.iter().filter(|item| !covered(item)).collect();
            missing.extend(absent.iter().map(|item| format!("{name}: {what} {item}")));
            format!("{} of {}", items.len() - absent.len(), items.len())
        };
        let parameters = count("parameter", &operation.parameters, &|parameter| {
            exchanges.iter().any(|exchange| carries(exchange, parameter))
        });
        let fields = count("field", &operation.fields, &|field| {
            exchanges.iter().any(|exchange| is_typed(api, &operation.folder, exchange, field))
        });
        let codes = count("code", &operation.codes, &|code| {
            (api.knows_code)(code)
                && exchanges.iter().any(|exchange| exchange.response.body["error"] == *code)
        });
        rows +=
            &format!("| `{}` {} | {parameters} | {fields} | {codes} |\n", operation.name, api.name);
    }
    Ok(rows)
}

fn exchanges(api: &Api, folder: &str) -> Result<Vec<Exchange>> {
    let folder = PathBuf::from(api.name).join(folder);
    let files = crate::fixtures::present()?;
    let texts = files.iter().filter(|(path, _)| path.parent() == Some(&folder));
    texts.map(|(_, text)| Ok(serde_json::from_str(text)?)).collect()
}

fn carries(exchange: &Exchange, parameter: &str) -> bool {
    exchange.request.query.iter().any(|(name, _)| name == parameter)
        || exchange.request.body.get(parameter).is_some()
}

/// Whether the answer fills the field and the client refuses nonsense there.
fn is_typed(api: &Api, operation: &str, exchange: &Exchange, field: &str) -> bool {
    let pointers = pointers(&exchange.response.body, field);
    pointers.iter().any(|pointer| {
        let mut body = exchange.response.body.clone();
        let Some(value) = body.pointer_mut(pointer) else {
            return false;
        };
        let filled = !matches!(value, Value::Null) && *value != json!("") && *value != json!([]);
        *value = if value.is_object() || value.is_array() { json!(1) } else { json!({"x": 1}) };
        let decode = |body: &Value| (api.decode)(operation, body.to_string().as_bytes());
        filled && decode(&exchange.response.body).is_ok() && decode(&body).is_err()
    })
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
                let items = body.pointer(&pointer).and_then(Value::as_array).map_or(0, Vec::len);
                match is_list {
                    true => (0..items).map(|n| format!("{pointer}/{n}")).collect(),
                    false => vec![pointer],
                }
            })
            .collect();
    }
    pointers.retain(|pointer| body.pointer(pointer).is_some());
    pointers
}

fn paste(readme: &std::path::Path, table: &str, check: bool) -> Result {
    let text = std::fs::read_to_string(readme)?;
    let markers = || format!("{} has no {START} … {END}", readme.display());
    let (before, rest) = text.split_once(START).ok_or_else(markers)?;
    let (_, after) = rest.split_once(END).ok_or_else(markers)?;
    let pasted = format!("{before}{START}\n{table}{END}{after}");
    if pasted == text {
        return Ok(());
    }
    if check {
        let name = readme.display();
        return Err(format!("the table in {name} is old; `cargo xtask coverage` writes it").into());
    }
    Ok(std::fs::write(readme, pasted)?)
}
