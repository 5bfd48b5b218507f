//! The client: who asks, which server, and one method for each operation.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ruapi_core::{
    Api, Credential, Error, Kind, Options, Pipeline, Poller, RawResponse, Request, RetryPolicy,
};
use secrecy::SecretString;

use crate::account::{RegisterAccount, ResetPassword, ShowAccount, UpdateAccount};
use crate::call::{Access, Call};
use crate::cars::{CarFines, CarId, CreateCar, DeleteCar, ShowCar, UpdateCar};
use crate::company::{ShowCompany, UpdateCompany};
use crate::error::classify;
use crate::fines::{FineId, FineUpdates, ShowFine, SyncCursor};
use crate::input::Email;
use crate::invoices::{CreateInvoice, Invoice, InvoiceId, ListInvoices, Payer, ShowInvoice};
use crate::login::{Login, LoginSource};
use crate::scan::{CreateScan, Scan, ScanId, ScanStatusCall};
use crate::test_notification::{NotificationType, TestNotification};
use crate::token::CreateToken;
use crate::token_store::{MemoryStore, TokenStore};
use crate::users::{
    CreateUser, DeleteUser, ListUsers, ShowUser, UpdateUser, UserCars, UserFines, UserInvoices,
};

/// The service's base URL, as the document's tables and samples have it.
pub const PRODUCTION: &str = "https://api.shtrafovnet.ru/latest/webmasters/";
/// The base URL of the document's general part and of the service's own client.
pub const PRODUCTION_V2: &str = "https://api.shtrafovnet.ru/v2/webmasters/";

/// Client of the Shtrafovnet webmaster API. Cloning is cheap; clones share the token, connections,
/// limits and the retry budget.
///
/// ```
/// use futures_util::TryStreamExt;
/// use ruapi_sandbox::{Sandbox, Shtrafovnet};
/// use shtrafovnet_client::{Client, Email, Login};
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let sandbox = Sandbox::start().await?;
///     let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
///     // For the real service: Client::new(login)?
///     let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
///
///     let driver: Email = Shtrafovnet::USER.parse()?;
///     let fines: Vec<_> = client.user_fines(&driver).items().try_collect().await?;
///     assert!(!fines.is_empty());
///     Ok(())
/// }
/// ```
///
/// Each module has an example of its operations; the whole way is in the [guide](crate::guide).
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    /// Without any credential.
    open: Pipeline,
    token: Option<Pipeline>,
    login: Option<Login>,
    account_by_password: bool,
    /// The server answers the scan's status to GET only.
    scan_status_by_get: AtomicBool,
}

/// Who asks.
///
/// ```
/// use shtrafovnet_client::{Client, Identity};
///
/// // A token from elsewhere, such as a vault. When it is refused, the call fails.
/// let client = Client::builder(Identity::Token("not-a-real-token".to_owned().into())).build()?;
/// # let _ = client;
/// # Ok::<(), shtrafovnet_client::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Identity {
    /// An account: the client gets its token by itself, and a new one when it is refused.
    Login(Login),
    /// A token that you have; when it is refused, the call fails.
    Token(SecretString),
    /// Nobody yet: only registration and the reset of a password can be called.
    Nobody,
}

impl From<Login> for Identity {
    fn from(login: Login) -> Self {
        Self::Login(login)
    }
}

impl Client {
    /// A client of the production service with the defaults of [`ClientBuilder`].
    pub fn new(login: Login) -> Result<Self, Error> {
        Self::builder(login).build()
    }

    /// A client with settings of your own.
    pub fn builder(identity: impl Into<Identity>) -> ClientBuilder {
        ClientBuilder {
            identity: identity.into(),
            base_url: PRODUCTION.to_owned(),
            store: Arc::new(MemoryStore::default()),
            account_by_password: false,
            options: Options::new(),
        }
    }

    // Account

    /// Information on the account (Информация об аккаунте). May be repeated.
    pub fn account(&self) -> Call<ShowAccount> {
        Call::new(self, ShowAccount)
    }

    /// Registers a new account (Регистрация). The service then sends a letter; nothing else works before
    /// the link in it was opened. Not repeated by itself.
    pub fn register_account(
        &self,
        email: &Email,
        password: impl Into<SecretString>,
        company: impl Into<String>,
        url: impl Into<String>,
    ) -> Call<RegisterAccount> {
        Call::new(self, RegisterAccount::new(email, password.into(), company.into(), url.into()))
    }

