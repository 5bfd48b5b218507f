//! The client: one method for each operation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ruapi_core::{Api, Credential, Error, Limits, Options, Pipeline, RetryPolicy};

use crate::applications::{self, Applications};
use crate::archive::Archive;
use crate::call::Call;
use crate::cancel::CancelOrder;
use crate::create::CreateOrder;
use crate::dictionary::ReadDictionary;
use crate::download::Download;
use crate::edition::{Edition, Environment};
use crate::error::classify;
use crate::link::FileLink;
use crate::meta::Meta;
use crate::order::OrderDetails;
use crate::order_id::OrderId;
use crate::reconcile_push::ReconcilePush;
use crate::statuses::{OrdersStatus, UpdatedAfter};
use crate::tracker::{Tracker, TrackerState};
use crate::updates::{OrderUpdates, SyncCursor};
use crate::upload::{Push, Submit, Upload};

/// The scope that the token must have (table 1), to be asked for at ESIA.
pub const SCOPE: &str = "http://lk.gosuslugi.ru/api-order";

const DAY: Duration = Duration::from_secs(86_400);

/// Appendix 3: requests of a system, by the calendar. What holds within any span of the longest month holds
/// within each month.
const REQUESTS: [(u32, Duration); 5] = [
    (2_000, Duration::from_secs(60)),
    (120_000, Duration::from_secs(3600)),
    (2_880_000, DAY),
    (86_400_000, DAY.saturating_mul(31)),
    (1_036_800_000, DAY.saturating_mul(366)),
];

fn documented_limits() -> Limits {
    REQUESTS.iter().fold(Limits::default(), |limits, (most, span)| limits.per_window(*most, *span))
}

/// Client of the EPGU API. Cloning is cheap; clones share connections, limits and the retry budget.
///
/// ```
/// use epgu_gusmev::{Client, Credential, Environment, OrderId};
/// use ruapi_sandbox::{Epgu, Sandbox};
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let sandbox = Sandbox::start().await?;
///     let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
///     // For the real service: Client::new(Environment::Production, credential)?
///     let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
///
///     let info = client.order(OrderId::new(Epgu::EXAMPLE_ORDER)?).await?;
///     println!("{:?}", info.code);
///     Ok(())
/// }
/// ```
///
/// The whole way is in the [guide](crate::guide).
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    pipeline: Pipeline,
    /// The same without a credential, for what is open to everybody.
    open: Pipeline,
    environment: Environment,
    edition: Edition,
    applications: Applications,
}

impl Client {
    /// A client of the environment with the defaults of [`ClientBuilder`].
    pub fn new(environment: Environment, credential: Credential) -> Result<Self, Error> {
        Self::builder(environment, credential).build()
    }

    /// A client with settings of your own.
    pub fn builder(environment: Environment, credential: Credential) -> ClientBuilder {
        ClientBuilder {
            environment,
            credential,
            edition: Edition::default(),
            limits: Some(documented_limits()),
            applications: applications::Limits::default(),
            options: Options::new(),
        }
    }

    /// Makes an application without its files, for its number (Создание заявления). Not repeated by itself.
    pub fn create_order(&self, meta: &Meta) -> Call<CreateOrder> {
        Call::new(self, CreateOrder::new(meta))
    }

    /// Cancels an application (Отмена заявления). Not repeated by itself.
    pub fn cancel(&self, order: OrderId) -> Call<CancelOrder> {
        Call::new(self, CancelOrder::new(order))
    }

    /// Files an application with its archive in one call (Формирование заявления единым методом): see
    /// [`Push`]. Not repeated by itself.
    pub fn push(&self, meta: &Meta, archive: Archive) -> Push {
        Push::new(self, meta, archive)
    }

    /// Sends an order's archive in chunks, which files it (Отправка заявления): see [`Upload`].
    pub fn upload(&self, order: OrderId, meta: &Meta, archive: Archive) -> Upload {
        Upload::new(self, order, meta, archive)
    }

