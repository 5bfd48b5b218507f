use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ruapi_core::{Extra, Personal, wire};
use serde::{Deserialize, Serialize};

/// The largest PDF that [`DocumentFile::pdf`] gives, in bytes.
pub const MAX_PDF: usize = 16 << 20;
/// What a PDF begins with, perhaps after a few bytes that are none of its own.
const MAGIC: &[u8] = b"%PDF-";
const MAGIC_WITHIN: usize = 1024;
const PREFIX: &str = "data:application/pdf;base64,";

/// Writes with padding, reads with or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

ruapi_core::open_enum! {
    /// How a file is held.
    pub enum FileType {
        /// As a data URI in base64.
        Base64 = "base64",
    }
}

/// A document inside an answer: a PDF as a data URI, `data:application/pdf;base64,…`. `Debug` masks it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DocumentFile {
    /// `type`: how it is held.
    #[serde(default, rename = "type", with = "wire", skip_serializing_if = "Option::is_none")]
    pub kind: Option<FileType>,
    /// `data`: the data URI.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub data: Option<Personal<String>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl DocumentFile {
    /// A file that holds this PDF.
    pub fn from_pdf(pdf: &[u8]) -> Self {
        let mut data = PREFIX.to_owned();
        BASE64.encode_string(pdf, &mut data);
        Self { kind: Some(FileType::Base64), data: Some(data.into()), ..Self::default() }
    }

    /// Whether it holds anything: partners also send it empty, before the document is there.
    pub fn has_data(&self) -> bool {
        let data = self.data.as_deref().map(|data| base64_part(data.trim()));
        data.is_some_and(|data| data != Ok(""))
    }

    /// The PDF, of [`MAX_PDF`] bytes at most.
    pub fn pdf(&self) -> Result<Vec<u8>, FileError> {
        self.pdf_up_to(MAX_PDF)
    }

    /// The PDF, of `max` bytes at most.
    pub fn pdf_up_to(&self, max: usize) -> Result<Vec<u8>, FileError> {
        if self.kind.as_ref().is_some_and(|kind| *kind != FileType::Base64) {
            return Err(FileError::UnknownType);
        }
        let data = self.data.as_deref().ok_or(FileError::Missing)?.trim();
        // Looked at before anything is decoded: four characters stand for three bytes. White space
        // in it may be as much again, and is counted for nothing else.
        if data.len() / 4 > max / 3 + PREFIX.len() + max / 48 {
            return Err(FileError::TooLarge(max));
        }
        let text = base64_part(data)?;
        let clean: String;
        let text = match text.contains(|c: char| c.is_ascii_whitespace()) {
            true => {
                clean = text.split_ascii_whitespace().collect();
                &clean
            }
            false => text,
        };
        let pdf = BASE64.decode(text).map_err(|_| FileError::NotBase64)?;
        if pdf.len() > max {
            return Err(FileError::TooLarge(max));
        }
        let head = &pdf[..pdf.len().min(MAGIC_WITHIN)];
        match head.windows(MAGIC.len()).any(|window| window == MAGIC) {
            true => Ok(pdf),
            false => Err(FileError::NotPdf),
        }
    }
}

/// What follows `data:application/pdf;base64,`; all of it, if it is no data URI.
fn base64_part(data: &str) -> Result<&str, FileError> {
    let is_uri = data.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    if !is_uri {
        return Ok(data);
    }
    let (head, text) = data[5..].split_once(',').ok_or(FileError::NotBase64)?;
    let mut parts = head.split(';').map(str::trim);
    if !parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/pdf")) {
        return Err(FileError::NotPdf);
    }
    match parts.any(|part| part.eq_ignore_ascii_case("base64")) {
        true => Ok(text),
        false => Err(FileError::NotBase64),
    }
}

