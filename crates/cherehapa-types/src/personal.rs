//! What a log must not show.

use std::fmt;
use std::ops::Deref;

use serde::Serializer;
use serde::de::{MapAccess, SeqAccess};

use crate::wire::{Scalar, Spelling, Wire};

/// Personal data, or a link that leads to it: a name, a birth date, a policy's number, its file.
///
/// It reads like what it holds (`Deref`) and goes over the wire unchanged, but `Debug` masks it,
/// so that a model can be logged. There is no `Display` on purpose: showing it is a decision.
///
/// ```
/// let name: cherehapa_types::Personal<String> = "TESTOV".into();
/// assert_eq!(name.as_str(), "TESTOV");
/// assert_eq!(format!("{name:?}"), "***");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as personal data.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Personal<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Personal<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Wire> Wire for Personal<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        T::scalar(scalar).map(Self)
    }

    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        T::list(list).map(|value| value.map(Self))
    }

    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::map(map).map(Self)
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        self.0.write(spelling, to)
    }
}
