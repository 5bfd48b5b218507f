//! EPGU: what becomes of an application, and how it is shown.

mod common;

use chrono::TimeDelta;
use common::epgu::{
    REQUEST, archive, as_bearer, code, details, draft, frozen, get, message, meta, post, push,
    pushed,
};
use reqwest::Method;
use ruapi_sandbox::epgu::{ErrorCode, IdForm, OrderForm, Outcome, Paging, Zone};
use ruapi_sandbox::{Epgu, Sandbox};
use serde_json::{Value, json};

fn wait(sandbox: &Sandbox, seconds: i64) {
    sandbox.clock().advance(TimeDelta::seconds(seconds));
}

/// The codes of appendix 1, second by second.
async fn codes(sandbox: &Sandbox, order: u64, seconds: usize) -> Vec<String> {
    let mut codes = Vec::new();
    for _ in 0..seconds {
        let details = details(sandbox, order).await;
        assert_eq!(sandbox.epgu().order_code(order), details["code"].as_str());
        // There is a document once the agency was sent it, and a message until then.
        assert_eq!(details["order"].is_object(), details["code"] == "OK");
        assert_eq!(details["message"].is_null(), details["code"] == "OK");
        codes.push(details["code"].as_str().unwrap().to_owned());
        wait(sandbox, 1);
    }
    codes
}

async fn status(sandbox: &Sandbox, order: u64) -> Value {
    let path = format!("api/gusmev/order/getOrdersStatus/?pageNum=0&pageSize=1&orderIds={order}");
    let list = get(sandbox, &path).await.expect(200);
    let line = &list["content"][0];
    let (id, name) = sandbox.epgu().order_status(order).unwrap();
    assert_eq!(
        (&line["status"]["statusId"], &line["status"]["statusName"]),
        (&json!(id), &json!(name))
    );
    line["status"]["statusId"].clone()
}

#[tokio::test]
async fn an_application_is_executed() {
    let sandbox = frozen().await;
    let order = pushed(&sandbox, Outcome::Executed).await;
    assert!(order > u64::from(u32::MAX));
    assert_eq!(status(&sandbox, order).await, 0);
    let expected = ["NEW", "VALIDATION", "DONE", "OK", "OK"];
    assert_eq!(codes(&sandbox, order, 5).await, expected);
    assert_eq!(status(&sandbox, order).await, 2);
    wait(&sandbox, 59);
    assert_eq!(status(&sandbox, order).await, 6);
    wait(&sandbox, 60);
    assert_eq!(status(&sandbox, order).await, 3);

    let details = details(&sandbox, order).await;
    assert!(details["messageId"].is_string());
    let printed = &details["order"];
    let ids: Vec<_> =
        printed["statuses"].as_array().unwrap().iter().map(|status| &status["statusId"]).collect();
    assert_eq!(ids, [0, 17, 21, 2, 6, 3]);
    assert_eq!(printed["statuses"][5], printed["currentStatusHistory"]);
    assert_eq!(printed["statuses"][5]["hasResult"], "Y");
    assert_eq!(printed["statuses"][4]["hasResult"], "N");
    assert_eq!(printed["statuses"][5]["date"], "2025-08-26T12:02:04.000+0300");
    assert_eq!(printed["updated"], "2025-08-26T12:02:04.008+0300");
    assert_eq!((&printed["hasResult"], &printed["closed"]), (&json!(true), &json!(true)));
    assert_eq!(printed["currentStatusHistoryId"], printed["statuses"][5]["id"]);
    assert_eq!(printed["orderResponseFiles"].as_array().unwrap().len(), 2);
    for name in ["elk", "possibleServices", "statusColorCode", "steps", "hubFormVersion"] {
        assert!(printed.get(name).is_some(), "{name}");
    }
    let change = json!([{ "name": "statusId", "newValue": "3", "oldValue": "6" }]);
    assert_eq!(printed["orderAttributeEvents"], change);
    sandbox.epgu().change(|settings| settings.extra_fields = false);
    let plain = common::epgu::details(&sandbox, order).await;
    assert_eq!((plain.get("messageId"), plain["order"].get("elk")), (None, None));
}

