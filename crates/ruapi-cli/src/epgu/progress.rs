//! How far an upload is: how fast, and how much of the five minutes is left.

use std::time::Duration;

use epgu_gusmev::{UploadEvent, UploadState, WINDOW};
use indicatif::{ProgressBar, ProgressStyle};

use crate::global::Format;
use crate::output;

/// A bar on stderr, where that is a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    format: Format,
}

impl Progress {
    pub(super) fn new(format: Format, length: u64) -> Self {
        let style = "{bytes} of {total_bytes} {wide_bar} {bytes_per_sec}, {msg}";
        let style = ProgressStyle::with_template(style);
        let bar = ProgressBar::new(length);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, format }
    }

    /// Where an upload that goes on stands already.
    pub(super) fn begin(&self, state: Option<&UploadState>) {
        self.bar.set_position(state.map_or(0, UploadState::bytes_sent));
        self.bar.reset_eta();
        self.left(WINDOW);
    }

    fn left(&self, left: Duration) {
        let seconds = left.as_secs();
        self.bar.set_message(format!("{}:{:02} of 5:00 left", seconds / 60, seconds % 60));
    }

    pub(super) fn show(&self, event: &UploadEvent) {
        match event {
            UploadEvent::Sent { bytes, left, .. } => {
                self.bar.set_position(bytes.0);
                self.left(*left);
            }
            UploadEvent::TooSlow { needed, left } => self.bar.suspend(|| {
                let text = format!(
                    "warning: too slow: the rest would take {} s, and {} s are left",
                    needed.as_secs(),
                    left.as_secs()
                );
                output::notice(self.format, &text);
            }),
            _ => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
