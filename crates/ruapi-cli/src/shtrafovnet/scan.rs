//! `ruapi shtrafovnet scan` and `scan-status`.

use shtrafovnet_client::{Car, CarId, SCAN_SCHEDULE, Scan, ScanId};

use super::access::Need;
use super::input::id;
use super::session::{Context, Session, failed};
use super::text::Describe;
use super::wait::Wait;
use crate::exit::Failure;
use crate::global::Format;
use crate::interrupt::Stop;
use crate::output;

#[derive(clap::Args)]
pub(crate) struct Start {
    /// The car's identifier (ID транспортного средства)
    #[arg(value_parser = id::<Car>)]
    car: CarId,
    #[command(flatten)]
    wait: Wait,
}

#[derive(clap::Args)]
pub(crate) struct Status {
    /// The scan's identifier (ID задачи)
    #[arg(value_parser = id::<Scan>)]
    id: ScanId,
    #[command(flatten)]
    wait: Wait,
}

impl Start {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Token).await?;
        let scan = session.client.scan(&self.car).await.map_err(failed)?;
        if !self.wait.wait || scan.is_final() {
            return session.show_done(&*scan);
        }
        let stop = Wait::listen()?;
        // Whatever happens to the wait, one can go on with the identifier.
        if session.format == Format::Human {
            output::diagnostic(&scan.text());
        }
        end(&session, &scan.id, &self.wait, &stop).await
    }
}

impl Status {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let session = context.connect(Need::Token).await?;
        let scan = session.client.scan_status(&self.id).await.map_err(failed)?;
        if !self.wait.wait || scan.is_final() {
            return session.show(&*scan);
        }
        end(&session, &self.id, &self.wait, &Wait::listen()?).await
    }
}

async fn end(session: &Session, id: &ScanId, wait: &Wait, stop: &Stop) -> Result<u8, Failure> {
    let again = session.command(format_args!("scan-status {id} --wait"));
    let poller = session.client.wait_for_scan(id);
    session.show(&wait.follow(stop, poller, SCAN_SCHEDULE, &again).await?)
}
