//! The document inside the answer's `order`: table 28, and what the example has besides.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Epgu;
use super::archive::ArchiveFile;
use super::files::{ATTACHMENT, RESULT, RESULTS};
use super::order::{Event, Order, Status, has_result};
use super::settings::Settings;
use crate::base64;
use crate::draw::uuid;

const AGENCY: &str = "Пенсионный фонд Российской Федерации";

pub(super) fn moscow() -> FixedOffset {
    FixedOffset::east_opt(3 * 3600).expect("three hours are a valid offset")
}

/// `2022-07-25T13:01:47.438+0300`.
fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&moscow()).format("%Y-%m-%dT%H:%M:%S%.3f%z").to_string()
}

pub(super) fn cancel_allowed(status: &Status, settings: &Settings) -> bool {
    status.with_agency && settings.cancellable
}

/// Everything that is known of an application that the agency was sent.
pub(super) fn print(order: &Order, settings: &Settings, now: DateTime<Utc>) -> Value {
    let events = order.events(now);
    let example = order.id == Epgu::EXAMPLE_ORDER;
    let statuses: Vec<_> = events
        .iter()
        .enumerate()
        .map(|(index, event)| status(order, settings, event, order.event_id(index)))
        .collect();
    let mut printed = fixed();
    let mut add = |more: Value| {
        if let (Value::Object(printed), Value::Object(more)) = (&mut printed, more) {
            printed.extend(more);
        }
    };
    add(of_service(order, example));
    add(of_state(order, &events, &statuses));
    add(of_files(order, &events, settings));
    add(json!({
        "id": order.id,
        "ownerId": order.user,
        "userId": order.user,
        "smevTx": smev_transaction(order),
        "creationMode": if example { "direct" } else { "api" },
        "allowToDelete": example,
        "withCustomResult": example,
        "sourceSystem": if example { "PGU" } else { "SANDBOX" },
    }));
    if !example {
        // Table 28 has these, the example does not.
        add(json!({ "hubFormVersion": 0, "orderAttributeEvents": changes(&events) }));
        if settings.extra_fields {
            add(json!({ "elk": false, "possibleServices": {}, "statusColorCode": color(&events) }));
        }
    }
    if !settings.blank_fields {
        fill(&mut printed);
    }
    printed
}

/// Lists that the document does not describe.
const ANYTHING: [&str; 5] =
    ["paymentStatusEvents", "eQueueEvents", "textMessages", "orderPayments", "infoMessages"];

/// Puts something into what is blank.
fn fill(value: &mut Value) {
    match value {
        Value::String(text) if text.is_empty() => "sandbox".clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(fill),
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::Array(items) if ANYTHING.contains(&name.as_str()) => {
                        items.push(json!({ "sandbox": true }));
                    }
                    value => fill(value),
                }
            }
        }
        _ => {}
    }
}

fn smev_transaction(order: &Order) -> String {
    if order.id == Epgu::EXAMPLE_ORDER {
        "b0ba0139-613d-4d4d-bc28-4240efc9a6ec".to_owned()
    } else {
        uuid(order.id, 703)
    }
}

/// The change of the status, if it changed.
fn changes(events: &[Event]) -> Vec<Value> {
    let changes = events.iter().rev().take(2).map(|event| event.status.id.to_string());
    match changes.collect::<Vec<_>>().as_slice() {
        [new, old] => vec![json!({ "name": "statusId", "newValue": new, "oldValue": old })],
        _ => Vec::new(),
    }
}

fn color(events: &[Event]) -> &'static str {
    match events.last() {
        Some(event) if has_result(event.status) => "done",
        Some(event) if event.status.last => "reject",
        Some(event) if event.status.id == 0 => "edit",
        _ => "in_progress",
    }
}

/// What is the same for all.
fn fixed() -> Value {
    let mut fixed = json!({
        "orderType": "ORDER", "hasEmpowerment2021": false, "smevMessageId": "WAIT_RESPONSE",
        "formVersion": "1", "notifySms": "", "hasTimestamp": false,
        "portalName": "Портал гос услуг v1", "paymentRequired": false, "signCnt": 0,
        "childrenSigned": false, "stateOrgStatusCode": "", "inviteToEqueueUrl": "",
        "statusColorCode": "", "hasNoPaidPayment": false, "routingCode": "",
        "stateOrgStatusName": "", "serviceUrl": "", "serviceEpguId": "1",
        "edsStatus": "EDS_NOT_SUPPORTED", "complexMode": "", "stateOrgCode": "pfr",
        "personType": "PERSON", "orderPayments": [], "allowToEdit": false, "readyToSign": false,
        "infoMessages": [], "notifyEmail": "", "paymentCount": 0, "draftHidden": false,
        "stateStructureId": "10000002796", "hasNewStatus": true, "stateOrgId": 266,
        "redirectUrl": "", "hasChildren": false, "stateStructureName": "ПФР",
        "portalCode": "PGU", "esepOperationId": "", "orderAttributeEvents": [], "notifyPush": "",
    });
    let rest = json!({
        "linkToOrderForm": "", "extOrderUrl": "", "paymentStatusEvents": [], "payback": false,
        "readyToPush": false, "admLevelCode": "FEDERAL", "formPrefilling": false,
        "allFileSign": false, "orgUserName": "", "noPaidPaymentCount": -1, "steps": [],
        "powerMnemonic": "", "checkQueue": false, "withDelivery": false, "gisdo": false,
        "description": "", "eQueueEvents": [], "hasActiveInviteToEqueue": false,
        "multRegion": false, "extSystem": false, "useAsTemplate": false,
        "qrlink": {
            "hasAltMimeType": false, "fileName": "", "edsStatus": "", "fileSize": 0,
            "canSentToMFC": false, "link": "", "id": "", "mimeType": "",
            "hasDigitalSignature": false, "additionalName": "",
        },
        "hasPreviewPdf": false, "testUser": false, "textMessages": [], "unreadMessageCnt": 0,
        "parentOrderStateStructureName": "", "cr_uin": "", "infSysCode": "",
        "deprecatedService": false, "hubForm": false, "extOrderId": "", "online": false,
    });
    if let (Value::Object(fixed), Value::Object(rest)) = (&mut fixed, rest) {
        fixed.extend(rest);
    }
    fixed
}

