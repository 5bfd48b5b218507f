//! What is played in one cell, and what was seen of it on both sides.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use ruapi_core::BoxFuture;
use ruapi_core::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use tokio::sync::watch;

use super::clock::{CellClock, Talking};
use super::rules::Times;
use super::table::{Fault, Kept, Meaning, Play};
use crate::operations::{Asked, Operation, Reply};

/// One cell's play.
pub(crate) struct Script {
    pub(crate) operation: Arc<Operation>,
    pub(crate) fault: Arc<Fault>,
    times: Times,
    pub(crate) clock: CellClock,
    /// The fault is played from now on; before, all is good and connections are kept.
    playing: watch::Sender<bool>,
    notes: Mutex<Notes>,
}

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// How often a request that counts was sent.
    pub(crate) sent: u32,
    /// When each of them was read by the server.
    pub(crate) read: Vec<Duration>,
    /// Connections to where a redirect leads.
    pub(crate) elsewhere: u32,
    /// Connections that are open.
    pub(crate) open: u32,
    /// Connections that were made so far.
    pub(crate) connections: u32,
    /// On which connection each request that counts came, whether it was read or not.
    pub(crate) arrived: Vec<u32>,
    /// Connections that were open when the fault began to be played.
    pub(crate) open_before: u32,
    before: u32,
    served: u32,
    turn: Option<Turn>,
}

impl Notes {
    /// How often any request was sent.
    pub(crate) fn all(&self) -> u32 {
        self.sent + self.before
    }
}

/// The request that is on its way.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    /// Whether the fault befalls it.
    pub(crate) is_turn: bool,
    /// The good answer.
    pub(crate) reply: Reply,
    pub(crate) target: String,
}

impl Script {
    pub(crate) fn new(operation: &Arc<Operation>, fault: &Arc<Fault>, times: Times) -> Arc<Self> {
        Arc::new(Self {
            operation: operation.clone(),
            fault: fault.clone(),
            times,
            clock: CellClock::new(),
            playing: watch::channel(fault.on_kept.is_none()).0,
            notes: Mutex::default(),
        })
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_playing(&self) -> bool {
        *self.playing.borrow()
    }

    /// The good call that goes before is over.
    pub(crate) async fn begin(&self) {
        {
            let mut notes = self.notes();
            let (open, connections) = (notes.open, notes.connections);
            *notes = Notes { open, connections, open_before: open, ..Notes::default() };
        }
        self.playing.send_replace(true);
        while self.fault.on_kept == Some(Kept::Closed) && self.notes().open > 0 {
            tokio::task::yield_now().await;
        }
    }

    /// Ready when the server is to close its idle connections.
    pub(crate) async fn ends_idle(&self) {
        if self.fault.on_kept != Some(Kept::Closed) || self.is_playing() {
            return std::future::pending().await;
        }
        let _ = self.playing.subscribe().wait_for(|playing| *playing).await;
    }

    /// A request is about to be sent to `target`.
    fn send(&self, target: &str) -> Turn {
        let mut notes = self.notes();
        let asked = Asked { target, before: notes.before, served: notes.served };
        let reply = (self.operation.answer)(&asked);
        let mut is_turn = false;
        if reply.counts {
            notes.sent += 1;
            let befalls = self.times == Times::Always || notes.sent == 1;
            is_turn = befalls && self.is_playing() && self.fault.play != Play::Good;
            let is_good = !is_turn || self.fault.meaning == Meaning::Nothing;
            notes.served += u32::from(is_good);
        } else {
            notes.before += 1;
        }
        notes.turn = Some(Turn { is_turn, reply, target: target.to_owned() });
        notes.turn.clone().expect("just put there")
    }

    /// The request that is on its way.
    pub(crate) fn current(&self) -> Turn {
        self.notes().turn.clone().expect("a request was sent")
    }

    /// A request has begun to arrive on the connection with this number.
    pub(crate) fn has_arrived(&self, connection: u32, counts: bool) {
        self.notes().arrived.extend(counts.then_some(connection));
    }

    /// The server has read a request.
    pub(crate) fn has_read(&self, counts: bool) {
        let now = self.clock.passed();
        self.notes().read.extend(counts.then_some(now));
    }

    /// Whether the good call before the fault has its connection kept.
    pub(crate) fn keeps(&self) -> bool {
        self.fault.kept() || !self.is_playing()
    }
}

/// The built-in transport, watched.
pub(crate) struct Watched {
    pub(crate) inner: Arc<dyn Transport>,
    pub(crate) script: Arc<Script>,
}

/// A port at which nobody listens.
const NOBODY: &str = "http://127.0.0.1:1/";

impl Transport for Watched {
    fn send(
        &self,
        mut request: HttpRequest,
    ) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let target = request.url.splitn(4, '/').nth(3).unwrap_or_default();
            let turn = self.script.send(&format!("/{target}"));
            if turn.is_turn && self.script.fault.play == Play::Refuse {
                request.url = format!("{NOBODY}{target}");
            }
            let talking = Talking::begin(&self.script.clock);
            let answer = self.inner.send(request).await?;
            talking.head_came();
            let state = (answer.body, talking);
            let pieces = futures_util::stream::unfold(state, |(mut body, talking)| async move {
                let piece = body.chunk().await.transpose()?;
                talking.bytes_came(piece.as_ref().map_or(0, |piece| piece.len()));
                Some((piece, (body, talking)))
            });
            Ok(HttpResponse::new(answer.status, answer.headers, Body::from_stream(pieces.boxed())))
        })
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched")
    }
}
