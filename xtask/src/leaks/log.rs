//! Everything that a library may log, of ours and of others.

use std::sync::Once;

use ruapi_core::test_util::Captured;
use tracing::Dispatch;
use tracing_subscriber::fmt::format::FmtSpan;

/// A subscriber to all events and spans, and what it writes. The crates that log by `log` are heard by it as
/// well.
pub(super) fn capture() -> (Dispatch, Captured) {
    static LOG: Once = Once::new();
    LOG.call_once(|| {
        // Only fails if there is one, which was put there by this same line.
        let _ = tracing_log::LogTracer::init();
    });
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    (Dispatch::new(subscriber), captured)
}
