//! Every fixture both ways: the request compared as sent, the answer decoded and written back.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDateTime;
use epgu_gusmev::archive::Compression;
use epgu_gusmev::{
    Archive, ArchiveBuilder, BoxFuture, Call, Client, Credential, DownloadPath, Edition,
    Environment, Error, FileLink, Meta, Operation, Options, OrderId, RetryPolicy,
};
use httpmock::{Mock, MockServer};
use ruapi_core::test_util::{Exchange, RecordedRequest, lossless};
use serde::Serialize;
use serde_json::{Value, json};

/// The number of operations.
const OPERATIONS: usize = 9;

/// Exchanges by operation and case; those of one upload together.
fn fixtures() -> BTreeMap<(String, String), Vec<Exchange>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/epgu");
    let mut fixtures: BTreeMap<(String, String), Vec<Exchange>> = BTreeMap::new();
    for operation in std::fs::read_dir(folder).expect("the fixtures' folder") {
        let operation = operation.unwrap().path();
        let mut cases: Vec<_> =
            std::fs::read_dir(&operation).unwrap().map(|case| case.unwrap().path()).collect();
        cases.sort();
        for case in cases {
            let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
            let exchange = serde_json::from_str(&std::fs::read_to_string(&case).unwrap()).unwrap();
            let whole = name(&case);
            let whole = whole.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
            fixtures.entry((name(&operation), whole.to_owned())).or_default().push(exchange);
        }
    }
    fixtures
}

type Answer = BoxFuture<'static, Result<Value, Error>>;

fn answer<O: Operation>(call: Call<O>) -> Answer
where
    O::Answer: Serialize,
{
    Box::pin(async move { Ok(serde_json::to_value(call.await?.into_inner()).unwrap()) })
}

/// The archives of the fixtures: with so many bytes of noise.
fn archive(noise: usize) -> Archive {
    let mut bits = 1_u64;
    let noise: Vec<u8> = (0..noise)
        .map(|_| {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (bits >> 56) as u8
        })
        .collect();
    let mut builder = ArchiveBuilder::new().compression(Compression::Stored);
    builder.add("req.xml", "<req/>".as_bytes()).unwrap();
    if !noise.is_empty() {
        builder.add("scan.pdf", noise).unwrap();
    }
    builder.build_bytes(64 << 20).unwrap()
}

/// What a recorded request says, to make the call from that it stands for.
struct Recorded<'a>(&'a RecordedRequest);

impl Recorded<'_> {
    fn segment(&self, place: usize) -> &str {
        self.0.path.split('/').nth(place).unwrap()
    }

    fn order(&self) -> OrderId {
        self.segment(3).parse().unwrap()
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.query.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> u64 {
        self.value(name).unwrap().parse().unwrap()
    }

    /// The part of this name of a form.
    fn part(&self, name: &str) -> &Value {
        let parts = self.0.body.as_array().unwrap();
        &parts.iter().find(|part| part["name"] == name).unwrap()["content"]
    }

    fn meta(&self) -> Meta {
        serde_json::from_value(self.part("meta").clone()).unwrap()
    }

    /// The archive that was sent: its chunks have so many bytes.
    fn archive(&self, chunks: &[Exchange]) -> Archive {
        let length = |exchange: &Exchange| {
            Recorded(&exchange.request).part("file")["length"].as_u64().unwrap()
        };
        let total: u64 = chunks.iter().map(length).sum();
        let archive = [0, 2_200_000].map(archive).into_iter().find(|one| one.length() == total);
        archive.expect("one of the fixtures' archives")
    }

    /// The call that was recorded.
    fn call(&self, operation: &str, exchanges: &[Exchange], client: &Client) -> Answer {
        let body = &self.0.body;
        match operation {
            "create_order" => {
                answer(client.create_order(&serde_json::from_value(body.clone()).unwrap()))
            }
            "push" => {
                let push = client.push(&self.meta(), self.archive(exchanges));
                Box::pin(async move { Ok(serde_json::to_value(push.await?.into_inner()).unwrap()) })
            }
            "push_chunked" => {
                let order = self.part("orderId").to_string().parse().unwrap();
                let upload = client.upload(order, &self.meta(), self.archive(exchanges));
                let upload = upload.chunk_size(1 << 20).parallel(1);
                Box::pin(async move {
                    let submitted = upload.await.map_err(|failed| failed.error)?;
                    Ok(json!({ "orderId": submitted.order }))
                })
            }
            "order" => answer(client.order(self.order())),
            "cancel" => {
                let call = client.cancel(self.order());
                let call = self.value("reason").into_iter().fold(call, |it, text| it.reason(text));
                Box::pin(async move { call.await.map(|_| Value::Null) })
            }
            "statuses" => {
                let orders = self.value("orderIds").unwrap().split(',');
                let call = client.statuses(orders.map(|order| order.parse().unwrap()));
                answer(call.page(self.number("pageNum")).page_size(self.number("pageSize")))
            }
            "updated_after" => {
                let after = self.value("updatedAfter").unwrap();
                let after = NaiveDateTime::parse_from_str(after, "%Y-%m-%dT%H:%M:%S%.f").unwrap();
                let call = client.updated_after(after.and_utc());
                answer(call.page(self.number("pageNum")).page_size(self.number("pageSize")))
            }
            "dictionary" => {
                let mut call = client.dictionary(self.segment(4));
                if body["treeFiltering"] == "SUBTREE" {
                    call = call.tree();
                }
                if let Some(parent) = body["parentRefItemValue"].as_str() {
                    call = call.parent(parent);
                }
                if let Some(size) = body["pageSize"].as_u64() {
                    call = call.page_size(size);
                }
                if let Some(page) = body["pageNum"].as_u64() {
                    call = call.page(page);
                }
                answer(call)
            }
            "download" => {
                let mut numbers = self.0.path.split('/').filter_map(|part| part.parse().ok());
                let (id, kind) = (numbers.next().unwrap(), numbers.next().unwrap());
                let link = FileLink::new(id, kind as u32, self.value("mnemonic").unwrap()).unwrap();
                let download = client.download(&link);
                let code = self.value("eserviceCode").unwrap_or_default();
                let download = download.service_code(code);
                Box::pin(async move {
                    let mut file = Vec::new();
                    download.to_writer(&mut file).await?;
                    Ok(Value::String(String::from_utf8(file).unwrap()))
                })
            }
            other => panic!("what is {other}?"),
        }
    }

    fn edition(&self) -> Edition {
        let mut edition = Edition::v1_12();
        edition.download = match &self.0.path {
            path if path.starts_with("api/gusmev/files/download/") => DownloadPath::GusmevDownload,
            path if path.starts_with("api/gusmev/files/") => DownloadPath::Gusmev,
            _ => DownloadPath::Storage,
        };
        edition
    }
}

