//! `ruapi osago calculate`, `calculation` and `status`.

use osago_offer::{CALCULATION_SCHEDULE, CalculationRequest, RequestId};

use super::input::{Input, id};
use super::session::{Context, Session, failed};
use super::text::Describe;
use super::wait::Wait;
use crate::exit::Failure;
use crate::global::Format;
use crate::interrupt;
use crate::output::{self, Plain};

#[derive(clap::Args)]
pub(crate) struct Start {
    /// The calculation request, JSON as in `ruapi osago template`, comments allowed; `-` reads standard
    /// input. It is sent as it is, fields that are not known included
    #[arg(value_name = "FILE|-")]
    request: Input,
    #[command(flatten)]
    wait: Wait,
}

#[derive(clap::Args)]
pub(crate) struct Show {
    /// The calculation's identifier (`request_id`), a UUID
    #[arg(value_parser = id::<CalculationRequest>)]
    request_id: RequestId,
    #[command(flatten)]
    wait: Wait,
}

#[derive(clap::Args)]
pub(crate) struct Status {
    /// The calculation's identifier (`request_id`), a UUID
    #[arg(value_parser = id::<CalculationRequest>)]
    request_id: RequestId,
}

impl Start {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let request: CalculationRequest = self.request.read()?;
        let request_id = request.request_id.clone();
        let session = context.connect().await?;
        // The identifier may be nowhere else: a template can be piped in.
        let show = session.command(format_args!("calculation {request_id}"));
        let advice = format!("the calculation may have been started: look with `{}`", Plain(&show));
        let call = session.client.calculate(request);
        let call =
            async { call.await.map_err(|error| failed(error).with_advice_in_doubt(&advice)) };
        let mut started = interrupt::or_stopped(call, &advice).await?.into_inner();
        if started.request_id.as_str().is_empty() {
            started.request_id = request_id.clone();
        }
        if !self.wait.wait {
            return session.show_done(&started).map_err(|failure| failure.with_advice(advice));
        }
        // Whatever happens to the wait, one can go on with the identifier.
        if session.format == Format::Human {
            output::diagnostic(&started.text());
        }
        end(&session, &request_id, &self.wait).await
    }
}

impl Show {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect().await?;
        if self.wait.wait {
            return end(&session, &self.request_id, &self.wait).await;
        }
        session.show(&*session.client.calculation(&self.request_id).await.map_err(failed)?)
    }
}

async fn end(session: &Session, request_id: &RequestId, wait: &Wait) -> Result<u8, Failure> {
    let again = session.command(format_args!("calculation {request_id} --wait"));
    let poller = session.client.calculation(request_id).wait();
    session.show(&wait.follow(poller, CALCULATION_SCHEDULE, &again).await?)
}

impl Status {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect().await?;
        let state = session.client.calculation_status(&self.request_id).await;
        session.show(&*state.map_err(failed)?)
    }
}
