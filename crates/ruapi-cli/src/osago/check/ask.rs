//! Requests as they are, and answers as they came.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, header};
use osago_offer::{Clock, Credential, Error, Kind, Options, Request, RetryPolicy};
use ruapi_core::{Api, Pipeline, RawResponse};
use serde_json::Value;

use super::rule::Operation;

/// The partner, asked with the credential that was agreed on, or another.
pub(super) struct Partner {
    agreed: Pipeline,
    /// `None`: the partner wants no credential.
    stranger: Option<Pipeline>,
    nobody: Pipeline,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Whoever may.
    Agreed,
    /// Somebody with a wrong credential.
    Stranger,
    /// Somebody without one.
    Nobody,
}

/// What came: an answer, or none.
pub(super) type Came = Result<Answer, Error>;

/// An answer as it came.
pub(super) struct Answer(RawResponse);

impl Partner {
    pub(super) fn new(
        base_url: &str,
        agreed: Credential,
        stranger: Option<Credential>,
        options: Options,
    ) -> Result<Self, Error> {
        let api = Api {
            user_agent: concat!("ruapi/", env!("CARGO_PKG_VERSION")),
            timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(60),
            // What is not answered is not answered.
            retry: RetryPolicy::never(),
            max_body: 32 << 20,
            // Every answer is a result here, refusals as well.
            classify: |_| Ok(()),
        };
        let agreed = Pipeline::new(api, base_url, agreed, options)?;
        Ok(Self {
            stranger: stranger.map(|credential| agreed.with_credential(credential)),
            nobody: agreed.with_credential(Credential::none()),
            agreed,
        })
    }

    pub(super) fn wants_credential(&self) -> bool {
        self.stranger.is_some()
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        self.agreed.clock().clone()
    }

    /// Sends it once.
    pub(super) async fn ask(&self, who: Who, request: &Request) -> Came {
        let pipeline = match who {
            Who::Agreed => &self.agreed,
            Who::Stranger => self.stranger.as_ref().unwrap_or(&self.nobody),
            Who::Nobody => &self.nobody,
        };
        pipeline.send(request).await.map(Answer)
    }
}

/// The operation with this query.
pub(super) fn question(operation: &'static Operation, query: &[(&str, &str)]) -> Request {
    let request = Request::new(operation.name, operation.method.clone(), operation.path);
    query.iter().fold(request, |request, (name, value)| request.query(name, value))
}

/// The operation with this body, which is said to be JSON.
pub(super) fn order(operation: &'static Operation, body: impl Into<Vec<u8>>) -> Request {
    let json = HeaderValue::from_static("application/json");
    question(operation, &[]).raw_body(json, body.into().into())
}

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub(super) fn is_success(&self) -> bool {
        self.0.status().is_success()
    }

    /// The content type without its parameters, in small letters; empty if there is none.
    pub(super) fn media(&self) -> String {
        let value = self.0.headers().get(header::CONTENT_TYPE);
        let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as JSON, or what it is instead.
    pub(super) fn json(&self) -> Result<Value, &'static str> {
        if self.0.body().is_empty() {
            return Err("an empty body");
        }
        let text = std::str::from_utf8(self.0.body()).map_err(|_| "a body that is not UTF-8")?;
        serde_json::from_str(text).map_err(|_| "a body that is not JSON")
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(self.0.body()).into_owned()
    }
}

/// What came, in words.
pub(super) fn status_of(came: &Came) -> String {
    match came {
        Ok(answer) => format!("HTTP {}", answer.status()),
        Err(error) => format!("no answer: {}", no_answer(error)),
    }
}

fn no_answer(error: &Error) -> &'static str {
    match error.kind() {
        Kind::Connect => "the connection could not be made",
        Kind::Timeout => "it took too long",
        Kind::TooLarge => "it is larger than 32 MiB",
        _ => "the connection broke",
    }
}
