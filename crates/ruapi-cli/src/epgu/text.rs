//! Answers for people. Whatever the service says is shown without control characters.

use std::fmt::{Display, Write};

use epgu_gusmev::statuses::SearchStatus;
use epgu_gusmev::{
    Cancellation, DictionaryItem, FoundOrder, Moment, OrderInfo, OrderStatus, Ordered, StatusId,
    Submission,
};

use crate::output::Plain;

/// A single answer.
pub(super) trait Describe {
    fn text(&self) -> String;
}

/// A title, and a line for each field that there is.
struct Sheet(String);

impl Sheet {
    fn new(title: &str) -> Self {
        Self(Plain(title).to_string())
    }

    fn field(mut self, name: &str, value: Option<impl Display>) -> Self {
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        if !value.trim().is_empty() {
            let _ = write!(self.0, "\n  {name:<14}{}", Plain(value.trim()));
        }
        self
    }
}

/// Moscow's time, to the second.
fn moment(moment: Moment) -> String {
    moment.date_time().format("%d.%m.%Y %H:%M:%S %:z").to_string()
}

/// A status by its name and its code.
fn status(id: Option<StatusId>, name: Option<&str>) -> String {
    let code = id.map(|id| format!(" ({})", id.code())).unwrap_or_default();
    let name = name.or(id.and_then(StatusId::documented_name)).unwrap_or("status not told");
    format!("{name}{code}")
}

fn of_status(found: &OrderStatus) -> String {
    status(found.status_id, found.title.as_deref())
}

impl Describe for Ordered {
    fn text(&self) -> String {
        format!("Application {}", self.order_id)
    }
}

impl Describe for OrderInfo {
    fn text(&self) -> String {
        let code = self.code.as_ref().map_or("state not told", |code| code.as_str());
        let end = if self.is_final() { ", final" } else { "" };
        let mut sheet =
            Sheet::new(&format!("{code}{end}")).field("Message", self.message.as_deref());
        let Some(order) = &self.order else { return sheet.0 };
        sheet = sheet
            .field("Application", order.id)
            .field("Authority", order.state_structure_name.as_ref())
            .field("Made", order.order_date.map(moment))
            .field("Updated", order.updated.map(moment));
        let current = order.current_status();
        sheet = sheet
            .field(
                "Status",
                current.map(of_status).or_else(|| {
                    Some(status(order.order_status_id, order.order_status_name.as_deref()))
                }),
            )
            .field("Since", current.and_then(|status| status.date).map(moment))
            .field("Comment", current.and_then(|status| status.comment.as_deref()))
            .field(
                "Cancellable",
                self.cancel_allowed().then_some("yes: `ruapi epgu order cancel`"),
            );
        for (file, link) in order.results() {
            let name = file.file_name.as_deref().map_or("a file", String::as_str);
            let link = link.map_or_else(|error| error.to_string(), |link| link.to_uri());
            sheet = sheet.field("Result", Some(format!("{name}: {link}")));
        }
        sheet.0
    }
}

impl Describe for FoundOrder {
    fn text(&self) -> String {
        let order = self.order_id;
        let Some(found) = &self.status else {
            return match &self.order_search_status {
                Some(SearchStatus::NotFound) => format!("{order:<12} not found"),
                _ => format!("{order:<12} without a status"),
            };
        };
        let updated = found.updated.map(moment).unwrap_or_default();
        let status = status(found.status_id, found.status_name.as_deref());
        format!("{order:<12} {updated:<27} {}", Plain(&status))
    }
}

/// What became of an attempt to cancel.
pub(super) fn cancellation(outcome: Cancellation) -> (&'static str, &'static str) {
    match outcome {
        Cancellation::Cancelled => ("cancelled", "Cancelled"),
        Cancellation::NotAllowed => (
            "not_allowed",
            "Not cancelled: it cannot be cancelled as it stands; `order show` tells when",
        ),
        Cancellation::NotFound => ("not_found", "There is no such application"),
        _ => ("unknown", "The service answered something that this version does not know"),
    }
}

/// Whether an application was filed.
pub(super) fn submission(outcome: Submission) -> (&'static str, &'static str) {
    match outcome {
        Submission::Submitted => ("submitted", "Filed: the service has the archive"),
        Submission::StillNew => (
            "still_new",
            "Nothing of its archive is to be seen, but the service may yet take it up; look again later",
        ),
        _ => ("unknown", "Not known: the details do not tell; look again later"),
    }
}

/// One line of a dictionary, indented by its depth in a tree.
pub(super) fn item(item: &DictionaryItem, depth: usize) -> String {
    let value = item.value.as_str();
    let title = item.title.as_deref().unwrap_or_default();
    format!("{:indent$}{}  {}", "", Plain(value), Plain(title), indent = depth * 2)
}
