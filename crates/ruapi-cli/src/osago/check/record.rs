//! What was found, check by check.

use super::rule::{Check, Form, Need, Operation, Severity, Table, kind};
use super::words::Words;
use serde::Serialize;
use serde_json::Value;

/// What was found, operation by operation.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) words: Words,
    pub(super) operations: Vec<Results>,
}

/// What was found of one operation.
#[derive(Debug)]
pub(super) struct Results {
    pub(super) operation: &'static Operation,
    /// The checks made so far, in that order, each once.
    made: Vec<String>,
    pub(super) deviations: Vec<Deviation>,
    pub(super) not_made: Vec<NotMade>,
}

/// What deviates from the document.
#[derive(Debug, Serialize)]
pub(super) struct Deviation {
    pub(super) check: String,
    pub(super) severity: Severity,
    pub(super) document: String,
    pub(super) expected: String,
    /// Without any value of the answer.
    pub(super) came: String,
    /// How often; only the first is told.
    pub(super) times: u32,
}

/// A check that could not be made.
#[derive(Debug, Serialize)]
pub(super) struct NotMade {
    pub(super) check: String,
    pub(super) reason: String,
    /// Not because of the options or of what the partner offers: something to be checked is missing.
    pub(super) wanted: bool,
}

impl Record {
    /// The operation's results, which begin with the first call.
    pub(super) fn of(&mut self, operation: &'static Operation) -> &mut Results {
        let known = self.operations.iter().position(|known| known.operation.key == operation.key);
        let place = known.unwrap_or_else(|| {
            self.operations.push(Results::new(operation));
            self.operations.len() - 1
        });
        &mut self.operations[place]
    }

    /// Notes whether it is as expected; `came` is what came instead.
    pub(super) fn judge(
        &mut self,
        operation: &'static Operation,
        check: &Check,
        is_right: bool,
        came: impl FnOnce() -> String,
    ) -> bool {
        let results = self.of(operation);
        let id = results.id(check.name);
        if is_right {
            results.made(id);
        } else {
            let (document, expected) = (check.place.to_owned(), check.expected.to_owned());
            results.deviates(id, check.severity, document, expected, came());
        }
        is_right
    }

    /// Notes that a check could not be made.
    pub(super) fn skip(
        &mut self,
        operation: &'static Operation,
        check: &Check,
        wanted: bool,
        reason: &str,
    ) {
        let results = self.of(operation);
        let check = results.id(check.name);
        let is_known = results.not_made.iter().any(|known| known.check == check);
        if !is_known && !results.made.contains(&check) {
            results.not_made.push(NotMade { check, reason: reason.to_owned(), wanted });
        }
    }

    /// Looks at an object's fields. `name` and `place` lead to the object: `offers[].partner.` in the
    /// check's name, `offers[0].partner.` in the answer. Gives the names that no table knows.
    pub(super) fn fields(
        &mut self,
        operation: &'static Operation,
        table: &'static Table,
        (name, place): (&str, &str),
        object: &Value,
    ) -> Vec<String> {
        let mut unknown = Vec::new();
        for field in table.fields {
            let (name, place) = (format!("{name}{}", field.name), format!("{place}{}", field.name));
            let value = object.get(field.name).unwrap_or(&Value::Null);
            let is_absent = value.is_null()
                || (field.need != Need::May && value.as_str().is_some_and(str::is_empty));
            let severity = match (is_absent, field.need) {
                (true, Need::May) => None,
                (true, Need::Should) => Some(Severity::Warning),
                (true, Need::Must) => Some(Severity::Error),
                (false, _) => (!field.form.fits(value)).then_some(Severity::Error),
            };
            let came = severity.map(|_| self.came(field.name, &place, &field.form, object));
            let results = self.of(operation);
            let id = results.id(&name);
            if let (Some(severity), Some(came)) = (severity, came) {
                let document = format!("{}: {}", table.section, field.name);
                results.deviates(id, severity, document, field.form.expected(), came);
                continue;
            }
            results.made(id);
            match (&field.form, value) {
                (Form::Object(inner), Value::Object(_)) => {
                    let prefix = (&*format!("{name}."), &*format!("{place}."));
                    unknown.extend(self.fields(operation, inner, prefix, value));
                }
                (Form::List(inner), Value::Array(items)) => {
                    for (index, item) in items.iter().enumerate() {
                        let (name, place) = (format!("{name}[]"), format!("{place}[{index}]"));
                        unknown.extend(self.item(operation, inner, (&name, &place), item));
                    }
                }
                _ => {}
            }
        }
        let known = |name: &&String| table.fields.iter().any(|field| field.name == *name);
        let names = object.as_object().into_iter().flat_map(|object| object.keys());
        let others = names.filter(|name| !known(name));
        unknown.extend(others.map(|other| match self.words.shown(other) {
            Some(other) => format!("{place}{other}"),
            None => format!("{place}…"),
        }));
        unknown
    }

