use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::percent_decode;

/// A secret or a person's datum planted in an input, to be looked for in all output.
#[derive(Debug, Clone)]
pub struct Planted {
    value: String,
    spellings: Vec<Spelling>,
}

/// How a planted value may stand in a [`Reading`], and what that is called; nothing if it stands there as
/// it is.
pub type Spelling = (String, &'static str);

impl Planted {
    /// Looks for `value` in every spelling: upper and lower case; UTF-8 and Windows-1251, and either
    /// one misread; percent-encoded, as in a form, escaped as in JSON or Rust, also one in the other and
    /// repeatedly; in base64, in hexadecimal, as a list of numbers.
    ///
    /// # Panics
    ///
    /// If the value is so short that it would be found by chance.
    pub fn new(value: &str) -> Self {
        assert!(value.len() >= 4, "too short to be looked for");
        let mut spellings = Vec::new();
        for value in [value.to_owned(), value.to_lowercase(), value.to_uppercase()] {
            let mut add = |text: String, name| spellings.push((text.to_lowercase(), name));
            add(value.clone(), "");
            let windows = windows_1251(&value);
            for bytes in [Some(value.as_bytes()), windows.as_deref()].into_iter().flatten() {
                add(as_characters(bytes), "in Windows-1251 or misread");
                base64(bytes).into_iter().for_each(|text| add(text, "in base64"));
                add(bytes.iter().map(|byte| format!("{byte:02x}")).collect(), "in hexadecimal");
                let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
                add(numbers.join(","), "as numbers");
            }
        }
        // ASCII is the same in several of them: the first one names it.
        let mut seen = HashSet::new();
        spellings.retain(|(text, _)| seen.insert(text.clone()));
        Self { value: value.to_owned(), spellings }
    }

    /// What was planted.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Everything that is looked for, for whoever looks for many values at once.
    pub fn spellings(&self) -> &[Spelling] {
        &self.spellings
    }

    /// In which spelling `text` shows the planted value, if it does.
    pub fn found_in(&self, text: impl AsRef<[u8]>) -> Option<&'static str> {
        readings(text.as_ref()).into_iter().find_map(|reading| {
            let found =
                self.spellings.iter().find(|(spelling, _)| reading.text.contains(spelling))?;
            Some(reading.name_of(found.1))
        })
    }

    /// Panics if `text` shows the planted value; the panic names `place`, never the text.
    #[track_caller]
    pub fn assert_absent(&self, place: &str, text: &str) {
        if let Some(spelling) = self.found_in(text) {
            panic!("{place} shows the planted value {spelling}");
        }
    }
}

/// What a text says, as it stands or decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    name: &'static str,
    text: String,
}

impl Reading {
    fn new(name: &'static str, bytes: &[u8]) -> Self {
        let text = match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(text) => text.to_lowercase(),
            Cow::Owned(text) => (text + &as_characters(bytes)).to_lowercase(),
        };
        Self { name, text }
    }

    /// The text in lower case; behind it, if it is no UTF-8, each of its bytes as a character.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a spelling that was found here is called.
    pub fn name_of(&self, spelling: &'static str) -> &'static str {
        if spelling.is_empty() { self.name } else { spelling }
    }
}

/// How often a text is decoded: a log may escape a query that holds an encoded URL.
const DEEPEST: usize = 3;

/// Everything that a text may say: as it stands, without its white space, percent-decoded, read as a form,
/// unescaped, and the last three one after the other.
pub fn readings(text: &[u8]) -> Vec<Reading> {
    let mut readings = vec![Reading::new("as it stands", text)];
    let without_space: Vec<u8> =
        text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if without_space.len() < text.len() {
        readings.push(Reading::new("spread over lines", &without_space));
    }
    let mut layers = vec![Cow::Borrowed(text)];
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for layer in &layers {
            for (name, mark, decode) in DECODERS {
                if !layer.contains(&mark) {
                    continue;
                }
                let decoded = decode(layer);
                if decoded != **layer {
                    readings.push(Reading::new(name, &decoded));
                    next.push(Cow::Owned(decoded));
                }
            }
        }
        layers = next;
    }
    readings
}