#[tokio::test]
async fn every_outcome() {
    let sandbox = frozen().await;
    for (outcome, last, status_id) in [
        (Outcome::Refused, "OK", 4),
        (Outcome::NeedsCorrection, "OK", 15),
        (Outcome::Pending, "OK", 6),
        (Outcome::ProcessingError, "OK", 24),
        (Outcome::SigningExpired, "OK", 4),
        (Outcome::LimitationException, "LIMITATION_EXCEPTION", 24),
        (Outcome::InvalidFilesStructure, "INVALID_FILES_STRUCTURE", 24),
        (Outcome::ValidationError, "VALIDATION_ERROR", 24),
        (Outcome::ReqNotFound, "REQ_NOT_FOUND", 24),
        (Outcome::MpcNotFound, "MPC_NOT_FOUND", 24),
        (Outcome::ReqVerifyFailed, "REQ_VERIFY_FAILED", 24),
        (Outcome::FilesVerificationFailed, "FILES_VERIFICATION_FAILED", 24),
        (Outcome::InternalError, "INTERNAL_ERROR", 24),
    ] {
        let order = pushed(&sandbox, outcome).await;
        assert_eq!(sandbox.epgu().order_code(order), Some("NEW"));
        wait(&sandbox, 3_600);
        assert_eq!(details(&sandbox, order).await["code"], last, "{outcome:?}");
        assert_eq!(status(&sandbox, order).await, status_id, "{outcome:?}");
    }
    let order = pushed(&sandbox, Outcome::Retry).await;
    let expected = ["NEW", "VALIDATION", "RETRY", "RETRY", "RETRY", "VALIDATION", "DONE", "OK"];
    assert_eq!(codes(&sandbox, order, 8).await, expected);
    wait(&sandbox, 3_600);
    assert_eq!(status(&sandbox, order).await, 3);
    let order = pushed(&sandbox, Outcome::FilesVerificationFailed).await;
    let expected = ["NEW", "VALIDATION", "FILES_VERIFICATION", "FILES_VERIFICATION_FAILED"];
    assert_eq!(codes(&sandbox, order, 4).await, expected);
}

#[tokio::test]
async fn signatures_are_verified() {
    let sandbox = frozen().await;
    let signed = archive(&[REQUEST, ("req.xml.sig", b"signature")]);
    let order = push(&sandbox, signed).await.expect(200)["orderId"].as_u64().unwrap();
    let expected =
        ["NEW", "VALIDATION", "FILES_VERIFICATION", "FILES_VERIFICATION_SUCCESS", "DONE", "OK"];
    assert_eq!(codes(&sandbox, order, 6).await, expected);
    let files = &details(&sandbox, order).await["order"]["orderAttachmentFiles"];
    let printed = json!([{
        "fileName": "req.xml", "fileSize": 27, "hasDigitalSignature": true,
        "id": format!("{order}/files/cmVxLnhtbA"), "mimeType": "application/xml",
        "link": format!("terrabyte://00/{order}/req.xml/2"), "type": "REQUEST",
    }]);
    assert_eq!(*files, printed);
}

#[tokio::test]
async fn a_test_ends_an_application() {
    let sandbox = frozen().await;
    let order = pushed(&sandbox, Outcome::Pending).await;
    wait(&sandbox, 1_000);
    sandbox.epgu().end_order(order, Outcome::Refused);
    assert_eq!(status(&sandbox, order).await, 4);
    let order = pushed(&sandbox, Outcome::Executed).await;
    sandbox.epgu().end_order(order, Outcome::InternalError);
    assert_eq!(sandbox.epgu().order_code(order), Some("INTERNAL_ERROR"));
    sandbox.epgu().change(|settings| {
        settings.step_seconds = 0;
        settings.decision_seconds = 0;
    });
    let order = pushed(&sandbox, Outcome::Executed).await;
    assert_eq!(status(&sandbox, order).await, 3);
}

#[tokio::test]
async fn a_draft_waits() {
    let sandbox = frozen().await;
    let order = draft(&sandbox).await;
    wait(&sandbox, 3_600);
    let details = details(&sandbox, order).await;
    assert_eq!((&details["code"], &details["order"]), (&json!("NEW"), &Value::Null));
    assert_eq!(status(&sandbox, order).await, 0);
    let cancel = format!("api/gusmev/order/{order}/cancel");
    assert_eq!(code(post(&sandbox, &cancel, Value::Null).await, 405), "cancel_not_allowed");
    assert_eq!((sandbox.epgu().orders_created(), sandbox.epgu().applications()), (1, 0));
}

