use std::time::Duration;

use http::Method;
use ruapi_core::{BoxFuture, Error, Extra, Idempotency, Request, Schedule, wire};
use serde::{Deserialize, Serialize};

use super::{Calculation, CalculationRequest};
use crate::RequestId;
use crate::call::{Call, Operation};
use crate::wire::Date;

const OPERATION: &str = "POST osago/calculate";

/// How a calculation's end is waited for: a question at most once a second, for at most 3 minutes.
pub const CALCULATION_SCHEDULE: Schedule = Schedule {
    first: Duration::from_secs(1),
    interval: Duration::from_secs(1),
    deadline: Duration::from_secs(180),
};

/// `POST osago/calculate`: starts a calculation. Not repeated by itself once it may have been
/// processed: whatever became of it, it can be asked for by its `request_id`.
#[derive(Debug, Clone)]
pub struct Calculate {
    body: CalculationRequest,
    idempotency: Idempotency,
}

impl Calculate {
    pub(crate) fn new(body: CalculationRequest) -> Self {
        Self { body, idempotency: Idempotency::NotIdempotent }
    }
}

impl Operation for Calculate {
    type Answer = CalculationStarted;

    fn request(&self) -> Result<Request, Error> {
        self.body.problems().refuse(OPERATION)?;
        Request::new(OPERATION, Method::POST, "osago/calculate")
            .idempotency(self.idempotency)
            .json(&self.body)
    }
}

impl Call<Calculate> {
    /// This partner takes a second request with the same `request_id` for the first: it may be
    /// repeated. The document does not promise it.
    pub fn idempotent(mut self) -> Self {
        self.operation.idempotency = Idempotency::Idempotent;
        self
    }

    /// Starts the calculation and waits for its end: see [`CALCULATION_SCHEDULE`].
    pub fn wait(self) -> CalculationWait {
        CalculationWait { call: self, schedule: CALCULATION_SCHEDULE }
    }
}

/// A calculation that has been started: the answer of `POST osago/calculate`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CalculationStarted {
    /// `request_id`: the request. Empty if the answer does not repeat it.
    #[serde(
        default,
        deserialize_with = "crate::wire::id_or_empty",
        skip_serializing_if = "crate::wire::is_empty"
    )]
    pub request_id: RequestId,
    /// `calculation_date`: when it was started.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub calculation_date: Option<Date>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CalculationStarted {
    /// The request's calculation.
    pub fn new(request_id: impl Into<RequestId>) -> Self {
        Self { request_id: request_id.into(), ..Self::default() }
    }
}

/// A calculation that is started and waited for, once it is awaited. No offers and a failure are results,
/// not errors.
///
/// After an error the calculation may go on: [`Client::calculation`](crate::Client::calculation)
/// with the same `request_id` finds it.
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CalculationWait {
    call: Call<Calculate>,
    schedule: Schedule,
}

impl CalculationWait {
    /// Another schedule than [`CALCULATION_SCHEDULE`].
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }
}

impl IntoFuture for CalculationWait {
    type Output = Result<Calculation, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let client = self.call.client.clone();
            // The id that was sent, not the one that came back: the caller goes on with it.
            let request_id = self.call.operation.body.request_id.clone();
            self.call.await?;
            super::wait(&client, &request_id).schedule(self.schedule).await
        })
    }
}
