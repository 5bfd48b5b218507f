//! The client of one command, and what its errors mean.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use epgu_gusmev::{
    Call, Client, Credential, Environment, Error, Incident, Operation, OrderId, Request, Response,
};
use ruapi_sandbox::Epgu;
use serde::Serialize;

use super::access::{Access, TOKEN_VARIABLE};
use super::text::Describe;
use crate::exit::{self, Failure};
use crate::files;
use crate::global::{Format, Global, Server};
use crate::{interrupt, output};

/// What the options say.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) global: &'a Global,
    pub(super) access: &'a Access,
}

/// What a command is authorized by.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Need {
    Nothing,
    Token,
}

/// A client, and the server it talks to, which must live as long.
pub(super) struct Session<'a> {
    pub(super) client: Client,
    pub(super) format: Format,
    /// Tells servers apart in files that are kept.
    pub(super) base_url: String,
    access: &'a Access,
    server: Server,
}

impl<'a> Context<'a> {
    pub(super) async fn connect(self, need: Need) -> Result<Session<'a>, Failure> {
        let Self { global, access } = self;
        let server = global.server().await?;
        let (environment, token) = match &server {
            Server::Sandbox(sandbox) => {
                (Environment::Custom(sandbox.epgu_url()), Some(Epgu::TOKEN.to_owned()))
            }
            Server::Real { base_url, .. } => {
                let environment = base_url.clone().map(Environment::Custom);
                let environment = environment.unwrap_or_else(|| access.environment());
                let token = match need {
                    Need::Nothing => None,
                    Need::Token => Some(global.token(TOKEN_VARIABLE)?),
                };
                (environment, token)
            }
        };
        let credential = match token.filter(|_| need == Need::Token) {
            None => Credential::none(),
            Some(token) if token.is_empty() => {
                return Err(Failure::credential("the file of --token-file is empty"));
            }
            Some(token) => Credential::bearer(token.into()).map_err(failed)?,
        };
        // The sandbox's address changes from run to run.
        let base_url = match &server {
            Server::Sandbox(_) => "sandbox".to_owned(),
            Server::Real { .. } => environment.base_url().to_owned(),
        };
        let client = Client::builder(environment, credential)
            .edition(access.edition())
            .options(global.client_options())
            .build()
            .map_err(failed)?;
        Ok(Session { client, format: global.format, base_url, access, server })
    }
}

impl Session<'_> {
    /// A command as one would type it for the same server.
    pub(super) fn command(&self, words: impl Display) -> String {
        self.server.command(format_args!("epgu {words}{}", self.access.words()))
    }

    /// Makes a call; of one that fails a report is kept, if that is wanted.
    pub(super) async fn ask<O: Operation>(
        &self,
        call: Call<O>,
        order: Option<OrderId>,
    ) -> Result<Response<O::Answer>, Failure> {
        let request = call.request().map_err(failed)?;
        let sent_at = Utc::now();
        match call.await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.failed(&request, &error, sent_at, order)),
        }
    }

    /// The failure of a call, after its report was kept.
    pub(super) fn failed(
        &self,
        request: &Request,
        error: &Error,
        sent_at: DateTime<Utc>,
        order: Option<OrderId>,
    ) -> Failure {
        let incident = Incident::new(&self.client, request, error, sent_at);
        self.keep_report(error, &order.into_iter().fold(incident, Incident::order));
        Failure::of(error, advice(error.operation()))
    }

    /// The same for one of many calls, which nobody here made.
    pub(super) fn failed_walk(
        &self,
        error: &Error,
        sent_at: DateTime<Utc>,
        order: Option<OrderId>,
    ) -> Failure {
        // A report does not tell what was asked for.
        let any = order.map_or_else(|| OrderId::new(1), Ok);
        let requests = any.and_then(|any| {
            let client = &self.client;
            let statuses = client.statuses([any]).request()?;
            Ok([statuses, client.updated_after(sent_at).request()?, client.order(any).request()?])
        });
        let made = requests.iter().flatten().find(|it| it.operation() == error.operation());
        match made {
            Some(request) => self.failed(request, error, sent_at, order),
            None => Failure::of(error, advice(error.operation())),
        }
    }

    /// Keeps the report of an error, if that is wanted.
    pub(super) fn keep_report(&self, error: &Error, incident: &Incident) {
        // Of what was refused here the service knows nothing.
        let Some(path) = self.access.incident.as_ref().filter(|_| error.attempts() > 0) else {
            return;
        };
        let text = format!("{}\n", output::to_json(incident));
        let told = match files::replace(path, text.as_bytes()) {
            Ok(()) => {
                "the report of the incident is kept: `ruapi epgu incident` prints it".to_owned()
            }
            Err(error) => format!("warning: the report of the incident was not kept: {error}"),
        };
        output::notice(self.format, &told);
    }

    /// Shows an answer.
    pub(super) fn show<T: Serialize + Describe>(&self, answer: &T) -> Result<u8, Failure> {
        let text = match self.format {
            Format::Human => answer.text(),
            Format::Json => output::to_json(answer),
        };
        output::line(&text).map(|()| exit::OK)
    }

    /// Makes a call that is not to be made twice, and does not wait for its answer when asked to stop.
    pub(super) async fn ask_once<O: Operation>(
        &self,
        call: Call<O>,
        order: Option<OrderId>,
        advice: &str,
    ) -> Result<Response<O::Answer>, Failure> {
        let asking = async {
            self.ask(call, order).await.map_err(|failure| failure.with_advice_in_doubt(advice))
        };
        interrupt::or_stopped(asking, advice).await
    }

    /// Shows what was filed, made or cancelled and should not be done twice.
    pub(super) fn show_done<T: Serialize + Describe>(&self, answer: &T) -> Result<u8, Failure> {
        self.show(answer).map_err(|failure| {
            failure.or_maybe_processed().with_advice(
                "the service has done what it was asked to; only its answer could not be shown",
            )
        })
    }
}

/// A call's error.
#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn failed(error: Error) -> Failure {
    Failure::of(&error, advice(error.operation()))
}

/// After an order that may have been made.
pub(super) const MADE: &str = "an order may have been made under a number that is not known; nothing was \
                               filed with it, and another one does no harm";

/// What to do after a call that may have been processed. Whatever only reads can just be repeated.
fn advice(operation: &str) -> Option<&'static str> {
    (operation == "POST /order").then_some(MADE)
}
