//! EPGU: nine operations, by the README's table of what is repeated.

use std::fmt::Debug;
use std::time::Duration;

use epgu_gusmev::{
    Archive, ArchiveBuilder, BoxFuture, Call, Client, Download, Edition, Environment, Error,
    FileLink, Incident, Meta, OrderId, Push, Submit, SubmitFailed, SyncCursor, Tracked,
    TrackerState, UploadFailed,
};
use futures_util::Stream;
use serde_json::{Value, json};

use super::osago::credential;
use super::planted::{COMMENT, CONTENT, FILE, LAST_NAME, REASON, REGION, SERVICE, TARGET, USER};
use super::{Access, Api, Asked, Class, Details, Done, Operation, Reply, Site, watch};
use crate::Result;

static API: Api = Api {
    name: "epgu",
    attempts: 4,
    timeout: Duration::from_secs(60),
    deadline: Duration::from_secs(120),
    access: &[Access::Renewing, Access::Fixed],
};

const ORDER: u64 = 764_255_248;

#[rustfmt::skip]
pub(crate) fn operations() -> Result<Vec<Operation>> {
    use Class::{Chunk, LastChunk, Makes, MakesSilently, MakesTryLater, Repeatable};
    Ok(vec![
        call("create_order", Makes, ordered(200), |c| c.create_order(&meta())),
        call("create_order", MakesTryLater, ordered(200), |c| c.create_order(&meta()).retry_try_later(true)).way("try later"),
        push(Makes, |c| c.push(&meta(), archive())),
        push(MakesTryLater, |c| c.push(&meta(), archive()).retry_try_later(true)).way("try later"),
        upload(Chunk),
        upload(LastChunk(Details::Arrived)),
        upload(LastChunk(Details::Missing)),
        upload(LastChunk(Details::Unknown)),
        submit(),
        submit_counting_order(),
        submit_in_one_piece(),
        call("order", Repeatable, details(), |c| c.order(order())),
        reconcile(),
        reconcile_push(),
        reconcile_push_counting_details(),
        call("cancel", MakesSilently, nothing(), |c| c.cancel(order()).reason(REASON)),
        call("statuses", Repeatable, statuses(ORDER, 1), |c| c.statuses([order()])),
        walk("statuses", |c| c.statuses([order(), other_order()]).page_size(1).items()),
        tracked(),
        tracked_counting_details(),
        call("updated_after", Repeatable, statuses(ORDER, 1), |c| c.updated_after(Default::default())),
        walk("updated_after", |c| c.updated_after(Default::default()).page_size(1).items()),
        walk("updated_after", |c| c.order_updates(SyncCursor::new(Default::default())).page_size(1)).way("updates, second page"),
        call("dictionary", Repeatable, items(1), |c| c.dictionary("BIC")).without_token(),
        dictionary_walk().without_token(),
        download(),
        download_to_file(),
    ])
}

fn order() -> OrderId {
    OrderId::new(ORDER).expect("a number")
}

fn other_order() -> OrderId {
    OrderId::new(ORDER + 1).expect("a number")
}

fn meta() -> Meta {
    Meta::new(REGION, SERVICE, TARGET).expect("an application")
}

fn archive() -> Archive {
    let mut builder = ArchiveBuilder::new();
    builder.add("req.xml", CONTENT.as_bytes()).expect("a file");
    builder.add(&format!("{FILE}.pdf"), CONTENT.as_bytes()).expect("a file");
    let archive = builder.build_bytes(1 << 20).expect("an archive");
    archive.with_name_stem(FILE).expect("a name")
}

pub(crate) fn client(site: &Site) -> Client {
    // Small chunks, so that a small archive has two of them.
    let mut edition = Edition::v1_12();
    edition.chunk.0 = 1;
    let environment = Environment::Custom(site.base_url.clone());
    Client::builder(environment, credential(site.access))
        .edition(edition)
        .options(site.options.clone())
        .build()
        .expect("a client")
}

// Good answers, as the document's samples have them.

fn ordered(status: u16) -> Reply {
    Reply::json(status, json!({ "orderId": ORDER }))
}

fn nothing() -> Reply {
    Reply { body: Default::default(), ..ordered(200) }
}