#[tokio::test]
async fn what_a_new_application_needs() {
    let sandbox = frozen().await;
    for (name, value, expected) in [
        ("region", Value::Null, "region: ожидается строка"),
        ("region", json!(36), "region: ожидается строка"),
        ("serviceCode", json!("pension"), "serviceCode: ожидается код"),
        ("targetCode", json!(""), "targetCode: ожидается код"),
    ] {
        let mut body = meta();
        body[name] = value;
        let answer = post(&sandbox, "api/gusmev/order", body).await;
        assert_eq!(message(answer, 400), expected);
    }
    // As table 6 spells them, which the examples do not.
    let capitals = json!({ "Region": "36", "ServiceCode": "1", "TargetCode": "1" });
    let answer = post(&sandbox, "api/gusmev/order", capitals).await;
    assert_eq!(message(answer, 400), "region: параметр обязателен");
    for body in [json!([]), json!("text")] {
        assert_eq!(code(post(&sandbox, "api/gusmev/order", body).await, 400), "bad_request");
    }
    let without_type = post(&sandbox, "api/gusmev/order", Value::Null).await;
    assert_eq!(message(without_type, 400), "Content-Type: ожидается application/json");

    sandbox.epgu().change(|settings| {
        settings.services.insert(Epgu::SERVICE.to_owned(), ErrorCode::ServiceNotFound);
    });
    assert_eq!(code(post(&sandbox, "api/gusmev/order", meta()).await, 400), "service_not_found");
    assert_eq!(sandbox.epgu().orders_created(), 0);
}

#[tokio::test]
async fn cancelled_while_the_agency_has_it() {
    let sandbox = frozen().await;
    let order = pushed(&sandbox, Outcome::Executed).await;
    let cancel = format!("api/gusmev/order/{order}/cancel");
    assert_eq!(code(post(&sandbox, &cancel, Value::Null).await, 405), "cancel_not_allowed");
    wait(&sandbox, 4);
    let allowed =
        |details: &Value| details["order"]["currentStatusHistory"]["cancelAllowed"].clone();
    assert_eq!(allowed(&details(&sandbox, order).await), true);
    sandbox.epgu().change(|settings| settings.cancellable = false);
    assert_eq!(allowed(&details(&sandbox, order).await), false);
    assert_eq!(code(post(&sandbox, &cancel, Value::Null).await, 405), "cancel_not_allowed");
    sandbox.epgu().change(|settings| {
        settings.cancellable = true;
        settings.cancel_reason_required = true;
    });
    assert_eq!(code(post(&sandbox, &cancel, Value::Null).await, 400), "bad_request");
    assert_eq!(post(&sandbox, &format!("{cancel}?reason=1"), Value::Null).await.status, 200);
    wait(&sandbox, 3_600);
    assert_eq!(status(&sandbox, order).await, 10);
    assert_eq!(sandbox.epgu().counts().cancelled, 1);
}

#[tokio::test]
async fn the_forms_of_the_details() {
    let sandbox = frozen().await;
    let path = "api/gusmev/order/2058864134";
    let show = async || post(&sandbox, path, Value::Null).await.expect(200);
    assert!(show().await["order"].is_string());
    let set = |form| sandbox.epgu().change(|settings| settings.order_form = form);
    set(OrderForm::Object);
    assert_eq!(show().await["order"]["id"], 2_058_864_134_u64);
    set(OrderForm::Null);
    assert_eq!(show().await.get("order"), Some(&Value::Null));
    set(OrderForm::Absent);
    assert_eq!(show().await.get("order"), None);
    sandbox.epgu().change(|settings| settings.id_form = IdForm::String);
    let created = post(&sandbox, "api/gusmev/order", meta()).await.expect(200);
    assert_eq!(created["orderId"], "5000000001");
    assert_eq!(code(post(&sandbox, "api/gusmev/order/x", Value::Null).await, 400), "bad_request");
    // There is an application of that number, but no status of it.
    assert_eq!(post(&sandbox, "api/gusmev/order/2354270898", Value::Null).await.status, 204);
}

