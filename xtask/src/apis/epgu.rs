//! EPGU: the cases of the nine operations.

use std::sync::Arc;

use chrono::{TimeDelta, TimeZone, Utc};
use epgu_gusmev::archive::Compression;
use epgu_gusmev::{
    Archive, ArchiveBuilder, Call, Client, Credential, Dictionary, DownloadPath, Edition,
    Environment, Error, ErrorCode, FileLink, Meta, Operation, Options, OrderId, OrderInfo, Ordered,
    ProcessingState, RetryPolicy, StatusPage,
};
use ruapi_core::BoxFuture;
use ruapi_core::test_util::Recorder;
use ruapi_sandbox::epgu::{
    CancelRefusal, ErrorCode as Refusal, IdForm, OrderForm, Outcome, Settings,
};
use ruapi_sandbox::{Epgu, Fault, FaultKind, Sandbox};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Api, Recorded, Source};
use crate::Result;

pub(crate) const API: Api = Api {
    name: "epgu",
    documented: include_str!("../../coverage/epgu.toml"),
    readmes: &["README.md", "README.ru.md", "crates/epgu-gusmev/README.md"],
    record: |source| Box::pin(record(source)),
    harmless_segments: &["api", "gusmev", "order", "getOrdersStatus", "getUpdatedAfter", "cancel"],
    harmless_query: &["pageNum", "pageSize"],
    harmless_fields: &["code", "count", "totalCount"],
    code_field: "code",
    embedded: &["order"],
    free_fields: &FREE,
    decode,
    knows_code: |code| {
        ErrorCode::DOCUMENTED.iter().any(|known| known.as_str() == code)
            || ProcessingState::from(code).is_documented()
            || ["200", "204", "206", "404", "405", "409"].contains(&code)
    },
};

/// Lists of what the document does not describe: any JSON.
const FREE: [&str; 7] = [
    "paymentStatusEvents",
    "eQueueEvents",
    "textMessages",
    "orderPayments",
    "infoMessages",
    "fieldErrors",
    "attributes",
];

fn decode(operation: &str, body: &[u8]) -> std::result::Result<Value, String> {
    fn model<T: DeserializeOwned + Serialize>(body: &[u8]) -> std::result::Result<Value, String> {
        let model: T = ruapi_core::decode(body)?;
        serde_json::to_value(model).map_err(|error| error.to_string())
    }
    match operation {
        "create_order" | "push" | "push_chunked" => model::<Ordered>(body),
        "order" => model::<OrderInfo>(body),
        "statuses" | "updated_after" => model::<StatusPage>(body),
        "dictionary" => model::<Dictionary>(body),
        other => Err(format!("{other} answers nothing")),
    }
}

type MakeCall =
    Box<dyn FnOnce(Client) -> BoxFuture<'static, std::result::Result<(), Error>> + Send>;

/// One call, and what the sandbox is like before.
struct Case {
    operation: &'static str,
    name: String,
    token: String,
    edition: Edition,
    prepare: Box<dyn Fn(&Sandbox) + Send>,
    /// An application is filed then, with signatures or without, and so many seconds pass.
    filed: Option<(bool, i64)>,
    call: MakeCall,
}

impl Case {
    fn new(operation: &'static str, name: &str, call: MakeCall) -> Self {
        Self {
            operation,
            name: name.to_owned(),
            token: Epgu::TOKEN.to_owned(),
            edition: Edition::v1_12(),
            prepare: Box::new(|_| ()),
            filed: None,
            call,
        }
    }

    fn on(mut self, prepare: impl Fn(&Sandbox) + Send + 'static) -> Self {
        self.prepare = Box::new(prepare);
        self
    }

    fn filed(self, signed: bool, seconds: i64) -> Self {
        Self { filed: Some((signed, seconds)), ..self }
    }

    fn with(self, change: fn(&mut Settings)) -> Self {
        self.on(move |sandbox| sandbox.epgu().change(change))
    }

    fn refused(mut self, code: Refusal) -> Self {
        self.token = Epgu::error_token(code);
        self
    }

