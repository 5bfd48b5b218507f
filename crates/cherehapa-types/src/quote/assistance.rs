//! Who helps the tourist on the spot.

use serde::de::{Error, MapAccess, SeqAccess};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::wire::{self, Scalar, Spelling, Wire, models, serde_by_wire};
use crate::{Extra, Map};

/// A company that organises help (ассистанс).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Assistance {
    /// Its code (внутренний символьный код ассистанса): <https://api.cherehapa.ru/v2/assistance>.
    #[serde(default, with = "wire")]
    pub code: Option<String>,
    /// Its name (название), as sent: the document's own has a space in front.
    #[serde(default, with = "wire")]
    pub name: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

models!(Assistance);

/// The assistances of one product.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Assistances {
    /// As documented.
    List(Vec<Assistance>),
    /// By country.
    ByCountry(Map<Vec<Assistance>>),
}

impl Assistances {
    /// All of them. One that helps in several countries is here as often.
    pub fn iter(&self) -> impl Iterator<Item = &Assistance> {
        let (list, map) = match self {
            Self::List(list) => (Some(list), None),
            Self::ByCountry(map) => (None, Some(map)),
        };
        let of_countries = map.into_iter().flat_map(|map| map.iter().flat_map(|(_, list)| list));
        list.into_iter().flatten().chain(of_countries)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl Default for Assistances {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl From<Vec<Assistance>> for Assistances {
    fn from(list: Vec<Assistance>) -> Self {
        Self::List(list)
    }
}

impl Wire for Assistances {
    const EXPECTED: &'static str = "a list, or lists by country";

    #[inline(always)]
    fn scalar(scalar: Scalar<'_>) -> Option<Self> {
        scalar.is_nothing().then(Self::default)
    }

    #[inline(always)]
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        Vec::list(list).map(|list| list.map(Self::List))
    }

    /// By country, or one bare assistance: that has scalars for values. What is absent tells nothing.
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let whole: Value = wire::by_derive(map)?;
        let values = || whole.as_object().into_iter().flat_map(|fields| fields.values());
        let by_country = values()
            .filter(|value| !is_absent(value))
            .all(|value| value.is_array() || value.is_object());
        let read = if by_country {
            wire::deserialize(whole).map(Self::ByCountry)
        } else {
            Assistance::deserialize(whole).map(|only| Self::List(vec![only]))
        };
        read.map_err(A::Error::custom)
    }

    fn write<S: Serializer>(&self, spelling: Spelling, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(list) => list.write(spelling, to),
            Self::ByCountry(map) => map.write(spelling, to),
        }
    }
}

/// As [`Scalar::is_nothing`] has it.
fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

serde_by_wire!(Assistances);
