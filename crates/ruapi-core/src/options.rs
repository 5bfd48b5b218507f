//! What can be set on a client, and what its API sets by default.

use std::sync::Arc;
use std::time::Duration;

use crate::classify::Classify;
use crate::clock::{Clock, FOREVER};
use crate::error::Error;
use crate::limit::Limits;
use crate::retry::RetryPolicy;
use crate::transport::{ReqwestTransport, Transport};

/// What can be set on any client of the family. What is not set, the API's own default decides.
///
/// ```
/// use std::time::Duration;
/// use ruapi_core::{Limits, Options, RetryPolicy};
///
/// let options = Options::new()
///     .timeout(Duration::from_secs(30))
///     .limits(Limits::default().parallel(8))
///     .retry(RetryPolicy::default().attempts(3));
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) limits: Option<Limits>,
    pub(crate) max_body: Option<usize>,
    pub(crate) user_agent: Option<String>,
    pub(crate) clock: Option<Arc<dyn Clock>>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
}

impl Options {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Time for one attempt, from connecting to the last byte of the answer.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout.min(FOREVER));
        self
    }

    /// Time for the whole call: all attempts, the pauses between them, waiting for a limit. A request
    /// that must not be repeated is not started when nine tenths of an attempt's time no longer fit in.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline.min(FOREVER));
        self
    }

    /// Bounds of repetition.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Limits to keep within.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// The largest answer that is read, in bytes.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// The `User-Agent` header.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }

    /// Another clock than the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Your own `reqwest::Client`, still as its builder: proxies, certificates, connection pool,
    /// timeout of connecting. What money depends on is set here whatever you chose: no redirects,
    /// no retries by reqwest, no referer. Refused: what reqwest cannot build.
    ///
    /// ```
    /// let builder = reqwest::Client::builder().connect_timeout(std::time::Duration::from_secs(5));
    /// let options = ruapi_core::Options::new().http_client(builder)?;
    /// # let _ = options;
    /// # Ok::<(), ruapi_core::Error>(())
    /// ```
    pub fn http_client(self, builder: reqwest::ClientBuilder) -> Result<Self, Error> {
        let transport = ReqwestTransport::new(builder)?;
        Ok(self.transport(Arc::new(transport)))
    }

    /// Another transport.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }
}

/// The defaults of one API, and what tells its answers apart.
///
/// For an example see the [crate's page](crate#a-client-in-thirty-lines).
#[derive(Debug, Clone)]
pub struct Api {
    /// The name and version of the client, for `User-Agent`.
    pub user_agent: &'static str,
    /// Time for one attempt.
    pub timeout: Duration,
    /// Time for the whole call.
    pub deadline: Duration,
    /// Bounds of repetition.
    pub retry: RetryPolicy,
    /// The largest answer that is read, in bytes.
    pub max_body: usize,
    /// Tells a good answer from a rejection.
    pub classify: Classify,
}
