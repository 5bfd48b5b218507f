//! Every example of the EPGU document, answered as it is printed.

mod common;

use chrono::TimeDelta;
use common::epgu::{
    Answer, as_bearer, call_as, chunk, code, details, draft, file_part, frozen, get, post, pushed,
    send_form, small_archive,
};
use reqwest::Method;
use reqwest::multipart::Form;
use ruapi_sandbox::epgu::{CancelRefusal, ErrorCode, Outcome};
use ruapi_sandbox::{Epgu, Sandbox};
use serde_json::{Value, json};

/// The whole printed answer with the details of an application.
const DETAILS: &str = include_str!("epgu_details_example.json");

/// Key by key, so that a failure names the key.
#[track_caller]
fn assert_same(answered: &Value, printed: &Value, path: &str) {
    match (answered, printed) {
        (Value::Object(answered), Value::Object(printed)) => {
            for (name, value) in printed {
                let found = answered.get(name).unwrap_or_else(|| panic!("no {path}.{name}"));
                assert_same(found, value, &format!("{path}.{name}"));
            }
            for name in answered.keys() {
                assert!(printed.contains_key(name), "{path}.{name} is not printed");
            }
        }
        (Value::Array(answered), Value::Array(printed)) => {
            assert_eq!(answered.len(), printed.len(), "{path}");
            for (index, (answered, printed)) in answered.iter().zip(printed).enumerate() {
                assert_same(answered, printed, &format!("{path}[{index}]"));
            }
        }
        _ => assert_eq!(answered, printed, "{path}"),
    }
}

#[track_caller]
fn assert_printed(answer: Answer, status: u16, printed: &Value) {
    assert_same(&answer.expect(status), printed, "");
}

async fn refused(sandbox: &Sandbox, error: ErrorCode, path: &str) -> Answer {
    let token = Epgu::error_token(error);
    as_bearer(sandbox, &token, Method::POST, path, Value::Null).await
}

#[tokio::test]
async fn an_application_is_created() {
    let sandbox = frozen().await;
    // A sandbox gives out other numbers. The printed body ends with a comma, which no JSON does.
    sandbox.epgu().change(|settings| settings.next_order_id = 52_353_456);
    let body = json!({
        "region": "36000000000", "serviceCode": "10000000113", "targetCode": "-10000000113",
    });
    let answer = post(&sandbox, "api/gusmev/order", body).await;
    assert_printed(answer, 200, &json!({ "orderId": 52_353_456 }));

    let answer = refused(&sandbox, ErrorCode::AccessDeniedSystem, "api/gusmev/order").await;
    let printed =
        json!({ "code": "access_denied_system", "message": "Доступ запрещен для системы" });
    assert_printed(answer, 403, &printed);
}

#[tokio::test]
async fn a_dictionary() {
    let sandbox = frozen().await;
    let url = format!("{}api/nsi/v1/dictionary/BIC", sandbox.epgu_url());
    let body = json!({ "treeFiltering": "ONELEVEL", "pageNum": 1, "pageSize": 2 });
    let answer = call_as(None, Method::POST, &url, &body).await;
    let printed = json!({
        "error": { "code": 0, "message": "operation completed" },
        "fieldErrors": [],
        "total": 899,
        "items": [
            {
                "value": "040001002", "parentValue": null, "title": "ПУ БАНКА РОССИИ N 43192",
                "isLeaf": true, "children": [], "attributes": [], "source": null,
                "attributeValues": {},
            },
            {
                "value": "040002002", "parentValue": null, "title": "ПУ БАНКА РОССИИ N 43197",
                "isLeaf": true, "children": [], "attributes": [], "source": null,
                "attributeValues": {},
            },
        ],
    });
    assert_printed(answer, 200, &printed);
}

#[tokio::test]
async fn an_archive_at_once() {
    let sandbox = frozen().await;
    // The printed number is that of the printed details, and thus taken; the next one is not.
    sandbox.epgu().change(|settings| settings.next_order_id = 2_058_864_134);
    let meta =
        r#"{"region":"36000000000", "serviceCode":"10000000113", "targetCode":"-10000000113"}"#;
    // As text without a type, which is how a table of a form reads.
    let form = Form::new().text("meta", meta).part("file", file_part(small_archive()));
    let answer = send_form(&sandbox, Epgu::TOKEN, "api/gusmev/push", form).await;
    assert_printed(answer, 200, &json!({ "orderId": 2_058_864_135 }));

    let error = ErrorCode::AccessDeniedPersonPermissions;
    let answer = refused(&sandbox, error, "api/gusmev/push").await;
    let printed = json!({
        "code": "access_denied_person_permissions",
        "message": "Пользователь не дал согласие Вашей системе на выполнение данной операции",
    });
    assert_printed(answer, 403, &printed);
}

