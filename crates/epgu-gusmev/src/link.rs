//! Links to files in the service's storage.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ruapi_core::Error;

/// What names a file when it is downloaded: the last three parts of a link such as
/// `terrabyte://00/2058864134/req.xml/2`.
///
/// ```
/// use epgu_gusmev::FileLink;
///
/// let link: FileLink = "terrabyte://00/764607248/%D0%9E%D1%82%D0%B2%D0%B5%D1%82.pdf/3".parse()?;
/// assert_eq!((link.object_id(), link.mnemonic(), link.object_type()), (764607248, "Ответ.pdf", 3));
/// assert_eq!(link, FileLink::new(764607248, 3, "Ответ.pdf")?);
/// assert!("terrabyte://00/764607248/../3".parse::<FileLink>().is_err());
/// # Ok::<(), epgu_gusmev::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FileLink {
    object_id: u64,
    object_type: u32,
    mnemonic: Box<str>,
}

/// The longest name that is believed, in bytes.
const LONGEST: usize = 1024;

impl FileLink {
    /// `object_id`: the order's `currentStatusHistoryId`; `object_type`: 2 for what was filed, 3 for
    /// results; `mnemonic`: the file's name, not percent-encoded. Refused: a name that is empty or very
    /// long, has control characters, or leads through `.` or `..`.
    pub fn new(object_id: u64, object_type: u32, mnemonic: &str) -> Result<Self, Error> {
        let wrong = |detail: &'static str| Err(Error::input("file link", detail));
        if mnemonic.trim().is_empty() {
            return wrong("the mnemonic is empty");
        }
        if mnemonic.len() > LONGEST {
            return wrong("the mnemonic is longer than any file name");
        }
        if mnemonic.contains(is_treacherous) {
            return wrong("the mnemonic has control characters");
        }
        if mnemonic.split(['/', '\\']).any(|part| matches!(part.trim(), "." | "..")) {
            return wrong("the mnemonic leads through `.` or `..`");
        }
        Ok(Self { object_id, object_type, mnemonic: mnemonic.into() })
    }

    /// The object that the file belongs to.
    pub fn object_id(&self) -> u64 {
        self.object_id
    }

    /// The type of the object: 2 for files of the application, 3 for files of results.
    pub fn object_type(&self) -> u32 {
        self.object_type
    }

    /// The file's mnemonic, decoded: mostly its name. It is personal data, and `/` may be in it.
    pub fn mnemonic(&self) -> &str {
        &self.mnemonic
    }

    /// The link in the service's form, the mnemonic encoded.
    pub fn to_uri(&self) -> String {
        const KEPT: &AsciiSet =
            &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
        let mnemonic = utf8_percent_encode(&self.mnemonic, KEPT);
        format!("terrabyte://00/{}/{mnemonic}/{}", self.object_id, self.object_type)
    }
}

