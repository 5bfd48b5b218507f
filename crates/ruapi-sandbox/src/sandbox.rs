//! The server and the handle on it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use chrono::{DateTime, TimeZone, Utc};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::api::Shared;
use crate::apis::Apis;
use crate::clock::Clock;
use crate::control;
use crate::epgu::Epgu;
use crate::fault::{Fault, FaultBook, FaultStatus};
use crate::load::{InFlight, Stalled};
use crate::nsso::Nsso;
use crate::osago::Osago;
use crate::request_log::{LoggedRequest, RequestLog};
use crate::shtrafovnet::Shtrafovnet;
use crate::wire::{Valve, Wire};

/// A running sandbox; dropping it stops the server and closes its connections.
///
/// For an example see the [first page](crate).
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    apis: Apis,
    server: JoinHandle<()>,
}

/// Settings of a sandbox to start: see [`Sandbox::builder`].
///
/// For an example see the [first page](crate).
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    port: u16,
    clock_start: DateTime<Utc>,
    frozen: bool,
}

impl Builder {
    /// The port to listen on; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The time at which the clock starts; by default 2025-08-26 12:00 in Moscow, the day of the
    /// NSSO document's example.
    ///
    /// [`start`](Builder::start) panics for years outside of 1970 to 9000.
    pub fn clock_start(mut self, time: DateTime<Utc>) -> Self {
        self.clock_start = time;
        self
    }

    /// Whether the clock stands still at first; it runs by default.
    pub fn frozen(mut self, frozen: bool) -> Self {
        self.frozen = frozen;
        self
    }

    /// Starts the server on 127.0.0.1, in the present tokio runtime.
    pub async fn start(self) -> io::Result<Sandbox> {
        let clock = Clock::new(self.clock_start, self.frozen);
        clock.set(self.clock_start);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        let apis = Apis::new(&clock, address);
        let shared = Arc::new(Shared {
            clock,
            faults: FaultBook::default(),
            log: RequestLog::default(),
            in_flight: InFlight::default(),
            stalled: Stalled::new(),
        });
        let router = apis.routes(&shared).merge(control::routes(&shared, &apis));
        let server = tokio::spawn(accept(listener, router));
        Ok(Sandbox { address, shared, apis, server })
    }
}

impl Sandbox {
    /// Starts a sandbox with a fresh state on a free port.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Settings for a sandbox that is not quite the default one.
    pub fn builder() -> Builder {
        let document_day = Utc.with_ymd_and_hms(2025, 8, 26, 9, 0, 0).single();
        Builder { port: 0, clock_start: document_day.expect("a valid time"), frozen: false }
    }

    /// Where the sandbox listens: `http://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Where the NSSO API is: `http://127.0.0.1:PORT/nsso/`; its operation is `nsso.php` there.
    pub fn nsso_url(&self) -> String {
        format!("http://{}/nsso/", self.address)
    }

    /// The NSSO API's state.
    pub fn nsso(&self) -> &Nsso {
        &self.apis.nsso
    }

    /// Where the Shtrafovnet API is: `http://127.0.0.1:PORT/shtrafovnet/latest/webmasters/`.
    pub fn shtrafovnet_url(&self) -> String {
        format!("http://{}/shtrafovnet/latest/webmasters/", self.address)
    }

    /// The same API where its official client looks for it:
    /// `http://127.0.0.1:PORT/shtrafovnet/v2/webmasters/`.
    pub fn shtrafovnet_v2_url(&self) -> String {
        format!("http://{}/shtrafovnet/v2/webmasters/", self.address)
    }

    /// The Shtrafovnet API's state.
    pub fn shtrafovnet(&self) -> &Shtrafovnet {
        &self.apis.shtrafovnet
    }

    /// Where the EPGU API is: `http://127.0.0.1:PORT/epgu/`; `api/gusmev/…` follows.
    pub fn epgu_url(&self) -> String {
        format!("http://{}/epgu/", self.address)
    }

    /// The same API below the prefix of the SMEV4 agent:
    /// `http://127.0.0.1:PORT/epgu/gu-smev-api/`.
    pub fn epgu_smev4_url(&self) -> String {
        format!("http://{}/epgu/gu-smev-api/", self.address)
    }

    /// The EPGU API's state.
    pub fn epgu(&self) -> &Epgu {
        &self.apis.epgu
    }

    /// Where the partner's OSAGO API is: `http://127.0.0.1:PORT/osago/`; `osago/…` follows.
    pub fn osago_url(&self) -> String {
        format!("http://{}/osago/", self.address)
    }

    /// The OSAGO partner's state.
    pub fn osago(&self) -> &Osago {
        &self.apis.osago
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Adds a fault for the requests to come.
    ///
    /// # Panics
    ///
    /// If the fault cannot be played: a status outside of HTTP, a header value with control
    /// characters, a probability outside of 0 to 1.
    pub fn inject(&self, fault: Fault) {
        self.shared.faults.inject(fault).expect("a playable fault");
    }

    /// The faults in force, those that are used up included, in the order they were injected.
    pub fn faults(&self) -> Vec<FaultStatus> {
        self.shared.faults.list()
    }

    /// Removes all faults; requests that hang or wait already are not freed.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// The newest 10 000 requests to the APIs, oldest first, with all secrets masked.
    ///
    /// Requests to `/_sandbox/` and to no API at all are not logged.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.log.kept()
    }

    /// How many requests came since the start or the last clearing.
    pub fn requests_total(&self) -> u64 {
        self.shared.log.total()
    }

    /// Empties the request log and counts from 0 again.
    pub fn clear_requests(&self) {
        self.shared.log.clear();
    }

    /// How many requests to the APIs were received and not answered yet; hanging ones included.
    pub fn in_flight(&self) -> usize {
        self.shared.in_flight.count()
    }

    /// How many requests hang on a [stall](crate::FaultKind::Stall).
    pub fn stalled(&self) -> usize {
        self.shared.stalled.count()
    }

    /// Waits until at least `count` requests hang on a stall at once.
    pub async fn wait_until_stalled(&self, count: usize) {
        self.shared.stalled.wait_until(count).await;
    }

    /// Back to the fresh state: the APIs' data, the clock, no faults, no logged requests.
    pub fn reset(&self) {
        control::reset(&self.shared, &self.apis);
    }

    /// Serves until the process ends or the future is dropped: for a program.
    pub async fn serve_forever(mut self) {
        // The server ends only with its runtime.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The task owns the listener and all connections.
        self.server.abort();
    }
}

async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => connections.spawn(serve(stream, router.clone())),
            // Out of file descriptors, for example: some connection will close.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, router: Router) {
    // Fails only for a connection that is already gone.
    let _ = stream.set_nodelay(true);
    let valve = Valve::new();
    let wire = TokioIo::new(Wire::new(stream, valve.clone()));
    let app = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        valve.open();
        request.extensions_mut().insert(valve.clone());
        app.call(request)
    });
    // An error is the client's going away, or a cut.
    let _ = http1::Builder::new().serve_connection(wire, service).await;
}
