use std::time::Duration;

use ruapi_core::{BoxFuture, Error, Poller, Response, Schedule};

use super::{CreateScan, Scan, ScanId};
use crate::call::Call;
use crate::client::Client;

/// How a scan's end is waited for. From the document: 30 seconds first, then a question every 10 to
/// 15 seconds; a scan usually takes 30 to 60 seconds. The deadline is ours: 10 minutes.
pub const SCAN_SCHEDULE: Schedule = Schedule {
    first: Duration::from_secs(30),
    interval: Duration::from_secs(12),
    deadline: Duration::from_secs(600),
};

/// Asks until the scan is at its end.
pub(crate) fn wait(client: &Client, id: &ScanId) -> Poller<Scan> {
    let (client, id) = (client.clone(), id.clone());
    Poller::new("POST /scan/:id", SCAN_SCHEDULE, client.clock(), Scan::is_final, move || {
        let status = client.scan_status(&id);
        Box::pin(async move { status.await.map(Response::into_inner) })
    })
}

/// A scan that is made and waited for, once it is awaited. `fail` and `skip` are results, not errors.
///
/// After an error the scan may go on. To know its identifier in every case, make it first:
///
/// ```no_run
/// # async fn example(client: shtrafovnet_client::Client) -> Result<(), shtrafovnet_client::Error> {
/// let scan = client.scan(&"1212".into()).await?;
/// let end = client.wait_for_scan(&scan.id).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ScanWait {
    call: Call<CreateScan>,
    schedule: Schedule,
}

impl ScanWait {
    pub(crate) fn new(call: Call<CreateScan>) -> Self {
        Self { call, schedule: SCAN_SCHEDULE }
    }

    /// Another schedule than [`SCAN_SCHEDULE`].
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }
}

impl IntoFuture for ScanWait {
    type Output = Result<Scan, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let client = self.call.client.clone();
            let scan = self.call.await?.into_inner();
            if scan.is_final() {
                return Ok(scan);
            }
            wait(&client, &scan.id).schedule(self.schedule).await
        })
    }
}
