//! OSAGO: the cases of the partner's seven operations.

use std::sync::Arc;

use chrono::TimeDelta;
use osago_offer::calculation::{CalculationStarted, CalculationState};
use osago_offer::documents::DraftStatus;
use osago_offer::{
    Calculation, CalculationRequest, CalculationStatus, Call, Client, Credential, Draft, Error,
    Offer, OfferKey, OfferStatus, Operation, Options, Policy, RequestId, RetryPolicy, ReturnUrls,
    SelectedUpsale,
};
use ruapi_core::BoxFuture;
use ruapi_core::test_util::Recorder;
use ruapi_sandbox::osago::{Act, CalculationEnd, ConfirmEnd, IdForm, PoolForm, Settings};
use ruapi_sandbox::{Fault, FaultKind, Osago, Sandbox};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Api, Recorded, Source};
use crate::Result;

pub(crate) const API: Api = Api {
    name: "osago",
    documented: include_str!("../../coverage/osago.toml"),
    readmes: &["README.md", "README.ru.md", "crates/osago-offer/README.md"],
    record: |source| Box::pin(record(source)),
    harmless_segments: &["osago", "calculate", "status", "offer", "draft", "policy"],
    harmless_query: &[],
    harmless_fields: &["status", "offers[].status", "offers[].offer_status", "file.type"],
    code_field: "status",
    embedded: &[],
    free_fields: &[],
    decode,
    knows_code: |code| {
        let is_http = ["400", "403", "404", "500"].contains(&code);
        is_http
            || OfferStatus::from(code).is_documented()
            || CalculationStatus::from(code).is_documented()
            || DraftStatus::from(code).is_documented()
    },
};

/// The calculation of the cases: everything that may be said, of invented people.
pub(crate) const REQUEST: &str = include_str!("osago_request.json");

fn decode(operation: &str, body: &[u8]) -> std::result::Result<Value, String> {
    fn model<T: DeserializeOwned + Serialize>(body: &[u8]) -> std::result::Result<Value, String> {
        let model: T = ruapi_core::decode(body)?;
        serde_json::to_value(model).map_err(|error| error.to_string())
    }
    match operation {
        "calculate" => model::<CalculationStarted>(body),
        "calculation" => model::<Calculation>(body),
        "calculation_status" => model::<CalculationState>(body),
        "confirm" | "offer" => model::<Offer>(body),
        "draft" => model::<Draft>(body),
        "policy" => model::<Policy>(body),
        other => Err(format!("{other} answers nothing")),
    }
}

fn request() -> CalculationRequest {
    serde_json::from_str(REQUEST).expect("a calculation request")
}

/// How far the sandbox is before the call.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Stage {
    Fresh,
    Started,
    Ready,
    Confirmed,
    Payable,
    Paid,
}

/// One call, what the sandbox is like, and what happens just before.
struct Case {
    operation: &'static str,
    name: &'static str,
    settings: fn(&mut Settings),
    stage: Stage,
    then: fn(&Sandbox, &OfferKey),
    /// So many seconds pass then.
    seconds: i64,
    /// The status that the partner answers, whatever is asked.
    fault: Option<&'static str>,
    call: MakeCall,
}

type MakeCall =
    Box<dyn FnOnce(Client, OfferKey) -> BoxFuture<'static, std::result::Result<(), Error>> + Send>;

fn case<O: Operation>(
    operation: &'static str,
    name: &'static str,
    stage: Stage,
    call: impl FnOnce(&Client, &OfferKey) -> Call<O> + Send + 'static,
) -> Case {
    let call = |client: Client, key: OfferKey| -> BoxFuture<'static, _> {
        Box::pin(async move { call(&client, &key).await.map(|_| ()) })
    };
    Case {
        operation,
        name,
        settings: |_| (),
        stage,
        then: |_, _| (),
        seconds: 0,
        fault: None,
        call: Box::new(call),
    }
}

impl Case {
    fn with(self, settings: fn(&mut Settings)) -> Self {
        Self { settings, ..self }
    }

    fn then(self, then: fn(&Sandbox, &OfferKey)) -> Self {
        Self { then, ..self }
    }

    fn later(self, seconds: i64) -> Self {
        Self { seconds, ..self }
    }

    /// The partner's error, by its status.
    fn failing(self, status: &'static str) -> Self {
        Self { fault: Some(status), ..self }
    }
}

fn pass(sandbox: &Sandbox, seconds: i64) {
    sandbox.clock().advance(TimeDelta::seconds(seconds));
}

fn act(sandbox: &Sandbox, key: &OfferKey, act: Act) {
    sandbox.osago().act(key.request_id.as_str(), key.offer_id.as_str(), act);
}

fn example() -> OfferKey {
    OfferKey::new(Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER)
}

