//! EPGU: dictionaries and files.

mod common;

use chrono::TimeDelta;
use common::client;
use common::epgu::{
    Answer, as_bearer, bearer, call_as, code, details, frozen, get, message, pushed,
};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH};
use ruapi_sandbox::epgu::{DownloadPaths, Outcome, Promise};
use ruapi_sandbox::{Epgu, Sandbox};
use serde_json::{Value, json};

async fn dictionary(sandbox: &Sandbox, name: &str, body: Value) -> Answer {
    let url = format!("{}api/nsi/v1/dictionary/{name}", sandbox.epgu_url());
    call_as(None, Method::POST, &url, &body).await
}

async fn items(sandbox: &Sandbox, name: &str, body: Value) -> Value {
    let answer = dictionary(sandbox, name, body).await.expect(200);
    assert_eq!(answer["error"]["code"], 0, "{answer}");
    answer
}

fn values(items: &Value) -> Vec<&str> {
    items.as_array().unwrap().iter().map(|item| item["value"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn all_items_or_pages() {
    let sandbox = frozen().await;
    let ask = |page: Value, size: Value| json!({ "treeFiltering": "ONELEVEL", "pageNum": page, "pageSize": size });
    let all = items(&sandbox, "BIC", json!({ "treeFiltering": "ONELEVEL" })).await;
    assert_eq!((all["total"].as_u64(), values(&all["items"]).len()), (Some(899), 899));
    let last = items(&sandbox, "BIC", ask(json!(9), json!(100))).await;
    assert_eq!(last["items"].as_array().unwrap()[..], all["items"].as_array().unwrap()[800..]);
    let beyond = items(&sandbox, "BIC", ask(json!(10), json!(100))).await;
    assert_eq!((&beyond["total"], &beyond["items"]), (&json!(899), &json!([])));
    let first = items(&sandbox, "BIC", ask(Value::Null, json!(1))).await;
    assert_eq!(values(&first["items"]), ["040001002"]);

    for (body, field) in [
        (json!({}), "treeFiltering"),
        (json!({ "treeFiltering": "onelevel" }), "treeFiltering"),
        (ask(json!(0), json!(1)), "pageNum"),
        (ask(json!(1), json!("1")), "pageSize"),
        (json!({ "treeFiltering": "ONELEVEL", "pageNum": 1 }), "pageSize"),
        (json!({ "treeFiltering": "SUBTREE", "parentRefItemValue": 1 }), "parentRefItemValue"),
    ] {
        let answer = dictionary(&sandbox, "BIC", body).await.expect(200);
        assert_eq!(answer["error"]["code"], 2);
        assert_eq!(answer["fieldErrors"][0]["field"], field);
        assert_eq!((answer.get("total"), answer.get("items")), (None, None));
    }
    let body = json!({ "treeFiltering": "ONELEVEL" });
    let unknown = dictionary(&sandbox, "UNKNOWN", body.clone()).await.expect(200);
    assert_eq!(unknown["error"], json!({ "code": 1, "message": "Справочник не найден" }));
    assert_eq!(code(dictionary(&sandbox, "BIC", Value::Null).await, 400), "bad_request");
    assert_eq!(code(dictionary(&sandbox, "BIC", json!([])).await, 400), "bad_request");

    let counts = sandbox.epgu().counts();
    assert_eq!((counts.dictionary_requests, counts.dictionary_requests_with_credential), (13, 0));
    let url = format!("{}api/nsi/v1/dictionary/BIC", sandbox.epgu_url());
    call_as(Some("Bearer UNKNOWN"), Method::POST, &url, &body).await.expect(200);
    assert_eq!(sandbox.epgu().counts().dictionary_requests_with_credential, 1);
}

#[tokio::test]
async fn a_large_dictionary() {
    let sandbox = frozen().await;
    let all = json!({ "treeFiltering": "ONELEVEL" });
    let list = items(&sandbox, Epgu::LARGE_DICTIONARY, all.clone()).await;
    let values = values(&list["items"]);
    assert_eq!((list["total"].as_u64(), values.len()), (Some(100_000), 100_000));
    assert!(values.is_sorted() && values[99_999] == "00100000");
    for count in [0, 1, 1_000, 1_001, 2_000] {
        sandbox.epgu().change(|settings| settings.large_dictionary = count);
        let list = items(&sandbox, Epgu::LARGE_DICTIONARY, all.clone()).await;
        assert_eq!(list["items"].as_array().unwrap().len() as u64, count);
    }
}

#[tokio::test]
async fn a_tree() {
    let sandbox = frozen().await;
    let ask = async |filtering: &str, parent: Value| {
        let body = json!({ "treeFiltering": filtering, "parentRefItemValue": parent });
        items(&sandbox, Epgu::TREE_DICTIONARY, body).await
    };
    let roots = ask("ONELEVEL", Value::Null).await;
    assert_eq!(values(&roots["items"]), ["1", "2", "3", "4", "5"]);
    assert_eq!(
        (&roots["items"][0]["isLeaf"], &roots["items"][0]["children"]),
        (&json!(false), &json!([]))
    );
    let below = ask("ONELEVEL", json!("2")).await;
    assert_eq!(values(&below["items"]), ["2-1", "2-2", "2-3", "2-4"]);
    assert_eq!(below["items"][0]["parentValue"], "2");
    let towns = ask("SUBTREE", json!("2-4")).await;
    assert_eq!(values(&towns["items"]), ["2-4-1", "2-4-2", "2-4-3"]);
    assert_eq!(towns["items"][2]["isLeaf"], true);
    assert_eq!(towns["items"][2]["attributeValues"], json!({ "OKATO": "24300000000" }));
    let all = ask("SUBTREE", Value::Null).await;
    assert_eq!(all["total"], 5);
    assert_eq!(values(&all["items"][4]["children"][3]["children"]), ["5-4-1", "5-4-2", "5-4-3"]);
    for parent in ["2-4-3", "6", "2-5", "x", "1-1-1-1"] {
        let nothing = ask("SUBTREE", json!(parent)).await;
        assert_eq!((&nothing["total"], &nothing["items"]), (&json!(0), &json!([])), "{parent}");
    }
    let flat = json!({ "treeFiltering": "SUBTREE", "parentRefItemValue": "040001002" });
    assert_eq!(items(&sandbox, "BIC", flat).await["total"], 0);
}

#[tokio::test]
async fn a_deep_dictionary() {
    let sandbox = frozen().await;
    let ask = |filtering: &str| json!({ "treeFiltering": filtering });
    sandbox.epgu().change(|settings| settings.deep_dictionary = 20);
    let list = items(&sandbox, Epgu::DEEP_DICTIONARY, ask("SUBTREE")).await;
    let mut item = &list["items"][0];
    for level in 1..20 {
        assert_eq!((&item["value"], &item["isLeaf"]), (&json!(level.to_string()), &json!(false)));
        item = &item["children"][0];
    }
    assert_eq!(
        (&item["isLeaf"], &item["children"], &item["parentValue"]),
        (&json!(true), &json!([]), &json!("19"))
    );
    let body = json!({ "treeFiltering": "ONELEVEL", "parentRefItemValue": "19" });
    assert_eq!(values(&items(&sandbox, Epgu::DEEP_DICTIONARY, body).await["items"]), ["20"]);
    // Far deeper than a reader of JSON goes.
    sandbox.epgu().change(|settings| settings.deep_dictionary = 100_000);
    let answer = dictionary(&sandbox, Epgu::DEEP_DICTIONARY, ask("SUBTREE")).await;
    assert_eq!(answer.text.matches("\"children\":[").count(), 100_000);
    assert_eq!(answer.text.matches(['[', ']']).count() % 2, 0);
    sandbox.epgu().change(|settings| settings.deep_dictionary = 0);
    assert_eq!(items(&sandbox, Epgu::DEEP_DICTIONARY, ask("SUBTREE")).await["total"], 0);
}

/// A file: status, promised length, what came, and whether it came to its end.
async fn download(sandbox: &Sandbox, path: &str) -> (u16, Option<u64>, Vec<u8>, bool) {
    let call = client().get(format!("{}{path}", sandbox.epgu_url()));
    let mut response = call.header(AUTHORIZATION, bearer(Epgu::TOKEN)).send().await.unwrap();
    let length = response.headers().get(CONTENT_LENGTH);
    let length = length.map(|length| length.to_str().unwrap().parse().unwrap());
    let (status, mut bytes) = (response.status().as_u16(), Vec::new());
    loop {
        match response.chunk().await {
            Ok(Some(piece)) => bytes.extend_from_slice(&piece),
            Ok(None) => return (status, length, bytes, true),
            Err(_) => return (status, length, bytes, false),
        }
    }
}

/// An executed application and the part of an address with its history's line.
async fn executed(sandbox: &Sandbox) -> (u64, u64) {
    let order = pushed(sandbox, Outcome::Executed).await;
    sandbox.clock().advance(TimeDelta::minutes(5));
    let details = details(sandbox, order).await;
    (order, details["order"]["currentStatusHistoryId"].as_u64().unwrap())
}

const PLAIN: &str = "Справка%20о%20размере%20пенсии.pdf";

#[tokio::test]
async fn files_of_a_result() {
    let sandbox = frozen().await;
    let (order, line) = executed(&sandbox).await;
    let details = details(&sandbox, order).await;
    let links: Vec<_> = details["order"]["orderResponseFiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["link"].as_str().unwrap(), file["fileSize"].as_u64().unwrap()))
        .collect();
    let encoded =
        "%D0%9F%D1%80%D0%B8%D0%BB%D0%BE%D0%B6%D0%B5%D0%BD%D0%B8%D0%B5%20%E2%84%96%201%2Epdf";
    let expected = [
        format!("terrabyte://00/{line}/Справка о размере пенсии.pdf/3"),
        format!("terrabyte://00/{line}/{encoded}/3"),
    ];
    assert_eq!(links, [(expected[0].as_str(), 100_000), (expected[1].as_str(), 100_000)]);

    let content: Vec<u8> = (0..100_000).map(Epgu::file_byte).collect();
    for path in [
        format!("api/storage/v2/files/{line}/3/download?mnemonic={PLAIN}"),
        format!("api/storage/v2/files/{line}/3/download?mnemonic={encoded}"),
        format!("api/gusmev/files/{line}/3/download?mnemonic={PLAIN}"),
        format!("api/gusmev/files/download/{line}/3?mnemonic={PLAIN}&eserviceCode=10000000113"),
    ] {
        let (status, length, bytes, whole) = download(&sandbox, &path).await;
        assert_eq!((status, length, whole), (200, Some(100_000), true), "{path}");
        assert!(bytes == content);
    }
    assert_eq!(sandbox.epgu().counts().downloads, 4);
    // What was sent is there as well, though only its length is kept.
    for object in [order, line] {
        let path = format!("api/storage/v2/files/{object}/2/download?mnemonic=req.xml");
        assert_eq!(download(&sandbox, &path).await.1, Some(27));
    }
    let example = "api/storage/v2/files/6268157772/2/download?mnemonic=req.xml";
    assert_eq!(download(&sandbox, example).await.1, Some(653));

    for (path, status) in [
        (format!("{line}/3/download?mnemonic=unknown.pdf"), 404),
        (format!("{line}/4/download?mnemonic={PLAIN}"), 404),
        (format!("{}/3/download?mnemonic={PLAIN}", line - 1), 404),
        (format!("{order}/3/download?mnemonic={PLAIN}"), 404),
        (format!("1/3/download?mnemonic={PLAIN}"), 404),
        (format!("{line}/3/download?mnemonic="), 400),
        (format!("{line}/3/download"), 400),
        (format!("x/3/download?mnemonic={PLAIN}"), 400),
    ] {
        let answer = get(&sandbox, &format!("api/storage/v2/files/{path}")).await;
        assert_eq!(code(answer, status), if status == 404 { "not_found" } else { "bad_request" });
    }
    let path = format!("api/storage/v2/files/{line}/3/download?mnemonic={PLAIN}");
    let other = as_bearer(&sandbox, Epgu::OTHER_TOKEN, Method::GET, &path, Value::Null).await;
    assert_eq!(code(other, 403), "order_access");
    assert_eq!(as_bearer(&sandbox, "UNKNOWN", Method::GET, &path, Value::Null).await.status, 401);
}

#[tokio::test]
async fn where_files_are() {
    let sandbox = frozen().await;
    let (_, line) = executed(&sandbox).await;
    let paths = [
        format!("api/storage/v2/files/{line}/3/download?mnemonic={PLAIN}"),
        format!("api/gusmev/files/{line}/3/download?mnemonic={PLAIN}"),
        format!("api/gusmev/files/download/{line}/3?mnemonic={PLAIN}"),
    ];
    let choices = [DownloadPaths::Storage, DownloadPaths::Gusmev, DownloadPaths::Later];
    for (served, choice) in choices.into_iter().enumerate() {
        sandbox.epgu().change(|settings| settings.download_paths = choice);
        for (asked, path) in paths.iter().enumerate() {
            let expected = if asked == served { 200 } else { 404 };
            assert_eq!(download(&sandbox, path).await.0, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_promised_and_what_comes() {
    let sandbox = frozen().await;
    let (_, line) = executed(&sandbox).await;
    let path = format!("api/storage/v2/files/{line}/3/download?mnemonic={PLAIN}");
    for (bytes, promise, expected) in [
        (0, Promise::Exact, (Some(0), 0, true)),
        (70_000, Promise::Nothing, (None, 70_000, true)),
        (70_000, Promise::Bytes(80_000), (Some(80_000), 70_000, false)),
        (70_000, Promise::Bytes(60_000), (Some(60_000), 60_000, true)),
        (64 << 20, Promise::Exact, (Some(64 << 20), 64 << 20, true)),
    ] {
        sandbox.epgu().change(|settings| {
            settings.file_bytes = bytes;
            settings.file_promise = promise;
        });
        let (status, length, came, whole) = download(&sandbox, &path).await;
        assert_eq!((status, (length, came.len(), whole)), (200, expected), "{promise:?}");
    }
    // The next request is served all the same.
    assert_eq!(
        message(get(&sandbox, &path.replace(PLAIN, "")).await, 400),
        "mnemonic: параметр обязателен"
    );
}
