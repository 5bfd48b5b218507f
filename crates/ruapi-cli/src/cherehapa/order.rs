//! `ruapi cherehapa order`.

use std::collections::HashSet;
use std::fmt::{Display, Write};

use cherehapa_types::order::{
    self, CurrentAction, HttpMethod, Order, Policy, PolicyLink, PolicyStatus, RemoteUrl, TaskCode,
    Transaction, TransactionStatus,
};
use cherehapa_types::{Id, kind};
use ruapi_core::wire;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use super::input::Input;
use super::{ABSENT, cell};
use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output::{self, Plain};

/// What only an answer of `/v2/quote` has.
const OF_A_QUOTE: &[&str] = &["productPerCompany", "preCalc", "assistances"];

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: Input,
}

/// Where an order stands.
#[derive(Serialize)]
struct State<'a> {
    done: bool,
    next: Next,
    task: Option<Task<'a>>,
    pay: Option<Pay<'a>>,
    payments: Vec<Payment<'a>>,
    policies: Vec<Issued<'a>>,
}

/// What to do.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Next {
    Pay,
    Wait,
    Download,
    Nothing,
}

#[derive(Serialize)]
struct Task<'a> {
    id: Option<&'a Id<kind::Task>>,
    code: Option<&'a TaskCode>,
    completeness: Option<f64>,
    current_action: Option<&'a CurrentAction>,
}

#[derive(Serialize)]
struct Pay<'a> {
    url: Option<&'a str>,
    method: Option<&'a HttpMethod>,
    /// Not as its text, which may have several lines.
    data: Option<Value>,
}

#[derive(Serialize)]
struct Payment<'a> {
    status: Option<&'a TransactionStatus>,
    #[serde(with = "wire")]
    amount: Option<Decimal>,
    error_code: Option<&'a str>,
}

#[derive(Serialize)]
struct Issued<'a> {
    code: Option<&'a str>,
    status: Option<&'a PolicyStatus>,
    link: Option<Link<'a>>,
}

#[derive(Serialize)]
struct Link<'a> {
    url: &'a str,
    permanent: bool,
}

impl Args {
    pub(super) fn run(&self, format: Format) -> Result<u8, Failure> {
        let order = self.input.decode(order::from_slice)?;
        self.check(&order)?;
        let state = State::of(&order);
        output::line(&match format {
            Format::Human => state.text(),
            Format::Json => output::to_json(&state),
        })?;
        Ok(exit::OK)
    }

    /// Every field may be missing, so that nearly any object would pass for an order without a task.
    fn check(&self, order: &Order) -> Result<(), Failure> {
        const EXPECTED: &str = "an answer about an order, not one of /v2/quote";
        let has_work =
            !order.task.is_empty() || !order.policies.is_empty() || !order.transaction.is_empty();
        if has_work {
            return Ok(());
        }
        self.input.refuse(&order.extra, OF_A_QUOTE, EXPECTED)?;
        // A status alone is an order that has just begun; with fields of others it is something else.
        let has_begun = order.status == Some(200) && order.extra.is_empty();
        if order.request.is_some() || has_begun {
            return Ok(());
        }
        Err(self.input.not_understood("at `task`: expected the task of an order"))
    }
}

impl<'a> State<'a> {
    fn of(order: &'a Order) -> Self {
        let done = order.is_done();
        let remote = order.redirect();
        let can_download =
            |policy: &Policy| policy.is_ready() && order.policy_link(policy).is_some();
        let next = match (remote, done) {
            (Some(_), _) => Next::Pay,
            (None, false) => Next::Wait,
            (None, true) if order.policies.iter().any(can_download) => Next::Download,
            (None, true) => Next::Nothing,
        };
        Self {
            done,
            next,
            task: order.order_task().map(Task::of),
            pay: remote.map(Pay::of),
            payments: order.transaction.iter().map(Payment::of).collect(),
            policies: policies(order),
        }
    }

