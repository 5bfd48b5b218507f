//! Planted secrets and people must not be found in anything that is shown.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use ruapi_core::test_util::{Captured, ManualClock, Planted, everything_shown};
use ruapi_core::transport::{HttpRequest, HttpResponse, Phase, Transport, TransportError};
use secrecy::SecretString;
use serde_json::{Value, json};
use shtrafovnet_client::{
    BoxFuture, Call, CarId, Client, Email, FileStore, FineId, Login, Operation, Options, Payer,
    RetryPolicy,
};
use tracing_subscriber::fmt::format::FmtSpan;

const EMAIL: &str = "planted.person@secret.example";
const PASSWORD: &str = "planted-password-71f0";
const TOKEN: &str = "planted.token.5e1f0a9b";
const PLATE: &str = "х777км196";
const CERT: &str = "7788990011";
const SURNAME: &str = "Плантов";
const PHONE: &str = "79997776655";
const UIN: &str = "18810000000077778888";
const FCM: &str = "planted-fcm-token";
const URL: &str = "https://planted.example/?secret=5e1f0a";

fn planted() -> Vec<(&'static str, Planted)> {
    [
        ("e-mail", EMAIL),
        ("password", PASSWORD),
        ("token", TOKEN),
        ("plate", PLATE),
        ("certificate", CERT),
        ("surname", SURNAME),
        ("phone", PHONE),
        ("decision", UIN),
        ("FCM token", FCM),
        ("URL", URL),
    ]
    .map(|(name, value)| (name, Planted::new(value)))
    .into()
}

/// One way in which a call may end.
#[derive(Clone, Copy, Debug)]
enum End {
    Good,
    /// By the service, with this status.
    Refused(u16),
    Html,
    Malformed,
    Interrupted,
    /// Already the login is refused.
    Login(u16),
}

const ENDS: [End; 11] = [
    End::Good,
    End::Refused(400),
    End::Refused(401),
    End::Refused(403),
    End::Refused(404),
    End::Refused(500),
    End::Html,
    End::Malformed,
    End::Interrupted,
    End::Login(401),
    End::Login(500),
];

/// A service that repeats in its words whatever it was sent.
#[derive(Debug)]
struct Echo(End);

impl Transport for Echo {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move { self.answer(&request) })
    }
}

impl Echo {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let is_login = request.url.ends_with("/tokens") && !matches!(self.0, End::Login(_));
        let url = percent_encoding::percent_decode_str(&request.url).decode_utf8_lossy();
        let credential = request.headers.get("authorization");
        let credential = credential.map(|value| value.to_str().unwrap()).unwrap_or_default();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let words = format!("{url} {} {credential} {body}", request.url);
        let refused = json!({"title": words, "type": words, "errors": {"email": [words, body]}});
        let mut good = json!({
            "id": 7, "token": TOKEN, "message": "sent", "email": EMAIL, "user": EMAIL, "phone": PHONE,
            "last_name": SURNAME, "username": SURNAME, "fcm_token": FCM, "reg": PLATE, "cert": CERT,
            "driverLicense": CERT, "postNumber": UIN, "docNumber": CERT, "docViolator": SURNAME,
            "carReg": PLATE, "carCert": CERT, "pics": {"url": format!("https://x/{UIN}.jpg")},
            "paymentOrderUrl": format!("https://x/?uin={UIN}"), "payUrl": format!("https://x/{UIN}"),
            "wireSurname": SURNAME, "orders": [{"uin": UIN}], "new": {"plate": PLATE},
            "users": [{"id": 7, "email": EMAIL}], "cars": [{"id": 7, "reg": PLATE, "user": EMAIL}],
            "fines": [{"id": 7, "postNumber": UIN, "pics": [format!("https://x/{UIN}.jpg")]}],
            "invoices": [{"id": 7, "user": EMAIL, "payUrl": format!("https://x/{UIN}")}],
            "_links": format!("https://api.shtrafovnet.ru/users/{EMAIL}/fines?uins={UIN}&page=1"),
        });
        if request.url.ends_with("/company") {
            // A sole trader's company has a person's name.
            for name in ["display_name", "name", "short_name"] {
                good[name] = SURNAME.into();
            }
        }
        let (status, body) = match self.0 {
            _ if is_login => (201, json!({"token": TOKEN}).to_string()),
            End::Good => (200, good.to_string()),
            End::Refused(status) | End::Login(status) => (status, refused.to_string()),
            End::Html => (200, format!("<html>{words}</html>")),
            End::Malformed => (200, json!({"id": [words], "message": [1], "token": 1}).to_string()),
            End::Interrupted => return Err(TransportError::new(Phase::Interrupted, None)),
        };
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", HeaderValue::from_static(TOKEN));
        let status = StatusCode::from_u16(status).unwrap();
        Ok(HttpResponse::new(status, headers, Bytes::from(body).into()))
    }
}

