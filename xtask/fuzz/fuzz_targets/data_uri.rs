//! The document in an answer of the OSAGO partner API: a PDF as a data URI. The first byte bounds its size.
#![no_main]

use osago_offer::documents::{DocumentFile, FileError};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((bound, data)) = data.split_first() else { return };
    let max = match bound {
        0..=99 => usize::from(*bound),
        _ => usize::from(*bound) * 64,
    };
    // Whatever is a PDF comes back as it was.
    let made = DocumentFile::from_pdf(data);
    match made.pdf_up_to(max) {
        Ok(pdf) => assert!(pdf == data && pdf.len() <= max),
        Err(FileError::TooLarge(most)) => assert!(most == max && data.len() > max),
        Err(FileError::NotPdf) => assert!(!data.starts_with(b"%PDF-")),
        Err(error) => panic!("{error} of what was made"),
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut file = DocumentFile::default();
    file.data = Some(text.into());
    let Ok(pdf) = file.pdf_up_to(max) else { return };
    assert!(pdf.len() <= max);
    assert_eq!(DocumentFile::from_pdf(&pdf).pdf_up_to(max), Ok(pdf));
});
