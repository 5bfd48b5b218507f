//! What a report of an incident must hold: appendix 2.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, FixedOffset, Utc};
use ruapi_core::{Error, Request, redact};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::create;
use crate::dictionary;
use crate::edition::Environment;
use crate::order_id::OrderId;
use crate::upload::{self, SubmitFailed, UploadFailed};

/// Where reports are sent.
pub const ADDRESS: &str = "sd@sc.digital.gov.ru";

/// A report of an incident (Приложение 2), from a failed call: as text for a letter, or as data, which can
/// be kept as JSON and completed later.
///
/// Credentials are never in it. Of the request it holds the method, the host, the path without its
/// parameters, the names of the operation's own headers and of the credential's, and the values of those that
/// tell nothing about anybody; not the headers that every request has (`host`, `content-length`, `accept`,
/// `user-agent`), no query, no body, unless you add them by [`parameters`](Self::parameters), for production
/// made anonymous.
///
/// ```no_run
/// # async fn example(client: epgu_gusmev::Client, meta: epgu_gusmev::Meta)
/// # -> Result<(), epgu_gusmev::Error> {
/// use epgu_gusmev::Incident;
///
/// let call = client.create_order(&meta);
/// let request = call.request()?;
/// if let Err(error) = call.await {
///     let incident = Incident::new(&client, &request, &error, chrono::Utc::now())
///         .system("AAA1", "client-id-of-the-token")
///         .description("No order number for the third time today.");
///     println!("{}\n\n{incident}", incident.subject());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    mnemonic: Option<String>,
    client_id: Option<String>,
    recipient: Option<String>,
    environment: Cow<'static, str>,
    sent_at: DateTime<FixedOffset>,
    token_obtained_at: Option<DateTime<FixedOffset>>,
    method: String,
    host: String,
    path: Cow<'static, str>,
    headers: Vec<(String, String)>,
    parameters: Option<String>,
    body_bytes: usize,
    /// The request had parameters or a body, which are not told.
    withheld: bool,
    order: Option<OrderId>,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    operation: Cow<'static, str>,
    description: Option<String>,
    analysis: Option<String>,
}

impl fmt::Debug for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incident")
            .field("operation", &self.operation)
            .field("sent_at", &self.sent_at)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Moscow time, in which the service's staff reads.
fn in_moscow(moment: DateTime<Utc>) -> DateTime<FixedOffset> {
    let moscow = FixedOffset::east_opt(3 * 3600).expect("three hours are a valid offset");
    moment.with_timezone(&moscow)
}

impl Incident {
    /// The report of a call that failed; `sent_at` is when it was sent.
    pub fn new(client: &Client, request: &Request, error: &Error, sent_at: DateTime<Utc>) -> Self {
        let shown = |value: &http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let mut headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .map(|(name, value)| {
                let harmless = redact::is_harmless_header(name);
                (name.to_string(), if harmless { shown(value) } else { redact::MASK.to_owned() })
            })
            .collect();
        if !dictionary::is_one(request) {
            headers.push(("authorization".to_owned(), format!("Bearer {}", redact::MASK)));
        }
        let environment = client.environment();
        let url = environment.base_url();
        let place = url.split_once("://").map_or(url, |(_, place)| place);
        let (host, prefix) = place.split_once('/').unwrap_or((place, ""));
        // Of an agent of SMEV4, for instance.
        let path = [prefix.trim_matches('/'), request.template()].join("/");
        Self {
            mnemonic: None,
            client_id: None,
            recipient: None,
            environment: Cow::Borrowed(match environment {
                Environment::Test | Environment::TestGost => "SVCDEV",
                Environment::Production | Environment::ProductionGost => "PROD",
                Environment::Custom(_) => "-",
            }),
            sent_at: in_moscow(sent_at),
            token_obtained_at: None,
            method: request.method().to_string(),
            host: host.to_owned(),
            path: path.trim_start_matches('/').to_owned().into(),
            headers,
            parameters: None,
            body_bytes: request.body().len(),
            withheld: !request.query_string().is_empty() || !request.body().is_empty(),
            order: None,
            status: error.status().map(|status| status.as_u16()),
            code: error.code().map(str::to_owned),
            message: error.message().map(str::to_owned),
            operation: request.operation().into(),
            description: None,
            analysis: None,
        }
    }

    /// The report of an upload that failed, with the application's number; `began` stands for when the
    /// failed chunk was sent, if none was.
    pub fn of_upload(client: &Client, failed: &UploadFailed, began: DateTime<Utc>) -> Self {
        let sent_at = failed.sent_at.map_or(began, DateTime::from);
        let report = Self::of_head(client, &upload::chunk_head(), &failed.error, sent_at);
        report.order(failed.state.order())
    }