    /// Files an application by whichever way fits its archive: see [`Submit`].
    pub fn submit(&self, meta: &Meta, archive: Archive) -> Submit {
        Submit::new(self, meta, archive)
    }

    /// Looks for the application that a push made whose answer was lost; `sent_after`: when the push was
    /// begun, by a clock that is right to some minutes; if the service's is behind it, the application is not
    /// told from earlier ones. See [`ReconcilePush`].
    pub fn reconcile_push(
        &self,
        meta: &Meta,
        archive: &Archive,
        sent_after: DateTime<Utc>,
    ) -> ReconcilePush {
        ReconcilePush::new(self, meta, archive, sent_after)
    }

    /// A file of an application (Скачивание файла), by its link: see [`Download`]. The document wants the
    /// order's `currentStatusHistoryId` as the object's id: where the link in the details has another one,
    /// make a link of your own.
    pub fn download(&self, link: &FileLink) -> Download {
        Download::new(self, link)
    }

    /// Follows any number of applications to their ends: see [`Tracker`].
    pub fn track(&self, state: TrackerState) -> Tracker {
        Tracker::new(self, state)
    }

    /// Where editions of the document differ, what this client does.
    pub fn edition(&self) -> &Edition {
        &self.inner.edition
    }

    /// Which server is asked.
    pub fn environment(&self) -> &Environment {
        &self.inner.environment
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.inner.pipeline
    }

    pub(crate) fn applications(&self) -> &Applications {
        &self.inner.applications
    }

    // Reading

    /// Where an application stands, and everything else about it (Получение деталей по заявлению).
    pub fn order(&self, order: OrderId) -> Call<OrderDetails> {
        Call::new(self, OrderDetails::new(order))
    }

    /// The statuses of these applications (Получение статусов по переданному списку заявлений): await
    /// it for up to [`OrdersStatus::MOST_IDS`] of them, walk over its items for any number.
    pub fn statuses(&self, orders: impl IntoIterator<Item = OrderId>) -> Call<OrdersStatus> {
        Call::new(self, OrdersStatus::new(orders))
    }

    /// The statuses of all applications of this system that changed after `instant` (Получение
    /// статусов всех заявлений с даты обновления статуса). It is sent in the zone of the client's
    /// [`Edition::updated_after`].
    pub fn updated_after(&self, instant: DateTime<Utc>) -> Call<UpdatedAfter> {
        Call::new(self, UpdatedAfter::new(instant, self.inner.edition.updated_after))
    }

    /// The applications of this system whose status changed since an earlier walk, without gaps and
    /// repeats: see [`OrderUpdates`].
    pub fn order_updates(&self, since: SyncCursor) -> OrderUpdates {
        OrderUpdates::new(self, since)
    }

    /// A dictionary (Получение справочных данных), by its code. No credential is sent.
    pub fn dictionary(&self, code: impl Into<String>) -> Call<ReadDictionary> {
        Call::new(self, ReadDictionary::new(code.into()))
    }

