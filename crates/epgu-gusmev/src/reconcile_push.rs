//! What became of a push whose answer was lost, so that its number is not known.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, TryStreamExt};
use ruapi_core::{BoxFuture, Error, Kind, Response};

use crate::archive::{Archive, is_signature};
use crate::client::Client;
use crate::error::ErrorCode;
use crate::meta::Meta;
use crate::order::{Order, OrderInfo};
use crate::order_id::OrderId;

/// By how much the service's clock may be behind the caller's: what seems to be made so much before the
/// push may be it.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);
/// `orderDate` is cut to seconds: what seems to be made so much before the push counts as made since then.
const CUT: TimeDelta = TimeDelta::seconds(1);
/// How many applications' details are fetched at once.
const PARALLEL: usize = 8;

/// What can be told of a push whose answer was lost.
///
/// For an example see [`ReconcilePush`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushReconciled {
    /// This is it: an application for the same service and purpose, made since then, with the same files,
    /// and no other application may be it.
    Submitted(OrderId),
    /// Nobody can say. These may be it, the likeliest first. Where there is none, it was not filed **or is
    /// not listed yet**: the document does not say how soon an application is, so this is never told as "not
    /// filed".
    Unknown(Vec<OrderId>),
}

/// Looks for an application that may have been filed by [`Client::push`] under a number that is not known,
/// made by [`Client::reconcile_push`]; asks when it is awaited. Reads only, may be repeated.
///
/// All applications of the system are listed whose status changed since then, and the details of those that
/// are not [`known`](Self::known) are compared: the form (`eserviceId`) and the purpose
/// (`serviceTargetId`), when it was made (`orderDate`), the names and sizes of the files
/// (`orderAttachmentFiles`). Details tell so much only once an application was sent to the authority: one
/// without them may always be it, so ask again after a minute.
///
/// One that was made in the five minutes before the push is never called it, and yet may be it, since clocks
/// differ: as long as it is not `known`, the answer is [`PushReconciled::Unknown`].
///
/// **[`PushReconciled::Submitted`] is right only if** the token is of the same user, all other applications
/// for this service that were filed since then are `known`, and no other push for it is in doubt.
/// [`Submit::with_order`](crate::Submit::with_order) needs none of that: it makes the number known before
/// anything is filed.
///
/// ```
/// # use epgu_gusmev::{Client, Credential, Environment};
/// # use ruapi_sandbox::{Epgu, Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
/// # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
/// # let meta = epgu_gusmev::Meta::new("36000000000", Epgu::SERVICE, Epgu::TARGET)?;
/// # let mut builder = epgu_gusmev::ArchiveBuilder::new();
/// # builder.add("req_1.xml", "<?xml version=\"1.0\"?><r/>".as_bytes())?;
/// # let archive = builder.build_bytes(5_000_000)?;
/// use epgu_gusmev::PushReconciled;
///
/// # let known = Vec::new();
/// let sent_after = chrono::DateTime::UNIX_EPOCH; // better: the moment before the push
/// match client.reconcile_push(&meta, &archive, sent_after).known(known).await? {
///     PushReconciled::Submitted(order) => println!("filed: {order}"),
///     PushReconciled::Unknown(orders) => println!("may be one of {orders:?}, or not listed yet"),
///     _ => {}
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ReconcilePush {
    client: Client,
    meta: Meta,
    archive: Archive,
    sent_after: DateTime<Utc>,
    known: BTreeSet<OrderId>,
}

/// How an application compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Same,
    Perhaps,
    Other,
}

impl ReconcilePush {
    pub(crate) fn new(
        client: &Client,
        meta: &Meta,
        archive: &Archive,
        sent_after: DateTime<Utc>,
    ) -> Self {
        let (client, meta, archive) = (client.clone(), meta.clone(), archive.clone());
        Self { client, meta, archive, sent_after, known: BTreeSet::new() }
    }

