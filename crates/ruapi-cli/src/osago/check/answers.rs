//! What is looked at in the answers of every operation: those to a good request, and the standard errors.

use serde_json::Value;

use super::ask::{Answer, Came, status_of};
use super::rule::{Check, Operation, Severity, kind};
use super::run::Run;
use super::tables::{ERROR, PROPERTIES};
use Severity::{Error, Note, Warning};

const ERRORS: &str = "responce-codes";

pub(super) const HTTP_STATUS: Check =
    Check::new("http_status", Error, "200 OK", "HTTP 200 to a good request");
const CONTENT_TYPE: Check =
    Check::new("content_type", Error, "200 OK", "the content type application/json");
const JSON: Check = Check::new("json", Error, "200 OK", "one JSON object in UTF-8");
const UNDOCUMENTED: Check =
    Check::new("undocumented", Note, "200 OK", "only fields that are documented");

/// Of the answer to a good request.
pub(super) const GOOD: &[Check] = &[HTTP_STATUS, CONTENT_TYPE, JSON, UNDOCUMENTED];

const ERROR_CONTENT_TYPE: Check = Check::new(
    "error_content_type",
    Error,
    ERRORS,
    "errors 400, 403, 404, 500 with the content type application/json",
);
const ERROR_FORM: Check = Check::new(
    "error_form",
    Error,
    ERRORS,
    "errors 400, 403, 404, 500 as {request_id, message}, the message not empty",
);
const ERROR_REQUEST_ID: Check = Check::new(
    "error_request_id",
    Warning,
    ERRORS,
    "the request_id that was sent, or null where none was understood",
);
const ERROR_PROPERTIES: Check = Check::new(
    "error_properties",
    Error,
    "responce-codes: 400",
    "properties as [{property, message}], at least one, where a property is wrong or missing",
);
const ERROR_PROPERTY: Check = Check::new(
    "error_property",
    Warning,
    "responce-codes: 400",
    "the property named that is wrong or missing",
);
const LEAK: Check = Check::new(
    "leak",
    Error,
    ERRORS,
    "no stack traces, paths, queries or other inner words in an error",
);

/// Of any error.
pub(super) const ERRONEOUS: &[Check] =
    &[ERROR_CONTENT_TYPE, ERROR_FORM, ERROR_REQUEST_ID, ERROR_PROPERTIES, ERROR_PROPERTY, LEAK];

/// The standard errors; other statuses have no documented form.
const STANDARD: &[u16] = &[400, 403, 404, 500];

/// What no answer to a stranger should hold, in small letters.
const INNER_WORDS: &[&str] = &[
    "traceback (most recent call last)",
    "stack trace",
    "stacktrace",
    "stack backtrace",
    "panicked at",
    "goroutine ",
    "\tat ",
    "\n    at ",
    "caused by:",
    "exception:",
    "exception in ",
    "nullpointerexception",
    "undefined method",
    "fatal error:",
    ".java:",
    ".php on line",
    ".py\", line",
    "site-packages",
    "node_modules",
    "sqlstate",
    "ora-0",
    "syntax error at or near",
    "select * from",
    "violates foreign key",
    "econnrefused",
    "connection refused",
    "/var/www",
    "/usr/src",
    "/usr/lib",
    "/home/",
    "c:\\",
];

/// What is to be refused, and how.
pub(super) struct Refusal {
    pub(super) check: Check,
    /// The right statuses.
    pub(super) statuses: &'static [u16],
    /// The property that is wrong or missing.
    pub(super) property: Option<&'static str>,
}