fn client(end: End) -> Client {
    let options = Options::new()
        .transport(Arc::new(Echo(end)))
        .clock(Arc::new(ManualClock::auto()))
        .retry(RetryPolicy::default().attempts(2));
    Client::builder(Login::new(EMAIL, PASSWORD.to_owned()))
        .base_url("http://127.0.0.1/")
        .token_store(FileStore::new("/nonexistent/folder/token.json"))
        .options(options)
        .build()
        .unwrap()
}

/// All that a call shows, before it is sent and after.
async fn shown<O: Operation>(call: Call<O>) -> String
where
    O::Answer: std::fmt::Debug,
{
    let mut text = format!("{call:?} {:?}", call.request());
    match call.await {
        Ok(answer) => text += &format!("{answer:?} {answer:#?}"),
        Err(error) => text += &everything_shown(&error),
    }
    text
}

#[tokio::test]
async fn nothing_planted_is_shown_anywhere() {
    let captured = Captured::default();
    let writer = captured.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();
    let email: Email = EMAIL.parse().unwrap();
    let secret = || SecretString::from(PASSWORD);
    let payer = || Payer::new(SURNAME, SURNAME, SURNAME).unwrap();
    let (car, fine) = (CarId::from(7), FineId::from(7));
    let mut texts: Vec<(String, String)> = Vec::new();
    for end in ENDS {
        // Each call has a client of its own, so that each logs in.
        let c = || client(end);
        let shown = [
            ("account", shown(c().account()).await),
            (
                "update_account",
                shown(c().update_account().password(secret()).last_name(SURNAME).phone(PHONE))
                    .await,
            ),
            ("users", shown(c().users()).await),
            ("user", shown(c().user(&email)).await),
            ("create_user", shown(c().create_user(&email).fcm_token(FCM).phone(PHONE)).await),
            ("update_user", shown(c().update_user(&email).username(SURNAME)).await),
            ("delete_user", shown(c().delete_user(&email)).await),
            ("user_cars", shown(c().user_cars(&email)).await),
            ("user_fines", shown(c().user_fines(&email).uins([UIN]).uin_search(UIN)).await),
            ("user_invoices", shown(c().user_invoices(&email)).await),
            ("car", shown(c().car(&car)).await),
            ("create_car", shown(c().create_car(CERT, PLATE).owner(&email)).await),
            ("update_car", shown(c().update_car(&car).owner(&email)).await),
            ("delete_car", shown(c().delete_car(&car)).await),
            ("car_fines", shown(c().car_fines(&car).uins([UIN])).await),
            ("company", shown(c().company()).await),
            (
                "update_company",
                shown(
                    c().update_company()
                        .display_name(SURNAME)
                        .fcm_token(FCM)
                        .callback_url(URL)
                        .url(URL),
                )
                .await,
            ),
            ("fine", shown(c().fine(&fine)).await),
            ("scan", shown(c().scan(&car)).await),
            ("scan_status", shown(c().scan_status(&7.into())).await),
            ("invoices", shown(c().invoices().users([email.clone()])).await),
            ("invoice", shown(c().invoice(&7.into())).await),
            ("create_invoice", shown(c().create_invoice(&email, payer(), URL, URL)).await),
            ("test_notification", shown(c().test_notification("postback".into(), &fine)).await),
            ("create_token", shown(c().create_token()).await),
            ("reset_password", shown(c().reset_password(&email)).await),
            (
                "register_account",
                shown(c().register_account(&email, secret(), SURNAME, "http://a.ru")).await,
            ),
        ];
        texts.extend(shown.map(|(name, text)| (format!("{name} after {end:?}"), text)));
        texts.push((format!("the client after {end:?}"), format!("{:?}", c())));
    }
    let login = Login::new(EMAIL, PASSWORD.to_owned());
    let builder = Client::builder(login.clone());
    texts.push((
        "the builder".to_owned(),
        format!("{login:?} {builder:?} {:?} {:?}", payer(), email),
    ));
    for bad in ["planted person@secret.example", "planted/../person@secret.example"] {
        texts.push(("an e-mail".to_owned(), everything_shown(&bad.parse::<Email>().unwrap_err())));
    }
    texts.push(("the log".to_owned(), captured.text()));
    assert_eq!(texts.len(), ENDS.len() * 28 + 4);
    assert!(texts.last().unwrap().1.contains("http.client"), "the log was captured");
    for (place, text) in &texts {
        for (name, planted) in planted() {
            planted.assert_absent(&format!("{place} ({name})"), text);
        }
        assert!(!text.contains("planted person") && !text.contains("planted/../"), "{place}");
    }
}