    /// An item of a list, which must be an object.
    fn item(
        &mut self,
        operation: &'static Operation,
        table: &'static Table,
        (name, place): (&str, &str),
        item: &Value,
    ) -> Vec<String> {
        if item.is_object() {
            let prefix = (&*format!("{name}."), &*format!("{place}."));
            return self.fields(operation, table, prefix, item);
        }
        let results = self.of(operation);
        // Named as the list itself, of which it is a part.
        let id = results.id(name.trim_end_matches("[]"));
        let (document, came) = (table.section.to_owned(), format!("{} at {place}", kind(item)));
        results.deviates(id, Severity::Error, document, "a list of objects".to_owned(), came);
        Vec::new()
    }

    /// What came in a field's place, without what it holds.
    fn came(&self, field: &str, place: &str, form: &Form, object: &Value) -> String {
        let Some(value) = object.get(field) else { return format!("no `{place}`") };
        let word = match (form, value) {
            (Form::OneOf(..), Value::String(text)) => self.words.shown(text),
            _ => None,
        };
        let is_number = matches!(form, Form::Number | Form::Integer);
        match (word, value) {
            (Some(word), _) => format!("`{word}` at `{place}`"),
            (None, Value::String(text)) if form.is_text() && !text.is_empty() => {
                format!("a text of another form at `{place}`")
            }
            (None, Value::Number(_)) if is_number => format!("another number at `{place}`"),
            (None, value) => format!("{} at `{place}`", kind(value)),
        }
    }

    pub(super) fn count(&self, severity: Severity) -> usize {
        let all = self.operations.iter().flat_map(|results| &results.deviations);
        all.filter(|deviation| deviation.severity == severity).count()
    }

    pub(super) fn checked(&self) -> usize {
        self.operations.iter().map(Results::checked).sum()
    }

    pub(super) fn not_made(&self) -> impl Iterator<Item = &NotMade> {
        self.operations.iter().flat_map(|results| &results.not_made)
    }
}

impl Results {
    fn new(operation: &'static Operation) -> Self {
        Self { operation, made: Vec::new(), deviations: Vec::new(), not_made: Vec::new() }
    }

    fn id(&self, name: &str) -> String {
        format!("{}.{name}", self.operation.key)
    }

    /// How many checks were made.
    pub(super) fn checked(&self) -> usize {
        self.made.len()
    }

    /// How often something was wrong.
    pub(super) fn errors(&self) -> u32 {
        let errors = self.deviations.iter().filter(|one| one.severity == Severity::Error);
        errors.map(|error| error.times).sum()
    }

    fn made(&mut self, id: String) {
        if !self.made.contains(&id) {
            self.not_made.retain(|known| known.check != id);
            self.made.push(id);
        }
    }

    fn deviates(
        &mut self,
        check: String,
        severity: Severity,
        document: String,
        expected: String,
        came: String,
    ) {
        match self.deviations.iter_mut().find(|known| known.check == check) {
            Some(known) => known.times += 1,
            None => {
                let deviation = Deviation {
                    check: check.clone(),
                    severity,
                    document,
                    expected,
                    came,
                    times: 1,
                };
                self.deviations.push(deviation);
            }
        }
        self.made(check);
    }
}
