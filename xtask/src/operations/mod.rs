//! Every operation of every client as data: how it is called, what its document promises of it, and what a
//! good answer looks like. A new operation is one more line in its API's list.

pub(crate) mod epgu;
pub(crate) mod nsso;
pub(crate) mod osago;
pub(crate) mod planted;
pub(crate) mod shtrafovnet;

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use ruapi_core::test_util::{Exchange, everything_shown};
use ruapi_core::{BoxFuture, Error, Options, Request};
use serde_json::Value;

use crate::Result;

/// One API, as far as its operations have it in common: the table "Defaults" of its README.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) name: &'static str,
    /// How often what may be repeated is sent at most.
    pub(crate) attempts: u32,
    /// Time for an attempt.
    pub(crate) timeout: Duration,
    /// Time for a call.
    pub(crate) deadline: Duration,
    /// How a caller may be known to the service; the first one is the usual one.
    pub(crate) access: &'static [Access],
}

/// How a caller is known to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A secret that stays the same, where the API wants it.
    Fixed,
    /// The same in a header of its own.
    Header,
    /// A token that is fetched, and fetched anew when it is refused.
    Renewing,
}

/// One operation, or one way of calling it.
pub(crate) struct Operation {
    pub(crate) api: &'static Api,
    /// Its folder below `fixtures/API/`.
    pub(crate) name: &'static str,
    /// Which way of calling it, where there are several.
    pub(crate) way: &'static str,
    pub(crate) class: Class,
    /// Whether the token authorizes it, if the access has one: then a fresh one may help.
    pub(crate) by_token: bool,
    /// Only with an account: a token alone is not enough.
    pub(crate) needs_login: bool,
    pub(crate) answer: Answers,
    call: Calling,
}

type Answers = Box<dyn Fn(&Asked<'_>) -> Reply + Send + Sync>;
type Calling = Box<dyn Fn(&Site) -> BoxFuture<'static, Done> + Send + Sync>;

/// What the document and the README promise of an operation's repetition. These are the columns of the
/// table of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Billed when it is answered. The service says so where it has too many queries at once, and then it
    /// was not processed.
    Billed,
    /// The same, where the caller asked for repetition when the service says "try again later".
    BilledTryLater,
    /// Only asks, or says the same thing however often it is said.
    Repeatable,
    /// The same, and nothing is answered.
    Deletion,
    /// Only asks, page after page; the second page fails.
    Walk,
    /// Only asks; the answer is read piece by piece.
    File,
    /// Makes something, twice if it is said twice.
    Makes,
    /// The same, and nothing is answered.
    MakesSilently,
    /// The same, where the caller asked for repetition when the service says "try again later".
    MakesTryLater,
    /// The login before a call that makes something: it may be repeated, and without it the call is not sent.
    Login,
    /// A chunk that is not the last: it may be sent again, and files nothing.
    Chunk,
    /// The last chunk, which files the application; afterwards the order's details say so.
    LastChunk(Details),
}

/// What an order's details say after its last chunk was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Details {
    Arrived,
    Missing,
    Unknown,
}

/// A request, as far as the answer depends on it.
pub(crate) struct Asked<'a> {
    /// Path and query, as they were sent.
    pub(crate) target: &'a str,
    /// How many requests that go before were answered so far.
    pub(crate) before: u32,
    /// How many of those that count were answered well so far.
    pub(crate) served: u32,
}

/// A good answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// Whether this is the request that faults befall, and not one that goes before it.
    pub(crate) counts: bool,
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
}

impl Reply {
    /// JSON, with planted people in it.
    pub(crate) fn json(status: u16, mut body: Value) -> Self {
        planted::fill(&mut body);
        let body = body.to_string().into();
        Self { counts: true, status, content_type: "application/json", body }
    }

    /// A good answer that goes before the one that counts.
    pub(crate) fn before(self) -> Self {
        Self { counts: false, ..self }
    }

    /// The answer of a fixture.
    pub(crate) fn fixture(api: &str, operation: &str, case: &str) -> Result<Self> {
        let response = fixture(api, operation, case)?.response;
        let body = match &response.body {
            Value::Null => Bytes::new(),
            body => return Ok(Self::json(response.status, body.clone())),
        };
        Ok(Self { counts: true, status: response.status, content_type: "application/json", body })
    }
}

fn fixture(api: &str, operation: &str, case: &str) -> Result<Exchange> {
    let path = crate::root().join(format!("fixtures/{api}/{operation}/{case}.json"));
    let text = std::fs::read_to_string(&path);
    Ok(serde_json::from_str(&text.map_err(|error| format!("{}: {error}", path.display()))?)?)
}

/// An answer of Cherehapa, which is read and never asked for, with planted people in it.
pub(crate) fn cherehapa(operation: &str, case: &str) -> Result<Value> {
    let mut body = fixture("cherehapa", operation, case)?.response.body;
    planted::replace(&mut body);
    Ok(body)
}

