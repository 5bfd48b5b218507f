//! What the documents state as rules.

mod common;

use cherehapa_types::order::{Order, PolicyLink, Task, TaskCode};
use cherehapa_types::quote::{AgeRule, PRELIMINARY_THRESHOLD, PreCalc, Tourist, best_per_company};
use common::{order, quote, sample, with};
use rust_decimal::Decimal;
use serde_json::{Value, json};

#[test]
fn the_best_product_of_each_company_whatever_the_order() {
    let products = [
        json!({"companyId": 23, "productId": 1, "matchRating": 0.5, "priceRub": 100}),
        json!({"companyId": 51, "productId": 2, "matchRating": "0.9"}),
        json!({"companyId": "23", "productId": 3, "matchRating": 0.7137, "priceRub": 500}),
        json!({"companyId": 7, "productId": 4}),
        json!({"companyId": 23, "productId": 5, "matchRating": 0.7137, "priceRub": 300}),
        json!({"companyId": 23, "productId": 6, "matchRating": 0.7137}),
        json!({"productId": 8, "matchRating": 1}),
        json!({"companyId": 7, "productId": 9, "matchRating": 0}),
        json!({"companyId": 8, "productId": 11, "matchRating": 0.1, "priceRub": 1}),
        json!({"companyId": 8, "productId": 10, "matchRating": 0.1, "priceRub": 1}),
    ];
    let best = |products: &[Value]| -> Vec<u64> {
        let quote = quote(&json!({"data": products}));
        let best = quote.best_per_company();
        best.iter().map(|product| product.product_id.as_ref().unwrap().number().unwrap()).collect()
    };
    // The dearer one of equal rating, the one without a price and the one without a company lose.
    let expected = [2, 5, 10, 9];
    let mut products = products.to_vec();
    for _ in 0..products.len() {
        products.rotate_left(1);
        assert_eq!(best(&products), expected);
        let mut reversed = products.clone();
        reversed.reverse();
        assert_eq!(best(&reversed), expected);
    }
    assert_eq!(best(&[]), [] as [u64; 0]);
}

#[test]
fn the_services_own_selection_serves_where_nothing_else_was_sent() {
    let sample = sample("quote");
    assert_eq!(quote(&sample).best_per_company().len(), 1);
    let only_per_company = quote(&with(&sample, "/data", json!([])));
    let best = only_per_company.best_per_company();
    assert_eq!(best, best_per_company(&only_per_company.product_per_company));
    assert_eq!(best.len(), 1);
}

#[test]
fn the_preliminary_sum() {
    let documented = quote(&sample("quote")).pre_calc.unwrap();
    assert_eq!(documented.preliminary_sum(PRELIMINARY_THRESHOLD), documented.service_value);
    let sum = |counts: Value, threshold| {
        let calc = quote(&json!({"preCalc": {"companiesCount": counts}})).pre_calc.unwrap();
        calc.preliminary_sum(threshold)
    };
    let some = |sum: u32| Some(Decimal::from(sum));
    assert_eq!(PRELIMINARY_THRESHOLD, 6);
    // Above the threshold, not at it; as a number, not as a text; whatever the order.
    assert_eq!(sum(json!({"30000": 6, "50000": 7}), 6), some(50_000));
    assert_eq!(sum(json!({"100000": 9, "30000": "9", "50000": 9}), 6), some(30_000));
    assert_eq!(sum(json!({"9000": 8, "10000": 8}), 6), some(9_000));
    assert_eq!(sum(json!({"30000": 3, "50000": 8}), 2), some(30_000));
    assert_eq!(sum(json!({"30000": 6, "50000": null}), 6), None);
    assert_eq!(sum(json!({"unlimited": 8, "50000": 8}), 6), some(50_000));
    assert_eq!(sum(json!([]), 6), None);
    assert_eq!(PreCalc::default().preliminary_sum(0), None);
}

#[test]
fn ages() {
    let request = quote(&sample("quote")).request.unwrap();
    assert!(request.tourists.iter().all(|tourist| !tourist.has_several_ages()));
    let mut tourist = Tourist::default();
    assert!(!tourist.has_several_ages());
    tourist.age = Some(24);
    assert!(!tourist.has_several_ages());
    (tourist.begin_age, tourist.end_age, tourist.longest_age) = (Some(24), Some(25), Some(24));
    assert!(tourist.has_several_ages());
    let ages: Vec<_> = AgeRule::ALL.iter().map(|rule| tourist.age_by(*rule)).collect();
    assert_eq!(ages, [Some(24), Some(24), Some(25), Some(24)]);
}

