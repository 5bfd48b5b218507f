//! What will be sent to whom, said before it is.

use super::Args;
use super::run::{Plan, Run};
use crate::global::Format;
use crate::output;

/// Before anything is sent.
pub(super) fn start(args: &Args, plan: &Plan, base_url: &str, format: Format) {
    let request = match (&plan.request_id, &args.request) {
        (Some(_), _) => "no calculation request: --request-id names a calculation".to_owned(),
        (None, file) => {
            let of = match file {
                Some(file) => format!("the one of {}", file.name()),
                None => "one with invented people".to_owned(),
            };
            format!(
                "a calculation request, {of}, and again with mistakes, each with a new request_id"
            )
        }
    };
    let confirmation = match plan.confirm {
        true => {
            "CONFIRMATIONS (POST osago/offer) of offers: wrong ones, which have to be refused, then \
             a right one, which may make a contract"
        }
        false => "no confirmation of an offer that exists (--confirm would send some)",
    };
    let what = [
        request,
        "questions about it, its offers and documents, also with wrong identifiers and credentials"
            .to_owned(),
        confirmation.to_owned(),
    ];
    match format {
        Format::Human => {
            output::diagnostic(&format!("To {base_url} will be sent:"));
            what.iter().for_each(|line| output::diagnostic(&format!("  - {line}")));
        }
        Format::Json => {
            output::notice(format, &format!("to {base_url} will be sent: {}", what.join("; ")));
        }
    }
}

/// Before an offer is confirmed.
pub(super) fn confirmation(
    run: &Run<'_>,
    request_id: &str,
    offer_id: &str,
    upsales: &[(String, String)],
) {
    let words = &run.record.words;
    let upsales = upsales.iter().map(|(upsale, option)| (words.id(upsale), words.id(option)));
    let upsales: Vec<String> =
        upsales.map(|(upsale, option)| format!("{upsale}={option}")).collect();
    let offer_id = words.id(offer_id);
    let upsales = if upsales.is_empty() { "none".to_owned() } else { upsales.join(" ") };
    let text = format!(
        "now POST {}osago/offer confirms the offer {offer_id} of the request {request_id}, upsales: \
         {upsales}",
        run.plan.base_url,
    );
    output::notice(run.plan.format, &output::Plain(&text).to_string());
}