/// An order's details, of planted people.
pub(crate) fn order_json() -> Value {
    json!({
        "id": ORDER, "ownerId": USER, "userId": USER, "orgUserName": LAST_NAME, "orderStatusId": 2,
        "eserviceId": SERVICE, "serviceTargetId": TARGET, "orderDate": "2022-12-21T20:49:37.672+0300",
        // Those of the archive, so that it is found again.
        "orderAttachmentFiles": [
            {"fileName": "req.xml", "fileSize": CONTENT.len(), "link": "terrabyte://00/7/req.xml/2"},
            {"fileName": format!("{FILE}.pdf"), "fileSize": CONTENT.len(), "link": format!("terrabyte://00/7/{FILE}/2")},
        ],
        "statuses": [{"statusId": 2, "comment": COMMENT}], "planted": {"name": LAST_NAME},
        "orderAttributeEvents": [{"name": "a", "newValue": LAST_NAME, "oldValue": LAST_NAME}],
        "textMessages": [{"text": COMMENT}],
    })
}

fn details() -> Reply {
    Reply::json(200, json!({"code": "OK", "message": "", "order": order_json().to_string()}))
}

fn statuses(order: u64, total: u64) -> Reply {
    Reply::json(
        200,
        json!({
            "count": 1, "totalCount": total,
            "content": [{
                "orderId": order, "orderSearchStatus": "FOUND",
                "status": {
                    "statusId": 2, "statusName": "Заявление получено ведомством",
                    "updated": "2022-12-21T20:49:37.672",
                },
            }],
        }),
    )
}

fn items(total: u64) -> Reply {
    Reply::json(
        200,
        json!({
            "error": {"code": 0, "message": "operation completed"}, "fieldErrors": [], "total": total,
            "items": [{"value": format!("04000100{total}"), "title": "БАНК"}],
        }),
    )
}

// How they are called.

fn call<O: epgu_gusmev::Operation>(
    name: &'static str,
    class: Class,
    good: Reply,
    call: impl Fn(&Client) -> Call<O> + Send + Sync + 'static,
) -> Operation
where
    O::Answer: Debug,
{
    Operation::new(
        &API,
        name,
        class,
        move |_| good.clone(),
        move |site| {
            let call = call(&client(site));
            let request = call.request();
            Box::pin(watch(call, request))
        },
    )
}

fn push(class: Class, call: impl Fn(&Client) -> Push + Send + Sync + 'static) -> Operation {
    Operation::new(
        &API,
        "push",
        class,
        move |_| ordered(200),
        move |site| {
            let call = call(&client(site));
            let request = call.request();
            Box::pin(watch(call, request))
        },
    )
}

/// What the service answers to chunks, and of an order whose last chunk it got.
fn chunks(class: Class) -> impl Fn(&Asked<'_>) -> Reply {
    move |asked| {
        let is_chunk = asked.target.contains("/push/chunked");
        match class {
            _ if asked.target.ends_with("/api/gusmev/order") => ordered(200).before(),
            Class::Chunk if asked.served == 0 => ordered(206),
            Class::Chunk => ordered(200).before(),
            _ if is_chunk => ordered(200),
            Class::LastChunk(Details::Arrived) => details().before(),
            Class::LastChunk(Details::Missing) => Reply::json(200, json!({"code": "NEW"})).before(),
            _ => Reply::json(200, json!({"code": "RETRY"})).before(),
        }
    }
}

/// After how long the last chunk is sent again.
const NEW_FOR: Duration = Duration::from_secs(30);

/// An archive of two chunks, of which the first counts; else of one, the last.
fn upload(class: Class) -> Operation {
    let operation = Operation::new(&API, "push_chunked", class, chunks(class), move |site| {
        let archive = archive();
        let size = archive.length() - if class == Class::Chunk { 1 } else { 0 };
        let upload = client(site).upload(order(), &meta(), archive).chunk_size(size);
        // Only what a caller asked for is sent again.
        let upload = match class {
            Class::LastChunk(Details::Missing) => upload.resend_if_new_for(NEW_FOR),
            _ => upload,
        };
        Box::pin(async move {
            let before = format!("{upload:?} {upload:#?}");
            let mut done = match upload.await {
                Ok(submitted) => Done::of(Ok(())).also("the answer", submitted),
                Err(failed) => failed_upload(failed),
            };
            done.shown.push(("the call", before));
            done
        })
    });
    operation.way(match class {
        Class::LastChunk(Details::Arrived) => "last chunk, which arrived",
        Class::LastChunk(Details::Missing) => "last chunk, which did not arrive",
        Class::LastChunk(Details::Unknown) => "last chunk, nobody knows",
        _ => "first chunk",
    })
}

