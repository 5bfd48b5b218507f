//! What the service sends to your callback URL.

use serde_json::Value;
use thiserror::Error;

use super::Fine;

/// The body of a callback (postback) that tells of a fine.
///
/// The document does not describe it. Taken is a fine, or an object or a list that holds one at any
/// depth up to [`DEEPEST`](Self::DEEPEST); the whole JSON is kept.
///
/// ```
/// use shtrafovnet_client::fines::Callback;
///
/// let callback = Callback::parse(br#"{"event": "new", "fine": {"id": 1, "paidStatus": "paid"}}"#)?;
/// assert_eq!(callback.fine.id.as_str(), "1");
/// assert_eq!(callback.raw["event"], "new");
/// # Ok::<(), shtrafovnet_client::fines::CallbackError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Callback {
    /// The fine.
    pub fine: Fine,
    /// The whole body; numbers of more than 64 bits are rounded in it. It holds personal data.
    pub raw: Value,
}

/// Why a body is not taken for a callback. Never shows a value of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// Not JSON.
    #[error("the callback's body is not JSON: {0}")]
    NotJson(String),
    /// No fine in it.
    #[error("the callback's body holds no fine: expected an object with `id` and fields of a fine")]
    NoFine,
    /// A fine, but not as the API documents it.
    #[error("the callback's fine was not understood: {0}")]
    NotUnderstood(String),
}

impl Callback {
    /// How deep a fine is looked for.
    pub const DEEPEST: usize = 4;

    /// Reads a body, whatever its content type says.
    pub fn parse(body: &[u8]) -> Result<Self, CallbackError> {
        let raw: Value = ruapi_core::decode(body).map_err(CallbackError::NotJson)?;
        let found = find(&raw, Self::DEEPEST).ok_or(CallbackError::NoFine)?;
        let text = found.to_string();
        let fine = ruapi_core::decode(text.as_bytes()).map_err(CallbackError::NotUnderstood)?;
        Ok(Self { fine, raw })
    }
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callback").field("fine", &self.fine).finish_non_exhaustive()
    }
}

/// Fields that nothing but a fine has.
const OF_FINE: [&str; 6] =
    ["postNumber", "paidStatus", "updatedMask", "koapCode", "wireKbk", "violationAt"];

/// The first object that looks like a fine.
fn find(value: &Value, depth: usize) -> Option<&Value> {
    match value {
        Value::Object(fields) => {
            let is_fine = fields.contains_key("id")
                && OF_FINE.iter().any(|field| fields.contains_key(*field));
            if is_fine {
                return Some(value);
            }
            let depth = depth.checked_sub(1)?;
            let likely = fields.get("fine").and_then(|fine| find(fine, depth));
            likely.or_else(|| fields.values().find_map(|value| find(value, depth)))
        }
        Value::Array(list) => list.iter().find_map(|value| find(value, depth.checked_sub(1)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fine_is_found_wherever_it_is() {
        let fine = json!({"id": "7", "postNumber": "188", "amount": 500});
        for body in [
            fine.clone(),
            json!({"fine": fine}),
            json!({"id": "a message", "data": {"items": [fine]}}),
            json!({"id": 777, "amount": 500, "status": "done", "fine": fine, "paidStatus2": 1}),
            json!({"invoice": {"id": 777, "amount": 500}, "z": fine}),
            json!([fine]),
        ] {
            let callback = Callback::parse(body.to_string().as_bytes()).unwrap();
            assert_eq!(callback.fine.id.as_str(), "7", "{body}");
            assert_eq!(callback.raw, body);
            assert!(!format!("{callback:?}").contains("188"));
        }
    }

    #[test]
    fn anything_else_is_an_error_that_shows_no_value() {
        for (body, expected) in [
            ("<html>secret</html>", "not JSON"),
            ("", "not JSON"),
            ("{}", "no fine"),
            (r#"{"id": "secret"}"#, "no fine"),
            (r#"{"id": 777, "amount": 500, "totalAmount": 550}"#, "no fine"),
            (r#"[[[[[{"id": 7, "koapCode": 5}]]]]]"#, "no fine"),
            (
                r#"{"fine": {"id": 7, "koapCode": "1", "amount": "secret"}}"#,
                "at `amount`: expected a decimal",
            ),
        ] {
            let error = Callback::parse(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("secret"), "{body}: {error}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(Callback::parse(deep.as_bytes()), Err(CallbackError::NotJson(_))));
    }
}
