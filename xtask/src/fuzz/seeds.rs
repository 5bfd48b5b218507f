//! What the targets begin with: what the fixtures hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use epgu_gusmev::ArchiveBuilder;
use epgu_gusmev::archive::Compression;
use osago_offer::documents::DocumentFile;
use ruapi_core::test_util::{Exchange, RecordedResponse};
use serde_json::Value;

use super::{Seeds, Target};
use crate::Result;

/// Longer texts are no names, numbers or dates.
const LONGEST_TEXT: usize = 100;
/// What no fixture has: state that is kept, and redirects.
const OTHERS: &[(&str, &str)] = &[
    (
        "shtrafovnet",
        r#"{"since":"2025-08-26T10:00:00","given":[["2025-08-26T10:00:01","1 0011"]]}"#,
    ),
    ("shtrafovnet", r#"{"event":"new","fine":{"id":1,"paidStatus":"paid"}}"#),
    (
        "epgu",
        r#"{"order":7,"length":9000000,"list_crc":1,"chunk_size":1048576,"sent":[0,4],"started":{"secs_since_epoch":1,"nanos_since_epoch":2},"doubtful":true}"#,
    ),
    ("calls", "302\nlocation:/other/path?x=1\n\n\u{1e}200\ncontent-length:2\n\n{}"),
    ("calls", "307\nlocation:https://api.example.ru/base/x\n\n\u{1e}200\n\n{}"),
    ("calls", "503\nretry-after:7\n\n{}\u{1e}429\nretry-after:Sun, 06 Nov 2094 08:49:37 GMT\n\n{}"),
    ("calls", "401\n\n{}\u{1e}200\n\n{\"token\":\"x\"}\u{1e}200\n\n{}"),
    (
        "calls",
        "400\n\n{\"title\":\"planted-token-of-32-characters-0\",\"message\":\"planted-token-of-32-characters-0\"}",
    ),
    (
        "calls",
        "200\n\n{\"total\":2,\"page\":1,\"pages\":2,\"_links\":{\"next\":\"https://api.shtrafovnet.ru/x?page=2\"},\"fines\":[{\"id\":1}]}\u{1e}200\n\n{\"fines\":[{\"id\":2}]}",
    ),
    ("data_uri", " data:application/pdf;name=a.pdf;base64,JVBE\r\nRi0xLjc="),
    ("cherehapa", "{\"a\": 1, // comment\n\"b\": \"//\"}"),
];

/// The exchanges of one API, or of all.
fn exchanges(api: Option<&str>) -> Result<Vec<Exchange>> {
    let mut files = Vec::new();
    let fixtures = crate::root().join("fixtures");
    let mut folders = vec![api.map_or(fixtures.clone(), |api| fixtures.join(api))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let read = |path| -> Result<Exchange> { Ok(serde_json::from_slice(&std::fs::read(path)?)?) };
    files.into_iter().map(read).collect()
}

/// Writes a target's seeds, each under every first byte that picks something. None is left out.
pub(super) fn write(target: &Target, folder: &Path) -> Result {
    let mut seeds = seeds(target)?;
    let others = OTHERS.iter().filter(|(name, _)| *name == target.name);
    seeds.extend(others.map(|(_, text)| text.as_bytes().to_vec()));
    let mut number = 0;
    for seed in seeds {
        for case in 0..target.cases.max(1) {
            let first = (target.cases > 0).then_some(b'A' + case);
            let seed: Vec<u8> = first.into_iter().chain(seed.iter().copied()).collect();
            // Cut off it would be no JSON.
            if seed.len() > target.longest {
                return Err(format!("{}: a seed of {} bytes", target.name, seed.len()).into());
            }
            std::fs::write(folder.join(number.to_string()), seed)?;
            number += 1;
        }
    }
    Ok(())
}

/// Bodies with long lists in as many parts as it takes to fit in, so that every item is in one of them.
fn parts(body: &Value, room: usize) -> Result<Vec<Value>> {
    if bytes(body).len() <= room {
        return Ok(vec![body.clone()]);
    }
    let mut lists = Vec::new();
    collect_lists(body, "", &mut lists);
    let (_, place) = lists.into_iter().max().ok_or("a body without a list does not fit in")?;
    let list = body.pointer(&place).and_then(Value::as_array).ok_or("a list")?;
    let (first, second) = list.split_at(list.len() / 2);
    let mut all = Vec::new();
    for half in [first, second] {
        let mut part = body.clone();
        *part.pointer_mut(&place).ok_or("a list")? = half.into();
        all.extend(parts(&part, room)?);
    }
    Ok(all)
}

/// The lists of several items: their size in bytes, and their place.
fn collect_lists(value: &Value, at: &str, lists: &mut Vec<(usize, String)>) {
    match value {
        Value::Array(list) => {
            if list.len() > 1 {
                lists.push((value.to_string().len(), at.to_owned()));
            }
            for (place, item) in list.iter().enumerate() {
                collect_lists(item, &format!("{at}/{place}"), lists);
            }
        }
        Value::Object(map) => {
            for (name, item) in map {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect_lists(item, &format!("{at}/{name}"), lists);
            }
        }
        _ => {}
    }
}

/// A body as it goes over the wire.
fn bytes(body: &Value) -> Vec<u8> {
    match body {
        Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        json => json.to_string().into_bytes(),
    }
}

fn seeds(target: &Target) -> Result<BTreeSet<Vec<u8>>> {
    // Before it stands the byte that picks.
    let room = target.longest - 1;
    Ok(match target.seeds {
        Seeds::Bodies(api) => {
            let mut bodies = BTreeSet::new();
            for exchange in exchanges(Some(api))? {
                for body in [&exchange.response.body, &exchange.request.body] {
                    bodies.extend(parts(body, room)?.iter().map(bytes));
                }
            }
            bodies.into_iter().filter(|body| body.len() > 4).collect()
        }
        Seeds::Texts => {
            let mut shapes = BTreeMap::new();
            for exchange in exchanges(None)? {
                let query = exchange.request.query.iter().map(|(_, value)| value.clone());
                let mut texts: Vec<String> = query.collect();
                collect(&exchange.response.body, &mut texts);
                for text in texts.into_iter().filter(|text| text.len() <= LONGEST_TEXT) {
                    shapes.entry(shape(&text)).or_insert(text.into_bytes());
                }
            }
            shapes.into_values().collect()
        }
        Seeds::Answers => {
            let mut answers = BTreeSet::new();
            for exchange in exchanges(None)? {
                answers.extend(answer(&exchange.response, room)?);
            }
            answers
        }
        Seeds::Requests => exchanges(Some("osago"))?.iter().map(request).collect(),
        Seeds::Archives => BTreeSet::from([
            archive(Compression::Stored, &["req.xml"])?,
            archive(Compression::Deflate, &["req.xml", "Справка.pdf", "a.docx"])?,
            // Names of files to be built, and edits of bytes.
            "\u{3}req.xml\nСправка.pdf\n".into(),
            vec![1, 9, 0, 0xff, 40, 0, 0],
        ]),
        Seeds::Documents => {
            let file = DocumentFile::from_pdf(b"%PDF-1.7\n1 0 obj\nendobj\n");
            let uri = file.data.map(|data| data.as_bytes().to_vec()).unwrap_or_default();
            let bounded = |bytes: &[u8]| [b"x", bytes].concat();
            BTreeSet::from([bounded(&uri), bounded(b"%PDF-1.7\n"), bounded(b"JVBERi0xLjc")])
        }
    })
}

/// All texts and numbers in a JSON value.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Array(list) => list.iter().for_each(|item| collect(item, texts)),
        Value::Object(map) => map.values().for_each(|item| collect(item, texts)),
        _ => {}
    }
}