/// What undoes an encoding, and the byte without which there is none.
type Decoder = (&'static str, u8, fn(&[u8]) -> Vec<u8>);

const DECODERS: [Decoder; 3] = [
    ("percent-encoded", b'%', |bytes| percent_decode(bytes).collect()),
    ("form-encoded", b'+', |bytes| {
        bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect()
    }),
    ("escaped", b'\\', unescape),
];

/// `bytes` with each escape of JSON or Rust replaced by what it stands for.
fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        plain.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (meant, length) = escape(rest).unwrap_or((vec![b'\\'], 1));
        plain.extend(meant);
        rest = &rest[length..];
    }
    plain.extend_from_slice(rest);
    plain
}

/// What the escape at the beginning of `text` stands for, and its length.
fn escape(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let number = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let character = |code| char::from_u32(code).map(|c| c.to_string().into_bytes());
    match text.get(1)? {
        b'x' => Some((vec![number(text.get(2..4)?)? as u8], 4)),
        b'u' if text.get(2) == Some(&b'{') => {
            let end = text.iter().take(10).position(|byte| *byte == b'}')?;
            Some((character(number(&text[3..end])?)?, end + 1))
        }
        b'u' => Some((character(number(text.get(2..6)?)?)?, 6)),
        // Left as it is, an escape of an escape would hide the one behind it.
        mark @ (b'\\' | b'/' | b'"' | b'\'') => Some((vec![*mark], 2)),
        b'n' => Some((vec![b'\n'], 2)),
        b'r' => Some((vec![b'\r'], 2)),
        b't' => Some((vec![b'\t'], 2)),
        _ => None,
    }
}

/// Each byte as the character of this number, which is also how a text is misread.
fn as_characters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// `bytes` in base64 at each of the three places they may have in what was encoded, in both alphabets;
/// the ends, which depend on the neighbours, left out.
fn base64(bytes: &[u8]) -> [String; 6] {
    [0, 1, 2, 3, 4, 5].map(|n| {
        let (before, engine) = (n / 2, if n % 2 == 0 { STANDARD } else { URL_SAFE });
        let bytes = [&[0; 2][..before], bytes].concat();
        let whole = bytes.len() / 3 * 4;
        engine.encode(bytes)[(before * 8).div_ceil(6)..whole].to_owned()
    })
}