#[tokio::test]
async fn an_archive_in_chunks() {
    let sandbox = frozen().await;
    sandbox.epgu().change(|settings| settings.chunk_least_bytes = 0);
    let archive = small_archive();
    let printed = json!({ "orderId": 764_255_248 });
    // The examples number the first of two chunks 1, and the others not at all; the text says
    // that they are numbered from 0 and when a number may be missing. Nor do they have `meta`.
    let parts: [&[u8]; 3] = [&archive[..50], &archive[50..60], &archive[60..]];
    for (number, part) in parts.into_iter().enumerate() {
        let form = Form::new()
            .text("chunk", number.to_string())
            .text("chunks", "3")
            .text("orderId", "764255248")
            .part("file", file_part(part.to_vec()));
        let answer = send_form(&sandbox, Epgu::TOKEN, "api/gusmev/push/chunked", form).await;
        assert_printed(answer, if number == 2 { 200 } else { 206 }, &printed);
    }
    assert_eq!(sandbox.epgu().applications_for(764_255_248), 1);
    // Word for word: a first chunk that is called the last one.
    let order = draft(&sandbox).await;
    let answer = chunk(&sandbox, order, 1, 2, &archive).await;
    assert_eq!(code(answer, 400), "bad_request");
}

#[tokio::test]
async fn cancelling() {
    let sandbox = frozen().await;
    let path = "api/gusmev/order/73588067/cancel";
    let access = json!({
        "code": "order_access",
        "message": "У пользователя нет прав для работы с текущим заявлением",
    });
    let other = as_bearer(&sandbox, Epgu::OTHER_TOKEN, Method::POST, path, Value::Null).await;
    assert_printed(other, 403, &access);
    let nobody = as_bearer(&sandbox, "UNKNOWN", Method::POST, path, Value::Null).await;
    assert_eq!((nobody.status, nobody.text.as_str()), (401, ""));

    let answer = post(&sandbox, path, Value::Null).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(code(post(&sandbox, path, Value::Null).await, 405), "cancel_not_allowed");
    sandbox.epgu().change(|settings| settings.cancel_refusal = CancelRefusal::Conflict);
    assert_eq!(code(post(&sandbox, path, Value::Null).await, 409), "cancel_not_allowed");
    let unknown = post(&sandbox, "api/gusmev/order/1/cancel", Value::Null).await;
    assert_eq!(code(unknown, 404), "not_found");
}

fn found(order: u64, status: u32, name: &str, updated: &str) -> Value {
    json!({
        "orderId": order, "orderSearchStatus": "FOUND",
        "status": { "statusId": status, "statusName": name, "updated": updated },
    })
}

fn not_found(order: u64) -> Value {
    json!({ "orderId": order, "orderSearchStatus": "NOT_FOUND", "status": null })
}

fn three_found() -> [Value; 3] {
    [
        found(764_607_248, 24, "Ошибка отправки заявления в ведомство", "2022-12-21T20:49:37.672"),
        found(764_603_930, 15, "Заявление требует исправления", "2022-12-21T19:51:16.852"),
        found(764_602_932, 4, "Истекло время подписания документов", "2022-12-16T15:31:42.083"),
    ]
}

#[tokio::test]
async fn statuses_after_a_moment() {
    let sandbox = frozen().await;
    let path = "api/gusmev/order/getUpdatedAfter/?pageNum=0&pageSize=5\
                &updatedAfter=2022-12-10T12:31:42.000";
    let with_a_space = json!({
        " orderId": 2_354_270_898_u64, "orderSearchStatus": "NOT_FOUND", "status": null,
    });
    let [first, second, third] = three_found();
    let content = [first, second, third, with_a_space, not_found(2_354_271_090)];
    let printed = json!({ "count": 5, "totalCount": 40, "content": content });
    assert_printed(get(&sandbox, path).await, 200, &printed);
}

#[tokio::test]
async fn statuses_of_a_list() {
    let sandbox = frozen().await;
    let path = "api/gusmev/order/getOrdersStatus/\
                ?orderIds=764607248,764603930,764602932,2312621299,2312620698\
                &pageNum=0&pageSize=5";
    let [first, second, third] = three_found();
    let content = [first, second, third, not_found(2_312_621_299), not_found(2_312_620_698)];
    let printed = json!({ "count": 5, "totalCount": 5, "content": content });
    assert_printed(get(&sandbox, path).await, 200, &printed);
}

#[tokio::test]
async fn the_details() {
    let sandbox = frozen().await;
    let answer = post(&sandbox, "api/gusmev/order/2058864134", Value::Null).await.expect(200);
    let printed: Value = serde_json::from_str(DETAILS).unwrap();
    // The order of the keys inside the text differs; decoded, they are the same.
    let decoded = |answer: &Value| {
        let mut answer = answer.clone();
        answer["order"] = serde_json::from_str(answer["order"].as_str().unwrap()).unwrap();
        answer
    };
    assert_same(&decoded(&answer), &decoded(&printed), "");

    let path = "api/gusmev/order/2058864134";
    let other = as_bearer(&sandbox, Epgu::OTHER_TOKEN, Method::POST, path, Value::Null).await;
    assert_eq!(code(other, 403), "order_access");
}

