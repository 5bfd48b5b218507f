//! The upload of an archive in chunks: first – middle in parallel – last.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use ruapi_core::{BoxFuture, Error, Request};
use tokio::sync::mpsc::unbounded_channel;

use super::chunk::{self, OPERATION};
use super::events::UploadEvents;
use super::plan::UploadState;
use super::run::Run;
use crate::archive::Archive;
use crate::client::Client;
use crate::meta::Meta;
use crate::order_id::OrderId;

/// How long all chunks together may take, from the first one's sending on.
pub const WINDOW: Duration = Duration::from_secs(300);

/// How many chunks are under way at once unless said otherwise.
const PARALLEL: usize = 4;

/// An application that was filed.
///
/// For an example see [`Upload`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Submitted {
    /// Its number.
    pub order: OrderId,
}

/// An upload that failed, with all that is needed to go on.
///
/// For an example see [`Upload`].
#[derive(Debug)]
#[non_exhaustive]
pub struct UploadFailed {
    /// What failed.
    pub error: Error,
    /// What arrived before.
    pub state: UploadState,
    /// The last chunk may have arrived, and the application may have been filed: settle it by
    /// [`Client::reconcile`]. If this is `false`, nothing was filed.
    pub maybe_submitted: bool,
    /// The [`WINDOW`] is over: nothing more can be sent of this upload. Settle it first where it
    /// [may have been filed](Self::maybe_submitted); then send the archive anew, without
    /// [`resume`](Upload::resume).
    pub window_over: bool,
    /// When the chunk that failed was sent, by this machine's clock; `None` if none was.
    pub sent_at: Option<SystemTime>,
}

impl fmt::Display for UploadFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, all) = (self.state.chunks_sent(), self.state.chunks());
        let what = if self.maybe_submitted { "may have been filed" } else { "was not filed" };
        let order = self.state.order();
        let over = if self.window_over { ", and the five minutes are over" } else { "" };
        write!(f, "application {order} {what}: {sent} of {all} chunks arrived{over}")
    }
}

impl std::error::Error for UploadFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The upload of an application's archive in chunks, made by [`Client::upload`]; sent when it is awaited.
///
/// The first chunk goes first, the last one last, those between in parallel. A chunk that got lost is sent
/// again; **the last one, which files the application, is not**: where it may have arrived, the order's
/// details are looked at, and if they do not show that it did, the upload ends in doubt, unless the caller
/// wants [more](Self::resend_if_new_for). All of it must be through within [`WINDOW`] of the first chunk,
/// and how long an attempt may take follows from what is left of that, not from the client's
/// [`Options`](crate::Options).
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
/// // The number first; here the archive would be built with it inside.
/// let order = client.create_order(&meta).await?.order_id;
/// match client.upload(order, &meta, archive.clone()).parallel(2).await {
///     Ok(submitted) => println!("filed: {}", submitted.order),
///     Err(failed) if failed.maybe_submitted => println!("{order}: {:?}", client.reconcile(order).await?),
///     // Within the five minutes it can go on from what arrived.
///     Err(failed) => {
///         client.upload(order, &meta, archive).resume(failed.state).await?;
///     }
/// }
/// assert_eq!(sandbox.epgu().applications_for(order.get()), 1);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Upload {
    pub(super) client: Client,
    order: OrderId,
    pub(super) meta: Option<Meta>,
    pub(super) archive: Archive,
    chunk_size: Option<u64>,
    pub(super) parallel: usize,
    pub(super) resend_after: Option<Duration>,
    resumed: Option<UploadState>,
}

impl Upload {
    pub(crate) fn new(client: &Client, order: OrderId, meta: &Meta, archive: Archive) -> Self {
        Self {
            client: client.clone(),
            order,
            meta: Some(meta.clone()),
            archive,
            chunk_size: None,
            parallel: PARALLEL,
            resend_after: None,
            resumed: None,
        }
    }

    /// The size of every chunk but the last, in bytes. By default the most that the edition allows.
    pub fn chunk_size(mut self, bytes: u64) -> Self {
        self.chunk_size = Some(bytes);
        self
    }

    /// How many chunks are under way at once; 4 by default. Each is held in memory.
    pub fn parallel(mut self, chunks: usize) -> Self {
        self.parallel = chunks.max(1);
        self
    }

    /// Sends the last chunk once more if nobody knows whether it arrived, and the order then stays `NEW`
    /// for this long as its details are looked at; off by default, and also with it only within the
    /// [`WINDOW`].
    ///
    /// **A service that had the first one and was slower than that may file the application twice**: an
    /// order with its archive is `NEW` as well until it is taken up, and the document names no time.
    pub fn resend_if_new_for(mut self, time: Duration) -> Self {
        self.resend_after = Some(time);
        self
    }

    /// Leaves out the part `meta`: the table requires it, editions disagree.
    pub fn without_meta(mut self) -> Self {
        self.meta = None;
        self
    }

    /// Goes on with an upload that failed, or whose process was killed, from the first chunk that is
    /// missing, within the same five minutes. From a [doubtful](UploadState::is_doubtful) state nothing is
    /// sent unless [`resend_if_new_for`](Self::resend_if_new_for) allows it: the order's details only tell
    /// whether it was filed after all. Refused: the state of another application, or of another archive (by
    /// its length and the checksums in it), and one with chunks of a size that the edition forbids.
    pub fn resume(mut self, state: UploadState) -> Self {
        self.resumed = Some(state);
        self
    }

    /// The first request as it would be sent, without its credential. It reads the archive. Refused: what
    /// could not be uploaded.
    pub fn request(&self) -> Result<Request, Error> {
        let state = self.check()?;
        chunk::request(&state, &self.archive, self.meta.as_ref(), state.next())
    }

    /// The upload as a stream of what happens; the last event tells its end.
    pub fn events(self) -> UploadEvents {
        let (sender, receiver) = unbounded_channel();
        let state = self.begin();
        let run = Run::of(self, state.clone(), Some(sender));
        UploadEvents::new(receiver, state, Box::pin(run))
    }

    /// Refused: what could not be uploaded under any number, and what does not go on from the state.
    pub(super) fn check(&self) -> Result<UploadState, Error> {
        let edition = self.client.edition();
        let archive = (self.archive.length(), self.archive.list_crc());
        let fresh = UploadState::new(self.order, archive, self.chunk_size, edition)?;
        match &self.resumed {
            None => Ok(fresh),
            Some(resumed) if resumed.is_same_upload(&fresh) => {
                // What was kept may have been changed.
                UploadState::new(self.order, archive, Some(resumed.chunk_size()), edition)?;
                Ok(resumed.clone())
            }
            Some(_) => {
                let detail = "the state is of another application, or of another archive";
                Err(Error::input(OPERATION, detail))
            }
        }
    }

    fn begin(&self) -> Arc<Mutex<UploadState>> {
        let kept = || self.resumed.clone().unwrap_or_else(|| UploadState::none(self.order));
        Arc::new(Mutex::new(self.check().unwrap_or_else(|_| kept())))
    }
}

impl IntoFuture for Upload {
    type Output = Result<Submitted, UploadFailed>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let state = self.begin();
        Box::pin(Run::of(self, state, None))
    }
}
