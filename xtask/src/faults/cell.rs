//! One cell of the matrix: one fault befalls one operation, and what comes of it is held against the rules.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use ruapi_core::transport::Transport;
use ruapi_core::{Error, Kind, Options};

use super::rules::{End, Expected, Times, expect};
use super::script::{Script, Watched};
use super::server::{MAX_BODY, Server};
use super::table::{At, Fault, Kept, Meaning, Play};
use crate::Result;
use crate::operations::{Access, Class, Done, Operation, Site};

/// A cell.
#[derive(Clone)]
pub(crate) struct Cell {
    pub(crate) operation: Arc<Operation>,
    pub(crate) fault: Arc<Fault>,
    pub(crate) times: Times,
    pub(crate) access: Access,
}

/// A cell takes milliseconds; whatever takes so long hangs.
const HANGS: Duration = Duration::from_secs(30);

/// All cells of these operations and faults.
pub(crate) fn cells(operations: Vec<Operation>, faults: Vec<Fault>) -> Vec<Cell> {
    let faults: Vec<Arc<Fault>> = faults.into_iter().map(Arc::new).collect();
    let mut cells = Vec::new();
    for operation in operations.into_iter().map(Arc::new) {
        for fault in faults.iter().filter(|fault| fault.befalls(&operation)) {
            // Only there it matters who asks.
            let is_credential = matches!(fault.meaning, Meaning::Status(401, _));
            let accesses = operation.accesses().take(if is_credential { usize::MAX } else { 1 });
            for access in accesses {
                for times in [Times::Once, Times::Always] {
                    let (operation, fault) = (operation.clone(), fault.clone());
                    cells.push(Cell { operation, fault, times, access });
                }
            }
        }
    }
    cells
}

impl Fault {
    /// Whether there is such a fault of this operation.
    fn befalls(&self, operation: &Operation) -> bool {
        use super::table::Answer::Length;
        let answers_nothing = matches!(operation.class, Class::Deletion | Class::MakesSilently);
        match &self.play {
            Play::End(At::Head | At::WithinBody, _) | Play::Drip => !answers_nothing,
            Play::Answer(Length(more, _)) => !answers_nothing || *more > 0,
            _ if matches!(self.meaning, Meaning::Overloaded | Meaning::TryLater) => {
                operation.api.name == "nsso"
            }
            _ => true,
        }
    }

    /// Whether the server reads the request.
    fn is_read(&self) -> bool {
        match self.play {
            Play::Refuse => false,
            Play::End(at, _) => at >= At::Request,
            _ => true,
        }
    }
}

impl Cell {
    pub(crate) fn expected(&self) -> Expected {
        expect(&self.fault, self.times, &self.operation, self.access)
    }

    pub(crate) fn title(&self) -> String {
        let Self { operation, fault, times, access } = self;
        format!("{}, {access:?}: {} {times:?}", operation.title(), fault.name)
    }

    /// Plays it. What comes back is wrong with what came of it.
    pub(crate) async fn play(&self, network: &Arc<dyn Transport>) -> Result<Vec<String>> {
        let playing = AssertUnwindSafe(self.call(network)).catch_unwind();
        Ok(match tokio::time::timeout(HANGS, playing).await {
            Err(_) => vec!["hangs".to_owned()],
            Ok(Err(_)) => vec!["panics".to_owned()],
            Ok(Ok(result)) => {
                let (script, done) = result?;
                self.wrong(&script, &done)
            }
        })
    }

    /// Calls the operation while the server plays the fault.
    pub(crate) async fn call(&self, network: &Arc<dyn Transport>) -> Result<(Arc<Script>, Done)> {
        let script = Script::new(&self.operation, &self.fault, self.times);
        let server = Server::start(script.clone()).await?;
        let transport = Watched { inner: network.clone(), script: script.clone() };
        let options = Options::new()
            .transport(Arc::new(transport))
            .clock(Arc::new(script.clock.clone()))
            .max_body(MAX_BODY);
        let site = Site { base_url: server.base_url.clone(), access: self.access, options };
        if self.fault.on_kept.is_some() {
            let before = self.operation.call(&site).await;
            if let Some(error) = before.error {
                return Err(format!("{}: the good call before fails: {error}", self.title()).into());
            }
            script.begin().await;
        }
        let done = self.operation.call(&site).await;
        Ok((script, done))
    }

