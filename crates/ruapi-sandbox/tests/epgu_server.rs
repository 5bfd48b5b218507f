//! EPGU: the control, the request log, the faults, the reset.

mod common;

use chrono::TimeDelta;
use common::epgu::{
    Answer, call_as, chunk, code, draft, file_part, frozen, get, json_part, meta, post, push,
    send_form, small_archive,
};
use common::shtrafovnet::control;
use reqwest::Method;
use reqwest::multipart::Form;
use ruapi_sandbox::epgu::{OrderForm, Outcome};
use ruapi_sandbox::{Epgu, Fault, FaultKind, Sandbox};
use serde_json::{Value, json};

async fn change(sandbox: &Sandbox, body: Value) -> Answer {
    control(sandbox, Method::PATCH, "epgu", body).await
}

async fn show(sandbox: &Sandbox) -> Value {
    control(sandbox, Method::GET, "epgu", Value::Null).await.expect(200)
}

fn fresh() -> Value {
    let mut fresh = json!({
        "order_form": "string", "id_form": "number", "blank_fields": true, "extra_fields": true,
        "next_order_id": 5_000_000_001_u64, "outcomes": [], "paging": "normal", "service_outcomes": {}, "step_seconds": 1,
        "decision_seconds": 60, "business_file": null, "signatures_required": false,
        "cancellable": true, "cancel_refusal": "not_allowed", "cancel_reason_required": false,
        "chunk_meta_required": false, "chunk_least_bytes": 1_048_576,
        "chunk_most_bytes": 5_242_880, "upload_seconds": 300, "push_most_bytes": 5_242_880,
        "updated_after_zone": "utc", "empty_lists_without_content": false,
        "list_content_type_required": false,
        "download_paths": "all", "file_bytes": 100_000, "file_promise": "exact",
        "large_dictionary": 100_000, "deep_dictionary": 100, "services": {},
    });
    let rest = json!({
        "requests_per_minute": 2_000, "requests_per_hour": 120_000,
        "requests_per_day": 2_880_000, "requests_per_month": 86_400_000,
        "requests_per_year": 1_036_800_000, "applications_most": 20,
        "applications_seconds": 600, "tokens": 2, "orders": 43, "uploads": 0,
        "requests": { "minute": 0, "hour": 0, "day": 0, "month": 0, "year": 0 },
        "counts": {
            "orders_created": 0, "applications": 0, "cancelled": 0, "chunks_received": 0,
            "chunks_repeated": 0, "duplicate_submissions": 0, "downloads": 0,
            "dictionary_requests": 0, "dictionary_requests_with_credential": 0, "limited": 0,
        },
    });
    fresh.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    fresh
}

#[tokio::test]
async fn control_of_the_state() {
    let sandbox = frozen().await;
    assert_eq!(show(&sandbox).await, fresh());
    let body = json!({
        "order_form": "object", "id_form": "string", "extra_fields": false,
        "next_order_id": 7, "outcomes": ["refused", "retry", "req_not_found"], "step_seconds": 2, "paging": "repeat",
        "service_outcomes": { "1": "refused" },
        "decision_seconds": 3, "business_file": "piev_epgu.xml", "signatures_required": true,
        "cancellable": false, "cancel_refusal": "conflict", "cancel_reason_required": true,
        "chunk_meta_required": true, "chunk_least_bytes": 1, "chunk_most_bytes": 2,
        "upload_seconds": 4, "push_most_bytes": 5, "requests_per_minute": 6,
        "requests_per_hour": 7, "requests_per_day": 8, "requests_per_month": 9,
        "requests_per_year": 10, "applications_most": 11, "applications_seconds": 12,
        "updated_after_zone": "moscow", "empty_lists_without_content": true,
        "list_content_type_required": true,
        "download_paths": "later", "file_bytes": 13, "file_promise": { "bytes": 14 },
        "large_dictionary": 15, "deep_dictionary": 16, "services": { "1": "push_denied" },
    });
    let mut expected = fresh();
    expected.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    assert_eq!(change(&sandbox, body).await.expect(200), expected);
    assert_eq!(sandbox.epgu().settings().order_form, OrderForm::Object);
    let back = json!({ "business_file": null, "services": {}, "file_promise": "nothing" });
    let shown = change(&sandbox, back).await.expect(200);
    assert_eq!((&shown["business_file"], &shown["order_form"]), (&Value::Null, &json!("object")));
}

