//! `cargo xtask fixtures`: records every operation of every client, sanitises, writes or checks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ruapi_core::test_util::Exchange;
use serde_json::Value;
use similar::TextDiff;

use crate::Result;
use crate::apis::{APIS, Api, Source};

/// What stands for a hidden value in a fixture.
const MASK: &str = "***";
/// Headers that belong to the exchange and not to the day or the version it was recorded on.
const HEADERS: &[&str] = &["accept", "content-type", "retry-after"];

/// Query parameters that no fixture shows.
const SECRET_QUERY: &[&str] = &["token"];

pub(crate) async fn run(arguments: &[&str]) -> Result {
    match arguments {
        [] => write(&record_all(Source::Sandbox, None).await?, true),
        ["--check"] => check(&record_all(Source::Sandbox, None).await?, present()?),
        ["--live", name] => {
            let api = APIS.iter().find(|api| api.name == *name);
            let api = api.ok_or_else(|| format!("no API is called {name}"))?;
            eprintln!("recording from the real service: each answered query is billed");
            write(&record_all(Source::Live, Some(api.name)).await?, false)
        }
        _ => Err("usage: cargo xtask fixtures [--check | --live API]".into()),
    }
}

/// The files of all fixtures below `fixtures/`, with their text.
type Files = BTreeMap<PathBuf, String>;

async fn record_all(source: Source, only: Option<&str>) -> Result<Files> {
    let mut files = Files::new();
    for api in APIS.iter().filter(|api| only.is_none_or(|name| name == api.name)) {
        for recorded in (api.record)(source).await? {
            let name = match source {
                Source::Sandbox => format!("{}.json", recorded.case),
                Source::Live => format!("live_{}.json", recorded.case),
            };
            let path = Path::new(api.name).join(recorded.operation).join(name);
            let exchange = sanitise(api, source, recorded.exchange);
            if files.insert(path.clone(), print(&exchange)?).is_some() {
                return Err(format!("two cases are called {}", path.display()).into());
            }
        }
    }
    Ok(files)
}

fn print(exchange: &Exchange) -> Result<String> {
    Ok(serde_json::to_string_pretty(exchange)? + "\n")
}

/// Leaves out what is nobody's business, and what would change from run to run.
pub(crate) fn sanitise(api: &Api, source: Source, mut exchange: Exchange) -> Exchange {
    let prefix = format!("/{}/", api.name);
    let request = &mut exchange.request;
    let path = request.path.strip_prefix(&prefix).or(request.path.strip_prefix("/api/"));
    request.path = path.unwrap_or(&request.path).to_owned();
    for (name, value) in &mut request.query {
        if source == Source::Live && name.len() > LONGEST_KEPT {
            *name = mask(name);
        }
        let hidden = SECRET_QUERY.contains(&&**name)
            || (source == Source::Live && !api.harmless_query.contains(&&**name));
        if hidden {
            *value = MASK.to_owned();
        }
    }
    request.headers.retain(|name, _| HEADERS.contains(&&**name));
    exchange.response.headers.retain(|name, _| HEADERS.contains(&&**name));
    if source == Source::Live {
        let segment = |segment: &str| match api.harmless_segments.contains(&segment) {
            true => segment.to_owned(),
            false => mask(segment),
        };
        request.path = request.path.split('/').map(segment).collect::<Vec<_>>().join("/");
        // A server may repeat in any of them what it was told.
        exchange.response.headers.retain(|_, value| value.len() <= LONGEST_KEPT);
        mask_fields(&[], "", &mut exchange.request.body);
        mask_fields(api.harmless_fields, "", &mut exchange.response.body);
    }
    exchange
}

/// Masks every scalar that is not in a field known to be harmless; the shape stays.
fn mask_fields(harmless: &[&str], path: &str, value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, value) in map.iter_mut() {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                mask_fields(harmless, &path, value);
            }
        }
        Value::Array(list) => {
            let path = format!("{path}[]");
            list.iter_mut().for_each(|item| mask_fields(harmless, &path, item));
        }
        _ if harmless.contains(&path) && is_short(value) => {}
        Value::String(text) => *text = mask(text),
        Value::Number(number) => *number = 0.into(),
        Value::Bool(_) | Value::Null => {}
    }
}

/// Codes, names and dates are short. What is longer is not what the field is for.
const LONGEST_KEPT: usize = 100;

fn is_short(value: &Value) -> bool {
    value.as_str().is_none_or(|text| text.len() <= LONGEST_KEPT)
}

/// Digits stay digits and letters letters, so that what is masked still decodes.
fn mask(text: &str) -> String {
    let mask = |c: char| match c {
        c if c.is_numeric() => '0',
        c if c.is_ascii_alphabetic() => 'X',
        c if c.is_alphabetic() => 'Х',
        c => c,
    };
    text.chars().map(mask).collect()
}

fn folder() -> PathBuf {
    crate::root().join("fixtures")
}

fn write(files: &Files, replace: bool) -> Result {
    if replace {
        for old in present()?.into_keys().filter(|old| !files.contains_key(old) && !is_live(old)) {
            std::fs::remove_file(folder().join(old))?;
        }
    }
    for (path, text) in files {
        let path = folder().join(path);
        std::fs::create_dir_all(path.parent().ok_or("a fixture has a folder")?)?;
        std::fs::write(path, text)?;
    }
    println!("{} fixtures written", files.len());
    Ok(())
}