    fn from(mut self, download: DownloadPath) -> Self {
        self.edition.download = download;
        self
    }
}

fn case<O: Operation>(
    operation: &'static str,
    name: &str,
    call: impl FnOnce(&Client) -> Call<O> + Send + 'static,
) -> Case {
    let call = |client: Client| -> BoxFuture<'static, _> {
        Box::pin(async move { call(&client).await.map(|_| ()) })
    };
    Case::new(operation, name, Box::new(call))
}

fn meta() -> Meta {
    Meta::new("36000000000", Epgu::SERVICE, Epgu::TARGET).expect("digits")
}

fn number(number: u64) -> OrderId {
    OrderId::new(number).expect("above zero")
}

fn example() -> OrderId {
    number(Epgu::EXAMPLE_ORDER)
}

/// An archive with so many bytes of noise.
fn archive(noise: usize, signed: bool) -> Archive {
    let mut bits = 1_u64;
    let noise: Vec<u8> = (0..noise)
        .map(|_| {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (bits >> 56) as u8
        })
        .collect();
    let mut builder = ArchiveBuilder::new().compression(Compression::Stored);
    let mut add = || -> std::result::Result<(), epgu_gusmev::ArchiveError> {
        builder.add("req.xml", "<req/>".as_bytes())?;
        if signed {
            builder.sign("req.xml", "signed".as_bytes())?;
        }
        if !noise.is_empty() {
            builder.add("scan.pdf", noise.clone())?;
        }
        Ok(())
    };
    add().expect("good names");
    builder.build_bytes(64 << 20).expect("a good archive")
}

fn push() -> MakeCall {
    Box::new(|client: Client| {
        Box::pin(async move { client.push(&meta(), archive(0, false)).await.map(|_| ()) })
    })
}

/// Sends the chunks up to this one; the last exchange counts.
fn upload(noise: usize) -> MakeCall {
    Box::new(move |client: Client| {
        Box::pin(async move {
            let order = client.create_order(&meta()).await?.order_id;
            let upload = client
                .upload(order, &meta(), archive(noise, false))
                .chunk_size(1 << 20)
                .parallel(1);
            upload.await.map(|_| ()).map_err(|failed| failed.error)
        })
    })
}

fn download(mnemonic: &'static str) -> MakeCall {
    Box::new(move |client: Client| {
        Box::pin(async move {
            let id = client.order(number(FIRST)).await?;
            let order = id.order.as_ref().and_then(|order| order.current_status_history_id);
            let link = FileLink::new(order.unwrap_or_default() as u64, 3, mnemonic)?;
            client.download(&link).service_code(Epgu::SERVICE).to_writer(&mut Vec::new()).await?;
            Ok(())
        })
    })
}

/// The first application that a fresh sandbox makes.
const FIRST: u64 = 5_000_000_001;
const DAY: i64 = 86_400;

/// Every code, by an operation that it belongs to.
fn refusals() -> Vec<Case> {
    let mut cases = Vec::new();
    for code in Refusal::ALL {
        let create = case("create_order", code.name(), |client| client.create_order(&meta()));
        cases.push(create.refused(code));
        cases.push(case("order", code.name(), |client| client.order(example())).refused(code));
        cases.push(case("cancel", code.name(), |client| client.cancel(example())).refused(code));
        cases.push(Case::new("push", code.name(), push()).refused(code));
        let ask = |client: &Client| client.statuses([example()]);
        cases.push(case("statuses", code.name(), ask).refused(code));
    }
    cases
}

