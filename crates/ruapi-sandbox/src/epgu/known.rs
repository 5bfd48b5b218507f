//! The applications of the document's examples, and those that a test adds.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::Epgu;
use super::archive::{Archive, ArchiveFile};
use super::details::moscow;
use super::kinds::Outcome;
use super::order::{
    CORRECTION, DRAFT, Event, Order, PROCESSING_ERROR, Printed, RECEIVED, REGISTERED,
    SENDING_ERROR, SENT, SIGNING_EXPIRED, Status,
};
use super::state::{State, Token};

/// The first line of the example's history.
pub(super) const FIRST_EVENT: u64 = 6_268_157_768;

/// The application that a list of the document prints with a space before `orderId`.
pub(super) const WITH_A_SPACE: u64 = 2_354_270_898;

/// Applications that a test adds have numbers from here on.
pub(super) const FIRST_ADDED: u64 = 7_000_000_000;

/// The first of those that fill up the document's list of 40.
const FIRST_FILLER: u64 = 764_500_001;
const FILLERS: u64 = 35;

/// A moment in Moscow: year, month, day, hour, minute, second, millisecond.
fn at(date: (i32, u32, u32), time: (u32, u32, u32), millis: i64) -> DateTime<Utc> {
    let (hour, minute, second) = time;
    let moment = moscow().with_ymd_and_hms(date.0, date.1, date.2, hour, minute, second);
    moment.single().expect("a valid time").to_utc() + TimeDelta::milliseconds(millis)
}

/// What a fresh sandbox has.
pub(super) fn state() -> State {
    let mut state = State::empty();
    for (token, user) in [(Epgu::TOKEN, Epgu::USER), (Epgu::OTHER_TOKEN, Epgu::OTHER_USER)] {
        state.tokens.insert(token.to_owned(), Token { user, expires: None, error: None });
    }
    let december = |day, time, millis| at((2022, 12, day), time, millis);
    // Of the three, the lists print when they were updated: 8 milliseconds later.
    let mut orders = vec![
        example(),
        listed(764_607_248, &SENDING_ERROR, december(21, (20, 49, 37), 664)),
        listed(764_603_930, &CORRECTION, december(21, (19, 51, 16), 844)),
        listed(764_602_932, &SIGNING_EXPIRED, december(16, (15, 31, 42), 75)),
    ];
    for (id, hour) in [(WITH_A_SPACE, 12), (2_354_271_090, 11)] {
        let nothing = Printed::Nothing(december(16, (hour, 0, 0), 0));
        let created = december(10, (16, 0, 0), 0);
        orders.push(Order { printed: Some(nothing), ..Order::new(id, Epgu::USER, created) });
    }
    for number in 0..FILLERS {
        let minutes = TimeDelta::minutes(number as i64);
        orders.push(listed(
            FIRST_FILLER + number,
            &PROCESSING_ERROR,
            december(12, (10, 0, 0), 0) + minutes,
        ));
    }
    // The draft that the document sends chunks for, and what it cancels.
    orders.push(Order::new(764_255_248, Epgu::USER, december(1, (12, 0, 0), 0)));
    let received = december(1, (12, 0, 0), 0);
    orders.push(listed(Epgu::CANCELLABLE_ORDER, &RECEIVED, received));
    state.orders.extend(orders.into_iter().map(|order| (order.id, order)));
    state
}

/// One of which the document prints the present status only.
fn listed(id: u64, status: &'static Status, since: DateTime<Utc>) -> Order {
    let before = |seconds: i64| since - TimeDelta::seconds(seconds);
    let mut events =
        vec![Event { at: before(6), status: &DRAFT }, Event { at: before(5), status: &REGISTERED }];
    if *status != SENDING_ERROR {
        events.push(Event { at: before(4), status: &SENT });
    }
    if *status != SENDING_ERROR && *status != RECEIVED {
        events.push(Event { at: before(1), status: &RECEIVED });
    }
    events.push(Event { at: since, status });
    let printed = Some(Printed::History(events));
    Order { printed, ..Order::new(id, Epgu::USER, before(6)) }
}

/// The one whose details the document prints.
fn example() -> Order {
    let event = |second, millis, status| {
        let at = at((2022, 7, 25), (13, 1, second), millis);
        Event { at, status }
    };
    let events = vec![
        event(46, 413, &DRAFT),
        event(47, 426, &REGISTERED),
        event(48, 520, &SENT),
        event(51, 810, &RECEIVED),
        event(52, 121, &PROCESSING_ERROR),
    ];
    let created = at((2022, 7, 25), (13, 1, 46), 0);
    let files = vec![ArchiveFile { name: "req.xml".to_owned(), bytes: 653 }];
    Order {
        region: "36".to_owned(),
        archive: Some(Archive { order: Epgu::EXAMPLE_ORDER, bytes: 0, crc32: 0, files }),
        printed: Some(Printed::History(events)),
        ..Order::new(Epgu::EXAMPLE_ORDER, Epgu::USER, created)
    }
}

/// One of many.
pub(super) fn added(id: u64, user: u64, number: u64, now: DateTime<Utc>) -> Order {
    Order::new(id, user, made(number, now))
}

/// When a test's `number`th application was made: so that it has come as far as it should.
fn made(number: u64, now: DateTime<Utc>) -> DateTime<Utc> {
    let age = match number % KINDS.len() as u64 {
        // Still on its way.
        4 => TimeDelta::milliseconds(1_500),
        5 => TimeDelta::seconds(10),
        _ => TimeDelta::hours(1),
    };
    // Within the same second, but not all at once.
    now - age - TimeDelta::milliseconds((number % 400) as i64)
}

/// The kinds of added applications, in turn.
const KINDS: [Option<Outcome>; 10] = [
    Some(Outcome::Executed),
    Some(Outcome::Refused),
    Some(Outcome::Pending),
    Some(Outcome::NeedsCorrection),
    Some(Outcome::Executed),
    Some(Outcome::Executed),
    Some(Outcome::ProcessingError),
    None,
    Some(Outcome::ValidationError),
    Some(Outcome::SigningExpired),
];

/// When and as what an added application was sent; none is a draft.
pub(super) fn added_as(number: u64, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Outcome)> {
    let kind = KINDS[crate::draw::pick(number, KINDS.len() as u64)];
    kind.map(|outcome| (made(number, now), outcome))
}
