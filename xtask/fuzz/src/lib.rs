//! What the fuzz targets share. `cargo xtask fuzz` builds and runs them.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Splits off the byte that picks one of so many cases. Letters and digits pick as well as others, so
/// that seeds stay readable.
pub fn pick(data: &[u8], cases: usize) -> Option<(usize, &[u8])> {
    let (first, rest) = data.split_first()?;
    Some((usize::from(*first) % cases, rest))
}

/// Decodes, writes, and does both again. What was written must be understood, and written the same.
/// Gives the model, to be looked at in other ways.
pub fn round_trip<T: DeserializeOwned + Serialize>(json: &[u8]) -> Option<T> {
    round_trip_by(json, |json| ruapi_core::decode(json).ok())
}

/// The same, where nothing else is to be looked at.
pub fn read<T: DeserializeOwned + Serialize>(json: &[u8]) {
    round_trip::<T>(json);
}

/// The same with a decoder of the model's own.
pub fn round_trip_by<T: Serialize>(json: &[u8], decode: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    let first = decode(json)?;
    let written = serde_json::to_string(&first).expect("a model can be written");
    let Some(second) = decode(written.as_bytes()) else {
        panic!("not understood when written: {written}")
    };
    let again = serde_json::to_string(&second).expect("a model can be written");
    assert_eq!(written, again, "written in another way");
    Some(first)
}

/// Calls the case of a list of closures that the first byte picks.
#[macro_export]
macro_rules! cases {
    ($data:expr, $($case:expr),+ $(,)?) => {{
        let cases: &[fn(&[u8])] = &[$($case),+];
        if let Some((case, rest)) = $crate::pick($data, cases.len()) {
            cases[case](rest);
        }
    }};
}
