//! Personal data in models.

use std::fmt;
use std::ops::Deref;

use serde::Serializer;

use crate::form::{Scalar, Wire};

/// What stands in place of a hidden value.
pub const MASK: &str = "***";

/// Personal data in a model: a name, a plate, a document, an INN, an e-mail address, a phone.
///
/// It reads like what it holds (`Deref`) and goes over the wire unchanged, but `Debug` masks it,
/// so that a model can be logged. There is no `Display` on purpose: showing it is a decision.
///
/// ```
/// let holder = ruapi_wire::Personal::new("Тестов".to_owned());
/// assert_eq!(holder.as_str(), "Тестов");
/// assert_eq!(format!("{holder:?}"), "***");
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
        f.write_str(MASK)
    }
}

impl<T: Wire> Wire for Personal<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        T::read(scalar).map(Self::new)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).write(serializer)
    }
}
