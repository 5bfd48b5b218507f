//! What is kept of exchanges: fixtures, what `--live` would write of them, and the sandbox's list of requests.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use ruapi_core::Options;
use ruapi_core::test_util::{ManualClock, Recorder};
use ruapi_sandbox::Sandbox;

use super::Hunt;
use super::echo::{Echo, Odd};
use crate::Result;
use crate::apis::{APIS, Source};
use crate::fixtures;
use crate::operations::{Operation, Site};

/// A call takes milliseconds; whatever takes so long hangs.
const HANGS: Duration = Duration::from_secs(30);

/// Searches all three.
pub(super) async fn hunt(hunt: &Hunt) -> Result {
    for (path, text) in fixtures::present()? {
        hunt.search("a fixture", &path.display().to_string(), text.as_bytes());
    }
    let operations: Vec<_> = crate::operations::all()?.into_iter().map(Arc::new).collect();
    for operation in &operations {
        live(hunt, operation).await?;
    }
    let sandbox = Sandbox::start().await?;
    // Those begin with a pause.
    for operation in operations.iter().filter(|operation| operation.way != "waited for") {
        for access in operation.accesses() {
            let base_url = format!("{}{}/", sandbox.url(), operation.api.name);
            // Time stands still: one that passes by itself would pass while the sandbox answers.
            let options = Options::new().clock(Arc::new(ManualClock::new()));
            let calling = operation.call(&Site { base_url, access, options });
            // A walk whose first page is refused is none: here only what the sandbox keeps matters.
            let calling = AssertUnwindSafe(calling).catch_unwind();
            if tokio::time::timeout(HANGS, calling).await.is_err() {
                return Err(format!("{} hangs at the sandbox", operation.title()).into());
            }
        }
    }
    let requests = reqwest::get(format!("{}_sandbox/requests", sandbox.url())).await?;
    let requests = requests.error_for_status()?.text().await?;
    for api in ["nsso", "shtrafovnet", "osago", "epgu"] {
        if !requests.contains(&format!("\"path\":\"/{api}/")) {
            return Err(format!("the sandbox lists no request of {api}").into());
        }
    }
    hunt.search("the sandbox's list of requests", "all operations", requests.as_bytes());
    hunt.search("the sandbox's Debug", "all operations", format!("{sandbox:?}").as_bytes());
    Ok(())
}

/// What `cargo xtask fixtures --live` would write of a good exchange, and of servers that repeat what they were
/// told.
async fn live(hunt: &Hunt, operation: &Arc<Operation>) -> Result {
    let api =
        APIS.iter().find(|api| api.name == operation.api.name).ok_or("an API of the fixtures")?;
    let good = Odd::good();
    for odd in Odd::echoes().iter().chain([&good]) {
        for access in operation.accesses() {
            let recorder = Arc::new(Recorder::new(Arc::new(Echo::new(operation, odd))));
            let options =
                Options::new().transport(recorder.clone()).clock(Arc::new(ManualClock::auto()));
            let site = Site { base_url: "http://127.0.0.1:1/".to_owned(), access, options };
            operation.call(&site).await;
            for exchange in recorder.take() {
                let kept = fixtures::sanitise(api, Source::Live, exchange);
                let text = serde_json::to_string_pretty(&kept)?;
                hunt.search(
                    "a live fixture",
                    &format!("{}: {odd:?}", operation.title()),
                    text.as_bytes(),
                );
            }
        }
    }
    Ok(())
}
