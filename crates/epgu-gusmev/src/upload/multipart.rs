//! A body of type `multipart/form-data`, written into one buffer.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use bytes::Bytes;
use http::HeaderValue;
use ruapi_core::Request;

use crate::archive::Archive;
use crate::meta::Meta;

/// Room for the parts' heads.
const HEADS: usize = 2048;

pub(super) struct Multipart {
    boundary: String,
    body: Vec<u8>,
}

impl Multipart {
    /// A body with room for a file of `length` bytes.
    pub(super) fn new(length: usize) -> Self {
        // Random, so that no file can hold it on purpose.
        let random = || RandomState::new().build_hasher().finish();
        let boundary = format!("ruapi-{:016x}{:016x}", random(), random());
        Self { boundary, body: Vec::with_capacity(length + HEADS) }
    }

    fn head(&mut self, disposition: &str, content_type: Option<&str>) {
        let mut head =
            format!("--{}\r\nContent-Disposition: form-data; {disposition}\r\n", self.boundary);
        if let Some(content_type) = content_type {
            head += &format!("Content-Type: {content_type}\r\n");
        }
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(b"\r\n");
    }

    pub(super) fn text(mut self, name: &str, content_type: Option<&str>, value: &str) -> Self {
        self.head(&format!("name=\"{name}\""), content_type);
        self.body.extend_from_slice(value.as_bytes());
        self.body.extend_from_slice(b"\r\n");
        self
    }

    /// A file whose content `write` appends.
    pub(super) fn file<E>(
        mut self,
        name: &str,
        file_name: &str,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<Self, E> {
        // As browsers do it: quotes and line breaks percent-encoded, all else as UTF-8.
        let escaped = file_name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let disposition = format!("name=\"{name}\"; filename=\"{escaped}\"");
        self.head(&disposition, Some("application/zip"));
        write(&mut self.body)?;
        self.body.extend_from_slice(b"\r\n");
        Ok(self)
    }

    /// The request with this body. What a server may repeat of it is masked in errors.
    pub(super) fn finish(
        self,
        request: Request,
        archive: &Archive,
        meta: Option<&Meta>,
    ) -> Request {
        // Not as it is, but in capitals: then an answer that repeats it is not shown at all, as it
        // repeats the files as well.
        let whole = self.boundary.to_uppercase();
        let (content_type, body) = self.into_parts();
        let request = request.raw_body(content_type, body).hide(&whole).hide(archive.name_stem());
        match meta {
            Some(meta) => request.hide(meta.region()),
            None => request,
        }
    }

    /// The content type and the whole body.
    fn into_parts(mut self) -> (HeaderValue, Bytes) {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        let content_type = format!("multipart/form-data; boundary={}", self.boundary);
        let content_type = HeaderValue::from_str(&content_type).expect("letters and digits");
        (content_type, self.body.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_framed_and_names_cannot_break_out() {
        let body = Multipart::new(3)
            .text("meta", Some("application/json"), "{\"a\":1}")
            .text("orderId", None, "7")
            .file("file", "a\"\r\nX: y.zip", |body| {
                body.extend_from_slice(b"zip");
                Ok::<(), ()>(())
            })
            .unwrap();
        let boundary = body.boundary.clone();
        let (content_type, body) = body.into_parts();
        assert_eq!(content_type, format!("multipart/form-data; boundary={boundary}"));
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"meta\"\r\n\
             Content-Type: application/json\r\n\r\n{{\"a\":1}}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"orderId\"\r\n\r\n7\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"a%22%0D%0AX: y.zip\"\r\nContent-Type: application/zip\r\n\r\nzip\r\n\
             --{boundary}--\r\n"
        );
        assert_eq!(std::str::from_utf8(&body).unwrap(), expected);
        assert_ne!(Multipart::new(0).boundary, Multipart::new(0).boundary);
    }
}
