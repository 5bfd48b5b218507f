//! The client: which server, which edition of the document, and one method for each operation.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ruapi_core::{Api, Credential, Error, Kind, Limits, Options, Pipeline, RetryPolicy};

use crate::archive::Archive;
use crate::call::Call;
use crate::cancel::CancelOrder;
use crate::create::CreateOrder;
use crate::dictionary::ReadDictionary;
use crate::download::Download;
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

/// Which server is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Environment {
    /// The test environment, `https://svcdev-beta.test.gosuslugi.ru`.
    Test,
    /// The test environment by GOST TLS, `https://svcdev-gostapi.test.gosuslugi.ru`: supply an HTTP client
    /// that can do GOST TLS.
    TestGost,
    /// Production by GOST TLS, `https://www.gosuslugi.ru`: supply an HTTP client that can do GOST TLS.
    #[default]
    ProductionGost,
    /// Production by plain TLS, `https://lk.gosuslugi.ru`. Not in the document, but reported.
    Production,
    /// Another base URL; with a path such as `gu-smev-api` for an agent of SMEV4.
    Custom(String),
}

impl Environment {
    /// The base URL, up to the operations' own paths.
    pub fn base_url(&self) -> &str {
        match self {
            Self::Test => "https://svcdev-beta.test.gosuslugi.ru/",
            Self::TestGost => "https://svcdev-gostapi.test.gosuslugi.ru/",
            Self::ProductionGost => "https://www.gosuslugi.ru/",
            Self::Production => "https://lk.gosuslugi.ru/",
            Self::Custom(url) => url,
        }
    }
}

/// Where editions of the document differ. By default as in v1.12, which this crate follows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edition {
    /// The least and the most bytes of a chunk that is not the last one.
    pub chunk: (u64, u64),
    /// The most bytes of an archive that is sent in one piece.
    pub push_limit: u64,
    /// Which path files are downloaded from.
    pub download: DownloadPath,
    /// The zone that `updatedAfter` is understood in.
    pub updated_after: UpdatedAfterZone,
}

/// Which path files are downloaded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownloadPath {
    /// `/api/storage/v2/files/{objectId}/{objectType}/download`: section 4.
    Storage,
    /// `/api/gusmev/files/{objectId}/{objectType}/download`: table 3.
    Gusmev,
    /// `/api/gusmev/files/download/{objectId}/{objectType}`: later editions.
    GusmevDownload,
}

/// The zone that `updatedAfter` is understood in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdatedAfterZone {
    /// UTC: v1.12.
    Utc,
    /// Moscow time: later editions.
    Moscow,
}

/// A megabyte as the document counts it, on the safe side of both readings.
const MB: u64 = 1_000_000;

impl Edition {
    /// Version 1.12.
    pub fn v1_12() -> Self {
        Self {
            // Not less than the larger reading of a megabyte, and not more than the smaller one.
            chunk: (1 << 20, 5 * MB),
            push_limit: 5 * MB,
            download: DownloadPath::Storage,
            updated_after: UpdatedAfterZone::Utc,
        }
    }

    /// Later editions: chunks of 5 to 50 MB, another path for files, Moscow time.
    pub fn later() -> Self {
        Self {
            chunk: (5 << 20, 50 * MB),
            download: DownloadPath::GusmevDownload,
            updated_after: UpdatedAfterZone::Moscow,
            ..Self::v1_12()
        }
    }
}

impl Default for Edition {
    fn default() -> Self {
        Self::v1_12()
    }
}

/// Appendix 3: applications for one service by one user, and within which time.
const APPLICATIONS: (usize, Duration) = (20, Duration::from_secs(600));

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
    applications: Option<(usize, Duration)>,
    /// When applications for each service were made, as far back as their limit looks.
    made: Mutex<HashMap<Box<str>, VecDeque<Instant>>>,
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
            applications: Some(APPLICATIONS),
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
    /// begun, by a clock that is right to some minutes. See [`ReconcilePush`].
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

    /// An application that was counted was surely not made.
    pub(crate) fn uncount_application(&self, meta: &Meta) {
        let mut made = self.inner.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_service) = made.get_mut(meta.service_code()) {
            of_service.pop_back();
        }
    }

    /// Counts an application that is about to be made. Refused: one more than appendix 3 allows.
    pub(crate) fn count_application(&self, meta: &Meta) -> Result<(), Error> {
        let Some((most, window)) = self.inner.applications else { return Ok(()) };
        let now = self.inner.pipeline.clock().now();
        let mut made = self.inner.made.lock().unwrap_or_else(PoisonError::into_inner);
        let of_service = made.entry(meta.service_code().into()).or_default();
        while of_service.front().is_some_and(|at| now.saturating_duration_since(*at) >= window) {
            of_service.pop_front();
        }
        if let Some(first) = of_service.front().filter(|_| of_service.len() >= most) {
            let wait = window - now.saturating_duration_since(*first);
            let detail = format!(
                "{most} applications for this service were made within {} s: the next may follow in {} s",
                window.as_secs(),
                wait.as_secs() + 1
            );
            return Err(Error::new(Kind::Busy, "application", detail));
        }
        of_service.push_back(now);
        Ok(())
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
#[derive(Debug, Clone)]
#[must_use = "ends with `build`"]
pub struct ClientBuilder {
    environment: Environment,
    credential: Credential,
    edition: Edition,
    limits: Option<Limits>,
    applications: Option<(usize, Duration)>,
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
    /// [`Kind::Busy`] before it is sent. `None`: no limit. The token is taken for one user's.
    pub fn application_limit(mut self, limit: Option<(usize, Duration)>) -> Self {
        self.applications = limit;
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
            applications: self.applications,
            made: Mutex::default(),
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
