//! EPGU: archives at once and in chunks.

mod common;

use chrono::TimeDelta;
use common::epgu::{
    Answer, REQUEST, archive, as_bearer, chunk, code, details, draft, file_part, frozen, json_part,
    message, meta, post, push, send_form, small_archive, stored,
};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use ruapi_sandbox::epgu::{ErrorCode, Outcome};
use ruapi_sandbox::{Epgu, Fault, FaultKind, Sandbox};
use serde_json::{Value, json};

const MEGABYTE: usize = 1024 * 1024;

/// CRC-32, as zip has it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

/// An archive of about so many megabytes.
fn large_archive(megabytes: usize) -> Vec<u8> {
    let bytes: Vec<u8> = (0..megabytes * MEGABYTE).map(|at| (at % 253) as u8).collect();
    stored(&[REQUEST, ("scan.pdf", &bytes)])
}

#[track_caller]
fn assert_kept(sandbox: &Sandbox, order: u64, archive: &[u8], names: &[&str]) {
    let kept = sandbox.epgu().archive(order).unwrap();
    assert_eq!((kept.order, kept.bytes), (order, archive.len() as u64));
    assert_eq!(kept.crc32, crc32(archive));
    assert!(kept.files.iter().map(|file| file.name.as_str()).eq(names.iter().copied()));
}

/// The number of an answered application.
fn number(answer: Answer) -> u64 {
    answer.expect(200)["orderId"].as_u64().unwrap()
}

#[tokio::test]
async fn at_once() {
    let sandbox = frozen().await;
    let archive = small_archive();
    let order = number(push(&sandbox, archive.clone()).await);
    assert_kept(&sandbox, order, &archive, &["req.xml"]);
    // Whoever sends it again makes another application.
    let second = number(push(&sandbox, archive).await);
    assert_ne!(order, second);
    let epgu = sandbox.epgu();
    assert_eq!((epgu.applications(), epgu.orders_created()), (2, 2));
    assert_eq!((epgu.applications_for(order), epgu.applications_for(second)), (1, 1));
    assert_eq!(epgu.applications_for(1), 0);
}

#[tokio::test]
async fn what_a_form_needs() {
    let sandbox = frozen().await;
    let file = || file_part(small_archive());
    let send = async |form| send_form(&sandbox, Epgu::TOKEN, "api/gusmev/push", form).await;
    let cases = [
        (Form::new().part("file", file()), "meta: параметр обязателен"),
        (Form::new().part("meta", json_part(&meta())), "file: параметр обязателен"),
        (
            Form::new().part("meta", json_part(&json!({}))).part("file", file()),
            "region: параметр обязателен",
        ),
        (
            Form::new()
                .part("meta", Part::text(meta().to_string()).mime_str("text/html").unwrap())
                .part("file", file()),
            "meta: ожидается Content-Type = application/json",
        ),
        (
            Form::new().part("meta", json_part(&meta())).part("file", Part::bytes(vec![1])),
            "file: ожидается файл с именем",
        ),
        (
            Form::new().part("meta", json_part(&meta())).part("file", file_part(vec![])),
            "file: параметр обязателен",
        ),
        (
            Form::new().part("meta", json_part(&meta())).part("file", file()).part("file", file()),
            "file: параметр передан дважды",
        ),
    ];
    for (form, expected) in cases {
        assert_eq!(message(send(form).await, 400), expected);
    }
    let no_form = post(&sandbox, "api/gusmev/push", meta()).await;
    assert_eq!(message(no_form, 400), "Тело запроса: ожидается multipart/form-data");
    assert_eq!(sandbox.epgu().applications(), 0);

    let large = push(&sandbox, large_archive(5)).await;
    assert_eq!(message(large, 400), "file: ожидается не более 5242880 байт");
    // So large that it is not even kept.
    let large = push(&sandbox, large_archive(7)).await;
    assert_eq!(message(large, 400), "file: ожидается не более 5242880 байт");
    sandbox.epgu().change(|settings| settings.push_most_bytes = 8 << 20);
    number(push(&sandbox, large_archive(7)).await);
}

