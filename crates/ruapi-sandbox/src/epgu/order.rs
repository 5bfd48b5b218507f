//! An application, and what happens to it as the clock goes on.

use chrono::{DateTime, TimeDelta, Utc};

use super::archive::Archive;
use super::kinds::Outcome;

/// A state of an application in the user's account.
///
/// The document prints 0, 2, 4, 15, 17, 21 and both names of 24; the others are the sandbox's
/// choice: which there are is for the specification of each service to say.
#[derive(Debug, PartialEq)]
pub(super) struct Status {
    pub(super) id: u32,
    pub(super) name: &'static str,
    pub(super) comment: &'static str,
    /// Nothing follows.
    pub(super) last: bool,
    /// The agency has it, and may allow to cancel it.
    pub(super) with_agency: bool,
}

const fn passing(id: u32, name: &'static str) -> Status {
    Status { id, name, comment: "", last: false, with_agency: false }
}

const fn held(id: u32, name: &'static str, comment: &'static str) -> Status {
    Status { id, name, comment, last: false, with_agency: true }
}

const fn last(id: u32, name: &'static str) -> Status {
    Status { id, name, comment: "", last: true, with_agency: false }
}

pub(super) static DRAFT: Status = passing(0, "Черновик заявления");
pub(super) static REGISTERED: Status = passing(17, "Зарегистрировано на портале");
pub(super) static SENT: Status = passing(21, "Заявление отправлено в ведомство");
pub(super) static RECEIVED: Status =
    held(2, "Заявление получено ведомством", "Сообщение доставлено");
static ACCEPTED: Status = held(6, "Заявление принято", "");
pub(super) static CORRECTION: Status = held(15, "Заявление требует исправления", "");
static EXECUTED: Status = last(3, "Услуга оказана");
static REFUSED: Status = last(4, "Отказано в предоставлении услуги");
pub(super) static SIGNING_EXPIRED: Status = last(4, "Истекло время подписания документов");
static CANCELLED: Status = last(10, "Заявление отменено");
pub(super) static PROCESSING_ERROR: Status = last(24, "Ошибка обработки заявления");
pub(super) static SENDING_ERROR: Status = last(24, "Ошибка отправки заявления в ведомство");

/// A line of the history.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) at: DateTime<Utc>,
    pub(super) status: &'static Status,
}

/// How long after an event the portal says that it was updated; as in the document's example.
const NOTED: TimeDelta = TimeDelta::milliseconds(8);

#[derive(Debug)]
pub(super) struct Order {
    pub(super) id: u64,
    pub(super) user: u64,
    pub(super) service: String,
    pub(super) target: String,
    pub(super) region: String,
    pub(super) created: DateTime<Utc>,
    /// The archive is being checked: whoever sends it again comes too late.
    pub(super) taken: bool,
    pub(super) sent: Option<Sent>,
    pub(super) cancelled: Option<DateTime<Utc>>,
    pub(super) archive: Option<Archive>,
    /// The history of one that the document prints.
    pub(super) printed: Option<Printed>,
}

/// An application that was sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) at: DateTime<Utc>,
    pub(super) outcome: Outcome,
    /// There are signatures to check.
    pub(super) signed: bool,
    /// How long each of the portal's own states lasts.
    pub(super) step: TimeDelta,
    /// How long the agency takes to accept it, and to decide then.
    pub(super) decision: TimeDelta,
    /// A test ended it so, then.
    pub(super) ended: Option<(DateTime<Utc>, Outcome)>,
}

#[derive(Debug)]
pub(super) enum Printed {
    History(Vec<Event>),
    /// Lists find no status for it; this is where it stands among the others.
    Nothing(DateTime<Utc>),
}

impl Order {
    /// A draft.
    pub(super) fn new(id: u64, user: u64, created: DateTime<Utc>) -> Self {
        Self {
            id,
            user,
            service: super::Epgu::SERVICE.to_owned(),
            target: super::Epgu::TARGET.to_owned(),
            region: "36000000000".to_owned(),
            created,
            taken: false,
            sent: None,
            cancelled: None,
            archive: None,
            printed: None,
        }
    }

    /// The id of a history's line.
    pub(super) fn event_id(&self, index: usize) -> u64 {
        let first = match self.id {
            super::Epgu::EXAMPLE_ORDER => super::known::FIRST_EVENT,
            id => id * 10,
        };
        first + index as u64
    }

    /// What happened until now, oldest first; empty if no status is to be found.
    pub(super) fn events(&self, now: DateTime<Utc>) -> Vec<Event> {
        let mut events = match &self.printed {
            Some(Printed::History(events)) => events.clone(),
            Some(Printed::Nothing(_)) => return Vec::new(),
            None => {
                let mut events = vec![Event { at: self.created, status: &DRAFT }];
                events.extend(self.sent.iter().flat_map(Sent::events));
                events
            }
        };
        if let Some(at) = self.cancelled {
            events.retain(|event| event.at <= at);
            events.push(Event { at, status: &CANCELLED });
        }
        events.retain(|event| event.at <= now);
        events
    }

    /// When the history changed last, for answers.
    pub(super) fn updated(&self, events: &[Event]) -> DateTime<Utc> {
        match (&self.printed, events.last()) {
            (Some(Printed::Nothing(at)), _) => *at,
            (_, Some(event)) => event.at + NOTED,
            (_, None) => self.created,
        }
    }

    pub(super) fn is_draft(&self) -> bool {
        self.sent.is_none() && self.printed.is_none()
    }

    /// The code of appendix 1 and what it means; `OK` once the agency was sent it, as printed.
    pub(super) fn code(&self, now: DateTime<Utc>) -> (&'static str, Option<&'static str>) {
        let code = match &self.sent {
            Some(sent) => sent.code(now),
            None if self.printed.is_some() => "OK",
            None => "NEW",
        };
        (code, message(code))
    }
}

