//! What a test may set.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::dictionary::{DEEPEST, LARGEST};
use super::kinds::{
    CancelRefusal, DownloadPaths, ErrorCode, IdForm, OrderForm, Outcome, Paging, Promise, Window,
    Zone,
};

const MEGABYTE: u64 = 1024 * 1024;

/// The most bytes that one request may bring: a chunk, or a whole archive.
const LARGEST_PART: u64 = 256 * MEGABYTE;

/// The largest number that JavaScript and other readers of JSON keep exact.
const LARGEST_ID: u64 = (1 << 53) - 1;

/// How the API behaves: see [`Epgu::settings`](super::Epgu::settings).
///
/// As JSON, under `/_sandbox/epgu`, the names are the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// How `order` of the details is printed.
    pub order_form: OrderForm,
    /// How `orderId` of answers is printed.
    pub id_form: IdForm,
    /// Whether details hold the undocumented fields that real ones do; true by default.
    pub extra_fields: bool,
    /// Whether fields that the document's example leaves blank are blank; true by default. Else every
    /// field of table 28 has a value.
    pub blank_fields: bool,
    /// The number of the next application.
    pub next_order_id: u64,
    /// What becomes of the next applications that are sent, in this order; then what
    /// [`service_outcomes`](Self::service_outcomes) say. An archive that fails the checks has the
    /// outcome of those.
    pub outcomes: VecDeque<Outcome>,
    /// What becomes of the applications for a service, by its code; by default
    /// [`Outcome::Executed`].
    pub service_outcomes: BTreeMap<String, Outcome>,
    /// How long, by the clock, each of the portal's own states lasts; 1 second by default.
    pub step_seconds: u32,
    /// How long the agency takes to accept an application, and to decide then; 60 seconds each by
    /// default.
    pub decision_seconds: u32,
    /// The name of the file with the service's data, which an archive without it fails by
    /// `MPC_NOT_FOUND`; by default none is asked for.
    pub business_file: Option<String>,
    /// Whether every file of an archive needs a signature (`FILE.sig`); false by default.
    pub signatures_required: bool,
    /// Whether applications can be cancelled while the agency has them; true by default.
    pub cancellable: bool,
    /// How it is answered that an application cannot be cancelled.
    pub cancel_refusal: CancelRefusal,
    /// Whether to cancel takes the undocumented parameter `reason`; false by default.
    pub cancel_reason_required: bool,
    /// Whether a chunk needs the part `meta`; false by default: table 10 says so, the examples
    /// have none.
    pub chunk_meta_required: bool,
    /// The fewest bytes of a chunk that is not the last; 1 MiB by default.
    pub chunk_least_bytes: u64,
    /// The most bytes of a chunk; 5 MiB by default.
    pub chunk_most_bytes: u64,
    /// Within how many seconds of the first chunk the last must come; 300 by default.
    pub upload_seconds: u32,
    /// The most bytes of an archive that is sent at once; 5 MiB by default.
    pub push_most_bytes: u64,
    /// How many requests are allowed in a minute; 2 000 by default.
    pub requests_per_minute: u64,
    /// How many in an hour; 120 000 by default.
    pub requests_per_hour: u64,
    /// How many in a day; 2 880 000 by default.
    pub requests_per_day: u64,
    /// How many in a month; 86 400 000 by default.
    pub requests_per_month: u64,
    /// How many in a year; 1 036 800 000 by default.
    pub requests_per_year: u64,
    /// How many applications one user may make for one service in
    /// [`applications_seconds`](Self::applications_seconds); 20 by default.
    pub applications_most: u64,
    /// The length of that span; 600 seconds by default.
    pub applications_seconds: u32,
    /// The time zone of `updatedAfter`.
    pub updated_after_zone: Zone,
    /// How lists of statuses are paged.
    pub paging: Paging,
    /// Whether to ask for statuses by numbers takes a `Content-Type`, as table 20 says; false by
    /// default.
    pub list_content_type_required: bool,
    /// Whether a list without any application is answered 204; false by default.
    pub empty_lists_without_content: bool,
    /// Where files can be downloaded.
    pub download_paths: DownloadPaths,
    /// How many bytes the files of results have; 100 000 by default.
    pub file_bytes: u64,
    /// What `Content-Length` says about them.
    pub file_promise: Promise,
    /// How many items [`Epgu::LARGE_DICTIONARY`](super::Epgu::LARGE_DICTIONARY) has; 100 000 by
    /// default.
    pub large_dictionary: u64,
    /// How many levels [`Epgu::DEEP_DICTIONARY`](super::Epgu::DEEP_DICTIONARY) has; 100 by default.
    pub deep_dictionary: u64,
    /// Services whose applications are refused, by their code, and with which error.
    pub services: BTreeMap<String, ErrorCode>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            order_form: OrderForm::String,
            id_form: IdForm::Number,
            extra_fields: true,
            blank_fields: true,
            // More than 32 bits: what is too small for it should break in a test.
            next_order_id: 5_000_000_001,
            outcomes: VecDeque::new(),
            service_outcomes: BTreeMap::new(),
            step_seconds: 1,
            decision_seconds: 60,
            business_file: None,
            signatures_required: false,
            cancellable: true,
            cancel_refusal: CancelRefusal::NotAllowed,
            cancel_reason_required: false,
            chunk_meta_required: false,
            chunk_least_bytes: MEGABYTE,
            chunk_most_bytes: 5 * MEGABYTE,
            upload_seconds: 300,
            push_most_bytes: 5 * MEGABYTE,
            requests_per_minute: 2_000,
            requests_per_hour: 120_000,
            requests_per_day: 2_880_000,
            requests_per_month: 86_400_000,
            requests_per_year: 1_036_800_000,
            applications_most: 20,
            applications_seconds: 600,
            updated_after_zone: Zone::Utc,
            paging: Paging::Normal,
            list_content_type_required: false,
            empty_lists_without_content: false,
            download_paths: DownloadPaths::All,
            file_bytes: 100_000,
            file_promise: Promise::Exact,
            large_dictionary: 100_000,
            deep_dictionary: 100,
            services: BTreeMap::new(),
        }
    }
}

impl Settings {
    pub(super) fn requests_per(&self, window: Window) -> u64 {
        match window {
            Window::Minute => self.requests_per_minute,
            Window::Hour => self.requests_per_hour,
            Window::Day => self.requests_per_day,
            Window::Month => self.requests_per_month,
            Window::Year => self.requests_per_year,
        }
    }

    /// Says what was expected if it cannot be so.
    pub(super) fn check(&self) -> Result<(), String> {
        within("next_order_id", self.next_order_id, 1, LARGEST_ID)?;
        within("chunk_most_bytes", self.chunk_most_bytes, 1, LARGEST_PART)?;
        within("chunk_least_bytes", self.chunk_least_bytes, 0, self.chunk_most_bytes)?;
        within("push_most_bytes", self.push_most_bytes, 1, LARGEST_PART)?;
        within("large_dictionary", self.large_dictionary, 0, LARGEST)?;
        within("deep_dictionary", self.deep_dictionary, 0, DEEPEST)
    }
}

fn within(name: &str, value: u64, least: u64, most: u64) -> Result<(), String> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(format!("`{name}` is {least} to {most}"))
    }
}