#[tokio::test]
async fn archives_are_opened() {
    let sandbox = frozen().await;
    let folder: &[(&str, &[u8])] = &[REQUEST, ("scans/", b""), ("scans/1.pdf", b"1")];
    let nested: &[(&str, &[u8])] = &[REQUEST, ("more.ZIP", b"PK")];
    let no_request: &[(&str, &[u8])] = &[("scan.pdf", b"1"), ("require.txt", b"")];
    let no_markup: &[(&str, &[u8])] = &[REQUEST, ("piev.xml", b"{}")];
    let empty_signature: &[(&str, &[u8])] = &[REQUEST, ("req.xml.sig", b"")];
    let lone_signature: &[(&str, &[u8])] = &[REQUEST, ("scan.pdf.sig", b"1")];
    let mut cut = small_archive();
    cut.truncate(cut.len() - 4);
    let mut wrong_checksum = stored(&[REQUEST]);
    let at = wrong_checksum.windows(6).position(|bytes| bytes == b"<req/>").unwrap();
    wrong_checksum[at + 1] = b'R';
    for (bytes, expected) in [
        (archive(folder), "INVALID_FILES_STRUCTURE"),
        (archive(&[REQUEST, ("a\\b.pdf", b"1")]), "INVALID_FILES_STRUCTURE"),
        (archive(nested), "INVALID_FILES_STRUCTURE"),
        (cut, "INVALID_FILES_STRUCTURE"),
        (wrong_checksum, "INVALID_FILES_STRUCTURE"),
        (b"no archive".to_vec(), "INVALID_FILES_STRUCTURE"),
        (archive(&[]), "REQ_NOT_FOUND"),
        (archive(no_request), "REQ_NOT_FOUND"),
        (archive(no_markup), "VALIDATION_ERROR"),
        (archive(empty_signature), "FILES_VERIFICATION_FAILED"),
        (archive(lone_signature), "FILES_VERIFICATION_FAILED"),
    ] {
        let order = number(push(&sandbox, bytes).await);
        sandbox.clock().advance(TimeDelta::seconds(5));
        let details = details(&sandbox, order).await;
        assert_eq!((&details["code"], &details["order"]), (&json!(expected), &Value::Null));
        assert_eq!(sandbox.epgu().order_status(order).unwrap().0, 24);
    }
    sandbox.clock().advance(TimeDelta::minutes(10));
    sandbox.epgu().change(|settings| {
        settings.business_file = Some("piev_epgu.xml".to_owned());
        settings.signatures_required = true;
    });
    let business = ("piev_epgu.xml", &b"\xef\xbb\xbf<a/>"[..]);
    let signatures = [("req.xml.sig", &b"1"[..]), ("piev_epgu.xml.sig", b"2")];
    for (bytes, expected) in [
        (archive(&[REQUEST]), "MPC_NOT_FOUND"),
        (archive(&[REQUEST, business]), "FILES_VERIFICATION_FAILED"),
        (archive(&[REQUEST, business, signatures[0]]), "FILES_VERIFICATION_FAILED"),
        (archive(&[REQUEST, business, signatures[0], signatures[1]]), "OK"),
    ] {
        let order = number(push(&sandbox, bytes).await);
        sandbox.clock().advance(TimeDelta::seconds(10));
        assert_eq!(sandbox.epgu().order_code(order), Some(expected));
    }
}

#[tokio::test]
async fn in_chunks_the_middle_ones_in_any_order() {
    let sandbox = frozen().await;
    let archive = large_archive(13);
    let order = draft(&sandbox).await;
    // Of different sizes, within what is allowed.
    let parts = [
        &archive[..5 * MEGABYTE],
        &archive[5 * MEGABYTE..6 * MEGABYTE],
        &archive[6 * MEGABYTE..8 * MEGABYTE],
        &archive[8 * MEGABYTE..13 * MEGABYTE],
        &archive[13 * MEGABYTE..],
    ];
    assert!(!parts[4].is_empty() && parts[4].len() < MEGABYTE);
    let send = async |number: usize| {
        let answer = chunk(&sandbox, order, number as u64, 5, parts[number]).await;
        let status = answer.status;
        assert_eq!(answer.expect(status), json!({ "orderId": order }));
        status
    };
    assert_eq!(send(0).await, 206);
    assert_eq!(sandbox.epgu().uploads(), [order]);
    let middle = tokio::join!(send(3), send(1), send(2));
    assert_eq!(middle, (206, 206, 206));
    // Again, in case that an answer was lost.
    assert_eq!((send(2).await, send(0).await), (206, 206));
    assert_eq!(sandbox.epgu().applications(), 0);
    assert_eq!(send(4).await, 200);
    assert_kept(&sandbox, order, &archive, &["req.xml", "scan.pdf"]);
    let counts = sandbox.epgu().counts();
    assert_eq!((counts.chunks_received, counts.chunks_repeated), (7, 2));
    assert_eq!((counts.applications, sandbox.epgu().applications_for(order)), (1, 1));
    assert!(sandbox.epgu().uploads().is_empty());

    // What is sent is sent.
    for (number, duplicates) in [(4, 1), (2, 1), (4, 2)] {
        let answer = chunk(&sandbox, order, number, 5, parts[number as usize]).await;
        assert_eq!(message(answer, 409), "orderId: заявление уже отправлено");
        assert_eq!(sandbox.epgu().duplicate_submissions(), duplicates);
    }
    assert_eq!(sandbox.epgu().applications(), 1);
    sandbox.clock().advance(TimeDelta::seconds(5));
    assert_eq!(details(&sandbox, order).await["order"]["orderStatusId"], 2);
}