#[test]
fn an_order_is_done_when_its_task_is_complete_whatever_the_flags_say() {
    let sample = sample("order");
    let done =
        |completeness: Value| order(&with(&sample, "/task/completeness", completeness)).is_done();
    for complete in [json!(1), json!(1.0), json!("1"), json!("1.0")] {
        assert!(done(complete));
    }
    for incomplete in [json!(0.99), json!(0), json!("0.5"), json!(null), json!(""), json!(100)] {
        assert!(!done(incomplete));
    }
    let mut unreliable = sample.clone();
    for flag in ["isProcessing", "isCancelled", "isFatal", "hasError", "isInQueue"] {
        unreliable["task"][flag] = json!(true);
    }
    unreliable["task"]["isSuccess"] = json!(false);
    assert!(order(&unreliable).is_done());
    assert!(!order(&with(&unreliable, "/task/completeness", json!(0.5))).is_done());
    assert!(!Order::default().is_done());
    assert!(!Task::default().is_done());
}

#[test]
fn of_several_tasks_the_orders_own_counts() {
    let tasks = |list: Value| order(&json!({ "task": list }));
    let step = json!({"code": "SendSms", "completeness": 1});
    let own = |completeness: f64| json!({"code": "CreateOrder", "completeness": completeness});
    assert!(tasks(json!([step, own(1.0)])).is_done());
    assert!(!tasks(json!([step, own(0.5)])).is_done());
    assert_eq!(
        tasks(json!([step, own(0.5)])).order_task().unwrap().code,
        Some(TaskCode::CreateOrder)
    );
    assert!(tasks(json!([step])).is_done());
    assert!(!tasks(json!([])).is_done());
}

#[test]
fn the_permanent_link_is_preferred() {
    let sample = sample("order");
    let both = order(&sample);
    let policy = &both.policies[0];
    let permanent = "https://api.cherehapa.ru/v2/file/download/300176";
    assert_eq!(both.policy_link(policy), Some(PolicyLink::Permanent(permanent)));

    let temporary = order(&with(&sample, "/policy/0/fileLink", json!("")));
    let link = temporary.policy_link(&temporary.policies[0]).unwrap();
    assert!(matches!(link, PolicyLink::Temporary(_)));
    assert!(link.url().starts_with("https://che-production.s3.amazonaws.com/"));

    for (pointer, other) in [
        ("/policy/0/code", json!("0070330-0279870/17МП")),
        ("/policy/0/code", json!(null)),
        ("/data", json!([])),
        ("/data/0/links", json!([])),
        ("/data/0/links", json!({"0070330-0279869/17МП": null})),
    ] {
        let without =
            order(&with(&with(&sample, "/policy/0/fileLink", json!(null)), pointer, other));
        assert_eq!(without.policy_link(&without.policies[0]), None, "{pointer}");
    }
    let mut second = with(&sample, "/policy/0/fileLink", json!(null));
    let links = second["data"][0].clone();
    second["data"] = json!([{"links": []}, links]);
    let second = order(&second);
    assert!(second.policy_link(&second.policies[0]).is_some());
}

#[test]
fn the_user_is_redirected_only_when_the_payment_waits_for_it() {
    let sample = sample("order");
    assert_eq!(order(&sample).redirect(), None);
    let waiting = with(&sample, "/transaction/status", json!("redirected"));
    let waiting = order(&waiting);
    let remote = waiting.redirect().unwrap();
    assert_eq!(remote.url.as_ref().unwrap().as_str(), "https://acs.utb.ru/PaReqVISA.jsp");
    let nowhere = with(&sample, "/transaction", json!({"status": "redirected", "remoteUrl": ""}));
    assert_eq!(order(&nowhere).redirect(), None);
    let nowhere = with(&sample, "/transaction", json!({"status": "redirected", "remoteUrl": {}}));
    assert_eq!(order(&nowhere).redirect(), None);
}

#[test]
fn where_policies_and_payments_stand() {
    let sample = sample("order");
    assert!(!order(&sample).policies[0].is_ready());
    assert!(order(&with(&sample, "/policy/0/status", json!("paid"))).policies[0].is_ready());
    let payment = order(&sample).transaction[0].clone();
    assert_eq!(payment.payment_id(), Some("dc12a640-6c03-4124-977a-7322760dc953"));
    let other = order(&with(&sample, "/transaction/externalId", json!(77)));
    assert_eq!(other.transaction[0].payment_id(), Some("77"));
}