impl Run<'_> {
    /// Looks at the answer to a good request, its fields excepted; gives its object.
    pub(super) fn good(&mut self, operation: &'static Operation, came: &Came) -> Option<Value> {
        let is_right = came.as_ref().is_ok_and(|answer| answer.status() == 200);
        self.judge(operation, &HTTP_STATUS, is_right, || status_of(came));
        // Another 2xx is as good for what follows.
        let answer = came.as_ref().ok().filter(|answer| answer.is_success())?;
        let media = answer.media();
        let is_json = media == "application/json";
        self.judge(operation, &CONTENT_TYPE, is_json, || another_type(&media));
        let json = answer.json();
        let is_object = json.as_ref().is_ok_and(Value::is_object);
        // What is said to be something else need not be JSON.
        if is_json || is_object {
            let came = || json.as_ref().map_or_else(|problem| *problem, kind).to_owned();
            self.judge(operation, &JSON, is_object, came);
        }
        json.ok().filter(|_| is_object)
    }

    /// Looks at the fields of a good answer. `false`: something is wrong with them, and what else is wrong
    /// may only follow from that.
    pub(super) fn fields(&mut self, operation: &'static Operation, body: &Value) -> bool {
        let Some(table) = operation.answer.filter(|_| self.selects(operation)) else { return true };
        let before = self.record.of(operation).errors();
        let unknown = self.record.fields(operation, table, ("", ""), body);
        let is_sound = self.record.of(operation).errors() == before;
        let came = || unknown.join(", ");
        self.judge(operation, &UNDOCUMENTED, unknown.is_empty(), came);
        is_sound
    }

    /// Looks at the answer to what is to be refused. `sent` is the `request_id` in it.
    pub(super) fn refused(
        &mut self,
        operation: &'static Operation,
        refusal: &Refusal,
        sent: &str,
        came: &Came,
    ) -> bool {
        let is_right =
            came.as_ref().is_ok_and(|answer| refusal.statuses.contains(&answer.status()));
        self.judge(operation, &refusal.check, is_right, || status_of(came));
        if let Ok(answer) = came {
            if answer.status() >= 400 {
                self.error(operation, refusal, sent, answer);
            }
        }
        is_right
    }

    fn error(
        &mut self,
        operation: &'static Operation,
        refusal: &Refusal,
        sent: &str,
        answer: &Answer,
    ) {
        let to = |came: String| format!("{came}, to {}", refusal.check.name);
        let json = answer.json();
        let inner = inner_word(&answer.text(), json.as_ref().ok());
        self.judge(operation, &LEAK, inner.is_none(), || {
            to(format!("`{}`", inner.unwrap_or_default().trim()))
        });
        if !STANDARD.contains(&answer.status()) {
            return;
        }
        let media = answer.media();
        let is_json = media == "application/json";
        let is_right =
            self.judge(operation, &ERROR_CONTENT_TYPE, is_json, || to(another_type(&media)));
        if !is_right && !json.as_ref().is_ok_and(Value::is_object) {
            return;
        }
        let problem = json.as_ref().err().copied();
        let body = json.unwrap_or_default();
        let wrong = ERROR.fields.iter().find(|field| {
            let value = body.get(field.name);
            let is_nothing = value.is_some_and(|value| value.is_null() || *value == "");
            match (is_nothing, field.name) {
                // Where no identifier was understood, it is there all the same.
                (true, name) => name != "request_id",
                (false, _) => !value.is_some_and(|value| field.form.fits(value)),
            }
        });
        let is_standard = self.judge(operation, &ERROR_FORM, wrong.is_none(), || {
            let name = wrong.map_or("", |field| field.name);
            to(match (problem, body.get(name)) {
                (Some(problem), _) => problem.to_owned(),
                (None, Some(value)) => format!("{} at `{name}`", kind(value)),
                (None, None) => format!("no `{name}`"),
            })
        });
        if !is_standard {
            return;
        }
        let echoed = body["request_id"].as_str().filter(|echoed| !echoed.is_empty());
        let is_ours = echoed.is_none_or(|echoed| echoed.eq_ignore_ascii_case(sent));
        self.judge(operation, &ERROR_REQUEST_ID, is_ours, || to("another one".to_owned()));
        if let Some(property) = refusal.property.filter(|_| answer.status() == 400) {
            self.properties(operation, property, &body["properties"], to);
        }
    }

    fn properties(
        &mut self,
        operation: &'static Operation,
        property: &str,
        found: &Value,
        to: impl Fn(String) -> String,
    ) {
        let list = found.as_array().map(Vec::as_slice).unwrap_or_default();
        let is_one = |item: &Value| {
            PROPERTIES.fields.iter().all(|field| {
                let text = item.get(field.name).and_then(Value::as_str);
                text.is_some_and(|text| !text.is_empty())
            })
        };
        let is_right = !list.is_empty() && list.iter().all(is_one);
        self.judge(operation, &ERROR_PROPERTIES, is_right, || {
            to(match found {
                Value::Null => "no `properties`".to_owned(),
                Value::Array(list) if list.is_empty() => "an empty list".to_owned(),
                Value::Array(_) => "a list of something else".to_owned(),
                other => kind(other).to_owned(),
            })
        });
        if is_right {
            let names = |item: &Value| {
                item["property"].as_str().is_some_and(|name| name.contains(property))
            };
            let is_named = list.iter().any(names);
            let came = || to(format!("others than `{property}`"));
            self.judge(operation, &ERROR_PROPERTY, is_named, came);
        }
    }
}

fn another_type(media: &str) -> String {
    match media {
        "" => "no content type".to_owned(),
        "text/html" | "text/plain" | "text/json" | "application/problem+json" => media.to_owned(),
        _ => "another content type".to_owned(),
    }
}

/// The first inner word in the text, or in the texts of its JSON.
fn inner_word(text: &str, json: Option<&Value>) -> Option<&'static str> {
    let mut texts = text.to_lowercase();
    collect(json.unwrap_or(&Value::Null), &mut texts);
    INNER_WORDS.iter().find(|word| texts.contains(**word)).copied()
}

fn collect(value: &Value, into: &mut String) {
    match value {
        Value::String(text) => {
            into.push('\n');
            into.push_str(&text.to_lowercase());
        }
        Value::Array(list) => list.iter().for_each(|item| collect(item, into)),
        Value::Object(map) => map.values().for_each(|item| collect(item, into)),
        _ => {}
    }
}