/// Controls, line breaks of any script, and marks that turn the direction of what is read.
fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl FromStr for FileLink {
    type Err = Error;

    /// Reads from the right: what stands before the last three parts does not matter, so long as it is
    /// `terrabyte:`. The mnemonic is decoded once.
    fn from_str(link: &str) -> Result<Self, Error> {
        let wrong = |detail: &'static str| Error::input("file link", detail);
        let below = link
            .trim()
            .strip_prefix("terrabyte://")
            .ok_or_else(|| wrong("expected a link that begins with terrabyte://"))?;
        let mut parts = below.rsplitn(4, '/');
        let (Some(object_type), Some(mnemonic), Some(object_id), Some(_)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong("expected terrabyte://00/{id}/{mnemonic}/{objectType}"));
        };
        let object_type = number(object_type).and_then(|number| number.try_into().ok());
        let object_type = object_type.ok_or_else(|| wrong("the object's type is no number"))?;
        let object_id = number(object_id).ok_or_else(|| wrong("the object's id is no number"))?;
        // Decoding makes nothing longer, and what is refused anyway need not be decoded.
        if mnemonic.len() > LONGEST * 3 {
            return Err(wrong("the mnemonic is longer than any file name"));
        }
        let mnemonic = percent_decode_str(mnemonic.trim_matches(' ')).decode_utf8();
        let mnemonic = mnemonic.map_err(|_| wrong("the mnemonic is not UTF-8"))?;
        Self::new(object_id, object_type, &mnemonic)
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Debug for FileLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // File names tell about people.
        f.debug_struct("FileLink")
            .field("object_id", &self.object_id)
            .field("object_type", &self.object_type)
            .field("mnemonic", &ruapi_core::redact::MASK)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_from_the_right_and_decoded_once() {
        for (link, mnemonic) in [
            ("terrabyte://00/2058864134/req.xml/2", "req.xml"),
            ("  terrabyte://00/2058864134/ req.xml/ 2 ", "req.xml"),
            ("terrabyte://00/some/where/2058864134/req.xml/2", "req.xml"),
            ("terrabyte://00/2058864134/Справка №1.pdf/2", "Справка №1.pdf"),
            ("terrabyte://00/2058864134/%D0%90%20b.pdf/2", "А b.pdf"),
            ("terrabyte://00/2058864134/a%252Fb.pdf/2", "a%2Fb.pdf"),
            ("terrabyte://00/2058864134/a%2Fb.pdf/2", "a/b.pdf"),
            ("terrabyte://00/2058864134/100%.pdf/2", "100%.pdf"),
            ("terrabyte://00/2058864134/a+b&c=d?e#f.pdf/2", "a+b&c=d?e#f.pdf"),
            ("terrabyte://00/2058864134/..a..b/2", "..a..b"),
        ] {
            let parsed: FileLink = link.parse().unwrap_or_else(|error| panic!("{link}: {error}"));
            assert_eq!(parsed, FileLink::new(2_058_864_134, 2, mnemonic).unwrap(), "{link}");
            assert_eq!(parsed.to_uri().parse::<FileLink>().unwrap(), parsed, "{link}");
        }
    }

    #[test]
    fn hostile_links_are_refused_without_showing_them() {
        let long = format!("terrabyte://00/1/{}/2", "я".repeat(100_000));
        let slashes = format!("terrabyte://{}", "/".repeat(100_000));
        for link in [
            "",
            "/",
            "terrabyte:",
            "terrabyte://",
            "terrabyte://00/1/Тестов",
            "terrabyte://1/Тестов/2",
            "http://00/1/Тестов/2",
            "xterrabyte://00/1/Тестов/2",
            "terrabyte://00/1//2",
            "terrabyte://00/1/%20/2",
            "terrabyte://00/1/../2",
            "terrabyte://00/1/./2",
            "terrabyte://00/1/%2e%2e/2",
            "terrabyte://00/1/..%2FТестов/2",
            "terrabyte://00/1/Тестов%2F..%2Fx/2",
            "terrabyte://00/1/..%5CТестов/2",
            "terrabyte://00/1/Тестов/../x/2",
            "terrabyte://00/1/Тестов%0a/2",
            "terrabyte://00/1/Тест\nов/2",
            "terrabyte://00/1/Тестов%00/2",
            "terrabyte://00/1/Тестов%C2%85/2",
            "terrabyte://00/1/Тестов\u{2028}/2",
            "terrabyte://00/1/Тестов\u{202e}fdp/2",
            "terrabyte://00/1/%FF/2",
            "terrabyte://00/1/Тестов/",
            "terrabyte://00//Тестов/2",
            "terrabyte://00/-1/Тестов/2",
            "terrabyte://00/+1/Тестов/2",
            "terrabyte://00/99999999999999999999999/Тестов/2",
            "terrabyte://00/1/Тестов/4294967296",
            "terrabyte://00/1/Тестов/2?x",
            "💥💥💥",
            &long,
            &slashes,
        ] {
            let error = link.parse::<FileLink>().unwrap_err();
            assert!(error.is_input(), "{link}");
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("Тест"), "{shown}");
        }
        let link = FileLink::new(1, 3, "Тестов.pdf").unwrap();
        let debug = format!("{link:?}");
        assert_eq!(debug, r#"FileLink { object_id: 1, object_type: 3, mnemonic: "***" }"#);
    }
}
