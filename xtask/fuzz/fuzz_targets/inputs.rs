//! What callers put in, as text. The first byte picks the type.
//!
//! What is accepted is written in one form, which is accepted and written the same.
#![no_main]

use std::sync::LazyLock;

use cherehapa_types::kind;
use epgu_gusmev::{Archive, ArchiveBuilder, FileLink, Meta, Moment, OrderId};
use http::{HeaderMap, HeaderName, Method};
use nsso_client::{PlateNumber, PolicyNumber};
use osago_offer::Date;
use percent_encoding::percent_decode_str;
use ruapi_core::wire::{dotted_date, naive_date_time};
use ruapi_core::{Continuation, Credential, Request};
use ruapi_fuzz::pick;
use shtrafovnet_client::{Email, Payer};

const TYPES: &[fn(&str)] = &[
    |text| fixed(text, |text| text.parse::<PlateNumber>().ok(), |plate| plate.as_str().to_owned()),
    |text| fixed(text, |text| text.parse::<PolicyNumber>().ok(), |it| it.as_str().to_owned()),
    token,
    |text| fixed(text, |text| text.parse::<Email>().ok(), |email| email.as_str().to_owned()),
    payer,
    |text| fixed(text, |text| text.parse::<Date>().ok(), |date| date.as_str().to_owned()),
    |text| fixed(text, |text| text.parse::<OrderId>().ok(), OrderId::to_string),
    link,
    meta,
    |text| fixed(text, |text| text.parse::<Moment>().ok(), Moment::to_string),
    name_stem,
    |text| fixed(text, |text| text.parse::<Continuation>().ok(), Continuation::to_string),
    path_parameter,
    query,
    credential,
    |text| fixed(text, dotted_date::parse, |date| dotted_date::format(*date)),
    |text| fixed(text, naive_date_time::parse, |at| at.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
    number,
    identifier,
    base_url,
];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((case, text)) = pick(data, TYPES.len()) else { return };
    if let Ok(text) = std::str::from_utf8(text) {
        TYPES[case](text);
    }
});

fn fixed<T>(text: &str, parse: impl Fn(&str) -> Option<T>, write: impl Fn(&T) -> String) {
    let Some(value) = parse(text) else { return };
    let written = write(&value);
    let Some(again) = parse(&written) else { panic!("{text:?} is written {written:?}") };
    assert_eq!(write(&again), written, "{text:?}");
}

/// Begins every secret; the fuzzer cannot have a message that holds it by chance.
const PLANTED: &str = "planted-secret-";

fn token(text: &str) {
    if let Err(error) = nsso_client::Token::new(format!("{PLANTED}{text}")) {
        assert!(!format!("{error} {error:?}").contains(PLANTED), "{error:?}");
    }
}

fn payer(text: &str) {
    let mut parts = text.splitn(3, '\n');
    let mut part = || parts.next().unwrap_or_default();
    if Payer::new(part(), part(), part()).is_ok() {
        assert!(!text.contains(|c: char| c.is_ascii_alphanumeric()));
    }
}

fn link(text: &str) {
    fixed(text, |text| text.parse::<FileLink>().ok(), FileLink::to_uri);
    let Ok(link) = FileLink::new(1, 2, text) else { return };
    assert_eq!(link.mnemonic(), text);
    // Around the name white space is left out, where a link is read.
    if text.trim() == text {
        assert_eq!(link.to_uri().parse::<FileLink>().ok(), Some(link));
    }
}

fn meta(text: &str) {
    let mut parts = text.split('\n');
    let mut part = || parts.next().unwrap_or_default();
    let Ok(meta) = Meta::new(part(), part(), part()) else { return };
    let again = Meta::new(meta.region(), meta.service_code(), meta.target_code());
    assert_eq!(again.ok(), Some(meta));
}

/// An archive to be named.
static ARCHIVE: LazyLock<Archive> = LazyLock::new(|| {
    let mut builder = ArchiveBuilder::new();
    builder.add("req.xml", &b"<request/>"[..]).expect("a good name");
    builder.build_bytes(1 << 20).expect("a small archive")
});

fn name_stem(text: &str) {
    let Ok(archive) = ARCHIVE.clone().with_name_stem(text) else { return };
    assert_eq!(archive.name_stem(), text);
    assert!(!text.contains(['/', '\\', '"']) && !text.contains(|c: char| c.is_control()));
}

fn path_parameter(text: &str) {
    let request = Request::new("test", Method::GET, "a/{name}/b");
    let Ok(request) = request.path_parameter("name", text) else { return };
    let parts: Vec<&str> = request.path().split('/').collect();
    let [_, name, _] = parts[..] else { panic!("another path: {}", request.path()) };
    assert_eq!(percent_decode_str(name).decode_utf8().ok().as_deref(), Some(text));
    assert!(request.path().is_ascii() && !request.path().contains(['?', '#', ' ']));
}

fn query(text: &str) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let request = Request::new("test", Method::GET, "a").query("first", "1").query(name, value);
    let pairs: Vec<_> = request.query_pairs().collect();
    assert_eq!(pairs[1..], [(name.into(), value.into())]);
    assert!(request.query_string().is_ascii() && !request.query_string().contains(['#', ' ']));
}

fn credential(text: &str) {
    let (user, password) = text.split_once('\n').unwrap_or(("user", text));
    let secret = format!("{PLANTED}{password}");
    let name = HeaderName::from_static("x-key");
    let made = [
        Credential::bearer(secret.as_str().into()),
        Credential::header_key(name, secret.as_str().into()),
        Credential::basic(user, secret.as_str().into()),
    ];
    assert!(!format!("{made:?}").contains(PLANTED));
    let mut headers = HeaderMap::new();
    headers.extend(secret.parse().ok().map(|value| (HeaderName::from_static("x-key"), value)));
    assert!(!format!("{:?}", ruapi_core::redact::Headers(&headers)).contains(PLANTED));
}

fn number(text: &str) {
    let Ok(number) = text.parse::<f64>() else { return };
    let Some(decimal) = ruapi_core::wire::decimal(number) else { return };
    // As near as a JSON number promises.
    let back: f64 = decimal.to_string().parse().expect("a decimal is a number");
    assert!((back - number).abs() <= number.abs() * 1e-14 + 1e-27, "{number:e} became {decimal}");
}

fn identifier(text: &str) {
    let id: cherehapa_types::Id<kind::Policy> = text.into();
    assert_eq!(id.to_string(), text);
    assert_eq!(ruapi_core::Id::<kind::Policy>::from(text).as_str(), text);
}

fn base_url(text: &str) {
    let token = nsso_client::Token::new("0".repeat(32)).expect("a token");
    let transport = std::sync::Arc::new(ruapi_core::test_util::Replay::default());
    let options = nsso_client::Options::new().transport(transport);
    let builder = nsso_client::Client::builder(token).base_url(text).options(options);
    let Ok(_) = builder.build() else { return };
    // Else it would go out in the clear, or show in a log. A URL may begin with white space, and its
    // scheme may be written anyhow.
    let url: String = text.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let url = url.trim_start_matches(|c: char| c <= ' ').to_ascii_lowercase();
    assert!(url.starts_with("https:") || url.starts_with("http:"), "{text:?}");
    assert!(!url.contains(['?', '#']), "{text:?}");
}
