//! Base64, for Basic credentials, tokens that look like JWTs, ids of files, and documents in answers.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The URL alphabet, without padding.
pub(crate) fn encode_url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3)
            .fold(0_usize, |bits, at| bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..=chunk.len() {
            text.push(char::from(URL[bits >> (18 - 6 * at) & 63]));
        }
    }
    text
}

/// The standard alphabet, with padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = encode_url(bytes).replace('-', "+").replace('_', "/");
    text.extend(std::iter::repeat_n('=', (4 - text.len() % 4) % 4));
    text
}

/// The standard alphabet, with or without padding; none if it is anything else.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits = 0_usize;
        for at in 0..4 {
            let digit = match chunk.get(at) {
                Some(byte) => STANDARD.iter().position(|known| known == byte)?,
                None => 0,
            };
            bits = bits << 6 | digit;
        }
        let count = chunk.len().checked_sub(1).filter(|count| *count > 0)?;
        bytes.extend((0..count).map(|at| (bits >> (16 - 8 * at) & 255) as u8));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_texts() {
        for (plain, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")]
        {
            assert_eq!(encode_url(plain.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), plain.as_bytes());
        }
        assert_eq!(decode("Zm9vYg==").unwrap(), b"foob");
        assert_eq!(encode(b"foob"), "Zm9vYg==");
        assert_eq!(encode(b"\xff\xff\xff\xfb"), "////+w==");
        assert_eq!(encode_url(b"\xff\xff\xff\xfb"), "____-w");
        assert_eq!(decode("////+w==").unwrap(), b"\xff\xff\xff\xfb");
        for text in ["Z", "Zg!=", "Zm9v Zg", "_w"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