    /// The report of a filing that failed.
    pub fn of_submit(client: &Client, failed: &SubmitFailed, sent_at: DateTime<Utc>) -> Self {
        match failed {
            SubmitFailed::Create(error) => Self::of_head(client, &create::head(), error, sent_at),
            SubmitFailed::Push(error) => {
                Self::of_head(client, &upload::push_head(), error, sent_at)
            }
            SubmitFailed::Upload(failed) => Self::of_upload(client, failed, sent_at),
        }
    }

    /// Of a request whose body is not at hand.
    fn of_head(client: &Client, head: &Request, error: &Error, sent_at: DateTime<Utc>) -> Self {
        Self { withheld: true, ..Self::new(client, head, error, sent_at) }
    }

    /// Which environment an [`Environment::Custom`] leads to: production (`PROD`), or the test one (`SVCDEV`).
    #[must_use]
    pub fn production(mut self, yes: bool) -> Self {
        self.environment = Cow::Borrowed(if yes { "PROD" } else { "SVCDEV" });
        self
    }

    /// The system's mnemonic and its identifier at ESIA (`client_id` in the token).
    #[must_use]
    pub fn system(mut self, mnemonic: impl Into<String>, client_id: impl Into<String>) -> Self {
        self.mnemonic = Some(mnemonic.into());
        self.client_id = Some(client_id.into());
        self
    }

    /// Who the application was for: an organisation's name and `org_oid`, or a person's identifier at ESIA
    /// and name. Personal data.
    #[must_use]
    pub fn recipient(mut self, recipient: impl Into<String>) -> Self {
        self.recipient = Some(recipient.into());
        self
    }

    /// When the token was obtained.
    #[must_use]
    pub fn token_obtained_at(mut self, moment: DateTime<Utc>) -> Self {
        self.token_obtained_at = Some(in_moscow(moment));
        self
    }

    /// The request's parameters or body, made anonymous for production.
    #[must_use]
    pub fn parameters(mut self, parameters: impl Into<String>) -> Self {
        self.parameters = Some(parameters.into());
        self
    }

    /// The application's number, if there was one.
    #[must_use]
    pub fn order(mut self, order: OrderId) -> Self {
        self.order = Some(order);
        self
    }

    /// What happened.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// What you found out yourselves, and what you checked by the document's advice.
    #[must_use]
    pub fn analysis(mut self, text: impl Into<String>) -> Self {
        self.analysis = Some(text.into());
        self
    }

    /// The letter's subject: the system, the hash tag, the error in short.
    pub fn subject(&self) -> String {
        let mnemonic = self.mnemonic.as_deref().unwrap_or("-");
        let error = match self.status {
            Some(status) => format!("Ошибка {status}"),
            None => "Нет ответа".to_owned(),
        };
        format!("{mnemonic} #API-ЕПГУ #{error} при вызове {}", self.operation)
    }
}

