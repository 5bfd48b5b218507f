//! Values that nobody could expect: kept as they came, and the answer around them is read all the same.

use std::sync::Arc;

use epgu_gusmev::test_util::{Replay, lossless};
use epgu_gusmev::{
    Client, Credential, DictionaryItem, Environment, FoundOrder, Kind, Options, OrderId, OrderInfo,
    OrderStatus, RetryPolicy, StatusId, SyncCursor,
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

fn client(answers: impl IntoIterator<Item = Value>) -> Client {
    let answers = answers.into_iter().map(|body| {
        let mut answer = Replay::answer(200, "");
        answer.body = body;
        Ok(answer)
    });
    let options = Options::new().transport(Arc::new(Replay::new(answers)));
    Client::builder(
        Environment::Custom("http://127.0.0.1/".to_owned()),
        Credential::bearer("not-a-real-token".to_owned().into()).unwrap(),
    )
    .options(options.retry(RetryPolicy::never()))
    .build()
    .unwrap()
}

fn id(number: u64) -> OrderId {
    OrderId::new(number).unwrap()
}

/// An order with one value of each kind that is not what the document says.
fn odd_order() -> Value {
    json!({
        "id": 7, "orderStatusId": 2, "closed": "perhaps", "orderDate": 1_658_743_307_438_u64,
        "ownerId": "Плантов", "hasResult": "U", "location": {"code": 36},
        "statuses": [
            {"statusId": 17, "hasResult": "N"},
            {"statusId": 2, "hasResult": "U", "date": 1_658_743_307_438_u64, "title": ["a"]},
        ],
        "currentStatusHistory": {"statusId": 2, "finalStatus": "soon", "cancelAllowed": true},
        "orderResponseFiles": {"fileSize": "large", "link": "terrabyte://00/7/x.pdf/3"},
        "orderAttachmentFiles": [1],
        "orderAttributeEvents": "none", "qrlink": {"fileSize": "small"},
    })
}

#[tokio::test]
async fn details_are_read_in_spite_of_odd_values_which_are_kept() {
    let order = odd_order();
    for order in [order.clone(), order.to_string().into()] {
        let answer = json!({"code": "OK", "message": {"text": "Плантов"}, "order": order});
        let info = client([answer.clone()]).order(id(7)).await.unwrap().into_inner();
        assert_eq!(OrderInfo::from_json(answer.to_string().as_bytes()).unwrap(), info);
        assert!(info.message.is_none() && info.extra.get::<Value>("message").is_some());
        let order = info.order.as_ref().unwrap();
        assert_eq!((order.id, order.closed, order.order_date), (Some(id(7)), None, None));
        assert_eq!(order.extra.get::<u64>("orderDate"), Some(1_658_743_307_438));
        assert_eq!(order.extra.get::<String>("hasResult").as_deref(), Some("U"));
        let status: &OrderStatus = &order.statuses[1];
        assert_eq!((status.status_id, status.date), (Some(StatusId::Received), None));
        let names: Vec<&str> = status.extra.names().collect();
        assert_eq!(names, ["date", "hasResult", "title"]);
        assert!(order.statuses[0].extra.is_empty());
        assert_eq!(order.results().count(), 1);
        assert!(!info.is_final() && info.cancel_allowed());
        // Without loss, and in the form in which it came.
        let encoded = serde_json::to_value(&info).unwrap();
        assert_eq!(encoded["order"].is_string(), answer["order"].is_string());
        lossless(&opened(&answer), &opened(&encoded)).unwrap();
        let again = OrderInfo::from_json(encoded.to_string().as_bytes()).unwrap();
        assert_eq!(again, info);
        let debug = format!("{info:?}");
        assert!(!debug.contains("Плантов"), "{debug}");
    }
}

fn opened(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(order) = answer["order"].as_str() {
        answer["order"] = serde_json::from_str(order).unwrap();
    }
    answer
}

#[test]
fn nothing_but_odd_values_is_kept_as_well() {
    let alone = json!({"closed": "perhaps"});
    let nested = json!({"id": 7, "qrlink": [{"fileSize": "?"}], "statuses": {"date": 5},
        "currentStatusHistory": [{"date": 5}]});
    for order in [alone, nested] {
        for order in [order.clone(), order.to_string().into()] {
            let answer = json!({"order": order});
            let info = OrderInfo::from_json(answer.to_string().as_bytes()).unwrap();
            let encoded = serde_json::to_value(&info).unwrap();
            assert_eq!(encoded["order"].is_string(), answer["order"].is_string());
            let mut encoded = opened(&encoded);
            for name in ["qrlink", "currentStatusHistory"] {
                if encoded["order"].get(name).is_some() {
                    encoded["order"][name] = json!([encoded["order"][name]]);
                }
            }
            lossless(&opened(&answer), &encoded).unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_no_order_at_all_stays_an_error() {
    for order in [json!(5), json!([1]), json!("{\"id\":"), json!("Тестов"), json!(true)] {
        let error = client([json!({"code": "OK", "order": order})]).order(id(7)).await;
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.body().is_empty()), (Kind::Decode, false), "{order}");
    }
}

#[test]
fn many_odd_values_are_kept_and_too_many_are_an_error() {
    let info = |count: usize| {
        let statuses: Vec<Value> = (0..count).map(|n| json!({"statusId": 2, "date": n})).collect();
        let order = json!({"id": 7, "statuses": statuses}).to_string();
        OrderInfo::from_json(json!({"code": "OK", "order": order}).to_string().as_bytes())
    };
    let order = info(300).unwrap().order.unwrap();
    assert_eq!(order.statuses.len(), 300);
    assert_eq!(order.statuses[299].extra.get::<u64>("date"), Some(299));
    assert_eq!(info(10_000).unwrap_err().kind(), Kind::Decode);
}

#[tokio::test]
async fn a_list_of_statuses_is_read_in_spite_of_odd_values() {
    let list = json!({"count": "two", "totalCount": 2, "content": [
        {"orderId": 7, "orderSearchStatus": [1], "status": {"statusId": 2, "updated": 1_658_743_307}},
        {"orderId": 8, "status": 5},
    ]});
    let found = |found: &[FoundOrder]| {
        let status = found[0].status.as_ref().unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].extra.names().collect::<Vec<_>>(), ["orderSearchStatus"]);
        assert_eq!((status.status_id, status.updated), (Some(StatusId::Received), None));
        assert_eq!(status.extra.get::<u64>("updated"), Some(1_658_743_307));
        assert_eq!(found[1].extra.get::<u64>("status"), Some(5));
    };
    let client = client([list.clone(), list.clone(), list.clone()]);
    let page = client.statuses([id(7), id(8)]).await.unwrap().into_inner();
    found(&page.content);
    lossless(&list, &serde_json::to_value(&page).unwrap()).unwrap();
    let items: Vec<_> = client.statuses([id(7), id(8)]).items().try_collect().await.unwrap();
    found(&items);
    let updates = client.order_updates(SyncCursor::new(Default::default()));
    found(&updates.try_collect::<Vec<_>>().await.unwrap());
}