#[tokio::test]
async fn one_chunk_needs_no_numbers() {
    let sandbox = frozen().await;
    let order = draft(&sandbox).await;
    let form =
        || Form::new().text("orderId", order.to_string()).part("file", file_part(small_archive()));
    let send = async |form| send_form(&sandbox, Epgu::TOKEN, "api/gusmev/push/chunked", form).await;
    sandbox.epgu().change(|settings| settings.chunk_meta_required = true);
    assert_eq!(message(send(form()).await, 400), "meta: параметр обязателен");
    sandbox.epgu().change(|settings| settings.chunk_meta_required = false);
    for (form, expected) in [
        (form().text("chunk", "0"), "chunks: параметр обязателен"),
        (form().text("chunks", "1"), "chunk: параметр обязателен"),
        (form().text("chunk", "1").text("chunks", "1"), "chunk: ожидается число от 0 до 0"),
        (form().text("chunk", "0").text("chunks", "0"), "chunk: ожидается число от 0 до 0"),
        (form().text("chunk", "-1").text("chunks", "1"), "chunk: ожидается число"),
        (Form::new().part("file", file_part(small_archive())), "orderId: параметр обязателен"),
        (
            form().part(
                "meta",
                json_part(&json!({
                    "region": "36", "serviceCode": "1", "targetCode": "1",
                })),
            ),
            "meta: заявление создано с другими параметрами",
        ),
    ] {
        assert_eq!(message(send(form).await, 400), expected);
    }
    assert_eq!(number(send(form()).await), order);
    assert_eq!(sandbox.epgu().applications_for(order), 1);
}

#[tokio::test]
async fn the_order_of_chunks() {
    let sandbox = frozen().await;
    let archive = large_archive(3);
    let parts: Vec<_> = archive.chunks(MEGABYTE).collect();
    assert_eq!(parts.len(), 4);
    let order = draft(&sandbox).await;
    let send = async |number: usize, chunks: u64, bytes: &[u8]| {
        chunk(&sandbox, order, number as u64, chunks, bytes).await
    };
    let first = "chunk: первым отправляется первый чанк";
    assert_eq!(message(send(1, 4, parts[1]).await, 400), first);
    assert_eq!(message(send(3, 4, parts[3]).await, 400), first);
    assert_eq!(send(0, 4, parts[0]).await.status, 206);
    let last = "chunk: последним отправляется последний чанк";
    assert_eq!(message(send(3, 4, parts[3]).await, 400), last);
    assert_eq!(send(2, 4, parts[2]).await.status, 206);
    assert_eq!(message(send(3, 4, parts[3]).await, 400), last);
    assert_eq!(message(send(1, 5, parts[1]).await, 400), "chunks: ожидается 4");
    let other = "file: чанк с этим номером уже отправлен";
    assert_eq!(message(send(2, 4, parts[1]).await, 400), other);
    assert_eq!(message(send(0, 4, parts[1]).await, 400), other);
    let small = "file: ожидается не менее 1048576 байт";
    assert_eq!(message(send(1, 4, &parts[1][1..]).await, 400), small);
    let large = "file: ожидается не более 5242880 байт";
    let too_large = vec![0; 5 * MEGABYTE + 1];
    assert_eq!(message(send(1, 4, &too_large).await, 400), large);
    assert_eq!(message(send(3, 4, &too_large).await, 400), large);
    // None of this harmed what had come.
    assert_eq!(send(1, 4, parts[1]).await.status, 206);
    assert_eq!(send(3, 4, parts[3]).await.status, 200);
    assert_kept(&sandbox, order, &archive, &["req.xml", "scan.pdf"]);
    assert_eq!(sandbox.epgu().duplicate_submissions(), 0);
}

