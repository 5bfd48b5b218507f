//! Ctrl-C, and on Unix being told to end (SIGTERM) or losing the terminal (SIGHUP): the first one asks
//! to stop, the second one ends the program.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

use crate::exit::{self, Failure};

/// Whether to stop; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<Asked>);

#[derive(Default)]
struct Asked {
    flag: AtomicBool,
    waker: AtomicWaker,
}

impl Stop {
    pub(crate) fn is_asked(&self) -> bool {
        self.0.flag.load(Ordering::Relaxed)
    }

    /// What the work gives; `None` as soon as the program is asked to stop. One work at a time.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        std::future::poll_fn(|cx| {
            self.0.waker.register(cx.waker());
            if self.is_asked() {
                return Poll::Ready(None);
            }
            work.as_mut().poll(cx).map(Some)
        })
        .await
    }

    /// `true`: it was asked before.
    fn ask(&self) -> bool {
        let before = self.0.flag.swap(true, Ordering::Relaxed);
        self.0.waker.wake();
        before
    }
}

/// What a call gives that is not to be made twice. Asked to stop, the program does not wait for it, and
/// tells what may have come of it.
pub(crate) async fn or_stopped<T>(
    call: impl Future<Output = Result<T, Failure>>,
    advice: &str,
) -> Result<T, Failure> {
    let stopped = || {
        let message = "stopped before the answer came; the call may have been processed";
        Err(Failure::interrupted(message).or_maybe_processed().with_advice(advice))
    };
    listen(|| {})?.or(call).await.unwrap_or_else(stopped)
}

/// Listens from now on. The stop is asked for, and `notice` called, by the first signal.
pub(crate) fn listen(notice: impl Fn() + Send + 'static) -> Result<Stop, Failure> {
    let unable = |error: io::Error| Failure::local("cannot listen for Ctrl-C", &error);
    let mut signals = Signals::new().map_err(unable)?;
    let stop = Stop::default();
    let asked = stop.clone();
    tokio::spawn(async move {
        loop {
            signals.next().await;
            if asked.ask() {
                std::process::exit(exit::INTERRUPTED.into());
            }
            notice();
        }
    });
    Ok(stop)
}

#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    async fn next(&mut self) {
        let signals = &mut self.0;
        std::future::poll_fn(|cx| {
            let come = signals.iter_mut().any(|signal| signal.poll_recv(cx).is_ready());
            if come { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