/// The letter's text, in the order of the appendix.
impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let moment =
            |moment: &DateTime<FixedOffset>| moment.format("%d.%m.%Y %H:%M:%S").to_string();
        let token = self.token_obtained_at.as_ref().map_or("-".to_owned(), moment);
        writeln!(f, "1. ИС: {}, client_id: {}", or_none(&self.mnemonic), or_none(&self.client_id))?;
        writeln!(f, "2. Получатель услуги: {}", or_none(&self.recipient))?;
        writeln!(f, "3. Среда ЕПГУ: {}", self.environment)?;
        writeln!(f, "4. Дата и время запроса (МСК): {}", moment(&self.sent_at))?;
        writeln!(f, "   Дата и время получения токена доступа (МСК): {token}")?;
        writeln!(f, "5. Запрос")?;
        writeln!(f, "   a. Метод: {}", self.method)?;
        writeln!(f, "   b. Host: {}", self.host)?;
        writeln!(f, "   c. URL: /{}", self.path)?;
        writeln!(f, "   d. Заголовки:")?;
        for (name, value) in &self.headers {
            writeln!(f, "      {name}: {value}")?;
        }
        let parameters = match (&self.parameters, self.body_bytes) {
            (Some(parameters), _) => parameters.clone(),
            (None, _) if !self.withheld => "отсутствуют".to_owned(),
            (None, 0) => "не приводятся".to_owned(),
            (None, bytes) => format!("не приводятся ({bytes} байт)"),
        };
        writeln!(f, "   e. Параметры и тело: {parameters}")?;
        writeln!(f, "   f. Дата и время отправки (МСК): {}", moment(&self.sent_at))?;
        let order = self.order.map_or("-".to_owned(), |order| order.to_string());
        writeln!(f, "6. Номер заявления: {order}")?;
        let status =
            self.status.map_or("нет ответа".to_owned(), |status| format!("HTTP {status}"));
        writeln!(f, "7. Описание: {}", or_none(&self.description))?;
        writeln!(
            f,
            "   Ответ: {status}, code: {}, message: {}",
            or_none(&self.code),
            or_none(&self.message)
        )?;
        write!(f, "8. Результаты анализа: {}", or_none(&self.analysis))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use ruapi_core::Credential;

    use super::*;
    use crate::meta::Meta;
    use crate::upload::UploadState;

    #[test]
    fn a_report_has_the_appendix_points_and_no_secret() {
        let credential = Credential::bearer("planted-token".into()).unwrap();
        let client =
            Client::builder(Environment::Custom("http://127.0.0.1:1/x/".into()), credential);
        let client = client.build().unwrap();
        let meta = Meta::new("36000000000", "planted-service", "-1").unwrap();
        let call = client.create_order(&meta);
        let request = call.request().unwrap();
        let error = Error::new(ruapi_core::Kind::Server, "POST /order", "down")
            .with_words(Some("internal_error".into()), Some("***".into()));
        let at = Utc.with_ymd_and_hms(2025, 8, 26, 9, 0, 1).unwrap();
        let incident = Incident::new(&client, &request, &error, at)
            .system("AAA1", "client")
            .order(OrderId::new(7).unwrap())
            .description("Номер не получен");
        assert_eq!(incident.subject(), "AAA1 #API-ЕПГУ #Нет ответа при вызове POST /order");
        let text = incident.to_string();
        for part in [
            "1. ИС: AAA1, client_id: client",
            "3. Среда ЕПГУ: -",
            "4. Дата и время запроса (МСК): 26.08.2025 12:00:01",
            "a. Метод: POST",
            "b. Host: 127.0.0.1:1",
            "c. URL: /x/api/gusmev/order\n",
            "content-type: application/json",
            "authorization: Bearer ***",
            "6. Номер заявления: 7",
            "7. Описание: Номер не получен",
            "code: internal_error",
            "8. Результаты анализа: -",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let data = serde_json::to_string(&incident).unwrap();
        assert!(incident.clone().production(true).to_string().contains("3. Среда ЕПГУ: PROD"));
        for shown in [text, data, format!("{incident:?}")] {
            assert!(!shown.contains("planted"), "{shown}");
        }
    }

    #[test]
    fn a_dictionary_is_asked_for_without_a_credential() {
        let credential = Credential::bearer("planted-token".into()).unwrap();
        let client = Client::new(Environment::Test, credential).unwrap();
        let request = client.dictionary("BIC").request().unwrap();
        let error = Error::new(ruapi_core::Kind::Server, request.operation(), "down");
        let text = Incident::new(&client, &request, &error, Utc::now()).to_string();
        assert!(text.contains("b. Host: svcdev-beta.test.gosuslugi.ru\n"), "{text}");
        assert!(text.contains("c. URL: /api/nsi/v1/dictionary/{code}\n"), "{text}");
        assert!(!text.contains("authorization"), "{text}");
    }

    #[test]
    fn a_filing_is_reported_by_what_failed_of_it() {
        let credential = Credential::bearer("planted-token".into()).unwrap();
        let url = Environment::Custom("http://127.0.0.1:1/".into());
        let client = Client::builder(url, credential).build().unwrap();
        let error = || Error::new(ruapi_core::Kind::Server, "x", "down");
        let began = Utc.with_ymd_and_hms(2025, 8, 26, 9, 0, 1).unwrap();
        let state: UploadState = serde_json::from_str(
            r#"{"order":7,"length":1,"list_crc":1,"chunk_size":1,"sent":[],"started":null}"#,
        )
        .unwrap();
        let failed = UploadFailed {
            error: error(),
            state,
            maybe_submitted: true,
            window_over: false,
            // Four minutes after the upload began.
            sent_at: Some((began + chrono::TimeDelta::minutes(4)).into()),
        };
        let (json, form) = ("application/json", "multipart/form-data");
        for (failed, url, content_type, order, moment) in [
            (SubmitFailed::Create(error()), "order", json, "-", "12:00:01"),
            (SubmitFailed::Push(error()), "push", form, "-", "12:00:01"),
            (SubmitFailed::Upload(Box::new(failed)), "push/chunked", form, "7", "12:04:01"),
        ] {
            let text = Incident::of_submit(&client, &failed, began).to_string();
            for part in [
                format!("4. Дата и время запроса (МСК): 26.08.2025 {moment}\n"),
                format!("c. URL: /api/gusmev/{url}\n"),
                format!("content-type: {content_type}\n"),
                "e. Параметры и тело: не приводятся\n".to_owned(),
                format!("6. Номер заявления: {order}\n"),
            ] {
                assert!(text.contains(&part), "{part}: {text}");
            }
        }
    }
}