fn failed_upload(failed: UploadFailed) -> Done {
    let shown = format!("{failed} {failed:?} {failed:#?} {:?}", failed.state);
    let maybe_processed = failed.maybe_submitted;
    let done = Done::of(Err(failed.error)).also("the failed upload", shown);
    Done { maybe_processed, ..done }
}

/// The order first, then its archive.
fn submit() -> Operation {
    let class = Class::LastChunk(Details::Unknown);
    let operation = Operation::new(&API, "push_chunked", class, chunks(class), |site| {
        let client = client(site);
        let submit = client.submit(&meta(), archive()).with_order();
        Box::pin(submitted(client, submit))
    });
    operation.way("submitted")
}

/// The same; the order counts, and its archive follows.
fn submit_counting_order() -> Operation {
    let answer = |asked: &Asked<'_>| match asked.target.ends_with("/api/gusmev/order") {
        true => ordered(200),
        false => ordered(200).before(),
    };
    let operation = Operation::new(&API, "create_order", Class::Makes, answer, |site| {
        let client = client(site);
        let submit = client.submit(&meta(), archive()).with_order();
        Box::pin(submitted(client, submit))
    });
    operation.way("submitted")
}

/// Small, and so without an order.
fn submit_in_one_piece() -> Operation {
    let operation = Operation::new(
        &API,
        "push",
        Class::Makes,
        |_| ordered(200),
        |site| {
            let client = client(site);
            let submit = client.submit(&meta(), archive());
            Box::pin(submitted(client, submit))
        },
    );
    operation.way("submitted")
}

async fn submitted(client: Client, submit: Submit) -> Done {
    let before = format!("{submit:?} {submit:#?}");
    let mut done = match submit.await {
        Ok(submitted) => Done::of(Ok(())).also("the answer", submitted),
        Err(failed) => {
            let shown = format!("{failed} {failed:?} {failed:#?}");
            let incident = Incident::of_submit(&client, &failed, Default::default());
            let report = format!("{} {incident} {incident:?}", incident.subject());
            let kept = serde_json::to_string(&incident).expect("JSON");
            let mut done = match failed {
                SubmitFailed::Upload(failed) => failed_upload(*failed),
                // An order may be there, but nothing was filed under it.
                SubmitFailed::Create(error) => Done::of(Err(error)),
                SubmitFailed::Push(error) => Done::of(Err(error)),
                _ => unreachable!("all steps are named"),
            };
            done.shown.push(("the failed submission", shown));
            done.shown.extend([("an incident", report), ("an incident, kept", kept)]);
            done
        }
    };
    done.shown.push(("the call", before));
    done
}

fn reconcile() -> Operation {
    let good = details();
    let operation = Operation::new(
        &API,
        "order",
        Class::Repeatable,
        move |_| good.clone(),
        |site| {
            let client = client(site);
            Box::pin(async move {
                let (result, told) = match client.reconcile(order()).await {
                    Ok(told) => (Ok(()), Some(told)),
                    Err(error) => (Err(error), None),
                };
                Done::of(result).also("the answer", told)
            })
        },
    );
    operation.way("reconciled")
}

/// A lost push is looked for: the list counts, the details follow.
fn reconcile_push() -> Operation {
    let answer = |asked: &Asked<'_>| list_counts(asked, "getUpdatedAfter");
    looks("updated_after", answer).way("a push reconciled")
}

/// The same; the details count, and the list goes before.
fn reconcile_push_counting_details() -> Operation {
    let answer = |asked: &Asked<'_>| details_count(asked, "getUpdatedAfter");
    looks("order", answer).way("a push reconciled")
}

