//! What a caller puts in: parsed once, and right from then on.

use std::fmt;
use std::str::FromStr;

use ruapi_core::Error;
use secrecy::{ExposeSecret, SecretString};

/// The letters of Russian plates, and the Latin ones that look the same.
const LETTERS: [(char, char); 12] = [
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('У', 'Y'),
    ('Х', 'X'),
];
/// Longer than any policy number, and short enough for any URL.
const LONGEST_POLICY: usize = 64;
/// The document: the key must hold 32 characters.
const TOKEN_LENGTH: usize = 32;

/// Why an input cannot be sent. It names the character at fault, never the whole input.
///
/// For an example see [`PlateNumber`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    what: &'static str,
    at: Option<(usize, char)>,
    reason: &'static str,
}

impl InputError {
    fn whole(what: &'static str, reason: &'static str) -> Self {
        Self { what, at: None, reason }
    }

    /// The place of the character at fault, counted from 1.
    pub fn position(&self) -> Option<usize> {
        self.at.map(|(position, _)| position)
    }

    /// The character at fault.
    pub fn character(&self) -> Option<char> {
        self.at.map(|(_, character)| character)
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((position, character)) => {
                write!(f, "{}, character {position} {character:?}: {}", self.what, self.reason)
            }
            None => write!(f, "{}: {}", self.what, self.reason),
        }
    }
}

impl std::error::Error for InputError {}

impl From<InputError> for Error {
    fn from(error: InputError) -> Self {
        Error::input("checkPolicy", error.to_string())
    }
}

/// A registration plate (государственный регистрационный номер) of a bus, minibus or car, as the
/// API wants it: `А111АА11`, Cyrillic capitals, region of two or three digits.
///
/// Latin look-alikes, lower case, spaces and hyphens are understood:
///
/// ```
/// use nsso_client::PlateNumber;
///
/// let plate: PlateNumber = "a 111 aa 11".parse()?; // Latin letters
/// assert_eq!(plate.as_str(), "А111АА11"); // Cyrillic letters
///
/// let error = "А111ЯА11".parse::<PlateNumber>().unwrap_err();
/// assert_eq!((error.position(), error.character()), (Some(5), Some('Я')));
/// # Ok::<(), nsso_client::InputError>(())
/// ```
///
/// A plate is personal data: `Debug` masks it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlateNumber(String);

impl PlateNumber {
    /// The plate as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PlateNumber {
    type Err = InputError;

    fn from_str(text: &str) -> Result<Self, InputError> {
        let mut plate = String::with_capacity(2 * 9);
        let mut length = 0;
        for (position, original, character) in significant(text) {
            let at = Some((position, original));
            let fail = |reason| Err(InputError { what: "plate", at, reason });
            match length {
                0 | 4 | 5 => match LETTERS.iter().find(|(c, l)| [*c, *l].contains(&character)) {
                    Some((cyrillic, _)) => plate.push(*cyrillic),
                    None if character.is_ascii_digit() => {
                        return fail("expected a letter here, as in А111АА11");
                    }
                    None => return fail("expected one of the letters АВЕКМНОРСТУХ"),
                },
                1..=3 | 6..=8 => match character.is_ascii_digit() {
                    true => plate.push(character),
                    false => return fail("expected a digit here, as in А111АА11"),
                },
                _ => return fail("expected the end: a plate has 8 or 9 characters"),
            }
            length += 1;
        }
        match length {
            8 | 9 => Ok(Self(plate)),
            0 => Err(InputError::whole("plate", "empty")),
            _ => Err(InputError::whole(
                "plate",
                "too short: expected 8 or 9 characters, as in А111АА11",
            )),
        }
    }
}

impl fmt::Debug for PlateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlateNumber(***)")
    }
}

/// The number of an OSAGO policy (номер полиса), Latin capitals and digits: `IGSX224123456275000`.
///
/// Cyrillic look-alikes (as in the series ХХХ), lower case, spaces and hyphens are understood:
///
/// ```
/// let policy: nsso_client::PolicyNumber = "ХХХ 0166171796".parse()?;
/// assert_eq!(policy.as_str(), "XXX0166171796");
/// # Ok::<(), nsso_client::InputError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PolicyNumber(String);

impl PolicyNumber {
    /// The number as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PolicyNumber {
    type Err = InputError;

    fn from_str(text: &str) -> Result<Self, InputError> {
        let mut number = String::new();
        for (position, original, character) in significant(text) {
            let at = Some((position, original));
            let fail = |reason| Err(InputError { what: "policy number", at, reason });
            if number.len() == LONGEST_POLICY {
                return fail("too long: expected at most 64 characters");
            }
            match LETTERS.iter().find(|(cyrillic, _)| *cyrillic == character) {
                Some((_, latin)) => number.push(*latin),
                None if character.is_ascii_alphanumeric() => number.push(character),
                None => return fail("expected Latin letters and digits"),
            }
        }
        if number.is_empty() {
            return Err(InputError::whole("policy number", "empty"));
        }
        Ok(Self(number))
    }
}

impl fmt::Debug for PolicyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PolicyNumber(***)")
    }
}

/// The characters that matter: position from 1, as typed, in upper case.
fn significant(text: &str) -> impl Iterator<Item = (usize, char, char)> {
    let typed = text.chars().enumerate().filter(|(_, c)| !c.is_whitespace() && !is_dash(*c));
    typed.map(|(index, c)| (index + 1, c, upper(c)))
}

