//! An upload as a stream of what happens.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use ruapi_core::BoxFuture;
use tokio::sync::mpsc::UnboundedReceiver;

use super::plan::UploadState;
use super::task::{Submitted, UploadFailed};

/// What happens during an upload.
///
/// For an example see [`UploadEvents`].
#[derive(Debug)]
#[non_exhaustive]
pub enum UploadEvent {
    /// A chunk arrived.
    Sent {
        /// How many chunks have arrived, of how many.
        chunks: (u32, u32),
        /// How many bytes have arrived, of how many.
        bytes: (u64, u64),
        /// How much of the five minutes is left.
        left: Duration,
    },
    /// At this pace the archive will not have arrived when its five minutes are over. Said once.
    TooSlow {
        /// How much more time it would take.
        needed: Duration,
        /// How much is left.
        left: Duration,
    },
    /// Only the last chunk, which files the application, is left, and it goes out when the next event is
    /// asked for. [`UploadEvents::state`] is [doubtful](UploadState::is_doubtful) from here on: whoever
    /// keeps it now never files twice, even if killed right after.
    Filing,
    /// The end.
    Ended(Result<Submitted, UploadFailed>),
}

/// An upload under way; dropping it stops it.
///
/// ```
/// # use epgu_gusmev::{Client, Credential, Environment};
/// # use ruapi_sandbox::{Epgu, Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
/// # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
/// # let meta = epgu_gusmev::Meta::new("36000000000", Epgu::SERVICE, Epgu::TARGET)?;
/// # let mut builder = epgu_gusmev::ArchiveBuilder::new();
/// # builder.add("req_1.xml", "<?xml version=\"1.0\"?><r/>".as_bytes())?;
/// # let archive = builder.build_bytes(5_000_000)?;
/// use epgu_gusmev::{UploadEvent, UploadState};
/// use futures_util::StreamExt;
///
/// # fn keep(_: UploadState) {}
/// let order = client.create_order(&meta).await?.order_id;
/// let mut events = client.upload(order, &meta, archive).events();
/// while let Some(event) = events.next().await {
///     match event {
///         UploadEvent::Sent { chunks: (sent, all), left, .. } => println!("{sent}/{all}, {left:?} left"),
///         UploadEvent::Ended(end) => println!("filed: {}", end?.order),
///         _ => {}
///     }
///     keep(events.state()); // for another process, if this one is killed: after each event
/// }
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct UploadEvents {
    events: UnboundedReceiver<UploadEvent>,
    state: Arc<Mutex<UploadState>>,
    run: Option<BoxFuture<'static, Result<Submitted, UploadFailed>>>,
    end: Option<UploadEvent>,
}

impl UploadEvents {
    pub(super) fn new(
        events: UnboundedReceiver<UploadEvent>,
        state: Arc<Mutex<UploadState>>,
        run: BoxFuture<'static, Result<Submitted, UploadFailed>>,
    ) -> Self {
        Self { events, state, run: Some(run), end: None }
    }

    /// Where the upload stands now. Kept after each event, it lets another process
    /// [`resume`](crate::Upload::resume) the upload if this one is killed. Kept before the last chunk was
    /// answered, it [`is_doubtful`](UploadState::is_doubtful): then the order's details are asked first, and
    /// by itself nothing more is sent.
    pub fn state(&self) -> UploadState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).to_keep()
    }
}

impl Stream for UploadEvents {
    type Item = UploadEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<UploadEvent>> {
        let this = &mut *self;
        // What happened is told before anything more happens, the last chunk's sending above all.
        if let Poll::Ready(Some(event)) = this.events.poll_recv(cx) {
            return Poll::Ready(Some(event));
        }
        if let Some(run) = &mut this.run {
            if let Poll::Ready(end) = run.as_mut().poll(cx) {
                this.run = None;
                this.end = Some(UploadEvent::Ended(end));
            }
        }
        // The sender is gone when the run has ended.
        match this.events.poll_recv(cx) {
            Poll::Ready(Some(event)) => Poll::Ready(Some(event)),
            Poll::Ready(None) => Poll::Ready(this.end.take()),
            Poll::Pending => Poll::Pending,
        }
    }
}