    /// Applications that surely are not it: their numbers came with the answers to other calls. Name those of
    /// the five minutes before the push as well.
    pub fn known(mut self, orders: impl IntoIterator<Item = OrderId>) -> Self {
        self.known.extend(orders);
        self
    }

    fn earliest(&self) -> DateTime<Utc> {
        self.sent_after.checked_sub_signed(CLOCKS).unwrap_or(self.sent_after)
    }

    async fn look(self) -> Result<PushReconciled, Error> {
        let listed = self.client.updated_after(self.earliest()).items();
        let listed: BTreeSet<OrderId> = listed.map_ok(|found| found.order_id).try_collect().await?;
        let strangers: Vec<OrderId> = listed.difference(&self.known).copied().collect();
        let this = &self;
        let looks = strangers.into_iter().map(|order| -> BoxFuture<'_, Result<_, Error>> {
            let details = this.client.order(order);
            Box::pin(async move {
                let info = details.await.map(Response::into_inner);
                Ok((this.judge(info)?, order))
            })
        });
        let looks = futures_util::stream::iter(looks).buffer_unordered(PARALLEL);
        let mut found: Vec<(Fit, OrderId)> = looks.try_collect().await?;
        found.retain(|(fit, _)| *fit != Fit::Other);
        found.sort_unstable();
        Ok(match found[..] {
            [(Fit::Same, order)] => PushReconciled::Submitted(order),
            _ => PushReconciled::Unknown(found.into_iter().map(|(_, order)| order).collect()),
        })
    }

    fn judge(&self, details: Result<OrderInfo, Error>) -> Result<Fit, Error> {
        match details {
            Ok(info) => Ok(info.order.map_or(Fit::Perhaps, |order| self.compare(&order))),
            // Another user's.
            Err(error) if ErrorCode::of(&error) == Some(ErrorCode::OrderAccess) => Ok(Fit::Other),
            Err(error) if error.kind() == Kind::NotFound => Ok(Fit::Perhaps),
            Err(error) => Err(error),
        }
    }

    fn compare(&self, order: &Order) -> Fit {
        let form = order.eservice_id.as_deref().map(|code| code.trim() == self.meta.service_code());
        let purpose =
            order.service_target_id.as_deref().map(|code| code.trim() == self.meta.target_code());
        // In what zone a date without one is, is not documented.
        let made = order.order_date.filter(|date| date.has_offset());
        let in_time = made.and_then(|made| self.is_since(made.to_utc()));
        let tells = [form, purpose, in_time, self.has_files_of(order)];
        if tells.contains(&Some(false)) {
            Fit::Other
        } else if tells.contains(&None) {
            Fit::Perhaps
        } else {
            Fit::Same
        }
    }

    /// Whether it was made since the push was begun; `None`: by the service's clock shortly before.
    fn is_since(&self, made: DateTime<Utc>) -> Option<bool> {
        match made {
            made if made < self.earliest() => Some(false),
            made if made < self.sent_after.checked_sub_signed(CUT).unwrap_or(made) => None,
            _ => Some(true),
        }
    }

    /// Whether it was filed with the archive's files; signatures may be told of otherwise.
    fn has_files_of(&self, order: &Order) -> Option<bool> {
        let sent = self.archive.entries().iter().filter(|entry| !is_signature(&entry.name));
        let told = sent.map(|entry| {
            let files = order.order_attachment_files.iter();
            let mut files = files
                .filter(|file| file.file_name.as_deref().is_some_and(|name| *name == entry.name));
            let size = files.next()?.file_size?;
            Some(u64::try_from(size).ok() == Some(entry.size))
        });
        let told: Vec<Option<bool>> = told.collect();
        match told.contains(&Some(false)) {
            true => Some(false),
            false if told.is_empty() || told.contains(&None) => None,
            false => Some(true),
        }
    }
}

impl IntoFuture for ReconcilePush {
    type Output = Result<PushReconciled, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.look())
    }
}