/// Where a call goes, and how.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) base_url: String,
    pub(crate) access: Access,
    pub(crate) options: Options,
}

/// What came of a call, and all that it showed.
pub(crate) struct Done {
    pub(crate) error: Option<Error>,
    /// Whether something may have been done, by what the caller is told.
    pub(crate) maybe_processed: bool,
    /// What could be seen of it, by the name of the place.
    pub(crate) shown: Vec<(&'static str, String)>,
}

impl Done {
    pub(crate) fn of(result: std::result::Result<(), Error>) -> Self {
        let error = result.err();
        let mut shown = Vec::new();
        if let Some(error) = &error {
            shown.push(("the error", everything_shown(error)));
        }
        let maybe_processed = error.as_ref().is_some_and(Error::maybe_processed);
        Self { error, maybe_processed, shown }
    }

    pub(crate) fn also(mut self, place: &'static str, shown: impl Debug) -> Self {
        self.shown.push((place, format!("{shown:?} {shown:#?}")));
        self
    }
}

/// Awaits a call and keeps all that it shows before and after.
pub(crate) async fn watch<C, T>(call: C, request: std::result::Result<Request, Error>) -> Done
where
    C: Debug + IntoFuture<Output = std::result::Result<T, Error>>,
    T: Debug,
{
    let before = format!("{call:?} {call:#?}");
    let (result, answer) = match call.await {
        Ok(answer) => (Ok(()), Some(answer)),
        Err(error) => (Err(error), None),
    };
    let mut done = Done::of(result).also("the request", request);
    done.shown.push(("the call", before));
    match answer {
        Some(answer) => done.also("the answer", answer),
        None => done,
    }
}

/// Walks over all items of a list, of which the first page is good.
pub(crate) async fn walk<T: Debug>(
    mut items: impl Stream<Item = std::result::Result<T, Error>> + Unpin,
) -> Done {
    let mut given = Vec::new();
    let result = loop {
        match items.try_next().await {
            Ok(Some(item)) => given.push(item),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert!(!given.is_empty(), "the first page is given before the second one fails");
    Done::of(result).also("items", given)
}

impl Operation {
    pub(crate) fn new(
        api: &'static Api,
        name: &'static str,
        class: Class,
        answer: impl Fn(&Asked<'_>) -> Reply + Send + Sync + 'static,
        call: impl Fn(&Site) -> BoxFuture<'static, Done> + Send + Sync + 'static,
    ) -> Self {
        Self {
            api,
            name,
            way: "",
            class,
            by_token: true,
            needs_login: false,
            answer: Box::new(answer),
            call: Box::new(call),
        }
    }

    /// Names this way of calling it.
    pub(crate) fn way(mut self, way: &'static str) -> Self {
        self.way = way;
        self
    }

    /// Needs no token: a fresh one would not help.
    pub(crate) fn without_token(mut self) -> Self {
        self.by_token = false;
        self
    }

    /// Needs e-mail and password themselves.
    pub(crate) fn with_login(mut self) -> Self {
        self.needs_login = true;
        self.without_token()
    }

    /// Calls it.
    pub(crate) fn call(&self, site: &Site) -> BoxFuture<'static, Done> {
        (self.call)(site)
    }

    /// For people.
    pub(crate) fn title(&self) -> String {
        let way = if self.way.is_empty() { String::new() } else { format!(" ({})", self.way) };
        format!("{} {}{way}", self.api.name, self.name)
    }

    /// How it may be called here.
    pub(crate) fn accesses(&self) -> impl Iterator<Item = Access> {
        let fits = |access: &Access| !self.needs_login || *access == Access::Renewing;
        self.api.access.iter().copied().filter(fits)
    }
}

/// All operations of all clients.
pub(crate) fn all() -> Result<Vec<Operation>> {
    let mut all = nsso::operations()?;
    all.extend(shtrafovnet::operations()?);
    all.extend(osago::operations()?);
    all.extend(epgu::operations()?);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_documented_operation_is_there() {
        let operations = all().unwrap();
        for (api, count) in [("nsso", 1), ("shtrafovnet", 27), ("osago", 7), ("epgu", 9)] {
            let of_api = operations.iter().filter(|operation| operation.api.name == api);
            let names: BTreeSet<_> = of_api.map(|operation| operation.name).collect();
            assert_eq!(names.len(), count, "{api}: {names:?}");
            let Some(known) = crate::apis::APIS.iter().find(|known| known.name == api) else {
                continue;
            };
            let documented: toml::Table = toml::from_str(known.documented).unwrap();
            for operation in documented["operation"].as_array().unwrap() {
                let folder = operation["folder"].as_str().unwrap();
                assert!(names.contains(folder), "{api} {folder}");
            }
        }
    }
}
