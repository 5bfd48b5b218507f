#![doc = include_str!("../README.md")]

pub mod account;
mod call;
pub mod cars;
mod client;
pub mod company;
mod deleted;
mod error;
pub mod fines;
#[doc = include_str!("../docs/guide.md")]
pub mod guide {}
mod input;
pub mod invoices;
mod listing;
mod login;
mod names;
pub mod scan;
mod test_notification;
mod token;
mod token_store;
pub mod users;

pub use account::Profile;
pub use call::{Access, Call, Operation};
pub use cars::{CARS_PER_USER, Car, CarId};
pub use client::{Client, ClientBuilder, Identity, PRODUCTION, PRODUCTION_V2};
pub use company::Company;
pub use deleted::Deleted;
pub use error::ValidationErrors;
pub use fines::{Callback, Fine, FineId, FineUpdates, SyncCursor};
pub use input::Email;
pub use invoices::{INVOICE_SCHEDULE, Invoice, InvoiceId, Payer};
pub use listing::{Links, List, Listed, Listing, NamedLinks};
pub use login::Login;
pub use names::{Named, Names};
#[cfg(feature = "test-util")]
pub use ruapi_core::test_util;
pub use ruapi_core::{
    Backoff, BoxFuture, Clock, Continuation, Error, Extra, Id, Kind, Limits, Options, Page, Pager,
    Pages, Personal, Poller, Request, Response, RetryPolicy, Schedule, transport,
};
pub use scan::{SCAN_SCHEDULE, Scan, ScanId};
pub use test_notification::{Notification, NotificationType, TestNotification};
pub use token::{CreateToken, NewToken};
pub use token_store::{FileStore, MemoryStore, TokenStore};
