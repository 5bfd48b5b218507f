//! What the document does not name.

use ruapi_wire::Extra;
use serde::de::MapAccess;
use serde::ser::{Serialize, Serializer};

use crate::wire::{self, Scalar, Spelling, Wire};

impl Wire for Extra {
    const EXPECTED: &'static str = "an object";

    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        scalar.is_nothing().then(Self::default)
    }

    #[inline(always)]
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        wire::by_derive(map)
    }

    fn write<S: Serializer>(&self, _: Spelling, to: S) -> Result<S::Ok, S::Error> {
        self.serialize(to)
    }
}
