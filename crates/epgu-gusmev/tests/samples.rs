//! Every sample of the document for what is read, both ways: the request as it is printed, the answer
//! decoded and written back. The files hold what the document prints.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use epgu_gusmev::dictionary::TreeFiltering;
use epgu_gusmev::statuses::{OrdersStatus, SearchStatus};
use epgu_gusmev::{
    Call, Cancellation, Client, Continuation, Credential, Dictionary, DictionaryItem, Edition,
    Environment, Error, ErrorCode, FileLink, FoundOrder, Kind, Operation, Options, Order, OrderId,
    OrderInfo, OrderStatus, ProcessingState, Request, RetryPolicy, StatusId, StatusPage,
};
use futures_util::{StreamExt, TryStreamExt};
use ruapi_core::BoxFuture;
use ruapi_core::test_util::{Replay, lossless};
use ruapi_core::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use serde_json::{Value, json};

const TOKEN: &str = "not-a-real-token";

fn file(name: &str) -> Value {
    let path = format!("{}/tests/samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn client_on(transport: Arc<dyn Transport>, edition: Edition) -> Client {
    let options = Options::new().transport(transport).retry(RetryPolicy::never());
    Client::builder(
        Environment::Custom("http://127.0.0.1/".to_owned()),
        Credential::bearer(TOKEN.to_owned().into()).unwrap(),
    )
    .edition(edition)
    .options(options)
    .build()
    .unwrap()
}

fn client(answers: impl IntoIterator<Item = (u16, Value)>) -> (Client, Arc<Replay>) {
    let answers = answers.into_iter().map(|(status, body)| {
        let mut answer = Replay::answer(status, "");
        answer.body = body;
        Ok(answer)
    });
    let replay = Arc::new(Replay::new(answers));
    (client_on(replay.clone(), Edition::default()), replay)
}

fn id(number: u64) -> OrderId {
    OrderId::new(number).unwrap()
}

const ASKED: [u64; 5] = [764607248, 764603930, 764602932, 2312621299, 2312620698];

fn instant() -> DateTime<Utc> {
    "2022-12-10T12:31:42Z".parse().unwrap()
}

type Played = (Request, BoxFuture<'static, Result<Value, Error>>);

fn played<O: Operation>(call: Call<O>) -> Played
where
    O::Answer: serde::Serialize,
{
    let request = call.request().unwrap();
    let encoded = async move { Ok(serde_json::to_value(call.await?.into_inner()).unwrap()) };
    (request, Box::pin(encoded))
}

fn play(name: &str, client: &Client) -> Played {
    match name {
        "order" | "order_refused" => played(client.order(id(2058864134))),
        "statuses" => played(client.statuses(ASKED.map(id))),
        "updated_after" => played(client.updated_after(instant()).page_size(5)),
        "dictionary" => played(client.dictionary("BIC").page(1).page_size(2)),
        other => panic!("what is {other}?"),
    }
}

/// The string under `order` as what it stands for; a field's name without the space before it.
fn opened(answer: &Value) -> Value {
    let mut answer = answer.clone();
    let order = answer.get("order").and_then(Value::as_str).map(str::to_owned);
    if let Some(order) = order {
        answer["order"] = serde_json::from_str(&order).unwrap();
    }
    let text = answer.to_string().replace(r#"" orderId""#, r#""orderId""#);
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn every_sample_is_sent_as_printed_and_read_without_loss() {
    for name in ["order", "statuses", "updated_after", "dictionary"] {
        let sample = file(name);
        let (client, replay) = client([(200, sample["answer"].clone())]);
        let (request, answer) = play(name, &client);
        let encoded = answer.await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(encoded["order"].is_string(), sample["answer"]["order"].is_string(), "{name}");
        lossless(&opened(&sample["answer"]), &opened(&encoded))
            .unwrap_or_else(|path| panic!("{name}: {path}"));

        let sent = &replay.requests()[0];
        assert_eq!(sent.method.as_str(), sample["method"].as_str().unwrap(), "{name}");
        let url = sample["path"].as_str().unwrap();
        // Both spellings of a comma and of a colon are the same thing.
        let sent_url = sent.url.replace("%2C", ",").replace("%3A", ":");
        assert_eq!(sent_url.strip_prefix("http://127.0.0.1").unwrap(), url, "{name}");
        assert!(request.is_idempotent(), "{name}");
        let header = |header: &str| sent.headers.get(header).map(|value| value.to_str().unwrap());
        match &sample["body"] {
            Value::Null => {
                assert!(sent.body.is_empty());
                // Table 20 requires the header of one of the requests without a body.
                let required = (name == "statuses").then_some("application/json");
                assert_eq!(header("content-type"), required, "{name}");
            }
            body => {
                assert_eq!(serde_json::from_slice::<Value>(&sent.body).unwrap(), *body, "{name}");
                assert_eq!(header("content-type"), Some("application/json"));
            }
        }
        let token = (name != "dictionary").then_some("Bearer not-a-real-token");
        assert_eq!(header("authorization"), token, "{name}");
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let (c, _) = client([(403, file("order_refused")["answer"].clone())]);
    let error = play("order_refused", &c).1.await.unwrap_err();
    assert_eq!(ErrorCode::of(&error), Some(ErrorCode::OrderAccess));
    let (c, _) = client([(204, Value::Null)]);
    assert_eq!(c.order(id(1)).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn only_the_documented_answer_is_a_cancellation() {
    for (status, body) in [(201, Value::Null), (202, json!({"orderId": 1})), (206, Value::Null)] {
        let (c, _) = client([(status, body)]);
        let error = c.cancel(id(1)).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (Kind::Decode, true), "{status}");
        assert!(error.to_string().contains(&format!("got {status}")), "{error}");
    }
    let (c, _) = client([(200, Value::Null), (200, json!({"any": "thing"})), (204, Value::Null)]);
    for expected in [Cancellation::Cancelled, Cancellation::Cancelled, Cancellation::NotFound] {
        assert_eq!(*c.cancel(id(1)).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_download_is_whole_or_an_error() {
    let link = FileLink::new(1, 3, "Ответ.pdf").unwrap();
    let body = "five!";
    for (status, promised, kind) in [
        (200, Some("5"), None),
        (200, None, None),
        (200, Some("4"), Some(Kind::Decode)),
        (200, Some("6"), Some(Kind::Interrupted)),
        (206, None, Some(Kind::Decode)),
    ] {
        let mut answer = Replay::answer(status, "");
        answer.body = body.into();
        if let Some(promised) = promised {
            answer.headers.insert("content-length".into(), promised.into());
        }
        let client = client_on(Arc::new(Replay::new([Ok(answer)])), Edition::default());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let saved = client.download(&link).to_file(&path).await;
        assert_eq!(saved.as_ref().err().map(Error::kind), kind, "{status} {promised:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), usize::from(kind.is_none()));
    }
}

fn sample_order() -> OrderInfo {
    OrderInfo::from_json(file("order")["answer"].to_string().as_bytes()).unwrap()
}

#[test]
fn the_samples_order_has_its_values_typed() {
    let info = sample_order();
    assert_eq!(info.code, Some(ProcessingState::Ok));
    let order = info.order.as_ref().unwrap();
    assert_eq!((order.id, **order.owner_id.as_ref().unwrap()), (Some(id(2058864134)), 1078941357));
    assert_eq!(order.order_status_id, Some(StatusId::Failed));
    assert_eq!(order.no_paid_payment_count, Some(-1));
    assert_eq!(order.has_result, Some(false));
    let date = order.request_date.unwrap();
    assert_eq!(date.to_rfc3339(), "2022-07-25T13:01:47.438+03:00");
    let ids: Vec<_> =
        order.statuses.iter().map(|status| status.status_id.unwrap().code()).collect();
    assert_eq!(ids, [0, 17, 21, 2, 24]);
    for status in &order.statuses[..4] {
        assert_eq!(status.title.as_deref(), status.status_id.unwrap().documented_name());
        assert_eq!((status.has_result, status.final_status), (Some(false), Some(false)));
    }
    let last = order.statuses.last();
    assert_eq!(info.current_status(), last);
    assert_eq!(order.current_status_history.as_ref(), last, "it is there twice, and equal");
    assert!(info.is_final() && !info.cancel_allowed());
    let link = order.order_attachment_files[0].file_link().unwrap().unwrap();
    assert_eq!(link, FileLink::new(2058864134, 2, "req.xml").unwrap());
    assert_eq!(order.results().count(), 0);
    assert_eq!(order.extra.get::<String>("complexMode").as_deref(), Some(""));
    assert!(order.extra.names().any(|name| name == "cr_uin"));
}

/// Tables 27 and 28 line by line: a field that has no place of its own would be in `extra`.
#[test]
fn every_documented_field_is_typed() {
    let all = include_str!("tables/order.txt");
    let mut order = serde_json::Map::new();
    let mut parent = None::<String>;
    for line in all.lines() {
        match line.strip_prefix("  ") {
            Some(inner) => {
                let fields = &mut order[parent.as_ref().unwrap()];
                let fields = if fields.is_array() { &mut fields[0] } else { fields };
                fields[inner] = Value::Null;
            }
            None => {
                let (name, nested) = line.split_once(' ').unwrap_or((line, ""));
                let value = match nested {
                    "[]" => json!([{}]),
                    "{}" => json!({"undocumented": 1}),
                    _ => Value::Null,
                };
                order.insert(name.to_owned(), value);
                parent = Some(name.to_owned());
            }
        }
    }
    assert_eq!(order.len(), 85);
    let info = json!({"code": "DONE", "message": null, "order": order});
    let info = OrderInfo::from_json(info.to_string().as_bytes()).unwrap();
    let order = info.order.unwrap();
    assert!(
        info.extra.is_empty() && order.extra.is_empty(),
        "{:?}",
        order.extra.names().collect::<Vec<_>>()
    );
    assert!(order.statuses[0].extra.is_empty());
    assert!(order.order_attribute_events[0].extra.is_empty());
    assert!(order.order_response_files[0].extra.is_empty());
    assert!(order.order_attachment_files[0].extra.is_empty());
    assert_eq!(order.qrlink.unwrap().extra.names().count(), 1);
    assert_eq!(order.current_status_history.unwrap().extra.names().count(), 1);
}

#[test]
fn an_order_comes_in_every_form_and_keeps_it() {
    let inner = file("order_inner");
    let as_object = json!({"code": "OK", "order": inner, "new": {"deep": [1]}});
    let object: OrderInfo = serde_json::from_value(as_object.clone()).unwrap();
    let text: OrderInfo = serde_json::from_value(file("order")["answer"].clone()).unwrap();
    assert_eq!(object.order, text.order);
    let encoded = serde_json::to_value(&object).unwrap();
    assert!(encoded["order"].is_object());
    lossless(&as_object, &encoded).unwrap();
    assert!(serde_json::to_value(&text).unwrap()["order"].is_string());
    for absent in ["null", "\"\"", "\" \"", "\"null\"", "[]", "{}"] {
        let json = format!(r#"{{"code":"VALIDATION","order":{absent}}}"#);
        let info = OrderInfo::from_json(json.as_bytes()).unwrap();
        assert_eq!(info, OrderInfo::new(ProcessingState::Validation), "{absent}");
        assert!(!info.is_final() && info.current_status().is_none());
    }
    let none = OrderInfo::from_json(br#"{"code":"REQ_NOT_FOUND"}"#).unwrap();
    assert!(none.is_final() && none.order.is_none());
}

#[test]
fn values_come_in_every_spelling() {
    let loose = json!({"id": "5", "hasResult": "Y", "closed": 0, "stateOrgId": "266", "signCnt": "",
        "orderPayments": {"sum": 1}, "infoMessages": "x", "textMessages": "", "qrlink": [],
        "statuses": {"statusId": "99", "hasResult": "Y", "finalStatus": "true", "orderId": "5",
            "cancelAllowed": "1", "date": "2022-07-25T13:01:47Z", "author": "новое"},
        "currentStatusHistory": ""});
    let json = json!({"order": loose.to_string()}).to_string();
    let info = OrderInfo::from_json(json.as_bytes()).unwrap();
    let order = info.order.as_ref().unwrap();
    assert_eq!((order.id, order.has_result, order.closed), (Some(id(5)), Some(true), Some(false)));
    assert_eq!((order.order_payments.len(), order.info_messages.len()), (1, 1));
    assert!(order.text_messages.is_empty() && order.qrlink.is_none());
    let status = order.current_status().unwrap();
    assert_eq!((status.status_id, status.has_result), (Some(StatusId::Other(99)), Some(true)));
    assert_eq!(status.extra.get::<String>("author").as_deref(), Some("новое"));
    assert!(order.is_final() && order.cancel_allowed());
    let encoded = serde_json::to_value(order).unwrap();
    assert_eq!(encoded["statuses"][0]["hasResult"], "Y");
    assert_eq!(encoded["hasResult"], true);
    assert_eq!(encoded["statuses"][0]["date"], "2022-07-25T13:01:47Z");
}

#[test]
fn the_present_status_is_found_where_it_is() {
    let mut order = Order::new(id(1));
    assert!(order.current_status().is_none() && !order.is_final() && !order.cancel_allowed());
    let status = |number, code: i64| {
        let mut status = OrderStatus::new(code.into());
        status.id = Some(number);
        status
    };
    // A code alone makes nothing final.
    order.statuses = vec![status(7, 24), status(8, 3)];
    assert_eq!(order.current_status().unwrap().id, Some(8));
    assert!(!order.is_final());
    order.current_status_history_id = Some(7);
    assert_eq!(order.current_status().unwrap().id, Some(7));
    order.current_status_history = Some(status(9, 2));
    assert_eq!(order.current_status().unwrap().id, Some(9));
    order.closed = Some(true);
    assert!(order.is_final());
}

#[tokio::test]
async fn errors_name_the_path_and_no_value() {
    let mut list = file("statuses")["answer"].clone();
    list["content"][2]["orderId"] = "Тестов 2022, expected none".into();
    let (client, _) = client([(200, list)]);
    let error = client.statuses(ASKED.map(id)).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("content[2].orderId`: "), "{text}");
    assert!(text.contains("the number of an application"), "{text}");
    assert!(!text.contains("Тестов") && !text.contains("none"), "{text}");
    assert_eq!(error.kind(), Kind::Decode);
    for (order, expected) in [
        ("{\"id\":", "expected in `order.id`: EOF"),
        ("[1]", "expected in `order`"),
        ("Тестов", "expected in `order`: value"),
    ] {
        let json = json!({"order": order}).to_string();
        let error = OrderInfo::from_json(json.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{order}: {error}");
        assert!(!error.contains("Тестов"), "{error}");
    }
    // By serde alone nothing is left out.
    let odd = json!({"order": "{\"statuses\":[{\"statusId\":\"Тестов\"}]}"}).to_string();
    let error = ruapi_core::decode::<OrderInfo>(odd.as_bytes()).unwrap_err();
    assert!(error.contains("in `order.statuses[0].statusId`: the code"), "{error}");
    assert!(!error.contains("Тестов"), "{error}");
}

#[test]
fn debug_shows_nobody() {
    let inner = json!({"ownerId": 1078941357, "userId": 1078941357, "orgUserName": "ООО Планты",
        "userSelectedRegion": "36700000000", "serviceUrl": "https://x/planted", "payer": "Плантов",
        "orderPayments": [{"payer": "Плантов"}],
        "orderAttributeEvents": [{"name": "phone", "newValue": "79997776655", "oldValue": "Плантов"}],
        "statuses": [{"statusId": 2, "comment": "Плантов!"}],
        "orderResponseFiles": [{"fileName": "Плантов.pdf", "id": "1/files/planted",
            "link": "terrabyte://00/1/Плантов.pdf/3"}],
        "orderAttachmentFiles": [{"fileName": "Плантов.pdf", "id": "1/files/planted",
            "link": "terrabyte://00/1/Плантов.pdf/2"}]});
    let json = json!({"message": "Плантов", "order": inner.to_string()}).to_string();
    let info = OrderInfo::from_json(json.as_bytes()).unwrap();
    let (file, link) = info.order.as_ref().unwrap().results().next().unwrap();
    let debug = format!("{info:?} {file:?} {:?}", link.as_ref().unwrap());
    for planted in ["Плант", "planted", "1078941357", "36700000000", "79997776655"] {
        assert!(!debug.contains(planted), "{planted}: {debug}");
    }
    assert_eq!(link.unwrap().mnemonic(), "Плантов.pdf");
}

#[tokio::test]
async fn the_samples_statuses_are_typed() {
    let (client, _) = client([(200, file("updated_after")["answer"].clone())]);
    let page = client.updated_after(instant()).await.unwrap();
    assert_eq!((page.count, page.total_count, page.content.len()), (Some(5), Some(40), 5));
    let status = page.content[0].status.as_ref().unwrap();
    assert_eq!(status.status_id, Some(StatusId::Failed));
    let updated = status.updated.unwrap();
    assert_eq!(updated.naive_local().to_string(), "2022-12-21 20:49:37.672");
    assert!(!updated.has_offset());
    assert_eq!(page.content[3].order_id, id(2354270898), "by the name with a space");
    assert_eq!(page.content[3].order_search_status, Some(SearchStatus::NotFound));
    assert!(page.content.iter().all(|found| found.extra.is_empty()));
}

#[test]
fn what_cannot_be_asked_is_refused_before_it_is_sent() {
    let (client, _) = client([]);
    let ids = |count: u64| (1..=count).map(id);
    for refused in [
        client.statuses([]).request(),
        client.statuses(ids(201)).request(),
        client.statuses(ids(1)).page_size(0).request(),
        client.updated_after(instant()).page_size(0).request(),
        client.updated_after(DateTime::<Utc>::MAX_UTC).request(),
        client.dictionary("").request(),
        client.dictionary("..").request(),
        client.dictionary("BIC").page_size(0).request(),
    ] {
        assert!(refused.unwrap_err().is_input());
    }
    assert_eq!(OrdersStatus::MOST_IDS, 200);
    let request = client.statuses(ids(200).chain(ids(3))).page(2).page_size(10).request().unwrap();
    assert!(request.query_string().len() < 4_000);
    assert!(request.query_string().ends_with("200&pageNum=2&pageSize=10"));
    let debug = format!("{request:?}");
    assert!(!debug.contains("199"), "{debug}");
}

#[test]
fn the_instant_is_sent_in_the_editions_zone() {
    for (edition, expected) in [
        (Edition::v1_12(), "2022-12-10T12:31:42.000"),
        (Edition::later(), "2022-12-10T15:31:42.000"),
    ] {
        let client = client_on(Arc::new(Replay::default()), edition);
        let request = client.updated_after(instant()).request().unwrap();
        let sent = request.query_pairs().find(|(name, _)| name == "updatedAfter").unwrap();
        assert_eq!(sent.1, expected);
    }
}

/// A service made of a function from the request to the answer.
struct Served<F>(F);

impl<F> std::fmt::Debug for Served<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Served")
    }
}

impl<F: Fn(&HttpRequest) -> Value + Send + Sync + 'static> Transport for Served<F> {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let body = bytes::Bytes::from((self.0)(&request).to_string());
        let answer = HttpResponse::new(http::StatusCode::OK, http::HeaderMap::new(), body.into());
        Box::pin(async move { Ok(answer) })
    }
}

fn serve(answer: impl Fn(&HttpRequest) -> Value + Send + Sync + 'static) -> Client {
    client_on(Arc::new(Served(answer)), Edition::default())
}

fn parameter(request: &HttpRequest, name: &str) -> String {
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_default().replace("%2C", ",")
}

fn number(request: &HttpRequest, name: &str) -> usize {
    parameter(request, name).parse().unwrap()
}

fn listed(ids: &[u64], total: usize) -> Value {
    let content: Vec<Value> = ids.iter().map(|id| json!({"orderId": id})).collect();
    json!({"count": ids.len(), "totalCount": total, "content": content})
}

fn page_of(all: &[u64], request: &HttpRequest, most: usize) -> Value {
    let size = number(request, "pageSize").min(most);
    let start = (number(request, "pageNum") * size).min(all.len());
    listed(&all[start..(start + size).min(all.len())], all.len())
}

fn ids(found: &[FoundOrder]) -> Vec<u64> {
    found.iter().map(|found| found.order_id.get()).collect()
}

#[tokio::test]
async fn walks_give_every_order_once_and_can_be_resumed() {
    // The service may have smaller pages than it is asked for.
    for most in [1_000, 30] {
        let all: Vec<u64> = (1..=250).collect();
        let expected = all.clone();
        let client = serve(move |request| page_of(&all, request, most));
        let found: Vec<_> = client.updated_after(instant()).items().try_collect().await.unwrap();
        assert_eq!(ids(&found), expected);

        let mut walk = client.updated_after(instant()).items();
        let mut found: Vec<FoundOrder> = Vec::new();
        for _ in 0..123 {
            found.push(walk.next().await.unwrap().unwrap());
        }
        let from: Continuation = walk.continuation().to_string().parse().unwrap();
        drop(walk);
        let rest = client.updated_after(instant()).resume(from);
        found.extend(rest.try_collect::<Vec<_>>().await.unwrap());
        assert_eq!(ids(&found), expected);
    }
    let client = serve(|_| json!({"content": []}));
    assert_eq!(client.updated_after(instant()).pages().count().await, 1);
    let odd = "1@x".parse().unwrap();
    assert!(client.updated_after(instant()).resume(odd).next().await.unwrap().is_err());
}

#[tokio::test]
async fn many_orders_are_asked_for_in_parts() {
    for size in [None, Some(70)] {
        let client = serve(|request| {
            let asked = parameter(request, "orderIds");
            let all: Vec<u64> = asked.split(',').map(|id| id.parse().unwrap()).collect();
            assert!(all.len() <= OrdersStatus::MOST_IDS);
            page_of(&all, request, 1_000)
        });
        let mut call = client.statuses((1..=450).chain([7, 8]).map(id));
        if let Some(size) = size {
            call = call.page_size(size);
        }
        let found: Vec<_> = call.items().try_collect().await.unwrap();
        assert_eq!(ids(&found), (1..=450).collect::<Vec<_>>());
    }
    let (client, _) = client([]);
    let error = client.statuses([]).items().next().await.unwrap().unwrap_err();
    assert!(error.is_input());
}

#[tokio::test]
async fn a_list_that_moves_gives_nothing_twice_and_one_that_circles_is_an_error() {
    // With each page one more order comes in at the head.
    let client = serve(|request| {
        let page = number(request, "pageNum") as u64;
        let all: Vec<u64> = (0..100 + page).map(|place| 1_000 + 100 - 1 + page - place).collect();
        page_of(&all, request, 10)
    });
    let found: Vec<_> =
        client.updated_after(instant()).page_size(10).items().try_collect().await.unwrap();
    assert_eq!(ids(&found), (1_000..1_100).rev().collect::<Vec<_>>());

    type Answer = fn(u64) -> Value;
    let circles: [(Answer, &str); 3] = [
        (|_| listed(&[1, 2], 10), "repeats"),
        (|page| listed(&[page % 3 + 1], 10), "repeats"),
        (
            |page| {
                let ids: Vec<u64> = (page * 100 + 1..=page * 100 + 100).collect();
                listed(&ids, ids[99] as usize + 9)
            },
            "no end in sight",
        ),
    ];
    for (answer, expected) in circles {
        let client = serve(move |request| answer(number(request, "pageNum") as u64));
        let results: Vec<_> = client.updated_after(instant()).items().collect().await;
        let error = results.last().unwrap().as_ref().unwrap_err();
        assert_eq!(error.kind(), Kind::Decode);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn an_answer_may_lack_its_list_only_where_there_is_nothing_in_it() {
    for nothing in [json!({"count": 0}), json!({"totalCount": 0, "content": null}), json!({})] {
        let (client, _) = client([(200, nothing)]);
        assert!(client.updated_after(instant()).await.unwrap().content.is_empty());
    }
    let refused = json!({"code": "internal_error", "message": "x"});
    for odd in [json!({"count": 2}), json!({"totalCount": 40, "content": []}), refused] {
        let (client, _) = client([(200, odd.clone()), (200, odd)]);
        assert_eq!(client.updated_after(instant()).await.unwrap_err().kind(), Kind::Decode);
        let error = client.statuses([id(1)]).items().next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), Kind::Decode);
    }
    let (client, _) = client([(200, json!({}))]);
    assert_eq!(client.dictionary("BIC").await.unwrap_err().kind(), Kind::Decode);
    assert_eq!(StatusPage::new(vec![FoundOrder::new(id(1))]).total_count, Some(1));
}

#[tokio::test]
async fn a_dictionary_is_asked_for_whole_as_a_tree_or_below_an_item() {
    let item = json!({"value": "1", "title": "a", "children":
        {"value": 11, "parentValue": "1", "title": "b", "isLeaf": "true", "attributeValues": [], "new": 1}});
    let answer = json!({"error": {"code": "0"}, "total": "1", "items": item, "took": 5});
    let (client, replay) = client([(200, answer.clone())]);
    let found = client.dictionary("OKATO/1").tree().parent("36").await.unwrap();
    let sent = &replay.requests()[0];
    assert!(sent.url.ends_with("/api/nsi/v1/dictionary/OKATO%2F1"));
    assert_eq!(
        serde_json::from_slice::<Value>(&sent.body).unwrap(),
        json!({"treeFiltering": TreeFiltering::Subtree, "parentRefItemValue": "36"})
    );
    let values: Vec<&str> = found.items[0].walk().map(|item| item.value.as_str()).collect();
    assert_eq!(values, ["1", "11"]);
    let mut expected = answer;
    expected["items"]["children"] = json!([expected["items"]["children"]]);
    lossless(&expected, &serde_json::to_value(&*found).unwrap()).unwrap();
}

#[tokio::test]
async fn attribute_values_that_are_no_object_are_written_once() {
    for odd in [json!(["a", "b"]), json!("a")] {
        let answer = json!({"error": {"code": 0}, "total": 1, "items":
            [{"value": "1", "attributeValues": odd.clone()}]});
        let (client, _) = client([(200, answer)]);
        let found = client.dictionary("BIC").await.unwrap();
        let text = serde_json::to_string(&found.items[0]).unwrap();
        assert_eq!(text.matches("attributeValues").count(), 1, "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["attributeValues"], odd);
    }
}

#[tokio::test]
async fn a_part_of_a_file_is_no_file() {
    let (client, replay) = client([(206, json!("part"))]);
    let link = "terrabyte://00/764607248/NAME.pdf/3".parse().unwrap();
    let error = client.download(&link).open().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Decode, 1));
    assert_eq!(error.status().map(|status| status.as_u16()), Some(206));
    assert_eq!(replay.requests()[0].headers["accept"], "*/*");
}

#[tokio::test]
async fn a_dictionarys_refusal_comes_inside_200() {
    let fields = json!([{"field": "pageSize", "message": "too large"}]);
    let answer =
        |fields| json!({"error": {"code": 7, "message": "нет такого"}, "fieldErrors": fields});
    let (client, _) = client([(200, answer(fields)), (200, answer(Value::Null))]);
    let error = client.dictionary("BIC").await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.attempts()), (Kind::Input, Some("7"), 1));
    assert_eq!(error.message(), Some("нет такого"));
    assert!(!error.maybe_processed());
    assert_eq!(Dictionary::of(&error).unwrap().field_errors.len(), 1);
    let error = client.dictionary("BIC").items().next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
}

#[tokio::test]
async fn a_dictionary_is_walked_from_page_one_to_its_total() {
    let client = serve(|request| {
        assert!(request.headers.get("authorization").is_none());
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let (page, size) =
            (asked["pageNum"].as_u64().unwrap(), asked["pageSize"].as_u64().unwrap());
        let items = (page - 1) * size..(page * size).min(899);
        let items: Vec<_> = items.map(|n| DictionaryItem::new(n.to_string(), "БАНК")).collect();
        json!({"error": {"code": 0}, "total": 899, "items": items})
    });
    for (size, from, expected) in
        [(100, 1, 899), (899, 1, 899), (899, 2, 0), (1000, 1, 899), (100, 9, 99)]
    {
        let call = client.dictionary("BIC").page_size(size).page(from);
        let items: Vec<_> = call.items().try_collect().await.unwrap();
        assert_eq!(items.len(), expected, "{size} from {from}");
    }
    let mut walk = client.dictionary("BIC").items();
    for _ in 0..600 {
        walk.next().await.unwrap().unwrap();
    }
    let rest = client.dictionary("BIC").resume(walk.continuation());
    assert_eq!(rest.count().await, 299);
    for (items, expected) in [(json!([{"value": "1"}]), "repeats"), (json!([]), "is empty after 0")]
    {
        let client = serve(move |_| json!({"error": {"code": 0}, "total": 9, "items": items}));
        let last = client.dictionary("BIC").items().collect::<Vec<_>>().await.pop().unwrap();
        assert!(last.unwrap_err().to_string().contains(expected));
    }
}

/// Seven items with two below each, from a service that has at most two on a page.
#[tokio::test]
async fn a_tree_is_walked_to_its_end_whatever_its_total_counts() {
    for total in [json!(7), json!(21), Value::Null] {
        // After the end it sends nothing, or what it sent last.
        for last_again in [false, true] {
            let total = total.clone();
            let client = serve(move |request| {
                let asked: Value = serde_json::from_slice(&request.body).unwrap();
                let page = asked["pageNum"].as_u64().unwrap();
                let page = if last_again { page.min(4) } else { page };
                let items = ((page - 1) * 2..(page * 2).min(7)).map(|n| {
                    let below = [0, 1].map(|m| json!({"value": format!("{n}-{m}")}));
                    json!({"value": n.to_string(), "children": below})
                });
                json!({"error": {"code": 0}, "total": total, "items": items.collect::<Vec<_>>()})
            });
            let tree = || client.dictionary("X").tree();
            let items: Vec<_> = tree().items().try_collect().await.unwrap();
            let values: Vec<&str> = items.iter().map(|item| item.value.as_str()).collect();
            assert_eq!(values, ["0", "1", "2", "3", "4", "5", "6"], "{last_again}");
            let mut walk = tree().items();
            for _ in 0..3 {
                walk.next().await.unwrap().unwrap();
            }
            let rest: Vec<_> = tree().resume(walk.continuation()).try_collect().await.unwrap();
            assert_eq!(rest.len(), 4, "{last_again}");
        }
    }
    // One that ends too early by either count is an error.
    let client = serve(|request| {
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let items = if asked["pageNum"] == 1 { json!([{"value": "1"}]) } else { json!([]) };
        json!({"error": {"code": 0}, "total": 7, "items": items})
    });
    let last = client.dictionary("X").tree().items().collect::<Vec<_>>().await.pop().unwrap();
    assert!(last.unwrap_err().to_string().contains("is empty after 1"));
}

#[tokio::test]
async fn a_dictionary_nested_without_end_is_an_error() {
    let nested = |depth: usize| {
        let open = r#"{"value":"1","children":["#.repeat(depth);
        format!(r#"{{"error":{{"code":0}},"items":[{open}{}]}}"#, "]}".repeat(depth))
    };
    let (client, _) = client([(200, nested(50).into()), (200, nested(10_000).into())]);
    assert_eq!(client.dictionary("X").await.unwrap().items[0].walk().count(), 50);
    let error = client.dictionary("X").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    assert!(error.to_string().contains("recursion limit"), "{error}");
}
