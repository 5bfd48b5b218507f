//! A client of a fresh sandbox, and time that a test moves.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use ruapi_core::test_util::ManualClock;
use ruapi_sandbox::{Sandbox, Shtrafovnet};
use shtrafovnet_client::{Client, Email, Login, Options};

pub(crate) fn login() -> Login {
    Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned())
}

pub(crate) fn client(sandbox: &Sandbox) -> Client {
    client_with(sandbox, Options::new())
}

pub(crate) fn client_with(sandbox: &Sandbox, options: Options) -> Client {
    Client::builder(login()).base_url(sandbox.shtrafovnet_url()).options(options).build().unwrap()
}

pub(crate) fn email(text: &str) -> Email {
    text.parse().unwrap()
}

/// How often this was asked for.
pub(crate) fn count(sandbox: &Sandbox, method: &str, path: &str) -> usize {
    let requests = sandbox.requests();
    let asked =
        |method_found: &str, path_found: &str| method_found == method && path_found.ends_with(path);
    requests.iter().filter(|request| asked(&request.method, &request.path)).count()
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
