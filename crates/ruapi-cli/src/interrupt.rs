//! Ctrl-C: the first one asks to stop, the second one ends the program.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit;

/// Listens from now on. The flag is set, and `notice` called, by the first Ctrl-C.
pub(crate) fn listen(notice: impl Fn() + Send + 'static) -> io::Result<Arc<AtomicBool>> {
    #[cfg(unix)]
    let mut signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    #[cfg(windows)]
    let mut signal = tokio::signal::windows::ctrl_c()?;
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    tokio::spawn(async move {
        while signal.recv().await.is_some() {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(exit::INTERRUPTED.into());
            }
            notice();
        }
    });
    Ok(stop)
}