impl Sent {
    /// The portal's own states, by the steps after which they begin.
    fn stages(&self) -> Vec<(i32, &'static str)> {
        let passed = |first: i32, before: &[(i32, &'static str)]| {
            let mut stages = before.to_vec();
            let mut done = first;
            if self.signed {
                stages.push((done, "FILES_VERIFICATION"));
                stages.push((done + 1, "FILES_VERIFICATION_SUCCESS"));
                done += 2;
            }
            stages.push((done, "DONE"));
            stages.push((done + 1, "OK"));
            stages
        };
        let validation = [(0, "NEW"), (1, "VALIDATION")];
        match (self.outcome, failure(self.outcome)) {
            (Outcome::LimitationException, Some(code)) => vec![(0, "NEW"), (1, code)],
            (Outcome::FilesVerificationFailed, Some(code)) => {
                vec![validation[0], validation[1], (2, "FILES_VERIFICATION"), (3, code)]
            }
            (_, Some(code)) => vec![validation[0], validation[1], (2, code)],
            (Outcome::Retry, None) => {
                passed(6, &[validation[0], validation[1], (2, "RETRY"), (5, "VALIDATION")])
            }
            (_, None) => passed(2, &validation),
        }
    }

    fn code(&self, now: DateTime<Utc>) -> &'static str {
        if let Some((_, outcome)) = self.ended.filter(|(at, _)| *at <= now) {
            return failure(outcome).unwrap_or("OK");
        }
        let begun = |steps: i32| self.at + self.step * steps <= now;
        let stages = self.stages();
        stages.iter().rev().find(|(steps, _)| begun(*steps)).map_or("NEW", |(_, code)| code)
    }

    /// What follows the draft.
    fn events(&self) -> Vec<Event> {
        let stages = self.stages();
        let after = |steps: i32| self.at + self.step * steps;
        let last = stages.last().map_or(0, |(steps, _)| *steps);
        let mut events = Vec::new();
        let mut add = |at, status| events.push(Event { at, status });
        if failure(self.outcome).is_some() {
            add(after(last), &SENDING_ERROR);
        } else {
            let received = after(last + 1);
            let (accepted, decided) = (received + self.decision, received + self.decision * 2);
            add(after(last - 1), &REGISTERED);
            add(after(last), &SENT);
            add(received, &RECEIVED);
            match self.outcome {
                Outcome::ProcessingError => add(after(last + 2), &PROCESSING_ERROR),
                Outcome::NeedsCorrection | Outcome::SigningExpired | Outcome::Pending => {
                    add(accepted, end(self.outcome));
                }
                _ => {
                    add(accepted, &ACCEPTED);
                    add(decided, end(self.outcome));
                }
            }
        }
        if let Some((at, outcome)) = self.ended {
            events.retain(|event| event.at <= at);
            events.push(Event { at, status: end(outcome) });
        }
        events
    }
}

/// The state that an outcome ends in.
fn end(outcome: Outcome) -> &'static Status {
    match outcome {
        Outcome::Executed | Outcome::Retry => &EXECUTED,
        Outcome::Refused => &REFUSED,
        Outcome::NeedsCorrection => &CORRECTION,
        Outcome::Pending => &ACCEPTED,
        Outcome::ProcessingError => &PROCESSING_ERROR,
        Outcome::SigningExpired => &SIGNING_EXPIRED,
        _ => &SENDING_ERROR,
    }
}

/// Whether there are files of a result.
pub(super) fn has_result(status: &Status) -> bool {
    *status == EXECUTED
}

/// The code of an application that the portal's own checks end.
fn failure(outcome: Outcome) -> Option<&'static str> {
    Some(match outcome {
        Outcome::LimitationException => "LIMITATION_EXCEPTION",
        Outcome::InvalidFilesStructure => "INVALID_FILES_STRUCTURE",
        Outcome::ValidationError => "VALIDATION_ERROR",
        Outcome::ReqNotFound => "REQ_NOT_FOUND",
        Outcome::MpcNotFound => "MPC_NOT_FOUND",
        Outcome::ReqVerifyFailed => "REQ_VERIFY_FAILED",
        Outcome::FilesVerificationFailed => "FILES_VERIFICATION_FAILED",
        Outcome::InternalError => "INTERNAL_ERROR",
        _ => return None,
    })
}

/// What appendix 1 says of a code, in short.
fn message(code: &str) -> Option<&'static str> {
    Some(match code {
        "NEW" => "Запрос на создание заявления зарегистрирован",
        "VALIDATION" => "Осуществляется валидация вложений",
        "FILES_VERIFICATION" => "Осуществляется проверка подписей вложений",
        "FILES_VERIFICATION_SUCCESS" => "Подписи вложений проверены",
        "DONE" => "Заявление передано на отправку в ведомство",
        "LIMITATION_EXCEPTION" => "Превышены ограничения на создание заявления",
        "INVALID_FILES_STRUCTURE" => "Файловая структура архива не соответствует требованиям",
        "VALIDATION_ERROR" => "Вложения не соответствуют требованиям",
        "REQ_NOT_FOUND" => "Во вложениях отсутствует транспортный xml-файл",
        "MPC_NOT_FOUND" => "Во вложениях отсутствует xml-файл, содержащий бизнес-данные",
        "REQ_VERIFY_FAILED" => "Данные xml-файлов не соответствуют данным получателя услуги",
        "FILES_VERIFICATION_FAILED" => "Подписи вложений отсутствуют или не прошли проверку",
        "RETRY" => "Обработка запроса временно прервана",
        "INTERNAL_ERROR" => "Техническая ошибка при обработке запроса",
        _ => return None,
    })
}