#[tokio::test]
async fn control_of_applications_and_tokens() {
    let sandbox = frozen().await;
    let shown = change(&sandbox, json!({ "add_orders": 10 })).await.expect(200);
    assert_eq!(shown["orders"], 53);
    let order = push(&sandbox, small_archive()).await.expect(200)["orderId"].as_u64().unwrap();
    let body = json!({ "orders": { order.to_string(): "refused", "7000000002": "executed" } });
    change(&sandbox, body).await.expect(200);
    let orders = control(&sandbox, Method::GET, "epgu/orders", Value::Null).await.expect(200);
    let line = |id: u64| {
        orders.as_array().unwrap().iter().find(|order| order["id"] == id).unwrap().clone()
    };
    let refused = json!({
        "id": order, "code": "OK", "status_id": 4, "status": "Отказано в предоставлении услуги",
    });
    assert_eq!(line(order), refused);
    assert_eq!(line(7_000_000_002)["status"], "Услуга оказана");
    assert_eq!(line(2_354_271_090)["status"], Value::Null);
    let archives = control(&sandbox, Method::GET, "epgu/archives", Value::Null).await.expect(200);
    assert_eq!(archives.as_array().unwrap().len(), 1);
    assert_eq!(archives[0]["order"], order);
    assert_eq!(archives[0]["files"], json!([{ "name": "req.xml", "bytes": 27 }]));
    assert_eq!(archives[0]["crc32"], sandbox.epgu().archive(order).unwrap().crc32);

    let tokens = json!({ "tokens": {
        "my-own": { "seconds": 60 },
        "no-good": { "error": "bad_delegation" },
        "others": { "user": 5 },
        Epgu::OTHER_TOKEN: null,
    }});
    assert_eq!(change(&sandbox, tokens).await.expect(200)["tokens"], 4);
    let status = async |token: &str| {
        let path = "api/gusmev/order/2058864134";
        common::epgu::as_bearer(&sandbox, token, Method::POST, path, Value::Null).await.status
    };
    assert_eq!((status("my-own").await, status("no-good").await), (200, 403));
    assert_eq!((status("others").await, status(Epgu::OTHER_TOKEN).await), (403, 401));
    sandbox.clock().advance(TimeDelta::seconds(60));
    assert_eq!(status("my-own").await, 401);
    let shown = change(&sandbox, json!({ "revoke_all_tokens": true })).await.expect(200);
    assert_eq!((&shown["tokens"], &shown["requests"]["hour"]), (&json!(0), &json!(4)));
}

