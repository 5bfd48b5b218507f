//! Filing an application by whichever way fits.

use std::fmt;

use ruapi_core::{BoxFuture, Error};

use super::task::{Submitted, UploadFailed};
use crate::archive::Archive;
use crate::client::Client;
use crate::meta::Meta;
use crate::order_id::OrderId;

/// Files an application, made by [`Client::submit`]; sent when it is awaited.
///
/// In one piece where the archive is small and the service needs no order number; else an order is made
/// and the archive sent in chunks. A service that wants the order number *in* the archive needs
/// [`Client::create_order`] first, then [`Client::upload`].
///
/// **The order's number is told at the end only**: if the process dies before, it is lost, and with it the
/// means to ask whether the application was filed. An order without its archive stays behind as a draft;
/// one whose archive was sent is an application, found among [`Client::updated_after`]'s. What has to
/// survive that calls [`Client::create_order`] itself, keeps the number, and then keeps
/// [`UploadEvents::state`](crate::UploadEvents::state) after each event of [`Client::upload`].
///
/// For an example see the [guide](crate::guide#retries-and-money).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Submit {
    client: Client,
    meta: Meta,
    archive: Archive,
    with_order: bool,
}

impl Submit {
    pub(crate) fn new(client: &Client, meta: &Meta, archive: Archive) -> Self {
        Self { client: client.clone(), meta: meta.clone(), archive, with_order: false }
    }

    /// Makes an order first, also for a small archive. Then [`Client::reconcile`] can look after every
    /// doubtful end, because the number is known. Without it, one of a small archive may stay
    /// doubtful for ever: see [`Client::reconcile_push`].
    pub fn with_order(mut self) -> Self {
        self.with_order = true;
        self
    }
}

/// An application that was not filed, or nobody knows.
///
/// For an example see the [guide](crate::guide#retries-and-money).
#[derive(Debug)]
#[non_exhaustive]
pub enum SubmitFailed {
    /// The order was not made: nothing was filed, though a draft may stay behind.
    Create(Error),
    /// The upload failed.
    Upload(Box<UploadFailed>),
    /// Sending in one piece failed. Where [`Error::maybe_processed`], the application may have been filed
    /// under a number that is not known: [`Client::reconcile_push`] looks for it.
    Push(Error),
}

impl SubmitFailed {
    /// Whether the application may have been filed.
    pub fn maybe_submitted(&self) -> bool {
        match self {
            Self::Create(_) => false,
            Self::Upload(failed) => failed.maybe_submitted,
            Self::Push(error) => error.maybe_processed(),
        }
    }

    /// The application's number, where it is known.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Upload(failed) => Some(failed.state.order()),
            Self::Create(_) | Self::Push(_) => None,
        }
    }

    /// What failed.
    pub fn error(&self) -> &Error {
        match self {
            Self::Create(error) | Self::Push(error) => error,
            Self::Upload(failed) => &failed.error,
        }
    }
}

impl fmt::Display for SubmitFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(_) => f.write_str("the application was not filed: no order was made"),
            Self::Upload(failed) => failed.fmt(f),
            Self::Push(error) if error.maybe_processed() => {
                f.write_str("the application may have been filed, under a number that is not known")
            }
            Self::Push(_) => f.write_str("the application was not filed"),
        }
    }
}

impl std::error::Error for SubmitFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.error())
    }
}

impl IntoFuture for Submit {
    type Output = Result<Submitted, SubmitFailed>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { client, meta, archive, with_order } = self;
            if !with_order && archive.length() <= client.edition().push_limit {
                let pushed = client.push(&meta, archive).await.map_err(SubmitFailed::Push)?;
                return Ok(Submitted { order: pushed.order_id });
            }
            // Wrong input must not leave an order behind.
            client
                .upload(OrderId::PROBE, &meta, archive.clone())
                .check()
                .map_err(SubmitFailed::Create)?;
            let order = client.create_order(&meta).await.map_err(SubmitFailed::Create)?.order_id;
            let upload = client.upload(order, &meta, archive);
            upload.await.map_err(|failed| SubmitFailed::Upload(Box::new(failed)))
        })
    }
}