    /// Changes the account (Обновление информации аккаунта). Only what is set is changed.
    pub fn update_account(&self) -> Call<UpdateAccount> {
        Call::new(self, UpdateAccount::default())
    }

    /// Has a new password made and sent by e-mail (Восстановление пароля от аккаунта). Tokens become
    /// invalid, and clients of the account cannot log in before they are told the new password:
    /// [`Login::set_password`]. Not repeated by itself.
    pub fn reset_password(&self, email: &Email) -> Call<ResetPassword> {
        Call::new(self, ResetPassword::new(email))
    }

    /// Makes a new token (Создание токена). The client gets its own by itself: this is for tokens
    /// that are used elsewhere. May be repeated: each call makes one more token.
    pub fn create_token(&self) -> Call<CreateToken> {
        Call::new(self, CreateToken)
    }

    // Users

    /// Your users (Список пользователей), in pages of 200. May be repeated.
    pub fn users(&self) -> Call<ListUsers> {
        Call::new(self, ListUsers::default())
    }

    /// One user (Информация о пользователе). May be repeated.
    pub fn user(&self, email: &Email) -> Call<ShowUser> {
        Call::new(self, ShowUser::new(email))
    }

    /// Registers a user (Регистрация нового пользователя). The address may be an invented one by
    /// which you know the user. Not repeated by itself.
    pub fn create_user(&self, email: &Email) -> Call<CreateUser> {
        Call::new(self, CreateUser::new(email))
    }

    /// Changes a user (Обновление данных о пользователе). Only what is set is changed. May be repeated.
    pub fn update_user(&self, email: &Email) -> Call<UpdateUser> {
        Call::new(self, UpdateUser::new(email))
    }

    /// Deletes a user (Удаление пользователя). May be repeated.
    pub fn delete_user(&self, email: &Email) -> Call<DeleteUser> {
        Call::new(self, DeleteUser::new(email))
    }

    /// A user's cars (Транспортные средства пользователя). May be repeated.
    pub fn user_cars(&self, email: &Email) -> Call<UserCars> {
        Call::new(self, UserCars::new(email))
    }

    /// The fines of all cars of a user (Штрафы пользователя), in pages of 200. May be repeated.
    pub fn user_fines(&self, email: &Email) -> Call<UserFines> {
        Call::new(self, UserFines::new(email))
    }

    /// A user's invoices (Платежи пользователя), in pages of 200. May be repeated.
    pub fn user_invoices(&self, email: &Email) -> Call<UserInvoices> {
        Call::new(self, UserInvoices::new(email))
    }

    // Cars

    /// One car (Получение информации о ТС). May be repeated.
    pub fn car(&self, id: &CarId) -> Call<ShowCar> {
        Call::new(self, ShowCar::new(id))
    }

    /// Adds a car (Новое транспортное средство) by its registration certificate (СТС) and its plate.
    /// A car without an owner is not kept up to date, and removed after a week; a user has at most
    /// [`CARS_PER_USER`](crate::CARS_PER_USER) of them. Not repeated by itself.
    pub fn create_car(&self, cert: impl Into<String>, reg: impl Into<String>) -> Call<CreateCar> {
        Call::new(self, CreateCar::new(cert.into(), reg.into()))
    }

    /// Changes a car's name or owner (Обновление транспортного средства); its documents cannot be
    /// changed: delete it and add it anew. May be repeated.
    pub fn update_car(&self, id: &CarId) -> Call<UpdateCar> {
        Call::new(self, UpdateCar::new(id))
    }

    /// Deletes a car (Удаление транспортного средства). May be repeated.
    pub fn delete_car(&self, id: &CarId) -> Call<DeleteCar> {
        Call::new(self, DeleteCar::new(id))
    }

    /// A car's fines (Штрафы транспортного средства), in pages of 200. May be repeated.
    pub fn car_fines(&self, id: &CarId) -> Call<CarFines> {
        Call::new(self, CarFines::new(id))
    }

    // Company

    /// The company behind the account (Информация о компании). May be repeated.
    pub fn company(&self) -> Call<ShowCompany> {
        Call::new(self, ShowCompany)
    }