#[tokio::test]
async fn five_minutes_from_the_first_chunk() {
    let sandbox = frozen().await;
    let archive = large_archive(1);
    let (first, last) = archive.split_at(MEGABYTE);
    let send = async |order, number, bytes| chunk(&sandbox, order, number, 2, bytes).await.status;
    let wait = |seconds| sandbox.clock().advance(TimeDelta::seconds(seconds));
    let order = draft(&sandbox).await;
    assert_eq!(send(order, 0, first).await, 206);
    wait(200);
    // A repetition does not begin it anew.
    assert_eq!(send(order, 0, first).await, 206);
    wait(101);
    let late = chunk(&sandbox, order, 1, 2, last).await;
    assert_eq!(message(late, 400), "chunk: время отправки всех чанков истекло");
    assert!(sandbox.epgu().uploads().is_empty());
    // From the beginning it can be done.
    assert_eq!(send(order, 0, first).await, 206);
    wait(300);
    assert_eq!(send(order, 1, last).await, 200);
    assert_eq!(sandbox.epgu().applications(), 1);

    // What others leave unfinished is thrown away.
    let (left, other) = (draft(&sandbox).await, draft(&sandbox).await);
    assert_eq!(send(left, 0, first).await, 206);
    wait(301);
    assert_eq!(send(other, 0, first).await, 206);
    assert_eq!(sandbox.epgu().uploads(), [other]);
}

#[tokio::test]
async fn whose_application() {
    let sandbox = frozen().await;
    let order = draft(&sandbox).await;
    let form = |order: u64| {
        Form::new().text("orderId", order.to_string()).part("file", file_part(small_archive()))
    };
    let path = "api/gusmev/push/chunked";
    let other = send_form(&sandbox, Epgu::OTHER_TOKEN, path, form(order)).await;
    assert_eq!(code(other, 403), "order_access");
    assert_eq!(send_form(&sandbox, "UNKNOWN", path, form(order)).await.status, 401);
    assert_eq!(send_form(&sandbox, Epgu::TOKEN, path, form(1)).await.status, 204);
    sandbox.epgu().change(|settings| {
        settings.services.insert(Epgu::SERVICE.to_owned(), ErrorCode::PushDenied);
    });
    let denied = send_form(&sandbox, Epgu::TOKEN, path, form(order)).await;
    assert_eq!(code(denied, 403), "push_denied");
    assert_eq!(code(push(&sandbox, small_archive()).await, 403), "push_denied");
    // One that the document prints was sent long ago.
    let sent = send_form(&sandbox, Epgu::TOKEN, path, form(Epgu::EXAMPLE_ORDER)).await;
    assert_eq!(sent.status, 409);
}

#[tokio::test]
async fn an_answer_is_lost() {
    let sandbox = frozen().await;
    let order = draft(&sandbox).await;
    let lost = FaultKind::Html { status: 504, processed: true };
    sandbox.inject(Fault::new(lost.clone()).path("/epgu/api/gusmev/push").times(1));
    assert_eq!(chunk(&sandbox, order, 0, 1, &small_archive()).await.status, 504);
    // The details tell that it arrived.
    sandbox.clock().advance(TimeDelta::seconds(5));
    assert_eq!(details(&sandbox, order).await["code"], "OK");
    assert_eq!(chunk(&sandbox, order, 0, 1, &small_archive()).await.status, 409);
    let epgu = sandbox.epgu();
    assert_eq!((epgu.applications(), epgu.duplicate_submissions()), (1, 1));

    sandbox.inject(Fault::new(lost).path("/epgu/api/gusmev/push").times(1));
    assert_eq!(push(&sandbox, small_archive()).await.status, 504);
    assert_eq!(push(&sandbox, small_archive()).await.status, 200);
    assert_eq!(sandbox.epgu().applications(), 3);
}

#[tokio::test]
async fn at_the_same_time() {
    let sandbox = frozen().await;
    let order = draft(&sandbox).await;
    let archive = small_archive();
    let send = || chunk(&sandbox, order, 0, 1, &archive);
    let (one, two, three) = tokio::join!(send(), send(), send());
    let mut statuses = [one.status, two.status, three.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409]);
    assert_eq!(sandbox.epgu().applications(), 1);
    assert_eq!(sandbox.epgu().duplicate_submissions(), 2);
    sandbox.epgu().push_outcome(Outcome::Refused);
    let path = format!("api/gusmev/order/{order}");
    assert_eq!(
        as_bearer(&sandbox, Epgu::TOKEN, Method::POST, &path, Value::Null).await.status,
        200
    );
}
