//! Which service an application is for.

use std::fmt;

use ruapi_core::Error;
use serde::{Deserialize, Serialize};

/// What every application begins with (table 6): the service, its purpose, and the applicant's region.
///
/// ```
/// use epgu_gusmev::Meta;
///
/// let meta = Meta::new("36000000000", "10000000113", "-10000000113")?;
/// assert_eq!(meta.region(), "36000000000");
/// assert!(Meta::new("Воронеж", "10000000113", "-10000000113").is_err());
/// # Ok::<(), epgu_gusmev::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    region: Box<str>,
    service_code: Box<str>,
    target_code: Box<str>,
}

impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("region", &ruapi_core::redact::MASK)
            .field("service_code", &self.service_code)
            .field("target_code", &self.target_code)
            .finish()
    }
}

impl Meta {
    /// `region`: the OKATO code of where the applicant is (Код ОКАТО местоположения пользователя), of
    /// the region at least; `service_code`: the code of the form at EPGU (Код интерактивной формы);
    /// `target_code`: the code of the purpose in the register of services (Код цели обращения услуги в
    /// ФРГУ). Refused: a region that is not digits, blank codes.
    pub fn new(region: &str, service_code: &str, target_code: &str) -> Result<Self, Error> {
        let wrong = |detail: &'static str| Err(Error::input("application", detail));
        let (region, service_code, target_code) =
            (region.trim(), service_code.trim(), target_code.trim());
        if region.is_empty() || !region.bytes().all(|byte| byte.is_ascii_digit()) {
            return wrong("region: expected the digits of an OKATO code");
        }
        let is_code = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_control());
        if !is_code(service_code) {
            return wrong("serviceCode: expected the code of the service's form");
        }
        if !is_code(target_code) {
            return wrong("targetCode: expected the code of the service's purpose");
        }
        Ok(Self {
            region: region.into(),
            service_code: service_code.into(),
            target_code: target_code.into(),
        })
    }

    /// The region's OKATO code.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The code of the service's form.
    pub fn service_code(&self) -> &str {
        &self.service_code
    }

    /// The code of the service's purpose.
    pub fn target_code(&self) -> &str {
        &self.target_code
    }
}
