#![doc = include_str!("../README.md")]

mod call;
mod cancel;
mod client;
mod create;
pub mod dictionary;
mod error;
mod forms;
mod link;
mod meta;
mod moment;
pub mod order;
mod order_id;
pub mod statuses;
mod walk;

pub use call::{Call, Operation};
pub use cancel::{CancelOrder, Cancellation};
pub use client::{Client, ClientBuilder, DownloadPath, Edition, Environment, UpdatedAfterZone};
pub use create::{CreateOrder, Ordered};
pub use dictionary::{Dictionary, DictionaryItem};
pub use error::ErrorCode;
pub use forms::RawList;
pub use link::FileLink;
pub use meta::Meta;
pub use moment::Moment;
pub use order::{Order, OrderInfo, OrderStatus, ProcessingState, StatusId};
pub use order_id::OrderId;
#[cfg(feature = "test-util")]
pub use ruapi_core::test_util;
pub use ruapi_core::{
    Backoff, BoxFuture, Clock, Continuation, Credential, Error, Extra, Id, Kind, Limits, Options,
    Page, Pager, Pages, Personal, Poller, Request, Response, RetryPolicy, Schedule, credential,
    transport,
};
pub use statuses::{FoundOrder, StatusPage};
