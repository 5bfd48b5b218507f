//! What is read without a call: saved answers, callbacks, requests to a partner, and whatever callers give as
//! text. What of it shows in the models, the errors, the refusals and the log.

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use cherehapa_types::{order, quote, relaxed};
use epgu_gusmev::{Archive, FileLink, Meta, Moment, OrderId, OrderInfo};
use http::{HeaderName, Request, header};
use osago_offer::calculation::CalculationStarted;
use osago_offer::server::{Guard, Partner, Refusal, Routes};
use osago_offer::{CalculationRequest, Confirmation, Credential, Date, Offer, OfferKey};
use ruapi_core::Continuation;
use ruapi_core::test_util::ManualClock;
use serde_json::{Value, json};
use shtrafovnet_client::{Callback, Email, Payer};
use tower_service::Service;

use super::Hunt;
use super::echo::Odd;
use super::log::Ear;
use crate::Result;
use crate::operations::planted::{
    LAST_NAME, PASSWORD, PERSONAL, SECRETS, SERVICE, TARGET, TOKEN, URL,
};
use crate::operations::{Reply, cherehapa, osago};

pub(super) fn hunt(hunt: &Hunt) -> Result {
    let result = std::thread::scope(|scope| {
        // A thread without a runtime, for one that is heard.
        let hunting = scope.spawn(|| models(hunt).map_err(|error| error.to_string()));
        hunting.join().expect("what reads does not panic")
    });
    Ok(result?)
}

fn models(hunt: &Hunt) -> Result {
    for case in ["documented", "whole_trip", "maps_and_texts", "lone_product", "nothing_there"] {
        let good = cherehapa("quote", case)?;
        decode(hunt, "Cherehapa's quote", &good, |body| quote::from_slice(body).map_err(shown));
    }
    for case in ["documented", "all_fields_filled", "list_of_tasks", "list_of_transactions"] {
        let good = cherehapa("order", case)?;
        decode(hunt, "Cherehapa's order", &good, |body| order::from_slice(body).map_err(shown));
        let text = format!("{good}// {LAST_NAME}\n{{");
        decode(hunt, "Cherehapa's relaxed order", &good, |_| {
            order::from_slice(relaxed(&text).as_bytes()).map_err(shown)
        });
    }
    for case in ["example", "of_the_bailiffs", "with_a_place"] {
        let reply = Reply::fixture("shtrafovnet", "fine", case)?;
        let fine: Value = serde_json::from_slice(&reply.body)?;
        for callback in [fine.clone(), json!({"event": LAST_NAME, "fine": fine})] {
            decode(hunt, "a callback", &callback, |body| Callback::parse(body).map_err(shown));
        }
    }
    let details =
        json!({ "code": "OK", "order": crate::operations::epgu::order_json().to_string() });
    decode(hunt, "EPGU's order", &details, |body| OrderInfo::from_json(body).map_err(shown));
    parsers(hunt);
    let ear = Ear::default();
    ear.runtime()?.block_on(server(hunt, &ear))
}

/// A good answer, and something else at each of its places; and what is no JSON.
fn decode<T: Debug>(
    hunt: &Hunt,
    title: &str,
    good: &Value,
    read: impl Fn(&[u8]) -> std::result::Result<T, String>,
) {
    let whole = good.to_string();
    match read(whole.as_bytes()) {
        Ok(model) => {
            hunt.search("a model's Debug", title, format!("{model:?} {model:#?}").as_bytes());
        }
        Err(error) => hunt.search("a decoder's error", title, error.as_bytes()),
    }
    let half = (0..=whole.len() / 2).rfind(|at| whole.is_char_boundary(*at)).unwrap_or_default();
    let mut bodies: Vec<(String, Vec<u8>)> = vec![
        ("half of it".to_owned(), whole[..half].into()),
        ("a page".to_owned(), format!("<html>{LAST_NAME} {TOKEN}</html>").into()),
        ("a list".to_owned(), json!([LAST_NAME, TOKEN]).to_string().into()),
    ];
    let json = "application/json";
    let reply = Reply { counts: true, status: 200, content_type: json, body: whole.into() };
    for odd in Odd::wrongs(good) {
        bodies.push((format!("{odd:?}"), odd.answer("", &reply).2.into()));
    }
    for (what, body) in bodies {
        // A model whose code is somebody's name tells it.
        if let Err(error) = read(&body) {
            hunt.search("a decoder's error", &format!("{title}, {what}"), error.as_bytes());
        }
    }
}

