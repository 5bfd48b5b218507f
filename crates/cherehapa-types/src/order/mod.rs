//! The answer about an order: the task that works on it, its payment, its policies.
//!
//! ```
//! use cherehapa_types::order::{self, HttpMethod};
//!
//! let order = order::from_slice(
//!     br#"{"task": {"code": "CreateOrder", "completeness": 0.5, "currentAction": false},
//!          "transaction": {"status": "redirected", "uuid": "2f1b",
//!                          "remoteUrl": {"url": "https://pay.example/", "method": "POST", "data": {}}}}"#,
//! )?;
//! assert!(!order.is_done()); // ask again
//! let remote = order.redirect().expect("the traveller has to pay first");
//! assert_eq!(remote.method, Some(HttpMethod::Post));
//!
//! let done = order::from_slice(br#"{"policy": {"status": "paid", "fileLink": "https://example.com/1"}}"#)?;
//! let policy = &done.policies[0];
//! assert!(policy.is_ready());
//! assert_eq!(done.policy_link(policy).map(|link| link.url()), Some("https://example.com/1"));
//! # Ok::<(), cherehapa_types::DecodeError>(())
//! ```
//!
//! What to look at before it is paid: the [guide](crate::guide#going-live).

mod link;
mod policy;
mod request;
mod task;
mod transaction;

pub use link::{Data, PolicyLink};
pub use policy::{Policy, PolicyStatus, PolicyType};
pub use request::{Request, Tourist};
use serde::{Deserialize, Serialize};
pub use task::{CurrentAction, Task, TaskCode};
pub use transaction::{HttpMethod, RemoteUrl, Stages, Transaction, TransactionStatus};

use crate::decode::{DecodeError, decode};
use crate::{Extra, OneOrMany, Raw, wire};

/// The answer as a whole. Fields appear as the task goes on. To build one for a test, start from `default()`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Order {
    /// The HTTP status, 200.
    #[serde(default, with = "wire")]
    pub status: Option<u16>,
    /// The request: dates, days, currency. It does not tell countries, services and sports.
    #[serde(default, with = "wire")]
    pub request: Option<Request>,
    /// `tourist`: the tourists of the request.
    #[serde(rename = "tourist", default, with = "wire")]
    pub tourists: Vec<Tourist>,
    /// `order`: the old order data, being removed for long. The document asks not to use it.
    #[serde(rename = "order", default)]
    pub legacy: Option<Raw>,
    /// `policy`: the policies issued; several if one does not hold all services or tourists.
    #[serde(rename = "policy", default, with = "wire")]
    pub policies: Vec<Policy>,
    /// The payment (транзакция денежных средств).
    #[serde(default, with = "wire")]
    pub transaction: OneOrMany<Transaction>,
    /// What did not fit elsewhere: for now, temporary links to policies.
    #[serde(default, with = "wire")]
    pub data: Vec<Data>,
    /// The task of issuing the policies (задача на выписку страховых полисов).
    #[serde(default, with = "wire")]
    pub task: OneOrMany<Task>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Order {
    /// The order's own task: the one with the code `CreateOrder`, or else the first.
    pub fn order_task(&self) -> Option<&Task> {
        let create = |task: &&Task| task.code == Some(TaskCode::CreateOrder);
        self.task.iter().find(create).or_else(|| self.task.first())
    }

    /// Whether the order is done: [`Task::is_done`] of its own task. An order without a task is not.
    ///
    /// That says that the service is through with it, not how it ended: a cancelled order is done too.
    /// See [`Policy::status`] and [`Transaction::status`].
    pub fn is_done(&self) -> bool {
        self.order_task().is_some_and(Task::is_done)
    }

    /// Where the user has to go to pay: [`Transaction::redirect`] of the first that asks for it.
    pub fn redirect(&self) -> Option<&RemoteUrl> {
        self.transaction.iter().find_map(Transaction::redirect)
    }

    /// Where to download a policy of this order: its permanent link, or else a temporary one from
    /// [`data`](Order::data).
    pub fn policy_link<'a>(&'a self, policy: &'a Policy) -> Option<PolicyLink<'a>> {
        if let Some(link) = &policy.file_link {
            return Some(PolicyLink::Permanent(link));
        }
        let code = policy.code.as_ref()?;
        let mut links = self.data.iter().filter_map(|data| data.links.get(code)?.as_deref());
        links.next().map(PolicyLink::Temporary)
    }
}

/// Decodes an answer about an order, JSON in UTF-8.
pub fn from_slice(body: &[u8]) -> Result<Order, DecodeError> {
    decode(body)
}
