//! The checks, in the order that the module's page gives.

use std::borrow::Cow;

use axum::http::request::Parts;
use chrono::NaiveDate;

use super::error::{self, Refusal};
use super::plate;
use super::state::{Source, State};
use crate::query;

/// A query that passed all checks.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) subject: Subject,
    pub(super) date: NaiveDate,
    pub(super) only_actual: bool,
}

#[derive(Debug)]
pub(super) enum Subject {
    Plate { text: String, index: u64 },
    Policy(String),
}

impl Subject {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Plate { text, .. } => text,
            Self::Policy(number) => number,
        }
    }
}

impl Query {
    pub(super) fn check(
        parts: &Parts,
        state: &State,
        parallel: usize,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let parameters = Parameters::of(parts);
        check_token(&parameters.token(parts), state)?;
        match parameters.get("type") {
            None | Some("") => return Err(Refusal::documented(500)),
            Some("checkPolicy") => {}
            Some(_) => return Err(Refusal::documented(602)),
        }
        parameters.check_symbols()?;
        let query = Self {
            subject: parameters.subject()?,
            only_actual: match parameters.get("onlyActual") {
                None | Some("" | "1") => true,
                Some("0") => false,
                Some(_) => return Err(Refusal::forbidden_symbols("onlyActual")),
            },
            date: match parameters.get("date") {
                None => today,
                Some(text) => date(text).ok_or_else(|| Refusal::documented(15))?,
            },
        };
        if state.max_parallel.is_some_and(|limit| parallel > limit) {
            return Err(Refusal::documented(456));
        }
        if !state.has_money() {
            return Err(Refusal::documented(498));
        }
        match state.source {
            Source::Working => Ok(query),
            Source::Suspended => Err(Refusal::documented(1)),
            Source::Silent => Err(Refusal::documented(404)),
        }
    }
}

/// The token that a request carries, if any.
pub(super) fn token(parts: &Parts) -> String {
    Parameters::of(parts).token(parts).into_owned()
}

pub(super) fn fits_token(token: &str) -> bool {
    token.chars().count() == 32
}

fn check_token(token: &str, state: &State) -> Result<(), Refusal> {
    if token.is_empty() {
        return Err(Refusal::documented(502));
    }
    if !fits_token(token) {
        return Err(Refusal::documented(499));
    }
    if let Some(refusal) = error::of_token(token) {
        return Err(refusal);
    }
    let known = state.tokens.get(token).ok_or_else(|| Refusal::documented(503))?;
    known.error_code().map_or(Ok(()), |code| Err(Refusal::documented(code)))
}

/// dd.mm.YYYY, every digit of it.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    let fits = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            2 | 5 => *byte == b'.',
            _ => byte.is_ascii_digit(),
        });
    if !fits {
        return None;
    }
    NaiveDate::from_ymd_opt(
        text[6..].parse().ok()?,
        text[3..5].parse().ok()?,
        text[..2].parse().ok()?,
    )
}

struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(parts: &Parts) -> Self {
        Self(query::parse(parts.uri.query().unwrap_or_default()).collect())
    }

    /// The last value of a name counts, as in PHP.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The parameter, or else the header `Token:`; empty if there is neither.
    fn token<'a>(&'a self, parts: &'a Parts) -> Cow<'a, str> {
        match (self.get("token"), parts.headers.get("token")) {
            (None | Some(""), Some(header)) => String::from_utf8_lossy(header.as_bytes()),
            (parameter, _) => parameter.unwrap_or_default().into(),
        }
    }

    fn check_symbols(&self) -> Result<(), Refusal> {
        let forbidden = |symbol: char| {
            symbol.is_control()
                || matches!(symbol, '"' | '\'' | '`' | '<' | '>' | ';' | '\\' | '\u{fffd}')
        };
        match self.0.iter().find(|(_, value)| value.contains(forbidden)) {
            Some((name, _)) => Err(Refusal::forbidden_symbols(name)),
            None => Ok(()),
        }
    }

    fn subject(&self) -> Result<Subject, Refusal> {
        match (self.get("gosNumber"), self.get("polis")) {
            (Some(_), Some(_)) => Err(Refusal::documented(111)),
            (None, None) => Err(Refusal::documented(766)),
            (Some(""), None) | (None, Some("")) => Err(Refusal::documented(460)),
            (Some(text), None) => {
                let index =
                    plate::parse(text).ok_or_else(|| Refusal::forbidden_symbols("gosNumber"))?;
                Ok(Subject::Plate { text: text.to_owned(), index })
            }
            (None, Some(number)) if number.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Ok(Subject::Policy(number.to_owned()))
            }
            (None, Some(_)) => Err(Refusal::forbidden_symbols("polis")),
        }
    }
}