    /// Changes the company (Обновление информации компании). Only what is set is changed. May be repeated.
    pub fn update_company(&self) -> Call<UpdateCompany> {
        Call::new(self, UpdateCompany::default())
    }

    // Fines

    /// One fine (Информация о штрафе). May be repeated.
    pub fn fine(&self, id: &FineId) -> Call<ShowFine> {
        Call::new(self, ShowFine::new(id))
    }

    /// A user's fines that are new or changed since an earlier walk: see [`FineUpdates`].
    pub fn user_fine_updates(&self, email: &Email, since: SyncCursor) -> FineUpdates {
        let call = self.user_fines(email).update_started(since.since());
        FineUpdates::new(call.items(), since, self.clock())
    }

    /// A car's fines that are new or changed since an earlier walk: see [`FineUpdates`].
    pub fn car_fine_updates(&self, id: &CarId, since: SyncCursor) -> FineUpdates {
        let call = self.car_fines(id).update_started(since.since());
        FineUpdates::new(call.items(), since, self.clock())
    }

    // Scans

    /// Has a car's fines looked for (Создание задачи на проверку штрафов). Not repeated by itself.
    /// [`wait`](Call::wait) goes on to the scan's end.
    pub fn scan(&self, car: &CarId) -> Call<CreateScan> {
        Call::new(self, CreateScan::new(car))
    }

    /// Where a scan stands (Статус проверки). May be repeated.
    pub fn scan_status(&self, id: &ScanId) -> Call<ScanStatusCall> {
        Call::new(self, ScanStatusCall::new(id))
    }

    /// Waits for a scan's end, as the document advises: see [`SCAN_SCHEDULE`](crate::SCAN_SCHEDULE).
    /// `fail` and `skip` are ends like `done`, not errors. A question that fails, after its own
    /// repetitions, ends the wait; it can be begun again.
    pub fn wait_for_scan(&self, id: &ScanId) -> Poller<Scan> {
        crate::scan::wait(self, id)
    }

    // Invoices

    /// All invoices (Список платежей), in pages of 200. May be repeated.
    pub fn invoices(&self) -> Call<ListInvoices> {
        Call::new(self, ListInvoices::default())
    }

    /// One invoice (Информация по платежу). May be repeated.
    pub fn invoice(&self, id: &InvoiceId) -> Call<ShowInvoice> {
        Call::new(self, ShowInvoice::new(id))
    }

    /// Makes an invoice (Новый счет на оплату) for a user's fines: those named, or those of the cars
    /// named, or all unpaid ones. Then send the user to its `pay_url`. Not repeated by itself.
    pub fn create_invoice(
        &self,
        email: &Email,
        payer: Payer,
        success_url: impl Into<String>,
        fail_url: impl Into<String>,
    ) -> Call<CreateInvoice> {
        let operation = CreateInvoice::new(email, payer, success_url.into(), fail_url.into());
        Call::new(self, operation)
    }

    /// Waits until an invoice is paid, failed or cancelled: see
    /// [`INVOICE_SCHEDULE`](crate::INVOICE_SCHEDULE). `fail` and `cancel` are ends, not errors. A question
    /// that fails, after its own repetitions, ends the wait; it can be begun again.
    pub fn wait_for_invoice(&self, id: &InvoiceId) -> Poller<Invoice> {
        crate::invoices::wait(self, id)
    }

    // Testing

    /// Has a notification of a fine sent to you (Тестирование: Новый штраф). Not repeated by itself.
    pub fn test_notification(
        &self,
        kind: NotificationType,
        fine: &FineId,
    ) -> Call<TestNotification> {
        Call::new(self, TestNotification::new(kind, fine))
    }

    /// Sends a request down its road.
    pub(crate) async fn send(
        &self,
        request: &Request,
        access: Access,
    ) -> Result<RawResponse, Error> {
        let inner = &*self.inner;
        let missing = |detail| Err(Error::new(Kind::Credential, request.operation(), detail));
        let by_password = match access {
            Access::Open => return inner.open.send(request).await,
            Access::Password => true,
            Access::Account => inner.account_by_password,
            Access::Token => false,
        };
        match (by_password, &inner.login, &inner.token) {
            (true, Some(login), _) => login.send_in_turn(&inner.open, request).await,
            (true, None, _) => {
                missing("needs e-mail and password: build the client with a `Login`")
            }
            (false, _, Some(pipeline)) => pipeline.send(request).await,
            (false, _, None) => missing("the client has neither a login nor a token"),
        }
    }

