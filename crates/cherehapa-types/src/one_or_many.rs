//! A list that is documented as one object.

use std::fmt;
use std::ops::Deref;

use serde::Serializer;
use serde::de::{MapAccess, SeqAccess};

use crate::wire::{Scalar, Spelling, Wire};

/// One object as documented, or a list of them, or none: reads like a slice (`Deref`).
/// It remembers its form, and is written back so.
///
/// ```
/// use cherehapa_types::{InsuredDays, OneOrMany};
///
/// let bare = OneOrMany::from(InsuredDays::Days(365));
/// let list: OneOrMany<InsuredDays> = OneOrMany::from(vec![InsuredDays::Days(7), InsuredDays::Days(14)]);
/// assert_eq!((bare.len(), list.len()), (1, 2));
/// assert_eq!(list[1].days(), Some(14));
/// ```
#[derive(Clone)]
pub struct OneOrMany<T> {
    items: Vec<T>,
    bare: bool,
}

impl<T> OneOrMany<T> {
    /// The objects.
    pub fn into_vec(self) -> Vec<T> {
        self.items
    }
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T> Deref for OneOrMany<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

/// A bare object.
impl<T> From<T> for OneOrMany<T> {
    fn from(only: T) -> Self {
        Self { items: vec![only], bare: true }
    }
}

/// A list.
impl<T> From<Vec<T>> for OneOrMany<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, bare: false }
    }
}

impl<'a, T> IntoIterator for &'a OneOrMany<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The same objects, whatever their form.
impl<T: PartialEq> PartialEq for OneOrMany<T> {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl<T: fmt::Debug> fmt::Debug for OneOrMany<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.fmt(f)
    }
}

impl<T: Wire> Wire for OneOrMany<T> {
    const EXPECTED: &'static str = "an object or a list";

    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        scalar.is_nothing().then(Self::default)
    }

    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        Vec::list(list).map(|items| items.map(Self::from))
    }

    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::map(map).map(Self::from)
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match self.items.as_slice() {
            [] => to.serialize_none(),
            [only] if self.bare => only.write(spelling, to),
            _ => self.items.write(spelling, to),
        }
    }
}