    /// The road without a credential.
    pub(crate) fn open_pipeline(&self) -> &Pipeline {
        &self.inner.open
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("pipeline", &self.inner.pipeline)
            .field("edition", &self.inner.edition)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`].
///
/// By default: edition 1.12, the limits of appendix 3, 60 s for an attempt, 120 s for a call, up to 4
/// attempts at what may be repeated, answers up to 64 MiB.
///
/// ```
/// use std::time::Duration;
///
/// use epgu_gusmev::{Client, Credential, Edition, Environment, Limits, Options};
///
/// let credential = Credential::bearer("not-a-real-token".to_owned().into())?;
/// let client = Client::builder(Environment::Test, credential)
///     .edition(Edition::later())
///     // One of two processes that share the system's limits.
///     .request_limits(Some(Limits::default().per_window(1_000, Duration::from_secs(60))))
///     .service_limit("10000000113", Some((5, Duration::from_secs(600))))
///     .options(Options::new().timeout(Duration::from_secs(30)))
///     .build()?;
/// # let _ = client;
/// # Ok::<(), epgu_gusmev::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "ends with `build`"]
pub struct ClientBuilder {
    environment: Environment,
    credential: Credential,
    edition: Edition,
    limits: Option<Limits>,
    applications: applications::Limits,
    options: Options,
}

impl ClientBuilder {
    /// Where editions of the document differ.
    pub fn edition(mut self, edition: Edition) -> Self {
        self.edition = edition;
        self
    }

    /// Requests to keep within, in place of appendix 3's; they wait for their turn. `None`: no limit.
    ///
    /// What is counted is this client's requests since it was made: several clients or programs of one
    /// system share its limits without knowing of one another, so give each its part.
    pub fn request_limits(mut self, limits: Option<Limits>) -> Self {
        self.limits = limits;
        self
    }

    /// Applications for one service within a time, in place of appendix 3's; one more is refused with
    /// [`Kind::Busy`](crate::Kind::Busy) before it is sent. `None`: no limit. The token is taken for one user's.
    pub fn application_limit(mut self, limit: Option<(usize, Duration)>) -> Self {
        self.applications.of_all = limit;
        self
    }

    /// The same for one service, whose specification may name another limit.
    pub fn service_limit(
        mut self,
        service_code: impl Into<String>,
        limit: Option<(usize, Duration)>,
    ) -> Self {
        self.applications.of_service.insert(service_code.into().into(), limit);
        self
    }

    /// Timeouts, retries, the HTTP client. Limits are set by [`request_limits`](Self::request_limits).
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The client. Refused: a base URL that would send the credential in the clear.
    pub fn build(self) -> Result<Client, Error> {
        let api = Api {
            user_agent: concat!("epgu-gusmev/", env!("CARGO_PKG_VERSION")),
            timeout: Duration::from_secs(60),
            deadline: Duration::from_secs(120),
            retry: RetryPolicy::default(),
            max_body: 64 << 20,
            classify,
        };
        let options = self.options.limits(self.limits.unwrap_or_default());
        let url = self.environment.base_url();
        let pipeline = Pipeline::new(api, url, self.credential, options)?;
        let inner = Inner {
            open: pipeline.with_credential(Credential::none()),
            pipeline,
            environment: self.environment,
            edition: self.edition,
            applications: Applications::new(self.applications),
        };
        Ok(Client { inner: Arc::new(inner) })
    }
}

/// What a caller may rely on when spawning and sharing.
const _: () = {
    const fn is_shared<T: Clone + Send + Sync + 'static>() {}
    const fn is_sent<T: Send + 'static>() {}
    is_shared::<Client>();
    is_shared::<Call<CreateOrder>>();
    is_sent::<OrderUpdates>();
    is_sent::<Tracker>();
    is_sent::<<Call<CreateOrder> as IntoFuture>::IntoFuture>();
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix 3 counts by the calendar: the longest month and year that there are.
    #[test]
    fn the_limits_of_requests_are_those_of_the_appendix() {
        let table = [
            ("в минуту", 1.0 / 24.0 / 60.0, 2_000),
            ("в час", 1.0 / 24.0, 120_000),
            ("в день", 1.0, 2_880_000),
            ("в месяц", 31.0, 86_400_000),
            ("в год", 366.0, 1_036_800_000),
        ];
        assert_eq!(REQUESTS.len(), table.len());
        for ((name, days, most), (requests, span)) in table.iter().zip(REQUESTS) {
            assert_eq!((requests, span), (*most, DAY.mul_f64(*days)), "{name}");
        }
        let shown = format!("{:?}", documented_limits());
        assert!(table.iter().all(|(_, _, most)| shown.contains(&most.to_string())), "{shown}");
    }
}
