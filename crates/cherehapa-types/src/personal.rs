//! Personal data may have any form that the data itself may have.

use ruapi_wire::Personal;
use serde::Serializer;
use serde::de::{MapAccess, SeqAccess};

use crate::wire::{Scalar, Spelling, Wire};

impl<T: Wire> Wire for Personal<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        T::scalar(scalar).map(Self::new)
    }

    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        T::list(list).map(|value| value.map(Self::new))
    }

    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::map(map).map(Self::new)
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        (**self).write(spelling, to)
    }
}
