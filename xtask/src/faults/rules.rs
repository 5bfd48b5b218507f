//! What must come of a fault. Written from the rules of retrying and from the READMEs' tables of errors,
//! not from what the clients do.

use std::time::Duration;

use ruapi_core::Kind;

use super::table::{AFTER, After, Fault, Meaning, Target};
use crate::operations::{Access, Class, Details, Operation};

/// What must come of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Expected {
    /// How often the server gets the request.
    pub(crate) sent: u32,
    pub(crate) end: End,
    /// The least pause before a repetition.
    pub(crate) pause: Duration,
    /// What the error says to wait, where it does.
    pub(crate) retry_after: Option<Duration>,
}

/// How a call must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Good,
    Failed { kind: Kind, maybe_processed: bool },
}

/// Whether something befalls only the first attempt, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Times {
    Once,
    Always,
}

/// One attempt that failed, as the rules see it.
struct Failure {
    kind: Kind,
    maybe_processed: bool,
    repeat: Repeat,
    /// How long it took.
    took: Took,
    after: After,
}

enum Took {
    Nothing,
    /// All the time that an attempt has.
    Timeout,
}

/// When an attempt may be repeated.
#[derive(Clone, Copy, PartialEq)]
enum Repeat {
    Never,
    /// Where saying it twice does no harm.
    WhenRepeatable,
    /// There, and where the caller asked for it.
    WhenRepeatableOrTryLater,
    /// Where the caller asked for it.
    WhenTryLater,
    Always,
    /// With a fresh token, once.
    WithFreshToken,
    /// As far as redirects are followed.
    Follow,
}

/// Redirects are followed by downloads only, within the server, and so often.
const REDIRECTS: u32 = 3;
/// Time for all chunks of an upload.
const UPLOAD: Duration = Duration::from_secs(300);

pub(crate) fn expect(
    fault: &Fault,
    times: Times,
    operation: &Operation,
    access: Access,
) -> Expected {
    let class = operation.class;
    let Some(failure) = failure(fault, operation) else {
        let pause = Duration::ZERO;
        return Expected { sent: 1, end: End::Good, pause, retry_after: None };
    };
    let may_repeat = match failure.repeat {
        Repeat::Never => false,
        Repeat::Always => true,
        Repeat::WhenRepeatable => is_repeatable(class),
        Repeat::WhenRepeatableOrTryLater => is_repeatable(class) || is_try_later(class),
        Repeat::WhenTryLater => is_try_later(class),
        Repeat::WithFreshToken => operation.by_token && access == Access::Renewing,
        Repeat::Follow => class == Class::File,
    };
    let pause = match failure.after {
        After::Seconds => AFTER,
        // The date has no fractions of a second.
        After::Date => AFTER - Duration::from_secs(1),
        After::None | After::Past | After::Years | After::Nonsense(_) => Duration::ZERO,
    };
    let retry_after = match failure.after {
        After::Seconds | After::Date => Some(AFTER),
        After::Past => Some(Duration::ZERO),
        After::Years => Some(YEARS),
        After::None | After::Nonsense(_) => None,
    };
    let most = match failure.repeat {
        _ if !may_repeat => 1,
        Repeat::WithFreshToken => 2,
        Repeat::Follow => REDIRECTS + 1,
        _ => attempts(operation, &failure),
    };
    let sent = if times == Times::Once { most.min(2) } else { most };
    let is_good = times == Times::Once && sent > 1;
    let (sent, end) = match (is_good, class) {
        (true, _) => (sent, End::Good),
        (false, Class::LastChunk(details)) if failure.maybe_processed => {
            last_chunk(details, times, &failure)
        }
        (false, _) => (sent, failed(failure.kind, maybe_filed(class, &failure))),
    };
    Expected { sent, end, pause, retry_after: retry_after.filter(|_| end != End::Good) }
}

/// `Retry-After` in years.
pub(crate) const YEARS: Duration = Duration::from_secs(1_000_000_000);

fn failed(kind: Kind, maybe_processed: bool) -> End {
    End::Failed { kind, maybe_processed }
}

/// Asks, or says the same thing however often it is said.
fn is_repeatable(class: Class) -> bool {
    use Class::{Chunk, Deletion, File, Login, Repeatable, Walk};
    matches!(class, Repeatable | Deletion | Walk | File | Login | Chunk)
}

fn is_try_later(class: Class) -> bool {
    matches!(class, Class::BilledTryLater | Class::MakesTryLater)
}

fn is_billed(class: Class) -> bool {
    matches!(class, Class::Billed | Class::BilledTryLater)
}

