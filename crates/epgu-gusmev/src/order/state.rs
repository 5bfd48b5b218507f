//! Where an application stands: for this API, and for the portal.

use ruapi_core::wire::{self, Scalar, Wire};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

ruapi_core::open_enum! {
    /// Where the making of an application stands (appendix 1), until the portal takes it over.
    pub enum ProcessingState {
        /// The order is at the portal: not in the appendix, but in the sample.
        Ok = "OK",
        /// The request was registered.
        New = "NEW",
        /// The files are being checked, also where the service has no checks of its own.
        Validation = "VALIDATION",
        /// The signatures are being verified.
        FilesVerification = "FILES_VERIFICATION",
        /// The signatures are good.
        FilesVerificationSuccess = "FILES_VERIFICATION_SUCCESS",
        /// Final and good: checked, and on its way to the authority.
        Done = "DONE",
        /// Final: a limit of appendix 3 was exceeded.
        LimitationException = "LIMITATION_EXCEPTION",
        /// Final: the archive is not as the service wants it, such as with folders in it.
        InvalidFilesStructure = "INVALID_FILES_STRUCTURE",
        /// Final: the files did not pass the service's checks.
        ValidationError = "VALIDATION_ERROR",
        /// Final: the transport XML is missing.
        ReqNotFound = "REQ_NOT_FOUND",
        /// Final: the XML with the service's own data is missing.
        MpcNotFound = "MPC_NOT_FOUND",
        /// Final: the data in the XML are not the applicant's.
        ReqVerifyFailed = "REQ_VERIFY_FAILED",
        /// Final: signatures are missing or not valid.
        FilesVerificationFailed = "FILES_VERIFICATION_FAILED",
        /// The processing was interrupted for a while, and will go on.
        Retry = "RETRY",
        /// Final: an error that nobody foresaw.
        InternalError = "INTERNAL_ERROR",
    }
}

impl ProcessingState {
    /// Whether the making of the application is over (тип «Финальный»), for better or worse. An unknown
    /// state is not.
    pub fn is_final(&self) -> bool {
        use ProcessingState::*;
        match self {
            New | Validation | FilesVerification | FilesVerificationSuccess | Retry | Other(_) => {
                false
            }
            Ok
            | Done
            | LimitationException
            | InvalidFilesStructure
            | ValidationError
            | ReqNotFound
            | MpcNotFound
            | ReqVerifyFailed
            | FilesVerificationFailed
            | InternalError => true,
        }
    }

    /// Whether the application was made: it is over and nothing failed.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Ok | Self::Done)
    }
}

/// The code of a status in the applicant's account (Код статуса из ЛК ЕПГУ). Services have codes of
/// their own, by their specifications: the document names some in its samples only, so that nothing
/// else, such as whether it is final, follows from a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum StatusId {
    /// 0: «Черновик заявления», a draft.
    Draft,
    /// 2: «Заявление получено ведомством», received by the authority.
    Received,
    /// 4: «Истекло время подписания документов», it was not signed in time.
    SigningExpired,
    /// 15: «Заявление требует исправления», to be corrected.
    CorrectionRequired,
    /// 17: «Зарегистрировано на портале», registered at the portal.
    Registered,
    /// 21: «Заявление отправлено в ведомство», sent to the authority.
    Sent,
    /// 24: «Ошибка обработки заявления» or «Ошибка отправки заявления в ведомство», it failed.
    Failed,
    /// A code that the document does not name.
    Other(i64),
}

impl StatusId {
    /// The codes that the document names.
    pub const DOCUMENTED: &'static [Self] = &[
        Self::Draft,
        Self::Received,
        Self::SigningExpired,
        Self::CorrectionRequired,
        Self::Registered,
        Self::Sent,
        Self::Failed,
    ];

    /// The code.
    pub fn code(self) -> i64 {
        match self {
            Self::Draft => 0,
            Self::Received => 2,
            Self::SigningExpired => 4,
            Self::CorrectionRequired => 15,
            Self::Registered => 17,
            Self::Sent => 21,
            Self::Failed => 24,
            Self::Other(code) => code,
        }
    }

    /// Its name in the document's samples. The one that came with a status may differ.
    pub fn documented_name(self) -> Option<&'static str> {
        Some(match self {
            Self::Draft => "Черновик заявления",
            Self::Received => "Заявление получено ведомством",
            Self::SigningExpired => "Истекло время подписания документов",
            Self::CorrectionRequired => "Заявление требует исправления",
            Self::Registered => "Зарегистрировано на портале",
            Self::Sent => "Заявление отправлено в ведомство",
            Self::Failed => "Ошибка обработки заявления",
            Self::Other(_) => return None,
        })
    }
}

impl From<i64> for StatusId {
    fn from(code: i64) -> Self {
        match code {
            0 => Self::Draft,
            2 => Self::Received,
            4 => Self::SigningExpired,
            15 => Self::CorrectionRequired,
            17 => Self::Registered,
            21 => Self::Sent,
            24 => Self::Failed,
            code => Self::Other(code),
        }
    }
}

impl Wire for StatusId {
    const EXPECTED: &'static str = "the code of a status (a whole number)";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        i64::read(scalar).map(Self::from)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.code())
    }
}

impl Serialize for StatusId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        wire::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for StatusId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_states_are_those_of_the_appendix() {
        let names = |pick: fn(&ProcessingState) -> bool| -> Vec<&str> {
            let states = ProcessingState::DOCUMENTED.iter();
            states.filter(|state| pick(state)).map(ProcessingState::as_str).collect()
        };
        assert_eq!(
            names(|state| !state.is_final()),
            ["NEW", "VALIDATION", "FILES_VERIFICATION", "FILES_VERIFICATION_SUCCESS", "RETRY"]
        );
        assert_eq!(names(ProcessingState::is_good), ["OK", "DONE"]);
        assert_eq!(ProcessingState::DOCUMENTED.len(), 15);
        let new = ProcessingState::from("PAUSED");
        assert!(!new.is_final() && !new.is_good() && new.as_str() == "PAUSED");
    }

    #[test]
    fn codes_survive_whether_known_or_not() {
        for id in StatusId::DOCUMENTED {
            assert_eq!(StatusId::from(id.code()), *id);
            assert!(id.documented_name().is_some());
        }
        for (json, code) in [("24", 24), ("\"24\"", 24), ("3", 3), ("-1", -1), ("24.0", 24)] {
            let id: StatusId = serde_json::from_str(json).unwrap();
            assert_eq!(id, StatusId::from(code), "{json}");
            assert_eq!(serde_json::to_string(&id).unwrap(), code.to_string());
        }
    }
}