fn looks(
    name: &'static str,
    answer: impl Fn(&Asked<'_>) -> Reply + Send + Sync + 'static,
) -> Operation {
    Operation::new(&API, name, Class::Repeatable, answer, |site| {
        let looking = client(site).reconcile_push(&meta(), &archive(), Default::default());
        Box::pin(watch(looking, Err(Error::input("push", "it makes many requests"))))
    })
}

fn list_counts(asked: &Asked<'_>, list: &str) -> Reply {
    match asked.target.contains(list) {
        true => statuses(ORDER, 1),
        false => details().before(),
    }
}

fn details_count(asked: &Asked<'_>, list: &str) -> Reply {
    match asked.target.contains(list) {
        true => statuses(ORDER, 1).before(),
        false => details(),
    }
}

/// Followed to its end: the list of statuses counts, the details follow.
fn tracked() -> Operation {
    follows("statuses", |asked| list_counts(asked, "getOrdersStatus")).way("tracked")
}

/// The same; the details count, and the list goes before.
fn tracked_counting_details() -> Operation {
    follows("order", |asked| details_count(asked, "getOrdersStatus")).way("tracked")
}

fn follows(
    name: &'static str,
    answer: impl Fn(&Asked<'_>) -> Reply + Send + Sync + 'static,
) -> Operation {
    Operation::new(&API, name, Class::Repeatable, answer, |site| {
        let client = client(site);
        Box::pin(async move {
            let mut tracker = client.track([order()].into_iter().collect::<TrackerState>());
            let told = tracker.next().await;
            let shown = format!("{:?} {tracker:?}", tracker.state());
            let event = format!("{told:?} {told:#?}");
            let mut done = Done::of(match told {
                Ok(Some(Tracked::Failed(_, error))) | Err(error) => Err(error),
                Ok(_) => Ok(()),
            });
            done.shown.extend([("what a tracker tells", event), ("a tracker", shown)]);
            done
        })
    })
}

/// All items of a list of two pages.
fn walk<T: Debug + Send + 'static, S>(
    name: &'static str,
    list: impl Fn(&Client) -> S + Send + Sync + 'static,
) -> Operation
where
    S: Stream<Item = std::result::Result<T, Error>> + Send + Unpin + 'static,
{
    pages(name, list, |page| statuses(ORDER + page, 2))
}

fn dictionary_walk() -> Operation {
    pages(
        "dictionary",
        |client| client.dictionary("BIC").page_size(1).items(),
        |page| {
            let mut reply = items(2);
            let mut body: Value = serde_json::from_slice(&reply.body).expect("JSON");
            body["items"][0]["value"] = json!(page);
            reply.body = body.to_string().into();
            reply
        },
    )
}

fn pages<T: Debug + Send + 'static, S>(
    name: &'static str,
    list: impl Fn(&Client) -> S + Send + Sync + 'static,
    page: impl Fn(u64) -> Reply + Send + Sync + 'static,
) -> Operation
where
    S: Stream<Item = std::result::Result<T, Error>> + Send + Unpin + 'static,
{
    let answer = move |asked: &Asked<'_>| match asked.before {
        0 => page(0).before(),
        _ => page(1),
    };
    let operation = Operation::new(&API, name, Class::Walk, answer, move |site| {
        let items = list(&client(site));
        Box::pin(super::walk(items))
    });
    operation.way("walk, second page")
}

/// Written piece by piece to where the caller says.
fn download() -> Operation {
    downloads(|download| {
        Box::pin(async move { download.to_writer(&mut Vec::new()).await.map(|_| ()) })
    })
}

/// Kept on disk, whole or not at all.
fn download_to_file() -> Operation {
    let operation = downloads(|download| {
        Box::pin(async move {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(FILE);
            let result = download.to_file(&path).await.map(|_| ());
            let left = std::fs::read_dir(folder.path()).expect("the folder").count();
            assert_eq!(left, usize::from(result.is_ok()), "files that are left");
            result
        })
    });
    operation.way("to a file")
}

fn downloads(
    save: impl Fn(Download) -> BoxFuture<'static, std::result::Result<(), Error>>
    + Send
    + Sync
    + 'static,
) -> Operation {
    let good =
        Reply { content_type: "application/octet-stream", body: CONTENT.into(), ..nothing() };
    Operation::new(
        &API,
        "download",
        Class::File,
        move |_| good.clone(),
        move |site| {
            let link = FileLink::new(7, 3, FILE).expect("a link");
            let download = client(site).download(&link);
            let saving = save(download.clone());
            Box::pin(async move {
                Done::of(saving.await)
                    .also("the call", &download)
                    .also("the request", download.request())
            })
        },
    )
}
