//! The faults, each by what the server does and what that means by the rules. A new fault is one more
//! line here.

use std::time::Duration;

use ruapi_core::Kind;

/// One fault.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) play: Play,
    pub(crate) meaning: Meaning,
    /// The answer's head has come whole and good before.
    pub(crate) after_head: bool,
    /// A good call went before, and its connection was kept.
    pub(crate) on_kept: Option<Kept>,
}

/// What becomes of a kept connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The server closes it while it is idle.
    Closed,
    /// The next request comes on it.
    Used,
}

/// What the server does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Play {
    /// A good answer.
    Good,
    /// Nobody listens.
    Refuse,
    /// Everything up to this point is good, then it ends like this.
    End(At, How),
    /// A good answer, a byte now and then.
    Drip,
    /// Another answer.
    Answer(Answer),
    /// Something else than HTTP.
    Raw(&'static [u8]),
    /// A head with a header of so many bytes.
    LongHead(usize),
}

/// How far request and answer come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum At {
    /// The request has come and nothing of it is read.
    Arrival,
    /// A part of the request is read.
    WithinRequest,
    /// The request is read.
    Request,
    WithinHead,
    Head,
    WithinBody,
    Body,
}

/// How it ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Reset,
    Close,
    Stall,
}

/// An answer that is not the good one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// An error status.
    Status(u16, After),
    /// A redirect to here.
    Redirect(u16, Target),
    /// A good status with another body.
    Body(Body),
    /// The good body with another `Content-Type`.
    ContentType(&'static str),
    /// The good body with so much more or less promised; where more, it ends like this.
    Length(i64, How),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Body {
    Empty,
    Html,
    Garbage,
    /// Compressed, though nobody asked for that: some kilobytes that would grow a thousandfold.
    Gzip,
    /// More than the client takes.
    Oversized {
        chunked: bool,
    },
    /// The API's own words, where it has them.
    Json(&'static str),
}

/// `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    None,
    /// [`AFTER`] in seconds.
    Seconds,
    /// [`AFTER`] as a date.
    Date,
    /// The beginning of the calendar.
    Past,
    /// Longer than any call may take.
    Years,
    /// Not to be understood.
    Nonsense(&'static str),
}

/// What a server asks to wait.
pub(crate) const AFTER: Duration = Duration::from_secs(7);

/// Where a redirect leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Itself,
    OtherPort,
    OtherHost,
}

/// What happened, as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meaning {
    /// Nothing that matters: the answer is good.
    Nothing,
    /// The connection was never made.
    NotConnected,
    /// The connection broke after sending began.
    Broken,
    /// No answer within the time of an attempt.
    Silence,
    /// A byte now and then: too slow for an answer, while a file may take its time.
    Slow,
    /// An error status.
    Status(u16, After),
    Redirect(Target),
    /// A body that is not what the document says, and the error's kind.
    NotUnderstood(Kind),
    /// No body at all, where there may have to be one.
    NoBody,
    /// The API's own code for too many queries at once.
    Overloaded,
    /// The API's own code for "try again later".
    TryLater,
}

/// All faults. The first one is none.
pub(crate) fn faults() -> Vec<Fault> {
    let mut faults = vec![fault("none", Play::Good, Meaning::Nothing)];
    faults.push(fault("connection refused", Play::Refuse, Meaning::NotConnected));
    faults.extend(ends());
    faults.extend(odd_answers());
    faults.extend(redirects());
    faults.extend(statuses());
    faults.extend(own_codes());
    faults
}

fn fault(name: impl Into<String>, play: Play, meaning: Meaning) -> Fault {
    Fault { name: name.into(), play, meaning, after_head: false, on_kept: None }
}

impl Fault {
    fn after_head(mut self) -> Self {
        self.after_head = true;
        self
    }

    fn on_kept(mut self, kept: Kept) -> Self {
        self.on_kept = Some(kept);
        self
    }

    /// Whether connections are kept.
    pub(crate) fn kept(&self) -> bool {
        self.on_kept == Some(Kept::Used)
    }
}