#[tokio::test]
async fn bad_changes_say_what_was_expected() {
    let sandbox = frozen().await;
    for (body, expected) in [
        (json!({ "order_from": "null" }), "`order_form`"),
        (json!({ "order_form": "xml" }), "`object`"),
        (json!({ "next_order_id": 0 }), "`next_order_id` is 1 to 9007199254740991"),
        (json!({ "chunk_most_bytes": 0 }), "`chunk_most_bytes` is 1 to 268435456"),
        (json!({ "chunk_least_bytes": 5_242_881 }), "`chunk_least_bytes` is 0 to 5242880"),
        (json!({ "push_most_bytes": 0 }), "`push_most_bytes` is 1 to 268435456"),
        (json!({ "large_dictionary": 10_000_001 }), "`large_dictionary` is 0 to 10000000"),
        (json!({ "deep_dictionary": 100_001 }), "`deep_dictionary` is 0 to 100000"),
        (json!({ "services": { "1": "denied" } }), "`push_denied`"),
        (json!({ "outcomes": ["done"] }), "`executed`"),
        (json!({ "step_seconds": 9, "orders": { "764255248": "refused" } }), "764255248 was sent"),
        (json!({ "step_seconds": 9, "orders": { "x": "refused" } }), "number"),
        (json!({ "step_seconds": 9, "tokens": { "a": { "seconds": -1 } } }), "-1"),
        (json!({ "step_seconds": 9, "tokens": { "a": { "usr": 1 } } }), "`user`"),
        (json!({ "step_seconds": 9, "add_orders": 1_000_001 }), "`add_orders` is 0 to 1000000"),
        (json!([]), "map"),
    ] {
        let answer = change(&sandbox, body).await.expect(400);
        let message = answer["error"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
        assert_eq!(show(&sandbox).await, fresh(), "all or nothing");
    }
}

#[tokio::test]
async fn the_index_lists_the_api() {
    let sandbox = frozen().await;
    let index = control(&sandbox, Method::GET, "", Value::Null).await.expect(200);
    assert_eq!(index["apis"][2]["name"], "epgu");
    let operations = index["apis"][2]["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 9);
    // Each is served, at both places: none is answered as an unknown path or a wrong method is.
    for operation in operations {
        let path = operation["path"].as_str().unwrap();
        let path = path.strip_prefix("/epgu/").unwrap().replace(['{', '}'], "");
        for base in [sandbox.epgu_url(), sandbox.epgu_smev4_url()] {
            let method = operation["method"].as_str().unwrap().parse().unwrap();
            let answer = call_as(None, method, &format!("{base}{path}"), &json!({})).await;
            let expected = if path.contains("nsi") { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{path}");
        }
    }
    assert_eq!(get(&sandbox, "api/gusmev/nothing").await.status, 404);
    assert_eq!(get(&sandbox, "api/gusmev/order").await.status, 405);
}

#[tokio::test]
async fn the_log_shows_the_harmless() {
    let sandbox = frozen().await;
    for path in [
        "api/gusmev/order/getUpdatedAfter/?pageNum=0&pageSize=50\
         &updatedAfter=2022-12-10T12:31:42.000",
        "api/gusmev/order/getOrdersStatus/?pageNum=79005551122&pageSize=x&orderIds=764607248\
         &updatedAfter=planted&764607248=1",
        "api/storage/v2/files/6268157772/2/download?mnemonic=planted.xml&eserviceCode=1",
    ] {
        get(&sandbox, path).await;
    }
    let logged = sandbox.requests();
    let shown = |at: usize| -> Vec<_> {
        let query = logged[at].query.iter();
        query.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    };
    let expected =
        [("pageNum", "0"), ("pageSize", "50"), ("updatedAfter", "2022-12-10T12:31:42.000")];
    assert_eq!(shown(0), expected);
    let expected = [
        ("pageNum", "***"),
        ("pageSize", "***"),
        ("orderIds", "***"),
        ("updatedAfter", "***"),
        ("***", "***"),
    ];
    assert_eq!(shown(1), expected);
    assert_eq!(shown(2), [("mnemonic", "***"), ("eserviceCode", "***")]);
    assert_eq!(logged[2].path, "/epgu/api/storage/v2/files/{objectId}/{objectType}/download");
}

#[tokio::test]
async fn nothing_personal_is_in_the_log() {
    let sandbox = frozen().await;
    let secrets = ["PLANTEDTOKEN", "Плантов", "planted.xml", "0009998887"];
    let meta = json!({ "region": secrets[3], "serviceCode": secrets[1], "targetCode": "1" });
    let archive = common::epgu::archive(&[("planted.xml", "<Плантов/>".as_bytes())]);
    let form = || {
        Form::new()
            .part("meta", json_part(&meta))
            .text("orderId", secrets[3])
            .part("file", file_part(archive.clone()))
    };
    for path in ["api/gusmev/push", "api/gusmev/push/chunked", "api/gusmev/planted.xml"] {
        for token in [Epgu::TOKEN, secrets[0]] {
            send_form(&sandbox, token, path, form()).await;
        }
    }
    for secret in secrets {
        post(&sandbox, &format!("api/gusmev/order/{secret}"), meta.clone()).await;
        post(&sandbox, &format!("api/gusmev/order/{secret}/cancel?reason={secret}"), meta.clone())
            .await;
        post(&sandbox, &format!("api/nsi/v1/dictionary/{secret}"), meta.clone()).await;
        let path = format!("api/storage/v2/files/{secret}/{secret}/download?mnemonic={secret}");
        get(&sandbox, &path).await;
    }
    let printed = format!("{:?}{}", sandbox.requests(), show(&sandbox).await).to_lowercase();
    for secret in secrets.into_iter().chain([Epgu::TOKEN, "Bearer"]) {
        assert!(!printed.contains(&secret.to_lowercase()), "{secret}");
    }
}

#[tokio::test]
async fn faults_hit_this_api_too() {
    let sandbox = frozen().await;
    let inject = |kind| sandbox.inject(Fault::new(kind).path("/epgu/").times(1));
    let ask = async || post(&sandbox, "api/gusmev/order/2058864134", Value::Null).await;
    for (asked, status, expected) in [
        ("order_access", 403, "order_access"),
        ("internal_error", 500, "internal_error"),
        ("429", 429, "limitation_exception"),
        ("unheard_of", 400, "unheard_of"),
    ] {
        inject(FaultKind::api_error(asked));
        assert_eq!(code(ask().await, status), expected);
    }
    for status in [401, 502, 503, 504] {
        inject(FaultKind::api_error(status.to_string()));
        let answer = ask().await;
        assert_eq!((answer.status, answer.text.as_str()), (status, ""));
    }
    let message = Some("Теперь нельзя".to_owned());
    inject(FaultKind::ApiError { code: "409".to_owned(), message });
    assert_eq!(ask().await.expect(409)["message"], "Теперь нельзя");

    // Lost answers leave what was done.
    for (processed, created) in [(true, 1), (false, 1)] {
        inject(FaultKind::Html { status: 502, processed });
        assert_eq!(post(&sandbox, "api/gusmev/order", meta()).await.status, 502);
        assert_eq!(sandbox.epgu().orders_created(), created);
    }
    inject(FaultKind::Redirect { status: 302, location: "/".to_owned(), processed: false });
    let path = "api/storage/v2/files/6268157772/2/download?mnemonic=req.xml";
    assert_eq!(get(&sandbox, path).await.status, 302);
    inject(FaultKind::TokenRevoked);
    assert_eq!(ask().await.status, 401);
    assert_eq!(ask().await.status, 401);
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let sandbox = frozen().await;
    let epgu = sandbox.epgu();
    let order = draft(&sandbox).await;
    epgu.change(|settings| settings.chunk_least_bytes = 0);
    assert_eq!(chunk(&sandbox, order, 0, 2, b"PK").await.status, 206);
    epgu.push_outcome(Outcome::Refused);
    push(&sandbox, small_archive()).await.expect(200);
    post(&sandbox, "api/gusmev/order/73588067/cancel", Value::Null).await;
    epgu.add_orders(5);
    epgu.revoke_all_tokens();
    sandbox.clock().advance(TimeDelta::days(3));
    control(&sandbox, Method::POST, "reset", Value::Null).await.expect(200);
    assert_eq!(show(&sandbox).await, fresh());
    assert_eq!(draft(&sandbox).await, order);
    assert_eq!(epgu.order_status(Epgu::CANCELLABLE_ORDER).unwrap().0, 2);
}

/// Settings that cannot be are refused in a test, too.
#[tokio::test]
#[should_panic(expected = "`chunk_most_bytes` is 1 to 268435456")]
async fn a_bad_setting_panics() {
    let sandbox = frozen().await;
    sandbox.epgu().change(|settings| settings.chunk_most_bytes = 0);
}