fn check(files: &Files, mut present: Files) -> Result {
    let mut unmasked =
        present.iter().filter(|(path, text)| is_live(path) && !is_sanitised(path, text));
    if let Some((path, _)) = unmasked.next() {
        // What is wrong there may be what nobody should see: only the name is told.
        let name = path.display();
        return Err(format!("{name} is not as `--live` writes it: something is unmasked").into());
    }
    present.retain(|path, _| !is_live(path));
    let mut differ = 0;
    for path in files.keys().chain(present.keys().filter(|path| !files.contains_key(*path))) {
        let text = |files: &Files| files.get(path).cloned().unwrap_or_default();
        let (is, should) = (text(&present), text(files));
        if is != should {
            differ += 1;
            let diff = TextDiff::from_lines(&is, &should);
            let name = path.display().to_string();
            print!("{}", diff.unified_diff().header(&name, "as recorded now"));
        }
    }
    match differ {
        0 => {
            println!("{} fixtures are as recorded", files.len());
            Ok(())
        }
        n => Err(format!("{n} fixtures differ; `cargo xtask fixtures` writes them anew").into()),
    }
}

/// Recorded from the real service: cannot be recorded again at will.
fn is_live(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("live_"))
}

/// Whether sanitising a live fixture once more would change nothing.
fn is_sanitised(path: &Path, text: &str) -> bool {
    let Some(api) = APIS.iter().find(|api| path.starts_with(api.name)) else {
        return false;
    };
    let again = serde_json::from_str(text)
        .map_err(Into::into)
        .and_then(|exchange| print(&sanitise(api, Source::Live, exchange)));
    again.is_ok_and(|again| again == text)
}

/// The fixtures in the repository.
pub(crate) fn present() -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![folder()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read_to_string(&path)?;
                files.insert(path.strip_prefix(folder())?.to_owned(), text);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use ruapi_core::test_util::{Planted, RecordedRequest, RecordedResponse};
    use serde_json::json;

    use super::*;

    const TOKEN: &str = "planted0token0planted0token00000";
    const VALUES: [&str; 6] =
        [TOKEN, "В777ВВ77", "Планов Пётр", "770000000077", "В777ВВ77XYZ", "٧٧٧٧"];

    /// An exchange that is full of what should not be told.
    fn planted() -> Exchange {
        let mut request = RecordedRequest::default();
        request.path = "/api/nsso.php".into();
        request.query = vec![
            ("type".into(), "checkPolicy".into()),
            ("gosNumber".into(), VALUES[1].into()),
            ("token".into(), TOKEN.into()),
        ];
        request.headers.insert("x-key".into(), TOKEN.into());
        let mut response = RecordedResponse::default();
        response.headers.insert("set-cookie".into(), TOKEN.into());
        response.body = json!({"status": 200, "result": [{"policy": {
            "PolicyNumber": VALUES[4], "PolicyHolder": VALUES[2], "PolicyHolderINN": VALUES[3],
            "PolicyStart": "01.09.2024"}, "new": {"status": VALUES[2], "x": VALUES[5]}}],
            "inquiry": {"balance": 777.77}});
        Exchange::new(request, response)
    }

    #[test]
    fn nothing_planted_gets_through_the_sanitiser() {
        let exchange = planted();
        let api = &APIS[0];

        let live = sanitise(api, Source::Live, exchange.clone());
        let text = serde_json::to_string_pretty(&live).unwrap();
        for value in VALUES.iter().chain(&["777.77"]) {
            Planted::new(value).assert_absent("a live fixture", &text);
        }
        assert!(text.contains("01.09.2024") && text.contains("checkPolicy"), "{text}");
        assert_eq!(live.response.body["result"][0]["policy"]["PolicyHolder"], "ХХХХХХ ХХХХ");
        assert_eq!(live.response.body["result"][0]["policy"]["PolicyHolderINN"], "000000000000");

        let sandbox = sanitise(api, Source::Sandbox, exchange);
        let text = serde_json::to_string_pretty(&sandbox).unwrap();
        Planted::new(TOKEN).assert_absent("a fixture", &text);
    }

    #[test]
    fn a_live_fixture_is_checked_for_what_is_unmasked() {
        let live = sanitise(&APIS[0], Source::Live, planted());
        let check_one = |path: &str, text: String| {
            check(&Files::new(), Files::from([(PathBuf::from(path), text)]))
        };
        let path = "nsso/check_policy/live_by_plate.json";
        check_one(path, print(&live).unwrap()).unwrap();

        let mut unmasked = vec![print(&planted()).unwrap(), "Планов".to_owned()];
        let mut plant = |pointer: &str, value: Value| {
            let mut text = serde_json::to_value(&live).unwrap();
            *text.pointer_mut(pointer).unwrap() = value;
            let exchange: Exchange = serde_json::from_value(text).unwrap();
            unmasked.push(print(&exchange).unwrap());
        };
        plant("/request/query/1/1", VALUES[1].into());
        plant("/request/query/2/1", TOKEN.into());
        plant("/request/headers", json!({ "x-key": TOKEN }));
        plant("/request/body", TOKEN.into());
        plant("/response/body/result/0/policy/PolicyHolder", VALUES[2].into());
        plant("/response/body/inquiry/balance", json!(777.77));
        // A field that an exchange does not have.
        unmasked.push(print(&live).unwrap().replacen('{', "{\n  \"note\": \"Планов\",", 1));
        for text in unmasked {
            let error = check_one(path, text).unwrap_err().to_string();
            assert!(error.contains(path), "{error}");
            for value in VALUES.iter().chain(&["Планов", "777.77"]) {
                Planted::new(value).assert_absent("the check", &error);
            }
        }
        check_one("other/live_by_plate.json", print(&live).unwrap()).unwrap_err();
    }
}
