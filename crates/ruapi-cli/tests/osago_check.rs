//! `ruapi osago check-partner`: sound partners, the report, and what is sent.

mod common;
mod osago_partner;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use common::{ruapi, run};
use osago_offer::server::Guard;
use osago_partner::checking::{
    CALCULATE, CALCULATION, CONFIRM, DRAFT, OFFER, POLICY, STATUS, check, deviations, names,
    not_made, report, set, turn,
};
use osago_partner::{Answer, Asked, Partner, TOKEN};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_crates_own_server_deviates_in_nothing() {
    let partner = Partner::shop().await;
    let (code, found) = report(&partner, &["--confirm"]);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    let missing = [
        "confirm.two_options",
        "confirm.read_only",
        "confirm.missing_in_pool",
        "confirm.incompatible",
        "policy.document",
    ];
    assert_eq!(not_made(&found), names(&missing));
    assert!(found["checked"].as_u64().is_some_and(|checked| checked > 250), "{found}");
    let totals = ["errors", "warnings", "notes"].map(|name| found[name].clone());
    assert_eq!(totals, [json!(0), json!(0), json!(0)]);

    let partner = Partner::rich(|_, _| {}).await;
    let (code, found) = report(&partner, &["--confirm"]);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    assert_eq!(not_made(&found), names(&[]), "this one shows everything");

    for (guard, words) in [
        (Guard::none(), &[][..]),
        (
            Guard::header("x-api-key".parse().expect("a name"), TOKEN.into()).expect("a guard"),
            &["--header-name", "X-Api-Key"],
        ),
    ] {
        let partner = Partner::rich_for(guard, |_, _| {}).await;
        let mut command = ruapi(&["osago", "check-partner", "--base-url", &partner.url]);
        command.args(["--wait-every", "0.01", "--format", "json"]).args(words);
        if !words.is_empty() {
            command.env("RUAPI_OSAGO_TOKEN", TOKEN);
        }
        let done = run(&mut command);
        assert_eq!(deviations(&done.assert_code(0).json()), names(&[]));
        let unguarded = not_made(&done.json()).contains("policy.wrong_credential");
        assert_eq!(unguarded, words.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_for_people_tells_what_where_and_what_was_expected() {
    let partner = Partner::broken(|asked, answer| {
        set(asked, answer, OFFER, "/price", json!("7072"));
        set(asked, answer, STATUS, "/offers/0/offer_status", json!("NEW"));
    })
    .await;
    let done = check(&partner, &["--only", "offer,status"]);
    let report = &done.assert_code(8).stdout;
    for text in [
        " checks: 1 error\n  error    offer.price\n           expected  a number\n           \
         came      a text at `price` (2 times)\n           document  confirm-offer#200-ok: price\n",
        "came      `NEW` at `offers[0].offer_status`\n",
        " checks: 2 errors\n",
        "insurance/\n",
    ] {
        assert!(report.contains(text), "{text:?} is not in {report}");
    }
    assert!(!report.contains("GET osago/offer/draft"), "{report}");
    let sends = format!("To {} will be sent:\n", partner.url);
    assert!(done.stderr.starts_with(&sends), "{done:?}");
    done.assert_says(&["invented people", "no confirmation of an offer that exists"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_confirmed_only_if_that_is_wanted_and_said_before() {
    let partner = Partner::rich(|_, _| {}).await;
    let (code, found) = report(&partner, &[]);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    let wrong = partner.asked(CONFIRM);
    let done = check(&partner, &["--confirm", "--only", "confirm"]);
    assert_eq!(partner.asked(CONFIRM), 2 * wrong + 8, "seven wrong ones and a right one");
    done.assert_code(0).assert_says(&[
        "CONFIRMATIONS (POST osago/offer) of offers",
        "osago/offer confirms the offer 1 of the request ",
        ", upsales: 100=1\n",
    ]);
    let json = check(&partner, &["--confirm", "--only", "confirm", "--format", "json"]);
    let notices: Vec<Value> =
        json.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(notices.len() == 2 && notices.iter().all(|it| it["notice"].is_string()), "{json:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_confirmation_that_may_have_been_accepted_nothing_more_is_confirmed() {
    for status in [500, 408, 302, 200] {
        let partner = Partner::rich(move |asked, answer| {
            let names_one = ["1", "2"].iter().any(|id| asked.body["offer_id"] == **id);
            if asked.operation == CONFIRM && names_one {
                turn(answer, status, json!({"request_id": null, "message": "planted"}));
            }
        })
        .await;
        report(&partner, &[]);
        let harmless = partner.asked(CONFIRM);
        let (code, found) = report(&partner, &["--confirm"]);
        assert_eq!(partner.asked(CONFIRM), 2 * harmless + 1, "{status}");
        assert_eq!(code, Some(8));
        assert!(not_made(&found).contains("confirm.incompatible"), "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_offer_no_calculation_that_exists_is_named_either() {
    // This one finds the offer by the request alone.
    let known = Arc::new(Mutex::new(HashSet::new()));
    let calculations = known.clone();
    let partner = Partner::rich(move |asked, answer| {
        let id = asked.body["request_id"].as_str().unwrap_or_default().to_owned();
        let mut calculations = calculations.lock().expect("no panic");
        if asked.operation == CALCULATE && answer.status == 200 {
            calculations.insert(id);
        } else if asked.operation == CONFIRM && asked.body["offer_id"].is_null() {
            answer.status = if calculations.contains(&id) { 200 } else { answer.status };
        }
    })
    .await;
    let (code, found) = report(&partner, &["--confirm"]);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    assert_eq!(known.lock().expect("no panic").len(), 1);

    // This one takes any.
    for status in [500, 302, 200] {
        let partner = Partner::rich(move |asked, answer| {
            let names_none =
                asked.body["request_id"].is_string() && asked.body["offer_id"].is_null();
            if asked.operation == CONFIRM && names_none {
                turn(answer, status, json!({"request_id": null, "message": "planted"}));
            }
        })
        .await;
        report(&partner, &[]);
        let harmless = partner.asked(CONFIRM);
        let (code, found) = report(&partner, &["--confirm"]);
        assert_eq!(partner.asked(CONFIRM), 2 * harmless, "{status}");
        assert_eq!(code, Some(8));
        assert!(not_made(&found).contains("confirm.http_status"), "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_confirmed_is_not_confirmed_again() {
    for status in ["APPROVED", "PAYMENT_READY", "PAYMENT_COMPLETED", "CLOSED_PAID"] {
        let partner = Partner::rich(move |asked, answer| {
            set(asked, answer, OFFER, "/status", json!(status));
        })
        .await;
        report(&partner, &[]);
        let harmless = partner.asked(CONFIRM);
        let done = check(&partner, &["--confirm"]);
        assert_eq!(partner.asked(CONFIRM), 2 * harmless, "{status}");
        assert!(done.stdout.contains("no offer can be confirmed any more"), "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_need_not_confirm() {
    let partner = Partner::rich(|asked, answer| {
        if asked.operation == CONFIRM {
            turn(answer, 404, json!({"request_id": null, "message": "no such operation"}));
        }
    })
    .await;
    // Whoever wants confirmations checked is told that none was.
    for (words, expected) in
        [(&[][..], 0), (&["--confirm"], 4), (&["--only", "confirm"], 4), (&["--only", "offer"], 0)]
    {
        let (code, found) = report(&partner, words);
        assert_eq!((code, deviations(&found)), (Some(expected), names(&[])), "{words:?}: {found}");
        let is_selected = words != ["--only", "offer"];
        assert_eq!(not_made(&found).contains("confirm.not_json"), is_selected, "{found}");
    }
    assert_eq!(partner.asked(CONFIRM), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn single_operations_ask_only_for_what_they_need() {
    let partner = Partner::rich(|_, _| {}).await;
    let only = |operation: &str| report(&partner, &["--only", operation]).1;
    let operations = |found: &Value| {
        let operations = found["operations"].as_array().expect("operations").iter();
        operations
            .map(|one| one["operation"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(operations(&only("unknown")), ["unknown operations"]);
    assert_eq!(partner.requests_total(), 2);
    assert_eq!(operations(&only("calculate")), [CALCULATE]);
    assert_eq!(partner.asked(CALCULATION), 0);
    assert_eq!(operations(&only("policy")), [POLICY]);
    assert_eq!(partner.asked(DRAFT), 0);
    assert_eq!(operations(&only("draft,status")), [STATUS, DRAFT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_that_is_there_and_its_paid_offer() {
    let partner = Partner::rich(|_, _| {}).await;
    let id = "550e8400-e29b-41d4-a716-446655440000";
    let run_osago = |words: &[&str]| {
        let mut command = ruapi(&[&["osago"], words].concat());
        run(command.args(["--base-url", &partner.url]).env("RUAPI_OSAGO_TOKEN", TOKEN))
    };
    let template = ruapi(&["osago", "template", "--format", "json"]).output().expect("a template");
    let mut request: Value = serde_json::from_slice(&template.stdout).expect("JSON");
    request["request_id"] = json!(id);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("request.json");
    std::fs::write(&file, request.to_string()).expect("written");
    run_osago(&["calculate", file.to_str().expect("text")]).assert_code(0);
    let urls = ["--success-url", "https://a.ru/", "--failure-url", "https://a.ru/"];
    let confirm = ["confirm", id, "1", "--upsale", "100=1"];
    run_osago(&[&confirm[..], &urls].concat()).assert_code(0);
    let calculations = partner.asked(CALCULATE);

    let words = ["--request-id", id, "--offer-id", "1", "--only", "policy"];
    let (code, found) = report(&partner, &words);
    assert_eq!((code, deviations(&found), not_made(&found)), (Some(0), names(&[]), names(&[])));
    assert_eq!((partner.asked(CALCULATE), partner.asked(CALCULATION)), (calculations, 0));
    let (code, found) = report(&partner, &["--request-id", id]);
    assert_eq!((code, deviations(&found)), (Some(0), names(&[])), "{found}");
    assert_eq!(partner.asked(CALCULATE), calculations);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_checked_is_no_success() {
    let partner = Partner::rich(|asked, answer| {
        set(asked, answer, CALCULATION, "/status", json!("NO_CALCULATION_AVAILABLE"));
        set(asked, answer, STATUS, "/status", json!("NO_CALCULATION_AVAILABLE"));
        for operation in [CALCULATION, STATUS] {
            set(asked, answer, operation, "/offers", json!([]));
        }
    })
    .await;
    let (code, found) = report(&partner, &["--confirm"]);
    assert_eq!((code, deviations(&found)), (Some(4), names(&[])), "{found}");
    for check in ["offer.http_status", "confirm.http_status", "draft.http_status", "policy.json"] {
        assert!(not_made(&found).contains(check), "{check}: {found}");
    }
    let done = check(&partner, &["--confirm", "--only", "draft"]);
    assert!(done.stdout.contains("the calculation gives no offer"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_that_cannot_be_checked() {
    let nobody = ruapi(&["osago", "check-partner", "--base-url", "http://127.0.0.1:1/"]);
    let done = run(&mut { nobody });
    assert_eq!(done.assert_code(7).stdout, "");
    let partner = Partner::shop().await;
    let mut command = ruapi(&["osago", "check-partner", "--base-url", &partner.url]);
    let done = run(command.env("RUAPI_OSAGO_TOKEN", "planted-wrong-token"));
    done.assert_code(3).assert_says(&["refuses the credential (HTTP 403)", "RUAPI_OSAGO_TOKEN"]);
    assert!(!done.stderr.contains("planted"), "{done:?}");
    assert_eq!(done.stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_send_nothing() {
    let partner = Partner::shop().await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("text").to_owned()
    };
    let (list, broken) = (file("list", "[1]"), file("broken", "{\"a\": planted"));
    for words in [
        &["--only", "planted"][..],
        &["--request-id", "planted"],
        &["--offer-id", "1"],
        &["--success-url", "planted"],
        &["--wait-every", "planted"],
        &["--request", &list],
        &["--request", &broken],
        &["--sandbox"],
    ] {
        let done = check(&partner, words);
        assert!(!done.assert_code(2).stderr.contains("planted"), "{done:?}");
    }
    check(&partner, &["--request", "/none"]).assert_code(1);
    run(&mut ruapi(&["osago", "check-partner"])).assert_code(2).assert_says(&["--base-url"]);
    assert_eq!(partner.requests_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_puts_what_it_was_told_everywhere() {
    const NAME: &str = "Plantedname";
    const PLATE: &str = "Е777КХ777";
    fn echo(_: &Asked, answer: &mut Answer) {
        if let Some(object) = answer.body.as_object_mut() {
            for value in object.values_mut() {
                if value.is_string() {
                    *value = json!(NAME);
                }
            }
            object.insert(NAME.to_owned(), json!(PLATE));
            object.insert("message".to_owned(), json!(format!("{NAME} at /home/{PLATE}")));
        }
    }
    let partner = Partner::rich(echo).await;
    let template = ruapi(&["osago", "template", "--format", "json"]).output().expect("a template");
    let mut request: Value = serde_json::from_slice(&template.stdout).expect("JSON");
    request["insurer"]["last_name"] = json!(NAME);
    request["vehicle"]["car_number"] = json!(PLATE);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("request.json");
    std::fs::write(&file, request.to_string()).expect("written");
    let file = file.to_str().expect("text");
    for format in ["human", "json"] {
        let words = ["--request", file, "--confirm", "--format", format, "--wait-limit", "0.2"];
        let done = check(&partner, &words);
        done.assert_code(8);
        for text in [&done.stdout, &done.stderr] {
            for hidden in [NAME, PLATE, TOKEN] {
                assert!(!text.contains(hidden), "{hidden} is in {text}");
            }
        }
    }
}