/// Every state of appendix 1 that an application may be shown in.
fn states() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, outcome, signed, seconds) in [
        ("new", Outcome::Executed, false, 0),
        ("validation", Outcome::Executed, false, 1),
        ("files_verification", Outcome::Executed, true, 2),
        ("files_verification_success", Outcome::Executed, true, 3),
        ("done", Outcome::Executed, false, 2),
        ("ok", Outcome::Executed, false, 5),
        ("executed", Outcome::Executed, false, DAY),
        ("retry", Outcome::Retry, false, 2),
        ("limitation_exception_state", Outcome::LimitationException, false, 60),
        ("invalid_files_structure", Outcome::InvalidFilesStructure, false, 60),
        ("validation_error", Outcome::ValidationError, false, 60),
        ("req_not_found", Outcome::ReqNotFound, false, 60),
        ("mpc_not_found", Outcome::MpcNotFound, false, 60),
        ("req_verify_failed", Outcome::ReqVerifyFailed, true, 60),
        ("files_verification_failed", Outcome::FilesVerificationFailed, true, 60),
        ("internal_error_state", Outcome::InternalError, false, 60),
    ] {
        let call: MakeCall = Box::new(move |client: Client| {
            Box::pin(async move { client.order(number(FIRST)).await.map(|_| ()) })
        });
        let case = Case::new("order", name, call).filed(signed, seconds);
        cases.push(case.on(move |sandbox| sandbox.epgu().push_outcome(outcome)));
    }
    cases
}

fn cases() -> Vec<Case> {
    let long_ago = || Utc.with_ymd_and_hms(2022, 12, 10, 12, 31, 42).single().expect("a moment");
    let text_ids = |settings: &mut Settings| settings.id_form = IdForm::String;
    // Bytes that are text.
    let small = |settings: &mut Settings| settings.file_bytes = 16;
    let mut cases = vec![
        case("create_order", "made", |client| client.create_order(&meta())),
        case("create_order", "id_as_text", |client| client.create_order(&meta())).with(text_ids),
        Case::new("push", "filed", push()),
        Case::new("push", "id_as_text", push()).with(text_ids),
        Case::new("push_chunked", "one_chunk", upload(0)),
        Case::new("push_chunked", "three_chunks", upload(2_200_000)),
        Case::new("push_chunked", "refused", upload(0)).on(|sandbox| {
            let fault = Fault::new(FaultKind::api_error("bad_request"));
            sandbox.inject(fault.path("/epgu/api/gusmev/push/chunked"));
        }),
        case("order", "example", |client| client.order(example())),
        case("order", "draft", |client| client.order(number(764_255_248))),
        case("order", "as_object", |client| client.order(example()))
            .with(|settings| settings.order_form = OrderForm::Object),
        case("order", "as_null", |client| client.order(example()))
            .with(|settings| settings.order_form = OrderForm::Null),
        case("order", "absent_field", |client| client.order(example()))
            .with(|settings| settings.order_form = OrderForm::Absent),
        case("order", "without_extra_fields", |client| client.order(example()))
            .with(|settings| settings.extra_fields = false),
        case("order", "every_field", |client| client.order(example()))
            .with(|settings| settings.blank_fields = false),
        case("order", "none", |client| client.order(number(999))),
        case("cancel", "cancelled", |client| client.cancel(number(Epgu::CANCELLABLE_ORDER))),
        case("cancel", "with_reason", |client| {
            client.cancel(number(Epgu::CANCELLABLE_ORDER)).reason("Передумал")
        }),
        case("cancel", "not_allowed", |client| client.cancel(example())),
        case("cancel", "conflict", |client| client.cancel(example()))
            .with(|settings| settings.cancel_refusal = CancelRefusal::Conflict),
        case("cancel", "none", |client| client.cancel(number(999))),
        case("statuses", "three", |client| {
            client.statuses([764_607_248, 764_603_930, 999].map(number))
        }),
        case("statuses", "second_page", |client| {
            client.statuses([764_607_248, 764_603_930].map(number)).page(1).page_size(1)
        }),
        case("updated_after", "first_page", move |client| {
            client.updated_after(long_ago()).page_size(20)
        }),
        case("updated_after", "second_page", move |client| {
            client.updated_after(long_ago()).page(1).page_size(20)
        }),
        case("updated_after", "nothing", |client| {
            client.updated_after(
                Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).single().expect("a moment"),
            )
        }),
        case("dictionary", "page", |client| {
            client.dictionary(Epgu::DICTIONARY).page(2).page_size(5)
        }),
        case("dictionary", "tree", |client| {
            client.dictionary(Epgu::TREE_DICTIONARY).tree().page(1).page_size(1)
        }),
        case("dictionary", "below_an_item", |client| {
            client.dictionary(Epgu::TREE_DICTIONARY).parent("1")
        }),
        case("updated_after", "without_content", |client| {
            client.updated_after(
                Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).single().expect("a moment"),
            )
        })
        .with(|settings| settings.empty_lists_without_content = true),
        case("dictionary", "wrong_page", |client| client.dictionary(Epgu::DICTIONARY).page(0)),
        case("dictionary", "unknown", |client| client.dictionary("NOTHING")),
        Case::new("download", "storage", download("Приложение № 1.pdf"))
            .filed(false, DAY)
            .with(small),
        Case::new("download", "gusmev", download("Приложение № 1.pdf"))
            .from(DownloadPath::Gusmev)
            .filed(false, DAY)
            .with(small),
        Case::new("download", "later", download("Приложение № 1.pdf"))
            .from(DownloadPath::GusmevDownload)
            .filed(false, DAY)
            .with(small),
        Case::new("download", "none", download("Нет.pdf")).filed(false, DAY),
    ];
    cases.extend(refusals());
    cases.extend(states());
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
        (case.prepare)(&sandbox);
        if let Some((signed, seconds)) = case.filed {
            let environment = Environment::Custom(sandbox.epgu_url());
            let (unrecorded, _) = client(environment, Epgu::TOKEN, Edition::v1_12())?;
            unrecorded.push(&meta(), archive(0, signed)).await?;
            sandbox.clock().advance(TimeDelta::seconds(seconds));
        }
        let (client, recorder) =
            client(Environment::Custom(sandbox.epgu_url()), &case.token, case.edition)?;
        // The sandbox's refusals are cases as well.
        let _ = (case.call)(client).await;
        let mut exchanges = recorder.take();
        if case.operation == "push_chunked" {
            // What made the order is another operation's.
            exchanges.retain(|exchange| exchange.request.path.ends_with("/chunked"));
        } else {
            exchanges = exchanges.pop().into_iter().collect();
        }
        if exchanges.is_empty() {
            return Err(format!("{} {}: nothing was recorded", case.operation, case.name).into());
        }
        let several = exchanges.len() > 1;
        for (number, exchange) in exchanges.into_iter().enumerate() {
            let name = if several { format!("{}_{number}", case.name) } else { case.name.clone() };
            recorded.push(Recorded { operation: case.operation, case: name, exchange });
        }
    }
    Ok(recorded)
}