async fn updated(sandbox: &Sandbox, after: &str, page: u64, size: u64) -> Value {
    let path = format!(
        "api/gusmev/order/getUpdatedAfter/?pageNum={page}&pageSize={size}&updatedAfter={after}"
    );
    get(sandbox, &path).await.expect(200)
}

#[tokio::test]
async fn updated_after_a_moment() {
    let sandbox = frozen().await;
    let order = pushed(&sandbox, Outcome::Executed).await;
    // Noon in Moscow, and 8 milliseconds.
    let list = updated(&sandbox, "2025-08-26T09:00:00.007", 0, 10).await;
    assert_eq!((&list["totalCount"], &list["content"][0]["orderId"]), (&json!(1), &json!(order)));
    assert_eq!(list["content"][0]["status"]["updated"], "2025-08-26T12:00:00.008");
    let list = updated(&sandbox, "2025-08-26T09:00:00.008", 0, 10).await;
    assert_eq!(list, json!({ "count": 0, "totalCount": 0, "content": [] }));
    sandbox.epgu().change(|settings| settings.updated_after_zone = Zone::Moscow);
    assert_eq!(updated(&sandbox, "2025-08-26T12:00:00.007", 0, 10).await["totalCount"], 1);
    assert_eq!(updated(&sandbox, "2025-08-26T12:00:00.008", 0, 10).await["totalCount"], 0);
    sandbox.epgu().change(|settings| settings.empty_lists_without_content = true);
    let path = "api/gusmev/order/getUpdatedAfter/?pageNum=0&pageSize=1\
                &updatedAfter=2025-08-26T12:00:00.008";
    assert_eq!(get(&sandbox, path).await.status, 204);
}

#[tokio::test]
async fn lists_that_do_not_end_well() {
    let sandbox = frozen().await;
    sandbox.epgu().change(|settings| settings.paging = Paging::Repeat);
    let first = updated(&sandbox, "2022-12-10T12:31:42.000", 0, 15).await;
    assert_eq!(updated(&sandbox, "2022-12-10T12:31:42.000", 7, 15).await, first);
    sandbox.epgu().change(|settings| settings.paging = Paging::Overstated);
    let last = updated(&sandbox, "2022-12-10T12:31:42.000", 2, 15).await;
    assert_eq!((&last["count"], &last["totalCount"]), (&json!(10), &json!(55)));
    assert_eq!(updated(&sandbox, "2022-12-10T12:31:42.000", 3, 15).await["count"], 0);
}

#[tokio::test]
async fn what_lists_need() {
    let sandbox = frozen().await;
    for (query, expected) in [
        ("getOrdersStatus/?pageNum=0&pageSize=5", "orderIds: параметр обязателен"),
        (
            "getOrdersStatus/?pageNum=0&pageSize=5&orderIds=1,x",
            "orderIds: ожидаются числа через запятую",
        ),
        ("getOrdersStatus/?pageSize=5&orderIds=1", "pageNum: параметр обязателен"),
        ("getOrdersStatus/?pageNum=0&orderIds=1", "pageSize: параметр обязателен"),
        ("getOrdersStatus/?pageNum=0&pageSize=0&orderIds=1", "pageSize: ожидается число от 1"),
        ("getUpdatedAfter/?pageNum=0&pageSize=5", "updatedAfter: параметр обязателен"),
        (
            "getUpdatedAfter/?pageNum=0&pageSize=5&updatedAfter=2022-12-10T12:31:42Z",
            "updatedAfter: ожидается yyyy-MM-ddTHH:mm:ss.SSS",
        ),
    ] {
        let answer = get(&sandbox, &format!("api/gusmev/order/{query}")).await;
        assert_eq!(message(answer, 400), expected);
    }
    // Not without the slash that the document prints.
    assert_eq!(get(&sandbox, "api/gusmev/order/getOrdersStatus?orderIds=1").await.status, 405);
}

