#![doc = include_str!("../README.md")]

mod call;
mod cancel;
mod client;
mod create;
mod error;
mod meta;
mod order_id;

pub use call::{Call, Operation};
pub use cancel::{CancelOrder, Cancellation};
pub use client::{Client, ClientBuilder, DownloadPath, Edition, Environment, UpdatedAfterZone};
pub use create::{CreateOrder, Ordered};
pub use error::ErrorCode;
pub use meta::Meta;
pub use order_id::OrderId;
#[cfg(feature = "test-util")]
pub use ruapi_core::test_util;
pub use ruapi_core::{
    Backoff, BoxFuture, Clock, Continuation, Credential, Error, Extra, Id, Kind, Limits, Options,
    Page, Pager, Pages, Personal, Poller, Request, Response, RetryPolicy, Schedule, credential,
    transport,
};
