//! The work on an order.

use serde::de::MapAccess;
use serde::{Deserialize, Serialize, Serializer};

use crate::open_enum::open_enum;
use crate::wire::{self, Scalar, Spelling, Wire, models, serde_by_wire};
use crate::{Extra, Id, kind};

open_enum! {
    /// What a task does. There are others than the document names.
    pub enum TaskCode {
        /// Issue the policies of an order (выписка полисов).
        CreateOrder = "CreateOrder",
        /// Issue one policy.
        CreatePolicy = "CreatePolicy",
        /// Block the money.
        ProcessBlockPayment = "ProcessBlockPayment",
        /// Bring a policy into force.
        ConfirmPolicy = "ConfirmPolicy",
        /// Take the money.
        ProcessChargePayment = "ProcessChargePayment",
        /// Send an SMS.
        SendSms = "SendSms",
    }
}

/// A task: is it done, and what is it doing. Of all its signs the document trusts one:
/// [`is_done`](Task::is_done).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// The task (внутренний числовой идентификатор задачи).
    #[serde(default, with = "wire")]
    pub id: Option<Id<kind::Task>>,
    /// What it does (символьный код типа задачи).
    #[serde(default, with = "wire")]
    pub code: Option<TaskCode>,
    /// `isSuccess`: succeeded. Better look at [`is_done`](Task::is_done).
    #[serde(default, with = "wire")]
    pub is_success: Option<bool>,
    /// `isProcessing`: under way. Not reliable.
    #[serde(default, with = "wire")]
    pub is_processing: Option<bool>,
    /// `isCancelled`: cancelled. Not reliable.
    #[serde(default, with = "wire")]
    pub is_cancelled: Option<bool>,
    /// `isFatal`: failed for good, cannot go on. Not reliable.
    #[serde(default, with = "wire")]
    pub is_fatal: Option<bool>,
    /// `hasError`: has errors, passing ones counted. Not reliable.
    #[serde(default, with = "wire")]
    pub has_error: Option<bool>,
    /// `isInQueue`: waits in the queue. Not reliable.
    #[serde(default, with = "wire")]
    pub is_in_queue: Option<bool>,
    /// How much is done (процент выполнения): 0 to 1, where 1 is 100 %.
    #[serde(default, with = "wire")]
    pub completeness: Option<f64>,
    /// `currentAction`: what it is doing now.
    #[serde(default, with = "wire")]
    pub current_action: Option<CurrentAction>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Task {
    /// Whether it is done: `completeness` is 1. The flags, which the document calls unreliable, do not count.
    pub fn is_done(&self) -> bool {
        self.completeness == Some(1.0)
    }
}

models!(Task);

/// What a task is doing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CurrentAction {
    /// Nothing (`false`).
    Nothing,
    /// The action's code, for instance `Order\CreateOrderPolicies`.
    Code(String),
    /// An object, which the document does not describe.
    Details(Extra),
}

impl CurrentAction {
    /// The action's code, if it is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Code(code) => Some(code),
            Self::Nothing | Self::Details(_) => None,
        }
    }
}

impl Wire for CurrentAction {
    const EXPECTED: &'static str = "false, a code or an object";

    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Flag(false) | Scalar::Text("false") => Some(Self::Nothing),
            other => String::scalar(other).map(Self::Code),
        }
    }

    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Extra::map(map).map(Self::Details)
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => to.serialize_bool(false),
            Self::Code(code) => to.serialize_str(code),
            Self::Details(fields) => fields.write(spelling, to),
        }
    }
}

serde_by_wire!(CurrentAction);
