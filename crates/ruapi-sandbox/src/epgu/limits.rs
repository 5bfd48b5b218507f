//! The limits of appendix 3.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, Utc};

use super::kinds::Window;
use super::settings::Settings;

const WINDOWS: [Window; 5] =
    [Window::Minute, Window::Hour, Window::Day, Window::Month, Window::Year];

/// What one information system asked for so far. The sandbox knows only one.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// The present span of each window, and the requests in it.
    windows: [(i64, u64); WINDOWS.len()],
    /// User and service → when applications were made.
    applications: HashMap<(u64, String), VecDeque<DateTime<Utc>>>,
}

impl Traffic {
    /// Counts a request, if it is within the limits.
    pub(super) fn admit(&mut self, settings: &Settings, now: DateTime<FixedOffset>) -> bool {
        for (window, counted) in WINDOWS.into_iter().zip(&mut self.windows) {
            let span = span(window, now);
            if counted.0 != span {
                *counted = (span, 0);
            }
        }
        let mut windows = WINDOWS.into_iter().zip(&self.windows);
        let admitted = windows.all(|(window, counted)| counted.1 < settings.requests_per(window));
        if admitted {
            for counted in &mut self.windows {
                counted.1 += 1;
            }
        }
        admitted
    }

    /// How many requests there were in the span that `now` is in.
    pub(super) fn requests(&self, window: Window, now: DateTime<FixedOffset>) -> u64 {
        let mut windows = WINDOWS.into_iter().zip(&self.windows);
        let counted = windows.find(|(known, _)| *known == window).map(|(_, counted)| *counted);
        counted.filter(|(of, _)| *of == span(window, now)).map_or(0, |(_, count)| count)
    }

    /// Counts an application, if it is within the limits.
    pub(super) fn apply(
        &mut self,
        settings: &Settings,
        user: u64,
        service: &str,
        now: DateTime<Utc>,
    ) -> bool {
        let since = now - TimeDelta::seconds(i64::from(settings.applications_seconds));
        let made = self.applications.entry((user, service.to_owned())).or_default();
        // What a clock that was set back has yet to see does not count.
        made.retain(|at| since < *at && *at <= now);
        let admitted = (made.len() as u64) < settings.applications_most;
        if admitted {
            made.push_back(now);
        }
        admitted
    }
}

/// A number for the span that a moment is in; another one for every other.
fn span(window: Window, now: DateTime<FixedOffset>) -> i64 {
    let year = i64::from(now.year());
    match window {
        Window::Minute => now.timestamp().div_euclid(60),
        Window::Hour => now.timestamp().div_euclid(3600),
        Window::Day => i64::from(now.num_days_from_ce()),
        Window::Month => year * 12 + i64::from(now.month()),
        Window::Year => year,
    }
}
