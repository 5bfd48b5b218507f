//! What about a fine changed last.

use ruapi_core::wire::{Scalar, Serializer, Wire};

/// `updatedMask` (Причина последнего обновления штрафа): four flags, each `1` or `0`, for what the
/// last change was about. Kept as it was sent.
///
/// ```
/// let mask = shtrafovnet_client::fines::UpdatedMask::from("0011");
/// assert!(mask.is_details_changed() && mask.has_new_pictures());
/// assert!(!mask.is_new() && !mask.is_state_changed());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct UpdatedMask(Box<str>);

impl UpdatedMask {
    /// How many flags there are; a number lost its zeros at the head.
    const FLAGS: usize = 4;

    /// The first flag: it is a new fine.
    pub fn is_new(&self) -> bool {
        self.is_set(0)
    }

    /// The second flag: its state changed (it was paid).
    pub fn is_state_changed(&self) -> bool {
        self.is_set(1)
    }

    /// The third flag: additional information changed, such as the article of the law (КоАП).
    pub fn is_details_changed(&self) -> bool {
        self.is_set(2)
    }

    /// The fourth flag: pictures of the violation came.
    pub fn has_new_pictures(&self) -> bool {
        self.is_set(3)
    }

    /// The flags as they were sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_set(&self, flag: usize) -> bool {
        let missing = Self::FLAGS.saturating_sub(self.0.len());
        let place = flag.checked_sub(missing);
        place.is_some_and(|place| self.0.as_bytes().get(place) == Some(&b'1'))
    }
}

impl From<&str> for UpdatedMask {
    fn from(text: &str) -> Self {
        Self(text.trim().into())
    }
}

impl Wire for UpdatedMask {
    const EXPECTED: &'static str = "four flags, 0 or 1";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        scalar.to_text().map(|text| Self::from(&*text))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flag_has_its_place_also_in_a_number() {
        let flags = |mask: &UpdatedMask| {
            [
                mask.is_new(),
                mask.is_state_changed(),
                mask.is_details_changed(),
                mask.has_new_pictures(),
            ]
        };
        for (text, expected) in [
            ("1000", [true, false, false, false]),
            ("0100", [false, true, false, false]),
            ("0011", [false, false, true, true]),
            ("00001", [false; 4]),
            ("", [false; 4]),
            ("ыы1", [false; 4]),
        ] {
            assert_eq!(flags(&UpdatedMask::from(text)), expected, "{text}");
        }
        let number = UpdatedMask::read(Scalar::Natural(11)).unwrap();
        assert_eq!(flags(&number), [false, false, true, true]);
    }
}