fn return_urls() -> ReturnUrls {
    ReturnUrls::new("https://example.com/osago/success", "https://example.com/osago/failure")
}

/// Every operation with every standard error.
fn refusals() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, status) in
        [("bad_request", "400"), ("no_access", "403"), ("absent", "404"), ("failure", "500")]
    {
        cases.push(
            case("calculate", name, Stage::Fresh, |client, _| client.calculate(request()))
                .failing(status),
        );
        cases.extend(
            [
                case("calculation", name, Stage::Ready, |client, key| {
                    client.calculation(&key.request_id)
                }),
                case("calculation_status", name, Stage::Ready, |client, key| {
                    client.calculation_status(&key.request_id)
                }),
                case("confirm", name, Stage::Ready, |client, key| {
                    client.confirm_unseen(key, return_urls())
                }),
                case("offer", name, Stage::Ready, Client::offer),
                case("draft", name, Stage::Ready, Client::draft),
                case("policy", name, Stage::Ready, Client::policy),
            ]
            .map(|case| case.failing(status)),
        );
    }
    cases.push(
        case("calculate", "validation", Stage::Fresh, |client, _| client.calculate(request()))
            .later(30 * 86_400),
    );
    cases.push(case("confirm", "wrong_upsale", Stage::Ready, |client, key| {
        client.confirm_unseen(key, return_urls()).upsales([SelectedUpsale::new("7", "1")])
    }));
    cases
}

/// An offer, and its policy, in each status.
fn statuses() -> Vec<Case> {
    use Stage::{Confirmed, Paid, Payable, Ready, Started};
    let mut cases = Vec::new();
    let mut both = |name, stage, settings, then, seconds| {
        for case in
            [case("offer", name, stage, Client::offer), case("policy", name, stage, Client::policy)]
        {
            cases.push(case.with(settings).then(then).later(seconds));
        }
    };
    both("created", Started, |_| (), |_, _| (), 0);
    both("pre_calc_sent", Started, |_| (), |_, _| (), 1);
    both("pre_calc_in_progress", Started, |_| (), |_, _| (), 2);
    both("pre_calc_ready", Ready, |_| (), |_, _| (), 0);
    both("approved", Confirmed, |_| (), |_, _| (), 1);
    both("rejected", Confirmed, |it| it.confirm_end = ConfirmEnd::Rejected, |_, _| (), 1);
    both("payment_ready", Payable, |_| (), |_, _| (), 0);
    let link_failed = |it: &mut Settings| it.confirm_end = ConfirmEnd::PaymentLinkFailed;
    both("payment_link_failed", Payable, link_failed, |_, _| (), 0);
    both("payment_completed", Payable, |_| (), |sandbox, key| act(sandbox, key, Act::Pay), 0);
    let cancel = |sandbox: &Sandbox, key: &OfferKey| act(sandbox, key, Act::CancelPayment);
    both("payment_cancelled", Payable, |_| (), cancel, 0);
    both("closed_paid", Paid, |_| (), |_, _| (), 0);
    let pass_over = |sandbox: &Sandbox, key: &OfferKey| act(sandbox, key, Act::PassOver);
    both("closed_other_offer", Ready, |_| (), pass_over, 0);
    both("closed_timeout", Ready, |_| (), |_, _| (), 1_800);
    both("offer_error", Ready, |_| (), |sandbox, key| act(sandbox, key, Act::Fail), 0);
    cases
}

/// A calculation in each status, by both operations.
fn calculations() -> Vec<Case> {
    use Stage::{Confirmed, Paid, Payable, Ready, Started};
    type Change = fn(&mut Settings);
    let cases: [(&str, Stage, Change, i64); 9] = [
        ("draft", Started, |_| (), 0),
        ("in_progress", Started, |_| (), 2),
        ("ready", Ready, |_| (), 0),
        ("none", Started, |settings| settings.calculation_end = CalculationEnd::None, 5),
        ("failed", Started, |settings| settings.calculation_end = CalculationEnd::Error, 5),
        ("paid", Paid, |_| (), 0),
        ("closed", Ready, |_| (), 1_800),
        ("payable", Payable, |_| (), 0),
        ("rejected", Confirmed, |settings| settings.confirm_end = ConfirmEnd::Rejected, 1),
    ];
    let mut made = Vec::new();
    for (name, stage, settings, seconds) in cases {
        made.push(
            case("calculation", name, stage, |client, key| client.calculation(&key.request_id))
                .with(settings)
                .later(seconds),
        );
        made.push(
            case("calculation_status", name, stage, |client, key| {
                client.calculation_status(&key.request_id)
            })
            .with(settings)
            .later(seconds),
        );
    }
    made
}

