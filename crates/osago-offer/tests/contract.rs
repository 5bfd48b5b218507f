//! Every fixture both ways: the request compared as sent, the answer decoded and written back.

use std::collections::BTreeMap;
use std::path::Path;

use httpmock::MockServer;
use osago_offer::{
    BoxFuture, CalculationRequest, Call, Client, Confirmation, Credential, Error, OfferKey,
    Operation, Options, RequestId, RetryPolicy, StandardError,
};
use ruapi_core::test_util::{Exchange, RecordedRequest, lossless};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The number of operations.
const OPERATIONS: usize = 7;

/// Fixtures by operation and case.
fn fixtures() -> BTreeMap<(String, String), Exchange> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/osago");
    let mut fixtures = BTreeMap::new();
    for operation in std::fs::read_dir(folder).expect("the fixtures' folder") {
        let operation = operation.unwrap().path();
        for case in std::fs::read_dir(&operation).unwrap() {
            let case = case.unwrap().path();
            let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
            let exchange = serde_json::from_str(&std::fs::read_to_string(&case).unwrap()).unwrap();
            fixtures.insert((name(&operation), name(&case)), exchange);
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

fn body<T: DeserializeOwned>(request: &RecordedRequest) -> T {
    serde_json::from_value(request.body.clone()).unwrap()
}

/// The call that a recorded request stands for.
fn call(operation: &str, request: &RecordedRequest, client: &Client) -> Answer {
    let value = |name: &str| {
        let found = request.query.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("no {name}"))
    };
    let id = || RequestId::from(value("request_id"));
    let key = || OfferKey::new(id(), value("offer_id"));
    match operation {
        "calculate" => answer(client.calculate(body::<CalculationRequest>(request))),
        "calculation" => answer(client.calculation(&id())),
        "calculation_status" => answer(client.calculation_status(&id())),
        "confirm" => {
            let said: Confirmation = body(request);
            let call = client.confirm_unseen(&said.key(), said.return_urls);
            answer(call.upsales(said.upsales))
        }
        "offer" => answer(client.offer(&key())),
        "draft" => answer(client.draft(&key())),
        "policy" => answer(client.policy(&key())),
        other => panic!("what is {other}?"),
    }
}

/// Plays a fixture: the server answers only the very request that was recorded.
async fn play(server: &MockServer, operation: &str, exchange: &Exchange) -> Result<Value, Error> {
    server.reset_async().await;
    let (expected, response) = (exchange.request.clone(), exchange.response.clone());
    let mock = server
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
        .await;
    let client = Client::builder(server.base_url(), Credential::none())
        .options(Options::new().retry(RetryPolicy::never()))
        .build()
        .unwrap();
    let result = call(operation, &exchange.request, &client).await;
    mock.assert_calls_async(1).await;
    result
}

#[tokio::test]
async fn every_fixture_is_sent_as_recorded_and_understood_without_loss() {
    let fixtures = fixtures();
    let mut operations: Vec<&String> = fixtures.keys().map(|(operation, _)| operation).collect();
    operations.dedup();
    assert_eq!(operations.len(), OPERATIONS);
    assert!(fixtures.len() >= 80, "{} fixtures", fixtures.len());
    let server = MockServer::start_async().await;
    for ((operation, case), exchange) in fixtures {
        let name = format!("{operation}/{case}");
        match play(&server, &operation, &exchange).await {
            Ok(encoded) => {
                assert_eq!(exchange.response.status, 200, "{name}");
                lossless(&exchange.response.body, &encoded)
                    .unwrap_or_else(|path| panic!("{name}: {path}"));
            }
            Err(error) => {
                assert_eq!(error.body(), exchange.response.body_bytes(), "{name}: nothing is lost");
                assert_eq!(error.status().unwrap().as_u16(), exchange.response.status, "{name}");
                assert!(exchange.response.status >= 400, "{name}");
                let standard = StandardError::of(&error).unwrap_or_else(|| panic!("{name}"));
                lossless(&exchange.response.body, &serde_json::to_value(standard).unwrap())
                    .unwrap_or_else(|path| panic!("{name}: {path}"));
            }
        }
    }
}
