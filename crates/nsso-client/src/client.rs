//! The client: a token, a base URL, and the road to the service.

use std::time::Duration;

use futures_core::Stream;
use http::HeaderName;
use ruapi_core::{Api, Credential, Error, Options, Pipeline, RetryPolicy};

use crate::bulk::Bulk;
use crate::check::{Check, Query, Subject};
use crate::code::classify;
use crate::input::Token;

/// The service's base URL, up to the operation's own path `nsso.php`.
pub const PRODUCTION: &str = "https://api-cloud.ru/api/";

/// Where the token goes.
///
/// For an example see [`ClientBuilder`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenPlacement {
    /// The query parameter `token`, as documented.
    #[default]
    Query,
    /// The header `Token`, which the service is reported to take as well; it keeps the token out of access logs.
    Header,
}

/// Client of the NSSO API. Cloning is cheap; clones share connections, limits and the retry budget.
///
/// ```
/// use nsso_client::{Client, PlateNumber, Token};
/// use ruapi_sandbox::{Nsso, Sandbox};
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let sandbox = Sandbox::start().await?;
///     let token = Token::new(Nsso::TOKEN)?;
///     // For the real service: Client::new(token)?
///     let client = Client::builder(token).base_url(sandbox.nsso_url()).build()?;
///
///     let plate: PlateNumber = Nsso::EXAMPLE_PLATE.parse()?;
///     let check = client.check(&plate).await?;
///     assert_eq!(check.count, Some(1));
///     Ok(())
/// }
/// ```
///
/// More is in the [guide](crate::guide).
#[derive(Debug, Clone)]
pub struct Client {
    pipeline: Pipeline,
}

impl Client {
    /// A client of the production service with the defaults of [`ClientBuilder`].
    pub fn new(token: Token) -> Result<Self, Error> {
        Self::builder(token).build()
    }

    /// A client with settings of your own.
    pub fn builder(token: Token) -> ClientBuilder {
        ClientBuilder {
            token,
            placement: TokenPlacement::default(),
            base_url: PRODUCTION.to_owned(),
            options: Options::new(),
        }
    }

    /// `checkPolicy`: the policies of a car, or a policy by its number. **Billed** when answered.
    ///
    /// ```no_run
    /// # async fn example(client: nsso_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let plate: nsso_client::PlateNumber = "А111АА11".parse()?;
    /// let check = client.check(&plate).only_actual(false).await?;
    /// println!("{} policies for {:?} rubles", check.result.len(), check.inquiry.price);
    /// # Ok(()) }
    /// ```
    pub fn check(&self, subject: impl Into<Subject>) -> Check {
        Check::new(self.clone(), subject.into(), Query::new())
    }

    /// Many queries, several at a time: see [`Bulk`]. `K` is whatever tells one input from another.
    ///
    /// For an example see the [guide](crate::guide#retries-and-money).
    pub fn bulk<K, S>(&self, inputs: S) -> Bulk<K, S>
    where
        S: Stream<Item = (K, Subject)>,
    {
        Bulk::new(self.clone(), inputs)
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }
}

/// Settings of a [`Client`].
///
/// By default: production, token in the query, 120 s for an attempt (the document: 30 s may not be
/// enough), 600 s for a call, up to 8 attempts at what surely was not processed, answers up to 2 MiB.
///
/// ```
/// use std::time::Duration;
///
/// use nsso_client::{Client, Limits, Options, Token, TokenPlacement};
///
/// let options = Options::new().deadline(Duration::from_secs(300)).limits(Limits::default().parallel(8));
/// let client = Client::builder(Token::new("00000000000000000000000000000000")?)
///     .token_placement(TokenPlacement::Header)
///     .options(options)
///     .build()?;
/// # let _ = client;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "ends with `build`"]
pub struct ClientBuilder {
    token: Token,
    placement: TokenPlacement,
    base_url: String,
    options: Options,
}

impl ClientBuilder {
    /// Another server: the URL up to `nsso.php`. It must be https, except on loopback.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Where the token goes.
    pub fn token_placement(mut self, placement: TokenPlacement) -> Self {
        self.placement = placement;
        self
    }

    /// Timeouts, retries, limits, the HTTP client.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The client. Refused: a base URL that would send the token in the clear.
    pub fn build(self) -> Result<Client, Error> {
        let secret = self.token.into_secret();
        let credential = match self.placement {
            TokenPlacement::Query => Credential::query_key("token", secret),
            TokenPlacement::Header => {
                Credential::header_key(HeaderName::from_static("token"), secret)?
            }
        };
        let api = Api {
            user_agent: concat!("nsso-client/", env!("CARGO_PKG_VERSION")),
            timeout: Duration::from_secs(120),
            deadline: Duration::from_secs(600),
            retry: RetryPolicy::default().attempts(8),
            max_body: 2 << 20,
            classify,
        };
        let pipeline = Pipeline::new(api, &self.base_url, credential, self.options)?;
        Ok(Client { pipeline })
    }
}

/// What a caller may rely on when spawning and sharing.
const _: () = {
    const fn is_shared<T: Clone + Send + Sync + 'static>() {}
    const fn is_sent<T: Send + 'static>() {}
    is_shared::<Client>();
    is_sent::<<Check as IntoFuture>::IntoFuture>();
    is_sent::<Bulk<u64, futures_util::stream::Pending<(u64, Subject)>>>();
};