fn cases() -> Vec<Case> {
    use Stage::{Fresh, Paid, Ready};
    let other_forms = |settings: &mut Settings| {
        settings.option_ids = IdForm::String;
        settings.not_in_pool = PoolForm::Null;
        settings.prices_as_text = true;
        settings.logos_without_scheme = false;
    };
    let mut cases = vec![
        case("calculate", "everything", Fresh, |client, _| client.calculate(request())),
        case("confirm", "example", Fresh, |client, _| {
            let chosen = [SelectedUpsale::new("112234", "1")];
            client.confirm_unseen(&example(), return_urls()).upsales(chosen)
        }),
        case("offer", "example", Fresh, |client, _| client.offer(&example())),
        case("offer", "other_forms", Fresh, |client, _| client.offer(&example())).with(other_forms),
        case("offer", "pool_not_named", Fresh, |client, _| client.offer(&example()))
            .with(|settings| settings.not_in_pool = PoolForm::Absent),
        case("confirm", "without_upsales", Ready, |client, key| {
            client.confirm_unseen(key, return_urls())
        }),
        case("calculation", "other_forms", Ready, |client, key| {
            client.calculation(&key.request_id)
        })
        .with(other_forms),
        case("draft", "in_process", Ready, Client::draft),
        case("draft", "success", Paid, Client::draft).with(|settings| settings.draft_seconds = 0),
    ];
    cases.extend(refusals());
    cases.extend(statuses());
    cases.extend(calculations());
    cases
}

async fn record(source: Source) -> Result<Vec<Recorded>> {
    if source == Source::Live {
        return record_live().await;
    }
    let sandbox = Sandbox::builder().frozen(true).start().await?;
    let mut recorded = Vec::new();
    for case in cases() {
        sandbox.reset();
        sandbox.osago().change(case.settings);
        let url = sandbox.osago_url();
        let (unrecorded, _) = client(&url, Osago::TOKEN)?;
        let key = bring(&sandbox, &unrecorded, case.stage).await?;
        (case.then)(&sandbox, &key);
        pass(&sandbox, case.seconds);
        if let Some(status) = case.fault {
            sandbox.inject(Fault::new(FaultKind::api_error(status)));
        }
        let (client, recorder) = client(&url, Osago::TOKEN)?;
        // The sandbox's refusals are cases as well.
        let _ = (case.call)(client, key).await;
        let exchange = recorder.take().pop();
        let exchange = exchange
            .ok_or_else(|| format!("{} {}: nothing was recorded", case.operation, case.name))?;
        recorded.push(Recorded { operation: case.operation, case: case.name.to_owned(), exchange });
    }
    Ok(recorded)
}

/// Brings the sandbox so far, with the offer that needs no upsales.
async fn bring(sandbox: &Sandbox, client: &Client, stage: Stage) -> Result<OfferKey> {
    let request = request();
    let id = request.request_id.clone();
    if stage == Stage::Fresh {
        return Ok(OfferKey::new(id, "1"));
    }
    client.calculate(request).await?;
    let offers = sandbox.osago().offers(id.as_str());
    let key = OfferKey::new(id, offers.last().ok_or("offers")?.as_str());
    if stage >= Stage::Ready {
        pass(sandbox, 5);
    }
    if stage >= Stage::Confirmed {
        client.confirm_unseen(&key, return_urls()).await?;
    }
    if stage >= Stage::Payable {
        pass(sandbox, 4);
    }
    if stage >= Stage::Paid {
        act(sandbox, &key, Act::Pay);
        pass(sandbox, 5);
    }
    Ok(key)
}

fn client(url: &str, token: &str) -> Result<(Client, Arc<Recorder>)> {
    let recorder = Arc::new(Recorder::over_http()?);
    let options = Options::new().transport(recorder.clone()).retry(RetryPolicy::never());
    let credential = Credential::bearer(token.to_owned().into())?;
    Ok((Client::builder(url, credential).options(options).build()?, recorder))
}

/// What may be asked of somebody's end point without changing anything.
async fn record_live() -> Result<Vec<Recorded>> {
    let variable = |name: &str| {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty());
        value.ok_or_else(|| format!("set {name}"))
    };
    let (client, recorder) =
        client(&variable("RUAPI_OSAGO_URL")?, &variable("RUAPI_OSAGO_TOKEN")?)?;
    let id = RequestId::from(variable("RUAPI_OSAGO_REQUEST_ID")?.as_str());
    let key = OfferKey::new(id.clone(), variable("RUAPI_OSAGO_OFFER_ID")?.as_str());
    client.calculation(&id).await?;
    client.calculation_status(&id).await?;
    client.offer(&key).await?;
    client.draft(&key).await?;
    client.policy(&key).await?;
    let operations = ["calculation", "calculation_status", "offer", "draft", "policy"];
    let exchanges = operations.into_iter().zip(recorder.take());
    Ok(exchanges
        .map(|(operation, exchange)| Recorded { operation, case: "own".to_owned(), exchange })
        .collect())
}
