#![doc = include_str!("../README.md")]

mod applications;
pub mod archive;
mod call;
mod cancel;
mod client;
mod create;
pub mod dictionary;
mod download;
mod edition;
mod error;
mod forms;
#[doc = include_str!("../docs/guide.md")]
pub mod guide {}
mod incident;
mod kept;
mod link;
mod meta;
mod moment;
pub mod order;
mod order_id;
mod output;
mod reconcile;
mod reconcile_push;
pub mod statuses;
mod tracker;
mod updates;
mod upload;
mod walk;

pub use archive::{Archive, ArchiveBuilder, ArchiveError};
pub use call::{Call, Operation};
pub use cancel::{CancelOrder, Cancellation};
pub use client::{Client, ClientBuilder, SCOPE};
pub use create::{CreateOrder, Ordered};
pub use dictionary::{Dictionary, DictionaryItem};
pub use download::Download;
pub use edition::{DownloadPath, Edition, Environment, UpdatedAfterZone};
pub use error::ErrorCode;
pub use forms::RawList;
pub use incident::{ADDRESS as INCIDENT_ADDRESS, Incident};
pub use link::FileLink;
pub use meta::Meta;
pub use moment::Moment;
pub use order::{Order, OrderInfo, OrderStatus, ProcessingState, StatusId};
pub use order_id::OrderId;
pub use reconcile::Submission;
pub use reconcile_push::{PushReconciled, ReconcilePush};
#[cfg(feature = "test-util")]
pub use ruapi_core::test_util;
pub use ruapi_core::{
    Backoff, BoxFuture, Clock, Continuation, Credential, Error, Extra, Id, Incoming, Kind, Limits,
    Options, Page, Pager, Pages, Personal, Poller, Request, Response, RetryPolicy, Schedule,
    credential, transport,
};
pub use statuses::{FoundOrder, StatusPage};
pub use tracker::{Tracked, Tracker, TrackerState};
pub use updates::{OrderUpdates, SyncCursor};
pub use upload::{
    Push, Submit, SubmitFailed, Submitted, Upload, UploadEvent, UploadEvents, UploadFailed,
    UploadState, WINDOW,
};