    fn text(&self) -> String {
        let task = self.task.as_ref();
        let percent = task.and_then(|task| Some(task.completeness? * 100.0));
        let state = match (self.done, percent) {
            (true, _) => "done".to_owned(),
            (false, Some(percent)) => format!("NOT done, {percent:.0} %"),
            (false, None) => "NOT done".to_owned(),
        };
        let id = task.and_then(|task| task.id);
        let mut text = format!("Order {}: {state}", cell(id));
        let mut field = |name: &str, value: &dyn Display| {
            let _ = write!(text, "\n  {name:<11}{}", Plain(&value.to_string()));
        };
        field("Next", &self.next.advice());
        if let Some(task) = task {
            let code = task.code.map(TaskCode::as_str);
            field("Task", &code.unwrap_or(ABSENT));
            match task.current_action {
                Some(CurrentAction::Code(code)) => field("Doing", code),
                Some(CurrentAction::Details(_)) => field("Doing", &"see --format json"),
                _ => {}
            }
        }
        if let Some(pay) = &self.pay {
            field("Pay at", &cell(pay.url));
            if let Some(method) = pay.method {
                field("  by", &method.as_str());
            }
            if let Some(data) = &pay.data {
                field("  with", data);
            }
        }
        for payment in &self.payments {
            let status = payment.status.map_or("state not told", TransactionStatus::as_str);
            let amount = payment.amount.map(|amount| format!(", {amount} rubles"));
            let error = payment.error_code.map(|code| format!(", error {code}"));
            let (amount, error) = (amount.unwrap_or_default(), error.unwrap_or_default());
            field("Payment", &format!("{status}{amount}{error}"));
        }
        for policy in &self.policies {
            let status = policy.status.map_or("state not told", PolicyStatus::as_str);
            field("Policy", &format!("{}: {status}", cell(policy.code)));
            if let Some(link) = &policy.link {
                field(if link.permanent { "  link" } else { "  for now" }, &link.url);
            }
        }
        text
    }
}

impl Next {
    fn advice(self) -> &'static str {
        match self {
            Self::Pay => "the user has to go and pay",
            Self::Wait => "wait: ask again later",
            Self::Download => "download what is paid",
            Self::Nothing => "nothing: it is done, and no paid policy has a link",
        }
    }
}

impl<'a> Task<'a> {
    fn of(task: &'a order::Task) -> Self {
        Self {
            id: task.id.as_ref(),
            code: task.code.as_ref(),
            completeness: task.completeness,
            current_action: task.current_action.as_ref(),
        }
    }
}

impl<'a> Pay<'a> {
    fn of(remote: &'a RemoteUrl) -> Self {
        let data = remote.data.as_ref().filter(|data| !data.is_empty());
        Self {
            url: remote.url.as_ref().map(|url| url.as_str()),
            method: remote.method.as_ref(),
            data: data.and_then(|data| data.get()),
        }
    }
}

impl<'a> Payment<'a> {
    fn of(transaction: &'a Transaction) -> Self {
        Self {
            status: transaction.status.as_ref(),
            amount: transaction.amount,
            error_code: transaction.error_code.as_deref(),
        }
    }
}

/// The policies, then the links to those that the answer does not list.
fn policies(order: &Order) -> Vec<Issued<'_>> {
    let mut known = HashSet::new();
    let mut policies = Vec::new();
    for policy in &order.policies {
        let code = policy.code.as_ref().map(|code| code.as_str());
        known.extend(code);
        let link = order.policy_link(policy);
        let permanent = matches!(link, Some(PolicyLink::Permanent(_)));
        let link = link.map(|link| Link { url: link.url(), permanent });
        policies.push(Issued { code, status: policy.status.as_ref(), link });
    }
    for (code, url) in order.data.iter().flat_map(|data| data.links.iter()) {
        let Some(url) = url else { continue };
        if known.insert(code) {
            let link = Some(Link { url, permanent: false });
            policies.push(Issued { code: Some(code), status: None, link });
        }
    }
    policies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_left_out_or_forged_does_no_harm() {
        let json = r#"{"task": {"code": "\u001b[2J", "currentAction": "\u0007"},
            "transaction": {"status": "redirected", "errorCode": "\n",
                "remoteUrl": {"url": "https://x/\u001b", "method": "\u001b"}},
            "policy": [{"code": "\u001b", "fileLink": "\u001bx"}, {}]}"#;
        let order = order::from_slice(json.as_bytes()).expect("an order");
        let text = State::of(&order).text();
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        let text = State::of(&Order::default()).text();
        assert_eq!(text, "Order -: NOT done\n  Next       wait: ask again later");
    }
}