/// `text` in Windows-1251; `None` if it has other letters than Russian and ASCII.
pub fn windows_1251(text: &str) -> Option<Vec<u8>> {
    let byte = |c: char| match c {
        c if c.is_ascii() => Some(c as u8),
        'А'..='я' => Some((c as u32 - 'А' as u32) as u8 + 0xc0),
        'Ё' => Some(0xa8),
        'ё' => Some(0xb8),
        _ => None,
    };
    text.chars().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: &str = "in Windows-1251 or misread";

    #[test]
    fn every_spelling_is_found_and_nothing_else() {
        let planted = Planted::new("Планов/11");
        for (spelling, text) in [
            ("as it stands", "x Планов/11 y"),
            ("as it stands", "x ПЛАНОВ/11 y"),
            ("as it stands", "x планов/11 y"),
            ("spread over lines", "План\n  ов/11"),
            ("percent-encoded", "q=%D0%9F%D0%BB%D0%B0%D0%BD%D0%BE%D0%B2%2F11"),
            ("percent-encoded", "q=%d0%9f%d0%bb%d0%b0%d0%bd%d0%be%d0%b2/11"),
            ("percent-encoded", "%25D0%259F%25D0%25BB%25D0%25B0%25D0%25BD%25D0%25BE%25D0%25B2/11"),
            (WINDOWS, "q=%CF%EB%E0%ED%EE%E2%2F11"),
            (WINDOWS, r#"b"\xcf\xeb\xe0\xed\xee\xe2/11""#),
            (WINDOWS, "Ïëàíîâ/11"),
            (WINDOWS, "Ð\u{9f}Ð»Ð°Ð½Ð¾Ð²/11"),
            ("escaped", r"\u041f\u043b\u0430\u043d\u043e\u0432\u002f\u0031\u0031"),
            ("escaped", r#"{"name":"\u041F\u043B\u0430\u043D\u043E\u0432/11"}"#),
            ("escaped", r"\u{41f}\u{43b}\u{430}\u{43d}\u{43e}\u{432}/11"),
            ("escaped", r#"b"\xd0\x9f\xd0\xbb\xd0\xb0\xd0\xbd\xd0\xbe\xd0\xb2/11""#),
            ("escaped", r"%5Cu041f\u043b\u0430\u043d\u043e\u0432/11"),
            ("escaped", r"\\u041f\\u043b\\u0430\\u043d\\u043e\\u0432\\/11"),
            ("escaped", r#"b"{\"n\":\"\\u041f\\u043b\\u0430\\u043d\\u043e\\u0432\\/11\"}""#),
            ("escaped", r"\\\\u041f\\\\u043b\\\\u0430\\\\u043d\\\\u043e\\\\u0432\\\\/11"),
            ("escaped", r"\\xd0\\x9f\\xd0\\xbb\\xd0\\xb0\\xd0\\xbd\\xd0\\xbe\\xd0\\xb2/11"),
            ("escaped", r"Планов\/11"),
            (WINDOWS, r#""\xcf\xeb\xe0\xed\xee\xe2\/11""#),
            ("in hexadecimal", "d09fd0bbd0b0d0bdd0bed0b22f3131"),
            ("in hexadecimal", "CFEBE0EDEEE22F3131"),
            ("as numbers", "[207, 235, 224, 237, 238, 226, 47, 49, 49]"),
            (
                "as numbers",
                "[\n    207,\n    235,\n    224,\n    237,\n    238,\n    226,\n    47,\n 49, 49]",
            ),
        ] {
            assert_eq!(planted.found_in(text), Some(spelling), "{text}");
        }
        let planted_with_marks = Planted::new("https://x?a=\"it's\"\tb c");
        for (spelling, text) in [
            ("escaped", r#""https:\/\/x?a=\"it's\"\tb c""#),
            ("escaped", r#""https://x?a=\"it\'s\"\tb c""#),
            ("form-encoded", "https://x?a=\"it's\"\tb+c"),
            ("form-encoded", "https%3A%2F%2Fx%3Fa%3D%22it%27s%22%09b+c"),
        ] {
            assert_eq!(planted_with_marks.found_in(text), Some(spelling), "{text}");
        }
        for text in [r"first\nsecond", r"first\\nsecond", r"first\r\nsecond\nfirst\nsecond"] {
            assert_eq!(Planted::new("first\nsecond").found_in(text), Some("escaped"), "{text}");
        }
        assert_eq!(planted.found_in(b"\xcf\xeb\xe0\xed\xee\xe2/11"), Some(WINDOWS));
        for before in ["", "u", "us", "use", "user:"] {
            for value in ["Планов/11".as_bytes(), b"\xcf\xeb\xe0\xed\xee\xe2/11"] {
                let text = [before.as_bytes(), value, before.as_bytes()].concat();
                for text in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                    assert_eq!(planted.found_in(&text), Some("in base64"), "after {before:?}");
                }
            }
        }
        planted.assert_absent("nothing", r"Планёр 11 *** \u12 \uzzzz \u{fffffff} \xzz \ %zz");
    }

    #[test]
    #[should_panic(expected = "the log shows the planted value as it stands")]
    fn the_assertion_fails_without_repeating_the_value() {
        Planted::new("secret").assert_absent("the log", "a secret");
    }
}
