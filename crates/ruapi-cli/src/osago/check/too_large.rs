//! A body that no server should read to its end.

use osago_offer::Kind;

use super::ask::{Who, order, status_of};
use super::rule::{Check, Operation, Severity::Warning};
use super::run::Run;

pub(super) const TOO_LARGE: Check = Check::new(
    "too_large",
    Warning,
    "no section: a server has to bound what it reads",
    "a body of 1 MiB, which is no request, refused (HTTP 4xx) or cut off",
);
const SIZE: usize = 1 << 20;

pub(super) async fn check(run: &mut Run<'_>, operation: &'static Operation) {
    let body = format!(r#"{{"padding":"{}"}}"#, "0".repeat(SIZE));
    let came = run.partner.ask(Who::Agreed, &order(operation, body)).await;
    let is_right = match &came {
        Ok(answer) => (400..500).contains(&answer.status()),
        // A server that does not read on may break the connection before its answer is seen.
        Err(error) => error.kind() == Kind::Interrupted,
    };
    run.judge(operation, &TOO_LARGE, is_right, || status_of(&came));
}