async fn mock<'a>(server: &'a MockServer, exchange: &Exchange) -> Mock<'a> {
    let (expected, response) = (exchange.request.clone(), exchange.response.clone());
    server
        .mock_async(move |when, then| {
            when.is_true(move |sent| {
                let (method, uri) = (sent.method_str(), sent.uri());
                let received =
                    RecordedRequest::received(method, &uri, &sent.headers(), sent.body_ref());
                expected.is_same_as(&received)
            });
            let mut then = then.status(response.status).body(response.body_bytes());
            for (name, value) in &response.headers {
                then = then.header(name, value);
            }
        })
        .await
}

/// Plays a fixture: the server answers only the very requests that were recorded.
async fn play(server: &MockServer, operation: &str, case: &[Exchange]) -> Result<Value, Error> {
    server.reset_async().await;
    let mut mocks = Vec::new();
    for exchange in case {
        mocks.push(mock(server, exchange).await);
    }
    let recorded = Recorded(&case[0].request);
    // The dictionary is open to everybody.
    let credential = Credential::bearer("not-a-real-token".to_owned().into()).unwrap();
    let client = Client::builder(Environment::Custom(server.base_url()), credential)
        .edition(recorded.edition())
        .options(Options::new().retry(RetryPolicy::never()))
        .build()
        .unwrap();
    let result = recorded.call(operation, case, &client).await;
    for mock in mocks {
        mock.assert_calls_async(1).await;
    }
    result
}

/// What is JSON in a string, as JSON: its spelling may differ. Once in the document a field's name begins with
/// a space, which is taken for an error of print.
fn opened(body: &Value) -> Value {
    let mut body = body.clone();
    for found in body.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten() {
        let found = found.as_object_mut().unwrap();
        if let Some(id) = found.remove(" orderId") {
            found.insert("orderId".to_owned(), id);
        }
    }
    let inner = body.get("order").and_then(Value::as_str);
    if let Some(inner) = inner.and_then(|text| serde_json::from_str(text).ok()) {
        body["order"] = inner;
    }
    body
}

#[tokio::test]
async fn every_fixture_is_sent_as_recorded_and_understood_without_loss() {
    let fixtures = fixtures();
    let mut operations: Vec<&String> = fixtures.keys().map(|(operation, _)| operation).collect();
    operations.dedup();
    assert_eq!(operations.len(), OPERATIONS);
    assert!(fixtures.len() >= 120, "{} fixtures", fixtures.len());
    let server = MockServer::start_async().await;
    for ((operation, case), exchanges) in fixtures {
        let name = format!("{operation}/{case}");
        let response = &exchanges.last().unwrap().response;
        match play(&server, &operation, &exchanges).await {
            Ok(_) if operation == "cancel" => {
                let code = response.body["code"].as_str();
                let outcomes = ["cancel_not_allowed", "not_found"];
                let known = code.is_some_and(|code| outcomes.contains(&code));
                assert!(known || [200, 404, 405, 409].contains(&response.status), "{name}");
            }
            Ok(_) if response.status == 204 => assert_eq!(operation, "updated_after", "{name}"),
            Ok(encoded) => {
                assert!((200..300).contains(&response.status), "{name}");
                let (sent, written) = (opened(&response.body), opened(&encoded));
                lossless(&sent, &written).unwrap_or_else(|path| panic!("{name}: {path}"));
            }
            Err(error) => {
                assert_eq!(error.body(), response.body_bytes(), "{name}: nothing is lost");
                assert_eq!(error.status().unwrap().as_u16(), response.status, "{name}");
                let code = match operation.as_str() {
                    "dictionary" => {
                        response.body["error"]["code"].as_u64().map(|it| it.to_string())
                    }
                    _ => response.body["code"].as_str().map(str::to_owned),
                };
                assert_eq!(error.code().map(str::to_owned), code, "{name}");
                assert!(response.status != 200 || operation == "dictionary", "{name}");
            }
        }
    }
}
