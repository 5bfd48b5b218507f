//! All that the program writes to its standard streams.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use serde::Serialize;

use crate::exit::Failure;
use crate::global::Format;

/// A line of the result. Nobody reading it any more (`ruapi … | head`) is no error.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    bytes(format!("{text}\n").as_bytes())
}

/// A part of the result as it is.
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    deliver(bytes).map(|_| ())
}

/// A line of a long result. `false`: nobody reads it any more, so the rest need not be fetched.
pub(crate) fn try_line(text: &str) -> Result<bool, Failure> {
    deliver(format!("{text}\n").as_bytes())
}

fn deliver(bytes: &[u8]) -> Result<bool, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::local("cannot write to standard output", &error)),
    }
}

/// A line about the work: it is not part of the result, and losing it changes nothing.
pub(crate) fn diagnostic(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A remark on stderr; in JSON, an object, so that whoever parses stderr is not surprised.
pub(crate) fn notice(format: Format, text: &str) {
    match format {
        Format::Human => diagnostic(text),
        Format::Json => diagnostic(&to_json(&serde_json::json!({ "notice": text }))),
    }
}

/// As one line of JSON.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the models and reports have string keys only")
}

/// Foreign bytes as text, and those that are none as `\xD0`, so that nothing is lost.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}

/// Foreign text without control characters, which a terminal would obey.
pub(crate) struct Plain<'a>(pub(crate) &'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        characters.try_for_each(|c| f.write_char(if c.is_control() { ' ' } else { c }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_written_out() {
        assert_eq!(text_of(b"{\"a\":\"\xD2\xE5\"}"), r#"{"a":"\xD2\xE5"}"#);
        assert_eq!(text_of("Те\u{1}".as_bytes()), "Те\u{1}");
    }
}
