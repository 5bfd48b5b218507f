#![doc = include_str!("../README.md")]

pub mod dotted_date;
pub mod naive_date_time;
pub mod object;
pub mod one_or_many;
pub mod one_or_zero;

mod decode;
mod extra;
mod form;
mod id;
mod open_enum;
mod personal;
mod values;

pub use decode::{decode, expectation, place};
pub use extra::Extra;
pub use form::{Scalar, Wire, deserialize, serialize};
pub use id::Id;
pub use personal::{MASK, Personal};
#[doc(hidden)]
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
pub use values::decimal;

#[cfg(test)]
mod tests;