/// What two texts have in common that differ only in their letters and digits.
fn shape(text: &str) -> String {
    let kind = |c: char| match c {
        '0'..='9' => '9',
        'a'..='z' | 'A'..='Z' => 'a',
        'а'..='я' | 'А'..='Я' => 'я',
        other => other,
    };
    let mut shape: Vec<char> = text.chars().map(kind).collect();
    shape.dedup();
    shape.into_iter().collect()
}

/// An answer; several, if its list is long.
fn answer(answer: &RecordedResponse, room: usize) -> Result<Vec<Vec<u8>>> {
    let headers = answer.headers.iter().map(|(name, value)| format!("{name}:{value}\n"));
    let head = format!("{}\n{}\n", answer.status, headers.collect::<String>());
    let parts = parts(&answer.body, room - head.len())?;
    Ok(parts.iter().map(|part| [head.as_bytes(), &bytes(part)].concat()).collect())
}

fn request(exchange: &Exchange) -> Vec<u8> {
    let request = &exchange.request;
    let query = request.query.iter().map(|(name, value)| format!("{name}={value}"));
    let query = query.collect::<Vec<_>>().join("&").replace(' ', "%20");
    let path = request.path.trim_start_matches('/');
    let head = format!("{} /{path}?{query}\n", request.method);
    let headers = "authorization:Bearer not-a-real-token\ncontent-type:application/json\n\n";
    format!("{head}{headers}{}", request.body).into_bytes()
}

