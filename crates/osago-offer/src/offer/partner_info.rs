use std::borrow::Cow;

use ruapi_core::{Extra, wire};
use serde::{Deserialize, Serialize};

use crate::input::is_web_url;

/// A partner (PartnerInfo, Информация о партнере).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartnerInfo {
    /// `code`: the code (Код).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// `name`: the name (Наименование партнера).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `logo_url`: link to the logo (Ссылка на логотип), mostly without a scheme: see
    /// [`absolute_logo_url`](Self::absolute_logo_url).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl PartnerInfo {
    /// A partner with a code and a name.
    pub fn new(code: i64, name: impl Into<String>) -> Self {
        Self { code: Some(code), name: Some(name.into()), ..Self::default() }
    }

    /// The link to the logo with its scheme: `//partner.ru/logo.gif` becomes https. `None` for whatever is
    /// no address of the web.
    ///
    /// ```
    /// let mut partner = osago_offer::offer::PartnerInfo::new(12, "Банки.ру");
    /// partner.logo_url = Some("//partner.ru/ugc/logo_135x85.gif".to_owned());
    /// let url = partner.absolute_logo_url();
    /// assert_eq!(url.as_deref(), Some("https://partner.ru/ugc/logo_135x85.gif"));
    /// ```
    pub fn absolute_logo_url(&self) -> Option<Cow<'_, str>> {
        let text = self.logo_url.as_deref()?.trim();
        let url = match text.starts_with("//") {
            true => Cow::Owned(format!("https:{text}")),
            false => Cow::Borrowed(text),
        };
        is_web_url(&url).then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_has_a_scheme_or_is_none() {
        let logo = |text: &str| {
            let partner = PartnerInfo { logo_url: Some(text.to_owned()), ..PartnerInfo::default() };
            partner.absolute_logo_url().map(Cow::into_owned)
        };
        for whole in ["https://partner.ru/a.gif", "http://partner.ru/a.gif"] {
            assert_eq!(logo(whole).as_deref(), Some(whole));
        }
        assert_eq!(logo(" //partner.ru/a.gif").as_deref(), Some("https://partner.ru/a.gif"));
        for bad in ["", "/a.gif", "a.gif", "///a.gif", "//", "javascript:alert(1)", "//a b"] {
            assert_eq!(logo(bad), None, "{bad}");
        }
    }
}