    pub(crate) fn clock(&self) -> Arc<dyn ruapi_core::Clock> {
        self.inner.open.clock().clone()
    }

    pub(crate) fn login(&self) -> Option<&Login> {
        self.inner.login.as_ref()
    }

    pub(crate) fn scan_status_by_get(&self) -> &AtomicBool {
        &self.inner.scan_status_by_get
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_get = self.inner.scan_status_by_get.load(Ordering::Relaxed);
        f.debug_struct("Client")
            .field("pipeline", self.inner.token.as_ref().unwrap_or(&self.inner.open))
            .field("account_by_password", &self.inner.account_by_password)
            .field("scan_status_by_get", &by_get)
            .finish()
    }
}

/// Settings of a [`Client`].
///
/// By default: production, the token kept in memory, `/account` by token, 30 s for an attempt, 120 s
/// for a call, up to 4 attempts at what may be repeated, answers up to 16 MiB.
///
/// ```no_run
/// use std::time::Duration;
///
/// use shtrafovnet_client::{Client, FileStore, Limits, Login, Options, PRODUCTION_V2};
///
/// let login = Login::new(std::env::var("SHTRAFOVNET_EMAIL")?, std::env::var("SHTRAFOVNET_PASSWORD")?);
/// let client = Client::builder(login)
///     .base_url(PRODUCTION_V2)
///     .token_store(FileStore::new("token.json"))
///     .options(Options::new().timeout(Duration::from_secs(60)).limits(Limits::default().parallel(8)))
///     .build()?;
/// # let _ = client;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "ends with `build`"]
pub struct ClientBuilder {
    identity: Identity,
    base_url: String,
    store: Arc<dyn TokenStore>,
    account_by_password: bool,
    options: Options,
}

impl ClientBuilder {
    /// Another server: the URL up to the operations' own paths, such as [`PRODUCTION_V2`]. It must be
    /// https, except on loopback.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Where the token is kept, so that a new process need not log in again. By default: in memory.
    pub fn token_store(mut self, store: impl TokenStore + 'static) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Authorizes `/account` by e-mail and password. The document's prose wants it so, its tables and
    /// samples want the token, which is the default.
    pub fn account_by_password(mut self, yes: bool) -> Self {
        self.account_by_password = yes;
        self
    }

    /// Timeouts, retries, limits, the HTTP client.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The client. Refused: a base URL that would send the credential in the clear, an e-mail or
    /// a token that no header can carry.
    pub fn build(self) -> Result<Client, Error> {
        let api = Api {
            user_agent: concat!("shtrafovnet-client/", env!("CARGO_PKG_VERSION")),
            timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(120),
            retry: RetryPolicy::default(),
            max_body: 16 << 20,
            classify,
        };
        let open = Pipeline::new(api, &self.base_url, Credential::none(), self.options)?;
        let (login, credential) = match self.identity {
            Identity::Nobody => (None, None),
            Identity::Token(token) => (None, Some(Credential::bearer(token)?)),
            Identity::Login(login) => {
                // Refused here rather than at the first call.
                login.basic()?;
                // With or without a slash at its end it is the same server.
                let account = format!("{} {}", login.email(), self.base_url.trim_end_matches('/'));
                let source = LoginSource::new(&open, login.clone(), self.store, account);
                (Some(login), Some(Credential::renewing(source)))
            }
        };
        let inner = Inner {
            token: credential.map(|credential| open.with_credential(credential)),
            open,
            login,
            account_by_password: self.account_by_password,
            scan_status_by_get: AtomicBool::new(false),
        };
        Ok(Client { inner: Arc::new(inner) })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("identity", &self.identity)
            .field("base_url", &self.base_url)
            .field("account_by_password", &self.account_by_password)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// What a caller may rely on when spawning and sharing.
const _: () = {
    const fn is_shared<T: Clone + Send + Sync + 'static>() {}
    const fn is_sent<T: Send + 'static>() {}
    is_shared::<Client>();
    is_shared::<Call<UserFines>>();
    is_sent::<<Call<UserFines> as IntoFuture>::IntoFuture>();
    is_sent::<FineUpdates>();
};
