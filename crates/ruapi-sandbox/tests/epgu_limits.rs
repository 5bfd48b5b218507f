//! EPGU: the limits of appendix 3.

mod common;

use chrono::{TimeDelta, TimeZone, Utc};
use common::epgu::{
    Answer, as_bearer, call_as, code, draft, frozen, get, meta, post, push, small_archive,
};
use reqwest::Method;
use ruapi_sandbox::epgu::Window;
use ruapi_sandbox::{Epgu, Sandbox};
use serde_json::{Value, json};

async fn ask(sandbox: &Sandbox) -> Answer {
    post(sandbox, "api/gusmev/order/2058864134", Value::Null).await
}

#[tokio::test]
async fn requests_of_a_minute() {
    let sandbox = frozen().await;
    // Twenty seconds before a minute ends.
    sandbox.clock().set(Utc.with_ymd_and_hms(2025, 8, 26, 9, 0, 40).unwrap());
    sandbox.epgu().change(|settings| settings.requests_per_minute = 3);
    assert_eq!(ask(&sandbox).await.status, 200);
    // Whoever asks and for what: all count.
    let path = "api/gusmev/order/1";
    let other = as_bearer(&sandbox, Epgu::OTHER_TOKEN, Method::POST, path, Value::Null).await;
    assert_eq!(other.status, 204);
    assert_eq!(get(&sandbox, "api/gusmev/order/getUpdatedAfter/").await.status, 400);
    for _ in 0..2 {
        assert_eq!(code(ask(&sandbox).await, 429), "limitation_exception");
    }
    let epgu = sandbox.epgu();
    assert_eq!((epgu.requests_in(Window::Minute), epgu.counts().limited), (3, 2));
    // Dictionaries are for nobody in particular, and strangers are not counted.
    let url = format!("{}api/nsi/v1/dictionary/BIC", sandbox.epgu_url());
    let body = json!({ "treeFiltering": "ONELEVEL" });
    assert_eq!(call_as(None, Method::POST, &url, &body).await.status, 200);
    assert_eq!(as_bearer(&sandbox, "UNKNOWN", Method::POST, path, Value::Null).await.status, 401);

    sandbox.clock().advance(TimeDelta::seconds(19));
    assert_eq!(ask(&sandbox).await.status, 429);
    sandbox.clock().advance(TimeDelta::seconds(1));
    assert_eq!(ask(&sandbox).await.status, 200);
    assert_eq!(epgu.requests_in(Window::Minute), 1);
    assert_eq!(epgu.requests_in(Window::Hour), 4);
}

#[tokio::test]
async fn requests_of_longer_spans() {
    for (set, window, next) in [
        (0, Window::Hour, (2025, 8, 26, 10)),
        // By the days of Moscow.
        (1, Window::Day, (2025, 8, 26, 21)),
        (2, Window::Month, (2025, 8, 31, 21)),
        (3, Window::Year, (2025, 12, 31, 21)),
    ] {
        let sandbox = frozen().await;
        sandbox.epgu().change(|settings| {
            let limits = [
                &mut settings.requests_per_hour,
                &mut settings.requests_per_day,
                &mut settings.requests_per_month,
                &mut settings.requests_per_year,
            ];
            *limits.into_iter().nth(set).unwrap() = 1;
        });
        assert_eq!(ask(&sandbox).await.status, 200);
        let (year, month, day, hour) = next;
        let next = Utc.with_ymd_and_hms(year, month, day, hour, 0, 0).unwrap();
        sandbox.clock().set(next - TimeDelta::seconds(1));
        assert_eq!(ask(&sandbox).await.status, 429, "{window:?}");
        assert_eq!(sandbox.epgu().requests_in(window), 1);
        sandbox.clock().set(next);
        assert_eq!(sandbox.epgu().requests_in(window), 0);
        assert_eq!(ask(&sandbox).await.status, 200, "{window:?}");
    }
}

#[tokio::test]
async fn the_documented_limits() {
    let sandbox = frozen().await;
    let settings = sandbox.epgu().settings();
    let windows = [
        settings.requests_per_minute,
        settings.requests_per_hour,
        settings.requests_per_day,
        settings.requests_per_month,
        settings.requests_per_year,
    ];
    assert_eq!(windows, [2_000, 120_000, 2_880_000, 86_400_000, 1_036_800_000]);
    assert_eq!((settings.applications_most, settings.applications_seconds), (20, 600));
}

#[tokio::test]
async fn applications_of_ten_minutes() {
    let sandbox = frozen().await;
    for _ in 0..10 {
        draft(&sandbox).await;
    }
    sandbox.clock().advance(TimeDelta::minutes(5));
    for _ in 0..10 {
        assert_eq!(push(&sandbox, small_archive()).await.status, 200);
    }
    let create = async || post(&sandbox, "api/gusmev/order", meta()).await;
    assert_eq!(code(create().await, 429), "limitation_exception");
    assert_eq!(code(push(&sandbox, small_archive()).await, 429), "limitation_exception");
    // Another user may, and this one for another service.
    let other = Epgu::OTHER_TOKEN;
    let path = "api/gusmev/order";
    assert_eq!(as_bearer(&sandbox, other, Method::POST, path, meta()).await.status, 200);
    let mut service = meta();
    service["serviceCode"] = json!("10000000109");
    assert_eq!(post(&sandbox, path, service).await.status, 200);

    // The first ten are forgotten one by one.
    sandbox.clock().advance(TimeDelta::minutes(5));
    for _ in 0..10 {
        draft(&sandbox).await;
    }
    assert_eq!(create().await.status, 429);
    let epgu = sandbox.epgu();
    assert_eq!((epgu.orders_created(), epgu.applications()), (32, 10));
    epgu.change(|settings| settings.applications_most = 21);
    assert_eq!(create().await.status, 200);
}