/// All that an error says, and its causes.
fn shown(error: impl Error + 'static) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn Error> = Some(&error);
    while let Some(error) = next {
        text += &format!("{error} {error:?} {error:#?} ");
        next = error.source();
    }
    text
}

/// What a parser makes of a text: its `Debug`, or all that the error says.
type Parser = fn(&str) -> std::result::Result<String, String>;

/// Everything that callers give as text: what it is called, and whether its `Debug` tells what was accepted,
/// since that is a number, a moment or a code.
const PARSERS: &[(&str, bool, Parser)] = &[
    ("a plate", false, |text| parsed(text.parse::<nsso_client::PlateNumber>())),
    ("a policy's number", false, |text| parsed(text.parse::<nsso_client::PolicyNumber>())),
    ("a token", false, |text| parsed(nsso_client::Token::new(text))),
    ("an e-mail", false, |text| parsed(text.parse::<Email>())),
    ("an e-mail, converted", false, |text| parsed(Email::try_from(text))),
    ("a payer", false, |text| parsed(Payer::new(text, text, text))),
    ("a date", true, |text| parsed(text.parse::<Date>())),
    ("an order's number", true, |text| parsed(text.parse::<OrderId>())),
    ("a link", false, |text| parsed(text.parse::<FileLink>())),
    ("a link's parts", false, |text| parsed(FileLink::new(7, 2, text))),
    ("an application's codes", true, |text| parsed(Meta::new(text, text, text))),
    ("an applicant's place", false, |text| parsed(Meta::new(text, SERVICE, TARGET))),
    ("a moment", true, |text| parsed(text.parse::<Moment>())),
    ("an order in JSON", false, |text| parsed(OrderInfo::from_json(text.as_bytes()))),
    ("an archive", false, |text| parsed(Archive::from_bytes(text.as_bytes().to_vec()))),
    ("an archive that is not there", false, |text| {
        parsed(Archive::open(format!("/nowhere/{text}")))
    }),
    ("a continuation", true, |text| parsed(text.parse::<Continuation>())),
    ("a bearer's token", false, |text| parsed(Credential::bearer(text.into()))),
    ("a key", false, |text| {
        parsed(Credential::header_key(HeaderName::from_static("x"), text.into()))
    }),
    ("a user", false, |text| parsed(Credential::basic(text, text.into()))),
    ("a partner's token", false, |text| parsed(Guard::bearer(text.into()))),
    ("a path", false, |text| {
        let request = ruapi_core::Request::new("x", http::Method::GET, "a/{b}");
        parsed(request.path_parameter("b", text).map(|request| request.query("c", text)))
    }),
    ("a base URL", false, |text| {
        let credential = Credential::bearer(TOKEN.into()).map_err(shown)?;
        parsed(osago_offer::Client::new(text, credential))
    }),
];

fn parsed<T: Debug, E: Error + 'static>(
    result: std::result::Result<T, E>,
) -> std::result::Result<String, String> {
    result.map(|value| format!("{value:?} {value:#?}")).map_err(shown)
}

/// Planted texts as they are, and in forms that most parsers refuse.
fn parsers(hunt: &Hunt) {
    for (title, is_told, parse) in PARSERS {
        for planted in SECRETS.iter().chain(PERSONAL) {
            for text in [
                (*planted).to_owned(),
                format!("{planted} "),
                format!("{planted}\n"),
                format!("x{planted}/@?\u{1}"),
                format!("terrabyte://00/{planted}/2"),
                format!("https://{planted}@host/?{planted}"),
                format!("http://host/{planted}"),
                format!("{{\"id\": \"{planted}\", \"orderStatusId\": \"{planted}\""),
                planted.repeat(100),
            ] {
                match parse(&text) {
                    Ok(_) if *is_told => {}
                    Ok(value) => hunt.search("an input's Debug", title, value.as_bytes()),
                    Err(error) => hunt.search("an input's error", title, error.as_bytes()),
                }
            }
        }
    }
}

/// A partner who finds everything, and one who fails with all that he knows.
struct Somebody {
    fails: bool,
}

impl Somebody {
    fn answer<T: Debug>(&self, told: &impl Debug, answer: T) -> std::result::Result<T, Refusal> {
        match self.fails {
            true => Err(Refusal::internal(format!("{told:?} {LAST_NAME} {PASSWORD}"))),
            false => Ok(answer),
        }
    }
}