/// What an attempt comes to; `None`: a good answer.
fn failure(fault: &Fault, operation: &Operation) -> Option<Failure> {
    use Repeat::{Always, Follow, Never, WhenRepeatable, WhenRepeatableOrTryLater, WhenTryLater};
    let class = operation.class;
    let answers_nothing = matches!(class, Class::Deletion | Class::MakesSilently);
    let of = |kind, maybe_processed, repeat| Failure {
        kind,
        maybe_processed,
        repeat,
        took: Took::Nothing,
        after: After::None,
    };
    // What was given out of a file cannot be taken back.
    let unless_given = |repeat| match class == Class::File && fault.after_head {
        true => Never,
        false => repeat,
    };
    let silence =
        || Failure { took: Took::Timeout, ..of(Kind::Timeout, true, unless_given(WhenRepeatable)) };
    let failure = match fault.meaning {
        Meaning::Nothing => return None,
        // Any bytes are a file, and it may come as slowly as it likes.
        Meaning::NotUnderstood(_) | Meaning::NoBody | Meaning::Slow if class == Class::File => {
            return None;
        }
        Meaning::NoBody if answers_nothing => return None,
        Meaning::NotConnected => of(Kind::Connect, false, Always),
        Meaning::Broken => of(Kind::Interrupted, true, unless_given(WhenRepeatable)),
        Meaning::Silence | Meaning::Slow => silence(),
        Meaning::NotUnderstood(kind) => of(kind, true, Never),
        Meaning::NoBody => of(Kind::Decode, true, Never),
        Meaning::Redirect(Target::Itself) => of(Kind::Redirect, true, Follow),
        Meaning::Redirect(_) => of(Kind::Redirect, true, Never),
        Meaning::Status(401, _) => of(Kind::Credential, false, Repeat::WithFreshToken),
        Meaning::Status(status, after) => {
            let (kind, maybe_processed) = match status {
                408 | 503 => (Kind::Busy, true),
                425 | 429 => (Kind::Busy, false),
                _ => (Kind::Server, true),
            };
            let repeat = match (operation.api.name, status) {
                ("nsso", 429) => Always,
                ("epgu", 429 | 502..=504) => WhenRepeatableOrTryLater,
                _ => WhenRepeatable,
            };
            Failure { after, ..of(kind, maybe_processed, repeat) }
        }
        Meaning::Overloaded if is_billed(class) => of(Kind::Busy, false, Always),
        Meaning::TryLater if is_billed(class) => of(Kind::Busy, false, WhenTryLater),
        Meaning::Overloaded | Meaning::TryLater => return None,
    };
    Some(failure)
}

/// How often is tried what goes on failing: as often as the client may, while there is time.
fn attempts(operation: &Operation, failure: &Failure) -> u32 {
    let api = operation.api;
    let is_chunk = operation.class == Class::Chunk;
    // A chunk's attempt has half of what is left of the five minutes.
    let deadline = if is_chunk { UPLOAD } else { api.deadline };
    let timeout = if is_chunk { UPLOAD / 2 } else { api.timeout };
    // What must not be repeated is not begun when nine tenths of its time no longer fit in.
    let reserved = if is_repeatable(operation.class) { Duration::ZERO } else { timeout * 9 / 10 };
    let least = match failure.after {
        After::Seconds | After::Date => AFTER,
        After::Years => YEARS,
        After::None | After::Past | After::Nonsense(_) => Duration::ZERO,
    };
    let (mut now, mut attempts) = (Duration::ZERO, 0);
    let mut pause = Duration::from_millis(250);
    loop {
        attempts += 1;
        if let Took::Timeout = failure.took {
            now += timeout.min(deadline.saturating_sub(now));
        }
        now += pause.max(least);
        pause = (pause * 2).min(Duration::from_secs(20));
        if attempts == api.attempts || now >= deadline - reserved {
            return attempts;
        }
    }
}

/// Only the last chunk files the application. But an answer to another one that makes no sense may mean
/// that the service took it for the last. What waits for a login is not sent without it.
fn maybe_filed(class: Class, failure: &Failure) -> bool {
    match class {
        Class::Login => false,
        Class::Chunk => matches!(failure.kind, Kind::Decode | Kind::TooLarge),
        _ => failure.maybe_processed,
    }
}

/// The last chunk is sent once more only where the caller wants that of an order that stays `NEW`, and
/// while there is time.
fn last_chunk(details: Details, times: Times, failure: &Failure) -> (u32, End) {
    let lost = failed(failure.kind, true);
    let is_over = matches!(failure.took, Took::Timeout) || failure.after == After::Years;
    match details {
        Details::Arrived => (1, End::Good),
        Details::Unknown => (1, lost),
        Details::Missing if is_over => (1, lost),
        Details::Missing if times == Times::Once => (2, End::Good),
        Details::Missing => (2, lost),
    }
}
