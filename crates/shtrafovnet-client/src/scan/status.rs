use std::sync::atomic::Ordering;

use http::{Method, StatusCode};
use ruapi_core::{Error, Idempotency, Request, Response};

use super::{Scan, ScanId};
use crate::call::Operation;
use crate::client::Client;

const OPERATION: &str = "POST /scan/:id";

/// `POST /scan/:id` (Статус проверки).
///
/// The document titles it POST, the service's own client uses GET: where the server does not allow POST
/// (405), the client goes on with GET and remembers it.
#[derive(Debug, Clone)]
pub struct ScanStatusCall {
    id: ScanId,
}

impl ScanStatusCall {
    pub(crate) fn new(id: &ScanId) -> Self {
        Self { id: id.clone() }
    }

    fn by(&self, method: Method) -> Result<Request, Error> {
        // It only asks, whatever the method.
        Request::new(OPERATION, method, "scan/{id}")
            .idempotency(Idempotency::Idempotent)
            .path_parameter("id", self.id.as_str())
    }
}

impl Operation for ScanStatusCall {
    type Answer = Scan;

    fn request(&self) -> Result<Request, Error> {
        self.by(Method::POST)
    }

    async fn send(self, client: Client) -> Result<Response<Scan>, Error> {
        let by_get = client.scan_status_by_get();
        if !by_get.load(Ordering::Relaxed) {
            let request = self.request()?;
            match client.send(&request, Self::ACCESS).await {
                Err(error) if error.status() == Some(StatusCode::METHOD_NOT_ALLOWED) => {
                    by_get.store(true, Ordering::Relaxed);
                }
                answer => return answer?.decode(&request),
            }
        }
        let request = self.by(Method::GET)?;
        let result = client.send(&request, Self::ACCESS).await;
        if let Err(error) = &result {
            if error.status() == Some(StatusCode::METHOD_NOT_ALLOWED) {
                // Another server now, perhaps: the next question begins with the document's method.
                by_get.store(false, Ordering::Relaxed);
            }
        }
        result?.decode(&request)
    }
}