fn client(
    environment: Environment,
    token: &str,
    edition: Edition,
) -> Result<(Client, Arc<Recorder>)> {
    let recorder = Arc::new(Recorder::over_http()?);
    let options = Options::new().transport(recorder.clone()).retry(RetryPolicy::never());
    let credential = Credential::bearer(token.to_owned().into())?;
    let client =
        Client::builder(environment, credential).edition(edition).options(options).build()?;
    Ok((client, recorder))
}

/// What may be asked of the real service without changing anything.
async fn record_live() -> Result<Vec<Recorded>> {
    let variable = |name: &str| {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty());
        value.ok_or_else(|| format!("set {name}"))
    };
    let environment = match variable("RUAPI_EPGU_URL") {
        Ok(url) => Environment::Custom(url),
        Err(_) => Environment::Production,
    };
    let token = variable("RUAPI_EPGU_TOKEN")?;
    let order: OrderId = variable("RUAPI_EPGU_ORDER")?.parse()?;
    let (client, recorder) = client(environment, &token, Edition::v1_12())?;
    client.order(order).await?;
    client.statuses([order]).await?;
    let operations = ["order", "statuses"].into_iter().zip(recorder.take());
    Ok(operations
        .map(|(operation, exchange)| Recorded { operation, case: "own".to_owned(), exchange })
        .collect())
}
