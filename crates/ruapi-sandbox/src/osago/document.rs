//! `osago/offer/draft` and `osago/offer/policy`: PDFs as data URIs.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::kinds::OfferStatus;
use super::offer::absent;
use crate::base64;

/// `GET osago/offer/draft`.
pub(super) fn draft(call: &mut Call<'_>) -> Answer {
    let (request_id, offer_id) = call.offer_key()?;
    let now = call.now.to_utc();
    let takes = TimeDelta::seconds(i64::from(call.state.settings.draft_seconds));
    let offer = call.state.offer(&request_id, &offer_id).ok_or_else(|| absent(&request_id))?;
    let asked = *offer.draft_asked.get_or_insert(now);
    let mut answer = json!({ "request_id": request_id, "offer_id": offer_id });
    if now - asked < takes {
        answer["status"] = json!("inProcess");
    } else {
        answer["status"] = json!("success");
        answer["url"] = json!(offer.document_url());
        answer["file"] = pdf("DRAFT", &offer_id);
    }
    Ok(answer)
}

/// `GET osago/offer/policy`.
pub(super) fn policy(call: &mut Call<'_>) -> Answer {
    let (request_id, offer_id) = call.offer_key()?;
    let now = call.now.to_utc();
    let calculation = call.state.calculations.get(&request_id.to_lowercase());
    let start = calculation.map(|calculation| calculation.body["policy_start_date"].clone());
    let offer = call.state.offer(&request_id, &offer_id).ok_or_else(|| absent(&request_id))?;
    let status = offer.status(now);
    let mut answer = json!({ "request_id": request_id, "offer_id": offer_id, "status": status });
    if status == OfferStatus::ClosedPaid {
        answer["policy_start_date"] = start.unwrap_or_default();
        answer["url"] = json!(offer.document_url());
        answer["file"] = pdf("POLICY", &offer.policy_number());
    }
    Ok(answer)
}

/// A page that says what it is.
fn pdf(what: &str, number: &str) -> Value {
    let text = format!("BT /F1 24 Tf 72 720 Td (SANDBOX {what} {number}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (place, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", place + 1);
    }
    let size = objects.len() + 1;
    let start = file.len();
    file += &format!(
        "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    let data = format!("data:application/pdf;base64,{}", base64::encode(file.as_bytes()));
    json!({ "type": "base64", "data": data })
}