fn of_service(order: &Order, example: bool) -> Value {
    let name = match order.service.as_str() {
        Epgu::SERVICE => "Выдача справки о размере пенсии и иных социальных выплат на дату".into(),
        code => format!("Услуга {code}"),
    };
    json!({
        "eserviceId": order.service,
        "serviceTargetId": order.target,
        "serviceName": name,
        "servicePassportId": "600113",
        "userSelectedRegion": if example { "00000000000" } else { order.region.as_str() },
        "location": order.region,
    })
}

fn of_state(order: &Order, events: &[Event], statuses: &[Value]) -> Value {
    let last = events.last();
    // The moment when it was registered, and a little.
    let requested = events.get(1).map_or(order.created, |event| event.at + NOTED_REQUEST);
    let current = statuses.last().cloned().unwrap_or_default();
    json!({
        "orderStatusId": last.map(|event| event.status.id),
        "orderStatusName": last.map(|event| event.status.name),
        "closed": last.is_some_and(|event| event.status.last),
        "hasResult": last.is_some_and(|event| has_result(event.status)),
        "currentStatusHistoryId": current["id"],
        "currentStatusHistory": current,
        "statuses": statuses,
        "orderDate": time(order.created - TimeDelta::milliseconds(millis(order.created))),
        "requestDate": time(requested),
        "updated": time(order.updated(events)),
    })
}

/// How long after the registration the request is dated, in the example.
const NOTED_REQUEST: TimeDelta = TimeDelta::milliseconds(12);

fn millis(at: DateTime<Utc>) -> i64 {
    i64::from(at.timestamp_subsec_millis())
}

fn status(order: &Order, settings: &Settings, event: &Event, id: u64) -> Value {
    let of_portal = event.status.id == 0;
    let mut status = json!({
        "date": time(event.at),
        "cancelAllowed": order.id != Epgu::EXAMPLE_ORDER && cancel_allowed(event.status, settings),
        "unreadEvent": true,
        "deliveryCancelAllowed": false,
        "finalStatus": event.status.last,
        "orderId": order.id,
        "stateOrgStatusCode": "",
        "author": "",
        "hasResult": if has_result(event.status) { "Y" } else { "N" },
        "stateOrgStatusDescr": "",
        "title": event.status.name,
        "mfcFinalStatus": false,
        "sendMessageAllowed": false,
        "statusId": event.status.id,
        "editAllowed": false,
        "sender": if of_portal { "" } else { AGENCY },
        "mnemonic": "",
        "comment": event.status.comment,
        "id": id,
    });
    if settings.extra_fields && order.id != Epgu::EXAMPLE_ORDER {
        status["statusColorCode"] = json!(color(std::slice::from_ref(event)));
    }
    status
}

fn of_files(order: &Order, events: &[Event], settings: &Settings) -> Value {
    let sent = order.archive.as_ref().map_or(&[][..], |archive| &archive.files);
    let signed = |file: &ArchiveFile| {
        sent.iter().any(|other| other.name.strip_suffix(".sig") == Some(&file.name))
    };
    let attachments = sent
        .iter()
        .filter(|file| !file.name.ends_with(".sig"))
        .map(|file| {
            let kind = if file.name.starts_with("req") { "REQUEST" } else { "ATTACHMENT" };
            json!({
                "fileName": file.name,
                "fileSize": file.bytes,
                "link": format!("terrabyte://00/{}/{}/{ATTACHMENT}", order.id, file.name),
                "id": format!("{}/files/{}", order.id, base64::encode_url(file.name.as_bytes())),
                "mimeType": mime_type(&file.name),
                "hasDigitalSignature": signed(file),
                "type": kind,
            })
        })
        .collect::<Vec<_>>();
    let done = events.last().is_some_and(|event| has_result(event.status));
    let history = order.event_id(events.len().saturating_sub(1));
    let results = RESULTS.iter().enumerate().filter(|_| done).map(|(index, name)| {
        // As it is, and as a part of an address: both are met.
        let mnemonic = match index {
            0 => (*name).to_owned(),
            _ => utf8_percent_encode(name, NON_ALPHANUMERIC).to_string(),
        };
        json!({
            "hasAltMimeType": false,
            "fileName": name,
            "edsStatus": "EDS_NOT_SUPPORTED",
            "fileSize": settings.file_bytes,
            "link": format!("terrabyte://00/{history}/{mnemonic}/{RESULT}"),
            "id": format!("{history}/files/{}", base64::encode_url(name.as_bytes())),
            "mimeType": mime_type(name),
            "hasDigitalSignature": false,
        })
    });
    let results: Vec<_> = results.collect();
    json!({ "orderAttachmentFiles": attachments, "orderResponseFiles": results })
}

fn mime_type(name: &str) -> &'static str {
    let end = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    match end.as_str() {
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}