/// Why a file gives no PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// It holds no data.
    Missing,
    /// Its `type` is not `base64`.
    UnknownType,
    /// It is not in base64.
    NotBase64,
    /// It is something else than a PDF.
    NotPdf,
    /// It is larger than this many bytes.
    TooLarge(usize),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the file holds no data"),
            Self::UnknownType => f.write_str("the file is of another type than base64"),
            Self::NotBase64 => f.write_str("the file is not in base64"),
            Self::NotPdf => f.write_str("the file is not a PDF"),
            Self::TooLarge(max) => write!(f, "the file is larger than {max} bytes"),
        }
    }
}

impl std::error::Error for FileError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(data: &str) -> DocumentFile {
        DocumentFile { data: Some(data.into()), ..DocumentFile::default() }
    }

    #[test]
    fn a_pdf_comes_back_as_it_was() {
        let pdf = b"%PDF-1.7\n\x00\xff end";
        let made = DocumentFile::from_pdf(pdf);
        assert!(made.data.as_ref().unwrap().starts_with("data:application/pdf;base64,JVBERi0"));
        assert_eq!(made.pdf().unwrap(), pdf);
        assert_eq!(made.pdf_up_to(pdf.len()).unwrap(), pdf);
        assert!(!format!("{made:?}").contains("JVBER"));
    }

    #[test]
    fn the_form_may_vary() {
        for data in [
            "JVBERi0xLjc=",
            "JVBERi0xLjc",
            " data:application/pdf;base64,JVBERi0xLjc= ",
            "DATA:Application/PDF;name=a.pdf;Base64,JVBERi0xLjc=",
            "data:application/pdf;base64,JVBE\r\nRi0x\n Ljc=",
        ] {
            assert_eq!(file(data).pdf().as_deref(), Ok(b"%PDF-1.7".as_slice()), "{data}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        let cases = [
            ("data:application/pdf;base64", FileError::NotBase64),
            ("data:application/pdf,JVBERi0xLjc=", FileError::NotBase64),
            ("data:text/html;base64,JVBERi0xLjc=", FileError::NotPdf),
            ("data:,", FileError::NotPdf),
            ("JVBERi0xLj!", FileError::NotBase64),
            ("PGh0bWw+", FileError::NotPdf),
            ("", FileError::NotPdf),
            ("é", FileError::NotBase64),
            ("data:é;base64,é", FileError::NotPdf),
        ];
        for (data, error) in cases {
            assert_eq!(file(data).pdf(), Err(error), "{data}");
            assert!(!error.to_string().is_empty());
        }
        assert_eq!(DocumentFile::default().pdf(), Err(FileError::Missing));
        let other = DocumentFile { kind: Some("gzip".into()), ..file("JVBERi0xLjc=") };
        assert_eq!(other.pdf(), Err(FileError::UnknownType));
    }

    #[test]
    fn an_empty_one_has_no_data() {
        for data in ["", "  ", "data:application/pdf;base64,", "data:application/pdf;base64, "] {
            assert!(!file(data).has_data(), "{data:?}");
        }
        assert!(!DocumentFile::default().has_data());
        for data in ["JVBERi0xLjc=", "data:application/pdf;base64,JVBERi0xLjc=", "data:text/html,"]
        {
            assert!(file(data).has_data(), "{data}");
        }
    }

    #[test]
    fn nothing_in_its_place_panics() {
        let whole = "data:application/pdf;base64,JVBERi0xLjc=";
        for end in 0..=whole.len() {
            for middle in ["", "=", ",", ";", "é", "\u{0}", "\n"] {
                for rest in ["", &whole[end..]] {
                    let _ = file(&format!("{}{middle}{rest}", &whole[..end])).pdf_up_to(9);
                }
            }
        }
    }

    #[test]
    fn its_size_is_bounded() {
        let pdf = [b"%PDF-1.7".as_slice(), &[b' '; 4000]].concat();
        let file = DocumentFile::from_pdf(&pdf);
        assert_eq!(file.pdf_up_to(pdf.len()).unwrap().len(), pdf.len());
        for max in [0, 1, 100, pdf.len() - 1] {
            assert_eq!(file.pdf_up_to(max), Err(FileError::TooLarge(max)));
        }
        assert!(file.pdf_up_to(usize::MAX).is_ok());
    }
}
