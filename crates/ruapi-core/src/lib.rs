#![doc = include_str!("../README.md")]

pub mod credential;

mod base_url;
mod classify;
mod clock;
mod error;
mod incoming;
mod limit;
mod options;
mod pager;
mod pipeline;
mod poller;
pub mod redact;
mod redirect;
mod request;
mod response;
mod retry;
#[cfg(any(test, feature = "test-util"))]
pub mod test_util;
pub mod transport;

use std::pin::Pin;

pub use classify::{Classify, Rejection, classify_by_status};
pub use clock::{Clock, SystemClock};
pub use credential::Credential;
pub use error::{BODY_KEPT, Error, Kind};
pub use incoming::Incoming;
pub use limit::Limits;
pub use options::{Api, Options};
pub use pager::{Continuation, Page, Pager, Pages};
pub use pipeline::{Pipeline, Slot};
pub use poller::{Poller, Schedule};
pub use request::{Idempotency, Request};
pub use response::{RawResponse, Response};
pub use retry::{Backoff, Repeat, RetryPolicy};
/// How values come over the wire, and how they are written.
#[doc(inline)]
pub use ruapi_wire as wire;
pub use ruapi_wire::{Extra, Id, Personal, decode, open_enum};

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a caller may rely on when spawning and sharing.
const _: () = {
    const fn is_shared<T: Clone + Send + Sync + 'static>() {}
    const fn is_sent<T: Send + 'static>() {}
    const fn is_error<T: std::error::Error + Send + Sync + 'static>() {}
    is_shared::<Pipeline>();
    is_shared::<Credential>();
    is_sent::<Pager<u8>>();
    is_sent::<Pages<u8>>();
    is_sent::<Poller<u8>>();
    is_error::<Error>();
    is_error::<transport::TransportError>();
};
