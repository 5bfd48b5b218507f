#![doc = include_str!("../README.md")]

mod bulk;
mod check;
mod client;
mod code;
#[doc = include_str!("../docs/guide.md")]
pub mod guide {}
mod input;
mod model;

pub use bulk::{Bulk, Outcome, Row};
pub use check::{Check, Query, Subject};
pub use client::{Client, ClientBuilder, PRODUCTION, TokenPlacement};
pub use code::{ErrorCode, Group};
pub use input::{InputError, PlateNumber, PolicyNumber, Token};
pub use model::{Auto, Filters, Found, Inquiry, Policy, PolicyCheck};
#[cfg(feature = "test-util")]
pub use ruapi_core::test_util;
pub use ruapi_core::{
    Backoff, Clock, Error, Extra, Kind, Limits, Options, Personal, Request, Response, RetryPolicy,
    transport,
};
