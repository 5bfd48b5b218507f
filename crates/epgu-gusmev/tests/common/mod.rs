//! A client of a fresh sandbox, archives, and time that a test moves.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use epgu_gusmev::archive::Compression;
use epgu_gusmev::{
    Archive, ArchiveBuilder, Client, ClientBuilder, Credential, Environment, Meta, Options,
};
use ruapi_core::test_util::ManualClock;
use ruapi_sandbox::{Epgu, Sandbox};

pub(crate) fn meta() -> Meta {
    Meta::new("36000000000", Epgu::SERVICE, Epgu::TARGET).unwrap()
}

pub(crate) fn builder(sandbox: &Sandbox) -> ClientBuilder {
    let credential = Credential::bearer(Epgu::TOKEN.into()).unwrap();
    Client::builder(Environment::Custom(sandbox.epgu_url()), credential)
}

pub(crate) fn client(sandbox: &Sandbox) -> Client {
    client_with(sandbox, Options::new())
}

pub(crate) fn client_with(sandbox: &Sandbox, options: Options) -> Client {
    builder(sandbox).options(options).build().unwrap()
}

/// A portal that leaves an application with its archive `NEW` for so many seconds, and a clock for its client.
pub(crate) async fn slow_portal(seconds: u32) -> (Arc<Sandbox>, Arc<ManualClock>, Client) {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    sandbox.epgu().change(|settings| settings.step_seconds = seconds);
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    (sandbox, clock, client)
}

/// An archive with a transport XML and so many bytes of something else, not packed.
pub(crate) fn archive(bytes: usize) -> Archive {
    let mut random = fastrand::Rng::with_seed(7);
    let noise: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(bytes).collect();
    let mut builder = ArchiveBuilder::new().compression(Compression::Stored);
    builder.add("req.xml", &b"<request/>"[..]).unwrap();
    builder.add("data.bin", noise).unwrap();
    builder.build_bytes(64 << 20).unwrap()
}

/// Moves both clocks, the client's and the sandbox's, whenever nothing else moves.
pub(crate) fn drive(
    clock: &Arc<ManualClock>,
    sandbox: &Arc<Sandbox>,
) -> tokio::task::JoinHandle<()> {
    let (clock, sandbox) = (clock.clone(), sandbox.clone());
    sandbox.clock().freeze();
    tokio::spawn(async move {
        loop {
            let progress = || (sandbox.requests_total(), sandbox.in_flight() - sandbox.stalled());
            let before = progress();
            for _ in 0..300 {
                tokio::task::yield_now().await;
            }
            if progress() == before && before.1 == 0 {
                sandbox.clock().advance(chrono::TimeDelta::seconds(1));
                clock.advance(Duration::from_secs(1));
            }
        }
    })
}
