//! Everything that a library may log, of ours and of others.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock, Mutex, Once, PoisonError};

use ruapi_core::test_util::Captured;
use tracing_subscriber::fmt::format::FmtSpan;

/// Hears what the threads of one runtime log, one call after the other.
#[derive(Clone, Default)]
pub(super) struct Ear(Arc<Mutex<Captured>>);

thread_local! {
    static EAR: RefCell<Option<Ear>> = const { RefCell::new(None) };
}

/// What threads log at which nobody listens.
static OTHERS: LazyLock<Captured> = LazyLock::new(Captured::default);

impl Ear {
    /// A runtime on this thread, of whose threads everything is heard: also what is logged by tasks and by
    /// blocking work, which know nothing of who began them.
    pub(super) fn runtime(&self) -> std::io::Result<tokio::runtime::Runtime> {
        let (here, there) = (self.clone(), self.clone());
        EAR.set(Some(here));
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .on_thread_start(move || EAR.set(Some(there.clone())))
            .build()
    }

    /// A new call begins: what it logs.
    pub(super) fn call(&self) -> Captured {
        let log = Captured::default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = log.clone();
        log
    }

    fn log(&self) -> Captured {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Begins to hear all events and spans of this process. The crates that log by `log` are heard as well.
pub(super) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        tracing_log::LogTracer::init().expect("nobody else hears `log`");
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(|| {
                let heard = EAR.with_borrow(|ear| ear.as_ref().map(Ear::log));
                heard.unwrap_or_else(|| OTHERS.clone())
            })
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("nobody else hears");
    });
}

/// What was logged by threads of nobody's runtime: by that of the sandbox, or by a client's own.
pub(super) fn others() -> String {
    OTHERS.text()
}

/// How many requests a log tells of.
pub(super) fn requests(log: &str) -> usize {
    log.lines().filter(|line| line.contains("http.client{") && line.ends_with(": new")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_call_begins_is_heard() {
        listen();
        let ear = Ear::default();
        let runtime = ear.runtime().unwrap();
        let before = ear.call();
        let log = ear.call();
        runtime.block_on(async {
            tracing::trace!("from the call");
            tokio::spawn(async { tracing::trace!("from a task") }).await.unwrap();
            tokio::task::spawn_blocking(|| tracing::trace!("from blocking work")).await.unwrap();
            std::thread::spawn(|| tracing::trace!("from a thread")).join().unwrap();
        });
        for text in ["from the call", "from a task", "from blocking work"] {
            assert!(log.text().contains(text), "{text}");
        }
        assert!(others().contains("from a thread"));
        assert_eq!(before.text(), "");
    }
}