/// Reset, closed and stalled at each point, also on a connection that was kept.
fn ends() -> Vec<Fault> {
    use At::*;
    let points = [
        (Arrival, "before the request is read"),
        (WithinRequest, "within the request"),
        (Request, "before the head"),
        (WithinHead, "within the head"),
        (Head, "after the head"),
        (WithinBody, "within the body"),
        (Body, "after the body"),
    ];
    let mut faults = Vec::new();
    for (how, word) in [(How::Reset, "reset"), (How::Close, "closed"), (How::Stall, "stalled")] {
        for (at, place) in points {
            // With something unread, closing is a reset.
            if how == How::Close && at < Request {
                continue;
            }
            let meaning = match how {
                _ if at == Body => Meaning::Nothing,
                How::Stall => Meaning::Silence,
                How::Reset | How::Close => Meaning::Broken,
            };
            let found = fault(format!("{word} {place}"), Play::End(at, how), meaning);
            faults.push(if at >= Head { found.after_head() } else { found });
        }
    }
    faults.push(fault("slow drip of the body", Play::Drip, Meaning::Slow).after_head());
    faults.extend([
        fault("kept connection closed while idle", Play::Good, Meaning::Nothing)
            .on_kept(Kept::Closed),
        fault(
            "kept connection reset by a request",
            Play::End(Arrival, How::Reset),
            Meaning::Broken,
        )
        .on_kept(Kept::Used),
        fault(
            "kept connection closed by a request",
            Play::End(Request, How::Close),
            Meaning::Broken,
        )
        .on_kept(Kept::Used),
    ]);
    faults
}

fn odd_answers() -> Vec<Fault> {
    let body = |name: &str, body, kind| {
        fault(name, Play::Answer(Answer::Body(body)), Meaning::NotUnderstood(kind))
    };
    let length = |name: &str, more, how, meaning| {
        fault(name, Play::Answer(Answer::Length(more, how)), meaning).after_head()
    };
    vec![
        fault("another protocol", Play::Raw(b"SSH-2.0-OpenSSH_9.2\r\n"), Meaning::Broken),
        fault("a header without end", Play::LongHead(1 << 20), Meaning::Broken),
        fault("no body", Play::Answer(Answer::Body(Body::Empty)), Meaning::NoBody),
        body("HTML with status 200", Body::Html, Kind::Decode),
        body("garbage", Body::Garbage, Kind::Decode),
        // With reqwest's features as in this workspace. A program that turns on `reqwest/gzip` has it inflated,
        // and then it is one of those that are too large.
        body("compressed body, which is not inflated", Body::Gzip, Kind::Decode),
        body("oversized", Body::Oversized { chunked: false }, Kind::TooLarge),
        body("oversized, of unknown length", Body::Oversized { chunked: true }, Kind::TooLarge),
        fault(
            "good body called text/html",
            Play::Answer(Answer::ContentType("text/html")),
            Meaning::Nothing,
        ),
        length("Content-Length too long, closed", 7, How::Close, Meaning::Broken),
        length("Content-Length too long, stalled", 7, How::Stall, Meaning::Silence),
        length("Content-Length too short", -7, How::Close, Meaning::NotUnderstood(Kind::Decode)),
    ]
}

fn redirects() -> Vec<Fault> {
    let to = |status, target, name| {
        let play = Play::Answer(Answer::Redirect(status, target));
        fault(format!("{status} to {name}"), play, Meaning::Redirect(target))
    };
    let itself = [301, 302, 303, 307, 308].map(|status| to(status, Target::Itself, "itself"));
    let away = [302, 308].map(|status| {
        [
            to(status, Target::OtherPort, "another port"),
            to(status, Target::OtherHost, "another host"),
        ]
    });
    itself.into_iter().chain(away.into_iter().flatten()).collect()
}

fn statuses() -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |status, after, name: &str| {
        let play = Play::Answer(Answer::Status(status, after));
        faults.push(fault(name, play, Meaning::Status(status, after)));
    };
    for status in [401, 408, 425, 429, 500, 502, 503, 504] {
        add(status, After::None, &status.to_string());
    }
    for status in [408, 425] {
        add(status, After::Seconds, &format!("{status}, Retry-After in seconds"));
    }
    for status in [429, 503] {
        for (after, words) in [
            (After::Seconds, ", Retry-After in seconds"),
            (After::Date, ", Retry-After as a date"),
            (After::Past, ", Retry-After as a date in the past"),
            (After::Years, ", Retry-After in years"),
            (After::Nonsense("soon"), ", Retry-After: soon"),
            (After::Nonsense("-1"), ", Retry-After: -1"),
            (After::Nonsense("99999999999999999999999"), ", Retry-After without end"),
        ] {
            add(status, after, &format!("{status}{words}"));
        }
    }
    faults
}

/// What NSSO says in its own words, beside HTTP 200.
fn own_codes() -> Vec<Fault> {
    let own = |name: &str, body, meaning| {
        fault(name, Play::Answer(Answer::Body(Body::Json(body))), meaning)
    };
    vec![
        own("code 456 of NSSO", r#"{"error":"456","message":"MAX_LIMIT"}"#, Meaning::Overloaded),
        own("code 404 of NSSO", r#"{"error":404,"message":"TIME_MAX_CONNECT"}"#, Meaning::TryLater),
        own("code 1 of NSSO", r#"{"error":"1","message":"API_SUSPENDED"}"#, Meaning::TryLater),
    ]
}