impl Partner for Somebody {
    async fn offer(&self, key: OfferKey) -> std::result::Result<Offer, Refusal> {
        self.answer(&key, Offer::new(key.offer_id.clone()))
    }

    async fn confirm(&self, what: Confirmation, of: Offer) -> std::result::Result<Offer, Refusal> {
        self.answer(&what, of)
    }

    async fn calculate(
        &self,
        request: CalculationRequest,
    ) -> std::result::Result<CalculationStarted, Refusal> {
        self.answer(&request, CalculationStarted::new(request.request_id.clone()))
    }
}

/// The partner's side of OSAGO: what it answers, what it logs, what its parts show.
async fn server(hunt: &Hunt, ear: &Ear) -> Result {
    let good = serde_json::to_value(osago::request())?;
    let id = good["request_id"].as_str().unwrap_or_default().to_owned();
    let confirmation = json!({
        "request_id": id, "offer_id": "44234899", "success_url": URL, "failure_url": URL,
        "return_urls": {"success_url": URL, "failure_url": URL},
        "upsales": [{"upsale_id": "112234", "option_id": "1"}],
    });
    let mut bodies = Vec::new();
    for (path, good) in [("/osago/calculate", &good), ("/osago/offer", &confirmation)] {
        let json = "application/json";
        let body = good.to_string().into();
        let reply = Reply { counts: true, status: 200, content_type: json, body };
        bodies.push((path, "good".to_owned(), reply.body.clone()));
        bodies.push((path, "broken".to_owned(), reply.body.slice(..reply.body.len() / 2)));
        for odd in Odd::wrongs(good) {
            bodies.push((path, format!("{odd:?}"), odd.answer("", &reply).2));
        }
    }
    for (fails, token) in [(false, TOKEN), (true, TOKEN), (false, PASSWORD)] {
        let guard = Guard::bearer(TOKEN.into())?;
        hunt.search("the server's Debug", "a guard", format!("{guard:?} {guard:#?}").as_bytes());
        let routes = Routes::new(Arc::new(Somebody { fails }), guard);
        hunt.search("the server's Debug", "routes", format!("{routes:?} {routes:#?}").as_bytes());
        let mut router = routes.clock(Arc::new(ManualClock::new())).router();
        for (path, what, body) in &bodies {
            let log = ear.call();
            let request = Request::post(format!("{path}?plate={TOKEN}"))
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.clone()))?;
            let answer = router.call(request).await?;
            let title = format!("a partner's {path}, {what}");
            let (head, body) = answer.into_parts();
            let body = to_bytes(body, 1 << 20).await?;
            if what == "good"
                && !fails
                && token == TOKEN
                && path.ends_with("calculate")
                && !head.status.is_success()
            {
                return Err(format!("{title}: {head:?} {body:?}").into());
            }
            hunt.search("the server's answers", &title, format!("{head:?}").as_bytes());
            // Whoever is answered well gets back what he sent; and which upsale does not fit is told.
            if !head.status.is_success() && !what.contains("/upsales") {
                hunt.search("the server's answers", &title, &body);
            }
            hunt.search("the server's log", &title, log.text().as_bytes());
        }
    }
    for refusal in [
        Refusal::invalid(LAST_NAME).property("upsales[0]", URL),
        Refusal::internal(LAST_NAME),
        Refusal::not_found(LAST_NAME),
    ] {
        hunt.search("the server's Debug", "a refusal", format!("{refusal:?}").as_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_error_or_a_model_shows_is_found() {
        let hunt = Hunt::new().unwrap();
        let good = json!({ "name": LAST_NAME });
        let quotes = |body: &[u8]| -> std::result::Result<Value, String> {
            serde_json::from_slice(body).map_err(|_| String::from_utf8_lossy(body).into_owned())
        };
        decode(&hunt, "a quoting decoder", &good, quotes);
        let found = &hunt.state.lock().unwrap().found;
        for place in ["a model's Debug", "a decoder's error"] {
            let shows = format!("{place} shows {LAST_NAME}");
            assert!(found.iter().any(|found| found.contains(&shows)), "{place}: {found:?}");
        }
    }

    #[test]
    fn causes_are_shown_as_well() {
        let cause = ruapi_core::Error::input("x", "the cause");
        let told = shown(epgu_gusmev::SubmitFailed::Create(cause));
        assert!(told.contains("the cause") && told.contains("no order was made"), "{told}");
    }
}