    fn wrong(&self, script: &Script, done: &Done) -> Vec<String> {
        let expected = self.expected();
        let notes = script.notes();
        let mut wrong = Vec::new();
        let mut check = |what: &str, is: String, should: String| {
            if is != should {
                wrong.push(format!("{what} {is}, not {should}"));
            }
        };
        check("sent", notes.sent.to_string(), expected.sent.to_string());
        // What the libraries beneath repeat by themselves arrives more often than it is sent.
        let refused = match (&self.fault.play, self.times) {
            (Play::Refuse, Times::Once) => 1,
            (Play::Refuse, Times::Always) => expected.sent,
            _ => 0,
        };
        check("arrived", notes.arrived.len().to_string(), (expected.sent - refused).to_string());
        if self.fault.on_kept.is_some() {
            check("connections open before", notes.open_before.to_string(), 1.to_string());
        }
        if self.fault.on_kept == Some(Kept::Used) {
            check(
                "came first on connection",
                format!("{:?}", notes.arrived.first()),
                "Some(1)".into(),
            );
        }
        let unread = match (self.fault.is_read(), self.times) {
            (true, _) => 0,
            (false, Times::Once) => 1,
            (false, Times::Always) => expected.sent,
        };
        check("read", notes.read.len().to_string(), (expected.sent - unread).to_string());
        check("ends", format!("{:?}", end(done)), format!("{:?}", expected.end));
        if let Some(error) = &done.error {
            if let Some(attempts) = self.attempts(&expected) {
                check("attempts", error.attempts().to_string(), attempts.to_string());
            }
            check("cause", is_told(error).to_string(), true.to_string());
            let told = error.retry_after();
            // A date has no fractions of a second.
            let is_it = match (told, expected.retry_after) {
                (Some(told), Some(should)) => {
                    told <= should && told + Duration::from_secs(1) > should
                }
                (told, should) => told == should,
            };
            if !is_it {
                wrong.push(format!("retry_after {told:?}, not {:?}", expected.retry_after));
            }
        }
        let least = |pair: &[Duration]| pair[1] - pair[0] >= expected.pause;
        if !notes.read.windows(2).all(least) {
            wrong.push(format!("read at {:?}, pauses below {:?}", notes.read, expected.pause));
        }
        if notes.elsewhere > 0 {
            wrong.push("went where a redirect led to".to_owned());
        }
        wrong
    }

    /// How many attempts the error must tell, where it tells of all of them.
    fn attempts(&self, expected: &Expected) -> Option<u32> {
        match (self.operation.class, self.fault.meaning) {
            // Its second sending is another call.
            (Class::LastChunk(_), _) => None,
            // It tells of the call that the login goes before.
            (Class::Login, _) => Some(1),
            (_, Meaning::Redirect(_)) => Some(1),
            _ => Some(expected.sent),
        }
    }
}

fn end(done: &Done) -> End {
    match &done.error {
        None => End::Good,
        Some(error) => End::Failed { kind: error.kind(), maybe_processed: done.maybe_processed },
    }
}

/// Whether an error says what it is of: a status, a cause, or its own words.
fn is_told(error: &Error) -> bool {
    let has_cause = std::error::Error::source(error).is_some();
    match error.kind() {
        Kind::Connect | Kind::Interrupted => has_cause || error.status().is_some(),
        Kind::Timeout => true,
        _ => error.status().is_some(),
    }
}

#[cfg(test)]
mod tests {
    use ruapi_core::test_util::over_http;

    use super::*;

    #[tokio::test]
    async fn what_comes_on_another_connection_or_too_often_is_noticed() {
        let mut operations = crate::operations::all().unwrap();
        operations.truncate(1);
        let mut faults = crate::faults::faults();
        faults.retain(|fault| fault.on_kept == Some(Kept::Used));
        let network = over_http().unwrap();
        for cell in cells(operations, faults) {
            let (script, done) = cell.call(&network).await.unwrap();
            assert_eq!(cell.wrong(&script, &done), [""; 0], "{}", cell.title());
            script.notes().arrived.insert(0, 2);
            script.notes().open_before = 0;
            let wrong = cell.wrong(&script, &done).join("; ");
            for what in ["arrived 2, not 1", "open before 0, not 1", "on connection Some(2), not"] {
                assert!(wrong.contains(what), "{}: {wrong}", cell.title());
            }
        }
    }
}
