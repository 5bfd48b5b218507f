//! The report.

use std::fmt::Write;

use serde::Serialize;
use serde_json::json;

use super::OPERATIONS;
use super::record::{Deviation, NotMade, Record, Results};
use super::rule::{Form, Need, Operation, Severity, Table};
use super::tables::DOCUMENT;
use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output::{self, Plain};

/// Shows what was found; gives the exit code.
pub(super) fn show(record: &mut Record, format: Format, base_url: &str) -> Result<u8, Failure> {
    let place =
        |results: &Results| OPERATIONS.iter().position(|known| known.key == results.operation.key);
    record.operations.sort_by_key(place);
    output::line(&match format {
        Format::Human => text(record),
        Format::Json => json(record, base_url),
    })?;
    // The graver first: what was not checked may deviate as well.
    Ok(match (record.count(Severity::Error), record.not_made().any(|check| check.wanted)) {
        (0, false) => exit::OK,
        (0, true) => exit::NOT_FOUND,
        _ => exit::NOT_UNDERSTOOD,
    })
}

fn text(record: &Record) -> String {
    let mut text = String::new();
    for results in &record.operations {
        let counts = counts(&results.deviations.iter().collect::<Vec<_>>());
        let (name, checked) = (results.operation.name, results.checked());
        let _ = writeln!(text, "{name:<28}{checked:>4} checks: {counts}");
        for deviation in &results.deviations {
            describe(&mut text, deviation);
        }
        not_made(&mut text, &results.not_made);
    }
    let all = record.operations.iter().flat_map(|results| &results.deviations);
    let _ = write!(text, "\n{} checks: {}", record.checked(), counts(&all.collect::<Vec<_>>()));
    let missed = record.not_made().count();
    if missed > 0 {
        let _ = write!(text, ", {missed} not made");
    }
    let _ = write!(text, "\nThe document: {DOCUMENT}");
    text
}

/// `as documented`, or how many errors, warnings and notes.
fn counts(deviations: &[&Deviation]) -> String {
    let kinds = [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Note, "note", "notes"),
    ];
    let counted = kinds.map(|(severity, one, many)| {
        match deviations.iter().filter(|deviation| deviation.severity == severity).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        }
    });
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    if counted.is_empty() { "as documented".to_owned() } else { counted.join(", ") }
}

fn describe(text: &mut String, deviation: &Deviation) {
    let times = match deviation.times {
        1 => String::new(),
        times => format!(" ({times} times)"),
    };
    let name = severity(deviation.severity);
    let _ = writeln!(text, "  {name:<9}{}", deviation.check);
    for (what, value) in [
        ("expected", &deviation.expected),
        ("came", &format!("{}{times}", deviation.came)),
        ("document", &deviation.document),
    ] {
        let _ = writeln!(text, "           {what:<10}{}", Plain(value));
    }
}

/// One line for each reason.
fn not_made(text: &mut String, checks: &[NotMade]) {
    let mut reasons: Vec<&str> = checks.iter().map(|check| check.reason.as_str()).collect();
    reasons.dedup();
    for reason in reasons {
        let names = checks.iter().filter(|check| check.reason == reason);
        let names: Vec<&str> = names.map(|check| check.check.as_str()).collect();
        let _ = writeln!(text, "  not made {}: {reason}", names.join(", "));
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn json(record: &Record, base_url: &str) -> String {
    let operations = record.operations.iter().map(|results| {
        json!({
            "operation": results.operation.name,
            "checked": results.checked(),
            "deviations": results.deviations,
            "not_made": results.not_made,
        })
    });
    output::to_json(&json!({
        "base_url": base_url,
        "document": DOCUMENT,
        "operations": operations.collect::<Vec<_>>(),
        "checked": record.checked(),
        "errors": record.count(Severity::Error),
        "warnings": record.count(Severity::Warning),
        "notes": record.count(Severity::Note),
        "not_made": record.not_made().count(),
    }))
}

/// A check as `--list` tells of it.
#[derive(Serialize)]
struct Listed {
    check: String,
    severity: Severity,
    document: String,
    expected: String,
}

/// Prints all checks of these operations.
pub(super) fn list(only: &[&str], format: Format) -> Result<u8, Failure> {
    for operation in OPERATIONS {
        if !only.is_empty() && !only.contains(&operation.key) {
            continue;
        }
        if format == Format::Human && !output::try_line(operation.name)? {
            break;
        }
        for listed in checks(operation) {
            let line = match format {
                Format::Json => output::to_json(&listed),
                Format::Human => format!(
                    "  {:<52} {:<8} {} ({})",
                    listed.check,
                    severity(listed.severity),
                    listed.expected,
                    listed.document
                ),
            };
            if !output::try_line(&line)? {
                return Ok(exit::OK);
            }
        }
    }
    Ok(exit::OK)
}

fn checks(operation: &'static Operation) -> Vec<Listed> {
    let mut listed = Vec::new();
    if let Some(table) = operation.answer {
        fields(&mut listed, &format!("{}.", operation.key), table);
    }
    let named = operation.checks.iter().copied().flatten();
    listed.extend(named.map(|check| Listed {
        check: format!("{}.{}", operation.key, check.name),
        severity: check.severity,
        document: check.place.to_owned(),
        expected: check.expected.to_owned(),
    }));
    listed
}

fn fields(listed: &mut Vec<Listed>, prefix: &str, table: &'static Table) {
    for field in table.fields {
        let check = format!("{prefix}{}", field.name);
        let absent = match field.need {
            Need::Must => "",
            Need::Should => "; absent, a warning",
            Need::May => ", or absent",
        };
        listed.push(Listed {
            check: check.clone(),
            severity: Severity::Error,
            document: format!("{}: {}", table.section, field.name),
            expected: format!("{}{absent}", field.form.expected()),
        });
        match field.form {
            Form::Object(inner) => fields(listed, &format!("{check}."), inner),
            Form::List(inner) => fields(listed, &format!("{check}[]."), inner),
            _ => {}
        }
    }
}