#[tokio::test]
async fn the_documented_codes() {
    let sandbox = frozen().await;
    for (error, status) in ErrorCode::ALL
        .into_iter()
        .zip([403, 403, 403, 403, 403, 403, 400, 405, 403, 500, 429, 404, 403, 403, 400])
    {
        for path in ["api/gusmev/order", "api/gusmev/push", "api/gusmev/push/chunked"] {
            assert_eq!(code(refused(&sandbox, error, path).await, status), error.name());
        }
        assert_eq!(json!(error), error.name());
    }
    let nothing = post(&sandbox, "api/gusmev/order/1", Value::Null).await;
    assert_eq!((nothing.status, nothing.text.as_str()), (204, ""));
}

/// The fields of table 28, by their types: `where` they are, and their names.
const TABLE_28: [(&str, &str, &str); 25] = [
    (
        "",
        "text",
        "orderType smevTx smevMessageId notifySms notifyEmail notifyPush stateStructureName \
         portalCode formVersion stateOrgStatusCode stateOrgStatusName routingCode eserviceId \
         orderStatusName portalName admLevelCode orgUserName creationMode powerMnemonic \
         servicePassportId userSelectedRegion sourceSystem serviceUrl serviceEpguId edsStatus \
         requestDate stateOrgCode personType serviceTargetId serviceName location \
         stateStructureId",
    ),
    (
        "",
        "flag",
        "hasNewStatus hasEmpowerment2021 hasChildren hasTimestamp paymentRequired payback \
         readyToPush allFileSign childrenSigned withCustomResult hasNoPaidPayment checkQueue \
         gisdo hasActiveInviteToEqueue multRegion extSystem useAsTemplate allowToDelete \
         hasPreviewPdf testUser hasResult deprecatedService hubForm allowToEdit closed online \
         readyToSign draftHidden withDelivery",
    ),
    (
        "",
        "number",
        "stateOrgId ownerId currentStatusHistoryId id noPaidPaymentCount orderStatusId \
         hubFormVersion unreadMessageCnt userId paymentCount signCnt",
    ),
    (
        "",
        "list",
        "orderAttributeEvents paymentStatusEvents statuses eQueueEvents textMessages \
         orderPayments orderResponseFiles orderAttachmentFiles infoMessages",
    ),
    ("", "time", "orderDate updated requestDate"),
    ("", "object", "qrlink currentStatusHistory"),
    ("/orderAttributeEvents/0", "text", "name newValue oldValue"),
    ("/statuses/0", "time", "date"),
    (
        "/statuses/0",
        "flag",
        "cancelAllowed unreadEvent sendMessageAllowed deliveryCancelAllowed editAllowed \
         finalStatus",
    ),
    ("/statuses/0", "text", "title comment sender mnemonic stateOrgStatusDescr stateOrgStatusCode"),
    ("/statuses/0", "letter", "hasResult"),
    ("/statuses/0", "number", "statusId orderId id"),
    ("/qrlink", "flag", "hasAltMimeType canSentToMFC hasDigitalSignature"),
    ("/qrlink", "number", "fileSize"),
    ("/orderResponseFiles/0", "flag", "hasAltMimeType hasDigitalSignature"),
    ("/orderResponseFiles/0", "text", "fileName edsStatus link id mimeType"),
    ("/orderResponseFiles/0", "number", "fileSize"),
    ("/orderAttachmentFiles/0", "text", "fileName id link mimeType type"),
    ("/orderAttachmentFiles/0", "number", "fileSize"),
    ("/orderAttachmentFiles/0", "flag", "hasDigitalSignature"),
    ("/currentStatusHistory", "time", "date"),
    (
        "/currentStatusHistory",
        "flag",
        "cancelAllowed unreadEvent deliveryCancelAllowed finalStatus sendMessageAllowed \
         editAllowed",
    ),
    ("/currentStatusHistory", "number", "orderId statusId id"),
    (
        "/currentStatusHistory",
        "text",
        "stateOrgStatusCode stateOrgStatusDescr title sender comment",
    ),
    ("/currentStatusHistory", "letter", "hasResult"),
];

fn is_time(text: &str) -> bool {
    let mask: String =
        text.chars().map(|char| if char.is_ascii_digit() { '0' } else { char }).collect();
    mask == "0000-00-00T00:00:00.000+0000"
}

#[tokio::test]
async fn every_field_of_the_details() {
    let sandbox = frozen().await;
    let order = pushed(&sandbox, Outcome::Executed).await;
    sandbox.clock().advance(TimeDelta::minutes(5));
    let details = details(&sandbox, order).await;
    for (place, kind, names) in TABLE_28 {
        let object = details["order"].pointer(place).unwrap_or_else(|| panic!("no {place}"));
        for name in names.split(' ') {
            let value = object.get(name).unwrap_or_else(|| panic!("no {place}/{name}"));
            let fits = match kind {
                "text" => value.is_string(),
                "flag" => value.is_boolean(),
                "number" => value.is_i64(),
                "list" => value.is_array(),
                "object" => value.is_object(),
                "letter" => value == "Y" || value == "N",
                _ => value.as_str().is_some_and(is_time),
            };
            assert!(fits, "{place}/{name} is no {kind}: {value}");
        }
    }
}
