#![doc = include_str!("../README.md")]

pub mod archive;
mod call;
mod cancel;
mod client;
mod create;
mod download;
mod error;
mod meta;
mod order_id;
mod reconcile;
mod upload;

pub use archive::{Archive, ArchiveBuilder, ArchiveError};
pub use call::{Call, Operation};
pub use cancel::{CancelOrder, Cancellation};
pub use client::{Client, ClientBuilder, DownloadPath, Edition, Environment, UpdatedAfterZone};
pub use create::{CreateOrder, Ordered};
pub use download::Download;
pub use error::ErrorCode;
pub use meta::Meta;
pub use order_id::OrderId;
pub use reconcile::Submission;
#[cfg(feature = "test-util")]
pub use ruapi_core::test_util;
pub use ruapi_core::{
    Backoff, BoxFuture, Clock, Continuation, Credential, Error, Extra, Id, Incoming, Kind, Limits,
    Options, Page, Pager, Pages, Personal, Poller, Request, Response, RetryPolicy, Schedule,
    credential, transport,
};
pub use upload::{
    Push, Source, Submit, SubmitFailed, Submitted, Upload, UploadEvent, UploadEvents, UploadFailed,
    UploadState, WINDOW,
};
