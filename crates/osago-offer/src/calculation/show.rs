use http::Method;
use ruapi_core::{Error, Poller, Request, Response};

use super::{CALCULATION_SCHEDULE, Calculation};
use crate::RequestId;
use crate::call::{Call, Operation};
use crate::client::Client;
use crate::input::Problems;

const OPERATION: &str = "GET osago/calculate";

/// `GET osago/calculate`: a calculation with its offers. May be repeated.
#[derive(Debug, Clone)]
pub struct ShowCalculation {
    pub(crate) request_id: RequestId,
}

/// A question about a request.
pub(super) fn ask(
    operation: &'static str,
    path: &'static str,
    request_id: &RequestId,
) -> Result<Request, Error> {
    let mut problems = Problems::default();
    problems.uuid("request_id", request_id.as_str());
    problems.refuse(operation)?;
    let request = Request::new(operation, Method::GET, path);
    Ok(request.query("request_id", request_id.as_str()).shown(&["request_id"]))
}

impl Operation for ShowCalculation {
    type Answer = Calculation;

    fn request(&self) -> Result<Request, Error> {
        ask(OPERATION, "osago/calculate", &self.request_id)
    }
}

impl Call<ShowCalculation> {
    /// Asks until the calculation is at its end: see [`CALCULATION_SCHEDULE`].
    pub fn wait(self) -> Poller<Calculation> {
        wait(&self.client, &self.operation.request_id)
    }
}

/// Asks until the calculation is at its end.
pub(crate) fn wait(client: &Client, request_id: &RequestId) -> Poller<Calculation> {
    let (client, request_id) = (client.clone(), request_id.clone());
    let is_final = Calculation::is_final;
    Poller::new("calculation", CALCULATION_SCHEDULE, client.clock(), is_final, move || {
        let question = client.calculation(&request_id);
        Box::pin(async move { question.await.map(Response::into_inner) })
    })
}