#[tokio::test]
async fn a_dictionary_is_read_in_spite_of_odd_values() {
    let answer = json!({"error": {"code": 0}, "total": "many", "items": [
        {"value": "1", "title": "a", "isLeaf": "U", "children": [
            {"value": 11, "title": {"ru": "б"}, "children": {"value": "111", "isLeaf": "V"}},
        ]},
        {"value": "2", "attributes": "none"},
    ]});
    let read = client([answer.clone()]).dictionary("X").tree().await.unwrap().into_inner();
    let all: Vec<&DictionaryItem> = read.items.iter().flat_map(DictionaryItem::walk).collect();
    let values: Vec<&str> = all.iter().map(|item| item.value.as_str()).collect();
    assert_eq!(values, ["1", "11", "111", "2"]);
    let kept: Vec<Vec<&str>> = all.iter().map(|item| item.extra.names().collect()).collect();
    assert_eq!(kept, [["isLeaf"], ["title"], ["isLeaf"], ["attributes"]]);
    let mut expected = answer;
    expected["items"][0]["children"][0]["children"] =
        json!([expected["items"][0]["children"][0]["children"]]);
    lossless(&expected, &serde_json::to_value(&read).unwrap()).unwrap();
}

/// Where something would go missing without a word, the answer stays an error.
#[tokio::test]
async fn what_must_be_there_is_not_left_out() {
    for list in [json!([{"orderId": "Тестов"}]), json!([{}]), json!([5]), json!("x")] {
        let client = client([json!({"count": 1, "content": list})]);
        let error = client.statuses([id(7)]).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Decode, "{list}");
        assert!(!format!("{error}{error:?}").contains("Тестов"));
    }
    let below = |children: Value| json!([{"value": "1", "children": children}]);
    for items in [json!([{}]), json!("x"), below(json!([{"title": "a"}])), below(json!(5))] {
        let client = client([json!({"error": {"code": 0}, "items": items})]);
        assert_eq!(client.dictionary("X").await.unwrap_err().kind(), Kind::Decode, "{items}");
    }
    let client = client([json!({"error": {"code": "zero"}, "items": []})]);
    assert_eq!(client.dictionary("X").await.unwrap_err().kind(), Kind::Decode);
}