fn archive(compression: Compression, names: &[&str]) -> Result<Vec<u8>> {
    let mut builder = ArchiveBuilder::new().compression(compression);
    for name in names {
        builder.add(name, &b"<request/>"[..])?;
        builder.sign(name, &b"0\x80"[..])?;
    }
    Ok(builder.build_bytes(1 << 20)?.read_at(0, usize::MAX)?.to_vec())
}

/// Words to put in: names of fields and of headers, as libFuzzer reads them.
pub(super) fn dictionary(target: &Target) -> Result<String> {
    let mut words: BTreeSet<String> = match target.seeds {
        Seeds::Bodies(api) => {
            let mut names = BTreeSet::new();
            for exchange in exchanges(Some(api))? {
                collect_names(&exchange.response.body, &mut names);
                collect_names(&exchange.request.body, &mut names);
            }
            names.into_iter().map(|name| format!("\"{name}\":")).collect()
        }
        Seeds::Answers => {
            let heads = ["location:", "retry-after:", "content-length:", "\n\n", "\u{1e}200\n\n"];
            let links =
                ["https://api.example.ru/base/", "//", "page=", "planted-token-of-32-characters-0"];
            heads.into_iter().chain(links).map(str::to_owned).collect()
        }
        Seeds::Requests => ["request_id=", "offer_id=", "osago/offer", "not-a-real-token"]
            .map(str::to_owned)
            .into(),
        Seeds::Texts => ["terrabyte://00/", "+03:00", "T00:00:00", "https://", "@", "%2F"]
            .map(str::to_owned)
            .into(),
        Seeds::Archives => [
            "PK\u{1}\u{2}",
            "PK\u{3}\u{4}",
            "PK\u{5}\u{6}",
            "PK\u{6}\u{6}",
            "PK\u{6}\u{7}",
            "PK\u{7}\u{8}",
            ".sig",
        ]
        .map(str::to_owned)
        .into(),
        Seeds::Documents => ["data:", "application/pdf;", "base64,"].map(str::to_owned).into(),
    };
    if matches!(target.seeds, Seeds::Bodies(_)) {
        words.extend(
            [
                "null",
                "\"\"",
                "[]",
                "{}",
                "true",
                "0000-00-00",
                "+12345-1-1",
                "1e309",
                "18446744073709551615",
            ]
            .map(str::to_owned),
        );
    }
    let mut text = String::new();
    for word in words {
        let bytes = word.bytes().map(|byte| format!("\\x{byte:02x}"));
        writeln!(text, "\"{}\"", bytes.collect::<String>())?;
    }
    Ok(text)
}

fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| collect_names(item, names)),
        Value::Object(map) => map.iter().for_each(|(name, item)| {
            names.insert(name.clone());
            collect_names(item, names);
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_list_is_divided_and_nothing_is_lost() {
        let fines: Vec<Value> = (0..9).map(|id| json!({ "id": id, "text": ["a", "b"] })).collect();
        let body = json!({ "fines": fines, "total": 9 });
        let divided = parts(&body, 100).unwrap();
        assert!(divided.len() > 2 && divided.iter().all(|part| bytes(part).len() <= 100));
        assert!(divided.iter().all(|part| part["total"] == 9));
        let all = divided.iter().flat_map(|part| part["fines"].as_array().unwrap());
        assert_eq!(all.cloned().collect::<Vec<_>>(), fines);
        assert_eq!(parts(&body, 1000).unwrap(), [body]);
        parts(&json!({ "text": "x".repeat(100) }), 50).unwrap_err();
    }
}