#[tokio::test]
async fn many_applications_in_pages() {
    let sandbox = frozen().await;
    let begun = std::time::Instant::now();
    let orders = sandbox.epgu().add_orders(10_000);
    assert_eq!(orders.end - orders.start, 10_000);
    let mut seen = std::collections::BTreeSet::new();
    let mut order_of_pages = Vec::new();
    for page in 0..11 {
        let list = updated(&sandbox, "2025-08-26T00:00:00.000", page, 1_000).await;
        assert_eq!(list["totalCount"], 10_000);
        assert_eq!(list["count"], if page == 10 { 0 } else { 1_000 });
        for line in list["content"].as_array().unwrap() {
            seen.insert(line["orderId"].as_u64().unwrap());
            order_of_pages.push(line["status"]["updated"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(seen.len(), 10_000);
    assert!(seen.iter().copied().eq(orders.clone()));
    assert!(order_of_pages.is_sorted_by(|newer, older| newer >= older));
    // Minutes, if each were looked for among all.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());

    let states = (0..10).map(|number| {
        let order = orders.start + number;
        let status = sandbox.epgu().order_status(order).unwrap().0;
        (sandbox.epgu().order_code(order).unwrap(), status)
    });
    let expected = [
        ("OK", 3),
        ("OK", 4),
        ("OK", 6),
        ("OK", 15),
        ("VALIDATION", 0),
        ("OK", 2),
        ("OK", 24),
        ("NEW", 0),
        ("VALIDATION_ERROR", 24),
        ("OK", 4),
    ];
    assert!(states.eq(expected));
    assert_eq!(sandbox.epgu().add_orders(1), orders.end..orders.end + 1);
    assert_eq!((sandbox.epgu().orders_created(), sandbox.epgu().applications()), (0, 0));
}

#[tokio::test]
async fn tokens() {
    let sandbox = frozen().await;
    let epgu = sandbox.epgu();
    let status = async |token: &str| {
        as_bearer(&sandbox, token, Method::POST, "api/gusmev/order", meta()).await.status
    };
    let token = epgu.new_token(Epgu::USER, Some(TimeDelta::minutes(1)));
    assert_ne!(token, Epgu::OTHER_TOKEN);
    assert_eq!(status(&token).await, 200);
    wait(&sandbox, 59);
    assert_eq!(status(&token).await, 200);
    wait(&sandbox, 1);
    assert_eq!(status(&token).await, 401);

    epgu.set_token_error(Epgu::TOKEN, Some(ErrorCode::BadDelegation));
    assert_eq!(status(Epgu::TOKEN).await, 403);
    epgu.set_token_error(Epgu::TOKEN, None);
    assert_eq!(status(Epgu::TOKEN).await, 200);
    epgu.revoke_token(Epgu::TOKEN);
    assert_eq!(status(Epgu::TOKEN).await, 401);
    assert_eq!(status(Epgu::OTHER_TOKEN).await, 200);
    epgu.revoke_all_tokens();
    assert_eq!(status(Epgu::OTHER_TOKEN).await, 401);
    assert_eq!(status("sandbox-error-token-unheard_of").await, 401);

    // What is another user's is not found in a list.
    let token = epgu.new_token(Epgu::OTHER_USER, None);
    let path = "api/gusmev/order/getOrdersStatus/?pageNum=0&pageSize=5&orderIds=2058864134";
    let list = as_bearer(&sandbox, &token, Method::GET, path, Value::Null).await.expect(200);
    assert_eq!(list["content"][0]["orderSearchStatus"], "NOT_FOUND");
}

#[tokio::test]
async fn what_a_service_says() {
    let sandbox = frozen().await;
    sandbox.epgu().change(|settings| {
        settings.service_outcomes.insert(Epgu::SERVICE.to_owned(), Outcome::Refused);
        settings.list_content_type_required = true;
    });
    let send = async || push(&sandbox, archive(&[REQUEST])).await.expect(200)["orderId"].clone();
    let refused = send().await.as_u64().unwrap();
    let executed = pushed(&sandbox, Outcome::Executed).await;
    wait(&sandbox, 3_600);
    assert_eq!(sandbox.epgu().order_status(refused).unwrap().0, 4);
    assert_eq!(sandbox.epgu().order_status(executed).unwrap().0, 3);
    // As table 20 has it, even of a GET.
    let path = "api/gusmev/order/getOrdersStatus/?pageNum=0&pageSize=5&orderIds=1";
    let answer = get(&sandbox, path).await;
    assert_eq!(message(answer, 400), "Content-Type: ожидается application/json");
}