/// Of Latin and Russian letters only: `ß` and `ﬁ` would become `S` and `F`, and what nobody typed
/// would be asked for, and billed.
fn upper(c: char) -> char {
    match c {
        'а'..='я' | 'ё' => c.to_uppercase().next().unwrap_or(c),
        _ => c.to_ascii_uppercase(),
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The personal API key: 32 characters. It stays hidden in `Debug`, and is wiped from memory when dropped.
///
/// ```
/// let token = nsso_client::Token::new("00000000000000000000000000000000")?;
/// assert_eq!(format!("{token:?}"), "Token(***)");
/// assert!(nsso_client::Token::new("too short").is_err());
/// # Ok::<(), nsso_client::InputError>(())
/// ```
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// Checks the key's form; whether the service knows it, only a call tells.
    pub fn new(key: impl Into<SecretString>) -> Result<Self, InputError> {
        let key = key.into();
        let text = key.expose_secret();
        if text.chars().count() != TOKEN_LENGTH {
            return Err(InputError::whole("token", "expected exactly 32 characters"));
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(InputError::whole(
                "token",
                "expected Latin letters, digits and punctuation only",
            ));
        }
        Ok(Self(key))
    }

    pub(crate) fn into_secret(self) -> SecretString {
        self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plate(text: &str) -> Result<String, String> {
        let parsed = text.parse::<PlateNumber>().map_err(|error| error.to_string())?;
        Ok(parsed.as_str().to_owned())
    }

    #[test]
    fn plates_are_understood_as_people_type_them() {
        for typed in
            ["А111АА11", "а111аа11", "A111AA11", "a111aa11", " А-111 АА–11 ", "aА1 1 1Аa1 1"]
        {
            if typed == "aА1 1 1Аa1 1" {
                assert!(plate(typed).is_err());
            } else {
                assert_eq!(plate(typed).as_deref(), Ok("А111АА11"), "{typed}");
            }
        }
        assert_eq!(plate("x999yx777").as_deref(), Ok("Х999УХ777"));
        let (cyrillic, latin): (String, String) = LETTERS.iter().copied().unzip();
        for (c, l) in cyrillic.chars().zip(latin.chars()) {
            assert_eq!(plate(&format!("{l}123{l}{l}99")), plate(&format!("{c}123{c}{c}99")));
        }
    }

    #[test]
    fn a_wrong_plate_says_which_character_and_what_was_expected() {
        for (typed, expected) in [
            ("Я111АА11", "plate, character 1 'Я': expected one of the letters АВЕКМНОРСТУХ"),
            ("А 1О1АА11", "plate, character 4 'О': expected a digit here, as in А111АА11"),
            ("0111АА11", "plate, character 1 '0': expected a letter here, as in А111АА11"),
            (
                "А111АА1111",
                "plate, character 10 '1': expected the end: a plate has 8 or 9 characters",
            ),
            ("А111АА1", "plate: too short: expected 8 or 9 characters, as in А111АА11"),
            ("А111АА1\u{7}", "plate, character 8 '\\u{7}': expected a digit here, as in А111АА11"),
            ("А١11АА11", "plate, character 2 '١': expected a digit here, as in А111АА11"),
            (" ", "plate: empty"),
        ] {
            assert_eq!(plate(typed).unwrap_err(), expected);
        }
    }

    #[test]
    fn policy_numbers_become_latin_capitals() {
        let policy = |text: &str| text.parse::<PolicyNumber>().map(|policy| policy.0);
        assert_eq!(policy("igsx 2241-2345 6275000").as_deref(), Ok("IGSX224123456275000"));
        assert_eq!(policy("ххх0166171796").as_deref(), Ok("XXX0166171796"));
        let error = policy("ЖЖЖ0166171796").unwrap_err();
        assert_eq!((error.position(), error.character()), (Some(1), Some('Ж')));
        assert!(policy("").is_err());
        assert!(policy(&"1".repeat(64)).is_ok());
        assert_eq!(policy(&"1".repeat(65)).unwrap_err().position(), Some(65));
        assert!(policy("1&token=x").is_err());
    }

    #[test]
    fn what_is_no_letter_of_a_plate_or_policy_does_not_become_one() {
        for c in ['ß', 'ı', 'ﬁ', 'ẚ', 'ſ', 'ŉ', 'ᲂ', 'ᲃ', '\u{212A}', 'Ａ', 'ａ', 'ѐ', 'á']
        {
            for at in 0..4 {
                let mut text = "XXX0166171796".to_owned();
                text.insert(at, c);
                let error = text.parse::<PolicyNumber>().unwrap_err();
                assert_eq!((error.position(), error.character()), (Some(at + 1), Some(c)), "{c}");
            }
            for (at, typed) in [(1, format!("{c}111АА11")), (5, format!("А111{c}А11"))] {
                let error = typed.parse::<PlateNumber>().unwrap_err();
                assert_eq!((error.position(), error.character()), (Some(at), Some(c)), "{c}");
            }
        }
        assert_eq!(plate("х999ух777").as_deref(), Ok("Х999УХ777"));
    }

    #[test]
    fn a_token_has_32_characters_and_errors_never_repeat_it() {
        for key in ["0".repeat(31), "0".repeat(33), "ы".repeat(32), format!("{} ", "0".repeat(31))]
        {
            let error = Token::new(key.clone()).unwrap_err();
            assert!(!error.to_string().contains(&key[..8]), "{error}");
        }
    }
}
